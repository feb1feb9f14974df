package sale

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/site"
)

// EventSales is what became of an event's tickets so far.
type EventSales struct {
	Sold    int   // and not given back
	Used    int   // of these
	Revenue int64 // what was asked for these; minor units
	Types   []*TypeSales
}

// TypeSales is what became of the tickets of one type.
type TypeSales struct {
	EventID   uuid.UUID
	ProductID uuid.UUID
	Name      string
	Price     int64
	Capacity  *int
	Taken     int
	Sold      int
	Used      int
	Revenue   int64
}

// Left gives how many are left; nil when there is no limit.
func (t *TypeSales) Left() *int { return left(t.Capacity, t.Taken) }

// ProducedEvent is an event as its producer sees it (S-12).
type ProducedEvent struct {
	Event `bun:",extend"`
	Sales EventSales `bun:"-"`
}

// SalesOf gives what became of events' tickets. Needs a viewer.
func (s *Service) SalesOf(ctx context.Context, events []uuid.UUID) (map[uuid.UUID]EventSales, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return salesOf(ctx, s.db.Bun, a.SiteID, events)
}

// Produced gives a page of the events whose producer is who is signed in, the latest first, with their sales (S-12). Of others'
// events it tells nothing (S-13).
func (s *Service) Produced(ctx context.Context, first int, after string) (Page[ProducedEvent], error) {
	a, err := site.RequireBook(ctx, site.AccessAccount)
	if err != nil {
		return Page[ProducedEvent]{}, err
	}
	q := s.db.Bun.NewSelect().Model((*ProducedEvent)(nil)).Where("event.site_id = ?", a.SiteID).
		Where("EXISTS (SELECT FROM event_contact AS p WHERE p.site_id = event.site_id AND p.event_id = event.id AND p.role = ? AND p.contact_id = ?)", RoleProducer, a.ContactID)
	rows, err := byBeginning[ProducedEvent](ctx, q, "event", true, first, after)
	if err != nil {
		return Page[ProducedEvent]{}, err
	}
	out := page(rows, first)
	ids := make([]uuid.UUID, len(out.Rows))
	for i, e := range out.Rows {
		ids[i] = e.ID
	}
	sales, err := salesOf(ctx, s.db.Bun, a.SiteID, ids)
	for _, e := range out.Rows {
		e.Sales = sales[e.ID]
	}
	return out, err
}

// typeSales counts the tickets of events by their type. What went back is not sold.
const typeSales = `
SELECT p.event_id, p.id AS product_id, p.name, p.price, p.capacity, p.taken, l.sold, l.revenue, t.used
FROM product AS p
CROSS JOIN LATERAL (SELECT coalesce(sum(quantity - returned), 0) AS sold, coalesce(sum((quantity - returned) * unit_price), 0)::bigint AS revenue
	FROM order_line WHERE site_id = p.site_id AND product_id = p.id) AS l
CROSS JOIN LATERAL (SELECT count(*) AS used FROM ticket WHERE site_id = p.site_id AND event_id = p.event_id AND product_id = p.id AND state = 'used') AS t
WHERE p.site_id = ? AND p.event_id IN (?)
ORDER BY p.name, p.id`

// salesOf reads the sales of many events at once. Who asks has the right to.
func salesOf(ctx context.Context, q bun.IDB, siteID uuid.UUID, events []uuid.UUID) (map[uuid.UUID]EventSales, error) {
	out := make(map[uuid.UUID]EventSales, len(events))
	if len(events) == 0 {
		return out, nil
	}
	for _, id := range events {
		out[id] = EventSales{Types: []*TypeSales{}}
	}
	var rows []*TypeSales
	err := q.NewRaw(typeSales, siteID, bun.List(events)).Scan(ctx, &rows)
	for _, t := range rows {
		e := out[t.EventID]
		e.Sold, e.Used, e.Revenue, e.Types = e.Sold+t.Sold, e.Used+t.Used, e.Revenue+t.Revenue, append(e.Types, t)
		out[t.EventID] = e
	}
	return out, db.MapError(err, "count sales of events")
}
