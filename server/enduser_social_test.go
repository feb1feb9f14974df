package server_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"carnet/internal/account"
	"carnet/internal/site"
)

// oneProvider is held by the test that has a provider: the example server keeps clients and addresses in
// variables of its packages.
var oneProvider sync.Mutex

// provider starts a real OpenID provider with one user and registers it with the site.
func (e *endUsers) provider(email string, verified bool) {
	e.t.Helper()
	oneProvider.Lock()
	e.t.Cleanup(oneProvider.Unlock)
	idp := httptest.NewUnstartedServer(nil)
	issuer := "http://" + idp.Listener.Addr().String()
	client := "client-" + uuid.NewString()
	storage.RegisterClients(storage.WebClient(client, "client secret", e.url+"/v1/social/callback/club/idp"))
	store := storage.NewStorage(oneUser{&storage.User{ID: "id1", Username: "ada", Password: "verysecure", FirstName: "Ada", LastName: "Lovelace", Email: email, EmailVerified: verified}})
	idp.Config.Handler = exampleop.SetupServer(issuer, store, slog.New(slog.DiscardHandler), false)
	idp.Start()
	e.t.Cleanup(idp.Close)
	require.NoError(e.t, e.sites.SaveProvider(e.staff(e.site), site.Provider{Kind: site.ProviderOIDC, Name: "idp", Label: "IdP", Issuer: issuer, ClientID: client}, "client secret"))
}

type oneUser struct{ user *storage.User }

func (u oneUser) GetUserByID(string) *storage.User       { return u.user }
func (u oneUser) GetUserByUsername(string) *storage.User { return u.user }
func (u oneUser) ExampleClientID() string                { return "service" }

// social goes through the provider as a browser does, cookies and redirects included, to the last
// answer of ours.
func (g *widget) social(mode string) *http.Response {
	t := g.e.t
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), shop) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	q := url.Values{"site": {"club"}, "origin": {shop}, "mode": {mode}, "attempt": {g.attempt.ID}, "challenge": {g.attempt.Challenge}, "jkt": {g.attempt.JKT}}
	login, err := browser.Get(g.e.url + "/v1/social/idp/start?" + q.Encode())
	require.NoError(t, err)
	require.NoError(t, login.Body.Close())
	require.Equal(t, "/login/username", login.Request.URL.Path, "at the provider")
	end, err := browser.PostForm("http://"+login.Request.URL.Host+"/login/username", url.Values{
		"username": {"ada"}, "password": {"verysecure"}, "id": {login.Request.URL.Query().Get("authRequestID")},
	})
	require.NoError(t, err)
	return end
}

var handedOver = regexp.MustCompile(`const message = (\{[^}]*\}), origin = ("[^"]*"), landing = ("[^"]*");`)

// D-08: by popup, the finishing page hands the code to the opener at its registered origin and nowhere else.
func TestSocialByPopup(t *testing.T) {
	t.Parallel()
	e := newEndUsers(t)
	e.provider("ada@example.org", true)
	g := e.widget()
	end := g.social("popup")
	defer end.Body.Close()
	body, err := io.ReadAll(end.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, end.StatusCode, string(body))
	require.Equal(t, "unsafe-none", end.Header.Get("Cross-Origin-Opener-Policy"))
	require.Regexp(t, `script-src 'nonce-[\w-]{43}'`, end.Header.Get("Content-Security-Policy"))
	found := handedOver.FindStringSubmatch(string(body))
	require.Len(t, found, 4, string(body))
	var message struct{ Type, Attempt, Code string }
	require.NoError(t, json.Unmarshal([]byte(found[1]), &message))
	require.Equal(t, "carnet:code", message.Type)
	require.Equal(t, g.attempt.ID, message.Attempt)
	require.Equal(t, `"https://shop.example"`, strings.ReplaceAll(found[2], `\/`, `/`))
	require.NotContains(t, string(body), `"*"`)
	g.nonce = e.accounts.Nonce()
	got := g.post("/v1/token", map[string]string{"site": "club", "code": message.Code, "verifier": g.verifier}, shop, "", nil)
	require.Equal(t, http.StatusOK, got.status, got.body)
}

// D-08: where a popup is blocked, back to the registered landing page; the code is in the fragment, which no server sees.
func TestSocialByRedirect(t *testing.T) {
	t.Parallel()
	e := newEndUsers(t)
	e.provider("ada@example.org", true)
	g := e.widget()
	end := g.social("redirect")
	require.NoError(t, end.Body.Close())
	require.Equal(t, http.StatusSeeOther, end.StatusCode)
	code, ok := strings.CutPrefix(end.Header.Get("Location"), shop+"/#carnet="+g.attempt.ID+".")
	require.True(t, ok, end.Header.Get("Location"))
	g.nonce = e.accounts.Nonce()
	require.Equal(t, http.StatusOK, g.post("/v1/token", map[string]string{"site": "club", "code": code, "verifier": g.verifier}, shop, "", nil).status)
}

func TestSocialThatMustBeProven(t *testing.T) {
	t.Parallel()
	e := newEndUsers(t)
	e.provider("unsure@example.org", false)
	g := e.widget()
	end := g.social("redirect")
	require.NoError(t, end.Body.Close())
	require.Equal(t, shop+"/#carnet-prove="+g.attempt.ID+"."+base64.RawURLEncoding.EncodeToString([]byte("unsure@example.org")), end.Header.Get("Location"))
	require.Equal(t, account.MailLink, (<-e.mails).Kind)
}

func TestSocialRefusals(t *testing.T) {
	t.Parallel()
	e := newEndUsers(t)
	g := e.widget()
	q := url.Values{"site": {"club"}, "origin": {visited}, "mode": {"popup"}, "attempt": {g.attempt.ID}, "challenge": {g.attempt.Challenge}, "jkt": {g.attempt.JKT}}
	page := e.do("GET", "/v1/social/idp/start?"+q.Encode(), nil, nil)
	require.Equal(t, http.StatusForbidden, page.status)
	require.Contains(t, page.body, "may not sign people in here")
	require.Empty(t, page.header.Get("Set-Cookie"))
	page = e.do("GET", "/v1/social/callback/club/idp?state=x&code=y", nil, nil)
	require.Equal(t, http.StatusBadRequest, page.status)
	require.NotContains(t, page.body, "postMessage")

	// A provider that is down is told to the page that began.
	require.NoError(t, e.sites.SaveProvider(e.staff(e.site), site.Provider{Kind: site.ProviderOIDC, Name: "down", Label: "Down", Issuer: "http://127.0.0.1:1", ClientID: "c"}, "s"))
	q.Set("origin", shop)
	page = e.do("GET", "/v1/social/down/start?"+q.Encode(), nil, nil)
	require.Contains(t, page.body, account.SocialFailed)
	q.Set("mode", "redirect")
	page = e.do("GET", "/v1/social/down/start?"+q.Encode(), nil, nil)
	require.Equal(t, shop+"/#carnet-error="+g.attempt.ID+"."+account.SocialFailed, page.header.Get("Location"))
}
