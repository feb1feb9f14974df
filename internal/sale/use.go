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

// CheckIn lets a ticket's holder in, once: by what the QR code says. eventID is whose door it is; nil: any. Needs an operator, or a key with
// that role. A ticket that was used before, or is of another event, is given beside the refusal. Mendable: UNKNOWN code, OTHER_EVENT, CANCELLED,
// EVENT_CANCELLED, USED, which names when.
func (s *Service) CheckIn(ctx context.Context, code string, eventID *uuid.UUID) (*Ticket, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	t := new(Ticket)
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		err := tx.NewSelect().Model(t).Where("site_id = ? AND code = ?", a.SiteID, code).For("UPDATE").Scan(ctx)
		path := []string{"code"}
		switch {
		case db.NoRows(err):
			t = nil
			return fault.Invalid(fault.Unknown, path, "this is no ticket of this site")
		case err != nil:
			return db.MapError(err, "read ticket")
		case eventID != nil && t.EventID != *eventID:
			return &fault.Error{Code: fault.Conflict, Reason: ReasonOtherEvent, Path: path, Message: "this ticket is of another event"}
		case t.State == TicketCancelled:
			return &fault.Error{Code: fault.Conflict, Reason: ReasonCancelled, Path: path, Message: "this ticket was given back"}
		case t.State == TicketUsed:
			of, err := site.Of(ctx, tx, a)
			if err != nil {
				return err
			}
			return &fault.Error{Code: fault.Conflict, Reason: ReasonUsed, Path: path, Message: "this ticket was used on " + t.UsedAt.In(of.Location()).Format("2006-01-02 at 15:04")}
		}
		cancelled, err := tx.NewSelect().Model((*Event)(nil)).Where("site_id = ? AND id = ? AND state = ?", a.SiteID, t.EventID, EventCancelled).Exists(ctx)
		if err != nil {
			return db.MapError(err, "read event")
		}
		if cancelled {
			return &fault.Error{Code: fault.Conflict, Reason: ReasonEventCancelled, Path: path, Message: "the event of this ticket was cancelled"}
		}
		now := s.now()
		t.State, t.UsedAt = TicketUsed, &now
		return writeUse(ctx, tx, t)
	})
	return t, err
}

// UndoCheckIn makes a used ticket valid again. Needs an operator, or a key with that role. NotFound. Mendable: CANCELLED.
func (s *Service) UndoCheckIn(ctx context.Context, id uuid.UUID) (*Ticket, error) {
	return onHeld(ctx, s, "ticket", id, func(ctx context.Context, tx bun.Tx, _ site.Actor, t *Ticket) error {
		switch t.State {
		case TicketCancelled:
			return &fault.Error{Code: fault.Conflict, Reason: ReasonCancelled, Path: []string{"id"}, Message: "this ticket was given back"}
		case TicketValid:
			return nil
		}
		t.State, t.UsedAt = TicketValid, nil
		return writeUse(ctx, tx, t)
	})
}

func writeUse(ctx context.Context, tx bun.IDB, t *Ticket) error {
	_, err := tx.NewUpdate().Model(t).Column("state", "used_at").WherePK().Exec(ctx)
	return db.MapError(err, "update ticket")
}

// UsePass takes one use of a pass. Needs an operator, or a key with that role. NotFound. Mendable: CANCELLED, EXPIRED, USED when none
// is left.
func (s *Service) UsePass(ctx context.Context, id uuid.UUID) (*Pass, error) {
	return onHeld(ctx, s, "pass", id, func(ctx context.Context, tx bun.Tx, a site.Actor, p *Pass) error {
		of, err := site.Of(ctx, tx, a)
		if err != nil {
			return err
		}
		refuse := func(reason, message string) error {
			return &fault.Error{Code: fault.Conflict, Reason: reason, Path: []string{"id"}, Message: message}
		}
		switch today := s.today(of); {
		case p.CancelledAt != nil:
			return refuse(ReasonCancelled, "this pass was given back")
		case today.Before(p.ValidOn):
			return refuse(ReasonExpired, "this pass is good from "+p.ValidOn.Format(time.DateOnly))
		case p.EndsOn != nil && today.After(*p.EndsOn):
			return refuse(ReasonExpired, "this pass was good until "+p.EndsOn.Format(time.DateOnly))
		case p.Used >= p.Uses:
			return refuse(ReasonUsed, "no use of this pass is left")
		}
		p.Used++
		_, err = tx.NewUpdate().Model(p).Column("used").WherePK().Exec(ctx)
		return db.MapError(err, "use pass")
	})
}

// UndoUsePass gives one use of a pass back. Needs an operator, or a key with that role. NotFound. Mendable: CANCELLED; TOO_MUCH when nothing
// was used but for bookings, whose use comes back when they are cancelled.
func (s *Service) UndoUsePass(ctx context.Context, id uuid.UUID) (*Pass, error) {
	return onHeld(ctx, s, "pass", id, func(ctx context.Context, tx bun.Tx, a site.Actor, p *Pass) error {
		if p.CancelledAt != nil {
			return &fault.Error{Code: fault.Conflict, Reason: ReasonCancelled, Path: []string{"id"}, Message: "this pass was given back"}
		}
		booked, err := tx.NewSelect().Model((*Booking)(nil)).Where("site_id = ? AND pass_id = ? AND state <> ?", a.SiteID, p.ID, BookingCancelled).Count(ctx)
		if err != nil {
			return db.MapError(err, "count bookings of a pass")
		}
		if p.Used <= int(booked) {
			return &fault.Error{Code: fault.Conflict, Reason: ReasonTooMuch, Path: []string{"id"}, Message: "no use of this pass is to be given back; a use for a booking comes back when that is cancelled"}
		}
		p.Used--
		_, err = tx.NewUpdate().Model(p).Column("used").WherePK().Exec(ctx)
		return db.MapError(err, "give back a use")
	})
}

// MarkAttended says whether whoever booked came. Needs an operator, or a key with that role. NotFound. Mendable: CANCELLED.
func (s *Service) MarkAttended(ctx context.Context, id uuid.UUID, came bool) (*Booking, error) {
	return onHeld(ctx, s, "booking", id, func(ctx context.Context, tx bun.Tx, _ site.Actor, b *Booking) error {
		if b.State == BookingCancelled {
			return &fault.Error{Code: fault.Conflict, Reason: ReasonCancelled, Path: []string{"id"}, Message: "this booking was cancelled"}
		}
		b.State = BookingBooked
		if came {
			b.State = BookingAttended
		}
		_, err := tx.NewUpdate().Model(b).Column("state").WherePK().Exec(ctx)
		return db.MapError(err, "update booking")
	})
}

// onHeld does something to a row that it has locked.
func onHeld[T any](ctx context.Context, s *Service, kind string, id uuid.UUID, do func(context.Context, bun.Tx, site.Actor, *T) error) (*T, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	row := new(T)
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := tx.NewSelect().Model(row).Where("site_id = ? AND id = ?", a.SiteID, id).For("UPDATE").Scan(ctx); err != nil {
			return db.Missing(err, kind, "read "+kind)
		}
		return do(ctx, tx, a, row)
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}
