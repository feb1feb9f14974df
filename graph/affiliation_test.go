package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// links are a site's types of link by kind.
func links(t *testing.T, s *apptest.Site) map[string]string {
	t.Helper()
	var out struct {
		LinkTypes []struct{ ID, Kind, Name, ReverseName string }
	}
	s.Program.Must(t, s.As(site.Viewer), `{ linkTypes { id kind name reverseName } }`, nil, &out)
	by := map[string]string{}
	for _, l := range out.LinkTypes {
		require.NotEmpty(t, l.Name)
		require.NotEmpty(t, l.ReverseName)
		by[l.Kind] = l.ID
	}
	return by
}

func newOrganization(t *testing.T, s *apptest.Site, name string, more vars) string {
	t.Helper()
	input := vars{"name": name}
	for k, v := range more {
		input[k] = v
	}
	var out struct {
		CreateOrganization struct{ Organization struct{ ID string } }
	}
	s.Program.Must(t, s.As(site.Operator), `mutation($i: CreateOrganizationInput!) { createOrganization(input: $i) { organization { id } errors { code message path } } }`, vars{"i": input}, &out)
	return out.CreateOrganization.Organization.ID
}

const createAffiliation = `mutation($i: CreateAffiliationInput!) { createAffiliation(input: $i) { affiliation { id inForce } errors { code message path } } }`

// tryLink links two contacts and gives the link's id, or what was to be mended.
func tryLink(t *testing.T, s *apptest.Site, input vars) (id string, errors []string) {
	t.Helper()
	var out struct {
		CreateAffiliation struct{ Affiliation *struct{ ID string } }
	}
	errors = s.Program.Payload(t, s.As(site.Operator), createAffiliation, vars{"i": input}, &out)
	if out.CreateAffiliation.Affiliation != nil {
		id = out.CreateAffiliation.Affiliation.ID
	}
	require.Equal(t, len(errors) == 0, id != "")
	return id, errors
}

func link(t *testing.T, s *apptest.Site, typeID, from, to string, more vars) string {
	t.Helper()
	input := vars{"typeId": typeID, "fromId": from, "toId": to}
	for k, v := range more {
		input[k] = v
	}
	id, errors := tryLink(t, s, input)
	require.Empty(t, errors)
	return id
}

func rolesOf(t *testing.T, s *apptest.Site, id string) []string {
	t.Helper()
	var out struct{ Contact struct{ Roles []string } }
	s.Program.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { roles } }`, vars{"i": id}, &out)
	return out.Contact.Roles
}

func daysFrom(from time.Time, days int) string { return from.AddDate(0, 0, days).Format(time.DateOnly) }

// S-16, S-17, S-18, S-19, S-20, S-22: the role follows from the links in force, and finds the contacts.
func TestRoles(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	l := links(t, s)
	kari, ola, lone := s.NewPerson(t, "Kari", "Nordmann"), s.NewPerson(t, "Ola", "Nordmann"), s.NewPerson(t, "Lone", "Alene")
	club, section := newOrganization(t, s, "Fjord IL", nil), newOrganization(t, s, "Fjord IL Ski", nil)
	require.Equal(t, []string{"PUBLIC_INDIVIDUAL"}, rolesOf(t, s, kari))
	require.Equal(t, []string{"PUBLIC_STRUCTURE"}, rolesOf(t, s, section))

	link(t, s, l["PARENT"], kari, ola, nil)
	relay := link(t, s, l["RELAY"], kari, club, nil)
	link(t, s, l["MEMBER"], kari, section, nil)
	link(t, s, l["SUBSIDIARY"], section, club, nil)
	require.Equal(t, []string{"RELAY", "MEMBER", "CHILD"}, rolesOf(t, s, kari))
	require.Equal(t, []string{"PUBLIC_INDIVIDUAL"}, rolesOf(t, s, ola), "a child makes nobody less public")
	require.Equal(t, []string{"SUBSIDIARY"}, rolesOf(t, s, section))
	require.Equal(t, []string{"PUBLIC_STRUCTURE"}, rolesOf(t, s, club))
	for role, want := range map[string][]string{
		"PUBLIC_INDIVIDUAL": {lone, ola}, "CHILD": {kari}, "RELAY": {kari}, "MEMBER": {kari}, "PUBLIC_STRUCTURE": {club}, "SUBSIDIARY": {section},
	} {
		require.ElementsMatch(t, want, matching(t, s, vars{"role": role}), role)
		require.ElementsMatch(t, without([]string{kari, ola, lone, club, section}, want), matching(t, s, vars{"not": vars{"role": role}}), "not %s", role)
	}

	// A link that has ended, or has not begun, gives no role.
	today := time.Now().In(s.Location())
	const end = `mutation($i: UpdateAffiliationInput!) { updateAffiliation(input: $i) { affiliation { inForce } errors { code message path } } }`
	for _, c := range []struct {
		dates vars
		holds bool
	}{{vars{"until": daysFrom(today, -1)}, false}, {vars{"until": daysFrom(today, 0)}, true}, {vars{"until": nil, "since": daysFrom(today, 1)}, false}, {vars{"since": daysFrom(today, 0)}, true}} {
		input := vars{"id": relay}
		for k, v := range c.dates {
			input[k] = v
		}
		var out struct {
			UpdateAffiliation struct{ Affiliation struct{ InForce bool } }
		}
		p.Must(t, s.As(site.Operator), end, vars{"i": input}, &out)
		require.Equal(t, c.holds, out.UpdateAffiliation.Affiliation.InForce, "%v", c.dates)
		require.Equal(t, c.holds, slices.Contains(rolesOf(t, s, kari), "RELAY"), "%v", c.dates)
		require.Equal(t, c.holds, slices.Contains(matching(t, s, vars{"role": "RELAY"}), kari), "%v", c.dates)
	}
	// Nor does one to a contact in the trash.
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { deleteContacts(input: {ids: [$i]}) { deletedIds errors { code } } }`, vars{"i": club}, nil)
	require.Equal(t, []string{"MEMBER", "CHILD"}, rolesOf(t, s, kari))
	require.Equal(t, []string{"PUBLIC_STRUCTURE"}, rolesOf(t, s, section))
	require.ElementsMatch(t, []string{section}, matching(t, s, vars{"role": "PUBLIC_STRUCTURE"}))
}

