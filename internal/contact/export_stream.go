package contact

import (
	"context"
	"database/sql"
	"io"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// exportChunk is how many contacts are in memory at once.
const exportChunk = 500

// exportFile is a kind of file that contacts are written into. Row by row: nothing is kept.
type exportFile interface {
	row(x *exported) error
	close() error
}

// WriteExport writes the file of an export and notes how much left. It reads in one transaction that
// sees the book as it stood at the beginning, through a cursor, so that memory does not grow with the
// book. The transaction only reads: it holds up neither writers nor the change feed. Needs an operator,
// of the export's site.
func (s *Service) WriteExport(ctx context.Context, e *Export, to io.Writer) error {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return err
	}
	if a.SiteID != e.SiteID {
		return fault.Missing("export")
	}
	counted := &countingWriter{to: to}
	written, err := s.writeExport(ctx, a, e, counted)
	if err != nil {
		return err
	}
	now := s.now()
	e.Written, e.Bytes, e.FinishedAt = &written, &counted.bytes, &now
	_, err = s.db.Bun.NewUpdate().Model(e).Column("written", "bytes", "finished_at").WherePK().Exec(context.WithoutCancel(ctx))
	return db.MapError(err, "note export")
}

func (s *Service) writeExport(ctx context.Context, a site.Actor, e *Export, to io.Writer) (written int, err error) {
	columns, err := s.columnsOf(ctx, a.SiteID, e.Request.Columns)
	if err != nil {
		return 0, err
	}
	query, err := s.exportQuery(ctx, e.Request)
	if err != nil {
		return 0, err
	}
	sel, err := s.Matching(ctx, a, query)
	if err != nil {
		return 0, err
	}
	for _, c := range append(prefixed(orders[ByName]), "contact.id") {
		sel = sel.OrderExpr(c)
	}
	file, err := newExportFile(e, columns, to)
	if err != nil {
		return 0, err
	}
	list, err := options(ctx, s.db.Bun, a.SiteID, "", true)
	if err != nil {
		return 0, err
	}
	of, err := readSite(ctx, s.db.Bun, a.SiteID)
	if err != nil {
		return 0, err
	}
	language := site.NearestLanguage(e.Request.Language, "en")
	known := exportKnowledge{zone: of.Location(), words: exportLanguages[language], language: language, actor: a, options: map[uuid.UUID]*Option{}}
	for _, o := range list {
		known.options[o.ID] = o
	}
	err = s.db.Bun.RunInTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("DECLARE exported NO SCROLL CURSOR FOR ?", bun.Safe(sel.String())).Exec(ctx); err != nil {
			return db.MapError(err, "open cursor")
		}
		for {
			rows := make([]*Record, 0, exportChunk)
			if err := tx.NewRaw("FETCH ? FROM exported", exportChunk).Scan(ctx, &rows); err != nil {
				return db.MapError(err, "read contacts")
			}
			if len(rows) == 0 {
				return nil
			}
			if err := writeChunk(ctx, tx, file, rows, known); err != nil {
				return err
			}
			written += len(rows)
		}
	})
	if err != nil {
		return written, err
	}
	return written, fault.Wrap(file.close(), "write export")
}

func writeChunk(ctx context.Context, q bun.IDB, file exportFile, rows []*Record, known exportKnowledge) error {
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	groups, err := groupsOf(ctx, q, rows[0].SiteID, ids)
	if err != nil {
		return err
	}
	references, err := referencesOfAll(ctx, q, rows[0].SiteID, ids)
	if err != nil {
		return err
	}
	labels, err := labelsOf(ctx, q, rows[0].SiteID, ids)
	if err != nil {
		return err
	}
	consents, err := readConsents(ctx, q, rows[0].SiteID, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		x := &exported{Record: r, groups: groups[r.ID], references: references[r.ID], labels: labels[r.ID], consents: consents, exportKnowledge: known}
		if err := file.row(x); err != nil {
			return fault.Wrap(err, "write export")
		}
	}
	return nil
}

func newExportFile(e *Export, columns []exportColumn, to io.Writer) (exportFile, error) {
	switch e.Format {
	case ExportCSV:
		return newCSVFile(e.Request, columns, to)
	case ExportXLSX:
		return newXLSXFile(e.Request, columns, to)
	case ExportVCard:
		return newVCardFile(to), nil
	}
	return nil, fault.Invalid(fault.InvalidValue, []string{"format"}, "the formats are CSV, XLSX and VCARD")
}

// countingWriter counts what went through.
type countingWriter struct {
	to    io.Writer
	bytes int64
}

// Write passes p on.
func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	w.bytes += int64(n)
	return n, err
}
