package graph_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// S-11, S-12, S-13: a producer who is signed in sees what is sold of their own events, and nothing of others'.
func TestProducedEvents(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	petra := personWith(t, s, "Petra", "Producer", vars{"email": "petra@example.no", "types": []string{"PRODUCER", "GUIDE"}})
	rival := personWith(t, s, "Rolf", "Rival", vars{"types": []string{"PRODUCER"}})
	buyer := s.NewPerson(t, "Kari", "Nordmann")
	produce := func(event, role, who string) {
		require.Empty(t, p.Payload(t, s.As(site.Manager), setEventContacts, vars{"i": vars{"eventId": event, "role": role, "contactIds": []string{who}}}, nil))
	}
	faust, carmen, tosca := newEvent(t, s, "Faust", vars{"capacity": 10}), newEvent(t, s, "Carmen", nil), newEvent(t, s, "Tosca", nil)
	produce(faust, "PRODUCER", petra)
	produce(carmen, "PRODUCER", rival)
	produce(tosca, "GUIDE", petra) // who guides an event does not produce it
	adult, child := newTicket(t, s, faust, "Adult", 30_000), newProduct(t, s, vars{"kind": "TICKET", "eventId": faust, "name": "Child", "price": 10_000, "capacity": 3})
	require.Empty(t, sell(t, s, s.As(site.Operator), buyer, adult, 2).At)
	require.Empty(t, sell(t, s, s.As(site.Operator), buyer, child, 1).At)
	require.Empty(t, sell(t, s, s.As(site.Operator), buyer, newTicket(t, s, carmen, "Adult", 99), 1).At)

	b := newBrowser(t, s)
	b.register("petra@example.no", "Petra", "Producer", "a long password")
	const sales = `sales { sold used revenue byTicketType { name price sold left used revenue } }`
	mine := p.Do(t, b.header("/graphql"), `{ me { producedEvents { nodes { name left `+sales+` } pageInfo { hasNextPage } } } }`, nil)
	want := `{"sold":3,"used":0,"revenue":70000,"byTicketType":[
		{"name":"Adult","price":30000,"sold":2,"left":null,"used":0,"revenue":60000},{"name":"Child","price":10000,"sold":1,"left":2,"used":0,"revenue":10000}]}`
	require.JSONEq(t, `{"data":{"me":{"producedEvents":{"nodes":[{"name":"Faust","left":7,"sales":`+want+`}],"pageInfo":{"hasNextPage":false}}}}}`, mine.Raw)
	p.Refused(t, b.header("/graphql"), "UNAUTHENTICATED", `query($i: ID!) { event(id: $i) { sales { sold } } }`, vars{"i": carmen})
	require.Contains(t, p.Do(t, b.header("/graphql"), `{ publicEvents { nodes { sales { sold } } } }`, nil).Raw, "UNAUTHENTICATED")

	staff := p.Do(t, s.As(site.Viewer), `query($i: ID!) { event(id: $i) { `+sales+` } }`, vars{"i": faust})
	require.JSONEq(t, `{"data":{"event":{"sales":`+want+`}}}`, staff.Raw)

	nobody := newBrowser(t, s)
	nobody.register("nils@example.no", "Nils", "Nobody", "a long password")
	require.JSONEq(t, `{"data":{"me":{"producedEvents":{"nodes":[]}}}}`, p.Do(t, nobody.header("/graphql"), `{ me { producedEvents { nodes { name } } } }`, nil).Raw)
}

// The catalogue's lists within lists are read at once, whatever the length of the list.
func TestCatalogueIsBatched(t *testing.T) {
	t.Parallel()
	queries := &queryCounter{}
	p := apptest.StartTraced(t, queries)
	s := p.NewSite(t, "club")
	students := newGroup(t, s, "Students")
	guide := personWith(t, s, "G", "Guide", vars{"types": []string{"GUIDE", "SUPPLIER"}})
	for i := range 6 {
		event := newEvent(t, s, fmt.Sprint(i), nil)
		require.Empty(t, p.Payload(t, s.As(site.Manager), setEventContacts, vars{"i": vars{"eventId": event, "role": "GUIDE", "contactIds": []string{guide}}}, nil))
		adult := newProduct(t, s, vars{"kind": "TICKET", "eventId": event, "name": "Adult", "price": 100, "supplierId": guide})
		made(t, s, savePrice, "savePrice", "price", vars{"productId": adult, "groupId": students, "amount": 50})
		made(t, s, saveQuota, "saveQuota", "quota", vars{"productId": adult, "groupId": students, "period": "DAY", "most": 5})
	}
	count := func(first int) int64 {
		return queries.least(func() {
			p.Must(t, s.As(site.Viewer), `query($n: Int) { events(first: $n) { nodes { organizer { id } contacts { role } sales { sold byTicketType { sold } } ticketTypes { name } } }
				products(first: $n) { nodes { event { name } supplier { displayName } prices { amount } quotas { most } } } }`, vars{"n": first}, nil)
		})
	}
	require.Equal(t, count(2), count(6), "the number of queries grows with the list")
}