func matching(t *testing.T, s *apptest.Site, filter vars) []string {
	t.Helper()
	var out struct {
		Contacts struct{ Nodes []struct{ ID string } }
	}
	s.Program.Must(t, s.As(site.Viewer), `query($f: ContactFilter!) { contacts(filter: $f, first: 200) { nodes { id } } }`, vars{"f": filter}, &out)
	ids := []string{}
	for _, n := range out.Contacts.Nodes {
		ids = append(ids, n.ID)
	}
	return ids
}

func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(some, one) })
}

// P-11, P-12: an organization groups persons, each with a role of their own, which may change; and
// S-84's relay column.
func TestPeopleOfAnOrganization(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	l := links(t, s)
	club := newOrganization(t, s, "Fjord IL", nil)
	kari, ola := s.NewPerson(t, "Kari", "Nordmann"), s.NewPerson(t, "Ola", "Berg")
	treasurer := link(t, s, l["MEMBER"], kari, club, vars{"role": "treasurer", "since": "2024-01-01", "workEmail": "cash@fjord.example", "workPhone": "412 34 567", "note": "signs"})
	link(t, s, l["MEMBER"], ola, club, vars{"role": "coach"})
	link(t, s, l["RELAY"], ola, club, nil)

	var out struct {
		Contact struct {
			Affiliations struct {
				Nodes []struct {
					ID                               string
					From, To                         struct{ DisplayName string }
					Type                             struct{ Kind string }
					Role, WorkEmail, WorkPhone, Note string
					Since, Until                     *string
					InForce                          bool
				}
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
			People struct {
				TotalCount int
				Nodes      []struct{ DisplayName string }
			}
			Relays []struct{ DisplayName string }
		}
	}
	const read = `query($i: ID!, $n: Int, $after: String) { contact(id: $i) { affiliations(direction: IN, first: $n, after: $after) {
		nodes { id from { displayName } to { displayName } type { kind } role since until inForce workEmail workPhone note } edges { cursor node { id } } pageInfo { hasNextPage endCursor } }
		... on Organization { people { totalCount nodes { displayName } } relays { displayName } } } }`
	p.Must(t, s.As(site.Viewer), read, vars{"i": club, "n": 2}, &out)
	got := out.Contact.Affiliations
	require.Len(t, got.Nodes, 2)
	require.True(t, got.PageInfo.HasNextPage)
	require.Equal(t, "NORDMANN Kari", got.Nodes[0].From.DisplayName)
	require.Equal(t, "Fjord IL", got.Nodes[0].To.DisplayName)
	require.Equal(t, []string{"treasurer", "cash@fjord.example", "+4741234567", "signs", "2024-01-01"},
		[]string{got.Nodes[0].Role, got.Nodes[0].WorkEmail, got.Nodes[0].WorkPhone, got.Nodes[0].Note, *got.Nodes[0].Since})
	require.Nil(t, got.Nodes[0].Until)
	require.True(t, got.Nodes[0].InForce)
	require.Equal(t, "coach", got.Nodes[1].Role)
	require.Equal(t, 2, out.Contact.People.TotalCount)
	require.Equal(t, "BERG Ola", out.Contact.People.Nodes[0].DisplayName)
	require.Equal(t, "NORDMANN Kari", out.Contact.People.Nodes[1].DisplayName)
	require.Len(t, out.Contact.Relays, 1)
	require.Equal(t, "BERG Ola", out.Contact.Relays[0].DisplayName)
	p.Must(t, s.As(site.Viewer), read, vars{"i": club, "n": 2, "after": got.PageInfo.EndCursor}, &out)
	require.Len(t, out.Contact.Affiliations.Nodes, 1)
	require.Equal(t, "RELAY", out.Contact.Affiliations.Nodes[0].Type.Kind)

	// A role changes; the change is in the history of both.
	p.Must(t, s.As(site.Operator), `mutation($i: UpdateAffiliationInput!) { updateAffiliation(input: $i) { affiliation { role since } errors { code } } }`,
		vars{"i": vars{"id": treasurer, "role": "chair"}}, nil)
	for _, id := range []string{kari, club} {
		changes := historyOf(t, s, id, "")[0].Changes["affiliation"]
		require.Subset(t, changes.Before, map[string]any{"role": "treasurer", "to": "Fjord IL"})
		require.Subset(t, changes.After, map[string]any{"role": "chair", "to": "Fjord IL"})
	}
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { deleteAffiliation(input: {id: $i}) { deletedId errors { code } } }`, vars{"i": treasurer}, nil)
	for _, id := range []string{kari, club} {
		require.Nil(t, historyOf(t, s, id, "")[0].Changes["affiliation"].After)
	}
	p.Refused(t, s.As(site.Operator), "NOT_FOUND", `mutation($i: ID!) { deleteAffiliation(input: {id: $i}) { deletedId errors { code } } }`, vars{"i": treasurer})
}

type linkHistory struct {
	ContactID string
	Contact   struct{ DisplayName string }
	Changes   map[string]struct{ Before, After any }
	Action    string
}

func historyOf(t *testing.T, s *apptest.Site, id, args string) []linkHistory {
	t.Helper()
	var out struct {
		Contact struct {
			History struct{ Nodes []linkHistory }
		}
	}
	s.Program.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { ... on Person { history { nodes { contactId action contact { displayName } changes } } }
		... on Organization { history`+args+` { nodes { contactId action contact { displayName } changes } } } } }`, vars{"i": id}, &out)
	return out.Contact.History.Nodes
}

