package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// ProviderPayment is what a provider was asked to collect or to pay back for an order, and what became of it. It is written before the
// provider is asked, so that nothing is asked that is not known here.
type ProviderPayment struct {
	bun.BaseModel `bun:"table:provider_payment,alias:provided"`

	SiteID         uuid.UUID `bun:",pk"`
	ID             uuid.UUID `bun:",pk"` // what the provider knows it by
	Provider       ProviderName
	OrderID        *uuid.UUID // nil: money came that nothing here had asked for
	Direction      Direction
	State          ProviderState
	Amount         int64
	Booked         int64 // of it, what stands in the order's books
	Currency       string
	Reference      string // the provider's own
	Charge         string // what it pays back by
	URL            string // where one pays
	Reason         string // of a refund
	Problem        Problem
	Detail         string     // the provider's own words for the problem
	OfID           *uuid.UUID // of a refund: what is paid back
	PaymentID      *uuid.UUID // as booked to the order
	ChangeID       *uuid.UUID // as held for whoever paid
	IdempotencyKey string
	RequestSha256  []byte `bun:"request_sha256"`
	At             time.Time
	ActorKind      site.Kind
	ActorID        *uuid.UUID
	ActorName      string

	Left int64 `bun:"-"` // what can still be paid back of it at the provider; of an order's, read together
}

// ProviderState is how far something is at a provider.
type ProviderState string

// The states.
const (
	ProviderPending ProviderState = "pending" // asked for
	ProviderDone    ProviderState = "done"    // moved and booked
	ProviderHeld    ProviderState = "held"    // moved, but not or not all of it could be booked to the order
	ProviderFailed  ProviderState = "failed"  // not moved
)

// Problem says in a word why something is held, failed, or takes so long.
type Problem string

// The problems.
const (
	ProblemNotPaid       Problem = "NOT_PAID"       // nobody paid in time, or the payment failed
	ProblemRefused       Problem = "REFUSED"        // by the provider
	ProblemSilent        Problem = "SILENT"         // the provider has not answered; a refund is tried again
	ProblemOtherAmount   Problem = "OTHER_AMOUNT"   // another amount moved than was asked for
	ProblemOtherCurrency Problem = "OTHER_CURRENCY" // it stands in no books
	ProblemNotDue        Problem = "NOT_DUE"        // the order had less left to pay by then
	ProblemUnknown       Problem = "UNKNOWN"        // nothing here had asked for it
)

// key is the idempotency key of what is booked for it: one a payment and a state.
func (p *ProviderPayment) key(what string) string {
	return "provider/" + p.ID.String() + "/" + what
}

// payment makes what is booked for it.
func (p *ProviderPayment) payment(o *Order, direction Direction, amount int64, what string, at time.Time) *Payment {
	return &Payment{
		SiteID: p.SiteID, ID: uuid.Must(uuid.NewV7()), OrderID: o.ID, PayerID: o.PayerID, Direction: direction, Method: Card, Provider: p.Provider, Amount: amount, Reference: p.Reference,
		Reason: p.Reason, IdempotencyKey: p.key(what), RequestSha256: p.RequestSha256, At: at, ActorKind: p.ActorKind, ActorID: p.ActorID, ActorName: p.ActorName,
	}
}

// fail notes that it has not moved.
func (p *ProviderPayment) fail(problem Problem, detail string) {
	p.State, p.Problem, p.Detail = ProviderFailed, problem, short(detail)
}

// refusal is the error that a failed one gives to who asked for it; nil of others.
func (p *ProviderPayment) refusal() error {
	if p.State != ProviderFailed {
		return nil
	}
	return fault.Invalid(ReasonRefused, nil, "%s said no: %s", p.Provider, p.Detail)
}

// short cuts a provider's words to what is kept of them.
func short(text string) string {
	if runes := []rune(text); len(runes) > 500 {
		return string(runes[:500]) + "…"
	}
	return text
}

// write keeps what became of it.
func (p *ProviderPayment) write(ctx context.Context, tx bun.IDB) error {
	_, err := tx.NewUpdate().Model(p).Column("state", "booked", "reference", "charge", "problem", "detail", "payment_id", "change_id").WherePK().Exec(ctx)
	return db.MapError(err, "update provider payment")
}

// holdProvided locks one, with its order before it. nil, nil when there is none of this direction.
func holdProvided(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID, direction Direction) (*Order, *ProviderPayment, error) {
	row := new(ProviderPayment)
	err := tx.NewSelect().Model(row).Where("site_id = ? AND id = ? AND direction = ? AND order_id IS NOT NULL", siteID, id, direction).Scan(ctx)
	if db.NoRows(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, db.MapError(err, "read provider payment")
	}
	o, err := holdOrder(ctx, tx, siteID, *row.OrderID)
	if err != nil {
		return nil, nil, err
	}
	err = tx.NewSelect().Model(row).WherePK().For("UPDATE").Scan(ctx)
	return o, row, db.MapError(err, "hold provider payment")
}

// refundsUnderWay gives what is asked to be paid back of an order and has not moved. The caller holds the order.
func refundsUnderWay(ctx context.Context, tx bun.IDB, o *Order) (n int64, err error) {
	err = tx.NewSelect().Model((*ProviderPayment)(nil)).ColumnExpr("coalesce(sum(amount), 0)").
		Where("site_id = ? AND order_id = ? AND direction = ? AND state = ?", o.SiteID, o.ID, Out, ProviderPending).Scan(ctx, &n)
	return n, db.MapError(err, "read refunds under way")
}

// ProviderPaymentsOf gives what providers were asked for orders, oldest first. Needs a viewer.
func (s *Service) ProviderPaymentsOf(ctx context.Context, orders []uuid.UUID) (map[uuid.UUID][]*ProviderPayment, error) {
	by, err := grouped(ctx, s, "order_id", orders, "id", func(p *ProviderPayment) uuid.UUID { return *p.OrderID })
	for _, list := range by {
		tellLeft(list)
	}
	return by, err
}

// tellLeft says of an order's what can still be paid back at the provider.
func tellLeft(list []*ProviderPayment) {
	back := map[uuid.UUID]int64{}
	for _, p := range list {
		if p.Direction == Out && p.State != ProviderFailed {
			back[*p.OfID] += p.Amount
		}
	}
	for _, p := range list {
		if p.Direction == In {
			p.Left = max(0, p.Booked-back[p.ID])
		}
	}
}

// readProvided gives an order's. The caller holds the order.
func readProvided(ctx context.Context, tx bun.IDB, o *Order) (list []*ProviderPayment, err error) {
	err = tx.NewSelect().Model(&list).Where("site_id = ? AND order_id = ?", o.SiteID, o.ID).Order("id").Scan(ctx)
	tellLeft(list)
	return list, db.MapError(err, "read provider payments")
}

// HeldPayments gives what came and could not, or not whole, be booked to its order, the newest 200. Needs a manager.
func (s *Service) HeldPayments(ctx context.Context) ([]*ProviderPayment, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	rows := []*ProviderPayment{}
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND state = ?", a.SiteID, ProviderHeld).Order("id DESC").Limit(MaxPage).Scan(ctx)
	return rows, db.MapError(err, "read held payments")
}
