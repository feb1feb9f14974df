package plan

import (
	"context"
	"strconv"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
)

// Root is a field of Query that plans begin with. It reads what the selection needs and appends it.
type Root func(ctx context.Context, args map[string]any, run *Run, b []byte) ([]byte, error)

// Schema is an executable schema that runs what it can from plans.
type Schema struct {
	graphql.ExecutableSchema

	roots map[string]func(*Compiler, *ast.Field) Root
	begin func() (c *Compiler, allowed func(ctx context.Context) bool)
	plans graphql.Cache[*plan]
}

// plan is a compiled operation; one without run has none.
type plan struct {
	field   *ast.Field
	key     string
	run     Root
	refuses [][]condition
	names   []string // variables that must be true or false
	memos   int
	allowed func(ctx context.Context) bool
	room    atomic.Int64 // bytes that the next answer is expected to take: what the last one took, and some
}

// maxRoom is how many bytes an answer gets in advance at most.
const maxRoom = 256 << 10

// New wraps a schema. begin is called for each plan: it gives the compiler, and afterwards says whether a
// caller may have all that the plan selects. At most size plans are kept.
func New(exec graphql.ExecutableSchema, size int, roots map[string]func(*Compiler, *ast.Field) Root, begin func() (*Compiler, func(context.Context) bool)) *Schema {
	return &Schema{ExecutableSchema: exec, roots: roots, begin: begin, plans: lru.New[*plan](size)}
}

// Exec runs the context's operation.
func (s *Schema) Exec(ctx context.Context) graphql.ResponseHandler {
	oc := graphql.GetOperationContext(ctx)
	f := s.root(oc.Operation)
	if f == nil {
		return s.ExecutableSchema.Exec(ctx)
	}
	p := s.planOf(ctx, oc, f)
	run := &Run{Vars: oc.Variables, memos: make([]any, p.memos)}
	if p.run == nil || !p.allowed(ctx) {
		return s.ExecutableSchema.Exec(ctx)
	}
	for _, name := range p.names {
		if _, is := oc.Variables[name].(bool); !is {
			return s.ExecutableSchema.Exec(ctx)
		}
	}
	for _, when := range p.refuses {
		if hold(when, run) {
			return s.ExecutableSchema.Exec(ctx)
		}
	}
	var otherwise graphql.ResponseHandler
	done := false
	return func(ctx context.Context) *graphql.Response {
		if otherwise == nil && !done {
			done = true
			b, err := p.run(ctx, p.field.ArgumentMap(oc.Variables), run, append(make([]byte, 0, p.room.Load()), p.key...))
			if err == nil && run.Err == nil {
				p.room.Store(int64(min(len(b)+len(b)/8+64, maxRoom)))
				return &graphql.Response{Data: append(b, '}')}
			}
			if ctx.Err() != nil {
				return nil // the client has gone
			}
			otherwise = s.ExecutableSchema.Exec(ctx)
		}
		if otherwise == nil {
			return nil
		}
		return otherwise(ctx)
	}
}

// planOf gives the plan of an operation that begins with a field. It is made for those only who may have that.
func (s *Schema) planOf(ctx context.Context, oc *graphql.OperationContext, f *ast.Field) *plan {
	key := oc.RawQuery
	if oc.OperationName != "" {
		key += "\x00" + oc.OperationName
	}
	if p, ok := s.plans.Get(ctx, key); ok {
		return p
	}
	if c, allowed := s.begin(); !c.Allow(f.Definition) || !allowed(ctx) {
		return &plan{}
	}
	p := s.compile(f)
	s.plans.Add(ctx, key, p)
	return p
}

// root gives the field that an operation's plan would begin with, nil when it has none.
func (s *Schema) root(op *ast.OperationDefinition) *ast.Field {
	if op.Operation != ast.Query || len(op.Directives) > 0 || len(op.SelectionSet) != 1 {
		return nil
	}
	f, is := op.SelectionSet[0].(*ast.Field)
	if !is || len(f.Directives) > 0 || s.roots[f.Name] == nil {
		return nil
	}
	return f
}

func (s *Schema) compile(f *ast.Field) *plan {
	c, allowed := s.begin()
	c.Schema = s.Schema()
	if !c.Allow(f.Definition) {
		return &plan{}
	}
	run := s.roots[f.Name](c, f)
	if c.failed {
		return &plan{}
	}
	return &plan{field: f, key: "{" + strconv.Quote(f.Alias) + ":", run: run, refuses: c.refuses, names: c.variables, memos: c.memos, allowed: allowed}
}

// Plans tells whether an operation runs from a plan, its conditions and its caller permitting.
func (s *Schema) Plans(op *ast.OperationDefinition) bool {
	f := s.root(op)
	return f != nil && s.compile(f).run != nil
}
