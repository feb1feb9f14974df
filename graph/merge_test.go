package graph_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const mergePreview = `query($i: MergeContactsInput!) { mergePreview(input: $i) { survivor { id } merged { id } differences taken moves { what count } errors { code message path names } } }`

type preview struct {
	Survivor, Merged struct{ ID string }
	Differences      map[string]struct{ Before, After any }
	Taken            []string
	Moves            []struct {
		What  string
		Count int
	}
	Errors []apptest.UserError
}

func previewOf(t *testing.T, s *apptest.Site, input vars) preview {
	t.Helper()
	var out struct{ MergePreview preview }
	r := s.Program.Do(t, s.As(site.Operator), mergePreview, vars{"i": input}) // what would be refused is no failure
	require.Empty(t, r.Errors)
	require.NoError(t, json.Unmarshal(r.Data, &out))
	return out.MergePreview
}

// merge makes two contacts one and gives the merge's id.
func merge(t *testing.T, s *apptest.Site, input vars) string {
	t.Helper()
	var out struct {
		MergeContacts struct{ Merge struct{ ID string } }
	}
	require.Empty(t, s.Program.Payload(t, s.As(site.Operator), mergeContacts, vars{"i": input}, &out))
	return out.MergeContacts.Merge.ID
}

// A preview tells what a merge would do, value by value, and does nothing; the merge then does that.
func TestMergePreview(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	group := newGroup(t, s, "Juniors")
	house := vars{"lines": []string{"Storgata 1"}, "postcode": "0155", "city": "Oslo", "country": "NO"}
	older := personWith(t, s, "Kari", "Nordmann", vars{"email": "kari@example.no"})
	newer := personWith(t, s, "Kari", "Normann", vars{"email": "other@example.no", "mobile": "+4741234567", "address": house, "groupIds": []string{group}})
	club := newOrganization(t, s, "Club", nil)
	link(t, s, links(t, s)["MEMBER"], newer, club, nil)
	before := []string{whole(t, s, older), whole(t, s, newer)}
	ids := []string{newer, older}

	got := previewOf(t, s, vars{"ids": ids})
	require.Equal(t, []string{older, newer}, []string{got.Survivor.ID, got.Merged.ID}, "the older survives")
	require.Equal(t, []string{"address.city", "address.country", "address.lines", "address.postcode", "mobile"}, got.Taken, "what is empty is filled")
	require.Equal(t, "kari@example.no", got.Differences["email"].Before)
	require.Equal(t, "other@example.no", got.Differences["email"].After)
	require.Equal(t, "Normann", got.Differences["lastName"].After)
	require.NotContains(t, got.Differences, "firstName")
	moves := map[string]int{}
	for _, m := range got.Moves {
		moves[m.What] = m.Count
	}
	require.Equal(t, map[string]int{"GROUPS": 1, "LINKS": 1}, moves)
	require.Empty(t, got.Errors)
	take := []vars{{"attribute": "email", "from": newer}, {"attribute": "mobile", "from": older}}
	got = previewOf(t, s, vars{"ids": ids, "take": take})
	require.Contains(t, got.Taken, "email")
	require.NotContains(t, got.Taken, "mobile")
	require.Equal(t, before, []string{whole(t, s, older), whole(t, s, newer)})
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", mergePreview, vars{"i": vars{"ids": ids}})
	p.Refused(t, p.NewSite(t, "other").As(site.Operator), "NOT_FOUND", mergePreview, vars{"i": vars{"ids": ids}})

	id := merge(t, s, vars{"ids": ids, "take": take})
	var is struct {
		Email, Mobile string
		Address       struct{ City string }
		Groups        []struct{ Name string }
	}
	require.NoError(t, json.Unmarshal([]byte(whole(t, s, newer)), &is))
	require.Equal(t, []string{"other@example.no", "", "Oslo", "Juniors"}, []string{is.Email, is.Mobile, is.Address.City, is.Groups[0].Name})
	require.Empty(t, p.Payload(t, s.As(site.Operator), undoMerge, vars{"i": vars{"id": id}}, nil))
	require.Equal(t, before, []string{whole(t, s, older), whole(t, s, newer)})
}

