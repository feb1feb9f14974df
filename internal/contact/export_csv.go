package contact

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"
)

// csvFile is a CSV as RFC 4180 describes it, with a byte order mark, by which spreadsheets know that
// it is UTF-8, and a semicolon where the language writes decimals with a comma, as its spreadsheets do.
type csvFile struct {
	csv     *csv.Writer
	columns []exportColumn
	cells   []string
}

func newCSVFile(req ExportRequest, columns []exportColumn, to io.Writer) (*csvFile, error) {
	f := &csvFile{csv: csv.NewWriter(to), columns: columns, cells: make([]string, len(columns))}
	f.csv.UseCRLF = true
	if req.Language != "en" {
		f.csv.Comma = ';'
	}
	if !req.Plain {
		if _, err := to.Write(bomUTF8); err != nil {
			return nil, err
		}
	}
	for i, c := range columns {
		f.cells[i] = harmless(c.labelIn(req.Language))
	}
	return f, f.csv.Write(f.cells)
}

func (f *csvFile) row(x *exported) error {
	for i, c := range f.columns {
		f.cells[i] = harmless(c.value(x))
	}
	return f.csv.Write(f.cells)
}

func (f *csvFile) close() error {
	f.csv.Flush()
	return f.csv.Error()
}

// harmless keeps a spreadsheet from running a cell as a formula: one that begins as a formula does gets
// an apostrophe (OWASP, CSV Injection). A plus and nothing but digits, as phone numbers are written,
// stays as it is: it computes nothing, and other programs want the number. harmed takes the apostrophe
// away again, so one that stood before such a beginning already gets another.
func harmless(cell string) string {
	if beginsFormula(strings.TrimLeft(cell, "'")) && !isNumber(cell) {
		return "'" + cell
	}
	return cell
}

// harmed gives the text that harmless made a cell of.
func harmed(cell string) string {
	if rest, marked := strings.CutPrefix(cell, "'"); marked && beginsFormula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return cell
}

// Harmless is harmless for the files of packages above.
func Harmless(cell string) string { return harmless(cell) }

// beginsFormula tells whether a spreadsheet may take a text for a formula.
func beginsFormula(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	switch r {
	case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		return true
	}
	return false
}

// isNumber tells whether a text is a plus and digits.
func isNumber(text string) bool {
	number, ok := strings.CutPrefix(text, "+")
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}
