package sale

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/indicator"
)

// The sweep finds for whom something follows from the passing of days alone, and has the database write it: memberships begin and
// end at the site's midnight (P-05), what was bought for an event becomes due when it begins and is forgotten when it leaves the
// site's period (G-12), or the period of an indicator of the site's own. All else triggers do when sales change.

const (
	sweepEvery = time.Minute
	// sweepOverlap is how far a sweep goes back behind the last one, for what was committed late.
	sweepOverlap = 10 * time.Minute
	sweepChunk   = 500 // contacts that one statement looks at, or locks
)

// Run sweeps until ctx ends. Processes may do so at the same time: who comes second finds nothing.
func (s *Service) Run(ctx context.Context, log *slog.Logger) {
	for {
		if err := s.Sweep(ctx, s.now()); err != nil && ctx.Err() == nil {
			log.Error("look for what follows from the passing of days", "error", err)
		}
		select {
		case <-time.After(sweepEvery):
		case <-ctx.Done():
			return
		}
	}
}

// Sweep brings contact_sale of every site that sells to a moment.
func (s *Service) Sweep(ctx context.Context, at time.Time) error {
	var sites []uuid.UUID
	err := s.db.Bun.NewSelect().TableExpr("site").Column("id").Where("EXISTS (SELECT FROM contact_sale c WHERE c.site_id = site.id)").Order("id").Scan(ctx, &sites)
	if err != nil {
		return db.MapError(err, "read sites that sell")
	}
	for _, id := range sites {
		if err := s.sweep(ctx, id, at); err != nil {
			return err
		}
	}
	return nil
}

// passedBy finds for whom a day has begun that begins or ends a membership, or what they hold a ticket or a booking of has begun or
// left the period. Its bounds are values, not computed in it: PostgreSQL would guess them to hold a part of everything.
const passedBy = `SELECT contact_id FROM membership WHERE site_id = ?0 AND starts_on > ?1 AND starts_on <= ?2
	UNION SELECT contact_id FROM membership WHERE site_id = ?0 AND ends_on >= ?1 AND ends_on < ?2
	UNION SELECT t.contact_id FROM event v JOIN ticket t ON t.site_id = v.site_id AND t.event_id = v.id
		WHERE v.site_id = ?0 AND t.contact_id IS NOT NULL AND (v.starts_at > ?3 AND v.starts_at <= ?4 OR v.starts_at >= ?5 AND v.starts_at < ?6)
	UNION SELECT b.contact_id FROM slot v JOIN booking b ON b.site_id = v.site_id AND b.slot_id = v.id
		WHERE v.site_id = ?0 AND (v.starts_at > ?3 AND v.starts_at <= ?4 OR v.starts_at >= ?5 AND v.starts_at < ?6)
	ORDER BY 1`

// span is the time since the last sweep, in the terms of contact_sale_at.
type span struct {
	SinceDay, Today         string // the site's days
	Since, Until            time.Time
	PeriodSince, PeriodFrom time.Time // where the site's period began then, and begins now
}

func (p span) query(siteID uuid.UUID) (string, []any) {
	return passedBy, []any{siteID, p.SinceDay, p.Today, p.Since, p.Until, p.PeriodSince, p.PeriodFrom}
}

// everybody is passed where nothing is known of what came before.
const everybody = `SELECT contact_id FROM contact_sale WHERE site_id = ?0 ORDER BY 1`

func (s *Service) sweep(ctx context.Context, siteID uuid.UUID, at time.Time) error {
	var of struct { // read before the contacts: who changes them meanwhile has everybody looked at the next time
		TimeZone      string
		AssiduityDays int
		Known         bool
		span
	}
	err := s.db.Bun.NewSelect().TableExpr("site AS s").Column("s.time_zone", "s.assiduity_days").
		Join("LEFT JOIN sale_sweep AS w ON w.site_id = s.id AND w.time_zone = s.time_zone AND w.assiduity_days = s.assiduity_days").
		Join("CROSS JOIN LATERAL (SELECT coalesce(w.swept_at, ?0) - make_interval(secs => ?1) AS since, ?0::timestamptz AS until) AS p", at, sweepOverlap.Seconds()).
		ColumnExpr("w.site_id IS NOT NULL AS known, p.since, p.until, (p.since AT TIME ZONE s.time_zone)::date::text AS since_day, (p.until AT TIME ZONE s.time_zone)::date::text AS today").
		ColumnExpr("p.since - make_interval(days => s.assiduity_days) AS period_since, p.until - make_interval(days => s.assiduity_days) AS period_from").
		Where("s.id = ?", siteID).Scan(ctx, &of)
	if db.NoRows(err) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return db.MapError(err, "read where the last sweep came to")
	}
	query, args := everybody, []any{siteID}
	if of.Known {
		query, args = of.query(siteID)
	}
	var due []uuid.UUID
	if err := s.db.Bun.NewRaw(query, args...).Scan(ctx, &due); err != nil {
		return db.MapError(err, "find for whom days have passed")
	}
	if of.Known {
		more, err := indicator.Passed(ctx, s.db.Bun, siteID, of.SinceDay, of.Today)
		if err != nil {
			return err
		}
		due = append(due, more...)
		slices.SortFunc(due, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
		due = slices.Compact(due)
	}
	for len(due) > 0 {
		n := min(sweepChunk, len(due))
		if err := s.refresh(ctx, siteID, due[:n], at); err != nil {
			return err
		}
		due = due[n:]
	}
	_, err = s.db.Bun.NewRaw(`INSERT INTO sale_sweep (site_id, swept_at, time_zone, assiduity_days) SELECT id, ?, ?, ? FROM site WHERE id = ?
		ON CONFLICT (site_id) DO UPDATE SET swept_at = greatest(sale_sweep.swept_at, EXCLUDED.swept_at), time_zone = EXCLUDED.time_zone, assiduity_days = EXCLUDED.assiduity_days`,
		at, of.TimeZone, of.AssiduityDays, siteID).Exec(ctx)
	return db.MapError(err, "note where the sweep came to")
}

// refresh has the rows written that differ, and locks no others.
func (s *Service) refresh(ctx context.Context, siteID uuid.UUID, contacts []uuid.UUID, at time.Time) error {
	_, err := s.db.Bun.NewRaw(`SELECT contact_sale_refresh(?0, stale, ?2) FROM (SELECT array_agg(s.contact_id) AS stale FROM contact_sale s, contact_sale_at(?0, ARRAY[?1]::uuid[], ?2) n
		WHERE s.site_id = ?0 AND s.contact_id = n.contact_id AND s IS DISTINCT FROM n) AS d WHERE stale IS NOT NULL`, siteID, bun.List(contacts), at).Exec(ctx)
	if err != nil {
		return db.MapError(err, "refresh what follows from sales")
	}
	return indicator.Refresh(ctx, s.db.Bun, siteID, contacts, at)
}
