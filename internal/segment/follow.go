package segment

import (
	"context"

	"github.com/google/uuid"

	"carnet/internal/live"
	"carnet/internal/segment/index"
)

// follow has the site's index keep a watch's members; false when the index cannot. at is the commit that the
// members show. When no change has been missed and the rule is the same (exact), it tells who moved.
func (o *watch) follow(ctx context.Context, rule rule, exact bool, changed []uuid.UUID) (m index.Moves, at live.LSN, followed bool) {
	if !rule.indexed {
		return m, 0, false
	}
	s := o.w.indexes.of(ctx, rule.site)
	if s == nil {
		return m, 0, false
	}
	w := o.w
	w.mu.Lock() // no commit is applied meanwhile
	defer w.mu.Unlock()
	if w.watches[o.key] != o || !w.indexes.use(o.key.site, s, 1) {
		return m, 0, false
	}
	q, count := s.Follow(rule.expr)
	switch {
	case !exact:
		m.Many = true
	case o.query != nil && o.index == s: // the day has moved
		m = s.Difference(o.query, q, MaxMoves)
	default:
		before := o.current()
		after := s.Members(q)
		set := make(map[uuid.UUID]struct{}, len(after))
		for _, id := range after {
			set[id] = struct{}{}
		}
		m = difference(before, set, changed)
	}
	m.Count = count
	w.unfollow(o)
	o.members, o.index, o.query = nil, s, q
	w.queries[q] = o
	return m, w.at, true
}

// unfollow ends what an index keeps for a watch; the caller holds w.mu.
func (w *Watcher) unfollow(o *watch) {
	if o.query == nil {
		return
	}
	delete(w.queries, o.query)
	o.index.Forget(o.query)
	w.indexes.use(o.key.site, o.index, -1)
	o.index, o.query = nil, nil
}
