package graph_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

func matching(t *testing.T, s *apptest.Site, filter vars) []string {
	t.Helper()
	var out struct {
		Contacts struct{ Nodes []struct{ ID string } }
	}
	s.Program.Must(t, s.As(site.Viewer), `query($f: ContactFilter!) { contacts(filter: $f, first: 200) { nodes { id } } }`, vars{"f": filter}, &out)
	ids := []string{}
	for _, n := range out.Contacts.Nodes {
		ids = append(ids, n.ID)
	}
	return ids
}

func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(some, one) })
}

// S-78: has a connection of type X with contact Y; custom types of link too (G-07). And the relay
// criterion of S-68: a text compared with the relay's name.
func TestAffiliationFilter(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	l := links(t, s)
	var made struct {
		CreateLinkType struct{ LinkType struct{ ID, Kind string } }
	}
	p.Must(t, s.As(site.Manager), `mutation { createLinkType(input: {name: "Sponsor of", reverseName: "Sponsored by", translations: {fr: {name: "Parrain de", reverseName: "Parrainé par"}}}) { linkType { id kind } errors { code message path } } }`, nil, &made)
	sponsor := made.CreateLinkType.LinkType.ID
	require.Equal(t, "CUSTOM", made.CreateLinkType.LinkType.Kind)
	kari, ola := s.NewPerson(t, "Kari", "Ødegård"), s.NewPerson(t, "Ola", "Berg")
	fjord, fjell := newOrganization(t, s, "Fjørd IL", nil), newOrganization(t, s, "Fjell AS", nil)
	link(t, s, l["RELAY"], kari, fjord, vars{"role": "Trésorière"})
	link(t, s, l["MEMBER"], ola, fjord, vars{"role": "coach"})
	link(t, s, sponsor, fjell, ola, nil)
	all := []string{kari, ola, fjord, fjell}
	text := func(op, value string) vars { return vars{"op": op, "value": value} }
	for i, c := range []struct {
		leaf vars
		want []string
	}{
		{vars{}, all},
		{vars{"direction": "OUT"}, []string{kari, ola, fjell}},
		{vars{"kind": "RELAY", "contactId": fjord}, []string{kari}},
		{vars{"typeId": l["MEMBER"], "contactId": fjord}, []string{ola}},
		{vars{"typeId": sponsor, "contactId": ola}, []string{fjell}},
		{vars{"typeId": sponsor}, []string{fjell, ola}},
		{vars{"kind": "CUSTOM", "direction": "IN"}, []string{ola}},
		{vars{"kind": "RELAY", "contactId": fjell}, nil},
		{vars{"kind": "PARENT"}, nil},
		{vars{"kind": "RELAY", "direction": "OUT", "name": text("PREFIX", "fjord")}, []string{kari}},
		{vars{"kind": "RELAY", "direction": "OUT", "name": text("PREFIX", "fjell")}, nil},
		{vars{"kind": "RELAY", "direction": "IN", "name": text("PREFIX", "ode")}, []string{fjord}},
		{vars{"kind": "RELAY", "direction": "IN", "name": text("EQUALS", "Odegard")}, []string{fjord}},
		{vars{"kind": "RELAY", "direction": "IN", "name": text("CONTAINS", "berg")}, nil},
		{vars{"kind": "RELAY", "direction": "IN", "name": text("MATCHES", "kar")}, []string{fjord}}, // the relay's first name too
		{vars{"kind": "RELAY", "direction": "IN", "name": text("MATCHES", "*gard")}, []string{fjord}},
		{vars{"kind": "RELAY", "direction": "IN", "name": text("MATCHES", "Ødegård, k")}, []string{fjord}},
		{vars{"kind": "RELAY", "direction": "IN", "name": text("MATCHES", "Ødegård, o")}, nil},
		{vars{"role": text("EQUALS", "tresoriere"), "direction": "OUT"}, []string{kari}},
		{vars{"role": vars{"op": "EMPTY"}, "direction": "OUT"}, []string{fjell}},
	} {
		require.ElementsMatch(t, c.want, matching(t, s, vars{"affiliation": c.leaf}), "leaf %d: %v", i, c.leaf)
		require.ElementsMatch(t, without(all, c.want), matching(t, s, vars{"not": vars{"affiliation": c.leaf}}), "not leaf %d: %v", i, c.leaf)
	}
	theirs := p.NewSite(t, "theirs")
	const preview = `query($f: ContactFilter!) { segmentPreview(filter: $f) { count } }`
	for _, bad := range []vars{
		{"contactId": theirs.NewPerson(t, "Not", "Ours")}, {"typeId": links(t, theirs)["RELAY"]}, {"kind": "RELAY", "typeId": sponsor}, {"name": vars{"op": "PREFIX"}},
	} {
		p.Refused(t, s.As(site.Viewer), "BAD_INPUT", preview, vars{"f": vars{"affiliation": bad}})
	}
}

// Live segments hear of links, of their end, and of what happens to the contact at the other end.
func TestSegmentsFollowLinks(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	l := links(t, s)
	kari, club := s.NewPerson(t, "Kari", "Nordmann"), newOrganization(t, s, "Fjord IL", nil)
	id := newSegment(t, s, vars{"affiliation": vars{"kind": "MEMBER", "direction": "OUT", "name": vars{"op": "PREFIX", "value": "fjord"}}})
	byName := subscribe(t, p, s.As(site.Viewer), segmentChanged, vars{"id": id})
	byRole := subscribe(t, p, s.As(site.Viewer), `subscription { segmentChanged: segmentPreviewChanged(filter: {role: MEMBER}) { version count entered { id } left updated { id } resync } }`, nil)
	next := func(st *stream) segmentEvent {
		var e segmentEvent
		st.next(t, &e)
		return e
	}
	entered := func(st *stream) {
		e := next(st)
		require.Len(t, e.SegmentChanged.Entered, 1)
		require.Equal(t, kari, e.SegmentChanged.Entered[0].ID)
	}
	left := func(st *stream) { require.Equal(t, []string{kari}, next(st).SegmentChanged.Left) }
	next(byName)
	next(byRole)
	link(t, s, l["MEMBER"], kari, club, nil)
	entered(byName)
	entered(byRole)
	update(t, s, vars{"id": club, "name": "Fjell IL"})
	left(byName)
	update(t, s, vars{"id": club, "name": "Fjord IL"})
	entered(byName)
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { deleteContacts(input: {ids: [$i]}) { deletedIds errors { code } } }`, vars{"i": club}, nil)
	left(byName)
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { restoreContacts(input: {ids: [$i]}) { contacts { id } errors { code } } }`, vars{"i": club}, nil)
	entered(byName)
	_, err := p.DB.Pool.Exec(t.Context(), "DELETE FROM affiliation") // plain SQL: the log's key says whose it was
	require.NoError(t, err)
	left(byName)
}
