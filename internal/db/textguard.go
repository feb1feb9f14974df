package db

import (
	"context"
	"errors"
	"strings"

	"github.com/uptrace/bun"
)

// errNUL is the error of a statement whose text value holds the character NUL.
var errNUL = errors.New("a text value contains the character NUL")

// nulMark is what bun writes into a statement in place of a text value with NUL.
const nulMark = "?!(bun: string contains a NUL byte"

// textGuard keeps statements with bun's mark from reaching the server, where they would be syntax
// errors of ours instead of bad input of the caller's.
type textGuard struct{}

var _ bun.QueryHook = textGuard{}

// BeforeQuery gives the query a context that has already ended with errNUL when it bears the mark:
// database/sql then returns that error without sending anything.
func (textGuard) BeforeQuery(ctx context.Context, event *bun.QueryEvent) context.Context {
	if strings.Contains(event.Query, nulMark) {
		return refused{ctx}
	}
	return ctx
}

// AfterQuery does nothing.
func (textGuard) AfterQuery(context.Context, *bun.QueryEvent) {}

// refused is a context that ended with errNUL.
type refused struct{ context.Context }

var ended = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

func (refused) Done() <-chan struct{} { return ended }
func (refused) Err() error            { return errNUL }
