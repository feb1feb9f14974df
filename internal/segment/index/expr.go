package index

import (
	"cmp"
	"math"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

const (
	minNumber = math.MinInt64
	maxNumber = math.MaxInt64
)

// Range is a range of numbers, both ends included.
type Range struct{ From, To int64 }

// UpTo is everything up to a number, From everything from one on.
func UpTo(to int64) Range { return Range{minNumber, to} }

// From is everything from a number on.
func From(from int64) Range { return Range{from, maxNumber} }

func (r Range) holds(v int64) bool { return r.From <= v && v <= r.To }

type op int

const (
	opAll op = iota
	opAny
	opNot
	opHas
	opSome
	opAmong
	opWithin
)

// Expr says which contacts are meant. It knows nothing of an index: attributes and values that an index
// has not met nobody has.
type Expr struct {
	op     op
	parts  []Expr
	attr   Attr
	text   string
	test   func(string) bool
	ranges []Range

	of     *attribute // of a followed query: what attr names, so that it need not be looked up
	value  *value     // what text names
	number *slice
}

// All means the contacts that all parts mean; without parts, everybody.
func All(parts ...Expr) Expr { return Expr{op: opAll, parts: parts} }

// Any means the contacts that some part means; without parts, nobody.
func Any(parts ...Expr) Expr { return Expr{op: opAny, parts: parts} }

// Not means everybody else.
func Not(part Expr) Expr { return Expr{op: opNot, parts: []Expr{part}} }

// Has means who has a value, which is not empty.
func Has(attr Attr, text string) Expr { return Expr{op: opHas, attr: attr, text: text} }

// Some means who has any value.
func Some(attr Attr) Expr { return Expr{op: opSome, attr: attr} }

// Among means who has a value that passes a test, of an attribute with one value at most. Who has none never
// passes.
func Among(attr Attr, test func(string) bool) Expr { return Expr{op: opAmong, attr: attr, test: test} }

// Within means whose number is in one of the ranges. Who has no number is in none.
func Within(number string, ranges ...Range) Expr {
	return Expr{op: opWithin, attr: Attr{Name: number}, ranges: ranges}
}

// eval gives the contacts that are meant. Unless own says that the bitmap is the caller's, it is the index's and is only read.
func (x *Index) eval(e *Expr) (found *roaring.Bitmap, own bool) {
	switch e.op {
	case opAny:
		parts := make([]*roaring.Bitmap, len(e.parts))
		for i := range e.parts {
			parts[i], _ = x.eval(&e.parts[i])
		}
		return roaring.FastOr(parts...), true
	case opNot:
		part, _ := x.eval(&e.parts[0])
		return roaring.AndNot(x.all, part), true
	case opHas:
		if a := x.attrs[e.attr]; a != nil {
			if v := a.values[e.text]; v != nil {
				return v.bits, false
			}
		}
		return roaring.New(), true
	case opSome:
		if a := x.attrs[e.attr]; a != nil {
			return a.some, false
		}
		return roaring.New(), true
	case opAmong:
		return x.among(e), true
	case opWithin:
		return x.within(e, x.all), true
	}
	return x.both(e.parts)
}

// both intersects: what is at hand first, the smallest first; ranges, which cost, for those who are left.
func (x *Index) both(parts []Expr) (*roaring.Bitmap, bool) {
	type positive struct {
		bits *roaring.Bitmap
		size uint64
	}
	var with []positive
	var without []*roaring.Bitmap
	var costly []*Expr
	for i := range parts {
		switch e := &parts[i]; {
		case e.op == opNot && e.parts[0].op != opWithin:
			bits, _ := x.eval(&e.parts[0])
			without = append(without, bits)
		case e.op == opNot, e.op == opWithin:
			costly = append(costly, e)
		default:
			bits, _ := x.eval(e)
			with = append(with, positive{bits, bits.GetCardinality()})
		}
	}
	if len(with) == 0 {
		with = append(with, positive{x.all, x.all.GetCardinality()})
	}
	slices.SortFunc(with, func(a, b positive) int { return cmp.Compare(a.size, b.size) })
	if len(with) == 1 && len(without)+len(costly) == 0 {
		return with[0].bits, false
	}
	var found *roaring.Bitmap
	if len(with) > 1 {
		found = roaring.And(with[0].bits, with[1].bits)
	} else {
		found = with[0].bits.Clone()
	}
	for _, more := range with[min(2, len(with)):] {
		found.And(more.bits)
	}
	for _, bits := range without {
		found.AndNot(bits)
	}
	for _, e := range costly {
		if e.op == opNot {
			found.AndNot(x.within(&e.parts[0], found))
		} else {
			found = x.within(e, found)
		}
	}
	return found, true
}

func (x *Index) among(e *Expr) *roaring.Bitmap {
	a := x.attrs[e.attr]
	if a == nil {
		return roaring.New()
	}
	var parts []*roaring.Bitmap
	for _, v := range a.list[1:] {
		if e.test(v.text) {
			parts = append(parts, v.bits)
		}
	}
	return roaring.FastOr(parts...)
}

func (x *Index) within(e *Expr, of *roaring.Bitmap) *roaring.Bitmap {
	s := x.numbers[e.attr.Name]
	if s == nil || len(e.ranges) == 0 {
		return roaring.New()
	}
	found := s.between(e.ranges[0], of)
	for _, r := range e.ranges[1:] {
		found.Or(s.between(r, of))
	}
	return found
}

// holds tells whether a followed query's expression means a contact, which is looked at.
func (e *Expr) holds(o uint32, at look) bool {
	switch e.op {
	case opAll:
		for i := range e.parts {
			if !e.parts[i].holds(o, at) {
				return false
			}
		}
		return true
	case opAny:
		for i := range e.parts {
			if e.parts[i].holds(o, at) {
				return true
			}
		}
		return false
	case opNot:
		return !e.parts[0].holds(o, at)
	case opHas:
		return e.of.has(o, at) && e.value.has(o, at)
	case opSome:
		return e.of.has(o, at)
	case opAmong:
		v := e.of.of(o)
		return v.code != 0 && e.test(v.text)
	default: // opWithin
		v, known := e.number.read(o, at)
		return known && slices.ContainsFunc(e.ranges, func(r Range) bool { return r.holds(v) })
	}
}

// bind gives a copy of an expression that knows the index's attributes.
func (x *Index) bind(e Expr) Expr {
	switch {
	case e.op == opWithin:
		e.number = x.number(e.attr.Name)
	case e.op >= opHas:
		e.of = x.attribute(e.attr)
	}
	if e.op == opHas {
		e.value = e.of.value(e.text)
	}
	parts := e.parts
	e.parts = make([]Expr, len(parts))
	for i := range parts {
		e.parts[i] = x.bind(parts[i])
	}
	return e
}

// flat takes the parts of a conjunction's conjunctions into its own.
func (e Expr) flat() Expr {
	if e.op != opAll {
		return e
	}
	var parts []Expr
	for _, part := range e.parts {
		if part = part.flat(); part.op == opAll {
			parts = append(parts, part.parts...)
		} else {
			parts = append(parts, part)
		}
	}
	e.parts = parts
	return e
}

// leaves calls fn with every part that reads an attribute.
func (e *Expr) leaves(fn func(*Expr)) {
	if e.op >= opHas {
		fn(e)
	}
	for i := range e.parts {
		e.parts[i].leaves(fn)
	}
}
