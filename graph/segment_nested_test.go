package graph_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	createSegment = `mutation($n: String!, $r: ContactFilter!) { createSegment(input: {name: $n, rule: $r}) { segment { id } errors { code message path } } }`
	updateSegment = `mutation($i: UpdateSegmentInput!) { updateSegment(input: $i) { segment { id } errors { code message path } } }`
	deleteSegment = `mutation($id: ID!) { deleteSegment(input: {id: $id}) { deletedId errors { code message path } } }`
	segmentState  = `query($id: ID!) { segment(id: $id) { count broken { code message path } usedBy { name } } }`
)

func named(t *testing.T, s *apptest.Site, name string, rule vars) string {
	t.Helper()
	var out struct {
		CreateSegment struct{ Segment struct{ ID string } }
	}
	require.Empty(t, s.Program.Payload(t, s.As(site.Manager), createSegment, vars{"n": name, "r": rule}, &out))
	return out.CreateSegment.Segment.ID
}

type mendable struct {
	Code, Message string
	Path          []string
}

type state struct {
	Segment struct {
		Count  int
		Broken []mendable
		UsedBy []struct{ Name string }
	}
}

func stateOf(t *testing.T, s *apptest.Site, id string) (out state) {
	t.Helper()
	s.Program.Must(t, s.As(site.Viewer), segmentState, vars{"id": id}, &out)
	return out
}

// A rule refers to the members of another segment; who watches it hears when the other's rule changes, how far
// away it is.
func TestSegmentsOfSegments(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	kari, ola, per := s.NewPerson(t, "Kari", "Nord"), s.NewPerson(t, "Ola", "Nord"), s.NewPerson(t, "Per", "Sør")
	hidden := s.NewPerson(t, "Hilde", "Nord")
	update(t, s, vars{"id": hidden, "validUntil": "2020-01-01"})
	nord := named(t, s, "Nord", vars{"text": vars{"column": "LAST_NAME", "op": "EQUALS", "value": "Nord"}})
	notOla := named(t, s, "Not Ola", vars{"all": []vars{{"segment": nord}, {"not": vars{"text": vars{"column": "FIRST_NAME", "op": "EQUALS", "value": "Ola"}}}}})
	others := named(t, s, "Others", vars{"not": vars{"segment": notOla}})
	for i, c := range []struct {
		rule vars
		want []string
	}{
		{vars{"segment": nord}, []string{kari, ola}},
		{vars{"not": vars{"segment": nord}}, []string{per}},
		{vars{"segment": notOla}, []string{kari}},
		{vars{"segment": others}, []string{ola, per}},
		{vars{"any": []vars{{"segment": notOla}, {"segment": others}}}, []string{kari, ola, per}},
	} {
		require.ElementsMatch(t, c.want, matching(t, s, c.rule), "rule %d", i)
	}
	var everybody struct {
		In, Out struct{ TotalCount int }
	}
	p.Must(t, s.As(site.Viewer), `query($s: ID!) { in: contacts(filter: {segment: $s}, includeInvalid: true) { totalCount } out: contacts(filter: {not: {segment: $s}}, includeInvalid: true) { totalCount } }`, vars{"s": nord}, &everybody)
	require.Equal(t, 2, everybody.In.TotalCount, "who is not valid is in no segment, wherever it is asked")
	require.Equal(t, 2, everybody.Out.TotalCount)

	got := stateOf(t, s, nord)
	require.Equal(t, 2, got.Segment.Count)
	require.Empty(t, got.Segment.Broken)
	require.Equal(t, []struct{ Name string }{{"Not Ola"}}, got.Segment.UsedBy)
	require.Equal(t, 2, stateOf(t, s, others).Segment.Count)

	watch := subscribe(t, p, s.As(site.Viewer), segmentChanged, vars{"id": others})
	preview := subscribe(t, p, s.As(site.Viewer), `subscription($f: ContactFilter!) { segmentChanged: segmentPreviewChanged(filter: $f) { version count resync } }`, vars{"f": vars{"segment": nord}})
	var e segmentEvent
	watch.next(t, &e)
	require.Equal(t, 2, e.SegmentChanged.Count)
	preview.next(t, &e)
	p.Must(t, s.As(site.Manager), updateSegment, vars{"i": vars{"id": nord, "rule": vars{"text": vars{"column": "LAST_NAME", "op": "EQUALS", "value": "Sør"}}}}, nil)
	watch.next(t, &e)
	require.True(t, e.SegmentChanged.Resync)
	require.Equal(t, 2, e.SegmentChanged.Count, "Kari and Ola")
	preview.next(t, &e)
	require.Equal(t, 1, e.SegmentChanged.Count)
	update(t, s, vars{"id": ola, "lastName": "Sør"}) // he is Ola all the same
	update(t, s, vars{"id": kari, "lastName": "Sør"})
	for len(e.SegmentChanged.Left) == 0 {
		e = segmentEvent{}
		watch.next(t, &e)
	}
	require.Equal(t, []string{kari}, e.SegmentChanged.Left)

	require.Equal(t, []string{"SEGMENT_IN_USE id"}, p.Payload(t, s.As(site.Manager), deleteSegment, vars{"id": nord}, nil))
	for _, id := range []string{others, notOla, nord} {
		require.Empty(t, p.Payload(t, s.As(site.Manager), deleteSegment, vars{"id": id}, nil))
	}
	theirs := p.NewSite(t, "theirs")
	foreign := named(t, theirs, "Theirs", vars{"kind": "PERSON"})
	require.Equal(t, []string{"UNKNOWN rule.any.0.segment"}, p.Payload(t, s.As(site.Manager), createSegment, vars{"n": "X", "r": vars{"any": []vars{{"segment": foreign}}}}, nil))
}

