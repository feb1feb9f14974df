package webhook_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// What is sold is told in the same transaction: of an order once, whatever is asked again, and of what it gives; of what is
// refused nothing.
func TestSalesAreTold(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	r := newReceiver(t)
	newHook(t, s, r.url, []string{"ORDER_RECORDED", "MEMBERSHIP_CREATED"})
	var plan string
	require.NoError(t, p.DB.Bun.NewRaw(`INSERT INTO product (site_id, id, kind, name, price, months) VALUES (?, gen_random_uuid(), 'membership', 'Friends', 50000, 12) RETURNING id`, s.ID).Scan(t.Context(), &plan))
	ada := s.NewPerson(t, "Ada", "Lovelace")
	record := func(key string, quantity int) []string {
		t.Helper()
		return p.Payload(t, s.As(site.Operator), `mutation($i: RecordOrderInput!) { recordOrder(input: $i) { order { id } errors { code message path } } }`,
			vars{"i": vars{"idempotencyKey": key, "buyer": vars{"contactId": ada}, "lines": []vars{{"productId": plan, "quantity": quantity}}}}, nil)
	}
	require.Empty(t, record("1", 1))
	require.Empty(t, record("1", 1))
	require.Equal(t, []string{"INVALID_NUMBER lines.0.quantity"}, record("2", 2))
	first, second := r.next(t), r.next(t)
	require.Equal(t, []string{"membership.created", "order.recorded"}, []string{first.Type, second.Type})
	require.Equal(t, []any{1, 50000, "Friends", ada}, []any{second.Data.Order.Number, second.Data.Order.Total, second.Data.Order.Lines[0].Label, second.Data.Contacts[0].ID})
	require.Equal(t, []string{plan, ada}, []string{first.Data.Membership.PlanID, first.Data.Membership.ContactID})
	require.Empty(t, record("3", 1))
	third, fourth := r.next(t), r.next(t)
	require.Equal(t, []string{"membership.created", "order.recorded"}, []string{third.Type, fourth.Type}, "nothing lay between")
	require.Greater(t, fourth.Data.Order.Number, second.Data.Order.Number)
}

// What comes after a sale is told too: that it went back, that a membership was cancelled, that an event is on sale or off it.
func TestWhatFollowsSalesIsTold(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	r := newReceiver(t)
	newHook(t, s, r.url, []string{"ORDER_RETURNED", "MEMBERSHIP_CANCELLED", "EVENT_PUBLISHED", "EVENT_CANCELLED"})
	as := s.As(site.Manager)
	var made struct {
		CreateEvent   struct{ Event struct{ ID string } }
		CreateProduct struct{ Product struct{ ID string } }
		RecordOrder   struct{ Order struct{ ID string } }
	}
	p.Must(t, as, `mutation { createEvent(input: {name: "Faust", startsAt: "2100-01-01T18:00:00Z", endsAt: "2100-01-01T20:00:00Z"}) { event { id } errors { code message path } } }`, nil, &made)
	p.Must(t, as, `mutation { createProduct(input: {kind: MEMBERSHIP, name: "Friends", price: 50000, months: 12}) { product { id } errors { code message path } } }`, nil, &made)
	event := vars{"id": made.CreateEvent.Event.ID}
	p.Must(t, as, `mutation($id: ID!) { publishEvent(input: {id: $id}) { errors { code message path } } }`, event, nil)
	p.Must(t, as, `mutation($id: ID!) { cancelEvent(input: {id: $id}) { errors { code message path } } }`, event, nil)
	p.Must(t, as, `mutation($i: RecordOrderInput!) { recordOrder(input: $i) { order { id } errors { code message path } } }`,
		vars{"i": vars{"idempotencyKey": "1", "buyer": vars{"contactId": s.NewPerson(t, "Ada", "Lovelace")}, "lines": []vars{{"productId": made.CreateProduct.Product.ID}}}}, &made)
	var membership string
	require.NoError(t, p.DB.Bun.NewRaw("SELECT id FROM membership WHERE site_id = ?", s.ID).Scan(t.Context(), &membership))
	p.Must(t, as, `mutation($id: ID!) { cancelMembership(input: {id: $id}) { errors { code message path } } }`, vars{"id": membership}, nil)
	p.Must(t, as, `mutation($id: ID!) { returnOrder(input: {orderId: $id, idempotencyKey: "2"}) { errors { code message path } } }`, vars{"id": made.RecordOrder.Order.ID}, nil)
	var told []string
	for range 5 {
		told = append(told, r.next(t).Type)
	}
	require.Equal(t, []string{"event.published", "event.cancelled", "membership.cancelled", "membership.cancelled", "order.returned"}, told, "what goes back ends a day earlier")
}
