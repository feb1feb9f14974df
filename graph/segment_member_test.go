package graph_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	setMembers  = `mutation($i: SetSegmentMembersInput!) { setSegmentMembers(input: $i) { segment { id updatedAt } errors { code message path } } }`
	handMembers = `query($id: ID!, $way: HandWay!, $n: Int!, $after: String) { segment(id: $id) { updatedAt handMembers(way: $way, first: $n, after: $after) {
		totalCount pageInfo { hasNextPage endCursor } nodes { contact { id displayName } way saidAt saidBy } edges { cursor node { contact { id } } } } } }`
	explain = `query($s: ID!, $c: ID!) { segmentExplain(segmentId: $s, contactId: $c) { segment { id } contact { id } in byHand outside ruleHolds leaves { path filter holds } } }`
)

type handPage struct {
	Segment struct {
		UpdatedAt   string
		HandMembers struct {
			TotalCount int
			PageInfo   struct {
				HasNextPage bool
				EndCursor   *string
			}
			Nodes []struct {
				Contact             struct{ ID, DisplayName string }
				Way, SaidAt, SaidBy string
			}
		}
	}
}

type explanation struct {
	SegmentExplain struct {
		Segment, Contact struct{ ID string }
		In               bool
		ByHand           *string
		Outside          []string
		RuleHolds        *bool
		Leaves           []struct {
			Path   []string
			Filter json.RawMessage
			Holds  *bool
		}
	}
}

func explained(t *testing.T, s *apptest.Site, as site.Role, segmentID, contactID string) (out explanation) {
	t.Helper()
	s.Program.Must(t, s.As(as), explain, vars{"s": segmentID, "c": contactID}, &out)
	return out
}

func segmentMembers(t *testing.T, s *apptest.Site, id string) (ids []string) {
	t.Helper()
	var out struct {
		Contacts struct{ Nodes []struct{ ID string } }
	}
	s.Program.Must(t, s.As(site.Viewer), `query($id: ID!) { contacts(segmentId: $id, first: 200, includeInvalid: true, includeUnlisted: true) { nodes { id } } }`, vars{"id": id}, &out)
	for _, n := range out.Contacts.Nodes {
		ids = append(ids, n.ID)
	}
	return ids
}

