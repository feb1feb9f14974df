package indicator

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/job"
	"carnet/internal/site"
)

const (
	chunk = 500 // contacts, or values, of one transaction
	// A count that waits for others looks so often, and after so long lets other jobs have its place for a while.
	lookEvery = 50 * time.Millisecond
	patience  = 2 * time.Second
	rest      = 5 * time.Second
)

// queue is what keeps jobs.
type queue interface {
	Insert(ctx context.Context, tx bun.Tx, args job.Args) error
	Stopping() <-chan struct{}
}

// New makes the service and tells the queue how its jobs are done.
func New(d *db.DB, jobs *job.Queue) *Service {
	s := &Service{db: d, jobs: jobs, now: time.Now}
	job.Handle(jobs, s.work)
	return s
}

// recountJob has an indicator counted for everybody, or its values deleted.
type recountJob struct {
	SiteID      uuid.UUID `json:"siteId"`
	IndicatorID uuid.UUID `json:"indicatorId"`
}

// Kind names the job.
func (recountJob) Kind() string { return "indicator" }

// Recount is how far the counting of everybody is.
type Recount struct {
	bun.BaseModel `bun:"table:indicator_recount,alias:recount"`

	SiteID      uuid.UUID `bun:",pk"`
	IndicatorID uuid.UUID `bun:",pk"`
	ThroughID   uuid.UUID
	Done        int64
	Total       int64
}

// recount has everybody counted anew once the transaction has committed. One that is under way begins again.
func (s *Service) recount(ctx context.Context, tx bun.Tx, d *Definition) error {
	_, err := tx.NewRaw(`INSERT INTO indicator_recount (site_id, indicator_id, total) SELECT ?0, ?1, (SELECT count(*) FROM contact_sale WHERE site_id = ?0)
		ON CONFLICT (site_id, indicator_id) DO UPDATE SET since_xid = NULL, through_id = DEFAULT, done = DEFAULT, total = EXCLUDED.total`, d.SiteID, d.ID).Exec(ctx)
	if err != nil {
		return db.MapError(err, "begin a count")
	}
	return s.jobs.Insert(ctx, tx, recountJob{d.SiteID, d.ID})
}

// Recounts gives the counts that are under way, by indicator. Needs a viewer.
func (s *Service) Recounts(ctx context.Context) (map[uuid.UUID]*Recount, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	var rows []*Recount
	err = s.db.Bun.NewSelect().Model(&rows).Column("indicator_id", "done", "total").Where("site_id = ?", a.SiteID).Scan(ctx)
	out := make(map[uuid.UUID]*Recount, len(rows))
	for _, row := range rows {
		out[row.IndicatorID] = row
	}
	return out, db.MapError(err, "read counts")
}

// work counts chunk after chunk until nobody is left, its turn has passed, or the program stops.
func (s *Service) work(ctx context.Context, j recountJob, _ bool) error {
	turn := time.NewTimer(job.Portion)
	defer turn.Stop()
	began := time.Now()
	for {
		more, err := s.step(ctx, j)
		switch {
		case errors.Is(err, errEarly) && time.Since(began) < patience:
			time.Sleep(lookEvery)
		case errors.Is(err, errEarly):
			return job.Later(rest)
		case err != nil || !more:
			return err
		}
		select {
		case <-s.jobs.Stopping():
			return job.Again
		case <-turn.C:
			return job.Again
		default:
		}
	}
}

func (s *Service) step(ctx context.Context, j recountJob) (more bool, err error) {
	row := new(Definition)
	err = s.db.Bun.NewSelect().Model(row).Column("archived_at", "deleted_at").Where("site_id = ? AND id = ?", j.SiteID, j.IndicatorID).Scan(ctx)
	switch {
	case db.NoRows(err):
		return false, nil
	case err != nil:
		return false, db.MapError(err, "read indicator")
	case row.DeletedAt != nil:
		return s.clear(ctx, j)
	case row.ArchivedAt != nil:
		return false, nil // who brings it back has everybody counted
	}
	return s.count(ctx, j)
}

