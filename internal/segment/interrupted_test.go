package segment

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/contact"
)

// D-02, D-03: while writers write, the replication connection is cut again and again. Every subscriber's stream leads
// to exactly the members that SQL gives, by moves or by a resync, and no event contradicts those before it.
func TestInterruptionsLoseNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.newBook(t, t.Context(), 60)
	rules := []Rule{
		{Group: &b.groups[0]},
		{Not: &Rule{Group: &b.groups[1]}},
		{Text: &TextLeaf{Column: "CITY", Op: "PREFIX", Value: ptr("bodo")}},
		{Email: ptr("a@b.example")}, // SQL's alone
	}
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
	defer cancel()
	w.caught(t, ctx)
	type listener struct {
		sub *Subscription
		set map[uuid.UUID]bool
	}
	all := make([]*listener, len(rules))
	for i, r := range rules {
		sub, err := w.watcher.Rule(ctx, r)
		require.NoError(t, err)
		defer sub.Close()
		_, err = sub.Next(ctx)
		require.NoError(t, err)
		all[i] = &listener{sub, b.members(t, ctx, r)}
	}

	done := make(chan struct{})
	var writers sync.WaitGroup
	for i := range 3 {
		writers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 1)) //nolint:gosec // which change is no secret
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
					b.scribble(t, random)
				}
			}
		})
	}
	for range 5 {
		require.Eventually(t, w.feed.Ready, time.Minute, 10*time.Millisecond)
		loads := w.feed.Stats().Loads
		b.exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'walsender' AND datname = current_database()")
		require.Eventually(t, func() bool { return w.feed.Stats().Loads > loads }, time.Minute, 10*time.Millisecond, "the feed does not come back")
	}
	close(done)
	writers.Wait()
	w.caught(t, ctx)
	for i, r := range rules {
		want, l := b.members(t, ctx, r), all[i]
		for !equalSets(l.set, want) {
			e, err := l.sub.Next(ctx)
			require.NoError(t, err, "the stream of %s does not lead to what SQL holds", r.JSON())
			if e.Resync { // the subscriber reads anew
				l.set = b.members(t, ctx, r)
				continue
			}
			for _, id := range e.Entered {
				l.set[id] = true
			}
			for _, id := range e.Left {
				delete(l.set, id)
			}
		}
	}
}

// D-02: a contact comes and goes faster than SQL is asked. Whoever read the members in between holds one too many: an event
// tells how many there are, though it names nobody.
func TestWhoComesAndGoesIsCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.newBook(t, t.Context(), 4)
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	w.caught(t, ctx)
	sub, err := w.watcher.Rule(ctx, Rule{Email: ptr("a@b.example")}) // SQL's alone
	require.NoError(t, err)
	defer sub.Close()
	_, err = sub.Next(ctx)
	require.NoError(t, err)
	passed := 0
	for range 10 {
		const set = "BEGIN; UPDATE contact SET email = '%[1]s', email_key = '%[1]s' WHERE id = '%[2]s'; COMMIT;"
		b.exec(t, fmt.Sprintf(set, "a@b.example", b.contacts[0])+fmt.Sprintf(set, "c@b.example", b.contacts[0]))
		e, err := sub.Next(ctx)
		require.NoError(t, err, "who came and went is not told at all")
		if len(e.Entered) == 1 { // SQL was faster
			require.Equal(t, 1, e.Count)
			e, err = sub.Next(ctx)
			require.NoError(t, err)
			require.Equal(t, b.contacts[:1], e.Left)
		} else {
			passed++
		}
		require.Equal(t, Event{Version: e.Version, Seq: e.Seq, Left: e.Left}, e, "nobody is in, and nothing else is said")
	}
	require.Positive(t, passed)
}

// D-02: after PostgreSQL died its log goes on from what was on its disk, maybe before a position that was known already. The
// subscribers are told to read again all the same.
func TestLogThatGoesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.newBook(t, t.Context(), 4)
	for _, r := range []Rule{{Group: &b.groups[0]}, {Email: ptr("a@b.example")}} { // the index's, SQL's
		sub, err := w.watcher.Rule(b.ctx, r)
		require.NoError(t, err)
		defer sub.Close()
		_, err = sub.Next(b.ctx)
		require.NoError(t, err)
		require.NoError(t, w.watcher.Load(b.ctx, nil, 1))
		ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
		defer cancel()
		for e := (Event{}); !e.Resync; {
			e, err = sub.Next(ctx)
			require.NoError(t, err)
		}
	}
}

// scribble makes one random change by plain SQL.
func (b *book) scribble(t *testing.T, random *rand.Rand) {
	who := b.contacts[random.IntN(len(b.contacts))]
	switch random.IntN(4) {
	case 0:
		b.exec(t, "UPDATE contact SET n_city = $3 WHERE site_id = $1 AND id = $2", b.site.ID, who, cities[random.IntN(len(cities))])
	case 1:
		b.exec(t, "INSERT INTO contact_group_member (site_id, group_id, contact_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", b.site.ID, b.groups[random.IntN(2)], who)
	case 2:
		b.exec(t, "DELETE FROM contact_group_member WHERE site_id = $1 AND group_id = $2 AND contact_id = $3", b.site.ID, b.groups[random.IntN(2)], who)
	default:
		mail := fmt.Sprintf("%d@b.example", random.IntN(1000))
		if random.IntN(2) == 0 {
			mail = "a@b.example"
		}
		b.exec(t, "UPDATE contact SET email = $3, email_key = $3 WHERE site_id = $1 AND id = $2", b.site.ID, who, mail)
	}
}

func (b *book) members(t *testing.T, ctx context.Context, r Rule) map[uuid.UUID]bool {
	where, err := Compile(ctx, b.db.Bun, b.site, time.Now(), r)
	require.NoError(t, err)
	var ids []uuid.UUID
	require.NoError(t, where.Where(b.db.Bun.NewSelect().Model((*contact.Record)(nil)).Column("id").Where("contact.site_id = ?", b.site.ID)).Scan(ctx, &ids))
	return setOf(ids)
}

func equalSets(a, b map[uuid.UUID]bool) bool {
	if len(a) != len(b) {
		return false
	}
	for id := range a {
		if !b[id] {
			return false
		}
	}
	return true
}
