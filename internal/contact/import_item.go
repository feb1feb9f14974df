package contact

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// item is a row on its way into the book.
type item struct {
	line      int
	own       uuid.UUID // our own id; Nil when the file has none
	number    int64     // our own contact number, when rows are matched by it; else 0
	joins     []*Group  // what more.groups names, and the group that all join
	kind      Kind
	kindGiven bool // said by the file, not guessed
	change    Change
	cells     [targets]cell
	answers   []answerCell // in the order of change.Answers
	extras    []string     // lines for the note: what a contact has no place for
	more      additions
	consents  []agreement
	mute      bool           // the actor does not read notes: nothing is added to one
	problems  ImportProblems // why the row is refused, found while reading it
	warnings  ImportProblems

	record *Record // as it would be if it were created; the keys to match by
	region string  // the country of the numbers that it was prepared with
	err    error   // why it could not be created

	verdict Verdict
	contact uuid.UUID
	unborn  bool           // the contact would be made by this file, which is only tried
	told    ImportProblems // why it was refused, or what of it was not taken
	entry   *Entry         // the history entry that tells its changes
	undo    *undo          // what a revert needs beside it
	said    Changes        // what the ledger of consent will tell
}

func (it *item) refuse(p ImportProblem) { it.problems = append(it.problems, p) }

// item makes the change that a row asks for.
func (v *vocabulary) item(d *draft, line int) *item {
	it := &item{line: line, cells: d.cells, warnings: d.warnings}
	v.names(it, d)
	v.values(it)
	v.management(it)
	v.consent(it, d)
	it.email(d)
	it.numbers(d)
	it.place(d)
	it.furtherAddresses()
	v.answersOf(it, d)
	v.additionsOf(it, d)
	return it
}

// names fills in who it is. Without a word about the kind, a row with a company and no name of a
// person is an organization.
func (v *vocabulary) names(it *item, d *draft) {
	said := d.cells[toKind]
	kind, ok := kindOf(said.text)
	if said.text != "" && !ok {
		it.refuse(said.problem(badKind))
	}
	full, company := d.cells[toFull], d.cells[toCompany]
	personal := d.cells[toFirst].text+d.cells[toLast].text+d.cells[toMiddle].text+d.cells[toTitle].text+d.cells[toBirth].text != ""
	it.kindGiven = said.text != "" || d.cells[toOrganizationKind].text != ""
	switch {
	case said.text != "" && ok:
		it.kind = kind
	case d.cells[toOrganizationKind].text != "":
		it.kind = KindOrganization
	case !personal && company.text != "" && (full.text == "" || fold.Text(full.text) == fold.Text(company.text)):
		it.kind, it.kindGiven = KindOrganization, true
	default:
		it.kind = KindPerson
	}
	if it.kind == KindOrganization {
		it.organizationName(d)
		return
	}
	first := strings.TrimSpace(d.cells[toFirst].text + " " + d.cells[toMiddle].text)
	last := strings.TrimSpace(d.cells[toLast].text + " " + d.cells[toSuffix].text)
	if first+last == "" && full.text != "" {
		first, last = splitName(full.text)
		it.cells[toFirst], it.cells[toLast] = full, full
	}
	it.change.FirstName, it.change.LastName = given(first), given(last)
	it.change.Title, it.change.Company = given(d.cells[toTitle].text), given(company.text)
}

func (it *item) organizationName(d *draft) {
	for _, to := range []target{toFull, toCompany, toLast} {
		c := d.cells[to]
		switch {
		case c.text == "":
		case it.change.Name == nil:
			it.change.Name, it.cells[toFull] = given(c.text), c
		case fold.Text(c.text) != fold.Text(*it.change.Name):
			it.extra(c)
		}
	}
	it.change.FirstName = given(strings.TrimSpace(d.cells[toFirst].text + " " + d.cells[toMiddle].text))
	it.change.Title = given(d.cells[toTitle].text)
}

// extra keeps a value that a contact has no place for.
func (it *item) extra(c cell) {
	if it.mute {
		it.warn(c.problem(noPlace))
		return
	}
	it.extras = append(it.extras, c.header+": "+c.text)
}

