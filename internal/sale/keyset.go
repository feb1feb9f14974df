package sale

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"carnet/internal/fault"
)

// A cursor is what a list is ordered by, and the id.

func cursor(by string, id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString([]byte(id.String() + by))
}

func timeCursor(at time.Time, id uuid.UUID) string {
	return cursor(strconv.FormatInt(at.UnixMicro(), 10), id)
}

// place reads a cursor.
func place(cursor string) (by string, id uuid.UUID, err error) {
	const length = 36
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil && len(b) >= length {
		id, err = uuid.Parse(string(b[:length]))
	}
	if err != nil || len(b) < length || strings.ContainsRune(string(b), 0) {
		return "", uuid.Nil, fault.New(fault.BadInput, "this is no cursor of this list")
	}
	return string(b[length:]), id, nil
}

func timePlace(cursor string) (at time.Time, id uuid.UUID, err error) {
	by, id, err := place(cursor)
	if err != nil {
		return at, id, err
	}
	micro, err := strconv.ParseInt(by, 10, 64)
	if err != nil {
		return at, id, fault.New(fault.BadInput, "this is no cursor of this list")
	}
	return time.UnixMicro(micro), id, nil
}
