package graph_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const dashboardQuery = `query($from: Date!, $to: Date!) { dashboard(from: $from, to: $to) { countedAt standing { contacts statuses { status count } }
	history { sells step spans { from to newContacts orders revenue due attended } whole { from to newContacts orders revenue due attended } before { from to newContacts orders revenue due attended } }
	segments { largest { segment { name } count change since } moved { segment { name } count change since } } } }`

type dashboardSpan struct {
	From, To                                    string
	NewContacts, Orders, Revenue, Due, Attended int
}

type dashboardBusy struct {
	Segment       struct{ Name string }
	Count, Change int
	Since         *string
}

type dashboardAnswer struct {
	CountedAt time.Time
	Standing  struct {
		Contacts int
		Statuses []struct {
			Status string
			Count  int
		}
	}
	History struct {
		Sells         bool
		Step          string
		Spans         []dashboardSpan
		Whole, Before dashboardSpan
	}
	Segments struct{ Largest, Moved []dashboardBusy }
}

func (d dashboardAnswer) statuses() map[string]int {
	out := map[string]int{}
	for _, s := range d.Standing.Statuses {
		out[s.Status] = s.Count
	}
	return out
}

func dashboardOf(t *testing.T, s *apptest.Site, from, to string) dashboardAnswer {
	t.Helper()
	var out struct{ Dashboard dashboardAnswer }
	s.Program.Must(t, s.As(site.Viewer), dashboardQuery, vars{"from": from, "to": to}, &out)
	return out.Dashboard
}

// madeAt has a contact's record, or an order, begin at a moment.
func madeAt(t *testing.T, s *apptest.Site, id, at string) {
	t.Helper()
	exec(t, s, "UPDATE contact SET created_at = $3 WHERE site_id = $1 AND id = $2", s.ID, id, at)
	exec(t, s, "UPDATE sale_order SET ordered_at = $3 WHERE site_id = $1 AND id = $2", s.ID, id, at)
}

