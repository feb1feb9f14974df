package contact

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
)

const (
	// maxRecord is how many bytes one record may have. A longer one is skipped, so that a quotation
	// mark nobody closed cannot pull the whole file into memory.
	maxRecord = 2 << 20
	readSize  = 64 << 10
)

// csvReader reads records of separated values as RFC 4180 describes them, and as spreadsheets
// really write them: ragged, with bare quotation marks, blank lines, and any line break.
//
// It differs from encoding/csv with LazyQuotes in one point, and exists for it: a quotation mark
// that is never closed spoils the line it stands on and not the rest of the file. It counts as
// never closed when the file or maxRecord ends first, or when another mark stands in the middle of
// a cell on a later line.
type csvReader struct {
	src   io.Reader
	comma byte
	buf   []byte // what has been read; the next record begins at pos
	pos   int
	ended bool // src has no more
	line  int  // of buf[pos], from 1

	text []byte // the cells of the current record, joined
	ends []int  // where each ends in text
}

var (
	errUnclosed = bad(rowUnclosed)
	errTooBig   = bad(rowTooLong)
)

func newCSVReader(src io.Reader, comma byte) *csvReader {
	return &csvReader{src: src, comma: comma, line: 1}
}

func (c *csvReader) close() error { return nil }

// read gives the next record that is not blank and the line on which it begins. At the end io.EOF;
// *badRecord for a record that was skipped.
func (c *csvReader) read() (cells []string, line int, err error) {
	for {
		end, err := c.lineAfter(0)
		if errors.Is(err, errTooBig) {
			line = c.line
			if err := c.skipLine(); err != nil {
				return nil, line, err
			}
			return nil, line, errTooBig
		}
		if err != nil {
			return nil, c.line, err
		}
		if len(bytes.TrimSpace(c.buf[c.pos:c.pos+end])) == 0 {
			c.advance(end)
			continue
		}
		line = c.line
		stop, err := c.parse(end)
		switch {
		case errors.Is(err, errUnclosed):
			c.advance(end) // only its first line is lost
			return nil, line, err
		case err != nil:
			return nil, line, err
		}
		c.advance(stop)
		return c.cells(), line, nil
	}
}

// parse reads the record whose first line ends at end and gives where the record ends.
func (c *csvReader) parse(end int) (stop int, err error) {
	c.text, c.ends = c.text[:0], c.ends[:0]
	for at := 0; ; at++ { // at the separator
		if rec := c.buf[c.pos:]; at < end && rec[at] == '"' {
			if at, end, err = c.quoted(at+1, end); err != nil {
				return 0, err
			}
		} else {
			n := c.cellLength(rec[at:end])
			c.text = append(c.text, rec[at:at+n]...)
			at += n
		}
		c.ends = append(c.ends, len(c.text))
		if at >= end || c.buf[c.pos+at] != c.comma {
			return end, nil
		}
	}
}

// cellLength gives how long the bare cell at the start of rest is.
func (c *csvReader) cellLength(rest []byte) int {
	for i, b := range rest {
		if b == c.comma || b == '\n' || b == '\r' && i+1 < len(rest) && rest[i+1] == '\n' {
			return i
		}
	}
	return len(rest)
}

// quoted reads a cell from behind its opening quotation mark, over as many lines as it has. It
// gives the place behind the closing mark and the end of that line.
func (c *csvReader) quoted(at, end int) (int, int, error) {
	for first := end; ; {
		if at == end {
			more, err := c.lineAfter(end)
			if errors.Is(err, io.EOF) || errors.Is(err, errTooBig) {
				err = errUnclosed
			}
			if err != nil {
				return 0, 0, err
			}
			end = more
		}
		rec := c.buf[c.pos : c.pos+end]
		mark := bytes.IndexByte(rec[at:], '"')
		if mark < 0 {
			c.text = append(c.text, rec[at:]...)
			at = end
			continue
		}
		c.text = append(c.text, rec[at:at+mark]...)
		at += mark + 1
		switch {
		case at < end && rec[at] == '"':
			c.text = append(c.text, '"')
			at++
		case at == end || rec[at] == c.comma || rec[at] == '\n' || rec[at] == '\r':
			return at, end, nil
		case end != first:
			return 0, 0, errUnclosed
		default: // a mark that should have been doubled
			c.text = append(c.text, '"')
		}
	}
}

// cells gives the current record's cells, with \n for line breaks.
func (c *csvReader) cells() []string {
	all := string(c.text)
	cells := make([]string, len(c.ends))
	start := 0
	for i, end := range c.ends {
		cells[i] = all[start:end]
		if strings.Contains(cells[i], "\r\n") {
			cells[i] = strings.ReplaceAll(cells[i], "\r\n", "\n")
		}
		start = end
	}
	return cells
}

// lineAfter gives where the line that begins at an offset of the record ends, line break included.
func (c *csvReader) lineAfter(from int) (int, error) {
	for at := from; ; {
		rec := c.buf[c.pos:]
		i := bytes.IndexByte(rec[at:], '\n')
		switch at += i + 1; {
		case i < 0:
			at = len(rec)
		case at <= maxRecord:
			return at, nil
		}
		switch {
		case at > maxRecord:
			return from, errTooBig
		case c.ended && at > from:
			return at, nil
		case c.ended:
			return from, io.EOF
		}
		if err := c.fill(); err != nil {
			return from, err
		}
	}
}

// fill reads once more from src.
func (c *csvReader) fill() error {
	if c.pos > 0 && len(c.buf)+readSize > cap(c.buf) {
		c.buf = c.buf[:copy(c.buf, c.buf[c.pos:])]
		c.pos = 0
	}
	c.buf = slices.Grow(c.buf, readSize)
	n, err := c.src.Read(c.buf[len(c.buf):cap(c.buf)])
	c.buf = c.buf[:len(c.buf)+n]
	if errors.Is(err, io.EOF) {
		c.ended = true
		return nil
	}
	return err
}

// advance leaves n bytes of whole lines behind.
func (c *csvReader) advance(n int) {
	c.line += bytes.Count(c.buf[c.pos:c.pos+n], []byte{'\n'})
	c.pos += n
}

// skipLine leaves the rest of a line behind that is too long to hold.
func (c *csvReader) skipLine() error {
	for {
		if i := bytes.IndexByte(c.buf[c.pos:], '\n'); i >= 0 {
			c.advance(i + 1)
			return nil
		}
		c.pos, c.buf = 0, c.buf[:0]
		if c.ended {
			return nil
		}
		if err := c.fill(); err != nil {
			return err
		}
	}
}
