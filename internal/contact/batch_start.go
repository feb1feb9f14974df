package contact

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// BatchOrder says what to do to whom.
type BatchOrder struct {
	Action         BatchAction
	Target         BatchTarget
	DryRun         bool    // only tell what would happen
	IdempotencyKey *string // the same key again gives the same batch
}

// BatchTarget says who: picked contacts, those of an earlier batch, else those of a query.
type BatchTarget struct {
	ContactIDs []uuid.UUID // at most MaxIDs
	BatchID    *uuid.UUID  // exactly the contacts of that one: of a dry run that was looked at
	Query      *Query      // what matches now, or a segment's members now
	Meant      BatchMeant  // of a query
}

// Start decides who is in a batch and has it done in the background, with the rights of the actor
// that starts it. Needs an operator, and what the action needs.
func (b *Batches) Start(ctx context.Context, o BatchOrder) (*BatchRun, error) {
	a, err := site.RequireBook(ctx, max(site.AccessOperator, o.Action.Access()))
	if err != nil {
		return nil, err
	}
	if edit, is := o.Action.(*EditBatch); is {
		if err := edit.change().mustSee(a); err != nil {
			return nil, err
		}
	}
	run, err := newBatch(a, o)
	if err != nil {
		return nil, err
	}
	if found, err := b.known(ctx, run); found != nil || err != nil {
		return found, err
	}
	err = b.contacts.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error { return b.start(ctx, tx, a, run, o) })
	if err != nil && run.IdempotencyKey != nil {
		if found, again := b.known(ctx, run); found != nil || again != nil { // the same order came at the same time
			return found, again
		}
	}
	if err != nil {
		return nil, err
	}
	return run, nil
}

func newBatch(a site.Actor, o BatchOrder) (*BatchRun, error) {
	input, err := json.Marshal(o.Action)
	if err != nil {
		return nil, fault.Wrap(err, "keep the batch's input")
	}
	if key := o.IdempotencyKey; key != nil && (*key == "" || len(*key) > 200) {
		return nil, fault.Invalid(fault.InvalidValue, []string{"idempotencyKey"}, "a key has 1 to 200 characters")
	}
	run := &BatchRun{
		SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), Action: o.Action.Name(), Input: input, Target: o.Target.Meant, DryRun: o.DryRun,
		Status: BatchQueued, ActorKind: a.Kind, ActorName: a.Name, Access: a.Access, IdempotencyKey: o.IdempotencyKey,
	}
	if a.ID != uuid.Nil {
		run.ActorID = &a.ID
	}
	return run, nil
}

// known gives the batch that was started with the same key; nil when there is none.
func (b *Batches) known(ctx context.Context, run *BatchRun) (*BatchRun, error) {
	if run.IdempotencyKey == nil {
		return nil, nil //nolint:nilnil // documented: there is none
	}
	var row struct {
		BatchRun `bun:",extend"`
		Same     bool
	}
	err := b.contacts.db.Bun.NewSelect().Model(&row).ColumnExpr("batch_run.*").
		ColumnExpr("action = ? AND input = ?::jsonb AND dry_run = ? AS same", run.Action, string(run.Input), run.DryRun).
		Where("site_id = ? AND idempotency_key = ?", run.SiteID, *run.IdempotencyKey).Scan(ctx)
	switch {
	case db.NoRows(err):
		return nil, nil //nolint:nilnil // documented: there is none
	case err != nil:
		return nil, db.MapError(err, "look for the same batch")
	case !row.Same:
		return nil, fault.Invalid(fault.Taken, []string{"idempotencyKey"}, "another batch was started with this key; make a new key for a new batch")
	}
	return &row.BatchRun, nil
}

func (b *Batches) start(ctx context.Context, tx bun.Tx, a site.Actor, run *BatchRun, o BatchOrder) error {
	of, err := readSite(ctx, tx, a.SiteID)
	if err != nil {
		return err
	}
	if err := o.Action.check(ctx, tx, of); err != nil {
		return err
	}
	if err := b.makeRoom(ctx, tx, a.SiteID); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(run).Returning("created_at").Exec(ctx); err != nil {
		return db.MapError(err, "insert batch")
	}
	if err := b.freeze(ctx, tx, a, run, o.Target); err != nil {
		return err
	}
	if run.Total == 0 { // nobody is in it: it is done
		now := b.contacts.now()
		run.Status, run.StartedAt, run.FinishedAt = BatchDone, &now, &now
	}
	if _, err := tx.NewUpdate().Model(run).Column("total", "target", "status", "started_at", "finished_at").WherePK().Exec(ctx); err != nil {
		return db.MapError(err, "count batch")
	}
	if run.Over() {
		return b.tell(ctx, tx, run)
	}
	return b.jobs.Insert(ctx, tx, batchJob{SiteID: run.SiteID, RunID: run.ID})
}