// T-26: the dashboard counts who came, what was sold net of what went back, and who attended, by days of the site's time zone, beside the
// days before. What is in the trash, unlisted, cancelled or to come is not counted, and another site's is not seen.
func TestDashboardCountsAPeriod(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	empty := dashboardOf(t, s, "2026-03-01", "2026-03-31")
	require.False(t, empty.History.Sells)
	require.Len(t, empty.History.Spans, 31)
	require.Equal(t, dashboardSpan{From: "2026-03-01", To: "2026-03-31"}, empty.History.Whole)

	at := sells(t, s)
	ada, bo, cy := s.NewPerson(t, "Ada", "Lovelace"), s.NewPerson(t, "Bo", "Bach"), s.NewPerson(t, "Cy", "Cage")
	madeAt(t, s, ada, "2026-03-09T22:30:00Z") // 23:30 in Oslo
	madeAt(t, s, bo, "2026-03-09T23:30:00Z")  // the next day there
	madeAt(t, s, cy, "2026-02-20T12:00:00Z")  // in the days before
	gone, unlisted := s.NewPerson(t, "Di", "Gone"), s.NewPerson(t, "Ed", "Shy")
	for _, id := range []string{gone, unlisted} {
		madeAt(t, s, id, "2026-03-10T12:00:00Z")
	}
	exec(t, s, "UPDATE contact SET deleted_at = now() WHERE site_id = $1 AND id = $2", s.ID, gone)
	exec(t, s, "UPDATE contact SET listed = false WHERE site_id = $1 AND id = $2", s.ID, unlisted)

	first, second := order(t, s, ada, "shop", at.ticket), order(t, s, ada, "shop", at.plan) // 200 and 500
	madeAt(t, s, first, "2026-03-10T10:00:00Z")
	madeAt(t, s, second, "2026-03-31T21:59:00Z") // 23:59 of its last day: the clocks were put forward
	madeAt(t, s, order(t, s, bo, "shop", at.ticket), "2026-02-28T10:00:00Z")
	madeAt(t, s, order(t, s, bo, "shop", at.ticket), "2026-03-31T22:00:00Z") // the day after
	cancelled := order(t, s, bo, "shop", at.child)
	madeAt(t, s, cancelled, "2026-03-10T10:00:00Z")
	exec(t, s, "UPDATE sale_order SET state = 'cancelled' WHERE site_id = $1 AND id = $2", s.ID, cancelled)
	exec(t, s, "UPDATE sale_order SET returned = 10000 WHERE site_id = $1 AND id = $2", s.ID, second)

	// Of five tickets one is used and one was given back; a room was booked twice and one came.
	exec(t, s, "UPDATE event SET starts_at = '2026-03-15T18:00:00Z', ends_at = '2026-03-15T20:00:00Z' WHERE site_id = $1", s.ID)
	exec(t, s, "UPDATE ticket SET state = 'used', used_at = now() WHERE site_id = $1 AND contact_id = $2", s.ID, ada)
	exec(t, s, "UPDATE ticket SET state = 'cancelled' WHERE site_id = $1 AND line_id IN (SELECT id FROM order_line WHERE site_id = $1 AND order_id = $2)", s.ID, cancelled)
	room, slot := court(t, s, "Court 1", 0)
	exec(t, s, "UPDATE slot SET starts_at = '2026-03-15T08:00:00Z', ends_at = '2026-03-15T09:00:00Z', capacity = 2 WHERE site_id = $1 AND id = $2", s.ID, slot)
	for contact, state := range map[string]string{ada: "attended", bo: "booked"} {
		exec(t, s, "INSERT INTO booking (site_id, id, contact_id, product_id, slot_id, state) VALUES ($1, gen_random_uuid(), $2, $3, $4, $5)", s.ID, contact, room, slot, state)
	}

	d := dashboardOf(t, s, "2026-03-01", "2026-03-31")
	require.True(t, d.History.Sells)
	require.WithinDuration(t, time.Now(), d.CountedAt, time.Minute)
	require.Equal(t, 3, d.Standing.Contacts)
	require.Equal(t, map[string]int{"PROSPECT": 1, "CUSTOMER": 2, "SUBSCRIBER": 1, "ATTENDEE": 2, "ORGANIZER": 0, "USER": 0}, d.statuses())
	require.Equal(t, "DAY", d.History.Step)
	require.Len(t, d.History.Spans, 31)
	require.Equal(t, dashboardSpan{From: "2026-03-09", To: "2026-03-09", NewContacts: 1}, d.History.Spans[8])
	require.Equal(t, dashboardSpan{From: "2026-03-10", To: "2026-03-10", NewContacts: 1, Orders: 1, Revenue: 20000}, d.History.Spans[9])
	require.Equal(t, dashboardSpan{From: "2026-03-15", To: "2026-03-15", Due: 5, Attended: 2}, d.History.Spans[14])
	require.Equal(t, dashboardSpan{From: "2026-03-31", To: "2026-03-31", Orders: 1, Revenue: 40000}, d.History.Spans[30])
	require.Equal(t, dashboardSpan{From: "2026-03-01", To: "2026-03-31", NewContacts: 2, Orders: 2, Revenue: 60000, Due: 5, Attended: 2}, d.History.Whole)
	require.Equal(t, dashboardSpan{From: "2026-01-29", To: "2026-02-28", NewContacts: 1, Orders: 1, Revenue: 20000}, d.History.Before)

	exec(t, s, "UPDATE event SET state = 'cancelled', cancelled_at = now() WHERE site_id = $1", s.ID)
	require.Equal(t, 2, dashboardOf(t, s, "2026-03-01", "2026-03-31").History.Whole.Due, "nobody could attend what was cancelled")
	exec(t, s, "UPDATE slot SET starts_at = now() + interval '1 hour', ends_at = now() + interval '2 hours' WHERE site_id = $1", s.ID)
	today := oslo(t, 0)
	require.Zero(t, dashboardOf(t, s, today, oslo(t, 1)).History.Whole.Due, "nor what has not begun")

	other := dashboardOf(t, p.NewSite(t, "other"), "2026-03-01", "2026-03-31")
	require.Equal(t, dashboardSpan{From: "2026-03-01", To: "2026-03-31"}, other.History.Whole)
	require.Zero(t, other.Standing.Contacts)
}

