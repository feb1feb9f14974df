package pay

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v84"
	"github.com/stripe/stripe-go/v84/form"

	"carnet/internal/outbound"
)

// StripePatience is how long Stripe is given to answer.
const StripePatience = 10 * time.Second

// What travels with everything that we have Stripe make, and comes back in its events.
const (
	idKey   = "carnet_payment"
	siteKey = "carnet_site"
)

// Backend is the way to Stripe, one for the whole program.
type Backend struct{ stripe.Backend }

// NewBackend makes it. url stands for Stripe's own address in tests; who runs the program says so, never a site.
func NewBackend(url string, patience time.Duration) *Backend {
	client := outbound.Client(url != "")
	client.Timeout = patience
	cfg := &stripe.BackendConfig{
		HTTPClient: client, LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}, EnableTelemetry: stripe.Bool(false),
		MaxNetworkRetries: stripe.Int64(0), // who asked decides; a person may be waiting
	}
	if url != "" {
		cfg.URL = stripe.String(url)
	}
	return &Backend{stripe.GetBackendWithConfig(stripe.APIBackend, cfg)}
}

// Stripe collects by Checkout, on a page of Stripe's own, with a site's own account. Its requests go through stripe-go's backend:
// stripe-go's client would bring each of Stripe's services along.
type Stripe struct {
	Backend       *Backend
	Key           string // the secret API key
	WebhookSecret string // what events are signed with
}

var _ Provider = (*Stripe)(nil)

// Collect opens a Checkout Session.
func (s *Stripe) Collect(ctx context.Context, in Collection) (Page, error) {
	amount, ok := toStripe(in.Amount, in.Currency)
	if !ok {
		return Page{}, &Refused{"Stripe cannot count this amount of " + in.Currency}
	}
	meta := map[string]string{idKey: in.ID, siteKey: in.Site}
	params := &stripe.CheckoutSessionCreateParams{
		Params:            stripe.Params{Context: ctx, IdempotencyKey: stripe.String(in.ID)},
		Mode:              stripe.String(string(stripe.CheckoutSessionModePayment)),
		ClientReferenceID: stripe.String(in.ID),
		SuccessURL:        stripe.String(in.ReturnURL),
		CancelURL:         stripe.String(in.ReturnURL),
		Metadata:          meta,
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{{
			Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionCreateLineItemPriceDataParams{
				Currency: stripe.String(strings.ToLower(in.Currency)), UnitAmount: stripe.Int64(amount),
				ProductData: &stripe.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: stripe.String(in.Label)},
			},
		}},
		PaymentIntentData: &stripe.CheckoutSessionCreatePaymentIntentDataParams{Metadata: meta, Description: stripe.String(in.Label)},
	}
	var out stripe.CheckoutSession
	if err := s.Backend.Call(http.MethodPost, "/v1/checkout/sessions", s.Key, params, &out); err != nil {
		return Page{}, s.answered(err)
	}
	return Page{Reference: out.ID, URL: out.URL}, nil
}

// PayBack makes a refund. What was asked before is looked for first: Stripe forgets idempotency keys after a day.
func (s *Stripe) PayBack(ctx context.Context, in PayBack) (PaidBack, error) {
	amount, ok := toStripe(in.Amount, in.Currency)
	if !ok {
		return PaidBack{}, &Refused{"Stripe cannot count this amount of " + in.Currency}
	}
	if in.Again {
		if found, err := s.refundOf(ctx, in); err != nil || found != nil {
			return paidBack(found), err
		}
	}
	params := &stripe.RefundCreateParams{
		Params:        stripe.Params{Context: ctx, IdempotencyKey: stripe.String(in.ID)},
		PaymentIntent: stripe.String(in.Charge),
		Amount:        stripe.Int64(amount),
		Metadata:      map[string]string{idKey: in.ID, siteKey: in.Site},
	}
	var out stripe.Refund
	if err := s.Backend.Call(http.MethodPost, "/v1/refunds", s.Key, params, &out); err != nil {
		return PaidBack{}, s.answered(err)
	}
	return paidBack(&out), nil
}

// refundOf finds the refund that was made for an ID, nil when there is none. A no is not for sure here: the refund may be there.
func (s *Stripe) refundOf(ctx context.Context, in PayBack) (*stripe.Refund, error) {
	params := &stripe.RefundListParams{PaymentIntent: stripe.String(in.Charge)}
	params.Context, params.Limit = ctx, stripe.Int64(100)
	all := stripe.GetIter(params, func(p *stripe.Params, values *form.Values) ([]any, stripe.ListContainer, error) {
		page := &stripe.RefundList{}
		err := s.Backend.CallRaw(http.MethodGet, "/v1/refunds", s.Key, []byte(values.Encode()), p, page)
		list := make([]any, len(page.Data))
		for i, one := range page.Data {
			list[i] = one
		}
		return list, page, err
	})
	for all.Next() {
		if one, is := all.Current().(*stripe.Refund); is && one.Metadata[idKey] == in.ID {
			return one, nil
		}
	}
	if err := all.Err(); err != nil {
		return nil, errors.New("look for a refund: " + s.answered(err).Error())
	}
	return nil, nil //nolint:nilnil // there is none
}

func paidBack(r *stripe.Refund) PaidBack {
	if r == nil {
		return PaidBack{}
	}
	return PaidBack{Reference: r.ID, State: stateOf(r.Status), Problem: string(r.FailureReason)}
}

// stateOf reads a refund's status.
func stateOf(s stripe.RefundStatus) State {
	switch s {
	case stripe.RefundStatusSucceeded:
		return Moved
	case stripe.RefundStatusFailed, stripe.RefundStatusCanceled:
		return Failed
	}
	return Waiting
}

// answered tells a clear no from silence. A conflict is another request with the same idempotency key on its way. Whatever is said, the
// secret key does not come back with it.
func (s *Stripe) answered(err error) error {
	var no *stripe.Error
	if errors.As(err, &no) && no.HTTPStatusCode >= 400 && no.HTTPStatusCode < 500 && no.HTTPStatusCode != http.StatusConflict && no.HTTPStatusCode != http.StatusTooManyRequests {
		return &Refused{strings.ReplaceAll(no.Msg, s.Key, "…")}
	}
	if no != nil {
		return errors.New("Stripe answered " + http.StatusText(no.HTTPStatusCode))
	}
	return err
}
