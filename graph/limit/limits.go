package limit

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Limits bounds what an operation asks for with its fragments spelled out. A zero field means its
// default. Use it by pointer.
type Limits struct {
	Depth      int // fields within each other; 12. Introspection is exempt: GraphiQL asks 13 deep
	Aliases    int // fields under another name; 50
	RootFields int // 20
	Cost       int // fields resolved at most, see ListCost; 20,000

	schema graphql.ExecutableSchema
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = (*Limits)(nil)

// ExtensionName names the extension to gqlgen.
func (*Limits) ExtensionName() string { return "Limits" }

// Validate keeps the schema, whose complexity functions price its fields.
func (l *Limits) Validate(schema graphql.ExecutableSchema) error {
	l.schema = schema
	return nil
}

// MutateOperationContext refuses an operation that exceeds a limit. It changes nothing.
func (l *Limits) MutateOperationContext(ctx context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	m := measure{ctx: ctx, schema: l.schema, vars: oc.Variables, known: map[spread]extent{}}
	got := m.set(oc.Operation.SelectionSet, false)
	for _, r := range []refusal{
		{"root fields", orDefault(l.RootFields, 20), got.fields, "split the operation"},
		{"depth", orDefault(l.Depth, 12), got.depth, "ask for the deeper part in an operation of its own"},
		{"aliases", orDefault(l.Aliases, 50), got.aliases, "split the operation, or ask for a list instead of many single things"},
		{"cost", orDefault(l.Cost, 20_000), got.cost, "ask for smaller pages (first, last) or fewer fields; lists within lists multiply"},
	} {
		if r.got > r.max {
			return r.err()
		}
	}
	return nil
}

// extent is how far a selection reaches.
type extent struct {
	fields  int // at its own level
	depth   int // of the deepest field
	aliases int // in all
	cost    int // of all fields
}

// spread is a fragment where it is used: right below a connection, its list is the page itself.
type spread struct {
	fragment *ast.FragmentDefinition
	paged    bool
}

// measure measures the selections of one operation. Each fragment is walked once (twice where it
// stands both in pages and elsewhere), however often it is spread: gqlgen's own complexity limit
// walks it once a spread, which takes gigabytes for a kilobyte of nested fragments.
type measure struct {
	ctx    context.Context
	schema graphql.ExecutableSchema
	vars   map[string]any
	known  map[spread]extent
}

// set measures a selection set; paged says that the field above it is a connection with a page size.
func (m *measure) set(selections ast.SelectionSet, paged bool) (sum extent) {
	for _, s := range selections {
		var e extent
		switch s := s.(type) {
		case *ast.Field:
			e = m.field(s, paged)
		case *ast.InlineFragment:
			e = m.set(s.SelectionSet, paged)
		case *ast.FragmentSpread:
			e = m.fragment(s.Definition, paged)
		}
		sum.fields = add(sum.fields, e.fields)
		sum.depth = max(sum.depth, e.depth)
		sum.aliases = add(sum.aliases, e.aliases)
		sum.cost = add(sum.cost, e.cost)
	}
	return sum
}

func (m *measure) fragment(f *ast.FragmentDefinition, paged bool) extent {
	if f == nil {
		return extent{} // validation refuses it
	}
	key := spread{f, paged}
	e, ok := m.known[key]
	if !ok {
		m.known[key] = extent{} // ends a cycle, should validation have let one through
		e = m.set(f.SelectionSet, paged)
		m.known[key] = e
	}
	return e
}

// field measures a field with all below it.
func (m *measure) field(f *ast.Field, paged bool) extent {
	first, last, pages := pageSize(f, m.vars)
	e := m.set(f.SelectionSet, pages && f.Definition.Type.Elem == nil)
	e.fields = 1
	if e.depth = add(e.depth, 1); f.Name == "__schema" || f.Name == "__type" {
		e.depth = 1
	}
	if f.Alias != f.Name {
		e.aliases = add(e.aliases, 1)
	}
	e.cost = m.cost(f, e.cost, first, last, pages, paged)
	return e
}

// cost prices a field: by the schema's complexity function where it has one, else as a list of
// its page size, as a plain list, or as a single thing. A list right below a connection
// with a page size (`edges`, `nodes`) is that page, and is not multiplied again.
func (m *measure) cost(f *ast.Field, child int, first, last *int, pages, paged bool) int {
	if f.ObjectDefinition != nil && !strings.HasPrefix(f.Name, "__") {
		if v, ok := m.schema.Complexity(m.ctx, f.ObjectDefinition.Name, f.Name, child, f.ArgumentMap(m.vars)); ok {
			return min(max(v, 0), ceiling)
		}
	}
	switch {
	case pages:
		return ListCost(child, first, last)
	case f.Definition != nil && f.Definition.Type.Elem != nil && !paged:
		return add(1, multiply(PlainList, child))
	default:
		return add(1, child)
	}
}
