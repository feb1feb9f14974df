package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	unpublishEvent = `mutation($i: EventInput!) { unpublishEvent(input: $i) { event { id state } errors { code message path } } }`
	refuseEvent    = `mutation($i: RefuseEventInput!) { refuseEvent(input: $i) { event { id state refusal } errors { code message path } } }`
	deleteEvent    = `mutation($i: DeleteInput!) { deleteEvent(input: $i) { deletedId errors { code message path } } }`
	deleteProduct  = `mutation($i: DeleteInput!) { deleteProduct(input: $i) { deletedId errors { code message path } } }`
)

// eventDeed sends a mutation about an event or a product as the manager.
func eventDeed(t *testing.T, s *apptest.Site, mutation, id string) []string {
	t.Helper()
	return s.Program.Payload(t, s.As(site.Manager), mutation, vars{"i": vars{"id": id}}, nil)
}

// catalogueStory gives what became of an event or a product, the newest first: action, reason, and who.
func catalogueStory(t *testing.T, s *apptest.Site, id string) (out []string) {
	t.Helper()
	var got struct {
		CatalogueHistory struct {
			Nodes []struct{ Name, Action, Reason, ActorName string }
		}
	}
	s.Program.Must(t, s.As(site.Viewer), `query($of: ID) { catalogueHistory(of: $of) { nodes { name action reason actorName } } }`, vars{"of": id}, &got)
	for _, e := range got.CatalogueHistory.Nodes {
		by := "staff"
		if e.ActorName == "" {
			by = "organizer"
		}
		out = append(out, strings.TrimSpace(e.Action+" "+e.Name+" by "+by+" "+e.Reason))
	}
	return out
}

// Issue 6: staff refuse what an organizer submitted, who reads why, mends it and hands it in again; then it is published. Each step is told.
func TestEventIsRefused(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	withShop(t, s)
	ada := newBrowser(t, s)
	ada.register("ada@example.no", "Ada", "Lovelace", "a long password")
	grants(t, s, true, true, true)
	fair := submitted(t, ada, "Fair")
	refuse := func(h apptest.Header, why string) []string {
		t.Helper()
		return p.Payload(t, h, refuseEvent, vars{"i": vars{"id": fair, "reason": why}}, nil)
	}
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", refuseEvent, vars{"i": vars{"id": fair, "reason": "No"}})
	p.Refused(t, other.As(site.Manager), "NOT_FOUND", refuseEvent, vars{"i": vars{"id": fair, "reason": "No"}})
	require.Equal(t, []string{"REQUIRED reason"}, refuse(s.As(site.Manager), " \n"))
	require.Equal(t, []string{"TOO_LONG reason"}, refuse(s.As(site.Manager), strings.Repeat("é", 1001)))
	require.Empty(t, refuse(s.As(site.Manager), "Say where it is."))
	require.Equal(t, []string{"NOT_SUBMITTED "}, refuse(s.As(site.Manager), "Twice"))

	var mine struct {
		Me struct {
			Events struct {
				Nodes []struct{ State, Refusal string }
			}
		}
	}
	p.Must(t, ada.header("/graphql"), `{ me { events { nodes { state refusal } } } }`, nil, &mine)
	require.Equal(t, []struct{ State, Refusal string }{{"REFUSED", "Say where it is."}}, mine.Me.Events.Nodes)
	require.Empty(t, p.Payload(t, ada.header("/graphql"), updateMyEvent, vars{"i": vars{"id": fair, "place": "Park"}}, nil))
	p.Must(t, ada.header("/graphql"), `{ me { events { nodes { state refusal } } } }`, nil, &mine)
	require.Equal(t, []struct{ State, Refusal string }{{"SUBMITTED", ""}}, mine.Me.Events.Nodes)
	require.Empty(t, eventDeed(t, s, publishEvent, fair))
	require.Empty(t, eventDeed(t, s, publishEvent, fair), "it is so already")
	require.Empty(t, p.Payload(t, ada.header("/graphql"), cancelMyEvent, vars{"i": fair}, nil))
	require.Equal(t, []string{"CANCELLED Fair by organizer", "PUBLISHED Fair by staff", "SUBMITTED Fair by organizer", "REFUSED Fair by staff Say where it is.", "SUBMITTED Fair by organizer"},
		catalogueStory(t, s, fair))
	require.Empty(t, catalogueStory(t, other, fair))
	p.Refused(t, ada.header("/graphql"), "UNAUTHENTICATED", `{ catalogueHistory { nodes { name } } }`, nil)

	// As many as may wait wait: what was refused comes not on top of them.
	last := submitted(t, ada, "Last")
	require.Empty(t, p.Payload(t, s.As(site.Manager), refuseEvent, vars{"i": vars{"id": last, "reason": "No"}}, nil))
	for i := range 20 {
		submitted(t, ada, "Series "+string(rune('a'+i)))
	}
	require.Equal(t, []string{"TOO_MANY "}, p.Payload(t, ada.header("/graphql"), updateMyEvent, vars{"i": vars{"id": last, "place": "Park"}}, nil))
}

