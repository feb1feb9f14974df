package server_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
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
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"carnet/internal/account"
	"carnet/internal/contact"
	"carnet/internal/db/dbtest"
	"carnet/internal/secret"
	"carnet/internal/site"
	"carnet/server"
)

const (
	shop    = "https://shop.example"
	visited = "https://visited.example" // registered by the other site only
)

// endUsers is a server with the end users' endpoints, and two sites.
type endUsers struct {
	t        *testing.T
	url      string
	sites    *site.Service
	accounts *account.Service
	site     site.Site
	secret   string
	mails    chan account.Mail

	mu  sync.Mutex
	now time.Time
}

func newEndUsers(t *testing.T) *endUsers {
	t.Helper()
	d := dbtest.New(t)
	sealer, err := secret.NewSealer(strings.Repeat("k", 40))
	require.NoError(t, err)
	e := &endUsers{t: t, sites: site.New(d, sealer), mails: make(chan account.Mail, 20), now: time.Now()}
	listening := httptest.NewUnstartedServer(nil)
	e.url = "http://" + listening.Listener.Addr().String()
	e.accounts = account.New(account.Config{
		DB: d, Sites: e.sites, Sealer: sealer, Key: strings.Repeat("k", 40), PublicURL: e.url, Book: contact.NewBook(contact.New(d)),
		Mail:          func(_ context.Context, _ bun.IDB, m account.Mail) error { e.mails <- m; return nil },
		AllowLoopback: true, Now: e.clock, Log: slog.New(slog.DiscardHandler),
	})
	h := server.NewEndUser(e.accounts, e.sites, e.url, slog.New(slog.DiscardHandler))
	mux := http.NewServeMux()
	h.Routes(mux)
	mux.Handle("/graphql", h.CORS(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, err := h.Actor(w, r)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, a.Name)
	})))
	listening.Config.Handler = mux
	listening.Start()
	t.Cleanup(listening.Close)
	e.site, e.secret = e.newSite("club", shop)
	e.newSite("venue", shop, visited)
	return e
}

func (e *endUsers) clock() time.Time { e.mu.Lock(); defer e.mu.Unlock(); return e.now }
func (e *endUsers) wait(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now = e.now.Add(d)
}

func (e *endUsers) staff(of site.Site) context.Context {
	return site.WithActor(e.t.Context(), site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: uuid.New(), Book: true})
}

func (e *endUsers) newSite(publicID string, origins ...string) (site.Site, string) {
	e.t.Helper()
	of, _, plain, err := e.sites.Create(e.t.Context(), site.NewSite{PublicID: publicID, Name: "Club & <Co>", TimeZone: "Europe/Oslo", Language: "nb", Country: "NO"},
		site.NewStaff{Email: "owner@" + publicID + ".example", Name: "Owner", Password: "long enough"})
	require.NoError(e.t, err)
	on, list := true, []site.Origin{}
	for _, o := range origins {
		list = append(list, site.Origin{Origin: o})
	}
	of, err = e.sites.Update(e.staff(of), site.Update{ContactManagement: &on, Origins: &list})
	require.NoError(e.t, err)
	return of, plain
}

func (e *endUsers) visitor() context.Context {
	a, err := e.sites.Visitor(e.t.Context(), "club", shop)
	require.NoError(e.t, err)
	return site.WithActor(e.t.Context(), a)
}

// widget is a browser's page with its key.
type widget struct {
	e        *endUsers
	key      *ecdsa.PrivateKey
	verifier string
	attempt  account.Attempt
	nonce    string
}

func (e *endUsers) widget() *widget {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(e.t, err)
	thumb, err := (&jose.JSONWebKey{Key: &key.PublicKey}).Thumbprint(crypto.SHA256)
	require.NoError(e.t, err)
	g := &widget{e: e, key: key, verifier: secret.Random()}
	g.attempt = account.Attempt{ID: secret.Random(), Challenge: s256(g.verifier), JKT: base64.RawURLEncoding.EncodeToString(thumb)}
	return g
}

