package sale

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/job"
	"carnet/internal/pay"
	"carnet/internal/site"
)

// A refund at a provider has three steps: it is written down, and kept free of what was paid; the provider is asked, outside of any
// transaction; and what it answered is booked. Whatever ends the program in between, a job asks again, and the provider does once
// what it is asked twice. It asks until there is an answer: who gave up could pay twice.

// finishAfter is when the job takes over from who asked for the refund.
const finishAfter = time.Minute

// refundJob asks a provider again.
type refundJob struct {
	SiteID uuid.UUID `json:"siteId"`
	ID     uuid.UUID `json:"id"`
}

// Kind is its name in the queue.
func (refundJob) Kind() string { return "provider_refund" }

// payBack is Refund at the provider that collected. One that does not answer leaves the refund pending.
func (s *Service) payBack(ctx context.Context, v checker, in Refund) (o *Order, err error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	if in.Method != Card {
		v.add(fault.InvalidValue, []string{"method"}, "what was paid at a provider goes back there, as CARD")
	}
	if in.Reference != "" {
		v.add(fault.InvalidValue, []string{"reference"}, "the provider gives the number")
	}
	if err := v.list.Err(); err != nil {
		return nil, err
	}
	sum, err := digest(in)
	if err != nil {
		return nil, err
	}
	row, known := new(ProviderPayment), false
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := keyKnown(ctx, tx, "payment", a.SiteID, in.IdempotencyKey, sum); err != nil {
			return err
		}
		if known, err = keyKnown(ctx, tx, "provider_payment", a.SiteID, in.IdempotencyKey, sum); err != nil {
			return err
		}
		if o, err = holdOrder(ctx, tx, a.SiteID, in.OrderID); err != nil {
			return err
		}
		if known {
			err := tx.NewSelect().Model(row).Where("site_id = ? AND idempotency_key = ?", a.SiteID, in.IdempotencyKey).Scan(ctx)
			return db.MapError(err, "read provider payment")
		}
		list, err := readProvided(ctx, tx, o)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(p *ProviderPayment) bool {
			return p.PaymentID != nil && *p.PaymentID == *in.PaymentID && p.Direction == In
		})
		if at < 0 {
			return fault.Invalid(fault.Unknown, []string{"paymentId"}, "the order has no such payment at a provider")
		}
		row, err = s.intend(ctx, tx, o, list[at], Payment{Amount: in.Amount, Reason: in.Reason, IdempotencyKey: in.IdempotencyKey, RequestSha256: sum}, a, finishAfter)
		return err
	})
	if err != nil {
		return nil, err
	}
	if row.State == ProviderPending {
		asked, done := asking(ctx)
		defer done()
		if row, err = s.settle(asked, row.SiteID, row.ID, known); err != nil && !errors.Is(err, errSilent) {
			return nil, err
		}
	}
	if no := row.refusal(); no != nil {
		return nil, no
	}
	return s.OrderByID(ctx, in.OrderID)
}

// intend writes a refund down before it is asked for, with the job that sees to its end from a while later on. p says how much, why and
// under which key. The caller holds the order.
func (s *Service) intend(ctx context.Context, tx bun.Tx, o *Order, of *ProviderPayment, p Payment, a site.Actor, finish time.Duration) (*ProviderPayment, error) {
	if p.Amount > of.Left {
		return nil, fault.Invalid(ReasonTooMuch, []string{"amount"}, "%d of this payment can be paid back, in minor units of %s", of.Left, o.Currency)
	}
	underWay, err := refundsUnderWay(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	if p.Amount > o.Paid-underWay {
		return nil, errPaidLess(o, o.Paid-underWay)
	}
	row := &ProviderPayment{
		SiteID: o.SiteID, ID: uuid.Must(uuid.NewV7()), Provider: of.Provider, OrderID: &o.ID, Direction: Out, State: ProviderPending, Amount: p.Amount, Currency: o.Currency,
		Charge: of.Charge, Reason: p.Reason, OfID: &of.ID, IdempotencyKey: p.IdempotencyKey, RequestSha256: p.RequestSha256, At: s.now(),
	}
	row.ActorKind, row.ActorID, row.ActorName = byWhom(a)
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return nil, db.MapError(err, "insert provider payment")
	}
	of.Left -= p.Amount
	return row, s.pay.Jobs.InsertAt(ctx, tx, refundJob{o.SiteID, row.ID}, row.At.Add(finish))
}

var errSilent = errors.New("the payment provider has not answered")

