package segment

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"carnet/internal/db"
	"carnet/internal/live"
	"carnet/internal/segment/index"
	"carnet/internal/site"
)

const (
	// idleAfter is how long an index stays that nobody asks.
	idleAfter = 15 * time.Minute
	// patience is how long a question waits for an index before SQL answers it.
	patience = 100 * time.Millisecond
	// readAtOnce is how many indexes are read at the same time: each reads a site's contacts whole.
	readAtOnce = 2
	// backlog is how many changes may wait for an index that is being read.
	backlog = 1_000_000
	// defaultMaxBytes is some five million contacts.
	defaultMaxBytes = 1 << 30
)

// Position is how far the change feed is.
type Position interface {
	Ready() bool
	Wait(ctx context.Context, lsn live.LSN) error
}

// Indexes keeps the indexes of those sites that are asked about. An index is read from a snapshot when
// it is first needed and follows the change feed from then on; until it is ready, and where it does not
// know what a rule asks for, SQL answers. One that nobody asks is dropped, and so are all when the feed
// had to connect anew: what happened in between is not known.
//
// Its owner hands it the feed's calls, from one goroutine.
type Indexes struct {
	db  *db.DB
	log *slog.Logger
	ctx context.Context //nolint:containedctx // the program's life: an index is read for more than who asks first

	// Feed is set before the first question. Without it there are no indexes.
	Feed Position
	// MaxBytes is what the indexes may take in all, about; above, no more are read, and SQL answers. Default: 1 GiB.
	MaxBytes uint64

	turns chan struct{} // to read: so many at once as it holds
	sql   chan struct{} // to have SQL answer what an index will

	mu    sync.Mutex
	sites map[uuid.UUID]*siteIndex
	bytes uint64        // when last looked
	seen  atomic.Uint64 // the process's writes that the indexes surely show; see current
}

// siteIndex is one site's index and how it stands.
type siteIndex struct {
	*index.Index
	shelf atomic.Pointer[shelf]
	zone  string
	ready chan struct{} // closed when it shows all that was committed before it was asked for
	err   error         // why it never will be; read after ready

	waiting []*live.Change // while it is read
	loaded  bool
	over    bool // the backlog was too long
	used    time.Time
	users   int // followed queries
}

// NewIndexes makes a keeper whose work ends with ctx.
func NewIndexes(ctx context.Context, d *db.DB, log *slog.Logger) *Indexes {
	return &Indexes{ctx: ctx, db: d, log: log, MaxBytes: defaultMaxBytes, turns: make(chan struct{}, readAtOnce), sql: make(chan struct{}, 1), sites: map[uuid.UUID]*siteIndex{}}
}

// of gives a site's index once it is ready and shows what this process has committed; nil when SQL is to
// answer. It begins to read an index that there is none of.
func (x *Indexes) of(ctx context.Context, of site.Site) *siteIndex {
	if x == nil || x.Feed == nil || !x.Feed.Ready() {
		return nil
	}
	s := x.begin(of)
	if s == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-s.ready:
	case <-ctx.Done():
		return nil
	}
	if !x.good(of, s) || !x.current(ctx) {
		return nil
	}
	return s
}

// ready gives a site's index when there is one that shows all that the feed has brought, without waiting and without
// beginning to read it.
func (x *Indexes) ready(of site.Site) *siteIndex {
	if x == nil || x.Feed == nil || !x.Feed.Ready() {
		return nil
	}
	x.mu.Lock()
	s := x.sites[of.ID]
	x.mu.Unlock()
	if s == nil || s.zone != of.TimeZone {
		return nil
	}
	select {
	case <-s.ready:
		if x.good(of, s) {
			return s
		}
	default:
	}
	return nil
}

// good tells whether an index that is read can answer, and is the site's still.
func (x *Indexes) good(of site.Site, s *siteIndex) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return s.err == nil && x.sites[of.ID] == s
}

// orSQL waits until a site's index is ready, or until it is this question's turn to be answered by SQL: counting by SQL takes
// a processor for as long as many contacts take, and all who wait for the same index would keep it from being read.
// done is to be called once SQL has answered.
func (x *Indexes) orSQL(ctx context.Context, of site.Site) (s *siteIndex, done func(), err error) {
	if x == nil || x.Feed == nil || !x.Feed.Ready() {
		return nil, func() {}, nil
	}
	if s = x.begin(of); s == nil {
		return nil, func() {}, nil
	}
	select {
	case <-s.ready:
		return x.of(ctx, of), func() {}, nil // which shows what this process has committed meanwhile
	case x.sql <- struct{}{}:
		return nil, func() { <-x.sql }, nil
	case <-ctx.Done():
		return nil, func() {}, ctx.Err()
	}
}

// begin gives a site's index, ready or not; one that there is none of is read from here on. It is nil when the
// indexes take all that they may.
func (x *Indexes) begin(of site.Site) *siteIndex {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := x.sites[of.ID]
	if s != nil && s.zone != of.TimeZone { // days are counted otherwise
		delete(x.sites, of.ID)
		s = nil
	}
	if s == nil {
		if x.bytes >= x.MaxBytes {
			return nil
		}
		s = &siteIndex{zone: of.TimeZone, ready: make(chan struct{})}
		s.shelf.Store(&shelf{})
		x.sites[of.ID] = s
		go x.read(s, of)
	}
	s.used = time.Now()
	return s
}

