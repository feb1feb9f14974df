package segment

import (
	"context"
	"log/slog"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"carnet/internal/db"
	"carnet/internal/live"
	"carnet/internal/segment/index"
	"carnet/internal/site"
)

// MaxMoves is how many contacts an event names; more become a resync.
const MaxMoves = 200

// Event tells what happened to a watched rule, up to a version. One that names nobody and is no resync tells the count:
// contacts may have come and gone unseen, and who has read the members meanwhile and holds another number reads them again.
type Event struct {
	Version live.LSN
	Seq     uint64 // the event's place among those of the rule, in this process; the first event has that of the last before it
	Count   int
	Entered []uuid.UUID
	Left    []uuid.UUID
	Updated []uuid.UUID
	Resync  bool // the lists are empty: read the members again
}

// Watcher follows the change feed for the rules that are subscribed to. It is a live.Handler. What a rule's
// members are the site's index knows, which Apply brings up to date and which tells whom a commit moved.
// Rules that the index cannot answer, and all while it is being read, are SQL's: Apply notes which contacts
// changed, and each watch re-tests them in a goroutine of its own, so that a slow rule slows neither the
// feed nor others; commits that arrive meanwhile are taken together. At the site's midnight each watch looks
// at its members again: the day moves ages, relative dates and who is valid (G-09). A watch ends with its
// last subscriber.
type Watcher struct {
	db      *db.DB
	log     *slog.Logger
	clock   Clock
	indexes *Indexes

	mu      sync.Mutex
	ctx     context.Context //nolint:containedctx // the program's life: watches outlive the call that starts them
	watches map[watchKey]*watch
	queries map[*index.Query]*watch // those whose members an index keeps
	others  map[*watch]struct{}     // and the others
	at      live.LSN
}

// watchKey is a stored segment of a site, or a rule by its JSON.
type watchKey struct {
	site    uuid.UUID
	segment uuid.UUID
	rule    string
}

// NewWatcher makes a watcher whose watches end with ctx at the latest. The indexes follow the feed by it.
func NewWatcher(ctx context.Context, d *db.DB, log *slog.Logger, indexes *Indexes) *Watcher {
	return &Watcher{ctx: ctx, db: d, log: log, clock: wallClock{}, indexes: indexes, watches: map[watchKey]*watch{}, queries: map[*index.Query]*watch{}, others: map[*watch]struct{}{}}
}

// Stats gives the number of watches and of the contacts that their rules hold.
func (w *Watcher) Stats() (watches, members int) {
	w.mu.Lock()
	list := make([]*watch, 0, len(w.watches))
	for _, one := range w.watches {
		list = append(list, one)
	}
	w.mu.Unlock()
	for _, one := range list {
		one.mu.Lock()
		members += one.count
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
		return Event{Version: e.Value.Version, Seq: e.Value.Seq, Count: e.Value.Count, Resync: true}, nil
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
		one = &watch{w: w, key: key, seq: 1, notes: notes{at: w.at, changed: map[uuid.UUID]change{}}, wake: make(chan struct{}, 1), loaded: make(chan struct{}), stop: stop}
		w.watches[key], w.others[one] = one, struct{}{}
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
	sub.first = &Event{Version: one.told, Seq: one.seq, Count: one.count}
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
	w.unfollow(one)
	delete(w.others, one)
	one.stop()
}

var _ live.Handler = (*Watcher)(nil)

// Load starts anew after a connect: what happened in between is not known, so every watch is read
// again and its subscribers get a resync.
func (w *Watcher) Load(_ context.Context, _ pgx.Tx, at live.LSN) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = at
	w.indexes.forget()
	for _, one := range w.watches {
		one.note(at, nil, true, true)
	}
	return nil
}

// Apply brings a transaction into the indexes, tells whom it moved, and notes for the other watches what it touched.
func (w *Watcher) Apply(_ context.Context, tx live.Tx) error {
	t := touched(tx)
	for id := range t.sites {
		w.indexes.renamed(id)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = tx.LSN
	if t.all {
		w.indexes.forget()
	} else {
		for _, told := range w.indexes.apply(tx, MaxMoves) {
			if one := w.queries[told.Query]; one != nil {
				one.moved(tx.LSN, told.Moves, false)
			}
		}
	}
	note := func(one *watch) {
		ids, again, blind := t.contacts[one.key.site], t.reloads(one), t.all
		if one.query != nil { // it has been told
			ids = nil
		}
		if again || len(ids) > 0 {
			one.note(tx.LSN, ids, again, blind)
		}
	}
	if t.all || len(t.sites)+len(t.segments) > 0 {
		for _, one := range w.watches {
			note(one)
		}
		return nil
	}
	for one := range w.others { // an index's need nothing more, and may be thousands
		note(one)
	}
	return nil
}

// touch is what a transaction touched.
type touch struct {
	all      bool                      // it does not say
	contacts map[uuid.UUID][]uuid.UUID // by site
	sites    map[uuid.UUID]bool        // those something of which changed that rules name, or the site itself
	segments map[uuid.UUID]bool        // segments whose rows changed, and their sites: others may refer to them
	hands    map[uuid.UUID]bool        // segments whose members by hand changed, and their sites
}

// reloads tells whether a watch must read its rule and members anew. An index knows who is in by hand.
func (t *touch) reloads(o *watch) bool {
	if t.all || t.sites[o.key.site] || t.segments[o.key.segment] || t.segments[o.key.site] && !o.alone.Load() {
		return true
	}
	return o.query == nil && (t.hands[o.key.segment] || t.hands[o.key.site] && !o.alone.Load())
}

func touched(tx live.Tx) *touch {
	t := &touch{all: tx.Overflow, contacts: map[uuid.UUID][]uuid.UUID{}, sites: map[uuid.UUID]bool{}, segments: map[uuid.UUID]bool{}, hands: map[uuid.UUID]bool{}}
	for i := range tx.Changes {
		c := &tx.Changes[i]
		if c.Op == live.Truncate {
			t.all = true
			return t
		}
		siteID := keyID(c, "site_id")
		switch c.Table {
		case "contact", "contact_group_member", "contact_label", "contact_reference", "consent", "affiliation", "account", "contact_sale", "contact_indicator":
			t.contacts[siteID] = append(t.contacts[siteID], index.Contacts(c)...)
		case "segment":
			t.segments[keyID(c, "id")], t.segments[siteID] = true, true
		case "segment_member":
			t.hands[keyID(c, "segment_id")], t.hands[siteID] = true, true
			if now, moved := c.Get("segment_id"); moved {
				id, _ := uuid.Parse(now)
				t.hands[id] = true
			}
		case "custom_field", "contact_group", "contact_option", "label_set", "label", "consent_purpose", "link_type":
			t.sites[siteID] = true // a rule may name what is gone now
		case "product":
			if c.Op != live.Update { // which each sale is, and which renames no plan
				t.sites[siteID] = true
			}
		case "site":
			t.sites[keyID(c, "id")] = true // the time zone may have changed
		}
	}
	return t
}

func keyID(c *live.Change, column string) uuid.UUID {
	text, _ := c.Key(column)
	id, _ := uuid.Parse(text)
	return id
}
