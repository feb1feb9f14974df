package index

import (
	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"
)

// Query is a rule whose contacts are kept while the book changes.
type Query struct {
	expr    Expr
	guards  []guard // none when it is among the unguarded, and when it means nobody whatever changes
	reads   reads
	members *roaring.Bitmap
	seen    look  // the last look at a contact
	moves   Moves // of the change
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
		if leaf.op == opWithin {
			q.reads |= leaf.number.place
		} else {
			q.reads |= leaf.of.place
		}
	})
	x.guard(q)
	x.queries[q] = struct{}{}
	x.motions.following = true
	return q, int(found.GetCardinality())
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
	x.motions.following = len(x.queries) > 0
	x.unguard(q)
}

// Told is what a change did to one query.
type Told struct {
	Query *Query
	Moves
}

// settle brings the queries up to date for the contacts that a change touched, and gives what
// moved. limit is how many contacts one of the lists may name in all.
func (x *Index) settle(touched *roaring.Bitmap, limit int) (out []Told) {
	if touched.GetCardinality() > testedOneByOne {
		return x.recountAll(touched, limit)
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
	x.motions.look++
	at := x.motions.look
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
	moved := x.motions.of[o]
	if moved == nil {
		moved = &motion{}
	}
	test := func(queries []*Query) {
		for _, q := range queries {
			if q.seen == at {
				continue
			}
			q.seen = at
			is := lives && q.expr.holds(o, at)
			was := is
			if moved.changed&q.reads != 0 || moved.changed == allReads {
				was = q.members.Contains(o)
			}
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
	}
	test(x.unguarded)
	x.guarded(o, at, test)
	for _, v := range moved.lost {
		test(v.guarding)
	}
	for _, n := range moved.numbers {
		n.of.guarding.at(n.v, test)
	}
	return some
}

// testedOneByOne is how many contacts a change may touch before whole sets are compared.
const testedOneByOne = 5000

// recountAll does what settle does by comparing whole sets.
func (x *Index) recountAll(touched *roaring.Bitmap, limit int) (out []Told) {
	for q := range x.queries {
		if moves, some := x.recount(q, touched, limit); some {
			out = append(out, Told{q, moves})
		}
	}
	return out
}

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
