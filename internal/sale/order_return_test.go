package sale_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/sale"
	"carnet/internal/site"
)

// What an order gave is taken back, in part and as a whole: the holders have it no more, and places and quotas are free again.
func TestReturn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kari := w.person("Kari", "Nordmann")
	event := w.event("Faust", 10)
	adult, plan := w.ticket(event, 5_000), w.plan("Friends", 20_000, 12)
	pass := w.row("INSERT INTO product (site_id, id, kind, name, price, uses) VALUES ($1, $2, 'pass', 'Ten', 8000, 10)")
	court := w.row("INSERT INTO product (site_id, id, kind, name, price) VALUES ($1, $2, 'resource', 'Court', 3000)")
	starts := time.Now().AddDate(0, 0, 3)
	slot := w.row("INSERT INTO slot (site_id, id, product_id, starts_at, ends_at, capacity) VALUES ($1, $2, $3, $4, $5, 2)", court, starts, starts.Add(time.Hour))
	w.row("INSERT INTO quota (site_id, id, product_id, period, most) VALUES ($1, $2, $3, 'year', 3)", adult)
	o, err := w.sales.RecordOrder(w.staff, sale.RecordOrder{
		IdempotencyKey: "o", Buyer: of(kari),
		Lines: lines(sale.OrderedLine{ProductID: adult, Quantity: 3}, sale.OrderedLine{ProductID: plan, Quantity: 1}, sale.OrderedLine{ProductID: pass, Quantity: 1},
			sale.OrderedLine{ProductID: court, Quantity: 1, SlotID: &slot}),
	})
	require.NoError(t, err)
	by, err := w.sales.LinesOf(w.staff, []uuid.UUID{o.ID})
	require.NoError(t, err)
	first := by[o.ID][0]
	// A quota that is younger than the order, which did not use it, is not given back.
	young := w.row("INSERT INTO quota (site_id, id, product_id, period, most) VALUES ($1, $2, $3, 'ever', 5)", adult)
	w.exec("INSERT INTO quota_use (site_id, quota_id, contact_id, period_on, used, most) VALUES ($1, $2, $3, $4, 4, 5)", w.site.ID, young, kari, sale.Ever.First(time.Now()))

	back, err := w.sales.Return(w.staff, sale.ReturnOrder{OrderID: o.ID, Lines: []sale.ReturnedLine{{LineID: first.ID, Quantity: 1}}, Reason: "ill", IdempotencyKey: "r1"})
	require.NoError(t, err)
	require.Equal(t, []any{int64(5_000), int64(41_000), sale.OrderCompleted}, []any{back.Returned, back.Due(), back.State})
	_, err = w.sales.Return(w.staff, sale.ReturnOrder{OrderID: o.ID, Lines: []sale.ReturnedLine{{LineID: first.ID, Quantity: 1}}, Reason: "ill", IdempotencyKey: "r1"})
	require.NoError(t, err, "the same key takes nothing more back")
	require.Equal(t, 2, w.count("SELECT taken FROM event WHERE site_id = $1"))
	require.Equal(t, 2+4, w.count("SELECT sum(used) FROM quota_use WHERE site_id = $1"))
	require.Equal(t, 2, w.count("SELECT tickets FROM contact_sale WHERE site_id = $1"))
	_, err = w.sales.Return(w.staff, sale.ReturnOrder{OrderID: o.ID, Lines: []sale.ReturnedLine{{LineID: first.ID, Quantity: 3}}, IdempotencyKey: "r2"})
	require.Equal(t, []string{"lines.0.quantity." + sale.ReasonTooMuch}, reasons(t, err))
	_, err = w.sales.Return(w.staff, sale.ReturnOrder{OrderID: o.ID, Lines: []sale.ReturnedLine{{LineID: uuid.New(), Quantity: 1}}, IdempotencyKey: "r2"})
	require.Equal(t, []string{"lines.0.lineId." + fault.Unknown}, reasons(t, err))

	require.Equal(t, []bool{true, true}, []bool{w.is(kari, "subscriber"), w.is(kari, "customer")})
	back, err = w.sales.Return(w.staff, sale.ReturnOrder{OrderID: o.ID, IdempotencyKey: "r3"})
	require.NoError(t, err)
	require.Equal(t, []any{back.Total, int64(0), sale.OrderCancelled}, []any{back.Returned, back.Due(), back.State})
	require.Equal(t, []bool{false, false, false}, []bool{w.is(kari, "subscriber"), w.is(kari, "customer"), w.is(kari, "attendee")})
	for _, what := range []string{"taken FROM event", "sum(taken) FROM product", "taken FROM slot", "sum(amount) FROM ledger_entry"} {
		require.Zero(t, w.count("SELECT "+what+" WHERE site_id = $1"), what)
	}
	require.Equal(t, 4, w.count("SELECT sum(used) FROM quota_use WHERE site_id = $1"))
	require.Zero(t, w.count("SELECT count(*) FROM booking WHERE site_id = $1 AND state <> 'cancelled'")+w.count("SELECT count(*) FROM pass WHERE site_id = $1 AND cancelled_at IS NULL"))
	_, err = w.sales.Return(w.staff, sale.ReturnOrder{OrderID: o.ID, IdempotencyKey: "r4"})
	require.Equal(t, []string{sale.ReasonCancelled}, reasons(t, err))
	returns, err := w.sales.ReturnsOf(w.staff, []uuid.UUID{o.ID})
	require.NoError(t, err)
	require.Equal(t, []any{2, "ill"}, []any{len(returns[o.ID]), returns[o.ID][0].Reason})
}

