package segment

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// MaxHistoryDays is how far a segment's history goes back at most.
const MaxHistoryDays = 731

// DayCount is how many contacts a segment held when a day of the site's began.
type DayCount struct {
	bun.BaseModel `bun:"table:segment_day"`

	SiteID    uuid.UUID `bun:",pk"`
	SegmentID uuid.UUID `bun:",pk"`
	Day       time.Time `bun:",pk,type:date"` // midnight UTC, as dates are kept
	Count     int
}

// History gives what is known of the last days of segments, the oldest day first. Days on which no process ran have no
// count. Needs a viewer.
func (s *Service) History(ctx context.Context, list []*Segment, days int) (map[uuid.UUID][]*DayCount, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	if days < 1 || days > MaxHistoryDays {
		return nil, fault.New(fault.BadInput, "ask for 1 to %d days", MaxHistoryDays)
	}
	out := make(map[uuid.UUID][]*DayCount, len(list))
	if len(list) == 0 {
		return out, nil
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(list))
	for i, row := range list {
		ids[i] = row.ID
	}
	var rows []*DayCount
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND segment_id IN (?)", a.SiteID, bun.List(ids)).
		Where("day > ?", of.Day(s.now()).AddDate(0, 0, -days).Format(time.DateOnly)).Order("segment_id", "day").Scan(ctx)
	for _, row := range rows {
		out[row.SegmentID] = append(out[row.SegmentID], row)
	}
	return out, db.MapError(err, "read history")
}

// Run writes the counts of each day as sites come to it, until ctx ends. Several processes may do so.
func (s *Service) Run(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		if err := s.CountDays(ctx); err != nil && ctx.Err() == nil {
			log.Error("count the segments of the day; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// uncounted finds the segments that have no count of their site's day, by site.
const uncounted = `SELECT s.* FROM segment AS s JOIN site ON site.id = s.site_id
	WHERE NOT EXISTS (SELECT FROM segment_day AS d WHERE d.site_id = s.site_id AND d.segment_id = s.id AND d.day = (?0::timestamptz AT TIME ZONE site.time_zone)::date)
	ORDER BY s.site_id, s.id LIMIT ?1`

// countedAtOnce is how many segments are counted between two looks at who has been.
const countedAtOnce = 100

// CountDays counts the segments whose site's day has not been counted.
func (s *Service) CountDays(ctx context.Context) error {
	var failed error
	for {
		now := s.now()
		var rows []*Segment
		if err := s.db.Bun.NewRaw(uncounted, now, countedAtOnce).Scan(ctx, &rows); err != nil {
			return db.MapError(err, "look for segments to count")
		}
		for from := 0; from < len(rows); {
			to := from + 1
			for to < len(rows) && rows[to].SiteID == rows[from].SiteID {
				to++
			}
			failed = errors.Join(failed, s.countDay(ctx, rows[from:to], now)) // and on with the other sites
			from = to
		}
		if len(rows) < countedAtOnce || failed != nil {
			return failed
		}
	}
}

// countDay counts segments of one site.
func (s *Service) countDay(ctx context.Context, rows []*Segment, now time.Time) error {
	of, err := readSite(ctx, s.db.Bun, rows[0].SiteID)
	if err != nil {
		return err
	}
	in := s.indexes.ready(of) // none is read for this: many sites have their midnight at once
	v, err := readVocabulary(ctx, s.db.Bun, of, now, in.kept(), rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		who, _ := v.compileSegment(v.segments[row.ID])
		n, err := s.countNow(ctx, of.ID, in, who)
		if err != nil {
			return err
		}
		if _, err := s.db.Bun.NewRaw(writeDay, row.SiteID, row.ID, of.Day(now).Format(time.DateOnly), n).Exec(ctx); err != nil {
			return db.MapError(err, "write the day's count")
		}
	}
	return nil
}

// writeDay writes a count, unless another process was quicker or the segment is gone.
const writeDay = `INSERT INTO segment_day (site_id, segment_id, day, count)
	SELECT site_id, id, ?2::date, ?3 FROM segment WHERE site_id = ?0 AND id = ?1 FOR KEY SHARE ON CONFLICT DO NOTHING`
