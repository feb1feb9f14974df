package segment

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A segment's count is kept once for each of the site's days, by the site's midnight; what changes later that day does
// not change it.
func TestHistoryByDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.newBook(t, t.Context(), 5) // its time zone is Oslo's
	s := New(w.db, w.indexes)
	now := time.Date(2026, 11, 25, 22, 30, 0, 0, time.UTC) // 23:30
	s.now = func() time.Time { return now }
	join := func(i int) {
		b.exec(t, "INSERT INTO contact_group_member (site_id, group_id, contact_id) VALUES ($1, $2, $3)", b.site.ID, b.groups[0], b.contacts[i])
	}
	join(0)
	require.NoError(t, s.CountDays(b.ctx))
	join(1)
	require.NoError(t, s.CountDays(b.ctx), "the day has been counted")
	now = now.Add(40 * time.Minute) // past Oslo's midnight, not UTC's
	require.NoError(t, s.CountDays(b.ctx))
	row, err := s.ByID(b.ctx, b.segments[0])
	require.NoError(t, err)
	got, err := s.History(b.ctx, []*Segment{row}, 90)
	require.NoError(t, err)
	type day struct {
		day   string
		count int
	}
	var days []day
	for _, d := range got[row.ID] {
		days = append(days, day{d.Day.Format(time.DateOnly), d.Count})
	}
	require.Equal(t, []day{{"2026-11-25", 1}, {"2026-11-26", 2}}, days)
	got, err = s.History(b.ctx, []*Segment{row}, 1)
	require.NoError(t, err)
	require.Len(t, got[row.ID], 1)
	_, err = s.History(b.ctx, []*Segment{row}, 800)
	require.ErrorContains(t, err, "1 to 731 days")
}
