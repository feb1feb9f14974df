package segment

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/live"
	"carnet/internal/site"
)

// MaxMoves is how many contacts an event names; more become a resync.
const MaxMoves = 200

// reloadAbove is how many changed contacts are re-tested one by one; above, the set is read whole.
const reloadAbove = 5000

// Event tells what happened to a watched rule, up to a version.
type Event struct {
	Version live.LSN
	Count   int
	Entered []uuid.UUID
	Left    []uuid.UUID
	Updated []uuid.UUID
	Resync  bool // the lists are empty: read the members again
}

// Watcher follows the change feed for the rules that are subscribed to. It is a live.Handler: Apply
// only notes which contacts changed; each watch re-tests them by SQL in a goroutine of its own, so
// a slow rule slows neither the feed nor other rules. Commits that arrive meanwhile are taken
// together. At the site's midnight each watch reads its members again, for a contact may be valid
// until that day (G-09). A watch ends with its last subscriber.
type Watcher struct {
	db    *db.DB
	log   *slog.Logger
	clock Clock

	mu      sync.Mutex
	ctx     context.Context //nolint:containedctx // the program's life: watches outlive the call that starts them
	watches map[watchKey]*watch
	at      live.LSN
}

// watchKey is a stored segment of a site, or a rule by its JSON.
type watchKey struct {
	site    uuid.UUID
	segment uuid.UUID
	rule    string
}

// NewWatcher makes a watcher whose watches end with ctx at the latest.
func NewWatcher(ctx context.Context, d *db.DB, log *slog.Logger) *Watcher {
	return &Watcher{ctx: ctx, db: d, log: log, clock: wallClock{}, watches: map[watchKey]*watch{}}
}

// Stats gives the number of watches and of contacts they hold in memory.
func (w *Watcher) Stats() (watches, members int) {
	w.mu.Lock()
	list := make([]*watch, 0, len(w.watches))
	for _, one := range w.watches {
		list = append(list, one)
	}
	w.mu.Unlock()
	for _, one := range list {
		one.mu.Lock()
		members += len(one.members)
		one.mu.Unlock()
	}
	return len(list), members
}

// Segment subscribes to a stored segment of the actor's site. The first event tells the count.
func (w *Watcher) Segment(ctx context.Context, id uuid.UUID) (*Subscription, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	if _, err := byID(ctx, w.db.Bun, a.SiteID, id); err != nil {
		return nil, err
	}
	return w.subscribe(ctx, watchKey{site: a.SiteID, segment: id})
}

// Rule subscribes to a rule that is not stored. The first event tells the count.
func (w *Watcher) Rule(ctx context.Context, r Rule) (*Subscription, error) {
	a, err := requireFor(ctx, r)
	if err != nil {
		return nil, err
	}
	of, err := readSite(ctx, w.db.Bun, a.SiteID)
	if err != nil {
		return nil, err
	}
	if _, err := Compile(ctx, w.db.Bun, of, w.clock.Now(), r); err != nil {
		return nil, err
	}
	return w.subscribe(ctx, watchKey{site: a.SiteID, rule: string(r.JSON())})
}

// Subscription is one subscriber of a watch.
type Subscription struct {
	watch  *watch
	events *live.Subscription[Event]
	first  *Event
}

// Next waits for the next event. Errors: live.ErrEnded when the segment is gone or the program
// ends, and ctx's own. A subscriber that was too slow gets one resync for what it lost.
func (s *Subscription) Next(ctx context.Context) (Event, error) {
	if s.first != nil {
		e := *s.first
		s.first = nil
		return e, nil
	}
	e, err := s.events.Next(ctx)
	if err != nil {
		return Event{}, err
	}
	if e.Lost {
		return Event{Version: e.Value.Version, Count: e.Value.Count, Resync: true}, nil
	}
	return e.Value, nil
}

// Close ends the subscription, and its watch with the last one.
func (s *Subscription) Close() { s.events.Close() }

