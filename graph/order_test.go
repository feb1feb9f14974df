package graph_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	orderFields   = `id number total returned paid due state returns { amount reason } payments { direction method amount reason } lines { id quantity returned tickets { id code state holder { displayName } qr { size path } } }`
	recordOrder   = `mutation($i: RecordOrderInput!) { recordOrder(input: $i) { order { ` + orderFields + ` } errors { code message path } } }`
	recordPayment = `mutation($i: RecordPaymentInput!) { recordPayment(input: $i) { order { ` + orderFields + ` } errors { code message path } } }`
	returnOrder   = `mutation($i: ReturnOrderInput!) { returnOrder(input: $i) { order { ` + orderFields + ` } errors { code message path } } }`
	refundOrder   = `mutation($i: RefundInput!) { refund(input: $i) { order { ` + orderFields + ` } errors { code message path } } }`
	deposit       = `mutation($i: ChangeBalanceInput!) { depositForContact(input: $i) { money { credit holding owed } errors { code message path } } }`
	moneyOf       = `query($i: ID!) { contactMoney(contactId: $i) { currency credit holding owed entries(first: 100) { nodes { balance kind amount method reason actorName order { number } } } } }`
	listOrders    = `query($f: OrderFilter, $o: OrderOrder! = NEWEST, $n: Int, $a: String) { orders(filter: $f, orderBy: $o, first: $n, after: $a) { nodes { number buyer { displayName } } pageInfo { hasNextPage endCursor } } }`
)

type soldOrder struct {
	ID                         string
	Number                     int
	Total, Returned, Paid, Due int
	State                      string
	Returns                    []struct {
		Amount int
		Reason string
	}
	Payments []struct {
		Direction, Method, Reason string
		Amount                    int
	}
	Lines []struct {
		ID                 string
		Quantity, Returned int
		Tickets            []struct {
			ID, Code, State string
			Holder          struct{ DisplayName string }
			Qr              struct {
				Size int
				Path string
			}
		}
	}
}

// sold is what any of the mutations of orders gives.
type soldPayload map[string]struct{ Order soldOrder }

// does runs a mutation of orders and gives the order.
func does(t *testing.T, s *apptest.Site, h apptest.Header, mutation string, input vars) soldOrder {
	t.Helper()
	var out soldPayload
	require.Empty(t, s.Program.Payload(t, h, mutation, vars{"i": input}, &out))
	for _, one := range out {
		return one.Order
	}
	return soldOrder{}
}

// onSale puts an event on sale and gives it with its ticket.
func onSale(t *testing.T, s *apptest.Site, name string, price int) (event, ticket uuid.UUID) {
	t.Helper()
	event, ticket = uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	starts := time.Now().AddDate(0, 0, 7)
	_, err := s.Program.DB.Pool.Exec(t.Context(), "INSERT INTO event (site_id, id, name, starts_at, ends_at, state, capacity) VALUES ($1, $2, $3, $4, $5, 'published', 100)", s.ID, event, name, starts, starts.Add(time.Hour))
	require.NoError(t, err)
	_, err = s.Program.DB.Pool.Exec(t.Context(), "INSERT INTO product (site_id, id, kind, name, event_id, price) VALUES ($1, $2, 'ticket', 'Adult', $3, $4)", s.ID, ticket, event, price)
	require.NoError(t, err)
	return event, ticket
}

func saleOf(buyer string, ticket uuid.UUID, n int, key string) vars {
	return vars{"idempotencyKey": key, "buyer": vars{"contactId": buyer}, "lines": []vars{{"productId": ticket, "quantity": n}}}
}

