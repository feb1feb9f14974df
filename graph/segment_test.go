package graph_test

import (
	"sort"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/live"
	"carnet/internal/site"
)

type moved struct {
	Version string
	Count   int
	Entered []struct{ ID, DisplayName string }
	Left    []string
	Updated []struct{ ID string }
	Resync  bool
}

type segmentEvent struct{ SegmentChanged moved }

const segmentChanged = `subscription($id: ID!) { segmentChanged(id: $id) { version count entered { id displayName } left updated { id } resync } }`

func newSegment(t *testing.T, s *apptest.Site, rule vars) string {
	t.Helper()
	var out struct {
		CreateSegment struct{ Segment struct{ ID string } }
	}
	require.Empty(t, s.Program.Payload(t, s.As(site.Manager),
		`mutation($r: ContactFilter!) { createSegment(input: {name: "S", rule: $r}) { segment { id count } errors { code message path } } }`, vars{"r": rule}, &out))
	return out.CreateSegment.Segment.ID
}

func update(t *testing.T, s *apptest.Site, input vars) {
	t.Helper()
	require.Empty(t, s.Program.Payload(t, s.As(site.Operator), `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`, vars{"i": input}, nil))
}

// D-02: the count and who entered or left come with every change, in order, without gap or repeat.
// D-10: the same over graphql-transport-ws and over SSE.
func TestSegmentChanged(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	kari, ola := s.NewPerson(t, "Kari", "Nordmann"), s.NewPerson(t, "Ola", "Nordmann")
	update(t, s, vars{"id": kari, "address": vars{"city": "Tromsø"}})
	id := newSegment(t, s, vars{"all": []vars{{"kind": "PERSON"}, {"text": vars{"column": "CITY", "op": "EQUALS", "value": "tromso"}}}})
	p.Caught(t)
	streams := []*stream{subscribe(t, p, s.As(site.Viewer), segmentChanged, vars{"id": id}), listen(t, p, s.As(site.Viewer), segmentChanged, vars{"id": id})}
	each := func(check func(e moved)) {
		t.Helper()
		for _, st := range streams {
			var e segmentEvent
			st.next(t, &e)
			check(e.SegmentChanged)
		}
	}
	var last live.LSN
	version := func(e moved) live.LSN {
		v, err := live.ParseLSN(e.Version)
		require.NoError(t, err)
		return v
	}
	each(func(e moved) {
		require.Equal(t, 1, e.Count)
		require.Empty(t, e.Entered)
		require.False(t, e.Resync)
		last = version(e)
	})
	rises := func(e moved) {
		t.Helper()
		require.Greater(t, version(e), last)
	}
	update(t, s, vars{"id": ola, "address": vars{"city": "TROMSØ"}})
	each(func(e moved) {
		rises(e)
		require.Equal(t, 2, e.Count)
		require.Equal(t, ola, e.Entered[0].ID)
		require.Equal(t, "NORDMANN Ola", e.Entered[0].DisplayName)
	})
	update(t, s, vars{"id": ola, "note": "sings"})
	each(func(e moved) {
		rises(e)
		require.Equal(t, 2, e.Count)
		require.Len(t, e.Updated, 1)
		require.Equal(t, ola, e.Updated[0].ID)
	})
	update(t, s, vars{"id": kari, "address": vars{"city": "Bodø"}})
	each(func(e moved) {
		rises(e)
		require.Equal(t, 1, e.Count)
		require.Equal(t, []string{kari}, e.Left)
	})
	p.Must(t, s.As(site.Operator), `mutation($ids: [ID!]!) { deleteContacts(input: {ids: $ids}) { deletedIds errors { code } } }`, vars{"ids": []string{ola}}, nil)
	each(func(e moved) {
		require.Equal(t, 0, e.Count)
		require.Equal(t, []string{ola}, e.Left)
	})
	p.Must(t, s.As(site.Manager), `mutation($id: ID!) { updateSegment(input: {id: $id, rule: {kind: PERSON}}) { segment { id } errors { code } } }`, vars{"id": id}, nil)
	each(func(e moved) {
		require.True(t, e.Resync)
		require.Equal(t, 1, e.Count)
	})
	p.Must(t, s.As(site.Manager), `mutation($id: ID!) { deleteSegment(input: {id: $id}) { deletedId errors { code } } }`, vars{"id": id}, nil)
	for _, st := range streams {
		st.end(t)
	}
}

