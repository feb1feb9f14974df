package sale

import (
	"context"
	"time"

	"github.com/google/uuid"

	"carnet/internal/db"
	"carnet/internal/secret"
)

// give makes what was bought the holders': tickets, memberships, passes, bookings.
func (r *recording) give(ctx context.Context) error {
	var tickets []*Ticket
	places := &seating{asked: map[uuid.UUID][]string{}, given: map[[2]uuid.UUID]struct{}{}}
	var memberships []*Membership
	var passes []*Pass
	var bookings []*Booking
	for _, s := range r.sold {
		if s.product.Kind == KindMembership {
			m, err := r.membership(ctx, s, memberships)
			if err != nil {
				return err
			}
			memberships = append(memberships, m)
			continue
		}
		for n := range s.line.Quantity {
			id := uuid.Must(uuid.NewV7())
			switch s.product.Kind {
			case KindTicket:
				tickets = append(tickets, &Ticket{
					SiteID: r.site.ID, ID: id, LineID: s.line.ID, ProductID: s.product.ID, EventID: *s.product.EventID, ContactID: &s.holder, Code: secret.Random(), State: TicketValid,
					Seat: r.seat(s, n, id, places),
				})
			case KindPass:
				p := &Pass{SiteID: r.site.ID, ID: id, ContactID: s.holder, ProductID: s.product.ID, LineID: &s.line.ID, Uses: *s.product.Uses, ValidOn: r.site.Day(r.order.OrderedAt)}
				if s.product.ValidDays != nil {
					last := p.ValidOn.AddDate(0, 0, *s.product.ValidDays-1)
					p.EndsOn = &last
				}
				passes = append(passes, p)
			case KindResource:
				bookings = append(bookings, &Booking{
					SiteID: r.site.ID, ID: id, ContactID: s.holder, ProductID: s.product.ID, SlotID: *s.line.SlotID, LineID: &s.line.ID, State: BookingBooked,
				})
			}
		}
	}
	if err := r.insertTickets(ctx, tickets, places); err != nil {
		return err
	}
	for _, one := range []struct {
		rows any
		n    int
	}{{&memberships, len(memberships)}, {&passes, len(passes)}, {&bookings, len(bookings)}} {
		if one.n == 0 {
			continue
		}
		if _, err := r.tx.NewInsert().Model(one.rows).Exec(ctx); err != nil {
			return db.MapError(err, "give what was bought")
		}
	}
	return r.tellMemberships(ctx, r.tx, DeedMembershipCreated, memberships...)
}

// membership is a line's subscription. Without a day of its own it goes on where one of the same plan ends; one that went back before
// it began is none.
func (r *recording) membership(ctx context.Context, s sold, before []*Membership) (*Membership, error) {
	m := &Membership{SiteID: r.site.ID, ID: uuid.Must(uuid.NewV7()), ContactID: s.holder, PlanID: s.product.ID, LineID: &s.line.ID, StartsOn: r.site.Day(r.order.OrderedAt)}
	if s.in.StartsOn != nil {
		m.StartsOn = *s.in.StartsOn
	} else {
		var last *time.Time
		err := r.tx.NewSelect().TableExpr("membership").ColumnExpr("max(ends_on)").
			Where("site_id = ? AND contact_id = ? AND plan_id = ? AND ends_on >= ? AND ends_on >= starts_on", r.site.ID, s.holder, s.product.ID, m.StartsOn).Scan(ctx, &last)
		if err != nil {
			return nil, db.MapError(err, "read membership")
		}
		for _, b := range before {
			if b.ContactID == s.holder && b.PlanID == s.product.ID && b.EndsOn != nil && (last == nil || b.EndsOn.After(*last)) {
				last = b.EndsOn
			}
		}
		if last != nil {
			m.StartsOn = last.AddDate(0, 0, 1)
		}
	}
	m.EndsOn = lastDay(m.StartsOn, s.product.Months)
	return m, nil
}

// lastDay gives the last day of a number of months from a day on: the day before the same day of the month, or before the first of
// the next month where that month has no such day. nil without an end.
func lastDay(first time.Time, months *int) *time.Time {
	if months == nil {
		return nil
	}
	last := first.AddDate(0, *months, -1)
	if end := time.Date(first.Year(), first.Month()+time.Month(*months)+1, 0, 0, 0, 0, 0, time.UTC); first.AddDate(0, *months, 0).Day() != first.Day() {
		last = end
	}
	return &last
}
