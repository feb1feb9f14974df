package webhook

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// payload is what is posted.
type payload struct {
	Type      EventType      `json:"type"`
	Timestamp time.Time      `json:"timestamp"`
	Data      map[string]any `json:"data"`
}

// told is a contact as a payload names it. Of one that was deleted for good there is nothing but the id.
type told struct {
	ID          uuid.UUID    `json:"id"`
	Number      int64        `json:"number,omitempty"`
	Kind        contact.Kind `json:"kind,omitempty"`
	DisplayName string       `json:"displayName,omitempty"`
}

// Payloads gives the bodies of deliveries as they would be sent now. Needs a manager.
func (s *Service) Payloads(ctx context.Context, list []*Delivery) ([]json.RawMessage, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		if d.SiteID != a.SiteID {
			return nil, fault.Missing("delivery")
		}
	}
	return s.bodies(ctx, list...)
}

// bodies writes what is posted, of deliveries of one site. Contacts are named as they are now.
func (s *Service) bodies(ctx context.Context, list ...*Delivery) ([]json.RawMessage, error) {
	names, err := s.names(ctx, list)
	if err != nil {
		return nil, err
	}
	out := make([]json.RawMessage, len(list))
	for i, d := range list {
		data := maps.Clone(d.Data)
		if d.Event.ofSegment() || len(d.ContactIDs) > 0 {
			contacts := make([]told, len(d.ContactIDs))
			for n, id := range d.ContactIDs {
				contacts[n] = told{ID: id}
				if known, there := names[id]; there {
					contacts[n] = known
				}
			}
			data["contacts"] = contacts
		}
		if out[i], err = json.Marshal(payload{d.Event, d.CreatedAt.UTC(), data}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// names reads the contacts that deliveries name.
func (s *Service) names(ctx context.Context, list []*Delivery) (map[uuid.UUID]told, error) {
	var ids []uuid.UUID
	for _, d := range list {
		ids = append(ids, d.ContactIDs...)
	}
	out := make(map[uuid.UUID]told, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	var rows []*contact.Record
	err := s.db.Bun.NewSelect().Model(&rows).Column("id", "number", "kind", "name", "first_name", "last_name", "email").
		Where("site_id = ? AND id IN (?)", list[0].SiteID, bun.List(slices.Compact(ids))).Scan(ctx)
	for _, r := range rows {
		out[r.ID] = told{ID: r.ID, Number: int64(r.Number), Kind: r.Kind, DisplayName: r.DisplayName()}
	}
	return out, db.MapError(err, "read contacts")
}
