package sale_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"carnet/internal/fault"
	"carnet/internal/indicator"
	"carnet/internal/job"
	"carnet/internal/sale"
	"carnet/internal/segment"
	"carnet/internal/site"
)

// counting is a world whose site has indicators of its own, which are counted in the background.
type counting struct {
	*world
	indicators *indicator.Service
}

func newCounting(t *testing.T) *counting {
	t.Helper()
	w := newWorld(t)
	jobs, err := job.New(w.db, slog.Default())
	require.NoError(t, err)
	c := &counting{world: w, indicators: indicator.New(w.db, jobs)}
	c.indicators.Named, c.indicators.Forget = segment.NamesOf, segment.ForgetIndicator
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- jobs.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	return c
}

func (c *counting) define(measure indicator.Measure, in indicator.Change) *indicator.Definition {
	c.t.Helper()
	name, icon := uuid.NewString(), "star"
	in.Name, in.Icon = &name, &icon
	d, err := c.indicators.Create(c.staff, measure, in)
	require.NoError(c.t, err)
	return d
}

// counted waits until everybody is counted.
func (c *counting) counted() {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		return c.count("SELECT count(*) FROM indicator_recount WHERE site_id = $1")+c.count("SELECT count(*) FROM indicator WHERE site_id = $1 AND deleted_at IS NOT NULL") == 0
	}, time.Minute, 20*time.Millisecond)
}

// of gives the values of a contact, -1 where there is none.
func (c *counting) of(who uuid.UUID, list ...*indicator.Definition) []int64 {
	c.t.Helper()
	by, err := c.indicators.ValuesOf(c.staff, []uuid.UUID{who})
	require.NoError(c.t, err)
	out := make([]int64, len(list))
	for i, d := range list {
		for _, v := range by[who] {
			if v.Indicator.ID == d.ID {
				if out[i] = -1; v.Value != nil {
					out[i] = *v.Value
				}
			}
		}
	}
	return out
}

func days(n int) indicator.Change {
	return indicator.Change{Period: ptr(indicator.Days), Days: ptr(ptr(n))}
}

// S-50: orders, what goes back of them, check-ins and a cancelled event change the values of whom they touch, in their transaction;
// products, events, kinds and channels narrow them.
func TestOwnIndicatorsFollowSales(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	kari, child := c.person("Kari", "N"), c.person("Per", "N")
	faust, hamlet := c.event("Faust", -1), c.event("Hamlet", -1)
	adult, other, plan := c.ticket(faust, 100), c.ticket(hamlet, 30), c.plan("Choir", 500, 12)

	orders, spent := c.define(indicator.Orders, indicator.Change{}), c.define(indicator.Spent, indicator.Change{})
	tickets, visits := c.define(indicator.Tickets, indicator.Change{}), c.define(indicator.Visits, indicator.Change{})
	since := c.define(indicator.LastPurchase, indicator.Change{})
	ofFaust := c.define(indicator.Spent, indicator.Change{EventIDs: &[]uuid.UUID{faust}})
	ofAdult := c.define(indicator.Orders, indicator.Change{ProductIDs: &[]uuid.UUID{adult}})
	plans := c.define(indicator.Spent, indicator.Change{Kinds: &[]string{"membership"}})
	phoned := c.define(indicator.Orders, indicator.Change{Channels: &[]string{"phone"}})
	all := []*indicator.Definition{orders, spent, tickets, visits, since, ofFaust, ofAdult, plans, phoned}
	require.Equal(t, []int64{0, 0, 0, 0, -1, 0, 0, 0, 0}, c.of(kari, all...))

	in := sale.RecordOrder{IdempotencyKey: "1", Channel: "phone", Buyer: of(kari), Lines: lines(
		sale.OrderedLine{ProductID: adult, Quantity: 2}, sale.OrderedLine{ProductID: other, Quantity: 1, Attendee: ptr(of(child))}, sale.OrderedLine{ProductID: plan, Quantity: 1})}
	o, err := c.sales.RecordOrder(c.staff, in)
	require.NoError(t, err)
	require.Equal(t, []int64{1, 730, 2, 0, 0, 200, 1, 500, 1}, c.of(kari, all...))
	require.Equal(t, []int64{0, 0, 1, 0, -1, 0, 0, 0, 0}, c.of(child, all...), "who attends has the ticket, and bought nothing")

	var codes []string
	require.NoError(t, c.db.Pool.QueryRow(t.Context(), "SELECT array_agg(code ORDER BY id) FROM ticket WHERE site_id = $1 AND contact_id = $2", c.site.ID, kari).Scan(&codes))
	_, err = c.sales.CheckIn(c.staff, codes[0], nil)
	require.NoError(t, err)
	require.Equal(t, []int64{1}, c.of(kari, visits))
	by, err := c.sales.LinesOf(c.staff, []uuid.UUID{o.ID})
	require.NoError(t, err)
	_, err = c.sales.Return(c.staff, sale.ReturnOrder{OrderID: o.ID, Lines: []sale.ReturnedLine{{LineID: by[o.ID][0].ID, Quantity: 1}}, IdempotencyKey: "r"})
	require.NoError(t, err)
	require.Equal(t, []int64{1, 630, 1, 1, 0, 100, 1, 500, 1}, c.of(kari, all...))
	_, err = c.sales.CancelEvent(c.staff, faust)
	require.NoError(t, err)
	require.Equal(t, []int64{1, 630, 1, 0}, c.of(kari, all[:4]...), "nobody visits what was cancelled; what was paid for it is not yet back")
	_, err = c.sales.Return(c.staff, sale.ReturnOrder{OrderID: o.ID, Force: true, IdempotencyKey: "all"})
	require.NoError(t, err)
	require.Equal(t, []int64{0, 0, 0, 0, -1, 0, 0, 0, 0}, c.of(kari, all...))
	require.Equal(t, []int64{0}, c.of(child, tickets))
	require.Zero(t, c.count("SELECT count(*) FROM contact_indicator WHERE site_id = $1"), "who has nothing has no row")
}

