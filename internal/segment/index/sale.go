package index

import (
	"slices"
	"strconv"
	"strings"

	"carnet/internal/live"
)

// What follows from a contact's sales.
const (
	Sale    = "sale"    // what is so of a contact: customer, subscriber, attendee, organizer, Child
	Plan    = "plan"    // of memberships in force: ids
	Channel = "channel" // of the last order
	Child   = "child"
)

// Numbers of sales; those above 0 only, but for assiduity, which is a percentage of what was due.
const (
	Orders    = "orders"
	Spent     = "spent"
	Tickets   = "tickets"
	Passes    = "passes"
	Bookings  = "bookings"
	Assiduity = "assiduity"
)

// Days of sales.
const (
	FirstPurchase   = "first_on"
	LastPurchase    = "last_on"
	SubscribedUntil = "subscribed_until"
)

var (
	saleFlags   = [...]string{"customer", "subscriber", "attendee", "organizer", Child}
	saleNumbers = [...]string{Orders, Spent, Tickets, Passes, Bookings}
	saleDays    = [...]string{FirstPurchase, LastPurchase, SubscribedUntil}
)

func saleColumns() string {
	list := append(append(append([]string{}, saleFlags[:]...), saleNumbers[:]...), saleDays[:]...)
	return strings.Join(append(list, "plans", "channel", "due", "attended"), ", ")
}

func isSaleNumber(name string) bool {
	return name == Assiduity || slices.Contains(saleNumbers[:], name)
}

// sale is a row of contact_sale. It is its contact's for good, and goes with it.
func (x *Index) sale(c *live.Change) {
	o, known := x.numberOf[key(c, "contact_id")]
	switch {
	case !known:
	case c.Op == live.Delete:
		x.writeSale(o, nothing{})
	default:
		x.writeSale(o, c)
	}
}

// nothing is a row without values.
type nothing struct{}

func (nothing) Value(string) (live.Value, bool) { return live.Value{Kind: live.Null}, true }

// writeSale brings what follows from a contact's sales in.
func (x *Index) writeSale(o uint32, r row) {
	flags := x.attribute(Attr{Name: Sale})
	for _, name := range saleFlags {
		if v, known := text(r, name); known {
			flags.put(o, name, v == "t")
		}
	}
	if plans, known := text(r, "plans"); known {
		x.attribute(Attr{Name: Plan}).replace(o, elements(plans))
	}
	if channel, known := text(r, "channel"); known {
		x.attribute(Attr{Name: Channel}).set(o, channel)
	}
	for _, name := range saleNumbers {
		if v, known := text(r, name); known {
			n, err := strconv.ParseInt(v, 10, 64)
			x.setNumber(x.number(name), o, n, err == nil && n > 0)
		}
	}
	for _, name := range saleDays {
		if v, known := text(r, name); known {
			day, is := dayOfDate(v)
			x.setNumber(x.number(name), o, day, is)
		}
	}
	due, _ := text(r, "due")
	attended, _ := text(r, "attended")
	of, _ := strconv.ParseInt(due, 10, 64)
	n, _ := strconv.ParseInt(attended, 10, 64)
	x.setNumber(x.number(Assiduity), o, n*100/max(of, 1), of > 0)
}
