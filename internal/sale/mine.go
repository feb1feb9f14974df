package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/site"
)

// What end users see of their own in "my account": nothing of anybody else's (T-04 to T-06). A page's contacts are never asked
// for; the session decides.

// Holdings is what there is for an end user, so that a page shows only what is not empty.
type Holdings struct {
	Orders, Tickets, Memberships, Passes, Bookings, Events, Produced int

	Sells     bool // the site has something on sale
	Pays      bool // what is due can be paid at a provider
	HasEvents bool // the site has events at all
	MayView   bool // what organizers may do with their own events (T-07 to T-10)
	MayEdit   bool
	MayCancel bool
	TimeZone  string `bun:"-"`
	Currency  string `bun:"-"`
}

// MyOrder is an order as its buyer sees it.
type MyOrder struct {
	Order `bun:",extend"`

	Lines []*Line `bun:"-"`
}

// Due gives what the buyer still has to pay; 0 where somebody else pays.
func (o *MyOrder) Due() int64 {
	if o.PayerID == nil || o.BuyerID == nil || *o.PayerID != *o.BuyerID {
		return 0
	}
	return o.Order.Due()
}

// MyTicket is a ticket as who attends, or who bought it, sees it.
type MyTicket struct {
	Ticket `bun:",extend"`

	Event       Event `bun:"-"`
	Product     string
	OrderNumber int64
	Mine        bool // one attends oneself; else one bought it for somebody
}

// Shown gives what the QR code says; empty when the ticket opens no door any more.
func (t *MyTicket) Shown() string {
	if t.State == TicketCancelled || t.Event.State == EventCancelled {
		return ""
	}
	return t.Code
}

// MyMembership is a membership as its holder sees it.
type MyMembership struct {
	Membership `bun:",extend"`

	Plan     string
	Amount   *int64 // what it cost; nil: it was given without a sale
	Currency string
	Running  bool // in force today
	Ahead    bool // begins later
}

// MyPass is a pass as its holder sees it.
type MyPass struct {
	Pass `bun:",extend"`

	Product string
	Usable  bool // today
}

// Left gives how many uses are left.
func (p *MyPass) Left() int { return p.Uses - p.Used }

// MyBooking is a booking as its holder sees it.
type MyBooking struct {
	Booking `bun:",extend"`

	Product  string
	StartsAt time.Time
	EndsAt   time.Time
	Pass     string // the pass that paid for it
}

// own gives the end user who calls. Unauthenticated when nobody is signed in.
func (s *Service) own(ctx context.Context) (a site.Actor, of site.Site, err error) {
	if a, err = site.RequireBook(ctx, site.AccessAccount); err == nil {
		of, err = site.Of(ctx, s.db.Bun, a)
	}
	return a, of, err
}

// MyHoldings tells what there is for the end user who calls.
func (s *Service) MyHoldings(ctx context.Context) (*Holdings, error) {
	a, of, err := s.own(ctx)
	if err != nil {
		return nil, err
	}
	out := &Holdings{MayView: of.OrganizersView, MayEdit: of.OrganizersEdit, MayCancel: of.OrganizersCancel, TimeZone: of.TimeZone, Currency: of.Currency}
	err = s.db.Bun.NewRaw(`SELECT
		(SELECT count(*) FROM sale_order WHERE site_id = ?0 AND buyer_id = ?1) AS orders,
		(SELECT count(*) FROM (SELECT h.id FROM ticket AS h WHERE h.site_id = ?0 AND h.contact_id = ?1
			UNION SELECT h.id FROM ticket AS h JOIN order_line AS l ON l.site_id = h.site_id AND l.id = h.line_id
				JOIN sale_order AS o ON o.site_id = l.site_id AND o.id = l.order_id WHERE o.site_id = ?0 AND o.buyer_id = ?1) AS t) AS tickets,
		(SELECT count(*) FROM membership WHERE site_id = ?0 AND contact_id = ?1) AS memberships,
		(SELECT count(*) FROM pass WHERE site_id = ?0 AND contact_id = ?1) AS passes,
		(SELECT count(*) FROM booking WHERE site_id = ?0 AND contact_id = ?1) AS bookings,
		(SELECT count(*) FROM event WHERE site_id = ?0 AND organizer_id = ?1 AND ?2) AS events,
		(SELECT count(*) FROM event_contact WHERE site_id = ?0 AND contact_id = ?1 AND role = ?3) AS produced,
		EXISTS (SELECT FROM product WHERE site_id = ?0 AND archived_at IS NULL) AS sells,
		EXISTS (SELECT FROM payment_provider WHERE site_id = ?0) AS pays,
		EXISTS (SELECT FROM event WHERE site_id = ?0) AS has_events`, of.ID, a.ContactID, of.OrganizersView, RoleProducer).Scan(ctx, out)
	return out, db.MapError(err, "count what is held")
}

