package sale

import (
	"context"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Pay is money that came in for an order.
type Pay struct {
	OrderID        uuid.UUID
	Method         Method
	Amount         int64
	Reference      string // the provider's own
	IdempotencyKey string
}

// Refund is money that goes back for an order.
type Refund struct {
	OrderID        uuid.UUID
	PaymentID      *uuid.UUID `json:",omitempty"` // what is paid back at the provider that collected it; nil: it was paid back elsewhere
	Method         Method
	Amount         int64
	Reference      string
	Reason         string
	IdempotencyKey string
}

// RecordPayment writes down a payment of an order, of the whole or a part. Needs an operator, or a key with that role. The same
// idempotency key pays nothing more. NotFound. Mendable: KEY_REUSED, TOO_MUCH, and what is malformed.
func (s *Service) RecordPayment(ctx context.Context, in Pay) (*Order, error) {
	v := checker{}
	v.key(in.IdempotencyKey)
	v.payment(OrderPayment{Method: in.Method, Amount: in.Amount, Reference: in.Reference})
	return s.move(ctx, v, in.OrderID, in.IdempotencyKey, in, Payment{Direction: In, Method: in.Method, Amount: in.Amount, Reference: in.Reference}, payIn)
}

// Refund pays back what was paid for an order, in whole or in part, never more than that. It changes nothing of what was ordered:
// Return does. Needs an operator, or a key with that role. The same idempotency key pays nothing more. NotFound. Mendable:
// KEY_REUSED, TOO_MUCH, of a payment at a provider UNKNOWN, NO_PROVIDER and PROVIDER_REFUSED, and what is malformed.
func (s *Service) Refund(ctx context.Context, in Refund) (*Order, error) {
	v := checker{}
	v.key(in.IdempotencyKey)
	v.payment(OrderPayment{Method: in.Method, Amount: in.Amount, Reference: in.Reference})
	v.text(in.Reason, 2000, "reason")
	if in.PaymentID != nil {
		return s.payBack(ctx, v, in)
	}
	return s.move(ctx, v, in.OrderID, in.IdempotencyKey, in, Payment{Direction: Out, Method: in.Method, Amount: in.Amount, Reference: in.Reference, Reason: in.Reason}, payOut)
}

// move has money come or go once under a key.
func (s *Service) move(ctx context.Context, v checker, id uuid.UUID, key string, request any, p Payment, do func(context.Context, bun.IDB, *Order, *Payment) error) (o *Order, err error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	if err := v.list.Err(); err != nil {
		return nil, err
	}
	sum, err := digest(request)
	if err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		known, err := keyKnown(ctx, tx, "payment", a.SiteID, key, sum)
		if err != nil {
			return err
		}
		if o, err = holdOrder(ctx, tx, a.SiteID, id); err != nil || known {
			return err
		}
		one := p
		one.SiteID, one.ID, one.OrderID, one.PayerID, one.At = a.SiteID, uuid.Must(uuid.NewV7()), o.ID, o.PayerID, s.now()
		one.IdempotencyKey, one.RequestSha256 = key, sum
		one.ActorKind, one.ActorID, one.ActorName = byWhom(a)
		return do(ctx, tx, o, &one)
	})
	return o, err
}

// byWhom gives who does something, as rows keep it. What is done in a customer's account by staff is theirs (S-15). A customer is not
// named: the name of an account is an address, and money stays when its owner is erased.
func byWhom(a site.Actor) (site.Kind, *uuid.UUID, string) {
	switch {
	case a.Support != nil:
		return site.KindStaff, &a.Support.ID, a.Support.Name
	case a.Kind == site.KindAccount:
		return a.Kind, &a.ID, ""
	}
	if a.ID == uuid.Nil {
		return a.Kind, nil, a.Name
	}
	return a.Kind, &a.ID, a.Name
}

// keyKnown holds an idempotency key and tells whether the table has a row that came with it. With another request it is refused.
func keyKnown(ctx context.Context, tx bun.IDB, table string, siteID uuid.UUID, key string, sum []byte) (bool, error) {
	if err := holdKey(ctx, tx, siteID, table, key); err != nil {
		return false, err
	}
	var before []byte
	err := tx.NewSelect().TableExpr("?", bun.Ident(table)).Column("request_sha256").Where("site_id = ? AND idempotency_key = ?", siteID, key).Scan(ctx, &before)
	switch {
	case db.NoRows(err):
		return false, nil
	case err != nil:
		return false, db.MapError(err, "look for idempotency key")
	case !slices.Equal(before, sum):
		return false, errKeyReused
	}
	return true, nil
}

