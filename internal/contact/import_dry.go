package contact

import (
	"hash/maphash"

	"github.com/google/uuid"
)

// shadow keeps what a run that writes nothing would have made, for later rows of the same file that
// are about it. Only contacts whose keys stand in the file more than once are kept, so that a file of a
// million people does not stand in memory.
type shadow struct {
	seed     maphash.Seed
	repeated map[uint64]bool // hashes of keys that more than one row has
	byKey    map[string][]*shade
	byID     map[uuid.UUID]*shade
}

// shade is a contact as it would be.
type shade struct {
	record     *Record
	groups     []*Group
	labels     []*offered
	references []Reference
	agreed     map[consentKey]*Consent
}

func newShadow() *shadow {
	return &shadow{seed: maphash.MakeSeed(), repeated: map[uint64]bool{}, byKey: map[string][]*shade{}, byID: map[uuid.UUID]*shade{}}
}

// survey notes the keys of a row before the rows are decided upon.
func (s *shadow) survey(it *item) {
	if it.record == nil || len(it.problems) > 0 {
		return
	}
	for _, key := range it.keys() {
		h := maphash.String(s.seed, key)
		_, seen := s.repeated[h]
		s.repeated[h] = seen
	}
}

// settle forgets the keys that stand in the file once.
func (s *shadow) settle() {
	for h, twice := range s.repeated {
		if !twice {
			delete(s.repeated, h)
		}
	}
}

// keep keeps what a batch would have made or changed, where later rows may be about it.
func (s *shadow) keep(book *shelf) {
	for id, r := range book.inBatch {
		one := &item{record: r, own: id, number: r.Number}
		for ref, holder := range book.holders {
			if holder == id {
				one.more.refs = append(one.more.refs, ref)
			}
		}
		var keys []string
		for _, key := range one.keys() {
			if s.repeated[maphash.String(s.seed, key)] {
				keys = append(keys, key)
			}
		}
		if len(keys) == 0 {
			continue
		}
		sh := s.byID[id]
		if sh == nil {
			sh = &shade{}
			s.byID[id] = sh
		}
		*sh = shade{record: r, groups: book.groups[id], labels: book.labels[id], references: book.references[id], agreed: map[consentKey]*Consent{}}
		for key, c := range book.agreed {
			if key.contact == id {
				sh.agreed[key] = c
			}
		}
		for _, key := range keys {
			s.byKey[key] = append(s.byKey[key], sh)
		}
	}
}

// cover puts what earlier batches would have made into the shelf of a later one.
func (s *shadow) cover(book *shelf, items []*item) {
	done := map[*shade]bool{}
	for _, it := range items {
		if it.record == nil || len(it.problems) > 0 {
			continue
		}
		for _, key := range it.keys() {
			for _, sh := range s.byKey[key] {
				if !done[sh] {
					done[sh] = true
					book.cast(sh)
				}
			}
		}
	}
}

// cast replaces a contact by what would have become of it.
func (s *shelf) cast(sh *shade) {
	r := *sh.record
	if before := s.byID[r.ID]; before != nil {
		s.move(before, &r)
	} else {
		s.add(&r)
	}
	s.spoken[r.ID] = true
	s.groups[r.ID], s.labels[r.ID], s.references[r.ID] = sh.groups, sh.labels, sh.references
	for _, ref := range sh.references {
		s.holders[ref] = r.ID
	}
	if s.agreed == nil {
		s.agreed = map[consentKey]*Consent{}
	}
	for key, c := range sh.agreed {
		s.agreed[key] = c
	}
}
