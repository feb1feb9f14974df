package db

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"
)

// Plan says what becomes of a query's plan.
type Plan int

// Single queries are built from what a caller wrote, as rules are: kept, they would only fill the server's
// memory. Replanned ones have one of a few texts, but the best plan hangs on the values: how many begin so,
// what a pattern finds. Kept ones have one good plan, which the server keeps.
const (
	Single Plan = iota
	Replanned
	Kept
)

// Collect reads the rows of a query that bun builds on the native pool, by the names of T's fields; a
// column that the query lacks stays zero. But for single ones, its texts and times travel as parameters: a
// page of contacts then took the server 1.0 ms instead of 1.7. Errors come as they are; see MapError.
func Collect[T any](ctx context.Context, d *DB, q schema.QueryAppender, plan Plan) ([]*T, error) {
	rows, err := d.Query(ctx, q, plan)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToAddrOfStructByNameLax[T])
}

// Query is Collect for those who read the rows themselves.
func (d *DB) Query(ctx context.Context, q schema.QueryAppender, plan Plan) (pgx.Rows, error) {
	text, args, err := d.written(q, plan)
	if err != nil {
		return nil, err
	}
	return d.Pool.Query(ctx, text, args...)
}

// written gives a query's text and what the driver takes with it.
func (d *DB) written(q schema.QueryAppender, plan Plan) (text string, args []any, err error) {
	gen, params := d.Bun.QueryGen(), &parameters{Dialect: d.Bun.Dialect()}
	if d.pooled {
		plan = Single
	}
	if plan != Single {
		gen = schema.NewQueryGen(params)
	}
	b, err := q.AppendQuery(gen, nil)
	if err != nil {
		return "", nil, err
	}
	text = string(b)
	if params.nul || strings.Contains(text, nulMark) {
		return "", nil, errNUL
	}
	mode := pgx.QueryExecModeSimpleProtocol
	switch plan {
	case Replanned:
		mode = pgx.QueryExecModeCacheDescribe
	case Kept:
		mode = pgx.QueryExecModeCacheStatement
	}
	return text, append([]any{mode}, params.list...), nil
}

// SelectKept reads the rows of a query of a transaction into dest, a slice, as q.Scan does, but by a plan that is
// kept; for the few queries that the hottest transactions are made of.
func (d *DB) SelectKept(ctx context.Context, in bun.IDB, q *bun.SelectQuery, dest any) error {
	tx, is := in.(bun.Tx)
	if !is {
		return q.Scan(ctx, dest)
	}
	text, args, err := d.written(q, Kept)
	if err != nil {
		return err
	}
	rows, err := tx.Tx.QueryContext(ctx, text, args...) // bun's own would write the arguments into the text
	if err != nil {
		return err
	}
	return d.Bun.ScanRows(ctx, rows, dest) // closes them
}

// ExecKept is SelectKept for an UPDATE or INSERT that gives no rows.
func (d *DB) ExecKept(ctx context.Context, in bun.IDB, q interface {
	schema.QueryAppender
	Exec(ctx context.Context, dest ...any) (sql.Result, error)
},
) error {
	tx, is := in.(bun.Tx)
	if !is {
		_, err := q.Exec(ctx)
		return err
	}
	text, args, err := d.written(q, Kept)
	if err != nil {
		return err
	}
	_, err = tx.Tx.ExecContext(ctx, text, args...)
	return err
}

// parameters is PostgreSQL's dialect, but for texts and times, which it takes out of the query.
type parameters struct {
	schema.Dialect
	list []any
	nul  bool
}

func (p *parameters) add(b []byte, v any) []byte {
	p.list = append(p.list, v)
	return strconv.AppendInt(append(b, '$'), int64(len(p.list)), 10)
}

// AppendString takes a text out.
func (p *parameters) AppendString(b []byte, s string) []byte {
	p.nul = p.nul || strings.Contains(s, "\x00")
	return p.add(b, s)
}

// AppendTime takes a time out.
func (p *parameters) AppendTime(b []byte, at time.Time) []byte { return p.add(b, at) }

// Texts is a list of texts as one value, text[].
type Texts []string

// AppendQuery writes it, or takes it out.
func (t Texts) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	if p, is := gen.Dialect().(*parameters); is {
		return p.add(b, []string(t)), nil
	}
	return pgdialect.Array([]string(t)).AppendQuery(gen, b)
}

// IDs is a list of ids as one value, uuid[].
type IDs []uuid.UUID

// AppendQuery writes it, or takes it out.
func (t IDs) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	if p, is := gen.Dialect().(*parameters); is {
		list := make([][16]byte, len(t)) // which the driver sends as they are
		for i, id := range t {
			list[i] = id
		}
		return p.add(b, list), nil
	}
	return pgdialect.Array([]uuid.UUID(t)).AppendQuery(gen, b)
}
