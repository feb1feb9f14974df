package server_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/secret"
	"carnet/internal/site"
)

const (
	shop    = "https://shop.example"
	visited = "https://visited.example" // registered by the other site only
	another = "https://another.example"
)

// From a code to an answer, over HTTP, from another origin: preflight, nonce, tokens, call, refresh.
func TestTokensOverHTTP(t *testing.T) {
	t.Parallel()
	e := newEndUsers(t)
	preflight := e.do("OPTIONS", "/v1/token", nil, map[string]string{"Origin": shop, "Access-Control-Request-Method": "POST"})
	require.Equal(t, http.StatusNoContent, preflight.status)
	require.Equal(t, shop, preflight.header.Get("Access-Control-Allow-Origin"))
	require.Contains(t, preflight.header.Get("Access-Control-Allow-Headers"), "DPoP")
	require.Empty(t, preflight.header.Get("Access-Control-Allow-Credentials"))
	// A page of an origin that nobody registered may read that it is refused, and nothing else.
	refused := e.do("POST", "/graphql", map[string]any{}, map[string]string{"Origin": "https://evil.example", "Carnet-Site": "club"})
	require.Equal(t, http.StatusForbidden, refused.status)
	require.Equal(t, "FORBIDDEN", refused.reason())
	require.Contains(t, refused.body, "https://evil.example")
	require.Equal(t, "https://evil.example", refused.header.Get("Access-Control-Allow-Origin"))

	g := e.widget()
	in := map[string]string{"site": "club", "code": g.signUp("ada@example.org"), "verifier": g.verifier}
	got := g.post("/v1/token", in, shop, "", nil)
	require.Equal(t, http.StatusUnauthorized, got.status)
	require.Equal(t, account.ReasonUseNonce, got.reason())
	require.Contains(t, got.header.Get("WWW-Authenticate"), `error="use_dpop_nonce"`)
	require.Contains(t, got.header.Get("Access-Control-Expose-Headers"), "DPoP-Nonce")
	require.Equal(t, "FORBIDDEN", g.post("/v1/token", in, visited, "", nil).reason(), "an origin of another site")

	got = g.post("/v1/token", in, shop, "", nil)
	require.Equal(t, http.StatusOK, got.status, got.body)
	require.Equal(t, shop, got.header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "no-store", got.header.Get("Cache-Control"))
	var first, second tokens
	require.NoError(t, json.Unmarshal([]byte(got.body), &first))
	require.Equal(t, "DPoP", first.Type)
	require.Equal(t, 300, first.Expires)
	require.Equal(t, account.ReasonInvalidGrant, g.post("/v1/token", in, shop, "", nil).reason(), "once")

	call := func(header map[string]string, origin string) answer {
		return g.post("/graphql", map[string]any{}, origin, first.Access, header)
	}
	require.Equal(t, "ada@example.org", call(nil, shop).body)
	require.Equal(t, "ada@example.org", call(map[string]string{"Carnet-Site": "club"}, shop).body)
	for name, bad := range map[string]answer{
		"another site":   call(map[string]string{"Carnet-Site": "venue"}, shop),
		"another origin": call(nil, visited),
		"another key":    e.widget().post("/graphql", nil, shop, first.Access, nil),
		"no proof":       e.do("POST", "/graphql", nil, map[string]string{"Origin": shop, "Authorization": "DPoP " + first.Access}),
		"Bearer":         call(map[string]string{"Authorization": "Bearer " + first.Access}, shop),
		"another method": e.do("GET", "/graphql", nil, map[string]string{"Origin": shop, "Authorization": "DPoP " + first.Access, "DPoP": g.proof("POST", e.url+"/graphql", first.Access)}),
		"another token":  call(map[string]string{"DPoP": g.proof("POST", e.url+"/graphql", "other")}, shop),
	} {
		require.Equal(t, http.StatusUnauthorized, bad.status, name)
	}
	got = g.post("/v1/refresh", map[string]string{"site": "club", "refresh_token": first.Refresh}, shop, "", nil)
	require.Equal(t, http.StatusOK, got.status, got.body)
	require.NoError(t, json.Unmarshal([]byte(got.body), &second))
	require.NotEqual(t, first.Refresh, second.Refresh)
	require.Equal(t, http.StatusBadRequest, g.post("/v1/refresh", map[string]string{"site": "venue", "refresh_token": second.Refresh}, shop, "", nil).status)
	require.Equal(t, http.StatusNotFound, g.post("/v1/refresh", map[string]string{"site": "nope"}, shop, "", nil).status)
	require.Equal(t, http.StatusBadRequest, g.post("/v1/refresh", "not an object", shop, "", nil).status)
	require.Equal(t, http.StatusMethodNotAllowed, e.do("GET", "/v1/token", nil, nil).status)
}