// makeRoom drops old dry runs, and refuses a batch too many.
func (b *Batches) makeRoom(ctx context.Context, tx bun.IDB, siteID uuid.UUID) error {
	_, err := tx.NewDelete().Model((*BatchRun)(nil)).Where("site_id = ? AND dry_run AND finished_at < ?", siteID, b.contacts.now().Add(-dryRunLife)).Exec(ctx)
	if err != nil {
		return db.MapError(err, "remove old dry runs")
	}
	open, err := tx.NewSelect().Model((*BatchRun)(nil)).Where("site_id = ? AND status IN ('queued', 'running')", siteID).Count(ctx)
	if err != nil {
		return db.MapError(err, "count batches")
	}
	if open >= MaxBatches {
		return fault.New(fault.RateLimited, "%d batches are waiting or running; wait until one is done", open)
	}
	return nil
}

// freeze writes who is in the batch.
func (b *Batches) freeze(ctx context.Context, tx bun.IDB, a site.Actor, run *BatchRun, t BatchTarget) error {
	who, err := b.members(ctx, tx, a, run, t)
	if err != nil {
		return err
	}
	res, err := tx.NewRaw("INSERT INTO batch_item (site_id, run_id, contact_id) ?", who).Exec(ctx)
	if err != nil {
		return db.MapError(err, "insert batch items")
	}
	n, err := res.RowsAffected()
	run.Total = int(n)
	return fault.Wrap(err, "count batch items")
}

// members gives the query of the rows to insert.
func (b *Batches) members(ctx context.Context, tx bun.IDB, a site.Actor, run *BatchRun, t BatchTarget) (*bun.SelectQuery, error) {
	switch {
	case t.BatchID != nil:
		before := new(BatchRun)
		err := tx.NewSelect().Model(before).Where("site_id = ? AND id = ?", a.SiteID, *t.BatchID).Scan(ctx)
		if db.NoRows(err) {
			return nil, fault.Invalid(fault.Unknown, []string{"target", "batchId"}, "the site has no batch with this id; a dry run is kept for a day")
		}
		if err != nil {
			return nil, db.MapError(err, "read batch")
		}
		run.Target = before.Target
		return tx.NewSelect().Model((*BatchItem)(nil)).ColumnExpr("site_id, ?::uuid, contact_id", run.ID).Where("site_id = ? AND run_id = ?", a.SiteID, *t.BatchID), nil
	case t.Query != nil:
		sel, err := b.contacts.Matching(ctx, a, *t.Query)
		if err != nil {
			return nil, err
		}
		return sel.ColumnExpr("contact.site_id, ?::uuid, contact.id", run.ID), nil
	}
	run.Target = BatchMeant{Kind: BatchPicked}
	if err := CheckPicked(ctx, tx, a.SiteID, t.ContactIDs); err != nil {
		return nil, err
	}
	return tx.NewSelect().Model((*Record)(nil)).ColumnExpr("contact.site_id, ?::uuid, contact.id", run.ID).Where("contact.site_id = ? AND contact.id IN (?)", a.SiteID, bun.List(t.ContactIDs)), nil
}

// CheckPicked refuses contacts that the site does not have, each at its place.
func CheckPicked(ctx context.Context, tx bun.IDB, siteID uuid.UUID, ids []uuid.UUID) error {
	path := []string{"target", "contactIds"}
	if len(ids) == 0 {
		return fault.Invalid(fault.Required, path, "pick at least one contact")
	}
	if len(ids) > MaxIDs {
		return fault.Invalid(fault.TooLong, path, "at most %d picked contacts; use a search or a segment for more", MaxIDs)
	}
	var known []uuid.UUID
	if err := tx.NewSelect().Model((*Record)(nil)).Column("id").Where("site_id = ? AND id IN (?)", siteID, bun.List(ids)).Scan(ctx, &known); err != nil {
		return db.MapError(err, "read contacts")
	}
	v := checker{}
	for i, id := range ids {
		if !slices.Contains(known, id) {
			v.add(fault.Unknown, append(slices.Clone(path), strconv.Itoa(i)), "the site has no contact with the id %s", id)
		}
	}
	return v.list.Err()
}