var (
	held = source{
		attended[0],
		{`SELECT h.id, v.starts_at AS at FROM sale_order AS o JOIN order_line AS l ON l.site_id = o.site_id AND l.order_id = o.id
			JOIN ticket AS h ON h.site_id = l.site_id AND h.line_id = l.id AND h.contact_id IS DISTINCT FROM o.buyer_id
			JOIN event AS v ON v.site_id = h.site_id AND v.id = h.event_id WHERE o.site_id = ? AND %s`, "o.buyer_id"},
	}
	subscribed = source{{"SELECT h.id, h.starts_on::timestamp AT TIME ZONE 'UTC' AS at FROM membership AS h WHERE h.site_id = ? AND %s", "h.contact_id"}}
	booked     = source{attended[1]}
)

// MyOrders gives what the end user who calls bought, the newest first (T-05).
func (s *Service) MyOrders(ctx context.Context, in Asked) (History[MyOrder], error) {
	return mine(ctx, s, bought, in, func(o *MyOrder) uuid.UUID { return o.ID }, func(of site.Site, _, ids any) ([]*MyOrder, error) {
		var rows []*MyOrder
		if err := s.db.Bun.NewRaw("SELECT * FROM sale_order WHERE site_id = ? AND id IN (?)", of.ID, ids).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		var lines []*Line
		if err := s.db.Bun.NewSelect().Model(&lines).Where("site_id = ? AND order_id IN (?)", of.ID, ids).Order("position").Scan(ctx); err != nil {
			return nil, err
		}
		for _, row := range rows {
			for _, l := range lines {
				if l.OrderID == row.ID {
					row.Lines = append(row.Lines, l)
				}
			}
		}
		return rows, nil
	})
}

// MyTickets gives the tickets that the end user who calls attends by or has bought, what lies furthest ahead first (T-06).
func (s *Service) MyTickets(ctx context.Context, in Asked) (History[MyTicket], error) {
	return mine(ctx, s, held, in, func(t *MyTicket) uuid.UUID { return t.ID }, func(of site.Site, whose, ids any) ([]*MyTicket, error) {
		var rows []*MyTicket
		err := s.db.Bun.NewRaw(`SELECT h.*, g.name AS product, o.number AS order_number, coalesce(h.contact_id = ?, false) AS mine
			FROM ticket AS h JOIN product AS g ON g.site_id = h.site_id AND g.id = h.product_id
				JOIN order_line AS l ON l.site_id = h.site_id AND l.id = h.line_id JOIN sale_order AS o ON o.site_id = l.site_id AND o.id = l.order_id
			WHERE h.site_id = ? AND h.id IN (?)`, whose, of.ID, ids).Scan(ctx, &rows)
		if err != nil {
			return nil, err
		}
		events := make([]uuid.UUID, len(rows))
		for i, row := range rows {
			events[i] = row.EventID
		}
		by, err := byIDs(ctx, s.db.Bun, of.ID, events, func(e *Event) uuid.UUID { return e.ID })
		for _, row := range rows {
			if e := by[row.EventID]; e != nil {
				row.Event = *e
			}
		}
		return rows, err
	})
}

