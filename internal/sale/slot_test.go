package sale_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/sale"
)

// A court that is open day and night has slots on the day on which clocks are put forward as well.
func TestSlotsAroundTheClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	court := w.row("INSERT INTO product (site_id, id, kind, name, price) VALUES ($1, $2, 'resource', 'Court', 500)")
	midnight := w.site.Start(time.Date(2031, 3, 29, 0, 0, 0, 0, time.UTC))
	slots, err := w.sales.CreateSlots(w.staff, court, sale.SlotSeries{StartsAt: midnight, Minutes: 60, Capacity: 1, InARow: 24, Every: 1, Until: ptr(time.Date(2031, 3, 31, 0, 0, 0, 0, time.UTC))})
	require.NoError(t, err)
	require.Len(t, slots, 24+23+24)
}
