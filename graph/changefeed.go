package graph

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"carnet/internal/live"
	"carnet/internal/site"
)

// ChangeKey names a row that somebody may wait for.
type ChangeKey struct {
	Table string
	ID    uuid.UUID
}

// ChangeFeed hears of every commit and tells two kinds of listeners: subscriptions that follow one
// row, and connections whose credential may have ended. It is a live.Handler.
type ChangeFeed struct {
	rows    live.Hub[ChangeKey, live.LSN]
	recheck Recheck
	ctx     context.Context //nolint:containedctx // the program's life: rechecks outlive the event that causes them

	mu       sync.Mutex
	at       live.LSN
	epoch    map[uuid.UUID]uint64 // by site: how often a credential of it has changed
	watchers map[uuid.UUID]map[*credentialWatch]struct{}
}

// NewChangeFeed makes the feed's ear. recheck is asked in the background until ctx ends.
func NewChangeFeed(ctx context.Context, recheck Recheck) *ChangeFeed {
	return &ChangeFeed{ctx: ctx, recheck: recheck, epoch: map[uuid.UUID]uint64{}, watchers: map[uuid.UUID]map[*credentialWatch]struct{}{}}
}

var _ live.Handler = (*ChangeFeed)(nil)

// Load tells every listener to look again: what happened since the last connection is not known.
func (f *ChangeFeed) Load(_ context.Context, _ pgx.Tx, at live.LSN) error {
	f.all(at)
	return nil
}

func (f *ChangeFeed) all(at live.LSN) {
	for _, key := range f.rows.Keys() {
		f.rows.Publish(key, at)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = at
	for siteID := range f.epoch {
		f.epoch[siteID]++
	}
	for _, set := range f.watchers {
		for w := range set {
			go w.look(f)
		}
	}
}

// credentialTables are those whose rows credentials hang on, and their site's column.
var credentialTables = map[string]string{"staff": "site_id", "api_key": "site_id", "account": "site_id", "token_session": "site_id", "site": "id"}

// Apply tells the listeners of each changed row.
func (f *ChangeFeed) Apply(_ context.Context, tx live.Tx) error {
	if tx.Overflow {
		f.all(tx.LSN)
		return nil
	}
	f.mu.Lock()
	f.at = tx.LSN
	f.mu.Unlock()
	looked := map[[2]uuid.UUID]bool{} // a site changes with each of its groups and fields: its connections are looked at once
	for i := range tx.Changes {
		c := &tx.Changes[i]
		if c.Op == live.Truncate {
			f.all(tx.LSN)
			return nil
		}
		id := rowID(c, "id")
		f.rows.Publish(ChangeKey{c.Table, id}, tx.LSN)
		if c.Table == "affiliation" { // a change of both contacts
			f.rows.Publish(ChangeKey{"contact", rowID(c, "from_id")}, tx.LSN)
			f.rows.Publish(ChangeKey{"contact", rowID(c, "to_id")}, tx.LSN)
		}
		if c.Table == "contact_sale" || c.Table == "contact_indicator" {
			f.rows.Publish(ChangeKey{"contact", rowID(c, "contact_id")}, tx.LSN)
		}
		if c.Table == "inbox_thread" {
			f.rows.Publish(ChangeKey{inboxOfSite, rowID(c, "site_id")}, tx.LSN)
			f.rows.Publish(ChangeKey{inboxOfPerson, rowID(c, "contact_id")}, tx.LSN)
		}
		if column, is := credentialTables[c.Table]; is {
			if of := [2]uuid.UUID{rowID(c, column), id}; !looked[of] {
				looked[of] = true
				f.credential(of[0], of[1])
			}
		}
		if c.Table == "http_session" && c.Op == live.Delete {
			hash, _ := c.Key("token_hash")
			f.signedOut(strings.TrimPrefix(hash, `\x`))
		}
	}
	return nil
}

func rowID(c *live.Change, column string) uuid.UUID {
	text, _ := c.Key(column)
	id, _ := uuid.Parse(text)
	return id
}

// signedOut looks at the connections of a staff session that has ended.
func (f *ChangeFeed) signedOut(login string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for w := range f.watchers[loginID(login)] {
		go w.look(f)
	}
}

// loginID names a staff session among what watchers wait for.
func loginID(login string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(login)) }

