package segment

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"carnet/internal/db/dbtest"
	"carnet/internal/live"
)

// gate is a handler before the watcher, which may hold a commit up.
type gate struct{ apply func(live.Tx) }

func (g *gate) Load(context.Context, pgx.Tx, live.LSN) error { return nil }

func (g *gate) Apply(_ context.Context, tx live.Tx) error {
	if g.apply != nil {
		g.apply(tx)
	}
	return nil
}

// tick is the machine's clock, and tells when a watch begins to wait: it has done its step.
type tick struct {
	wallClock
	waits chan struct{}
}

func (c tick) At(moment time.Time) (<-chan time.Time, func()) {
	c.waits <- struct{}{}
	return c.wallClock.At(moment)
}

// D-02: a site's time zone changes, and right after it a member. The watch has read its members anew before the feed brings that change, and tells of it all the
// same; whether the index kept them or SQL did.
func TestUpdatesAreToldWhenMembersAreReadAnew(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]Rule{"index": {Kind: ptr("PERSON")}, "sql": {Text: &TextLeaf{Column: "LAST_NAME", Op: "PREFIX", Value: ptr("p")}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := &gate{}
			w := follow(t, dbtest.New(t), g)
			clock := tick{waits: make(chan struct{}, 100)}
			w.watcher.clock = clock
			b := w.newBook(t, t.Context(), 3)
			ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
			defer cancel()
			w.caught(t, ctx)
			require.True(t, waitFor(ctx, w.indexes.begin(b.site).ready))
			sub, err := w.watcher.Rule(ctx, rule)
			require.NoError(t, err)
			defer sub.Close()
			_, err = sub.Next(ctx)
			require.NoError(t, err)
			for range 2 { // at the start, and after its first step
				require.True(t, waitFor(ctx, clock.waits))
			}
			require.Equal(t, name == "index", w.watcher.watches[watchKey{site: b.site.ID, rule: string(rule.JSON())}].following())

			g.apply = func(tx live.Tx) { // in the feed's turn
				for _, c := range tx.Changes {
					switch c.Table {
					case "site":
						b.exec(t, "UPDATE contact SET note = 'x' WHERE id = $1", b.contacts[0]) // committed before the watch hears of the site
					case "contact":
						waitFor(ctx, clock.waits) // until the watch has read its members
					}
				}
			}
			b.exec(t, "UPDATE site SET time_zone = 'Pacific/Auckland', settings_version = settings_version + 1 WHERE id = $1", b.site.ID)
			e, err := sub.Next(ctx)
			require.NoError(t, err, "nobody is told that the member changed")
			require.Equal(t, b.contacts[:1], e.Updated)
			require.Empty(t, append(e.Entered, e.Left...))
		})
	}
}

func waitFor(ctx context.Context, come <-chan struct{}) bool {
	select {
	case <-come:
		return true
	case <-ctx.Done():
		return false
	}
}
