package contact

import (
	"archive/zip"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"carnet/internal/fault"
)

const (
	// maxUnpacked is how large a workbook may be once unpacked, in bytes: a sheet of a million rows is
	// smaller, an archive made to fill a disk is not.
	maxUnpacked = 600 << 20
	// maxPart is how large any part but the sheets and their texts may be: these are read into memory.
	maxPart = 16 << 20
)

// xlsxReader reads the first sheet of a workbook that has a row, row by row. Sheets that are large
// wait unpacked in a temporary file.
type xlsxReader struct {
	book  *excelize.File
	rows  *excelize.Rows
	ahead bool // the next row has been found already
	line  int
}

// openXLSX opens a workbook. Archives that are no workbook, or too large once unpacked, are refused
// before anything is unpacked.
func openXLSX(r io.Reader) (_ *xlsxReader, err error) {
	file, err := os.CreateTemp("", "carnet-import-*.xlsx")
	if err != nil {
		return nil, fault.Wrap(err, "keep workbook")
	}
	defer os.Remove(file.Name())
	defer file.Close()
	size, err := io.Copy(file, r)
	if err != nil {
		return nil, fault.Wrap(err, "keep workbook")
	}
	if err := checkWorkbook(file, size); err != nil {
		return nil, err
	}
	book, err := excelize.OpenFile(file.Name(), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxPart})
	if err != nil {
		return nil, unreadable(fileWorkbook)
	}
	for _, name := range book.GetSheetList() {
		rows, err := book.Rows(name)
		if err != nil {
			continue // a chart
		}
		x := &xlsxReader{book: book, rows: rows}
		if x.rows.Next() {
			x.ahead = true
			return x, nil
		}
		if err := rows.Close(); err != nil {
			return nil, fault.Wrap(errors.Join(err, book.Close()), "close sheet")
		}
	}
	return nil, errors.Join(unreadable(fileNoRow), book.Close())
}

// checkWorkbook looks at the archive's list of contents. The sizes it tells are held to when unpacking.
func checkWorkbook(file io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return unreadable(fileDamaged)
	}
	var total uint64
	workbook := false
	for _, part := range archive.File {
		name := strings.ToLower(strings.ReplaceAll(part.Name, `\`, "/"))
		workbook = workbook || name == "xl/workbook.xml"
		total += part.UncompressedSize64
		large := strings.HasPrefix(name, "xl/worksheets/") || name == "xl/sharedstrings.xml" || strings.HasPrefix(name, "xl/media/")
		if part.UncompressedSize64 > maxUnpacked || total > maxUnpacked || !large && part.UncompressedSize64 > maxPart {
			return unreadable(fileWorkbookSize)
		}
	}
	if !workbook {
		return unreadable(fileNoWorkbook)
	}
	return nil
}

// read gives the cells of the next row that is not blank.
func (x *xlsxReader) read() (cells []string, line int, err error) {
	for x.ahead || x.rows.Next() {
		x.ahead = false
		x.line++
		cells, err := x.rows.Columns()
		if err != nil {
			return nil, x.line, fault.Wrap(err, "read sheet")
		}
		if len(cells) > maxColumns {
			cells = cells[:maxColumns+1] // enough to be refused by
		}
		if slices.ContainsFunc(cells, func(s string) bool { return strings.TrimSpace(s) != "" }) {
			return cells, x.line, nil
		}
	}
	if err := x.rows.Error(); err != nil {
		return nil, x.line, fault.Wrap(err, "read sheet")
	}
	return nil, x.line, io.EOF
}

func (x *xlsxReader) close() error { return errors.Join(x.rows.Close(), x.book.Close()) }

// dayOfSerial reads a day as workbooks keep it: the days since the end of 1899. Other texts stay.
func dayOfSerial(text string) string {
	serial, err := strconv.ParseFloat(text, 64)
	if err != nil || serial < 1 || serial > 2958465 || len(text) == 8 && !strings.Contains(text, ".") { // 19870430 is no serial
		return text
	}
	at, err := excelize.ExcelDateToTime(serial, false)
	if err != nil {
		return text
	}
	return at.Format(time.DateOnly)
}
