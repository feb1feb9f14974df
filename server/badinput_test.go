package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/account"
)

// tokens exchanges a code.
func (g *widget) tokens(code string) (out tokens) {
	g.e.t.Helper()
	got := g.post("/v1/token", map[string]string{"site": "club", "code": code, "verifier": g.verifier}, shop, "", nil)
	require.Equal(g.e.t, http.StatusOK, got.status, got.body)
	require.NoError(g.e.t, json.Unmarshal([]byte(got.body), &out))
	return out
}

// form posts as an HTML form does, with no header that tells where it comes from.
func (e *endUsers) form(path, contentType, body string) answer {
	e.t.Helper()
	r, err := http.NewRequestWithContext(e.t.Context(), http.MethodPost, e.url+path, strings.NewReader(body))
	require.NoError(e.t, err)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(e.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(e.t, err)
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// A code is bound to its site, origin, challenge, key and account, to a minute and to one use; each is wrong
// once, over HTTP, and whatever comes of a try the code is used up (D-06). The attempt is what the widget
// matches the code with; it travels with the code and is in no request.
func TestEachBindingOfACodeIsWrongOnce(t *testing.T) {
	t.Parallel()
	e := newEndUsers(t)
	other := e.widget()
	n := 0
	for name, wrong := range map[string]func(g *widget, in map[string]string) answer{
		"site": func(g *widget, in map[string]string) answer {
			in["site"] = "venue"
			return g.post("/v1/token", in, shop, "", nil)
		},
		"origin":    func(g *widget, in map[string]string) answer { return g.post("/v1/token", in, another, "", nil) },
		"no origin": func(g *widget, in map[string]string) answer { return g.post("/v1/token", in, "", "", nil) },
		"verifier": func(g *widget, in map[string]string) answer {
			in["verifier"] = other.verifier
			return g.post("/v1/token", in, shop, "", nil)
		},
		"no verifier": func(g *widget, in map[string]string) answer {
			delete(in, "verifier")
			return g.post("/v1/token", in, shop, "", nil)
		},
		"the challenge as verifier": func(g *widget, in map[string]string) answer {
			in["verifier"] = g.attempt.Challenge
			return g.post("/v1/token", in, shop, "", nil)
		},
		"key": func(_ *widget, in map[string]string) answer {
			other.nonce = e.accounts.Nonce()
			return other.post("/v1/token", in, shop, "", nil)
		},
		"account": func(g *widget, in map[string]string) answer {
			_, err := e.db.Bun.NewRaw("DELETE FROM account WHERE email LIKE 'binding%'").Exec(t.Context())
			require.NoError(t, err)
			return g.post("/v1/token", in, shop, "", nil)
		},
		"shut account": func(g *widget, in map[string]string) answer {
			_, err := e.db.Bun.NewRaw("UPDATE account SET disabled_at = now()").Exec(t.Context())
			require.NoError(t, err)
			return g.post("/v1/token", in, shop, "", nil)
		},
		"age": func(g *widget, in map[string]string) answer {
			e.wait(time.Minute)
			g.nonce = e.accounts.Nonce()
			return g.post("/v1/token", in, shop, "", nil)
		},
		"use": func(g *widget, in map[string]string) answer {
			require.Equal(t, http.StatusOK, g.post("/v1/token", in, shop, "", nil).status)
			return g.post("/v1/token", in, shop, "", nil)
		},
		"a letter": func(g *widget, in map[string]string) answer {
			in["code"] = in["code"][:len(in["code"])-1]
			return g.post("/v1/token", in, shop, "", nil)
		},
	} {
		g := e.widget()
		g.nonce = e.accounts.Nonce()
		n++
		in := map[string]string{"site": "club", "code": g.signUp("binding" + string(rune('a'+n)) + "@example.org"), "verifier": g.verifier}
		code := in["code"]
		got := wrong(g, in)
		require.Equal(t, http.StatusBadRequest, got.status, "%s: %s", name, got.body)
		require.Equal(t, account.ReasonInvalidGrant, got.reason(), name)
		require.NotContains(t, got.body, code, name)
		if name == "site" || name == "a letter" {
			continue // that was another code
		}
		g.nonce = e.accounts.Nonce()
		right := g.post("/v1/token", map[string]string{"site": "club", "code": code, "verifier": g.verifier}, shop, "", nil)
		require.Equal(t, account.ReasonInvalidGrant, right.reason(), "%s: the code was used up", name)
	}
}

// A proof works once, at each endpoint that takes one (RFC 9449 section 11.1).
func TestReplayedProofs(t *testing.T) {
	t.Parallel()
	e := newEndUsers(t)
	g := e.widget()
	g.nonce = e.accounts.Nonce()
	first := g.tokens(g.signUp("ada@example.org"))
	for _, c := range []struct {
		path, access string
		body         map[string]string
	}{
		{"/v1/token", "", map[string]string{"site": "club", "code": "x"}},
		{"/v1/refresh", "", map[string]string{"site": "club", "refresh_token": "x"}},
		{"/graphql", first.Access, map[string]string{}},
	} {
		proof := map[string]string{"DPoP": g.proof("POST", e.url+c.path, c.access)}
		once := g.post(c.path, c.body, shop, c.access, proof)
		require.NotEqual(t, account.ReasonInvalidProof, once.reason(), c.path)
		again := g.post(c.path, c.body, shop, c.access, proof)
		require.Equal(t, http.StatusUnauthorized, again.status, c.path)
		require.Contains(t, again.header.Get("WWW-Authenticate"), `DPoP error="`, c.path)
		if c.access == "" {
			require.Equal(t, account.ReasonInvalidProof, again.reason(), c.path)
		}
	}
}

// Origins are compared as they are: what a browser would not send for the registered page is another one.
func TestOriginsThatAreNotRegistered(t *testing.T) {
	t.Parallel()
	e := newEndUsers(t)
	g := e.widget()
	g.nonce = e.accounts.Nonce()
	in := map[string]string{"site": "club", "code": g.signUp("ada@example.org"), "verifier": g.verifier}
	for _, origin := range []string{
		"null", "https://example", "https://www.shop.example", "https://evil.shop.example", "https://shop.example.evil.example", "https://evilshop.example",
		"http://shop.example", "https://shop.example:443", "https://shop.example:8443", "https://shop.example.", "https://SHOP.example", "HTTPS://shop.example",
		"https://shop.example/", "https://user@shop.example", "https://shop.example#", "//shop.example", "shop.example", "https://shop.example, https://evil.example",
		"https://shop.example https://evil.example", "https://*", "*", "file://", "chrome-extension://shop.example", "https://shop.examp\u043be", "https://xn--shop-.example",
	} {
		got := g.post("/v1/token", in, origin, "", nil)
		require.Equal(t, http.StatusForbidden, got.status, "%s: %s", origin, got.body)
		require.Equal(t, "FORBIDDEN", got.reason(), origin)
		require.Contains(t, got.body, "Settings", "%s: what to do about it", origin)
		require.Empty(t, got.header.Get("Access-Control-Allow-Credentials"), origin)
	}
	require.Equal(t, http.StatusOK, g.post("/v1/token", in, shop, "", nil).status, "none of them used the code up")
}

// Headers of 8 KB are taken or refused, never a 500; beyond the server's limit it says so.
func TestLongHeaders(t *testing.T) {
	t.Parallel()
	e := newEndUsers(t)
	g := e.widget()
	long := strings.Repeat("x", 8<<10)
	for _, name := range []string{"DPoP", "Authorization", "Origin", "Cookie", "User-Agent", "Accept-Language", "Carnet-Site", "X-Request-Id", "Referer"} {
		for _, path := range []string{"/v1/token", "/v1/refresh", "/graphql", "/v1/checkout/x/redeem", "/v1/social/callback/club/idp", "/v1/email/x"} {
			got := g.post(path, map[string]string{"site": "club"}, shop, "", map[string]string{name: long})
			require.GreaterOrEqual(t, got.status, 400, name+" "+path)
			require.Less(t, got.status, 500, "%s %s: %s", name, path, got.body)
			require.NotContains(t, got.body, long[:200], name+" "+path)
		}
	}
}

// A form of another page posts without Origin, without Sec-Fetch-Site and without a proof: nothing changes state.
func TestFormPostsWithoutHeaders(t *testing.T) {
	t.Parallel()
	e := newEndUsers(t)
	g := e.widget()
	g.nonce = e.accounts.Nonce()
	code := g.signUp("ada@example.org")
	for _, path := range []string{"/v1/token", "/v1/refresh", "/graphql", "/v1/checkout/x/redeem", "/v1/social/callback/club/idp", "/v1/email/x", "/v1/email/cancel/x"} {
		for _, kind := range []string{"application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""} {
			got := e.form(path, kind, "site=club&code="+code+"&verifier="+g.verifier)
			require.GreaterOrEqual(t, got.status, 400, path+" "+kind)
			require.Less(t, got.status, 500, "%s %s: %s", path, kind, got.body)
			require.Empty(t, got.header.Get("Set-Cookie"), path)
		}
	}
	in := map[string]string{"site": "club", "code": code, "verifier": g.verifier}
	require.Equal(t, http.StatusOK, g.post("/v1/token", in, shop, "", nil).status, "the code is still there")
}
