package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

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
