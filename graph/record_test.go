package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	createPerson  = `mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id number } errors { code message path } } }`
	createOrg     = `mutation($i: CreateOrganizationInput!) { createOrganization(input: $i) { organization { id } errors { code message path } } }`
	updateContact = `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`
	createOption  = `mutation($i: CreateContactOptionInput!) { createContactOption(input: $i) { contactOption { id position } errors { code message path } } }`
	updateOption  = `mutation($i: UpdateContactOptionInput!) { updateContactOption(input: $i) { contactOption { id name position } errors { code message path } } }`
	deleteOption  = `mutation($i: ID!) { deleteContactOption(input: {id: $i}) { deletedId errors { code message path } } }`
	deleteThem    = `mutation($i: [ID!]!) { deleteContacts(input: {ids: $i}) { deletedIds errors { code message path } } }`
	restoreThem   = `mutation($i: [ID!]!) { restoreContacts(input: {ids: $i}) { contacts { id } errors { code message path } } }`
	filtered      = `query($f: ContactFilter, $s: String, $all: Boolean! = false) { contacts(filter: $f, search: $s, includeInvalid: $all) { totalCount nodes { displayName } } }`
	history       = `query($i: ID!) { contact(id: $i) { history(first: 20) { nodes { action changes } } } }`
)

func newOption(t *testing.T, s *apptest.Site, input vars) string {
	t.Helper()
	var out struct {
		CreateContactOption struct{ ContactOption struct{ ID string } }
	}
	require.Empty(t, s.Program.Payload(t, s.As(site.Manager), createOption, vars{"i": input}, &out))
	return out.CreateContactOption.ContactOption.ID
}

func organizationOf(t *testing.T, s *apptest.Site, input vars) string {
	t.Helper()
	var out struct {
		CreateOrganization struct{ Organization struct{ ID string } }
	}
	require.Empty(t, s.Program.Payload(t, s.As(site.Operator), createOrg, vars{"i": input}, &out))
	return out.CreateOrganization.Organization.ID
}

func namesBy(t *testing.T, s *apptest.Site, v vars) []string {
	t.Helper()
	var out contactList
	s.Program.Must(t, s.As(site.Viewer), filtered, v, &out)
	require.Len(t, out.Contacts.Nodes, out.Contacts.TotalCount)
	return out.names()
}

type told struct {
	Contact struct {
		History struct {
			Nodes []struct {
				Action  string
				Changes map[string]struct{ Before, After any }
			}
		}
	}
}

func day(t *testing.T, s *apptest.Site, add int) string {
	t.Helper()
	return time.Now().In(s.Location()).AddDate(0, 0, add).Format(time.DateOnly)
}

