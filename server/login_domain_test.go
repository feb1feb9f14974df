package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/site"
)

const (
	shopLogin    = "login.shop.example"    // of club
	visitedLogin = "login.visited.example" // of venue
	shopTickets  = "https://tickets.shop.example"
)

// newLoginDomains is a server whose two sites have login domains, as if their DNS had been looked at: TestCheckLoginDomain does.
func newLoginDomains(t *testing.T) *endUsers {
	t.Helper()
	e := newEndUsers(t)
	e.origins(shop, another, shopTickets)
	for publicID, domain := range map[string]string{"club": shopLogin, "venue": visitedLogin} {
		_, err := e.db.Bun.NewRaw("UPDATE site SET login_domain = ?, login_domain_verified_at = now() WHERE public_id = ?", domain, publicID).Exec(t.Context())
		require.NoError(t, err)
	}
	return e
}

func (e *endUsers) origins(list ...string) {
	e.t.Helper()
	rows := make([]site.Origin, len(list))
	for i, o := range list {
		rows[i].Origin = o
	}
	_, err := e.sites.Update(e.staff(e.site), site.Update{Origins: &rows})
	require.NoError(e.t, err)
}

// domainPage is a page that has loaded the widgets from a login domain, with the browser's cookies of that.
type domainPage struct {
	*widget
	domain, origin string
	cookie         *http.Cookie
}

func (e *endUsers) domainPage(domain, origin string) *domainPage {
	return &domainPage{widget: e.widget(), domain: domain, origin: origin}
}

// send posts as the page does; header is laid over what that sends.
func (p *domainPage) send(path string, body any, access string, header map[string]string) answer {
	p.e.t.Helper()
	all := map[string]string{"Host": p.domain, "DPoP": p.proof("POST", "https://"+p.domain+path, access), "Sec-Fetch-Site": "same-site"}
	if p.cookie != nil {
		all["Cookie"] = p.cookie.Name + "=" + p.cookie.Value
	}
	for k, v := range header {
		all[k] = v
	}
	a := p.post(path, body, p.origin, access, all)
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		p.cookie = c
	}
	return a
}

// enter signs somebody up and gives the access token.
func (p *domainPage) enter(email string) string {
	p.e.t.Helper()
	in := map[string]string{"site": "club", "code": p.signUpFrom(email, p.origin), "verifier": p.verifier}
	require.Equal(p.e.t, account.ReasonUseNonce, p.send("/v1/token", in, "", nil).reason())
	return p.granted(p.send("/v1/token", in, "", nil))
}

// granted gives the access token of an answer, which holds no refresh token.
func (p *domainPage) granted(a answer) string {
	p.e.t.Helper()
	require.Equal(p.e.t, http.StatusOK, a.status, a.body)
	var out map[string]any
	require.NoError(p.e.t, json.Unmarshal([]byte(a.body), &out))
	require.NotContains(p.e.t, out, "refresh_token")
	require.NotContains(p.e.t, a.body, p.cookie.Value)
	return out["access_token"].(string) //nolint:forcetypeassert // a test
}

func (p *domainPage) refresh(header map[string]string) answer {
	return p.send("/v1/refresh", map[string]string{"site": "club"}, "", header)
}

