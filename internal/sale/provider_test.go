package sale_test

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/fault"
	"carnet/internal/pay/paytest"
	"carnet/internal/sale"
	"carnet/internal/site"
)

// A payment at Stripe is booked once, however often Stripe tells of it, and at the same moment.
func TestCollectedOnce(t *testing.T) {
	t.Parallel()
	w := newProviderWorld(t, paytest.Start(t), 10*time.Second)
	kari := w.person("Kari", "Nordmann")
	o := w.bought(kari, w.ticket(w.event("Faust", 10), 5_000), 2)
	p, err := w.start(o.ID, 0, "a")
	require.NoError(t, err)
	require.EqualValues(t, 10_000, p.Amount, "without an amount all that is due")
	require.Regexp(t, "^https://checkout.stripe.com/", p.URL)
	again, err := w.start(o.ID, 0, "a")
	require.NoError(t, err)
	require.Equal(t, []any{p.ID, p.URL}, []any{again.ID, again.URL}, "the same key gives the same page")
	_, err = w.start(o.ID, 1, "a")
	require.Equal(t, []string{"idempotencyKey." + sale.ReasonKeyReused}, reasons(t, err))
	require.Equal(t, []int64{0, 0, 10_000}, w.money(kari), "nothing is paid yet")

	heard := map[sale.Heard]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			one := w.hear("checkout.session.completed", w.session(p, 10_000, "nok", "paid"))
			mu.Lock()
			defer mu.Unlock()
			heard[one]++
		})
	}
	all.Wait()
	require.Equal(t, map[sale.Heard]int{sale.HeardBooked: 1, sale.HeardBefore: 7}, heard)
	require.Equal(t, []int64{0, 0, 0}, w.money(kari))
	by, err := w.sales.PaymentsOf(w.staff, []uuid.UUID{o.ID})
	require.NoError(t, err)
	require.Len(t, by[o.ID], 1)
	got := by[o.ID][0]
	require.Equal(t, []any{sale.ProviderStripe, sale.Card, int64(10_000), "shop", p.Reference}, []any{got.Provider, got.Method, got.Amount, got.ActorName, got.Reference})
	_, err = w.start(o.ID, 0, "b")
	require.Equal(t, []string{"amount." + sale.ReasonTooMuch}, reasons(t, err), "nothing is due")
	w.booksBalance()
}

// Events come in any order: a payment counts whatever was told of it before, and nothing told after takes it back.
func TestCollectedOutOfOrder(t *testing.T) {
	t.Parallel()
	w := newProviderWorld(t, newStatefulStripe(t).URL, 10*time.Second)
	kari, adult := w.person("Kari", "Nordmann"), w.ticket(w.event("Faust", 100), 5_000)
	for _, one := range []struct {
		told [][2]string // kind and status
		want []sale.Heard
		paid int64
		at   sale.ProviderState
	}{
		{[][2]string{{"expired", "unpaid"}, {"completed", "paid"}}, []sale.Heard{sale.HeardNoted, sale.HeardBooked}, 5_000, sale.ProviderDone},
		{[][2]string{{"async_payment_succeeded", "paid"}, {"completed", "unpaid"}}, []sale.Heard{sale.HeardBooked, sale.HeardBefore}, 5_000, sale.ProviderDone},
		{[][2]string{{"completed", "unpaid"}, {"async_payment_succeeded", "paid"}, {"async_payment_failed", "unpaid"}}, []sale.Heard{sale.HeardBefore, sale.HeardBooked, sale.HeardBefore}, 5_000, sale.ProviderDone},
		{[][2]string{{"completed", "unpaid"}, {"async_payment_failed", "unpaid"}}, []sale.Heard{sale.HeardBefore, sale.HeardNoted}, 0, sale.ProviderFailed},
	} {
		o := w.bought(kari, adult, 1)
		p, err := w.start(o.ID, 0, uuid.NewString())
		require.NoError(t, err)
		for i, told := range one.told {
			require.Equal(t, one.want[i], w.hear("checkout.session."+told[0], w.session(p, 5_000, "nok", told[1])), told)
		}
		now, err := w.sales.OrderByID(w.staff, o.ID)
		require.NoError(t, err)
		require.Equal(t, one.paid, now.Paid, "%v", one.told)
		require.Equal(t, one.at, w.provided(o.ID)[0].State, "%v", one.told)
	}
	w.booksBalance()
}

