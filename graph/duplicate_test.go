package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	readDuplicates = `query($n: Int, $a: String, $m: Int, $d: Boolean! = false) { duplicates(first: $n, after: $a, minScore: $m, dismissed: $d) { totalCount
		nodes { score reasons dismissed contacts { id displayName } } pageInfo { hasNextPage hasPreviousPage endCursor } } }`
	scanDuplicates   = `mutation { scanDuplicates { scan { running scanned total } errors { code message path } } }`
	readScan         = `{ duplicateScan { running scanned total startedAt finishedAt } }`
	dismissDuplicate = `mutation($i: DuplicateInput!) { dismissDuplicate(input: $i) { contacts { id } errors { code message path } } }`
	restoreDuplicate = `mutation($i: DuplicateInput!) { restoreDuplicate(input: $i) { contacts { id } errors { code message path } } }`
	hintsFor         = `query($i: PossibleDuplicatesInput!) { possibleDuplicates(input: $i) { score reasons contact { id displayName } } }`
	hintsOf          = `query($i: ID!) { contact(id: $i) { possibleDuplicates { score reasons contact { displayName } } } }`
	mergeContacts    = `mutation($i: MergeContactsInput!) { mergeContacts(input: $i) { contact { id } merge { id } errors { code message path } } }`
	undoMerge        = `mutation($i: UndoMergeInput!) { undoMerge(input: $i) { contacts { id } errors { code message path } } }`
)

type duplicates struct {
	TotalCount int
	Nodes      []struct {
		Score     int
		Reasons   []string
		Dismissed bool
		Contacts  []struct{ ID, DisplayName string }
	}
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		EndCursor                    *string
	}
}

func (d duplicates) words() []string {
	out := []string{}
	for _, p := range d.Nodes {
		out = append(out, fmt.Sprintf("%d %s = %s: %s", p.Score, p.Contacts[0].DisplayName, p.Contacts[1].DisplayName, strings.Join(p.Reasons, " ")))
	}
	return out
}

func pairsOf(t *testing.T, s *apptest.Site, v vars) duplicates {
	t.Helper()
	var out struct{ Duplicates duplicates }
	s.Program.Must(t, s.As(site.Viewer), readDuplicates, v, &out)
	return out.Duplicates
}

type scanState struct {
	Running        bool
	Scanned, Total int
	StartedAt      time.Time
	FinishedAt     *time.Time
}

func scanOf(t *testing.T, s *apptest.Site) *scanState {
	t.Helper()
	var out struct{ DuplicateScan *scanState }
	s.Program.Must(t, s.As(site.Viewer), readScan, nil, &out)
	return out.DuplicateScan
}

// scan compares everything and waits for its end.
func scan(t *testing.T, s *apptest.Site) {
	t.Helper()
	require.Empty(t, s.Program.Payload(t, s.As(site.Operator), scanDuplicates, nil, nil))
	require.Eventually(t, func() bool { return !scanOf(t, s).Running }, time.Minute, 10*time.Millisecond)
}

// person makes a person with more than a name.
func personWith(t *testing.T, s *apptest.Site, first, last string, more vars) string {
	t.Helper()
	id := s.NewPerson(t, first, last)
	if len(more) > 0 {
		input := vars{"id": id}
		for k, v := range more {
			input[k] = v
		}
		update(t, s, input)
	}
	return id
}

type hint struct {
	Score   int
	Reasons []string
	Contact struct{ ID, DisplayName string }
}

func words(hints []hint) []string {
	out := []string{}
	for _, h := range hints {
		out = append(out, fmt.Sprintf("%d %s: %s", h.Score, h.Contact.DisplayName, strings.Join(h.Reasons, " ")))
	}
	return out
}

func hints(t *testing.T, s *apptest.Site, id string) []string {
	t.Helper()
	var out struct {
		Contact struct{ PossibleDuplicates []hint }
	}
	s.Program.Must(t, s.As(site.Viewer), hintsOf, vars{"i": id}, &out)
	return words(out.Contact.PossibleDuplicates)
}

