package graph_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const saleHistories = `query($i: ID!, $p: Boolean! = false, $s: Boolean! = false) { contact(id: $i) {
	... on Person { orders { ...o } attendances { ...a } payments { ...p } passes { ...q } }
	... on Organization {
		orders(includePeople: $p, includeSubsidiaries: $s) { ...o } attendances(includePeople: $p, includeSubsidiaries: $s) { ...a }
		payments(includePeople: $p, includeSubsidiaries: $s) { ...p } passes(includePeople: $p, includeSubsidiaries: $s) { ...q }
	}
} }
fragment o on OrderHistoryConnection { nodes { number total buyer { displayName } } }
fragment a on AttendanceConnection { nodes { kind name product state contact { displayName } order { number } } }
fragment p on PaymentHistoryConnection { nodes { direction method amount order { number currency } payer { displayName } } }
fragment q on PassHistoryConnection { nodes { product { name } uses used contact { displayName } } }`

// histories gives a contact's histories, a line for each row: what, and whose.
func histories(t *testing.T, s *apptest.Site, id string, people, subsidiaries bool) (bought, cultural, paid, passes []string) {
	t.Helper()
	type named struct{ DisplayName string }
	var out struct {
		Contact struct {
			Orders struct {
				Nodes []struct {
					Number, Total int
					Buyer         named
				}
			}
			Attendances struct {
				Nodes []struct {
					Kind, Name, Product, State string
					Contact                    named
					Order                      struct{ Number int }
				}
			}
			Payments struct {
				Nodes []struct {
					Direction, Method string
					Amount            int
					Order             struct{ Number int }
					Payer             named
				}
			}
			Passes struct {
				Nodes []struct {
					Product    struct{ Name string }
					Uses, Used int
					Contact    named
				}
			}
		}
	}
	s.Program.Must(t, s.As(site.Viewer), saleHistories, vars{"i": id, "p": people, "s": subsidiaries}, &out)
	for _, o := range out.Contact.Orders.Nodes {
		bought = append(bought, fmt.Sprintf("№ %d %d %s", o.Number, o.Total, o.Buyer.DisplayName))
	}
	for _, a := range out.Contact.Attendances.Nodes {
		cultural = append(cultural, fmt.Sprintf("%s %s %s", a.Name, a.State, a.Contact.DisplayName))
	}
	for _, one := range out.Contact.Payments.Nodes {
		paid = append(paid, fmt.Sprintf("%s %d № %d %s", one.Direction, one.Amount, one.Order.Number, one.Payer.DisplayName))
	}
	for _, one := range out.Contact.Passes.Nodes {
		passes = append(passes, fmt.Sprintf("%s %d/%d %s", one.Product.Name, one.Used, one.Uses, one.Contact.DisplayName))
	}
	return bought, cultural, paid, passes
}

