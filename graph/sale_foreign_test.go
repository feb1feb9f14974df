package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// foreign is all that another site has of sales, by what it is.
func foreign(t *testing.T, s *apptest.Site) map[string]string {
	t.Helper()
	p := s.Program
	theirs := map[string]string{"contact": s.NewPerson(t, "Theo", "Theirs"), "group": newGroup(t, s, "Theirs")}
	theirs["event"] = newEvent(t, s, "Theirs", nil)
	theirs["product"] = newTicket(t, s, theirs["event"], "Adult", 100)
	theirs["court"] = newProduct(t, s, vars{"kind": "RESOURCE", "name": "Court", "price": 100})
	theirs["plan"] = newProduct(t, s, vars{"kind": "MEMBERSHIP", "name": "Plan", "price": 100, "months": 12})
	theirs["passes"] = newProduct(t, s, vars{"kind": "PASS", "name": "Ten", "price": 100, "uses": 10})
	theirs["price"] = made(t, s, savePrice, "savePrice", "price", vars{"productId": theirs["product"], "groupId": theirs["group"], "amount": 1})
	theirs["quota"] = made(t, s, saveQuota, "saveQuota", "quota", vars{"productId": theirs["product"], "groupId": theirs["group"], "period": "EVER", "most": 9})
	theirs["offer"] = made(t, s, `mutation($i: CreateOfferInput!) { createOffer(input: $i) { offer { id } errors { code message path } } }`, "createOffer", "offer", vars{"type": "x", "name": "x", "groupId": theirs["group"]})
	var slots struct {
		CreateSlots struct{ Slots []struct{ ID string } }
	}
	require.Empty(t, p.Payload(t, s.As(site.Manager), createSlots, vars{"i": vars{"productId": theirs["court"], "startsAt": time.Now().AddDate(0, 0, 3), "minutes": 60, "capacity": 2, "inARow": 2}}, &slots))
	theirs["slot"], theirs["free"] = slots.CreateSlots.Slots[0].ID, slots.CreateSlots.Slots[1].ID
	o := does(t, s, s.SignIn(t, site.Operator), recordOrder, vars{"idempotencyKey": "1", "buyer": vars{"contactId": theirs["contact"]}, "payments": []vars{{"method": "CASH", "amount": 50}}, "lines": []vars{
		{"productId": theirs["product"]}, {"productId": theirs["court"], "slotId": theirs["slot"]}, {"productId": theirs["plan"]}, {"productId": theirs["passes"]},
	}})
	theirs["order"], theirs["line"], theirs["ticket"], theirs["code"] = o.ID, o.Lines[0].ID, o.Lines[0].Tickets[0].ID, o.Lines[0].Tickets[0].Code
	for _, table := range []string{"booking", "membership", "pass"} {
		var id string
		require.NoError(t, p.DB.Bun.NewRaw("SELECT id FROM "+table+" WHERE site_id = ?", s.ID).Scan(t.Context(), &id))
		theirs[table] = id
	}
	return theirs
}

