package index

import (
	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"
)

// Query is a rule whose contacts are kept while the book changes.
type Query struct {
	expr    Expr
	guard   *value // all members have it; nil: nothing is known of them all
	place   int    // among those with the same guard
	members *roaring.Bitmap
	mark    uint64 // the last round in which something that it asks for moved
	moves   Moves  // of the round
}

// scanDep is a query that tests all values of an attribute.
type scanDep struct {
	test  func(string) bool
	query *Query
}

// rangeDep is a query that asks for ranges of a number.
type rangeDep struct {
	ranges []Range
	query  *Query
}

// marks gathers the queries that a change may move, each once a round.
type marks struct {
	round   uint64
	queries []*Query
	look    look
}

// look is one look at one contact: what it has of the values that queries share is read once.
type look uint64

func (m *marks) add(q *Query) {
	if q.mark != m.round {
		q.mark = m.round
		m.queries = append(m.queries, q)
	}
}

func (m *marks) begin() {
	m.round++
	m.queries = m.queries[:0]
}

// Moves tells what a change did to a query, by contact.
type Moves struct {
	Entered, Left, Updated []uuid.UUID
	Count                  int
	Many                   bool // more than were asked for: the lists are empty
}

// Follow keeps a query's contacts from now on, and gives how many there are.
func (x *Index) Follow(e Expr) (*Query, int) {
	e = e.flat()
	x.mu.Lock()
	defer x.mu.Unlock()
	found, own := x.eval(&e)
	if !own {
		found = found.Clone()
	}
	q := &Query{expr: x.bind(e), members: found}
	q.expr.leaves(func(leaf *Expr) {
		switch leaf.op {
		case opHas:
			leaf.of.deps[leaf.text] = append(leaf.of.deps[leaf.text], q)
		case opSome:
			leaf.of.somes = append(leaf.of.somes, q)
		case opAmong:
			leaf.of.scans = append(leaf.of.scans, &scanDep{leaf.test, q})
		case opWithin:
			leaf.number.deps = append(leaf.number.deps, &rangeDep{leaf.ranges, q})
		}
	})
	q.guard = q.expr.guard()
	q.place = len(x.guarded[q.guard])
	x.guarded[q.guard] = append(x.guarded[q.guard], q)
	x.queries[q] = struct{}{}
	return q, int(found.GetCardinality())
}

// guard gives the value that the fewest contacts have of those that all of a query's contacts have, and asks
// for it first; nil when there is none. Whoever lacks it need not be looked for among the query's.
func (e *Expr) guard() *value {
	if e.op != opAll {
		return nil
	}
	best := -1
	for i := range e.parts {
		if e.parts[i].op == opHas && e.parts[i].value != nil && (best < 0 || e.parts[i].value.bits.GetCardinality() < e.parts[best].value.bits.GetCardinality()) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	e.parts[0], e.parts[best] = e.parts[best], e.parts[0]
	return e.parts[0].value
}

// Difference tells who is in one query and not in the other.
func (x *Index) Difference(before, after *Query, limit int) Moves {
	x.mu.RLock()
	defer x.mu.RUnlock()
	entered, left := roaring.AndNot(after.members, before.members), roaring.AndNot(before.members, after.members)
	m := Moves{Count: int(after.members.GetCardinality())}
	if entered.GetCardinality()+left.GetCardinality() > uint64(limit) {
		m.Many = true
		return m
	}
	m.Entered, m.Left = x.named(entered), x.named(left)
	return m
}

// Forget ends a query.
func (x *Index) Forget(q *Query) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.queries, q)
	with := x.guarded[q.guard]
	last := len(with) - 1
	with[q.place], with[last].place, with[last] = with[last], q.place, nil
	if x.guarded[q.guard] = with[:last]; last == 0 {
		delete(x.guarded, q.guard)
	}
	is := func(d *Query) bool { return d == q }
	q.expr.leaves(func(leaf *Expr) {
		switch leaf.op {
		case opHas:
			if leaf.of.deps[leaf.text] = without(leaf.of.deps[leaf.text], is); len(leaf.of.deps[leaf.text]) == 0 {
				delete(leaf.of.deps, leaf.text)
			}
		case opSome:
			leaf.of.somes = without(leaf.of.somes, is)
		case opAmong:
			leaf.of.scans = without(leaf.of.scans, func(d *scanDep) bool { return d.query == q })
		case opWithin:
			leaf.number.deps = without(leaf.number.deps, func(d *rangeDep) bool { return d.query == q })
		}
	})
}

// without is a new list that lacks some.
func without[T any](list []T, gone func(T) bool) []T {
	var out []T
	for _, one := range list {
		if !gone(one) {
			out = append(out, one)
		}
	}
	return out
}