// current waits until the indexes show what this process has committed, so that who writes reads it.
func (x *Indexes) current(ctx context.Context) bool {
	writes := x.db.Writes()
	if x.seen.Load() >= writes {
		return true
	}
	at, err := live.CurrentLSN(ctx, x.db.Pool)
	if err != nil || x.Feed.Wait(ctx, at) != nil {
		return false
	}
	for {
		seen := x.seen.Load()
		if seen >= writes || x.seen.CompareAndSwap(seen, writes) {
			return true
		}
	}
}

// read fills an index. It is in sites already, so that what commits from here on is kept for it; some
// of that the snapshot shows too, and is applied again until the index has caught up.
func (x *Indexes) read(s *siteIndex, of site.Site) {
	select {
	case x.turns <- struct{}{}:
		defer func() { <-x.turns }()
	case <-x.ctx.Done(): // fill will say so
	}
	begun := time.Now()
	err := x.fill(s, of)
	debug.FreeOSMemory() // reading leaves more behind than it keeps
	if err != nil {
		x.mu.Lock()
		if x.sites[of.ID] == s {
			delete(x.sites, of.ID)
		}
		x.mu.Unlock()
		if s.err = err; x.ctx.Err() == nil {
			x.log.Warn("could not read a site's index; SQL answers meanwhile", "site", of.ID, "error", err)
		}
	} else {
		stats := s.Stats()
		x.mu.Lock()
		x.bytes += stats.Bytes
		x.mu.Unlock()
		x.log.Info("index is ready", "site", of.ID, "contacts", stats.Contacts, "bytes", stats.Bytes, "took", time.Since(begun))
	}
	close(s.ready)
}

var errOverrun = errors.New("more changes than it can keep came while it was read")

func (x *Indexes) fill(s *siteIndex, of site.Site) error {
	var read *index.Index
	err := pgx.BeginTxFunc(x.ctx, x.db.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) (err error) {
		// Reading whole tables may outlast limits that are meant for requests.
		if _, err := tx.Exec(x.ctx, "SELECT set_config('statement_timeout', '0', true)"); err != nil {
			return err
		}
		read, err = index.Load(x.ctx, tx, of.ID, of.Location())
		return err
	})
	if err != nil {
		return err
	}
	at, err := live.CurrentLSN(x.ctx, x.db.Pool) // all that the snapshot shows was committed before
	if err != nil {
		return err
	}
	x.mu.Lock()
	if s.over {
		x.mu.Unlock()
		return errOverrun
	}
	s.Index = read
	s.Apply(s.waiting, 0)
	s.waiting, s.loaded = nil, true
	x.mu.Unlock()
	return x.Feed.Wait(x.ctx, at)
}

// has tells whether a site's index is ready, without waiting, and begins to read it when there is none.
func (x *Indexes) has(of site.Site) bool {
	if x.Feed == nil || !x.Feed.Ready() {
		return false
	}
	return x.begin(of) != nil && x.ready(of) != nil
}

// use counts the followed queries of an index; false when the index is not the site's any more.
func (x *Indexes) use(siteID uuid.UUID, s *siteIndex, more int) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.sites[siteID] != s {
		return false
	}
	s.users += more
	return true
}

// forget drops all indexes: the feed cannot say what has changed.
func (x *Indexes) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	clear(x.sites)
	x.bytes = 0
	x.seen.Store(0)
}

// apply brings a transaction in and gives what it did to followed queries, which name at most limit contacts each.
func (x *Indexes) apply(tx live.Tx, limit int) (all []index.Told) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.sites) == 0 {
		return nil
	}
	bySite := map[uuid.UUID][]*live.Change{}
	for i := range tx.Changes {
		c := &tx.Changes[i]
		if id := keyID(c, "site_id"); x.sites[id] != nil {
			bySite[id] = append(bySite[id], c)
		}
	}
	for id, changes := range bySite {
		s := x.sites[id]
		if !s.loaded {
			if s.waiting = append(s.waiting, changes...); len(s.waiting) > backlog {
				s.waiting, s.over = nil, true
			}
			continue
		}
		all = append(all, s.Apply(changes, limit)...)
	}
	return all
}

// renamed throws away what is kept of the names of a site: something of it has changed.
func (x *Indexes) renamed(siteID uuid.UUID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if s := x.sites[siteID]; s != nil {
		s.shelf.Store(&shelf{})
	}
}

// kept gives what is kept of the names of a site's index; nil: nothing, and there is no index.
func (s *siteIndex) kept() *shelf {
	if s == nil {
		return nil
	}
	return s.shelf.Load()
}

// Run drops idle indexes until ctx ends.
func (x *Indexes) Run(ctx context.Context) {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			x.sweep(now)
			_, _, bytes := x.Stats()
			x.mu.Lock()
			x.bytes = bytes
			x.mu.Unlock()
		}
	}
}

// sweep drops the indexes that nobody has asked for long.
func (x *Indexes) sweep(now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for id, s := range x.sites {
		if s.loaded && s.users == 0 && now.Sub(s.used) > idleAfter {
			delete(x.sites, id)
		}
	}
}

// Stats gives how many indexes there are, of how many contacts, and about how many bytes they take.
func (x *Indexes) Stats() (indexes, contacts int, bytes uint64) {
	x.mu.Lock()
	list := make([]*siteIndex, 0, len(x.sites))
	for _, s := range x.sites {
		if s.loaded {
			list = append(list, s)
		}
	}
	x.mu.Unlock()
	for _, s := range list {
		stats := s.Stats()
		contacts += stats.Contacts
		bytes += stats.Bytes
	}
	return len(list), contacts, bytes
}