// S-50: what leaves a period leaves it at the site's midnight, what lies in a season counts until the next begins, and the sweep
// writes nobody else's values.
func TestOwnIndicatorsFollowDays(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	kari, ola := c.person("Kari", "N"), c.person("Ola", "N")
	adult := c.ticket(c.event("Faust", -1), 100)
	today := c.site.Day(time.Now())
	next := today.AddDate(0, 0, 20) // the season begins in 20 days
	for next.Month() == time.February && next.Day() == 29 {
		next = next.AddDate(0, 0, 1)
	}
	gap := int(next.Sub(today).Hours() / 24)
	month, tickets := c.define(indicator.Orders, days(30)), c.define(indicator.Tickets, days(10))
	season := c.define(indicator.Spent, indicator.Change{Period: ptr(indicator.Year), StartMonth: ptr(ptr(int(next.Month()))), StartDay: ptr(ptr(next.Day()))})
	visits := c.define(indicator.Visits, days(5))
	c.counted() // by the clock on the wall, which is not that of the sweeps below
	for i, who := range []uuid.UUID{kari, ola} {
		in := orderOf(fmt.Sprint(i), who, adult)
		in.OrderedAt = ptr(c.site.Start(today.AddDate(0, 0, -9*(1-i))).Add(time.Hour)) // Kari nine days ago, Ola today
		_, err := c.sales.RecordOrder(c.staff, in)
		require.NoError(t, err)
	}
	c.exec("UPDATE ticket SET state = 'used', used_at = now() WHERE site_id = $1 AND contact_id = $2", c.site.ID, ola)
	c.exec("UPDATE event SET starts_at = now() WHERE site_id = $1", c.site.ID)
	all := []*indicator.Definition{month, tickets, season, visits}
	require.Equal(t, []int64{1, 1, 100, 0}, c.of(kari, all...))
	require.Equal(t, []int64{1, 1, 100, 1}, c.of(ola, all...))
	midnight := func(days int) time.Time { return c.site.Start(today.AddDate(0, 0, days)) }
	written := func() (n int) {
		return c.count("SELECT count(*) FROM contact_indicator WHERE site_id = $1 AND contact_id <> $3 AND (xmin::text::bigint >= $2 OR xmax::text::bigint >= $2)", c.since, kari)
	}
	sweep := func(at time.Time) { t.Helper(); require.NoError(t, c.sales.Sweep(t.Context(), at)) }
	sweep(time.Now())
	c.mark()
	sweep(midnight(1).Add(-time.Second))
	require.Equal(t, []int64{1, 1, 100, 0}, c.of(kari, all...))
	sweep(midnight(1).Add(time.Second))
	require.Equal(t, []int64{1, 0, 100, 0}, c.of(kari, all...), "ten days hold today and the nine before")
	require.Zero(t, written())
	sweep(midnight(5).Add(time.Second))
	require.Equal(t, []int64{1, 1, 100, 0}, c.of(ola, all...), "the visit was six days ago")
	sweep(midnight(gap).Add(-time.Second))
	require.Equal(t, []int64{100}, c.of(ola, season))
	sweep(midnight(gap).Add(time.Second))
	require.Equal(t, []int64{1, 0, 0, 0}, c.of(ola, all...), "another season")
	sweep(midnight(29).Add(time.Second))
	require.Equal(t, []int64{1}, c.of(ola, month))
	sweep(midnight(30).Add(time.Second))
	require.Equal(t, []int64{0}, c.of(ola, month))
}

