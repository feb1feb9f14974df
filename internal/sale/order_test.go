package sale_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/fault"
	"carnet/internal/sale"
)

// reasons gives what is to be mended, as path and reason.
func reasons(t *testing.T, err error) (out []string) {
	t.Helper()
	list, ok := fault.Mendable(err)
	require.True(t, ok, "%v", err)
	for _, one := range list {
		path := ""
		for _, p := range one.Path {
			path += p + "."
		}
		out = append(out, path+one.Reason)
	}
	return out
}

// S-58, S-61: an order names buyer, payer and attendees; it gives tickets, and books what is owed and paid.
func TestOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	teacher, pupil, school := w.person("Tora", "Teacher"), w.person("Per", "Pupil"), w.person("Skole", "Office")
	event := w.event("Faust", 10)
	adult := w.ticket(event, 12_000)
	payer := of(school)
	in := sale.RecordOrder{
		IdempotencyKey: "1", Reference: "A-1", Buyer: of(teacher), Payer: &payer,
		Lines:    lines(sale.OrderedLine{ProductID: adult, Quantity: 2}, sale.OrderedLine{ProductID: adult, Quantity: 1, Attendee: &sale.Party{ContactID: &pupil}}),
		Payments: []sale.OrderPayment{{Method: sale.Card, Amount: 30_000, Reference: "pay_1"}},
	}
	o, err := w.sales.RecordOrder(w.staff, in)
	require.NoError(t, err)
	require.Equal(t, []any{int64(1), "NOK", int64(36_000), int64(30_000), int64(6_000), "counter"}, []any{o.Number, o.Currency, o.Total, o.Paid, o.Due(), o.Channel})
	require.Equal(t, 3, w.count("SELECT taken FROM event WHERE site_id = $1"))
	require.Equal(t, 2, w.count("SELECT count(*) FROM ticket WHERE site_id = $1 AND contact_id = $2", teacher))
	require.Equal(t, 1, w.count("SELECT count(*) FROM ticket WHERE site_id = $1 AND contact_id = $2", pupil))
	require.Zero(t, w.count("SELECT sum(amount) FROM ledger_entry WHERE site_id = $1"))
	require.Equal(t, 6_000, w.count("SELECT balance FROM ledger_account WHERE site_id = $1 AND contact_id = $2", school))

	again, err := w.sales.RecordOrder(w.staff, in)
	require.NoError(t, err)
	require.Equal(t, o.ID, again.ID)
	require.Equal(t, 3, w.count("SELECT taken FROM event WHERE site_id = $1"), "the same key sells nothing")
	in.Lines[0].Quantity = 3
	_, err = w.sales.RecordOrder(w.staff, in)
	require.Equal(t, []string{"idempotencyKey." + sale.ReasonKeyReused}, reasons(t, err))
	in.IdempotencyKey = "2"
	_, err = w.sales.RecordOrder(w.staff, in)
	require.Equal(t, []string{"reference." + fault.Taken}, reasons(t, err))
	require.Equal(t, 3, w.count("SELECT taken FROM event WHERE site_id = $1"), "what was refused took nothing")
}

// Two hundred who want the last ten places at once end with ten tickets and books that sum to zero.
func TestLastPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	event := w.event("Faust", 10)
	adult := w.ticket(event, 5_000)
	buyers := make([]uuid.UUID, 20)
	for i := range buyers {
		buyers[i] = w.person("B", strconv.Itoa(i))
	}
	var sold, gone atomic.Int64
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			_, err := w.sales.RecordOrder(w.staff, sale.RecordOrder{
				IdempotencyKey: strconv.Itoa(i), Buyer: of(buyers[i%len(buyers)]), Lines: lines(sale.OrderedLine{ProductID: adult, Quantity: 1}),
				Payments: []sale.OrderPayment{{Method: sale.Card, Amount: 5_000}},
			})
			if err == nil {
				sold.Add(1)
				return
			}
			if list, ok := fault.Mendable(err); ok && list[0].Reason == sale.ReasonSoldOut {
				gone.Add(1)
				return
			}
			t.Error(err)
		})
	}
	all.Wait()
	require.Equal(t, [2]int64{10, 190}, [2]int64{sold.Load(), gone.Load()})
	require.Equal(t, 10, w.count("SELECT count(*) FROM ticket WHERE site_id = $1"))
	require.Equal(t, 10, w.count("SELECT taken FROM event WHERE site_id = $1"))
	require.Zero(t, w.count("SELECT sum(amount) FROM ledger_entry WHERE site_id = $1"))
	require.Equal(t, 50_000, w.count("SELECT sum(e.amount) FROM ledger_entry e JOIN ledger_account a ON a.site_id = e.site_id AND a.id = e.account_id WHERE e.site_id = $1 AND a.kind = 'money'"))
}