// D-05: on a login domain the refresh token is a cookie that no script reads, and rotates as ever.
func TestLoginDomainKeepsTheRefreshTokenInACookie(t *testing.T) {
	t.Parallel()
	e := newLoginDomains(t)
	p := e.domainPage(shopLogin, shop)
	access := p.enter("ada@example.org")
	first := *p.cookie
	require.Regexp(t, "^__Host-carnet-session-[0-9a-f]{8}$", first.Name)
	require.True(t, first.HttpOnly)
	require.True(t, first.Secure)
	require.Equal(t, http.SameSiteStrictMode, first.SameSite)
	require.Equal(t, "/", first.Path)
	require.Empty(t, first.Domain)
	require.InDelta(t, (30 * 24 * time.Hour).Seconds(), first.MaxAge, 5, "as long as the session may stay unused")

	called := p.send("/graphql", map[string]any{}, access, map[string]string{"Carnet-Site": "club"})
	require.Equal(t, "ada@example.org", called.body)
	require.Equal(t, shop, called.header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "true", called.header.Get("Access-Control-Allow-Credentials"))
	require.Contains(t, called.header.Values("Vary"), "Origin")

	p.granted(p.refresh(nil))
	require.NotEqual(t, first.Value, p.cookie.Value)
	second := *p.cookie
	p.cookie = &first
	p.granted(p.refresh(nil)) // its answer was lost
	require.Equal(t, second.Value, p.cookie.Value, "the same successor")

	thief := e.domainPage(shopLogin, shop)
	thief.cookie, thief.nonce = &second, p.nonce
	stolen := thief.refresh(nil)
	require.Equal(t, account.ReasonInvalidGrant, stolen.reason(), "without the page's key")
	p.granted(p.refresh(nil)) // and nothing ended

	e.wait(11 * time.Second)
	newest := *p.cookie
	p.cookie = &first
	late := p.refresh(nil)
	require.Equal(t, account.ReasonInvalidGrant, late.reason(), "it was copied")
	require.Equal(t, -1, p.cookie.MaxAge, "the cookie goes")
	p.cookie = &newest
	require.Equal(t, account.ReasonInvalidGrant, p.refresh(nil).reason(), "and the session has ended")
}

// Pages of two origins share a login domain, and neither ends nor uses the other's session.
func TestLoginDomainOfSeveralOrigins(t *testing.T) {
	t.Parallel()
	e := newLoginDomains(t)
	p, q := e.domainPage(shopLogin, shop), e.domainPage(shopLogin, shopTickets)
	p.enter("ada@example.org")
	q.enter("bob@example.org")
	require.NotEqual(t, p.cookie.Name, q.cookie.Name)
	both := map[string]string{"Cookie": p.cookie.Name + "=" + p.cookie.Value + "; " + q.cookie.Name + "=" + q.cookie.Value}
	p.granted(p.refresh(both))
	q.granted(q.refresh(both))
	foreign := p.refresh(map[string]string{"Cookie": p.cookie.Name + "=" + q.cookie.Value})
	require.Equal(t, account.ReasonInvalidGrant, foreign.reason())
}

