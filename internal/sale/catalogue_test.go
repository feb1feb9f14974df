package sale_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/fault"
	"carnet/internal/sale"
)

// P-25, P-26: a group's price and quota hold when its contacts buy at once: each has their three at the group's price, not one more.
func TestQuotaHoldsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	adult := w.ticket(w.event("Faust", -1), 10_000)
	anna, bo := w.person("Anna", "A"), w.person("Bo", "B")
	students := w.group("Students", anna, bo)
	_, err := w.sales.SavePrice(w.staff, adult, &students, nil, 4_000)
	require.NoError(t, err)
	_, err = w.sales.SaveQuota(w.staff, adult, &students, sale.Monthly, 3)
	require.NoError(t, err)
	var sold, used atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			buyer := anna
			if i%2 == 1 {
				buyer = bo
			}
			o, err := w.sales.RecordOrder(w.staff, sale.RecordOrder{IdempotencyKey: strconv.Itoa(i), Buyer: of(buyer), Lines: lines(sale.OrderedLine{ProductID: adult, Quantity: 1})})
			if list, ok := fault.Mendable(err); ok && list[0].Reason == sale.ReasonQuotaUsed {
				used.Add(1)
				return
			}
			if err != nil || o.Total != 4_000 {
				t.Error(o, err)
				return
			}
			sold.Add(1)
		})
	}
	all.Wait()
	require.Equal(t, [2]int64{6, 34}, [2]int64{sold.Load(), used.Load()})
	require.Equal(t, 24_000, w.count("SELECT sum(total) FROM sale_order WHERE site_id = $1"))
	require.Equal(t, 3, w.count("SELECT max(used) FROM quota_use WHERE site_id = $1"))
}

// An event that moves into or out of the site's period takes along what is due of it.
func TestMovedEventIsDueAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kari := w.person("Kari", "N")
	event := w.event("Faust", -1)
	_, err := w.sales.RecordOrder(w.staff, sale.RecordOrder{IdempotencyKey: "1", Buyer: of(kari), Lines: lines(sale.OrderedLine{ProductID: w.ticket(event, 0), Quantity: 1})})
	require.NoError(t, err)
	due := func() int {
		return w.count("SELECT due FROM contact_sale WHERE site_id = $1 AND contact_id = $2", kari)
	}
	require.Zero(t, due())
	starts := time.Now().AddDate(0, 0, -2)
	ends := starts.Add(time.Hour)
	_, err = w.sales.UpdateEvent(w.staff, event, sale.EventChange{StartsAt: &starts, EndsAt: &ends})
	require.NoError(t, err)
	require.Equal(t, 1, due())
}

// A sale and a limit that is lowered at the same moment never leave more sold than there is.
func TestCapacityLoweredWhileSelling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	event := w.event("Faust", 20)
	adult := w.ticket(event, 0)
	kari := w.person("Kari", "N")
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			_, err := w.sales.RecordOrder(w.staff, sale.RecordOrder{IdempotencyKey: strconv.Itoa(i), Buyer: of(kari), Lines: lines(sale.OrderedLine{ProductID: adult, Quantity: 1})})
			if _, mendable := fault.Mendable(err); err != nil && !mendable {
				t.Error(err)
			}
		})
		all.Go(func() {
			n := new(int)
			*n = i
			_, err := w.sales.UpdateEvent(w.staff, event, sale.EventChange{Capacity: &n})
			if _, mendable := fault.Mendable(err); err != nil && !mendable {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.Equal(t, w.count("SELECT count(*) FROM ticket WHERE site_id = $1"), w.count("SELECT taken FROM event WHERE site_id = $1"))
	require.Equal(t, 1, w.count("SELECT count(*) FROM event WHERE site_id = $1 AND taken <= capacity"))
}

// S-90: whoever sells, or looks for what was sold, finds a thing by parts of its name and its event's, whatever their case and accents.
func TestSellableIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.sales.RecordOrder(w.staff, orderOf("1", w.person("Kari", "N"), w.ticket(w.event("Café Ørn 100%", -1), 0)))
	require.NoError(t, err)
	w.ticket(w.event("Other 1000", -1), 0)
	for typed, want := range map[string]int{"cafe ADULT": 1, "orn": 1, "100%": 1, "nothing": 0, "": 2} {
		found, err := w.sales.Sellable(w.staff, typed, 10)
		require.NoError(t, err)
		require.Len(t, found, want, typed)
		found, err = w.sales.Sold(w.staff, typed, 10)
		require.NoError(t, err)
		require.Len(t, found, min(want, 1), typed)
	}
}

// P-26: the lines of one order count together, each for whom it is.
func TestQuotaCountsAnOrdersLinesTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kari, ola := w.person("Kari", "N"), w.person("Ola", "N")
	adult := w.ticket(w.event("Faust", -1), 100)
	_, err := w.sales.SaveQuota(w.staff, adult, nil, sale.Ever, 2)
	require.NoError(t, err)
	buy := func(key string, second *sale.Party) error {
		_, err := w.sales.RecordOrder(w.staff, sale.RecordOrder{IdempotencyKey: key, Buyer: of(kari), Lines: lines(sale.OrderedLine{ProductID: adult, Quantity: 2}, sale.OrderedLine{ProductID: adult, Quantity: 1, Attendee: second})})
		return err
	}
	require.Equal(t, []string{"lines.0.quantity." + sale.ReasonQuotaUsed}, reasons(t, buy("1", nil)))
	whose := of(ola)
	require.NoError(t, buy("2", &whose))
	require.Equal(t, 3, w.count("SELECT sum(used) FROM quota_use WHERE site_id = $1"))
}

// A pass of thirty days is good on the day it is bought and on twenty-nine more.
func TestPassDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	month := w.row("INSERT INTO product (site_id, id, kind, name, price, uses, valid_days) VALUES ($1, $2, 'pass', 'Month', 0, 9, 30)")
	_, err := w.sales.RecordOrder(w.staff, orderOf("1", w.person("Kari", "N"), month))
	require.NoError(t, err)
	today := w.site.Day(time.Now())
	require.Equal(t, 1, w.count("SELECT count(*) FROM pass WHERE site_id = $1 AND valid_on = $2 AND ends_on = $3", today, today.AddDate(0, 0, 29)))
}