// values fills in what stands in one cell.
func (v *vocabulary) values(it *item) {
	if c := it.cells[toID]; c.text != "" {
		own, err := uuid.Parse(strings.TrimPrefix(c.text, "urn:uuid:"))
		if err != nil {
			it.warn(c.problem(badID))
		}
		it.own = own
	}
	if c := it.cells[toNumber]; c.text != "" && v.byNumber {
		number, err := strconv.ParseInt(c.text, 10, 64)
		if err != nil || number < 1 {
			it.refuse(c.problem(badContactNumber))
		}
		it.number = number
	}
	if c := it.cells[toOrganizationKind]; c.text != "" {
		if kind, ok := organizationKinds[headerKey(c.text)]; ok {
			is := &kind
			it.change.OrganizationKind = &is
		} else {
			it.refuse(c.problem(badOrganizationKind))
		}
	}
	if c := it.cells[toRecognised]; c.text != "" {
		if yes, ok := yesNoOf(c.text); ok {
			is := &yes
			it.change.Recognised = &is
		} else {
			it.refuse(c.problem(badYesNo))
		}
	}
	if c := it.cells[toBirth]; c.text != "" && v.maySet(it, c, site.SensitiveBirthDate) {
		switch day, known, ok := parseDay(c.text, v.dayFirst); {
		case !ok:
			it.refuse(birthDate(c.problem(fault.InvalidDate, "1987-04-30")))
		case !known:
			it.warn(birthDate(c.problem(dayWithoutYear)))
		default:
			is := &day
			it.change.BirthDate = &is
		}
	}
	if c := it.cells[toLanguage]; c.text != "" {
		it.change.Language = given(languageTag(c.text))
	}
	it.change.Color = given(strings.ToLower(it.cells[toColor].text))
	if c := it.cells[toNote]; c.text != "" && v.maySet(it, c, site.SensitiveNotes) {
		it.change.Note = &c.text
	}
	it.mute = !v.actor.Sees(site.SensitiveNotes)
}

// email takes the first address; others are further ones.
func (it *item) email(d *draft) {
	for i, c := range d.emails {
		switch {
		case i == 0:
			it.change.Email, it.cells[toEmail] = given(c.text), c
		case site.EmailKey(c.text) == site.EmailKey(d.emails[0].text):
		case site.CheckEmail(c.text) == nil:
			it.more.emails = append(it.more.emails, Labelled{Value: c.text})
		default:
			it.extra(c)
		}
	}
}

// numbers takes the first mobile and the first other phone; what is left over are further numbers.
func (it *item) numbers(d *draft) {
	for _, c := range d.phones {
		switch {
		case c.mobile && it.change.Mobile == nil:
			it.change.Mobile, it.cells[toMobile] = given(c.text), c.cell
		case !c.mobile && it.change.Phone == nil:
			it.change.Phone, it.cells[toPhone] = given(c.text), c.cell
		case c.text != it.cells[toMobile].text && c.text != it.cells[toPhone].text:
			it.more.phones = append(it.more.phones, phoneGiven{Labelled{Value: c.text}, c.cell, false})
		}
	}
}

// place takes the first address that says anything; what is left over goes to the note.
func (it *item) place(d *draft) {
	taken := false
	for _, a := range d.addresses {
		lines := a.streets
		if a.region != "" && a.region != a.city {
			lines = append(lines, a.region)
		}
		switch {
		case a.header == "":
		case taken:
			parts := append(lines, strings.TrimSpace(a.postcode+" "+a.city), a.country)
			it.extra(cell{header: a.header, text: joined(parts)})
		case a.country != "" && len(a.streets) == 0 && a.postcode+a.city+a.region == "":
			it.country(a)
		default:
			taken = true
			if len(lines) > 3 {
				lines = []string{lines[0], lines[1], joined(lines[2:])}
			}
			if len(lines) > 0 {
				it.change.Lines = &lines
			}
			it.change.Postcode, it.change.City = given(a.postcode), given(a.city)
			it.country(a)
		}
	}
}

func (it *item) country(a address) {
	if a.country == "" {
		return
	}
	code, ok := countryCode(a.country)
	if !ok {
		it.refuse(it.cells[toCountry].problemOf(unknownCountry, a.country))
		return
	}
	it.change.Country = &code
}

// joined joins what is not empty with commas.
func joined(parts []string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ", ")
}

// prepare applies the change to an empty record: what would be created, and the keys to match by.
func (it *item) prepare(of site.Site, fields []*field.Definition, today time.Time) {
	it.region = of.Country
	if it.change.Country != nil {
		it.region = *it.change.Country
	}
	it.readNumbers()
	r := &Record{SiteID: of.ID, Kind: it.kind, Source: FromImport, Listed: listedAtFirst(of)}
	if it.err = it.changeTo(&Record{}, false).apply(r, fields, of.Country, today); it.err != nil {
		r.fold() // it may still match, and be right for the contact it matches
	}
	it.record = r
}

// warn adds a warning, once: a batch may be written more than once.
func (it *item) warn(p ImportProblem) {
	if !slices.ContainsFunc(it.warnings, p.same) {
		it.warnings = append(it.warnings, p)
	}
}

// birthDate marks what is told of a birth date, which not everybody reads.
func birthDate(p ImportProblem) ImportProblem {
	p.About = "birthDate"
	return p
}
