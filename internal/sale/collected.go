package sale

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/pay"
	"carnet/internal/site"
)

// Heard is what became of something that a provider told.
type Heard string

// What becomes of it.
const (
	HeardBooked  Heard = "booked"
	HeardHeld    Heard = "held"    // the money came, but not or not all of it could be booked to the order
	HeardNoted   Heard = "noted"   // nothing moved
	HeardBefore  Heard = "before"  // it was told before
	HeardNothing Heard = "nothing" // nothing of ours: of another site, or of another program with the same account
)

// HearProvider takes what a provider tells a site, in any order and any number of times. The provider proves itself by its signature;
// there is no actor. NotFound where the site has no account at the provider; BadInput for what is not proved. Any other error is ours,
// and the provider shall tell it again.
func (s *Service) HearProvider(ctx context.Context, of site.Site, name ProviderName, body []byte, header http.Header) (Heard, error) {
	provider, err := s.provider(ctx, of.ID, name)
	if _, no := fault.Mendable(err); no {
		return "", fault.New(fault.NotFound, "this site has no account at %s", name)
	}
	if err != nil {
		return "", err
	}
	e, err := provider.Read(body, header)
	var no *pay.Refused
	if errors.As(err, &no) {
		return "", fault.New(fault.BadInput, "%s", no.Message)
	}
	if err != nil {
		return "", fault.Wrap(err, "read the provider's event")
	}
	if e.Site != of.ID.String() {
		return HeardNothing, nil
	}
	switch e.Kind {
	case pay.Collected:
		return s.collected(ctx, of, name, e)
	case pay.BackAtThem:
		return s.wentBack(ctx, of, e)
	}
	return HeardNothing, nil
}

// collected books what somebody paid, once. Money that came is never refused: what cannot be booked to the order is held for whoever
// pays it, and says why.
func (s *Service) collected(ctx context.Context, of site.Site, name ProviderName, e pay.Event) (heard Heard, err error) {
	id, _ := uuid.Parse(e.ID) // one that is none finds nothing
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		o, row, err := holdProvided(ctx, tx, of.ID, id, In)
		if err != nil {
			return err
		}
		another := row == nil || row.Reference != "" && row.Reference != e.Reference // a page that we did not open
		switch {
		case e.State == pay.Moved && another:
			heard, err = s.holdUnknown(ctx, tx, of, name, o, e)
		case another:
			heard = HeardNothing
		case row.State == ProviderDone || row.State == ProviderHeld:
			heard = HeardBefore
		case e.State == pay.Moved: // after a failure too: the provider has the money
			row.Reference, row.Charge = e.Reference, e.Charge
			heard, err = s.fit(ctx, tx, o, row, e)
		case e.State == pay.Failed && row.State == ProviderPending:
			heard = HeardNoted
			row.fail(ProblemNotPaid, e.Problem)
			err = row.write(ctx, tx)
		default:
			heard = HeardBefore
		}
		return err
	})
	return heard, err
}

// fit books what came to the order as far as it fits, and holds the rest.
func (s *Service) fit(ctx context.Context, tx bun.Tx, o *Order, row *ProviderPayment, e pay.Event) (Heard, error) {
	row.State, row.Problem, row.Detail = ProviderDone, "", ""
	held := int64(0)
	switch {
	case e.Currency != row.Currency: // the books are of one currency
		row.State, row.Problem, row.Detail = ProviderHeld, ProblemOtherCurrency, amountText(e.Amount, e.Currency)
	case e.Amount != row.Amount:
		row.State, row.Problem, row.Detail = ProviderHeld, ProblemOtherAmount, amountText(e.Amount, e.Currency)
		held = e.Amount
	default:
		row.Booked = min(row.Amount, max(0, o.Due()))
		if held = row.Amount - row.Booked; held > 0 {
			row.State, row.Problem = ProviderHeld, ProblemNotDue
		}
	}
	if row.Booked > 0 {
		p := row.payment(o, In, row.Booked, "in", s.now())
		if err := payIn(ctx, tx, o, p); err != nil {
			return "", err
		}
		row.PaymentID = &p.ID
	}
	if err := s.holdMoney(ctx, tx, o.PayerID, row, held); err != nil {
		return "", err
	}
	if err := row.write(ctx, tx); err != nil {
		return "", err
	}
	if row.State == ProviderHeld {
		return HeardHeld, nil
	}
	return HeardBooked, nil
}

// holdUnknown keeps money that came for nothing that was asked: for the order's payer where an order was named, else for nobody known.
func (s *Service) holdUnknown(ctx context.Context, tx bun.Tx, of site.Site, name ProviderName, o *Order, e pay.Event) (Heard, error) {
	row := &ProviderPayment{
		SiteID: of.ID, ID: uuid.Must(uuid.NewV7()), Provider: name, Direction: In, State: ProviderHeld, Amount: max(0, e.Amount), Currency: e.Currency, Reference: e.Reference, Charge: e.Charge,
		Problem: ProblemUnknown, RequestSha256: []byte{}, At: s.now(), ActorKind: site.KindSystem,
	}
	row.IdempotencyKey = row.key("unknown")
	var payer *uuid.UUID
	if o != nil {
		row.OrderID, payer = &o.ID, o.PayerID
	}
	res, err := tx.NewInsert().Model(row).On("CONFLICT (site_id, provider, reference) WHERE reference <> '' DO NOTHING").Exec(ctx)
	if err != nil {
		return "", db.MapError(err, "insert provider payment")
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return HeardBefore, nil
	}
	if e.Currency == of.Currency {
		if err := s.holdMoney(ctx, tx, payer, row, e.Amount); err != nil {
			return "", err
		}
	}
	return HeardHeld, row.write(ctx, tx)
}

// holdMoney puts what came on the holding account of whoever pays, or of nobody known.
func (s *Service) holdMoney(ctx context.Context, tx bun.Tx, payer *uuid.UUID, row *ProviderPayment, amount int64) error {
	if amount <= 0 {
		return nil
	}
	by := Card
	change := &BalanceChange{
		SiteID: row.SiteID, ID: uuid.Must(uuid.NewV7()), ContactID: payer, Account: HoldingBalance, Amount: amount, Method: &by, Reason: row.Reference,
		IdempotencyKey: row.key("held"), RequestSha256: row.RequestSha256, At: s.now(), ActorKind: row.ActorKind, ActorID: row.ActorID, ActorName: row.ActorName,
	}
	if _, err := tx.NewInsert().Model(change).Exec(ctx); err != nil {
		return db.MapError(err, "insert balance change")
	}
	row.ChangeID = &change.ID
	return post(ctx, tx, row.SiteID, posting{kind: "deposit", moved: &change.ID, from: side{kind: deposit, contact: payer}, to: side{kind: money, method: by}, amount: amount, at: change.At})
}