// is reads a status of a contact.
func (w *world) is(who uuid.UUID, status string) bool {
	w.t.Helper()
	return w.count("SELECT "+status+"::int FROM contact_sale WHERE site_id = $1 AND contact_id = $2", who) == 1
}

// A ticket lets in once; one that was used goes back by a manager's word only.
func TestTicketAtTheDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kari := w.person("Kari", "Nordmann")
	o := w.bought(kari, w.ticket(w.event("Faust", 10), 5_000), 2)
	by, err := w.sales.LinesOf(w.staff, []uuid.UUID{o.ID})
	require.NoError(t, err)
	line := by[o.ID][0].ID
	tickets, err := w.sales.TicketsOf(w.staff, []uuid.UUID{line})
	require.NoError(t, err)
	one, two := tickets[line][0], tickets[line][1]
	in, err := w.sales.CheckIn(w.key, one.Code, nil)
	require.NoError(t, err)
	require.Equal(t, sale.TicketUsed, in.State)
	again, err := w.sales.CheckIn(w.key, one.Code, nil)
	require.Equal(t, []string{"code." + sale.ReasonUsed}, reasons(t, err))
	require.ErrorContains(t, err, in.UsedAt.In(w.site.Location()).Format("2006-01-02 at 15:04"))
	require.Equal(t, one.ID, again.ID, "and tells whose it is")
	_, err = w.sales.CheckIn(w.key, "none", nil)
	require.Equal(t, []string{"code." + fault.Unknown}, reasons(t, err))

	_, err = w.sales.Return(w.key, sale.ReturnOrder{OrderID: o.ID, IdempotencyKey: "a"})
	require.Equal(t, []string{sale.ReasonUsed}, reasons(t, err))
	_, err = w.sales.Return(w.key, sale.ReturnOrder{OrderID: o.ID, Tickets: []uuid.UUID{one.ID}, IdempotencyKey: "b"})
	require.Equal(t, []string{"tickets.0." + sale.ReasonUsed}, reasons(t, err))
	_, err = w.sales.Return(w.key, sale.ReturnOrder{OrderID: o.ID, Force: true, IdempotencyKey: "c"})
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	_, err = w.sales.Return(w.key, sale.ReturnOrder{OrderID: o.ID, Lines: []sale.ReturnedLine{{LineID: line, Quantity: 1}}, IdempotencyKey: "d"})
	require.NoError(t, err, "the one that was not used")
	_, err = w.sales.CheckIn(w.key, two.Code, nil)
	require.Equal(t, []string{"code." + sale.ReasonCancelled}, reasons(t, err))
	_, err = w.sales.UndoCheckIn(w.key, two.ID)
	require.Equal(t, []string{"id." + sale.ReasonCancelled}, reasons(t, err))
	out, err := w.sales.UndoCheckIn(w.key, one.ID)
	require.NoError(t, err)
	require.Nil(t, out.UsedAt)
	_, err = w.sales.CheckIn(w.key, one.Code, nil)
	require.NoError(t, err)
	got, err := w.sales.Return(w.staff, sale.ReturnOrder{OrderID: o.ID, Tickets: []uuid.UUID{one.ID}, Force: true, IdempotencyKey: "e"})
	require.NoError(t, err)
	require.Equal(t, sale.OrderCancelled, got.State)
}

