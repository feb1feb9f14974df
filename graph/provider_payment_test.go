package graph_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v84/webhook"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/pay/paytest"
	"carnet/internal/site"
)

const (
	stripeSigning  = "whsec_test_secret"
	saveStripe     = `mutation($i: SaveStripeAccountInput!) { saveStripeAccount(input: $i) { account { live keyHint changedBy webhookUrl } errors { code message path } } }`
	startPayment   = `mutation($i: StartPaymentInput!) { startPayment(input: $i) { page { id url amount currency } errors { code message path } } }`
	startMyPayment = `mutation($i: StartPaymentInput!) { startMyPayment(input: $i) { page { id url amount currency } errors { code message path } } }`
	refundAt       = `mutation($i: RefundInput!) { refund(input: $i) { order { id paid } errors { code message path } } }`
	paidOrder      = `query($id: ID!) { order(id: $id) { paid due payments { id provider direction amount } providerPayments { provider direction state amount booked left reference problem detail paymentId actorName order { number } } } }`
)

type paidOrderGot struct {
	Order struct {
		Paid, Due int
		Payments  []struct {
			ID, Provider, Direction string
			Amount                  int
		}
		ProviderPayments []struct {
			Provider, Direction, State, Reference, Detail, ActorName string
			Problem, PaymentID                                       *string
			Amount, Booked, Left                                     int
			Order                                                    struct{ Number int }
		}
	}
}

// sessionTold is an event of Stripe's about a Checkout Session that was paid.
func sessionTold(t *testing.T, s *apptest.Site, id, reference string, amount int) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]any{"id": "evt_1", "object": "event", "type": "checkout.session.completed", "data": map[string]any{"object": map[string]any{
		"id": reference, "object": "checkout.session", "amount_total": amount, "currency": "nok", "payment_status": "paid", "payment_intent": "pi_1",
		"metadata": map[string]string{"carnet_payment": id, "carnet_site": s.ID.String()},
	}}})
	require.NoError(t, err)
	return body
}

// tellStripe sends the site's endpoint an event, signed with a secret at a time.
func tellStripe(t *testing.T, s *apptest.Site, body []byte, secret string, at time.Time) (int, string) {
	t.Helper()
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: at})
	return s.Program.HTTP(t, http.MethodPost, "/v1/stripe/"+s.PublicID, apptest.Header{"Stripe-Signature": signed.Header}, "application/json", bytes.NewReader(body))
}

