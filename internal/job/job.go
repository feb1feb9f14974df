// Package job runs work in the background, kept in PostgreSQL by River: a job is inserted in the
// transaction that causes it, so it exists exactly when its cause does, and any process may run it.
//
// A job may run more than once: the work must find out what is left to do. One that runs long works
// in portions, looks at Stopping between them, and returns Again to be continued. Errors are tried
// again, at most Attempts times in all, at growing distances (1 s, 16 s, 81 s ...). A job whose
// process was killed is found by another within two minutes; Resume of its owner need not wait so
// long.
//
// River uses bun's pool: jobs are inserted by bun's transactions, and the pool works through a
// pooler too. It cannot listen, so it looks for jobs four times a second.
package job

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivertype"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

const (
	// Attempts is how often a job that fails is tried in all.
	Attempts = 5
	// Portion is how long a job may work before it lets others have their turn.
	Portion = 20 * time.Second

	workers    = 2 // at once in one process; each may hold one of the pool's connections
	lookEvery  = 250 * time.Millisecond
	timeout    = time.Minute     // beyond it a job's context ends
	lostAfter  = 2 * time.Minute // a job still marked as running then is one whose process has died
	stopWithin = 8 * time.Second // what a running job is given when the program stops
)

// Args say what a job does. They are kept as JSON; Kind is their name in the table and never changes.
type Args = river.JobArgs

// Again, returned by a job's work, has it continued as soon as it is its turn.
var Again = river.JobSnooze(0)

// Later, returned by a job's work, has it continued after a while. It is no failure and may be returned without end.
func Later(after time.Duration) error { return river.JobSnooze(after) }

// Queue inserts jobs, and runs them between the start and the end of Run.
type Queue struct {
	client  *river.Client[*sql.Tx]
	workers *river.Workers
	ending  chan struct{}
}

// New makes the queue. The work is named by Handle before Run.
func New(d *db.DB, log *slog.Logger) (*Queue, error) {
	q := &Queue{workers: river.NewWorkers(), ending: make(chan struct{})}
	var err error
	q.client, err = river.NewClient(riverdatabasesql.New(d.Bun.DB), &river.Config{
		Workers: q.workers, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		PollOnly: true, FetchPollInterval: lookEvery, JobTimeout: timeout, RescueStuckJobsAfter: lostAfter,
		SoftStopTimeout: stopWithin, MaxAttempts: Attempts, Logger: quiet(log),
	})
	if err != nil {
		return nil, fmt.Errorf("job queue: %w", err)
	}
	return q, nil
}

// quiet keeps River's notes about its own life out of the log; what goes wrong stays.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(warnings{log.Handler()}) }

type warnings struct{ slog.Handler }

// Enabled lets warnings and errors through.
func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

// WithAttrs keeps the level.
func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the level.
func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }

// Handle says how jobs of a kind are done; last tells that an error will not be tried again. A kind
// that is named twice is a mistake of the program and panics.
func Handle[A Args](q *Queue, work func(ctx context.Context, args A, last bool) error) {
	river.AddWorker(q.workers, river.WorkFunc(func(ctx context.Context, j *river.Job[A]) error {
		return work(ctx, j.Args, j.Attempt >= j.MaxAttempts)
	}))
}

// Insert adds a job that exists when the transaction has committed.
func (q *Queue) Insert(ctx context.Context, tx bun.Tx, args Args) error {
	_, err := q.client.InsertTx(ctx, tx.Tx, args, nil)
	return fault.Wrap(err, "insert job")
}

// InsertOnce is Insert, unless a job with the same arguments waits already or is being done: then that
// one is enough, as it finds out what is left to do.
func (q *Queue) InsertOnce(ctx context.Context, tx bun.Tx, args Args) error {
	open := []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}
	_, err := q.client.InsertTx(ctx, tx.Tx, args, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: open}})
	return fault.Wrap(err, "insert job")
}

// InsertAt is Insert of a job that is not done before a moment.
func (q *Queue) InsertAt(ctx context.Context, tx bun.Tx, args Args, at time.Time) error {
	_, err := q.client.InsertTx(ctx, tx.Tx, args, &river.InsertOpts{ScheduledAt: at})
	return fault.Wrap(err, "insert job")
}

// Stopping is closed when the program stops: a job that can be continued later ends then.
func (q *Queue) Stopping() <-chan struct{} { return q.ending }

// Run works until ctx ends; then running jobs are given eight seconds to come to a stop by
// themselves, after which their context ends too.
func (q *Queue) Run(ctx context.Context) error {
	// Not the caller's context: its end would begin River's stop without ours.
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	<-ctx.Done()
	close(q.ending)
	if err := q.client.Stop(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}
