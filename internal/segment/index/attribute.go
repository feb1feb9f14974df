package index

import (
	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"
)

// Attr names something that contacts have values of: an attribute of theirs, or a custom field, a
// purpose's channel and the like, which Of tells apart.
type Attr struct {
	Name string
	Of   uuid.UUID
}

// attribute holds who has which value.
type attribute struct {
	values map[string]*value
	list   []*value        // in the order of their codes; the first stands for no value
	some   *roaring.Bitmap // who has any

	// codes are the values by contact, kept of attributes that have one value at most and many values
	// in all, where looking through them all would be slow.
	codes  []uint32
	single bool

	motions *motions
	place   reads
	guards  []*value // those that guard queries

	seen look // the last look at a contact, which had some value or not
	had  bool
}

// value is one value of an attribute and who has it.
type value struct {
	text string
	code uint32
	bits *roaring.Bitmap

	guarding []*Query
	seen     look // the last look at a contact, which had it or not
	had      bool
}

// has tells whether the contact that is looked at has it.
func (v *value) has(o uint32, at look) bool {
	if v.seen != at {
		v.seen, v.had = at, v.bits.Contains(o)
	}
	return v.had
}

// has tells whether the contact that is looked at has any value.
func (a *attribute) has(o uint32, at look) bool {
	if a.seen != at {
		a.seen, a.had = at, a.some.Contains(o)
	}
	return a.had
}

func newAttribute(single bool, m *motions) *attribute {
	return &attribute{values: map[string]*value{}, list: []*value{{}}, some: roaring.New(), single: single, motions: m, place: m.place()}
}

func (a *attribute) value(text string) *value {
	v := a.values[text]
	if v == nil {
		v = &value{text: text, code: uint32(len(a.list)), bits: roaring.New()}
		a.values[text] = v
		a.list = append(a.list, v)
	}
	return v
}

// of gives a contact's only value.
func (a *attribute) of(o uint32) *value {
	if int(o) < len(a.codes) {
		return a.list[a.codes[o]]
	}
	return a.list[0]
}

// set gives a contact its only value, or none.
func (a *attribute) set(o uint32, text string) {
	for int(o) >= len(a.codes) {
		a.codes = append(a.codes, 0)
	}
	before := a.list[a.codes[o]]
	if before.text == text {
		return
	}
	if before.code != 0 {
		before.bits.Remove(o)
		a.motions.lose(o, before)
	}
	if text == "" {
		a.codes[o] = 0
		a.some.Remove(o)
	} else {
		v := a.value(text)
		v.bits.Add(o)
		a.codes[o] = v.code
		a.some.Add(o)
	}
	a.motions.note(o, a.place)
}

// put adds a value to those that a contact has, or takes it away.
func (a *attribute) put(o uint32, text string, has bool) {
	if has {
		if v := a.value(text); v.bits.CheckedAdd(o) {
			a.some.Add(o)
			a.motions.note(o, a.place)
		}
		return
	}
	if v := a.values[text]; v != nil && v.bits.CheckedRemove(o) {
		if !a.any(o) {
			a.some.Remove(o)
		}
		a.motions.lose(o, v)
		a.motions.note(o, a.place)
	}
}

// replace gives a contact exactly these values.
func (a *attribute) replace(o uint32, texts []string) {
	if a.some.Contains(o) {
		for _, v := range a.list[1:] {
			if v.bits.Contains(o) && !contains(texts, v.text) {
				a.put(o, v.text, false)
			}
		}
	}
	for _, text := range texts {
		a.put(o, text, true)
	}
}

// clear takes all values from a contact.
func (a *attribute) clear(o uint32) {
	if a.single {
		a.set(o, "")
	} else {
		a.replace(o, nil)
	}
}

func (a *attribute) any(o uint32) bool {
	for _, v := range a.list[1:] {
		if v.bits.Contains(o) {
			return true
		}
	}
	return false
}

func contains(list []string, text string) bool {
	for _, one := range list {
		if one == text {
			return true
		}
	}
	return false
}
