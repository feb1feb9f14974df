package graph_test

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

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

// Every leaf of the rule finds what it says, and its negation all the others.
func TestRuleLeaves(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	drop := newField(t, s, vars{"type": "DROPDOWN", "label": "Diet", "choices": choiceList(3), "multiple": "UNLIMITED"})
	one := newField(t, s, vars{"type": "DROPDOWN", "label": "Level", "choices": choiceList(2)})
	yes := newField(t, s, vars{"type": "YES_NO", "label": "Vip"})
	box := newField(t, s, vars{"type": "CHECKBOX", "label": "Rules"})
	free := newField(t, s, vars{"type": "TEXT", "label": "Song"})
	seats, since := newField(t, s, vars{"type": "NUMBER", "label": "Seats"}), newField(t, s, vars{"type": "DATE", "label": "Since"})
	call, from := newField(t, s, vars{"type": "PHONE", "label": "Emergency"}), newField(t, s, vars{"type": "COUNTRY", "label": "From"})
	var g struct {
		CreateGroup struct{ Group struct{ ID string } }
	}
	p.Must(t, s.As(site.Manager), `mutation { createGroup(input: {name: "Choir"}) { group { id } errors { code } } }`, nil, &g)
	group := g.CreateGroup.Group.ID
	a, b := s.NewPerson(t, "Åse", "Øverås"), s.NewPerson(t, "Bernard", "Lefèvre")
	var o struct {
		CreateOrganization struct{ Organization struct{ ID string } }
	}
	p.Must(t, s.As(site.Operator), `mutation { createOrganization(input: {name: "Øverås IL", organizationKind: CLUB, recognised: true}) { organization { id } errors { code } } }`, nil, &o)
	org := o.CreateOrganization.Organization.ID
	interest := set(t, s, createLabelSet, vars{"name": "Interest", "labels": labelItems("Song", "Chess")})
	song, chess := interest.label(t, "Song"), interest.label(t, "Chess")
	update(t, s, vars{"id": org, "labelIds": []string{chess}})
	update(t, s, vars{"id": a, "groupIds": []string{group}, "labelIds": []string{song, chess}, "color": "#112233", "birthDate": "1990-02-28", "mobile": "412 34 567", "company": "Fjørd & Co",
		"address": vars{"city": "Ålesund", "postcode": "6003", "country": "NO"}, "answers": []vars{
			{"fieldId": drop.ID, "choiceIds": []string{drop.Choices[0].ID, drop.Choices[1].ID}}, {"fieldId": one.ID, "choiceIds": []string{one.Choices[0].ID}},
			{"fieldId": yes.ID, "yesNo": true}, {"fieldId": box.ID, "checked": true}, {"fieldId": free.ID, "text": "Ja, vi elsker"},
			{"fieldId": seats.ID, "number": 9}, {"fieldId": since.ID, "date": "2026-02-28"}, {"fieldId": call.ID, "text": "22 33 44 55"}, {"fieldId": from.ID, "text": "NO"}}})
	var numbered struct{ Contact struct{ Number int } }
	p.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { number } }`, vars{"i": b}, &numbered)
	update(t, s, vars{"id": org, "phone": "22 12 34 56", "otherEmails": []vars{{"label": "shop", "value": "Kiosk@Overas.no"}}, "otherPhones": []vars{{"label": "fax", "value": "+33 1 42 68 53 00"}}})
	birthday := func(years, days int) string { return time.Now().UTC().AddDate(-years, 0, days).Format(time.DateOnly) }
	update(t, s, vars{"id": b, "birthDate": birthday(80, -3), "email": "Bernard@Example.fr", "language": "fr-BE", "answers": []vars{{"fieldId": seats.ID, "number": 10.5}, {"fieldId": since.ID, "date": time.Now().UTC().Format(time.DateOnly)}, {"fieldId": yes.ID, "yesNo": false}, {"fieldId": drop.ID, "choiceIds": []string{drop.Choices[1].ID}}}})

	update(t, s, vars{"id": org, "validUntil": time.Now().UTC().AddDate(0, 0, 3).Format(time.DateOnly)})
	inMonth := func(month time.Month) (who []string) { // the birthdays of both persons
		if month == time.February {
			who = append(who, a)
		}
		if time.Now().UTC().AddDate(0, 0, -3).Month() == month {
			who = append(who, b)
		}
		return who
	}

	text := func(column, op, value string) vars {
		leaf := vars{"column": column, "op": op}
		if op != "EMPTY" {
			leaf["value"] = value
		}
		return vars{"text": leaf}
	}
	field := func(id string, test vars) vars { test["id"] = id; return vars{"field": test} }
	for i, c := range []struct {
		rule vars
		want []string
	}{
		{vars{"kind": "ORGANIZATION"}, []string{org}},
		{vars{"status": "USER"}, nil},
		{vars{"status": "PROSPECT"}, []string{a, b, org}},
		{vars{"group": group}, []string{a}},
		{vars{"label": song}, []string{a}},
		{vars{"label": chess}, []string{a, org}},
		{vars{"labelSet": vars{"id": interest.ID, "any": true}}, []string{a, org}},
		{vars{"labelSet": vars{"id": interest.ID, "any": false}}, []string{b}},
		{vars{"color": "#112233"}, []string{a}},
		{vars{"color": ""}, []string{b, org}},
		{text("FIRST_NAME", "EQUALS", "ase"), []string{a}},
		{text("LAST_NAME", "PREFIX", "ØV"), []string{a}},
		{text("NAME", "CONTAINS", "ras"), []string{org}},
		{text("LAST_NAME", "CONTAINS", "EFEV"), []string{b}},
		{text("COMPANY", "EQUALS", "fjord & co"), []string{a}},
		{text("EMAIL", "PREFIX", "bernard@"), []string{b}},
		{text("EMAIL", "EMPTY", ""), []string{a, org}},
		{text("MOBILE", "PREFIX", "+47 412"), []string{a}},
		{text("CITY", "EQUALS", "alesund"), []string{a}},
		{text("POSTCODE", "PREFIX", "60"), []string{a}},
		{text("COUNTRY", "EQUALS", "no"), []string{a}},
		{text("LANGUAGE", "PREFIX", "FR"), []string{b}},
		{text("LAST_NAME", "CONTAINS", "%"), nil},
		{vars{"date": vars{"column": "BIRTH_DATE", "from": "1990-02-28", "to": "1990-02-28"}}, []string{a}},
		{vars{"date": vars{"column": "BIRTH_DATE", "from": "1990-03-01"}}, nil},
		{vars{"date": vars{"column": "CREATED_AT", "from": "2020-01-01"}}, []string{a, b, org}},
		{vars{"date": vars{"column": "CREATED_AT", "to": "2020-01-01"}}, nil},
		{vars{"search": "lef*"}, []string{b}},
		{text("CITY", "MATCHES", "ÅLE"), []string{a}},
		{text("CITY", "MATCHES", "*sund"), []string{a}},
		{text("CITY", "MATCHES", "*sun"), nil},
		{text("POSTCODE", "MATCHES", "60*"), []string{a}},
		{vars{"number": numbered.Contact.Number}, []string{b}}, // S-67
		{vars{"number": 999999}, nil},
		{vars{"name": "ØVER"}, []string{a, org}}, // S-66
		{vars{"name": "*ras"}, []string{a, org}}, // a word of the name
		{vars{"name": "*ver*"}, []string{a, org}},
		{vars{"name": "overas, a"}, []string{a}},
		{vars{"name": "bernard lef"}, []string{b}},
		{vars{"name": "bernard@"}, nil}, // names alone
		{vars{"name": fmt.Sprint(numbered.Contact.Number)}, nil},
		{vars{"phone": "412 34"}, []string{a}}, // S-70
		{vars{"phone": "+47 41234567"}, []string{a}},
		{vars{"phone": "0047 22 12"}, []string{org}},
		{vars{"phone": "+33 (0)1 42 68 53 00"}, []string{org}}, // a further number, whole
		{vars{"phone": "+46 412 34"}, nil},                     // another country's
		{vars{"phone": "none"}, nil},
		{vars{"email": "BERNARD@ex"}, []string{b}}, // S-71
		{vars{"email": "*@example.fr"}, []string{b}},
		{vars{"email": "kiosk@overas.no"}, []string{org}},      // a further address, whole
		{vars{"age": vars{"from": 80, "to": 80}}, []string{b}}, // G-02
		{vars{"age": vars{"from": 81}}, nil},
		{vars{"age": vars{"to": 79}}, []string{a}},
		{vars{"age": vars{"to": 150}}, []string{a, b}}, // an organization has no age
		{vars{"birthday": vars{"next": 366}}, []string{a, b}},
		{vars{"birthday": vars{"month": int(time.Now().UTC().AddDate(0, 5, 0).Month())}}, inMonth(time.Now().UTC().AddDate(0, 5, 0).Month())},
		{vars{"birthday": vars{"month": 2}}, inMonth(time.February)},
		{vars{"date": vars{"column": "CREATED_AT", "relative": vars{"last": 1, "unit": "MONTH"}}}, []string{a, b, org}},
		{vars{"date": vars{"column": "BIRTH_DATE", "relative": vars{"last": 81, "unit": "YEAR"}}}, []string{a, b}},
		{vars{"date": vars{"column": "BIRTH_DATE", "relative": vars{"last": 79, "unit": "YEAR"}}}, []string{a}},
		{vars{"date": vars{"column": "UPDATED_AT", "relative": vars{"this": true, "unit": "WEEK"}}}, []string{a, b, org}},
		{vars{"date": vars{"column": "VALID_UNTIL", "relative": vars{"next": 7, "unit": "DAY"}}}, []string{org}},
		{vars{"date": vars{"column": "VALID_UNTIL", "relative": vars{"next": 1, "unit": "DAY"}}}, nil},
		{vars{"postcode": vars{"country": "NO", "from": "6003", "to": "6003"}}, []string{a}},
		{vars{"postcode": vars{"country": "NO", "from": "60"}}, []string{a}},
		{vars{"postcode": vars{"country": "NO", "to": "6002"}}, nil},
		{vars{"postcode": vars{"country": "FR", "from": "6003", "to": "6003"}}, nil},
		{vars{"account": true}, nil},
		{vars{"account": false}, []string{a, b, org}},
		{field(yes.ID, vars{"answered": true}), []string{a, b}},
		{field(yes.ID, vars{"yesNo": false}), []string{b}},
		{field(box.ID, vars{"checked": true}), []string{a}},
		{field(box.ID, vars{"checked": false}), []string{b, org}},
		{field(free.ID, vars{"text": vars{"op": "CONTAINS", "value": "VI elsk"}}), []string{a}},
		{field(free.ID, vars{"text": vars{"op": "EMPTY"}}), []string{b, org}},
		{field(seats.ID, vars{"number": vars{"from": 9}}), []string{a, b}}, // as numbers: as texts 9 comes after 10
		{field(seats.ID, vars{"number": vars{"from": 9.5}}), []string{b}},
		{field(seats.ID, vars{"number": vars{"from": -1, "to": 9}}), []string{a}},
		{field(seats.ID, vars{"number": vars{"to": 8.999}}), nil},
		{field(since.ID, vars{"date": vars{"from": "2026-02-28", "to": "2026-02-28"}}), []string{a}},
		{field(since.ID, vars{"date": vars{"to": "2026-02-27"}}), nil},
		{field(since.ID, vars{"date": vars{"relative": vars{"last": 2, "unit": "DAY"}}}), []string{b}},
		{field(call.ID, vars{"text": vars{"op": "PREFIX", "value": "+47 22 33"}}), []string{a}},
		{field(from.ID, vars{"text": vars{"op": "EQUALS", "value": "no"}}), []string{a}},
		{field(drop.ID, vars{"anyOf": []string{drop.Choices[0].ID, drop.Choices[1].ID}}), []string{a, b}},
		{field(drop.ID, vars{"allOf": []string{drop.Choices[0].ID, drop.Choices[1].ID}}), []string{a}},
		{field(drop.ID, vars{"noneOf": []string{drop.Choices[0].ID}}), []string{b, org}},
		{field(one.ID, vars{"anyOf": []string{one.Choices[0].ID}}), []string{a}},
		{vars{"all": []vars{{"kind": "PERSON"}, {"not": vars{"group": group}}}}, []string{b}},
		{vars{"any": []vars{{"group": group}, {"kind": "ORGANIZATION"}}}, []string{a, org}},
		{vars{"all": []vars{}}, []string{a, b, org}},
		{vars{"any": []vars{}}, nil},
	} {
		members := func(rule vars) []string {
			var out struct {
				Contacts struct {
					TotalCount int
					Nodes      []struct{ ID string }
				}
			}
			p.Must(t, s.As(site.Viewer), `query($f: ContactFilter!) { contacts(filter: $f) { totalCount nodes { id } } }`, vars{"f": rule}, &out)
			ids := []string{}
			for _, n := range out.Contacts.Nodes {
				ids = append(ids, n.ID)
			}
			require.Len(t, ids, out.Contacts.TotalCount)
			return ids
		}
		require.ElementsMatch(t, c.want, members(c.rule), "rule %d: %v", i, c.rule)
		rest := []string{}
		for _, id := range []string{a, b, org} {
			if !contains(c.want, id) {
				rest = append(rest, id)
			}
		}
		require.ElementsMatch(t, rest, members(vars{"not": c.rule}), "not rule %d: %v", i, c.rule)
	}
}

func contains(list []string, one string) bool {
	for _, v := range list {
		if v == one {
			return true
		}
	}
	return false
}

// A rule that is wrong is refused with the leaf that is.
func TestRulesAreRefused(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	free := newField(t, s, vars{"type": "TEXT", "label": "Song"})
	seats, since := newField(t, s, vars{"type": "NUMBER", "label": "Seats"}), newField(t, s, vars{"type": "DATE", "label": "Since"})
	deep := vars{"kind": "PERSON"}
	for range 9 {
		deep = vars{"not": deep}
	}
	wide := []vars{}
	for range 201 {
		wide = append(wide, vars{"kind": "PERSON"})
	}
	const nobody = "00000000-0000-7000-8000-000000000000"
	for want, rule := range map[string]vars{
		"INVALID rule":       {},
		"INVALID rule.all.1": {"all": []vars{{"kind": "PERSON"}, {"kind": "PERSON", "search": "x"}}},
		"TOO_LONG rule.not.not.not.not.not.not.not.not": deep,
		"TOO_LONG rule.any.200":                         {"any": wide},
		"REQUIRED rule.text.value":                      {"text": vars{"column": "CITY", "op": "EQUALS"}},
		"WRONG_TYPE rule.text.value":                    {"text": vars{"column": "CITY", "op": "EMPTY", "value": "x"}},
		"REQUIRED rule.date.from":                       {"date": vars{"column": "BIRTH_DATE"}},
		"INVALID_DATE rule.date.to":                     {"date": vars{"column": "BIRTH_DATE", "from": "2000-01-02", "to": "2000-01-01"}},
		"UNKNOWN rule.group":                            {"group": nobody},
		"UNKNOWN rule.not.field.id":                     {"not": vars{"field": vars{"id": nobody, "answered": true}}},
		"INVALID rule.field":                            {"field": vars{"id": free.ID}},
		"WRONG_TYPE rule.field.yesNo":                   {"field": vars{"id": free.ID, "yesNo": true}},
		"WRONG_TYPE rule.field.number":                  {"field": vars{"id": free.ID, "number": vars{"from": 1}}},
		"WRONG_TYPE rule.field.date":                    {"field": vars{"id": seats.ID, "date": vars{"from": "2026-01-01"}}},
		"WRONG_TYPE rule.field.text":                    {"field": vars{"id": since.ID, "text": vars{"op": "EMPTY"}}},
		"REQUIRED rule.field.number.from":               {"field": vars{"id": seats.ID, "number": vars{}}},
		"INVALID_NUMBER rule.field.number.to":           {"field": vars{"id": seats.ID, "number": vars{"from": 2, "to": 1}}},
		"INVALID_NUMBER rule.field.number.from":         {"field": vars{"id": seats.ID, "number": vars{"from": 1e300}}},
		"INVALID_DATE rule.field.date.to":               {"field": vars{"id": since.ID, "date": vars{"from": "2026-01-02", "to": "2026-01-01"}}},
		"REQUIRED rule.name":                            {"name": " "},
		"TOO_LONG rule.phone":                           {"phone": strings.Repeat("1", 201)},
		"REQUIRED rule.age.from":                        {"age": vars{}},
		"INVALID rule.age.from":                         {"age": vars{"from": 151}},
		"INVALID rule.not.age.to":                       {"not": vars{"age": vars{"from": 30, "to": 20}}},
		"INVALID rule.all.0.date.relative.last":         {"all": []vars{{"date": vars{"column": "CREATED_AT", "relative": vars{"last": 1_000_000, "unit": "DAY"}}}}},
		"INVALID rule.date.relative.next":               {"date": vars{"column": "VALID_UNTIL", "relative": vars{"next": 101, "unit": "YEAR"}}},
		"INVALID rule.not.date.relative.last":           {"not": vars{"date": vars{"column": "CREATED_AT", "relative": vars{"last": 0, "unit": "WEEK"}}}},
		"INVALID rule.date.relative.this":               {"date": vars{"column": "CREATED_AT", "relative": vars{"this": false, "unit": "DAY"}}},
		"INVALID rule.date.relative":                    {"date": vars{"column": "CREATED_AT", "relative": vars{"this": true, "last": 3, "unit": "DAY"}}},
		"INVALID rule.any.0.date.relative":              {"any": []vars{{"date": vars{"column": "CREATED_AT", "from": "2026-01-01", "relative": vars{"last": 3, "unit": "DAY"}}}}},
		"INVALID rule.birthday":                         {"birthday": vars{}},
		"INVALID rule.birthday.next":                    {"birthday": vars{"next": 367}},
		"INVALID rule.birthday.month":                   {"birthday": vars{"month": 13}},
		"INVALID rule.postcode.country":                 {"postcode": vars{"country": "Norway", "from": "1"}},
		"REQUIRED rule.postcode.from":                   {"postcode": vars{"country": "NO"}},
		"INVALID rule.postcode.to":                      {"postcode": vars{"country": "NO", "from": "2000", "to": "1999"}},
	} {
		at := p.Payload(t, s.As(site.Manager), `mutation($r: ContactFilter!) { createSegment(input: {name: "S", rule: $r}) { segment { id } errors { code message path } } }`, vars{"r": rule}, nil)
		require.Equal(t, []string{want}, at, fmt.Sprint(rule))
	}
}
