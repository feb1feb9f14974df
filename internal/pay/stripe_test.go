package pay_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v84/webhook"

	"carnet/internal/pay"
	"carnet/internal/pay/paytest"
)

const signingSecret = "whsec_test_secret"

func at(url string) *pay.Stripe {
	return &pay.Stripe{Backend: pay.NewBackend(url, 10*time.Second), Key: "sk_test_123", WebhookSecret: signingSecret}
}

// What is asked of Stripe is what its API allows: stripe-mock checks it against Stripe's own description.
func TestStripeTakesWhatIsAsked(t *testing.T) {
	t.Parallel()
	s := at(paytest.Start(t))
	page, err := s.Collect(t.Context(), pay.Collection{ID: uuid.NewString(), Site: "s", Label: "Club #1", Amount: 5_000, Currency: "NOK", ReturnURL: "https://club.example/"})
	require.NoError(t, err)
	require.Regexp(t, "^cs_test_", page.Reference)
	require.Regexp(t, "^https://checkout.stripe.com/", page.URL)
	for _, again := range []bool{false, true} {
		back, err := s.PayBack(t.Context(), pay.PayBack{ID: uuid.NewString(), Site: "s", Charge: "pi_1", Amount: 5_000, Currency: "NOK", Again: again})
		require.NoError(t, err)
		require.Equal(t, pay.Moved, back.State)
		require.Regexp(t, "^re_", back.Reference)
	}
	var no *pay.Refused
	s.Key = "not a key"
	_, err = s.Collect(t.Context(), pay.Collection{ID: uuid.NewString(), Label: "x", Amount: 5_000, Currency: "NOK", ReturnURL: "https://club.example/"})
	require.ErrorAs(t, err, &no)
	require.Contains(t, no.Message, "Authorization was 'Bearer …'", "what repeats the key does so without it")
}

// A clear no is told from silence: only after a no is it sure that nothing has moved.
func TestStripeRefusesOrIsSilent(t *testing.T) {
	t.Parallel()
	for status, refused := range map[int]bool{400: true, 401: true, 402: true, 403: true, 404: true, 409: false, 429: false, 500: false, 503: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": "the bank says no", "type": "invalid_request_error"}})
		}))
		defer server.Close()
		_, err := at(server.URL).PayBack(t.Context(), pay.PayBack{ID: "1", Charge: "pi_1", Amount: 1, Currency: "NOK"})
		require.Error(t, err)
		var no *pay.Refused
		require.Equal(t, refused, errors.As(err, &no), "%d: %v", status, err)
		if refused {
			require.Equal(t, "the bank says no", no.Message)
		}
		_, err = at(server.URL).PayBack(t.Context(), pay.PayBack{ID: "1", Charge: "pi_1", Amount: 1, Currency: "NOK", Again: true})
		require.False(t, errors.As(err, &no), "%d: who asks again does not know what the first time did", status)
	}
	silent := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-silent }))
	defer server.Close()
	defer close(silent)
	hangs := &pay.Stripe{Backend: pay.NewBackend(server.URL, 100*time.Millisecond), Key: "sk_test_123"}
	_, err := hangs.PayBack(t.Context(), pay.PayBack{ID: "1", Charge: "pi_1", Amount: 1, Currency: "NOK"})
	var no *pay.Refused
	require.Error(t, err)
	require.False(t, errors.As(err, &no))
	require.NotContains(t, err.Error(), "sk_test_123")
}

// A refund that was made, and whose answer was lost, is found and not made again.
func TestStripeFindsTheRefundOfBefore(t *testing.T) {
	t.Parallel()
	made := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			made++
		}
		require.Equal(t, "pi_1", r.FormValue("payment_intent"))
		_ = json.NewEncoder(w).Encode(map[string]any{"object": "list", "data": []any{
			map[string]any{"id": "re_other", "object": "refund", "status": "succeeded", "metadata": map[string]string{"carnet_payment": "2"}},
			map[string]any{"id": "re_ours", "object": "refund", "status": "pending", "metadata": map[string]string{"carnet_payment": "1"}},
		}})
	}))
	defer server.Close()
	back, err := at(server.URL).PayBack(t.Context(), pay.PayBack{ID: "1", Charge: "pi_1", Amount: 1, Currency: "NOK", Again: true})
	require.NoError(t, err)
	require.Equal(t, pay.PaidBack{Reference: "re_ours", State: pay.Waiting}, back)
	require.Zero(t, made)
}

// Only what is signed with the site's secret, at most five minutes ago, is read.
func TestStripeEventsAreProved(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(map[string]any{
		"id": "evt_1", "object": "event", "type": "checkout.session.completed", "api_version": "2020-08-27",
		"data": map[string]any{"object": map[string]any{
			"id": "cs_1", "object": "checkout.session", "amount_total": 500, "currency": "jpy", "payment_status": "paid", "payment_intent": "pi_1",
			"metadata": map[string]string{"carnet_payment": "p", "carnet_site": "s"},
		}},
	})
	require.NoError(t, err)
	signed := func(secret string, when time.Time) http.Header {
		p := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: when})
		return http.Header{"Stripe-Signature": {p.Header}}
	}
	s := at("")
	got, err := s.Read(body, signed(signingSecret, time.Now()))
	require.NoError(t, err)
	require.Equal(t, pay.Event{Kind: pay.Collected, ID: "p", Site: "s", Reference: "cs_1", Charge: "pi_1", State: pay.Moved, Amount: 500, Currency: "JPY"}, got)
	for name, h := range map[string]http.Header{
		"another secret": signed("whsec_other", time.Now()), "no secret": signed("", time.Now()), "old": signed(signingSecret, time.Now().Add(-6*time.Minute)), "unsigned": {},
		"rubbish": {"Stripe-Signature": {"t=1,v1=zz"}},
	} {
		_, err := s.Read(body, h)
		require.Equal(t, error(pay.ErrUnproved), err, name)
	}
	_, err = s.Read(append(body, ' '), signed(signingSecret, time.Now()))
	require.Equal(t, error(pay.ErrUnproved), err, "another body")
	_, err = (&pay.Stripe{}).Read(body, signed("", time.Now()))
	require.Equal(t, error(pay.ErrUnproved), err, "a site without a secret hears nobody")
}

// Amounts are counted as Stripe counts them, whatever the currency's digits.
func TestStripeCountsByItsOwnDigits(t *testing.T) {
	t.Parallel()
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.FormValue("amount")
		_ = json.NewEncoder(w).Encode(map[string]any{"id": "re_1", "object": "refund", "status": "succeeded"})
	}))
	defer server.Close()
	for currency, want := range map[string]string{"NOK": "1200", "EUR": "1200", "JPY": "1200", "KWD": "1200", "ISK": "120000"} {
		_, err := at(server.URL).PayBack(t.Context(), pay.PayBack{ID: "1", Charge: "pi_1", Amount: 1_200, Currency: currency})
		require.NoError(t, err)
		require.Equal(t, want, asked, currency)
	}
}