// S-50: two records become one with what both bought, and are parted again with what was theirs; who is erased leaves nothing.
func TestOwnIndicatorsFollowMerges(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	keep, other := c.person("Nina", "Hall"), c.person("Nina", "Hal")
	adult := c.ticket(c.event("Faust", -1), 100)
	spent, tickets := c.define(indicator.Spent, indicator.Change{}), c.define(indicator.Tickets, indicator.Change{})
	c.bought(keep, adult, 1)
	c.bought(other, adult, 2)
	m, _, err := c.book.MergeContacts(c.staff, []uuid.UUID{keep, other}, nil)
	require.NoError(t, err)
	require.Equal(t, []int64{300, 3}, c.of(keep, spent, tickets))
	require.Equal(t, []int64{0, 0}, c.of(other, spent, tickets))
	_, err = c.book.UndoMerge(c.staff, m.ID)
	require.NoError(t, err)
	require.Equal(t, []int64{100, 1}, c.of(keep, spent, tickets))
	require.Equal(t, []int64{200, 2}, c.of(other, spent, tickets))
	c.exec("DELETE FROM contact WHERE site_id = $1 AND id = $2", c.site.ID, other)
	require.Equal(t, 2, c.count("SELECT count(*) FROM contact_indicator WHERE site_id = $1"))
	c.exec("DELETE FROM sale_order WHERE site_id = $1 AND buyer_id = $2", c.site.ID, keep)
	require.Zero(t, c.count("SELECT count(*) FROM contact_indicator WHERE site_id = $1"))
}

// A change of what is counted counts everybody, also those whose sale began before it and ends after; other bands and names count nobody.
func TestOwnIndicatorsAreRecounted(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	kari, ola := c.person("Kari", "N"), c.person("Ola", "N")
	adult := c.ticket(c.event("Faust", -1), 100)
	c.bought(kari, adult, 2)
	spent := c.define(indicator.Spent, indicator.Change{})
	c.counted()
	require.Equal(t, []int64{200}, c.of(kari, spent), "whoever bought before")
	c.mark()
	_, err := c.indicators.Update(c.staff, spent.ID, indicator.Change{Name: ptr("Money"), Bands: &[]indicator.Band{{Label: "some", From: 1}, {Label: "much", From: 200}}})
	require.NoError(t, err)
	require.Zero(t, c.count("SELECT count(*) FROM indicator_recount WHERE site_id = $1"))

	tx, err := c.db.Pool.Begin(t.Context())
	require.NoError(t, err)
	order := uuid.Must(uuid.NewV7())
	_, err = tx.Exec(t.Context(), `INSERT INTO sale_order (site_id, id, number, idempotency_key, request_sha256, buyer_id, channel, currency, total, ordered_at, actor_kind)
		VALUES ($1, $2, 100, 'late', '', $3, 'shop', 'EUR', 70, now(), 'system')`, c.site.ID, order, ola)
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "INSERT INTO order_line (site_id, id, order_id, position, product_id, label, quantity, unit_price) VALUES ($1, $2, $3, 1, $4, 'x', 1, 70)", c.site.ID, uuid.New(), order, adult)
	require.NoError(t, err)
	_, err = c.indicators.Update(c.staff, spent.ID, indicator.Change{Channels: &[]string{"phone"}})
	require.NoError(t, err)
	require.Never(t, func() bool { return c.count("SELECT count(*) FROM indicator_recount WHERE site_id = $1") == 0 }, 600*time.Millisecond, 100*time.Millisecond, "it waits for the sale")
	by, err := c.indicators.Recounts(c.staff)
	require.NoError(t, err)
	require.EqualValues(t, 1, by[spent.ID].Total)
	require.NoError(t, tx.Commit(t.Context()))
	c.counted()
	require.Equal(t, []int64{0}, c.of(kari, spent))
	require.Equal(t, []int64{0}, c.of(ola, spent), "a sale that counted what was counted before")

	_, err = c.indicators.Update(c.staff, spent.ID, indicator.Change{Archived: ptr(true)})
	require.NoError(t, err)
	c.bought(kari, adult, 1)
	_, err = c.indicators.Update(c.staff, spent.ID, indicator.Change{Archived: ptr(false), Channels: &[]string{}})
	require.NoError(t, err)
	c.counted()
	require.Equal(t, []int64{300}, c.of(kari, spent))
	require.NoError(t, c.indicators.Delete(c.staff, spent.ID))
	c.counted()
	require.Zero(t, c.count("SELECT count(*) FROM indicator WHERE site_id = $1")+c.count("SELECT count(*) FROM contact_indicator WHERE site_id = $1"))
}