// A merge that would put a contact above itself is refused with the circle, and nothing moves; without
// the link in between it works.
func TestMergeClosesNoCircle(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	l := links(t, s)
	a, b, c := s.NewPerson(t, "Anna", "A"), s.NewPerson(t, "Berit", "B"), s.NewPerson(t, "Cato", "C")
	link(t, s, l["PARENT"], a, b, nil)
	last := link(t, s, l["PARENT"], b, c, nil)
	before := []string{whole(t, s, a), whole(t, s, b), whole(t, s, c)}
	input := vars{"i": vars{"ids": []string{a, c}}}
	require.Equal(t, []string{"CYCLE ids"}, p.Payload(t, s.As(site.Operator), mergeContacts, input, nil))
	told := previewOf(t, s, vars{"ids": []string{a, c}})
	require.Len(t, told.Errors, 1)
	require.Contains(t, told.Errors[0].Message, "A Anna")
	require.Contains(t, told.Errors[0].Message, "B Berit")
	require.Equal(t, []string{"A Anna", "B Berit", "A Anna"}, told.Errors[0].Names)
	require.Empty(t, told.Moves)
	require.Equal(t, before, []string{whole(t, s, a), whole(t, s, b), whole(t, s, c)})

	// A parent and their child may become one: the link between them says nothing any more.
	merge(t, s, vars{"ids": []string{a, b}})
	// And a link that has ended closes no circle.
	const end = `mutation($i: UpdateAffiliationInput!) { updateAffiliation(input: $i) { affiliation { id } errors { code message path } } }`
	require.Empty(t, p.Payload(t, s.As(site.Operator), end, vars{"i": vars{"id": last, "until": "2020-01-01"}}, nil))
	merge(t, s, vars{"ids": []string{a, c}})
}

// S-112: whoever used the address of an organization that was merged uses the survivor's, follows it
// from then on, and gets the old one back when the merge is undone, whatever else has changed meanwhile.
func TestAddressFollowsTheSurvivor(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	at := func(city string) vars { return vars{"address": vars{"city": city, "country": "NO"}} }
	first, second := newOrganization(t, s, "Fjord Hall", at("Oslo")), newOrganization(t, s, "Fjord Hall AS", at("Bergen"))
	theirs := personWith(t, s, "Kari", "Nordmann", vars{"addressOf": first})
	moved := personWith(t, s, "Ola", "Nordmann", vars{"addressOf": second})
	type place struct {
		City string
		Of   string
	}
	lives := func(id string) place {
		t.Helper()
		var out struct {
			Contact struct {
				Address   struct{ City string }
				AddressOf *struct{ ID string }
			}
		}
		p.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { ... on Person { address { city } addressOf { id } } } }`, vars{"i": id}, &out)
		require.NotNil(t, out.Contact.AddressOf)
		return place{out.Contact.Address.City, out.Contact.AddressOf.ID}
	}
	require.Equal(t, place{"Bergen", second}, lives(moved))
	id := merge(t, s, vars{"ids": []string{first, second}})
	require.Equal(t, []place{{"Oslo", first}, {"Oslo", first}}, []place{lives(theirs), lives(moved)})
	update(t, s, vars{"id": moved, "note": "plays the flute"})
	require.Empty(t, p.Payload(t, s.As(site.Operator), undoMerge, vars{"i": vars{"id": id}}, nil))
	require.Equal(t, []place{{"Oslo", first}, {"Bergen", second}}, []place{lives(theirs), lives(moved)})
	require.Equal(t, "Bergen", entriesOf(t, s, moved)[0].Changes["address.city"].After)
	require.Contains(t, whole(t, s, moved), "plays the flute")

	// The other way round: the survivor takes the address, and its own users follow.
	id = merge(t, s, vars{"ids": []string{first, second}, "take": []vars{{"attribute": "address.city", "from": second}}})
	require.Equal(t, []place{{"Bergen", first}, {"Bergen", first}}, []place{lives(theirs), lives(moved)})
	update(t, s, vars{"id": first, "address": vars{"city": "Tromsø"}})
	require.Equal(t, []place{{"Tromsø", first}, {"Tromsø", first}}, []place{lives(theirs), lives(moved)})
	p.Refused(t, s.As(site.Operator), "CONFLICT", undoMerge, vars{"i": vars{"id": id}})
	update(t, s, vars{"id": first, "address": vars{"city": "Bergen"}})
	require.Empty(t, p.Payload(t, s.As(site.Operator), undoMerge, vars{"i": vars{"id": id}}, nil))
	require.Equal(t, []place{{"Oslo", first}, {"Bergen", second}}, []place{lives(theirs), lives(moved)})
}
