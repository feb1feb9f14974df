package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrReload is what a handler's Apply returns to have every handler load a fresh snapshot at once,
// for instance after a transaction that overflowed.
var ErrReload = errors.New("live: handler asks for a fresh snapshot")

// Handler keeps state that follows the database. All calls come from one goroutine.
type Handler interface {
	// Load replaces the handler's state by what snapshot shows: a REPEATABLE READ READ ONLY
	// transaction at exactly `at`. It is called at the start and after every interruption; the
	// stream begins once every handler has loaded.
	Load(ctx context.Context, snapshot pgx.Tx, at LSN) error
	// Apply takes one committed transaction, in commit order. After an error (which is logged) the
	// feed loads every handler anew, so a transaction is never skipped.
	Apply(ctx context.Context, tx Tx) error
}

// Config says what to follow. Zero values of the optional fields take the defaults named here.
type Config struct {
	// URL is the address of the database, for snapshots.
	URL string
	// ReplicationURL is the address for the stream, when it is another or another role's. A
	// connection pooler in between cannot carry it. Default: URL.
	ReplicationURL string
	// Publication names the publication that lists the tables (and columns) to follow.
	Publication string
	// Logger gets connections and interruptions, never data. Default: slog.Default().
	Logger *slog.Logger
	// MinBackoff and MaxBackoff bound the pause before a new session. Default: 100 ms and 10 s.
	MinBackoff, MaxBackoff time.Duration
	// MaxChanges and MaxBytes (of the stream) are what one transaction may hold before it
	// overflows. Default: 100,000 and 64 MiB.
	MaxChanges, MaxBytes int
}

// Feed follows the database for its handlers. Its methods are safe for concurrent use.
type Feed struct {
	cfg      Config
	handlers []Handler
	log      *slog.Logger
	running  atomic.Bool
	nudges   chan struct{}               // of length 1: a waiter asks for the log to be flushed
	repl     atomic.Pointer[replication] // while it streams
	progress progress
}

