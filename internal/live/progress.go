package live

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"carnet/internal/fault"
)

// nudgeAfter is how long a waiter waits before it has the server flush its log.
const nudgeAfter = 250 * time.Millisecond

// askEvery is how often a waiter asks how far the server is.
const askEvery = 10 * time.Millisecond

// Stats is the feed's state in plain numbers, for metrics and health.
type Stats struct {
	// Ready: every handler has loaded and the stream runs.
	Ready bool
	// Applied is the position that every handler's state shows; Received is the newest position that
	// the server has sent. LagBytes is the log between the two.
	Applied, Received LSN
	LagBytes          uint64
	// LagSeconds is the age of the transaction that is being applied, or while interrupted the time
	// since; 0 when there is nothing to do.
	LagSeconds float64
	// Transactions and Changes have been applied since the process began. Overflows is how many of
	// the transactions came without their changes.
	Transactions, Changes, Overflows uint64
	// Loads counts snapshots loaded, Reconnects the sessions that ended, wanted or not.
	Loads, Reconnects uint64
	// LastError is why the last session ended; empty at first.
	LastError string
}

// progress is how far the feed is and who waits for it.
type progress struct {
	mu      sync.Mutex
	stats   Stats
	ready   chan struct{} // closed while ready
	pending time.Time     // commit time of the transaction being applied
	since   time.Time     // of the last change of Ready, or the start
	waiters map[*waiter]struct{}
	stopped chan struct{} // closed when Run has ended
}

type waiter struct {
	lsn     LSN
	reached chan struct{}
}

func newProgress() progress {
	return progress{
		ready:   make(chan struct{}),
		since:   time.Now(),
		waiters: map[*waiter]struct{}{},
		stopped: make(chan struct{}),
	}
}

// connected notes that all handlers have loaded the state at lsn and the stream runs.
func (p *progress) connected(lsn LSN) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Ready = true
	p.stats.Loads++
	p.stats.Applied, p.stats.Received = lsn, lsn
	p.since = time.Now()
	close(p.ready)
	p.wake()
}

// interrupted notes that a session has ended, and tells for how long it had been ready.
func (p *progress) interrupted(err error) (healthy time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stats.Ready {
		healthy = time.Since(p.since)
		p.ready, p.since = make(chan struct{}), time.Now()
	}
	p.stats.Ready, p.pending = false, time.Time{}
	p.stats.Reconnects++
	if err != nil {
		p.stats.LastError = err.Error()
	}
	return healthy
}

// received notes a step before it is applied.
func (p *progress) received(s step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Received = max(p.stats.Received, s.lsn)
	if s.tx != nil {
		p.pending = s.tx.At
	}
}

// done notes that a step has been applied by every handler.
func (p *progress) done(s step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pending = time.Time{}
	if s.tx != nil {
		p.stats.Transactions++
		p.stats.Changes += uint64(len(s.tx.Changes))
		if s.tx.Overflow {
			p.stats.Overflows++
		}
	}
	// A keepalive may repeat a position that is behind the last commit.
	if s.lsn > p.stats.Applied {
		p.stats.Applied = s.lsn
		p.wake()
	}
}

// wake lets those go who wait for what is applied. The caller holds mu.
func (p *progress) wake() {
	for w := range p.waiters {
		if w.lsn <= p.stats.Applied {
			close(w.reached)
			delete(p.waiters, w)
		}
	}
}

func (p *progress) stop() { close(p.stopped) }

// Ready tells whether every handler has loaded and the stream runs.
func (f *Feed) Ready() bool {
	f.progress.mu.Lock()
	defer f.progress.mu.Unlock()
	return f.progress.stats.Ready
}

// ReadyC gives a channel that is closed as soon as the feed is ready. After an interruption a new
// call gives a new channel.
func (f *Feed) ReadyC() <-chan struct{} {
	f.progress.mu.Lock()
	defer f.progress.mu.Unlock()
	return f.progress.ready
}

// Applied gives the position that every handler's state shows; 0 before the first load.
func (f *Feed) Applied() LSN {
	f.progress.mu.Lock()
	defer f.progress.mu.Unlock()
	return f.progress.stats.Applied
}

// Stats gives the feed's state now.
func (f *Feed) Stats() Stats {
	p := &f.progress
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.LagBytes = uint64(max(s.Received, s.Applied) - s.Applied)
	switch {
	case !s.Ready:
		s.LagSeconds = time.Since(p.since).Seconds()
	case !p.pending.IsZero():
		s.LagSeconds = max(0, time.Since(p.pending).Seconds()) // the server's clock may be ahead
	}
	return s
}

// Wait returns once every handler has applied all that committed up to lsn (see CurrentLSN). It
// goes on waiting through interruptions; its errors are that ctx or the feed has ended.
func (f *Feed) Wait(ctx context.Context, lsn LSN) error {
	p := &f.progress
	p.mu.Lock()
	if p.stats.Applied >= lsn {
		p.mu.Unlock()
		return nil
	}
	w := &waiter{lsn: lsn, reached: make(chan struct{})}
	p.waiters[w] = struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.waiters, w)
	}()

	late, again := time.NewTicker(nudgeAfter), time.NewTicker(askEvery)
	defer late.Stop()
	defer again.Stop()
	f.ask()
	for {
		select {
		case <-w.reached:
			return nil
		case <-again.C:
			f.ask()
		case <-late.C:
			select {
			case f.nudges <- struct{}{}:
			default: // somebody has asked already
			}
		case <-ctx.Done():
			return fault.Wrap(ctx.Err(), "wait for the change feed")
		case <-p.stopped:
			return fault.Wrap(errors.New("the feed has ended"), "wait for the change feed")
		}
	}
}

// ask has the server tell how far it is.
func (f *Feed) ask() {
	if repl := f.repl.Load(); repl != nil {
		repl.ask()
	}
}

// answerNudges has the server flush its log when a waiter asks, at most once a second. The stream
// carries only whole records that are on disk: on an idle server a position within another's open
// transaction, or just behind a page's header, would be reached only with the next commit.
func (f *Feed) answerNudges(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.nudges:
		}
		if err := f.flushLog(ctx); err != nil && ctx.Err() == nil {
			f.log.Warn("could not flush the server's log for a waiter", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

// flushLog commits a message that nobody reads, which flushes everything before it.
func (f *Feed) flushLog(ctx context.Context) error {
	cfg, err := pgx.ParseConfig(f.cfg.URL)
	if err != nil {
		return err
	}
	cfg.RuntimeParams["synchronous_commit"] = "on"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	_, err = conn.Exec(ctx, "SELECT pg_logical_emit_message(true, 'carnet', '')")
	return err
}
