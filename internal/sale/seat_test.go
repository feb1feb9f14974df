package sale_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/contact"
	"carnet/internal/sale"
)

// S-52: of ten who at once want the seat that they all prefer, one has it and the others have a ticket all the same; of ten who ask for one, one has a
// ticket.
func TestSeatIsOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	event := w.event("Faust", -1)
	w.exec("UPDATE event SET place = 'Hall' WHERE id = $1", event)
	ticket := w.ticket(event, 10_000)
	many := func(key string, seats []string) (sold int) {
		var all sync.WaitGroup
		var mu sync.Mutex
		for i := range 10 {
			who := w.person("Ada", key+strconv.Itoa(i))
			_, err := w.book.Update(w.staff, who, contact.Change{Seats: &[]contact.Seat{{Venue: "hall", Row: "A", Seat: "1"}}})
			require.NoError(t, err)
			all.Go(func() {
				_, err := w.sales.RecordOrder(w.staff, sale.RecordOrder{
					IdempotencyKey: key + strconv.Itoa(i), Buyer: of(who), Lines: lines(sale.OrderedLine{ProductID: ticket, Quantity: 1, Seats: seats}),
				})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					sold++
				} else {
					require.ErrorContains(t, err, "somebody has the seat")
				}
			})
		}
		all.Wait()
		return sold
	}
	require.Equal(t, 10, many("prefer", nil))
	require.Equal(t, 1, w.count("SELECT count(*) FROM ticket WHERE site_id = $1 AND seat = 'A · 1'"))
	require.Equal(t, 10, w.count("SELECT count(*) FROM ticket WHERE site_id = $1"))
	require.Equal(t, 1, many("ask", []string{"Box 2"}))
	require.Equal(t, 1, w.count("SELECT count(*) FROM ticket WHERE site_id = $1 AND seat = 'Box 2'"))
}
