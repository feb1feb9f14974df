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
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/secret"
	"carnet/internal/site"
	"carnet/server"
)

// endUsers is a server with the end users' endpoints, and two sites.
type endUsers struct {
	t        *testing.T
	url      string
	db       *db.DB
	sites    *site.Service
	accounts *account.Service
	site     site.Site
	secret   string
	mails    chan account.Mail

	mu  sync.Mutex
	now time.Time
}

func newEndUsers(t *testing.T) *endUsers { return newEndUsersOver(t, nil) }

// newEndUsersOver asks login providers by a client of the test's own; nil: the usual one.
func newEndUsersOver(t *testing.T, client *http.Client) *endUsers {
	t.Helper()
	d := dbtest.New(t)
	sealer, err := secret.NewSealer(strings.Repeat("k", 40))
	require.NoError(t, err)
	e := &endUsers{t: t, db: d, sites: site.New(d, sealer), mails: make(chan account.Mail, 20), now: time.Now()}
	listening := httptest.NewUnstartedServer(nil)
	e.url = "http://" + listening.Listener.Addr().String()
	e.accounts = account.New(account.Config{
		DB: d, Sites: e.sites, Sealer: sealer, Key: strings.Repeat("k", 40), PublicURL: e.url, Book: contact.NewBook(contact.New(d)),
		Mail:          func(_ context.Context, _ bun.IDB, m account.Mail) error { e.mails <- m; return nil },
		AllowLoopback: true, Outbound: client, Now: e.clock, Log: slog.New(slog.DiscardHandler),
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
	listening.Config.Handler = h.LoginDomains(mux)
	listening.Start()
	t.Cleanup(listening.Close)
	e.site, e.secret = e.newSite("club", shop, another)
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

func (e *endUsers) visitor() context.Context { return e.visitorFrom(shop) }

func (e *endUsers) visitorFrom(origin string) context.Context {
	a, err := e.sites.Visitor(e.t.Context(), "club", origin)
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
	if host := header["Host"]; host != "" {
		r.Host = host
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

func (g *widget) signUp(email string) string { return g.signUpFrom(email, shop) }

func (g *widget) signUpFrom(email, origin string) string {
	g.e.t.Helper()
	require.NoError(g.e.t, g.e.accounts.SignUp(g.e.visitorFrom(origin), account.SignUp{Attempt: g.attempt, Email: email, FirstName: "Ada", LastName: "Lovelace"}))
	m := <-g.e.mails
	code, err := g.e.accounts.ConfirmEmailCode(g.e.visitorFrom(origin), account.ConfirmEmailCode{Attempt: g.attempt, Email: email, Code: m.Data["code"]})
	require.NoError(g.e.t, err)
	return code
}

type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"`
}
