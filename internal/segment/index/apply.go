package index

import (
	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"

	"carnet/internal/live"
)

// Apply brings in what a transaction changed of the site's, and gives what it did to the followed
// queries; limit is how many contacts one of them may name.
func (x *Index) Apply(changes []*live.Change, limit int) []Told {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.motions.begin()
	touched := roaring.New()
	for _, c := range changes {
		for _, id := range Contacts(c) {
			if o, known := x.numberOf[id]; known { // as it was before: a deletion forgets it
				touched.Add(o)
			}
		}
		if o, written := x.change(c); written {
			touched.Add(o)
		}
	}
	defer x.release()
	if len(x.queries) == 0 || touched.IsEmpty() {
		return nil
	}
	return x.settle(touched, limit)
}

// change applies one row. written says that it was a contact's own.
func (x *Index) change(c *live.Change) (o uint32, written bool) {
	switch c.Table {
	case "contact":
		id := key(c, "id")
		if c.Op != live.Delete {
			return x.write(id, c), true
		}
		if o, known := x.numberOf[id]; known {
			x.remove(o)
			return o, true
		}
	case "contact_group_member":
		x.member(c, Attr{Name: Group}, "group_id")
	case "contact_label":
		x.label(c)
	case "segment_member":
		x.hand(c)
	case "consent":
		x.consent(c)
	case "account":
		x.account(c)
	case "contact_sale":
		x.sale(c)
	case "contact_indicator":
		x.indicator(c)
	case "custom_field":
		if kind, known := c.Get("type"); known {
			x.kind(key(c, "id"), kind)
		}
	}
	return 0, false
}

// member is a row that gives a contact one of many values.
func (x *Index) member(c *live.Change, attr Attr, column string) {
	if before, moved := c.Old(column); moved && c.Op == live.Update && before.Text != "" { // the key was updated
		x.putBy(c, attr, before.Text, false)
	}
	of, _ := c.Key(column)
	if c.Op != live.Delete {
		of, _ = c.Get(column)
	}
	x.putBy(c, attr, of, c.Op != live.Delete)
}

func (x *Index) label(c *live.Change) {
	if set := parse(c, "set_id"); set != uuid.Nil {
		x.sets[parse(c, "label_id")] = set
	}
	x.member(c, Attr{Label, x.sets[key(c, "label_id")]}, "label_id")
}

// putBy adds a value to the contact that a row is of, or takes it away.
func (x *Index) putBy(c *live.Change, attr Attr, text string, has bool) {
	id := key(c, "contact_id")
	if has { // the new row's contact: a merge moves rows from one to the other
		if moved, known := c.Get("contact_id"); known {
			id, _ = uuid.Parse(moved)
		}
	}
	if o, known := x.numberOf[id]; known {
		x.attribute(attr).put(o, text, has)
	}
}

func (x *Index) consent(c *live.Change) {
	if c.Op == live.Update {
		if _, moved := c.Old("contact_id"); moved {
			x.consentState(c, "")
		}
	}
	state, _ := c.Get("state")
	x.consentState(c, state)
}

// consentState writes what a contact said; an empty state is nothing.
func (x *Index) consentState(c *live.Change, state string) {
	channel, _ := c.Key("channel")
	purpose := key(c, "purpose_id")
	id := key(c, "contact_id")
	if state != "" {
		channel, _ = c.Get("channel")
		purpose, id = parse(c, "purpose_id"), parse(c, "contact_id")
	}
	o, known := x.numberOf[id]
	if !known {
		return
	}
	a := x.attribute(Attr{Consent + channel, purpose})
	if state == "" {
		a.replace(o, nil)
	} else {
		a.replace(o, []string{state})
	}
}

// account is of the contact that its row names, and of nobody else any more.
func (x *Index) account(c *live.Change) {
	a := x.attribute(Attr{Name: Account})
	before, owner := key(c, "contact_id"), parse(c, "contact_id")
	if o, known := x.numberOf[before]; known && before != owner {
		a.replace(o, nil)
	}
	disabled, _ := c.Get("disabled_at")
	if o, known := x.numberOf[owner]; known {
		a.replace(o, []string{accountState(disabled)})
	}
}

func accountState(disabledAt string) string {
	if disabledAt != "" {
		return Disabled
	}
	return Yes
}

// hand is a contact that staff put into a segment, or kept out of it, by hand.
func (x *Index) hand(c *live.Change) {
	attr := Attr{Name: Hand}
	_, moved := c.Old("contact_id")
	if c.Op == live.Delete || moved { // a merge moves rows
		for _, excluded := range [...]bool{false, true} {
			x.putBy(c, attr, ByHand(key(c, "segment_id"), excluded), false)
		}
	}
	if c.Op == live.Delete {
		return
	}
	of := parse(c, "segment_id")
	now, _ := c.Get("excluded")
	for _, excluded := range [...]bool{false, true} {
		x.putBy(c, attr, ByHand(of, excluded), excluded == (now == "t"))
	}
}

// Contacts gives the contacts that a change is of, before and after.
func Contacts(c *live.Change) (ids []uuid.UUID) {
	add := func(id uuid.UUID) {
		if id != uuid.Nil {
			ids = append(ids, id)
		}
	}
	switch c.Table {
	case "contact":
		add(key(c, "id"))
	case "contact_group_member", "contact_label", "contact_reference", "consent", "segment_member", "account", "contact_sale", "contact_indicator":
		add(key(c, "contact_id"))
		if now := parse(c, "contact_id"); now != key(c, "contact_id") {
			add(now)
		}
	case "affiliation": // both ends have changed; the key names them even when the link is gone
		add(key(c, "from_id"))
		add(key(c, "to_id"))
	}
	return ids
}

// key reads an id of a row's key as it was before the change.
func key(c *live.Change, column string) uuid.UUID {
	text, _ := c.Key(column)
	id, _ := uuid.Parse(text)
	return id
}

// parse reads an id of the new row.
func parse(c *live.Change, column string) uuid.UUID {
	text, _ := c.Get(column)
	id, _ := uuid.Parse(text)
	return id
}
