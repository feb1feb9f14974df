package contact

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"carnet/internal/fault"
)

// textCoding is how a file writes its letters.
type textCoding string

const (
	codingUTF8        textCoding = "UTF-8"
	codingUTF16       textCoding = "UTF-16"
	codingWindows1252 textCoding = "Windows-1252"
)

var bomUTF8 = []byte{0xEF, 0xBB, 0xBF}

// survey is what a first reading of a file finds out.
type survey struct {
	coding textCoding
	bom    bool
	onlyCR bool // lines end as on the Macintosh of old
}

// surveyFile reads a whole file in constant memory and finds out how it is written. Without a byte
// order mark it is UTF-8 when most of its sequences of bytes above 127 are valid UTF-8, which in
// Windows-1252 hardly ever happens by chance; a UTF-8 file with a few broken letters stays UTF-8, so
// that only their rows are refused.
func surveyFile(r io.Reader) (survey, error) {
	var (
		s                    = survey{coding: codingUTF8}
		valid, invalid       int
		breaks, returns, all int
		buf                  = make([]byte, 0, readSize)
		head                 []byte
	)
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		all += n
		if len(head) < 8 {
			head = append(head, buf[len(buf)-n:min(len(buf), len(buf)-n+8)]...)
			if err := notText(head, buf); err != nil {
				return s, err
			}
		}
		breaks += bytes.Count(buf[len(buf)-n:], []byte{'\n'})
		returns += bytes.Count(buf[len(buf)-n:], []byte{'\r'})
		buf = countRunes(buf, &valid, &invalid, errors.Is(err, io.EOF))
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s, err
		}
	}
	if all == 0 {
		return s, unreadable(fileEmpty)
	}
	s.onlyCR = breaks == 0 && returns > 0
	switch {
	case bytes.HasPrefix(head, bomUTF8):
		s.bom = true
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		s.coding, s.bom, s.onlyCR = codingUTF16, true, false
	case invalid > valid:
		s.coding = codingWindows1252
	}
	return s, nil
}

// countRunes counts the valid and invalid sequences above 127 and gives what may be the beginning of
// one, moved to the front of buf.
func countRunes(buf []byte, valid, invalid *int, last bool) []byte {
	i := 0
	for i < len(buf) {
		if buf[i] < utf8.RuneSelf {
			i++
			continue
		}
		if !last && !utf8.FullRune(buf[i:]) {
			break
		}
		r, size := utf8.DecodeRune(buf[i:])
		if r == utf8.RuneError && size == 1 {
			*invalid++
		} else {
			*valid++
		}
		i += size
	}
	return buf[:copy(buf, buf[i:])]
}

// Beginnings of files that people take for a CSV.
var otherFiles = []struct{ begins, code string }{
	{"\xD0\xCF\x11\xE0", fileOldExcel},
	{"%PDF", filePDF},
	{"\x1F\x8B", fileCompressed},
}

// notText says at once, by its first bytes, what a file is that nothing can be read from.
func notText(head, first []byte) error {
	for _, other := range otherFiles {
		if bytes.HasPrefix(head, []byte(other.begins)) {
			return unreadable(other.code)
		}
	}
	utf16 := bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF})
	if !utf16 && bytes.Count(first, []byte{0}) > len(first)/10 { // fewer spoil only their rows
		return unreadable(fileBinary)
	}
	return nil
}

// decoded gives the file's text as UTF-8 without a byte order mark. Broken UTF-8 stays broken.
func (s survey) decoded(r io.Reader) (io.Reader, error) {
	switch {
	case s.coding == codingWindows1252:
		r = charmap.Windows1252.NewDecoder().Reader(r)
	case s.coding == codingUTF16:
		r = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Reader(r)
	case s.bom:
		if _, err := io.ReadFull(r, make([]byte, len(bomUTF8))); err != nil {
			return nil, err
		}
	}
	if s.onlyCR {
		r = newlines{r}
	}
	return r, nil
}

// newlines reads CR as LF.
type newlines struct{ io.Reader }

func (n newlines) Read(p []byte) (int, error) {
	size, err := n.Reader.Read(p)
	for i, b := range p[:size] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return size, err
}

// records gives the cells of a table's rows that are not blank, with their lines. *badRecord for one
// that cannot be read, io.EOF at the end.
type records interface {
	read() (cells []string, line int, err error)
	close() error
}

// sheet is a table that is being read: its columns are known, its rows come one by one.
type sheet struct {
	records
	format  Format
	columns []column
	unread  map[int]bool // columns that mean nothing to us and have not been told of yet
	csv     bool         // cells that a spreadsheet could run have an apostrophe
	serials bool         // days may be numbers
	values  valueMap     // nil: every value is read as it stands
}

