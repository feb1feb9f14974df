package secret

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the lists are made of it; nothing is protected by it here
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// Breaches is a list of passwords that have leaked somewhere: a file of SHA-1 digests in hexadecimal, a line each, sorted, and whatever
// stands behind a colon. So are the lists that Have I Been Pwned gives away. It is searched where it lies: nothing of it is in memory.
type Breaches struct {
	file *os.File
	size int64
}

// OpenBreaches opens a list. It fails on a file that begins with something else.
func OpenBreaches(path string) (*Breaches, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open list of breached passwords: %w", err)
	}
	b := &Breaches{file: file}
	info, err := file.Stat()
	if err == nil {
		b.size = info.Size()
		var line []byte
		if line, err = b.line(0); err == nil && len(line) != 2*sha1.Size {
			err = fmt.Errorf("%s does not begin with a SHA-1 digest of 40 digits", path)
		}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return b, nil
}

// longest is how long a line of a list may be.
const longest = 128

// Has tells whether a password is on the list.
func (b *Breaches) Has(password string) (bool, error) {
	sum := sha1.Sum([]byte(password)) //nolint:gosec // see above
	want := bytes.ToUpper([]byte(hex.EncodeToString(sum[:])))
	for low, high := int64(0), b.size; low < high; {
		middle := (low + high) / 2
		at, err := b.lineStart(middle)
		if err != nil {
			return false, err
		}
		if at >= high { // the line that middle is in is the last one left
			if at, err = b.lineBefore(middle); err != nil {
				return false, err
			}
		}
		line, err := b.line(at)
		if err != nil {
			return false, err
		}
		switch bytes.Compare(line, want) {
		case 0:
			return true, nil
		case -1:
			if low >= at+int64(len(line)) {
				return false, nil
			}
			low = at + int64(len(line))
		default:
			high = at
		}
	}
	return false, nil
}

// window reads at most a line's length from a place on.
func (b *Breaches) window(at int64) ([]byte, error) {
	buffer := make([]byte, longest)
	n, err := b.file.ReadAt(buffer, at)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read list of breached passwords: %w", err)
	}
	return buffer[:n], nil
}

// lineStart gives where the first line begins that begins at a place or after it.
func (b *Breaches) lineStart(at int64) (int64, error) {
	if at == 0 {
		return 0, nil
	}
	text, err := b.window(at - 1)
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return at + int64(i), err
	}
	return b.size, err
}

// lineBefore gives where the line begins that a place is in.
func (b *Breaches) lineBefore(at int64) (int64, error) {
	from := max(at-longest, 0)
	text, err := b.window(from)
	return from + int64(bytes.LastIndexByte(text[:at-from], '\n')) + 1, err
}

// line gives the digest of a line, in capitals.
func (b *Breaches) line(at int64) ([]byte, error) {
	text, err := b.window(at)
	if end := bytes.IndexAny(text, ":\r\n"); end >= 0 {
		text = text[:end]
	}
	return bytes.ToUpper(text), err
}