// G-24: staff find twins loosely, by whatever two contacts have in common, told with the reasons; a
// family that shares a mailbox, a house and a number is none. S-95: nor are two homonyms of which other
// things are known.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	house := vars{"lines": []string{"Storgata 1"}, "postcode": "0155", "city": "Oslo", "country": "NO"}
	kari := personWith(t, s, "Kari", "Nordmann", vars{"email": "family@example.no", "mobile": "+4741234567", "address": house})
	personWith(t, s, "Ola", "Nordmann", vars{"email": "family@example.no", "mobile": "+4741234567", "address": house})
	personWith(t, s, "Nordmann", "Kari", vars{"email": "FAMILY@example.no"})
	personWith(t, s, "Anne", "Hansen", vars{"birthDate": "1987-04-30", "email": "anne@example.no"})
	personWith(t, s, "Ane", "Hanson", vars{"birthDate": "1987-04-30", "email": "anne.h@example.no"})
	personWith(t, s, "Per", "Berg", vars{"email": "per1@example.no", "address": house})
	personWith(t, s, "Per", "Berg", vars{"email": "per2@example.no", "address": vars{"city": "Bergen"}})
	personWith(t, other, "Kari", "Nordmann", vars{"email": "family@example.no"})
	require.Nil(t, scanOf(t, s))
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", scanDuplicates, nil)
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", readDuplicates, nil)

	scan(t, s)
	state := scanOf(t, s)
	require.Equal(t, []int{7, 7}, []int{state.Scanned, state.Total})
	require.NotNil(t, state.FinishedAt)
	want := []string{"90 NORDMANN Kari = KARI Nordmann: SAME_EMAIL SWAPPED_NAMES", "60 HANSEN Anne = HANSON Ane: SOUNDS_ALIKE SAME_BIRTH_DATE"}
	all := pairsOf(t, s, nil)
	require.Equal(t, want, all.words())
	require.Equal(t, 2, all.TotalCount)
	require.Equal(t, want[:1], pairsOf(t, s, vars{"m": 80}).words())
	first := pairsOf(t, s, vars{"n": 1})
	require.Equal(t, want[:1], first.words())
	require.True(t, first.PageInfo.HasNextPage)
	second := pairsOf(t, s, vars{"n": 1, "a": first.PageInfo.EndCursor})
	require.Equal(t, want[1:], second.words())
	require.Equal(t, []bool{false, true}, []bool{second.PageInfo.HasNextPage, second.PageInfo.HasPreviousPage})
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", readDuplicates, vars{"a": "nonsense"})
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", readDuplicates, vars{"n": 201})
	require.Empty(t, pairsOf(t, other, nil).Nodes)

	require.Equal(t, []string{"90 KARI Nordmann: SAME_EMAIL SWAPPED_NAMES"}, hints(t, s, kari), "without any scan too")
	scan(t, s)
	require.Equal(t, want, pairsOf(t, s, nil).words(), "another scan finds the same, once")
}

// "Not a duplicate" is remembered, also after another scan, and can be taken back.
func TestDismissDuplicate(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	a, b := s.NewPerson(t, "Kari", "Nordmann"), s.NewPerson(t, "Kari", "Nordmann")
	theirs := p.NewSite(t, "other").NewPerson(t, "Kari", "Nordmann")
	scan(t, s)
	require.Len(t, pairsOf(t, s, nil).Nodes, 1)
	operator := s.As(site.Operator)
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", dismissDuplicate, vars{"i": vars{"ids": []string{a, b}}})
	require.Equal(t, []string{"UNKNOWN ids.1"}, p.Payload(t, operator, dismissDuplicate, vars{"i": vars{"ids": []string{a, theirs}}}, nil))
	require.Equal(t, []string{"SAME_CONTACT ids.1"}, p.Payload(t, operator, dismissDuplicate, vars{"i": vars{"ids": []string{a, a}}}, nil))
	require.Equal(t, []string{"INVALID ids"}, p.Payload(t, operator, dismissDuplicate, vars{"i": vars{"ids": []string{a}}}, nil))
	for range 2 {
		require.Empty(t, p.Payload(t, operator, dismissDuplicate, vars{"i": vars{"ids": []string{b, a}}}, nil))
	}
	require.Empty(t, pairsOf(t, s, nil).Nodes)
	require.Empty(t, hints(t, s, a))
	update(t, s, vars{"id": b, "note": "changed"})
	scan(t, s)
	require.Empty(t, pairsOf(t, s, nil).Nodes, "it is remembered")
	dismissed := pairsOf(t, s, vars{"d": true})
	require.Len(t, dismissed.Nodes, 1)
	require.True(t, dismissed.Nodes[0].Dismissed)
	require.Empty(t, p.Payload(t, operator, restoreDuplicate, vars{"i": vars{"ids": []string{a, b}}}, nil))
	require.Len(t, pairsOf(t, s, nil).Nodes, 1)
	require.Empty(t, pairsOf(t, s, vars{"d": true}).Nodes)
	require.Len(t, hints(t, s, a), 1)
}

