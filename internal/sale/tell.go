package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// Deed is something that other programs may want to hear of. Its name never changes: it stands in what they are sent.
type Deed string

// The deeds.
const (
	DeedOrderRecorded       Deed = "order.recorded"
	DeedOrderReturned       Deed = "order.returned" // some of it or all
	DeedMembershipCreated   Deed = "membership.created"
	DeedMembershipCancelled Deed = "membership.cancelled"
	DeedEventPublished      Deed = "event.published"
	DeedEventCancelled      Deed = "event.cancelled"
)

// Told is one deed as it is told. Data holds no names of people: contacts are ids.
type Told struct {
	Data     map[string]any
	Contacts []uuid.UUID
}

// Tell is how packages above hear of deeds of one kind, in the transaction that does them.
type Tell func(ctx context.Context, tx bun.IDB, siteID uuid.UUID, deed Deed, told ...Told) error

// tell is Tell of one deed where somebody listens.
func (s *Service) tell(ctx context.Context, tx bun.IDB, siteID uuid.UUID, deed Deed, data map[string]any, contacts ...*uuid.UUID) error {
	if s.Tell == nil {
		return nil
	}
	var ids []uuid.UUID
	for _, id := range contacts {
		if id != nil {
			ids = append(ids, *id)
		}
	}
	return s.Tell(ctx, tx, siteID, deed, Told{data, ids})
}

// tellOrder tells of an order with its lines.
func (s *Service) tellOrder(ctx context.Context, tx bun.IDB, deed Deed, o *Order, lines []*Line) error {
	contacts := []*uuid.UUID{o.BuyerID, o.PayerID}
	list := make([]map[string]any, len(lines))
	for i, l := range lines {
		contacts = append(contacts, l.AttendeeID)
		list[i] = map[string]any{
			"id": l.ID, "productId": l.ProductID, "label": l.Label, "quantity": l.Quantity, "returned": l.Returned, "unitPrice": l.UnitPrice, "attendeeId": l.AttendeeID,
		}
	}
	return s.tell(ctx, tx, o.SiteID, deed, map[string]any{"order": map[string]any{
		"id": o.ID, "number": o.Number, "reference": o.Reference, "channel": o.Channel, "state": o.State, "currency": o.Currency,
		"total": o.Total, "returned": o.Returned, "paid": o.Paid, "buyerId": o.BuyerID, "payerId": o.PayerID, "orderedAt": o.OrderedAt.UTC(), "lines": list,
	}}, contacts...)
}

// tellReturned tells of an order of which something went back, with all its lines.
func (s *Service) tellReturned(ctx context.Context, tx bun.IDB, o *Order) error {
	if s.Tell == nil {
		return nil
	}
	var lines []*Line
	if err := tx.NewSelect().Model(&lines).Where("site_id = ? AND order_id = ?", o.SiteID, o.ID).Order("position").Scan(ctx); err != nil {
		return db.MapError(err, "read order lines")
	}
	return s.tellOrder(ctx, tx, DeedOrderReturned, o, lines)
}

// tellEvent tells of an event that came to another state, where others want to hear of that.
func (s *Service) tellEvent(ctx context.Context, tx bun.IDB, before EventState, e *Event) error {
	deeds := map[EventState]Deed{EventPublished: DeedEventPublished, EventCancelled: DeedEventCancelled}
	if e.State == before || deeds[e.State] == "" {
		return nil
	}
	return s.tell(ctx, tx, e.SiteID, deeds[e.State], map[string]any{"event": map[string]any{
		"id": e.ID, "name": e.Name, "place": e.Place, "url": e.URL, "reference": e.Reference, "startsAt": e.StartsAt.UTC(), "endsAt": e.EndsAt.UTC(), "organizerId": e.OrganizerID,
	}}, e.OrganizerID)
}

// tellMemberships tells of memberships of one site.
func (s *Service) tellMemberships(ctx context.Context, tx bun.IDB, deed Deed, list ...*Membership) error {
	if s.Tell == nil || len(list) == 0 {
		return nil
	}
	day := func(t *time.Time) *string {
		if t == nil {
			return nil
		}
		text := t.Format(time.DateOnly)
		return &text
	}
	told := make([]Told, len(list))
	for i, m := range list {
		told[i] = Told{map[string]any{"membership": map[string]any{
			"id": m.ID, "planId": m.PlanID, "contactId": m.ContactID, "startsOn": day(&m.StartsOn), "endsOn": day(m.EndsOn),
		}}, []uuid.UUID{m.ContactID}}
	}
	return s.Tell(ctx, tx, list[0].SiteID, deed, told...)
}
