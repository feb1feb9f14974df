package sale_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"carnet/internal/fault"
	"carnet/internal/sale"
)

// books is the plain model of what sales, payments, returns, refunds and deposits leave behind.
type books struct {
	*world
	rt      *rapid.T
	people  []uuid.UUID
	event   uuid.UUID
	adult   uuid.UUID
	plan    uuid.UUID
	step    int
	orders  []*modelOrder
	credit  map[uuid.UUID]int64
	holding map[uuid.UUID]int64
	quota   map[uuid.UUID]int // tickets that each has of three
}

type modelOrder struct {
	id                    uuid.UUID
	who                   uuid.UUID
	tickets               int // of the first line, that did not go back
	lines                 []*sale.Line
	total, returned, paid int64
	members               int // of the second line
}

const (
	seats   = 8
	each    = 3
	adults  = 1_200
	premium = 5_000
)

// act is something to do, and what it leaves when it was done.
type act struct {
	name string
	may  bool // whether the model allows it, when nothing else happens at once
	do   func(key string) error
	then func()
}

func (b *books) key() string {
	b.step++
	return fmt.Sprintf("%s/%d", b.event, b.step)
}

func (b *books) taken() (n int) {
	for _, o := range b.orders {
		n += o.tickets
	}
	return n
}

func (b *books) who() uuid.UUID { return rapid.SampledFrom(b.people).Draw(b.rt, "who") }

func (b *books) sum() int64 { return rapid.Int64Range(1, 2*premium).Draw(b.rt, "sum") }

func (b *books) order() act {
	who, n, member := b.who(), rapid.IntRange(1, 3).Draw(b.rt, "tickets"), rapid.Bool().Draw(b.rt, "member")
	in := []sale.OrderedLine{{ProductID: b.adult, Quantity: n}}
	o := &modelOrder{who: who, tickets: n, total: int64(n) * adults}
	if member {
		in, o.total, o.members = append(in, sale.OrderedLine{ProductID: b.plan, Quantity: 1}), o.total+premium, 1
	}
	return act{
		name: "order", may: b.taken()+n <= seats && b.quota[who]+n <= each,
		do: func(key string) error {
			made, err := b.sales.RecordOrder(b.staff, sale.RecordOrder{IdempotencyKey: key, Buyer: of(who), Lines: in})
			if err != nil {
				return err
			}
			o.id = made.ID
			by, err := b.sales.LinesOf(b.staff, []uuid.UUID{o.id})
			o.lines = by[o.id]
			return err
		},
		then: func() { b.orders, b.quota[who] = append(b.orders, o), b.quota[who]+n },
	}
}

func (b *books) pay(o *modelOrder) act {
	sum, method := b.sum(), rapid.SampledFrom([]sale.Method{sale.Cash, sale.Card, sale.Credit}).Draw(b.rt, "method")
	return act{
		name: "pay", may: sum <= o.total-o.returned-o.paid && (method != sale.Credit || sum <= b.credit[o.who]),
		do: func(key string) error {
			_, err := b.sales.RecordPayment(b.staff, sale.Pay{OrderID: o.id, Method: method, Amount: sum, IdempotencyKey: key})
			return err
		},
		then: func() {
			if o.paid += sum; method == sale.Credit {
				b.credit[o.who] -= sum
			}
		},
	}
}

func (b *books) refund(o *modelOrder) act {
	sum, method := b.sum(), rapid.SampledFrom([]sale.Method{sale.Cash, sale.Credit}).Draw(b.rt, "method")
	if o.paid > 0 && rapid.Bool().Draw(b.rt, "all") {
		sum = o.paid
	}
	return act{
		name: "refund", may: sum <= o.paid,
		do: func(key string) error {
			_, err := b.sales.Refund(b.staff, sale.Refund{OrderID: o.id, Method: method, Amount: sum, IdempotencyKey: key})
			return err
		},
		then: func() {
			if o.paid -= sum; method == sale.Credit {
				b.credit[o.who] += sum
			}
		},
	}
}

func (b *books) back(o *modelOrder) act {
	n := rapid.IntRange(1, 3).Draw(b.rt, "back")
	in := sale.ReturnOrder{OrderID: o.id, Lines: []sale.ReturnedLine{{LineID: o.lines[0].ID, Quantity: n}}}
	amount, members := int64(n)*adults, 0
	if o.members > 0 && rapid.Bool().Draw(b.rt, "membership") {
		in.Lines, amount, members = append(in.Lines, sale.ReturnedLine{LineID: o.lines[1].ID, Quantity: 1}), amount+premium, 1
	}
	return act{
		name: "return", may: n <= o.tickets,
		do: func(key string) error {
			in := in
			in.IdempotencyKey = key
			_, err := b.sales.Return(b.staff, in)
			return err
		},
		then: func() {
			o.tickets, o.members, o.returned, b.quota[o.who] = o.tickets-n, o.members-members, o.returned+amount, b.quota[o.who]-n
		},
	}
}

func (b *books) balance() act {
	who, sum, out := b.who(), b.sum(), rapid.Bool().Draw(b.rt, "withdraw")
	in := sale.ChangeBalance{ContactID: who, Amount: sum}
	kind := rapid.SampledFrom([]string{"gift", "credit", "holding", "between"}).Draw(b.rt, "balance")
	held, spend := sum, int64(0) // what each balance gains by a deposit
	in.Balance = sale.HoldingBalance
	switch kind {
	case "gift":
		in.Balance, held, spend = sale.CreditBalance, 0, sum
	case "credit":
		in.Balance, in.Method, held, spend = sale.CreditBalance, ptr(sale.Card), 0, sum
	case "holding":
		in.Method = ptr(sale.Cash)
	case "between":
		in.Method, spend = ptr(sale.Credit), -sum
	}
	if out {
		held, spend = -held, -spend
	}
	return act{
		name: kind, may: b.holding[who]+held >= 0 && b.credit[who]+spend >= 0,
		do: func(key string) error {
			in := in
			in.IdempotencyKey = key
			if out {
				return b.sales.Withdraw(b.staff, in)
			}
			return b.sales.Deposit(b.staff, in)
		},
		then: func() { b.holding[who], b.credit[who] = b.holding[who]+held, b.credit[who]+spend },
	}
}

