package contact

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/job"
	"carnet/internal/site"
)

// batchJob has a batch worked on. Two of one batch are harmless: they take turns at its chunks.
type batchJob struct {
	SiteID uuid.UUID `json:"siteId"`
	RunID  uuid.UUID `json:"runId"`
}

// Kind names the job.
func (batchJob) Kind() string { return "batch" }

// Resume has every batch worked on that is not over. For the program's start: the process that
// worked on it may have been killed.
func (b *Batches) Resume(ctx context.Context) error {
	return b.contacts.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var open []*BatchRun
		if err := tx.NewSelect().Model(&open).Column("site_id", "id").Where("status IN ('queued', 'running')").Order("id").Scan(ctx); err != nil {
			return db.MapError(err, "read open batches")
		}
		for _, run := range open {
			if err := b.jobs.Insert(ctx, tx, batchJob{SiteID: run.SiteID, RunID: run.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}

// work does chunk after chunk until the batch is over, its turn has passed, or the program stops.
func (b *Batches) work(ctx context.Context, j batchJob, last bool) error {
	turn := time.NewTimer(job.Portion)
	defer turn.Stop()
	for {
		more, err := b.chunk(ctx, j.SiteID, j.RunID)
		switch {
		case err != nil && last && ctx.Err() == nil:
			return errors.Join(err, b.giveUp(ctx, j, "something went wrong on our side; what was done stays, start a new batch for the rest"))
		case err != nil || !more:
			return err
		}
		select {
		case <-b.jobs.Stopping():
			return job.Again
		case <-turn.C:
			return job.Again
		default:
		}
	}
}

func (b *Batches) giveUp(ctx context.Context, j batchJob, problem string) error {
	return b.contacts.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		run, err := lockRun(ctx, tx, j.SiteID, j.RunID)
		if err != nil || run.Over() {
			return err
		}
		return b.end(ctx, tx, run, BatchFailed, problem)
	})
}

// chunk works on the next contacts of a batch, as one transaction that also notes what became of
// them: after a crash they are wholly done or not at all. more is false when the batch is over.
func (b *Batches) chunk(ctx context.Context, siteID, runID uuid.UUID) (more bool, err error) {
	run := new(BatchRun)
	err = b.contacts.db.Bun.NewSelect().Model(run).Where("site_id = ? AND id = ?", siteID, runID).Scan(ctx)
	if db.NoRows(err) {
		return false, nil // an old dry run, or the site is gone
	}
	if err != nil {
		return false, db.MapError(err, "read batch")
	}
	action, err := b.action(run)
	if err != nil {
		return false, err
	}
	a, allowed, err := b.actor(ctx, run, action)
	if err != nil {
		return false, err
	}
	err = b.contacts.db.TxCopy(ctx, func(ctx context.Context, tx bun.Tx, rows db.Copy) error {
		if run, err = lockRun(ctx, tx, siteID, runID); err != nil || run.Over() {
			return err
		}
		if !allowed {
			return b.end(ctx, tx, run, BatchFailed, "whoever started this may no longer do it; what was done stays")
		}
		return b.step(ctx, tx, rows, run, action, author(a))
	})
	return err == nil && !run.Over(), err
}

// actor gives the one who started a batch with today's rights, and whether they still suffice.
func (b *Batches) actor(ctx context.Context, run *BatchRun, action BatchAction) (a site.Actor, allowed bool, err error) {
	a = site.Actor{Kind: run.ActorKind, SiteID: run.SiteID, Name: run.ActorName, Access: run.Access, Book: true}
	if run.ActorID != nil {
		a.ID = *run.ActorID
	}
	now, err := b.sites.Standing(ctx, a)
	if code := fault.CodeOf(err); err != nil && (code == fault.Unauthenticated || code == fault.Forbidden || code == fault.NotFound) {
		return a, false, nil
	}
	return now, now.Book && now.Access >= max(site.AccessOperator, action.Access()), err
}

// step works on one chunk within its transaction.
func (b *Batches) step(ctx context.Context, tx bun.Tx, rows db.Copy, run *BatchRun, action BatchAction, by Author) error {
	of, err := holdSite(ctx, tx, run.SiteID) // before its contacts, as whoever changes the policy
	if err != nil {
		return err
	}
	items, err := b.next(ctx, tx, run)
	if err != nil {
		return err
	}
	c, err := b.load(ctx, tx, of, run, items, by)
	if err != nil {
		return err
	}
	outcome, err := b.do(ctx, tx, rows, run, action, c)
	if err != nil {
		return err
	}
	outcome.missing(items, c)
	return b.settle(ctx, tx, run, items, outcome, len(items) < b.size)
}

func (b *Batches) next(ctx context.Context, tx bun.IDB, run *BatchRun) ([]*BatchItem, error) {
	var items []*BatchItem
	q := tx.NewSelect().Model(&items).Where("site_id = ? AND run_id = ?", run.SiteID, run.ID).Order("contact_id").Limit(int64(b.size))
	if run.Reached != nil {
		q = q.Where("contact_id > ?", *run.Reached)
	}
	return items, db.MapError(q.Scan(ctx), "read batch items")
}

func (b *Batches) load(ctx context.Context, tx bun.IDB, of site.Site, run *BatchRun, items []*BatchItem, by Author) (*batchChunk, error) {
	c := &batchChunk{s: b.contacts, of: of, now: b.contacts.now().Truncate(time.Microsecond), by: by}
	if len(items) == 0 {
		return c, nil
	}
	ids := make([]uuid.UUID, len(items))
	for i, it := range items {
		ids[i] = it.ContactID
	}
	q := tx.NewSelect().Model(&c.records).Where("site_id = ? AND id IN (?)", of.ID, bun.List(ids)).Order("id")
	if !run.DryRun {
		q = q.For("UPDATE")
	}
	return c, db.MapError(q.Scan(ctx), "lock contacts")
}

// do plans a chunk and, unless it is a dry run, writes it. Should the database refuse it, each
// contact is tried alone, so that only the one it is about fails.
func (b *Batches) do(ctx context.Context, tx bun.Tx, rows db.Copy, run *BatchRun, action BatchAction, c *batchChunk) (*batchPlan, error) {
	p, err := action.plan(ctx, tx, c)
	if err != nil || run.DryRun || len(p.changes) == 0 {
		return p, err
	}
	err = b.write(ctx, tx, rows, p, c)
	if err == nil || !oneContacts(err) || ctx.Err() != nil {
		return p, err
	}
	all := newPlan(p.entry)
	for _, r := range c.records {
		one := &batchChunk{s: c.s, of: c.of, records: []*Record{r}, now: c.now, by: c.by}
		p, err := action.plan(ctx, tx, one)
		if err != nil {
			return nil, err
		}
		if err := b.write(ctx, tx, rows, p, one); oneContacts(err) {
			all.refused[r.ID] = problemOf(err)
			continue
		} else if err != nil {
			return nil, err
		}
		for id, changes := range p.changes {
			all.changes[id] = changes
		}
		for id, why := range p.refused {
			all.refused[id] = why
		}
	}
	return all, nil
}

// missing refuses the items whose contacts are no longer in the book.
func (p *batchPlan) missing(items []*BatchItem, c *batchChunk) {
	for _, it := range items {
		if _, found := slices.BinarySearchFunc(c.records, it.ContactID, func(r *Record, id uuid.UUID) int { return compareIDs(r.ID, id) }); !found {
			p.refused[it.ContactID] = fault.New(fault.NotFound, "this contact is no longer in the book")
		}
	}
}

// oneContacts tells whether an error may be about a single contact of a chunk.
func oneContacts(err error) bool {
	code := fault.CodeOf(err)
	return err != nil && (code == fault.BadInput || code == fault.Conflict || code == fault.NotFound)
}

func problemOf(err error) *fault.Error {
	if list, ok := fault.Mendable(err); ok {
		return list[0]
	}
	var one *fault.Error
	if errors.As(err, &one) {
		return one
	}
	return fault.New(fault.Internal, "something went wrong on our side")
}

// write writes a plan and its history behind a savepoint.
func (b *Batches) write(ctx context.Context, tx bun.Tx, rows db.Copy, p *batchPlan, c *batchChunk) error {
	if len(p.changes) == 0 {
		return nil
	}
	err := tx.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := p.write(ctx, tx); err != nil {
			return err
		}
		var entries []*Entry
		for _, r := range p.changed(c) {
			e := newEntry(c.by, r, p.entry, p.changes[r.ID])
			e.At = c.now
			entries = append(entries, e)
		}
		return copyHistory(ctx, rows, entries)
	})
	return db.MapError(err, "write batch")
}