// What came and does not fit the order is kept for whoever pays, with the reason; nothing that came is lost or booked elsewhere.
func TestWhatDoesNotFitIsHeld(t *testing.T) {
	t.Parallel()
	w := newProviderWorld(t, newStatefulStripe(t).URL, 10*time.Second)
	adult := w.ticket(w.event("Faust", 100), 5_000)
	for name, one := range map[string]struct {
		amount   int64
		currency string
		before   int64 // paid in cash meanwhile
		money    []int64
		booked   int64
		problem  sale.Problem
	}{
		"less than asked":      {4_000, "nok", 0, []int64{0, 4_000, 5_000}, 0, sale.ProblemOtherAmount},
		"more than asked":      {6_000, "nok", 0, []int64{0, 6_000, 5_000}, 0, sale.ProblemOtherAmount},
		"in another currency":  {5_000, "eur", 0, []int64{0, 0, 5_000}, 0, sale.ProblemOtherCurrency},
		"paid in part at desk": {5_000, "nok", 2_000, []int64{0, 2_000, 0}, 3_000, sale.ProblemNotDue},
		"paid at the desk":     {5_000, "nok", 5_000, []int64{0, 5_000, 0}, 0, sale.ProblemNotDue},
	} {
		who := w.person("Kari", name)
		o := w.bought(who, adult, 1)
		p, err := w.start(o.ID, 0, uuid.NewString())
		require.NoError(t, err)
		if one.before > 0 {
			_, err := w.sales.RecordPayment(w.staff, sale.Pay{OrderID: o.ID, Method: sale.Cash, Amount: one.before, IdempotencyKey: uuid.NewString()})
			require.NoError(t, err)
		}
		for range 2 {
			w.hear("checkout.session.completed", w.session(p, one.amount, one.currency, "paid"))
		}
		require.Equal(t, one.money, w.money(who), name)
		got := w.provided(o.ID)[0]
		require.Equal(t, []any{sale.ProviderHeld, one.booked, one.problem}, []any{got.State, got.Booked, got.Problem}, name)
	}
	w.booksBalance()
}

// Another site's payments, and those of other programs with the same account, are none of ours; what claims to be ours and is not known is held.
func TestPaymentsOfOthers(t *testing.T) {
	t.Parallel()
	w := newProviderWorld(t, newStatefulStripe(t).URL, 10*time.Second)
	kari := w.person("Kari", "Nordmann")
	o := w.bought(kari, w.ticket(w.event("Faust", 10), 5_000), 1)
	p, err := w.start(o.ID, 0, "a")
	require.NoError(t, err)
	tell := func(meta map[string]string, reference string) sale.Heard {
		object := w.session(p, 5_000, "nok", "paid")
		object["metadata"], object["id"] = meta, reference
		return w.hear("checkout.session.completed", object)
	}
	require.Equal(t, sale.HeardNothing, tell(nil, "cs_1"), "another program's")
	require.Equal(t, sale.HeardNothing, tell(map[string]string{"carnet_payment": p.ID.String(), "carnet_site": uuid.NewString()}, p.Reference), "another site's")
	require.Equal(t, []int64{0, 0, 5_000}, w.money(kari))
	require.Zero(t, w.moneyIn())

	ours := w.site.ID.String()
	for range 2 {
		tell(map[string]string{"carnet_payment": uuid.NewString(), "carnet_site": ours}, "cs_unknown")
	}
	require.Equal(t, 5_000, w.moneyIn(), "held once, for nobody known")
	tell(map[string]string{"carnet_payment": p.ID.String(), "carnet_site": ours}, "cs_another")
	require.Equal(t, 10_000, w.moneyIn())
	require.Equal(t, []int64{0, 5_000, 5_000}, w.money(kari), "a page of another number pays no order")
	require.Equal(t, sale.HeardBooked, tell(map[string]string{"carnet_payment": p.ID.String(), "carnet_site": ours}, p.Reference))
	require.Equal(t, []int64{0, 5_000, 0}, w.money(kari))
	w.booksBalance()

	_, err = w.sales.HearProvider(t.Context(), w.site, sale.ProviderStripe, []byte(`{}`), http.Header{})
	require.Equal(t, fault.BadInput, fault.CodeOf(err), "unsigned")
	require.NoError(t, w.sales.RemoveStripe(w.staff))
	_, err = w.sales.HearProvider(t.Context(), w.site, sale.ProviderStripe, []byte(`{}`), http.Header{})
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
}