// A mail scanner that fetches the link changes nothing; the button does, and the page speaks the person's language.
func TestEmailPages(t *testing.T) {
	t.Parallel()
	e := newEndUsers(t)
	g := e.widget()
	require.NoError(t, e.accounts.SignUp(e.visitor(), account.SignUp{Attempt: g.attempt, Email: "ada@example.org", LastName: "L"}))
	path := strings.TrimPrefix((<-e.mails).Data["link"], e.url)
	for range 3 {
		page := e.do("GET", path, nil, map[string]string{"Accept-Language": "fr"})
		require.Equal(t, http.StatusOK, page.status)
		require.Contains(t, page.body, `<form method="post">`)
		require.Contains(t, page.body, "Club &amp; &lt;Co&gt;")
		require.Contains(t, page.body, "Ja, det er meg", "the language of the mail")
		require.NotContains(t, page.body, `class="number"`)
		require.Contains(t, page.header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
		require.Equal(t, "same-origin", page.header.Get("Referrer-Policy"))
		require.Equal(t, "no-store", page.header.Get("Cache-Control"))
	}
	page := e.do("POST", path, nil, nil)
	number := regexp.MustCompile(`role="status">([0-9]{2})<`).FindStringSubmatch(page.body)
	require.Len(t, number, 2, page.body)
	code, err := e.accounts.ConfirmEmailCode(e.visitor(), account.ConfirmEmailCode{Attempt: g.attempt, Email: "ada@example.org", Code: number[1]})
	require.NoError(t, err)
	require.NotEmpty(t, code)
	gone := e.do("GET", path, nil, map[string]string{"Accept-Language": "fr-CA,en;q=0.5"})
	require.Equal(t, http.StatusNotFound, gone.status)
	require.Contains(t, gone.body, "Ce lien a déjà servi")
}

// The old address takes the account back by a button, not by opening the link; the page then tells what else to do (D-11).
func TestRecoveryPage(t *testing.T) {
	t.Parallel()
	e := newEndUsers(t)
	g := e.widget()
	in := map[string]string{"site": "club", "code": g.signUp("ada@example.org"), "verifier": g.verifier}
	require.Equal(t, account.ReasonUseNonce, g.post("/v1/token", in, shop, "", nil).reason())
	var got tokens
	require.NoError(t, json.Unmarshal([]byte(g.post("/v1/token", in, shop, "", nil).body), &got))
	a, err := e.accounts.Authenticate(t.Context(), got.Access, g.attempt.JKT, shop)
	require.NoError(t, err)
	ctx := site.WithActor(t.Context(), a)
	require.NoError(t, e.accounts.RequestEmailChange(ctx, "thief@example.org"))
	<-e.mails // to the new address
	told := <-e.mails
	require.Equal(t, "ada@example.org", told.To)
	path := strings.TrimPrefix(told.Data["link"], e.url)
	for range 2 {
		page := e.do("GET", path, nil, nil)
		require.Equal(t, http.StatusOK, page.status)
		require.Contains(t, page.body, "thief@example.org")
		require.Contains(t, page.body, `<form method="post">`)
		require.Equal(t, "no-store", page.header.Get("Cache-Control"))
	}
	_, err = e.accounts.Me(ctx)
	require.NoError(t, err)
	page := e.do("POST", path, nil, nil)
	require.Contains(t, page.body, "Kontoen er din igjen")
	_, err = e.accounts.Authenticate(t.Context(), got.Access, g.attempt.JKT, shop)
	require.Error(t, err)
	require.Equal(t, http.StatusNotFound, e.do("POST", path, nil, nil).status)
}

// D-07: the host's server verifies the token by the published keys and redeems it once.
func TestRedeemOverHTTP(t *testing.T) {
	t.Parallel()
	e := newEndUsers(t)
	prepare := func() string {
		token, err := e.accounts.PrepareCheckout(e.visitor(), account.PrepareCheckout{
			Order: "order-1", Nonce: "sixteen letters!", Email: "guest@example.org", FirstName: "Gu", LastName: "Est",
		})
		require.NoError(t, err)
		published := e.do("GET", "/.well-known/jwks.json", nil, nil)
		require.Equal(t, "public, max-age=300", published.header.Get("Cache-Control"))
		var set jose.JSONWebKeySet
		require.NoError(t, json.Unmarshal([]byte(published.body), &set))
		signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
		require.NoError(t, err)
		payload, err := signed.Verify(set.Keys[0])
		require.NoError(t, err)
		var claims account.CheckoutClaims
		require.NoError(t, json.Unmarshal(payload, &claims))
		require.Equal(t, e.url, claims.Issuer)
		return claims.ID
	}
	redeem := func(jti, user, password, key string) answer {
		basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
		return e.do("POST", "/v1/checkout/"+jti+"/redeem", map[string]string{"idempotencyKey": key}, map[string]string{"Authorization": basic})
	}
	jti := prepare()
	require.Equal(t, http.StatusUnauthorized, e.do("POST", "/v1/checkout/"+jti+"/redeem", map[string]string{}, nil).status)
	require.Equal(t, http.StatusUnauthorized, redeem(jti, "club", "wrong", "k").status)
	require.Equal(t, http.StatusNotFound, redeem(secret.Random(), "club", e.secret, "k").status)
	first := redeem(jti, "club", e.secret, "k")
	require.Equal(t, http.StatusOK, first.status, first.body)
	require.Equal(t, "no-store", first.header.Get("Cache-Control"))
	var out struct {
		Order   string
		Subject *string
		Contact struct {
			Email  string
			Number int
		}
		Answers, Groups []any
	}
	require.NoError(t, json.Unmarshal([]byte(first.body), &out))
	require.Equal(t, "guest@example.org", out.Contact.Email)
	require.NotNil(t, out.Answers)
	require.NotNil(t, out.Groups)
	require.Equal(t, first.body, redeem(jti, "club", e.secret, "k").body)
	again := redeem(jti, "club", e.secret, "other")
	require.Equal(t, http.StatusConflict, again.status)
	require.Equal(t, account.ReasonAlreadyRedeemed, again.reason())
	late := prepare()
	e.wait(6 * time.Minute)
	got := redeem(late, "club", e.secret, "k")
	require.Equal(t, http.StatusGone, got.status)
	require.Equal(t, account.ReasonExpired, got.reason())
}
