package sale

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/pay"
	"carnet/internal/site"
)

const (
	maxUnderWay = 20             // payments of an order that wait for somebody to pay
	pageLife    = 24 * time.Hour // Stripe closes a page then
)

// StartPayment asks a site's provider to collect.
type StartPayment struct {
	OrderID        uuid.UUID
	Amount         int64 // 0: all that is due
	ReturnURL      string
	IdempotencyKey string
}

// StartPayment opens a page at the site's payment provider where an order is paid. Nothing is paid before the provider tells so
// (HearProvider). Needs an operator, or a key with that role. The same idempotency key gives the same page. NotFound. Mendable:
// KEY_REUSED, TOO_MUCH, NO_PROVIDER, PROVIDER_REFUSED, PROVIDER_SILENT, and what is malformed.
func (s *Service) StartPayment(ctx context.Context, in StartPayment) (*ProviderPayment, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	return s.startPayment(ctx, a, in, func(*Order) bool { return true })
}

// StartMyPayment is StartPayment for the end user who calls, of an order that they pay for. Staff in a customer's account may too, as they
// may without; it is in their name then.
func (s *Service) StartMyPayment(ctx context.Context, in StartPayment) (*ProviderPayment, error) {
	a, err := site.RequireBook(ctx, site.AccessAccount)
	if err != nil {
		return nil, err
	}
	return s.startPayment(ctx, a, in, func(o *Order) bool { return o.PayerID != nil && *o.PayerID == a.ContactID })
}

func (s *Service) startPayment(ctx context.Context, a site.Actor, in StartPayment, may func(*Order) bool) (*ProviderPayment, error) {
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	if err := s.checkStart(ctx, of, in); err != nil {
		return nil, err
	}
	name, provider, err := s.collector(ctx, of.ID)
	if err != nil {
		return nil, err
	}
	if name == ProviderManual {
		_, no := provider.Collect(ctx, pay.Collection{})
		return nil, fault.Invalid(ReasonNoProvider, nil, "%s", no)
	}
	row, number, err := s.askedToCollect(ctx, a, name, in, may)
	if err != nil || row.URL != "" {
		return row, err
	}
	if no := row.refusal(); no != nil {
		return nil, no
	}
	return s.openPage(ctx, provider, row, pay.Collection{
		ID: row.ID.String(), Site: of.ID.String(), Label: fmt.Sprintf("%s #%d", of.Name, number), Amount: row.Amount, Currency: row.Currency, ReturnURL: in.ReturnURL,
	})
}

func (s *Service) checkStart(ctx context.Context, of site.Site, in StartPayment) error {
	v := checker{}
	v.key(in.IdempotencyKey)
	if in.Amount < 0 || in.Amount > MaxTotal {
		v.add(fault.InvalidNumber, []string{"amount"}, "an amount lies between 1 and %d, in minor units", MaxTotal)
	}
	ours, err := s.leadsBack(ctx, of, in.ReturnURL)
	if err != nil {
		return err
	}
	if !ours {
		v.add(fault.InvalidValue, []string{"returnUrl"}, "give the address of a page of an origin that the site has registered under Settings > Origins")
	}
	return v.list.Err()
}

// leadsBack tells whether an address is on a page of the site's, or of Carnet's: a provider's page shall not send payers elsewhere.
func (s *Service) leadsBack(ctx context.Context, of site.Site, address string) (bool, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || len(address) > 2000 {
		return false, nil
	}
	origin := u.Scheme + "://" + u.Host
	if own, err := url.Parse(s.pay.PublicURL); err == nil && origin == own.Scheme+"://"+own.Host {
		return true, nil
	}
	origins, err := s.sites.Origins(ctx, of.ID)
	return slices.ContainsFunc(origins, func(o site.Origin) bool { return o.Origin == origin }), err
}

// askedToCollect writes down what is about to be asked, or finds it under its key, and gives it with the order's number.
func (s *Service) askedToCollect(ctx context.Context, a site.Actor, name ProviderName, in StartPayment, may func(*Order) bool) (row *ProviderPayment, number int64, err error) {
	sum, err := digest(struct {
		StartPayment
		By site.Kind
	}{in, a.Kind})
	if err != nil {
		return nil, 0, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		known, err := keyKnown(ctx, tx, "provider_payment", a.SiteID, in.IdempotencyKey, sum)
		if err != nil {
			return err
		}
		o, err := holdOrder(ctx, tx, a.SiteID, in.OrderID)
		if err != nil {
			return err
		}
		if !may(o) {
			return fault.Missing("order")
		}
		number, row = o.Number, new(ProviderPayment)
		if known {
			err := tx.NewSelect().Model(row).Where("site_id = ? AND idempotency_key = ?", a.SiteID, in.IdempotencyKey).Scan(ctx)
			return db.MapError(err, "read provider payment")
		}
		amount := in.Amount
		if amount == 0 {
			amount = o.Due()
		}
		if amount <= 0 || amount > o.Due() {
			return fault.Invalid(ReasonTooMuch, []string{"amount"}, "the order has %d left to pay, in minor units of %s", max(0, o.Due()), o.Currency)
		}
		open, err := tx.NewSelect().Model(row).Where("site_id = ? AND order_id = ? AND direction = ? AND state = ? AND at > ?", o.SiteID, o.ID, In, ProviderPending, s.now().Add(-pageLife)).Count(ctx)
		if err != nil {
			return db.MapError(err, "count provider payments")
		}
		if open >= maxUnderWay {
			return fault.Invalid(ReasonTooMuch, []string{"orderId"}, "%d payments of this order wait for somebody to pay; use one of these", open)
		}
		*row = ProviderPayment{
			SiteID: o.SiteID, ID: uuid.Must(uuid.NewV7()), Provider: name, OrderID: &o.ID, Direction: In, State: ProviderPending, Amount: amount, Currency: o.Currency,
			IdempotencyKey: in.IdempotencyKey, RequestSha256: sum, At: s.now(),
		}
		row.ActorKind, row.ActorID, row.ActorName = byWhom(a)
		_, err = tx.NewInsert().Model(row).Exec(ctx)
		return db.MapError(err, "insert provider payment")
	})
	return row, number, err
}

// openPage has the provider open the page, and keeps where it is. A page that was opened and not kept is given again under its key, and
// what is paid on it is known by the payment's id.
func (s *Service) openPage(ctx context.Context, provider pay.Provider, row *ProviderPayment, in pay.Collection) (*ProviderPayment, error) {
	ctx, done := asking(ctx)
	defer done()
	page, err := provider.Collect(ctx, in)
	var no *pay.Refused
	switch {
	case errors.As(err, &no):
		row.fail(ProblemRefused, no.Message)
	case err != nil:
		row.Problem = ProblemSilent
	default:
		row.Reference, row.URL, row.Problem = page.Reference, page.URL, ""
	}
	if _, err := s.db.Bun.NewUpdate().Model(row).Column("state", "reference", "url", "problem", "detail").WherePK().Where("state = ?", ProviderPending).Exec(ctx); err != nil {
		return nil, db.MapError(err, "keep the provider's page")
	}
	if no := row.refusal(); no != nil {
		return nil, no
	}
	if err != nil {
		return nil, &fault.Error{Code: fault.Conflict, Reason: ReasonSilent, Message: string(row.Provider) + " did not answer; try again in a moment", Err: err}
	}
	return row, nil
}

// asking is the time in which a provider is asked and its answer written down, whoever has gone away meanwhile.
func asking(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), pay.StripePatience+20*time.Second)
}