// Who may use a login domain, and for what: each binding wrong once.
func TestLoginDomainRefusals(t *testing.T) {
	t.Parallel()
	e := newLoginDomains(t)
	p := e.domainPage(shopLogin, shop)
	access := p.enter("ada@example.org")
	kept := *p.cookie
	forbidden := func(why string, a answer, says string) {
		t.Helper()
		require.Equal(t, http.StatusForbidden, a.status, why+a.body)
		require.Contains(t, a.body, says, why)
		require.Empty(t, a.header.Get("Set-Cookie"), why)
	}
	elsewhere := p.refresh(map[string]string{"Origin": another})
	forbidden("a registered origin of another domain", elsewhere, another)
	require.Empty(t, elsewhere.header.Get("Access-Control-Allow-Credentials"))
	forbidden("an origin of nobody", p.refresh(map[string]string{"Origin": "https://evil.shop.example"}), "evil.shop.example")
	forbidden("null", p.refresh(map[string]string{"Origin": "null"}), "null")
	forbidden("plain http", p.refresh(map[string]string{"Origin": "http://shop.example"}), "http://shop.example")
	forbidden("no origin", p.refresh(map[string]string{"Origin": ""}), "another site's page")
	forbidden("not from a browser", p.refresh(map[string]string{"Origin": "", "Sec-Fetch-Site": ""}), "names no Origin")
	forbidden("a form of another site's page", e.do("POST", "/v1/refresh", map[string]string{"site": "club"}, map[string]string{
		"Host": shopLogin, "Cookie": kept.Name + "=" + kept.Value, "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}), "evil.example")
	forbidden("the other site's name", p.send("/v1/refresh", map[string]string{"site": "venue"}, "", nil), "another site")
	preflight := e.do("OPTIONS", "/v1/refresh", nil, map[string]string{"Host": shopLogin, "Origin": another, "Access-Control-Request-Method": "POST"})
	require.Empty(t, preflight.header.Get("Access-Control-Allow-Credentials"))
	preflight = e.do("OPTIONS", "/v1/refresh", nil, map[string]string{"Host": shopLogin, "Origin": shop, "Access-Control-Request-Method": "POST"})
	require.Equal(t, "true", preflight.header.Get("Access-Control-Allow-Credentials"))

	// The other site's domain takes neither this site's cookie nor its page, also when it is told this site's name.
	v := e.domainPage(visitedLogin, visited)
	v.cookie, v.nonce = &kept, p.nonce
	forbidden("this site at the other's domain", v.refresh(nil), visited)
	v.widget, v.origin = p.widget, shop
	forbidden("this site's page at the other's domain", v.refresh(nil), shop)

	// A proof is for the address that was asked, and the cookie for its domain.
	wrong := p.refresh(map[string]string{"DPoP": p.proof("POST", e.url+"/v1/refresh", "")})
	require.Equal(t, http.StatusUnauthorized, wrong.status)
	p.cookie = nil
	require.Equal(t, account.ReasonInvalidGrant, p.refresh(nil).reason(), "without the cookie")
	p.cookie = nil
	require.Equal(t, account.ReasonInvalidGrant, p.send("/v1/refresh", map[string]string{"site": "club", "refresh_token": kept.Value}, "", nil).reason(), "a token in the body is not read")
	atOwn := map[string]string{"Cookie": kept.Name + "=" + kept.Value}
	require.Equal(t, account.ReasonInvalidGrant, p.post("/v1/refresh", map[string]string{"site": "club"}, shop, "", atOwn).reason(), "nor a cookie at the server's own address")

	// A name that is not verified is nobody's: the server answers as itself.
	unknown := p.send("/graphql", map[string]any{}, access, map[string]string{"Host": "login.unknown.example"})
	require.Equal(t, http.StatusUnauthorized, unknown.status)
	require.Empty(t, unknown.header.Get("Access-Control-Allow-Credentials"))
	for _, path := range []string{"/admin/", "/v1/staff/session", "/v1/uploads", "/v1/checkout/x/redeem", "/metrics", "/widgets/v1/preview", "/v1/exports/x"} {
		got := e.do("GET", path, nil, map[string]string{"Host": shopLogin})
		require.Equal(t, http.StatusNotFound, got.status, path)
		require.Contains(t, got.body, e.url, path)
	}
}

// D-08: a provider sends people back to the address where they began, whose cookie binds them.
func TestLoginDomainWithProvider(t *testing.T) {
	t.Parallel()
	e := newLoginDomains(t)
	require.NoError(t, e.sites.SaveProvider(e.staff(e.site), site.Provider{Name: "git", Label: "Git", Kind: site.ProviderGitHub, ClientID: "c"}, "secret"))
	g := e.widget()
	start := func(host, publicID string) answer {
		q := url.Values{"site": {publicID}, "origin": {shop}, "mode": {"redirect"}, "attempt": {g.attempt.ID}, "challenge": {g.attempt.Challenge}, "jkt": {g.attempt.JKT}}
		return e.do("GET", "/v1/social/git/start?"+q.Encode(), nil, map[string]string{"Host": host})
	}
	sent := start(shopLogin, "club")
	require.Equal(t, http.StatusSeeOther, sent.status, sent.body)
	to, err := url.Parse(sent.header.Get("Location"))
	require.NoError(t, err)
	require.Equal(t, "https://"+shopLogin+"/v1/social/callback/club/git", to.Query().Get("redirect_uri"))
	require.True(t, strings.HasPrefix(sent.header.Get("Set-Cookie"), "__Host-carnet-bind="), sent.header.Get("Set-Cookie"))
	require.Equal(t, http.StatusForbidden, start(visitedLogin, "club").status)
	state, _, _ := strings.Cut(sent.header.Get("Set-Cookie"), ";")
	back := "/v1/social/callback/club/git?" + url.Values{"state": {to.Query().Get("state")}, "code": {"c"}}.Encode()
	require.NotEqual(t, http.StatusSeeOther, e.do("GET", back, nil, map[string]string{"Host": visitedLogin, "Cookie": state}).status, "another site's domain")
	require.Equal(t, http.StatusSeeOther, e.do("GET", back, nil, map[string]string{"Host": shopLogin, "Cookie": state}).status)
}
