package contact

import (
	"slices"
	"strings"

	"carnet/internal/field"
	"carnet/internal/site"
)

// Policy is what an import does with a row about a contact that is there already.
type Policy string

// The policies.
const (
	PolicyUpdate Policy = "update"     // write what the file says
	PolicySkip   Policy = "skip"       // leave the contact alone
	PolicyFill   Policy = "fill_empty" // write where the contact says nothing
	PolicyCreate Policy = "create"     // make another contact, unless all is so already
)

// changeTo gives the change that a row is to a contact, an empty one included: what the file says, with
// the contact's lists made longer. fill leaves alone what the contact has.
func (it *item) changeTo(found *Record, fill bool) Change {
	c := it.change
	if c.Email != nil && sameWay(found.OtherEmails, *c.Email) { // it has the address; the main one stays
		c.Email = nil
	}
	it.addExtras(&c, found.Note)
	if fill {
		c = c.onlyEmpty(found)
	}
	if c.Delivery != nil && found.DeliveryAddress.cell() == it.cells[toDelivery].text {
		c.Delivery = nil
	}
	if c.Billing != nil && found.BillingAddress.cell() == it.cells[toBilling].text {
		c.Billing = nil
	}
	if len(it.more.types) > 0 {
		c.Types = ptr(append(slices.Clone(found.Types), it.more.types...))
	}
	it.addEmails(&c, found)
	it.addPhones(&c, found)
	return c
}

// addExtras adds what a contact has no place for to the note, unless it is there already.
func (it *item) addExtras(c *Change, note string) {
	if len(it.extras) == 0 {
		return
	}
	if c.Note != nil {
		note = *c.Note
	}
	for _, line := range it.extras {
		if !strings.Contains("\n"+note+"\n", "\n"+line+"\n") {
			note = strings.TrimPrefix(note+"\n"+line, "\n")
		}
	}
	c.Note = &note
}

func (it *item) addEmails(c *Change, found *Record) {
	if len(it.more.emails) == 0 {
		return
	}
	main := found.Email
	if c.Email != nil {
		main = *c.Email
	}
	list := slices.Clone(found.OtherEmails)
	for _, one := range it.more.emails {
		if site.EmailKey(one.Value) != site.EmailKey(main) && !sameWay(list, one.Value) {
			list = append(list, one)
		}
	}
	if len(list) > len(found.OtherEmails) {
		c.OtherEmails = &list
	}
}

func (it *item) addPhones(c *Change, found *Record) {
	if len(it.more.phones) == 0 {
		return
	}
	list := slices.Clone(found.OtherPhones)
	for _, one := range it.more.phones {
		if one.Value != found.Phone && one.Value != found.Mobile && !sameWay(list, one.Value) {
			list = append(list, one.Labelled)
		}
	}
	if len(list) > len(found.OtherPhones) {
		c.OtherPhones = &list
	}
}

// onlyEmpty leaves out what a contact has already. An address is one thing: it is filled whole or not.
func (c Change) onlyEmpty(r *Record) Change {
	for _, t := range []struct {
		in  **string
		has string
	}{
		{&c.Title, r.Title}, {&c.FirstName, r.FirstName}, {&c.LastName, r.LastName}, {&c.Company, r.Company}, {&c.Name, r.Name},
		{&c.Email, r.Email}, {&c.Phone, r.Phone}, {&c.Mobile, r.Mobile}, {&c.Fax, r.Fax}, {&c.Language, r.Language}, {&c.Color, r.Color},
		{&c.Note, r.Note}, {&c.AdministrativeNumber, r.AdministrativeNumber}, {&c.IBAN, r.IBAN},
	} {
		if t.has != "" {
			*t.in = nil
		}
	}
	if r.OrganizationKind != nil {
		c.OrganizationKind = nil
	}
	if r.Recognised != nil {
		c.Recognised = nil
	}
	if r.BirthDate != nil {
		c.BirthDate = nil
	}
	if r.ValidUntil != nil {
		c.ValidUntil = nil
	}
	if r.FunctionID != nil {
		c.FunctionID = nil
	}
	if r.NatureID != nil {
		c.NatureID = nil
	}
	if !r.Address().empty() {
		c.AddressChange = AddressChange{}
	}
	if r.DeliveryAddress != nil {
		c.Delivery = nil
	}
	if r.BillingAddress != nil {
		c.Billing = nil
	}
	if r.Ambassador || c.Ambassador != nil && !*c.Ambassador {
		c.Ambassador = nil
	}
	c.Answers = slices.DeleteFunc(slices.Clone(c.Answers), func(a field.Answer) bool {
		_, has := r.Answers[a.FieldID.String()]
		return has
	})
	return c
}

// unchanging tells, without applying it, that a change would leave a contact as it is. It may say no
// where that is so: then it is applied and looked at.
func (it *item) unchanging(c Change, r *Record) bool {
	is := it.record // what the change says, checked and written as the book writes it
	if it.err != nil || it.kind != r.Kind || c.Delivery != nil || c.Billing != nil || c.Types != nil || c.OtherEmails != nil || c.OtherPhones != nil || c.IBAN != nil {
		return false
	}
	if c.Phone != nil || c.Mobile != nil || c.Fax != nil {
		if c.Country == nil && r.Country != "" && r.Country != it.region {
			return false // the numbers may be read as another country's
		}
	}
	for _, t := range []struct {
		said     *string
		is, have string
	}{
		{c.Title, is.Title, r.Title}, {c.FirstName, is.FirstName, r.FirstName}, {c.LastName, is.LastName, r.LastName}, {c.Company, is.Company, r.Company},
		{c.Name, is.Name, r.Name}, {c.Email, is.Email, r.Email}, {c.Phone, is.Phone, r.Phone}, {c.Mobile, is.Mobile, r.Mobile}, {c.Fax, is.Fax, r.Fax},
		{c.Language, is.Language, r.Language}, {c.Color, is.Color, r.Color}, {c.AdministrativeNumber, is.AdministrativeNumber, r.AdministrativeNumber},
		{c.Postcode, is.Postcode, r.Postcode}, {c.City, is.City, r.City}, {c.Country, is.Country, r.Country}, {c.Subdivision, is.Subdivision, r.Subdivision},
	} {
		if t.said != nil && t.is != t.have {
			return false
		}
	}
	if c.Note != nil && strings.TrimSpace(*c.Note) != r.Note || c.Lines != nil && is.AddressLines != r.AddressLines {
		return false
	}
	if c.Ambassador != nil && *c.Ambassador != r.Ambassador || c.OrganizationKind != nil && !samePointee(is.OrganizationKind, r.OrganizationKind) ||
		c.Recognised != nil && !samePointee(is.Recognised, r.Recognised) || c.FunctionID != nil && !samePointee(is.FunctionID, r.FunctionID) ||
		c.NatureID != nil && !samePointee(is.NatureID, r.NatureID) {
		return false
	}
	if c.BirthDate != nil && !sameDay(is.BirthDate, r.BirthDate) || c.ValidUntil != nil && !sameDay(is.ValidUntil, r.ValidUntil) {
		return false
	}
	for _, a := range c.Answers {
		id := a.FieldID.String()
		if !sameJSON(is.Answers[id], r.Answers[id]) {
			return false
		}
	}
	return true
}

func samePointee[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }
