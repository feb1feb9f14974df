package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/site"
)

// apple leads appleid.apple.com to a server on loopback that publishes Apple's addresses.
type apple struct{ at string }

func newApple(t *testing.T) *http.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{
			"issuer": "https://appleid.apple.com", "authorization_endpoint": "https://appleid.apple.com/auth/authorize",
			"token_endpoint": "https://appleid.apple.com/auth/token", "jwks_uri": "https://appleid.apple.com/auth/keys",
		})
	}))
	t.Cleanup(server.Close)
	return &http.Client{Transport: apple{strings.TrimPrefix(server.URL, "http://")}}
}

func (a apple) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", a.at
	return http.DefaultTransport.RoundTrip(r)
}

// D-08: Apple answers by a form that its own page posts. Browsers send no Lax cookie along with that, so the
// sign-in is bound by a second cookie, and by that one only.
func TestProviderThatPosts(t *testing.T) {
	t.Parallel()
	e := newEndUsersOver(t, newApple(t))
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	require.NoError(t, e.sites.SaveProvider(e.staff(e.site), site.Provider{Kind: site.ProviderApple, Name: "apple", Label: "Apple", ClientID: "c", TeamID: "TEAM567890", KeyID: "KEY4567890"},
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))))
	g := e.widget()
	q := url.Values{"site": {"club"}, "origin": {shop}, "mode": {"redirect"}, "attempt": {g.attempt.ID}, "challenge": {g.attempt.Challenge}, "jkt": {g.attempt.JKT}}
	start := func() (state string, lax, none *http.Cookie) {
		sent := e.do("GET", "/v1/social/apple/start?"+q.Encode(), nil, nil)
		require.Equal(t, http.StatusSeeOther, sent.status, sent.body)
		to, err := url.Parse(sent.header.Get("Location"))
		require.NoError(t, err)
		require.Equal(t, "form_post", to.Query().Get("response_mode"))
		require.Equal(t, e.url+"/v1/social/callback/club/apple", to.Query().Get("redirect_uri"))
		cookies := (&http.Response{Header: sent.header}).Cookies()
		require.Len(t, cookies, 2)
		return to.Query().Get("state"), cookies[0], cookies[1]
	}
	back := func(state string, cookie *http.Cookie) *http.Response {
		form := url.Values{"state": {state}, "error": {"user_cancelled_authorize"}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.url+"/v1/social/callback/club/apple", strings.NewReader(form.Encode()))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "https://appleid.apple.com")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if cookie != nil {
			r.Header.Set("Cookie", cookie.Name+"="+cookie.Value)
		}
		resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp
	}
	state, lax, none := start()
	require.Equal(t, http.SameSiteLaxMode, lax.SameSite)
	require.Equal(t, http.SameSiteNoneMode, none.SameSite)
	require.True(t, none.Secure)
	require.True(t, none.HttpOnly)
	require.Equal(t, lax.Value, none.Value)
	got := back(state, none)
	require.Equal(t, shop+"/#carnet-error="+g.attempt.ID+".DENIED", got.Header.Get("Location"))
	require.Equal(t, http.StatusBadRequest, back(state, none).StatusCode, "once")
	for name, cookie := range map[string]func(lax, none *http.Cookie) *http.Cookie{
		"no cookie":     func(_, _ *http.Cookie) *http.Cookie { return nil },
		"the other one": func(lax, _ *http.Cookie) *http.Cookie { return lax },
		"another browser": func(_, none *http.Cookie) *http.Cookie {
			_, _, foreign := start()
			foreign.Name = none.Name
			return foreign
		},
	} {
		state, lax, none := start()
		require.Equal(t, http.StatusBadRequest, back(state, cookie(lax, none)).StatusCode, name)
	}
	huge := e.form("/v1/social/callback/club/apple", "application/x-www-form-urlencoded", "state="+strings.Repeat("x", 100<<10))
	require.Equal(t, http.StatusBadRequest, huge.status)
}
