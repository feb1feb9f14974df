package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// elsewhere are addresses that look like the page https://shop.example/welcome and are not, to some reader.
var elsewhere = []string{
	"https://evil.example/", "https://shop.example@evil.example/welcome", "https://shop.example:pw@evil.example/", "https://user@shop.example/welcome",
	`https://shop.example\@evil.example/`, `https://evil.example\@shop.example/welcome`, `https://shop.example\welcome`, `https:\\evil.example\welcome`,
	"//evil.example/welcome", "///evil.example", `/\evil.example`, "/welcome", "welcome", "https:evil.example", "https:/evil.example", "https:///evil.example/",
	"https://shop.example\t/welcome", "https://shop.example/wel\ncome", "\thttps://shop.example/welcome", " https://shop.example/welcome", "https://shop.example/welcome ",
	"https://shop.example%2f@evil.example/", "https://shop.example%00.evil.example/", "https://shop.example%252f.evil.example/", "https://evil.example%2f.shop.example/",
	"https://SHOP.example/welcome", "HTTPS://shop.example/welcome", "https://shop.example./welcome", "https://shop\u3002example/welcome", "https://sh\u043ep.example/welcome",
	"https://xn--shp-qed.example/welcome", "https://shop.example/welcome#", "https://shop.example/welcome#carnet=x.y", "https://shop.example#@evil.example/",
	"https://shop.example:443/welcome", "https://shop.example:8443/welcome", "http://shop.example/welcome", "https://shop.example?@evil.example/", "https://shop.example;@evil.example/",
	"https://shop.example", "https://shop.example.evil.example/welcome", "https://evilshop.example/welcome", "https://evil.shop.example/welcome", "https://example/welcome",
	"https://[::1]/welcome", "https://[::ffff:7f00:1]/", "https://2130706433/", "https://0x7f.1/", "https://127.0.0.1/welcome",
	"javascript:alert(1)", "javascript://shop.example/%0aalert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>", "blob:https://shop.example/x",
	"file:///etc/passwd", "vbscript:x", "https://shop.example/\u2028", "https://shop.example/\x7f",
}

// pages lie on the origin and are still not the registered one.
var otherPages = []string{
	"https://shop.example/", "https://shop.example/welcome/", "https://shop.example/Welcome", "https://shop.example/welcome?next=//evil.example", "https://shop.example/welcome;x=1",
	"https://shop.example/../welcome", "https://shop.example/welcome/..", "https://shop.example/a/../welcome", "https://shop.example//welcome", "https://shop.example/%77elcome",
	"https://shop.example/%2577elcome", "https://shop.example/welcome%2f", "https://shop.example/welcome%00", "https://shop.example/./welcome",
}

