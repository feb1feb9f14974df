package index

import (
	"cmp"
	"math/bits"
	"slices"
)

// guard is a value that contacts have, or a range that a number of theirs is in. A query has guards when all its
// contacts have one of these: whoever has none of them, neither before a change nor after it, need not be looked for
// among the query's.
type guard struct {
	value *value
	of    *attribute
	slice *slice
	in    Range
}

// guards gives those guards of a bound expression that the fewest contacts have, and about how many contacts it means; false
// when it has none. It puts the parts of a conjunction into the order in which the first that fails is found soonest.
func (x *Index) guards(e *Expr) (list []guard, size uint64, guarded bool) {
	everybody := x.all.GetCardinality()
	switch e.op {
	case opHas:
		return []guard{{value: e.value, of: e.of}}, e.value.bits.GetCardinality(), true
	case opWithin:
		for _, r := range e.ranges {
			list = append(list, guard{slice: e.number, in: r})
		}
		return list, x.within(e, x.all).GetCardinality(), true
	case opNot:
		_, size, _ := x.guards(&e.parts[0])
		return nil, everybody - min(size, everybody), false
	case opAny:
		guarded = true
		for i := range e.parts {
			some, n, is := x.guards(&e.parts[i])
			list, size, guarded = append(list, some...), size+n, guarded && is
		}
		return list, min(size, everybody), guarded
	case opAll:
		size = everybody
		sizes := make(map[*Expr]uint64, len(e.parts))
		order := make([]*Expr, len(e.parts))
		var fewest uint64
		for i := range e.parts {
			part := &e.parts[i]
			some, n, is := x.guards(part)
			order[i], sizes[part], size = part, n, min(size, n)
			if is && (!guarded || n < fewest) {
				list, fewest, guarded = some, n, true
			}
		}
		slices.SortStableFunc(order, func(a, b *Expr) int { return cmp.Compare(sizes[a], sizes[b]) })
		sorted := make([]Expr, len(order))
		for i, part := range order {
			sorted[i] = *part
		}
		e.parts = sorted
		return list, size, guarded
	}
	return nil, everybody, false // what is asked of texts is not counted
}

// guard keeps a query under its guards.
func (x *Index) guard(q *Query) {
	guards, _, guarded := x.guards(&q.expr)
	if !guarded {
		x.unguarded = append(x.unguarded, q)
		return
	}
	q.guards = guards
	for _, g := range guards {
		if g.slice != nil {
			g.slice.guarding.add(g.in, q)
			continue
		}
		if len(g.value.guarding) == 0 {
			g.of.guards = append(g.of.guards, g.value)
		}
		g.value.guarding = append(g.value.guarding, q)
	}
}

// unguard undoes guard.
func (x *Index) unguard(q *Query) {
	x.unguarded = without(x.unguarded, q)
	for _, g := range q.guards {
		if g.slice != nil {
			g.slice.guarding.remove(g.in, q)
			continue
		}
		if g.value.guarding = without(g.value.guarding, q); len(g.value.guarding) == 0 {
			g.of.guards = without(g.of.guards, g.value)
		}
	}
}

// without takes all that equal one out of a list.
func without[T comparable](list []T, gone T) []T {
	kept := list[:0]
	for _, one := range list {
		if one != gone {
			kept = append(kept, one)
		}
	}
	clear(list[len(kept):])
	return kept
}

// guarded calls fn with the queries that the contact which is looked at has a guard of.
func (x *Index) guarded(o uint32, at look, fn func([]*Query)) {
	for _, a := range x.attrs {
		switch {
		case len(a.guards) == 0 || !a.has(o, at):
		case a.single:
			fn(a.of(o).guarding)
		default:
			for _, v := range a.guards {
				if v.has(o, at) {
					fn(v.guarding)
				}
			}
		}
	}
	for _, s := range x.numbers {
		if s.guarding.used == 0 {
			continue
		}
		if v, known := s.read(o, at); known {
			s.guarding.at(v, fn)
		}
	}
}

// intervals finds the queries that guard a number by a range around it. A range lies in at most two of the pieces into which
// the numbers fall that are as long as the next power of two.
type intervals struct {
	pieces map[piece][]*Query
	levels [65]int // how many ranges are kept in pieces of 1<<level
	used   int     // the sum
}

// piece is the numbers from at<<level up to the next piece.
type piece struct {
	level int
	at    int64
}

// piecesOf gives the pieces that a range lies in; one that ends before it begins lies in none.
func piecesOf(r Range) (list []piece) {
	if r.From > r.To {
		return nil
	}
	level := bits.Len64(uint64(r.To) - uint64(r.From))
	list = []piece{{level, r.From >> level}}
	if last := r.To >> level; last != list[0].at {
		list = append(list, piece{level, last})
	}
	return list
}

func (i *intervals) add(r Range, q *Query) {
	for _, p := range piecesOf(r) {
		if i.pieces == nil {
			i.pieces = map[piece][]*Query{}
		}
		i.pieces[p] = append(i.pieces[p], q)
		i.levels[p.level]++
		i.used++
	}
}

func (i *intervals) remove(r Range, q *Query) {
	for _, p := range piecesOf(r) {
		before := len(i.pieces[p])
		left := without(i.pieces[p], q)
		if i.pieces[p] = left; len(left) == 0 {
			delete(i.pieces, p)
		}
		i.levels[p.level] -= before - len(left)
		i.used -= before - len(left)
	}
}

// at calls fn with the queries whose ranges may hold a number.
func (i *intervals) at(v int64, fn func([]*Query)) {
	for level, n := range i.levels {
		if n > 0 {
			fn(i.pieces[piece{level, v >> level}])
		}
	}
}