func (w *Watcher) subscribe(ctx context.Context, key watchKey) (*Subscription, error) {
	w.mu.Lock()
	one := w.watches[key]
	if one == nil {
		life, stop := context.WithCancel(w.ctx)
		one = &watch{w: w, key: key, notes: notes{at: w.at, changed: map[uuid.UUID]live.LSN{}}, wake: make(chan struct{}, 1), loaded: make(chan struct{}), stop: stop}
		w.watches[key] = one
		// Joined before it is read: what commits from here on is noted in changed and re-tested.
		go one.run(life)
		one.poke()
	}
	one.users++
	w.mu.Unlock()
	context.AfterFunc(ctx, func() { w.leave(one) })

	select {
	case <-one.loaded:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.failed != nil {
		return nil, one.failed
	}
	sub := &Subscription{watch: one, events: one.topic.Subscribe(ctx, 64)}
	sub.first = &Event{Version: one.told, Count: len(one.members)}
	return sub, nil
}

func (w *Watcher) leave(one *watch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one.users--; one.users == 0 {
		w.forget(one)
	}
}

// forget ends a watch; the caller holds w.mu.
func (w *Watcher) forget(one *watch) {
	if w.watches[one.key] == one {
		delete(w.watches, one.key)
	}
	one.stop()
}

var _ live.Handler = (*Watcher)(nil)

// Load starts anew after a connect: what happened in between is not known, so every watch is read
// again and its subscribers get a resync.
func (w *Watcher) Load(_ context.Context, _ pgx.Tx, at live.LSN) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = at
	for _, one := range w.watches {
		one.note(at, nil, true)
	}
	return nil
}

// Apply notes what a transaction changed, by site.
func (w *Watcher) Apply(_ context.Context, tx live.Tx) error {
	contacts, segments, reload, all := touched(tx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = tx.LSN
	for _, one := range w.watches {
		again := all || reload[one.key.site] || reload[one.key.segment] || segments[one.key.site] && !one.alone.Load()
		if ids := contacts[one.key.site]; len(ids) > 0 || again {
			one.note(tx.LSN, ids, again)
		}
	}
	return nil
}

// touched gives the contacts that a transaction touched by site, and the sites and segments whose
// rules must be read again; with these the sites of the segments, to which others may refer.
func touched(tx live.Tx) (contacts map[uuid.UUID][]uuid.UUID, segments, reload map[uuid.UUID]bool, all bool) {
	contacts, segments, reload = map[uuid.UUID][]uuid.UUID{}, map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	for i := range tx.Changes {
		c := &tx.Changes[i]
		if c.Op == live.Truncate {
			return contacts, segments, reload, true
		}
		siteID := keyID(c, "site_id")
		switch c.Table {
		case "contact":
			contacts[siteID] = append(contacts[siteID], keyID(c, "id"))
		case "contact_group_member", "contact_label", "contact_reference", "consent":
			contacts[siteID] = append(contacts[siteID], keyID(c, "contact_id"))
		case "affiliation": // both ends have changed; the key names them even when the link is gone
			contacts[siteID] = append(contacts[siteID], keyID(c, "from_id"), keyID(c, "to_id"))
		case "account":
			if id := keyID(c, "contact_id"); id != uuid.Nil {
				contacts[siteID] = append(contacts[siteID], id)
			} else {
				reload[siteID] = true // a deleted account: its key does not say whose it was
			}
		case "segment":
			reload[keyID(c, "id")], segments[siteID] = true, true
		case "segment_member":
			reload[keyID(c, "segment_id")], segments[siteID] = true, true
		case "custom_field", "contact_group", "contact_option", "label_set", "label", "consent_purpose", "link_type":
			reload[siteID] = true // a rule may name what is gone now
		case "site":
			reload[keyID(c, "id")] = true // the time zone may have changed
		}
	}
	return contacts, segments, reload, tx.Overflow
}

func keyID(c *live.Change, column string) uuid.UUID {
	text, _ := c.Key(column)
	id, _ := uuid.Parse(text)
	return id
}

// notes are what has been committed since a watch last looked.
type notes struct {
	at       live.LSN               // the newest commit
	changed  map[uuid.UUID]live.LSN // contacts, with the newest commit that touched each
	reloadAt live.LSN               // the newest commit after which all must be read; 0 = none
}

// watch keeps the members of one rule.
type watch struct {
	w      *Watcher
	key    watchKey
	stop   context.CancelFunc
	users  int // under Watcher.mu
	loaded chan struct{}
	wake   chan struct{}
	topic  live.Topic[Event]

	noteMu sync.Mutex
	notes

	mu        sync.Mutex // held while the members move and subscribers join, so that both agree
	condition contact.Condition
	alone     atomic.Bool // the rule refers to no segment, as far as is known
	linked    bool        // the rule reads links: a changed contact may move those it is linked with
	members   map[uuid.UUID]struct{}
	told      live.LSN
	floor     live.LSN  // where the log stood before the members were read
	until     time.Time // when the site's day is over for which they were read; run's own
	failed    error
	once      sync.Once
}

// note keeps what a commit touched until run takes it. Too many contacts become one reading of all.
func (o *watch) note(at live.LSN, ids []uuid.UUID, reload bool) {
	o.noteMu.Lock()
	o.at = at
	if reload || len(o.changed)+len(ids) > reloadAbove {
		o.reloadAt = at
		clear(o.changed)
	} else {
		for _, id := range ids {
			o.changed[id] = at
		}
	}
	o.noteMu.Unlock()
	o.poke()
}

func (o *watch) poke() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *watch) take() (n notes) {
	o.noteMu.Lock()
	defer o.noteMu.Unlock()
	n = o.notes
	o.changed, o.reloadAt = map[uuid.UUID]live.LSN{}, 0
	return n
}

