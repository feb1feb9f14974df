package live_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/live"
)

// Snapshot and stream together hold every change once, although four writers never pause. D-02
func TestFeedHasNoGapAndNoRepeat(t *testing.T) {
	t.Parallel()
	ctx, d := testContext(t), dbtest.Empty(t)
	exec(ctx, t, d, schema)

	const writers, rounds = 4, 150
	var started, all sync.WaitGroup
	ready := make(chan struct{})
	errs := make(chan error, writers)
	for w := range writers {
		started.Add(1)
		all.Go(func() { errs <- write(ctx, d, w, rounds, started.Done, ready) })
	}
	started.Wait()
	m := &mirror{}
	feed := follow(t, d, live.Config{}, m)
	awaitReady(ctx, t, feed)
	close(ready)
	all.Wait()
	for range writers {
		require.NoError(t, <-errs)
	}
	catchUp(ctx, t, d, feed)

	want, err := readItems(ctx, d.Pool)
	require.NoError(t, err)
	require.NotEmpty(t, want)
	require.Equal(t, want, m.state())
	require.Equal(t, 1, m.loaded(), feed.Stats().LastError)
	last := live.LSN(0)
	for _, tx := range m.transactions() {
		require.Greater(t, tx.LSN, last, "commit order")
		last = tx.LSN
	}
	stats := feed.Stats()
	require.True(t, stats.Ready)
	require.EqualValues(t, len(m.transactions()), stats.Transactions)
	require.GreaterOrEqual(t, stats.Transactions, uint64(writers*rounds))
	require.Zero(t, stats.LagSeconds)
}

// write commits transactions of random changes to a writer's own rows: some before the feed
// begins, some until it is ready, and `rounds` after.
func write(ctx context.Context, d *db.DB, writer, rounds int, started func(), ready <-chan struct{}) error {
	begin := sync.OnceFunc(started)
	defer begin()
	rnd := rand.New(rand.NewPCG(uint64(writer), 7))
	for i, left := 0, rounds; left > 0; i++ {
		select {
		case <-ready:
			left--
		default:
		}
		if i == 20 {
			begin()
		}
		err := pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
			for range 1 + rnd.IntN(4) {
				sql := `INSERT INTO item VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET version = item.version + 1`
				if rnd.IntN(4) == 0 {
					sql = `DELETE FROM item WHERE id = $1`
				}
				// A foot in each writer's own range and one shared row, so that transactions interleave.
				if _, err := tx.Exec(ctx, sql, 1000*writer+rnd.IntN(30)); err != nil {
					return err
				}
			}
			_, err := tx.Exec(ctx, `INSERT INTO item VALUES (-1, 1) ON CONFLICT (id) DO UPDATE SET version = item.version + 1`)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// What a transaction shows: order, keys, nulls, unchanged TOAST, deletes.
func TestFeedDescribesChanges(t *testing.T) {
	t.Parallel()
	ctx, d := testContext(t), dbtest.Empty(t)
	exec(ctx, t, d, schema)
	var noise strings.Builder // does not compress, so that it is stored out of line
	for range 2000 {
		fmt.Fprintf(&noise, "%016x", rand.Uint64())
	}
	exec(ctx, t, d, `INSERT INTO item VALUES (1, 1, $1)`, noise.String())
	m := &mirror{}
	feed := follow(t, d, live.Config{}, m)
	awaitReady(ctx, t, feed)

	require.NoError(t, pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`INSERT INTO item VALUES (2, 5, 'blåbær')`,
			`UPDATE item SET version = 2 WHERE id = 1`,
			`UPDATE item SET id = 3, version = 6, note = NULL WHERE id = 2`,
			`INSERT INTO unpublished VALUES (1)`,
			`DELETE FROM item WHERE id = 3`,
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	}))
	catchUp(ctx, t, d, feed)

	txs := m.transactions()
	require.Len(t, txs, 1)
	require.WithinDuration(t, time.Now(), txs[0].At, time.Minute)
	changes := txs[0].Changes
	require.Len(t, changes, 4)

	insert := changes[0]
	require.Equal(t, live.Insert, insert.Op)
	require.Equal(t, "item", insert.Table)
	note, ok := insert.Get("note")
	require.True(t, ok)
	require.Equal(t, "blåbær", note)
	_, ok = insert.Get("nothing")
	require.False(t, ok)

	toast := changes[1]
	_, ok = toast.Get("note")
	require.False(t, ok)
	v, ok := toast.Value("note")
	require.True(t, ok)
	require.Equal(t, live.Unchanged, v.Kind)

	rekey := changes[2]
	key, ok := rekey.Key("id")
	require.True(t, ok)
	require.Equal(t, "2", key, "the key before the change")
	id, _ := rekey.Get("id")
	require.Equal(t, "3", id)
	v, _ = rekey.Value("note")
	require.Equal(t, live.Null, v.Kind)
	old, ok := rekey.Old("id")
	require.True(t, ok)
	require.Equal(t, live.Value{Kind: live.Text, Text: "2"}, old)

	del := changes[3]
	require.Equal(t, live.Delete, del.Op)
	key, ok = del.Key("id")
	require.True(t, ok)
	require.Equal(t, "3", key)
	_, ok = del.Get("id")
	require.False(t, ok)
	require.Equal(t, map[string]int{"1": 2}, m.state())
}