// S-07, S-28, S-31, S-32, S-49: the whole record of a person is kept, read and told in its history.
func TestRecordOfPerson(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	coach := newOption(t, s, vars{"list": "FUNCTION", "name": "Coach", "kind": "PERSON", "translations": vars{"fr": vars{"name": "Entraîneur"}}})
	regular := newOption(t, s, vars{"list": "NATURE", "name": "Regular"})
	born := time.Now().In(s.Location()).AddDate(-30, 0, 1) // thirty tomorrow
	input := vars{
		"title": "Mrs", "firstName": "Kari", "lastName": "Nordmann", "birthDate": born.Format(time.DateOnly), "functionId": coach, "natureId": regular,
		"email": "Kari@example.no", "phone": "22 33 44 55", "mobile": "0047 412 34 567", "fax": "+33 1 23 45 67 89",
		"otherEmails": []vars{{"label": "work", "value": "Kari.N@Work.example"}}, "otherPhones": []vars{{"label": "cabin", "value": "61 23 45 67"}},
		"address":         vars{"lines": []string{"Storgata 1"}, "postcode": "0155", "city": "Oslo", "country": "NO"},
		"deliveryAddress": vars{"postcode": "5003", "city": "Bergen", "country": "NO"},
		"billingAddress":  vars{"lines": []string{"c/o Regnskap", " ", "Postboks 2"}, "postcode": "7010", "city": "Trondheim", "country": "NO"},
		"types":           []string{"PARTNER", "GUIDE"}, "ambassador": true, "administrativeNumber": "NO 999", "validUntil": day(t, s, 0),
		"seats":      []vars{{"venue": "Main hall", "zone": "Stalls", "row": "C", "seat": "12", "note": "near the aisle"}},
		"references": []vars{{"source": "Licence", "externalId": "L-7"}, {"source": "Old box office", "externalId": "42"}},
	}
	var made struct {
		CreatePerson struct {
			Person struct {
				ID     string
				Number int
			}
		}
	}
	require.Empty(t, p.Payload(t, s.As(site.Operator), createPerson, vars{"i": input}, &made))
	id := made.CreatePerson.Person.ID
	require.Equal(t, 1, made.CreatePerson.Person.Number)
	const read = `query($i: ID!) { contact(id: $i) { __typename number kind valid validUntil types ambassador administrativeNumber fax
		nature { name } otherEmails { label value } otherPhones { label value } deliveryAddress { lines postcode city country } billingAddress { lines city }
		seats { venue zone row seat note } references { source externalId } ... on Person { age function { name translations } } } }`
	whole := `{"contact":{"__typename":"Person","number":1,"kind":"PERSON","valid":true,"validUntil":"` + day(t, s, 0) + `","types":["GUIDE","PARTNER"],
		"ambassador":true,"administrativeNumber":"NO 999","fax":"+33123456789","nature":{"name":"Regular"},
		"otherEmails":[{"label":"work","value":"Kari.N@Work.example"}],"otherPhones":[{"label":"cabin","value":"+4761234567"}],
		"deliveryAddress":{"lines":[],"postcode":"5003","city":"Bergen","country":"NO"},"billingAddress":{"lines":["c/o Regnskap","Postboks 2"],"city":"Trondheim"},
		"seats":[{"venue":"Main hall","zone":"Stalls","row":"C","seat":"12","note":"near the aisle"}],
		"references":[{"source":"Licence","externalId":"L-7"},{"source":"Old box office","externalId":"42"}],
		"age":29,"function":{"name":"Coach","translations":{"fr":{"name":"Entraîneur"}}}}}`
	r := p.Do(t, s.As(site.Viewer), read, vars{"i": id})
	require.JSONEq(t, whole, string(r.Data), r.Raw)
	p.Refused(t, other.As(site.Viewer), "NOT_FOUND", read, vars{"i": id})
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", updateContact, vars{"i": vars{"id": id, "fax": nil}})

	// What is typed again changes nothing; a part of an address leaves the rest; null clears.
	update(t, s, vars{"id": id, "types": []string{"GUIDE", "PARTNER", "GUIDE"}, "fax": "+33 123456789", "references": []vars{{"source": "Old box office", "externalId": "42"}, {"source": "Licence", "externalId": "L-7"}}})
	update(t, s, vars{"id": id, "deliveryAddress": vars{"city": "Voss"}, "billingAddress": nil, "functionId": nil, "types": []string{}, "validUntil": nil, "references": []vars{}})
	var h told
	p.Must(t, s.As(site.Viewer), history, vars{"i": id}, &h)
	require.Len(t, h.Contact.History.Nodes, 2, "nothing is written when nothing changes")
	last, first := h.Contact.History.Nodes[0].Changes, h.Contact.History.Nodes[1].Changes
	require.Equal(t, "Coach", first["function"].After)
	require.Equal(t, "Regular", first["nature"].After)
	require.Equal(t, "Coach", last["function"].Before)
	require.Equal(t, "Bergen", last["deliveryAddress"].Before.(map[string]any)["city"])
	require.Equal(t, "5003", last["deliveryAddress"].After.(map[string]any)["postcode"])
	require.Nil(t, last["billingAddress"].After)
	require.Equal(t, []any{"guide", "partner"}, last["types"].Before)
	require.Len(t, last["references"].Before, 2)
	require.Empty(t, last["references"].After)
	require.Len(t, last, 6)
	require.Equal(t, []string{"NORDMANN Kari"}, find(t, s, vars{"search": "*nordmann*"}).names())

	for field, bad := range map[string]struct {
		value any
		at    string
	}{
		"fax":             {"12", "INVALID_PHONE fax"},
		"functionId":      {regular, "UNKNOWN functionId"},
		"natureId":        {newOption(t, other, vars{"list": "NATURE", "name": "Elsewhere"}), "UNKNOWN natureId"},
		"iban":            {"NO93 8601 1117 948", "INVALID iban"},
		"otherEmails":     {[]vars{{"value": "KARI@example.no"}}, "DUPLICATE otherEmails.0.value"},
		"otherPhones":     {[]vars{{"value": "61234567"}, {"value": "+47 61 23 45 67"}}, "DUPLICATE otherPhones.1.value"},
		"deliveryAddress": {vars{"country": "Norge"}, "TOO_LONG deliveryAddress.country"},
		"billingAddress":  {vars{"country": "no"}, "INVALID billingAddress.country"},
		"seats":           {[]vars{{"venue": " "}}, "REQUIRED seats.0.venue"},
		"references":      {[]vars{{"source": "A", "externalId": "1"}, {"source": "A", "externalId": "1"}}, "DUPLICATE references.1"},
	} {
		require.Equal(t, []string{bad.at}, p.Payload(t, s.As(site.Operator), updateContact, vars{"i": vars{"id": id, field: bad.value}}, nil), field)
	}
	many := make([]vars, 11)
	for i := range many {
		many[i] = vars{"value": "x" + string(rune('a'+i)) + "@example.no"}
	}
	require.Equal(t, []string{"TOO_LONG otherEmails"}, p.Payload(t, s.As(site.Operator), updateContact, vars{"i": vars{"id": id, "otherEmails": many}}, nil))
}