// Passes are used up; bookings are freed with what they cost; memberships end and go on.
func TestPassBookingMembership(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kari := w.person("Kari", "Nordmann")
	product := w.row("INSERT INTO product (site_id, id, kind, name, price, uses) VALUES ($1, $2, 'pass', 'Two', 8000, 2)")
	o := w.bought(kari, product, 1)
	by, err := w.sales.LinesOf(w.staff, []uuid.UUID{o.ID})
	require.NoError(t, err)
	passes, err := w.sales.PassesOf(w.staff, []uuid.UUID{by[o.ID][0].ID})
	require.NoError(t, err)
	pass := passes[by[o.ID][0].ID][0]
	for n := 1; n <= 2; n++ {
		p, err := w.sales.UsePass(w.key, pass.ID)
		require.NoError(t, err)
		require.Equal(t, n, p.Used)
	}
	_, err = w.sales.UsePass(w.key, pass.ID)
	require.Equal(t, []string{"id." + sale.ReasonUsed}, reasons(t, err))
	w.exec("UPDATE pass SET used = 0, valid_on = current_date + 2 WHERE site_id = $1", w.site.ID)
	_, err = w.sales.UsePass(w.key, pass.ID)
	require.Equal(t, []string{"id." + sale.ReasonExpired}, reasons(t, err), "it is not good yet")
	w.exec("UPDATE pass SET used = 0, valid_on = current_date - 9, ends_on = current_date - 2 WHERE site_id = $1", w.site.ID)
	_, err = w.sales.UsePass(w.key, pass.ID)
	require.Equal(t, []string{"id." + sale.ReasonExpired}, reasons(t, err))

	court := w.row("INSERT INTO product (site_id, id, kind, name, price) VALUES ($1, $2, 'resource', 'Court', 3000)")
	starts := time.Now().AddDate(0, 0, 3)
	slot := w.row("INSERT INTO slot (site_id, id, product_id, starts_at, ends_at, capacity) VALUES ($1, $2, $3, $4, $5, 1)", court, starts, starts.Add(time.Hour))
	booked, err := w.sales.RecordOrder(w.staff, sale.RecordOrder{IdempotencyKey: "b", Buyer: of(kari), Lines: lines(sale.OrderedLine{ProductID: court, Quantity: 1, SlotID: &slot})})
	require.NoError(t, err)
	var booking uuid.UUID
	require.NoError(t, w.db.Pool.QueryRow(t.Context(), "SELECT id FROM booking WHERE site_id = $1", w.site.ID).Scan(&booking))
	b, err := w.sales.MarkAttended(w.key, booking, true)
	require.NoError(t, err)
	require.Equal(t, sale.BookingAttended, b.State)
	_, err = w.sales.CancelBooking(w.key, booking, "")
	require.Equal(t, []string{"id." + sale.ReasonUsed}, reasons(t, err))
	_, err = w.sales.MarkAttended(w.key, booking, false)
	require.NoError(t, err)
	_, err = w.sales.CancelBooking(w.key, booking, "rain")
	require.NoError(t, err)
	require.Zero(t, w.count("SELECT taken FROM slot WHERE site_id = $1"))
	booked, err = w.sales.OrderByID(w.staff, booked.ID)
	require.NoError(t, err)
	require.Equal(t, []any{int64(0), sale.OrderCancelled}, []any{booked.Due(), booked.State})
	_, err = w.sales.CancelBooking(w.key, booking, "")
	require.Equal(t, []string{"id." + sale.ReasonCancelled}, reasons(t, err))

	w.bought(kari, w.plan("Friends", 20_000, 12), 1)
	var membership uuid.UUID
	require.NoError(t, w.db.Pool.QueryRow(t.Context(), "SELECT id FROM membership WHERE site_id = $1", w.site.ID).Scan(&membership))
	today := w.site.Day(time.Now())
	next, err := w.sales.RenewMembership(w.staff, membership)
	require.NoError(t, err)
	require.Equal(t, today.AddDate(1, 0, 0), next.StartsOn)
	late := today.AddDate(2, 0, 0)
	_, err = w.sales.CancelMembership(w.key, membership, &late)
	require.Equal(t, []string{"at." + fault.InvalidDate}, reasons(t, err))
	m, err := w.sales.CancelMembership(w.key, membership, nil)
	require.NoError(t, err)
	require.Equal(t, today, *m.EndsOn)
	_, err = w.sales.CancelMembership(w.key, next.ID, nil)
	require.NoError(t, err, "one that never begins")
	_, err = w.sales.RenewMembership(w.key, membership)
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
}

