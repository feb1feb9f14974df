package graph_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"carnet/graph"
	"carnet/graph/plan"
	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// hotQueries run from plans. What is asked of one whose $conditions are true may be the executor's.
var hotQueries = []struct {
	query string
	vars  vars
}{
	{query: `{ contacts(first: 200) { nodes { id number kind displayName email phone mobile language color createdAt address { lines postcode city country subdivision }
		groups { id name description color } answers { field { id type label } yesNo text number date checked display } } pageInfo { hasNextPage endCursor startCursor hasPreviousPage } } }`},
	{query: `query($t: String!) { contactSuggestions(text: $t, first: 7) { id number displayName address { postcode country } } }`, vars: vars{"t": "a"}},
	{query: `query($t: String!) { contactSuggestions(text: $t) { __typename id ... on Person { firstName lastName title } ... on Organization { name } } }`, vars: vars{"t": "o*"}},
	{query: `{ found: contacts(search: "*a", first: 20, includeUnlisted: true) { nodes { i: id displayName email address { city } } pageInfo { hasNextPage } } }`},
	{query: `query($f: ContactFilter) { contacts(filter: $f, first: 30, orderBy: {by: NUMBER, direction: DESC}) { nodes { number displayName } } }`, vars: vars{"f": vars{"kind": "PERSON"}}},
	{query: `query($after: String) { contacts(first: 3, after: $after, orderBy: {by: CREATED_AT, direction: ASC}) { nodes { id } pageInfo { endCursor startCursor hasPreviousPage } } }`},
	{query: `{ contacts(last: 4, orderBy: {by: CITY, direction: ASC}) { nodes { address { city } address { country } address { lines } updatedAt deletedAt } pageInfo { startCursor } } }`},
	{query: `{ contacts(first: 200) { nodes { listed language source types createdAt updatedAt deletedAt roles answers { display } ... on Person { birthDate age company } ... on Organization { name } } } }`},
	{query: `{ contacts(trash: true, orderBy: {by: UPDATED_AT}) { nodes { groups { name } deletedAt } pageInfo { endCursor } } }`},
	{query: `{ contacts(search: "a*", first: 30) { nodes { groups { name } types answers { field { label } text yesNo checked } } pageInfo { endCursor } } }`},
	{query: `{ contacts(trash: true) { nodes { id deletedAt statuses } } }`},
	{query: `{ contacts { nodes { statuses salesSummary { orders spent tickets passes bookings channel lastPurchaseOn } } } }`},
	{query: `{ contacts { nodes { indicators { indicator { id name } value band { id label from } } } } }`},
	{query: `{ contacts(first: 200) { nodes { ...Row ...Cells } } }
		fragment Row on Contact { displayName listed source types groups { color } ... on Person { company birthDate age } }
		fragment Cells on Person { __typename firstName groups { id } }`},
	{query: `query($with: Boolean!, $not: Boolean! = true) { contacts(first: 50) { nodes { id labels @include(if: $with) { id name color } roles @include(if: $with) answers @skip(if: $not) { display }
		... on Person @include(if: $with) { age } relays: history(first: 1) @include(if: false) { nodes { id } } } } }`, vars: vars{"with": true}},
	{query: `query($with: Boolean!) { contacts(first: 5) { nodes { id ... on Organization @include(if: $with) { relays(first: 2) { id } } } } }`, vars: vars{"with": true}},
	{query: `query($with: Boolean!) { contacts(first: 5) { nodes { id ... on Organization @include(if: $with) { relays(first: 2) { id } } } } }`, vars: vars{"with": false}},
	{query: `{ contacts(first: 0) { nodes { id } } }`},
	{query: `query($w: Boolean = true) { contacts(first: 1) { nodes { id number @include(if: $w) } } }`, vars: vars{"w": nil}},
	{query: fanOut(6, "id")},
	{query: fanOut(5, "address { city }")},
	{query: `{ contacts(after: "no cursor") { nodes { id } } }`},
	{query: `{ contacts(search: "a\u0000b") { nodes { id } } }`},
	{query: `{ contacts(segmentId: "0190b0a5-0000-7000-8000-000000000000") { nodes { id } } }`},
	{query: `{ contactSuggestions(text: "a", first: 99) { id } }`},
}

