package limit_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"carnet/graph/limit"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/introspection"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

const sdl = `
	type Query {
		contact(id: ID): Contact
		contacts(first: Int, last: Int, after: String): ContactConnection!
		free(first: Int): [Contact!]!
		page(first: Int): [Contact!]!
	}
	type ContactConnection { edges: [ContactEdge!]! nodes: [Contact!]! totalCount: Int! }
	type ContactEdge { node: Contact! cursor: String! }
	type Contact {
		id: ID! name: String! email: String number: Int status: String phone: String language: String
		firstName: String lastName: String birthday: String company: String city: String country: String
		createdAt: String updatedAt: String deletedAt: String notes: String consent: Boolean owner: String
		self: Contact
		groups: [Group!]!
		everyone: ContactConnection!
		relations(first: Int = 20, last: Int): ContactConnection!
	}
	type Group { id: ID! name: String! }
`

// book is a schema that counts how it is used: Schema is asked for at validation, Complexity once
// for every field that is priced.
type book struct {
	schema      *ast.Schema
	validations atomic.Int64
	priced      atomic.Int64
}

func newBook() *book {
	return &book{schema: gqlparser.MustLoadSchema(&ast.Source{Input: sdl})}
}

func (b *book) Schema() *ast.Schema {
	b.validations.Add(1)
	return b.schema
}

func (b *book) Complexity(_ context.Context, typeName, field string, _ int, _ map[string]any) (int, bool) {
	b.priced.Add(1)
	if typeName == "Query" && field == "free" {
		return 7, true
	}
	return 0, false
}

func (b *book) Exec(context.Context) graphql.ResponseHandler {
	return graphql.OneShot(&graphql.Response{Data: []byte(`{}`)})
}

// started gives a context as gqlgen's handler does.
func started() context.Context { return graphql.StartOperationTrace(context.Background()) }

// admit sends a document through an executor that has both extensions.
func admit(b *book, query string, vars map[string]any) gqlerror.List {
	exec := executor.New(b)
	exec.Use(limit.Guard{})
	exec.Use(&limit.Limits{})
	b.validations.Store(0)
	_, errs := exec.CreateOperationContext(started(), &graphql.RawParams{Query: query, Variables: vars})
	return errs
}