// Segments refer to one another in no circle, and within the limits; the leaf is named, and who would be affected.
func TestNestedSegmentsAreLimited(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	refusal := func(query string, v vars) mendable {
		t.Helper()
		var out struct {
			CreateSegment, UpdateSegment, DeleteSegment struct{ Errors []mendable }
		}
		require.Len(t, p.Payload(t, s.As(site.Manager), query, v, &out), 1)
		return append(append(out.CreateSegment.Errors, out.UpdateSegment.Errors...), out.DeleteSegment.Errors...)[0]
	}
	person := vars{"kind": "PERSON"}
	a := named(t, s, "A", person)
	b := named(t, s, "B", vars{"all": []vars{person, {"not": vars{"segment": a}}}})
	c := named(t, s, "C", vars{"segment": b})
	got := refusal(updateSegment, vars{"i": vars{"id": a, "rule": vars{"any": []vars{person, {"segment": c}}}}})
	require.Equal(t, mendable{"SEGMENT_CYCLE", `the segments refer to one another in a circle: "A" → "C" → "B" → "A"`, []string{"rule", "any", "1", "segment"}}, got)
	got = refusal(updateSegment, vars{"i": vars{"id": a, "rule": vars{"not": vars{"segment": a}}}})
	require.Equal(t, mendable{"SEGMENT_CYCLE", `the segments refer to one another in a circle: "A" → "A"`, []string{"rule", "not", "segment"}}, got)
	require.Contains(t, refusal(deleteSegment, vars{"id": b}).Message, `"B" is used by "C"`)

	// Eight levels, and not a ninth: not on top, nor from below.
	chain := []string{c}
	for i := 3; i <= 8; i++ {
		chain = append(chain, named(t, s, "Level "+strconv.Itoa(i), vars{"segment": chain[len(chain)-1]}))
	}
	top := chain[len(chain)-1]
	got = refusal(createSegment, vars{"n": "Ninth", "r": vars{"all": []vars{{"segment": top}}}})
	require.Equal(t, []string{"rule", "all", "0", "segment"}, got.Path)
	require.Equal(t, "SEGMENT_NESTED", got.Code)
	below := named(t, s, "Below", person)
	got = refusal(updateSegment, vars{"i": vars{"id": a, "rule": vars{"segment": below}}})
	require.Equal(t, "SEGMENT_NESTED", got.Code)
	require.Equal(t, []string{"rule"}, got.Path)
	require.Contains(t, got.Message, `the segment "Level 8" refers to this one`)
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", `query($f: ContactFilter!) { contacts(filter: $f) { totalCount } }`, vars{"f": vars{"segment": top}})

	// A thousand leaves in all.
	wide := []vars{}
	for range 199 {
		wide = append(wide, person)
	}
	big := named(t, s, "Big", vars{"any": wide})
	five := []vars{}
	for range 5 {
		five = append(five, vars{"segment": big})
	}
	named(t, s, "Five", vars{"any": five})
	got = refusal(createSegment, vars{"n": "Six", "r": vars{"any": append(five, vars{"not": vars{"segment": big}})}})
	require.Equal(t, []string{"rule", "any", "5", "not", "segment"}, got.Path)
	got = refusal(updateSegment, vars{"i": vars{"id": big, "rule": vars{"any": append(wide, person)}}})
	require.Contains(t, got.Message, `the segment "Five" refers to this one`)

	// Two at once cannot close a circle either: both are under way before either writes.
	left, right := named(t, s, "Left", person), named(t, s, "Right", person)
	tx, err := p.DB.Pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = tx.Exec(t.Context(), "LOCK TABLE segment IN SHARE MODE") // may be read, not written
	require.NoError(t, err)
	var wait sync.WaitGroup
	codes := make([][]string, 2)
	for i, pair := range [][2]string{{left, right}, {right, left}} {
		wait.Go(func() {
			codes[i] = p.Payload(t, s.As(site.Manager), updateSegment, vars{"i": vars{"id": pair[0], "rule": vars{"segment": pair[1]}}}, nil)
		})
	}
	require.Eventually(t, func() bool {
		var waiting int
		require.NoError(t, p.DB.Pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE datname = current_database() AND NOT granted").Scan(&waiting))
		return waiting == 2
	}, 20*time.Second, 5*time.Millisecond)
	require.NoError(t, tx.Rollback(t.Context()))
	wait.Wait()
	require.Equal(t, []string{"SEGMENT_CYCLE rule.segment"}, append(codes[0], codes[1]...))

	// What plain SQL closes all the same holds nobody, and says why.
	_, err = p.DB.Pool.Exec(t.Context(), `UPDATE segment SET rule = jsonb_build_object('not', jsonb_build_object('segment', $1::text)) WHERE id = $2`, c, a)
	require.NoError(t, err)
	s.NewPerson(t, "Kari", "Nord")
	for _, id := range []string{a, b, c} {
		got := stateOf(t, s, id)
		require.Zero(t, got.Segment.Count)
		require.Equal(t, "SEGMENT_CYCLE", got.Segment.Broken[0].Code)
	}
}

// A rule that names what is gone, or what is of another type now, is broken: the segment says so, and holds nobody,
// though the leaf stands under not; so does whoever refers to it.
func TestBrokenSegments(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	s.NewPerson(t, "Kari", "Nord")
	var g struct {
		CreateGroup struct{ Group struct{ ID string } }
	}
	p.Must(t, s.As(site.Manager), `mutation { createGroup(input: {name: "Choir"}) { group { id } errors { code } } }`, nil, &g)
	vip := newField(t, s, vars{"type": "YES_NO", "label": "Vip"})
	noChoir := named(t, s, "Not in the choir", vars{"all": []vars{{"kind": "PERSON"}, {"not": vars{"group": g.CreateGroup.Group.ID}}}})
	noVip := named(t, s, "No vip", vars{"not": vars{"field": vars{"id": vip.ID, "yesNo": true}}})
	user := named(t, s, "User", vars{"not": vars{"segment": noChoir}})
	filter := vars{"not": vars{"segment": user}}
	require.Len(t, matching(t, s, filter), 1)

	watch := subscribe(t, p, s.As(site.Viewer), segmentChanged, vars{"id": noChoir})
	preview := subscribe(t, p, s.As(site.Viewer), `subscription($f: ContactFilter!) { segmentChanged: segmentPreviewChanged(filter: $f) { version count resync } }`, vars{"f": filter})
	var e segmentEvent
	for _, st := range []*stream{watch, preview} {
		st.next(t, &e)
		require.Equal(t, 1, e.SegmentChanged.Count)
	}
	p.Must(t, s.As(site.Manager), `mutation($id: ID!) { deleteGroup(input: {id: $id}) { deletedId errors { code } } }`, vars{"id": g.CreateGroup.Group.ID}, nil)
	for _, st := range []*stream{watch, preview} {
		st.next(t, &e)
		require.Equal(t, 0, e.SegmentChanged.Count)
		require.True(t, e.SegmentChanged.Resync)
	}
	_, err := p.DB.Pool.Exec(t.Context(), `UPDATE custom_field SET type = 'text' WHERE id = $1`, vip.ID)
	require.NoError(t, err)

	got := stateOf(t, s, noChoir)
	require.Zero(t, got.Segment.Count)
	require.Equal(t, []mendable{{"UNKNOWN", "the site has no group with the id " + g.CreateGroup.Group.ID, []string{"all", "1", "not", "group"}}}, got.Segment.Broken)
	got = stateOf(t, s, noVip)
	require.Zero(t, got.Segment.Count)
	require.Equal(t, []mendable{{"WRONG_TYPE", `"Vip" is of another type`, []string{"not", "field", "yesNo"}}}, got.Segment.Broken)
	got = stateOf(t, s, user)
	require.Zero(t, got.Segment.Count)
	require.Equal(t, "SEGMENT_BROKEN", got.Segment.Broken[0].Code)
	require.Equal(t, []string{"not", "segment"}, got.Segment.Broken[0].Path)
	require.Contains(t, got.Segment.Broken[0].Message, `the segment "Not in the choir" is broken: the site has no group`)

	for _, id := range []string{noChoir, noVip, user} {
		var members struct{ Contacts struct{ TotalCount int } }
		p.Must(t, s.As(site.Viewer), `query($id: ID!) { contacts(segmentId: $id) { totalCount } }`, vars{"id": id}, &members)
		require.Zero(t, members.Contacts.TotalCount)
	}
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", `query($f: ContactFilter!) { contacts(filter: $f) { totalCount } }`, vars{"f": filter})

	// Mended, it works again, and so does whoever refers to it.
	p.Must(t, s.As(site.Manager), updateSegment, vars{"i": vars{"id": noChoir, "rule": vars{"kind": "ORGANIZATION"}}}, nil)
	require.Equal(t, 1, stateOf(t, s, user).Segment.Count)
	_, err = p.DB.Pool.Exec(t.Context(), `UPDATE segment SET rule = '{"planet": "Mars"}' WHERE id = $1`, noChoir)
	require.NoError(t, err)
	require.Contains(t, stateOf(t, s, noChoir).Segment.Broken[0].Message, "this is not a rule")
	require.Equal(t, "SEGMENT_BROKEN", stateOf(t, s, user).Segment.Broken[0].Code)
}