// S-46, S-60: an order is paid, partly returned and paid back to credit; the payer's financial history tells it; roles hold.
func TestOrderIsPaidReturnedAndRefunded(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	kari := s.NewPerson(t, "Kari", "Nordmann")
	_, ticket := onSale(t, s, "Faust", 5_000)
	operator, manager := s.As(site.Operator), s.As(site.Manager)
	o := does(t, s, operator, recordOrder, saleOf(kari, ticket, 2, "o"))
	require.Equal(t, []int{10_000, 10_000}, []int{o.Total, o.Due})
	one := o.Lines[0].Tickets[0]
	require.Equal(t, "NORDMANN Kari", one.Holder.DisplayName)
	require.Greater(t, one.Qr.Size, 20)
	require.Contains(t, one.Qr.Path, "M0 0h1v1h-1z")

	pay := vars{"orderId": o.ID, "method": "CARD", "amount": 10_000, "idempotencyKey": "p"}
	require.Equal(t, 0, does(t, s, operator, recordPayment, pay).Due)
	require.Equal(t, 10_000, does(t, s, operator, recordPayment, pay).Paid, "the same key pays nothing more")
	back := does(t, s, operator, returnOrder, vars{"orderId": o.ID, "tickets": []string{one.ID}, "reason": "ill", "idempotencyKey": "r"})
	require.Equal(t, []any{5_000, -5_000, "COMPLETED", "ill", "CANCELLED"}, []any{back.Returned, back.Due, back.State, back.Returns[0].Reason, back.Lines[0].Tickets[0].State})
	refund := vars{"orderId": o.ID, "method": "CREDIT", "amount": 5_000, "reason": "ill", "idempotencyKey": "f"}
	require.Equal(t, 0, does(t, s, operator, refundOrder, refund).Due)
	require.Equal(t, []string{"TOO_MUCH amount"}, p.Payload(t, operator, refundOrder, vars{"i": vars{"orderId": o.ID, "method": "CARD", "amount": 5_001, "idempotencyKey": "g"}}, nil))
	require.Equal(t, []string{"KEY_REUSED idempotencyKey"}, p.Payload(t, operator, refundOrder, vars{"i": vars{"orderId": o.ID, "method": "CARD", "amount": 5_001, "idempotencyKey": "f"}}, nil))

	var money struct {
		ContactMoney struct {
			Currency              string
			Credit, Holding, Owed int
			Entries               struct {
				Nodes []struct {
					Balance, Kind, Reason, ActorName string
					Method                           *string
					Amount                           int
					Order                            struct{ Number int }
				}
			}
		}
	}
	p.Must(t, s.As(site.Viewer), moneyOf, vars{"i": kari}, &money)
	got := money.ContactMoney
	require.Equal(t, []int{5_000, 0, 0}, []int{got.Credit, got.Holding, got.Owed})
	told := map[string]int{}
	for _, e := range got.Entries.Nodes {
		told[e.Balance+" "+e.Kind] += e.Amount
		require.Equal(t, o.Number, e.Order.Number)
	}
	require.Equal(t, map[string]int{"OWED ORDER": 10_000, "OWED PAYMENT": -10_000, "OWED RETURN": -5_000, "OWED REFUND": 5_000, "CREDIT REFUND": 5_000}, told)

	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", recordPayment, vars{"i": pay})
	p.Refused(t, operator, "FORBIDDEN", returnOrder, vars{"i": vars{"orderId": o.ID, "force": true, "idempotencyKey": "x"}})
	p.Refused(t, operator, "FORBIDDEN", deposit, vars{"i": vars{"contactId": kari, "balance": "CREDIT", "amount": 1, "idempotencyKey": "x"}})
	for _, mutation := range []string{recordPayment, refundOrder} {
		p.Refused(t, other.As(site.Manager), "NOT_FOUND", mutation, vars{"i": vars{"orderId": o.ID, "method": "CARD", "amount": 1, "idempotencyKey": "x"}})
	}
	p.Refused(t, other.As(site.Manager), "NOT_FOUND", returnOrder, vars{"i": vars{"orderId": o.ID, "idempotencyKey": "x"}})
	p.Refused(t, other.As(site.Manager), "NOT_FOUND", moneyOf, vars{"i": kari})
	require.Empty(t, p.Payload(t, manager, deposit, vars{"i": vars{"contactId": kari, "balance": "CREDIT", "amount": 1, "idempotencyKey": "x"}}, nil))
}

