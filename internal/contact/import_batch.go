package contact

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// writeBatch writes rows in one transaction, counts them and tells of it. Should the database refuse
// it, the rows are written one by one, each to its own savepoint, so that only the bad one is lost.
func (im *importer) writeBatch(ctx context.Context, b *importBatch, progress func(*ImportRun)) error {
	if im.order.DryRun {
		if err := im.findGroups(ctx, b.items); err != nil {
			return err
		}
	}
	err := im.commit(ctx, b.items, progress, func(ctx context.Context, tx bun.Tx, rows db.Copy) error {
		return im.write(ctx, tx, rows, b.items)
	})
	if err == nil || ctx.Err() != nil || im.order.DryRun {
		return err
	}
	if err := im.regroup(ctx, b.items); err != nil {
		return err
	}
	return im.commit(ctx, b.items, progress, func(ctx context.Context, tx bun.Tx, rows db.Copy) error {
		return im.writeSingly(ctx, tx, rows, b.items)
	})
}

// regroup drops groups that have been deleted meanwhile from what rows join.
func (im *importer) regroup(ctx context.Context, items []*item) error {
	var have []*Group
	if err := im.s.db.Bun.NewSelect().Model(&have).Where("site_id = ?", im.of.ID).Scan(ctx); err != nil {
		return db.MapError(err, "read groups")
	}
	for _, it := range items {
		it.joins = slices.DeleteFunc(slices.Clone(it.joins), func(g *Group) bool {
			gone := !hasGroup(have, g)
			if gone {
				it.warn(ImportProblem{Code: groupDeleted, Value: shortened(g.Name)})
			}
			return gone
		})
	}
	return nil
}

// commit is one transaction: what write does, the verdicts, and the counts. Batches that run at once
// count one after the other, so that a run's counts are always those of what is committed.
func (im *importer) commit(ctx context.Context, items []*item, progress func(*ImportRun), write func(context.Context, bun.Tx, db.Copy) error) error {
	mine := false
	release := func() {
		if mine {
			mine = false
			im.turn.Unlock()
		}
	}
	defer release()
	var run ImportRun
	err := im.s.db.TxCopy(ctx, func(ctx context.Context, tx bun.Tx, rows db.Copy) error {
		release() // it is tried again
		if err := write(ctx, tx, rows); err != nil {
			return err
		}
		if err := im.copyRows(ctx, rows, items); err != nil {
			return err
		}
		im.turn.Lock()
		mine = true
		run = *im.run
		run.count(items)
		_, err := tx.NewUpdate().Model(&run).Column("total", "created", "updated", "unchanged", "skipped", "refused").WherePK().Exec(ctx)
		return db.MapError(err, "count import rows")
	})
	if err != nil {
		return err
	}
	*im.run = run
	if progress != nil {
		progress(im.run)
	}
	return nil
}

func (im *importer) writeSingly(ctx context.Context, tx bun.Tx, rows db.Copy, items []*item) error {
	for i, it := range items {
		err := tx.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			return im.write(ctx, tx, rows, items[i:i+1])
		})
		if err != nil {
			if err = db.MapError(err, "write row"); fault.CodeOf(err) == fault.Internal {
				return err // not this row's fault
			}
			it.refused(it.explain(err)...)
		}
	}
	return nil
}

// write decides what becomes of each row and writes it. It may be run again with the same items. A run
// that only tries leaves out the writing.
func (im *importer) write(ctx context.Context, tx bun.IDB, rows db.Copy, items []*item) error {
	var err error
	j := judge{importer: im, today: im.s.today(im.of), now: im.now()}
	if j.site, err = holdSite(ctx, tx, im.of.ID); err != nil { // its policy may have changed meanwhile
		return err
	}
	if j.book, err = im.shelf(ctx, tx, items); err != nil {
		return err
	}
	for _, it := range items {
		j.decide(it)
	}
	if im.order.DryRun {
		im.shadow.keep(j.book)
		return nil
	}
	if len(j.out.created) > 0 {
		numbers, err := im.numbers.take(ctx, im.s.db.Pool, im.of.ID, len(j.out.created))
		if err != nil {
			return err
		}
		for i, r := range j.out.created {
			r.Number = numbers[i]
		}
		defer func() {
			if err != nil {
				im.numbers.give(numbers)
			}
		}()
	}
	if err = j.out.write(ctx, tx, rows); err != nil {
		return err
	}
	if err = im.s.spreadAddress(ctx, tx, j.out.moved, im.by); err != nil {
		return err
	}
	err = im.s.recordConsent(ctx, tx, j.site, im.by, j.out.agreed)
	return err
}

// count adds what became of rows.
func (r *ImportRun) count(items []*item) {
	for _, it := range items {
		r.Total++
		switch it.verdict {
		case VerdictCreated:
			r.Created++
		case VerdictUpdated:
			r.Updated++
		case VerdictUnchanged:
			r.Unchanged++
		case VerdictSkipped:
			r.Skipped++
		default:
			r.Refused++
		}
	}
}

// copyRows writes what became of the rows. The history tells the changes of those that were written, so
// that only what it does not tell stands here.
func (im *importer) copyRows(ctx context.Context, rows db.Copy, items []*item) error {
	columns := []string{"site_id", "run_id", "line", "verdict", "contact_id", "problems", "entry_id", "changes", "undo"}
	err := rows(ctx, "import_row", columns, pgx.CopyFromSlice(len(items), func(i int) ([]any, error) {
		it := items[i]
		var entry pgtype.UUID
		changes := it.said
		switch {
		case it.entry == nil:
		case im.order.DryRun:
			changes = maps.Clone(it.entry.Changes)
			maps.Copy(changes, it.said)
		default:
			entry = pgID(it.entry.ID)
		}
		told, err := jsonOrNull(len(changes) > 0, changes)
		if err != nil {
			return nil, err
		}
		undo, err := jsonOrNull(it.undo != nil && !im.order.DryRun, it.undo)
		if err != nil {
			return nil, err
		}
		problems, err := jsonOrNull(len(it.told) > 0, it.told)
		if err != nil {
			return nil, err
		}
		contact := pgtype.UUID{Bytes: it.contact, Valid: it.contact != uuid.Nil && !it.unborn}
		return []any{pgID(im.of.ID), pgID(im.id), it.line, string(it.verdict), contact, problems, entry, told, undo}, nil
	}))
	return db.MapError(err, "insert import rows")
}

// jsonOrNull gives a value as COPY writes it.
func jsonOrNull(has bool, v any) ([]byte, error) {
	if !has {
		return nil, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("values of an import row: %w", err)
	}
	return b, nil
}
