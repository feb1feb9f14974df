package sale

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/site"
)

// EventByID gives an event. Needs a viewer. NotFound.
func (s *Service) EventByID(ctx context.Context, id uuid.UUID) (*Event, error) {
	return one(ctx, s, new(Event), "event", id)
}

// ProductByID gives a product. Needs a viewer. NotFound.
func (s *Service) ProductByID(ctx context.Context, id uuid.UUID) (*Product, error) {
	return one(ctx, s, new(Product), "product", id)
}

// OrderByID gives an order. Needs a viewer. NotFound.
func (s *Service) OrderByID(ctx context.Context, id uuid.UUID) (*Order, error) {
	return one(ctx, s, new(Order), "order", id)
}

// TicketByID gives a ticket, its code to operators only. Needs a viewer. NotFound.
func (s *Service) TicketByID(ctx context.Context, id uuid.UUID) (*Ticket, error) {
	t, err := one(ctx, s, new(Ticket), "ticket", id)
	if err != nil {
		return nil, err
	}
	concealCodes(ctx, []*Ticket{t})
	return t, nil
}

// concealCodes takes the codes, which open doors, from whoever may let nobody in.
func concealCodes(ctx context.Context, tickets []*Ticket) {
	if site.ActorOf(ctx).Access < site.AccessOperator {
		for _, t := range tickets {
			t.Code = ""
		}
	}
}

func one[T any](ctx context.Context, s *Service, row *T, kind string, id uuid.UUID) (*T, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	err = s.db.Bun.NewSelect().Model(row).Where("site_id = ? AND id = ?", a.SiteID, id).Scan(ctx)
	if err != nil {
		return nil, db.Missing(err, kind, "read "+kind)
	}
	return row, nil
}

// EventsOf gives events by their ids; for lists within lists. Needs a viewer.
func (s *Service) EventsOf(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*Event, error) {
	return many(ctx, s, ids, func(e *Event) uuid.UUID { return e.ID })
}

// ProductsOf gives products by their ids; for lists within lists. Needs a viewer.
func (s *Service) ProductsOf(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*Product, error) {
	return many(ctx, s, ids, func(p *Product) uuid.UUID { return p.ID })
}

// OrdersOf gives orders by their ids; for lists within lists. Needs a viewer.
func (s *Service) OrdersOf(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*Order, error) {
	return many(ctx, s, ids, func(o *Order) uuid.UUID { return o.ID })
}

// SlotsOf gives slots by their ids; for lists within lists. Needs a viewer.
func (s *Service) SlotsOf(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*Slot, error) {
	return many(ctx, s, ids, func(o *Slot) uuid.UUID { return o.ID })
}

func many[T any](ctx context.Context, s *Service, ids []uuid.UUID, id func(*T) uuid.UUID) (map[uuid.UUID]*T, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return byIDs(ctx, s.db.Bun, a.SiteID, ids, id)
}

// LinesOf gives the lines of orders, in order. Needs a viewer.
func (s *Service) LinesOf(ctx context.Context, orders []uuid.UUID) (map[uuid.UUID][]*Line, error) {
	return grouped(ctx, s, "order_id", orders, "position", func(l *Line) uuid.UUID { return l.OrderID })
}

// PaymentsOf gives the payments of orders, oldest first. Needs a viewer.
func (s *Service) PaymentsOf(ctx context.Context, orders []uuid.UUID) (map[uuid.UUID][]*Payment, error) {
	return grouped(ctx, s, "order_id", orders, "id", func(p *Payment) uuid.UUID { return p.OrderID })
}

// ReturnsOf gives what went back of orders, oldest first. Needs a viewer.
func (s *Service) ReturnsOf(ctx context.Context, orders []uuid.UUID) (map[uuid.UUID][]*Return, error) {
	return grouped(ctx, s, "order_id", orders, "id", func(r *Return) uuid.UUID { return r.OrderID })
}

// TicketsOf gives the tickets of lines, their codes to operators only. Needs a viewer.
func (s *Service) TicketsOf(ctx context.Context, lines []uuid.UUID) (map[uuid.UUID][]*Ticket, error) {
	by, err := grouped(ctx, s, "line_id", lines, "id", func(t *Ticket) uuid.UUID { return t.LineID })
	for _, tickets := range by {
		concealCodes(ctx, tickets)
	}
	return by, err
}

// MembershipsOf gives the memberships of lines. Needs a viewer.
func (s *Service) MembershipsOf(ctx context.Context, lines []uuid.UUID) (map[uuid.UUID][]*Membership, error) {
	return grouped(ctx, s, "line_id", lines, "id", func(m *Membership) uuid.UUID { return *m.LineID })
}

// MembershipStates tells of each of some memberships where today stands to it. Needs a viewer.
func (s *Service) MembershipStates(ctx context.Context, list []*Membership) ([]MembershipState, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	out := make([]MembershipState, len(list))
	for i, m := range list {
		out[i] = m.State(s.today(of))
	}
	return out, err
}

// OrdersOfLines gives the orders of lines, by the line. Needs a viewer.
func (s *Service) OrdersOfLines(ctx context.Context, lines []uuid.UUID) (map[uuid.UUID]*Order, error) {
	by, err := many(ctx, s, lines, func(l *Line) uuid.UUID { return l.ID })
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, 0, len(by))
	for _, l := range by {
		ids = append(ids, l.OrderID)
	}
	orders, err := s.OrdersOf(ctx, ids)
	out := make(map[uuid.UUID]*Order, len(by))
	for id, l := range by {
		out[id] = orders[l.OrderID]
	}
	return out, err
}

// PassesOf gives the passes of lines. Needs a viewer.
func (s *Service) PassesOf(ctx context.Context, lines []uuid.UUID) (map[uuid.UUID][]*Pass, error) {
	return grouped(ctx, s, "line_id", lines, "id", func(p *Pass) uuid.UUID { return *p.LineID })
}

// BookingsOf gives the bookings of lines. Needs a viewer.
func (s *Service) BookingsOf(ctx context.Context, lines []uuid.UUID) (map[uuid.UUID][]*Booking, error) {
	return grouped(ctx, s, "line_id", lines, "id", func(b *Booking) uuid.UUID { return *b.LineID })
}

// grouped reads the rows that belong to others, by whose they are.
func grouped[T any](ctx context.Context, s *Service, column string, of []uuid.UUID, order string, whose func(*T) uuid.UUID) (map[uuid.UUID][]*T, error) {
	out := map[uuid.UUID][]*T{}
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(of) == 0 {
		return out, err
	}
	var rows []*T
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND ? IN (?)", a.SiteID, bun.Ident(column), bun.List(of)).Order(order).Scan(ctx)
	for _, row := range rows {
		out[whose(row)] = append(out[whose(row)], row)
	}
	return out, db.MapError(err, "read by "+column)
}