// Whatever is created, changed or restored is compared without a scan being asked for; a pair vanishes
// with a change, a merge, the trash and an erasure, and comes back when they are undone.
func TestDuplicatesFollowTheBook(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	follow := func(want ...string) {
		t.Helper()
		require.Eventually(t, func() bool {
			require.NoError(t, p.Twins.Follow(t.Context()))
			return slices.Equal(want, pairsOf(t, s, nil).words())
		}, time.Minute, 20*time.Millisecond, "%v", want)
	}
	a := s.NewPerson(t, "Kari", "Nordmann")
	follow()
	b := s.NewPerson(t, "Kari", "Nordman")
	follow()
	update(t, s, vars{"id": b, "lastName": "Nordmann"})
	const pair = "50 NORDMANN Kari = NORDMANN Kari: SAME_NAME"
	follow(pair)
	update(t, s, vars{"id": a, "firstName": "Ola"})
	follow()
	update(t, s, vars{"id": a, "firstName": "Kari"})
	follow(pair)

	operator := s.As(site.Operator)
	trash(t, s, b)
	require.Empty(t, pairsOf(t, s, nil).Nodes, "at once")
	p.Must(t, operator, `mutation($i: [ID!]!) { restoreContacts(input: {ids: $i}) { errors { code message path } } }`, vars{"i": []string{b}}, nil)
	require.Equal(t, []string{pair}, pairsOf(t, s, nil).words())

	var out struct {
		MergeContacts struct{ Merge struct{ ID string } }
	}
	require.Empty(t, p.Payload(t, operator, mergeContacts, vars{"i": vars{"ids": []string{a, b}}}, &out))
	require.Empty(t, pairsOf(t, s, nil).Nodes)
	follow()
	scan(t, s)
	require.Empty(t, pairsOf(t, s, nil).Nodes, "who was merged is not found again")
	require.Empty(t, p.Payload(t, operator, undoMerge, vars{"i": vars{"id": out.MergeContacts.Merge.ID}}, nil))
	require.Equal(t, []string{pair}, pairsOf(t, s, nil).words())

	trash(t, s, b)
	require.Empty(t, p.Payload(t, s.As(site.Manager), emptyTrash, vars{"i": vars{"ids": []string{b}}}, nil))
	require.Empty(t, pairsOf(t, s, nil).Nodes)
}

