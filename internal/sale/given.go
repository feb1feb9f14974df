package sale

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// unit is one thing that a line gave: a ticket, a membership, a pass or a booking.
type unit struct {
	ID     uuid.UUID
	LineID uuid.UUID
	Table  string
	Gone   bool // it went back
	Spent  bool // it was used
}

// unitTables say of each kind of unit what tells that it went back, and that it was used. A membership that has ended goes back
// all the same: its line tells whether it did.
var unitTables = []struct{ name, gone, spent string }{
	{"ticket", "state = 'cancelled'", "state = 'used'"},
	{"membership", "false", "false"},
	{"pass", "cancelled_at IS NOT NULL", "used > 0"},
	{"booking", "state = 'cancelled'", "state = 'attended'"},
}

// given is what orders gave.
type given struct {
	lines map[uuid.UUID][]*Line // by order
	units map[uuid.UUID][]*unit // by line: what was not used first
}

// readGiven reads what orders gave, locked or not.
func readGiven(ctx context.Context, q bun.IDB, siteID uuid.UUID, orders []uuid.UUID, lock bool) (g given, err error) {
	g = given{lines: map[uuid.UUID][]*Line{}, units: map[uuid.UUID][]*unit{}}
	if len(orders) == 0 {
		return g, nil
	}
	var rows []*Line
	if err := q.NewSelect().Model(&rows).Where("site_id = ? AND order_id IN (?)", siteID, bun.List(orders)).Order("order_id", "position").Scan(ctx); err != nil {
		return g, db.MapError(err, "read order lines")
	}
	ids := make([]uuid.UUID, len(rows))
	for i, l := range rows {
		g.lines[l.OrderID], ids[i] = append(g.lines[l.OrderID], l), l.ID
	}
	if len(ids) == 0 {
		return g, nil
	}
	for _, t := range unitTables {
		var units []*unit
		sel := q.NewSelect().TableExpr("?", bun.Ident(t.name)).ColumnExpr("id, line_id, ? AS gone, ? AS spent", bun.Safe(t.gone), bun.Safe(t.spent)).
			Where("site_id = ? AND line_id IN (?)", siteID, bun.List(ids)).Order("id")
		if lock {
			sel = sel.For("UPDATE")
		}
		if err := sel.Scan(ctx, &units); err != nil {
			return g, db.MapError(err, "read what lines gave")
		}
		for _, u := range units {
			u.Table = t.name
			g.units[u.LineID] = append(g.units[u.LineID], u)
		}
	}
	for _, units := range g.units {
		slices.SortStableFunc(units, func(a, b *unit) int { return cmp.Compare(btoi(a.Spent), btoi(b.Spent)) })
	}
	return g, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// line finds a line of an order; nil when there is none.
func (g given) line(order, id uuid.UUID) *Line {
	for _, l := range g.lines[order] {
		if l.ID == id {
			return l
		}
	}
	return nil
}

// left gives the units of a line that did not go back. A contact that was erased has taken memberships, passes and bookings along;
// what they cost can be taken back all the same.
func (g given) left(l *Line) []*unit {
	var out []*unit
	for _, u := range g.units[l.ID] {
		if !u.Gone {
			out = append(out, u)
		}
	}
	for len(out) < l.Quantity-l.Returned {
		out = append(out, &unit{LineID: l.ID})
	}
	return out[:l.Quantity-l.Returned]
}

// ticket finds a ticket of an order; nil when there is none.
func (g given) ticket(order, id uuid.UUID) *unit {
	for _, l := range g.lines[order] {
		for _, u := range g.units[l.ID] {
			if u.ID == id && u.Table == "ticket" {
				return u
			}
		}
	}
	return nil
}
