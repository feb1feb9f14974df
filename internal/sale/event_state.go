package sale

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/indicator"
	"carnet/internal/site"
)

// How far an event is, as staff decide it.

// maxRefusal is how long what is said to an organizer may be.
const maxRefusal = 1000

// PublishEvent puts an event on sale, also one that was refused. Needs a manager. Mendable: EVENT_CANCELLED.
func (s *Service) PublishEvent(ctx context.Context, id uuid.UUID) (*Event, error) {
	return s.moveEvent(ctx, id, ActionPublished, func(_ context.Context, _ bun.IDB, e *Event) error {
		e.State, e.Refusal = EventPublished, ""
		return nil
	})
}

// UnpublishEvent makes a published event a draft again, as long as nobody has bought for it: who holds a ticket must find their event, or be told that it
// is cancelled. Needs a manager. Mendable: NOT_PUBLISHED, SOLD, EVENT_CANCELLED.
func (s *Service) UnpublishEvent(ctx context.Context, id uuid.UUID) (*Event, error) {
	return s.moveEvent(ctx, id, ActionUnpublished, func(ctx context.Context, tx bun.IDB, e *Event) error {
		if e.State != EventPublished {
			return &fault.Error{Code: fault.Conflict, Reason: ReasonNotPublished, Message: "this event is not published"}
		}
		if err := unsold(ctx, tx, e); err != nil {
			return err
		}
		e.State = EventDraft
		return nil
	})
}

// RefuseEvent sends a submitted event back with a reason, which its organizer reads; who may edit it hands it in again by that. Needs a manager. Mendable:
// a reason that is missing or too long, NOT_SUBMITTED, EVENT_CANCELLED.
func (s *Service) RefuseEvent(ctx context.Context, id uuid.UUID, reason string) (*Event, error) {
	reason = strings.TrimSpace(reason)
	return s.moveEvent(ctx, id, ActionRefused, func(_ context.Context, _ bun.IDB, e *Event) error {
		v := checker{}
		if reason == "" {
			v.add(fault.Required, []string{"reason"}, "say why; the organizer reads it")
		}
		v.text(reason, maxRefusal, "reason")
		if err := v.list.Err(); err != nil {
			return err
		}
		if e.State != EventSubmitted {
			return &fault.Error{Code: fault.Conflict, Reason: ReasonNotSubmitted, Message: "only an event that an organizer submitted, and that is not published yet, is refused"}
		}
		e.State, e.Refusal = EventRefused, reason
		return nil
	})
}

// CancelEvent takes an event off sale for good. What was sold stays sold: giving money back is a decision of its own. Needs a
// manager. Mendable: EVENT_CANCELLED.
func (s *Service) CancelEvent(ctx context.Context, id uuid.UUID) (*Event, error) {
	return s.moveEvent(ctx, id, ActionCancelled, func(_ context.Context, _ bun.IDB, e *Event) error {
		at := s.now()
		e.State, e.Refusal, e.CancelledAt = EventCancelled, "", &at
		return nil
	})
}

// moveEvent changes an event's state and tells it. What is so already stays, and is told once.
func (s *Service) moveEvent(ctx context.Context, id uuid.UUID, action CatalogueAction, move func(context.Context, bun.IDB, *Event) error) (*Event, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	var e *Event
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if e, err = holdEvent(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		before := e.State
		if err := move(ctx, tx, e); err != nil || e.State == before {
			return err
		}
		if err := s.writeEvent(ctx, tx, e); err != nil {
			return err
		}
		if err := s.enterEvent(ctx, tx, e, action); err != nil {
			return err
		}
		return s.tellEvent(ctx, tx, before, e)
	})
	return e, err
}

// DeleteEvent removes an event that is not published, with its ticket types, their prices and quotas. Its history stays. Needs a manager. NotFound.
// Mendable: PUBLISHED, SOLD, IN_USE by an offer or an indicator, EVENT_CANCELLED: what was cancelled is kept for those who may ask.
func (s *Service) DeleteEvent(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		e, err := holdEvent(ctx, tx, a.SiteID, id)
		if err != nil {
			return err
		}
		if e.State == EventPublished {
			return &fault.Error{Code: fault.Conflict, Reason: ReasonPublished, Message: "the event is published; unpublish it first, or cancel it"}
		}
		if err := unsold(ctx, tx, e); err != nil {
			return err
		}
		if err := unoffered(ctx, tx, e.SiteID, "product_id IN (SELECT id FROM product WHERE site_id = ? AND event_id = ?)", e.SiteID, e.ID); err != nil {
			return err
		}
		var types []uuid.UUID
		if err := tx.NewSelect().Model((*Product)(nil)).Column("id").Where("site_id = ? AND event_id = ?", e.SiteID, e.ID).Scan(ctx, &types); err != nil {
			return db.MapError(err, "read ticket types")
		}
		if err := uncounted(ctx, tx, e.SiteID, types, []uuid.UUID{e.ID}); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(e).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "delete event")
		}
		return s.enterEvent(ctx, tx, e, ActionDeleted)
	})
}

// unsold refuses an event for which something was sold, whether or not it went back.
func unsold(ctx context.Context, tx bun.IDB, e *Event) error {
	sold, err := tx.NewSelect().TableExpr("order_line AS l").Join("JOIN product AS p ON p.site_id = l.site_id AND p.id = l.product_id").
		Where("p.site_id = ? AND p.event_id = ?", e.SiteID, e.ID).Exists(ctx)
	if err != nil {
		return db.MapError(err, "look for sales")
	}
	if sold {
		return &fault.Error{Code: fault.Conflict, Reason: ReasonSold, Message: "tickets were sold for this event: cancel it, so that their holders are told"}
	}
	return nil
}

// unoffered refuses what an offer names, put away or not.
func unoffered(ctx context.Context, tx bun.IDB, siteID uuid.UUID, which string, args ...any) error {
	var names []string
	err := tx.NewSelect().TableExpr("offer").Column("name").Where("site_id = ?", siteID).Where(which, args...).Order("name", "id").Limit(1).Scan(ctx, &names)
	if err != nil {
		return db.MapError(err, "look for offers")
	}
	if len(names) > 0 {
		return &fault.Error{Code: fault.Conflict, Reason: fault.InUse, Message: "the offer " + names[0] + " is about it; change that first"}
	}
	return nil
}

// uncounted refuses what an indicator counts only.
func uncounted(ctx context.Context, tx bun.IDB, siteID uuid.UUID, products, events []uuid.UUID) error {
	used, err := indicator.InUse(ctx, tx, siteID, products, events)
	if err != nil || !used {
		return err
	}
	return &fault.Error{Code: fault.Conflict, Reason: fault.InUse, Message: "an indicator counts it by name; change that first"}
}
