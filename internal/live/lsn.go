package live

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"carnet/internal/fault"
)

// LSN is a position in PostgreSQL's write-ahead log, in bytes from its beginning.
type LSN uint64

// String gives the position as PostgreSQL prints it, such as "16/B374D848".
func (l LSN) String() string { return fmt.Sprintf("%X/%X", uint32(l>>32), uint32(l)) }

// ParseLSN reads the form that String and PostgreSQL's pg_lsn print. Anything else is BAD_INPUT.
func ParseLSN(s string) (LSN, error) {
	high, low, ok := strings.Cut(s, "/")
	if ok {
		h, err1 := strconv.ParseUint(high, 16, 32)
		l, err2 := strconv.ParseUint(low, 16, 32)
		if err1 == nil && err2 == nil {
			return LSN(h<<32 | l), nil
		}
	}
	return 0, fault.New(fault.BadInput, "%q is not a log position such as 16/B374D848", s)
}

// RowQuerier is what CurrentLSN asks: a pgx connection, pool or transaction.
type RowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// currentLSN is the least position that surely covers what the caller has committed. Commits are
// flushed before they are acknowledged unless synchronous_commit is off; only then does it take the
// insert position, which others' open transactions push ahead of what the stream may already send.
const currentLSN = `
SELECT (CASE current_setting('synchronous_commit')
        WHEN 'off' THEN pg_current_wal_insert_lsn()
        ELSE pg_current_wal_flush_lsn() END)::text`

// CurrentLSN gives a position at or after every transaction that the caller has seen committed.
// Ask after the commit, then Feed.Wait, to read one's own writes from a handler's state.
func CurrentLSN(ctx context.Context, q RowQuerier) (LSN, error) {
	var text string
	if err := q.QueryRow(ctx, currentLSN).Scan(&text); err != nil {
		return 0, fault.Wrap(err, "read the log position")
	}
	return ParseLSN(text)
}