// S-21: the record of a structure gathers the histories of the individuals linked to it; those of its
// subsidiaries on demand (G-29). The histories of sales come with sales.
func TestOrganizationGathersHistories(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	l := links(t, s)
	club, section, team := newOrganization(t, s, "Fjord IL", nil), newOrganization(t, s, "Fjord Ski", nil), newOrganization(t, s, "Fjord Jump", nil)
	kari, ola, per, other := s.NewPerson(t, "Kari", "A"), s.NewPerson(t, "Ola", "B"), s.NewPerson(t, "Per", "C"), s.NewPerson(t, "Not", "Linked")
	link(t, s, l["SUBSIDIARY"], section, club, nil)
	link(t, s, l["SUBSIDIARY"], team, section, nil)
	link(t, s, l["MEMBER"], kari, club, nil)
	link(t, s, l["RELAY"], kari, club, nil)
	link(t, s, l["MEMBER"], ola, section, nil)
	link(t, s, l["MEMBER"], per, team, nil)
	link(t, s, l["MEMBER"], other, club, vars{"until": "2020-01-01"}) // was, and is no more
	for _, c := range []struct {
		args string
		want []string
	}{
		{"", []string{club}},
		{"(includePeople: true)", []string{club, kari}},
		{"(includeSubsidiaries: true)", []string{club, section, team}},
		{"(includePeople: true, includeSubsidiaries: true)", []string{club, section, team, kari, ola, per}},
	} {
		seen := map[string]bool{}
		for _, e := range historyOf(t, s, club, c.args) {
			seen[e.ContactID] = true
			require.NotEmpty(t, e.Contact.DisplayName)
		}
		got := []string{}
		for id := range seen {
			got = append(got, id)
		}
		require.ElementsMatch(t, c.want, got, c.args)
	}
	people := func(deep bool) (names []string) {
		var out struct {
			Contact struct {
				People struct {
					Nodes []struct{ DisplayName string }
				}
			}
		}
		p.Must(t, s.As(site.Viewer), `query($i: ID!, $d: Boolean!) { contact(id: $i) { ... on Organization { people(includeSubsidiaries: $d) { nodes { displayName } } } } }`, vars{"i": club, "d": deep}, &out)
		for _, n := range out.Contact.People.Nodes {
			names = append(names, n.DisplayName)
		}
		return names
	}
	require.Equal(t, []string{"A Kari"}, people(false))
	require.Equal(t, []string{"A Kari", "B Ola", "C Per"}, people(true))
	// Plain SQL may close a circle; reading it ends all the same.
	_, err := p.DB.Pool.Exec(t.Context(), "INSERT INTO affiliation (site_id, id, type_id, from_id, to_id) VALUES ($1, gen_random_uuid(), $2, $3, $4)", s.ID, l["SUBSIDIARY"], club, team)
	require.NoError(t, err)
	require.Equal(t, []string{"A Kari", "B Ola", "C Per"}, people(true))
}