// NewFeed makes a feed; Run starts it.
func NewFeed(cfg Config, handlers ...Handler) *Feed {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	if cfg.ReplicationURL == "" {
		cfg.ReplicationURL = cfg.URL
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.MinBackoff <= 0 {
		cfg.MinBackoff = 100 * time.Millisecond
	}
	if cfg.MaxBackoff <= 0 {
		cfg.MaxBackoff = 10 * time.Second
	}
	cfg.MaxBackoff = max(cfg.MaxBackoff, cfg.MinBackoff)
	def(&cfg.MaxChanges, 100_000)
	def(&cfg.MaxBytes, 64<<20)
	return &Feed{
		cfg:      cfg,
		handlers: handlers,
		log:      cfg.Logger.With("component", "live"),
		nudges:   make(chan struct{}, 1),
		progress: newProgress(),
	}
}

// Run follows the database until ctx ends and then returns nil; its goroutines have ended by then.
// It never gives up on a database that cannot be reached. A feed runs once: a second call is an
// error.
func (f *Feed) Run(ctx context.Context) error {
	if !f.running.CompareAndSwap(false, true) {
		return errors.New("live: the feed has been run already")
	}
	defer f.progress.stop()
	wait := pauses{least: f.cfg.MinBackoff, most: f.cfg.MaxBackoff}
	for {
		err := f.session(ctx)
		healthy := f.progress.interrupted(err)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, ErrReload) {
			f.log.Info("change feed loads anew, as a handler asked")
			wait.broken, wait.refused = 0, 0
			continue
		}
		pause := wait.next(err, healthy)
		f.log.Warn("change feed interrupted", "error", err, "retry_in", pause)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// largeTx is from how many changes on what a transaction took is given back to the system.
const largeTx = 10_000

// errRefused is wrapped when there was no connection: nothing has been read, so trying again costs little.
var errRefused = errors.New("no connection")

// refusedMost is the longest pause before another try to connect: a server that starts again is found soon.
const refusedMost = time.Second

// pauses counts the tries in vain. A session that could not begin does not make the pause after the next one longer: a server
// that was away for a while has done nothing wrong when it is back.
type pauses struct {
	least, most     time.Duration
	broken, refused int // in a row: sessions that began, and tries since the last that did
}

// next gives the pause after a session that ended with err and had been ready for so long.
func (p *pauses) next(err error, healthy time.Duration) time.Duration {
	if errors.Is(err, errRefused) {
		p.refused++
		return backoff(p.refused-1, p.least, min(p.most, max(p.least, refusedMost)))
	}
	p.refused = 0
	if healthy > p.most {
		p.broken = 0 // this is a new trouble
	}
	p.broken++
	return backoff(p.broken-1, p.least, p.most)
}

// backoff gives the pause before the next try: it doubles with each attempt, and half of it is
// random, so that many processes do not come back at once.
func backoff(attempt int, least, most time.Duration) time.Duration {
	d := most
	if attempt < 30 && least<<attempt < most {
		d = least << attempt
	}
	return d/2 + rand.N(d/2+1)
}

// session is one connection's life: slot, snapshot, load, stream. It always ends with an error.
func (f *Feed) session(ctx context.Context) error {
	repl, err := dialReplication(ctx, f.cfg.ReplicationURL)
	if err != nil {
		return err
	}
	defer repl.close()

	slow := time.AfterFunc(5*time.Second, func() {
		f.log.Warn("change feed waits for running transactions to end before it can start")
	})
	s, err := repl.createSlot(ctx)
	slow.Stop()
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := f.load(ctx, s); err != nil {
		return err
	}
	if err := repl.start(ctx, s, f.cfg.Publication); err != nil {
		return err
	}
	f.progress.connected(s.start)
	f.log.Info("change feed is live", "lsn", s.start.String(), "loaded_in", time.Since(begun))
	return f.stream(ctx, repl)
}

// load opens the slot's snapshot on a connection of its own and lets every handler read it.
func (f *Feed) load(ctx context.Context, s slot) error {
	conn, err := pgx.Connect(ctx, f.cfg.URL)
	if err != nil {
		return fmt.Errorf("connect to load: %w", err)
	}
	defer closeConn(conn)
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("begin to load: %w", err)
	}
	// The name comes from the server and needs no escaping. Reading whole tables may outlast limits
	// that are meant for requests.
	if _, err := tx.Exec(ctx, "SET TRANSACTION SNAPSHOT '"+s.snapshot+"'"); err != nil {
		return fmt.Errorf("open the slot's snapshot: %w", err)
	}
	if _, err := tx.Exec(ctx, "SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)"); err != nil {
		return fmt.Errorf("open the slot's snapshot: %w", err)
	}
	// Without this the stream would start well and fail at the first change.
	var found bool
	if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_publication WHERE pubname = $1)", f.cfg.Publication).Scan(&found); err != nil {
		return fmt.Errorf("look for the publication: %w", err)
	}
	if !found {
		return fmt.Errorf("the database has no publication %q: run the migrations", f.cfg.Publication)
	}
	for _, h := range f.handlers {
		if err := h.Load(ctx, tx, s.start); err != nil {
			return fmt.Errorf("load %T: %w", h, err)
		}
	}
	if err := tx.Rollback(ctx); err != nil {
		return fmt.Errorf("end the load: %w", err)
	}
	return nil
}

// stream applies what the connection receives. Reading and applying are two goroutines, so that a
// slow handler does not silence the connection.
func (f *Feed) stream(ctx context.Context, repl *replication) error {
	ctx, cancel := context.WithCancel(ctx)
	f.repl.Store(repl)
	defer f.repl.Store(nil)
	steps := make(chan step)
	var received error
	go func() {
		defer close(steps)
		received = repl.receive(ctx, newDecoder(f.cfg.MaxChanges, f.cfg.MaxBytes), f.Applied, steps)
	}()
	nudged := make(chan struct{})
	go func() {
		defer close(nudged)
		f.answerNudges(ctx)
	}()
	err := f.apply(ctx, newHorizon(f.cfg.URL), steps)
	cancel()
	for range steps { // until the reader has ended
	}
	<-nudged
	if err != nil {
		return err
	}
	return received
}

// apply hands each step to the handlers until there are no more, or one fails.
func (f *Feed) apply(ctx context.Context, seen *horizon, steps <-chan step) error {
	defer seen.close()
	for s := range steps {
		f.progress.received(s)
		if s.tx != nil {
			if err := seen.wait(ctx, s.tx.xid); err != nil {
				return err
			}
			for _, h := range f.handlers {
				if err := h.Apply(ctx, *s.tx); err != nil {
					return fmt.Errorf("apply transaction %s to %T: %w", s.lsn, h, err)
				}
			}
		}
		large := s.tx != nil && (s.tx.Overflow || len(s.tx.Changes) >= largeTx)
		f.progress.done(s)
		if large {
			go debug.FreeOSMemory() // else the heap is measured by what is no longer there
		}
	}
	return nil
}

func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = conn.Close(ctx) // nothing is left to save
}
