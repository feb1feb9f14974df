package segment

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/live"
	"carnet/internal/segment/index"
	"carnet/internal/site"
)

// reloadAbove is how many changed contacts are re-tested one by one; above, the set is read whole.
const reloadAbove = 5000

// notes are what has been committed since a watch last looked.
type notes struct {
	at       live.LSN             // the newest commit
	changed  map[uuid.UUID]change // contacts that commits touched
	reloadAt live.LSN             // the newest commit after which all must be read; 0 = none
	blind    bool                 // since then contacts may have changed that changed does not name
}

// change is what commits did to a contact.
type change struct {
	at    live.LSN // the newest that touched it
	again bool     // and it was not the only one
}

// after gives the contacts that changed after a commit: older changes are in what was read then.
func (n *notes) after(floor live.LSN) (ids []uuid.UUID) {
	for id, c := range n.changed {
		if c.at > floor {
			ids = append(ids, id)
		}
	}
	return ids
}

// doubtful tells whether a contact may have been otherwise between two looks than at both: it changed more than once, or the
// look before, which saw all up to a position, may have seen a change that is noted only now.
func (n *notes) doubtful(seen live.LSN) bool {
	for _, c := range n.changed {
		if c.again || c.at <= seen {
			return true
		}
	}
	return false
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

	mu     sync.Mutex // held while the members move and subscribers join, so that both agree
	count  int
	told   live.LSN
	seq    uint64
	failed error
	once   sync.Once

	// The members are kept by the site's index, as a query of it, else by the watch itself. The index and
	// the query are written under Watcher.mu, the rest is run's own.
	index   *siteIndex
	query   *index.Query
	members map[uuid.UUID]struct{}

	alone atomic.Bool // the rule refers to no segment, as far as is known
	rule  rule
	floor live.LSN  // where the log stood before the rule and the members were read
	seen  live.LSN  // where it stood after SQL was last asked for members
	until time.Time // when the site's day is over for which they were read
}

// rule is what a watch knows of its rule, and of the site that it is of.
type rule struct {
	compiled
	text string // as it is written, and what it refers to
	site site.Site
}