// settle notes what became of each contact, and how far the batch is.
func (b *Batches) settle(ctx context.Context, tx bun.IDB, run *BatchRun, items []*BatchItem, p *batchPlan, end bool) error {
	for _, it := range items {
		changes, changed := p.changes[it.ContactID]
		why := p.refused[it.ContactID]
		switch {
		case changed:
			it.State = ItemChanged
			if run.DryRun && run.Changed < BatchSample {
				it.Changes = changes
			}
			run.Changed++
		case why != nil:
			it.State, it.Reason, it.Message = ItemFailed, why.Reason, why.Message
			if it.Reason == "" {
				it.Reason = string(why.Code)
			}
			run.Failed++
		default:
			it.State = ItemUnchanged
			run.Unchanged++
		}
	}
	run.Status = BatchRunning
	if run.StartedAt == nil {
		now := b.contacts.now()
		run.StartedAt = &now
	}
	if len(items) > 0 {
		run.Reached = &items[len(items)-1].ContactID
		if _, err := tx.NewUpdate().Model(&items).Column("state", "reason", "message", "changes").Bulk().Exec(ctx); err != nil {
			return db.MapError(err, "update batch items")
		}
	}
	if end {
		now := b.contacts.now()
		run.Status, run.FinishedAt = BatchDone, &now
		slog.InfoContext(ctx, "batch done", "site", run.SiteID, "batch", run.ID, "action", run.Action, "dry_run", run.DryRun, "changed", run.Changed, "failed", run.Failed)
	}
	if _, err := tx.NewUpdate().Model(run).Column("status", "changed", "unchanged", "failed", "reached", "started_at", "finished_at").WherePK().Exec(ctx); err != nil {
		return db.MapError(err, "count batch")
	}
	if !end {
		return nil
	}
	return b.tell(ctx, tx, run)
}