// What cannot be is refused, at its place.
func TestOwnIndicatorIsChecked(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	elsewhere := newWorld(t)
	adult := c.ticket(c.event("Faust", -1), 100)
	band := func(label string, from int64) indicator.Band { return indicator.Band{Label: label, From: from} }
	for _, one := range []struct {
		measure indicator.Measure
		in      indicator.Change
		want    string
	}{
		{indicator.Orders, indicator.Change{Name: ptr(" ")}, "name.REQUIRED"},
		{indicator.Orders, indicator.Change{Icon: ptr("skull")}, "icon.INVALID"},
		{indicator.Orders, indicator.Change{ProductIDs: &[]uuid.UUID{adult, elsewhere.plan("Choir", 1, 1)}}, "productIds.1.UNKNOWN"},
		{indicator.Orders, indicator.Change{EventIDs: &[]uuid.UUID{elsewhere.event("Faust", -1)}}, "eventIds.0.UNKNOWN"},
		{indicator.Orders, indicator.Change{ProductIDs: &[]uuid.UUID{adult, adult}}, "productIds.1.DUPLICATE"},
		{indicator.Tickets, indicator.Change{Kinds: &[]string{"pass"}}, "kinds.0.INVALID"},
		{indicator.Orders, indicator.Change{Kinds: &[]string{"pass"}, EventIDs: &[]uuid.UUID{uuid.New()}}, "eventIds.INVALID"},
		{indicator.Orders, indicator.Change{Channels: &[]string{"The Phone"}}, "channels.0.INVALID"},
		{indicator.Orders, days(0), "days.INVALID_NUMBER"},
		{indicator.Orders, days(3661), "days.INVALID_NUMBER"},
		{indicator.Orders, indicator.Change{Period: ptr(indicator.Days)}, "days.REQUIRED"},
		{indicator.Orders, indicator.Change{Days: ptr(ptr(3))}, "days.INVALID"},
		{indicator.Orders, indicator.Change{Period: ptr(indicator.Year), StartMonth: ptr(ptr(2)), StartDay: ptr(ptr(29))}, "startDay.INVALID_NUMBER"},
		{indicator.Orders, indicator.Change{Bands: &[]indicator.Band{band("a", 5), band("b", 5)}}, "bands.1.from.INVALID_NUMBER"},
		{indicator.Orders, indicator.Change{Bands: &[]indicator.Band{band("a", 5), band("A", 9)}}, "bands.1.label.DUPLICATE"},
		{indicator.Orders, indicator.Change{Bands: &[]indicator.Band{band("a", -1)}}, "bands.0.from.INVALID_NUMBER"},
		{indicator.Orders, indicator.Change{Bands: &[]indicator.Band{{ID: uuid.New(), Label: "a"}}}, "bands.0.id.UNKNOWN"},
	} {
		if one.in.Name == nil {
			one.in.Name = ptr("x")
		}
		if one.in.Icon == nil {
			one.in.Icon = ptr("star")
		}
		_, err := c.indicators.Create(c.staff, one.measure, one.in)
		require.Equal(t, []string{one.want}, reasons(t, err))
	}
	first := c.define(indicator.Orders, indicator.Change{ProductIDs: &[]uuid.UUID{adult}})
	_, err := c.indicators.Create(c.staff, indicator.Orders, indicator.Change{Name: &first.Name, Icon: ptr("star")})
	require.Equal(t, []string{"name." + fault.Taken}, reasons(t, err))
	require.Equal(t, []string{fault.InUse}, reasons(t, c.sales.DeleteProduct(c.staff, adult)))
	for i := 1; i < indicator.MaxIndicators; i++ {
		_, err = c.indicators.Create(c.staff, indicator.Orders, indicator.Change{Name: ptr(fmt.Sprint(i)), Icon: ptr("star")})
		require.NoError(t, err)
	}
	_, err = c.indicators.Create(c.staff, indicator.Orders, indicator.Change{Name: ptr("more"), Icon: ptr("star")})
	require.Equal(t, []string{fault.TooLong}, reasons(t, err))
	_, err = c.indicators.Create(c.key, indicator.Orders, indicator.Change{})
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	require.Equal(t, fault.NotFound, fault.CodeOf(c.indicators.Delete(site.WithActor(t.Context(), site.Actor{
		Kind: site.KindStaff, Access: site.AccessOwner, SiteID: elsewhere.site.ID, ID: uuid.New(), Book: true,
	}), first.ID)))
}