// bomb spells out 2^levels fields in under a kilobyte.
func bomb(levels int) string {
	var b strings.Builder
	b.WriteString("{contact{...F0}}")
	for i := range levels {
		fmt.Fprintf(&b, "fragment F%d on Contact{a:self{...F%d}b:self{...F%d}}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "fragment F%d on Contact{id}", levels)
	return b.String()
}

// flat spreads a fragment twice in each of its like, without nesting fields.
func flat(levels int) string {
	var b strings.Builder
	b.WriteString("{contact{...F0}}")
	for i := range levels {
		fmt.Fprintf(&b, "fragment F%d on Contact{...F%d ...F%d}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "fragment F%d on Contact{id name}", levels)
	return b.String()
}

// Attacks are refused, with bounded work: those on the text before it is parsed, those on its
// meaning after each field of the text was priced at most twice.
func TestAttacksAreRefused(t *testing.T) {
	t.Parallel()
	aliases := func(n int) string {
		var b strings.Builder
		b.WriteString("{contact{")
		for i := range n {
			fmt.Fprintf(&b, "a%d:id ", i)
		}
		return b.String() + "}}"
	}
	roots := func(n int) string {
		var b strings.Builder
		b.WriteString("{")
		for i := range n {
			fmt.Fprintf(&b, "a%d:contact{id}", i)
		}
		return b.String() + "}"
	}
	for _, c := range []struct {
		name, query string
		vars        map[string]any
		limit       string
		text        bool // refused on its text
	}{
		{"10,000 aliases", aliases(10_000), nil, "bytes", true},
		{"9,000 short aliases", "{" + strings.Repeat("a:id ", 9000) + "}", nil, "repeated names", true},
		{"1 MB", "{contact{id}} #" + strings.Repeat("x", 1<<20), nil, "bytes", true},
		{"5,000 deep", strings.Repeat("{self", 5000) + strings.Repeat("}", 5000), nil, "nesting", true},
		{"5,000 deep in a value", "{contact(id:" + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "){id}}", nil, "nesting", true},
		{"1,000 tokens of names", "{contact{" + strings.Repeat("id email name self groups relations ", 1000) + "}}", nil, "repeated names", true},
		{"11 KB of one name", "{contact{" + strings.Repeat("self{id}", 1400) + "}}", nil, "repeated names", true},
		{"11 KB of one spread", "{contact{" + strings.Repeat("...F ", 2200) + "}}fragment F on Contact{id}", nil, "repeated names", true},
		{"directives on one field", "{contact{id " + strings.Repeat("@include(if:true)", 2000) + "}}", nil, "directives", true},
		{"commas and comments", "{contact{id}}" + strings.Repeat("#\n", 20_000), nil, "tokens", true},
		{"200 operations", strings.Repeat("query A{contact{id}}", 200), nil, "definitions", true},
		{"fragment bomb, 24 levels", bomb(24), nil, "depth", false},
		{"fragment bomb, 11 levels", bomb(11), nil, "depth", false},
		{"fragment bomb, 8 levels", bomb(8), nil, "aliases", false},
		{"flat fragment bomb, 40 levels", flat(40), nil, "cost", false},
		{"60 aliases", aliases(60), nil, "aliases", false},
		{"21 root fields", roots(21), nil, "root fields", false},
		{"13 deep", "{contact" + strings.Repeat("{self", 11) + "{id}" + strings.Repeat("}", 11) + "}", nil, "depth", false},
		{"first:200 in first:200", "{contacts(first:200){edges{node{relations(first:200){edges{node{id}}}}}}}", nil, "cost", false},
		{"the same by last and variables", "query($n:Int){contacts(last:$n){nodes{relations(last:$n){nodes{id}}}}}", map[string]any{"n": 200}, "cost", false},
		{"first:2147483647", "{contacts(first:2147483647){nodes{id}}}", nil, "cost", false},
		{"pages of default size, four times", "{contacts{nodes{relations{nodes{relations{nodes{relations{nodes{id}}}}}}}}}", nil, "cost", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBook()
			start := time.Now()
			errs := admit(b, c.query, c.vars)
			t.Logf("%d bytes refused in %v", len(c.query), time.Since(start))
			require.Len(t, errs, 1)
			require.Equal(t, "TOO_COMPLEX", errs[0].Extensions["code"], errs[0].Message)
			require.Equal(t, c.limit, errs[0].Extensions["limit"], errs[0].Message)
			require.Greater(t, errs[0].Extensions["measured"], errs[0].Extensions["max"])
			require.Contains(t, errs[0].Message, fmt.Sprintf("limit on %s: %d, and at most %d", c.limit, errs[0].Extensions["measured"], errs[0].Extensions["max"]))
			if c.text {
				require.Zero(t, b.validations.Load(), "it must not be validated")
			}
			require.LessOrEqual(t, b.priced.Load(), int64(2*fieldsIn(c.query)))
		})
	}
}

// fieldsIn counts the fields as written, an upper bound.
func fieldsIn(query string) int {
	return strings.Count(query, "self") + strings.Count(query, "id") + strings.Count(query, "name") +
		strings.Count(query, "contact") + strings.Count(query, "node") + strings.Count(query, "edges") + strings.Count(query, "relations")
}

func TestCyclicFragmentsAreInvalid(t *testing.T) {
	t.Parallel()
	const cyclic = "{contact{...A}}fragment A on Contact{self{...B}}fragment B on Contact{self{...A}}"
	errs := admit(newBook(), cyclic, nil)
	require.NotEmpty(t, errs)
	require.Equal(t, errcode.ValidationFailed, errs[0].Extensions["code"])

	// Limits does not rely on that.
	doc, err := parser.ParseQuery(&ast.Source{Input: cyclic})
	require.NoError(t, err)
	for _, f := range doc.Fragments {
		f.SelectionSet[0].(*ast.Field).SelectionSet[0].(*ast.FragmentSpread).Definition = doc.Fragments[(indexOf(doc, f)+1)%2]
	}
	doc.Operations[0].SelectionSet[0].(*ast.Field).SelectionSet[0].(*ast.FragmentSpread).Definition = doc.Fragments[0]
	l := &limit.Limits{}
	require.NoError(t, l.Validate(newBook()))
	require.Nil(t, l.MutateOperationContext(context.Background(), &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0]}))
}

func indexOf(doc *ast.QueryDocument, f *ast.FragmentDefinition) int {
	for i := range doc.Fragments {
		if doc.Fragments[i] == f {
			return i
		}
	}
	return -1
}

// What clients really send passes: pages of contacts, a contact's page, GraphiQL's introspection.
func TestHonestOperationsPass(t *testing.T) {
	t.Parallel()
	graphiql, err := os.ReadFile("testdata/graphiql.graphql")
	require.NoError(t, err)
	for name, query := range map[string]string{
		"first page":              "{contacts(first:200){totalCount edges{cursor node{id name email groups{id name} relations(first:1){nodes{id name}}}}}}",
		"schema's own complexity": "{free(first:100000){id}}",
		"12 deep":                 "{contact" + strings.Repeat("{self", 10) + "{id}" + strings.Repeat("}", 10) + "}",
		"50 names":                "{contact{" + strings.Repeat("id name email groups{id name} self{id}", 30) + "}}",
		"introspection, gqlgen's": introspection.Query,
		"introspection, GraphiQL": string(graphiql),
	} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, admit(newBook(), query, nil))
		})
	}
}

// Introspection is exempt from depth only.
func TestIntrospectionIsBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("{__schema{")
	for i := range 60 {
		fmt.Fprintf(&b, "a%d:description ", i)
	}
	errs := admit(newBook(), b.String()+"}}", nil)
	require.NotEmpty(t, errs)
	require.Equal(t, "aliases", errs[0].Extensions["limit"])

	errs = admit(newBook(), "{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}", nil)
	require.NotEmpty(t, errs, "lists of types within lists of types")
}

