package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// C-14, C-15: the list goes by money spent and by the last purchase, up and down, page by page either way, and misses nobody (C-13): who
// never bought has spent nothing. S-81: without prospects it holds those who bought. T-27, T-28: so do the views of members, buyers and organizers.
func TestListsBySales(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	type contact struct {
		id          string
		spent, last int
	}
	var all []contact
	for i := range 16 {
		c := contact{id: s.NewPerson(t, fmt.Sprint("P", i), "Person")}
		if i%4 != 0 { // equal ones, and some that never bought
			c.spent, c.last = i%3*100, 1+i%2
			exec(t, s, `INSERT INTO sale_order (site_id, id, number, idempotency_key, request_sha256, buyer_id, channel, currency, total, ordered_at, actor_kind)
				VALUES ($1, gen_random_uuid(), $2, gen_random_uuid()::text, '', $3, 'shop', 'NOK', $4, '2026-01-01'::timestamptz + $5 * interval '40 days', 'system')`, s.ID, i, c.id, c.spent, c.last)
		}
		all = append(all, c)
	}
	type page struct {
		Contacts struct {
			Nodes    []struct{ ID string }
			PageInfo struct {
				StartCursor, EndCursor       string
				HasNextPage, HasPreviousPage bool
			}
		}
	}
	const fields = `nodes { id } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }`
	for _, by := range []string{"SPENT", "LAST_PURCHASE"} {
		for _, direction := range []string{"ASC", "DESC"} {
			want := slices.Clone(all)
			slices.SortFunc(want, func(a, b contact) int {
				x, y := a.spent, b.spent
				if by == "LAST_PURCHASE" {
					x, y = a.last, b.last
				}
				order := x - y
				if order == 0 {
					order = slices.Compare([]byte(a.id), []byte(b.id))
				}
				if direction == "DESC" {
					order = -order
				}
				return order
			})
			ids := make([]string, len(want))
			for i, c := range want {
				ids[i] = c.id
			}
			v := vars{"o": vars{"by": by, "direction": direction}}
			var forward, backward []string
			for more := true; more; {
				var out page
				p.Must(t, s.As(site.Viewer), `query($o: ContactOrder, $after: String) { contacts(orderBy: $o, first: 3, after: $after) { `+fields+` } }`, v, &out)
				for _, n := range out.Contacts.Nodes {
					forward = append(forward, n.ID)
				}
				v["after"], more = out.Contacts.PageInfo.EndCursor, out.Contacts.PageInfo.HasNextPage
			}
			require.Equal(t, ids, forward, "%s %s", by, direction)
			for more := true; more; {
				var out page
				p.Must(t, s.As(site.Viewer), `query($o: ContactOrder, $before: String) { contacts(orderBy: $o, last: 5, before: $before) { `+fields+` totalCount } }`, v, &out) // the executor's
				for _, n := range slices.Backward(out.Contacts.Nodes) {
					backward = append(backward, n.ID)
				}
				v["before"], more = out.Contacts.PageInfo.StartCursor, out.Contacts.PageInfo.HasPreviousPage
			}
			slices.Reverse(backward)
			require.Equal(t, ids, backward, "%s %s", by, direction)
			p.Refused(t, s.As(site.Viewer), "BAD_INPUT", `query($o: ContactOrder) { contacts(orderBy: $o, after: "WyJzcGVudCIsIngiLCJ5Il0") { nodes { id } } }`, v)
		}
	}
	require.Len(t, foundBy(t, s, vars{"not": vars{"status": "PROSPECT"}}), 12)
	require.Len(t, foundBy(t, s, vars{"status": "CUSTOMER"}), 12)
	require.Empty(t, foundBy(t, s, vars{"status": "ORGANIZER"}))

	operator := s.SignIn(t, site.Operator)
	for _, view := range []string{"MEMBERS", "BUYERS", "ORGANIZERS", "NON_MEMBERS", "BOOK"} {
		require.Empty(t, p.Payload(t, operator, `mutation($v: ContactListView) { saveContactListSetting(input: {list: CONTACTS, builtIn: $v, columns: ["NAME", "BOOKINGS", "PASSES", "SPENT", "LAST_PURCHASE", "COMPANY"]}) {
			setting { builtIn } errors { code message path } } }`, vars{"v": view}, nil))
	}
	require.Empty(t, p.Payload(t, operator, `mutation { createSavedView(input: {name: "Best", orderBy: {by: SPENT, direction: DESC}}) { savedView { id } errors { code message path } } }`, nil, nil))
}
