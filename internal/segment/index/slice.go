package index

import (
	"math/bits"

	"github.com/RoaringBitmap/roaring/v2"
)

// slice is a bit-sliced index of whole numbers (O'Neil and Quass, "Improved Query Performance with
// Variant Indexes", 1997): one bitmap for each binary digit, so that a range costs some twenty bitmap
// operations, however many contacts there are.
type slice struct {
	base   int64
	planes []*roaring.Bitmap // of value - base, the lowest digit first
	exists *roaring.Bitmap
	deps   []*rangeDep

	seen   look // the last look at a contact, and its number
	number int64
	known  bool
}

// newSlice makes an index of numbers that are not below base.
func newSlice(base int64) *slice { return &slice{base: base, exists: roaring.New()} }

// set writes a contact's number; one below the base counts as the base.
func (s *slice) set(o uint32, v int64) {
	u := uint64(max(v-s.base, 0))
	for bits.Len64(u) > len(s.planes) {
		s.planes = append(s.planes, roaring.New())
	}
	had := !s.exists.CheckedAdd(o)
	for i, plane := range s.planes {
		if u>>i&1 == 1 {
			plane.Add(o)
		} else if had {
			plane.Remove(o)
		}
	}
}

func (s *slice) clear(o uint32) {
	if s.exists.CheckedRemove(o) {
		for _, plane := range s.planes {
			plane.Remove(o)
		}
	}
}

// get reads a contact's number back.
func (s *slice) get(o uint32) (v int64, known bool) {
	if !s.exists.Contains(o) {
		return 0, false
	}
	for i, plane := range s.planes {
		if plane.Contains(o) {
			v |= 1 << i
		}
	}
	return v + s.base, true
}

// read is get for the contact that is looked at.
func (s *slice) read(o uint32, at look) (v int64, known bool) {
	if s.seen != at {
		s.seen = at
		s.number, s.known = s.get(o)
	}
	return s.number, s.known
}

// atLeast gives those of some contacts whose number is least or more, in a bitmap of the caller's own.
func (s *slice) atLeast(least int64, of *roaring.Bitmap) *roaring.Bitmap {
	equal := roaring.And(s.exists, of)
	if least <= s.base {
		return equal
	}
	u := uint64(least - s.base)
	if bits.Len64(u) > len(s.planes) {
		return roaring.New()
	}
	above := roaring.New()
	for i := len(s.planes) - 1; i >= 0; i-- {
		if u>>i&1 == 1 {
			equal.And(s.planes[i])
		} else {
			above.Or(roaring.And(equal, s.planes[i]))
			equal.AndNot(s.planes[i])
		}
	}
	above.Or(equal)
	return above
}

// between gives those of some contacts whose number is in a range, both ends included.
func (s *slice) between(r Range, of *roaring.Bitmap) *roaring.Bitmap {
	found := s.atLeast(r.From, of)
	if r.To < maxNumber {
		found.AndNot(s.atLeast(r.To+1, found))
	}
	return found
}
