package sale

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Product is something the site sells.
type Product struct {
	bun.BaseModel `bun:"table:product,alias:product"`

	SiteID      uuid.UUID `bun:",pk"`
	ID          uuid.UUID `bun:",pk"`
	Kind        ProductKind
	Name        string
	Description string
	EventID     *uuid.UUID // what a ticket is for
	Price       int64      // for everybody; minor units
	Capacity    *int       // how many are sold at most; nil: no limit
	Taken       int        // of it; only sales and returns write it
	Reserved    bool       // for holders of a membership only (T-22)
	ForChild    bool       // bought for children (S-27)
	SupplierID  *uuid.UUID // S-09
	Uses        *int       // of a pass
	ValidDays   *int       // of a pass, from the day it is bought; nil: for good
	Months      *int       // of a membership; nil: until it is ended
	ArchivedAt  *time.Time
	CreatedAt   time.Time `bun:",nullzero"`
	UpdatedAt   time.Time `bun:",nullzero"`
}

// ProductKind is what a product gives.
type ProductKind string

// The kinds.
const (
	KindTicket     ProductKind = "ticket"     // a place at an event
	KindPass       ProductKind = "pass"       // a number of uses
	KindMembership ProductKind = "membership" // a subscription to a plan; "plan" elsewhere is a product of this kind
	KindResource   ProductKind = "resource"   // booked by slots
)

// Left gives how many are left; nil when there is no limit.
func (p *Product) Left() *int { return left(p.Capacity, p.Taken) }

// Slot is a time at which a resource can be booked.
type Slot struct {
	bun.BaseModel `bun:"table:slot,alias:slot"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	ProductID uuid.UUID
	StartsAt  time.Time
	EndsAt    time.Time
	Capacity  int
	Taken     int
}

// OnSale tells whether the slot can be booked at this time.
func (s *Slot) OnSale(at time.Time) bool { return at.Before(s.EndsAt) }

// Left gives how many places are left.
func (s *Slot) Left() int { return max(0, s.Capacity-s.Taken) }

// Price is what a product costs for those of a group (P-25) or the holders of a membership (T-22); one of the two is set.
type Price struct {
	bun.BaseModel `bun:"table:product_price,alias:price"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	ProductID uuid.UUID
	GroupID   *uuid.UUID
	PlanID    *uuid.UUID
	Amount    int64
}

// Quota is how many of a product one contact may have in a period (P-26).
type Quota struct {
	bun.BaseModel `bun:"table:quota,alias:quota"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	ProductID uuid.UUID
	GroupID   *uuid.UUID // nil: everybody
	Period    Period
	Most      int
}

// Period is how long a quota counts; each begins at the site's midnight, weeks on Mondays.
type Period string

// The periods.
const (
	Daily   Period = "day"
	Weekly  Period = "week"
	Monthly Period = "month"
	Yearly  Period = "year"
	Ever    Period = "ever"
)

// First gives the first day of the period that holds a day.
func (p Period) First(day time.Time) time.Time {
	switch p {
	case Weekly:
		return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	case Monthly:
		return day.AddDate(0, 0, 1-day.Day())
	case Yearly:
		return time.Date(day.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	case Ever:
		return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return day
}
