package audit_test

import (
	"context"
	"os"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"carnet/internal/audit"
	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/site"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// somebody gives a context in which a manager of a new site acts.
func somebody(t testing.TB, d *db.DB) (context.Context, site.Actor) {
	t.Helper()
	of := uuid.New()
	_, err := d.Bun.NewRaw("INSERT INTO site (id, public_id, name) VALUES (?, ?, 'S')", of, "s-"+of.String()[:8]).Exec(t.Context())
	require.NoError(t, err)
	a := site.Actor{Kind: site.KindStaff, Access: site.AccessManager, SiteID: of, ID: uuid.New(), Name: "Mona"}
	return site.WithActor(t.Context(), a), a
}

// An entry is there exactly when its transaction is, once, whatever number of transactions there are, and names what was made on the way.
func TestBesideTheTransaction(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx, a := somebody(t, d)
	log := audit.New(d)
	named, made := uuid.New(), uuid.New()
	b := log.Beside(a, "createThing", []uuid.UUID{named})
	within := db.WithBeside(ctx, b)
	require.ErrorIs(t, d.Tx(within, func(context.Context, bun.Tx) error { return context.Canceled }), context.Canceled)
	require.False(t, b.Written())
	page, err := log.List(ctx, audit.Filter{}, 10, "")
	require.NoError(t, err)
	require.Empty(t, page.Rows)
	for range 2 {
		require.NoError(t, d.Tx(within, func(ctx context.Context, _ bun.Tx) error { db.About(ctx, made); return nil }))
	}
	require.True(t, b.Written())
	page, err = log.List(ctx, audit.Filter{Target: &made}, 10, "")
	require.NoError(t, err)
	require.Len(t, page.Rows, 1)
	require.Equal(t, []uuid.UUID{named, made}, page.Rows[0].Targets)
	page, err = log.List(ctx, audit.Filter{Actor: &a.ID, Action: "createThing"}, 10, "")
	require.NoError(t, err)
	require.Len(t, page.Rows, 1)
}

// BenchmarkBeside is what an entry costs a transaction that changes one row.
func BenchmarkBeside(b *testing.B) {
	d := dbtest.New(b)
	ctx, a := somebody(b, d)
	log := audit.New(d)
	change := func(ctx context.Context) {
		if err := d.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
			return d.ExecKept(ctx, tx, tx.NewUpdate().Table("site").Set("name = 'T'").Where("id = ?", a.SiteID))
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("without", func(b *testing.B) {
		for b.Loop() {
			change(ctx)
		}
	})
	b.Run("with", func(b *testing.B) {
		for b.Loop() {
			change(db.WithBeside(ctx, log.Beside(a, "updateContact", []uuid.UUID{a.ID})))
		}
	})
}