// A form asks whether somebody is there already, with what has been typed so far (S-105): also when
// the names only sound alike, and when something is not valid yet.
func TestPossibleDuplicatesOfAForm(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	kari := personWith(t, s, "Catherine", "Hansen", vars{"email": "cath@example.no", "mobile": "+4741234567", "birthDate": "1987-04-30"})
	var made struct {
		CreateOrganization struct{ Organization struct{ ID string } }
	}
	p.Must(t, s.As(site.Operator), `mutation { createOrganization(input: {name: "Fjord Hall AS", email: "post@fjord.example"}) { organization { id } errors { code message path } } }`, nil, &made)
	ask := func(input vars) []string {
		t.Helper()
		var out struct{ PossibleDuplicates []hint }
		p.Must(t, s.As(site.Viewer), hintsFor, vars{"i": input}, &out)
		return words(out.PossibleDuplicates)
	}
	require.Empty(t, ask(vars{}))
	require.Empty(t, ask(vars{"firstName": "Cath"}))
	require.Equal(t, []string{"40 HANSEN Catherine: SOUNDS_ALIKE"}, ask(vars{"firstName": "Katrine", "lastName": "Hanson"}))
	require.Equal(t, []string{"50 HANSEN Catherine: SAME_NAME"}, ask(vars{"firstName": "catherine", "lastName": "HANSEN", "email": "cat@", "mobile": "12"}))
	require.Equal(t, []string{"85 HANSEN Catherine: SAME_PHONE SIMILAR_NAME SAME_BIRTH_DATE"}, ask(vars{"lastName": "Hansen", "phone": "412 34 567", "birthDate": "1987-04-30"})[:1])
	require.Equal(t, []string{"55 HANSEN Catherine: SAME_EMAIL"}, ask(vars{"email": "Cath@Example.no"}))
	require.Equal(t, []string{"50 Fjord Hall AS: SAME_NAME"}, ask(vars{"kind": "ORGANIZATION", "name": "fjord hall"}))
	require.Empty(t, ask(vars{"firstName": "Hall", "lastName": "Fjord"}), "a person is no organization")
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", hintsFor, vars{"i": vars{}})
	require.Empty(t, hints(t, s, kari))
	trash(t, s, kari)
	require.Empty(t, ask(vars{"email": "cath@example.no"}))
}

// A key that very many share says nothing, and is passed over: a scan does not grow with the square.
func TestLargeBlocksArePassedOver(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	many := func(n int, last string) {
		_, err := p.DB.Bun.NewRaw(`INSERT INTO contact (site_id, id, number, kind, last_name, first_name, n_last, n_first)
			SELECT ?0, gen_random_uuid(), n + (SELECT coalesce(max(number), 0) FROM contact), 'person', ?2, 'Jan', lower(?2), 'jan' FROM generate_series(1, ?1) n`, s.ID, n, last).Exec(t.Context())
		require.NoError(t, err)
	}
	many(50, "Fifty")
	many(52, "Fiftytwo")
	scan(t, s)
	require.Equal(t, 50*49/2, pairsOf(t, s, vars{"n": 1}).TotalCount, "only of those that fifty share; their keys were computed on the way")
}

// Who may not read birth dates does not learn of them by duplicates either.
func TestDuplicatesKeepBirthDates(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	a := personWith(t, s, "Anne", "Hansen", vars{"birthDate": "1987-04-30", "note": "allergic"})
	b := personWith(t, s, "Ane", "Hanson", vars{"birthDate": "1987-04-30", "note": "to nuts"})
	scan(t, s)
	require.Len(t, pairsOf(t, s, nil).Nodes, 1)
	p.Must(t, s.As(site.Manager), `mutation { updateSite(input: {sensitiveAttributes: [{attribute: BIRTH_DATE, readableBy: MANAGER}, {attribute: NOTES, readableBy: MANAGER}]}) { errors { code message path } } }`, nil, nil)
	require.Empty(t, pairsOf(t, s, nil).Nodes)
	require.Zero(t, pairsOf(t, s, nil).TotalCount)
	require.Empty(t, hints(t, s, a))
	var out struct{ Duplicates duplicates }
	p.Must(t, s.As(site.Manager), readDuplicates, nil, &out)
	require.Equal(t, []string{"70 HANSEN Anne = HANSON Ane: SOUNDS_ALIKE SAME_BIRTH_DATE"}, out.Duplicates.words())
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", hintsFor, vars{"i": vars{"birthDate": "1987-04-30", "firstName": "Anne", "lastName": "Hansen"}})
	told := previewOf(t, s, vars{"ids": []string{a, b}})
	require.Nil(t, told.Differences["note"].Before)
	require.Nil(t, told.Differences["note"].After)
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", mergeContacts, vars{"i": vars{"ids": []string{a, b}, "take": []vars{{"attribute": "note", "from": b}}}})
}
