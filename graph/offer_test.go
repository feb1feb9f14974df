package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// S-42, S-43: the summary lists what is reserved for a contact, by their segments and groups, with type, offer, information, whom it
// is for and how many there are; nobody else has it, and not beyond its days. Who is signed in sees their own.
func TestOffers(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	other := p.NewSite(t, "other")
	ada, bo := s.NewPerson(t, "Ada", "Lovelace"), s.NewPerson(t, "Bo", "Else")
	as := s.As(site.Manager)
	var group struct {
		CreateGroup struct{ Group struct{ ID string } }
	}
	p.Must(t, as, `mutation { createGroup(input: {name: "Friends"}) { group { id } errors { code message path } } }`, nil, &group)
	friends := group.CreateGroup.Group.ID
	p.Must(t, as, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { errors { code message path } } }`, vars{"i": vars{"id": ada, "groupIds": []string{friends}}}, nil)
	var seg struct {
		CreateSegment struct{ Segment struct{ ID string } }
	}
	p.Must(t, as, `mutation { createSegment(input: {name: "Bos", rule: {text: {column: FIRST_NAME, op: EQUALS, value: "Bo"}}}) { segment { id } errors { code message path } } }`, nil, &seg)
	create := `mutation($i: CreateOfferInput!) { createOffer(input: $i) { offer { id } errors { code message path } } }`
	offered := func(in vars) []string { return p.Payload(t, as, create, vars{"i": in}, nil) }
	require.Empty(t, offered(vars{"type": "Discount", "name": "Half price", "information": "Stalls only", "groupId": friends, "available": 20, "endsOn": "2999-12-31"}))
	require.Empty(t, offered(vars{"type": "Presale", "name": "A week early", "segmentId": seg.CreateSegment.Segment.ID}))
	require.Empty(t, offered(vars{"type": "Presale", "name": "Long gone", "groupId": friends, "endsOn": "2001-01-01"}))
	read := `query($id: ID!) { contact(id: $id) { offers { type name information left endsOn group { name } segment { name } } } }`
	type offer struct {
		Type, Name, Information string
		Left                    *int
		EndsOn                  *string
		Group, Segment          *struct{ Name string }
	}
	of := func(id string) []offer {
		var out struct{ Contact struct{ Offers []offer } }
		p.Must(t, s.As(site.Viewer), read, vars{"id": id}, &out)
		return out.Contact.Offers
	}
	twenty, day := 20, "2999-12-31"
	require.Equal(t, []offer{{Type: "Discount", Name: "Half price", Information: "Stalls only", Left: &twenty, EndsOn: &day, Group: &struct{ Name string }{"Friends"}}}, of(ada))
	require.Equal(t, []offer{{Type: "Presale", Name: "A week early", Segment: &struct{ Name string }{"Bos"}}}, of(bo))

	require.Equal(t, []string{"REQUIRED name", "REQUIRED segmentId"}, offered(vars{"type": "x", "name": " "}))
	require.Equal(t, []string{"REQUIRED segmentId"}, offered(vars{"type": "x", "name": "y", "groupId": friends, "segmentId": seg.CreateSegment.Segment.ID}))
	require.Equal(t, []string{"UNKNOWN groupId"}, p.Payload(t, other.As(site.Manager), create, vars{"i": vars{"type": "x", "name": "y", "groupId": friends}}, nil))
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", create, vars{"i": vars{"type": "x", "name": "y", "groupId": friends}})

	withShop(t, s)
	b := newBrowser(t, s)
	b.register("ada@club.example", "Ada", "Byron", "correct horse battery")
	mine := idOf(t, s, "ada@club.example")
	p.Must(t, as, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { errors { code message path } } }`, vars{"i": vars{"id": mine, "groupIds": []string{friends}}}, nil)
	var me struct {
		Me struct{ Offers []struct{ Name string } }
	}
	p.Must(t, b.header("/graphql"), `{ me { offers { name } } }`, nil, &me)
	require.Equal(t, []struct{ Name string }{{"Half price"}}, me.Me.Offers)
}
