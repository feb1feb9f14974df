package contact

import (
	"archive/zip"
	"errors"
	"io"

	"github.com/xuri/excelize/v2"
)

// maxXLSXRows is how many contacts fit on a sheet beside its header.
const maxXLSXRows = excelize.TotalRows - 1

// xlsxFile is a workbook of one sheet. Cells are texts, which no spreadsheet runs. Rows wait in a
// temporary file once they are many; the archive is then written straight through.
type xlsxFile struct {
	book    *excelize.File
	rows    *excelize.StreamWriter
	columns []exportColumn
	cells   []any
	next    int
}

func newXLSXFile(req ExportRequest, columns []exportColumn, to io.Writer) (_ *xlsxFile, err error) {
	f := &xlsxFile{book: excelize.NewFile(), columns: columns, cells: make([]any, len(columns)), next: 1}
	// Else the whole archive would be gathered in memory first.
	f.book.ZipWriter = func(io.Writer) excelize.ZipWriter { return zip.NewWriter(to) }
	const sheet = "Contacts"
	bold, errStyle := f.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err := errors.Join(errStyle, f.book.SetSheetName("Sheet1", sheet)); err != nil {
		return nil, err
	}
	if f.rows, err = f.book.NewStreamWriter(sheet); err != nil {
		return nil, err
	}
	frozen := &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}
	if err := errors.Join(f.rows.SetColWidth(1, len(columns), 20), f.rows.SetPanes(frozen)); err != nil {
		return nil, err
	}
	for i, c := range columns {
		f.cells[i] = excelize.Cell{StyleID: bold, Value: c.labelIn(req.Language)}
	}
	return f, f.write()
}

func (f *xlsxFile) row(x *exported) error {
	for i, c := range f.columns {
		f.cells[i] = nil
		if text := c.value(x); text != "" {
			f.cells[i] = text
		}
	}
	return f.write()
}

func (f *xlsxFile) write() error {
	at, err := excelize.CoordinatesToCellName(1, f.next)
	if err != nil {
		return err
	}
	f.next++
	return f.rows.SetRow(at, f.cells)
}

func (f *xlsxFile) close() error {
	err := f.rows.Flush()
	if err == nil {
		_, err = f.book.WriteToBuffer() // through ZipWriter: the buffer stays empty
	}
	return errors.Join(err, f.book.Close())
}
