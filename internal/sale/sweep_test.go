package sale_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/sale"
)

// P-05, S-50, G-12: the passing of days changes what it should, at the site's midnight and as an event begins, and touches nobody else's row.
func TestSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := func(days int) time.Time { return time.Now().AddDate(0, 0, days) }
	date := func(days int) string { return w.site.Day(day(days)).Format(time.DateOnly) }
	plan := w.plan("Choir", 100, 12)
	member := func(who uuid.UUID, from, to int) {
		w.row("INSERT INTO membership (site_id, id, contact_id, plan_id, starts_on, ends_on) VALUES ($1, $2, $3, $4, $5::text::date, $6::text::date)", who, plan, date(from), date(to))
	}
	ends, begins, renews, untouched := w.person("Eva", "Ends"), w.person("Bo", "Begins"), w.person("Rune", "Renews"), w.person("Una", "Untouched")
	member(ends, -10, 0)
	member(begins, 1, 9)
	member(renews, -10, 0)
	member(renews, 1, 9)
	member(untouched, -10, 100)
	subscribers := func() (n int) { return w.count("SELECT count(*) FROM contact_sale WHERE site_id = $1 AND subscriber") }
	written := func() (ids []uuid.UUID) { // whose row the last statements wrote or locked
		require.NoError(t, w.db.Pool.QueryRow(t.Context(), `SELECT coalesce(array_agg(contact_id ORDER BY contact_id), '{}') FROM contact_sale
			WHERE site_id = $1 AND (xmin::text::bigint >= $2 OR xmax::text::bigint >= $2)`, w.site.ID, w.since).Scan(&ids))
		return ids
	}
	require.NoError(t, w.sales.Sweep(t.Context(), day(0)))
	require.Equal(t, 3, subscribers())

	midnight := w.site.Start(w.site.Day(day(1)))
	w.mark()
	require.NoError(t, w.sales.Sweep(t.Context(), midnight.Add(-time.Second)))
	require.Empty(t, written(), "it is the same day")
	require.NoError(t, w.sales.Sweep(t.Context(), midnight.Add(time.Second)))
	require.ElementsMatch(t, []uuid.UUID{ends, begins, renews}, written())
	require.Equal(t, 3, subscribers())
	require.Zero(t, w.count("SELECT count(*) FROM contact_sale WHERE site_id = $1 AND contact_id = $2 AND subscriber", ends))
	require.Equal(t, 1, w.count("SELECT count(*) FROM contact_sale WHERE site_id = $1 AND contact_id = $2 AND subscriber AND subscribed_until = $3::text::date", renews, date(9)))
	w.mark()
	require.NoError(t, w.sales.Sweep(t.Context(), midnight.Add(time.Minute)))
	require.Empty(t, written(), "it was done")

	event := w.event("Faust", -1)
	ticket := w.ticket(event, 100)
	_, err := w.sales.RecordOrder(w.staff, orderOf("1", ends, ticket))
	require.NoError(t, err)
	due := func() int {
		return w.count("SELECT due FROM contact_sale WHERE site_id = $1 AND contact_id = $2", ends)
	}
	require.NoError(t, w.sales.Sweep(t.Context(), day(6)))
	require.Zero(t, due())
	w.mark()
	require.NoError(t, w.sales.Sweep(t.Context(), day(7).Add(time.Minute)))
	require.Equal(t, []uuid.UUID{ends}, written())
	require.Equal(t, 1, due())
	require.NoError(t, w.sales.Sweep(t.Context(), day(7+365).Add(time.Minute)))
	require.Zero(t, due(), "it has left the site's period")

	w.exec("UPDATE site SET assiduity_days = 400 WHERE id = $1", w.site.ID)
	require.NoError(t, w.sales.Sweep(t.Context(), day(7+365).Add(2*time.Minute)))
	require.Equal(t, 1, due(), "another period is everybody's")
}

// The sweep's question goes by indexes, however many memberships and tickets there are.
func TestSweepIsIndexed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who, plan := w.person("Ada", "Lovelace"), w.plan("Choir", 100, 12)
	for _, table := range []string{"membership", "event", "ticket"} { // quicker, and lines are left out
		w.exec("ALTER TABLE " + table + " DISABLE TRIGGER ALL")
	}
	w.exec(`INSERT INTO membership (site_id, id, contact_id, plan_id, starts_on, ends_on) SELECT $1, gen_random_uuid(), $2, $3, current_date - n % 2000, current_date - n % 2000 + 365 FROM generate_series(1, 40000) n`, w.site.ID, who, plan)
	w.exec(`INSERT INTO event (site_id, id, name, starts_at, ends_at) SELECT $1, gen_random_uuid(), 'x', now() - n * interval '1 hour', now() + interval '1 hour' FROM generate_series(1, 40000) n`, w.site.ID)
	w.exec(`INSERT INTO ticket (site_id, id, line_id, product_id, event_id, contact_id, code) SELECT site_id, gen_random_uuid(), $2, $2, id, $2, gen_random_uuid()::text FROM event WHERE site_id = $1`, w.site.ID, who)
	w.exec("ANALYZE membership, event, ticket")
	rows, err := w.db.Pool.Query(t.Context(), "EXPLAIN (COSTS OFF) "+w.sales.Passed(w.site.ID, time.Now()))
	require.NoError(t, err)
	var plans strings.Builder
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		plans.WriteString(line + "\n")
	}
	require.NoError(t, rows.Err())
	require.NotRegexp(t, "Seq Scan on (membership|event|ticket|slot|booking)", plans.String())
	for _, index := range []string{"membership_starts", "membership_ends", "event_by_start", "ticket_of_event", "slot_by_start"} {
		require.Contains(t, plans.String(), index)
	}
}

// S-50, G-12: what changes of an event or a product, by whomever, reaches those who bought.
func TestIndicatorsFollowTheCatalogue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kari, event := w.person("Kari", "N"), w.event("Faust", -1)
	adult := w.ticket(event, 100)
	_, err := w.sales.RecordOrder(w.staff, orderOf("1", kari, adult))
	require.NoError(t, err)
	due := func() int {
		return w.count("SELECT due FROM contact_sale WHERE site_id = $1 AND contact_id = $2", kari)
	}
	require.Zero(t, due())
	w.exec("UPDATE event SET starts_at = now() - interval '1 hour' WHERE id = $1", event)
	require.Equal(t, 1, due(), "moved by plain SQL")
	_, err = w.sales.CancelEvent(w.staff, event)
	require.NoError(t, err)
	require.Zero(t, due(), "nobody stays away from what was cancelled")

	_, err = w.sales.UpdateProduct(w.staff, adult, sale.ProductChange{ForChild: ptr(true)})
	require.NoError(t, err)
	require.Equal(t, 1, w.count("SELECT count(*) FROM contact_sale WHERE site_id = $1 AND contact_id = $2 AND child", kari))
}