// MyMemberships gives the memberships of the end user who calls, the latest first (T-04).
func (s *Service) MyMemberships(ctx context.Context, in Asked) (History[MyMembership], error) {
	return mine(ctx, s, subscribed, in, func(m *MyMembership) uuid.UUID { return m.ID }, func(of site.Site, _, ids any) ([]*MyMembership, error) {
		var rows []*MyMembership
		err := s.db.Bun.NewRaw(`SELECT h.*, g.name AS plan, l.unit_price AS amount, coalesce(o.currency, ?) AS currency
			FROM membership AS h JOIN product AS g ON g.site_id = h.site_id AND g.id = h.plan_id
				LEFT JOIN order_line AS l ON l.site_id = h.site_id AND l.id = h.line_id LEFT JOIN sale_order AS o ON o.site_id = l.site_id AND o.id = l.order_id
			WHERE h.site_id = ? AND h.id IN (?)`, of.Currency, of.ID, ids).Scan(ctx, &rows)
		today := s.today(of)
		for _, row := range rows {
			row.Running, row.Ahead = row.InForce(today), today.Before(row.StartsOn)
		}
		return rows, err
	})
}

// MyPasses gives the passes of the end user who calls, the newest first (T-05).
func (s *Service) MyPasses(ctx context.Context, in Asked) (History[MyPass], error) {
	return mine(ctx, s, passed, in, func(p *MyPass) uuid.UUID { return p.ID }, func(of site.Site, _, ids any) ([]*MyPass, error) {
		var rows []*MyPass
		err := s.db.Bun.NewRaw(`SELECT h.*, g.name AS product FROM pass AS h JOIN product AS g ON g.site_id = h.site_id AND g.id = h.product_id
			WHERE h.site_id = ? AND h.id IN (?)`, of.ID, ids).Scan(ctx, &rows)
		today := s.today(of)
		for _, row := range rows {
			row.Usable = row.CancelledAt == nil && row.Left() > 0 && !today.Before(row.ValidOn) && (row.EndsOn == nil || !today.After(*row.EndsOn))
		}
		return rows, err
	})
}

// MyBookings gives the bookings of the end user who calls, what lies furthest ahead first (T-05).
func (s *Service) MyBookings(ctx context.Context, in Asked) (History[MyBooking], error) {
	return mine(ctx, s, booked, in, func(b *MyBooking) uuid.UUID { return b.ID }, func(of site.Site, _, ids any) ([]*MyBooking, error) {
		var rows []*MyBooking
		err := s.db.Bun.NewRaw(`SELECT h.*, g.name AS product, v.starts_at, v.ends_at, coalesce(pg.name, '') AS pass
			FROM booking AS h JOIN product AS g ON g.site_id = h.site_id AND g.id = h.product_id JOIN slot AS v ON v.site_id = h.site_id AND v.id = h.slot_id
				LEFT JOIN pass AS p ON p.site_id = h.site_id AND p.id = h.pass_id LEFT JOIN product AS pg ON pg.site_id = p.site_id AND pg.id = p.product_id
			WHERE h.site_id = ? AND h.id IN (?)`, of.ID, ids).Scan(ctx, &rows)
		return rows, err
	})
}

// mine reads a page of what the end user who calls has.
func mine[T any](ctx context.Context, s *Service, from source, in Asked, id func(*T) uuid.UUID, read func(of site.Site, whose, ids any) ([]*T, error)) (out History[T], err error) {
	a, of, err := s.own(ctx)
	if err != nil {
		return out, err
	}
	spots, err := s.spots(ctx, of, from, []uuid.UUID{a.ContactID}, Asked{First: in.First, After: in.After})
	if err != nil || len(spots) == 0 {
		return out, err
	}
	rows, err := read(of, a.ContactID, bun.List(idsOf(spots)))
	by := make(map[uuid.UUID]*T, len(rows))
	for _, row := range rows {
		by[id(row)] = row
	}
	return histories(spots, by, in.First)[a.ContactID], db.MapError(err, "read what is held")
}