func (b *books) draw() act {
	kinds := []string{"order", "balance"}
	if len(b.orders) > 0 {
		kinds = append(kinds, "pay", "pay", "refund", "return")
	}
	kind := rapid.SampledFrom(kinds).Draw(b.rt, "kind")
	switch kind {
	case "order":
		return b.order()
	case "balance":
		return b.balance()
	}
	o := rapid.SampledFrom(b.orders).Draw(b.rt, "order")
	switch kind {
	case "pay":
		return b.pay(o)
	case "refund":
		return b.refund(o)
	}
	return b.back(o)
}

// one does a single act, twice with the same key: done again it leaves nothing more.
func (b *books) one() {
	a, key := b.draw(), b.key()
	err := a.do(key)
	require.Equal(b.rt, a.may, err == nil, "%s: %v", a.name, err)
	if err == nil {
		a.then()
		require.NoError(b.rt, a.do(key), "%s again", a.name)
	}
}

// several does acts at once, of which each is done or refused for a reason that can be mended.
func (b *books) several() {
	acts := make([]act, rapid.IntRange(2, 4).Draw(b.rt, "at once"))
	if len(b.orders) > 0 && rapid.Bool().Draw(b.rt, "same") { // the same refund or return twice
		again := rapid.SampledFrom([]func(*modelOrder) act{b.refund, b.back, b.pay}).Draw(b.rt, "again")(rapid.SampledFrom(b.orders).Draw(b.rt, "order"))
		for i := range acts {
			acts[i] = again
		}
	} else {
		for i := range acts {
			acts[i] = b.draw()
		}
	}
	done := make([]error, len(acts))
	keys := make([]string, len(acts))
	for i := range acts {
		keys[i] = b.key()
	}
	var all sync.WaitGroup
	for i, a := range acts {
		all.Go(func() { done[i] = a.do(keys[i]) })
	}
	all.Wait()
	for i, a := range acts {
		if done[i] == nil {
			a.then()
			continue
		}
		_, ok := fault.Mendable(done[i])
		require.True(b.rt, ok, "%s: %v", a.name, done[i])
	}
}

// holds compares the database with the model.
func (b *books) holds() {
	t := b.rt
	require.Zero(t, b.count("SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE site_id = $1"), "the books sum to zero")
	require.Zero(t, b.count("SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE site_id = $1"))
	owed := map[uuid.UUID]int64{}
	members := 0
	for _, o := range b.orders {
		got, err := b.sales.OrderByID(b.staff, o.id)
		require.NoError(t, err)
		state := sale.OrderCompleted
		if o.tickets+o.members == 0 {
			state = sale.OrderCancelled
		}
		require.Equal(t, []any{o.total, o.returned, o.paid, state}, []any{got.Total, got.Returned, got.Paid, got.State})
		require.GreaterOrEqual(t, got.Paid, int64(0))
		owed[o.who] += o.total - o.returned - o.paid
		members += o.members
	}
	tickets := b.taken()
	for who, n := range b.quota {
		m, err := b.sales.MoneyOf(b.staff, who)
		require.NoError(t, err)
		require.Equal(t, []int64{b.credit[who], b.holding[who], owed[who]}, []int64{m.Credit, m.Holding, m.Owed})
		require.Equal(t, n, b.count("SELECT coalesce(sum(used), 0) FROM quota_use WHERE site_id = $1 AND contact_id = $2", who))
		require.LessOrEqual(t, n, each)
	}
	require.LessOrEqual(t, tickets, seats)
	require.Equal(t, tickets, b.count("SELECT taken FROM event WHERE site_id = $1 AND id = $2", b.event))
	require.Equal(t, tickets, b.count("SELECT taken FROM product WHERE site_id = $1 AND id = $2", b.adult))
	require.Equal(t, tickets, b.count("SELECT count(*) FROM ticket WHERE site_id = $1 AND event_id = $2 AND state = 'valid'", b.event))
	require.Equal(t, members, b.count("SELECT taken FROM product WHERE site_id = $1 AND id = $2", b.plan))
	require.Equal(t, members, b.count("SELECT count(*) FROM membership WHERE site_id = $1 AND plan_id = $2 AND cancelled_at IS NULL", b.plan))
}

// Random orders, payments, returns, refunds, deposits and withdrawals, some at once, leave what a plain model says: balances, what
// orders owe, places and quotas; and the books sum to zero.
func TestBooksAgreeWithModel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		b := &books{world: w, rt: rt, event: w.event("Faust", seats), credit: map[uuid.UUID]int64{}, holding: map[uuid.UUID]int64{}, quota: map[uuid.UUID]int{}}
		b.adult, b.plan = w.ticket(b.event, adults), w.plan("Friends", premium, 12)
		w.row("INSERT INTO quota (site_id, id, product_id, period, most) VALUES ($1, $2, $3, 'ever', $4)", b.adult, each)
		for i := range 3 {
			id := w.person("P", fmt.Sprint(i))
			b.people, b.quota[id] = append(b.people, id), 0
		}
		for range rapid.IntRange(3, 9).Draw(rt, "steps") {
			if rapid.IntRange(0, 3).Draw(rt, "how") == 0 {
				b.several()
			} else {
				b.one()
			}
		}
		b.holds()
	})
}
