package sale

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Ticket is a place at an event.
type Ticket struct {
	bun.BaseModel `bun:"table:ticket,alias:ticket"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	LineID    uuid.UUID
	ProductID uuid.UUID
	EventID   uuid.UUID
	ContactID *uuid.UUID // who attends; nil once erased
	Code      string     // what its QR code says
	Seat      *string    // nobody else's at the event; nil: any
	State     TicketState
	UsedAt    *time.Time
	CreatedAt time.Time `bun:",nullzero"`
}

// TicketState is what became of a ticket.
type TicketState string

// The states.
const (
	TicketValid     TicketState = "valid"
	TicketUsed      TicketState = "used"
	TicketCancelled TicketState = "cancelled"
)

// Membership is a subscription to a plan. It is in force from its first day to its last, both included.
type Membership struct {
	bun.BaseModel `bun:"table:membership,alias:membership"`

	SiteID      uuid.UUID `bun:",pk"`
	ID          uuid.UUID `bun:",pk"`
	ContactID   uuid.UUID
	PlanID      uuid.UUID
	LineID      *uuid.UUID // nil: staff gave it without a sale
	StartsOn    time.Time  `bun:"type:date"`
	EndsOn      *time.Time `bun:"type:date"` // nil: until it is ended
	Renews      bool
	CancelledAt *time.Time
	CreatedAt   time.Time `bun:",nullzero"`
}

// InForce tells whether a day lies within the membership.
func (m *Membership) InForce(day time.Time) bool {
	return !day.Before(m.StartsOn) && (m.EndsOn == nil || !day.After(*m.EndsOn))
}

// MembershipState is where a day stands to a membership.
type MembershipState string

// The states.
const (
	MembershipAhead   MembershipState = "ahead"
	MembershipRunning MembershipState = "running"
	MembershipEnded   MembershipState = "ended"
)

// State tells where a day stands to the membership.
func (m *Membership) State(day time.Time) MembershipState {
	switch {
	case m.InForce(day):
		return MembershipRunning
	case day.Before(m.StartsOn) && (m.EndsOn == nil || !m.EndsOn.Before(m.StartsOn)):
		return MembershipAhead
	}
	return MembershipEnded // or it never was
}

// Pass is a number of uses that a contact holds.
type Pass struct {
	bun.BaseModel `bun:"table:pass,alias:pass"`

	SiteID      uuid.UUID `bun:",pk"`
	ID          uuid.UUID `bun:",pk"`
	ContactID   uuid.UUID
	ProductID   uuid.UUID
	LineID      *uuid.UUID
	Uses        int
	Used        int
	ValidOn     time.Time  `bun:"type:date"` // its first day
	EndsOn      *time.Time `bun:"type:date"` // its last day; nil: for good
	CancelledAt *time.Time
	CreatedAt   time.Time `bun:",nullzero"`
}

// Booking is a contact's place in a slot.
type Booking struct {
	bun.BaseModel `bun:"table:booking,alias:booking"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	ContactID uuid.UUID
	ProductID uuid.UUID
	SlotID    uuid.UUID
	LineID    *uuid.UUID
	PassID    *uuid.UUID // what paid for it, when a pass did
	State     BookingState
	CreatedAt time.Time `bun:",nullzero"`
}

// BookingState is what became of a booking.
type BookingState string

// The states.
const (
	BookingBooked    BookingState = "booked"
	BookingAttended  BookingState = "attended"
	BookingCancelled BookingState = "cancelled"
)
