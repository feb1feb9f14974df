package graph_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// D-01: contacts, organizations, groups and custom fields can be queried and changed, and every type
// and field of the schema is described.
func TestSchemaIsDescribed(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	var out struct {
		Schema struct {
			Types []struct {
				Name, Kind  string
				Description *string
				Fields      []struct {
					Name        string
					Description *string
				}
			}
			QueryType, MutationType struct{ Fields []struct{ Name string } }
		} `json:"__schema"`
	}
	p.Must(t, s.As(site.Viewer), `{ __schema { queryType { fields { name } } mutationType { fields { name } }
		types { name kind description fields { name description } } } }`, nil, &out)
	names := map[string]bool{}
	for _, f := range append(out.Schema.QueryType.Fields, out.Schema.MutationType.Fields...) {
		names[f.Name] = true
	}
	for _, want := range []string{"contact", "contacts", "organizations", "groups", "customFields", "createPerson", "createOrganization", "updateContact", "createGroup", "createCustomField", "updateCustomField"} {
		require.True(t, names[want], "the API lacks %s", want)
	}
	for _, typ := range out.Schema.Types {
		if strings.HasPrefix(typ.Name, "__") {
			continue
		}
		require.NotNil(t, typ.Description, "type %s has no description", typ.Name)
		require.NotEmpty(t, *typ.Description, "type %s has no description", typ.Name)
		for _, f := range typ.Fields {
			require.NotNil(t, f.Description, "%s.%s has no description", typ.Name, f.Name)
		}
	}
}

const listContacts = `query($search: String, $order: ContactOrder, $first: Int, $after: String, $last: Int, $before: String, $trash: Boolean! = false, $all: Boolean! = false) {
	contacts(search: $search, orderBy: $order, first: $first, after: $after, last: $last, before: $before, trash: $trash, includeUnlisted: $all) {
		totalCount nodes { id number displayName } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`

type contactList struct {
	Contacts struct {
		TotalCount int
		Nodes      []struct {
			ID, DisplayName string
			Number          int
		}
		Edges    []struct{ Cursor string }
		PageInfo struct {
			HasNextPage, HasPreviousPage bool
			StartCursor, EndCursor       *string
		}
	}
}

func find(t *testing.T, s *apptest.Site, v vars) contactList {
	t.Helper()
	var out contactList
	s.Program.Must(t, s.As(site.Viewer), listContacts, v, &out)
	if info := out.Contacts.PageInfo; !info.HasNextPage && !info.HasPreviousPage {
		require.Len(t, out.Contacts.Nodes, out.Contacts.TotalCount, "%v", v) // which is counted otherwise
	}
	return out
}

func (l contactList) names() []string {
	out := []string{}
	for _, n := range l.Contacts.Nodes {
		out = append(out, n.DisplayName)
	}
	return out
}

// The search box: S-99 to S-104's rules, first form.
func TestSearch(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	for _, n := range [][2]string{{"Jean", "Dupont"}, {"Marie", "Dupont"}, {"Céline", "Dupontel"}, {"CELINE", "Pierpont"}, {"Åse", "Ødegård"}, {"Anne", "Du Pont"}, {"Groß", "Müller"}, {"Œuvre", "Łódź"}} {
		s.NewPerson(t, n[0], n[1])
	}
	update(t, s, vars{"id": s.NewPerson(t, "Kari", "Telefon"), "mobile": "41234567", "email": "kari.telefon@example.no"})
	for typed, want := range map[string][]string{
		"dup":            {"DUPONT Jean", "DUPONT Marie", "DUPONTEL Céline"},
		"DÛP":            {"DUPONT Jean", "DUPONT Marie", "DUPONTEL Céline"},
		"celine":         {"DUPONTEL Céline", "PIERPONT CELINE"},
		"*pont":          {"DU PONT Anne", "DUPONT Jean", "DUPONT Marie", "PIERPONT CELINE"},
		"*pont*":         {"DU PONT Anne", "DUPONT Jean", "DUPONT Marie", "DUPONTEL Céline", "PIERPONT CELINE"},
		"du*nt":          {"DU PONT Anne", "DUPONT Jean", "DUPONT Marie"},
		"Dupont, j":      {"DUPONT Jean"},
		"dupont , JE":    {"DUPONT Jean"},
		"jean dupont":    {"DUPONT Jean"},
		"dupont mar":     {"DUPONT Marie"},
		"odegard":        {"ØDEGÅRD Åse"},
		"ase":            {"ØDEGÅRD Åse"},
		"gross":          {"MÜLLER Groß"},
		"oeuvre":         {"ŁÓDŹ Œuvre"},
		"lodz":           {"ŁÓDŹ Œuvre"},
		"412 34 567":     {"TELEFON Kari"},
		"+47 41234567":   {"TELEFON Kari"},
		"0047 412 34567": {"TELEFON Kari"},
		"kari.tel":       {"TELEFON Kari"},
		"KARI.telefon@":  {"TELEFON Kari"},
		"9":              {"TELEFON Kari"}, // the ninth contact
		"pont":           {"DU PONT Anne"}, // the second part of a compound surname
		"100%":           {},
		"_upont":         {},
	} {
		require.Equal(t, want, find(t, s, vars{"search": typed}).names(), "search %q", typed)
	}
	var sug struct {
		ContactSuggestions []struct{ DisplayName string }
	}
	p.Must(t, s.As(site.Viewer), `{ contactSuggestions(text: "dup", first: 2) { displayName } }`, nil, &sug)
	require.Len(t, sug.ContactSuggestions, 2)
}

