package graph_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	saveThirdParty   = `mutation($i: SaveThirdPartyWidgetInput!) { saveThirdPartyWidget(input: $i) { errors { code message path } } }`
	deleteThirdParty = `mutation($i: DeleteThirdPartyWidgetInput!) { deleteThirdPartyWidget(input: $i) { errors { code message path } } }`
	readThirdParties = `{ site { thirdPartyWidgets { tag name page grants } } }`
)

type thirdParties struct {
	Site struct {
		ThirdPartyWidgets []struct {
			Tag, Name, Page string
			Grants          []string
		}
	}
}

// An owner registers widgets of others; they are checked, noted, told to pages of that site, and gone when removed.
func TestThirdPartyWidgets(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "venue")
	owner := s.SignIn(t, site.Owner)
	in := func(change vars) vars {
		out := vars{"tag": "x-acme-weather", "name": "Weather", "page": "https://acme.example/w/", "grants": []string{"EMAIL", "SIGNED_IN", "EMAIL"}}
		for k, v := range change {
			out[k] = v
		}
		return vars{"i": out}
	}
	for _, c := range []struct {
		change vars
		errors []string
	}{
		{vars{"tag": "carnet-login"}, []string{"INVALID_TAG tag"}},
		{vars{"tag": "x-acme"}, []string{"INVALID_TAG tag"}},
		{vars{"tag": "x-Acme-weather"}, []string{"INVALID_TAG tag"}},
		{vars{"tag": "x-acme-weather]"}, []string{"INVALID_TAG tag"}},
		{vars{"tag": "x-acme-" + fmt.Sprintf("%060d", 1)}, []string{"INVALID_TAG tag"}},
		{vars{"name": " ", "page": ""}, []string{"REQUIRED name", "INVALID_URL page"}},
		{vars{"name": fmt.Sprintf("%081d", 1)}, []string{"TOO_LONG name"}},
		{vars{"page": "http://acme.example/w/"}, []string{"INVALID_URL page"}},
		{vars{"page": "javascript:alert(1)//"}, []string{"INVALID_URL page"}},
		{vars{"page": "data:text/html,x"}, []string{"INVALID_URL page"}},
		{vars{"page": "https://acme.example@evil.example/"}, []string{"INVALID_URL page"}},
		{vars{"page": "https://acme.example"}, []string{"INVALID_URL page"}},
		{vars{"page": "https://acme.example/#x"}, []string{"INVALID_URL page"}},
		{vars{"page": `https://acme.example/\evil`}, []string{"INVALID_URL page"}},
		{vars{"tag": "x-acme-local", "page": "http://localhost:8080/w/?site=1"}, nil},
		{nil, nil},
	} {
		require.ElementsMatch(t, c.errors, p.Payload(t, owner, saveThirdParty, in(c.change), nil), c.change)
	}
	p.Refused(t, owner, "BAD_INPUT", saveThirdParty, in(vars{"grants": []string{"PASSWORD"}}))
	require.Empty(t, p.Payload(t, owner, saveThirdParty, in(vars{"name": "Weather by Acme"}), nil), "one of the same tag is changed")

	var out thirdParties
	p.Must(t, s.As(site.Manager), readThirdParties, nil, &out)
	require.Len(t, out.Site.ThirdPartyWidgets, 2)
	require.Equal(t, "Weather by Acme", out.Site.ThirdPartyWidgets[1].Name)
	require.Equal(t, []string{"SIGNED_IN", "EMAIL"}, out.Site.ThirdPartyWidgets[1].Grants)
	_, manifest := p.HTTP(t, http.MethodGet, "/widgets/v1/sites/club", nil, "", nil)
	require.Contains(t, manifest, `"thirdParty":{"name":"Weather by Acme","page":"https://acme.example/w/","grants":["signed_in","email"]}`)

	// Another site sees and changes nothing of it.
	p.Must(t, other.As(site.Manager), readThirdParties, nil, &out)
	require.Empty(t, out.Site.ThirdPartyWidgets)
	p.Refused(t, other.SignIn(t, site.Owner), "NOT_FOUND", deleteThirdParty, vars{"i": vars{"tag": "x-acme-weather"}})
	_, manifest = p.HTTP(t, http.MethodGet, "/widgets/v1/sites/venue", nil, "", nil)
	require.NotContains(t, manifest, "x-acme")

	for _, query := range []string{saveThirdParty, deleteThirdParty} {
		variables := in(nil)
		if query == deleteThirdParty {
			variables = vars{"i": vars{"tag": "x-acme-weather"}}
		}
		p.Refused(t, s.As(site.Manager), "FORBIDDEN", query, variables)
		p.Refused(t, s.Visitor(), "UNAUTHENTICATED", query, variables)
	}
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", readThirdParties, nil)

	require.Empty(t, p.Payload(t, owner, deleteThirdParty, vars{"i": vars{"tag": "x-acme-weather"}}, nil))
	_, manifest = p.HTTP(t, http.MethodGet, "/widgets/v1/sites/club", nil, "", nil)
	require.NotContains(t, manifest, "x-acme-weather")
	var events struct{ EmbedEvents []struct{ Kind, What string } }
	p.Must(t, owner, `{ embedEvents { kind what } }`, nil, &events)
	require.Equal(t, "THIRD_PARTY_REMOVED", events.EmbedEvents[0].Kind)
	require.Equal(t, "x-acme-weather", events.EmbedEvents[0].What)
	require.Equal(t, "THIRD_PARTY_SAVED", events.EmbedEvents[1].Kind)
}

func TestThirdPartyWidgetsAreLimited(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	owner := p.NewSite(t, "club").SignIn(t, site.Owner)
	save := func(n int) []string {
		return p.Payload(t, owner, saveThirdParty, vars{"i": vars{"tag": fmt.Sprintf("x-acme-w%d", n), "name": "W", "page": "https://acme.example/", "grants": []string{}}}, nil)
	}
	for n := range 20 {
		require.Empty(t, save(n))
	}
	require.Equal(t, []string{"TOO_LONG tag"}, save(20))
	require.Empty(t, save(19), "one that is there may still be changed")
}