// P-07, P-09, P-10, S-06, S-07, S-28: organizations are in the same book as persons, the only two main types, and
// numbered with them; of the four kinds, a club recognised or not; and a contact hangs on the site alone.
func TestRecordOfOrganization(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	s.NewPerson(t, "Kari", "Nordmann")
	for kind, name := range map[string]string{"SCHOOL": "School", "ASSOCIATION": "Association", "PUBLIC_SERVICE": "Service"} {
		id := organizationOf(t, s, vars{"name": name, "organizationKind": kind})
		require.Equal(t, []string{"WRONG_TYPE recognised"}, p.Payload(t, s.As(site.Operator), updateContact, vars{"i": vars{"id": id, "recognised": true}}, nil))
	}
	club := organizationOf(t, s, vars{"name": "Club", "organizationKind": "CLUB", "recognised": true})
	kept := func() string {
		r := p.Do(t, s.As(site.Viewer), `{ contacts(orderBy: {by: NUMBER, direction: ASC}) { nodes { number __typename ... on Organization { organizationKind recognised } } } }`, nil)
		return string(r.Data)
	}
	require.Contains(t, kept(), `{"number":5,"__typename":"Organization","organizationKind":"CLUB","recognised":true}`)
	update(t, s, vars{"id": club, "recognised": false})
	require.Contains(t, kept(), `{"number":5,"__typename":"Organization","organizationKind":"CLUB","recognised":false}`)
	require.Contains(t, kept(), `{"number":1,"__typename":"Person"}`)
	for _, kind := range []string{"SCHOOL", "ASSOCIATION", "PUBLIC_SERVICE"} {
		require.Contains(t, kept(), `"__typename":"Organization","organizationKind":"`+kind+`","recognised":null`)
	}
	require.JSONEq(t, `{"__type": {"enumValues": [{"name": "PERSON"}, {"name": "ORGANIZATION"}]}}`,
		string(p.Do(t, s.As(site.Viewer), `{ __type(name: "ContactKind") { enumValues { name } } }`, nil).Data))
	require.Equal(t, []string{"Association", "Club", "NORDMANN Kari", "School", "Service"}, namesBy(t, s, nil))
	coach := newOption(t, s, vars{"list": "FUNCTION", "name": "Coach"})
	require.Equal(t, []string{"WRONG_TYPE lastName"}, p.Payload(t, s.As(site.Operator), updateContact, vars{"i": vars{"id": club, "functionId": coach}}, nil))
	personal := newOption(t, s, vars{"list": "NATURE", "name": "Fan", "kind": "PERSON"})
	require.Equal(t, []string{"WRONG_TYPE natureId"}, p.Payload(t, s.As(site.Operator), updateContact, vars{"i": vars{"id": club, "natureId": personal}}, nil))
	r := p.Do(t, s.As(site.Viewer), `{ __type(name: "Contact") { fields { name } } }`, nil)
	for _, word := range []string{"event", "season", "pointOfSale"} {
		require.NotContains(t, r.Raw, `"`+word)
	}
}

