package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// shelf is what a site sells in these tests.
type shelf struct{ event, ticket, child, plan string }

// sells gives a site a catalogue by plain SQL. The event begins in a week.
func sells(t *testing.T, s *apptest.Site) shelf {
	t.Helper()
	row := func(sql string, args ...any) string {
		id := uuid.Must(uuid.NewV7()).String()
		exec(t, s, sql, append([]any{s.ID, id}, args...)...)
		return id
	}
	event := row("INSERT INTO event (site_id, id, name, starts_at, ends_at, state) VALUES ($1, $2, 'Faust', now() + interval '7 days', now() + interval '8 days', 'published')")
	ticket := func(child bool) string {
		return row("INSERT INTO product (site_id, id, kind, name, event_id, price, for_child) VALUES ($1, $2, 'ticket', 'Seat', $3, 20000, $4)", event, child)
	}
	return shelf{event: event, ticket: ticket(false), child: ticket(true), plan: row("INSERT INTO product (site_id, id, kind, name, price, months) VALUES ($1, $2, 'membership', 'Choir', 50000, 12)")}
}

func exec(t *testing.T, s *apptest.Site, sql string, args ...any) {
	t.Helper()
	_, err := s.Program.App.DB.Pool.Exec(t.Context(), sql, args...)
	require.NoError(t, err, sql)
}

// order records a sale of one of each product, which is not paid.
func order(t *testing.T, s *apptest.Site, buyer, channel string, products ...string) string {
	t.Helper()
	lines := make([]vars, len(products))
	for i, id := range products {
		lines[i] = vars{"productId": id}
	}
	var out struct {
		RecordOrder struct{ Order struct{ ID string } }
	}
	require.Empty(t, s.Program.Payload(t, s.As(site.Operator), `mutation($i: RecordOrderInput!) { recordOrder(input: $i) { order { id } errors { code message path } } }`,
		vars{"i": vars{"idempotencyKey": uuid.NewString(), "buyer": vars{"contactId": buyer}, "channel": channel, "lines": lines}}, &out))
	return out.RecordOrder.Order.ID
}

// salesFacts is what is computed of a contact.
type salesFacts struct {
	Statuses     []string
	SalesSummary struct {
		Orders, Spent, Tickets, Passes, Bookings, Due, Attended int
		Assiduity                                               *int
		SpendBand, Channel                                      string
		ChildProduct                                            bool
		FirstPurchaseOn, LastPurchaseOn, SubscribedUntil        *string
		Plans                                                   []struct{ Name string }
	}
}

