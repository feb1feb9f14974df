package graph

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/vikstrous/dataloadgen"
)

// gatherWait is how long a question waits for others like it. Lists within a list are written at the same time, so that all
// of one response ask within less.
const gatherWait = time.Millisecond

// gather reads what many parts of one response want of the same kind at once: gqlgen asks for all of one list together, but
// for the lines of each contact's orders by itself, and for the groups of each order's buyer. what names the question.
// Nothing is kept: the next mutation of a document may change it.
func gather[V any](ctx context.Context, what string, read func(context.Context, []uuid.UUID) (map[uuid.UUID]V, error), ids []uuid.UUID) (map[uuid.UUID]V, error) {
	c := cached(ctx)
	if c == nil {
		return read(ctx, ids)
	}
	made, _ := c.loaders.LoadOrStore(what, dataloadgen.NewLoader(func(ctx context.Context, ids []uuid.UUID) ([]V, []error) {
		by, err := read(ctx, ids)
		if err != nil {
			return nil, []error{err}
		}
		values := make([]V, len(ids))
		for i, id := range ids {
			values[i] = by[id]
		}
		return values, nil
	}, dataloadgen.WithWait(gatherWait), dataloadgen.WithoutCache()))
	loader := made.(*dataloadgen.Loader[uuid.UUID, V])

	waiting := make(map[uuid.UUID]func() (V, error), len(ids))
	for _, id := range ids {
		if waiting[id] == nil {
			waiting[id] = loader.LoadThunk(ctx, id)
		}
	}
	by := make(map[uuid.UUID]V, len(waiting))
	for id, wait := range waiting {
		v, err := wait()
		if err != nil {
			return nil, err
		}
		by[id] = v
	}
	return by, nil
}
