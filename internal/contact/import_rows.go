package contact

import (
	"context"
	"maps"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// ImportRow is a row of the file and what became of it.
type ImportRow struct {
	bun.BaseModel `bun:"table:import_row"`

	SiteID         uuid.UUID `bun:",pk,type:uuid"`
	RunID          uuid.UUID `bun:",pk,type:uuid"`
	Line           int       `bun:",pk"` // where the row begins; the header is line 1
	Verdict        Verdict
	ContactID      *uuid.UUID     `bun:"type:uuid"`
	Problems       ImportProblems `bun:"type:jsonb,nullzero"` // why it was refused, or what of it was not taken
	Message        string         // the same in English, joined; kept of rows alone that are older than Problems
	EntryID        *uuid.UUID     `bun:"type:uuid"`
	Changes        Changes        `bun:"type:jsonb,nullzero"` // beside what the history entry tells
	Undo           *undo          `bun:"type:jsonb,nullzero"`
	Revert         Reverted       `bun:",nullzero"`
	RevertProblems ImportProblems `bun:"type:jsonb,nullzero"` // why it was not taken back, or not wholly
	RevertMessage  string         // the same in English
}

// tell says in English what is wrong with the row, without the values that the actor may not read.
func (row *ImportRow) tell(a site.Actor) {
	row.Problems.hide(a)
	if len(row.Problems) > 0 {
		row.Message = row.Problems.message()
	}
	if len(row.RevertProblems) > 0 {
		row.RevertMessage = row.RevertProblems.message()
	}
}

// ImportRows gives what became of a run's rows in the file's order with their changes, of one verdict
// or all, of one outcome of the revert or all, after a line. Needs an operator.
func (s *Service) ImportRows(ctx context.Context, runID uuid.UUID, verdict *Verdict, revert *Reverted, first int, after string) (rows []*ImportRow, more bool, err error) {
	run, err := s.ImportRunByID(ctx, runID)
	if err != nil {
		return nil, false, err
	}
	if first < 1 || first > MaxPage {
		return nil, false, fault.Invalid(fault.InvalidValue, []string{"first"}, "ask for 1 to %d rows", MaxPage)
	}
	rows = []*ImportRow{}
	q := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND run_id = ?", run.SiteID, runID).Order("line").Limit(int64(first) + 1)
	if after != "" {
		line, err := strconv.ParseInt(after, 10, 32)
		if err != nil {
			return nil, false, fault.New(fault.BadInput, "this cursor is not one of ours")
		}
		q = q.Where("line > ?", line)
	}
	if verdict != nil {
		q = q.Where("verdict = ?", *verdict)
	}
	if revert != nil {
		q = q.Where("revert = ?", *revert)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, false, db.MapError(err, "read import rows")
	}
	more = len(rows) > first
	rows = rows[:min(len(rows), first)]
	return rows, more, tellChanges(ctx, s.db.Bun, site.ActorOf(ctx), rows)
}

// TellImport gives what became of each of a run's rows in the file's order, as it reads them: the line, the
// verdict and the message, without what changed. Needs an operator.
func (s *Service) TellImport(ctx context.Context, runID uuid.UUID, tell func(*ImportRow)) error {
	run, err := s.ImportRunByID(ctx, runID)
	if err != nil {
		return err
	}
	a := site.ActorOf(ctx)
	rows, err := s.db.Pool.Query(ctx, "SELECT line, verdict, message, problems FROM import_row WHERE site_id = $1 AND run_id = $2 ORDER BY line", run.SiteID, runID)
	if err != nil {
		return db.MapError(err, "read import rows")
	}
	var row ImportRow
	_, err = pgx.ForEachRow(rows, []any{&row.Line, &row.Verdict, &row.Message, &row.Problems}, func() error {
		row.tell(a)
		tell(&row)
		return nil
	})
	return db.MapError(err, "read import rows")
}

// tellChanges adds what the history tells of rows, and says what is wrong with them, without the values that the actor may not read.
func tellChanges(ctx context.Context, q bun.IDB, a site.Actor, rows []*ImportRow) error {
	var ids []uuid.UUID
	for _, r := range rows {
		if r.EntryID != nil {
			ids = append(ids, *r.EntryID)
		}
	}
	entries, err := entriesByID(ctx, q, a.SiteID, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.EntryID != nil && entries[*r.EntryID] != nil {
			all := maps.Clone(entries[*r.EntryID].Changes)
			maps.Copy(all, r.Changes)
			r.Changes = all
		}
		r.Changes.hide(a)
		r.tell(a)
	}
	return nil
}

func entriesByID(ctx context.Context, q bun.IDB, siteID uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]*Entry, error) {
	out := map[uuid.UUID]*Entry{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []*Entry
	if err := q.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", siteID, bun.List(ids)).Scan(ctx); err != nil {
		return nil, db.MapError(err, "read history of import")
	}
	for _, e := range rows {
		out[e.ID] = e
	}
	return out, nil
}
