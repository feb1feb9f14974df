package sale

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/fault"
	"carnet/internal/site"
)

// Return is that something of an order went back.
type Return struct {
	bun.BaseModel `bun:"table:order_return,alias:ret"`

	SiteID         uuid.UUID `bun:",pk"`
	ID             uuid.UUID `bun:",pk"`
	OrderID        uuid.UUID
	Amount         int64 // what it cost
	Reason         string
	IdempotencyKey string
	RequestSha256  []byte `bun:"request_sha256"`
	At             time.Time
	ActorKind      site.Kind
	ActorID        *uuid.UUID
	ActorName      string
}

// ReturnOrder says what goes back of an order: lines, single tickets, or all that is left when it names neither.
type ReturnOrder struct {
	OrderID        uuid.UUID
	Lines          []ReturnedLine
	Tickets        []uuid.UUID
	Force          bool // what was used too; a manager's
	Reason         string
	IdempotencyKey string
}

// ReturnedLine is how many of a line go back.
type ReturnedLine struct {
	LineID   uuid.UUID
	Quantity int
}

// Return takes back what an order gave: tickets, passes and bookings are cancelled, memberships end, places and quotas are free
// again, and what it cost is owed no more. What was paid for it is paid back by Refund. Needs an operator, or a key with that role;
// a manager to force. The same idempotency key takes nothing more back. NotFound. Mendable: KEY_REUSED, UNKNOWN, TOO_MUCH of a
// line, CANCELLED, USED.
func (s *Service) Return(ctx context.Context, in ReturnOrder) (o *Order, err error) {
	need := site.AccessOperator
	if in.Force {
		need = site.AccessManager
	}
	a, err := site.RequireBook(ctx, need)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	sum, err := digest(in)
	if err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		known, err := keyKnown(ctx, tx, "order_return", a.SiteID, in.IdempotencyKey, sum)
		if err != nil {
			return err
		}
		if o, err = holdOrder(ctx, tx, a.SiteID, in.OrderID); err != nil || known {
			return err
		}
		g, err := readGiven(ctx, tx, a.SiteID, []uuid.UUID{o.ID}, true)
		if err != nil {
			return err
		}
		back := &returning{order: o, key: in.IdempotencyKey, sum: sum, reason: in.Reason}
		if err := back.choose(in, g); err != nil {
			return err
		}
		return s.takeBack(ctx, tx, a, []*returning{back})
	})
	return o, err
}

func (in ReturnOrder) check() error {
	v := checker{}
	v.key(in.IdempotencyKey)
	v.text(in.Reason, 2000, "reason")
	if len(in.Lines) > MaxLines {
		v.add(fault.TooLong, []string{"lines"}, "at most %d lines", MaxLines)
	}
	if len(in.Tickets) > MaxUnits {
		v.add(fault.TooLong, []string{"tickets"}, "at most %d tickets", MaxUnits)
	}
	if len(in.Lines) > 0 && len(in.Tickets) > 0 {
		v.add(fault.InvalidValue, []string{"tickets"}, "name lines or tickets, not both")
	}
	seen := map[uuid.UUID]bool{}
	for i, l := range in.Lines {
		if seen[l.LineID] {
			v.add(fault.Duplicate, []string{"lines", strconv.Itoa(i), "lineId"}, "this line is named twice")
		}
		if seen[l.LineID] = true; l.Quantity < 1 || l.Quantity > MaxUnits {
			v.add(fault.InvalidNumber, []string{"lines", strconv.Itoa(i), "quantity"}, "a quantity lies between 1 and %d", MaxUnits)
		}
	}
	for i, id := range in.Tickets {
		if seen[id] {
			v.add(fault.Duplicate, []string{"tickets", strconv.Itoa(i)}, "this ticket is named twice")
		}
		seen[id] = true
	}
	return v.list.Err()
}

// returning is what goes back of an order.
type returning struct {
	order  *Order
	parts  []part
	amount int64
	reason string
	key    string
	sum    []byte
}

// part is what goes back of a line.
type part struct {
	line  *Line
	units []*unit
}

// add takes units of a line back.
func (r *returning) add(line *Line, units []*unit) {
	if len(units) > 0 {
		r.parts = append(r.parts, part{line, units})
		r.amount += int64(len(units)) * line.UnitPrice
	}
}

// choose finds what a request means.
func (r *returning) choose(in ReturnOrder, g given) error {
	v := checker{}
	switch {
	case len(in.Tickets) > 0:
		r.tickets(&v, in, g)
	case len(in.Lines) > 0:
		for i, l := range in.Lines {
			path := func(name string) []string { return []string{"lines", strconv.Itoa(i), name} }
			line := g.line(r.order.ID, l.LineID)
			if line == nil {
				v.add(fault.Unknown, path("lineId"), "the order has no such line")
				continue
			}
			r.some(&v, g, line, l.Quantity, in.Force, path("quantity"))
		}
	default:
		for _, line := range g.lines[r.order.ID] {
			r.some(&v, g, line, line.Quantity-line.Returned, in.Force, nil)
		}
		if len(r.parts) == 0 && len(v.list) == 0 {
			v.add(ReasonCancelled, nil, "all of this order went back before")
		}
	}
	return v.list.Err()
}

// some takes that many units of a line, those that were not used first.
func (r *returning) some(v *checker, g given, line *Line, n int, force bool, path []string) {
	units := g.left(line)
	if n > len(units) {
		v.add(ReasonTooMuch, path, "of %s there are %d left to take back", line.Label, len(units))
		return
	}
	if units = units[:n]; !force && n > 0 && units[n-1].Spent {
		v.add(ReasonUsed, path, "of %s some were used; a manager can take them back all the same", line.Label)
		return
	}
	r.add(line, units)
}

// tickets takes single tickets.
func (r *returning) tickets(v *checker, in ReturnOrder, g given) {
	by := map[uuid.UUID][]*unit{}
	for i, id := range in.Tickets {
		path := []string{"tickets", strconv.Itoa(i)}
		switch u := g.ticket(r.order.ID, id); {
		case u == nil:
			v.add(fault.Unknown, path, "the order has no such ticket")
		case u.Gone:
			v.add(ReasonCancelled, path, "this ticket went back before")
		case u.Spent && !in.Force:
			v.add(ReasonUsed, path, "this ticket was used; a manager can take it back all the same")
		default:
			by[u.LineID] = append(by[u.LineID], u)
		}
	}
	for _, line := range g.lines[r.order.ID] {
		r.add(line, by[line.ID])
	}
}
