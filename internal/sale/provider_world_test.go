package sale_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v84/webhook"

	"carnet/internal/job"
	"carnet/internal/pay"
	"carnet/internal/sale"
	"carnet/internal/secret"
)

const stripeSigns = "whsec_test_secret"

// providerWorld is a site with an account at Stripe.
type providerWorld struct {
	*world
	jobs *job.Queue
}

// newProviderWorld makes one whose Stripe is at an address.
func newProviderWorld(t *testing.T, url string, patience time.Duration) *providerWorld {
	t.Helper()
	w := &providerWorld{world: newWorld(t)}
	w.at(url, patience)
	require.NoError(t, w.sales.SaveStripe(w.staff, "sk_test_123", stripeSigns))
	return w
}

// at has Stripe be at another address.
func (w *providerWorld) at(url string, patience time.Duration) {
	w.t.Helper()
	sealer, err := secret.NewSealer(strings.Repeat("k", 32))
	require.NoError(w.t, err)
	w.jobs, err = job.New(w.db, slog.New(slog.DiscardHandler))
	require.NoError(w.t, err)
	w.sales.BindProviders(sale.Providers{Sealer: sealer, Jobs: w.jobs, Stripe: pay.NewBackend(url, patience), PublicURL: "https://carnet.example"})
}

// start opens a page to pay an order on.
func (w *providerWorld) start(order uuid.UUID, amount int64, key string) (*sale.ProviderPayment, error) {
	return w.sales.StartPayment(w.key, sale.StartPayment{OrderID: order, Amount: amount, ReturnURL: "https://carnet.example/thanks", IdempotencyKey: key})
}

// session is a Checkout Session of Stripe's as its events tell of it.
func (w *providerWorld) session(p *sale.ProviderPayment, amount int64, currency, status string) map[string]any {
	return map[string]any{
		"id": p.Reference, "object": "checkout.session", "amount_total": amount, "currency": currency, "payment_status": status, "payment_intent": "pi_" + p.ID.String(),
		"metadata": map[string]string{"carnet_payment": p.ID.String(), "carnet_site": w.site.ID.String()},
	}
}

// hear has Stripe tell of an object, signed as it signs.
func (w *providerWorld) hear(kind string, object map[string]any) sale.Heard {
	w.t.Helper()
	body, err := json.Marshal(map[string]any{"id": "evt_" + uuid.NewString(), "object": "event", "type": kind, "data": map[string]any{"object": object}})
	require.NoError(w.t, err)
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: stripeSigns})
	heard, err := w.sales.HearProvider(w.t.Context(), w.site, sale.ProviderStripe, body, http.Header{"Stripe-Signature": {signed.Header}})
	require.NoError(w.t, err)
	return heard
}

// collected makes an order of a ticket that was paid at Stripe, and gives it with its payment.
func (w *providerWorld) collected(who, product uuid.UUID, price int64) (*sale.Order, *sale.Payment) {
	w.t.Helper()
	o := w.bought(who, product, 1)
	p, err := w.start(o.ID, 0, uuid.NewString())
	require.NoError(w.t, err)
	require.Equal(w.t, sale.HeardBooked, w.hear("checkout.session.completed", w.session(p, price, "nok", "paid")))
	by, err := w.sales.PaymentsOf(w.staff, []uuid.UUID{o.ID})
	require.NoError(w.t, err)
	require.Len(w.t, by[o.ID], 1)
	return o, by[o.ID][0]
}

// provided gives what Stripe was asked for an order.
func (w *providerWorld) provided(order uuid.UUID) []*sale.ProviderPayment {
	w.t.Helper()
	by, err := w.sales.ProviderPaymentsOf(w.staff, []uuid.UUID{order})
	require.NoError(w.t, err)
	return by[order]
}

