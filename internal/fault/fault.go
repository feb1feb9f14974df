// Package fault is Carnet's one error type. Domain packages return it, the HTTP and GraphQL faces
// map it once. A fault has two audiences: Message is for the person who can mend the matter, the
// wrapped cause is for the log and is never sent.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what kind of failure it is. The values are those of the API's `extensions.code`.
type Code string

// The codes, as the API documents them.
const (
	Unauthenticated Code = "UNAUTHENTICATED" // no credential, or one that has ended
	Forbidden       Code = "FORBIDDEN"       // the credential is good but lacks the right
	NotFound        Code = "NOT_FOUND"       // no such thing in this site
	Conflict        Code = "CONFLICT"        // another record or a newer version stands in the way
	RateLimited     Code = "RATE_LIMITED"    // too many tries; later is fine
	BadInput        Code = "BAD_INPUT"       // the caller can mend the input
	TooComplex      Code = "TOO_COMPLEX"     // the operation exceeds a published limit
	Internal        Code = "INTERNAL"        // our fault; the cause is in the log
)

// Error is a failure with a message for people.
//
// Reason is a stable machine word within the code (REQUIRED, TOO_LONG, TAKEN ...): clients
// translate by it. Path leads to the offending input field, outermost first. An error with a
// Reason is one that the user can mend: mutations return it in their payload's `errors`.
type Error struct {
	Code    Code
	Reason  string
	Message string
	Path    []string
	Names   []string // what the sentence names, in its order, for clients that say it in another language
	Err     error
}

// Error gives the message and the cause, for logs.
func (e *Error) Error() string {
	var b strings.Builder
	if len(e.Path) > 0 {
		b.WriteString(strings.Join(e.Path, "."))
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the private cause.
func (e *Error) Unwrap() error { return e.Err }

// New makes an error of a code with a message for people.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap keeps a fault's code and message and adds the operation to the cause; any other error
// becomes Internal. Wrap of nil is nil.
func Wrap(err error, op string) error {
	if err == nil {
		return nil
	}
	if Known(err) {
		return fmt.Errorf("%s: %w", op, err)
	}
	return &Error{Code: Internal, Message: "something went wrong on our side", Err: fmt.Errorf("%s: %w", op, err)}
}

// Invalid makes an error that the user can mend, at a path of the input.
func Invalid(reason string, path []string, format string, args ...any) *Error {
	return &Error{Code: BadInput, Reason: reason, Path: path, Message: fmt.Sprintf(format, args...)}
}

// Naming adds what the message names.
func (e *Error) Naming(names ...string) *Error {
	e.Names = names
	return e
}

// Missing makes the NotFound error of a kind of thing. It is the same for an id that does not
// exist and one of another site.
func Missing(kind string) *Error { return New(NotFound, "no %s with this id in this site", kind) }

// List holds several errors that the user can mend at once, in the order of the input.
type List []*Error

// Error joins the messages.
func (l List) Error() string {
	parts := make([]string, len(l))
	for i, e := range l {
		parts[i] = e.Error()
	}
	return strings.Join(parts, "; ")
}

// Err gives the list as an error, nil when it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Under prefixes the paths of every mendable error in err, so that a nested validator need not
// know where its value stands in the whole input.
func Under(err error, path ...string) error {
	var list List
	if errors.As(err, &list) {
		out := make(List, len(list))
		for i, e := range list {
			c := *e
			c.Path = append(append([]string{}, path...), e.Path...)
			out[i] = &c
		}
		return out
	}
	var one *Error
	if errors.As(err, &one) && one.Reason != "" {
		c := *one
		c.Path = append(append([]string{}, path...), one.Path...)
		return &c
	}
	return err
}

// Known tells whether err carries a fault.
func Known(err error) bool {
	var one *Error
	var list List
	return errors.As(err, &list) || errors.As(err, &one)
}

// CodeOf gives the code of err: that of the fault inside, BadInput for a list, else Internal.
func CodeOf(err error) Code {
	var list List
	if errors.As(err, &list) {
		return BadInput
	}
	var one *Error
	if errors.As(err, &one) {
		return one.Code
	}
	return Internal
}

// Mendable gives the errors that the user can mend, or ok = false when err is of another kind.
func Mendable(err error) (list List, ok bool) {
	if errors.As(err, &list) {
		return list, true
	}
	var one *Error
	if errors.As(err, &one) && one.Reason != "" {
		return List{one}, true
	}
	return nil, false
}
