package segment

import (
	"context"

	"github.com/google/uuid"

	"carnet/internal/segment/index"
)

// follow has the site's index keep a watch's members from now on; false when the index cannot. When no change has been
// missed and the rule is the same (exact), it tells who moved. All of it happens between two commits of the feed, so that
// none is told before what came before it.
func (o *watch) follow(ctx context.Context, rule rule, exact bool, n notes) (followed bool) {
	if !rule.indexed {
		return false
	}
	s := o.w.indexes.ready(rule.site)
	if s == nil && o.until.IsZero() { // whoever asks first waits a little for it
		s = o.w.indexes.of(ctx, rule.site)
	}
	if s == nil {
		return false
	}
	w := o.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.watches[o.key] != o || !w.indexes.use(o.key.site, s, 1) {
		return false
	}
	q, count := s.Follow(rule.expr)
	late := o.take() // it shows in the index too
	if late.reloadAt > 0 {
		defer o.note(late.at, nil, true, late.blind) // the rule may have been compiled before
	}
	var m index.Moves
	passed := false
	switch {
	case !exact || late.blind:
		m.Many = true
	case o.query != nil && o.index == s: // the day has moved
		m = s.Difference(o.query, q, MaxMoves)
	default:
		set := map[uuid.UUID]struct{}{}
		for _, id := range s.Members(q) {
			set[id] = struct{}{}
		}
		m = difference(o.current(), set, append(n.after(o.floor), late.after(o.floor)...))
		passed = len(late.changed) > 0 || n.doubtful(o.seen)
	}
	m.Count = count
	w.unfollow(o)
	o.members, o.index, o.query = nil, s, q
	w.queries[q] = o
	delete(w.others, o)
	o.begin(w.at, m, passed)
	return true
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
	w.others[o] = struct{}{}
}