// Contacts are added to a segment and excluded from it by hand, within those who are in the book; watches hear
// of it, other segments follow, and a merge takes it along.
func TestSegmentMembersByHand(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	operator := s.As(site.Operator)
	kari, ola, per := s.NewPerson(t, "Kari", "Nord"), s.NewPerson(t, "Ola", "Nord"), s.NewPerson(t, "Per", "Sør")
	nord := named(t, s, "Nord", vars{"text": vars{"column": "LAST_NAME", "op": "EQUALS", "value": "Nord"}})
	others := named(t, s, "Others", vars{"not": vars{"segment": nord}})
	watch, follow := subscribe(t, p, s.As(site.Viewer), segmentChanged, vars{"id": nord}), subscribe(t, p, s.As(site.Viewer), segmentChanged, vars{"id": others})
	var e segmentEvent
	until := func(st *stream, count int) { // a change by hand may be told in more than one event
		t.Helper()
		for first := true; first || e.SegmentChanged.Count != count; first = false {
			e = segmentEvent{}
			st.next(t, &e)
		}
	}
	until(watch, 2)
	until(follow, 1)

	var before handPage
	p.Must(t, operator, handMembers, vars{"id": nord, "way": "ADDED", "n": 10}, &before)
	require.Empty(t, p.Payload(t, operator, setMembers, vars{"i": vars{"id": nord, "add": []string{per}, "exclude": []string{ola, kari}}}, nil))
	require.ElementsMatch(t, []string{per}, segmentMembers(t, s, nord))
	require.ElementsMatch(t, []string{kari, ola}, segmentMembers(t, s, others))
	require.Equal(t, 1, stateOf(t, s, nord).Segment.Count)
	until(watch, 1)
	until(follow, 2)

	var page handPage
	p.Must(t, s.As(site.Viewer), handMembers, vars{"id": nord, "way": "ADDED", "n": 10}, &page)
	require.Greater(t, page.Segment.UpdatedAt, before.Segment.UpdatedAt)
	require.Equal(t, 1, page.Segment.HandMembers.TotalCount)
	require.Equal(t, "SØR Per", page.Segment.HandMembers.Nodes[0].Contact.DisplayName)
	require.Equal(t, "ADDED", page.Segment.HandMembers.Nodes[0].Way)
	require.NotEmpty(t, page.Segment.HandMembers.Nodes[0].SaidBy)
	seen := []string{}
	var after *string
	for more := true; more; {
		page = handPage{}
		p.Must(t, s.As(site.Viewer), handMembers, vars{"id": nord, "way": "EXCLUDED", "n": 1, "after": after}, &page)
		require.Equal(t, 2, page.Segment.HandMembers.TotalCount)
		require.Len(t, page.Segment.HandMembers.Nodes, 1)
		seen = append(seen, page.Segment.HandMembers.Nodes[0].Contact.ID)
		more, after = page.Segment.HandMembers.PageInfo.HasNextPage, page.Segment.HandMembers.PageInfo.EndCursor
	}
	require.ElementsMatch(t, []string{kari, ola}, seen)

	// To add whom one had excluded turns it over; to clear leaves it to the rule.
	require.Empty(t, p.Payload(t, operator, setMembers, vars{"i": vars{"id": nord, "add": []string{ola}, "clear": []string{kari}}}, nil))
	require.ElementsMatch(t, []string{kari, ola, per}, segmentMembers(t, s, nord))
	until(watch, 3)
	// Who is added is a member only while listed, valid and not in the trash.
	update(t, s, vars{"id": per, "validUntil": "2020-01-01"})
	require.ElementsMatch(t, []string{kari, ola}, segmentMembers(t, s, nord))
	until(watch, 2)
	update(t, s, vars{"id": ola, "lastName": "Vest"})
	require.ElementsMatch(t, []string{kari, ola}, segmentMembers(t, s, nord), "by hand alone")
	_, err := p.DB.Pool.Exec(t.Context(), "DELETE FROM segment_member WHERE contact_id = $1", ola) // plain SQL
	require.NoError(t, err)
	until(watch, 1)

	// A merge takes along what was said of the other record, if nothing was said of the one that stays.
	twin := s.NewPerson(t, "Pål", "Sør")
	require.Empty(t, p.Payload(t, operator, setMembers, vars{"i": vars{"id": nord, "add": []string{twin}, "exclude": []string{kari}}}, nil))
	p.Must(t, operator, `mutation($i: MergeContactsInput!) { mergeContacts(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{"ids": []string{ola, twin}}}, nil)
	require.Equal(t, []string{ola}, segmentMembers(t, s, nord))

	unknown := uuid.NewString()
	many := make([]string, 201)
	for i := range many {
		many[i] = uuid.NewString()
	}
	theirs := p.NewSite(t, "theirs")
	for want, input := range map[string]vars{
		"UNKNOWN add.1":       {"id": nord, "add": []string{ola, unknown}},
		"UNKNOWN exclude.0":   {"id": nord, "exclude": []string{theirs.NewPerson(t, "Not", "Ours")}},
		"DUPLICATE exclude.0": {"id": nord, "add": []string{ola}, "exclude": []string{ola}},
		"TOO_LONG clear":      {"id": nord, "clear": many},
	} {
		require.Equal(t, []string{want}, p.Payload(t, operator, setMembers, vars{"i": input}, nil))
	}
	require.Empty(t, p.Payload(t, operator, setMembers, vars{"i": vars{"id": nord, "clear": []string{unknown}}}, nil))
	p.Refused(t, operator, "NOT_FOUND", setMembers, vars{"i": vars{"id": unknown, "add": []string{ola}}})
	p.Refused(t, theirs.As(site.Operator), "NOT_FOUND", setMembers, vars{"i": vars{"id": nord, "clear": []string{ola}}})
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", setMembers, vars{"i": vars{"id": nord, "add": []string{ola}}})
	_, err = p.DB.Pool.Exec(t.Context(), `WITH made AS (INSERT INTO contact (site_id, id, number, kind, last_name, n_last)
		SELECT $1, gen_random_uuid(), 1000 + n, 'person', 'Many', 'many' FROM generate_series(1, 9997) n RETURNING id)
		INSERT INTO segment_member (site_id, segment_id, contact_id, excluded) SELECT $1, $2, id, TRUE FROM made`, s.ID, nord)
	require.NoError(t, err)
	require.Equal(t, []string{"TOO_LONG add"}, p.Payload(t, operator, setMembers, vars{"i": vars{"id": nord, "add": []string{s.NewPerson(t, "One", "Toomany")}}}, nil))
}

// A member, or somebody who is none, is told why: by hand, by the rule leaf by leaf, or for being outside; in one
// statement about contacts. Who may not read birth dates is not told what the rule found of one.
func TestSegmentExplain(t *testing.T) {
	t.Parallel()
	queries := &queryCounter{}
	p := apptest.StartTraced(t, queries)
	s := p.NewSite(t, "club")
	kari, ola := s.NewPerson(t, "Kari", "Nord"), s.NewPerson(t, "Ola", "Sør")
	update(t, s, vars{"id": kari, "birthDate": "1990-02-28"})
	inner := named(t, s, "Inner", vars{"text": vars{"column": "LAST_NAME", "op": "EQUALS", "value": "Nord"}})
	id := named(t, s, "Outer", vars{"all": []vars{{"segment": inner}, {"any": []vars{{"kind": "ORGANIZATION"}, {"not": vars{"birthday": vars{"month": 3}}}}}}})
	got := explained(t, s, site.Manager, id, kari)
	require.True(t, got.SegmentExplain.In)
	require.True(t, *got.SegmentExplain.RuleHolds)
	require.Nil(t, got.SegmentExplain.ByHand)
	require.Empty(t, got.SegmentExplain.Outside)
	leaf := func(n int, path, filter string, holds any) {
		t.Helper()
		one := got.SegmentExplain.Leaves[n]
		require.Equal(t, path, fmt.Sprint(one.Path))
		require.JSONEq(t, filter, string(one.Filter))
		if holds == nil {
			require.Nil(t, one.Holds)
		} else {
			require.Equal(t, holds, *one.Holds)
		}
	}
	require.Len(t, got.SegmentExplain.Leaves, 3)
	leaf(0, "[all 0 segment]", `{"segment":"`+inner+`"}`, true)
	leaf(1, "[all 1 any 0 kind]", `{"kind":"ORGANIZATION"}`, false)
	leaf(2, "[all 1 any 1 not birthday]", `{"birthday":{"month":3}}`, false)

	got = explained(t, s, site.Manager, id, ola)
	require.False(t, got.SegmentExplain.In)
	require.False(t, *got.SegmentExplain.RuleHolds)
	leaf(0, "[all 0 segment]", `{"segment":"`+inner+`"}`, false)
	wide := []vars{}
	for range 100 {
		wide = append(wide, vars{"kind": "ORGANIZATION"})
	}
	big := named(t, s, "Big", vars{"any": wide})
	few, many := queries.least(func() { explained(t, s, site.Manager, inner, ola) }), queries.least(func() { explained(t, s, site.Manager, big, ola) })
	require.Equal(t, few, many, "the number of queries grows with the rule")

	// By hand, and outside.
	require.Empty(t, p.Payload(t, s.As(site.Operator), setMembers, vars{"i": vars{"id": id, "add": []string{ola}, "exclude": []string{kari}}}, nil))
	got = explained(t, s, site.Manager, id, ola)
	require.True(t, got.SegmentExplain.In)
	require.Equal(t, "ADDED", *got.SegmentExplain.ByHand)
	require.False(t, *got.SegmentExplain.RuleHolds)
	got = explained(t, s, site.Manager, id, kari)
	require.False(t, got.SegmentExplain.In)
	require.Equal(t, "EXCLUDED", *got.SegmentExplain.ByHand)
	require.True(t, *got.SegmentExplain.RuleHolds)
	update(t, s, vars{"id": ola, "validUntil": "2020-01-01"})
	p.Must(t, s.As(site.Operator), `mutation($ids: [ID!]!) { deleteContacts(input: {ids: $ids}) { deletedIds errors { code } } }`, vars{"ids": []string{ola}}, nil)
	got = explained(t, s, site.Manager, id, ola)
	require.False(t, got.SegmentExplain.In)
	require.Equal(t, []string{"TRASH", "INVALID"}, got.SegmentExplain.Outside)

	// Rights.
	p.Must(t, s.As(site.Manager), `mutation($r: [SensitiveRightInput!]!) { updateSite(input: {sensitiveAttributes: $r}) { errors { code message path } } }`, vars{"r": []vars{{"attribute": "BIRTH_DATE", "readableBy": "MANAGER"}}}, nil)
	got = explained(t, s, site.Operator, id, kari)
	require.Nil(t, got.SegmentExplain.RuleHolds)
	leaf(0, "[all 0 segment]", `{"segment":"`+inner+`"}`, true)
	leaf(2, "[all 1 any 1 not birthday]", `{"birthday":{"month":3}}`, nil)
	theirs := p.NewSite(t, "theirs")
	p.Refused(t, theirs.As(site.Manager), "NOT_FOUND", explain, vars{"s": id, "c": theirs.NewPerson(t, "Their", "Own")})
	p.Refused(t, s.As(site.Manager), "NOT_FOUND", explain, vars{"s": id, "c": theirs.NewPerson(t, "Not", "Ours")})
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", explain, vars{"s": id, "c": kari})

	// Broken.
	_, err := p.DB.Pool.Exec(t.Context(), `UPDATE segment SET rule = jsonb_build_object('any', jsonb_build_array(jsonb_build_object('kind', 'PERSON'), jsonb_build_object('group', $1::text))) WHERE id = $2`, uuid.NewString(), inner)
	require.NoError(t, err)
	got = explained(t, s, site.Manager, inner, kari)
	require.False(t, got.SegmentExplain.In)
	require.Nil(t, got.SegmentExplain.RuleHolds)
	require.True(t, *got.SegmentExplain.Leaves[0].Holds)
	require.Nil(t, got.SegmentExplain.Leaves[1].Holds)
	require.Nil(t, explained(t, s, site.Manager, id, kari).SegmentExplain.Leaves[0].Holds)
}

// A contact tells which segments hold it; for a list that is as many queries as for one, and it has its price.
func TestSegmentsOfContacts(t *testing.T) {
	t.Parallel()
	queries := &queryCounter{}
	p := apptest.StartTraced(t, queries)
	s := p.NewSite(t, "club")
	kari, ola := s.NewPerson(t, "Kari", "Nord"), s.NewPerson(t, "Ola", "Sør")
	nord := named(t, s, "North", vars{"text": vars{"column": "LAST_NAME", "op": "EQUALS", "value": "Nord"}})
	named(t, s, "All but the north", vars{"not": vars{"segment": nord}})
	people := named(t, s, "People", vars{"kind": "PERSON"})
	broken := named(t, s, "Broken", vars{"kind": "PERSON"})
	_, err := p.DB.Pool.Exec(t.Context(), `UPDATE segment SET rule = jsonb_build_object('not', jsonb_build_object('group', $1::text)) WHERE id = $2`, uuid.NewString(), broken)
	require.NoError(t, err)
	require.Empty(t, p.Payload(t, s.As(site.Operator), setMembers, vars{"i": vars{"id": people, "exclude": []string{ola}}}, nil))
	of := func(id string) (names []string) {
		var out struct {
			Contact struct{ Segments []struct{ Name string } }
		}
		p.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { segments { name } } }`, vars{"i": id}, &out)
		for _, one := range out.Contact.Segments {
			names = append(names, one.Name)
		}
		return names
	}
	require.Equal(t, []string{"North", "People"}, of(kari))
	require.Equal(t, []string{"All but the north"}, of(ola))
	p.Must(t, s.As(site.Operator), `mutation($ids: [ID!]!) { deleteContacts(input: {ids: $ids}) { deletedIds errors { code } } }`, vars{"ids": []string{ola}}, nil)
	require.Empty(t, of(ola), "in the trash")

	for i := range 30 {
		s.NewPerson(t, "P", fmt.Sprint(i))
	}
	count := func(first int) int64 {
		return queries.least(func() {
			p.Must(t, s.As(site.Viewer), `query($n: Int) { contacts(first: $n) { nodes { segments { name } } } }`, vars{"n": first}, nil)
		})
	}
	require.Equal(t, count(2), count(30))
	p.Refused(t, s.As(site.Viewer), "TOO_COMPLEX", `{ contacts(first: 200) { nodes { segments { id name count } } } }`, nil)
}