// back asks for a refund at Stripe.
func (w *providerWorld) back(o *sale.Order, p *sale.Payment, amount int64, key string) (*sale.Order, error) {
	return w.sales.Refund(w.staff, sale.Refund{OrderID: o.ID, PaymentID: &p.ID, Method: sale.Card, Amount: amount, Reason: "rain", IdempotencyKey: key})
}

// booksBalance looks at what always holds: the books sum to zero, and an order's paid is what its payments say.
func (w *providerWorld) booksBalance() {
	w.t.Helper()
	require.Zero(w.t, w.count("SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE site_id = $1"))
	require.Zero(w.t, w.count(`SELECT count(*) FROM sale_order AS o WHERE o.site_id = $1 AND (o.paid < 0
		OR o.paid <> coalesce((SELECT sum(CASE direction WHEN 'in' THEN amount ELSE -amount END) FROM payment AS p WHERE p.site_id = o.site_id AND p.order_id = o.id), 0))`))
	require.Zero(w.t, w.count(`SELECT count(*) FROM provider_payment AS p WHERE p.site_id = $1 AND p.direction = 'in'
		AND p.booked < (SELECT coalesce(sum(r.amount), 0) FROM provider_payment AS r WHERE r.site_id = p.site_id AND r.of_id = p.id AND r.state <> 'failed')`), "no more goes back than was paid")
}

// moneyIn gives what the books say came by card, less what went.
func (w *providerWorld) moneyIn() int {
	w.t.Helper()
	return w.count("SELECT coalesce(sum(e.amount), 0) FROM ledger_entry AS e JOIN ledger_account AS a ON a.site_id = e.site_id AND a.id = e.account_id WHERE e.site_id = $1 AND a.kind = 'money' AND a.method = 'card'")
}

// statefulStripe answers for Stripe what stripe-mock, which keeps nothing, cannot: refunds that fail, wait, or get no answer, once under each
// idempotency key.
type statefulStripe struct {
	*httptest.Server
	mu     sync.Mutex
	made   map[string]int64 // by idempotency key
	status string           // of refunds that are made
	refuse string           // why they are not
	broken bool             // they are made, and the answer is lost
}

func newStatefulStripe(t *testing.T) *statefulStripe {
	t.Helper()
	r := &statefulStripe{made: map[string]int64{}, status: "succeeded"}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *statefulStripe) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	answer := func(status int, v any) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	refund := func(key string) map[string]any {
		return map[string]any{"id": "re_" + key, "object": "refund", "status": r.status, "metadata": map[string]string{"carnet_payment": key}}
	}
	key := req.Header.Get("Idempotency-Key")
	switch {
	case req.URL.Path == "/v1/checkout/sessions":
		answer(http.StatusOK, map[string]any{"id": "cs_" + key, "object": "checkout.session", "url": "https://checkout.stripe.com/c/pay/" + key})
	case req.Method == http.MethodGet:
		list := []any{}
		for key := range r.made {
			list = append(list, refund(key))
		}
		answer(http.StatusOK, map[string]any{"object": "list", "data": list})
	case r.refuse != "":
		answer(http.StatusBadRequest, map[string]any{"error": map[string]any{"type": "invalid_request_error", "message": r.refuse}})
	default:
		amount, _ := strconv.ParseInt(req.FormValue("amount"), 10, 64)
		if _, before := r.made[key]; !before {
			r.made[key] = amount
		}
		if r.broken {
			answer(http.StatusBadGateway, nil)
			return
		}
		answer(http.StatusOK, refund(key))
	}
}

// sent gives what went back in all.
func (r *statefulStripe) sent() (sum int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, amount := range r.made {
		sum += amount
	}
	return sum
}

// will has it answer otherwise from now on.
func (r *statefulStripe) will(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

// work has the jobs done until something holds.
func (w *providerWorld) work(until func() bool) {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.jobs.Run(ctx) }()
	require.Eventually(w.t, until, 20*time.Second, 50*time.Millisecond)
	stop()
	require.NoError(w.t, <-ended)
}