// Keyset paging gives every contact once, in every order, forwards and backwards.
func TestPaging(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	for i := range 13 {
		id := s.NewPerson(t, fmt.Sprintf("F%d", i%3), fmt.Sprintf("L%d", i%4))
		update(t, s, vars{"id": id, "email": fmt.Sprintf("m%d@example.no", i%5), "address": vars{"city": fmt.Sprintf("C%d", i%2)}})
	}
	for _, by := range []string{"NAME", "FIRST_NAME", "NUMBER", "EMAIL", "CITY", "CREATED_AT", "UPDATED_AT"} {
		for _, direction := range []string{"ASC", "DESC"} {
			order := vars{"by": by, "direction": direction}
			whole := find(t, s, vars{"order": order, "first": 200})
			require.Equal(t, 13, whole.Contacts.TotalCount)
			walk := func(size, from string) (ids []string) {
				v := vars{"order": order, size: 4}
				for range 10 {
					page := find(t, s, v)
					part := []string{}
					for _, n := range page.Contacts.Nodes {
						part = append(part, n.ID)
					}
					more := page.Contacts.PageInfo.HasNextPage
					if size == "last" {
						ids, more = append(part, ids...), page.Contacts.PageInfo.HasPreviousPage
						v[from] = *page.Contacts.PageInfo.StartCursor
					} else {
						ids = append(ids, part...)
						v[from] = *page.Contacts.PageInfo.EndCursor
					}
					if !more {
						return ids
					}
				}
				t.Fatal("paging does not end")
				return nil
			}
			want := []string{}
			for _, n := range whole.Contacts.Nodes {
				want = append(want, n.ID)
			}
			require.Equal(t, want, walk("first", "after"), "%s %s forwards", by, direction)
			require.Equal(t, want, walk("last", "before"), "%s %s backwards", by, direction)
		}
	}
	for _, bad := range []vars{{"first": 0}, {"first": 201}, {"first": 1, "last": 1}, {"after": "nonsense"}, {"after": find(t, s, vars{"order": vars{"by": "CITY"}, "first": 1}).Contacts.Edges[0].Cursor}} {
		p.Refused(t, s.As(site.Viewer), "BAD_INPUT", listContacts, bad)
	}
}