// moved marks the queries for which another value makes a difference.
func (a *attribute) moved(from, to string) {
	a.changed(from)
	a.changed(to)
	for _, dep := range a.scans {
		if (from != "" && dep.test(from)) != (to != "" && dep.test(to)) {
			a.marks.add(dep.query)
		}
	}
}

// changed marks the queries that ask for a value, or for any.
func (a *attribute) changed(text string) {
	for _, q := range a.somes {
		a.marks.add(q)
	}
	if len(a.deps) == 0 {
		return
	}
	for _, q := range a.deps[text] {
		a.marks.add(q)
	}
}

// moved marks the queries for which another number makes a difference.
func (s *slice) moved(m *marks, before int64, had bool, after int64, has bool) {
	in := func(ranges []Range, v int64, known bool) bool {
		if !known {
			return false
		}
		for _, r := range ranges {
			if r.holds(v) {
				return true
			}
		}
		return false
	}
	for _, dep := range s.deps {
		if in(dep.ranges, before, had) != in(dep.ranges, after, has) {
			m.add(dep.query)
		}
	}
}

// Told is what a change did to one query.
type Told struct {
	Query *Query
	Moves
}

// settle brings the marked queries up to date for the contacts that a change touched, and gives what
// moved. limit is how many contacts one of the lists may name in all.
func (x *Index) settle(touched *roaring.Bitmap, limit int) (out []Told) {
	if touched.GetCardinality() > testedOneByOne {
		for q := range x.queries {
			if moves, some := x.recount(q, touched, limit); some {
				out = append(out, Told{q, moves})
			}
		}
		return out
	}
	var some []*Query // with moves
	for _, o := range touched.ToArray() {
		some = x.settleOne(o, some)
	}
	out = make([]Told, 0, len(some))
	for _, q := range some {
		moves := q.moves
		q.moves = Moves{}
		if len(moves.Entered)+len(moves.Left)+len(moves.Updated) > limit {
			moves = Moves{Many: true}
		}
		moves.Count = int(q.members.GetCardinality())
		out = append(out, Told{q, moves})
	}
	return out
}

// settleOne adds to their moves what a touched contact did to queries, and gives those that have any.
func (x *Index) settleOne(o uint32, some []*Query) []*Query {
	x.marks.look++
	at, round := x.marks.look, x.marks.round
	one := []uuid.UUID{x.ids[o]} // shared by all who name this contact alone
	tell := func(q *Query, to *[]uuid.UUID) {
		if len(q.moves.Entered)+len(q.moves.Left)+len(q.moves.Updated) == 0 {
			some = append(some, q)
		}
		if *to == nil {
			*to = one[:1:1]
		} else {
			*to = append(*to, one[0])
		}
	}
	lives := x.all.Contains(o)
	for _, q := range x.marks.queries {
		if q.guard != nil && q.guard.moved != round && !q.guard.has(o, at) {
			continue // it was none of this query's, and is none
		}
		was, is := q.members.Contains(o), lives && q.expr.holds(o, at)
		switch {
		case is && !was:
			q.members.Add(o)
			tell(q, &q.moves.Entered)
		case was && !is:
			q.members.Remove(o)
			tell(q, &q.moves.Left)
		case is:
			tell(q, &q.moves.Updated)
		}
	}
	for guard, queries := range x.guarded { // the others' members have changed, but not who they are
		if !lives || guard != nil && !guard.has(o, at) {
			continue
		}
		for _, q := range queries {
			if q.mark != round && q.expr.holds(o, at) {
				tell(q, &q.moves.Updated)
			}
		}
	}
	return some
}

// testedOneByOne is how many contacts a change may touch before whole sets are compared.
const testedOneByOne = 5000

// recount computes a query's contacts anew.
func (x *Index) recount(q *Query, touched *roaring.Bitmap, limit int) (Moves, bool) {
	found, own := x.eval(&q.expr)
	if !own {
		found = found.Clone()
	}
	entered, left := roaring.AndNot(found, q.members), roaring.AndNot(q.members, found)
	updated := roaring.And(roaring.And(found, q.members), touched)
	q.members = found
	moves := Moves{Count: int(found.GetCardinality())}
	n := entered.GetCardinality() + left.GetCardinality() + updated.GetCardinality()
	if n > uint64(limit) {
		moves.Many = true
		return moves, true
	}
	moves.Entered, moves.Left, moves.Updated = x.named(entered), x.named(left), x.named(updated)
	return moves, n > 0
}

func (x *Index) named(bits *roaring.Bitmap) []uuid.UUID {
	var out []uuid.UUID
	bits.Iterate(func(o uint32) bool {
		out = append(out, x.ids[o])
		return true
	})
	return out
}
