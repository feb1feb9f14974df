package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const mySales = `{ me {
	holdings { orders tickets memberships passes bookings events sells hasEvents mayView mayEdit mayCancel }
	orders { nodes { number currency total due state lines { label quantity amount priceRule } } }
	tickets { nodes { id state code mine product orderNumber event { name place } qr { size path } } }
	memberships { nodes { plan running ahead amount currency } }
	passes { nodes { product uses left usable } }
	bookings { nodes { product state pass startsAt } }
} }`

type held struct {
	Me struct {
		Holdings struct {
			Orders, Tickets, Memberships, Passes, Bookings, Events int
			Sells, HasEvents, MayView, MayEdit, MayCancel          bool
		}
		Orders struct {
			Nodes []struct {
				Number, Total, Due int
				Currency, State    string
				Lines              []struct {
					Label            string
					Quantity, Amount int
				}
			}
		}
		Tickets struct {
			Nodes []struct {
				ID, State, Code, Product string
				Mine                     bool
				OrderNumber              int
				Event                    struct{ Name, Place string }
				QR                       *struct {
					Size int
					Path string
				}
			}
		}
		Memberships struct {
			Nodes []struct {
				Plan, Currency string
				Running, Ahead bool
				Amount         *int
			}
		}
		Passes struct {
			Nodes []struct {
				Product    string
				Uses, Left int
				Usable     bool
			}
		}
		Bookings struct {
			Nodes []struct{ Product, State, Pass string }
		}
	}
}