func TestFeedTellsTruncate(t *testing.T) {
	t.Parallel()
	ctx, d := testContext(t), dbtest.Empty(t)
	exec(ctx, t, d, schema+`INSERT INTO item VALUES (1, 1)`)
	m := &mirror{}
	feed := follow(t, d, live.Config{}, m)
	awaitReady(ctx, t, feed)
	exec(ctx, t, d, `TRUNCATE item, other`)
	catchUp(ctx, t, d, feed)

	txs := m.transactions()
	require.Len(t, txs, 1)
	require.Len(t, txs[0].Changes, 2)
	require.Equal(t, live.Truncate, txs[0].Changes[0].Op)
	require.ElementsMatch(t, []string{"item", "other"}, []string{txs[0].Changes[0].Table, txs[0].Changes[1].Table})
	require.Empty(t, m.state())
}

// A column that is added while the stream runs arrives with the next change.
func TestFeedFollowsDDL(t *testing.T) {
	t.Parallel()
	ctx, d := testContext(t), dbtest.Empty(t)
	exec(ctx, t, d, schema+`INSERT INTO item VALUES (1, 1)`)
	m := &mirror{}
	feed := follow(t, d, live.Config{}, m)
	awaitReady(ctx, t, feed)
	exec(ctx, t, d, `UPDATE item SET version = 2`)
	exec(ctx, t, d, `ALTER TABLE item ADD COLUMN extra text DEFAULT 'new'`)
	exec(ctx, t, d, `UPDATE item SET version = 3`)
	exec(ctx, t, d, `ALTER TABLE item DROP COLUMN note`)
	exec(ctx, t, d, `UPDATE item SET version = 4`)
	catchUp(ctx, t, d, feed)

	txs := m.transactions()
	require.Len(t, txs, 3)
	_, ok := txs[0].Changes[0].Value("extra")
	require.False(t, ok)
	extra, ok := txs[1].Changes[0].Get("extra")
	require.True(t, ok)
	require.Equal(t, "new", extra)
	_, ok = txs[2].Changes[0].Value("note")
	require.False(t, ok)
	require.Equal(t, map[string]int{"1": 4}, m.state())
	require.Equal(t, 1, m.loaded())
}

// What is written while the connection is down comes with the next snapshot, once.
func TestFeedLoadsAnewAfterInterruption(t *testing.T) {
	t.Parallel()
	ctx, d := testContext(t), dbtest.Empty(t)
	exec(ctx, t, d, schema+`INSERT INTO item VALUES (1, 1)`)
	m := &mirror{}
	feed := follow(t, d, live.Config{}, m)
	awaitReady(ctx, t, feed)

	// An open writing transaction keeps the next slot from being made.
	tx, err := d.Pool.Begin(ctx)
	require.NoError(t, err)
	_, err = tx.Exec(ctx, `INSERT INTO item VALUES (2, 1)`)
	require.NoError(t, err)
	exec(ctx, t, d, `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = current_database()`)
	require.Eventually(t, func() bool { return !feed.Ready() }, 20*time.Second, 5*time.Millisecond)
	exec(ctx, t, d, `UPDATE item SET version = 2 WHERE id = 1`)
	require.NoError(t, tx.Commit(ctx))
	catchUp(ctx, t, d, feed)
	require.Equal(t, map[string]int{"1": 2, "2": 1}, m.state())
	require.Empty(t, m.transactions(), "it came by the snapshot")

	exec(ctx, t, d, `UPDATE item SET version = 3 WHERE id = 1`)
	catchUp(ctx, t, d, feed)
	require.Equal(t, map[string]int{"1": 3, "2": 1}, m.state())
	require.Len(t, m.transactions(), 1)
	require.Equal(t, 2, m.loaded())
	require.True(t, feed.Ready())
	require.EqualValues(t, 1, feed.Stats().Reconnects)
	require.NotEmpty(t, feed.Stats().LastError)
}