// What a broken or hostile shop sends is refused with the reason, and not a cent is lost.
func TestOrdersRefuseWhatIsBad(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	kari := s.NewPerson(t, "Kari", "Nordmann")
	_, ticket := onSale(t, s, "Faust", 5_000)
	shop := s.As(site.Operator)
	bad := func(change func(vars)) []string {
		in := saleOf(kari, ticket, 1, "bad")
		change(in)
		return p.Payload(t, shop, recordOrder, vars{"i": in}, nil)
	}
	require.Equal(t, []string{"INVALID_NUMBER lines.0.unitPrice"}, bad(func(v vars) { v["lines"] = []vars{{"productId": ticket, "unitPrice": -1}} }))
	require.Equal(t, []string{"OTHER_CURRENCY currency"}, bad(func(v vars) { v["currency"] = "XXX" }))
	require.Equal(t, []string{"INVALID lines"}, bad(func(v vars) {
		many := make([]vars, 201)
		for i := range many {
			many[i] = vars{"productId": ticket}
		}
		v["lines"] = many
	}))
	many := make([]vars, 10_000) // more than a document may weigh
	for i := range many {
		many[i] = vars{"productId": ticket}
	}
	in := saleOf(kari, ticket, 1, "bad")
	in["lines"] = many
	require.NotEmpty(t, p.Do(t, shop, recordOrder, vars{"i": in}).Errors)

	first := does(t, s, shop, recordOrder, saleOf(kari, ticket, 1, "twice"))
	again := does(t, s, shop, recordOrder, saleOf(kari, ticket, 1, "twice"))
	require.Equal(t, first.ID, again.ID)
	require.Equal(t, []string{"KEY_REUSED idempotencyKey"}, p.Payload(t, shop, recordOrder, vars{"i": saleOf(kari, ticket, 2, "twice")}, nil))
	var sum, orders int
	require.NoError(t, p.DB.Pool.QueryRow(t.Context(), "SELECT coalesce(sum(amount), 0), (SELECT count(*) FROM sale_order) FROM ledger_entry").Scan(&sum, &orders))
	require.Equal(t, []int{0, 1}, []int{sum, orders})
}

// Orders are found by number, by who buys, by event, by what is due, and page by page in each order.
func TestOrdersAreListed(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	kari, ola := s.NewPerson(t, "Kari", "Nordmann"), s.NewPerson(t, "Ola", "Hansen")
	faust, one := onSale(t, s, "Faust", 5_000)
	_, two := onSale(t, s, "Hamlet", 7_000)
	shop := s.As(site.Operator)
	for i, ticket := range []uuid.UUID{one, two, one, two, one} {
		in := saleOf(kari, ticket, i+1, strconv.Itoa(i))
		if i == 3 {
			in["buyer"], in["reference"] = vars{"contactId": ola}, "WEB-3"
			in["payments"] = []vars{{"method": "CARD", "amount": 28_000}}
		}
		in["orderedAt"] = time.Now().Add(time.Duration(i-10) * time.Hour)
		does(t, s, shop, recordOrder, in)
	}
	list := func(v vars) (numbers []int) {
		v["n"] = 2
		for {
			var out struct {
				Orders struct {
					Nodes    []struct{ Number int }
					PageInfo struct {
						HasNextPage bool
						EndCursor   *string
					}
				}
			}
			p.Must(t, s.As(site.Viewer), listOrders, v, &out)
			for _, o := range out.Orders.Nodes {
				numbers = append(numbers, o.Number)
			}
			if !out.Orders.PageInfo.HasNextPage {
				return numbers
			}
			v["a"] = *out.Orders.PageInfo.EndCursor
		}
	}
	require.Equal(t, []int{5, 4, 3, 2, 1}, list(vars{}))
	require.Equal(t, []int{1, 2, 3, 4, 5}, list(vars{"o": "OLDEST"}))
	require.Equal(t, []int{4, 5, 3, 2, 1}, list(vars{"o": "HIGHEST"}))
	require.Equal(t, []int{5, 3, 1}, list(vars{"f": vars{"eventId": faust}}))
	require.Equal(t, []int{4, 2}, list(vars{"f": vars{"productId": two}}))
	require.Equal(t, []int{4}, list(vars{"f": vars{"contactId": ola}}))
	require.Equal(t, []int{5, 3, 2, 1}, list(vars{"f": vars{"unpaid": true}}))
	require.Equal(t, []int{4}, list(vars{"f": vars{"text": "hansen"}}))
	require.Equal(t, []int{4}, list(vars{"f": vars{"text": "WEB-3"}}))
	require.Equal(t, []int{3}, list(vars{"f": vars{"text": "#3"}}))
	require.Empty(t, list(vars{"f": vars{"state": "CANCELLED"}}))
	require.Empty(t, list(vars{"f": vars{"from": day(t, s, 2)}}))
	require.Len(t, list(vars{"f": vars{"from": day(t, s, -2), "to": day(t, s, 1)}}), 5)
	sold := func(search string) (names []string) {
		var out struct {
			SoldProducts []struct{ Event struct{ Name string } }
		}
		p.Must(t, s.As(site.Viewer), `query($s: String!) { soldProducts(search: $s) { event { name } } }`, vars{"s": search}, &out)
		for _, one := range out.SoldProducts {
			names = append(names, one.Event.Name)
		}
		return names
	}
	require.ElementsMatch(t, []string{"Faust", "Hamlet"}, sold(""))
	require.Equal(t, []string{"Hamlet"}, sold("adult haml"))
	require.Empty(t, sold("100%"))
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", listOrders, vars{"a": "nonsense"})
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", listOrders, vars{})
}

