package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// P-25: the same item costs differently by group; who is in several pays the least.
func TestGroupPrices(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	manager := s.As(site.Manager)
	adult := newTicket(t, s, newEvent(t, s, "Faust", nil), "Adult", 30_000)
	students, choir := newGroup(t, s, "Students"), newGroup(t, s, "Choir")
	anna := personWith(t, s, "Anna", "Alone", nil)
	stig := personWith(t, s, "Stig", "Student", vars{"groupIds": []string{students}})
	both := personWith(t, s, "Bo", "Both", vars{"groupIds": []string{students, choir}})
	price := made(t, s, savePrice, "savePrice", "price", vars{"productId": adult, "groupId": students, "amount": 20_000})
	require.Equal(t, price, made(t, s, savePrice, "savePrice", "price", vars{"productId": adult, "groupId": students, "amount": 15_000}), "a group has one price of a thing")
	made(t, s, savePrice, "savePrice", "price", vars{"productId": adult, "groupId": choir, "amount": 12_000})
	require.Equal(t, []string{"UNKNOWN groupId"}, p.Payload(t, manager, savePrice, vars{"i": vars{"productId": adult, "groupId": newGroup(t, other, "X"), "amount": 1}}, nil))
	require.Equal(t, []string{"UNKNOWN planId"}, p.Payload(t, manager, savePrice, vars{"i": vars{"productId": adult, "planId": adult, "amount": 1}}, nil), "a ticket is no membership")
	require.Equal(t, []string{"INVALID_NUMBER amount", "REQUIRED groupId"}, p.Payload(t, manager, savePrice, vars{"i": vars{"productId": adult, "amount": -1}}, nil))
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", savePrice, vars{"i": vars{"productId": adult, "groupId": choir, "amount": 1}})

	staff := s.SignIn(t, site.Operator) // who stands before them is known; see TestMemberPriceNeedsLogin
	for _, c := range []struct {
		who, rule string
		costs     int
	}{{anna, "", 30_000}, {stig, "Students", 15_000}, {both, "Choir", 12_000}} {
		costs, rule := sell(t, s, staff, c.who, adult, 1).priced(t)
		require.Equal(t, c.costs, costs)
		require.Equal(t, c.rule, rule)
	}
	r := p.Do(t, s.As(site.Viewer), `{ groups { name prices { amount product { name } } } products { nodes { prices { amount group { name } plan { name } } } } }`, nil)
	require.JSONEq(t, `{"data":{"groups":[{"name":"Choir","prices":[{"amount":12000,"product":{"name":"Adult"}}]},{"name":"Students","prices":[{"amount":15000,"product":{"name":"Adult"}}]}],
		"products":{"nodes":[{"prices":[{"amount":12000,"group":{"name":"Choir"},"plan":null},{"amount":15000,"group":{"name":"Students"},"plan":null}]}]}}}`, r.Raw)
	require.Empty(t, p.Payload(t, manager, deletePrice, vars{"i": vars{"id": price}}, nil))
	costs, _ := sell(t, s, staff, stig, adult, 1).priced(t)
	require.Equal(t, 30_000, costs)
}

