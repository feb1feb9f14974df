package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// Managers write the catalogue, viewers read it, of their own site only. What is malformed is told at its place.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	elsewhere := newEvent(t, other, "Elsewhere", vars{"reference": "faust"})
	faust := newEvent(t, s, "Faust à l'Opéra", vars{"capacity": 3, "place": "Storsalen", "reference": "faust"})
	adult := newTicket(t, s, faust, "Adult", 30_000)
	kari := s.NewPerson(t, "Kari", "Nordmann")
	manager := s.As(site.Manager)

	p.Refused(t, s.As(site.Operator), "FORBIDDEN", createEvent, vars{"i": vars{"name": "x", "startsAt": "2030-01-01T10:00:00Z", "endsAt": "2030-01-01T11:00:00Z"}})
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", createProduct, vars{"i": vars{"kind": "RESOURCE", "name": "x", "price": 1}})
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", `{ events { nodes { id } } }`, nil)
	require.Equal(t, []string{"REQUIRED name", "INVALID_URL url", "INVALID_DATE endsAt", "INVALID_NUMBER capacity", "UNKNOWN organizerId"},
		p.Payload(t, manager, createEvent, vars{"i": vars{
			"name": " ", "startsAt": "2030-01-01T10:00:00Z", "endsAt": "2030-01-01T09:00:00Z", "url": "javascript:alert(1)", "capacity": -1, "organizerId": other.NewPerson(t, "O", "Other"),
		}}, nil))
	require.Equal(t, []string{"TAKEN reference"}, p.Payload(t, manager, createEvent, vars{"i": vars{"name": "x", "startsAt": "2030-01-01T10:00:00Z", "endsAt": "2030-01-01T11:00:00Z", "reference": "faust"}}, nil))
	p.Refused(t, manager, "NOT_FOUND", updateEvent, vars{"i": vars{"id": elsewhere, "name": "Mine"}})
	require.Equal(t, []string{"UNKNOWN eventId"}, p.Payload(t, manager, createProduct, vars{"i": vars{"kind": "TICKET", "eventId": elsewhere, "name": "x", "price": 1}}, nil))
	require.Equal(t, []string{"REQUIRED eventId"}, p.Payload(t, manager, createProduct, vars{"i": vars{"kind": "TICKET", "name": "x", "price": 1}}, nil))
	require.Equal(t, []string{"INVALID_NUMBER price", "INVALID months", "REQUIRED uses"}, p.Payload(t, manager, createProduct, vars{"i": vars{"kind": "PASS", "name": "x", "price": -1, "months": 3}}, nil))

	require.Empty(t, sell(t, s, s.As(site.Operator), kari, adult, 2).At)
	require.Equal(t, []string{"BELOW_SOLD capacity"}, p.Payload(t, manager, updateEvent, vars{"i": vars{"id": faust, "capacity": 1}}, nil), "below what is sold")
	require.Equal(t, []string{"BELOW_SOLD capacity"}, p.Payload(t, manager, updateProduct, vars{"i": vars{"id": adult, "capacity": 1}}, nil))
	require.Empty(t, p.Payload(t, manager, updateProduct, vars{"i": vars{"id": adult, "capacity": 2, "name": "Adults"}}, nil), "what was sold before the limit counts")
	require.Equal(t, []string{"SOLD_OUT lines.0.quantity"}, sell(t, s, s.As(site.Operator), kari, adult, 1).At)

	read := func(search, more string) string {
		return p.Do(t, s.As(site.Viewer), `query($s: String) { events(search: $s`+more+`) { nodes { name taken left ticketTypes { name price capacity taken } } } }`, vars{"s": search}).Raw
	}
	require.JSONEq(t, `{"data":{"events":{"nodes":[{"name":"Faust à l'Opéra","taken":2,"left":1,"ticketTypes":[{"name":"Adults","price":30000,"capacity":2,"taken":2}]}]}}}`, read("OPERA storsal", ", time: COMING, states: [PUBLISHED]"))
	require.JSONEq(t, `{"data":{"events":{"nodes":[]}}}`, read("faust%", ""))
	require.JSONEq(t, `{"data":{"events":{"nodes":[]}}}`, read("", ", time: PAST"))

	require.Empty(t, p.Payload(t, manager, archiveProduct, vars{"i": vars{"id": adult}}, nil))
	require.Equal(t, []string{"NOT_ON_SALE lines.0.productId"}, sell(t, s, s.As(site.Operator), kari, adult, 1).At)
	require.Empty(t, p.Payload(t, manager, cancelEvent, vars{"i": vars{"id": faust}}, nil))
	for _, m := range []string{publishEvent, cancelEvent} {
		require.Equal(t, []string{"EVENT_CANCELLED "}, p.Payload(t, manager, m, vars{"i": vars{"id": faust}}, nil))
	}
	require.Equal(t, []string{"EVENT_CANCELLED "}, p.Payload(t, manager, updateEvent, vars{"i": vars{"id": faust, "name": "Again"}}, nil))
}