func TestEachLimitCanBeSet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limits limit.Limits
		refuse string
	}{
		"depth":       {limit.Limits{Depth: 2}, "{contact{self{id}}}"},
		"aliases":     {limit.Limits{Aliases: 1}, "{a:contact{b:id}}"},
		"root fields": {limit.Limits{RootFields: 1}, "{contact{id} contacts{totalCount}}"},
		"cost":        {limit.Limits{Cost: 20}, "{contacts(first:20){totalCount}}"},
	} {
		t.Run(name, func(t *testing.T) {
			exec := executor.New(newBook())
			exec.Use(&c.limits)
			_, errs := exec.CreateOperationContext(started(), &graphql.RawParams{Query: c.refuse})
			require.Len(t, errs, 1)
			require.Equal(t, name, errs[0].Extensions["limit"])
		})
	}
	exec := executor.New(newBook())
	exec.Use(limit.Guard{Tokens: 5})
	_, errs := exec.CreateOperationContext(started(), &graphql.RawParams{Query: "{contact{id}}"})
	require.Len(t, errs, 1)
	require.Equal(t, 6, errs[0].Extensions["measured"], "reading stops at the limit")
}

// What lists cost without a complexity function of the schema's own.
func TestCostOfLists(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]int{
		"{contact{id name}}":                   3,
		"{contact{groups{id name}}}":           1 + 1 + 5*2,
		"{contacts(first:10){nodes{id name}}}": 1 + 10*(1+2),
		"{contacts(first:10){...C}}fragment C on ContactConnection{nodes{id name}}": 1 + 10*(1+2),
		"{contact{everyone{nodes{id name}}}}":                                       1 + 1 + 1 + 5*2,
		"{contact{relations{nodes{id}}}}":                                           1 + 1 + 20*2, // by the schema's default
		"{contacts{nodes{id}}}":                                                     1 + limit.DefaultPage*2,
		"{page(first:10){groups{id}}}":                                              1 + 10*(1+5),
	} {
		l := &limit.Limits{Cost: 1}
		exec := executor.New(newBook())
		exec.Use(l)
		_, errs := exec.CreateOperationContext(started(), &graphql.RawParams{Query: query})
		require.Len(t, errs, 1)
		require.Equal(t, want, errs[0].Extensions["measured"], query)
	}
}

func TestListCost(t *testing.T) {
	t.Parallel()
	n := func(v int) *int { return &v }
	for _, c := range []struct {
		child       int
		first, last *int
		want        int
	}{
		{3, n(10), nil, 31},
		{3, nil, n(10), 31},
		{3, n(2), n(10), 31},
		{3, nil, nil, 1 + 3*limit.DefaultPage},
		{0, n(10), nil, 11},
		{3, n(0), nil, 4},
		{3, n(-5), nil, 4},
		{1 << 29, n(1 << 29), nil, 1<<30 - 1},
	} {
		require.Equal(t, c.want, limit.ListCost(c.child, c.first, c.last), "%+v", c)
	}
}

// The dearest documents that Guard lets through stay cheap to validate. The times are for the log;
// what is asserted is that the documents are within its limits.
func TestWorstAdmittedDocuments(t *testing.T) {
	t.Parallel()
	var spreads strings.Builder
	spreads.WriteString("{contact{")
	for i := range 49 {
		fmt.Fprintf(&spreads, "...F%d ", i)
	}
	spreads.WriteString("}}")
	for i := range 49 {
		fmt.Fprintf(&spreads, "fragment F%d on Contact{self{id}name}", i)
	}
	var chain strings.Builder
	chain.WriteString("{contact{...F0}}")
	for i := range 48 {
		fmt.Fprintf(&chain, "fragment F%d on Contact{...F%d self{...F%d}}", i, i+1, i+1)
	}
	chain.WriteString("fragment F48 on Contact{id}")
	for name, query := range map[string]string{
		"one name":           "{contact{" + strings.Repeat("id ", 140) + "}}",
		"one selection":      "{contact{" + strings.Repeat("self{id}", 95) + "}}",
		"unknown names":      "{contact{" + strings.Join(numbered("unknown", 900), " ") + "}}",
		"49 fragments":       spreads.String(),
		"chain of fragments": chain.String(),
		"nested bomb":        bomb(40),
	} {
		t.Run(name, func(t *testing.T) {
			exec := executor.New(newBook())
			exec.Use(limit.Guard{})
			start := time.Now()
			_, errs := exec.CreateOperationContext(started(), &graphql.RawParams{Query: query})
			t.Logf("%d bytes validated in %v", len(query), time.Since(start))
			for _, err := range errs {
				require.NotEqual(t, "TOO_COMPLEX", err.Extensions["code"], err.Message)
			}
		})
	}
}

func numbered(word string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(word, i)
	}
	return all
}

func BenchmarkGuard(b *testing.B) {
	for name, query := range map[string]string{
		"list": `query L($n:Int){contacts(first:$n){edges{node{id name email groups{id name}}}}}`,
		"page": `query P($id:ID){contact(id:$id){` + strings.Repeat(`id name email groups{id name} `, 12) + `}}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := (limit.Guard{}).MutateOperationParameters(b.Context(), &graphql.RawParams{Query: query}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