func (o *watch) run(ctx context.Context) {
	defer o.topic.Close()
	defer o.once.Do(func() { close(o.loaded) })
	for {
		come, stop := o.w.clock.At(o.nextLook())
		select {
		case <-ctx.Done():
			stop()
			o.fail(ctx.Err())
			return
		case <-o.wake:
		case <-come:
		}
		stop()
		n := o.take()
		err := o.step(ctx, n)
		switch {
		case err == nil:
			o.once.Do(func() { close(o.loaded) })
		case ctx.Err() != nil:
		case fault.CodeOf(err) == fault.NotFound: // the segment was deleted
			o.fail(err)
			o.w.mu.Lock()
			o.w.forget(o)
			o.w.mu.Unlock()
			return
		default:
			o.w.log.Error("watch a segment; trying again", "error", err)
			o.note(n.at, nil, true)
			wait(ctx, time.Second)
		}
	}
}

func (o *watch) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed == nil {
		o.failed = err
	}
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// step brings the members up to date and tells the subscribers.
func (o *watch) step(ctx context.Context, n notes) error {
	at := n.at
	if o.members == nil || n.reloadAt > o.floor { // what lies at or below the floor has been read already
		return o.load(ctx, at, false)
	}
	if o.dayPassed() {
		return o.load(ctx, at, true)
	}
	if len(n.changed) == 0 {
		return nil
	}
	ids := slices.Collect(maps.Keys(n.changed))
	if o.linked {
		more, err := o.neighbours(ctx, ids)
		if err != nil {
			return err
		}
		ids = more
	}
	var now []uuid.UUID
	q := o.w.db.Bun.NewSelect().Model((*contact.Record)(nil)).Column("id").Where("contact.site_id = ? AND contact.id IN (?)", o.key.site, bun.List(ids))
	if err := o.condition.Where(q).Scan(ctx, &now); err != nil {
		return db.MapError(err, "re-test contacts")
	}
	in := make(map[uuid.UUID]struct{}, len(now))
	for _, id := range now {
		in[id] = struct{}{}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	e := Event{Version: at}
	for _, id := range ids {
		_, was := o.members[id]
		_, is := in[id]
		switch {
		case is && !was:
			o.members[id] = struct{}{}
			e.Entered = append(e.Entered, id)
		case was && !is:
			delete(o.members, id)
			e.Left = append(e.Left, id)
		case is && n.changed[id] > o.floor: // older changes are in what was read
			e.Updated = append(e.Updated, id)
		}
	}
	o.told = at
	told := len(e.Entered) + len(e.Left) + len(e.Updated)
	if told == 0 {
		return nil
	}
	if told > MaxMoves {
		e = Event{Version: at, Resync: true}
	}
	e.Count = len(o.members)
	o.topic.Publish(e)
	return nil
}

// neighbours gives contacts and all that are linked with them.
func (o *watch) neighbours(ctx context.Context, ids []uuid.UUID) ([]uuid.UUID, error) {
	var all []uuid.UUID
	err := o.w.db.Bun.NewRaw(`SELECT id FROM unnest(ARRAY[?]::uuid[]) AS id UNION
		SELECT from_id FROM affiliation WHERE site_id = ? AND to_id IN (?) UNION SELECT to_id FROM affiliation WHERE site_id = ? AND from_id IN (?)`,
		bun.List(ids), o.key.site, bun.List(ids), o.key.site, bun.List(ids)).Scan(ctx, &all)
	return all, db.MapError(err, "read neighbours")
}

// load reads the rule and its members whole. After a mere change of the day it tells who moved.
func (o *watch) load(ctx context.Context, at live.LSN, dayOnly bool) error {
	floor, err := live.CurrentLSN(ctx, o.w.db.Pool)
	if err != nil {
		return db.MapError(err, "read the log's position")
	}
	condition, until, linked, err := o.compile(ctx)
	if err != nil {
		return err
	}
	members := map[uuid.UUID]struct{}{}
	q := condition.Where(o.w.db.Bun.NewSelect().Model((*contact.Record)(nil)).Column("id").Where("contact.site_id = ?", o.key.site))
	rows, err := q.Rows(ctx)
	if err != nil {
		return db.MapError(err, "read members")
	}
	defer rows.Close()
	for rows.Next() {
		var id uuid.UUID
		if err := rows.Scan(&id); err != nil {
			return db.MapError(err, "read members")
		}
		members[id] = struct{}{}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return db.MapError(err, "read members")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	before := o.members
	o.linked = linked
	o.condition, o.members, o.told, o.floor, o.until = condition, members, at, floor, until
	e := Event{Version: at, Resync: true}
	if dayOnly {
		e = moves(before, members)
		e.Version = at
	}
	e.Count = len(members)
	if before != nil && (e.Resync || len(e.Entered)+len(e.Left) > 0) {
		o.topic.Publish(e)
	}
	return nil
}

// moves tells who entered and left between two readings; a resync when they are too many.
func moves(before, after map[uuid.UUID]struct{}) (e Event) {
	for id := range after {
		if _, was := before[id]; !was {
			e.Entered = append(e.Entered, id)
		}
	}
	for id := range before {
		if _, is := after[id]; !is {
			e.Left = append(e.Left, id)
		}
	}
	if len(e.Entered)+len(e.Left) > MaxMoves {
		return Event{Resync: true}
	}
	return e
}

// compile gives the rule's condition for today, when that day is over, and whether the rule reads links.
func (o *watch) compile(ctx context.Context) (_ contact.Condition, until time.Time, linked bool, _ error) {
	now := o.w.clock.Now()
	of, err := readSite(ctx, o.w.db.Bun, o.key.site)
	if err != nil {
		return contact.Condition{}, now, false, err
	}
	var c watched
	if o.key.segment != uuid.Nil {
		row, err := byID(ctx, o.w.db.Bun, o.key.site, o.key.segment)
		if err != nil {
			return contact.Condition{}, now, false, err
		}
		c, err = watchSegment(ctx, o.w.db.Bun, of, now, row)
		if err != nil {
			return contact.Condition{}, now, false, err
		}
	} else {
		r, err := Parse([]byte(o.key.rule))
		if err != nil {
			return contact.Condition{}, now, false, fault.Wrap(err, "watched rule")
		}
		if c, err = watchRule(ctx, o.w.db.Bun, of, now, r); err != nil {
			return contact.Condition{}, now, false, err
		}
	}
	o.alone.Store(!c.nested)
	return c.where, nextDay(of, now), c.linked, nil
}
