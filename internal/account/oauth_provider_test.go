package account_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// oauthProvider speaks GitHub's and Facebook's APIs as their documents say, with one user who agrees at once.
type oauthProvider struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	codes   map[string]url.Values // what the browser came with
	user    map[string]any        // of GET /user and GET /me
	emails  []map[string]any      // of GitHub's GET /user/emails
	profile int                   // status of GET /user and GET /me; 0: 200
	cut     bool                  // GET /me ends in the middle
}

func newOAuthProvider(w *world) *oauthProvider {
	p := &oauthProvider{t: w.t, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET github.com/login/oauth/authorize", p.authorize)
	mux.HandleFunc("POST github.com/login/oauth/access_token", p.token)
	mux.HandleFunc("GET api.github.com/user", func(rw http.ResponseWriter, r *http.Request) { p.github(rw, r, func() any { return p.user }) })
	mux.HandleFunc("GET api.github.com/user/emails", func(rw http.ResponseWriter, r *http.Request) { p.github(rw, r, func() any { return p.emails }) })
	mux.HandleFunc("GET www.facebook.com/v22.0/dialog/oauth", p.authorize)
	mux.HandleFunc("POST graph.facebook.com/v22.0/oauth/access_token", p.token)
	mux.HandleFunc("GET graph.facebook.com/me", p.me)
	p.Server = httptest.NewServer(mux)
	w.t.Cleanup(p.Close)
	w.net.leads(p.URL, "github.com", "api.github.com", "www.facebook.com", "graph.facebook.com")
	return p
}

func (p *oauthProvider) is(user map[string]any, emails ...map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.user, p.emails = user, emails
}

// fails has GET /user and GET /me answer with a status, and GET /me end in the middle; with neither they answer as ever.
func (p *oauthProvider) fails(status int, cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.profile, p.cut = status, cut
}

func (p *oauthProvider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != "client" || q.Get("response_type") != "code" || !strings.HasPrefix(q.Get("redirect_uri"), publicURL) || q.Get("code_challenge_method") != "S256" {
		http.Error(w, "refused: "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	code := secret.Random()
	p.mu.Lock()
	p.codes[code] = q
	p.mu.Unlock()
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

// token exchanges a code once. GitHub tells errors with status 200 and answers in forms, Facebook in JSON.
func (p *oauthProvider) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	p.mu.Lock()
	began, known := p.codes[r.PostForm.Get("code")]
	delete(p.codes, r.PostForm.Get("code"))
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	good := known && r.PostForm.Get("client_id") == "client" && r.PostForm.Get("client_secret") == "client secret" &&
		r.PostForm.Get("redirect_uri") == began.Get("redirect_uri") && base64.RawURLEncoding.EncodeToString(sum[:]) == began.Get("code_challenge")
	switch {
	case r.Host == "github.com" && good:
		w.Header().Set("Content-Type", "application/x-www-form-urlencoded")
		_, _ = w.Write([]byte("access_token=" + providerAccess + "&scope=read%3Auser%2Cuser%3Aemail&token_type=bearer"))
	case r.Host == "github.com":
		writeJSON(w, map[string]any{"error": "bad_verification_code", "error_description": "The code passed is incorrect or expired: " + r.PostForm.Get("code")})
	case good:
		writeJSON(w, map[string]any{"access_token": providerAccess, "token_type": "bearer", "expires_in": 5000000})
	default:
		w.WriteHeader(http.StatusBadRequest)
		writeJSON(w, map[string]any{"error": map[string]any{"message": "Invalid verification code: " + r.PostForm.Get("code"), "type": "OAuthException", "code": 100}})
	}
}

func (p *oauthProvider) github(w http.ResponseWriter, r *http.Request, what func() any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+providerAccess || p.profile != 0 {
		w.WriteHeader(max(p.profile, http.StatusUnauthorized))
		return
	}
	writeJSON(w, what())
}

func (p *oauthProvider) me(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	mac := hmac.New(sha256.New, []byte("client secret"))
	mac.Write([]byte(providerAccess))
	q := r.URL.Query()
	if q.Get("access_token") != providerAccess || q.Get("appsecret_proof") != hex.EncodeToString(mac.Sum(nil)) || p.profile != 0 {
		w.WriteHeader(max(p.profile, http.StatusBadRequest))
		return
	}
	if p.cut {
		panic(http.ErrAbortHandler)
	}
	out := map[string]any{}
	for _, field := range strings.Split(q.Get("fields"), ",") {
		if v, ok := p.user[field]; ok {
			out[field] = v
		}
	}
	writeJSON(w, out)
}

// through goes through the provider as a browser does.
func (p *oauthProvider) through(b *browser) account.SocialEnd {
	p.t.Helper()
	to, err := b.startSocial(nil)
	require.NoError(p.t, err)
	require.Nil(p.t, to.End)
	return b.w.finish(to, p.visit(to.URL))
}

// visit gives the query that the provider redirects back with.
func (p *oauthProvider) visit(address string) url.Values {
	page, err := url.Parse(address)
	require.NoError(p.t, err)
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.URL+page.RequestURI(), nil)
	require.NoError(p.t, err)
	r.Host = page.Host
	resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	require.NoError(p.t, err)
	require.NoError(p.t, resp.Body.Close())
	require.Equal(p.t, http.StatusFound, resp.StatusCode)
	back, err := resp.Location()
	require.NoError(p.t, err)
	require.Equal(p.t, publicURL+"/v1/social/callback/club/idp", strings.TrimSuffix(back.String(), "?"+back.RawQuery))
	return back.Query()
}

// kind registers a provider of a kind with the site as "idp".
func (w *world) kind(p site.Provider, clientSecret string) {
	w.t.Helper()
	p.Name, p.Label, p.ClientID = "idp", "The idp", "client"
	require.NoError(w.t, w.sites.SaveProvider(w.staff(w.site), p, clientSecret))
}

// subjects gives the identities of accounts, as issuer and subject.
func (w *world) subjects() (out []string) {
	w.t.Helper()
	require.NoError(w.t, w.db.Bun.NewSelect().TableExpr("account_identity").ColumnExpr("issuer || ' ' || subject").OrderExpr("1").Scan(w.t.Context(), &out))
	return out
}
