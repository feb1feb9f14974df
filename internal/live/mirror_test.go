package live_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"carnet/internal/db"
	"carnet/internal/live"
)

// schema is the table that most tests follow. note is large enough in some tests to be TOASTed.
const schema = `
CREATE TABLE item (id int PRIMARY KEY, version int NOT NULL, note text);
CREATE TABLE other (id int PRIMARY KEY);
CREATE TABLE unpublished (id int);
CREATE PUBLICATION carnet FOR TABLE item, other;`

// mirror is a handler that keeps a copy of item and refuses whatever a gap or a repeat would cause.
type mirror struct {
	mu      sync.Mutex
	rows    map[string]int // id -> version
	loads   []live.LSN
	txs     []live.Tx
	onLoad  func() error
	onApply func(live.Tx) error
}

func (m *mirror) Load(ctx context.Context, snapshot pgx.Tx, at live.LSN) error {
	if m.onLoad != nil {
		if err := m.onLoad(); err != nil {
			return err
		}
	}
	rows, err := readItems(ctx, snapshot)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows, m.loads = rows, append(m.loads, at)
	return nil
}

func (m *mirror) Apply(_ context.Context, tx live.Tx) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.txs = append(m.txs, tx)
	if m.onApply != nil {
		if err := m.onApply(tx); err != nil {
			return err
		}
	}
	for i := range tx.Changes {
		if err := m.change(&tx.Changes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m *mirror) change(c *live.Change) error {
	if c.Table != "item" {
		return nil
	}
	if c.Op == live.Truncate {
		clear(m.rows)
		return nil
	}
	key, _ := c.Key("id")
	was, known := m.rows[key]
	if known == (c.Op == live.Insert) {
		return fmt.Errorf("%s of item %s, known: %t", c.Op, key, known)
	}
	delete(m.rows, key)
	if c.Op == live.Delete {
		return nil
	}
	text, _ := c.Get("version")
	version, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	if c.Op == live.Update && version != was+1 {
		return fmt.Errorf("item %s went from version %d to %d", key, was, version)
	}
	id, _ := c.Get("id")
	m.rows[id] = version
	return nil
}

func (m *mirror) state() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string]int{}
	for k, v := range m.rows {
		out[k] = v
	}
	return out
}

func (m *mirror) transactions() []live.Tx {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]live.Tx(nil), m.txs...)
}

func (m *mirror) loaded() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.loads)
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func readItems(ctx context.Context, q querier) (map[string]int, error) {
	rows, err := q.Query(ctx, "SELECT id::text, version FROM item")
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	var id string
	var version int
	_, err = pgx.ForEachRow(rows, []any{&id, &version}, func() error {
		out[id] = version
		return nil
	})
	return out, err
}

// follow runs a feed for the handlers until the test ends.
func follow(t *testing.T, d *db.DB, cfg live.Config, handlers ...live.Handler) *live.Feed {
	t.Helper()
	cfg.URL, cfg.ReplicationURL, cfg.Publication = d.URL(), d.ReplicationURL(), "carnet"
	cfg.MinBackoff, cfg.Logger = time.Millisecond, slog.New(slog.DiscardHandler)
	feed := live.NewFeed(cfg, handlers...)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- feed.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return feed
}

// testContext bounds a whole test's waits.
func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func awaitReady(ctx context.Context, t *testing.T, feed *live.Feed) {
	t.Helper()
	select {
	case <-feed.ReadyC():
	case <-ctx.Done():
		require.FailNow(t, "the feed did not become ready", "%+v", feed.Stats())
	}
}

// catchUp waits until the feed has applied all that has been committed.
func catchUp(ctx context.Context, t *testing.T, d *db.DB, feed *live.Feed) {
	t.Helper()
	lsn, err := live.CurrentLSN(ctx, d.Pool)
	require.NoError(t, err)
	require.NoError(t, feed.Wait(ctx, lsn), "%+v", feed.Stats())
}

func exec(ctx context.Context, t *testing.T, d *db.DB, sql string, args ...any) {
	t.Helper()
	_, err := d.Pool.Exec(ctx, sql, args...)
	require.NoError(t, err)
}
