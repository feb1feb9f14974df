package db

import (
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Beside is what the next transaction of a context writes besides, at its end: it is there exactly when the rest is.
type Beside struct {
	Write func(ctx context.Context, tx bun.Tx, about []uuid.UUID) error

	mu      sync.Mutex
	about   []uuid.UUID
	written bool
}

type besideKey struct{}

// WithBeside has the first transaction of the context that commits (Tx) write b; further ones do not.
func WithBeside(ctx context.Context, b *Beside) context.Context {
	return context.WithValue(ctx, besideKey{}, b)
}

// Written tells whether a transaction has written it.
func (b *Beside) Written() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.written
}

// About gives what was named by About.
func (b *Beside) About() []uuid.UUID {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.about)
}

// mostAbout bounds what one entry names.
const mostAbout = 100

// About adds to what is written beside the transaction what that is about: for who makes something, whose id nobody could name before.
func About(ctx context.Context, id uuid.UUID) {
	b, is := ctx.Value(besideKey{}).(*Beside)
	if !is {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.about) < mostAbout && !slices.Contains(b.about, id) {
		b.about = append(b.about, id)
	}
}

// beside gives fn with what is to be written besides; done is called after the commit.
func beside(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) (with func(ctx context.Context, tx bun.Tx) error, done func()) {
	b, is := ctx.Value(besideKey{}).(*Beside)
	if !is || b.Written() {
		return fn, func() {}
	}
	with = func(ctx context.Context, tx bun.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return b.Write(ctx, tx, b.About())
	}
	return with, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.written = true
	}
}