// T-04, T-05, T-06, C-17: who is signed in sees the subscriptions, orders, tickets, passes and bookings that are theirs, each ticket
// with its QR code, and nothing of anybody else's.
func TestMySales(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	ada, bob := newBrowser(t, s), newBrowser(t, s)
	ada.register("ada@example.no", "Ada", "Lovelace", "a long password")
	bob.register("bob@example.no", "Bob", "Tabor", "a long password")
	adaID, bobID := idOf(t, s, "ada@example.no"), idOf(t, s, "bob@example.no")
	var got held
	p.Must(t, ada.header("/graphql"), mySales, nil, &got)
	require.False(t, got.Me.Holdings.Sells)
	require.Empty(t, got.Me.Orders.Nodes)

	faust, past := show(t, s, "Faust", 7), show(t, s, "Carmen", 3)
	adult, early := ticketFor(t, s, faust, 20_000), ticketFor(t, s, past, 10_000)
	hall, slot := court(t, s, "Court 1", 2)
	one := recorded(t, s, vars{"buyer": of(adaID), "lines": []vars{{"productId": planOf(t, s, "Gold", 50_000)}, {"productId": passOf(t, s, "Ten swims", 80_000)}, {"productId": hall, "slotId": slot}}})
	two := recorded(t, s, vars{
		"buyer": of(adaID), "payer": of(bobID),
		"lines": []vars{{"productId": adult, "quantity": 1}, {"productId": adult, "quantity": 1, "attendee": of(bobID)}, {"productId": early, "quantity": 1}},
	})
	_, err := p.DB.Pool.Exec(t.Context(), "UPDATE event SET starts_at = now() - interval '2 days', ends_at = now() - interval '1 day' WHERE id = $1", past)
	require.NoError(t, err)

	p.Must(t, ada.header("/graphql"), mySales, nil, &got)
	me := got.Me
	require.Equal(t, []int{2, 3, 1, 1, 1}, []int{me.Holdings.Orders, me.Holdings.Tickets, me.Holdings.Memberships, me.Holdings.Passes, me.Holdings.Bookings})
	require.Equal(t, []bool{true, true, true, false, false}, []bool{me.Holdings.Sells, me.Holdings.HasEvents, me.Holdings.MayView, me.Holdings.MayEdit, me.Holdings.MayCancel})
	require.Equal(t, []int{two, one}, []int{me.Orders.Nodes[0].Number, me.Orders.Nodes[1].Number}, "the newest first")
	require.Equal(t, []int{50_000, 0}, []int{me.Orders.Nodes[0].Total, me.Orders.Nodes[0].Due}, "somebody else pays it")
	require.Equal(t, []int{139_000, 139_000}, []int{me.Orders.Nodes[1].Total, me.Orders.Nodes[1].Due})
	require.Equal(t, "Faust, Adult", me.Orders.Nodes[0].Lines[0].Label)
	require.Equal(t, "Gold", me.Memberships.Nodes[0].Plan)
	require.True(t, me.Memberships.Nodes[0].Running)
	require.Equal(t, 50_000, *me.Memberships.Nodes[0].Amount)
	require.Equal(t, []int{10, 10}, []int{me.Passes.Nodes[0].Uses, me.Passes.Nodes[0].Left})
	require.Equal(t, "Court 1", me.Bookings.Nodes[0].Product)
	require.Equal(t, []string{"Faust", "Faust", "Carmen"}, []string{me.Tickets.Nodes[0].Event.Name, me.Tickets.Nodes[1].Event.Name, me.Tickets.Nodes[2].Event.Name}, "past ones too")
	require.NotEqual(t, me.Tickets.Nodes[0].Mine, me.Tickets.Nodes[1].Mine, "one is for somebody else")
	for _, ticket := range me.Tickets.Nodes {
		require.Len(t, ticket.Code, 43)
		require.GreaterOrEqual(t, ticket.QR.Size, 21)
		require.Contains(t, ticket.QR.Path, "h1v1h-1z")
		require.Equal(t, two, ticket.OrderNumber)
	}
	var his held
	p.Must(t, bob.header("/graphql"), mySales, nil, &his)
	require.Len(t, his.Me.Tickets.Nodes, 1, "the one that he attends by")
	require.True(t, his.Me.Tickets.Nodes[0].Mine)
	require.Empty(t, his.Me.Orders.Nodes, "he pays, but did not buy")
	require.Empty(t, his.Me.Memberships.Nodes)

	// Page by page, each ticket once.
	var seen []string
	const paged = `query($a: String) { me { tickets(first: 1, after: $a) { nodes { id } pageInfo { hasNextPage endCursor } } } }`
	var after *string
	for more := true; more; {
		var page struct {
			Me struct {
				Tickets struct {
					Nodes    []struct{ ID string }
					PageInfo struct {
						HasNextPage bool
						EndCursor   *string
					}
				}
			}
		}
		p.Must(t, ada.header("/graphql"), paged, vars{"a": after}, &page)
		for _, n := range page.Me.Tickets.Nodes {
			seen = append(seen, n.ID)
		}
		more, after = page.Me.Tickets.PageInfo.HasNextPage, page.Me.Tickets.PageInfo.EndCursor
	}
	require.Equal(t, []string{me.Tickets.Nodes[0].ID, me.Tickets.Nodes[1].ID, me.Tickets.Nodes[2].ID}, seen)
	p.Refused(t, ada.header("/graphql"), "BAD_INPUT", paged, vars{"a": "not a cursor"})

	// What was cancelled opens no door: its code is shown no more.
	_, err = p.DB.Pool.Exec(t.Context(), "UPDATE event SET state = 'cancelled', cancelled_at = now() WHERE id = $1", faust)
	require.NoError(t, err)
	p.Must(t, ada.header("/graphql"), mySales, nil, &got)
	require.Empty(t, got.Me.Tickets.Nodes[0].Code)
	require.Nil(t, got.Me.Tickets.Nodes[0].QR)
	require.NotNil(t, got.Me.Tickets.Nodes[2].QR)

	// Nobody else gets anywhere near it.
	for _, who := range []apptest.Header{s.Visitor(), s.As(site.Manager)} {
		require.NotContains(t, p.Do(t, who, mySales, nil).Raw, "Faust")
	}
}