// Issue 6: a published event becomes a draft again, and a draft is deleted, as long as nobody has bought for it and no offer names it; its history stays.
// A ticket of a cancelled event opens no door.
func TestEventIsTakenBack(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	kari := s.NewPerson(t, "Kari", "Nordmann")
	unsold, bought := newEvent(t, s, "Unsold", vars{"capacity": 10}), newEvent(t, s, "Bought", nil)
	product := newTicket(t, s, unsold, "Adult", 100)
	ticket := newTicket(t, s, bought, "Adult", 100)
	require.Empty(t, sell(t, s, s.As(site.Operator), kari, ticket, 1).At)

	p.Refused(t, s.As(site.Operator), "FORBIDDEN", unpublishEvent, vars{"i": vars{"id": unsold}})
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", deleteEvent, vars{"i": vars{"id": unsold}})
	require.Equal(t, []string{"PUBLISHED "}, eventDeed(t, s, deleteEvent, unsold))
	require.Empty(t, eventDeed(t, s, unpublishEvent, unsold))
	require.Equal(t, []string{"NOT_PUBLISHED "}, eventDeed(t, s, unpublishEvent, unsold))
	require.Equal(t, []string{"NOT_ON_SALE lines.0.productId"}, sell(t, s, s.As(site.Operator), kari, product, 1).At)
	require.Equal(t, []string{"SOLD "}, eventDeed(t, s, unpublishEvent, bought))

	group := made(t, s, `mutation($i: CreateGroupInput!) { createGroup(input: $i) { group { id } errors { code message path } } }`, "createGroup", "group", vars{"name": "Friends"})
	offer := made(t, s, `mutation($i: CreateOfferInput!) { createOffer(input: $i) { offer { id } errors { code message path } } }`, "createOffer", "offer",
		vars{"type": "Discount", "name": "Half price", "groupId": group, "productId": product})
	require.Equal(t, []string{"IN_USE "}, eventDeed(t, s, deleteEvent, unsold))
	require.Equal(t, []string{"IN_USE "}, eventDeed(t, s, deleteProduct, product))
	require.Empty(t, p.Payload(t, s.As(site.Manager), `mutation($i: UpdateOfferInput!) { updateOffer(input: $i) { errors { code message path } } }`, vars{"i": vars{"id": offer, "productId": nil}}, nil))
	require.Empty(t, eventDeed(t, s, deleteEvent, unsold))
	p.Refused(t, s.As(site.Manager), "NOT_FOUND", deleteEvent, vars{"i": vars{"id": unsold}})
	p.Refused(t, s.As(site.Manager), "NOT_FOUND", deleteProduct, vars{"i": vars{"id": product}})
	require.Equal(t, []string{"DELETED Unsold by staff", "UNPUBLISHED Unsold by staff", "PUBLISHED Unsold by staff"}, catalogueStory(t, s, unsold))

	// Products: what nobody ever had goes, with its prices; else it says what stands against it.
	plan := newProduct(t, s, vars{"kind": "MEMBERSHIP", "name": "Gold", "price": 100})
	require.Empty(t, p.Payload(t, s.As(site.Manager), savePrice, vars{"i": vars{"productId": ticket, "planId": plan, "amount": 50}}, nil))
	require.Equal(t, []string{"IN_USE "}, eventDeed(t, s, deleteProduct, plan))
	require.Equal(t, []string{"SOLD "}, eventDeed(t, s, deleteProduct, ticket))
	pass := newProduct(t, s, vars{"kind": "PASS", "name": "Ten", "price": 100, "uses": 10})
	require.Empty(t, p.Payload(t, s.As(site.Manager), archiveProduct, vars{"i": vars{"id": pass, "archived": true}}, nil))
	require.Empty(t, p.Payload(t, s.As(site.Manager), archiveProduct, vars{"i": vars{"id": pass, "archived": true}}, nil))
	require.Empty(t, p.Payload(t, s.As(site.Manager), archiveProduct, vars{"i": vars{"id": pass, "archived": false}}, nil))
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", deleteProduct, vars{"i": vars{"id": pass}})
	require.Empty(t, eventDeed(t, s, deleteProduct, pass))
	require.Equal(t, []string{"DELETED Ten by staff", "RESTORED Ten by staff", "ARCHIVED Ten by staff"}, catalogueStory(t, s, pass))

	var code string
	require.NoError(t, p.DB.Pool.QueryRow(t.Context(), "SELECT code FROM ticket WHERE product_id = $1", ticket).Scan(&code))
	require.Empty(t, eventDeed(t, s, cancelEvent, bought))
	require.Equal(t, []string{"EVENT_CANCELLED code"}, p.Payload(t, s.As(site.Operator), `mutation($i: CheckInTicketInput!) { checkInTicket(input: $i) { errors { code message path } } }`, vars{"i": vars{"code": code}}, nil))
	require.Equal(t, []string{"EVENT_CANCELLED "}, eventDeed(t, s, deleteEvent, bought))

	// Pages of the whole history.
	type page struct {
		CatalogueHistory struct {
			Nodes    []struct{ Name, At string }
			PageInfo struct {
				EndCursor   string
				HasNextPage bool
			}
		}
	}
	var all, part page
	p.Must(t, s.As(site.Viewer), `{ catalogueHistory { nodes { name at } pageInfo { hasNextPage } } }`, nil, &all)
	after, names := any(nil), 0
	for {
		p.Must(t, s.As(site.Viewer), `query($a: String) { catalogueHistory(first: 3, after: $a) { nodes { name at } pageInfo { endCursor hasNextPage } } }`, vars{"a": after}, &part)
		names += len(part.CatalogueHistory.Nodes)
		if !part.CatalogueHistory.PageInfo.HasNextPage {
			break
		}
		after = part.CatalogueHistory.PageInfo.EndCursor
	}
	require.Len(t, all.CatalogueHistory.Nodes, names)
	at, err := time.Parse(time.RFC3339, all.CatalogueHistory.Nodes[0].At)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), at, time.Minute)
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", `{ catalogueHistory(after: "x") { nodes { name } } }`, nil)
}