// P-19: those who paid for an event have it back, on credit or the way they paid; what was not paid is owed no more; who was there is
// told. Done again it does nothing.
func TestRefundsByEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	event := w.event("Faust", 10)
	adult, other := w.ticket(event, 5_000), w.ticket(w.event("Hamlet", 10), 5_000)
	half, both, never := w.person("Half", "Paid"), w.person("Both", "Ways"), w.person("Never", "Paid")
	w.bought(half, adult, 2, sale.OrderPayment{Method: sale.Card, Amount: 7_000})
	mixed, err := w.sales.RecordOrder(w.staff, sale.RecordOrder{
		IdempotencyKey: "m", Buyer: of(both), Lines: lines(sale.OrderedLine{ProductID: adult, Quantity: 1}, sale.OrderedLine{ProductID: other, Quantity: 1}),
		Payments: []sale.OrderPayment{{Method: sale.Card, Amount: 8_000}, {Method: sale.Cash, Amount: 2_000}},
	})
	require.NoError(t, err)
	w.bought(never, adult, 1)
	w.refundBatch(&sale.RefundBatch{EventID: &event}, half, both, never)
	require.Equal(t, [][]int64{{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}, [][]int64{w.money(half), w.money(both), w.money(never)})
	require.Equal(t, 1, w.count("SELECT sum(taken) FROM event WHERE site_id = $1"), "the other event is left alone")
	payments, err := w.sales.PaymentsOf(w.staff, []uuid.UUID{mixed.ID})
	require.NoError(t, err)
	back := map[sale.Method]int64{}
	for _, p := range payments[mixed.ID] {
		if p.Direction == sale.Out {
			back[p.Method] += p.Amount
		}
	}
	require.Equal(t, map[sale.Method]int64{sale.Cash: 2_000, sale.Card: 3_000}, back, "the last way first")
	require.Zero(t, w.count("SELECT sum(amount) FROM ledger_entry WHERE site_id = $1"))
	require.Equal(t, 7_000, w.count("SELECT sum(amount) FROM payment WHERE site_id = $1 AND direction = 'out' AND payer_id = $2", half))
	n := w.count("SELECT count(*) FROM payment WHERE site_id = $1")
	w.refundBatch(&sale.RefundBatch{EventID: &event, ToCredit: true}, half, both, never)
	require.Equal(t, n, w.count("SELECT count(*) FROM payment WHERE site_id = $1"), "nothing is left to take back")

	w.bought(half, other, 1, sale.OrderPayment{Method: sale.Card, Amount: 2_000})
	w.refundBatch(&sale.RefundBatch{ProductID: &other, ToCredit: true}, half)
	require.Equal(t, []int64{2_000, 0, 0}, w.money(half), "no more than was paid")

	of, v := w.site, sale.RefundBatch{}
	require.Equal(t, []string{"refund." + fault.Required}, reasons(t, v.Check(t.Context(), w.db.Bun, of)))
	v.ProductID = ptr(uuid.New())
	require.Equal(t, []string{"refund.productId." + fault.Unknown}, reasons(t, v.Check(t.Context(), w.db.Bun, of)))
}