func (f *ChangeFeed) credential(siteID, id uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.epoch[siteID]++
	for w := range f.watchers[id] {
		go w.look(f)
	}
}

func (f *ChangeFeed) epochOf(siteID uuid.UUID) uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.epoch[siteID]; !known {
		f.epoch[siteID] = 1
	}
	return f.epoch[siteID]
}

// position gives the last commit heard of.
func (f *ChangeFeed) position() live.LSN {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

// guard checks an actor's rights before each event of one subscription. It asks the database only
// when a credential of the site has changed since it last did, and the clock always.
type guard struct {
	feed  *ChangeFeed
	actor site.Actor
	epoch uint64
	// shared: the execution is nobody's own, and each that it is for has a guard.
	shared bool
}

func (f *ChangeFeed) guard(ctx context.Context) *guard {
	a := site.ActorOf(ctx)
	return &guard{feed: f, actor: a, epoch: f.epochOf(a.SiteID), shared: isShared(ctx)}
}

// allows tells whether the credential is still good for reading the book, and no less of it than at first.
func (g *guard) allows(ctx context.Context) bool {
	if g.shared {
		return true
	}
	if !g.actor.ExpiresAt.IsZero() && time.Now().After(g.actor.ExpiresAt) {
		return false
	}
	now := g.feed.epochOf(g.actor.SiteID)
	if now == g.epoch {
		return true
	}
	least := site.AccessViewer
	if g.actor.Kind == site.KindAccount { // follows what is their own
		least = site.AccessAccount
	}
	a, err := g.feed.recheck(ctx, g.actor)
	if err != nil || a.Access < max(least, g.actor.Access) || !a.Book || a.SeesLess(g.actor) {
		return false
	}
	g.actor, g.epoch = a, now
	return true
}

// credentialWatch waits for the end of one connection's credential.
type credentialWatch struct {
	actor site.Actor
	ended func()
	timer *time.Timer
	once  sync.Once
}

// Watch calls ended, once, when the credential of the context's actor ends: revoked, disabled,
// signed out, past its time, or with fewer rights than before. stop releases the watch.
func (f *ChangeFeed) Watch(ctx context.Context, ended func()) (stop func()) {
	a := site.ActorOf(ctx)
	if a.Kind == site.KindVisitor || a.Access == site.AccessNone {
		return func() {}
	}
	w := &credentialWatch{actor: a, ended: ended}
	if !a.ExpiresAt.IsZero() {
		w.timer = time.AfterFunc(time.Until(a.ExpiresAt), w.end)
	}
	ids := []uuid.UUID{a.SiteID, a.ID}
	if a.SessionID != uuid.Nil {
		ids = append(ids, a.SessionID)
	}
	if a.Login != "" {
		ids = append(ids, loginID(a.Login))
	}
	f.mu.Lock()
	for _, id := range ids {
		if f.watchers[id] == nil {
			f.watchers[id] = map[*credentialWatch]struct{}{}
		}
		f.watchers[id][w] = struct{}{}
	}
	f.mu.Unlock()
	go w.look(f) // it may have ended between the handshake and here
	return func() {
		if w.timer != nil {
			w.timer.Stop()
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, id := range ids {
			if delete(f.watchers[id], w); len(f.watchers[id]) == 0 {
				delete(f.watchers, id)
			}
		}
	}
}

func (w *credentialWatch) end() { w.once.Do(w.ended) }

func (w *credentialWatch) look(f *ChangeFeed) {
	a, err := f.recheck(f.ctx, w.actor)
	if f.ctx.Err() == nil && (err != nil || a.Access < w.actor.Access || w.actor.Book && !a.Book || a.SeesLess(w.actor)) {
		w.end()
	}
}