// S-78: has a connection of type X with contact Y; custom types of link too (G-07). And the relay
// criterion of S-68: a text compared with the relay's name.
func TestAffiliationFilter(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	l := links(t, s)
	var made struct {
		CreateLinkType struct{ LinkType struct{ ID, Kind string } }
	}
	p.Must(t, s.As(site.Manager), `mutation { createLinkType(input: {name: "Sponsor of", reverseName: "Sponsored by", translations: {fr: {name: "Parrain de", reverseName: "Parrainé par"}}}) { linkType { id kind } errors { code message path } } }`, nil, &made)
	sponsor := made.CreateLinkType.LinkType.ID
	require.Equal(t, "CUSTOM", made.CreateLinkType.LinkType.Kind)
	kari, ola := s.NewPerson(t, "Kari", "Ødegård"), s.NewPerson(t, "Ola", "Berg")
	fjord, fjell := newOrganization(t, s, "Fjørd IL", nil), newOrganization(t, s, "Fjell AS", nil)
	link(t, s, l["RELAY"], kari, fjord, vars{"role": "Trésorière"})
	link(t, s, l["MEMBER"], ola, fjord, vars{"role": "coach"})
	link(t, s, sponsor, fjell, ola, nil)
	all := []string{kari, ola, fjord, fjell}
	text := func(op, value string) vars { return vars{"op": op, "value": value} }
	for i, c := range []struct {
		leaf vars
		want []string
	}{
		{vars{}, all},
		{vars{"direction": "OUT"}, []string{kari, ola, fjell}},
		{vars{"kind": "RELAY", "contactId": fjord}, []string{kari}},
		{vars{"typeId": l["MEMBER"], "contactId": fjord}, []string{ola}},
		{vars{"typeId": sponsor, "contactId": ola}, []string{fjell}},
		{vars{"typeId": sponsor}, []string{fjell, ola}},
		{vars{"kind": "CUSTOM", "direction": "IN"}, []string{ola}},
		{vars{"kind": "RELAY", "contactId": fjell}, nil},
		{vars{"kind": "PARENT"}, nil},
		{vars{"kind": "RELAY", "direction": "OUT", "name": text("PREFIX", "fjord")}, []string{kari}},
		{vars{"kind": "RELAY", "direction": "OUT", "name": text("PREFIX", "fjell")}, nil},
		{vars{"kind": "RELAY", "direction": "IN", "name": text("PREFIX", "ode")}, []string{fjord}},
		{vars{"kind": "RELAY", "direction": "IN", "name": text("EQUALS", "Odegard")}, []string{fjord}},
		{vars{"kind": "RELAY", "direction": "IN", "name": text("CONTAINS", "berg")}, nil},
		{vars{"kind": "RELAY", "direction": "IN", "name": text("MATCHES", "kar")}, []string{fjord}}, // the relay's first name too
		{vars{"kind": "RELAY", "direction": "IN", "name": text("MATCHES", "*gard")}, []string{fjord}},
		{vars{"kind": "RELAY", "direction": "IN", "name": text("MATCHES", "Ødegård, k")}, []string{fjord}},
		{vars{"kind": "RELAY", "direction": "IN", "name": text("MATCHES", "Ødegård, o")}, nil},
		{vars{"role": text("EQUALS", "tresoriere"), "direction": "OUT"}, []string{kari}},
		{vars{"role": vars{"op": "EMPTY"}, "direction": "OUT"}, []string{fjell}},
	} {
		require.ElementsMatch(t, c.want, matching(t, s, vars{"affiliation": c.leaf}), "leaf %d: %v", i, c.leaf)
		require.ElementsMatch(t, without(all, c.want), matching(t, s, vars{"not": vars{"affiliation": c.leaf}}), "not leaf %d: %v", i, c.leaf)
	}
	theirs := p.NewSite(t, "theirs")
	const preview = `query($f: ContactFilter!) { segmentPreview(filter: $f) { count } }`
	for _, bad := range []vars{
		{"contactId": theirs.NewPerson(t, "Not", "Ours")}, {"typeId": links(t, theirs)["RELAY"]}, {"kind": "RELAY", "typeId": sponsor}, {"name": vars{"op": "PREFIX"}},
	} {
		p.Refused(t, s.As(site.Viewer), "BAD_INPUT", preview, vars{"f": vars{"affiliation": bad}})
	}
}

