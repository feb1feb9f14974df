package index

import (
	"math/bits"

	"github.com/RoaringBitmap/roaring/v2"
)

// slice is a bit-sliced index of whole numbers (O'Neil and Quass, "Improved Query Performance with
// Variant Indexes", 1997): one bitmap for each binary digit, so that a range costs some twenty bitmap
// operations, however many contacts there are. Days stand in a list besides, for where few contacts are asked about.
type slice struct {
	base   int64
	planes []*roaring.Bitmap // of value - base, the lowest digit first
	exists *roaring.Bitmap
	days   []uint32 // by contact: 1 + value - base, or 0
	listed bool     // the values are days
	place  reads

	guarding intervals

	seen   look // the last look at a contact, and its number
	number int64
	known  bool
}

// newSlice makes an index of numbers that are not below base; of days from the earliest on.
func newSlice(base int64, place reads) *slice {
	return &slice{base: base, exists: roaring.New(), listed: base == earliest, place: place}
}

// set writes a contact's number; one below the base counts as the base.
func (s *slice) set(o uint32, v int64) {
	u := uint64(max(v-s.base, 0))
	for bits.Len64(u) > len(s.planes) {
		s.planes = append(s.planes, roaring.New())
	}
	before, had := s.get(o)
	differ := ^uint64(0)
	if had {
		differ = u ^ uint64(before-s.base)
	} else {
		s.exists.Add(o)
	}
	for i, plane := range s.planes {
		switch {
		case differ>>i&1 == 0:
		case u>>i&1 == 1:
			plane.Add(o)
		case had:
			plane.Remove(o)
		}
	}
	if s.listed {
		for int(o) >= len(s.days) {
			s.days = append(s.days, 0)
		}
		s.days[o] = uint32(u) + 1
	}
}

func (s *slice) clear(o uint32) {
	if s.exists.CheckedRemove(o) {
		for _, plane := range s.planes {
			plane.Remove(o)
		}
		if s.listed {
			s.days[o] = 0
		}
	}
}

// get reads a contact's number back.
func (s *slice) get(o uint32) (v int64, known bool) {
	if s.listed {
		if int(o) >= len(s.days) || s.days[o] == 0 {
			return 0, false
		}
		return int64(s.days[o]-1) + s.base, true
	}
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
	if s.listed && of.GetCardinality() < s.exists.GetCardinality()/few {
		var in []uint32
		of.Iterate(func(o uint32) bool {
			if v, known := s.get(o); known && r.holds(v) {
				in = append(in, o)
			}
			return true
		})
		return roaring.BitmapOf(in...)
	}
	found := s.atLeast(r.From, of)
	if r.To < maxNumber {
		found.AndNot(s.atLeast(r.To+1, found))
	}
	return found
}

// few is the part of all contacts below which they are looked at one by one.
const few = 16