// fanOut is a document whose fragments each mention the next one twice.
func fanOut(levels int, leaf string) string {
	var b strings.Builder
	b.WriteString("{ contacts(first: 1) { nodes { ...F0 } } }")
	for i := range levels {
		fmt.Fprintf(&b, " fragment F%d on Contact { ...F%d ...F%d }", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on Contact { %s }", levels, leaf)
	return b.String()
}

// What runs from a plan answers byte for byte as the executor does, for whoever asks: staff of each role, staff
// who may not read birth dates, a visitor. A second root field, which no plan has, sends a query to the executor.
func TestPlansAnswerAsTheExecutor(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	require.NoError(t, p.App.Contacts.Seed(s.AsOwner(t.Context()), s.ID, 150, nil))
	odd := s.NewPerson(t, "Å\"sa \\ \t", "Ø<i>zil & søn \u2028 🎈")
	s.NewPerson(t, "", "Only")
	gone := s.NewPerson(t, "Gone", "Away")
	p.Must(t, s.As(site.Manager), `mutation($i: [ID!]!) { deleteContacts(input: {ids: $i}) { errors { code } } }`, vars{"i": []string{gone}}, nil)
	require.Empty(t, p.Payload(t, s.As(site.Manager), updateContact, vars{"i": vars{"id": odd, "birthDate": "1987-04-30", "types": []string{"GUIDE", "PARTNER"},
		"answers": []vars{
			{"fieldId": newField(t, s, vars{"type": "NUMBER", "label": "Seats"}).ID, "number": -1234567.5},
			{"fieldId": newField(t, s, vars{"type": "DATE", "label": "Since"}).ID, "date": "2026-12-31"},
			{"fieldId": newField(t, s, vars{"type": "LONG_TEXT", "label": "Story"}).ID, "text": "one\n\"two\""},
		}}}, nil))

	order(t, s, odd, "shop", sells(t, s).ticket)

	compare := func(h apptest.Header, what string) {
		for _, q := range hotQueries {
			planned := p.Do(t, h, q.query, q.vars)
			executed := p.Do(t, h, secondRoot.ReplaceAllString(q.query, "$1 also: __typename }$2"), q.vars)
			same := func(raw string) string {
				return requestIDs.ReplaceAllString(strings.Replace(raw, `,"also":"Query"`, "", 1), "")
			}
			require.Equal(t, same(executed.Raw), same(planned.Raw), "%s: %s", what, q.query)
		}
	}
	for _, role := range []site.Role{site.Viewer, site.Operator, site.Manager} {
		compare(s.As(role), string(role))
	}
	compare(s.SignIn(t, site.Viewer), "signed in")
	p.Must(t, s.As(site.Manager), updateSite, vars{"i": vars{"sensitiveAttributes": []vars{{"attribute": "BIRTH_DATE", "readableBy": "MANAGER"}}}}, nil)
	compare(s.As(site.Operator), "operator without birth dates")
	require.NotContains(t, p.Do(t, s.As(site.Operator), `{ contacts { nodes { ... on Person { birthDate } } } }`, nil).Raw, "1987")
	compare(s.Visitor(), "visitor")
	compare(apptest.Header{}, "nobody")
}

var requestIDs = regexp.MustCompile(`"requestId":"[^"]*"`)

// secondRoot finds the end of the operation's selection: the last brace of its line, or before a fragment.
var secondRoot = regexp.MustCompile(`(?s)^(.*?)\}(\s*(?:fragment.*)?)$`)

// Every hot query has a plan, and so has the list that the admin asks for; what a plan cannot do has none.
func TestHotQueriesHavePlans(t *testing.T) {
	t.Parallel()
	schema, ok := graph.Executable(&graph.Resolver{}).(*plan.Schema)
	require.True(t, ok)
	plans := func(query string) bool {
		doc, errs := gqlparser.LoadQueryWithRules(schema.Schema(), query, rules.NewDefaultRules())
		require.Empty(t, errs, query)
		return schema.Plans(doc.Operations[0])
	}
	for _, q := range hotQueries {
		require.True(t, plans(q.query), q.query)
	}
	require.True(t, plans(fanOut(40, "address { city }")), "in no time: each fragment is looked at once")
	for _, q := range []string{
		`{ viewer { site { id } } }`, `{ contacts { totalCount } }`, `{ contacts { nodes { history { nodes { id } } } } }`, `{ a: __typename contacts { nodes { id } } }`,
		`mutation { deleteContacts(input: {ids: []}) { deletedIds } }`, `query($w: Boolean!) { contacts { nodes { a: id @include(if: $w) a: id } } }`, `query($w: Boolean!) { contacts @include(if: $w) { nodes { id } } }`,
		`subscription { contactChanged(id: "0190b0a5-0000-7000-8000-000000000000") { contact { id } } }`,
	} {
		require.False(t, plans(q), q)
	}
	var list strings.Builder
	for file, pieces := range map[string][]string{"contact": {"fragment ContactName", "fragment ContactRow"}, "list/list": {"fragment ContactCells", "query ContactList"}} {
		text, err := os.ReadFile("../admin/src/feature/contact/" + file + ".graphql")
		require.NoError(t, err)
		for _, piece := range pieces {
			list.WriteString(regexp.MustCompile(`(?ms)^` + piece + `\b.*?^\}\n`).FindString(string(text)))
		}
	}
	require.True(t, plans(list.String()))
}