// Live segments hear of links, of their end, and of what happens to the contact at the other end.
func TestSegmentsFollowLinks(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	l := links(t, s)
	kari, club := s.NewPerson(t, "Kari", "Nordmann"), newOrganization(t, s, "Fjord IL", nil)
	id := newSegment(t, s, vars{"affiliation": vars{"kind": "MEMBER", "direction": "OUT", "name": vars{"op": "PREFIX", "value": "fjord"}}})
	byName := subscribe(t, p, s.As(site.Viewer), segmentChanged, vars{"id": id})
	byRole := subscribe(t, p, s.As(site.Viewer), `subscription { segmentChanged: segmentPreviewChanged(filter: {role: MEMBER}) { version count entered { id } left updated { id } resync } }`, nil)
	next := func(st *stream) segmentEvent {
		var e segmentEvent
		st.next(t, &e)
		return e
	}
	entered := func(st *stream) {
		e := next(st)
		require.Len(t, e.SegmentChanged.Entered, 1)
		require.Equal(t, kari, e.SegmentChanged.Entered[0].ID)
	}
	left := func(st *stream) { require.Equal(t, []string{kari}, next(st).SegmentChanged.Left) }
	next(byName)
	next(byRole)
	link(t, s, l["MEMBER"], kari, club, nil)
	entered(byName)
	entered(byRole)
	update(t, s, vars{"id": club, "name": "Fjell IL"})
	left(byName)
	update(t, s, vars{"id": club, "name": "Fjord IL"})
	entered(byName)
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { deleteContacts(input: {ids: [$i]}) { deletedIds errors { code } } }`, vars{"i": club}, nil)
	left(byName)
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { restoreContacts(input: {ids: [$i]}) { contacts { id } errors { code } } }`, vars{"i": club}, nil)
	entered(byName)
	_, err := p.DB.Pool.Exec(t.Context(), "DELETE FROM affiliation") // plain SQL: the log's key says whose it was
	require.NoError(t, err)
	left(byName)
}