// T-11, S-13: whatever is another site's, no input of sales takes it and no question finds it; nothing of theirs is changed by trying.
func TestSalesOfAnotherSite(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	theirs := foreign(t, other)
	tables := strings.Fields("event event_contact product product_price quota quota_use slot sale_order order_line ticket membership pass booking payment ledger_account ledger_entry offer order_return balance_change contact_sale")
	image := func() (out []string) {
		for _, table := range tables {
			var sum string
			require.NoError(t, p.DB.Bun.NewRaw("SELECT coalesce(md5(string_agg(t::text, ' ' ORDER BY t::text)), '') FROM "+table+" AS t WHERE site_id = ?", other.ID).Scan(t.Context(), &sum))
			out = append(out, table+sum)
		}
		return out
	}
	before := image()
	kari := s.NewPerson(t, "Kari", "Ours")
	event := newEvent(t, s, "Ours", nil)
	adult, court := newTicket(t, s, event, "Adult", 100), newProduct(t, s, vars{"kind": "RESOURCE", "name": "Court", "price": 100})
	own := does(t, s, s.SignIn(t, site.Operator), recordOrder, vars{"idempotencyKey": "1", "buyer": vars{"contactId": kari}, "lines": []vars{{"productId": adult}}})
	order := func(lines []vars, more vars) vars {
		in := vars{"idempotencyKey": uuid.NewString(), "buyer": vars{"contactId": kari}, "lines": lines}
		for k, v := range more {
			in[k] = v
		}
		return in
	}
	of := func(what string) vars { return vars{"contactId": theirs[what]} }
	line := []vars{{"productId": adult}}
	for name, c := range map[string]struct {
		mutation, input string
		in              vars
	}{
		"product":         {"recordOrder", "RecordOrderInput", order([]vars{{"productId": theirs["product"]}}, nil)},
		"slot":            {"recordOrder", "RecordOrderInput", order([]vars{{"productId": court, "slotId": theirs["free"]}}, nil)},
		"buyer":           {"recordOrder", "RecordOrderInput", order(line, vars{"buyer": of("contact")})},
		"payer":           {"recordOrder", "RecordOrderInput", order(line, vars{"payer": of("contact")})},
		"attendee":        {"recordOrder", "RecordOrderInput", order([]vars{{"productId": adult, "attendee": of("contact")}}, nil)},
		"payment":         {"recordPayment", "RecordPaymentInput", vars{"orderId": theirs["order"], "method": "CASH", "amount": 1, "idempotencyKey": "a"}},
		"return":          {"returnOrder", "ReturnOrderInput", vars{"orderId": theirs["order"], "idempotencyKey": "b"}},
		"return a line":   {"returnOrder", "ReturnOrderInput", vars{"orderId": own.ID, "lines": []vars{{"lineId": theirs["line"], "quantity": 1}}, "idempotencyKey": "c"}},
		"return a ticket": {"returnOrder", "ReturnOrderInput", vars{"orderId": own.ID, "tickets": []string{theirs["ticket"]}, "idempotencyKey": "d"}},
		"refund":          {"refund", "RefundInput", vars{"orderId": theirs["order"], "method": "CASH", "amount": 1, "idempotencyKey": "e"}},
		"deposit":         {"depositForContact", "ChangeBalanceInput", vars{"contactId": theirs["contact"], "balance": "HOLDING", "method": "CASH", "amount": 1, "idempotencyKey": "f"}},
		"withdraw":        {"withdrawForContact", "ChangeBalanceInput", vars{"contactId": theirs["contact"], "balance": "HOLDING", "method": "CASH", "amount": 1, "idempotencyKey": "g"}},
		"check in":        {"checkInTicket", "CheckInTicketInput", vars{"code": theirs["code"]}},
		"undo check-in":   {"undoCheckIn", "DeleteInput", vars{"id": theirs["ticket"]}},
		"use pass":        {"usePass", "UsePassInput", vars{"id": theirs["pass"]}},
		"end membership":  {"cancelMembership", "CancelMembershipInput", vars{"id": theirs["membership"]}},
		"renew":           {"renewMembership", "RenewMembershipInput", vars{"id": theirs["membership"]}},
		"free slot":       {"cancelBooking", "CancelBookingInput", vars{"id": theirs["booking"]}},
		"attended":        {"markBookingAttended", "MarkAttendedInput", vars{"id": theirs["booking"]}},
		"convert":         {"convertToMember", "ConvertToMemberInput", vars{"contactId": theirs["contact"], "planId": theirs["plan"]}},
		"their plan":      {"convertToMember", "ConvertToMemberInput", vars{"contactId": kari, "planId": theirs["plan"]}},
		"event":           {"updateEvent", "UpdateEventInput", vars{"id": theirs["event"], "name": "Mine"}},
		"organizer":       {"updateEvent", "UpdateEventInput", vars{"id": event, "organizerId": theirs["contact"]}},
		"publish":         {"publishEvent", "EventInput", vars{"id": theirs["event"]}},
		"cancel":          {"cancelEvent", "EventInput", vars{"id": theirs["event"]}},
		"their roles":     {"setEventContacts", "SetEventContactsInput", vars{"eventId": theirs["event"], "role": "PRODUCER", "contactIds": []string{}}},
		"their producer":  {"setEventContacts", "SetEventContactsInput", vars{"eventId": event, "role": "PRODUCER", "contactIds": []string{theirs["contact"]}}},
		"ticket type":     {"createProduct", "CreateProductInput", vars{"kind": "TICKET", "eventId": theirs["event"], "name": "x", "price": 1}},
		"supplier":        {"createProduct", "CreateProductInput", vars{"kind": "RESOURCE", "supplierId": theirs["contact"], "name": "x", "price": 1}},
		"change product":  {"updateProduct", "UpdateProductInput", vars{"id": theirs["product"], "price": 0}},
		"archive":         {"archiveProduct", "ArchiveProductInput", vars{"id": theirs["product"], "archived": true}},
		"make slots":      {"createSlots", "CreateSlotsInput", vars{"productId": theirs["court"], "startsAt": time.Now().AddDate(0, 0, 9), "minutes": 60}},
		"delete slot":     {"deleteSlot", "DeleteInput", vars{"id": theirs["free"]}},
		"price":           {"savePrice", "SavePriceInput", vars{"productId": theirs["product"], "groupId": theirs["group"], "amount": 0}},
		"their group":     {"savePrice", "SavePriceInput", vars{"productId": adult, "groupId": theirs["group"], "amount": 0}},
		"their plan's":    {"savePrice", "SavePriceInput", vars{"productId": adult, "planId": theirs["plan"], "amount": 0}},
		"delete price":    {"deletePrice", "DeleteInput", vars{"id": theirs["price"]}},
		"quota":           {"saveQuota", "SaveQuotaInput", vars{"productId": theirs["product"], "period": "DAY", "most": 0}},
		"quota's group":   {"saveQuota", "SaveQuotaInput", vars{"productId": adult, "groupId": theirs["group"], "period": "DAY", "most": 0}},
		"delete quota":    {"deleteQuota", "DeleteInput", vars{"id": theirs["quota"]}},
		"offer":           {"updateOffer", "UpdateOfferInput", vars{"id": theirs["offer"], "name": "Mine"}},
		"offer's group":   {"createOffer", "CreateOfferInput", vars{"type": "x", "name": "x", "groupId": theirs["group"]}},
	} {
		t.Run(name, func(t *testing.T) {
			r := p.Do(t, s.As(site.Manager), `mutation($i: `+c.input+`!) { `+c.mutation+`(input: $i) { errors { code } } }`, vars{"i": c.in})
			require.Regexp(t, `"(code|reason)":"(NOT_FOUND|UNKNOWN|INVALID_CONTACT)"`, r.Raw)
		})
	}
	for _, query := range []string{`order(id: $i) { id }`, `event(id: $i) { id }`, `product(id: $i) { id }`, `ticket(id: $i) { id }`, `contactMoney(contactId: $i) { credit }`, `node(id: $i) { id }`} {
		for _, id := range theirs {
			if id != theirs["code"] {
				p.Refused(t, s.As(site.Manager), "NOT_FOUND", `query($i: ID!) { `+query+` }`, vars{"i": id})
			}
		}
	}
	for _, filter := range []vars{{"contactId": theirs["contact"]}, {"eventId": theirs["event"]}, {"productId": theirs["product"]}, {"text": theirs["code"]}} {
		require.Contains(t, p.Do(t, s.As(site.Manager), listOrders, vars{"f": filter}).Raw, `"nodes":[]`)
	}
	quote := `query($i: [QuoteItemInput!]!, $c: ID) { quote(items: $i, contactId: $c) { items { label refusals { code } } } }`
	require.Contains(t, p.Do(t, s.As(site.Manager), quote, vars{"i": []vars{{"productId": theirs["product"]}}}).Raw, `"label":"","refusals":[{"code":"UNKNOWN"}]`)
	p.Refused(t, s.As(site.Manager), "NOT_FOUND", quote, vars{"i": line, "c": theirs["contact"]})
	require.Equal(t, before, image())

	for _, id := range []string{own.ID, event, adult} {
		require.Contains(t, p.Do(t, s.As(site.Viewer), `query($i: ID!) { node(id: $i) { id __typename } }`, vars{"i": id}).Raw, id)
	}
}