// P-19: a mass refund over picked contacts, tried first; who was there is told, and the others have it on credit.
func TestMassRefund(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	kari, ola, eva := s.NewPerson(t, "Kari", "Nordmann"), s.NewPerson(t, "Ola", "Hansen"), s.NewPerson(t, "Eva", "Berg")
	event, ticket := onSale(t, s, "Faust", 5_000)
	shop := s.As(site.Operator)
	for _, who := range []string{kari, ola} {
		in := saleOf(who, ticket, 2, who)
		in["payments"] = []vars{{"method": "CARD", "amount": 10_000}}
		o := does(t, s, shop, recordOrder, in)
		if who == ola {
			require.Empty(t, p.Payload(t, shop, `mutation($i: CheckInTicketInput!) { checkInTicket(input: $i) { ticket { id } errors { code message path } } }`, vars{"i": vars{"code": o.Lines[0].Tickets[0].Code}}, nil))
		}
	}
	input := vars{"action": "REFUND", "refund": vars{"eventId": event, "toCredit": true, "reason": "storm"}, "target": vars{"contactIds": []string{kari, ola, eva}}, "dryRun": true}
	p.Refused(t, shop, "FORBIDDEN", runBatch, vars{"i": input})
	id := startBatch(t, s, site.Manager, input)
	all := followed(t, s, id)
	dry := all[len(all)-1]
	require.Equal(t, []any{"DONE", 3, 1, 1, 1}, []any{dry.Status, dry.Total, dry.Changed, dry.Unchanged, dry.Failed})
	credit := func(who string) int {
		var out struct{ ContactMoney struct{ Credit int } }
		p.Must(t, shop, `query($i: ID!) { contactMoney(contactId: $i) { credit } }`, vars{"i": who}, &out)
		return out.ContactMoney.Credit
	}
	require.Zero(t, credit(kari), "a dry run writes nothing")
	input["dryRun"], input["target"], input["idempotencyKey"] = false, vars{"batchId": id}, id
	id = startBatch(t, s, site.Manager, input)
	all = followed(t, s, id)
	require.Equal(t, 1, all[len(all)-1].Changed)
	require.Equal(t, []int{10_000, 0, 0}, []int{credit(kari), credit(ola), credit(eva)})
	require.Equal(t, id, startBatch(t, s, site.Manager, input))
	var told told
	p.Must(t, shop, history, vars{"i": kari}, &told)
	require.Equal(t, "100.00 NOK", told.Contact.History.Nodes[0].Changes["refunded"].After)
	require.Equal(t, []any{"2 × Faust, Adult"}, told.Contact.History.Nodes[0].Changes["returned"].After)
}

// A ticket's code opens the door: whoever may let nobody in, neither reads nor draws it, in a list and by itself.
func TestTicketCodesNeedAnOperator(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	recorded(t, s, vars{"buyer": of(s.NewPerson(t, "Ada", "Berg")), "lines": []vars{{"productId": ticketFor(t, s, show(t, s, "Faust", 7), 1_000)}}})
	type ticket struct {
		ID   string
		Code *string
		QR   *struct{ Size int }
	}
	read := func(who apptest.Header) (listed, single ticket) {
		var out struct {
			Orders struct {
				Nodes []struct{ Lines []struct{ Tickets []ticket } }
			}
		}
		p.Must(t, who, `{ orders(first: 1) { nodes { lines { tickets { id code qr { size } } } } } }`, nil, &out)
		listed = out.Orders.Nodes[0].Lines[0].Tickets[0]
		var one struct{ Ticket ticket }
		p.Must(t, who, `query($i: ID!) { ticket(id: $i) { id code qr { size } } }`, vars{"i": listed.ID}, &one)
		return listed, one.Ticket
	}
	listed, single := read(s.As(site.Operator))
	for _, shown := range []ticket{listed, single} {
		require.NotNil(t, shown.Code)
		require.NotEmpty(t, *shown.Code)
		require.NotNil(t, shown.QR)
	}
	listed, single = read(s.As(site.Viewer))
	for _, hidden := range []ticket{listed, single} {
		require.Nil(t, hidden.Code)
		require.Nil(t, hidden.QR)
	}
}
