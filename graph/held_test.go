package graph_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	usePass     = `mutation($i: ID!) { usePass(input: {id: $i}) { pass { used } errors { code message path } } }`
	undoUsePass = `mutation($i: ID!) { undoUsePass(input: {id: $i}) { pass { used } errors { code message path } } }`
	admitTicket = `mutation($c: String!, $e: ID) { checkInTicket(input: {code: $c, eventId: $e}) { ticket { state product { name } event { name } holder { displayName } } errors { code message path } } }`
)

// A use that was taken by mistake is given back, and never more than were taken: that of a booking comes back with the booking.
func TestUseOfPassComesBack(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	ada := s.NewPerson(t, "Ada", "Lovelace")
	recorded(t, s, vars{"buyer": of(ada), "lines": []vars{{"productId": passOf(t, s, "Ten swims", 80_000)}}})
	var pass string
	require.NoError(t, p.App.DB.Pool.QueryRow(t.Context(), "SELECT id FROM pass WHERE contact_id = $1", ada).Scan(&pass))
	as := s.As(site.Operator)
	var out struct {
		UndoUsePass struct{ Pass struct{ Used int } }
	}
	require.Equal(t, []string{"TOO_MUCH id"}, p.Payload(t, as, undoUsePass, vars{"i": pass}, nil))
	p.Must(t, as, usePass, vars{"i": pass}, nil)
	p.Must(t, as, usePass, vars{"i": pass}, nil)
	p.Must(t, as, undoUsePass, vars{"i": pass}, &out)
	require.Equal(t, 1, out.UndoUsePass.Pass.Used)

	hall, slot := court(t, s, "Court 1", 2)
	exec(t, s, "INSERT INTO booking (site_id, id, contact_id, product_id, slot_id, pass_id, state) VALUES ($1, gen_random_uuid(), $2, $3, $4, $5, 'booked')", s.ID, ada, hall, slot, pass)
	require.Equal(t, []string{"TOO_MUCH id"}, p.Payload(t, as, undoUsePass, vars{"i": pass}, nil), "the one that is left paid for a booking")
	exec(t, s, "UPDATE booking SET state = 'cancelled' WHERE site_id = $1", s.ID)
	exec(t, s, "UPDATE pass SET cancelled_at = now() WHERE site_id = $1", s.ID)
	require.Equal(t, []string{"CANCELLED id"}, p.Payload(t, as, undoUsePass, vars{"i": pass}, nil))
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", undoUsePass, vars{"i": pass})
	p.Refused(t, p.NewSite(t, "other").As(site.Operator), "NOT_FOUND", undoUsePass, vars{"i": pass})
}

// At an event's door only its own tickets are taken; one of another event is shown beside the refusal, and stays good for its own.
func TestDoorOfAnEvent(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	faust, carmen := show(t, s, "Faust", 7), show(t, s, "Carmen", 3)
	recorded(t, s, vars{"buyer": of(s.NewPerson(t, "Ada", "Lovelace")), "lines": []vars{{"productId": ticketFor(t, s, faust, 10_000)}}})
	var code string
	require.NoError(t, p.App.DB.Pool.QueryRow(t.Context(), "SELECT code FROM ticket WHERE site_id = $1", s.ID).Scan(&code))
	var out struct {
		CheckInTicket struct {
			Ticket *struct {
				State          string
				Product, Event struct{ Name string }
				Holder         struct{ DisplayName string }
			}
		}
	}
	as := s.As(site.Operator)
	require.Equal(t, []string{"OTHER_EVENT code"}, p.Payload(t, as, admitTicket, vars{"c": code, "e": carmen}, &out))
	require.Equal(t, []string{"VALID", "Faust", "LOVELACE Ada"}, []string{out.CheckInTicket.Ticket.State, out.CheckInTicket.Ticket.Event.Name, out.CheckInTicket.Ticket.Holder.DisplayName})
	require.Empty(t, p.Payload(t, as, admitTicket, vars{"c": code, "e": faust}, &out))
	require.Equal(t, "USED", out.CheckInTicket.Ticket.State)
	require.Equal(t, []string{"USED code"}, p.Payload(t, as, admitTicket, vars{"c": code}, nil))
}

// T-04: staff read all terms of a contact's memberships, with plan, days, state and where each came from; an organization's gather those of its people.
func TestMembershipHistory(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	at := sells(t, s)
	ada := s.NewPerson(t, "Ada", "Lovelace")
	order(t, s, ada, "shop", at.plan)
	order(t, s, ada, "shop", at.plan) // goes on where the first ends
	given := func(starts, ends string) {
		p.Must(t, s.As(site.Operator), convert, vars{"i": vars{"contactId": ada, "planId": at.plan, "startsOn": starts, "endsOn": ends}}, nil)
	}
	given(oslo(t, -40), oslo(t, -20))
	read := func(id string, people bool) (rows []string) {
		var out struct {
			Contact struct {
				Memberships struct {
					Nodes []struct {
						Plan, Contact   struct{ Name, DisplayName string }
						State, StartsOn string
						EndsOn          *string
						Renews          bool
						Order           *struct{ Number int }
					}
				}
			}
		}
		p.Must(t, s.As(site.Viewer), `query($i: ID!, $p: Boolean!) { contact(id: $i) { ... on Person { memberships { ...m } } ... on Organization { memberships(includePeople: $p) { ...m } } } }
			fragment m on MembershipHistoryConnection { nodes { plan { name } contact { displayName } state startsOn endsOn renews order { number } } }`, vars{"i": id, "p": people}, &out)
		for _, m := range out.Contact.Memberships.Nodes {
			from := "given"
			if m.Order != nil {
				from = fmt.Sprint("№ ", m.Order.Number)
			}
			rows = append(rows, fmt.Sprintln(m.Plan.Name, m.Contact.DisplayName, m.State, m.StartsOn, from))
		}
		return rows
	}
	rows := read(ada, false)
	require.Len(t, rows, 3)
	require.Contains(t, rows[0], "Choir LOVELACE Ada AHEAD")
	require.Contains(t, rows[0], "№ 2")
	require.Contains(t, rows[1], fmt.Sprintf("RUNNING %s № 1", oslo(t, 0)))
	require.Contains(t, rows[2], fmt.Sprintf("ENDED %s given", oslo(t, -40)))
	choir := newOrganization(t, s, "Choir of Oslo", nil)
	link(t, s, links(t, s)["MEMBER"], ada, choir, nil)
	require.Empty(t, read(choir, false))
	require.Equal(t, rows, read(choir, true))
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", `query($i: ID!) { contact(id: $i) { memberships { nodes { id } } } }`, vars{"i": ada})
}