// A manager sets a site's account at Stripe, a program has an order paid there, Stripe tells, and staff pay back: with stripe-mock for
// Stripe, and over HTTP throughout. No secret is told or logged.
func TestPaymentAtStripe(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	p := apptest.StartWith(t, func(c *app.Config) {
		c.StripeURL, c.Log = paytest.Start(t), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	s := p.NewSite(t, "club")
	withShop(t, s)
	ada := newBrowser(t, s)
	ada.register("ada@example.no", "Ada", "Lovelace", "a long password")
	adaID := idOf(t, s, "ada@example.no")
	ticket := newTicket(t, s, newEvent(t, s, "Faust", nil), "Adult", 5_000)
	order := sell(t, s, s.As(site.Operator), adaID, ticket, 1).RecordOrder.Order.ID
	start := vars{"i": vars{"orderId": order, "returnUrl": shopPage + "/thanks", "idempotencyKey": "a"}}

	pays := func() bool {
		var me struct {
			Me struct{ Holdings struct{ Pays bool } }
		}
		p.Must(t, ada.header("/graphql"), `{ me { holdings { pays } } }`, nil, &me)
		return me.Me.Holdings.Pays
	}
	require.False(t, pays())
	require.Equal(t, []string{"NO_PROVIDER "}, p.Payload(t, s.As(site.Operator), startPayment, start, nil))
	require.Equal(t, []string{"REQUIRED secretKey", "REQUIRED webhookSecret"}, p.Payload(t, s.As(site.Manager), saveStripe, vars{"i": vars{}}, nil))
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", saveStripe, vars{"i": vars{"secretKey": "sk_test_123"}})
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", `{ stripeAccount { keyHint } }`, nil)
	status, _ := tellStripe(t, s, []byte("{}"), stripeSigning, time.Now())
	require.Equal(t, http.StatusNotFound, status, "a site without an account hears nobody")
	var account struct {
		SaveStripeAccount struct {
			Account struct{ KeyHint, ChangedBy, WebhookURL string }
		}
	}
	require.Empty(t, p.Payload(t, s.As(site.Manager), saveStripe, vars{"i": vars{"secretKey": "sk_test_verysecret", "webhookSecret": stripeSigning}}, &account))
	require.Equal(t, []string{"cret", p.URL + "/v1/stripe/club"}, []string{account.SaveStripeAccount.Account.KeyHint, account.SaveStripeAccount.Account.WebhookURL})

	require.True(t, pays())
	var page struct {
		StartMyPayment struct {
			Page struct {
				ID, URL, Currency string
				Amount            int
			}
		}
	}
	require.Empty(t, p.Payload(t, ada.header("/graphql"), startMyPayment, start, &page))
	got := page.StartMyPayment.Page
	require.Equal(t, []any{5_000, "NOK"}, []any{got.Amount, got.Currency})
	require.True(t, strings.HasPrefix(got.URL, "https://checkout.stripe.com/"), got.URL)
	bob := newBrowser(t, s)
	bob.register("bob@example.no", "Bob", "Tabor", "a long password")
	p.Refused(t, bob.header("/graphql"), "NOT_FOUND", startMyPayment, start)

	for name, one := range map[string]struct {
		secret string
		at     time.Time
	}{"another secret": {"whsec_other", time.Now()}, "long ago": {stripeSigning, time.Now().Add(-6 * time.Minute)}} {
		status, answer := tellStripe(t, s, sessionTold(t, s, got.ID, "cs_1", 5_000), one.secret, one.at)
		require.Equal(t, http.StatusBadRequest, status, name)
		require.Contains(t, answer, "signature", name)
	}
	status, answer := p.HTTP(t, http.MethodPost, "/v1/stripe/club", nil, "application/json", bytes.NewReader(make([]byte, 600<<10)))
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, answer, "at most 512 KB")
	status, _ = p.HTTP(t, http.MethodPost, "/v1/stripe/nobody", nil, "application/json", strings.NewReader("{}"))
	require.Equal(t, http.StatusNotFound, status)
	var before paidOrderGot
	p.Must(t, s.As(site.Viewer), paidOrder, vars{"id": order}, &before)
	require.Equal(t, []any{0, "PENDING"}, []any{before.Order.Paid, before.Order.ProviderPayments[0].State})

	reference := before.Order.ProviderPayments[0].Reference
	require.Regexp(t, "^cs_test_", reference)
	for _, want := range []string{"booked", "before"} {
		status, answer := tellStripe(t, s, sessionTold(t, s, got.ID, reference, 5_000), stripeSigning, time.Now())
		require.Equal(t, http.StatusOK, status, answer)
		require.JSONEq(t, `{"heard": "`+want+`"}`, answer)
	}
	status, answer = tellStripe(t, s, sessionTold(t, s, uuid.NewString(), "cs_2", 700), stripeSigning, time.Now())
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"heard": "held"}`, answer)
	var kept struct {
		HeldPayments []struct {
			Amount  int
			Problem string
			Order   *struct{ ID string }
		}
	}
	p.Must(t, s.As(site.Manager), `{ heldPayments { amount problem order { id } } }`, nil, &kept)
	require.Len(t, kept.HeldPayments, 1)
	require.Equal(t, []any{700, "UNKNOWN"}, []any{kept.HeldPayments[0].Amount, kept.HeldPayments[0].Problem})

	var after paidOrderGot
	p.Must(t, s.As(site.Viewer), paidOrder, vars{"id": order}, &after)
	require.Equal(t, []any{5_000, 0, "STRIPE"}, []any{after.Order.Paid, after.Order.Due, after.Order.Payments[0].Provider})
	require.Equal(t, []any{"DONE", 5_000, 5_000}, []any{after.Order.ProviderPayments[0].State, after.Order.ProviderPayments[0].Booked, after.Order.ProviderPayments[0].Left})

	back := vars{"orderId": order, "paymentId": after.Order.Payments[0].ID, "method": "CARD", "amount": 2_000, "reason": "rain", "idempotencyKey": "r"}
	require.Empty(t, p.Payload(t, s.As(site.Operator), refundAt, vars{"i": back}, nil))
	require.Empty(t, p.Payload(t, s.As(site.Operator), refundAt, vars{"i": back}, nil))
	back["amount"], back["idempotencyKey"] = 3_001, "r2"
	require.Equal(t, []string{"TOO_MUCH amount"}, p.Payload(t, s.As(site.Operator), refundAt, vars{"i": back}, nil))
	p.Must(t, s.As(site.Viewer), paidOrder, vars{"id": order}, &after)
	require.Equal(t, []any{3_000, 2, 3_000}, []any{after.Order.Paid, len(after.Order.ProviderPayments), after.Order.ProviderPayments[0].Left})
	require.Equal(t, []any{"OUT", "DONE", 2_000}, []any{after.Order.ProviderPayments[1].Direction, after.Order.ProviderPayments[1].State, after.Order.ProviderPayments[1].Amount})

	other := p.NewSite(t, "other")
	back["amount"], back["idempotencyKey"] = 1_000, "r3"
	p.Refused(t, other.As(site.Manager), "NOT_FOUND", refundAt, vars{"i": back})
	p.Refused(t, other.As(site.Viewer), "NOT_FOUND", paidOrder, vars{"id": order})
	require.NotContains(t, log.String(), "verysecret")
	require.NotContains(t, log.String(), stripeSigning)
}

// lockedBuffer is a log that is written while it is read.
type lockedBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}
