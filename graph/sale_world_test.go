package graph_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const orderCall = `mutation($i: RecordOrderInput!) { recordOrder(input: $i) { order { id number total } errors { code message path } } }`

// row inserts a row of the site, whose first columns are its keys, and gives its id.
func row(t *testing.T, s *apptest.Site, sql string, args ...any) string {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	_, err := s.Program.DB.Pool.Exec(t.Context(), sql, append([]any{s.ID, id}, args...)...)
	require.NoError(t, err)
	return id.String()
}

// show makes a published event that begins in some days.
func show(t *testing.T, s *apptest.Site, name string, days int) string {
	t.Helper()
	starts := time.Now().AddDate(0, 0, days)
	return row(t, s, "INSERT INTO event (site_id, id, name, place, starts_at, ends_at, state) VALUES ($1, $2, $3, 'Big hall', $4, $5, 'published')", name, starts, starts.Add(2*time.Hour))
}

func ticketFor(t *testing.T, s *apptest.Site, event string, price int) string {
	t.Helper()
	return row(t, s, "INSERT INTO product (site_id, id, kind, name, event_id, price) VALUES ($1, $2, 'ticket', 'Adult', $3, $4)", event, price)
}

func planOf(t *testing.T, s *apptest.Site, name string, price int) string {
	t.Helper()
	return row(t, s, "INSERT INTO product (site_id, id, kind, name, price, months) VALUES ($1, $2, 'membership', $3, $4, 12)", name, price)
}

func passOf(t *testing.T, s *apptest.Site, name string, price int) string {
	t.Helper()
	return row(t, s, "INSERT INTO product (site_id, id, kind, name, price, uses, valid_days) VALUES ($1, $2, 'pass', $3, $4, 10, 365)", name, price)
}

// court makes a resource and a slot in some days.
func court(t *testing.T, s *apptest.Site, name string, days int) (resource, slot string) {
	t.Helper()
	resource = row(t, s, "INSERT INTO product (site_id, id, kind, name, price) VALUES ($1, $2, 'resource', $3, 9000)", name)
	starts := time.Now().AddDate(0, 0, days)
	return resource, row(t, s, "INSERT INTO slot (site_id, id, product_id, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5)", resource, starts, starts.Add(time.Hour))
}

// recorded has staff record an order and gives its number.
func recorded(t *testing.T, s *apptest.Site, order vars) int {
	t.Helper()
	if order["idempotencyKey"] == nil {
		order["idempotencyKey"] = uuid.NewString()
	}
	var out struct {
		RecordOrder struct{ Order struct{ Number int } }
	}
	require.Empty(t, s.Program.Payload(t, s.SignIn(t, site.Operator), orderCall, vars{"i": order}, &out))
	return out.RecordOrder.Order.Number
}

func of(contact string) vars { return vars{"contactId": contact} }
