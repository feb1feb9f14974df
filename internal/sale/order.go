package sale

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/site"
)

// Order is a sale. It names up to three contacts: who buys, who pays, and on its lines who attends (S-61).
type Order struct {
	bun.BaseModel `bun:"table:sale_order,alias:o"`

	SiteID         uuid.UUID `bun:",pk"`
	ID             uuid.UUID `bun:",pk"`
	Number         int64
	Reference      string  // the shop's own
	CheckoutJti    *string // the redeemed checkout that told who buys
	IdempotencyKey string
	RequestSha256  []byte     `bun:"request_sha256"`
	BuyerID        *uuid.UUID // nil once the contact was erased
	PayerID        *uuid.UUID
	Channel        string
	State          OrderState
	Currency       string
	Total          int64                  // as ordered; minor units
	Returned       int64                  // of it, what was given back or let off
	Paid           int64                  // payments less what was paid back
	Answers        []account.FrozenAnswer `bun:"type:jsonb"` // as given at the checkout (G-21)
	OrderedAt      time.Time
	RecordedAt     time.Time `bun:",nullzero"`
	ActorKind      site.Kind
	ActorID        *uuid.UUID
	ActorName      string
}

// OrderState tells whether an order stands.
type OrderState string

// The states. An order all of whose lines went back is cancelled.
const (
	OrderCompleted OrderState = "completed"
	OrderCancelled OrderState = "cancelled"
)

// Due gives what is still to be paid; below zero: what is to be paid back.
func (o *Order) Due() int64 { return o.Total - o.Returned - o.Paid }

// Line is what an order holds of one product.
type Line struct {
	bun.BaseModel `bun:"table:order_line,alias:line"`

	SiteID     uuid.UUID `bun:",pk"`
	ID         uuid.UUID `bun:",pk"`
	OrderID    uuid.UUID
	Position   int
	ProductID  uuid.UUID
	SlotID     *uuid.UUID
	AttendeeID *uuid.UUID // nil once the contact was erased
	Label      string     // what was sold, as it was called then
	Quantity   int
	Returned   int // of the quantity
	UnitPrice  int64
	PriceRule  string // whose price it was: a group's or a plan's name; empty: everybody's
}

// Amount gives what the line costs.
func (l *Line) Amount() int64 { return int64(l.Quantity) * l.UnitPrice }