// S-112, first half: a person takes the structure's address, follows it, and may not edit it meanwhile.
func TestUseTheStructuresAddress(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	club := newOrganization(t, s, "Fjord IL", vars{"address": vars{"lines": []string{"Storgata 1"}, "postcode": "3970", "city": "Langesund", "country": "NO"}})
	const create = `mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id } errors { code message path } } }`
	var made struct {
		CreatePerson struct{ Person struct{ ID string } }
	}
	require.Empty(t, p.Payload(t, s.As(site.Operator), create, vars{"i": vars{"lastName": "Nordmann", "addressOf": club}}, &made))
	kari := made.CreatePerson.Person.ID
	type address struct {
		Address struct {
			Lines                   []string
			Postcode, City, Country string
		}
		AddressOf *struct {
			DisplayName string
			DeletedAt   *string
		}
	}
	read := func() address {
		var out struct{ Contact address }
		p.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { address { lines postcode city country } ... on Person { addressOf { displayName deletedAt } } } }`, vars{"i": kari}, &out)
		return out.Contact
	}
	require.Equal(t, "Langesund", read().Address.City)
	require.Equal(t, []string{"Storgata 1"}, read().Address.Lines)
	require.Equal(t, "Fjord IL", read().AddressOf.DisplayName)

	// It follows, with history, and search finds the new city.
	update(t, s, vars{"id": club, "address": vars{"city": "Ålesund", "postcode": "6003"}})
	require.Equal(t, "Ålesund", read().Address.City)
	require.ElementsMatch(t, []string{kari, club}, matching(t, s, vars{"text": vars{"column": "CITY", "op": "EQUALS", "value": "alesund"}}))
	require.Contains(t, historyOf(t, s, kari, "")[0].Changes, "address.city")

	const change = `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`
	try := func(input vars) []string {
		input["id"] = kari
		return p.Payload(t, s.As(site.Operator), change, vars{"i": input}, nil)
	}
	require.Equal(t, []string{"FOLLOWS_ADDRESS address"}, try(vars{"address": vars{"city": "Oslo"}}))
	require.Equal(t, "Ålesund", read().Address.City)
	require.Empty(t, try(vars{"firstName": "Kari", "address": vars{"city": "Ålesund"}}), "the same address is no change")

	// The trash clears nothing, and is said. To stop keeps the last address, which is one's own then.
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { deleteContacts(input: {ids: [$i]}) { deletedIds errors { code } } }`, vars{"i": club}, nil)
	require.NotNil(t, read().AddressOf.DeletedAt)
	require.Equal(t, "Ålesund", read().Address.City)
	require.Empty(t, try(vars{"addressOf": nil}))
	require.Nil(t, read().AddressOf)
	require.Equal(t, "Ålesund", read().Address.City)
	require.Empty(t, try(vars{"address": vars{"city": "Oslo"}}))
	require.Equal(t, []string{"INVALID addressOf"}, try(vars{"addressOf": club}))
	require.Equal(t, []string{"WRONG_TYPE addressOf"}, try(vars{"addressOf": s.NewPerson(t, "Not", "Organization")}))
	require.Equal(t, []string{"UNKNOWN addressOf"}, try(vars{"addressOf": newOrganization(t, p.NewSite(t, "theirs"), "Theirs", nil)}))
}

// createRelay adds a person and the link together, or neither.
func TestCreateRelay(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	club := newOrganization(t, s, "Fjord IL", vars{"address": vars{"city": "Langesund"}})
	const create = `mutation($i: CreateRelayInput!) { createRelay(input: $i) { person { id roles address { city } } affiliation { role type { kind } to { id } } errors { code message path } } }`
	var out struct {
		CreateRelay struct {
			Person struct {
				Roles   []string
				Address struct{ City string }
			}
			Affiliation struct {
				Role string
				Type struct{ Kind string }
				To   struct{ ID string }
			}
		}
	}
	require.Empty(t, p.Payload(t, s.As(site.Operator), create, vars{"i": vars{"organizationId": club, "person": vars{"lastName": "Nordmann"}, "role": "secretary", "useAddress": true}}, &out))
	require.Equal(t, []string{"RELAY"}, out.CreateRelay.Person.Roles)
	require.Equal(t, "Langesund", out.CreateRelay.Person.Address.City)
	require.Equal(t, club, out.CreateRelay.Affiliation.To.ID)
	require.Equal(t, "secretary", out.CreateRelay.Affiliation.Role)
	for want, input := range map[string]vars{
		"REQUIRED person.lastName": {"organizationId": club, "person": vars{}},
		"INVALID_PHONE workPhone":  {"organizationId": club, "person": vars{"lastName": "Half"}, "workPhone": "12"},
		"UNKNOWN organizationId":   {"organizationId": s.NewPerson(t, "Not", "Organization"), "person": vars{"lastName": "Half"}},
	} {
		require.Equal(t, []string{want}, p.Payload(t, s.As(site.Operator), create, vars{"i": input}, nil))
	}
	require.NotContains(t, strings.Join(find(t, s, nil).names(), ","), "HALF", "a person without the link")
}