// note keeps what a commit touched until run takes it. Too many contacts become one reading of all. blind says that
// it does not name all of them.
func (o *watch) note(at live.LSN, ids []uuid.UUID, reload, blind bool) {
	o.noteMu.Lock()
	o.at = max(o.at, at)
	if blind || len(o.changed)+len(ids) > reloadAbove {
		reload, o.blind = true, true
		clear(o.changed)
	}
	if reload || o.blind {
		o.reloadAt = max(o.reloadAt, at)
	}
	if !o.blind {
		for _, id := range ids {
			was, noted := o.changed[id]
			o.changed[id] = change{at, was.again || noted && was.at != at}
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
	o.changed, o.reloadAt, o.blind = map[uuid.UUID]change{}, 0, false
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
			o.note(n.at, nil, true, true)
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
	// What lies at or below the floor has been read already, unless a server that died took the floor with it: its log goes on
	// from what was on its disk, and may number other commits so.
	if o.until.IsZero() || n.blind || n.reloadAt > o.floor {
		return o.load(ctx, n, !n.blind)
	}
	following := o.following()
	if o.dayPassed() || !following && o.rule.indexed && o.w.indexes.has(o.rule.site) {
		return o.load(ctx, n, true)
	}
	if len(n.changed) == 0 || following {
		return nil
	}
	return o.retest(ctx, n)
}

// retest asks SQL which of the changed contacts are members now.
func (o *watch) retest(ctx context.Context, n notes) error {
	ids := slices.Collect(maps.Keys(n.changed))
	if o.rule.linked {
		more, err := o.neighbours(ctx, ids)
		if err != nil {
			return err
		}
		ids = more
	}
	var now []uuid.UUID
	q := o.w.db.Bun.NewSelect().Model((*contact.Record)(nil)).Column("id").Where("contact.site_id = ? AND contact.id IN (?)", o.key.site, bun.List(ids))
	if err := o.rule.where.Where(q).Scan(ctx, &now); err != nil {
		return db.MapError(err, "re-test contacts")
	}
	doubtful := n.doubtful(o.seen)
	if err := o.look(ctx); err != nil {
		return err
	}
	in := make(map[uuid.UUID]struct{}, len(now))
	for _, id := range now {
		in[id] = struct{}{}
	}
	var m index.Moves
	passed := false
	for _, id := range ids {
		_, was := o.members[id]
		_, is := in[id]
		switch {
		case is && !was:
			o.members[id] = struct{}{}
			m.Entered = append(m.Entered, id)
		case was && !is:
			delete(o.members, id)
			m.Left = append(m.Left, id)
		case is && n.changed[id].at > o.floor: // older changes are in what was read
			m.Updated = append(m.Updated, id)
		case !is:
			passed = passed || doubtful
		}
	}
	m.Count = len(o.members)
	o.moved(n.at, m, passed)
	return nil
}

// look notes how far SQL that has just been asked may have seen.
func (o *watch) look(ctx context.Context) (err error) {
	o.seen, err = live.CurrentLSN(ctx, o.w.db.Pool)
	return db.MapError(err, "read the log's position")
}

// moved tells the subscribers what a commit did to the members. passed says that others may have come and gone unseen: whoever
// has listed the members meanwhile is told their number, so as to find that it holds one too many.
func (o *watch) moved(at live.LSN, m index.Moves, passed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at = max(at, o.told)
	o.told, o.count = at, m.Count
	e := Event{Version: at, Count: m.Count, Entered: m.Entered, Left: m.Left, Updated: m.Updated, Resync: m.Many}
	switch told := len(m.Entered) + len(m.Left) + len(m.Updated); {
	case told == 0 && !m.Many && !passed:
		return
	case told > MaxMoves || m.Many:
		e = Event{Version: at, Count: m.Count, Resync: true}
	}
	o.seq++
	e.Seq = o.seq
	o.topic.Publish(e)
}

// neighbours gives contacts and all that are linked with them.
func (o *watch) neighbours(ctx context.Context, ids []uuid.UUID) ([]uuid.UUID, error) {
	var all []uuid.UUID
	err := o.w.db.Bun.NewRaw(`SELECT id FROM unnest(ARRAY[?]::uuid[]) AS id UNION
		SELECT from_id FROM affiliation WHERE site_id = ? AND to_id IN (?) UNION SELECT to_id FROM affiliation WHERE site_id = ? AND from_id IN (?)`,
		bun.List(ids), o.key.site, bun.List(ids), o.key.site, bun.List(ids)).Scan(ctx, &all)
	return all, db.MapError(err, "read neighbours")
}

// load reads the rule and its members anew. When no change has been missed (exact) and the rule is the same, it tells who
// moved; else that members have to be read again.
func (o *watch) load(ctx context.Context, n notes, exact bool) error {
	floor, err := live.CurrentLSN(ctx, o.w.db.Pool)
	if err != nil {
		return db.MapError(err, "read the log's position")
	}
	if !o.until.IsZero() { // what the feed has still to bring is read, but nobody was told that it changed somebody who stayed
		floor = min(floor, n.at)
	}
	now := o.w.clock.Now()
	rule, err := o.compile(ctx, now)
	if err != nil {
		return err
	}
	exact = exact && rule.text == o.rule.text
	if !o.follow(ctx, rule, exact, n) {
		if err := o.readMembers(ctx, rule, exact, n); err != nil {
			return err
		}
	}
	o.rule, o.floor, o.until = rule, floor, nextDay(rule.site, now)
	return nil
}

// begin says what the members are now: to who waits for the first count, later to the subscribers.
func (o *watch) begin(at live.LSN, m index.Moves, passed bool) {
	if !o.until.IsZero() {
		o.moved(at, m, passed)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told, o.count = at, m.Count
}

// readMembers reads by SQL who the members are, and keeps them here. An index that has kept them lets go before, so that what
// commits meanwhile is noted.
func (o *watch) readMembers(ctx context.Context, rule rule, exact bool, n notes) error {
	o.w.mu.Lock()
	if o.query != nil {
		o.members = o.current()
		o.w.unfollow(o)
	}
	o.w.mu.Unlock()
	members := map[uuid.UUID]struct{}{}
	q := rule.where.Where(o.w.db.Bun.NewSelect().Model((*contact.Record)(nil)).Column("id").Where("contact.site_id = ?", o.key.site))
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
	doubtful := n.doubtful(o.seen)
	if err := o.look(ctx); err != nil {
		return err
	}
	m := index.Moves{Many: true}
	if exact {
		m = difference(o.members, members, n.after(o.floor))
	}
	m.Count, o.members = len(members), members
	o.begin(n.at, m, doubtful)
	return nil
}

// following tells whether the site's index keeps the members.
func (o *watch) following() bool {
	o.w.mu.Lock()
	defer o.w.mu.Unlock()
	return o.query != nil
}

// current gives the members as they were last known; the caller holds Watcher.mu.
func (o *watch) current() map[uuid.UUID]struct{} {
	if o.query == nil {
		return o.members
	}
	set := map[uuid.UUID]struct{}{}
	for _, id := range o.index.Members(o.query) {
		set[id] = struct{}{}
	}
	return set
}

// difference tells who entered and left between two readings, and which of those who changed have stayed.
func difference(before, after map[uuid.UUID]struct{}, changed []uuid.UUID) (m index.Moves) {
	for _, id := range changed {
		_, was := before[id]
		if _, is := after[id]; was && is {
			m.Updated = append(m.Updated, id)
		}
	}
	for id := range after {
		if _, was := before[id]; !was {
			m.Entered = append(m.Entered, id)
		}
	}
	for id := range before {
		if _, is := after[id]; !is {
			m.Left = append(m.Left, id)
		}
	}
	return m
}

// compile reads the rule and compiles it for a moment.
func (o *watch) compile(ctx context.Context, now time.Time) (rule, error) {
	of, err := readSite(ctx, o.w.db.Bun, o.key.site)
	if err != nil {
		return rule{}, err
	}
	var rows []*Segment
	var rules []*Rule
	if o.key.segment != uuid.Nil {
		row, err := byID(ctx, o.w.db.Bun, o.key.site, o.key.segment)
		if err != nil {
			return rule{}, err
		}
		rows = []*Segment{row}
	} else {
		r, err := Parse([]byte(o.key.rule))
		if err != nil {
			return rule{}, fault.Wrap(err, "watched rule")
		}
		rules = []*Rule{&r}
	}
	v, err := readVocabulary(ctx, o.w.db.Bun, of, now, nil, rows, rules...)
	if err != nil {
		return rule{}, err
	}
	var who compiled
	var broken fault.List
	if len(rows) > 0 {
		who, broken = v.compileSegment(v.segments[o.key.segment])
	} else {
		who, broken = v.compileRule(rules[0])
	}
	o.alone.Store(!who.nested)
	return rule{compiled: who, text: v.text() + broken.Error(), site: of}, nil
}

// text is how all the segments are written that a rule is or refers to; equal texts mean the same.
func (v *vocabulary) text() string {
	var list []string
	for id, s := range v.segments {
		list = append(list, id.String()+string(s.Rule))
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}
