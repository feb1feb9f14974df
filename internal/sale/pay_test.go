package sale_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/fault"
	"carnet/internal/sale"
	"carnet/internal/site"
)

// bought records an order of a ticket for somebody and gives it.
func (w *world) bought(who, product uuid.UUID, n int, payments ...sale.OrderPayment) *sale.Order {
	w.t.Helper()
	o, err := w.sales.RecordOrder(w.staff, sale.RecordOrder{IdempotencyKey: uuid.NewString(), Buyer: of(who), Lines: lines(sale.OrderedLine{ProductID: product, Quantity: n}), Payments: payments})
	require.NoError(w.t, err)
	return o
}

func (w *world) money(who uuid.UUID) []int64 {
	w.t.Helper()
	m, err := w.sales.MoneyOf(w.staff, who)
	require.NoError(w.t, err)
	return []int64{m.Credit, m.Holding, m.Owed}
}

// S-46, S-60: an order is paid in parts, by money and by credit, and paid back in parts, never more than was paid.
func TestPayAndRefund(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kari := w.person("Kari", "Nordmann")
	o := w.bought(kari, w.ticket(w.event("Faust", 10), 5_000), 2)
	require.Equal(t, []int64{0, 0, 10_000}, w.money(kari))
	pay := func(method sale.Method, amount int64, key string) error {
		_, err := w.sales.RecordPayment(w.staff, sale.Pay{OrderID: o.ID, Method: method, Amount: amount, IdempotencyKey: key})
		return err
	}
	require.NoError(t, pay(sale.Card, 4_000, "a"))
	require.NoError(t, pay(sale.Card, 4_000, "a"), "the same key pays nothing more")
	require.Equal(t, []string{"idempotencyKey." + sale.ReasonKeyReused}, reasons(t, pay(sale.Card, 4_001, "a")))
	require.Equal(t, []string{"amount." + sale.ReasonTooMuch}, reasons(t, pay(sale.Cash, 6_001, "b")))
	require.Equal(t, []string{"amount." + sale.ReasonTooMuch}, reasons(t, pay(sale.Credit, 1, "c")), "there is no credit")
	require.Equal(t, []string{"idempotencyKey." + fault.Required, "amount." + fault.InvalidNumber, "method." + fault.InvalidValue}, reasons(t, pay("gold", -1, "")))
	require.NoError(t, pay(sale.Cash, 6_000, "d"))
	require.Equal(t, []int64{0, 0, 0}, w.money(kari))

	refund := func(method sale.Method, amount int64, key string) (*sale.Order, error) {
		return w.sales.Refund(w.staff, sale.Refund{OrderID: o.ID, Method: method, Amount: amount, Reason: "rain", IdempotencyKey: key})
	}
	_, err := refund(sale.Card, 10_001, "e")
	require.Equal(t, []string{"amount." + sale.ReasonTooMuch}, reasons(t, err))
	got, err := refund(sale.Credit, 2_500, "f")
	require.NoError(t, err)
	require.Equal(t, []int64{7_500, 2_500}, []int64{got.Paid, got.Due()})
	require.Equal(t, []int64{2_500, 0, 2_500}, w.money(kari))
	require.NoError(t, pay(sale.Credit, 2_500, "g"), "and pays by it")
	require.Equal(t, []int64{0, 0, 0}, w.money(kari))
	require.Zero(t, w.count("SELECT sum(amount) FROM ledger_entry WHERE site_id = $1"))

	page, err := w.sales.Entries(w.staff, kari, nil, 3, "")
	require.NoError(t, err)
	require.True(t, page.More)
	rest, err := w.sales.Entries(w.staff, kari, nil, 200, page.Rows[2].Cursor())
	require.NoError(t, err)
	kinds := map[sale.EntryKind]int{}
	for _, e := range append(page.Rows, rest.Rows...) {
		kinds[e.Kind]++
	}
	require.Equal(t, map[sale.EntryKind]int{sale.EntryOrder: 1, sale.EntryPayment: 4, sale.EntryRefund: 2}, kinds, "credit paid and paid back stands on both balances")
	for _, e := range append(page.Rows, rest.Rows...) {
		require.Equal(t, e.Kind == sale.EntryRefund, e.Reason == "rain", "a refund says why")
		require.Equal(t, "Olga", e.ActorName)
	}
}

// A refund asked for twice at once is paid once.
func TestRefundedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kari := w.person("Kari", "Nordmann")
	o := w.bought(kari, w.ticket(w.event("Faust", 10), 5_000), 1, sale.OrderPayment{Method: sale.Card, Amount: 5_000})
	var paid, refused atomic.Int64
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			_, err := w.sales.Refund(w.staff, sale.Refund{OrderID: o.ID, Method: sale.Credit, Amount: 5_000, IdempotencyKey: strconv.Itoa(i)})
			if err == nil {
				paid.Add(1)
			} else if list, ok := fault.Mendable(err); ok && list[0].Reason == sale.ReasonTooMuch {
				refused.Add(1)
			}
		})
	}
	all.Wait()
	require.Equal(t, [2]int64{1, 7}, [2]int64{paid.Load(), refused.Load()})
	require.Equal(t, []int64{5_000, 0, 5_000}, w.money(kari))
}