// What a link may not be is refused where it can be mended, and rights and sites are kept apart.
func TestLinksAreChecked(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, theirs := p.NewSite(t, "club"), p.NewSite(t, "theirs")
	l := links(t, s)
	a, b, c := s.NewPerson(t, "A", "A"), s.NewPerson(t, "B", "B"), s.NewPerson(t, "C", "C")
	club, top := newOrganization(t, s, "Club", nil), newOrganization(t, s, "Top", nil)
	foreign := theirs.NewPerson(t, "Not", "Ours")
	link(t, s, l["PARENT"], a, b, nil)
	link(t, s, l["PARENT"], b, c, nil)
	link(t, s, l["SUBSIDIARY"], club, top, nil)
	old := link(t, s, l["PARENT"], c, a, vars{"until": "2000-01-01"}) // ended: closes no circle
	for i, bad := range []struct {
		input vars
		want  []string
	}{
		{vars{"typeId": l["PARENT"], "fromId": c, "toId": a}, []string{"CYCLE toId"}},
		{vars{"typeId": l["PARENT"], "fromId": b, "toId": a}, []string{"CYCLE toId"}},
		{vars{"typeId": l["SUBSIDIARY"], "fromId": top, "toId": club}, []string{"CYCLE toId"}},
		{vars{"typeId": l["PARENT"], "fromId": a, "toId": a}, []string{"INVALID toId"}},
		{vars{"typeId": l["PARENT"], "fromId": a, "toId": b}, []string{"TAKEN toId"}},
		{vars{"typeId": l["RELAY"], "fromId": club, "toId": a}, []string{"WRONG_TYPE fromId", "WRONG_TYPE toId"}},
		{vars{"typeId": l["SUBSIDIARY"], "fromId": a, "toId": top}, []string{"WRONG_TYPE fromId"}},
		{vars{"typeId": l["RELAY"], "fromId": foreign, "toId": club}, []string{"UNKNOWN fromId"}},
		{vars{"typeId": links(t, theirs)["RELAY"], "fromId": a, "toId": club}, []string{"UNKNOWN typeId"}},
		{vars{"typeId": l["RELAY"], "fromId": a, "toId": club, "role": strings.Repeat("x", 201), "workEmail": "no", "workPhone": "12", "since": "2024-01-02", "until": "2024-01-01"},
			[]string{"TOO_LONG role", "INVALID_PHONE workPhone", "INVALID_EMAIL workEmail", "INVALID_DATE until"}},
	} {
		_, errors := tryLink(t, s, bad.input)
		require.Equal(t, bad.want, errors, "case %d", i)
	}
	r := p.Do(t, s.As(site.Operator), createAffiliation, vars{"i": vars{"typeId": l["PARENT"], "fromId": c, "toId": a}})
	require.Contains(t, r.Raw, "C C → A A → B B → C C", "the error names the chain")
	const change = `mutation($i: UpdateAffiliationInput!) { updateAffiliation(input: $i) { affiliation { id } errors { code message path } } }`
	require.Equal(t, []string{"CYCLE until"}, p.Payload(t, s.As(site.Operator), change, vars{"i": vars{"id": old, "until": nil}}, nil), "an old link may not come back as a circle")

	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", createAffiliation, vars{"i": vars{"typeId": l["RELAY"], "fromId": a, "toId": club}})
	p.Refused(t, theirs.As(site.Operator), "NOT_FOUND", change, vars{"i": vars{"id": old, "role": "spy"}})
	const addType = `mutation($i: CreateLinkTypeInput!) { createLinkType(input: $i) { linkType { id } errors { code message path } } }`
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", addType, vars{"i": vars{"name": "X of", "reverseName": "Has X"}})
	require.Equal(t, []string{"TAKEN name"}, p.Payload(t, s.As(site.Manager), addType, vars{"i": vars{"name": "RELAY of", "reverseName": "Has X"}}, nil))
	require.Equal(t, []string{"REQUIRED reverseName"}, p.Payload(t, s.As(site.Manager), addType, vars{"i": vars{"name": "X of", "reverseName": ""}}, nil))
	const dropType = `mutation($i: ID!) { deleteLinkType(input: {id: $i}) { deletedId errors { code message path } } }`
	require.Equal(t, []string{"WRONG_TYPE id"}, p.Payload(t, s.As(site.Manager), dropType, vars{"i": l["RELAY"]}, nil))
	p.Refused(t, theirs.As(site.Manager), "NOT_FOUND", dropType, vars{"i": l["RELAY"]})
	var made struct {
		CreateLinkType struct{ LinkType struct{ ID string } }
	}
	require.Empty(t, p.Payload(t, s.As(site.Manager), addType, vars{"i": vars{"name": "Coach of", "reverseName": "Has the coach", "toKind": "PERSON"}}, &made))
	coach := made.CreateLinkType.LinkType.ID
	bond := link(t, s, coach, a, c, nil)
	require.Equal(t, []string{"IN_USE id"}, p.Payload(t, s.As(site.Manager), dropType, vars{"i": coach}, nil))
	p.Must(t, s.As(site.Manager), `mutation($i: ID!) { updateLinkType(input: {id: $i, archived: true}) { linkType { archivedAt } errors { code } } }`, vars{"i": coach}, nil)
	_, errors := tryLink(t, s, vars{"typeId": coach, "fromId": b, "toId": c})
	require.Equal(t, []string{"INVALID typeId"}, errors)
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { deleteAffiliation(input: {id: $i}) { deletedId errors { code } } }`, vars{"i": bond}, nil)
	require.Empty(t, p.Payload(t, s.As(site.Manager), dropType, vars{"i": coach}, nil))
}

// A list of contacts with links, roles, relays and addresses costs the same number of queries, however long.
func TestLinksAreBatched(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	l := links(t, s)
	for i := range 10 {
		club, kari := newOrganization(t, s, fmt.Sprintf("Club %d", i), nil), s.NewPerson(t, "P", fmt.Sprint(i))
		link(t, s, l["RELAY"], kari, club, nil)
		update(t, s, vars{"id": kari, "addressOf": club})
	}
	queries := &queryCounter{}
	p.DB.Bun.AddQueryHook(queries) //nolint:staticcheck // its substitute makes a copy, which the running program would not use
	count := func(first int) int64 {
		queries.n.Store(0)
		var out struct {
			Contacts struct{ Nodes []struct{ ID string } }
		}
		p.Must(t, s.As(site.Viewer), `query($n: Int) { contacts(first: $n) { nodes { id roles affiliations(first: 5) { nodes { type { name } from { displayName } to { displayName } } }
			... on Organization { relays { displayName } } ... on Person { addressOf { displayName } } } } }`, vars{"n": first}, &out)
		require.Len(t, out.Contacts.Nodes, first)
		return queries.n.Load()
	}
	require.LessOrEqual(t, count(20), count(14)+1)
	require.Equal(t, count(14), count(20), "the number of queries grows with the list")
}

// G-07: the site's own types of link have a place among all, and moving one renumbers the others.
func TestLinkTypesHaveAnOrder(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	names := func() (out []string) {
		var got struct {
			LinkTypes []struct{ ID, Name, Kind string }
		}
		p.Must(t, s.As(site.Viewer), `{ linkTypes { id name kind } }`, nil, &got)
		for _, one := range got.LinkTypes {
			if one.Kind == "CUSTOM" {
				out = append(out, one.Name)
			}
		}
		return out
	}
	var ids []string
	for _, name := range []string{"Coach of", "Sponsor of", "Friend of"} {
		var made struct {
			CreateLinkType struct{ LinkType struct{ ID string } }
		}
		p.Must(t, s.As(site.Manager), `mutation($n: String!) { createLinkType(input: {name: $n, reverseName: $n}) { linkType { id } errors { code message path } } }`, vars{"n": name}, &made)
		ids = append(ids, made.CreateLinkType.LinkType.ID)
	}
	move := func(id string, to int) {
		p.Must(t, s.As(site.Manager), `mutation($i: ID!, $p: Int!) { updateLinkType(input: {id: $i, position: $p}) { errors { code message path } } }`, vars{"i": id, "p": to}, nil)
	}
	require.Equal(t, []string{"Coach of", "Sponsor of", "Friend of"}, names())
	move(ids[2], 5)
	require.Equal(t, []string{"Coach of", "Friend of", "Sponsor of"}, names())
	move(ids[0], 99)
	require.Equal(t, []string{"Friend of", "Sponsor of", "Coach of"}, names())
}
