package graph_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// S-52: a contact's preferred place in a venue is used: the quote says it, the first ticket of an event there is for it while nobody has it, and a ticket
// that goes back gives it free. A seat that is asked for goes before, and is refused when somebody has it.
func TestPreferredSeat(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	faust, carmen := show(t, s, "Faust", 7), show(t, s, "Carmen", 8)
	exec(t, s, "UPDATE event SET place = 'Théâtre du  Nord' WHERE id = $1", faust)
	adult, elsewhere := ticketFor(t, s, faust, 10_000), ticketFor(t, s, carmen, 10_000)
	prefers := vars{"seats": []vars{{"venue": "theatre du nord", "zone": "Stalls", "row": "C", "seat": "12"}}}
	ada, bo := personWith(t, s, "Ada", "Lovelace", prefers), personWith(t, s, "Bo", "Berg", prefers)
	const quote = `query($i: [QuoteItemInput!]!, $c: ID) { quote(items: $i, contactId: $c) { items { seat } } }`
	quoted := func(who string) (seats []string) {
		var out struct {
			Quote struct{ Items []struct{ Seat string } }
		}
		p.Must(t, s.As(site.Operator), quote, vars{"i": []vars{{"productId": adult}, {"productId": elsewhere}}, "c": who}, &out)
		for _, item := range out.Quote.Items {
			seats = append(seats, item.Seat)
		}
		return seats
	}
	type sold struct {
		RecordOrder struct {
			Order struct {
				ID    string
				Lines []struct {
					Tickets []struct{ Seat *string }
				}
			}
		}
	}
	sell := func(out *sold, who string, lines ...vars) []string {
		return p.Payload(t, s.As(site.Operator), `mutation($i: RecordOrderInput!) { recordOrder(input: $i) { order { id lines { tickets { seat } } } errors { code message path } } }`,
			vars{"i": vars{"idempotencyKey": uuid.NewString(), "buyer": of(who), "lines": lines}}, out)
	}
	seats := func(out sold) (list []string) {
		for _, line := range out.RecordOrder.Order.Lines {
			for _, one := range line.Tickets {
				if one.Seat == nil {
					list = append(list, "any")
				} else {
					list = append(list, *one.Seat)
				}
			}
		}
		return list
	}
	require.Equal(t, []string{"Stalls · C · 12", ""}, quoted(ada))
	var first, out sold
	require.Empty(t, sell(&first, ada, vars{"productId": adult, "quantity": 2}, vars{"productId": elsewhere}))
	require.Equal(t, []string{"Stalls · C · 12", "any", "any"}, seats(first), "one of them, and at that venue alone")
	require.Equal(t, []string{"", ""}, quoted(bo), "somebody has it")
	require.Empty(t, sell(&out, bo, vars{"productId": adult}))
	require.Equal(t, []string{"any"}, seats(out))

	require.Equal(t, []string{"SEAT_TAKEN lines.0.seats.1"}, sell(&out, bo, vars{"productId": adult, "quantity": 2, "seats": []string{"Stalls · C · 13", "Stalls · C · 12"}}))
	require.Equal(t, []string{"SEAT_TAKEN lines.0.seats.1"}, sell(&out, bo, vars{"productId": adult, "quantity": 2, "seats": []string{"Box 1", " Box  1 "}}), "one seat twice")
	require.Equal(t, []string{"TOO_LONG lines.0.seats"}, sell(&out, bo, vars{"productId": adult, "seats": []string{"Box 1", "Box 2"}}))
	require.Equal(t, []string{"REQUIRED lines.0.seats.0"}, sell(&out, bo, vars{"productId": adult, "seats": []string{" "}}))
	require.Equal(t, []string{"INVALID lines.0.seats"}, sell(&out, bo, vars{"productId": passOf(t, s, "Ten swims", 80_000), "seats": []string{"Box 1"}}))
	require.Empty(t, sell(&out, bo, vars{"productId": adult, "quantity": 2, "seats": []string{"Box 1"}}))
	require.ElementsMatch(t, []string{"Box 1", "any"}, seats(out))

	p.Must(t, s.As(site.Operator), `mutation($id: ID!) { returnOrder(input: {orderId: $id, idempotencyKey: "back"}) { errors { code message path } } }`, vars{"id": first.RecordOrder.Order.ID}, nil)
	require.Equal(t, []string{"Stalls · C · 12", ""}, quoted(bo), "it is free again")
	require.Empty(t, sell(&out, bo, vars{"productId": adult}))
	require.Equal(t, []string{"Stalls · C · 12"}, seats(out))
}