func s256(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (g *widget) proof(method, address, access string) string {
	c := map[string]any{"jti": secret.Random(), "htm": method, "htu": address, "iat": time.Now().Unix(), "nonce": g.nonce}
	if access != "" {
		c["ath"] = s256(access)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: g.key}, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"))
	require.NoError(g.e.t, err)
	payload, err := json.Marshal(c)
	require.NoError(g.e.t, err)
	signed, err := signer.Sign(payload)
	require.NoError(g.e.t, err)
	compact, err := signed.CompactSerialize()
	require.NoError(g.e.t, err)
	return compact
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) reason() string {
	var out struct{ Error struct{ Code, Reason string } }
	_ = json.Unmarshal([]byte(a.body), &out)
	if out.Error.Reason != "" {
		return out.Error.Reason
	}
	return out.Error.Code
}

func (e *endUsers) do(method, path string, body any, header map[string]string) answer {
	e.t.Helper()
	var reader io.Reader
	if body != nil {
		plain, err := json.Marshal(body)
		require.NoError(e.t, err)
		reader = bytes.NewReader(plain)
	}
	r, err := http.NewRequestWithContext(e.t.Context(), method, e.url+path, reader)
	require.NoError(e.t, err)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	require.NoError(e.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(e.t, err)
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// post sends JSON with a proof from an origin.
func (g *widget) post(path string, body any, origin, access string, header map[string]string) answer {
	all := map[string]string{"Origin": origin, "DPoP": g.proof("POST", g.e.url+path, access)}
	if access != "" {
		all["Authorization"] = "DPoP " + access
	}
	for k, v := range header {
		all[k] = v
	}
	a := g.e.do("POST", path, body, all)
	if n := a.header.Get("DPoP-Nonce"); n != "" {
		g.nonce = n
	}
	return a
}

func (g *widget) signUp(email string) string {
	g.e.t.Helper()
	require.NoError(g.e.t, g.e.accounts.SignUp(g.e.visitor(), account.SignUp{Attempt: g.attempt, Email: email, FirstName: "Ada", LastName: "Lovelace"}))
	m := <-g.e.mails
	code, err := g.e.accounts.ConfirmEmailCode(g.e.visitor(), account.ConfirmEmailCode{Attempt: g.attempt, Email: email, Code: m.Data["code"]})
	require.NoError(g.e.t, err)
	return code
}

type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"`
}

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
	storage.RegisterClients(storage.WebClient(client, "client secret", e.url+"/v1/social/callback"))
	store := storage.NewStorage(oneUser{&storage.User{ID: "id1", Username: "ada", Password: "verysecure", FirstName: "Ada", LastName: "Lovelace", Email: email, EmailVerified: verified}})
	idp.Config.Handler = exampleop.SetupServer(issuer, store, slog.New(slog.DiscardHandler), false)
	idp.Start()
	e.t.Cleanup(idp.Close)
	require.NoError(e.t, e.sites.SaveProvider(e.staff(e.site), site.Provider{Name: "idp", Label: "IdP", Issuer: issuer, ClientID: client}, "client secret"))
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
	page = e.do("GET", "/v1/social/callback?state=x&code=y", nil, nil)
	require.Equal(t, http.StatusBadRequest, page.status)
	require.NotContains(t, page.body, "postMessage")

	// A provider that is down is told to the page that began.
	require.NoError(t, e.sites.SaveProvider(e.staff(e.site), site.Provider{Name: "down", Label: "Down", Issuer: "http://127.0.0.1:1", ClientID: "c"}, "s"))
	q.Set("origin", shop)
	page = e.do("GET", "/v1/social/down/start?"+q.Encode(), nil, nil)
	require.Contains(t, page.body, account.SocialFailed)
	q.Set("mode", "redirect")
	page = e.do("GET", "/v1/social/down/start?"+q.Encode(), nil, nil)
	require.Equal(t, shop+"/#carnet-error="+g.attempt.ID+"."+account.SocialFailed, page.header.Get("Location"))
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