// Who may have a page opened: staff and keys for any order of their site, an end user for what they pay themselves; and it leads back to the site.
func TestWhoStartsPayments(t *testing.T) {
	t.Parallel()
	w := newProviderWorld(t, newStatefulStripe(t).URL, 10*time.Second)
	kari, ola := w.person("Kari", "Nordmann"), w.person("Ola", "Nordmann")
	adult := w.ticket(w.event("Faust", 10), 5_000)
	o := w.bought(kari, adult, 1)
	as := func(access site.Access, kind site.Kind, who uuid.UUID) site.Actor {
		return site.Actor{Kind: kind, Access: access, SiteID: w.site.ID, ID: uuid.New(), ContactID: who, Book: true}
	}
	good := sale.StartPayment{OrderID: o.ID, ReturnURL: "https://carnet.example/x", IdempotencyKey: "k"}
	_, err := w.sales.StartPayment(site.WithActor(t.Context(), as(site.AccessViewer, site.KindStaff, uuid.Nil)), good)
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	_, err = w.sales.StartMyPayment(site.WithActor(t.Context(), as(site.AccessAccount, site.KindAccount, ola)), good)
	require.Equal(t, fault.NotFound, fault.CodeOf(err), "somebody else's order")
	_, err = w.sales.StartMyPayment(w.staff, good)
	require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
	other := site.ActorOf(w.staff)
	other.SiteID = uuid.New()
	_, err = w.sales.StartPayment(site.WithActor(t.Context(), other), good)
	require.Equal(t, fault.NotFound, fault.CodeOf(err), "another site's")
	buyer := as(site.AccessAccount, site.KindAccount, kari)
	buyer.Name = "kari@example.no"
	own, err := w.sales.StartMyPayment(site.WithActor(t.Context(), buyer), good)
	require.NoError(t, err)
	require.Equal(t, []any{site.KindAccount, ""}, []any{own.ActorKind, own.ActorName}, "an address is not kept with money")
	buyer.Support = &site.Supporter{ID: uuid.New(), Name: "Olga"}
	good.IdempotencyKey = "k2"
	own, err = w.sales.StartMyPayment(site.WithActor(t.Context(), buyer), good)
	require.NoError(t, err)
	require.Equal(t, []any{site.KindStaff, "Olga"}, []any{own.ActorKind, own.ActorName})

	w.exec("INSERT INTO site_origin (site_id, origin, landing_url) VALUES ($1, 'https://club.example', 'https://club.example/')", w.site.ID)
	for url, fits := range map[string]bool{
		"https://club.example/thanks?order=1": true, "https://club.example.evil.example/": false, "https://evil.example/": false, "javascript:alert(1)": false, "": false, "https://club.example@evil.example/": false,
	} {
		_, err := w.sales.StartPayment(w.key, sale.StartPayment{OrderID: o.ID, ReturnURL: url, IdempotencyKey: uuid.NewString()})
		if fits {
			require.NoError(t, err, url)
			continue
		}
		require.Equal(t, []string{"returnUrl." + fault.InvalidValue}, reasons(t, err), url)
	}
	require.NoError(t, w.sales.RemoveStripe(w.staff))
	_, err = w.start(o.ID, 0, "z")
	require.Equal(t, []string{sale.ReasonNoProvider}, reasons(t, err))
}

