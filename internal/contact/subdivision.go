package contact

import (
	_ "embed"
	"strings"

	"carnet/internal/fault"
)

// SubdivisionKind is what a part of a country is.
type SubdivisionKind string

// The kinds. A department lies in a region.
const (
	Region     SubdivisionKind = "region"
	Department SubdivisionKind = "department"
)

// Subdivision is a part of a country, by ISO 3166-2.
type Subdivision struct {
	Code   string
	Kind   SubdivisionKind
	Parent string // the region of a department; empty where the country's regions are not asked for
	Name   string // in the country's own language
}

// subdivisionsFile has a line each: code, kind, parent, name, by tabs, in the order that lists show.
//
//go:embed subdivisions.tsv
var subdivisionsFile string

var (
	subdivisions  = map[string][]Subdivision{} // by country
	subdivisionBy = map[string]Subdivision{}   // by code
)

func init() {
	for line := range strings.Lines(subdivisionsFile) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		one := Subdivision{Code: cells[0], Kind: SubdivisionKind(cells[1]), Parent: cells[2], Name: cells[3]}
		country, _, _ := strings.Cut(one.Code, "-")
		subdivisions[country] = append(subdivisions[country], one)
		subdivisionBy[one.Code] = one
	}
}

// Subdivisions gives the regions and departments of a country (S-109); none for a country whose parts
// we do not list.
func Subdivisions(country string) []Subdivision { return subdivisions[country] }

// subdivision writes the region or department of an address. It lies in the address's country: one that
// no longer does goes with the country that was.
func (v *checker) subdivision(to *Address, c AddressChange, path string) {
	v.text(&to.Subdivision, c.Subdivision, 6, path, "subdivision")
	if to.Subdivision == "" {
		return
	}
	country, _, _ := strings.Cut(to.Subdivision, "-")
	_, known := subdivisionBy[to.Subdivision]
	switch {
	case country == to.Country && known:
	case c.Subdivision == nil:
		to.Subdivision = ""
	case !known:
		v.add(fault.Unknown, []string{path, "subdivision"}, "%s is no region or department that subdivisions lists", to.Subdivision)
	default:
		v.add(fault.InvalidValue, []string{path, "subdivision"}, "%s does not lie in the country of the address", to.Subdivision)
	}
}
