package sale

import (
	"context"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// MaxEventContacts is how many contacts of a role an event has at most.
const MaxEventContacts = 100

// EventContact is a contact's part in an event.
type EventContact struct {
	bun.BaseModel `bun:"table:event_contact,alias:part"`

	SiteID    uuid.UUID `bun:",pk"`
	EventID   uuid.UUID `bun:",pk"`
	Role      EventRole `bun:",pk"`
	ContactID uuid.UUID `bun:",pk"`
}

// EventRole is what a contact has to do with an event.
type EventRole string

// The roles, in the order in which they are shown (S-08 to S-11).
const (
	RoleProducer EventRole = "producer"
	RoleGuide    EventRole = "guide"
	RoleSupplier EventRole = "supplier"
	RolePartner  EventRole = "partner"
)

// EventRoles lists them.
var EventRoles = []EventRole{RoleProducer, RoleGuide, RoleSupplier, RolePartner}

// Type gives the operational type that a contact needs for the role.
func (r EventRole) Type() contact.OperationalType {
	return map[EventRole]contact.OperationalType{
		RoleProducer: contact.Producer, RoleGuide: contact.Guide, RoleSupplier: contact.Supplier, RolePartner: contact.Partner,
	}[r]
}

// SetEventContacts writes who has a role at an event, in place of who had it. Only contacts of the role's type are taken (S-08 to
// S-11); who has the role already may keep it when the type is gone. Needs a manager. Mendable: UNKNOWN contact, EVENT_CANCELLED.
func (s *Service) SetEventContacts(ctx context.Context, eventID uuid.UUID, role EventRole, ids []uuid.UUID) (*Event, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(EventRoles, role) {
		return nil, fault.Invalid(fault.InvalidValue, []string{"role"}, "a role is %s", joined(EventRoles))
	}
	if len(ids) > MaxEventContacts {
		return nil, fault.Invalid(fault.TooLong, []string{"contactIds"}, "an event has at most %d of a role", MaxEventContacts)
	}
	var e *Event
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		living, err := s.book.Living(ctx, tx, a.SiteID, ids, role.Type())
		if err != nil {
			return err
		}
		if e, err = holdEvent(ctx, tx, a.SiteID, eventID); err != nil {
			return err
		}
		var had []uuid.UUID
		err = tx.NewSelect().Model((*EventContact)(nil)).Column("contact_id").Where("site_id = ? AND event_id = ? AND role = ?", a.SiteID, eventID, role).Scan(ctx, &had)
		if err != nil {
			return db.MapError(err, "read contacts of an event")
		}
		v := checker{}
		rows := make([]*EventContact, 0, len(ids))
		for i, id := range ids {
			if !living[id] && !slices.Contains(had, id) {
				v.add(fault.Unknown, []string{"contactIds", strconv.Itoa(i)}, "the site has no such contact%s", typed(role.Type()))
			}
			rows = append(rows, &EventContact{SiteID: a.SiteID, EventID: eventID, Role: role, ContactID: id})
		}
		if err := v.list.Err(); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*EventContact)(nil)).Where("site_id = ? AND event_id = ? AND role = ?", a.SiteID, eventID, role).Exec(ctx); err != nil {
			return db.MapError(err, "forget contacts of an event")
		}
		if len(rows) == 0 {
			return nil
		}
		_, err = tx.NewInsert().Model(&rows).On("CONFLICT DO NOTHING").Exec(ctx)
		return db.MapError(err, "write contacts of an event")
	})
	return e, err
}

// EventContactsOf gives who has a part in events, by role. Needs a viewer.
func (s *Service) EventContactsOf(ctx context.Context, events []uuid.UUID) (map[uuid.UUID][]*EventContact, error) {
	by, err := grouped(ctx, s, "event_id", events, "contact_id", func(p *EventContact) uuid.UUID { return p.EventID })
	for _, list := range by {
		slices.SortStableFunc(list, func(a, b *EventContact) int {
			return slices.Index(EventRoles, a.Role) - slices.Index(EventRoles, b.Role)
		})
	}
	return by, err
}