// Lists of events and products go on where a page ends.
func TestCataloguePages(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	for _, name := range []string{"C", "A", "B", "A"} {
		newProduct(t, s, vars{"kind": "PASS", "name": name, "price": 100, "uses": 10})
		newEvent(t, s, name, nil)
	}
	walk := func(list string) (names string) {
		type page struct {
			Nodes    []struct{ Name string }
			PageInfo struct {
				HasNextPage bool
				EndCursor   string
			}
		}
		var after any
		for {
			var out map[string]page
			p.Must(t, s.As(site.Viewer), `query($a: String) { `+list+`, first: 1, after: $a) { nodes { name } pageInfo { hasNextPage endCursor } } }`, vars{"a": after}, &out)
			for _, one := range out {
				require.Len(t, one.Nodes, 1)
				names += one.Nodes[0].Name
				if !one.PageInfo.HasNextPage {
					return names
				}
				after = one.PageInfo.EndCursor
			}
		}
	}
	require.Equal(t, "AABC", walk("products(kinds: [PASS]"))
	require.Equal(t, "CABA", walk("events(time: COMING"))
	require.Equal(t, "ABAC", walk("events(time: ANY"))
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", `{ events(after: "x") { nodes { id } } }`, nil)
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", `{ products(first: 201) { nodes { id } } }`, nil)
}

// A resource's slots are made one after the other and again on other days, at the same hour when the clocks change. What was
// booked stays.
func TestSlots(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club") // Oslo
	manager := s.As(site.Manager)
	court := newProduct(t, s, vars{"kind": "RESOURCE", "name": "Court 1", "price": 20_000})
	pass := newProduct(t, s, vars{"kind": "PASS", "name": "Ten", "price": 20_000, "uses": 10})
	year := time.Now().Year() + 1
	october := time.Date(year, 10, 31, 0, 0, 0, 0, time.UTC) // clocks go back on its last Sunday
	last := october.AddDate(0, 0, -int(october.Weekday()))
	saturday := last.AddDate(0, 0, -1).Add(8 * time.Hour) // ten in summer
	in := vars{"productId": court, "startsAt": saturday.Format(time.RFC3339), "minutes": 60, "inARow": 2, "every": 1, "until": last.Format(time.DateOnly)}
	var out struct {
		CreateSlots struct {
			Slots []struct{ ID, StartsAt string }
		}
	}
	require.Empty(t, p.Payload(t, manager, createSlots, vars{"i": in}, &out))
	var starts []string
	for _, one := range out.CreateSlots.Slots {
		at, err := time.Parse(time.RFC3339, one.StartsAt)
		require.NoError(t, err)
		starts = append(starts, at.UTC().Format("Mon 15"))
	}
	require.Equal(t, []string{"Sat 08", "Sat 09", "Sun 09", "Sun 10"}, starts)
	require.Equal(t, []string{"TAKEN startsAt"}, p.Payload(t, manager, createSlots, vars{"i": in}, nil))
	require.Equal(t, []string{"WRONG_KIND productId"}, p.Payload(t, manager, createSlots, vars{"i": vars{"productId": pass, "startsAt": in["startsAt"], "minutes": 60}}, nil))
	in["until"] = last.AddDate(2, 0, 0).Format(time.DateOnly)
	require.Equal(t, []string{"TOO_LONG until"}, p.Payload(t, manager, createSlots, vars{"i": in}, nil))

	first := out.CreateSlots.Slots[0].ID
	book := vars{"idempotencyKey": "1", "buyer": vars{"contactId": s.NewPerson(t, "Kari", "N")}, "lines": []vars{{"productId": court, "slotId": first}}}
	require.Empty(t, p.Payload(t, s.As(site.Operator), recordSale, vars{"i": book}, nil))
	require.Equal(t, []string{"IN_USE id"}, p.Payload(t, manager, deleteSlot, vars{"i": vars{"id": first}}, nil))
	require.Empty(t, p.Payload(t, manager, deleteSlot, vars{"i": vars{"id": out.CreateSlots.Slots[3].ID}}, nil))
	r := p.Do(t, s.As(site.Viewer), `query($i: ID!) { product(id: $i) { slots { nodes { left } } } }`, vars{"i": court})
	require.JSONEq(t, `{"data":{"product":{"slots":{"nodes":[{"left":0},{"left":1},{"left":1}]}}}}`, r.Raw)
}

