// Package plan runs hot queries from a compiled plan: a selection whose fields are all registered becomes
// one chain of functions that append the answer's bytes. Everything else is left to the generated
// executor: other operations, fields or arguments that are not registered, and every run that meets an
// error, which the generated executor meets again and tells by the specification's rules.
//
// The generated executor spends some 18 allocations on every field, a plan none on most. What a plan must
// not lose is proven by tests that ask both and compare bytes.
package plan

import (
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// Run is one execution of a plan.
type Run struct {
	Vars map[string]any // the operation's variables
	Data any            // what the root has read
	Err  error          // the first thing that failed; the run is then thrown away

	memos []any // of Memo
}

// Fail notes an error.
func (r *Run) Fail(err error) {
	if r.Err == nil {
		r.Err = err
	}
}

// Write appends a value's JSON.
type Write[T any] func(b []byte, run *Run, v T) []byte

// Field is a field of an object that is bound to T: a leaf has Leaf, any other Object.
type Field[T any] struct {
	Leaf   Write[T]
	Object func(c *Compiler, set ast.SelectionSet) Write[T]
	Reads  []string // columns of the database that it needs; see Compiler.Reads
}

// Object is a GraphQL type that is bound to T.
type Object[T any] struct {
	Name   string
	Of     []string // the interfaces that it implements
	Fields map[string]Field[T]
}

// Compiler gathers what is known of a plan while it is compiled.
type Compiler struct {
	// Allow sees the definition of every field; false ends the plan.
	Allow func(*ast.FieldDefinition) bool
	// Schema says what the types are that objects are of.
	Schema *ast.Schema
	// Reads are the columns that the fields need, each once.
	Reads []string

	memos     int
	failed    bool
	refuses   [][]condition // when all of one hold, the plan cannot run
	variables []string      // those that conditions name
}

// condition is an @include or @skip.
type condition struct {
	variable string // empty: value holds
	value    bool
	negated  bool
}

func (c condition) holds(run *Run) bool {
	value := c.value
	if c.variable != "" {
		value, _ = run.Vars[c.variable].(bool)
	}
	return value != c.negated
}

func hold(list []condition, run *Run) bool {
	return !slices.ContainsFunc(list, func(c condition) bool { return !c.holds(run) })
}

// entry is a field of the answer, with what all of its mentions select below it.
type entry struct {
	field *ast.Field
	set   ast.SelectionSet
	when  []condition
}

// part is a compiled entry.
type part[T any] struct {
	key   string
	write Write[T]
	when  []condition
}

// Compile compiles a selection. What it gives is of use only when the plan as a whole can be.
func (o *Object[T]) Compile(c *Compiler, set ast.SelectionSet) Write[T] {
	var parts []part[T]
	for _, e := range o.collect(c, set) {
		if c.failed {
			return nil
		}
		write := o.compileField(c, e)
		if write == nil {
			c.refuse(e.when)
			continue
		}
		parts = append(parts, part[T]{strconv.Quote(e.field.Alias) + ":", write, e.when})
	}
	return func(b []byte, run *Run, v T) []byte {
		b = append(b, '{')
		some := false
		for i := range parts {
			p := &parts[i]
			if len(p.when) > 0 && !hold(p.when, run) {
				continue
			}
			if some {
				b = append(b, ',')
			}
			some = true
			b = p.write(append(b, p.key...), run, v)
		}
		return append(b, '}')
	}
}

func (o *Object[T]) compileField(c *Compiler, e entry) Write[T] {
	if e.field.Name == "__typename" {
		name := strconv.Quote(o.Name)
		return func(b []byte, _ *Run, _ T) []byte { return append(b, name...) }
	}
	f, known := o.Fields[e.field.Name]
	if !known || len(e.field.Arguments) > 0 {
		return nil
	}
	// What is selected of an interface is allowed by the type itself.
	if def := c.Schema.Types[o.Name].Fields.ForName(e.field.Name); def == nil || !c.Allow(def) {
		return nil
	}
	for _, column := range f.Reads {
		if !slices.Contains(c.Reads, column) {
			c.Reads = append(c.Reads, column)
		}
	}
	if f.Leaf != nil {
		return f.Leaf
	}
	return f.Object(c, e.set)
}

// refuse notes what no plan does: at all, or when conditions hold.
func (c *Compiler) refuse(when []condition) {
	if len(when) == 0 {
		c.failed = true
	} else {
		c.refuses = append(c.refuses, when)
	}
}

// collect gives the fields of a selection in the order of the answer (specification, 6.3.2). A fragment is
// looked at once: fragments that mention the next one twice would double the work with each.
func (o *Object[T]) collect(c *Compiler, set ast.SelectionSet) []entry {
	var out []entry
	seen := map[string]bool{} // fragments, and whether they were unconditional
	var add func(ast.SelectionSet, []condition)
	add = func(set ast.SelectionSet, when []condition) {
		for _, s := range set {
			if c.failed {
				return
			}
			switch s := s.(type) {
			case *ast.Field:
				when := conditions(c, s.Directives, when)
				i := slices.IndexFunc(out, func(e entry) bool { return e.field.Alias == s.Alias })
				if i < 0 {
					out = append(out, entry{s, s.SelectionSet, when})
					continue
				}
				if len(when)+len(out[i].when) > 0 {
					c.failed = true // which of them show is the executor's business
				}
				out[i].set = slices.Concat(out[i].set, s.SelectionSet)
			case *ast.InlineFragment:
				if s.TypeCondition == "" || o.is(s.TypeCondition) {
					add(s.SelectionSet, conditions(c, s.Directives, when))
				}
			case *ast.FragmentSpread:
				when := conditions(c, s.Directives, when)
				always, again := seen[s.Name]
				switch {
				case again && always && len(when) == 0:
				case again:
					c.failed = true // which of them show is the executor's business
				case o.is(s.Definition.TypeCondition):
					seen[s.Name] = len(when) == 0
					add(s.Definition.SelectionSet, when)
				}
			}
		}
	}
	add(set, nil)
	return out
}

func (o *Object[T]) is(name string) bool { return name == o.Name || slices.Contains(o.Of, name) }

// conditions adds those of a selection's directives; others than @include and @skip end the plan.
func conditions(c *Compiler, directives ast.DirectiveList, when []condition) []condition {
	out := slices.Clip(when)
	for _, d := range directives {
		arg := d.Arguments.ForName("if")
		if arg == nil || d.Name != "include" && d.Name != "skip" {
			c.failed = true
			return out
		}
		one := condition{negated: d.Name == "skip"}
		if arg.Value.Kind == ast.Variable {
			one.variable = arg.Value.Raw
			c.variables = append(c.variables, one.variable)
		} else {
			one.value = arg.Value.Raw == "true"
		}
		out = append(out, one)
	}
	return out
}

// compilable is an Object or a Shared one.
type compilable[T any] interface {
	Compile(c *Compiler, set ast.SelectionSet) Write[T]
}

// List writes a list of objects.
func List[P, T any](get func(run *Run, v P) []T, o compilable[T]) func(*Compiler, ast.SelectionSet) Write[P] {
	return func(c *Compiler, set ast.SelectionSet) Write[P] { return Each(get, o.Compile(c, set)) }
}

// Each writes a list, each item as write does.
func Each[P, T any](get func(run *Run, v P) []T, write Write[T]) Write[P] {
	return func(b []byte, run *Run, v P) []byte {
		b = append(b, '[')
		for i, item := range get(run, v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = write(b, run, item)
		}
		return append(b, ']')
	}
}

// One writes an object.
func One[P, T any](get func(run *Run, v P) T, o compilable[T]) func(*Compiler, ast.SelectionSet) Write[P] {
	return func(c *Compiler, set ast.SelectionSet) Write[P] {
		write := o.Compile(c, set)
		return func(b []byte, run *Run, v P) []byte { return write(b, run, get(run, v)) }
	}
}

// Maybe writes an object, or null where there is none.
func Maybe[P, T any](get func(run *Run, v P) *T, o compilable[*T]) func(*Compiler, ast.SelectionSet) Write[P] {
	return func(c *Compiler, set ast.SelectionSet) Write[P] {
		write := o.Compile(c, set)
		return func(b []byte, run *Run, v P) []byte {
			if one := get(run, v); one != nil {
				return write(b, run, one)
			}
			return append(b, "null"...)
		}
	}
}

// Memo writes an object once in a run for each key, and copies it from then on: many contacts have the same
// groups, and answer the same fields.
func Memo[T any, K comparable](key func(T) K, o *Object[T]) *Shared[T, K] {
	return &Shared[T, K]{key, o}
}

// Shared is an object that many parts of an answer have in common.
type Shared[T any, K comparable] struct {
	key    func(T) K
	object *Object[T]
}

// Compile compiles a selection of the object.
func (s *Shared[T, K]) Compile(c *Compiler, set ast.SelectionSet) Write[T] {
	write, at := s.object.Compile(c, set), c.memos
	c.memos++
	return func(b []byte, run *Run, v T) []byte {
		written, is := run.memos[at].(map[K][]byte)
		if !is {
			written = map[K][]byte{}
			run.memos[at] = written
		}
		key := s.key(v)
		if have, known := written[key]; known {
			return append(b, have...)
		}
		from := len(b)
		b = write(b, run, v)
		written[key] = slices.Clone(b[from:])
		return b
	}
}
