package limit

import (
	"encoding/json"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// What lists are taken to hold when the document does not say.
const (
	DefaultPage = 50 // a list that takes `first` and `last`, of which neither is given
	PlainList   = 5  // a list that takes neither: a contact's groups, a field's choices
)

// ceiling is where measuring saturates: further than any limit, and no overflow.
const ceiling = 1<<30 - 1

// ListCost gives the cost of a paged list: one for the field and childComplexity for each entry
// that it may hold, by the larger of first and last, DefaultPage when both are nil. It is made for
// gqlgen's complexity functions; Limits applies it by itself to every field that has an argument
// `first` or `last`.
func ListCost(childComplexity int, first, last *int) int {
	size := DefaultPage
	if first != nil || last != nil {
		size = 0
		for _, p := range []*int{first, last} {
			if p != nil {
				size = max(size, *p)
			}
		}
	}
	// A page of none is refused by the field, but what it selects has been read by then.
	return add(1, multiply(max(size, 1), max(childComplexity, 1)))
}

// pageSize gives the values of a field's arguments `first` and `last`; pages is false when the
// schema declares neither. A value that is not a number is left to the field to refuse.
func pageSize(f *ast.Field, vars map[string]any) (first, last *int, pages bool) {
	if f.Definition == nil {
		return nil, nil, false
	}
	first, hasFirst := size(f, "first", vars)
	last, hasLast := size(f, "last", vars)
	return first, last, hasFirst || hasLast
}

// size gives the value of an argument; declared is false when the schema has none of the name.
func size(f *ast.Field, name string, vars map[string]any) (n *int, declared bool) {
	arg := f.Definition.Arguments.ForName(name)
	if arg == nil {
		return nil, false
	}
	value := arg.DefaultValue
	if given := f.Arguments.ForName(name); given != nil {
		value = given.Value
	}
	if value == nil {
		return nil, true
	}
	if v, err := value.Value(vars); err == nil {
		n = integer(v)
	}
	return n, true
}

// integer reads a coerced Int, whatever the way it came in.
func integer(v any) *int {
	var n int64
	var err error
	switch v := v.(type) {
	case int:
		n = int64(v)
	case int32:
		n = int64(v)
	case int64:
		n = v
	case float64:
		n = int64(min(max(v, 0), ceiling))
	case json.Number:
		n, err = v.Int64()
	case string:
		n, err = strconv.ParseInt(v, 10, 64)
	default:
		return nil
	}
	if err != nil {
		return nil
	}
	small := int(min(max(n, 0), ceiling))
	return &small
}

// add and multiply saturate at ceiling, for numbers from 0 to ceiling.
func add(a, b int) int { return min(a+b, ceiling) }

func multiply(a, b int) int {
	a, b = min(max(a, 0), ceiling), min(max(b, 0), ceiling)
	if a != 0 && b > ceiling/a {
		return ceiling
	}
	return a * b
}
