package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// Lists within the lists of many contacts are read together, however deep they stand: twelve contacts' orders are one question,
// so are their lines, their products and their buyers' groups (or a few, on a machine that hesitates), and each has its own.
func TestListsWithinListsAreReadTogether(t *testing.T) {
	t.Parallel()
	const contacts, most = 12, 4
	asked := &statements{}
	p := apptest.StartTraced(t, asked)
	s := p.NewSite(t, "club")
	ticket := ticketFor(t, s, show(t, s, "Faust", 7), 1_000)
	for i := range contacts {
		recorded(t, s, vars{"buyer": of(s.NewPerson(t, "Ada", fmt.Sprintf("Berg %02d", i))), "lines": []vars{{"productId": ticket, "quantity": i + 1}}})
	}
	type answer struct {
		Contacts struct {
			Nodes []struct {
				DisplayName string
				Orders      struct {
					Nodes []struct {
						Buyer struct{ DisplayName string }
						Lines []struct {
							Quantity int
							Product  struct{ Name string }
						}
					}
				}
			}
		}
	}
	var raw string
	list := asked.fewest(func() {
		raw = p.Do(t, s.As(site.Viewer), `{ contacts(first: 50, includeUnlisted: true) { nodes { displayName orders(first: 5) { nodes {
			buyer { displayName groups { name } } lines { quantity product { name } } } } } } }`, nil).Raw
	})
	var out struct{ Data answer }
	require.NoError(t, json.Unmarshal([]byte(raw), &out), raw)
	require.Len(t, out.Data.Contacts.Nodes, contacts)
	for i, one := range out.Data.Contacts.Nodes {
		require.Len(t, one.Orders.Nodes, 1)
		require.Equal(t, one.DisplayName, one.Orders.Nodes[0].Buyer.DisplayName)
		require.Len(t, one.Orders.Nodes[0].Lines, 1)
		require.Equal(t, i+1, one.Orders.Nodes[0].Lines[0].Quantity)
		require.Equal(t, "Adult", one.Orders.Nodes[0].Lines[0].Product.Name)
	}
	for _, table := range []string{"order_line", "product", "contact_group_member"} {
		about := slices.DeleteFunc(slices.Clone(list), func(sql string) bool {
			return !strings.Contains(sql, `"`+table+`"`) && !strings.Contains(sql, table+" ")
		})
		require.NotEmpty(t, about, table)
		require.LessOrEqual(t, len(about), most, "%s:\n%s", table, strings.Join(about, "\n"))
	}
}