// D-02: under concurrent writers, replaying the events gives the stored set: no gap, no repeat.
func TestSegmentChangedReplays(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	people := make([]string, 20)
	for i := range people {
		people[i] = s.NewPerson(t, "P"+strconv.Itoa(i), "Replay")
	}
	id := newSegment(t, s, vars{"text": vars{"column": "CITY", "op": "EQUALS", "value": "in"}})
	st := subscribe(t, p, s.As(site.Viewer), segmentChanged, vars{"id": id})
	have := map[string]bool{}
	var e segmentEvent
	st.next(t, &e)
	require.Equal(t, 0, e.SegmentChanged.Count)

	const writers, rounds = 4, 15
	done := make(chan error, writers)
	for w := range writers {
		go func() {
			var err error
			for i := range rounds {
				who, city := people[(w*7+i*3)%len(people)], "in"
				if (w+i)%3 == 0 {
					city = "out"
				}
				if _, err = p.DB.Pool.Exec(t.Context(), "UPDATE contact SET n_city = $1 WHERE id = $2", city, who); err != nil {
					break
				}
			}
			done <- err
		}()
	}
	for range writers {
		require.NoError(t, <-done)
	}
	// One more change marks the end: everything before it has been told when it arrives.
	marker := s.NewPerson(t, "Marker", "Replay")
	_, err := p.DB.Pool.Exec(t.Context(), "UPDATE contact SET n_city = 'in' WHERE id = $1", marker)
	require.NoError(t, err)
	for !have[marker] {
		st.next(t, &e)
		for _, in := range e.SegmentChanged.Entered {
			require.False(t, have[in.ID], "entered twice")
			have[in.ID] = true
		}
		for _, out := range e.SegmentChanged.Left {
			require.True(t, have[out], "left without being in")
			delete(have, out)
		}
		require.Len(t, have, e.SegmentChanged.Count)
	}
	var stored struct {
		Contacts struct{ Nodes []struct{ ID string } }
	}
	p.Must(t, s.As(site.Viewer), `query($id: ID!) { contacts(segmentId: $id, first: 200) { nodes { id } } }`, vars{"id": id}, &stored)
	want, got := []string{}, []string{}
	for _, n := range stored.Contacts.Nodes {
		want = append(want, n.ID)
	}
	for member := range have {
		got = append(got, member)
	}
	sort.Strings(want)
	sort.Strings(got)
	require.Equal(t, want, got)
}

// D-03: a change made by plain SQL reaches subscribers of every process on the database.
func TestPlainSQLReachesEveryProcess(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	kari := s.NewPerson(t, "Kari", "Nordmann")
	id := newSegment(t, s, vars{"text": vars{"column": "LAST_NAME", "op": "PREFIX", "value": "Nord"}})
	second := apptest.Beside(t, p, func(*app.Config) {})
	require.NotEqual(t, p.URL, second.URL)
	streams := []*stream{subscribe(t, p, s.As(site.Viewer), segmentChanged, vars{"id": id}), subscribe(t, second, s.As(site.Viewer), segmentChanged, vars{"id": id})}
	var e segmentEvent
	for _, st := range streams {
		st.next(t, &e)
		require.Equal(t, 1, e.SegmentChanged.Count)
	}
	_, err := p.DB.Pool.Exec(t.Context(), "UPDATE contact SET last_name = 'Andersen', n_last = 'andersen' WHERE id = $1", kari)
	require.NoError(t, err)
	versions := map[string]bool{}
	for _, st := range streams {
		st.next(t, &e)
		require.Equal(t, []string{kari}, e.SegmentChanged.Left)
		versions[e.SegmentChanged.Version] = true
	}
	require.Len(t, versions, 1, "the version differs between processes")
}