// A provider that says no, or nothing, is told so; what it did not answer may be asked again under the same key.
func TestPaymentThatCannotBegin(t *testing.T) {
	t.Parallel()
	silent := make(chan struct{})
	w := newProviderWorld(t, "http://127.0.0.1:1", 100*time.Millisecond)
	hangs := newStatefulStripe(t)
	hangs.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-silent })
	t.Cleanup(func() { close(silent) })
	o := w.bought(w.person("Kari", "Nordmann"), w.ticket(w.event("Faust", 10), 5_000), 1)
	for _, url := range []string{"http://127.0.0.1:1", hangs.URL} {
		w.at(url, 100*time.Millisecond)
		_, err := w.start(o.ID, 0, "a")
		require.Equal(t, []string{sale.ReasonSilent}, reasons(t, err))
		require.Equal(t, []any{sale.ProviderPending, sale.ProblemSilent}, []any{w.provided(o.ID)[0].State, w.provided(o.ID)[0].Problem})
	}
	w.at(newStatefulStripe(t).URL, 10*time.Second)
	p, err := w.start(o.ID, 0, "a")
	require.NoError(t, err)
	require.NotEmpty(t, p.URL)
	require.Len(t, w.provided(o.ID), 1)

	no := newStatefulStripe(t)
	no.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}`))
	})
	w.at(no.URL, 10*time.Second)
	for range 2 {
		_, err = w.start(o.ID, 0, "b")
		require.Equal(t, []string{sale.ReasonRefused}, reasons(t, err))
		require.ErrorContains(t, err, "Invalid API Key provided")
	}
}

// Refunds at Stripe, many at once, never send more than was paid; each is sent once.
func TestPaidBackAtStripe(t *testing.T) {
	t.Parallel()
	stripe := newStatefulStripe(t)
	w := newProviderWorld(t, stripe.URL, 10*time.Second)
	kari := w.person("Kari", "Nordmann")
	o, p := w.collected(kari, w.ticket(w.event("Faust", 10), 5_000), 5_000)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { _, _ = w.back(o, p, 2_000, strconv.Itoa(i%4)) }) // each key twice
	}
	all.Wait()
	require.EqualValues(t, 4_000, stripe.sent())
	now, err := w.back(o, p, 1_000, "last")
	require.NoError(t, err)
	require.EqualValues(t, 0, now.Paid)
	_, err = w.back(o, p, 1, "more")
	require.Equal(t, []string{"amount." + sale.ReasonTooMuch}, reasons(t, err))
	require.EqualValues(t, 5_000, stripe.sent())
	require.Zero(t, w.moneyIn())
	list := w.provided(o.ID)
	require.EqualValues(t, 0, list[0].Left)
	require.Equal(t, []any{sale.ProviderDone, "re_" + list[1].ID.String(), "rain"}, []any{list[1].State, list[1].Reference, list[1].Reason})
	w.booksBalance()

	unknown := sale.Payment{ID: uuid.New()}
	_, err = w.back(o, &unknown, 1, "x")
	require.Equal(t, []string{"paymentId." + fault.Unknown}, reasons(t, err))
	_, err = w.sales.Refund(w.staff, sale.Refund{OrderID: o.ID, PaymentID: &p.ID, Method: sale.Cash, Amount: 1, Reference: "r", IdempotencyKey: "y"})
	require.Equal(t, []string{"method." + fault.InvalidValue, "reference." + fault.InvalidValue}, reasons(t, err))
}

// stripe-mock takes the refund as the real one does.
func TestPaidBackAtStripeMock(t *testing.T) {
	t.Parallel()
	w := newProviderWorld(t, paytest.Start(t), 10*time.Second)
	o, p := w.collected(w.person("Kari", "Nordmann"), w.ticket(w.event("Faust", 10), 5_000), 5_000)
	now, err := w.back(o, p, 5_000, "a")
	require.NoError(t, err)
	require.EqualValues(t, 0, now.Paid)
	w.booksBalance()
}

// A refund that Stripe refuses says why, and its money can be paid back otherwise; one that fails later comes back into the books.
func TestRefundsThatFail(t *testing.T) {
	t.Parallel()
	stripe := newStatefulStripe(t)
	w := newProviderWorld(t, stripe.URL, 10*time.Second)
	o, p := w.collected(w.person("Kari", "Nordmann"), w.ticket(w.event("Faust", 10), 5_000), 5_000)
	stripe.will(func() { stripe.refuse = "the charge is disputed" })
	for range 2 {
		_, err := w.back(o, p, 5_000, "a")
		require.Equal(t, []string{sale.ReasonRefused}, reasons(t, err))
		require.ErrorContains(t, err, "the charge is disputed")
	}
	got := w.provided(o.ID)[1]
	require.Equal(t, []any{sale.ProviderFailed, sale.ProblemRefused, "the charge is disputed"}, []any{got.State, got.Problem, got.Detail})
	require.Equal(t, 5_000, w.moneyIn())

	stripe.will(func() { stripe.refuse = "" })
	now, err := w.back(o, p, 5_000, "b")
	require.NoError(t, err)
	require.EqualValues(t, 0, now.Paid)
	done := w.provided(o.ID)[2]
	told := func(status, why string) sale.Heard {
		return w.hear("refund.updated", map[string]any{
			"id": done.Reference, "object": "refund", "amount": 5_000, "currency": "nok", "status": status, "failure_reason": why, "payment_intent": p.Reference,
			"metadata": map[string]string{"carnet_payment": done.ID.String(), "carnet_site": w.site.ID.String()},
		})
	}
	require.Equal(t, sale.HeardBefore, told("succeeded", ""))
	require.Equal(t, sale.HeardNoted, told("failed", "lost_or_stolen_card"))
	require.Equal(t, sale.HeardBefore, told("failed", "lost_or_stolen_card"))
	require.Equal(t, sale.HeardBefore, told("succeeded", ""), "told late, of before it failed")
	now, err = w.sales.OrderByID(w.staff, o.ID)
	require.NoError(t, err)
	require.EqualValues(t, 5_000, now.Paid)
	require.Equal(t, 5_000, w.moneyIn())
	got = w.provided(o.ID)[2]
	require.Equal(t, []any{sale.ProviderFailed, "lost_or_stolen_card"}, []any{got.State, got.Detail})
	require.EqualValues(t, 5_000, w.provided(o.ID)[0].Left, "it can be tried again")
	w.booksBalance()
}

// A refund whose answer was lost stays under way, and what it may have sent is nobody else's; a job finds out and books it, sent once.
func TestRefundWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	stripe := newStatefulStripe(t)
	w := newProviderWorld(t, stripe.URL, 10*time.Second)
	o, p := w.collected(w.person("Kari", "Nordmann"), w.ticket(w.event("Faust", 10), 5_000), 5_000)
	stripe.will(func() { stripe.broken = true })
	now, err := w.back(o, p, 3_000, "a")
	require.NoError(t, err)
	require.EqualValues(t, 5_000, now.Paid, "nobody knows yet")
	require.Equal(t, []any{sale.ProviderPending, sale.ProblemSilent}, []any{w.provided(o.ID)[1].State, w.provided(o.ID)[1].Problem})
	require.Equal(t, 1, w.count("SELECT count(*) FROM river_job WHERE kind = 'provider_refund' AND args->>'siteId' = $1::text AND scheduled_at > now()"))
	_, err = w.back(o, p, 2_001, "b")
	require.Equal(t, []string{"amount." + sale.ReasonTooMuch}, reasons(t, err))
	_, err = w.sales.Refund(w.staff, sale.Refund{OrderID: o.ID, Method: sale.Credit, Amount: 2_001, IdempotencyKey: "c"})
	require.Equal(t, []string{"amount." + sale.ReasonTooMuch}, reasons(t, err))

	stripe.will(func() { stripe.broken = false })
	w.exec("UPDATE river_job SET scheduled_at = now(), state = 'available' WHERE args->>'siteId' = $1::text", w.site.ID)
	w.work(func() bool { return w.provided(o.ID)[1].State == sale.ProviderDone })
	require.EqualValues(t, 3_000, stripe.sent())
	now, err = w.sales.OrderByID(w.staff, o.ID)
	require.NoError(t, err)
	require.EqualValues(t, 2_000, now.Paid)
	again, err := w.back(o, p, 3_000, "a")
	require.NoError(t, err)
	require.EqualValues(t, 2_000, again.Paid, "the same key sends nothing more")
	require.EqualValues(t, 3_000, stripe.sent())
	w.booksBalance()
}

// A refund that the bank takes its time with is booked when Stripe tells.
func TestRefundThatWaits(t *testing.T) {
	t.Parallel()
	stripe := newStatefulStripe(t)
	w := newProviderWorld(t, stripe.URL, 10*time.Second)
	o, p := w.collected(w.person("Kari", "Nordmann"), w.ticket(w.event("Faust", 10), 5_000), 5_000)
	stripe.will(func() { stripe.status = "pending" })
	now, err := w.back(o, p, 5_000, "a")
	require.NoError(t, err)
	require.EqualValues(t, 5_000, now.Paid)
	r := w.provided(o.ID)[1]
	require.Equal(t, []any{sale.ProviderPending, "re_" + r.ID.String()}, []any{r.State, r.Reference})
	tell := func(amount int) sale.Heard {
		return w.hear("refund.updated", map[string]any{
			"id": r.Reference, "object": "refund", "amount": amount, "currency": "nok", "status": "succeeded",
			"metadata": map[string]string{"carnet_payment": r.ID.String(), "carnet_site": w.site.ID.String()},
		})
	}
	require.Equal(t, sale.HeardBooked, tell(5_000))
	require.Equal(t, sale.HeardBefore, tell(5_000))
	require.Zero(t, w.moneyIn())
	w.booksBalance()
}

// The secrets of a site's account are sealed, never told, and kept when they are not given again; managers set them.
func TestStripeAccount(t *testing.T) {
	t.Parallel()
	w := newProviderWorld(t, "", time.Second)
	got, err := w.sales.StripeAccount(w.staff)
	require.NoError(t, err)
	require.Equal(t, []any{false, "123", "Olga", "https://carnet.example/v1/stripe/club"}, []any{got.Live, got.KeyHint, got.ChangedBy, got.WebhookURL})
	require.Zero(t, w.count("SELECT count(*) FROM payment_provider WHERE site_id = $1 AND (position('sk_test'::bytea in secret_key) > 0 OR position('whsec'::bytea in webhook_secret) > 0)"))
	require.NoError(t, w.sales.SaveStripe(w.staff, "rk_live_abcdefgh", ""))
	got, err = w.sales.StripeAccount(w.staff)
	require.NoError(t, err)
	require.Equal(t, []any{true, "efgh"}, []any{got.Live, got.KeyHint})
	require.Equal(t, []string{"secretKey.INVALID_STRIPE_KEY", "webhookSecret.INVALID_STRIPE_SECRET"}, reasons(t, w.sales.SaveStripe(w.staff, "pk_live_abcdefgh", "secret")))
	require.NoError(t, w.sales.RemoveStripe(w.staff))
	require.Equal(t, fault.NotFound, fault.CodeOf(w.sales.RemoveStripe(w.staff)))
	require.Equal(t, []string{"secretKey." + fault.Required, "webhookSecret." + fault.Required}, reasons(t, w.sales.SaveStripe(w.staff, "", "")))
	for _, do := range []func() error{
		func() error { return w.sales.SaveStripe(w.key, "sk_test_123", stripeSigns) },
		func() error { return w.sales.RemoveStripe(w.key) },
		func() error { _, err := w.sales.StripeAccount(w.key); return err },
	} {
		require.Equal(t, fault.Forbidden, fault.CodeOf(do()), "an operator may not")
	}
}
