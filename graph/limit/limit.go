// Package limit refuses GraphQL operations that cost more than they should, before they cost it.
//
// Two gqlgen extensions do it. Guard reads the text once, before parsing: validation is quadratic
// in names that repeat, so it must not see a hostile document. Limits measures what the document
// means, after validation and before any resolver: a few fragments can spell out a million fields.
// Both are linear in the document. Use Guard after any extension that supplies the text (persisted
// queries), so that it sees what will be parsed.
//
// A refusal is a GraphQL error with the code TOO_COMPLEX. Its message names the limit, what was
// measured and what to do; its extensions repeat the first two as `limit`, `max` and `measured`.
package limit

import (
	"carnet/internal/fault"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// refusal is a limit that was passed.
type refusal struct {
	name     string // of the limit, in the words of its message
	max, got int    // got is max+1 where measuring stopped there
	advice   string // what to do instead
}

// err gives the refusal as the error that the client sees.
func (r refusal) err() *gqlerror.Error {
	f := fault.New(fault.TooComplex, "the operation exceeds the limit on %s: %d, and at most %d are allowed; %s", r.name, r.got, r.max, r.advice)
	return &gqlerror.Error{
		Err:     f,
		Message: f.Message,
		Extensions: map[string]any{
			"code": string(fault.TooComplex), "limit": r.name, "max": r.max, "measured": r.got,
		},
	}
}

// orDefault gives v, or d when v is zero.
func orDefault(v, d int) int {
	if v == 0 {
		return d
	}
	return v
}
