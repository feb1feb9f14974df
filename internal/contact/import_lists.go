package contact

import (
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/nyaruka/phonenumbers"

	"carnet/internal/fault"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// additions are what a row adds to a contact's lists. An import takes nothing out of a list.
type additions struct {
	groups []string
	labels []labelGiven
	types  []OperationalType
	emails []Labelled
	phones []phoneGiven
	refs   []Reference
}

// labelGiven is a label with the column that names it.
type labelGiven struct {
	*offered
	header string
}

// phoneGiven is a further number as the file writes it; explicit when its column is about such numbers,
// so that one which is none is a mistake and not a remark.
type phoneGiven struct {
	Labelled
	cell     cell
	explicit bool
}

// listOf gives what a cell lists: Google's " ::: " between, else a semicolon.
func listOf(text string) []string {
	separator := ";"
	if strings.Contains(text, googleSeparator) {
		separator = googleSeparator
	}
	var all []string
	for name := range strings.SplitSeq(text, separator) {
		if name = strings.TrimSpace(name); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// additionsOf reads what stands in lists.
func (v *vocabulary) additionsOf(it *item, d *draft) {
	for _, c := range d.groups {
		it.more.groups = append(it.more.groups, groupNames(c.text)...)
	}
	for _, c := range d.labels {
		for _, name := range listOf(c.text) {
			if l := v.labelNamed(c.set, name); l != nil {
				it.more.labels = append(it.more.labels, labelGiven{l, c.header})
			} else {
				it.refuse(c.problemOf(unknownLabel, name, c.set.Name))
			}
		}
	}
	for _, c := range d.types {
		for _, name := range listOf(c.text) {
			if t, ok := operationalTypes[headerKey(name)]; ok {
				it.more.types = append(it.more.types, t)
			} else {
				it.refuse(c.problemOf(unknownType, name))
			}
		}
	}
	for _, c := range d.otherWays {
		it.otherWays(c)
	}
	for _, c := range d.refs {
		it.references(c)
	}
}

// otherWays reads "label: value; ..." of further e-mail addresses or numbers.
func (it *item) otherWays(c otherWay) {
	for _, one := range listOf(c.text) {
		way := Labelled{Value: one}
		if label, value, ok := strings.Cut(one, ": "); ok {
			way = Labelled{Label: strings.TrimSpace(label), Value: strings.TrimSpace(value)}
		}
		switch {
		case c.phone:
			it.more.phones = append(it.more.phones, phoneGiven{way, c.cell, true})
		case site.CheckEmail(way.Value) != nil:
			it.refuse(c.problemOf(fault.InvalidEmail, way.Value))
		default:
			it.more.emails = append(it.more.emails, way)
		}
	}
}

// readNumbers makes further numbers E.164. Leftovers of an address book that are none go to the note.
func (it *item) readNumbers() {
	kept := it.more.phones[:0]
	for _, p := range it.more.phones {
		n, err := phonenumbers.Parse(p.Value, it.region)
		switch {
		case err == nil && phonenumbers.IsPossibleNumber(n):
			p.Value = phonenumbers.Format(n, phonenumbers.E164)
			kept = append(kept, p)
		case p.explicit:
			it.refuse(p.cell.problemOf(fault.InvalidPhone, p.Value, it.region))
		default:
			it.extra(p.cell)
		}
	}
	it.more.phones = kept
}

// references reads "source: number; ...", or a number whose source is the column's name.
func (it *item) references(c givenReferences) {
	if c.alone {
		it.addReference(c.cell, c.header, c.text)
		return
	}
	for _, one := range listOf(c.text) {
		source, number, ok := strings.Cut(one, ": ")
		if !ok {
			it.refuse(c.problemOf(badReference, one))
			continue
		}
		it.addReference(c.cell, source, number)
	}
}

func (it *item) addReference(c cell, source, number string) {
	one, err := checkReferences([]Reference{{Source: source, ExternalID: number}})
	if err != nil {
		for _, p := range (&item{}).explain(err) {
			p.Column = c.header
			it.refuse(p)
		}
		return
	}
	if !slices.Contains(it.more.refs, one[0]) {
		it.more.refs = append(it.more.refs, one[0])
	}
}

// management reads validity, numbers, and what is picked from the site's own lists.
func (v *vocabulary) management(it *item) {
	if c := it.cells[toValidUntil]; c.text != "" {
		if day, known, ok := parseDay(c.text, v.dayFirst); ok && known {
			it.change.ValidUntil = ptr(&day)
		} else {
			it.refuse(c.problem(fault.InvalidDate, "2027-12-31"))
		}
	}
	if c := it.cells[toAmbassador]; c.text != "" {
		if yes, ok := yesNoOf(c.text); ok {
			it.change.Ambassador = &yes
		} else {
			it.refuse(c.problem(badYesNo))
		}
	}
	it.change.Subdivision = given(strings.ToUpper(it.cells[toSubdivision].text))
	it.change.Fax = given(it.cells[toFax].text)
	it.change.AdministrativeNumber = given(it.cells[toAdministrativeNumber].text)
	if c := it.cells[toIBAN]; c.text != "" && !strings.Contains(c.text, "*") { // an export masks it for who may not read it
		if v.maySet(it, c, site.SensitiveIBAN) {
			it.change.IBAN = &c.text
		}
	}
	it.change.FunctionID = v.option(it, it.cells[toFunction], Functions)
	it.change.NatureID = v.option(it, it.cells[toNature], Natures)
}

// maySet tells whether the actor reads what is sensitive: who does not, does not write it either.
func (v *vocabulary) maySet(it *item, c cell, what site.Sensitive) bool {
	if v.actor.Sees(what) {
		return true
	}
	it.warn(ImportProblem{Code: roleDoesNotRead, Column: c.header})
	return false
}

// option reads an option of a list; the site's lists are not made longer by an import.
func (v *vocabulary) option(it *item, c cell, list OptionList) **uuid.UUID {
	if c.text == "" {
		return nil
	}
	o := v.optionNamed(list, c.text)
	switch {
	case o == nil:
		code := unknownFunction
		if list == Natures {
			code = unknownNature
		}
		it.refuse(c.problem(code))
		return nil
	case o.Kind != nil && *o.Kind != it.kind:
		it.refuse(c.problemOf(fault.WrongKind, o.Name))
		return nil
	}
	return ptr(&o.ID)
}

// furtherAddresses reads the delivery and the billing address, each from one cell.
func (it *item) furtherAddresses() {
	for to, into := range map[target]**AddressChange{toDelivery: &it.change.Delivery, toBilling: &it.change.Billing} {
		if text := it.cells[to].text; text != "" {
			*into = addressOfCell(text)
		}
	}
}

// postcodeLine is a line of a postcode and a city.
var postcodeLine = regexp.MustCompile(`^([A-Z]{1,2}-)?([0-9][0-9A-Za-z-]{2,8})\s+(\D.*)$`)

// addressOfCell takes an address apart as it stands on an envelope: lines, postcode and city, country.
func addressOfCell(text string) *AddressChange {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 1 && strings.Contains(lines[0], ", ") {
		lines = strings.Split(lines[0], ", ")
	}
	c := ClearAddress()
	if n := len(lines); n > 1 {
		if code, ok := countryCode(lines[n-1]); ok {
			c.Country, lines = &code, lines[:n-1]
		}
	}
	if n := len(lines); n > 0 {
		if m := postcodeLine.FindStringSubmatch(lines[n-1]); m != nil {
			c.Postcode, c.City, lines = ptr(m[1]+m[2]), &m[3], lines[:n-1]
		} else if n > 1 {
			c.City, lines = ptr(lines[n-1]), lines[:n-1]
		}
	}
	if len(lines) > 3 {
		lines = []string{lines[0], lines[1], joined(lines[2:])}
	}
	c.Lines = &lines
	return &c
}

// operationalTypes are the types' names in English, French and Norwegian.
var operationalTypes = map[string]OperationalType{
	"guide": Guide, "supplier": Supplier, "fournisseur": Supplier, "leverandor": Supplier, "partner": Partner, "partenaire": Partner,
	"producer": Producer, "producteur": Producer, "produsent": Producer, "support": Support, "assistance": Support, "stotte": Support,
}

// sameWay tells whether a list has a value.
func sameWay(list []Labelled, value string) bool {
	return slices.ContainsFunc(list, func(l Labelled) bool { return fold.Text(l.Value) == fold.Text(value) })
}
