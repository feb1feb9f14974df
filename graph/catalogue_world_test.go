package graph_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	createEvent      = `mutation($i: CreateEventInput!) { createEvent(input: $i) { event { id } errors { code message path } } }`
	updateEvent      = `mutation($i: UpdateEventInput!) { updateEvent(input: $i) { event { id } errors { code message path } } }`
	publishEvent     = `mutation($i: EventInput!) { publishEvent(input: $i) { event { id state } errors { code message path } } }`
	cancelEvent      = `mutation($i: EventInput!) { cancelEvent(input: $i) { event { id state } errors { code message path } } }`
	setEventContacts = `mutation($i: SetEventContactsInput!) { setEventContacts(input: $i) { event { id } errors { code message path } } }`
	createProduct    = `mutation($i: CreateProductInput!) { createProduct(input: $i) { product { id } errors { code message path } } }`
	updateProduct    = `mutation($i: UpdateProductInput!) { updateProduct(input: $i) { product { id } errors { code message path } } }`
	archiveProduct   = `mutation($i: ArchiveProductInput!) { archiveProduct(input: $i) { product { id } errors { code message path } } }`
	createSlots      = `mutation($i: CreateSlotsInput!) { createSlots(input: $i) { slots { id startsAt } errors { code message path } } }`
	deleteSlot       = `mutation($i: DeleteInput!) { deleteSlot(input: $i) { deletedId errors { code message path } } }`
	savePrice        = `mutation($i: SavePriceInput!) { savePrice(input: $i) { price { id } errors { code message path } } }`
	deletePrice      = `mutation($i: DeleteInput!) { deletePrice(input: $i) { deletedId errors { code message path } } }`
	saveQuota        = `mutation($i: SaveQuotaInput!) { saveQuota(input: $i) { quota { id } errors { code message path } } }`
	deleteQuota      = `mutation($i: DeleteInput!) { deleteQuota(input: $i) { deletedId errors { code message path } } }`
	recordSale       = `mutation($i: RecordOrderInput!) { recordOrder(input: $i) { order { id total lines { unitPrice priceRule } } errors { code message path } } }`
)

// made sends a mutation that has to make something, as the manager, and gives its id.
func made(t *testing.T, s *apptest.Site, mutation, field, of string, in vars) string {
	t.Helper()
	var out map[string]map[string]any
	require.Empty(t, s.Program.Payload(t, s.As(site.Manager), mutation, vars{"i": in}, &out))
	return out[field][of].(map[string]any)["id"].(string) //nolint:forcetypeassert // a test's own query
}

// newEvent makes a published event in a week.
func newEvent(t *testing.T, s *apptest.Site, name string, more vars) string {
	t.Helper()
	starts := time.Now().AddDate(0, 0, 7)
	in := vars{"name": name, "startsAt": starts.Format(time.RFC3339), "endsAt": starts.Add(2 * time.Hour).Format(time.RFC3339)}
	for k, v := range more {
		in[k] = v
	}
	id := made(t, s, createEvent, "createEvent", "event", in)
	require.Empty(t, s.Program.Payload(t, s.As(site.Manager), publishEvent, vars{"i": vars{"id": id}}, nil))
	return id
}

func newProduct(t *testing.T, s *apptest.Site, in vars) string {
	t.Helper()
	return made(t, s, createProduct, "createProduct", "product", in)
}

func newTicket(t *testing.T, s *apptest.Site, event, name string, price int) string {
	t.Helper()
	return newProduct(t, s, vars{"kind": "TICKET", "eventId": event, "name": name, "price": price})
}

// sold is what a sale cost, or what is to be mended.
type sold struct {
	RecordOrder struct {
		Order *struct {
			ID    string
			Total int
			Lines []struct {
				UnitPrice int
				PriceRule string
			}
		}
	}
	At []string
}

// sell records a sale of so many of a product to a contact.
func sell(t *testing.T, s *apptest.Site, as apptest.Header, contact, product string, quantity int) (out sold) {
	t.Helper()
	in := vars{"idempotencyKey": uuid.NewString(), "buyer": vars{"contactId": contact}, "lines": []vars{{"productId": product, "quantity": quantity}}}
	out.At = s.Program.Payload(t, as, recordSale, vars{"i": in}, &out)
	return out
}

// priced gives the price of one and whose it was.
func (o sold) priced(t *testing.T) (int, string) {
	t.Helper()
	require.Empty(t, o.At)
	return o.RecordOrder.Order.Lines[0].UnitPrice, o.RecordOrder.Order.Lines[0].PriceRule
}
