package contact

import (
	"strings"
	"time"

	"carnet/internal/site"
)

// What the actor may not read (site.Sensitive) is kept from every way out of the book: the record, its
// history, exports, rules (package segment) and, because these are read with the subscriber's rights,
// events.

// ShownBirthDate gives the birth date to those who read it, nil to others.
func (r *Record) ShownBirthDate(a site.Actor) *time.Time {
	if !a.Sees(site.SensitiveBirthDate) {
		return nil
	}
	return r.BirthDate
}

// ShownAge is Age for those who read birth dates.
func (r *Record) ShownAge(a site.Actor, today time.Time) *int {
	if !a.Sees(site.SensitiveBirthDate) {
		return nil
	}
	return r.Age(today)
}

// ShownNote gives the pinned remark to those who read notes, nothing to others.
func (r *Record) ShownNote(a site.Actor) string {
	if !a.Sees(site.SensitiveNotes) {
		return ""
	}
	return r.Note
}

// sensitiveName tells whether an attribute, as histories name it, is sensitive. An IBAN is masked in every
// history already.
func sensitiveName(name string) (site.Sensitive, bool) {
	switch {
	case name == "birthDate":
		return site.SensitiveBirthDate, true
	case name == "note", strings.HasPrefix(name, "notes."):
		return site.SensitiveNotes, true
	}
	return "", false
}

// hide takes out the values that the actor may not read; that they changed is still told.
func (c Changes) hide(a site.Actor) {
	for name := range c {
		if what, is := sensitiveName(name); is && !a.Sees(what) {
			c[name] = Delta{}
		}
	}
}

// mustSee refuses a change of what the actor does not read.
func (c Change) mustSee(a site.Actor) error {
	var touched []site.Sensitive
	if c.BirthDate != nil {
		touched = append(touched, site.SensitiveBirthDate)
	}
	if c.Note != nil {
		touched = append(touched, site.SensitiveNotes)
	}
	return a.MustSee(touched...)
}

// mustSee refuses taking back a change of what the actor does not read.
func (c Changes) mustSee(a site.Actor) error {
	for name := range c {
		if what, is := sensitiveName(name); is {
			if err := a.MustSee(what); err != nil {
				return err
			}
		}
	}
	return nil
}
