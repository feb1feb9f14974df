package sale

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
)

// Seats: a ticket may be for a place of its own. A line names some, or else a holder's first ticket of an event is for the place that they prefer in
// its venue, if nobody has it (S-52). That nobody else has a seat holds the database.

// maxSeat is how long a seat's name may be.
const maxSeat = 200

// seatName writes a seat's name as it is kept.
func seatName(s string) string { return strings.Join(strings.Fields(s), " ") }

// seats holds a line to what seats it may name.
func (v *checker) seats(l OrderedLine, path func(string) []string) {
	if len(l.Seats) > max(0, l.Quantity) {
		v.add(fault.TooLong, path("seats"), "%d seats are named for %d tickets", len(l.Seats), l.Quantity)
		return
	}
	for i, seat := range l.Seats {
		at := append(path("seats"), strconv.Itoa(i))
		if seatName(seat) == "" {
			v.add(fault.Required, at, "name the seat")
		}
		v.text(seat, maxSeat, at...)
	}
}

// seating says which seats the tickets of an order are for.
type seating struct {
	asked map[uuid.UUID][]string    // by ticket: where it was asked for
	given map[[2]uuid.UUID]struct{} // holders, by event, whose preference was used
}

// seat gives the seat of the nth ticket of a line; nil: any.
func (r *recording) seat(s sold, n int, ticket uuid.UUID, of *seating) *string {
	if len(s.in.Seats) > 0 {
		if n >= len(s.in.Seats) {
			return nil
		}
		name := seatName(s.in.Seats[n])
		of.asked[ticket] = []string{"lines", strconv.Itoa(s.line.Position), "seats", strconv.Itoa(n)}
		return &name
	}
	key := [2]uuid.UUID{*s.product.EventID, s.holder}
	if _, used := of.given[key]; used {
		return nil
	}
	name := contact.SeatIn(s.prefers, r.catalogue.events[*s.product.EventID].Place)
	if name == "" {
		return nil
	}
	of.given[key] = struct{}{}
	return &name
}

// insertTickets writes tickets. One whose preferred seat somebody has is for any; a seat that was asked for is refused then.
func (r *recording) insertTickets(ctx context.Context, tickets []*Ticket, of *seating) error {
	var seated, others []*Ticket
	for _, t := range tickets {
		if t.Seat != nil {
			seated = append(seated, t)
		} else {
			others = append(others, t)
		}
	}
	if len(seated) > 0 {
		// In one order, so that two orders do not wait for each other.
		slices.SortStableFunc(seated, func(a, b *Ticket) int {
			return cmp.Or(slices.Compare(a.EventID[:], b.EventID[:]), cmp.Compare(*a.Seat, *b.Seat))
		})
		var free []uuid.UUID
		err := r.tx.NewInsert().Model(&seated).On("CONFLICT (site_id, event_id, seat) WHERE seat IS NOT NULL AND state <> 'cancelled' DO NOTHING").Returning("id").Scan(ctx, &free)
		if err != nil && !db.NoRows(err) {
			return db.MapError(err, "give seats")
		}
		v := checker{}
		for _, t := range seated {
			if slices.Contains(free, t.ID) {
				continue
			}
			if path := of.asked[t.ID]; path != nil {
				v.add(ReasonSeatTaken, path, "somebody has the seat %s", *t.Seat)
			}
			t.Seat = nil
			others = append(others, t)
		}
		if err := v.list.Err(); err != nil {
			return err
		}
	}
	if len(others) == 0 {
		return nil
	}
	_, err := r.tx.NewInsert().Model(&others).Exec(ctx)
	return db.MapError(err, "give tickets")
}

// seatsFree tells, of a contact's preferred places, which are free at which of some events: by event. Nothing is held.
func (q *quoting) seatsFree(ctx context.Context, prefers []contact.Seat) (map[uuid.UUID]string, error) {
	out := map[uuid.UUID]string{}
	var names []string
	var events []uuid.UUID
	for id, e := range q.catalogue.events {
		if name := contact.SeatIn(prefers, e.Place); name != "" {
			out[id], names, events = name, append(names, name), append(events, id)
		}
	}
	if len(out) == 0 {
		return out, nil
	}
	var taken []struct {
		EventID uuid.UUID
		Seat    string
	}
	err := q.db.Bun.NewSelect().Model((*Ticket)(nil)).Column("event_id", "seat").
		Where("site_id = ? AND event_id IN (?) AND seat IN (?) AND state <> ?", q.site.ID, bun.List(events), bun.List(names), TicketCancelled).Scan(ctx, &taken)
	for _, t := range taken {
		if out[t.EventID] == t.Seat {
			delete(out, t.EventID)
		}
	}
	return out, db.MapError(err, "look for seats")
}