// S-08, S-09, S-10, G-06, G-08: a picker asks for a type, and only contacts of that type are offered.
func TestOperationalTypesAreOffered(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	regular := newOption(t, s, vars{"list": "NATURE", "name": "Regular"})
	coach := newOption(t, s, vars{"list": "FUNCTION", "name": "Coach"})
	update(t, s, vars{"id": s.NewPerson(t, "Gro", "Guide"), "types": []string{"GUIDE"}, "functionId": coach, "administrativeNumber": "Ab-12"})
	update(t, s, vars{"id": s.NewPerson(t, "Siv", "Supplier"), "types": []string{"SUPPLIER", "GUIDE"}, "ambassador": true})
	update(t, s, vars{"id": organizationOf(t, s, vars{"name": "Partner AS"}), "types": []string{"PARTNER"}, "natureId": regular, "references": []vars{{"source": "ERP", "externalId": "P-100"}}})
	s.NewPerson(t, "Per", "Public")
	update(t, other, vars{"id": other.NewPerson(t, "Olga", "Elsewhere"), "types": []string{"GUIDE", "SUPPLIER", "PARTNER"}})
	for _, c := range []struct {
		leaf vars
		want []string
	}{
		{vars{"type": "GUIDE"}, []string{"GUIDE Gro", "SUPPLIER Siv"}},
		{vars{"type": "SUPPLIER"}, []string{"SUPPLIER Siv"}},
		{vars{"type": "PARTNER"}, []string{"Partner AS"}},
		{vars{"type": "PRODUCER"}, []string{}},
		{vars{"function": coach}, []string{"GUIDE Gro"}},
		{vars{"nature": regular}, []string{"Partner AS"}},
		{vars{"ambassador": true}, []string{"SUPPLIER Siv"}},
		{vars{"administrativeNumber": vars{"op": "PREFIX", "value": "aB"}}, []string{"GUIDE Gro"}},
		{vars{"administrativeNumber": vars{"op": "EQUALS", "value": "ab-12"}}, []string{"GUIDE Gro"}},
		{vars{"reference": vars{"op": "EQUALS", "value": "P-100"}}, []string{"Partner AS"}},
		{vars{"reference": vars{"source": "ERP", "op": "PREFIX", "value": "P"}}, []string{"Partner AS"}},
		{vars{"reference": vars{"source": "Licence", "op": "PREFIX", "value": "P"}}, []string{}},
	} {
		require.Equal(t, c.want, namesBy(t, s, vars{"f": c.leaf}), "%v", c.leaf)
		require.Len(t, namesBy(t, s, vars{"f": vars{"not": c.leaf}}), 4-len(c.want), "not %v", c.leaf)
	}
	require.Len(t, namesBy(t, s, vars{"f": vars{"reference": vars{"op": "EMPTY"}}}), 3)
	require.Len(t, namesBy(t, s, vars{"f": vars{"all": []vars{{"type": "GUIDE"}, {"search": "siv"}}}}), 1, "a picker narrows by what is typed")
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", filtered, vars{"f": vars{"function": regular}})
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", filtered, vars{"f": vars{"reference": vars{"op": "EQUALS"}}})
}

