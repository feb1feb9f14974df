package db

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Bucket counts the tries of somebody at a site in a window of time.
type Bucket struct {
	bun.BaseModel `bun:"table:rate_bucket"`

	SiteID      uuid.UUID `bun:",pk"`
	Key         string    `bun:",pk"` // what is limited, and of whom; holds no personal data
	WindowStart time.Time `bun:",pk"`
	WindowEnd   time.Time
	Count       int
	Most        int    // how many tries the window has
	Shown       string // of whom, cut short, for the site's owner
}

// countTry counts in the database, so that all processes share the bucket. A site that a forged token names and that does not
// exist has none.
const countTry = `
INSERT INTO rate_bucket (site_id, key, window_start, window_end, most, shown, count) SELECT id, ?, ?, ?, ?, ?, 1 FROM site WHERE id = ?
ON CONFLICT (site_id, key, window_start) DO UPDATE SET count = rate_bucket.count + 1 RETURNING count`

// CountTry counts a try in a bucket and gives how many there are now; none where there is no such site. It is not part of the caller's
// transaction: what is rolled back was tried all the same.
func (d *DB) CountTry(ctx context.Context, b Bucket) (count int, err error) {
	err = d.Bun.NewRaw(countTry, b.Key, b.WindowStart, b.WindowEnd, b.Most, b.Shown, b.SiteID).Scan(ctx, &count)
	if NoRows(err) {
		return 0, nil
	}
	return count, MapError(err, "count try")
}

// ForgetTry takes back a try that turned out not to count.
func (d *DB) ForgetTry(ctx context.Context, b Bucket) error {
	_, err := d.Bun.NewUpdate().Model(&b).Set("count = count - 1").WherePK().Where("count > 0").Exec(ctx)
	return MapError(err, "forget try")
}