// clear deletes some of the values of an indicator that was deleted, and then the indicator.
func (s *Service) clear(ctx context.Context, j recountJob) (more bool, err error) {
	res, err := s.db.Bun.NewRaw(`DELETE FROM contact_indicator h USING (SELECT contact_id FROM contact_indicator WHERE site_id = ?0 AND indicator_id = ?1 LIMIT ?2) AS n
		WHERE h.site_id = ?0 AND h.indicator_id = ?1 AND h.contact_id = n.contact_id`, j.SiteID, j.IndicatorID, chunk).Exec(ctx)
	if err != nil {
		return false, db.MapError(err, "delete values")
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return true, err
	}
	_, err = s.db.Bun.NewDelete().Model((*Definition)(nil)).Where("site_id = ? AND id = ?", j.SiteID, j.IndicatorID).Exec(ctx)
	return false, db.MapError(err, "delete indicator")
}

// early tells of a count that transactions are still running which may have read the definition before it changed, and which show
// what they counted only when they commit. All of them have a lower number than the transaction in which the job, after the
// change, looks for the first time.
const early = `UPDATE indicator_recount SET since_xid = coalesce(since_xid, pg_current_xact_id()) WHERE site_id = ?0 AND indicator_id = ?1
	RETURNING since_xid >= pg_snapshot_xmin(pg_current_snapshot())`

// errEarly tells that a count has to wait.
var errEarly = errors.New("earlier transactions are running")

// count does the next contacts, once nobody counts any more what was counted before. Who begins later counts what is counted now,
// so only what differs is written.
func (s *Service) count(ctx context.Context, j recountJob) (more bool, err error) {
	wait := false
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		more = false
		r := new(Recount)
		err := tx.NewSelect().Model(r).Column("site_id", "indicator_id", "through_id", "done", "total").Where("site_id = ? AND indicator_id = ?", j.SiteID, j.IndicatorID).For("UPDATE").Scan(ctx)
		if db.NoRows(err) {
			return nil
		}
		if err != nil {
			return db.MapError(err, "hold a count")
		}
		if err := tx.NewRaw(early, j.SiteID, j.IndicatorID).Scan(ctx, &wait); err != nil || wait {
			return db.MapError(err, "look for earlier transactions") // since_xid is kept
		}
		var who []uuid.UUID
		err = tx.NewSelect().TableExpr("contact_sale").Column("contact_id").Where("site_id = ? AND contact_id > ?", j.SiteID, r.ThroughID).Order("contact_id").Limit(chunk).Scan(ctx, &who)
		if err != nil {
			return db.MapError(err, "read whom to count")
		}
		if more = len(who) == chunk; !more {
			if _, err := tx.NewDelete().Model(r).WherePK().Exec(ctx); err != nil {
				return db.MapError(err, "end a count")
			}
		}
		if len(who) == 0 {
			return nil
		}
		if err := refresh(ctx, tx, j.SiteID, who, s.now(), &j.IndicatorID); err != nil || !more {
			return err
		}
		r.ThroughID, r.Done = who[len(who)-1], r.Done+int64(len(who))
		_, err = tx.NewUpdate().Model(r).Column("through_id", "done").WherePK().Exec(ctx)
		return db.MapError(err, "note progress")
	})
	if err == nil && wait {
		return false, errEarly
	}
	return more, err
}

// refresh has the values written that differ, of all indicators or of one, and locks no others.
func refresh(ctx context.Context, q bun.IDB, siteID uuid.UUID, contacts []uuid.UUID, at time.Time, one *uuid.UUID) error {
	_, err := q.NewRaw(`SELECT contact_indicator_refresh(?0, stale, ?2, of_one => ?3) FROM (SELECT array_agg(id) AS stale FROM contact_indicator_stale(?0, ARRAY[?1]::uuid[], ?2, ?3) AS id) AS d
		WHERE stale IS NOT NULL`, siteID, bun.List(contacts), at, one).Exec(ctx)
	return db.MapError(err, "count indicators")
}
