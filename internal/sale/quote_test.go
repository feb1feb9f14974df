package sale_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/fault"
	"carnet/internal/sale"
	"carnet/internal/site"
)

// visitor is somebody who is not signed in; as gives what a contact's own account may.
func (w *world) visitor() context.Context {
	return site.WithActor(w.t.Context(), site.Actor{Kind: site.KindVisitor, Access: site.AccessSite, SiteID: w.site.ID, Book: true})
}

func (w *world) as(contact uuid.UUID) context.Context {
	return site.WithActor(w.t.Context(), site.Actor{Kind: site.KindAccount, Access: site.AccessAccount, SiteID: w.site.ID, ID: uuid.Must(uuid.NewV7()), ContactID: contact, Book: true})
}

func (w *world) price(product, amount any, group, plan *uuid.UUID) {
	w.t.Helper()
	w.row("INSERT INTO product_price (site_id, id, product_id, group_id, plan_id, amount) VALUES ($1, $2, $3, $4, $5, $6)", product, group, plan, amount)
}

// P-25, T-22: of the prices of a group and of a plan the least holds, for who is signed in; a visitor pays what everybody does and
// has nothing that is reserved.
func TestQuote(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	member, other := w.person("Mia", "Member"), w.person("Ola", "Other")
	event := w.event("Course", 3)
	adult := w.ticket(event, 10_000)
	plan, pupils := w.plan("Friends", 50_000, 12), w.group("Pupils", member)
	w.price(adult, 8_000, &pupils, nil)
	w.price(adult, 7_000, nil, &plan)
	reserved := w.ticket(event, 4_000)
	w.exec("UPDATE product SET reserved = true WHERE id = $1", reserved)
	asked := []sale.Wanted{{ProductID: adult, Quantity: 2}, {ProductID: reserved, Quantity: 1}}
	told := func(ctx context.Context, contact *uuid.UUID) (out []any) {
		t.Helper()
		q, err := w.sales.Quote(ctx, asked, contact)
		require.NoError(t, err)
		for _, one := range q.Items {
			out = append(out, one.UnitPrice, one.PriceRule, *one.Left)
			for _, r := range one.Refusals {
				out = append(out, r.Reason)
			}
		}
		return append(out, q.Total)
	}
	require.Equal(t, []any{int64(10_000), "", 3, int64(4_000), "", 3, sale.ReasonReserved, int64(24_000)}, told(w.visitor(), nil))
	require.Equal(t, []any{int64(8_000), "Pupils", 3, int64(4_000), "", 3, sale.ReasonReserved, int64(20_000)}, told(w.as(member), nil))

	buy := func(ctx context.Context, key string, who uuid.UUID, product uuid.UUID) error {
		_, err := w.sales.RecordOrder(ctx, sale.RecordOrder{IdempotencyKey: key, Buyer: of(who), Lines: lines(sale.OrderedLine{ProductID: product, Quantity: 1})})
		return err
	}
	require.NoError(t, buy(w.staff, "plan", member, plan))
	require.Equal(t, []any{int64(7_000), "Friends", 3, int64(4_000), "", 3, int64(18_000)}, told(w.as(member), nil))
	require.Equal(t, told(w.as(member), nil), told(w.staff, &member))
	require.Equal(t, []any{int64(10_000), "", 3, int64(4_000), "", 3, sale.ReasonReserved, int64(24_000)}, told(w.as(other), nil))

	// What a quote says, an order holds to; a program that cannot show that the member signed in is refused (T-21).
	require.Equal(t, []string{"lines.0.productId." + sale.ReasonReserved}, reasons(t, buy(w.staff, "r1", other, reserved)))
	require.Equal(t, []string{"lines.0.productId." + fault.LoginRequired}, reasons(t, buy(w.key, "r2", member, adult)))
	require.NoError(t, buy(w.staff, "r3", member, reserved))
	require.NoError(t, buy(w.key, "r4", other, adult))

	_, err := w.sales.Quote(w.as(other), asked, &member)
	require.Equal(t, fault.Forbidden, fault.CodeOf(err), "one's price is nobody else's business")
}

// P-26: a quota holds each contact of its group, in its period, whoever counts at once.
func TestQuota(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	member, other := w.person("Mia", "Member"), w.person("Ola", "Other")
	group := w.group("Juniors", member)
	court := w.row("INSERT INTO product (site_id, id, kind, name, price) VALUES ($1, $2, 'resource', 'Court', 500)")
	w.row("INSERT INTO quota (site_id, id, product_id, group_id, period, most) VALUES ($1, $2, $3, $4, 'week', 2)", court, group)
	slot := func(at string) *uuid.UUID {
		id := w.row("INSERT INTO slot (site_id, id, product_id, starts_at, ends_at, capacity) VALUES ($1, $2, $3, $4::timestamptz, $4::timestamptz + interval '1 hour', 5)", court, at)
		return &id
	}
	monday, friday, sunday, next := slot("2030-05-06T08:00:00Z"), slot("2030-05-10T08:00:00Z"), slot("2030-05-12T21:00:00Z"), slot("2030-05-12T22:30:00Z")
	book := func(key string, who uuid.UUID, at *uuid.UUID) error {
		_, err := w.sales.RecordOrder(w.staff, sale.RecordOrder{IdempotencyKey: key, Buyer: of(who), Lines: lines(sale.OrderedLine{ProductID: court, Quantity: 1, SlotID: at})})
		return err
	}
	require.NoError(t, book("1", member, monday))
	require.NoError(t, book("2", member, friday))
	require.Equal(t, []string{"lines.0.quantity." + sale.ReasonQuotaUsed}, reasons(t, book("3", member, sunday)))
	require.NoError(t, book("4", member, next), "it is Monday in Oslo: another week")
	require.NoError(t, book("5", other, sunday), "who is not of the group has no quota")
	require.Equal(t, 1, w.count("SELECT taken FROM slot WHERE site_id = $1 AND id = $2", *sunday), "what was refused took nothing")
	q, err := w.sales.Quote(w.as(member), []sale.Wanted{{ProductID: court, Quantity: 1, SlotID: friday}}, nil)
	require.NoError(t, err)
	require.Equal(t, []*sale.QuotaLeft{{Period: sale.Weekly, Most: 2, Used: 2}}, q.Items[0].Quotas)
	require.Equal(t, sale.ReasonQuotaUsed, q.Items[0].Refusals[0].Reason)
}

// What an organizer has submitted is nobody's business until staff publish it.
func TestSubmittedEventIsNotQuoted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	event := w.event("Secret", -1)
	adult := w.ticket(event, 100)
	w.exec("UPDATE event SET state = 'submitted' WHERE id = $1", event)
	q, err := w.sales.Quote(w.visitor(), []sale.Wanted{{ProductID: adult, Quantity: 1}}, nil)
	require.NoError(t, err)
	require.Empty(t, q.Items[0].Label)
	require.Equal(t, fault.Unknown, q.Items[0].Refusals[0].Reason)
}

// A quote tells that there are not so many left.
func TestQuoteTellsWhatIsSoldOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	adult := w.ticket(w.event("Faust", 2), 100)
	q, err := w.sales.Quote(w.visitor(), []sale.Wanted{{ProductID: adult, Quantity: 2}, {ProductID: adult, Quantity: 3}}, nil)
	require.NoError(t, err)
	require.Empty(t, q.Items[0].Refusals)
	require.Equal(t, sale.ReasonSoldOut, q.Items[1].Refusals[0].Reason)
}
