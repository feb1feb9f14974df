package indicator

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// windows are the moments that have left the periods of a site's indicators between two of its days, by what they are moments of.
const windows = `SELECT CASE measure WHEN 'tickets' THEN 'had' WHEN 'visits' THEN 'visited' ELSE 'bought' END AS what,
	w.was::timestamp AT TIME ZONE s.time_zone AS since, w.now::timestamp AT TIME ZONE s.time_zone AS until
FROM indicator i JOIN site s ON s.id = i.site_id, LATERAL (SELECT indicator_since(i, ?1::date) AS was, indicator_since(i, ?2::date) AS now) w
WHERE i.site_id = ?0 AND i.archived_at IS NULL AND i.deleted_at IS NULL AND i.period <> 'ever' AND w.was < w.now`

// left finds who had something in a window, by what it is of. Its bounds are values: PostgreSQL would guess them to hold a part of everything.
var left = map[string]string{
	"bought": "SELECT buyer_id FROM sale_order WHERE site_id = ?0 AND ordered_at >= ?1 AND ordered_at < ?2 AND buyer_id IS NOT NULL",
	"had": `SELECT t.contact_id FROM sale_order o JOIN order_line l ON l.site_id = o.site_id AND l.order_id = o.id JOIN ticket t ON t.site_id = l.site_id AND t.line_id = l.id
		WHERE o.site_id = ?0 AND o.ordered_at >= ?1 AND o.ordered_at < ?2 AND t.contact_id IS NOT NULL`,
	"visited": `SELECT t.contact_id FROM event v JOIN ticket t ON t.site_id = v.site_id AND t.event_id = v.id
		WHERE v.site_id = ?0 AND v.starts_at >= ?1 AND v.starts_at < ?2 AND t.contact_id IS NOT NULL AND t.state = 'used'
		UNION SELECT b.contact_id FROM slot v JOIN booking b ON b.site_id = v.site_id AND b.slot_id = v.id
		WHERE v.site_id = ?0 AND v.starts_at >= ?1 AND v.starts_at < ?2 AND b.state = 'attended'`,
}

// Passed finds whose values changed because days passed, from one of the site's to another: what leaves a period leaves it at midnight.
func Passed(ctx context.Context, q bun.IDB, siteID uuid.UUID, since, today string) ([]uuid.UUID, error) {
	var of []struct {
		What         string
		Since, Until time.Time
	}
	if since == today {
		return nil, nil
	}
	if err := q.NewRaw(windows, siteID, since, today).Scan(ctx, &of); err != nil {
		return nil, db.MapError(err, "read what has left periods")
	}
	var who []uuid.UUID
	for _, w := range of {
		var some []uuid.UUID
		if err := q.NewRaw(left[w.What], siteID, w.Since, w.Until).Scan(ctx, &some); err != nil {
			return nil, db.MapError(err, "find whom it was of")
		}
		who = append(who, some...)
	}
	return who, nil
}

// Refresh has the values of contacts written that differ from what they come to at a moment.
func Refresh(ctx context.Context, q bun.IDB, siteID uuid.UUID, contacts []uuid.UUID, at time.Time) error {
	return refresh(ctx, q, siteID, contacts, at, nil)
}