func follows(t *testing.T, s *apptest.Site, id string) salesFacts {
	t.Helper()
	var out struct{ Contact salesFacts }
	s.Program.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { statuses salesSummary { orders spent spendBand tickets passes bookings due attended assiduity
		firstPurchaseOn lastPurchaseOn channel childProduct plans { name } subscribedUntil } } }`, vars{"i": id}, &out)
	return out.Contact
}

const convert = `mutation($i: ConvertToMemberInput!) { convertToMember(input: $i) { contact { id statuses } errors { code message path } } }`

// oslo gives a day of the site's, so many days from now.
func oslo(t *testing.T, days int) string {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Oslo")
	require.NoError(t, err)
	return time.Now().In(zone).AddDate(0, 0, days).Format(time.DateOnly)
}

// S-04, S-05: the first order makes a prospect a customer, and all of it going back a prospect again. P-04, P-05: a membership makes a
// subscriber, until its last day is over; a new one does again. P-06, P-07, P-08: user, subscriber and attendee are so together. T-28:
// who organizes an event is an organizer. Statuses are the site's: what is bought elsewhere is not seen here.
func TestStatusesFollowSales(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	at := sells(t, s)
	ada := personWith(t, s, "Ada", "Lovelace", vars{"email": "ada@example.no"})
	require.Equal(t, []string{"PROSPECT"}, follows(t, s, ada).Statuses)
	bought := order(t, s, ada, "shop", at.ticket)
	require.Equal(t, []string{"CUSTOMER", "ATTENDEE"}, follows(t, s, ada).Statuses)
	exec(t, s, "UPDATE sale_order SET state = 'cancelled' WHERE site_id = $1 AND id = $2", s.ID, bought)
	exec(t, s, "UPDATE ticket SET state = 'cancelled' WHERE site_id = $1 AND contact_id = $2", s.ID, ada)
	require.Equal(t, []string{"PROSPECT"}, follows(t, s, ada).Statuses)
	order(t, s, ada, "shop", at.ticket)

	require.Empty(t, p.Payload(t, s.As(site.Operator), convert, vars{"i": vars{"contactId": ada, "planId": at.plan, "endsOn": oslo(t, 1)}}, nil))
	require.Empty(t, manage(t, s, s.As(site.Operator), "createAccount", ada))
	require.Equal(t, []string{"USER", "CUSTOMER", "SUBSCRIBER", "ATTENDEE"}, follows(t, s, ada).Statuses)
	exec(t, s, "UPDATE event SET organizer_id = $2 WHERE site_id = $1", s.ID, ada)
	require.Contains(t, follows(t, s, ada).Statuses, "ORGANIZER")

	require.NoError(t, p.App.Sales.Sweep(t.Context(), time.Now().AddDate(0, 0, 2)))
	require.NotContains(t, follows(t, s, ada).Statuses, "SUBSCRIBER", "its last day is over")
	exec(t, s, "INSERT INTO membership (site_id, id, contact_id, plan_id, starts_on) VALUES ($1, gen_random_uuid(), $2, $3, current_date + 5)", s.ID, ada, at.plan)
	exec(t, s, "DELETE FROM membership WHERE site_id = $1 AND ends_on IS NOT NULL", s.ID)
	require.NotContains(t, follows(t, s, ada).Statuses, "SUBSCRIBER", "its first day is to come")
	require.NoError(t, p.App.Sales.Sweep(t.Context(), time.Now().AddDate(0, 0, 6)))
	require.Contains(t, follows(t, s, ada).Statuses, "SUBSCRIBER")

	other := p.NewSite(t, "other")
	sells(t, other)
	require.Equal(t, []string{"PROSPECT"}, follows(t, other, personWith(t, other, "Ada", "Lovelace", vars{"email": "ada@example.no"})).Statuses)
}

// S-27, S-50, G-11, G-12: indicators follow each order, and what days bring. S-51: nothing takes them as input.
func TestIndicatorsAreComputed(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	at := sells(t, s)
	who := s.NewPerson(t, "Ada", "Lovelace")
	none := follows(t, s, who).SalesSummary
	require.Equal(t, []any{"NONE", "", (*int)(nil), (*string)(nil)}, []any{none.SpendBand, none.Channel, none.Assiduity, none.FirstPurchaseOn})
	order(t, s, who, "phone", at.ticket)
	today := oslo(t, 0)
	is := follows(t, s, who).SalesSummary
	require.Equal(t, []any{1, 20000, "MEDIUM", "phone", false, &today}, []any{is.Orders, is.Spent, is.SpendBand, is.Channel, is.ChildProduct, is.FirstPurchaseOn})
	order(t, s, who, "shop", at.child, at.plan)
	is = follows(t, s, who).SalesSummary
	until := time.Now().AddDate(1, 0, -1).Format("2006-01")
	require.Equal(t, []any{2, 90000, "LARGE", "shop", true, 2}, []any{is.Orders, is.Spent, is.SpendBand, is.Channel, is.ChildProduct, is.Tickets})
	require.Equal(t, "Choir", is.Plans[0].Name)
	require.Contains(t, *is.SubscribedUntil, until)
	require.Nil(t, is.Assiduity, "nothing was due yet")
	exec(t, s, "UPDATE ticket SET state = 'used', used_at = now() WHERE site_id = $1 AND product_id = $2", s.ID, at.child)
	require.NoError(t, p.App.Sales.Sweep(t.Context(), time.Now().AddDate(0, 0, 8)))
	is = follows(t, s, who).SalesSummary
	require.Equal(t, []int{2, 1, 50}, []int{is.Due, is.Attended, *is.Assiduity})
	require.NoError(t, p.App.Sales.Sweep(t.Context(), time.Now().AddDate(0, 0, 400)))
	require.Nil(t, follows(t, s, who).SalesSummary.Assiduity, "it has left the site's period")

	for _, computed := range []string{"statuses: [SUBSCRIBER]", "salesSummary: {spent: 1}", "spent: 1", "assiduity: 100", "customer: true", "channel: \"shop\""} {
		p.Refused(t, s.As(site.Manager), "BAD_INPUT", fmt.Sprintf(`mutation { updateContact(input: {id: "%s", %s}) { contact { id } } }`, who, computed), nil)
	}
}

// D-02, P-14, G-02: a segment moves as an order is recorded, as a membership is written by psql, and as its last day passes.
func TestSegmentsFollowSales(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	at := sells(t, s)
	who := s.NewPerson(t, "Ada", "Lovelace")
	follow := func(rule vars) *stream {
		st := subscribe(t, p, s.As(site.Viewer), `subscription($f: ContactFilter!) { segmentPreviewChanged(filter: $f) { count entered { displayName } left } }`, vars{"f": rule})
		var first struct{ SegmentPreviewChanged moved }
		st.next(t, &first)
		return st
	}
	moves := func(st *stream, count int) {
		t.Helper()
		var e struct{ SegmentPreviewChanged moved }
		st.next(t, &e)
		require.Equal(t, count, e.SegmentPreviewChanged.Count)
	}
	big := follow(vars{"all": []vars{{"status": "CUSTOMER"}, {"sales": vars{"measure": "SPENT", "from": 20000}}, {"channel": "shop"}}})
	prospects := follow(vars{"status": "PROSPECT"})
	ending := follow(vars{"all": []vars{{"plan": at.plan}, {"date": vars{"column": "SUBSCRIBED_UNTIL", "relative": vars{"next": 30, "unit": "DAY"}}}}})
	recent := follow(vars{"date": vars{"column": "LAST_PURCHASE", "relative": vars{"last": 7, "unit": "DAY"}}})
	order(t, s, who, "shop", at.ticket)
	moves(big, 1)
	moves(prospects, 0)
	moves(recent, 1)
	exec(t, s, "INSERT INTO membership (site_id, id, contact_id, plan_id, starts_on, ends_on) VALUES ($1, gen_random_uuid(), $2, $3, current_date - 9, current_date + 9)", s.ID, who, at.plan)
	moves(ending, 1)
	require.NoError(t, p.App.Sales.Sweep(t.Context(), time.Now().AddDate(0, 0, 12)))
	moves(ending, 0)
}

// C-21, C-22, C-23, C-24, G-31: a contact becomes a member by a plan, without a sale: the same record, with its history, now among the members and
// no longer among the non-members; the list of all is as it was (C-13).
func TestConvertToMember(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	at := sells(t, s)
	who := personWith(t, s, "Ada", "Lovelace", vars{"email": "ada@example.no"})
	input := vars{"contactId": who, "planId": at.plan, "endsOn": nil}
	convertTo := func(role site.Role) []string {
		return p.Payload(t, s.As(role), convert, vars{"i": input}, nil)
	}
	members, others := vars{"status": "SUBSCRIBER"}, vars{"not": vars{"status": "SUBSCRIBER"}}
	require.Equal(t, []string{"LOVELACE Ada"}, foundBy(t, s, others))
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", convert, vars{"i": input})
	require.Empty(t, convertTo(site.Operator))
	require.Equal(t, []string{"LOVELACE Ada"}, foundBy(t, s, members))
	require.Empty(t, foundBy(t, s, others))
	require.Equal(t, []string{"LOVELACE Ada"}, foundBy(t, s, vars{"all": []vars{}}))
	is := follows(t, s, who)
	require.Equal(t, []string{"PROSPECT", "SUBSCRIBER"}, is.Statuses, "nothing was sold")
	require.Nil(t, is.SalesSummary.SubscribedUntil, "it is for good")
	told := p.Do(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { email history(first: 5) { nodes { action changes actorName } } } }`, vars{"i": who}).Raw
	require.Contains(t, told, `"email":"ada@example.no"`)
	require.Contains(t, told, fmt.Sprintf(`"membership":{"before":null,"after":{"plan":"Choir","startsOn":"%s"}}`, oslo(t, 0)))
	require.Equal(t, 3, strings.Count(told, `"action"`), "made, mended, converted")

	require.Equal(t, []string{"DUPLICATE planId"}, convertTo(site.Operator))
	input["startsOn"], input["endsOn"] = oslo(t, -20), oslo(t, -10)
	require.Empty(t, convertTo(site.Operator), "other days")
	input["startsOn"], input["endsOn"] = oslo(t, -5), oslo(t, -6)
	require.Equal(t, []string{"INVALID_DATE endsOn"}, convertTo(site.Operator))
	input["planId"] = at.ticket
	require.Equal(t, []string{"UNKNOWN planId"}, convertTo(site.Operator))
	input["planId"] = at.plan
	exec(t, s, "UPDATE product SET archived_at = now() WHERE site_id = $1 AND id = $2", s.ID, at.plan)
	require.Equal(t, []string{"NOT_ON_SALE planId"}, convertTo(site.Operator))
	input["planId"] = sells(t, p.NewSite(t, "other")).plan
	require.Equal(t, []string{"UNKNOWN planId"}, convertTo(site.Operator), "another site's")
}

// P-29: who makes an account has the record that was sold to before, with every order and membership, and there is no second one.
func TestClaimedAccountHasItsSales(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	at := sells(t, s)
	ada := personWith(t, s, "Ada", "Lovelace", vars{"email": "ada@example.no"})
	order(t, s, ada, "counter", at.ticket, at.plan)
	before := follows(t, s, ada)
	newBrowser(t, s).register("ada@example.no", "Ada", "Lovelace", "a long password")
	require.Equal(t, ada, idOf(t, s, "ada@example.no"))
	after := follows(t, s, ada)
	require.Equal(t, before.SalesSummary, after.SalesSummary)
	require.Equal(t, []string{"USER", "CUSTOMER", "SUBSCRIBER", "ATTENDEE"}, after.Statuses)
	ids, _ := people(t, s)
	require.Equal(t, []string{ada}, ids)
}
