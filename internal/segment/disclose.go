package segment

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// SectionSegments is what was said by hand of the contact and segments.
const SectionSegments = "segments"

type handItem struct {
	Name     string    `json:"name"`
	Excluded bool      `json:"excluded,omitempty"` // taken out; else put in
	At       time.Time `json:"at" bun:"said_at"`
}

// Disclose gives the segments that a contact was put into or taken out of by hand. Who else is in one is computed from the record. q is to be one snapshot.
// The caller has the right.
func Disclose(ctx context.Context, q bun.IDB, siteID, contactID uuid.UUID, give func(section string, item any) error) error {
	var rows []handItem
	err := q.NewRaw(`SELECT s.name, m.excluded, m.said_at FROM segment_member m JOIN segment s ON s.site_id = m.site_id AND s.id = m.segment_id
		WHERE m.site_id = ? AND m.contact_id = ? ORDER BY m.said_at, s.id`, siteID, contactID).Scan(ctx, &rows)
	if err != nil {
		return db.MapError(err, "read segments by hand")
	}
	for _, one := range rows {
		if err := give(SectionSegments, one); err != nil {
			return err
		}
	}
	return nil
}
