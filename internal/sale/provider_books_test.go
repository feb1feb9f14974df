package sale_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"carnet/internal/sale"
)

// P-19: a mass refund sends back at Stripe what was paid there, by jobs, the last way first; done again it sends nothing.
func TestMassRefundAtStripe(t *testing.T) {
	t.Parallel()
	stripe := newStatefulStripe(t)
	w := newProviderWorld(t, stripe.URL, 10*time.Second)
	event := w.event("Faust", 10)
	kari, ola := w.person("Kari", "Nordmann"), w.person("Ola", "Nordmann")
	adult := w.ticket(event, 5_000)
	one, _ := w.collected(kari, adult, 5_000)
	mixed := w.bought(ola, adult, 1, sale.OrderPayment{Method: sale.Cash, Amount: 2_000})
	p, err := w.start(mixed.ID, 0, "m")
	require.NoError(t, err)
	require.Equal(t, sale.HeardBooked, w.hear("checkout.session.completed", w.session(p, 3_000, "nok", "paid")))

	w.refundBatch(&sale.RefundBatch{EventID: &event, Reason: "rain"}, kari, ola)
	require.Zero(t, stripe.sent(), "not in the batch's transaction")
	require.Equal(t, sale.ProviderPending, w.provided(one.ID)[1].State)
	w.work(func() bool {
		return w.count("SELECT count(*) FROM provider_payment WHERE site_id = $1 AND state = 'pending'") == 0
	})
	require.EqualValues(t, 8_000, stripe.sent())
	require.Equal(t, [][]int64{{0, 0, 0}, {0, 0, 0}}, [][]int64{w.money(kari), w.money(ola)})
	w.booksBalance()
	w.at(stripe.URL, 10*time.Second) // a queue runs once
	w.refundBatch(&sale.RefundBatch{EventID: &event}, kari, ola)
	require.Equal(t, 2, w.count("SELECT count(*) FROM provider_payment WHERE site_id = $1 AND direction = 'out'"))
}

// Whatever is started, told, lost, refused and paid back, in whatever order: the books sum to zero, no more goes back than came, and the
// books' money is what Stripe has received less what it has sent.
func TestBooksWithStripe(t *testing.T) {
	t.Parallel()
	stripe := newStatefulStripe(t)
	w := newProviderWorld(t, stripe.URL, 10*time.Second)
	adult := w.ticket(w.event("Faust", -1), 5_000)
	rapid.Check(t, func(rt *rapid.T) {
		o := w.bought(w.person("Kari", "Nordmann"), adult, 2)
		var pages []*sale.ProviderPayment
		came := map[uuid.UUID]int64{}
		before, sent := w.moneyIn(), stripe.sent()
		draw := func(max int) int { return rapid.IntRange(0, max).Draw(rt, "n") }
		refunds := func() (list []*sale.ProviderPayment) {
			for _, p := range w.provided(o.ID) {
				if p.Direction == sale.Out {
					list = append(list, p)
				}
			}
			return list
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch draw(5) {
			case 0, 1:
				if p, err := w.start(o.ID, int64(1_000*draw(10)), uuid.NewString()); err == nil {
					pages = append(pages, p)
				}
			case 2, 3:
				if len(pages) == 0 {
					continue
				}
				p := pages[draw(len(pages)-1)]
				amount := p.Amount + int64(rapid.SampledFrom([]int{0, 0, 0, 500}).Draw(rt, "more"))
				kind := rapid.SampledFrom([]string{"completed paid", "expired unpaid"}).Draw(rt, "told")
				if kind == "expired unpaid" {
					w.hear("checkout.session.expired", w.session(p, amount, "nok", "unpaid"))
					continue
				}
				w.hear("checkout.session.completed", w.session(p, amount, "nok", "paid"))
				if came[p.ID] == 0 {
					came[p.ID] = amount
				}
			case 4:
				mode := draw(3)
				stripe.will(func() {
					stripe.broken, stripe.refuse = mode == 1, ""
					if mode == 2 {
						stripe.refuse = "no"
					}
				})
				by, err := w.sales.PaymentsOf(w.staff, []uuid.UUID{o.ID})
				require.NoError(t, err)
				if list := by[o.ID]; len(list) > 0 {
					_, _ = w.back(o, list[draw(len(list)-1)], int64(1_000*(1+draw(5))), uuid.NewString())
				}
				stripe.will(func() { stripe.broken, stripe.refuse = false, "" })
			case 5:
				for _, r := range refunds() {
					if r.State == sale.ProviderPending {
						require.NoError(t, w.sales.FinishRefund(t.Context(), w.site.ID, r.ID))
					}
				}
			}
			w.booksBalance()
		}
		for _, r := range refunds() {
			require.NoError(t, w.sales.FinishRefund(t.Context(), w.site.ID, r.ID))
		}
		in := int64(0)
		for _, amount := range came {
			in += amount
		}
		require.EqualValues(t, in-(stripe.sent()-sent), w.moneyIn()-before)
		w.booksBalance()
	})
}
