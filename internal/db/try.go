package db

import (
	"context"
	"time"
)

// countTry counts in the database, so that all processes share the bucket.
const countTry = `
INSERT INTO rate_bucket (key, window_start, count) VALUES (?, ?, 1)
ON CONFLICT (key, window_start) DO UPDATE SET count = rate_bucket.count + 1 RETURNING count`

// CountTry counts a try in a bucket and gives how many there are now in the window that began at start. It is
// not part of the caller's transaction: what is rolled back was tried all the same. Keys hold no personal data.
func (d *DB) CountTry(ctx context.Context, key string, start time.Time) (count int, err error) {
	err = d.Bun.NewRaw(countTry, key, start).Scan(ctx, &count)
	return count, MapError(err, "count try")
}

// ForgetTry takes back a try that turned out not to count.
func (d *DB) ForgetTry(ctx context.Context, key string, start time.Time) error {
	_, err := d.Bun.NewRaw("UPDATE rate_bucket SET count = count - 1 WHERE key = ? AND window_start = ? AND count > 0", key, start).Exec(ctx)
	return MapError(err, "forget try")
}
