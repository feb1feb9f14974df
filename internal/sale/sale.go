// Package sale holds what a site sells and what became of it: the catalogue with its prices and quotas, orders, what contacts
// hold by them (tickets, memberships, passes, bookings), money, and what follows for a contact.
//
// Carnet is no shop. Orders are reported by a shop, a box office or a calendar (RecordOrder with an API key), or written down by
// staff. An order is one transaction: who buys is found or made by the book's own rules, the counters of places and quotas are
// raised, and what was bought is given. What is counted is held by CHECKs of the database, so two buyers of the last place
// cannot both have it; the loser gets SOLD_OUT or QUOTA_USED.
//
// Money is an integer of minor units in the site's one currency.
//
// Failure. Errors are faults. What a shop can mend carries one of the Reason constants and the line's path. The same idempotency
// key gives the same order again; with another request it is refused.
//
// Ordering. An order holds its idempotency key, then the addresses and the contacts it names, then what it counts: events,
// products, slots and quotas, each by id; then it posts to the books. Who returns, pays or pays back holds key and contacts
// likewise, then the order with what it gave, then what it counts, and the books last. What was asked of a
// payment provider is held after its order. No transaction is open while a provider is asked.
package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/segment"
	"carnet/internal/site"
)

// Limits.
const (
	MaxPage  = 200           // items of a page
	MaxLines = 200           // of an order
	MaxUnits = 1000          // tickets and the like of an order, all lines together
	MaxMoney = 1_000_000_000 // of a price, in minor units
	MaxTotal = 2_000_000_000 // of an order
)

// Reasons, beside those of package fault.
const (
	ReasonSoldOut       = "SOLD_OUT"         // no place is left
	ReasonQuotaUsed     = "QUOTA_USED"       // the contact has had what its quota allows (P-26)
	ReasonReserved      = "RESERVED"         // for holders of a membership only (T-22)
	ReasonNotOnSale     = "NOT_ON_SALE"      // archived, or of an event that is not published, was cancelled or is over
	ReasonOtherCurrency = "OTHER_CURRENCY"   // the site sells in one
	ReasonKeyReused     = "KEY_REUSED"       // the idempotency key came with another request
	ReasonOrderTaken    = "CHECKOUT_USED"    // another order came of this checkout
	ReasonTooMuch       = "TOO_MUCH"         // more than there is to pay, to give back or to return
	ReasonUsed          = "USED"             // a ticket, a pass or a booking that was used already
	ReasonSeatTaken     = "SEAT_TAKEN"       // another ticket of the event is for it
	ReasonOtherEvent    = "OTHER_EVENT"      // a ticket at another event's door
	ReasonCancelled     = "CANCELLED"        // it was given back, or has ended
	ReasonExpired       = "EXPIRED"          // its last day is over
	ReasonNoProvider    = "NO_PROVIDER"      // the site has no payment provider, or not this one
	ReasonRefused       = "PROVIDER_REFUSED" // the payment provider said no, in the message
	ReasonSilent        = "PROVIDER_SILENT"  // the payment provider did not answer in time
	ReasonInvalidBuyer  = "INVALID_CONTACT"  // in the trash, or past its validity (G-09)
)

// Service sells.
type Service struct {
	Tell     Tell             // bound by the program; nil: nobody listens
	Segments *segment.Service // which segments hold a contact

	db    *db.DB
	sites *site.Service
	book  contact.Book
	pay   Providers // the zero value: no site has one
	now   func() time.Time
}

// New makes the service.
func New(d *db.DB, sites *site.Service, book contact.Book) *Service {
	return &Service{db: d, sites: sites, book: book, now: time.Now}
}

// today is the site's day.
func (s *Service) today(of site.Site) time.Time { return of.Day(s.now()) }

// Page is a page of rows and whether there are more.
type Page[T any] struct {
	Rows []*T
	More bool
}

// checkPage holds a page's size to its limits.
func checkPage(first int) error {
	if first < 1 || first > MaxPage {
		return fault.New(fault.BadInput, "a page holds 1 to %d items", MaxPage)
	}
	return nil
}

// page cuts what was read, one row more than asked for, to a page.
func page[T any](rows []*T, first int) Page[T] {
	return Page[T]{Rows: rows[:min(len(rows), first)], More: len(rows) > first}
}

// byIDs reads rows of a site by their ids; for lists within lists.
func byIDs[T any](ctx context.Context, q bun.IDB, siteID uuid.UUID, ids []uuid.UUID, id func(*T) uuid.UUID) (map[uuid.UUID]*T, error) {
	out := make(map[uuid.UUID]*T, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var rows []*T
	err := q.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", siteID, bun.List(ids)).Scan(ctx)
	for _, row := range rows {
		out[id(row)] = row
	}
	return out, db.MapError(err, "read by ids")
}