// pay books what the order costs, and what was paid with it.
func (r *recording) pay(ctx context.Context) error {
	owes := side{kind: receivable, contact: r.order.PayerID}
	err := post(ctx, r.tx, r.site.ID, posting{kind: "order", order: &r.order.ID, from: side{kind: revenue}, to: owes, amount: r.order.Total, at: r.order.OrderedAt})
	if err != nil {
		return err
	}
	for i, p := range r.in.Payments {
		err := payIn(ctx, r.tx, r.order, &Payment{
			SiteID: r.site.ID, ID: uuid.Must(uuid.NewV7()), OrderID: r.order.ID, PayerID: r.order.PayerID, Direction: In, Method: p.Method, Amount: p.Amount, Reference: p.Reference,
			IdempotencyKey: "order/" + r.order.ID.String() + "/" + strconv.Itoa(i), RequestSha256: r.order.RequestSha256, At: r.order.OrderedAt,
			ActorKind: r.order.ActorKind, ActorID: r.order.ActorID, ActorName: r.order.ActorName,
		})
		if err != nil {
			return fault.Under(err, "payments", strconv.Itoa(i))
		}
	}
	return nil
}

// payIn writes down money that came in for an order, at most what is due. The caller holds the order.
func payIn(ctx context.Context, tx bun.IDB, o *Order, p *Payment) error {
	if p.Amount > o.Due() {
		return fault.Invalid(ReasonTooMuch, []string{"amount"}, "the order has %d left to pay, in minor units of %s", max(0, o.Due()), o.Currency)
	}
	return cameIn(ctx, tx, o, p)
}

// cameIn is payIn of whatever came.
func cameIn(ctx context.Context, tx bun.IDB, o *Order, p *Payment) error {
	if p.Provider == "" {
		p.Provider = ProviderManual
	}
	if err := p.creditable(); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(p).Exec(ctx); err != nil {
		return db.MapError(err, "insert payment")
	}
	// What came in is more money, or less credit; what is owed is less.
	entry := posting{kind: "payment", order: &o.ID, payment: &p.ID, from: side{kind: receivable, contact: o.PayerID}, to: p.side(), amount: p.Amount, at: p.At}
	if err := post(ctx, tx, o.SiteID, entry); err != nil {
		return err
	}
	o.Paid += p.Amount
	return writePaid(ctx, tx, o)
}

// payOut writes down money that goes back for an order. The caller holds the order.
func payOut(ctx context.Context, tx bun.IDB, o *Order, p *Payment) error {
	free := o.Paid
	if p.Provider == "" { // a provider's own refund was kept free for it when it was asked for
		p.Provider = ProviderManual
		underWay, err := refundsUnderWay(ctx, tx, o)
		if err != nil {
			return err
		}
		free -= underWay
	}
	if p.Amount > free {
		return errPaidLess(o, free)
	}
	if err := p.creditable(); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(p).Exec(ctx); err != nil {
		return db.MapError(err, "insert refund")
	}
	// What goes out is less money, or more credit; what is owed is more, or what the site owes is less.
	entry := posting{kind: "refund", order: &o.ID, payment: &p.ID, from: p.side(), to: side{kind: receivable, contact: o.PayerID}, amount: p.Amount, at: p.At}
	if err := post(ctx, tx, o.SiteID, entry); err != nil {
		return err
	}
	o.Paid -= p.Amount
	return writePaid(ctx, tx, o)
}

func errPaidLess(o *Order, free int64) error {
	return fault.Invalid(ReasonTooMuch, []string{"amount"}, "%d of the order is paid and neither paid back nor on its way back, in minor units of %s", max(0, free), o.Currency)
}

func writePaid(ctx context.Context, tx bun.IDB, o *Order) error {
	_, err := tx.NewUpdate().Model(o).Column("paid").WherePK().Exec(ctx)
	return db.MapError(err, "update order")
}

// side is the account that money comes to or goes from.
func (p *Payment) side() side {
	if p.Method == Credit {
		return side{kind: credit, contact: p.PayerID}
	}
	return side{kind: money, method: p.Method}
}

// creditable refuses credit of nobody's.
func (p *Payment) creditable() error {
	if p.Method == Credit && p.PayerID == nil {
		return fault.Invalid(fault.InvalidValue, []string{"method"}, "whoever paid was deleted for good and has no credit balance; choose another way")
	}
	return nil
}
