package sale

import (
	"time"

	"github.com/google/uuid"
)

// RecordOrder is what a shop or staff report of a sale.
type RecordOrder struct {
	IdempotencyKey string
	Reference      string
	Channel        string // shop, counter, phone ...; empty: shop for a program, counter for staff
	Checkout       string // the id (jti) of a redeemed checkout, which tells who buys
	Buyer          Party
	Identified     bool   `json:",omitempty"` // a box office that has them before it: it is known who buys and attends
	Payer          *Party // nil: the buyer
	Lines          []OrderedLine
	Currency       string // empty: the site's
	OrderedAt      *time.Time
	Payments       []OrderPayment // what was paid with it
}

// Party is a contact of the book, or who is to be found or made there.
type Party struct {
	ContactID *uuid.UUID `json:",omitempty"`
	Person    *Buyer     `json:",omitempty"`
}

// Buyer is what a shop knows of a person (C-06).
type Buyer struct {
	Email, FirstName, LastName, Language, Company, Phone string
	AddressLines, Postcode, City, Country                string
	Consent                                              bool // agreed to be contacted
}

// OrderedLine is a line of a report.
type OrderedLine struct {
	ProductID uuid.UUID
	Quantity  int
	SlotID    *uuid.UUID // of a resource
	Attendee  *Party     // nil: the buyer
	UnitPrice *int64     // what was charged; nil: Carnet's price
	StartsOn  *time.Time // of a membership; nil: today, or the day after one of the same plan that is in force
	Seats     []string   `json:",omitempty"` // of tickets, one each; empty: the place that the attendee prefers, for one of them (S-52). Left out of older keys' digests
}

// OrderPayment is a payment that came with an order.
type OrderPayment struct {
	Method    Method
	Amount    int64
	Reference string
}

// addresses gives the e-mail addresses by which persons are looked for.
func (in *RecordOrder) addresses() (out []string) {
	parties := []*Party{&in.Buyer, in.Payer}
	for i := range in.Lines {
		parties = append(parties, in.Lines[i].Attendee)
	}
	for _, p := range parties {
		if p != nil && p.Person != nil {
			out = append(out, p.Person.Email)
		}
	}
	return out
}

func (p Party) isEmpty() bool { return p.ContactID == nil && p.Person == nil }