// Trash, restore and the history of it all.
func TestTrashAndHistory(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	id := s.NewPerson(t, "Kari", "Nordmann")
	update(t, s, vars{"id": id, "lastName": "Hansen", "email": "kari@example.no"})
	update(t, s, vars{"id": id, "lastName": "Hansen"}) // changes nothing, writes nothing
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { deleteContacts(input: {ids: [$i]}) { deletedIds errors { code } } }`, vars{"i": id}, nil)
	require.Empty(t, find(t, s, nil).names())
	require.Equal(t, []string{"HANSEN Kari"}, find(t, s, vars{"trash": true}).names())
	require.Equal(t, []string{"HANSEN Kari"}, find(t, s, vars{"trash": true, "search": "hans"}).names(), "it is searched too")
	p.Refused(t, s.As(site.Operator), "CONFLICT", `mutation($i: ID!) { updateContact(input: {id: $i, lastName: "X"}) { contact { id } errors { code } } }`, vars{"i": id})
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { restoreContacts(input: {ids: [$i]}) { contacts { id } errors { code } } }`, vars{"i": id}, nil)
	require.Equal(t, []string{"HANSEN Kari"}, find(t, s, nil).names())
	var out struct {
		Contact struct {
			History struct {
				Nodes []struct {
					Action, Surface, ActorName, ActorKind string
					Changes                               map[string]struct{ Before, After any }
				}
			}
		}
	}
	p.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { history { nodes { action surface actorName actorKind changes } } } }`, vars{"i": id}, &out)
	actions := []string{}
	for _, e := range out.Contact.History.Nodes {
		actions = append(actions, e.Action)
		require.Equal(t, "operator", e.ActorName)
		require.Equal(t, "API_KEY", e.ActorKind)
		require.Equal(t, "api", e.Surface)
	}
	require.Equal(t, []string{"restored", "deleted", "updated", "created"}, actions)
	require.Equal(t, "Nordmann", out.Contact.History.Nodes[2].Changes["lastName"].Before)
	require.Equal(t, "Hansen", out.Contact.History.Nodes[2].Changes["lastName"].After)
}

// Bad values are refused, all at once, at their places, and nothing is half-written.
func TestContactInputIsChecked(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	const create = `mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id } errors { code message path } } }`
	for _, c := range []struct {
		input vars
		want  []string
	}{
		{vars{}, []string{"REQUIRED lastName"}},
		{vars{"lastName": strings.Repeat("x", 100_000)}, []string{"TOO_LONG lastName", "REQUIRED lastName"}},
		{vars{"lastName": "a\x00b", "firstName": "ok"}, []string{"INVALID_TEXT lastName"}},
		{vars{"lastName": "X", "email": "not an address", "phone": "12", "color": "red", "birthDate": "2999-01-01"},
			[]string{"INVALID_PHONE phone", "INVALID_EMAIL email", "INVALID_COLOR color", "INVALID_DATE birthDate"}},
		{vars{"lastName": "X", "address": vars{"country": "NOR", "lines": []string{"1", "2", "3", "4"}}}, []string{"TOO_LONG address.country", "TOO_LONG address.lines"}},
		{vars{"lastName": "X", "groupIds": []string{"00000000-0000-7000-8000-000000000000"}}, []string{"UNKNOWN groupIds.0"}},
	} {
		require.Equal(t, c.want, p.Payload(t, s.As(site.Operator), create, vars{"i": c.input}, nil))
	}
	require.Zero(t, find(t, s, vars{"all": true}).Contacts.TotalCount)
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", `{ contact(id: "42") { id } }`, nil)
	p.Refused(t, s.As(site.Viewer), "NOT_FOUND", `{ contact(id: "00000000-0000-7000-8000-000000000000") { id } }`, nil)
	p.Refused(t, s.As(site.Operator), "BAD_INPUT", create, vars{"i": vars{"lastName": 42}})

	status, body := p.HTTP(t, "POST", "/graphql", s.As(site.Operator), "application/json",
		strings.NewReader(`{"query":"mutation{createPerson(input:{lastName:\"`+strings.Repeat("x", 1<<20)+`\"}){person{id}}}"}`))
	require.Equal(t, 413, status, body)
	_, body = p.HTTP(t, "POST", "/graphql", s.As(site.Operator), "application/json", strings.NewReader("{\"query\":\"mutation{createPerson(input:{lastName:\\\"a\xff\xfeb\\\"}){person{id} errors{code}}}\"}"))
	require.Contains(t, body, "not UTF-8")
	require.Zero(t, find(t, s, vars{"all": true}).Contacts.TotalCount)
}

// Lists within lists cost a fixed number of queries, whatever their length.
func TestListsInListsAreBatched(t *testing.T) {
	t.Parallel()
	queries := &queryCounter{}
	p := apptest.StartTraced(t, queries)
	s := p.NewSite(t, "club")
	var g struct {
		CreateGroup struct{ Group struct{ ID string } }
	}
	p.Must(t, s.As(site.Manager), `mutation { createGroup(input: {name: "All"}) { group { id } errors { code } } }`, nil, &g)
	interest := set(t, s, createLabelSet, vars{"name": "Interest", "labels": labelItems("Choir")})
	for i := range 30 {
		update(t, s, vars{"id": s.NewPerson(t, "P", fmt.Sprint(i)), "groupIds": []string{g.CreateGroup.Group.ID}, "labelIds": []string{interest.label(t, "Choir")}})
	}
	count := func(first int) int64 {
		return queries.least(func() {
			var out struct {
				Contacts struct {
					Nodes []struct{ Groups, Labels []struct{ Name string } }
				}
			}
			p.Must(t, s.As(site.Viewer), `query($n: Int) { contacts(first: $n) { nodes { groups { name } labels { name setName contactCount } statuses answers { display } } } }`, vars{"n": first}, &out)
			require.Len(t, out.Contacts.Nodes, first)
			for _, n := range out.Contacts.Nodes {
				require.Len(t, n.Groups, 1)
				require.Len(t, n.Labels, 1)
			}
		})
	}
	require.Equal(t, count(2), count(30), "the number of queries grows with the list")
}

// queryCounter counts the queries about contacts and what hangs on them, of both pools.
type queryCounter struct{ n atomic.Int64 }

// least gives how many queries work makes, at the least: what works in the background may add its own.
func (q *queryCounter) least(work func()) int64 {
	least := int64(math.MaxInt64)
	for range 3 {
		before := q.n.Load()
		work()
		least = min(least, q.n.Load()-before)
	}
	return least
}

func (q *queryCounter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if strings.Contains(data.SQL, "contact") || strings.Contains(data.SQL, "account") || strings.Contains(data.SQL, "custom_field") {
		q.n.Add(1)
	}
	return ctx
}

func (q *queryCounter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