// S-08, S-09, S-10, S-11: guides, suppliers, partners and producers are picked from contacts of that type, and no others are taken.
func TestEventRoles(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	manager := s.As(site.Manager)
	event := newEvent(t, s, "Faust", nil)
	plain := s.NewPerson(t, "Nils", "Nobody")
	for _, role := range []string{"GUIDE", "SUPPLIER", "PARTNER", "PRODUCER"} {
		right := personWith(t, s, "Anna "+role, "Right", vars{"types": []string{role}})
		away := personWith(t, other, "Anna", "Right", vars{"types": []string{role}})
		trashed := personWith(t, s, "Anna", "Right", vars{"types": []string{role}})
		p.Must(t, s.As(site.Operator), `mutation($i: ID!) { deleteContacts(input: {ids: [$i]}) { errors { code } } }`, vars{"i": trashed}, nil)
		var found struct{ RoleCandidates []struct{ ID string } }
		p.Must(t, s.As(site.Viewer), `query($r: EventRole!) { roleCandidates(role: $r, search: "right") { id } }`, vars{"r": role}, &found)
		require.Equal(t, []struct{ ID string }{{right}}, found.RoleCandidates, "those of the type are offered, and only those")
		set := func(ids ...string) []string {
			return p.Payload(t, manager, setEventContacts, vars{"i": vars{"eventId": event, "role": role, "contactIds": ids}}, nil)
		}
		require.Equal(t, []string{"UNKNOWN contactIds.1", "UNKNOWN contactIds.2", "UNKNOWN contactIds.3"}, set(right, plain, away, trashed))
		require.Empty(t, set(right, right))
		if role == "SUPPLIER" { // S-09, of what is sold
			require.Equal(t, []string{"UNKNOWN supplierId"}, p.Payload(t, manager, createProduct, vars{"i": vars{"kind": "RESOURCE", "name": "Room", "price": 1, "supplierId": plain}}, nil))
			newProduct(t, s, vars{"kind": "RESOURCE", "name": "Room", "price": 1, "supplierId": right})
		}
	}
	r := p.Do(t, s.As(site.Viewer), `query($i: ID!) { event(id: $i) { contacts { role contact { displayName } } } products(kinds: [RESOURCE]) { nodes { supplier { displayName } } } }`, vars{"i": event})
	require.JSONEq(t, `{"data":{"event":{"contacts":[
		{"role":"PRODUCER","contact":{"displayName":"RIGHT Anna PRODUCER"}},{"role":"GUIDE","contact":{"displayName":"RIGHT Anna GUIDE"}},
		{"role":"SUPPLIER","contact":{"displayName":"RIGHT Anna SUPPLIER"}},{"role":"PARTNER","contact":{"displayName":"RIGHT Anna PARTNER"}}]},
		"products":{"nodes":[{"supplier":{"displayName":"RIGHT Anna SUPPLIER"}}]}}}`, r.Raw)
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", setEventContacts, vars{"i": vars{"eventId": event, "role": "GUIDE", "contactIds": []string{}}})
}

// Visitors see what is published and not over, without what is sold of it, and of that the tickets that are on sale.
func TestPublicEvents(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	newEvent(t, other, "Elsewhere", nil)
	faust := newEvent(t, s, "Faust", vars{"capacity": 10})
	newTicket(t, s, faust, "Adult", 100)
	require.Empty(t, p.Payload(t, s.As(site.Manager), archiveProduct, vars{"i": vars{"id": newTicket(t, s, faust, "Old", 100)}}, nil))
	gone := newEvent(t, s, "Gone", nil)
	require.Empty(t, p.Payload(t, s.As(site.Manager), cancelEvent, vars{"i": vars{"id": gone}}, nil))
	made(t, s, createEvent, "createEvent", "event", vars{"name": "Draft", "startsAt": "2090-01-01T10:00:00Z", "endsAt": "2090-01-01T11:00:00Z"})
	newEvent(t, s, "Over", vars{"startsAt": "2020-01-01T10:00:00Z", "endsAt": "2020-01-01T11:00:00Z"})
	seen := p.Do(t, s.Visitor(), `{ publicEvents { nodes { name left ticketTypes { name price } } } }`, nil)
	require.JSONEq(t, `{"data":{"publicEvents":{"nodes":[{"name":"Faust","left":10,"ticketTypes":[{"name":"Adult","price":100}]}]}}}`, seen.Raw)
	for _, hidden := range []string{"taken", "reference", "organizer { id }", "contacts { role }", "sales { sold }", "ticketTypes { taken }", "ticketTypes { prices { amount } }"} {
		require.Contains(t, p.Do(t, s.Visitor(), `{ publicEvents { nodes { `+hidden+` } } }`, nil).Raw, "UNAUTHENTICATED", hidden)
	}
}
