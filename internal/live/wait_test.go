package live_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/db/dbtest"
	"carnet/internal/fault"
	"carnet/internal/live"
)

// Who commits, asks for the position and waits, reads what was written.
func TestWaitReadsOwnWrites(t *testing.T) {
	t.Parallel()
	ctx, d := testContext(t), dbtest.Empty(t)
	exec(ctx, t, d, schema)
	m := &mirror{}
	feed := follow(t, d, live.Config{}, m)
	for i := range 100 {
		exec(ctx, t, d, `INSERT INTO item VALUES ($1, $1)`, i)
		catchUp(ctx, t, d, feed)
		require.Contains(t, m.state(), strconv.Itoa(i))
	}
	require.Equal(t, 1, m.loaded())
}

// A write that the publication does not list advances the feed too, so waits end and the server
// need not keep its log.
func TestWaitOnIdleStream(t *testing.T) {
	t.Parallel()
	ctx, d := testContext(t), dbtest.Empty(t)
	exec(ctx, t, d, schema)
	m := &mirror{}
	feed := follow(t, d, live.Config{}, m)
	awaitReady(ctx, t, feed)
	before := feed.Applied()
	exec(ctx, t, d, `INSERT INTO unpublished SELECT generate_series(1, 1000)`)
	catchUp(ctx, t, d, feed)
	require.Greater(t, feed.Applied(), before)
	require.Empty(t, m.transactions())
}

// A position inside another's open transaction is reached although nobody commits.
// Not parallel: the commits of other tests would do the same.
func TestWaitFlushesTheLog(t *testing.T) {
	ctx, d := testContext(t), dbtest.Empty(t)
	exec(ctx, t, d, schema)
	feed := follow(t, d, live.Config{}, &mirror{})
	awaitReady(ctx, t, feed)
	tx, err := d.Pool.Begin(ctx)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(ctx) }()
	_, err = tx.Exec(ctx, `INSERT INTO item VALUES (1, 1)`)
	require.NoError(t, err)
	var text string
	require.NoError(t, d.Pool.QueryRow(ctx, `SELECT pg_current_wal_insert_lsn()::text`).Scan(&text))
	lsn, err := live.ParseLSN(text)
	require.NoError(t, err)
	// Left alone the server would log something of its own within 15 s.
	ctx, cancel := context.WithTimeout(ctx, 8*time.Second)
	defer cancel()
	require.NoError(t, feed.Wait(ctx, lsn))
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := live.NewFeed(live.Config{}).Wait(ctx, 1)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, fault.Internal, fault.CodeOf(err))
}

func TestLSN(t *testing.T) {
	t.Parallel()
	lsn, err := live.ParseLSN("16/B374D848")
	require.NoError(t, err)
	require.Equal(t, live.LSN(0x16B374D848), lsn)
	require.Equal(t, "16/B374D848", lsn.String())
	for _, bad := range []string{"", "16", "16/", "/1", "16/B374D848x", "1/1/1", "123456789/0", "-1/0", "g/0"} {
		_, err := live.ParseLSN(bad)
		require.Equal(t, fault.BadInput, fault.CodeOf(err), bad)
	}
}