// refundBatch has a batch plan and write a refund for contacts.
func (w *world) refundBatch(in *sale.RefundBatch, who ...uuid.UUID) {
	w.t.Helper()
	text, err := json.Marshal(in)
	require.NoError(w.t, err)
	action := w.sales.NewRefundBatch()
	require.NoError(w.t, json.Unmarshal(text, action))
	slices.SortFunc(who, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	require.NoError(w.t, w.db.Tx(w.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		part := contact.FurtherPart{Site: w.site, Contacts: who, Now: time.Now(), By: contact.Author{Kind: site.KindStaff, Name: "Olga"}}
		plan, err := action.Plan(ctx, tx, part)
		if err != nil {
			return err
		}
		return plan.Write(ctx, tx)
	}))
}

// T-09: the ticket of a cancelled event opens no door.
func TestCancelledEventOpensNoDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	event := w.event("Faust", -1)
	_, err := w.sales.RecordOrder(w.staff, orderOf("1", w.person("Kari", "N"), w.ticket(event, 100)))
	require.NoError(t, err)
	var code string
	require.NoError(t, w.db.Pool.QueryRow(t.Context(), "SELECT code FROM ticket WHERE event_id = $1", event).Scan(&code))
	_, err = w.sales.CancelEvent(w.staff, event)
	require.NoError(t, err)
	_, err = w.sales.CheckIn(w.staff, code, nil)
	require.Equal(t, []string{"code." + sale.ReasonEventCancelled}, reasons(t, err))
	require.Zero(t, w.count("SELECT count(*) FROM ticket WHERE site_id = $1 AND state = 'used'"))
}

// A membership that went back before it began says nothing of when the next one begins.
func TestMembershipAfterOneThatNeverWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kari, plan := w.person("Kari", "N"), w.plan("Friends", 100, 12)
	today := w.site.Day(time.Now())
	in := orderOf("1", kari, plan)
	in.Lines[0].StartsOn = ptr(today.AddDate(0, 3, 0))
	o, err := w.sales.RecordOrder(w.staff, in)
	require.NoError(t, err)
	_, err = w.sales.Return(w.staff, sale.ReturnOrder{OrderID: o.ID, IdempotencyKey: "back"})
	require.NoError(t, err)
	_, err = w.sales.RecordOrder(w.staff, orderOf("2", kari, plan))
	require.NoError(t, err)
	require.Equal(t, 1, w.count("SELECT count(*) FROM membership WHERE site_id = $1 AND starts_on = $2", today))

	w.exec("DELETE FROM membership WHERE site_id = $1 AND starts_on = $2", w.site.ID, today)
	var never uuid.UUID
	require.NoError(t, w.db.Pool.QueryRow(t.Context(), "SELECT id FROM membership WHERE site_id = $1", w.site.ID).Scan(&never))
	next, err := w.sales.RenewMembership(w.staff, never)
	require.NoError(t, err)
	require.Equal(t, today, next.StartsOn)
}

// A ticket goes back once: who names it again, with others or under another key, has nothing more for it.
func TestTicketGoesBackOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.bought(w.person("Kari", "N"), w.ticket(w.event("Faust", 10), 100), 2)
	by, err := w.sales.LinesOf(w.staff, []uuid.UUID{o.ID})
	require.NoError(t, err)
	line := by[o.ID][0].ID
	tickets, err := w.sales.TicketsOf(w.staff, []uuid.UUID{line})
	require.NoError(t, err)
	one, two := tickets[line][0].ID, tickets[line][1].ID
	back := func(key string, ids ...uuid.UUID) error {
		_, err := w.sales.Return(w.staff, sale.ReturnOrder{OrderID: o.ID, Tickets: ids, IdempotencyKey: key})
		return err
	}
	require.NoError(t, back("a", one))
	require.Equal(t, []string{"tickets.0." + sale.ReasonCancelled}, reasons(t, back("b", one)))
	require.Equal(t, []string{"tickets.1." + sale.ReasonCancelled}, reasons(t, back("c", two, one)))
	require.Equal(t, []string{"tickets.1." + fault.Duplicate}, reasons(t, back("d", two, two)))
	require.Equal(t, 100, w.count("SELECT returned FROM sale_order WHERE site_id = $1"))
	require.Equal(t, 1, w.count("SELECT taken FROM event WHERE site_id = $1"))
}
