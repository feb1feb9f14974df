package app_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/db/dbtest"
)

// The demo begins with the calendar's evenings on sale, known by the calendar's own ids, and with sales of some of them.
func TestDemoSells(t *testing.T) {
	t.Parallel()
	a, err := app.New(t.Context(), app.Config{Addr: "127.0.0.1:0", Data: t.TempDir(), Demo: true, Contacts: 60, Log: slog.New(slog.DiscardHandler)}, dbtest.New(t))
	require.NoError(t, err)
	_, err = a.FirstSite(t.Context())
	require.NoError(t, err)
	var references []string
	require.NoError(t, a.DB.Bun.NewSelect().Table("event").Column("reference").Where("state = 'published' AND taken > 0").Scan(t.Context(), &references))
	require.NotEmpty(t, references)
	for _, r := range references {
		require.True(t, strings.HasPrefix(r, "/events/"), r)
	}
	for table, least := range map[string]int{"event": 8, "slot": 40, "sale_order": 20, "membership": 2, "pass": 2, "payment": 10, "product_price": 3} {
		n, err := a.DB.Bun.NewSelect().Table(table).Count(t.Context())
		require.NoError(t, err)
		require.GreaterOrEqual(t, int(n), least, table)
	}
	for what, sql := range map[string]string{
		"who came":   "SELECT count(*) FROM ticket JOIN event ON event.id = ticket.event_id WHERE ticket.state = 'used' AND event.ends_at < now()",
		"who agreed": "SELECT count(*) FROM consent WHERE state = 'given' AND channel = 'email'",
	} {
		var n int
		require.NoError(t, a.DB.Bun.NewRaw(sql).Scan(t.Context(), &n))
		require.Positive(t, n, what)
	}
	var early int
	require.NoError(t, a.DB.Bun.NewRaw("SELECT count(*) FROM ticket JOIN event ON event.id = ticket.event_id WHERE ticket.state = 'used' AND event.ends_at > now()").Scan(t.Context(), &early))
	require.Zero(t, early, "nobody came to what is still to come")
	var off int
	require.NoError(t, a.DB.Bun.NewRaw("SELECT sum(amount) FROM ledger_entry").Scan(t.Context(), &off))
	require.Zero(t, off)
}
