package contact

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// problemHeaders name the last column of a file of refused rows; an import knows them and passes over it.
var problemHeaders = map[string]string{"en": "Import problem", "fr": "Problème d’import", "nb": "Importproblem"}

// RefusedFile is the rows that an import refused, to be mended and imported again.
type RefusedFile struct {
	Name        string
	ContentType string
	run         *ImportRun
	upload      *Upload
	language    string
}

// RefusedRows prepares the file of a run's refused rows: their cells as they stood in the file and what
// was wrong with each. NotFound when the run, or the file it read, is gone. Needs an operator.
func (s *Service) RefusedRows(ctx context.Context, runID uuid.UUID) (*RefusedFile, error) {
	run, err := s.ImportRunByID(ctx, runID)
	if err != nil {
		return nil, err
	}
	gone := fault.New(fault.NotFound, "the file of this import is not kept any more; files stay for seven days")
	if run.UploadID == nil {
		return nil, gone
	}
	upload, err := s.uploadByID(ctx, run.SiteID, *run.UploadID)
	if err != nil {
		if fault.CodeOf(err) == fault.NotFound {
			return nil, gone
		}
		return nil, err
	}
	of, err := readSite(ctx, s.db.Bun, run.SiteID)
	if err != nil {
		return nil, err
	}
	base := run.FileName
	if at := strings.LastIndex(base, "."); at > 0 {
		base = base[:at]
	}
	f := &RefusedFile{Name: base + "-refused.csv", ContentType: "text/csv; charset=utf-8; header=present", run: run, upload: upload, language: exportLanguage("", site.ActorOf(ctx), of)}
	if run.FileType == FileVCard {
		f.Name, f.ContentType = base+"-refused.vcf", "text/vcard; charset=utf-8"
	}
	return f, nil
}

// RefusedKept tells whether a run refused rows and its file is still there to take them from.
func (s *Service) RefusedKept(ctx context.Context, run *ImportRun) (bool, error) {
	if run.Refused == 0 || run.UploadID == nil {
		return false, nil
	}
	is, err := s.db.Bun.NewSelect().Model((*Upload)(nil)).Where("site_id = ? AND id = ?", run.SiteID, *run.UploadID).Exists(ctx)
	return is, db.MapError(err, "look for upload")
}

// WriteRefused writes the file, in constant memory.
func (s *Service) WriteRefused(ctx context.Context, f *RefusedFile, to io.Writer) error {
	if _, err := site.RequireBook(ctx, site.AccessOperator); err != nil {
		return err
	}
	next := s.refusals(ctx, f.run)
	opened, err := openFile(func() io.Reader { return s.openUpload(ctx, f.upload) }, formatAsked(f.run.Format), &vocabulary{})
	if err != nil {
		return err
	}
	if opened.sheet == nil {
		err = writeRefusedCards(opened.rowSource, next, to)
	} else {
		err = f.writeCells(opened.sheet, next, to)
	}
	return errors.Join(err, opened.close())
}

// formatAsked gives the format that an import of the same file asks for.
func formatAsked(f Format) Format {
	if f == FormatVCard {
		return FormatAuto
	}
	return f
}

// refusals gives a run's refused rows one by one; nil at the end.
func (s *Service) refusals(ctx context.Context, run *ImportRun) func() (*ImportRow, error) {
	var page []*ImportRow
	a := site.ActorOf(ctx)
	line, last := 0, false
	return func() (*ImportRow, error) {
		if len(page) == 0 && !last {
			err := s.db.Bun.NewSelect().Model(&page).Column("line", "message", "problems").
				Where("site_id = ? AND run_id = ? AND verdict = ? AND line > ?", run.SiteID, run.ID, VerdictRefused, line).Order("line").Limit(1000).Scan(ctx)
			if err != nil {
				return nil, db.MapError(err, "read refused rows")
			}
			last = len(page) < 1000
		}
		if len(page) == 0 {
			return nil, nil //nolint:nilnil // documented: the end
		}
		row := page[0]
		page, line = page[1:], row.Line
		row.tell(a)
		return row, nil
	}
}

func (f *RefusedFile) writeCells(sh *sheet, next func() (*ImportRow, error), to io.Writer) error {
	if _, err := to.Write(bomUTF8); err != nil {
		return err
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	if f.language != "en" {
		w.Comma = ';'
	}
	width := len(sh.columns)
	write := func(cells []string, problem string) error {
		row := make([]string, width+1)
		for i := range min(len(cells), width) {
			row[i] = strings.ReplaceAll(strings.ToValidUTF8(cells[i], "\uFFFD"), "\x00", "")
			if !sh.csv {
				row[i] = harmless(row[i])
			}
		}
		row[width] = harmless(problem)
		return w.Write(row)
	}
	if err := write(sh.header(), problemHeaders[f.language]); err != nil {
		return err
	}
	for {
		row, err := next()
		if err != nil || row == nil {
			w.Flush()
			return errors.Join(err, w.Error())
		}
		cells, err := rowAt(sh.records, row.Line)
		if err != nil {
			return err
		}
		if cells == nil {
			row.Message = "line " + strconv.Itoa(row.Line) + ": " + row.Message
		}
		if err := write(cells, row.Message); err != nil {
			return err
		}
	}
}

// rowAt reads on to the row of a line; nil when it cannot be read.
func rowAt(from records, line int) ([]string, error) {
	for {
		cells, at, err := from.read()
		var bad *badRecord
		switch {
		case errors.Is(err, io.EOF) || errors.As(err, &bad) && at >= line:
			return nil, nil
		case errors.As(err, &bad):
		case err != nil:
			return nil, fault.Wrap(err, "read row")
		case at >= line:
			return cells, nil
		}
	}
}

// escaped writes the separators that cardReader marked as cards write them.
var escaped = strings.NewReplacer(semicolon, `\;`, escapedComma, `\,`)

func writeRefusedCards(from rowSource, next func() (*ImportRow, error), to io.Writer) error {
	cards, ok := from.(*cardReader)
	if !ok {
		return fault.New(fault.Internal, "a file of cards is read by its reader")
	}
	row, err := next()
	for err == nil && row != nil {
		text, line, readErr := cards.card()
		var bad *badRecord
		switch {
		case errors.Is(readErr, io.EOF):
			return nil
		case readErr != nil && !errors.As(readErr, &bad):
			return fault.Wrap(readErr, "read card")
		case line < row.Line:
			continue
		case readErr == nil && line == row.Line:
			problem := "X-IMPORT-PROBLEM:" + strings.NewReplacer("\\", `\\`, "\n", `\n`, ";", `\;`, ",", `\,`).Replace(row.Message)
			body := strings.TrimSuffix(strings.TrimRight(escaped.Replace(text), "\r\n"), endCard)
			if _, err := io.WriteString(to, strings.TrimRight(body, "\r\n")+"\r\n"+problem+"\r\n"+endCard+"\r\n"); err != nil {
				return err
			}
		}
		row, err = next()
	}
	return err
}
