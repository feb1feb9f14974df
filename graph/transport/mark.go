package transport

import (
	"context"
	"sync"
)

// marks are the places of an execution's results in their order, as far as they have been told and not yet been taken.
type marks struct {
	mu   sync.Mutex
	list []uint64
}

type marksKey struct{}

// Mark tells the place of the result that the caller, a subscription's source, sends next. A member that joins a
// running execution is then not told again what its snapshot holds. Places of one source rise; they need not be
// without gaps, and a source that tells no places has none of its results left out.
func Mark(ctx context.Context, place uint64) {
	if m, is := ctx.Value(marksKey{}).(*marks); is {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.list = append(m.list, place)
	}
}

// marked gives a context whose source may tell places.
func marked(ctx context.Context) (context.Context, *marks) {
	m := &marks{}
	return context.WithValue(ctx, marksKey{}, m), m
}

// take gives the place of the result that has just come; 0 when it has none.
func (m *marks) take() (place uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.list) > 0 {
		place, m.list = m.list[0], m.list[1:]
	}
	return place
}
