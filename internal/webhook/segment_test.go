package webhook_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

var moves = []string{"SEGMENT_ENTERED", "SEGMENT_LEFT"}

// D-02: who enters a segment and who leaves it is posted, signed, with what the receiver needs to know; who was in it
// before, and who merely changes, is not.
func TestMovesAreTold(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	acme := atCompany(t, s, "Acme")
	before, ada := s.NewPerson(t, "Bo", "Before"), s.NewPerson(t, "Ada", "Lovelace")
	works(t, s, before, "Acme")
	r := newReceiver(t)
	id, secret := newHook(t, s, r.url, moves, acme)

	works(t, s, ada, "Acme")
	in := r.next(t)
	require.True(t, in.signedBy(t, secret))
	require.Equal(t, "segment.entered", in.Type)
	require.Equal(t, "application/json", in.Header.Get("Content-Type"))
	require.Equal(t, acme, in.Data.Segment.ID)
	require.Equal(t, "Acme", in.Data.Segment.Name)
	require.Len(t, in.Data.Contacts, 1)
	require.Equal(t, "LOVELACE Ada", in.Data.Contacts[0].DisplayName)
	require.Equal(t, ada, in.Data.Contacts[0].ID)
	require.Equal(t, "person", in.Data.Contacts[0].Kind)
	require.Equal(t, 2, in.Data.Contacts[0].Number)

	p.Must(t, s.As(site.Operator), `mutation($i: UpdateContactInput!) { updateContact(input: $i) { errors { code message path } } }`, vars{"i": vars{"id": ada, "firstName": "Augusta"}}, nil)
	works(t, s, before, "Elsewhere")
	out := r.next(t)
	require.Equal(t, "segment.left", out.Type)
	require.Equal(t, []string{before}, out.contacts())
	require.Greater(t, out.Data.Sequence, in.Data.Sequence)

	h := until(t, s, id, func(h *hook) bool { return len(h.Deliveries.Nodes) == 2 && h.Deliveries.Nodes[0].Status == "DELIVERED" })
	require.Equal(t, []string{out.ID, in.ID}, []string{h.Deliveries.Nodes[0].ID, h.Deliveries.Nodes[1].ID}, "newest first")
	require.Equal(t, 204, *h.Deliveries.Nodes[1].ResponseStatus)
	require.Equal(t, "ACTIVE", h.Status)
}

// A contact that is erased has left: there is nothing more to tell than its id.
func TestErasedContactsLeave(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	acme := atCompany(t, s, "Acme")
	ada := s.NewPerson(t, "Ada", "Lovelace")
	works(t, s, ada, "Acme")
	r := newReceiver(t)
	newHook(t, s, r.url, []string{"SEGMENT_LEFT"}, acme)
	exec(t, p, "DELETE FROM contact_history")
	exec(t, p, "DELETE FROM contact WHERE id = $1", ada)
	out := r.next(t)
	require.Equal(t, []string{ada}, out.contacts())
	require.NotContains(t, string(out.Body), "LOVELACE")
}

// Many who enter at once are told of a hundred at a time.
func TestManyAreToldInParts(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	acme := atCompany(t, s, "Acme")
	r := newReceiver(t)
	newHook(t, s, r.url, moves, acme)
	exec(t, p, `INSERT INTO contact (site_id, id, number, kind, last_name, n_last, company, n_company)
		SELECT $1, gen_random_uuid(), n, 'person', 'Many', 'many', 'Acme', 'acme' FROM generate_series(1, 250) n`, s.ID)
	seen := map[string]bool{}
	for i, many := range []int{100, 100, 50} {
		one := r.next(t)
		require.Len(t, one.Data.Contacts, many)
		require.EqualValues(t, i+1, one.Data.Sequence)
		for _, id := range one.contacts() {
			seen[id] = true
		}
	}
	require.Len(t, seen, 250)
}

