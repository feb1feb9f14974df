// Package index keeps the contacts of one site in memory as compressed bitmaps: who has which value of
// which attribute. A rule's contacts are a few bitmap operations, and a change costs no more than the rules
// that it may move.
//
// Contacts are numbered densely from zero, and numbers of those that are gone are used again. Attributes
// are of two kinds: values, with a bitmap each, and numbers, bit-sliced. What the index holds follows the
// rows of the database (row.go), read once from a snapshot and then as the change feed brings them; to
// apply a row twice does no harm, so that a snapshot may be younger than the first rows of the stream.
//
// Package segment turns rules into expressions, and decides which rules an index can answer.
package index

import (
	"strings"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"
)

// Index is safe for concurrent use: roaring's bitmaps are not, so that a lock guards all of it.
type Index struct {
	mu sync.RWMutex

	zone     *time.Location // of the site: moments become days of its
	ids      []uuid.UUID    // by number
	numberOf map[uuid.UUID]uint32
	free     []uint32
	gone     map[uuid.UUID]uint32 // who was taken out by the change that is applied
	all      *roaring.Bitmap

	attrs   map[Attr]*attribute
	numbers map[string]*slice
	choices map[uuid.UUID]bool      // the custom fields whose texts are ids of choices
	ranged  map[uuid.UUID]string    // those whose answers are numbers or days: the name of the number that holds them
	sets    map[uuid.UUID]uuid.UUID // of labels: the log does not name the set of a label that was taken off

	queries   map[*Query]struct{}
	unguarded []*Query
	motions   motions
}

// New makes an index without contacts.
func New(zone *time.Location) *Index {
	return &Index{
		zone: zone, numberOf: map[uuid.UUID]uint32{}, gone: map[uuid.UUID]uint32{}, all: roaring.New(),
		attrs: map[Attr]*attribute{}, numbers: map[string]*slice{}, choices: map[uuid.UUID]bool{}, ranged: map[uuid.UUID]string{}, sets: map[uuid.UUID]uuid.UUID{},
		queries: map[*Query]struct{}{},
	}
}

func (x *Index) attribute(of Attr) *attribute {
	a := x.attrs[of]
	if a == nil {
		a = newAttribute(singles[of.Name], &x.motions)
		x.attrs[of] = a
	}
	return a
}

func (x *Index) number(name string) *slice {
	s := x.numbers[name]
	if s == nil {
		base := int64(earliest)
		if strings.HasPrefix(name, answerNumber) {
			base = -greatestOrdinal
		} else if isSaleNumber(name) || strings.HasPrefix(name, indicatorNumber) {
			base = 0
		}
		s = newSlice(base, x.motions.place())
		x.numbers[name] = s
	}
	return s
}

// contact gives a contact's number, a new one where it has none. Who comes back in the change that took them out has the one from
// before, so that nobody is told that they left and entered.
func (x *Index) contact(id uuid.UUID) uint32 {
	if o, known := x.numberOf[id]; known {
		return o
	}
	o, back := x.gone[id]
	if back {
		delete(x.gone, id)
	} else if n := len(x.free); n > 0 {
		o, x.free = x.free[n-1], x.free[:n-1]
		x.ids[o] = id
	} else {
		o = uint32(len(x.ids))
		x.ids = append(x.ids, id)
	}
	x.numberOf[id] = o
	x.all.Add(o)
	x.motions.note(o, allReads)
	return o
}

// remove takes a contact out. Its number is free once release is called, after telling who moved.
func (x *Index) remove(o uint32) {
	x.motions.note(o, allReads)
	for _, a := range x.attrs {
		a.clear(o)
	}
	for _, s := range x.numbers {
		x.setNumber(s, o, 0, false)
	}
	x.all.Remove(o)
	delete(x.numberOf, x.ids[o])
	x.gone[x.ids[o]] = o
}

// release frees the numbers of those whom a change took out.
func (x *Index) release() {
	for _, o := range x.gone {
		x.free = append(x.free, o)
	}
	clear(x.gone)
}

func (x *Index) setNumber(s *slice, o uint32, v int64, has bool) {
	if x.motions.following {
		before, had := s.get(o)
		if had == has && (!has || before == max(v, s.base)) {
			return
		}
		if had {
			x.motions.pass(o, s, before)
		}
		x.motions.note(o, s.place)
	}
	if has {
		s.set(o, v)
	} else {
		s.clear(o)
	}
}

// Count gives how many contacts an expression means.
func (x *Index) Count(e Expr) int {
	e = e.flat() // so that the smallest part goes first, whatever it stands in
	x.mu.RLock()
	defer x.mu.RUnlock()
	found, _ := x.eval(&e)
	return int(found.GetCardinality())
}

// CountOf gives how many of these contacts an expression means, each once.
func (x *Index) CountOf(e Expr, ids []uuid.UUID) int {
	e = e.flat()
	x.mu.RLock()
	defer x.mu.RUnlock()
	numbers := make([]uint32, 0, len(ids))
	for _, id := range ids {
		if o, known := x.numberOf[id]; known {
			numbers = append(numbers, o)
		}
	}
	found, _ := x.eval(&e)
	return int(found.AndCardinality(roaring.BitmapOf(numbers...)))
}

// Find gives the contacts that an expression means, in no order.
func (x *Index) Find(e Expr) []uuid.UUID {
	e = e.flat()
	x.mu.RLock()
	defer x.mu.RUnlock()
	found, _ := x.eval(&e)
	return x.named(found)
}

// Members gives a followed query's contacts, in no order.
func (x *Index) Members(q *Query) []uuid.UUID {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.named(q.members)
}

// Stats is an index in plain numbers.
type Stats struct {
	Contacts, Queries int
	Bytes             uint64 // of bitmaps and records, about
}

// Stats gives the index's size.
func (x *Index) Stats() Stats {
	x.mu.RLock()
	defer x.mu.RUnlock()
	// An id stands in a list and in a map, whose entries fill some 7/8 of its slots.
	s := Stats{Contacts: len(x.numberOf), Queries: len(x.queries), Bytes: uint64(len(x.ids)) * (16 + 16 + 4 + 5)}
	for _, a := range x.attrs {
		s.Bytes += a.some.GetSizeInBytes() + 4*uint64(cap(a.codes))
		for _, v := range a.list[1:] {
			s.Bytes += v.bits.GetSizeInBytes() + uint64(len(v.text)) + 64
		}
	}
	for _, n := range x.numbers {
		s.Bytes += n.exists.GetSizeInBytes() + 4*uint64(cap(n.days))
		for _, plane := range n.planes {
			s.Bytes += plane.GetSizeInBytes()
		}
	}
	for q := range x.queries {
		s.Bytes += q.members.GetSizeInBytes()
	}
	return s
}