// C-17, S-56, S-58, S-59, S-60, S-61: each history follows its own role: the teacher buys, the pupils attend, the school pays. What lies ahead
// stands beside what is past, and a merge moves it all.
func TestSaleHistories(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	teacher, pupil, other := s.NewPerson(t, "Tora", "Teacher"), s.NewPerson(t, "Per", "Pupil"), s.NewPerson(t, "Pia", "Pupil")
	school := newOrganization(t, s, "Fjord School", nil)
	faust, carmen := show(t, s, "Faust", 7), show(t, s, "Carmen", 3)
	adult, early := ticketFor(t, s, faust, 10_000), ticketFor(t, s, carmen, 5_000)
	hall, slot := court(t, s, "Court 1", 2)
	trip := recorded(t, s, vars{
		"buyer": of(teacher), "payer": of(school), "payments": []vars{{"method": "TRANSFER", "amount": 12_000}},
		"lines": []vars{{"productId": adult, "attendee": of(pupil)}, {"productId": adult, "attendee": of(other)}, {"productId": early, "attendee": of(pupil)}},
	})
	own := recorded(t, s, vars{"buyer": of(pupil), "lines": []vars{{"productId": hall, "slotId": slot}, {"productId": passOf(t, s, "Ten swims", 80_000)}}})
	_, err := p.DB.Pool.Exec(t.Context(), "UPDATE event SET starts_at = now() - interval '2 days', ends_at = now() - interval '1 day' WHERE id = $1", carmen)
	require.NoError(t, err)
	_, err = p.DB.Pool.Exec(t.Context(), "UPDATE ticket SET state = 'used', used_at = now() WHERE event_id = $1", carmen)
	require.NoError(t, err)

	bought, cultural, paid, _ := histories(t, s, teacher, false, false)
	require.Equal(t, []string{fmt.Sprintf("№ %d 25000 TEACHER Tora", trip)}, bought)
	require.Empty(t, cultural)
	require.Empty(t, paid)
	bought, cultural, paid, passes := histories(t, s, pupil, false, false)
	require.Equal(t, []string{fmt.Sprintf("№ %d 89000 PUPIL Per", own)}, bought)
	require.Equal(t, []string{"Faust BOOKED PUPIL Per", "Court 1 BOOKED PUPIL Per", "Carmen ATTENDED PUPIL Per"}, cultural)
	require.Empty(t, paid)
	require.Equal(t, []string{"Ten swims 0/10 PUPIL Per"}, passes)
	bought, cultural, paid, _ = histories(t, s, school, false, false)
	require.Empty(t, bought)
	require.Empty(t, cultural)
	require.Equal(t, []string{fmt.Sprintf("IN 12000 № %d Fjord School", trip)}, paid)

	// Two records of one person become one, with both histories.
	double := s.NewPerson(t, "Per", "Pupill")
	recorded(t, s, vars{"buyer": of(double), "payments": []vars{{"method": "CASH", "amount": 10_000}}, "lines": []vars{{"productId": adult}}})
	merge(t, s, vars{"ids": []string{pupil, double}})
	bought, cultural, paid, _ = histories(t, s, pupil, false, false)
	require.Len(t, bought, 2)
	require.Len(t, cultural, 4)
	require.Len(t, paid, 1)

	// Pages and rights.
	const paged = `query($i: ID!, $a: String) { contact(id: $i) { attendances(first: 3, after: $a) { nodes { name } pageInfo { hasNextPage endCursor } } } }`
	var page struct {
		Contact struct {
			Attendances struct {
				Nodes    []struct{ Name string }
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
	}
	p.Must(t, s.As(site.Viewer), paged, vars{"i": pupil}, &page)
	require.Len(t, page.Contact.Attendances.Nodes, 3)
	require.True(t, page.Contact.Attendances.PageInfo.HasNextPage)
	p.Must(t, s.As(site.Viewer), paged, vars{"i": pupil, "a": page.Contact.Attendances.PageInfo.EndCursor}, &page)
	require.Equal(t, "Carmen", page.Contact.Attendances.Nodes[0].Name)
	require.Len(t, page.Contact.Attendances.Nodes, 1)
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", paged, vars{"i": pupil})
	p.Refused(t, p.NewSite(t, "other").As(site.Viewer), "NOT_FOUND", paged, vars{"i": pupil})
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", `query($i: ID!) { contact(id: $i) { payments(first: 201) { nodes { id } } } }`, vars{"i": pupil})
}

// S-21, G-29: an organization gathers the histories of sales of its people, and of its subsidiaries' on request; a circle made by
// plain SQL ends.
func TestOrganizationGathersSales(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	l := links(t, s)
	club, team := newOrganization(t, s, "Fjord IL", nil), newOrganization(t, s, "Fjord Ski", nil)
	kari, per := s.NewPerson(t, "Kari", "A"), s.NewPerson(t, "Per", "C")
	link(t, s, l["SUBSIDIARY"], team, club, nil)
	link(t, s, l["MEMBER"], kari, club, nil)
	link(t, s, l["MEMBER"], per, team, nil)
	adult := ticketFor(t, s, show(t, s, "Faust", 7), 1_000)
	for _, id := range []string{club, team, kari, per, s.NewPerson(t, "Not", "Linked")} {
		recorded(t, s, vars{"buyer": of(id), "payments": []vars{{"method": "CASH", "amount": 1_000}}, "lines": []vars{{"productId": adult}}})
	}
	// Plain SQL may close a circle; reading it ends all the same.
	_, err := p.DB.Pool.Exec(t.Context(), "INSERT INTO affiliation (site_id, id, type_id, from_id, to_id) VALUES ($1, gen_random_uuid(), $2, $3, $4)", s.ID, l["SUBSIDIARY"], club, team)
	require.NoError(t, err)
	for _, c := range []struct {
		people, subsidiaries bool
		want                 []string
	}{
		{false, false, []string{"Fjord IL"}},
		{true, false, []string{"Fjord IL", "A Kari"}},
		{false, true, []string{"Fjord IL", "Fjord Ski"}},
		{true, true, []string{"Fjord IL", "A Kari", "Fjord Ski", "C Per"}},
	} {
		bought, cultural, paid, _ := histories(t, s, club, c.people, c.subsidiaries)
		for _, list := range [][]string{bought, cultural, paid} {
			require.Len(t, list, len(c.want))
			for _, name := range c.want {
				require.Contains(t, fmt.Sprint(list), name)
			}
		}
	}
}

// What a list of contacts shows of their sales takes as many queries for thirty as for two.
func TestSaleHistoriesAreBatched(t *testing.T) {
	t.Parallel()
	queries := &queryCounter{}
	p := apptest.StartTraced(t, queries)
	s := p.NewSite(t, "club")
	adult, swims := ticketFor(t, s, show(t, s, "Faust", 7), 1_000), passOf(t, s, "Ten swims", 1_000)
	for i := range 12 {
		recorded(t, s, vars{"buyer": of(s.NewPerson(t, "P", fmt.Sprint(i))), "payments": []vars{{"method": "CASH", "amount": 1_000}}, "lines": []vars{{"productId": adult}, {"productId": swims}}})
	}
	count := func(first int) int64 {
		return queries.least(func() {
			var out struct {
				Contacts struct {
					Nodes []struct{ Orders struct{ Nodes []any } }
				}
			}
			p.Must(t, s.As(site.Viewer), `query($n: Int) { contacts(first: $n) { nodes { orders(first: 2) { nodes { number } } attendances(first: 2) { nodes { name } }
				payments(first: 2) { nodes { amount } } passes(first: 2) { nodes { uses } } } } }`, vars{"n": first}, &out)
			require.Len(t, out.Contacts.Nodes, first)
			for _, n := range out.Contacts.Nodes {
				require.Len(t, n.Orders.Nodes, 1)
			}
		})
	}
	require.Equal(t, count(2), count(12), "the number of queries grows with the list")
}
