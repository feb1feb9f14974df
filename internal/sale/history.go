package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/site"
)

// The histories of a contact that come from sales (S-56). Each follows its own role: who buys, who attends, who pays (S-61).

var (
	bought = source{{"SELECT h.id, h.ordered_at AS at FROM sale_order AS h WHERE h.site_id = ? AND %s", "h.buyer_id"}}
	paid   = source{{"SELECT h.id, h.at FROM payment AS h WHERE h.site_id = ? AND %s", "h.payer_id"}}
	passed = source{{"SELECT h.id, h.created_at AS at FROM pass AS h WHERE h.site_id = ? AND %s", "h.contact_id"}}

	attended = source{
		{"SELECT h.id, v.starts_at AS at FROM ticket AS h JOIN event AS v ON v.site_id = h.site_id AND v.id = h.event_id WHERE h.site_id = ? AND %s", "h.contact_id"},
		{"SELECT h.id, v.starts_at AS at FROM booking AS h JOIN slot AS v ON v.site_id = h.site_id AND v.id = h.slot_id WHERE h.site_id = ? AND %s", "h.contact_id"},
	}
)

// OrdersBy gives what contacts bought, the newest first (S-58). Needs a viewer.
func (s *Service) OrdersBy(ctx context.Context, contacts []uuid.UUID, in Asked) (map[uuid.UUID]History[Order], error) {
	return historyOf(ctx, s, bought, contacts, in, func(o *Order) uuid.UUID { return o.ID })
}

// PaymentsBy gives what contacts paid, and got back, the newest first (S-60). Needs a viewer.
func (s *Service) PaymentsBy(ctx context.Context, contacts []uuid.UUID, in Asked) (map[uuid.UUID]History[Payment], error) {
	return historyOf(ctx, s, paid, contacts, in, func(p *Payment) uuid.UUID { return p.ID })
}

// PassesBy gives the passes of contacts, the newest first (C-17). Needs a viewer.
func (s *Service) PassesBy(ctx context.Context, contacts []uuid.UUID, in Asked) (map[uuid.UUID]History[Pass], error) {
	return historyOf(ctx, s, passed, contacts, in, func(p *Pass) uuid.UUID { return p.ID })
}

// MembershipsBy gives the terms of contacts' memberships, the one that begins last first (T-04). Needs a viewer.
func (s *Service) MembershipsBy(ctx context.Context, contacts []uuid.UUID, in Asked) (map[uuid.UUID]History[Membership], error) {
	return historyOf(ctx, s, subscribed, contacts, in, func(m *Membership) uuid.UUID { return m.ID })
}

func historyOf[T any](ctx context.Context, s *Service, from source, contacts []uuid.UUID, in Asked, id func(*T) uuid.UUID) (map[uuid.UUID]History[T], error) {
	of, spots, err := s.reading(ctx, from, contacts, in)
	if err != nil {
		return nil, err
	}
	rows, err := byIDs(ctx, s.db.Bun, of.ID, idsOf(spots), id)
	return histories(spots, rows, in.First), err
}

// reading asks the actor and gives where the rows stand. Needs a viewer.
func (s *Service) reading(ctx context.Context, from source, contacts []uuid.UUID, in Asked) (site.Site, []spot, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return site.Site{}, nil, err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return site.Site{}, nil, err
	}
	spots, err := s.spots(ctx, of, from, contacts, in)
	return of, spots, err
}

// Attendance is a ticket or a booking as its holder's history shows it.
type Attendance struct {
	ID        uuid.UUID
	Kind      ProductKind // ticket or resource
	ContactID uuid.UUID
	Name      string // the event's, or the resource's
	Product   string // the ticket's
	Place     string
	StartsAt  time.Time
	EndsAt    time.Time
	State     AttendanceState
	OrderID   *uuid.UUID // nil where staff gave it without a sale
}

// AttendanceState is what became of an attendance; whether it lies ahead, its times tell.
type AttendanceState string

// The states.
const (
	AttendanceBooked    AttendanceState = "booked"
	AttendanceSeen      AttendanceState = "attended"  // the ticket was used, the booking taken up
	AttendanceCancelled AttendanceState = "cancelled" // or the event was
)

// AttendancesOf gives what contacts attended and will attend, what lies furthest ahead first (S-59). Needs a viewer.
func (s *Service) AttendancesOf(ctx context.Context, contacts []uuid.UUID, in Asked) (map[uuid.UUID]History[Attendance], error) {
	of, spots, err := s.reading(ctx, attended, contacts, in)
	if err != nil || len(spots) == 0 {
		return nil, err
	}
	ids := bun.List(idsOf(spots))
	var rows []*Attendance
	err = s.db.Bun.NewRaw(`SELECT h.id, 'ticket' AS kind, h.contact_id, v.name, g.name AS product, v.place, v.starts_at, v.ends_at, l.order_id,
			CASE WHEN h.state = 'cancelled' OR v.state = 'cancelled' THEN 'cancelled' WHEN h.state = 'used' THEN 'attended' ELSE 'booked' END AS state
		FROM ticket AS h JOIN event AS v ON v.site_id = h.site_id AND v.id = h.event_id JOIN product AS g ON g.site_id = h.site_id AND g.id = h.product_id
			JOIN order_line AS l ON l.site_id = h.site_id AND l.id = h.line_id
		WHERE h.site_id = ?0 AND h.id IN (?1)
		UNION ALL SELECT h.id, 'resource', h.contact_id, g.name, '', '', v.starts_at, v.ends_at, l.order_id, h.state
		FROM booking AS h JOIN slot AS v ON v.site_id = h.site_id AND v.id = h.slot_id JOIN product AS g ON g.site_id = h.site_id AND g.id = h.product_id
			LEFT JOIN order_line AS l ON l.site_id = h.site_id AND l.id = h.line_id
		WHERE h.site_id = ?0 AND h.id IN (?1)`, of.ID, ids).Scan(ctx, &rows)
	by := make(map[uuid.UUID]*Attendance, len(rows))
	for _, row := range rows {
		by[row.ID] = row
	}
	return histories(spots, by, in.First), db.MapError(err, "read attendances")
}
