package contact

import (
	"strings"

	"carnet/internal/fault"
)

// Address is a postal address (S-41, S-49).
type Address struct {
	Lines    []string `json:"lines"` // up to three
	Postcode string   `json:"postcode"`
	City     string   `json:"city"`
	Country  string   `json:"country"` // ISO 3166-1 alpha-2, may be empty

	Subdivision string `json:"subdivision,omitempty"` // region or department, ISO 3166-2; see Subdivisions
}

// AddressChange is what is to be written to an address; nil = unchanged.
type AddressChange struct {
	Lines    *[]string `json:"lines,omitempty"`
	Postcode *string   `json:"postcode,omitempty"`
	City     *string   `json:"city,omitempty"`
	Country  *string   `json:"country,omitempty"`

	Subdivision *string `json:"subdivision,omitempty"`
}

// ClearAddress empties an address.
func ClearAddress() AddressChange {
	none, lines := "", []string{}
	return AddressChange{Lines: &lines, Postcode: &none, City: &none, Country: &none, Subdivision: &none}
}

func (a Address) empty() bool {
	return len(a.Lines) == 0 && a.Postcode+a.City+a.Country+a.Subdivision == ""
}

// Address gives the main address.
func (r *Record) Address() Address {
	lines := []string{}
	if r.AddressLines != "" {
		lines = strings.Split(r.AddressLines, "\n")
	}
	return Address{Lines: lines, Postcode: r.Postcode, City: r.City, Country: r.Country, Subdivision: r.Subdivision}
}

// address writes a change into an address and checks what changes.
func (v *checker) address(to *Address, c AddressChange, path string) {
	v.text(&to.Postcode, c.Postcode, 20, path, "postcode")
	v.text(&to.City, c.City, 200, path, "city")
	v.text(&to.Country, c.Country, 2, path, "country")
	v.lines(&to.Lines, c.Lines, path)
	if c.Country != nil && to.Country != "" && !countryPattern.MatchString(to.Country) {
		v.add(fault.InvalidValue, []string{path, "country"}, "give an ISO 3166 code of two capital letters, for example NO")
	}
	v.subdivision(to, c, path)
}

// mainAddress writes a change into the columns of the main address.
func (v *checker) mainAddress(r *Record, c AddressChange) {
	a := r.Address()
	v.address(&a, c, "address")
	r.AddressLines, r.Postcode, r.City, r.Country, r.Subdivision = strings.Join(a.Lines, "\n"), a.Postcode, a.City, a.Country, a.Subdivision
}

// furtherAddress writes a change into the delivery or the billing address; one with nothing in it is none.
func (v *checker) furtherAddress(to **Address, c *AddressChange, path string) {
	if c == nil {
		return
	}
	a := Address{Lines: []string{}}
	if *to != nil {
		a = **to
	}
	v.address(&a, *c, path)
	if *to = &a; a.empty() {
		*to = nil
	}
}

func (v *checker) lines(to *[]string, from *[]string, path string) {
	if from == nil {
		return
	}
	kept := []string{}
	for _, line := range *from {
		var s string
		v.text(&s, &line, 200, path, "lines")
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			kept = append(kept, s)
		}
	}
	if len(kept) > 3 {
		v.add(fault.TooLong, []string{path, "lines"}, "an address has at most three lines")
		return
	}
	*to = kept
}
