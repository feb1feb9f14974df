package sale_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/fault"
	"carnet/internal/sale"
)

// Two records of one organizer can be parted again although tickets were sold and used meanwhile: what goes back is whose things are,
// and what became of them stays.
func TestMergeIsUndoneAfterSales(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	keep, other, kari := w.person("Nina", "Hall"), w.person("Nina", "Hal"), w.person("Kari", "N")
	event := w.event("Faust", 10)
	w.exec("UPDATE event SET organizer_id = $1 WHERE id = $2", other, event)
	adult := w.ticket(event, 0)
	own := w.bought(other, adult, 1)
	rows := func(sql string) int { return w.count(sql, other) }

	m, _, err := w.book.MergeContacts(w.staff, []uuid.UUID{keep, other}, nil)
	require.NoError(t, err)
	w.bought(kari, adult, 2)
	var code string
	require.NoError(t, w.db.Pool.QueryRow(t.Context(), "SELECT t.code FROM ticket t JOIN order_line l ON l.id = t.line_id WHERE l.order_id = $1", own.ID).Scan(&code))
	_, err = w.sales.CheckIn(w.staff, code, nil)
	require.NoError(t, err)
	require.Zero(t, rows("SELECT count(*) FROM ticket WHERE site_id = $1 AND contact_id = $2"))

	_, err = w.book.UndoMerge(w.staff, m.ID)
	require.NoError(t, err)
	require.Equal(t, 1, rows("SELECT count(*) FROM ticket WHERE site_id = $1 AND contact_id = $2 AND state = 'used'"))
	require.Equal(t, 3, rows("SELECT taken FROM event WHERE site_id = $1 AND organizer_id = $2"))
	require.Equal(t, 1, rows("SELECT count(*) FROM contact_sale WHERE site_id = $1 AND contact_id = $2 AND organizer AND tickets = 1"))
}

// What was bought by one of two records is theirs again, with what they owe; but not once the books of both have been written on.
func TestMergeIsUndoneWithItsBooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	adult := w.ticket(w.event("Faust", -1), 100)
	keep, other := w.person("Nina", "Hall"), w.person("Nina", "Hal")
	own := w.bought(other, adult, 1)
	m, _, err := w.book.MergeContacts(w.staff, []uuid.UUID{keep, other}, nil)
	require.NoError(t, err)
	_, err = w.book.UndoMerge(w.staff, m.ID)
	require.NoError(t, err)
	require.Equal(t, []int64{0, 0, 100}, w.money(other))
	require.Equal(t, 1, w.count("SELECT count(*) FROM sale_order WHERE site_id = $1 AND buyer_id = $2 AND payer_id = $2", other))

	m, _, err = w.book.MergeContacts(w.staff, []uuid.UUID{keep, other}, nil)
	require.NoError(t, err)
	_, err = w.sales.RecordPayment(w.staff, sale.Pay{OrderID: own.ID, Method: sale.Cash, Amount: 100, IdempotencyKey: "p"})
	require.NoError(t, err)
	_, err = w.book.UndoMerge(w.staff, m.ID)
	require.Equal(t, fault.Conflict, fault.CodeOf(err))
	require.Equal(t, []int64{0, 0, 0}, w.money(keep))
}

// Programs that keep the id of a record that has become part of another go on selling to whom it is now.
func TestMergedIdIsTheSurvivor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	adult := w.ticket(w.event("Faust", -1), 100)
	keep, other := w.person("Nina", "Hall"), w.person("Nina", "Hal")
	pupils := w.group("Pupils", keep)
	w.price(adult, 60, &pupils, nil)
	_, _, err := w.book.MergeContacts(w.staff, []uuid.UUID{keep, other}, nil)
	require.NoError(t, err)

	q, err := w.sales.Quote(w.key, []sale.Wanted{{ProductID: adult, Quantity: 1}}, &other)
	require.NoError(t, err)
	require.Equal(t, int64(60), q.Total)
	in := orderOf("1", other, adult)
	whose := of(other)
	in.Payer, in.Lines[0].Attendee = &whose, &whose
	o, err := w.sales.RecordOrder(w.staff, in)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{keep, keep}, []uuid.UUID{*o.BuyerID, *o.PayerID})
	require.Equal(t, 1, w.count("SELECT count(*) FROM ticket WHERE site_id = $1 AND contact_id = $2", keep))
	cash := sale.Cash
	require.NoError(t, w.sales.Deposit(w.key, sale.ChangeBalance{ContactID: other, Balance: sale.HoldingBalance, Amount: 10, Method: &cash, IdempotencyKey: "d"}))
	require.Equal(t, []int64{0, 10, 60}, w.money(other))
	require.Equal(t, w.money(keep), w.money(other))
}
