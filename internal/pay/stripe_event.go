package pay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/stripe/stripe-go/v84"
	"github.com/stripe/stripe-go/v84/webhook"
)

// Read reads an event whose signature is the site's and at most five minutes old. The version of Stripe's API that it was written in
// is not looked at: what is read of it is the same in all.
func (s *Stripe) Read(body []byte, header http.Header) (Event, error) {
	if s.WebhookSecret == "" {
		return Event{}, ErrUnproved // an empty key is anybody's
	}
	signed := header.Get("Stripe-Signature")
	if webhook.ValidatePayload(body, signed, s.WebhookSecret) != nil {
		return Event{}, ErrUnproved
	}
	event, err := webhook.ConstructEventWithOptions(body, signed, s.WebhookSecret, webhook.ConstructEventOptions{IgnoreAPIVersionMismatch: true})
	if err != nil || event.Data == nil {
		return Event{}, &Refused{"this is not an event of Stripe's"}
	}
	switch event.Type {
	case stripe.EventTypeCheckoutSessionCompleted, stripe.EventTypeCheckoutSessionAsyncPaymentSucceeded, stripe.EventTypeCheckoutSessionAsyncPaymentFailed, stripe.EventTypeCheckoutSessionExpired:
		return collected(event)
	case stripe.EventTypeRefundCreated, stripe.EventTypeRefundUpdated, stripe.EventTypeRefundFailed, stripe.EventTypeChargeRefundUpdated:
		return wentBack(event)
	}
	return Event{}, nil
}

// collected reads of a Checkout Session. One that is completed and not paid will be, or fail, by a slower way to pay.
func collected(event stripe.Event) (Event, error) {
	var of stripe.CheckoutSession
	if err := json.Unmarshal(event.Data.Raw, &of); err != nil {
		return Event{}, fmt.Errorf("read checkout session: %w", err)
	}
	out := Event{Kind: Collected, ID: of.Metadata[idKey], Site: of.Metadata[siteKey], Reference: of.ID, Currency: strings.ToUpper(string(of.Currency))}
	if of.PaymentIntent != nil {
		out.Charge = of.PaymentIntent.ID
	}
	out.Amount, _ = fromStripe(of.AmountTotal, out.Currency)
	switch {
	case of.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid:
		out.State = Moved
	case event.Type == stripe.EventTypeCheckoutSessionAsyncPaymentFailed || event.Type == stripe.EventTypeCheckoutSessionExpired:
		out.State = Failed
	}
	return out, nil
}

// wentBack reads of a refund.
func wentBack(event stripe.Event) (Event, error) {
	var of stripe.Refund
	if err := json.Unmarshal(event.Data.Raw, &of); err != nil {
		return Event{}, fmt.Errorf("read refund: %w", err)
	}
	out := Event{
		Kind: BackAtThem, ID: of.Metadata[idKey], Site: of.Metadata[siteKey], Reference: of.ID, Currency: strings.ToUpper(string(of.Currency)),
		State: stateOf(of.Status), Problem: string(of.FailureReason),
	}
	if of.PaymentIntent != nil {
		out.Charge = of.PaymentIntent.ID
	}
	out.Amount, _ = fromStripe(of.Amount, out.Currency)
	return out, nil
}