// Where a sign-in by redirect comes back to is the registered page to the letter, and a page on its origin to begin with.
func TestLandingAddresses(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	register := func(origin, landing string) []string {
		return p.Payload(t, s.As(site.Manager), `mutation($i: UpdateSiteInput!) { updateSite(input: $i) { errors { code message path } } }`,
			apptest.Vars{"i": apptest.Vars{"origins": []any{apptest.Vars{"origin": origin, "landingUrl": landing}}}}, nil)
	}
	for _, landing := range elsewhere {
		require.Equal(t, []string{"INVALID origins.0.landingUrl"}, register(shop, landing), "%q", landing)
	}
	for _, origin := range []string{
		"null", "*", "https://*", "https://*.shop.example", "https://shop.example/", "https://shop.example:443", "http://shop.example", "http://127.evil.example", "http://localhost.evil.example",
		"https://sh\u043ep.example", "https://shop.example.", "https://user@shop.example", "https://shop.example?", "https://shop.example#", `https://shop.example\`, "https://shop..example", "https://", "ftp://shop.example",
	} {
		require.Equal(t, []string{"INVALID_ORIGIN origins.0.origin"}, register(origin, origin+"/"), "%q", origin)
	}
	require.Empty(t, register(shop, shop+"/welcome"))
	require.NoError(t, p.Sites.SaveProvider(s.AsOwner(t.Context()), site.Provider{Kind: site.ProviderGitHub, Name: "github", Label: "GitHub", ClientID: "c"}, "s"))
	g := (&endUsers{t: t}).widget()
	start := func(landing string) *http.Response {
		q := url.Values{"site": {"club"}, "origin": {shop}, "mode": {"redirect"}, "landing": {landing}, "attempt": {g.attempt.ID}, "challenge": {g.attempt.Challenge}, "jkt": {g.attempt.JKT}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+"/v1/social/github/start?"+q.Encode(), nil)
		require.NoError(t, err)
		resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp
	}
	for _, landing := range append(otherPages, elsewhere...) {
		got := start(landing)
		require.Equal(t, http.StatusForbidden, got.StatusCode, "%q", landing)
		require.Empty(t, got.Header.Get("Location"), "%q", landing)
		require.Empty(t, got.Header.Get("Set-Cookie"), "%q", landing)
	}
	require.True(t, strings.HasPrefix(start(shop+"/welcome").Header.Get("Location"), "https://github.com/login/oauth/authorize?"))
	// The registered page is where one lands, whatever the address says.
	denied := start("")
	state, err := url.Parse(denied.Header.Get("Location"))
	require.NoError(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+"/v1/social/callback/club/github?error=access_denied&landing=https://evil.example/&state="+state.Query().Get("state"), nil)
	require.NoError(t, err)
	for _, c := range denied.Cookies() {
		r.AddCookie(c)
	}
	back, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	require.NoError(t, err)
	require.NoError(t, back.Body.Close())
	require.Equal(t, shop+"/welcome#carnet-error="+g.attempt.ID+".DENIED", back.Header.Get("Location"))
}

// A site that is deleted while its page is open: each question is refused and says why, none is a 500, and
// pages for people are pages.
func TestSiteThatIsDeleted(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	_, err := p.Sites.Update(s.AsOwner(t.Context()), site.Update{Origins: &[]site.Origin{{Origin: shop}}})
	require.NoError(t, err)
	other := p.NewSite(t, "venue") // has the same page
	_, err = p.Sites.Update(other.AsOwner(t.Context()), site.Update{Origins: &[]site.Origin{{Origin: shop}}})
	require.NoError(t, err)
	e := &endUsers{t: t, url: p.URL}
	g := e.widget()
	g.nonce = e.do("OPTIONS", "/v1/token", nil, map[string]string{"Origin": shop}).header.Get("DPoP-Nonce")
	require.Equal(t, http.StatusOK, e.do("GET", "/widgets/v1/sites/club", nil, map[string]string{"Origin": shop}).status)
	_, err = p.DB.Bun.NewRaw("DELETE FROM site WHERE public_id = 'club'").Exec(t.Context())
	require.NoError(t, err)

	for name, got := range map[string]answer{
		"token":    g.post("/v1/token", map[string]string{"site": "club", "code": "x"}, shop, "", nil),
		"refresh":  g.post("/v1/refresh", map[string]string{"site": "club", "refresh_token": "x"}, shop, "", nil),
		"graphql":  e.do("POST", "/graphql", map[string]string{"query": "{ widgetConfig { accountsEnabled } }"}, map[string]string{"Origin": shop, "Carnet-Site": "club", "Content-Type": "application/json"}),
		"manifest": e.do("GET", "/widgets/v1/sites/club", nil, map[string]string{"Origin": shop}),
	} {
		require.GreaterOrEqual(t, got.status, 400, name)
		require.Less(t, got.status, 500, "%s: %s", name, got.body)
		require.True(t, json.Valid([]byte(got.body)), "%s: %s", name, got.body)
		require.Contains(t, got.body, "site", "%s: %s", name, got.body)
		require.Contains(t, got.body, "NOT_FOUND", "%s: %s", name, got.body)
	}
	q := url.Values{"site": {"club"}, "origin": {shop}, "attempt": {g.attempt.ID}, "challenge": {g.attempt.Challenge}, "jkt": {g.attempt.JKT}}
	for _, path := range []string{"/v1/social/github/start?" + q.Encode(), "/v1/social/callback/club/github?state=x&code=y"} {
		page := e.do("GET", path, nil, map[string]string{"Accept-Language": "fr"})
		require.GreaterOrEqual(t, page.status, 400, path)
		require.Less(t, page.status, 500, path)
		require.Contains(t, page.body, `lang="fr"`, path)
	}
	redeem := e.do("POST", "/v1/checkout/x/redeem", map[string]string{"idempotencyKey": "k"}, map[string]string{"Authorization": "Basic Y2x1Yjp4"})
	require.Equal(t, http.StatusUnauthorized, redeem.status, redeem.body)
}