// S-80, G-09: past its last valid day a contact is hidden from lists, search, suggestions and
// segments unless asked for, and comes back when the date is changed.
func TestInvalidContactsAreHidden(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	gone := s.NewPerson(t, "Gunn", "Gone")
	update(t, s, vars{"id": s.NewPerson(t, "Tor", "Today"), "validUntil": day(t, s, 0)})
	segment := newSegment(t, s, vars{"kind": "PERSON"})
	count := func() (n int) {
		var out struct{ Segment struct{ Count int } }
		p.Must(t, s.As(site.Viewer), `query($i: ID!) { segment(id: $i) { count } }`, vars{"i": segment}, &out)
		return out.Segment.Count
	}
	suggested := func() string {
		return p.Do(t, s.As(site.Viewer), `{ contactSuggestions(text: "go") { displayName } }`, nil).Raw
	}
	require.Equal(t, 2, count())
	p.Caught(t)
	st := subscribe(t, p, s.As(site.Viewer), segmentChanged, vars{"id": segment})
	var e segmentEvent
	st.next(t, &e)
	require.Equal(t, 2, e.SegmentChanged.Count)

	update(t, s, vars{"id": gone, "validUntil": day(t, s, -1)})
	st.next(t, &e)
	require.Equal(t, []string{gone}, e.SegmentChanged.Left)
	require.Equal(t, 1, count())
	require.Equal(t, []string{"TODAY Tor"}, namesBy(t, s, nil))
	require.Empty(t, namesBy(t, s, vars{"s": "gone"}))
	require.NotContains(t, suggested(), "GONE")
	require.Equal(t, []string{"GONE Gunn", "TODAY Tor"}, namesBy(t, s, vars{"all": true}))
	require.Equal(t, []string{"GONE Gunn"}, namesBy(t, s, vars{"all": true, "s": "gone"}))
	require.Equal(t, []string{"GONE Gunn"}, namesBy(t, s, vars{"all": true, "f": vars{"valid": false}}))
	require.Empty(t, namesBy(t, s, vars{"f": vars{"valid": false}}))
	require.Contains(t, p.Do(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { valid } }`, vars{"i": gone}).Raw, `"valid":false`)

	update(t, s, vars{"id": gone, "validUntil": day(t, s, 1)})
	st.next(t, &e)
	require.Equal(t, gone, e.SegmentChanged.Entered[0].ID)
	require.Equal(t, 2, count())
	require.Contains(t, suggested(), "GONE")
	require.Equal(t, []string{"GONE Gunn"}, namesBy(t, s, vars{"s": "gone"}))
}

// An IBAN is whole for managers only; neither history nor a filter tells others more.
func TestIBANIsForManagers(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	id := s.NewPerson(t, "Kari", "Nordmann")
	shown := func(role site.Role) string {
		var out struct{ Contact struct{ Iban string } }
		p.Must(t, s.As(role), `query($i: ID!) { contact(id: $i) { iban } }`, vars{"i": id}, &out)
		return out.Contact.Iban
	}
	for typed, kept := range map[string]string{
		"no93 8601 1117 947": "NO93 8601 1117 947", "GB82WEST12345698765432": "GB82 WEST 1234 5698 7654 32", "FR14 2004 1010 0505 0001 3M02 606": "FR14 2004 1010 0505 0001 3M02 606",
	} {
		update(t, s, vars{"id": id, "iban": typed})
		require.Equal(t, kept, shown(site.Manager))
	}
	for _, bad := range []string{"NO93 8601 1117 946", "NO93 8601 1117 9471", "93NO86011117947", "NO", "NO** **** ***7 947"} {
		require.Equal(t, []string{"INVALID iban"}, p.Payload(t, s.As(site.Operator), updateContact, vars{"i": vars{"id": id, "iban": bad}}, nil), bad)
	}
	update(t, s, vars{"id": id, "iban": "NO9386011117947"})
	require.Equal(t, "NO** **** ***7 947", shown(site.Operator))
	require.Equal(t, "NO** **** ***7 947", shown(site.Viewer))
	for _, role := range []site.Role{site.Viewer, site.Manager} {
		raw := p.Do(t, s.As(role), history, vars{"i": id}).Raw
		require.Contains(t, raw, "NO** **** ***7 947")
		require.NotContains(t, raw, "8601")
		require.NotContains(t, raw, "WEST")
	}
	leaf := vars{"iban": vars{"op": "PREFIX", "value": "no93 86"}}
	var out contactList
	p.Must(t, s.As(site.Manager), filtered, vars{"f": leaf}, &out)
	require.Equal(t, []string{"NORDMANN Kari"}, out.names())
	for _, role := range []site.Role{site.Viewer, site.Operator} {
		p.Refused(t, s.As(role), "FORBIDDEN", filtered, vars{"f": leaf})
		p.Refused(t, s.As(role), "FORBIDDEN", filtered, vars{"f": vars{"not": vars{"any": []vars{{"kind": "PERSON"}, leaf}}}})
		p.Refused(t, s.As(role), "FORBIDDEN", `query($f: ContactFilter!) { segmentPreview(filter: $f) { count } }`, vars{"f": leaf})
	}
	require.Equal(t, []string{"INVALID rule"}, p.Payload(t, s.As(site.Manager), `mutation($r: ContactFilter!) { createSegment(input: {name: "S", rule: $r}) { segment { id } errors { code message path } } }`, vars{"r": vars{"all": []vars{leaf}}}, nil))
	update(t, s, vars{"id": id, "iban": nil})
	require.Empty(t, shown(site.Viewer))
}

// The site's own lists: managers keep them, archived options stay on contacts, used ones cannot be deleted.
func TestContactOptions(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	a, b, c := newOption(t, s, vars{"list": "FUNCTION", "name": "Élu"}), newOption(t, s, vars{"list": "FUNCTION", "name": "Coach"}), newOption(t, s, vars{"list": "FUNCTION", "name": "Treasurer"})
	newOption(t, s, vars{"list": "NATURE", "name": "Elu"})
	names := func(archived bool) (list []string) {
		var out struct{ ContactOptions []struct{ Name string } }
		p.Must(t, s.As(site.Viewer), `query($a: Boolean!) { contactOptions(list: FUNCTION, includeArchived: $a) { name } }`, vars{"a": archived}, &out)
		for _, o := range out.ContactOptions {
			list = append(list, o.Name)
		}
		return list
	}
	require.Equal(t, []string{"TAKEN name"}, p.Payload(t, s.As(site.Manager), createOption, vars{"i": vars{"list": "FUNCTION", "name": "ELU"}}, nil))
	require.Equal(t, []string{"REQUIRED name"}, p.Payload(t, s.As(site.Manager), createOption, vars{"i": vars{"list": "FUNCTION", "name": " "}}, nil))
	require.Equal(t, []string{"INVALID translations.de"}, p.Payload(t, s.As(site.Manager), createOption, vars{"i": vars{"list": "FUNCTION", "name": "X", "translations": vars{"de": vars{"name": "Y"}}}}, nil))
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", createOption, vars{"i": vars{"list": "FUNCTION", "name": "X"}})
	p.Refused(t, other.As(site.Manager), "NOT_FOUND", updateOption, vars{"i": vars{"id": a, "name": "X"}})
	p.Refused(t, other.As(site.Manager), "NOT_FOUND", deleteOption, vars{"i": a})
	require.Empty(t, p.Payload(t, s.As(site.Manager), updateOption, vars{"i": vars{"id": c, "position": 0}}, nil))
	require.Equal(t, []string{"Treasurer", "Élu", "Coach"}, names(false))

	who := s.NewPerson(t, "Kari", "Nordmann")
	update(t, s, vars{"id": who, "functionId": b})
	require.Equal(t, []string{"TAKEN id"}, p.Payload(t, s.As(site.Manager), deleteOption, vars{"i": b}, nil))
	require.Empty(t, p.Payload(t, s.As(site.Manager), updateOption, vars{"i": vars{"id": b, "archived": true}}, nil))
	require.Empty(t, p.Payload(t, s.As(site.Manager), deleteOption, vars{"i": a}, nil))
	require.Equal(t, []string{"Treasurer"}, names(false))
	require.Equal(t, []string{"Treasurer", "Coach"}, names(true))
	require.Contains(t, p.Do(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { ... on Person { function { name } } } }`, vars{"i": who}).Raw, "Coach")
	newOption(t, s, vars{"list": "FUNCTION", "name": "Coach"}) // the name is free again
	require.Equal(t, []string{"TAKEN name"}, p.Payload(t, s.As(site.Manager), updateOption, vars{"i": vars{"id": b, "archived": false}}, nil))
}

