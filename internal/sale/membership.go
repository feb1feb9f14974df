package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// CancelMembership ends a membership on a day, which is its last; nil: today. It takes nothing back of an order. Needs an operator,
// or a key with that role. NotFound. Mendable: INVALID_DATE.
func (s *Service) CancelMembership(ctx context.Context, id uuid.UUID, last *time.Time) (*Membership, error) {
	return onHeld(ctx, s, "membership", id, func(ctx context.Context, tx bun.Tx, a site.Actor, m *Membership) error {
		of, err := site.Of(ctx, tx, a)
		if err != nil {
			return err
		}
		day := s.today(of)
		if last != nil {
			day = *last
		} else if day.Before(m.StartsOn) {
			day = m.StartsOn.AddDate(0, 0, -1) // it never begins
		}
		if day.Before(m.StartsOn.AddDate(0, 0, -1)) || m.EndsOn != nil && day.After(*m.EndsOn) {
			return fault.Invalid(fault.InvalidDate, []string{"at"}, "it ends between %s and its present end", m.StartsOn.AddDate(0, 0, -1).Format(time.DateOnly))
		}
		now := s.now()
		m.EndsOn, m.CancelledAt, m.Renews = &day, &now, false
		if _, err = tx.NewUpdate().Model(m).Column("ends_on", "cancelled_at", "renews").WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "cancel membership")
		}
		return s.tellMemberships(ctx, tx, DeedMembershipCancelled, m)
	})
}

// RenewMembership gives another term of the same plan without a sale: from the day after the last one ends, or from today. Needs a
// manager, or a key with that role. NotFound. Mendable: INVALID when it has no end.
func (s *Service) RenewMembership(ctx context.Context, id uuid.UUID) (*Membership, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	var next *Membership
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		m := new(Membership)
		if err := tx.NewSelect().Model(m).Where("site_id = ? AND id = ?", a.SiteID, id).Scan(ctx); err != nil {
			return db.Missing(err, "membership", "read membership")
		}
		if err := holdContact(ctx, tx, a.SiteID, m.ContactID); err != nil {
			return err
		}
		var plan Product
		if err := tx.NewSelect().Model(&plan).Where("site_id = ? AND id = ?", a.SiteID, m.PlanID).Scan(ctx); err != nil {
			return db.MapError(err, "read plan")
		}
		of, err := site.Of(ctx, tx, a)
		if err != nil {
			return err
		}
		var terms struct {
			Last    *time.Time
			Endless bool
		}
		err = tx.NewSelect().TableExpr("membership").ColumnExpr("max(ends_on) AS last, coalesce(bool_or(ends_on IS NULL), false) AS endless").
			Where("site_id = ? AND contact_id = ? AND plan_id = ? AND coalesce(ends_on >= starts_on, true)", a.SiteID, m.ContactID, m.PlanID).Scan(ctx, &terms)
		if err != nil {
			return db.MapError(err, "read memberships")
		}
		if terms.Endless {
			return fault.Invalid(fault.InvalidValue, []string{"id"}, "this membership has no end")
		}
		next = &Membership{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), ContactID: m.ContactID, PlanID: m.PlanID, StartsOn: s.today(of), Renews: m.Renews}
		if terms.Last != nil && !terms.Last.Before(next.StartsOn) { // nil: none of them ever began
			next.StartsOn = terms.Last.AddDate(0, 0, 1)
		}
		next.EndsOn = lastDay(next.StartsOn, plan.Months)
		if _, err = tx.NewInsert().Model(next).Returning("created_at").Exec(ctx); err != nil {
			return db.MapError(err, "insert membership")
		}
		return s.tellMemberships(ctx, tx, DeedMembershipCreated, next)
	})
	return next, err
}

// CancelBooking frees a booking's slot. What it cost goes back as by Return, a use of a pass as well. Needs an operator, or a key
// with that role; a manager when whoever booked was there. NotFound. Mendable: CANCELLED, USED.
func (s *Service) CancelBooking(ctx context.Context, id uuid.UUID, reason string) (*Booking, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	v := checker{}
	if v.text(reason, 2000, "reason"); len(v.list) > 0 {
		return nil, v.list.Err()
	}
	b := new(Booking)
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := tx.NewSelect().Model(b).Where("site_id = ? AND id = ?", a.SiteID, id).Scan(ctx); err != nil {
			return db.Missing(err, "booking", "read booking")
		}
		if err := s.freeSlot(ctx, tx, a, b, reason); err != nil {
			return err
		}
		b.State = BookingCancelled
		if b.PassID == nil {
			return nil
		}
		_, err := tx.NewRaw("UPDATE pass SET used = greatest(0, used - 1) WHERE site_id = ? AND id = ?", a.SiteID, *b.PassID).Exec(ctx)
		return db.MapError(err, "give back a pass's use")
	})
	return b, err
}

// freeSlot takes a booking back with its part of an order; one without an order by itself.
func (s *Service) freeSlot(ctx context.Context, tx bun.Tx, a site.Actor, b *Booking, reason string) error {
	back := &returning{reason: reason, key: "booking/" + b.ID.String(), sum: []byte{}}
	line := &Line{ProductID: b.ProductID, SlotID: &b.SlotID}
	own := &unit{ID: b.ID, Table: "booking"}
	if b.LineID != nil {
		var orderID uuid.UUID
		if err := tx.NewSelect().Model((*Line)(nil)).Column("order_id").Where("site_id = ? AND id = ?", a.SiteID, *b.LineID).Scan(ctx, &orderID); err != nil {
			return db.MapError(err, "read order line")
		}
		var err error
		if back.order, err = holdOrder(ctx, tx, a.SiteID, orderID); err != nil {
			return err
		}
		g, err := readGiven(ctx, tx, a.SiteID, []uuid.UUID{orderID}, true)
		if err != nil {
			return err
		}
		line = g.line(orderID, *b.LineID)
	}
	if err := tx.NewSelect().Model(b).WherePK().For("UPDATE").Scan(ctx); err != nil {
		return db.MapError(err, "hold booking")
	}
	switch {
	case b.State == BookingCancelled:
		return &fault.Error{Code: fault.Conflict, Reason: ReasonCancelled, Path: []string{"id"}, Message: "this booking was cancelled before"}
	case b.State == BookingAttended && a.Access < site.AccessManager:
		return &fault.Error{Code: fault.Conflict, Reason: ReasonUsed, Path: []string{"id"}, Message: "whoever booked was there; a manager can cancel it all the same"}
	}
	back.add(line, []*unit{own})
	if b.LineID != nil {
		return s.takeBack(ctx, tx, a, []*returning{back})
	}
	if err := uncount(ctx, tx, a.SiteID, []*returning{back}); err != nil {
		return err
	}
	return s.cancelUnits(ctx, tx, a, []*returning{back})
}
