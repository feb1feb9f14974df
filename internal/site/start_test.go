package site_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/site"
)

// A day begins when its first moment comes, also where clocks are put forward at midnight and there is no 00:00.
func TestDaysBegin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, day, begins string }{
		{"Europe/Oslo", "2026-03-29", "2026-03-29T00:00:00+01:00"},
		{"America/Havana", "2026-03-08", "2026-03-08T01:00:00-04:00"},
		{"America/Santiago", "2026-09-06", "2026-09-06T01:00:00-03:00"},
		{"Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00"},
		{"Asia/Kathmandu", "2026-01-01", "2026-01-01T00:00:00+05:45"},
	} {
		day, err := time.Parse(time.DateOnly, c.day)
		require.NoError(t, err)
		require.Equal(t, c.begins, site.Site{TimeZone: c.zone}.Start(day).Format(time.RFC3339), c.zone)
	}
}
