package segment

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/site"
)

// Busy is a segment with how many contacts it held at a period's end, or holds now when that is not over, and before.
type Busy struct {
	Segment `bun:",extend"`
	Count   int
	Since   *time.Time // the first day of the period that it was counted on; nil: none, and Before tells nothing
	Before  int        // when that day began
}

// Change is by how many it grew.
func (b *Busy) Change() int {
	if b.Since == nil {
		return 0
	}
	return b.Count - b.Before
}

// Busiest are the segments that hold most, and those that moved most.
type Busiest struct{ Largest, Moved []*Busy }

// HasStatus gives the rule of those who have a status.
func HasStatus(s contact.Status) Rule {
	word := strings.ToUpper(string(s))
	return Rule{Status: &word}
}

// CountEach counts rules of the book at once. Needs a viewer.
func (s *Service) CountEach(ctx context.Context, rules []Rule) ([]int, error) {
	of := make([]*Rule, len(rules))
	for i := range rules {
		of[i] = &rules[i]
		if _, err := requireFor(ctx, rules[i]); err != nil {
			return nil, err
		}
	}
	v, in, err := s.counting(ctx, nil, of...)
	if err != nil {
		return nil, err
	}
	counts := make([]int, len(rules))
	for i, r := range of {
		who, broken := v.compileRule(r)
		if err := broken.Err(); err != nil {
			return nil, err
		}
		if counts[i], err = s.count(ctx, v.site, in, who); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// busiest finds the segments that were largest when a period ended, and those that moved most in it, by the counts of their days.
// From these the list is made: what moved since the last midnight is seen among them.
const busiest = `
WITH of AS (SELECT s.id, f.day AS since, coalesce(f.count, 0) AS before, coalesce(l.count, 0) AS count
	FROM segment AS s
	LEFT JOIN LATERAL (SELECT day, count FROM segment_day WHERE site_id = s.site_id AND segment_id = s.id AND day >= ?1::date AND day <= ?2::date ORDER BY day LIMIT 1) AS f ON true
	LEFT JOIN LATERAL (SELECT count FROM segment_day WHERE site_id = s.site_id AND segment_id = s.id AND day <= ?2::date + 1 ORDER BY day DESC LIMIT 1) AS l ON true
	WHERE s.site_id = ?0)
SELECT s.*, of.since, of.before, of.count
FROM (SELECT * FROM (SELECT * FROM of ORDER BY count DESC, id LIMIT ?3) AS largest
	UNION SELECT * FROM (SELECT * FROM of WHERE since IS NOT NULL ORDER BY abs(count - before) DESC, id LIMIT ?3) AS moved) AS of
JOIN segment AS s ON s.site_id = ?0 AND s.id = of.id`

// candidates is how many of the largest, and of those that moved most, are counted now.
const candidates = 50

// Busiest gives the segments that are largest, and those that moved most, in a period of the site's days; of a period that is over,
// as they were at its end. Those that only SQL can count are as they were when the day began. Broken ones are left out. Needs a viewer.
func (s *Service) Busiest(ctx context.Context, from, to time.Time, first int) (*Busiest, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	var all []*Busy
	err = s.db.Bun.NewRaw(busiest, a.SiteID, from.Format(time.DateOnly), to.Format(time.DateOnly), candidates).Scan(ctx, &all)
	if err != nil {
		return nil, db.MapError(err, "find the busiest segments")
	}
	if all, err = s.countBusy(ctx, all, to); err != nil {
		return nil, err
	}
	return &Busiest{
		Largest: leading(all, first, func(b *Busy) int { return b.Count }),
		Moved:   leading(all, first, func(b *Busy) int { return max(b.Change(), -b.Change()) }),
	}, nil
}

// countBusy leaves out who is broken, and counts anew, unless the period is over.
func (s *Service) countBusy(ctx context.Context, all []*Busy, to time.Time) ([]*Busy, error) {
	rows := make([]*Segment, len(all))
	for i, b := range all {
		rows[i] = &b.Segment
	}
	v, in, err := s.counting(ctx, rows)
	if err != nil {
		return nil, err
	}
	works := all[:0]
	for _, b := range all {
		who, broken := v.compileSegment(v.segments[b.ID])
		if len(broken) > 0 {
			continue
		}
		if !to.Before(v.today) && in != nil && who.indexed {
			b.Count = in.Count(who.expr)
		}
		works = append(works, b)
	}
	return works, nil
}

// leading gives those with the greatest values, without those that have none.
func leading(all []*Busy, first int, value func(*Busy) int) []*Busy {
	out := slices.DeleteFunc(slices.Clone(all), func(b *Busy) bool { return value(b) == 0 })
	slices.SortFunc(out, func(a, b *Busy) int {
		return cmp.Or(cmp.Compare(value(b), value(a)), cmp.Compare(a.NameKey, b.NameKey))
	})
	return out[:min(first, len(out))]
}
