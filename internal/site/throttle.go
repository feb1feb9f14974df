package site

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// Throttle is what somebody has tried at the site in a window of time that has not ended.
type Throttle struct {
	ID    string // of the bucket
	Limit string // which of the limits of docs/embedding.md
	Who   string // a***@example.org, 192.0.2.0/24, a member of staff; empty: the site
	Count int
	Most  int
	Until time.Time
}

// Full tells whether further tries are refused.
func (t Throttle) Full() bool { return t.Count >= t.Most }

// LoadBucket is the bucket that counts how busy a site's doors are. It refuses nobody, so it is no throttle.
const LoadBucket = "load/site"

// throttlesNow are the windows of a site that have not ended, the fullest first. Those of staff hold an id, which is told by name.
const throttlesNow = `
SELECT b.key AS id, substring(b.key FROM '^[^/]+/[^/]+') AS "limit", coalesce(m.name, b.shown) AS who, b.count, b.most, b.window_end AS until
FROM rate_bucket AS b LEFT JOIN staff AS m ON m.site_id = b.site_id AND m.id::text = b.shown
WHERE b.site_id = ? AND b.key <> '` + LoadBucket + `' AND b.window_start <= ? AND b.window_end > ? AND b.count > 0
ORDER BY b.count::float8 / b.most DESC, b.window_end DESC, b.key LIMIT 200`

// Throttles gives what is counted at the site now, the 200 fullest. Needs a manager.
func (s *Service) Throttles(ctx context.Context) ([]Throttle, error) {
	a, err := Require(ctx, AccessManager)
	if err != nil {
		return nil, err
	}
	rows, now := []Throttle{}, s.Now()
	err = s.db.Bun.NewRaw(throttlesNow, a.SiteID, now, now).Scan(ctx, &rows)
	return rows, db.MapError(err, "read throttles")
}

// ReleaseThrottle forgets the tries of a bucket: whoever they were may try again at once. It is noted. Needs an owner.
func (s *Service) ReleaseThrottle(ctx context.Context, id string) error {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var rows []db.Bucket
		if _, err := tx.NewDelete().Model(&rows).Where("site_id = ? AND key = ?", a.SiteID, id).Returning("*").Exec(ctx); err != nil {
			return db.MapError(err, "release throttle")
		}
		if len(rows) == 0 {
			return fault.New(fault.NotFound, "nothing is counted here any more: its time has ended")
		}
		return NoteEmbed(ctx, tx, a, ThrottleReleased, limitOf(id))
	})
}