// S-46: money is left on the credit balance and on the holding account, taken back, and moved between them; credit is given by managers.
func TestBalances(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kari := w.person("Kari", "Nordmann")
	change := func(do func(sale.ChangeBalance) error, balance sale.Balance, method *sale.Method, amount int64) error {
		return do(sale.ChangeBalance{ContactID: kari, Balance: balance, Method: method, Amount: amount, IdempotencyKey: uuid.NewString()})
	}
	in := func(c sale.ChangeBalance) error { return w.sales.Deposit(w.staff, c) }
	out := func(c sale.ChangeBalance) error { return w.sales.Withdraw(w.staff, c) }
	require.NoError(t, change(in, sale.HoldingBalance, ptr(sale.Cash), 20_000))
	require.NoError(t, change(in, sale.CreditBalance, nil, 1_000))
	require.NoError(t, change(out, sale.HoldingBalance, ptr(sale.Credit), 5_000))
	require.NoError(t, change(out, sale.HoldingBalance, ptr(sale.Card), 3_000))
	require.Equal(t, []int64{6_000, 12_000, 0}, w.money(kari))
	require.Equal(t, []string{"amount." + sale.ReasonTooMuch}, reasons(t, change(out, sale.HoldingBalance, ptr(sale.Cash), 12_001)))
	require.Equal(t, []string{"method." + fault.Required}, reasons(t, change(in, sale.HoldingBalance, nil, 1)))
	require.Equal(t, []string{"method." + fault.InvalidValue}, reasons(t, change(in, sale.CreditBalance, ptr(sale.Credit), 1)))
	require.Equal(t, []string{"balance." + fault.InvalidValue}, reasons(t, change(in, sale.OwedBalance, ptr(sale.Cash), 1)))
	require.Equal(t, []string{"amount." + fault.InvalidNumber}, reasons(t, change(in, sale.CreditBalance, ptr(sale.Cash), 0)))

	operator := site.ActorOf(w.staff)
	operator.Access = site.AccessOperator
	as := site.WithActor(t.Context(), operator)
	err := w.sales.Deposit(as, sale.ChangeBalance{ContactID: kari, Balance: sale.CreditBalance, Amount: 1, IdempotencyKey: "x"})
	require.Equal(t, fault.Forbidden, fault.CodeOf(err), "an operator gives no credit")
	require.NoError(t, w.sales.Deposit(as, sale.ChangeBalance{ContactID: kari, Balance: sale.CreditBalance, Method: ptr(sale.Cash), Amount: 1, IdempotencyKey: "x"}))
	err = w.sales.Deposit(w.staff, sale.ChangeBalance{ContactID: uuid.New(), Balance: sale.CreditBalance, Amount: 1, IdempotencyKey: "y"})
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
}

// S-46: after a merge the credit of both is spent as one.
func TestMergedCreditIsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.person("Kari", "Nordmann"), w.person("Kari", "Nordman")
	for _, who := range []uuid.UUID{one, two} {
		require.NoError(t, w.sales.Deposit(w.staff, sale.ChangeBalance{ContactID: who, Balance: sale.CreditBalance, Amount: 3_000, IdempotencyKey: who.String()}))
	}
	w.exec("UPDATE ledger_account SET contact_id = $2 WHERE site_id = $1 AND contact_id = $3", w.site.ID, one, two)
	o := w.bought(one, w.ticket(w.event("Faust", 10), 5_000), 1)
	_, err := w.sales.RecordPayment(w.staff, sale.Pay{OrderID: o.ID, Method: sale.Credit, Amount: 5_000, IdempotencyKey: "a"})
	require.NoError(t, err)
	require.Equal(t, []int64{1_000, 0, 0}, w.money(one))
	err = w.sales.Withdraw(w.staff, sale.ChangeBalance{ContactID: one, Balance: sale.CreditBalance, Amount: 1_001, IdempotencyKey: "b"})
	require.Equal(t, []string{"amount." + sale.ReasonTooMuch}, reasons(t, err))
}

// What an erased payer owes is nobody's: other contacts' accounts are left alone, and no credit is given.
func TestErasedPayer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kari, ola := w.person("Kari", "Nordmann"), w.person("Ola", "Nordmann")
	adult := w.ticket(w.event("Faust", 10), 5_000)
	o := w.bought(kari, adult, 1, sale.OrderPayment{Method: sale.Card, Amount: 5_000})
	w.bought(ola, adult, 1)
	w.exec("DELETE FROM contact WHERE site_id = $1 AND id = $2", w.site.ID, kari)
	_, err := w.sales.Return(w.staff, sale.ReturnOrder{OrderID: o.ID, IdempotencyKey: "a"})
	require.NoError(t, err)
	_, err = w.sales.Refund(w.staff, sale.Refund{OrderID: o.ID, Method: sale.Credit, Amount: 5_000, IdempotencyKey: "b"})
	require.Equal(t, []string{"method." + fault.InvalidValue}, reasons(t, err))
	_, err = w.sales.Refund(w.staff, sale.Refund{OrderID: o.ID, Method: sale.Card, Amount: 5_000, IdempotencyKey: "c"})
	require.NoError(t, err)
	require.Equal(t, []int64{0, 0, 5_000}, w.money(ola))
	require.Zero(t, w.count("SELECT sum(amount) FROM ledger_entry WHERE site_id = $1"))
}

// Money is left with whom one can see: not with a record in the trash, nor with one that has become part of another.
func TestNoDepositInTheTrash(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kari := w.person("Kari", "N")
	w.exec("UPDATE contact SET deleted_at = now() WHERE id = $1", kari)
	cash := sale.Cash
	in := sale.ChangeBalance{ContactID: kari, Balance: sale.HoldingBalance, Amount: 100, Method: &cash, IdempotencyKey: "1"}
	require.Equal(t, fault.Conflict, fault.CodeOf(w.sales.Deposit(w.staff, in)))
	require.Zero(t, w.count("SELECT count(*) FROM ledger_entry WHERE site_id = $1"))
}