// Two processes follow the same segments, and each move is told once.
func TestTwoProcessesTellOnce(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	q := apptest.Beside(t, p, func(*app.Config) {})
	s := p.NewSite(t, "club")
	acme := atCompany(t, s, "Acme")
	r := newReceiver(t)
	newHook(t, s, r.url, moves, acme)
	beside := *s
	beside.Program = q

	const rounds = 30
	told := map[string]int{}
	for i := range rounds {
		at := s
		if i%2 == 1 {
			at = &beside
		}
		who := at.NewPerson(t, "Ada", fmt.Sprint("Number ", i))
		works(t, at, who, "Acme")
		told[who] = 0
	}
	for range rounds { // each a delivery of its own, or several in one
		for _, id := range r.next(t).contacts() {
			told[id]++
		}
		if !missing(told) {
			break
		}
	}
	p.Caught(t)
	q.Caught(t)
	last := s.NewPerson(t, "Zoe", "Last")
	works(t, s, last, "Acme")
	for told[last] == 0 { // what a second look might have told comes before it
		for _, id := range r.next(t).contacts() {
			told[id]++
		}
	}
	p.Stop()
	q.Stop()
	for id, times := range told {
		require.Equal(t, 1, times, "%s", id)
	}
	var entered int
	require.NoError(t, p.DB.Pool.QueryRow(t.Context(), "SELECT sum(cardinality(contact_ids)) FROM webhook_delivery").Scan(&entered))
	require.Equal(t, rounds+1, entered)
}

// Those who look at once take turns, so that sequences are the order of what happened.
func TestLooksTakeTurns(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	acme := atCompany(t, s, "Acme")
	r := newReceiver(t)
	newHook(t, s, r.url, moves, acme)
	p.Stop() // nobody else looks
	const many = 20
	errs := make(chan error, many)
	for i := range many {
		who := s.NewPerson(t, "Ada", fmt.Sprint("Number ", i))
		works(t, s, who, "Acme")
		go func() { errs <- p.Webhooks.Look(t.Context(), s.ID, uuid.MustParse(acme), uuid.MustParse(who)) }()
	}
	for range many {
		require.NoError(t, <-errs)
	}
	var sequences []int
	require.NoError(t, p.DB.Bun.NewRaw("SELECT (data->>'sequence')::int FROM webhook_delivery ORDER BY number").Scan(t.Context(), &sequences))
	require.Len(t, sequences, many)
	for i, n := range sequences {
		require.Equal(t, i+1, n)
	}
}

func missing(told map[string]int) bool {
	for _, times := range told {
		if times == 0 {
			return true
		}
	}
	return false
}

// What happens while no process runs is told by the next that starts.
func TestRestartTellsWhatHappened(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	acme := atCompany(t, s, "Acme")
	ada, bo := s.NewPerson(t, "Ada", "Lovelace"), s.NewPerson(t, "Bo", "Before")
	works(t, s, bo, "Acme")
	r := newReceiver(t)
	newHook(t, s, r.url, moves, acme)
	p.Stop()
	works(t, s, ada, "Acme") // its server answers still, but nothing runs in the background
	works(t, s, bo, "")
	apptest.Beside(t, p, func(*app.Config) {})
	one, two := r.next(t), r.next(t)
	require.Equal(t, "segment.entered", one.Type)
	require.Equal(t, []string{ada}, one.contacts())
	require.Equal(t, "segment.left", two.Type)
	require.Equal(t, []string{bo}, two.contacts())
}

// A rule that is edited moves contacts; one that is broken moves nobody until it is mended.
func TestRulesMoveContacts(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	acme := atCompany(t, s, "Acme")
	ada, bo := s.NewPerson(t, "Ada", "Lovelace"), s.NewPerson(t, "Bo", "Else")
	works(t, s, ada, "Acme")
	works(t, s, bo, "Else")
	r := newReceiver(t)
	newHook(t, s, r.url, moves, acme)
	exec(t, p, `UPDATE segment SET rule = '{"group": "018f0000-0000-7000-8000-000000000000"}' WHERE id = $1`, acme)
	require.NoError(t, p.Webhooks.Look(t.Context(), s.ID, uuid.MustParse(acme)))
	p.Must(t, s.As(site.Manager), `mutation($i: UpdateSegmentInput!) { updateSegment(input: $i) { errors { code message path } } }`,
		vars{"i": vars{"id": acme, "rule": vars{"text": vars{"column": "COMPANY", "op": "EQUALS", "value": "Else"}}}}, nil)
	one, two := r.next(t), r.next(t)
	require.Equal(t, []string{bo}, one.contacts())
	require.Equal(t, []string{ada}, two.contacts())
	require.EqualValues(t, 2, two.Data.Sequence, "nothing was told while it was broken")
}
