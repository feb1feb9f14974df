package graph_test

import (
	"fmt"
	"strings"
	"testing"

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
	queries := &queryCounter{}
	p := apptest.StartTraced(t, queries)
	s := p.NewSite(t, "club")
	l := links(t, s)
	for i := range 10 {
		club, kari := newOrganization(t, s, fmt.Sprintf("Club %d", i), nil), s.NewPerson(t, "P", fmt.Sprint(i))
		link(t, s, l["RELAY"], kari, club, nil)
		update(t, s, vars{"id": kari, "addressOf": club})
	}
	count := func(first int) int64 {
		return queries.least(func() {
			var out struct {
				Contacts struct{ Nodes []struct{ ID string } }
			}
			p.Must(t, s.As(site.Viewer), `query($n: Int) { contacts(first: $n) { nodes { id roles affiliations(first: 5) { nodes { type { name } from { displayName } to { displayName } } }
			... on Organization { relays { displayName } } ... on Person { addressOf { displayName } } } } }`, vars{"n": first}, &out)
			require.Len(t, out.Contacts.Nodes, first)
		})
	}
	require.LessOrEqual(t, count(20), count(14)+1)
	require.Equal(t, count(14), count(20), "the number of queries grows with the list")
}