// S-47: free notes can be created, changed and deleted; each is told in the contact's history.
func TestNotes(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	who := s.NewPerson(t, "Kari", "Nordmann")
	const add = `mutation($i: AddNoteInput!) { addNote(input: $i) { note { id personalData authorName } errors { code message path } } }`
	const change = `mutation($i: UpdateNoteInput!) { updateNote(input: $i) { note { id text personalData } errors { code message path } } }`
	const remove = `mutation($i: ID!) { deleteNote(input: {id: $i}) { deletedId errors { code message path } } }`
	const read = `query($i: ID!, $n: Int!, $a: String) { contact(id: $i) { updatedAt notes(first: $n, after: $a) { nodes { text personalData authorName } pageInfo { hasNextPage endCursor } } } }`
	var made struct {
		AddNote struct {
			Note struct {
				ID, AuthorName string
				PersonalData   bool
			}
		}
	}
	require.Empty(t, p.Payload(t, s.As(site.Operator), add, vars{"i": vars{"contactId": who, "text": " Sings alto. "}}, &made))
	require.True(t, made.AddNote.Note.PersonalData)
	require.Equal(t, "operator", made.AddNote.Note.AuthorName)
	first := made.AddNote.Note.ID
	require.Empty(t, p.Payload(t, s.As(site.Operator), add, vars{"i": vars{"contactId": who, "text": "Gate code is at the desk.", "personalData": false}}, nil))
	var page struct {
		Contact struct {
			Notes struct {
				Nodes    []struct{ Text string }
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
	}
	p.Must(t, s.As(site.Viewer), read, vars{"i": who, "n": 1}, &page)
	require.Equal(t, "Gate code is at the desk.", page.Contact.Notes.Nodes[0].Text)
	require.True(t, page.Contact.Notes.PageInfo.HasNextPage)
	p.Must(t, s.As(site.Viewer), read, vars{"i": who, "n": 1, "a": page.Contact.Notes.PageInfo.EndCursor}, &page)
	require.Equal(t, "Sings alto.", page.Contact.Notes.Nodes[0].Text)
	require.False(t, page.Contact.Notes.PageInfo.HasNextPage)

	require.Empty(t, p.Payload(t, s.As(site.Operator), change, vars{"i": vars{"id": first, "text": "Sings soprano."}}, nil))
	require.Empty(t, p.Payload(t, s.As(site.Operator), change, vars{"i": vars{"id": first, "text": "Sings soprano."}}, nil))
	require.Empty(t, p.Payload(t, s.As(site.Operator), remove, vars{"i": first}, nil))
	var h told
	p.Must(t, s.As(site.Viewer), history, vars{"i": who}, &h)
	require.Len(t, h.Contact.History.Nodes, 5, "created, two added, one changed, one deleted")
	deleted, changed := h.Contact.History.Nodes[0].Changes["notes."+first], h.Contact.History.Nodes[1].Changes["notes."+first]
	require.Equal(t, map[string]any{"text": "Sings soprano.", "personalData": true}, deleted.Before)
	require.Nil(t, deleted.After)
	require.Equal(t, "Sings alto.", changed.Before.(map[string]any)["text"])

	require.Equal(t, []string{"REQUIRED text"}, p.Payload(t, s.As(site.Operator), add, vars{"i": vars{"contactId": who, "text": " "}}, nil))
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", add, vars{"i": vars{"contactId": who, "text": "x"}})
	p.Refused(t, other.As(site.Operator), "NOT_FOUND", add, vars{"i": vars{"contactId": who, "text": "x"}})
	p.Refused(t, s.As(site.Operator), "NOT_FOUND", remove, vars{"i": first})
}

// G-10: a reference is one living contact's; the trash does not count, and restoring into a taken one is refused.
func TestReferencesAreUnique(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	ref := []vars{{"source": "Licence", "externalId": "7"}}
	kari, ola := s.NewPerson(t, "Kari", "Nordmann"), s.NewPerson(t, "Ola", "Nordmann")
	update(t, s, vars{"id": kari, "references": ref})
	update(t, other, vars{"id": other.NewPerson(t, "Olga", "Elsewhere"), "references": ref}) // another site's numbers are its own
	require.Equal(t, []string{"TAKEN references.1"}, p.Payload(t, s.As(site.Operator), updateContact, vars{"i": vars{"id": ola, "references": append([]vars{{"source": "Licence", "externalId": "8"}}, ref...)}}, nil))
	require.Empty(t, p.Payload(t, s.As(site.Operator), deleteThem, vars{"i": []string{kari}}, nil))
	update(t, s, vars{"id": ola, "references": ref})
	e := p.Refused(t, s.As(site.Operator), "CONFLICT", restoreThem, vars{"i": []string{kari}})
	require.Contains(t, e.Message, "contact number 2")
	update(t, s, vars{"id": ola, "references": []vars{}})
	require.Empty(t, p.Payload(t, s.As(site.Operator), restoreThem, vars{"i": []string{kari}}, nil))
	require.Equal(t, []string{"TAKEN references.0"}, p.Payload(t, s.As(site.Operator), updateContact, vars{"i": vars{"id": ola, "references": ref}}, nil), "it counts again")
}

// S-34, G-23: a contact needs no e-mail address, an account does: that of its contact cannot be taken away.
func TestAccountKeepsItsEmail(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	free, holder := s.NewPerson(t, "Kari", "Nordmann"), s.NewPerson(t, "Ola", "Nordmann")
	for _, id := range []string{free, holder} {
		update(t, s, vars{"id": id, "email": id + "@example.no"})
	}
	_, err := p.DB.Pool.Exec(t.Context(), `INSERT INTO account (site_id, id, subject, contact_id, email, email_key) VALUES ($1, gen_random_uuid(), 'ola', $2, 'ola@example.no', 'ola@example.no')`, s.ID.String(), holder)
	require.NoError(t, err)
	update(t, s, vars{"id": free, "email": nil})
	require.Equal(t, []string{"REQUIRED email"}, p.Payload(t, s.As(site.Operator), updateContact, vars{"i": vars{"id": holder, "email": nil}}, nil))
}
