package contact

import (
	"strings"

	"carnet/internal/field"
)

// cell is a value of the file with the name of its column.
type cell struct{ text, header string }

type phoneCell struct {
	cell
	mobile bool
}

type answerCell struct {
	cell
	field *field.Definition
}

type labelCell struct {
	cell
	set *LabelSet
}

type consentCell struct {
	cell
	purpose *ConsentPurpose
	date    bool // it says when, not what
}

// address is one of the addresses of a row; a contact has one.
type address struct {
	header                          string // of its first cell
	streets                         []string
	postcode, city, region, country string
}

const maxAddresses = 4

// draft is a row as it is being read.
type draft struct {
	cells     [targets]cell
	emails    []cell
	phones    []phoneCell
	mobile    uint // bit n: Google's label says that phone n is mobile
	addresses [maxAddresses]address
	groups    []cell
	answers   []answerCell
	labels    []labelCell
	consents  []consentCell
	otherWays []otherWay
	refs      []givenReferences
	types     []cell
	warnings  ImportProblems
}

// otherWay is a cell of further e-mail addresses or numbers.
type otherWay struct {
	cell
	phone bool
}

// givenReferences is a cell of references; alone, its column's name is the source.
type givenReferences struct {
	cell
	alone bool
}

func (d *draft) warn(p ImportProblem) { d.warnings = append(d.warnings, p) }

// put takes a cell that is not empty.
func (d *draft) put(c column, text string) {
	value := cell{text: text, header: c.header}
	if c.to != toNote && c.to != toStreet && c.to != toDelivery && c.to != toBilling && c.to != toAnswer {
		value.text = strings.Join(strings.Fields(text), " ")
	}
	if c.to == toBirth && text == "0/0/00" { // Outlook's empty day
		return
	}
	switch c.to {
	case toNothing, toIgnored:
	case toEmail:
		d.emails = append(d.emails, googleValues(value)...)
	case toPhone, toMobile:
		for _, one := range googleValues(value) {
			d.phones = append(d.phones, phoneCell{cell: one, mobile: c.to == toMobile || d.labelled(c.nth)})
		}
	case toPhoneLabel:
		d.label(c.nth, text)
	case toStreet, toPostcode, toCity, toRegion, toCountry:
		d.addresses[min(c.nth, maxAddresses-1)].put(c.to, value)
		if d.cells[c.to].text == "" {
			d.cells[c.to] = value
		}
	case toGroups:
		d.groups = append(d.groups, value)
	case toLabels:
		d.labels = append(d.labels, labelCell{value, c.set})
	case toConsent, toConsentDate:
		d.consents = append(d.consents, consentCell{value, c.purpose, c.to == toConsentDate})
	case toOtherEmails, toOtherPhones:
		d.otherWays = append(d.otherWays, otherWay{value, c.to == toOtherPhones})
	case toReferences, toReference:
		d.refs = append(d.refs, givenReferences{value, c.to == toReference})
	case toTypes:
		d.types = append(d.types, value)
	case toAnswer:
		d.answers = append(d.answers, answerCell{cell: value, field: c.field})
	default:
		if d.cells[c.to].text == "" {
			d.cells[c.to] = value
		}
	}
}

func (a *address) put(to target, value cell) {
	if a.header == "" {
		a.header = value.header
	}
	switch to {
	case toStreet:
		for line := range strings.Lines(value.text) {
			if line = strings.Join(strings.Fields(line), " "); line != "" {
				a.streets = append(a.streets, line)
			}
		}
	case toPostcode:
		a.postcode = value.text
	case toCity:
		a.city = value.text
	case toRegion:
		a.region = value.text
	case toCountry:
		a.country = value.text
	}
}
