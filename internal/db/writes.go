package db

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Writes gives how many statements that may have changed something this process has ended, for others than itself (Background). What is kept
// in memory of the database shows one's own writes when it is as new as the log's position was after
// this number was read. A SELECT that writes, outside a transaction, is not counted: nothing here does that.
func (d *DB) Writes() uint64 { return d.trace.writes.Load() }

type backgroundKey struct{}

// Background marks the context of work that nobody waits for: what it writes is not counted by Writes, since nobody expects
// to read it at once.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, backgroundKey{}, true)
}

// trace hears of each query of both pools: it counts those that write, and passes them on.
type trace struct {
	next   pgx.QueryTracer // may be nil
	writes atomic.Uint64
}

var (
	_ pgx.QueryTracer    = (*trace)(nil)
	_ pgx.BatchTracer    = (*trace)(nil)
	_ pgx.CopyFromTracer = (*trace)(nil)
)

func (t *trace) ended(ctx context.Context, tag pgconn.CommandTag) {
	if ctx.Value(backgroundKey{}) != nil {
		return
	}
	if tag.Insert() || tag.Update() || tag.Delete() || strings.HasPrefix(tag.String(), "COMMIT") || strings.HasPrefix(tag.String(), "TRUNCATE") {
		t.writes.Add(1)
	}
}

func (t *trace) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if t.next != nil {
		return t.next.TraceQueryStart(ctx, conn, data)
	}
	return ctx
}

func (t *trace) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	t.ended(ctx, data.CommandTag)
	if t.next != nil {
		t.next.TraceQueryEnd(ctx, conn, data)
	}
}

func (t *trace) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (t *trace) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	t.ended(ctx, data.CommandTag)
}

// TraceBatchEnd counts once more: a batch outside a transaction commits at its end.
func (t *trace) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchEndData) {
	if ctx.Value(backgroundKey{}) == nil {
		t.writes.Add(1)
	}
}

func (t *trace) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromStartData) context.Context {
	return ctx
}

func (t *trace) TraceCopyFromEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromEndData) {
	if ctx.Value(backgroundKey{}) == nil {
		t.writes.Add(1)
	}
}