// A handler's failure never loses a transaction, for no handler.
func TestFeedLoadsAnewAfterHandlerFailed(t *testing.T) {
	t.Parallel()
	ctx, d := testContext(t), dbtest.Empty(t)
	exec(ctx, t, d, schema)
	var failLoad, failApply sync.Once
	first, second := &mirror{}, &mirror{}
	second.onApply = func(live.Tx) (err error) {
		failApply.Do(func() { err = errors.New("no room") })
		return err
	}
	first.onLoad = func() (err error) {
		failLoad.Do(func() { err = errors.New("not yet") })
		return err
	}
	feed := follow(t, d, live.Config{}, first, second)
	awaitReady(ctx, t, feed)
	exec(ctx, t, d, `INSERT INTO item VALUES (1, 1)`)
	catchUp(ctx, t, d, feed)
	exec(ctx, t, d, `INSERT INTO item VALUES (2, 1)`)
	catchUp(ctx, t, d, feed)
	want := map[string]int{"1": 1, "2": 1}
	require.Equal(t, want, first.state())
	require.Equal(t, want, second.state())
	require.Contains(t, feed.Stats().LastError, "no room")
	require.EqualValues(t, 2, feed.Stats().Loads)
	require.EqualValues(t, 2, feed.Stats().Reconnects)
}

// Two processes on one database see the same change, made by plain SQL, at the same version. D-03
func TestFeedsAgreeOnVersions(t *testing.T) {
	t.Parallel()
	ctx, d := testContext(t), dbtest.Empty(t)
	exec(ctx, t, d, schema)
	one, two := &mirror{}, &mirror{}
	f1, f2 := follow(t, d, live.Config{}, one), follow(t, d, live.Config{}, two)
	awaitReady(ctx, t, f1)
	awaitReady(ctx, t, f2)
	exec(ctx, t, d, `INSERT INTO item SELECT n, 1 FROM generate_series(1, 10) n`)
	exec(ctx, t, d, `DELETE FROM item WHERE id > 5`)
	catchUp(ctx, t, d, f1)
	catchUp(ctx, t, d, f2)
	a, b := one.transactions(), two.transactions()
	require.Len(t, a, 2)
	require.Len(t, b, 2)
	for i := range a {
		require.Equal(t, a[i].LSN, b[i].LSN)
		require.Len(t, b[i].Changes, len(a[i].Changes))
	}
	require.Equal(t, one.state(), two.state())
}

// A transaction too large to keep names its tables; the handler asks for a fresh snapshot.
func TestFeedOverflowsOnLargeTransactions(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]live.Config{
		"changes": {MaxChanges: 100},
		"bytes":   {MaxBytes: 2000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, d := testContext(t), dbtest.Empty(t)
			exec(ctx, t, d, schema)
			m := &mirror{onApply: func(tx live.Tx) error {
				if tx.Overflow {
					return live.ErrReload
				}
				return nil
			}}
			feed := follow(t, d, cfg, m)
			awaitReady(ctx, t, feed)
			require.NoError(t, pgx.BeginFunc(ctx, d.Pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, `INSERT INTO other VALUES (1)`); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, `INSERT INTO item SELECT n, 1 FROM generate_series(1, 1000) n`)
				return err
			}))
			catchUp(ctx, t, d, feed)
			exec(ctx, t, d, `INSERT INTO item VALUES (2000, 1)`)
			catchUp(ctx, t, d, feed)

			txs := m.transactions()
			require.Len(t, txs, 2)
			require.True(t, txs[0].Overflow)
			require.Empty(t, txs[0].Changes)
			require.Equal(t, []string{"item", "other"}, txs[0].Tables)
			require.False(t, txs[1].Overflow)
			require.Len(t, txs[1].Changes, 1)
			require.Len(t, m.state(), 1001)
			require.Equal(t, 2, m.loaded())
		})
	}
}

// A missing publication is told, and found once it exists.
func TestFeedTellsMissingPublication(t *testing.T) {
	t.Parallel()
	ctx, d := testContext(t), dbtest.Empty(t)
	exec(ctx, t, d, schema+`DROP PUBLICATION carnet`)
	feed := follow(t, d, live.Config{}, &mirror{})
	require.Eventually(t, func() bool {
		return strings.Contains(feed.Stats().LastError, `no publication "carnet"`)
	}, 20*time.Second, 5*time.Millisecond)
	require.False(t, feed.Ready())
	exec(ctx, t, d, `CREATE PUBLICATION carnet FOR TABLE item`)
	awaitReady(ctx, t, feed)
}

// Nothing stays on the server when a feed ends, and it does not run twice.
func TestFeedLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	ctx, d := testContext(t), dbtest.Empty(t)
	exec(ctx, t, d, schema)
	feed := live.NewFeed(live.Config{
		URL:            d.URL(),
		ReplicationURL: d.ReplicationURL(),
		Publication:    "carnet",
		Logger:         slog.New(slog.DiscardHandler),
	}, &mirror{})
	runCtx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- feed.Run(runCtx) }()
	awaitReady(ctx, t, feed)
	require.Error(t, feed.Run(ctx))
	cancel()
	require.NoError(t, <-ended)
	require.False(t, feed.Ready())
	require.Error(t, feed.Wait(ctx, 1<<62))
	require.Eventually(t, func() bool {
		var n int
		err := d.Pool.QueryRow(ctx, `SELECT count(*) FROM pg_replication_slots WHERE database = current_database()`).Scan(&n)
		return err == nil && n == 0
	}, 20*time.Second, 5*time.Millisecond)
}
