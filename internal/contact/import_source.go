package contact

import (
	"errors"
	"io"
	"strings"

	"carnet/internal/fault"
)

// FileType is what a file of contacts is, found by its content.
type FileType string

// The file types.
const (
	FileCSV   FileType = "csv"
	FileXLSX  FileType = "xlsx"
	FileVCard FileType = "vcard"
)

// maxColumns is how many columns a file may have.
const maxColumns = 500

// rowSource gives the rows of a file one by one.
type rowSource interface {
	// next gives a row and the line on which it begins: *badRecord for one that cannot be read, io.EOF
	// at the end.
	next() (*draft, int, error)
	// close lets go of what reading holds.
	close() error
}

// openedFile is a file whose rows can be read.
type openedFile struct {
	rowSource
	sheet  *sheet // nil: cards, which have no columns
	kind   FileType
	format Format
}

// openFile finds out by the content what a file is and reads its header. open gives the file from its
// beginning and may be called twice. Faults say what is wrong with the file and what helps.
func openFile(open func() io.Reader, format Format, known *vocabulary) (*openedFile, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(open(), head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fault.Wrap(err, "read file")
	}
	head = head[:n]
	switch text := strings.TrimLeft(strings.TrimPrefix(string(head), string(bomUTF8)), " \t\r\n"); {
	case strings.HasPrefix(string(head), "PK\x03\x04"):
		records, err := openXLSX(open())
		if err != nil {
			return nil, err
		}
		sh, err := newSheet(records, format, known)
		if err != nil {
			return nil, errors.Join(err, records.close())
		}
		sh.serials = true
		return &openedFile{sh, sh, FileXLSX, sh.format}, nil
	case len(text) >= len(beginCard) && strings.EqualFold(text[:len(beginCard)], beginCard):
		found, err := surveyFile(open())
		if err != nil {
			return nil, fault.Wrap(err, "survey file")
		}
		cards, err := found.decoded(open())
		if err != nil {
			return nil, fault.Wrap(err, "read file")
		}
		return &openedFile{newCardReader(cards), nil, FileVCard, FormatVCard}, nil
	}
	sh, err := openSheet(open, format, known)
	if err != nil {
		return nil, err
	}
	return &openedFile{sh, sh, FileCSV, sh.format}, nil
}