// P-26: a group has booking rules of its own: its contacts have at most so many of a thing in a period, others as many as they like.
func TestGroupQuotas(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	manager, operator := s.As(site.Manager), s.As(site.Operator)
	adult := newTicket(t, s, newEvent(t, s, "Faust", nil), "Adult", 0)
	students := newGroup(t, s, "Students")
	anna := personWith(t, s, "Anna", "Alone", nil)
	stig := personWith(t, s, "Stig", "Student", vars{"groupIds": []string{students}})
	quota := made(t, s, saveQuota, "saveQuota", "quota", vars{"productId": adult, "groupId": students, "period": "MONTH", "most": 2})
	require.Empty(t, sell(t, s, operator, stig, adult, 2).At)
	require.Equal(t, []string{"QUOTA_USED lines.0.quantity"}, sell(t, s, operator, stig, adult, 1).At)
	require.Empty(t, sell(t, s, operator, anna, adult, 5).At)
	require.Equal(t, quota, made(t, s, saveQuota, "saveQuota", "quota", vars{"productId": adult, "groupId": students, "period": "MONTH", "most": 3}))
	require.Empty(t, sell(t, s, operator, stig, adult, 1).At)
	require.Equal(t, []string{"QUOTA_USED lines.0.quantity"}, sell(t, s, operator, stig, adult, 1).At)
	everybody := made(t, s, saveQuota, "saveQuota", "quota", vars{"productId": adult, "period": "EVER", "most": 1})
	require.Equal(t, []string{"QUOTA_USED lines.0.quantity"}, sell(t, s, operator, anna, adult, 2).At)
	r := p.Do(t, s.As(site.Viewer), `{ groups { quotas { period most product { name } } } products { nodes { quotas { period most group { name } } } } }`, nil)
	require.JSONEq(t, `{"data":{"groups":[{"quotas":[{"period":"MONTH","most":3,"product":{"name":"Adult"}}]}],
		"products":{"nodes":[{"quotas":[{"period":"MONTH","most":3,"group":{"name":"Students"}},{"period":"EVER","most":1,"group":null}]}]}}}`, r.Raw)
	for _, id := range []string{quota, everybody} {
		require.Empty(t, p.Payload(t, manager, deleteQuota, vars{"i": vars{"id": id}}, nil))
	}
	require.Empty(t, sell(t, s, operator, stig, adult, 9).At)
	require.Equal(t, []string{"INVALID_NUMBER most"}, p.Payload(t, manager, saveQuota, vars{"i": vars{"productId": adult, "period": "DAY", "most": -1}}, nil))
}

// T-22: members have their price and what is reserved for them when it is known that it is they: before staff, or signed in. A shop
// that only names them sells at the public price.
func TestMemberPriceNeedsLogin(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	staff, shop := s.SignIn(t, site.Operator), s.As(site.Operator)
	friend := newProduct(t, s, vars{"kind": "MEMBERSHIP", "name": "Friend", "price": 50_000, "months": 12})
	pass := newProduct(t, s, vars{"kind": "PASS", "name": "Ten swims", "price": 90_000, "uses": 10})
	only := newProduct(t, s, vars{"kind": "PASS", "name": "Members only", "price": 100, "uses": 1, "reserved": true})
	made(t, s, savePrice, "savePrice", "price", vars{"productId": pass, "planId": friend, "amount": 60_000})
	mia := s.NewPerson(t, "Mia", "Member")
	require.Equal(t, []string{"RESERVED lines.0.productId"}, sell(t, s, staff, mia, only, 1).At, "no member yet")
	require.Empty(t, sell(t, s, staff, mia, friend, 1).At)

	costs, rule := sell(t, s, staff, mia, pass, 1).priced(t)
	require.Equal(t, 60_000, costs)
	require.Equal(t, "Friend", rule)
	require.Empty(t, sell(t, s, staff, mia, only, 1).At)
	costs, rule = sell(t, s, shop, mia, pass, 1).priced(t)
	require.Equal(t, 90_000, costs)
	require.Empty(t, rule)
	require.Equal(t, []string{"RESERVED lines.0.productId"}, sell(t, s, shop, mia, only, 1).At)
}

// T-24: that members and organizers sign in is no setting: the API knows none, and the one for guests changes nothing of it.
func TestNoSettingForMembersLogin(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	for _, setting := range []string{"memberLoginRequired", "membersLoginRequired", "organizerLoginRequired", "organizersLoginRequired"} {
		r := p.Do(t, s.As(site.Manager), `mutation { updateSite(input: {`+setting+`: false}) { errors { code } } }`, nil)
		require.Contains(t, r.Raw, setting)
		require.Empty(t, r.Data)
	}
	friend := newProduct(t, s, vars{"kind": "MEMBERSHIP", "name": "Friend", "price": 0, "months": 12})
	adult := newTicket(t, s, newEvent(t, s, "Faust", nil), "Adult", 100)
	mia := s.NewPerson(t, "Mia", "Member")
	require.Empty(t, sell(t, s, s.SignIn(t, site.Operator), mia, friend, 1).At)
	for _, required := range []bool{false, true} {
		p.Must(t, s.As(site.Manager), updateSite, vars{"i": vars{"loginRequired": required}}, nil)
		require.Equal(t, []string{"LOGIN_REQUIRED lines.0.productId"}, sell(t, s, s.As(site.Operator), mia, adult, 1).At)
	}
}
