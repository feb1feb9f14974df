package job_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/job"
)

type note struct {
	Text string `json:"text"`
}

func (note) Kind() string { return "note" }

// start runs a queue until the test ends or stop is called.
func start(t *testing.T, d *db.DB, work func(ctx context.Context, n note, last bool) error) (q *job.Queue, stop func()) {
	t.Helper()
	q, err := job.New(d, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	job.Handle(q, work)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	once := false
	stop = func() {
		if !once {
			once = true
			cancel()
			require.NoError(t, <-ended)
		}
	}
	t.Cleanup(stop)
	return q, stop
}

func await[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// A job exists when its transaction has committed, and not when it was rolled back.
func TestJobsFollowTheirTransaction(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	done := make(chan string, 10)
	q, _ := start(t, d, func(_ context.Context, n note, _ bool) error { done <- n.Text; return nil })
	rolledBack := errors.New("no")
	require.ErrorIs(t, d.Bun.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		require.NoError(t, q.Insert(ctx, tx, note{"lost"}))
		return rolledBack
	}), rolledBack)
	require.NoError(t, d.Tx(t.Context(), func(ctx context.Context, tx bun.Tx) error { return q.Insert(ctx, tx, note{"kept"}) }))
	require.Equal(t, "kept", await(t, done))
	require.Empty(t, done)
}

// What returns Again is continued, in another process after a stop, and its tries are not counted.
func TestAgainIsContinuedElsewhere(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var rounds atomic.Int32
	waiting := make(chan struct{}, 1)
	var first *job.Queue
	first, stop := start(t, d, func(context.Context, note, bool) error {
		if rounds.Add(1) < 3 {
			return job.Again
		}
		waiting <- struct{}{}
		<-first.Stopping()
		return job.Again
	})
	require.NoError(t, d.Tx(t.Context(), func(ctx context.Context, tx bun.Tx) error { return first.Insert(ctx, tx, note{"long"}) }))
	await(t, waiting)
	stop()
	tries := make(chan bool, 1)
	start(t, d, func(_ context.Context, _ note, last bool) error { tries <- last; return nil })
	require.False(t, await(t, tries))
	require.EqualValues(t, 3, rounds.Load())
}

// columnsAndKeys describes River's tables, whoever made them.
const columnsAndKeys = `
SELECT table_name || '.' || column_name || ' ' || udt_name || ' ' || is_nullable || ' ' || coalesce(column_default, '') FROM information_schema.columns WHERE table_name LIKE 'river_%' AND table_name <> 'river_migration'
UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'river_%' AND tablename <> 'river_migration'
UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text LIKE 'river_%' AND conrelid::regclass::text <> 'river_migration'
UNION ALL SELECT 'state ' || enumlabel FROM pg_enum
ORDER BY 1`

// Our migration makes the tables that River's own migrations of this version make.
func TestTablesAreRivers(t *testing.T) {
	t.Parallel()
	ours, theirs := dbtest.New(t), dbtest.Empty(t)
	migrator, err := rivermigrate.New(riverdatabasesql.New(theirs.Bun.DB), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	_, err = migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	require.NoError(t, err)
	var is, want []string
	require.NoError(t, ours.Bun.NewRaw(columnsAndKeys).Scan(t.Context(), &is))
	require.NoError(t, theirs.Bun.NewRaw(columnsAndKeys).Scan(t.Context(), &want))
	require.NotEmpty(t, want)
	require.Equal(t, want, is)
}