// D-10: rights are checked again on every event, and the socket closes when the credential ends.
func TestSubscriptionEndsWithItsCredential(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	id := newSegment(t, s, vars{"kind": "PERSON"})
	keys, err := p.Sites.Keys(s.AsOwner(t.Context()))
	require.NoError(t, err)
	overSocket, overSSE := subscribe(t, p, s.As(site.Viewer), segmentChanged, vars{"id": id}), listen(t, p, s.As(site.Viewer), segmentChanged, vars{"id": id})
	other := subscribe(t, p, s.As(site.Manager), segmentChanged, vars{"id": id})
	var e segmentEvent
	for _, st := range []*stream{overSocket, overSSE, other} {
		st.next(t, &e)
	}
	for _, k := range keys {
		if k.Role == site.Viewer {
			_, err := p.Sites.RevokeKey(s.AsOwner(t.Context()), k.ID)
			require.NoError(t, err)
		}
	}
	require.EqualValues(t, 4403, overSocket.end(t))
	overSSE.end(t)
	s.NewPerson(t, "After", "Revocation")
	other.next(t, &e)
	require.Equal(t, 1, e.SegmentChanged.Count)
	select {
	case raw := <-overSocket.results:
		t.Fatalf("an event after the end: %s", raw)
	default:
	}
}

// Subscriptions need the right and refuse another site's ids.
func TestSubscriptionsAreRefused(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	mine, theirs := p.NewSite(t, "mine"), p.NewSite(t, "theirs")
	id := newSegment(t, theirs, vars{"kind": "PERSON"})
	for code, h := range map[string]apptest.Header{"NOT_FOUND": mine.As(site.Viewer), "UNAUTHENTICATED": theirs.Visitor()} {
		st := subscribe(t, p, h, segmentChanged, vars{"id": id})
		raw := <-st.results
		require.Contains(t, string(raw), code)
		require.NotContains(t, string(raw), `"count"`)
	}
}

// segmentPreviewChanged follows a rule that is not stored, from its first count on.
func TestSegmentPreviewChanged(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	s.NewPerson(t, "Kari", "Nordmann")
	rule := vars{"any": []vars{{"search": "nord"}, {"search": "hans"}}}
	st := subscribe(t, p, s.As(site.Viewer), `subscription($f: ContactFilter!) { segmentPreviewChanged(filter: $f) { count entered { displayName } } }`, vars{"f": rule})
	var e struct{ SegmentPreviewChanged moved }
	st.next(t, &e)
	require.Equal(t, 1, e.SegmentPreviewChanged.Count)
	s.NewPerson(t, "Per", "Hansen")
	st.next(t, &e)
	require.Equal(t, 2, e.SegmentPreviewChanged.Count)
	require.Equal(t, "HANSEN Per", e.SegmentPreviewChanged.Entered[0].DisplayName)
	var preview struct {
		SegmentPreview struct {
			Count  int
			Sample []struct{ DisplayName string }
			Cost   struct {
				Leaves       int
				Indexed      bool
				Milliseconds float64
			}
		}
	}
	const ask = `query($f: ContactFilter!) { segmentPreview(filter: $f) { count sample(first: 1) { displayName } cost { leaves indexed milliseconds } } }`
	p.Must(t, s.As(site.Viewer), ask, vars{"f": vars{"all": []vars{{"kind": "PERSON"}, {"color": ""}, {"account": false}}}}, &preview)
	require.Equal(t, 2, preview.SegmentPreview.Count)
	require.True(t, preview.SegmentPreview.Cost.Indexed)
	p.Must(t, s.As(site.Viewer), ask, vars{"f": rule}, &preview)
	require.Equal(t, 2, preview.SegmentPreview.Count)
	require.Equal(t, 2, preview.SegmentPreview.Cost.Leaves)
	require.False(t, preview.SegmentPreview.Cost.Indexed, "the search of names is SQL's")
	require.Positive(t, preview.SegmentPreview.Cost.Milliseconds)
	require.Len(t, preview.SegmentPreview.Sample, 1)
}

// More than 200 contacts at once come as one resync with a fresh count.
func TestManyMovesBecomeAResync(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	id := newSegment(t, s, vars{"kind": "PERSON"})
	st := subscribe(t, p, s.As(site.Viewer), segmentChanged, vars{"id": id})
	var e segmentEvent
	st.next(t, &e)
	_, err := p.DB.Pool.Exec(t.Context(), `INSERT INTO contact (site_id, id, number, kind, last_name, n_last)
		SELECT $1, gen_random_uuid(), n, 'person', 'Many', 'many' FROM generate_series(1, 201) n`, s.ID)
	require.NoError(t, err)
	st.next(t, &e)
	require.True(t, e.SegmentChanged.Resync)
	require.Equal(t, 201, e.SegmentChanged.Count)
	require.Empty(t, e.SegmentChanged.Entered)
}