// A period has days, weeks from Monday, or months for its steps, so that a chart can show them; the first and the last may be shorter.
func TestDashboardSteps(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	weeks := dashboardOf(t, s, "2026-09-09", "2026-10-12") // from a Wednesday to a Monday
	require.Equal(t, "WEEK", weeks.History.Step)
	require.Len(t, weeks.History.Spans, 6)
	require.Equal(t, []string{"2026-09-09", "2026-09-13"}, []string{weeks.History.Spans[0].From, weeks.History.Spans[0].To})
	require.Equal(t, []string{"2026-09-14", "2026-09-20"}, []string{weeks.History.Spans[1].From, weeks.History.Spans[1].To})
	require.Equal(t, []string{"2026-10-12", "2026-10-12"}, []string{weeks.History.Spans[5].From, weeks.History.Spans[5].To})
	months := dashboardOf(t, s, "2025-11-28", "2026-11-27")
	require.Equal(t, "MONTH", months.History.Step)
	require.Len(t, months.History.Spans, 13)
	require.Equal(t, []string{"2025-11-28", "2025-11-30"}, []string{months.History.Spans[0].From, months.History.Spans[0].To})
	require.Equal(t, []string{"2025-12-01", "2025-12-31"}, []string{months.History.Spans[1].From, months.History.Spans[1].To})
	require.Len(t, dashboardOf(t, s, "2026-02-28", "2026-02-28").History.Spans, 1)

	for why, of := range map[string]vars{"ends before it begins": {"from": "2026-03-02", "to": "2026-03-01"}, "at most 1098 days": {"from": "2020-01-01", "to": "2026-01-01"}} {
		require.Contains(t, p.Refused(t, s.As(site.Viewer), "BAD_INPUT", dashboardQuery, of).Message, why)
	}
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", dashboardQuery, vars{"from": "2026-03-01", "to": "2026-03-01"})
}

// T-26: the busiest segments are those that hold most, and those that grew or shrank most, now or when the period was over.
func TestDashboardSegments(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	for range 3 {
		s.NewPerson(t, "Ada", "Lovelace")
	}
	day := func(segment string, days, count int) {
		exec(t, s, "INSERT INTO segment_day (site_id, segment_id, day, count) VALUES ($1, $2, $3, $4) ON CONFLICT (site_id, segment_id, day) DO UPDATE SET count = excluded.count", s.ID, segment, oslo(t, days), count)
	}
	made := func(name string, rule vars) string {
		var out struct {
			CreateSegment struct{ Segment struct{ ID uuid.UUID } }
		}
		p.Must(t, s.As(site.Manager), `mutation($i: CreateSegmentInput!) { createSegment(input: $i) { segment { id } errors { code } } }`, vars{"i": vars{"name": name, "rule": rule}}, &out)
		return out.CreateSegment.Segment.ID.String()
	}
	everybody, nobody := made("Everybody", vars{"kind": "PERSON"}), made("Buyers", vars{"status": "CUSTOMER"})
	steady := made("Steady", vars{"status": "PROSPECT"})
	named := made("By name", vars{"text": vars{"column": "LAST_NAME", "op": "EQUALS", "value": "Lovelace"}})
	for id, counts := range map[string][2]int{everybody: {10, 4}, nobody: {7, 9}, steady: {3, 3}, named: {50, 60}} {
		day(id, -9, counts[0])
		day(id, -4, counts[1])
	}
	day(named, 0, 61)

	since := oslo(t, -9)
	var d dashboardAnswer
	require.Eventually(t, func() bool {
		d = dashboardOf(t, s, since, oslo(t, 0))
		return d.Segments.Largest[1].Segment.Name == "Everybody"
	}, time.Minute, 50*time.Millisecond, "until the segments' index is read, segments are as they were last counted")
	busy := func(name string, count, change int) dashboardBusy {
		return dashboardBusy{Segment: struct{ Name string }{name}, Count: count, Change: change, Since: &since}
	}
	require.Equal(t, []dashboardBusy{busy("By name", 61, 11), busy("Everybody", 3, -7), busy("Steady", 3, 0)}, d.Segments.Largest)
	require.Equal(t, []dashboardBusy{busy("By name", 61, 11), busy("Buyers", 0, -7), busy("Everybody", 3, -7)}, d.Segments.Moved)

	over := dashboardOf(t, s, oslo(t, -9), oslo(t, -5)) // it ends where the fourth day before today begins
	require.Equal(t, []dashboardBusy{busy("By name", 60, 10), busy("Buyers", 9, 2), busy("Everybody", 4, -6), busy("Steady", 3, 0)}, over.Segments.Largest)
	require.Equal(t, []dashboardBusy{busy("By name", 60, 10), busy("Everybody", 4, -6), busy("Buyers", 9, 2)}, over.Segments.Moved)
}
