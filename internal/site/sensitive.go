package site

import (
	"maps"
	"slices"

	"carnet/internal/fault"
)

// Sensitive is something known of contacts that a site can keep from part of its staff. Who may not
// read it may not filter by it either, nor see it in exports, histories and events, nor overwrite it.
type Sensitive string

// What is sensitive.
const (
	SensitiveIBAN      Sensitive = "iban"
	SensitiveBirthDate Sensitive = "birth_date" // the age too
	SensitiveNotes     Sensitive = "notes"      // the pinned remark too
)

// Readers says from which role upwards each is read.
type Readers map[Sensitive]Role

var readersAtFirst = Readers{SensitiveIBAN: Manager, SensitiveBirthDate: Viewer, SensitiveNotes: Viewer}

// SensitiveRight is who reads one of them.
type SensitiveRight struct {
	Attribute  Sensitive
	ReadableBy Role
}

// SensitiveRights gives all of them with the site's choice, in their order.
func (s Site) SensitiveRights() []SensitiveRight {
	out := []SensitiveRight{}
	for _, one := range []Sensitive{SensitiveIBAN, SensitiveBirthDate, SensitiveNotes} {
		out = append(out, SensitiveRight{one, s.Readers.of(one)})
	}
	return out
}

func (r Readers) of(what Sensitive) Role {
	if role, chosen := r[what]; chosen {
		return role
	}
	return readersAtFirst[what]
}

// with gives r with some choices replaced.
func (r Readers) with(rights []SensitiveRight) Readers {
	out := maps.Clone(r)
	if out == nil {
		out = Readers{}
	}
	for _, one := range rights {
		out[one.Attribute] = one.ReadableBy
	}
	return out
}

func (r Readers) valid() bool {
	for what, role := range r {
		if _, known := readersAtFirst[what]; !known || role.Access() == AccessNone {
			return false
		}
	}
	return true
}

// Sees tells whether the actor reads it.
func (a Actor) Sees(what Sensitive) bool { return a.Access >= a.Readers.of(what).Access() }

// Hidden gives what the actor does not read, in order.
func (a Actor) Hidden() []Sensitive {
	out := slices.DeleteFunc(slices.Collect(maps.Keys(readersAtFirst)), a.Sees)
	slices.Sort(out)
	return out
}

// SeesLess tells whether there is something that the other actor reads and this one does not.
func (a Actor) SeesLess(than Actor) bool {
	return slices.ContainsFunc(a.Hidden(), than.Sees)
}

// MustSee refuses whoever does not read what they are about to filter by, change or take back.
func (a Actor) MustSee(all ...Sensitive) error {
	words := map[Sensitive]string{SensitiveIBAN: "IBANs", SensitiveBirthDate: "birth dates and ages", SensitiveNotes: "notes"}
	for _, what := range all {
		if !a.Sees(what) {
			return fault.New(fault.Forbidden, "your role does not read %s here, so it can neither filter by them nor change them; a manager decides who does, under Settings", words[what])
		}
	}
	return nil
}