// Counting one contact goes by indexes, however many there are, and so does looking for whom a period has ended.
func TestOwnIndicatorsAreIndexed(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	who, adult := c.person("Ada", "Lovelace"), c.ticket(c.event("Faust", -1), 100)
	for _, table := range []string{"sale_order", "order_line", "ticket", "event", "slot", "booking"} { // quicker
		c.exec("ALTER TABLE " + table + " DISABLE TRIGGER ALL")
	}
	c.exec(`INSERT INTO event (site_id, id, name, starts_at, ends_at) SELECT $1, gen_random_uuid(), 'x', now() - n * interval '1 hour', now() + interval '1 hour' FROM generate_series(1, 5000) n`, c.site.ID)
	c.exec(`INSERT INTO sale_order (site_id, id, number, idempotency_key, request_sha256, buyer_id, channel, currency, total, ordered_at, actor_kind)
		SELECT $1, gen_random_uuid(), n, n::text, '', gen_random_uuid(), 'shop', 'EUR', 100, now() - n * interval '1 minute', 'system' FROM generate_series(1, 40000) n`, c.site.ID)
	c.exec(`INSERT INTO order_line (site_id, id, order_id, position, product_id, attendee_id, label, quantity, unit_price) SELECT site_id, gen_random_uuid(), id, 1, $2, buyer_id, 'x', 1, 100 FROM sale_order WHERE site_id = $1`, c.site.ID, adult)
	c.exec(`INSERT INTO ticket (site_id, id, line_id, product_id, event_id, contact_id, code) SELECT l.site_id, gen_random_uuid(), l.id, $2, (SELECT event_id FROM product WHERE id = $2), l.attendee_id, l.id::text FROM order_line l WHERE site_id = $1`, c.site.ID, adult)
	c.exec(`INSERT INTO slot (site_id, id, product_id, starts_at, ends_at) SELECT $1, gen_random_uuid(), $2, now() - n * interval '1 hour', now() + interval '1 hour' FROM generate_series(1, 5000) n`, c.site.ID, adult)
	c.exec(`INSERT INTO booking (site_id, id, contact_id, product_id, slot_id) SELECT site_id, gen_random_uuid(), id, product_id, id FROM slot WHERE site_id = $1`, c.site.ID)
	c.exec(`INSERT INTO indicator (site_id, id, name, name_key, icon, measure, period, days, position)
		SELECT $1, gen_random_uuid(), n::text, n::text, 'star', (ARRAY['orders', 'tickets', 'spent', 'visits', 'last_purchase'])[n % 5 + 1], 'days', 365, n FROM generate_series(1, 20) n`, c.site.ID)
	c.exec("ANALYZE")
	plan := func(sql string, args ...any) string {
		var out strings.Builder
		tx, err := c.db.Pool.Begin(t.Context())
		require.NoError(t, err)
		defer func() { require.NoError(t, tx.Rollback(t.Context())) }()
		_, err = tx.Exec(t.Context(), "SET LOCAL plan_cache_mode = force_generic_plan") // as the refresh has it
		require.NoError(t, err)
		rows, err := tx.Query(t.Context(), "EXPLAIN (COSTS OFF) "+sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
		require.NoError(t, err)
		for rows.Next() {
			var line string
			require.NoError(t, rows.Scan(&line))
			out.WriteString(line + "\n")
		}
		require.NoError(t, rows.Err())
		return out.String()
	}
	got := plan("SELECT * FROM contact_indicator_at($1, $2, now(), '{orders,tickets,spent,visits,last_purchase}', NULL)", c.site.ID, who)
	require.NotRegexp(t, "Seq Scan on (sale_order|order_line|ticket|event|booking|slot|contact)|Index Cond: \\(site_id = '[-0-9a-f]+'::uuid\\)\n", got)
	for _, index := range []string{"sale_order_buyer", "ticket_of", "booking_of"} {
		require.Contains(t, got, index)
	}
}
