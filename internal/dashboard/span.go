package dashboard

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/site"
)

// Step is what a period is divided into.
type Step string

// The steps. Weeks begin on Mondays.
const (
	Daily   Step = "day"
	Weekly  Step = "week"
	Monthly Step = "month"
)

// As many bars as can be told apart on a phone.
const (
	mostDays  = 31
	mostWeeks = 31 * 7
)

func stepOf(from, to time.Time) Step {
	switch n := days(from, to); {
	case n <= mostDays:
		return Daily
	case n <= mostWeeks:
		return Weekly
	}
	return Monthly
}

// next gives the first day of the step after the one that holds a day.
func (s Step) next(day time.Time) time.Time {
	switch s {
	case Weekly:
		return day.AddDate(0, 0, 7-(int(day.Weekday())+6)%7)
	case Monthly:
		return time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	default:
		return day.AddDate(0, 0, 1)
	}
}

// Span is what happened in some days of the site's, both included.
type Span struct {
	From, To    time.Time
	NewContacts int   // made then, and in the book's lists still
	Orders      int   // of then, those that stand
	Revenue     int64 // what these cost, less what went back of them since; minor units
	Due         int   // tickets and bookings of what began then
	Attended    int   // of these, used
}

// History is what happened in a period.
type History struct {
	Sells  bool // something was ever ordered
	Step   Step
	Spans  []*Span // the oldest first
	Whole  *Span
	Before *Span // as many days before the period
}

// spansOf divides a period. The first and the last part may be shorter than a step.
func spansOf(from, to time.Time, by Step) (spans []*Span) {
	for day := from; !day.After(to); day = by.next(day) {
		last := by.next(day).AddDate(0, 0, -1)
		if last.After(to) {
			last = to
		}
		spans = append(spans, &Span{From: day, To: last})
	}
	return spans
}

// spanCounts counts for each part of a period by itself: a range of an index each, which takes what its rows take, where days
// computed of each row take three times as long. What was cancelled nobody could attend; what is to come nobody could yet.
const spanCounts = `
SELECT c.n AS new_contacts, o.n AS orders, o.revenue, t.due + b.due AS due, t.attended + b.attended AS attended
FROM unnest(ARRAY[?1]::timestamptz[], ARRAY[?2]::timestamptz[]) WITH ORDINALITY AS p (since, until, place)
CROSS JOIN LATERAL (SELECT count(*) AS n FROM contact WHERE site_id = ?0 AND deleted_at IS NULL AND listed AND created_at >= p.since AND created_at < p.until) AS c
CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(total - returned), 0)::bigint AS revenue
	FROM sale_order WHERE site_id = ?0 AND state = 'completed' AND ordered_at >= p.since AND ordered_at < p.until) AS o
CROSS JOIN LATERAL (SELECT coalesce(sum(n.due), 0)::bigint AS due, coalesce(sum(n.attended), 0)::bigint AS attended
	FROM event AS v CROSS JOIN LATERAL (SELECT count(*) AS due, count(*) FILTER (WHERE state = 'used') AS attended
		FROM ticket WHERE site_id = ?0 AND event_id = v.id AND state <> 'cancelled') AS n
	WHERE v.site_id = ?0 AND v.state <> 'cancelled' AND v.starts_at >= p.since AND v.starts_at < least(p.until, ?3)) AS t
CROSS JOIN LATERAL (SELECT coalesce(sum(n.due), 0)::bigint AS due, coalesce(sum(n.attended), 0)::bigint AS attended
	FROM slot AS v CROSS JOIN LATERAL (SELECT count(*) AS due, count(*) FILTER (WHERE state = 'attended') AS attended
		FROM booking WHERE site_id = ?0 AND slot_id = v.id AND state <> 'cancelled') AS n
	WHERE v.site_id = ?0 AND v.starts_at >= p.since AND v.starts_at < least(p.until, ?3)) AS b
ORDER BY p.place`

// History counts what happened in a period, by its steps, and in as many days before it. Needs a viewer.
func (s *Service) History(ctx context.Context, d *Dashboard) (*History, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	h := &History{Step: stepOf(d.From, d.To), Whole: &Span{From: d.From, To: d.To}, Before: &Span{From: d.From.AddDate(0, 0, -days(d.From, d.To)), To: d.From.AddDate(0, 0, -1)}}
	h.Spans = spansOf(d.From, d.To, h.Step)
	all := append([]*Span{h.Before}, h.Spans...)
	var since, until []time.Time
	for _, span := range all {
		since, until = append(since, of.Start(span.From)), append(until, of.Start(span.To.AddDate(0, 0, 1)))
	}
	var rows []Span
	if err := s.db.Bun.NewRaw(spanCounts, of.ID, bun.List(since), bun.List(until), d.CountedAt).Scan(ctx, &rows); err != nil {
		return nil, db.MapError(err, "count a period")
	}
	for i, row := range rows {
		row.From, row.To = all[i].From, all[i].To
		*all[i] = row
		if i > 0 {
			h.Whole.add(row)
		}
	}
	err = s.db.Bun.NewRaw("SELECT EXISTS (SELECT FROM sale_order WHERE site_id = ?)", of.ID).Scan(ctx, &h.Sells)
	return h, db.MapError(err, "look for an order")
}

func (s *Span) add(o Span) {
	s.NewContacts += o.NewContacts
	s.Orders += o.Orders
	s.Revenue += o.Revenue
	s.Due += o.Due
	s.Attended += o.Attended
}
