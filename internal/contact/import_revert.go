package contact

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Reverted is what became of a row when its import was taken back.
type Reverted string

// The outcomes.
const (
	RevertUndone Reverted = "undone" // all is as before the import
	RevertPartly Reverted = "partly" // all but what cannot be: the ledger of consent is never rewritten
	RevertKept   Reverted = "kept"   // left as it is, because somebody has changed it since
)

// revertRows is how many rows one transaction takes back.
const revertRows = 500

// undo is what taking a row back needs and the history does not keep whole.
type undo struct {
	IBAN       *[2]string  `json:"iban,omitempty"` // before and after
	Joined     []uuid.UUID `json:"joined,omitempty"`
	Labelled   []uuid.UUID `json:"labelled,omitempty"`
	Unlabelled []uuid.UUID `json:"unlabelled,omitempty"`
	Referred   []Reference `json:"referred,omitempty"`
}

// RevertImport takes an import back in the background: contacts that it made go to the trash, those
// that it changed get what they had, last row first. What somebody has changed since stays as it is, and
// its row says so. Consent that was recorded stays in the ledger. An import that was taken back in part
// may be taken back again. Needs an operator. Conflict when the run is not over or wrote nothing.
func (s *Service) RevertImport(ctx context.Context, id uuid.UUID) (*ImportRun, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	run, err := s.beginRevert(ctx, a, id)
	if err != nil {
		return nil, err
	}
	first := *run
	began := make(chan error, 1)
	err = s.imports.start(ctx, run.ID, func(ctx context.Context) {
		if err := s.revertRun(ctx, a, run, func() { began <- nil }); err != nil {
			select {
			case began <- err:
			default:
				slog.ErrorContext(ctx, "revert of an import failed", "site", run.SiteID, "run", run.ID, "error", err)
			}
		}
	})
	if err != nil {
		return nil, errors.Join(err, s.endRevert(ctx, &first, err))
	}
	select {
	case err := <-began:
		return &first, err
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), "revert import")
	}
}

// beginRevert marks a run as being taken back.
func (s *Service) beginRevert(ctx context.Context, a site.Actor, id uuid.UUID) (*ImportRun, error) {
	run := new(ImportRun)
	err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		run = new(ImportRun)
		err := tx.NewSelect().Model(run).Where("site_id = ? AND id = ?", a.SiteID, id).For("UPDATE").Scan(ctx)
		switch {
		case err != nil:
			return db.Missing(err, "import", "lock import run")
		case run.DryRun:
			return fault.New(fault.Conflict, "this import was only tried; there is nothing to take back")
		case !run.Over():
			return fault.New(fault.Conflict, "this import is at work; wait until it is done")
		}
		left, err := tx.NewSelect().Model((*ImportRow)(nil)).Where(toRevert, run.SiteID, run.ID).Count(ctx)
		if err != nil {
			return db.MapError(err, "count import rows")
		}
		run.UndoOf = int(left)
		if run.UndoOf == 0 {
			return fault.New(fault.Conflict, "nothing of this import is left to take back")
		}
		run.Status, run.Problem, run.Problems, run.FinishedAt = ImportReverting, "", nil, nil
		run.Undone, run.Kept = 0, 0
		if err := s.recount(ctx, tx, run); err != nil {
			return err
		}
		run.UndoOf += run.Undone // of the whole import
		_, err = tx.NewUpdate().Model(run).Column("status", "problem", "problems", "finished_at", "undo_of", "undone", "kept").WherePK().Exec(ctx)
		return db.MapError(err, "begin revert")
	})
	return run, err
}

// toRevert finds the rows that a revert has to look at.
const toRevert = "site_id = ? AND run_id = ? AND verdict IN ('created', 'updated') AND (revert IS NULL OR revert = 'kept')"

// recount counts what earlier reverts of the run took back.
func (s *Service) recount(ctx context.Context, tx bun.IDB, run *ImportRun) error {
	err := tx.NewSelect().Model((*ImportRow)(nil)).ColumnExpr("count(*) FILTER (WHERE revert = 'undone'), count(*) FILTER (WHERE revert = 'partly')").
		Where("site_id = ? AND run_id = ? AND revert IS NOT NULL", run.SiteID, run.ID).Scan(ctx, &run.Undone, &run.Kept)
	return db.MapError(err, "count reverted rows")
}

func (s *Service) revertRun(ctx context.Context, a site.Actor, run *ImportRun, begun func()) (err error) {
	defer func() {
		if bug := recover(); bug != nil {
			err = fault.Wrap(fmt.Errorf("panic: %v\n%s", bug, debug.Stack()), "revert import")
		}
		err = errors.Join(err, s.endRevert(ctx, run, err))
	}()
	hold, err := s.holdRun(ctx, run.ID)
	if err != nil {
		return err
	}
	defer hold.Rollback() //nolint:errcheck // it only held a lock
	begun()
	by := author(a)
	options, err := options(ctx, s.db.Bun, run.SiteID, "", true)
	if err != nil {
		return err
	}
	line := int(^uint32(0) >> 1)
	for more := true; more && err == nil; {
		next, after := 0, ImportRun{}
		err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
			after = *run
			r := &reversal{s: s, run: &after, by: by, actor: a, options: options}
			var err error
			next, more, err = r.chunk(ctx, tx, line)
			return err
		})
		if err == nil {
			line, run.Undone, run.Kept = next, after.Undone, after.Kept
		}
	}
	return err
}

// endRevert notes how a revert ended.
func (s *Service) endRevert(ctx context.Context, run *ImportRun, failure error) error {
	run.end(ImportReverted, s.now())
	if failure != nil {
		run.end(ImportDone, s.now(), ImportProblem{Code: revertBroke})
	}
	_, err := s.db.Bun.NewUpdate().Model(run).Column("status", "problems", "finished_at").WherePK().Exec(context.WithoutCancel(ctx))
	return db.MapError(err, "end revert")
}
