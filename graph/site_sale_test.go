package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// T-10: what organizers may do with their own events are three settings, each by itself. Bands of spending and the period of
// assiduity are the site's too (G-11, G-12); its currency changes only while nothing has a price.
func TestSaleSettings(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	change := func(in vars) []string { return p.Payload(t, s.As(site.Manager), updateSite, vars{"i": in}, nil) }
	read := func() string {
		return p.Do(t, s.As(site.Viewer), `{ site { currency organizersView organizersEdit organizersCancel spendMedium spendLarge assiduityDays } }`, nil).Raw
	}
	require.JSONEq(t, `{"data":{"site":{"currency":"NOK","organizersView":true,"organizersEdit":false,"organizersCancel":false,"spendMedium":10000,"spendLarge":50000,"assiduityDays":365}}}`, read())
	require.Empty(t, change(vars{"organizersCancel": true}))
	require.Empty(t, change(vars{"currency": "EUR", "spendMedium": 20_000, "spendLarge": 90_000, "assiduityDays": 90, "organizersView": false}))
	require.JSONEq(t, `{"data":{"site":{"currency":"EUR","organizersView":false,"organizersEdit":false,"organizersCancel":true,"spendMedium":20000,"spendLarge":90000,"assiduityDays":90}}}`, read())
	require.Equal(t, []string{"INVALID_NUMBER spendMedium", "INVALID_NUMBER assiduityDays"}, change(vars{"spendMedium": 0, "assiduityDays": 0}))
	require.Equal(t, []string{"INVALID_NUMBER spendLarge"}, change(vars{"spendMedium": 90_000}))
	for _, wrong := range []string{"eur", "XX", "ABCDE", ""} {
		require.Equal(t, []string{"INVALID currency"}, change(vars{"currency": wrong}), wrong)
	}
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", updateSite, vars{"i": vars{"organizersEdit": true}})

	gift := newProduct(t, s, vars{"kind": "PASS", "name": "Gift", "price": 0, "uses": 1})
	require.Empty(t, change(vars{"currency": "USD"}))
	require.Empty(t, p.Payload(t, s.As(site.Manager), updateProduct, vars{"i": vars{"id": gift, "price": 1}}, nil))
	require.Equal(t, []string{"PRICED currency"}, change(vars{"currency": "NOK"}))
	require.Empty(t, p.Payload(t, s.As(site.Manager), updateProduct, vars{"i": vars{"id": gift, "price": 0}}, nil))
	require.Empty(t, sell(t, s, s.As(site.Operator), s.NewPerson(t, "Kari", "N"), gift, 1).At)
	require.Equal(t, []string{"PRICED currency"}, change(vars{"currency": "NOK"}))
	require.Empty(t, change(vars{"currency": "USD", "organizersEdit": true}), "the same is no change")
}