// openSheet finds out how a text file is written and reads its header. open gives the file from its
// beginning; it is called twice. Faults say what is wrong with the file and what helps.
func openSheet(open func() io.Reader, format Format, known *vocabulary) (*sheet, error) {
	found, err := surveyFile(open())
	if err != nil {
		return nil, fault.Wrap(err, "survey file")
	}
	text, err := found.decoded(open())
	if err != nil {
		return nil, fault.Wrap(err, "read file")
	}
	csv := newCSVReader(text, ',')
	if err := findSeparator(csv); err != nil {
		return nil, err
	}
	sh, err := newSheet(csv, format, known)
	if err == nil {
		sh.csv = true
	}
	return sh, err
}

// newSheet reads the header of a table.
func newSheet(from records, format Format, known *vocabulary) (*sheet, error) {
	header, err := readHeader(from)
	if err != nil {
		return nil, err
	}
	sh := &sheet{records: from, unread: map[int]bool{}}
	if sh.format, err = detectFormat(format, header); err != nil {
		return nil, err
	}
	sh.columns = make([]column, len(header))
	for i, name := range header {
		sh.columns[i] = known.column(sh.format, name)
		sh.unread[i] = sh.columns[i].to == toNothing && name != ""
	}
	return sh, nil
}

// header gives the columns' names.
func (sh *sheet) header() []string {
	names := make([]string, len(sh.columns))
	for i, c := range sh.columns {
		names[i] = c.header
	}
	return names
}

// findSeparator looks at the first line that says something.
func findSeparator(csv *csvReader) error {
	end, err := csv.lineAfter(0)
	for err == nil {
		line := bytes.TrimSpace(csv.buf[csv.pos : csv.pos+end])
		if bytes.HasPrefix(line, []byte("sep=")) && len(line) == 5 { // Excel's way to name it
			csv.advance(end)
		} else if len(line) > 0 {
			if bytes.IndexByte(line, 0) >= 0 {
				return unreadable(fileNoText)
			}
			csv.comma = separatorOf(line)
			break
		} else {
			csv.advance(end)
		}
		end, err = csv.lineAfter(0)
	}
	return nil // what is wrong, reading the header tells
}

// readHeader gives the names of the columns.
func readHeader(from records) ([]string, error) {
	header, _, err := from.read()
	var bad *badRecord
	switch {
	case errors.Is(err, io.EOF):
		return nil, unreadable(fileEmpty)
	case errors.As(err, &bad):
		return nil, unreadable(fileHeader, bad.Error())
	case err != nil:
		return nil, fault.Wrap(err, "read header")
	case len(header) > maxColumns:
		return nil, unreadable(fileColumns, strconv.Itoa(maxColumns))
	}
	for i := range header {
		header[i] = strings.Join(strings.Fields(strings.ToValidUTF8(header[i], "\uFFFD")), " ")
	}
	return header, nil
}

// separatorOf gives what stands most often between the names of a header line.
func separatorOf(line []byte) byte {
	best, most, within := byte(','), 0, false
	counts := map[byte]int{}
	for _, b := range line {
		switch {
		case b == '"':
			within = !within
		case !within && (b == ',' || b == ';' || b == '\t'):
			if counts[b]++; counts[b] > most {
				best, most = b, counts[b]
			}
		}
	}
	return best
}

// next gives the next row. *badRecord for one that cannot be read; io.EOF at the end.
func (sh *sheet) next() (*draft, int, error) {
	cells, line, err := sh.read()
	if err != nil {
		return nil, line, err
	}
	if sh.repeatsHeader(cells) {
		return nil, line, bad(rowRepeatsHeader)
	}
	d := new(draft)
	for i, text := range cells {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if sh.csv {
			text = harmed(text)
		}
		if i >= len(sh.columns) {
			d.warn(ImportProblem{Code: surplusCell, Value: shortened(text)})
			break
		}
		if sh.values != nil {
			if text = sh.values.of(i, sh.columns[i], text); text == "" {
				continue
			}
		}
		if sh.unread[i] {
			delete(sh.unread, i)
			d.warn(ImportProblem{Code: unreadColumn, Column: sh.columns[i].header})
		}
		if sh.serials && slices.Contains(dayTargets, sh.columns[i].to) {
			text = dayOfSerial(text)
		}
		d.put(sh.columns[i], text)
	}
	return d, line, nil
}

// dayTargets are days, which a workbook keeps as numbers.
var dayTargets = []target{toBirth, toConsentDate, toValidUntil}

// repeatsHeader tells whether a row is the header again, as in files that were put one behind another.
func (sh *sheet) repeatsHeader(cells []string) bool {
	if len(cells) != len(sh.columns) {
		return false
	}
	same := 0
	for i, c := range sh.columns {
		if strings.Join(strings.Fields(cells[i]), " ") != c.header {
			return false
		}
		if c.header != "" {
			same++
		}
	}
	return same > 1 || same == 1 && len(cells) == 1
}

// shortened makes a value of the file fit for a message.
func shortened(text string) string {
	const limit = 40
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text[:min(len(text), 4*limit)])
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return text
}