// settle asks the provider for a refund that is written down, and writes what it answers. again: it may have been asked before.
// errSilent when it has not answered; the refund then stays pending.
func (s *Service) settle(ctx context.Context, siteID, id uuid.UUID, again bool) (*ProviderPayment, error) {
	row := new(ProviderPayment)
	if err := s.db.Bun.NewSelect().Model(row).Where("site_id = ? AND id = ?", siteID, id).Scan(ctx); err != nil {
		return nil, db.Missing(err, "refund", "read provider payment")
	}
	if row.State != ProviderPending || row.Reference != "" { // with a number the provider has taken it on, and will tell
		return row, nil
	}
	answer, err := s.askBack(ctx, row, again)
	var no *pay.Refused
	if errors.As(err, &no) {
		answer, err = pay.PaidBack{State: pay.Failed, Problem: no.Message}, nil
	}
	var after *ProviderPayment
	failed := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		o, row, held := holdProvided(ctx, tx, siteID, id, Out)
		if after = row; held != nil || row == nil || row.State != ProviderPending {
			return held
		}
		if err != nil {
			row.Problem = ProblemSilent
			return row.write(ctx, tx)
		}
		return s.conclude(ctx, tx, o, row, answer)
	})
	if failed == nil && err != nil {
		failed = errors.Join(errSilent, err)
	}
	return after, failed
}

// askBack asks the provider.
func (s *Service) askBack(ctx context.Context, row *ProviderPayment, again bool) (pay.PaidBack, error) {
	provider, err := s.provider(ctx, row.SiteID, row.Provider)
	if err != nil {
		if _, no := fault.Mendable(err); no && !again {
			return pay.PaidBack{}, &pay.Refused{Message: err.Error()}
		}
		return pay.PaidBack{}, err
	}
	return provider.PayBack(ctx, pay.PayBack{ID: row.ID.String(), Site: row.SiteID.String(), Charge: row.Charge, Amount: row.Amount, Currency: row.Currency, Again: again})
}

// conclude writes what a provider says of a refund, by its answer or later. What had moved and came back is booked as money that came in.
// The caller holds order and refund.
func (s *Service) conclude(ctx context.Context, tx bun.Tx, o *Order, row *ProviderPayment, said pay.PaidBack) error {
	if said.Reference != "" {
		row.Reference = said.Reference
	}
	switch {
	case said.State == pay.Moved && row.State == ProviderPending:
		p := row.payment(o, Out, row.Amount, "out", s.now())
		if err := payOut(ctx, tx, o, p); err != nil {
			return err
		}
		row.State, row.Booked, row.PaymentID, row.Problem, row.Detail = ProviderDone, row.Amount, &p.ID, "", ""
	case said.State == pay.Failed && row.State == ProviderDone:
		if err := cameIn(ctx, tx, o, row.payment(o, In, row.Amount, "back", s.now())); err != nil {
			return err
		}
		row.Booked = 0
		row.fail(ProblemRefused, said.Problem)
	case said.State == pay.Failed && row.State == ProviderPending:
		row.fail(ProblemRefused, said.Problem)
	}
	return row.write(ctx, tx)
}

// wentBack books what a provider tells of a refund.
func (s *Service) wentBack(ctx context.Context, of site.Site, e pay.Event) (heard Heard, err error) {
	id, _ := uuid.Parse(e.ID) // one that is none finds nothing
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		o, row, err := holdProvided(ctx, tx, of.ID, id, Out)
		if err != nil {
			return err
		}
		if row == nil || row.Reference != "" && row.Reference != e.Reference {
			heard = HeardNothing
			return nil
		}
		before := row.State
		if e.State == pay.Moved && before == ProviderPending && (e.Amount != row.Amount || e.Currency != row.Currency) {
			heard = HeardHeld // it has moved, and is not what was asked for: somebody has to look
			row.State, row.Reference, row.Problem, row.Detail = ProviderHeld, e.Reference, ProblemOtherAmount, amountText(e.Amount, e.Currency)
			return row.write(ctx, tx)
		}
		if err := s.conclude(ctx, tx, o, row, pay.PaidBack{Reference: e.Reference, State: e.State, Problem: e.Problem}); err != nil {
			return err
		}
		switch row.State {
		case before:
			heard = HeardBefore
		case ProviderDone:
			heard = HeardBooked
		default:
			heard = HeardNoted
		}
		return nil
	})
	return heard, err
}

// finishRefund is the job: it asks until the provider has answered, each time after a longer while.
func (s *Service) finishRefund(ctx context.Context, of refundJob, _ bool) error {
	row, err := s.settle(ctx, of.SiteID, of.ID, true)
	if fault.CodeOf(err) == fault.NotFound && err != nil {
		return nil // the site is gone
	}
	if err != nil {
		wait := time.Minute
		if row != nil {
			wait = min(time.Hour, max(wait, s.now().Sub(row.At)/2))
		}
		return job.Later(wait)
	}
	return nil
}