// A site goes with all that it sold.
func TestSiteGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, school := w.person("Ada", "Lovelace"), w.person("Skole", "Office")
	payer := of(school)
	adult, plan := w.ticket(w.event("Faust", 10), 12_000), w.plan("Friends", 50_000, 12)
	court := w.row("INSERT INTO product (site_id, id, kind, name, price) VALUES ($1, $2, 'resource', 'Court', 500)")
	slot := w.row("INSERT INTO slot (site_id, id, product_id, starts_at, ends_at) VALUES ($1, $2, $3, now(), now() + interval '1 hour')", court)
	pass := w.row("INSERT INTO product (site_id, id, kind, name, price, uses) VALUES ($1, $2, 'pass', 'Ten', 500, 10)")
	_, err := w.sales.RecordOrder(w.staff, sale.RecordOrder{
		IdempotencyKey: "1", Buyer: of(ada), Payer: &payer, Payments: []sale.OrderPayment{{Method: sale.Card, Amount: 10_000}},
		Lines: lines(sale.OrderedLine{ProductID: adult, Quantity: 2}, sale.OrderedLine{ProductID: plan, Quantity: 1}, sale.OrderedLine{ProductID: court, Quantity: 1, SlotID: &slot}, sale.OrderedLine{ProductID: pass, Quantity: 1}),
	})
	require.NoError(t, err)
	w.exec("DELETE FROM site WHERE id = $1", w.site.ID)
	require.Zero(t, w.count("SELECT count(*) FROM contact_sale WHERE site_id = $1"))
	require.Zero(t, w.count("SELECT count(*) FROM ledger_entry WHERE site_id = $1"))
}

// An event that is cancelled, or a ticket that is taken off sale, while somebody buys is not sold any more.
func TestCancelledWhileSelling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kari, event := w.person("Kari", "N"), w.event("Faust", -1)
	adult := w.ticket(event, 100)
	for i, change := range []string{
		"UPDATE event SET state = 'cancelled', cancelled_at = now() WHERE id = $1",
		"UPDATE product SET archived_at = now() WHERE event_id = $1",
	} {
		w.exec("UPDATE event SET state = 'published', cancelled_at = NULL WHERE id = $1", event)
		tx, err := w.db.Pool.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), change, event)
		require.NoError(t, err)
		done := make(chan error)
		go func() {
			_, err := w.sales.RecordOrder(w.staff, orderOf(strconv.Itoa(i), kari, adult))
			done <- err
		}()
		require.Eventually(t, func() bool {
			return w.count("SELECT count(*) FROM pg_stat_activity WHERE $1::uuid IS NOT NULL AND datname = current_database() AND wait_event_type = 'Lock'") > 0
		}, 10*time.Second, 5*time.Millisecond)
		require.NoError(t, tx.Commit(t.Context()))
		require.Equal(t, []string{"lines.0.productId." + sale.ReasonNotOnSale}, reasons(t, <-done))
	}
}

// What is over is not booked.
func TestPastSlotIsNotOnSale(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	court := w.row("INSERT INTO product (site_id, id, kind, name, price) VALUES ($1, $2, 'resource', 'Court', 500)")
	slot := w.row("INSERT INTO slot (site_id, id, product_id, starts_at, ends_at) VALUES ($1, $2, $3, now() - interval '2 hours', now() - interval '1 hour')", court)
	in := orderOf("1", w.person("Kari", "N"), court)
	in.Lines[0].SlotID = &slot
	_, err := w.sales.RecordOrder(w.key, in)
	require.Equal(t, []string{"lines.0.slotId." + sale.ReasonNotOnSale}, reasons(t, err))
}

// A membership begins within people's lives, so that its days can be told.
func TestMembershipBeginsWithinReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := orderOf("1", w.person("Kari", "N"), w.plan("Friends", 100, 12))
	in.Lines[0].StartsOn = ptr(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
	_, err := w.sales.RecordOrder(w.key, in)
	require.Equal(t, []string{"lines.0.startsOn." + fault.InvalidDate}, reasons(t, err))
}

// What an order costs at most is held before anything is sold.
func TestOrderCostsAtMost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	adult := w.ticket(w.event("Faust", 10), sale.MaxMoney)
	in := orderOf("1", w.person("Kari", "N"), adult)
	in.Lines[0].Quantity = 3
	_, err := w.sales.RecordOrder(w.staff, in)
	require.Equal(t, []string{"lines." + sale.ReasonTooMuch}, reasons(t, err))
	in.Lines[0].Quantity = 2
	o, err := w.sales.RecordOrder(w.staff, in)
	require.NoError(t, err)
	require.Equal(t, int64(sale.MaxTotal), o.Total)
}
