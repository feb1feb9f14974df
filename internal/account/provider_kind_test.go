package account_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/site"
)

// preset makes a provider of our own stand for one of the known kinds.
func (h *hostile) preset(host, issuer string) {
	h.lies(func() {
		h.base, h.issuer, h.tokenIss = "https://"+host, issuer, issuer
		h.claims = map[string]any{"email": "mallory@b.example", "email_verified": true, "given_name": "Mal", "family_name": "Lory"}
		h.userinfo = nil // nobody asks it
	})
}

// D-08: Google is an OpenID Connect provider whose issuer is known.
func TestGoogle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := newHostile(t)
	w.net.leads(h.URL, "accounts.google.com")
	w.kind(site.Provider{Kind: site.ProviderGoogle}, "client secret")
	h.preset("accounts.google.com", "https://accounts.google.com")
	require.NotEmpty(t, h.through(w.browser(), nil).Code)
	h.lies(func() {
		h.base, h.issuer, h.tokenIss = "https://accounts.google.com", "https://accounts.google.com", "accounts.google.com"
	})
	require.NotEmpty(t, h.through(w.browser(), nil).Code, "the same issuer in Google's short form")
	require.Equal(t, []string{"https://accounts.google.com mallory"}, w.subjects())
	require.Equal(t, "client secret", h.form.Get("client_secret"))
	require.Equal(t, publicURL+"/v1/social/callback/club/idp", h.form.Get("redirect_uri"))
	w.log.take()
	h.preset("accounts.google.com", "https://accounts.google.com")
	h.tokenIss = "https://accounts.google.com.evil.example"
	w.refusedKindly("another issuer", h.through(w.browser(), nil))
}

// D-08: each directory of Microsoft is an issuer; a site says whose accounts may come. The owner of a directory
// may give its people any address, so none counts as proven.
func TestMicrosoft(t *testing.T) {
	t.Parallel()
	const (
		host      = "login.microsoftonline.com"
		company   = "11111111-2222-3333-4444-555555555555"
		other     = "99999999-2222-3333-4444-555555555555"
		consumers = "9188040d-6c67-4c5b-b112-36a304b66dad"
	)
	issuer := func(tenant string) string { return "https://" + host + "/" + tenant + "/v2.0" }
	w := newWorld(t)
	h := newHostile(t)
	w.net.leads(h.URL, host)
	h.keyIssuer = issuer("{tenantid}")
	for _, c := range []struct {
		tenant, document string
		good, bad        []string
	}{
		{"common", "{tenantid}", []string{company, consumers}, []string{"common", "{tenantid}", ""}},
		{"organizations", "{tenantid}", []string{company}, []string{consumers, "organizations"}},
		{"consumers", consumers, []string{consumers}, []string{company, "consumers"}},
		{company, company, []string{company}, []string{other, consumers, "common"}},
	} {
		w.kind(site.Provider{Kind: site.ProviderMicrosoft, Tenant: c.tenant}, "client secret")
		for _, tenant := range c.good {
			h.preset(host, issuer(c.document))
			w.clock.add(16 * time.Minute) // mails to one address are few
			h.tokenIss, h.claims["exp"], h.claims["tid"] = issuer(tenant), w.clock.now().Unix()+3600, tenant
			require.Equal(t, "mallory@b.example", h.through(w.browser(), nil).Prove, c.tenant+" "+tenant)
		}
		w.log.take()
		for _, tenant := range c.bad {
			h.preset(host, issuer(c.document))
			h.tokenIss, h.claims["exp"], h.claims["tid"] = issuer(tenant), w.clock.now().Unix()+3600, tenant
			w.refusedKindly(c.tenant+" "+tenant, h.through(w.browser(), nil))
		}
	}
	h.preset(host, issuer(company))
	h.claims = map[string]any{"preferred_username": "work@b.example", "tid": company, "exp": w.clock.now().Unix() + 3600}
	require.Equal(t, "work@b.example", h.through(w.browser(), nil).Prove, "a work account that has no other address")
	w.clock.add(2 * time.Hour)
	w.log.take()
	h.preset(host, issuer(other))
	w.refusedKindly("a document of another directory", h.through(w.browser(), nil))
}

// D-08: a key of Microsoft's signs for the directories that its issuer names, and for no others.
func TestMicrosoftKeysAreOfTheirIssuer(t *testing.T) {
	t.Parallel()
	const (
		host      = "login.microsoftonline.com"
		company   = "11111111-2222-3333-4444-555555555555"
		other     = "99999999-2222-3333-4444-555555555555"
		consumers = "9188040d-6c67-4c5b-b112-36a304b66dad"
	)
	issuer := func(tenant string) string { return "https://" + host + "/" + tenant + "/v2.0" }
	w := newWorld(t)
	h := newHostile(t)
	w.net.leads(h.URL, host)
	w.kind(site.Provider{Kind: site.ProviderMicrosoft, Tenant: "common"}, "client secret")
	for _, c := range []struct {
		what, key, token, tid string
		good                  bool
	}{
		{"a key for any directory", issuer("{tenantid}"), company, company, true},
		{"a directory's own key", issuer(company), company, company, true},
		{"the key of personal accounts", issuer(consumers), consumers, consumers, true},
		{"the key of personal accounts, for a company", issuer(consumers), company, company, false},
		{"a company's key, for another", issuer(other), company, company, false},
		{"a token whose directory is not its issuer", issuer("{tenantid}"), company, other, false},
		{"a token that names no directory", issuer("{tenantid}"), company, "", false},
		{"a key of nobody", "", company, company, false},
	} {
		h.preset(host, issuer("{tenantid}"))
		w.clock.add(16 * time.Minute) // mails to one address are few
		h.mu.Lock()
		h.keyIssuer, h.tokenIss, h.claims["exp"], h.claims["tid"] = c.key, issuer(c.token), w.clock.now().Unix()+3600, c.tid
		h.mu.Unlock()
		end := h.through(w.browser(), nil)
		if c.good {
			require.Equal(t, "mallory@b.example", end.Prove, c.what)
			w.log.take()
			continue
		}
		w.refusedKindly(c.what, end)
	}
	h.preset(host, issuer("{tenantid}"))
	h.mu.Lock()
	h.keyIssuer, h.tokenIss, h.claims["exp"], h.claims["tid"], h.forge = issuer(company), issuer(company), w.clock.now().Unix()+3600, company, true
	h.mu.Unlock()
	w.refusedKindly("a forged signature", h.through(w.browser(), nil))
}

func applePrivateKey(t *testing.T) (*ecdsa.PrivateKey, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// D-08: Apple's client secret is a token of the team's key, made for each login; it answers by POST, with the
// names beside the code.
func TestApple(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := newHostile(t)
	w.net.leads(h.URL, "appleid.apple.com")
	key, file := applePrivateKey(t)
	w.kind(site.Provider{Kind: site.ProviderApple, TeamID: "TEAM567890", KeyID: "KEY4567890"}, file)
	h.preset("appleid.apple.com", "https://appleid.apple.com")
	h.claims = map[string]any{"email": "mal@privaterelay.appleid.com", "email_verified": "true"}

	b := w.browser()
	to, err := b.startSocial(nil)
	require.NoError(t, err)
	require.True(t, to.Posts)
	sent, err := url.Parse(to.URL)
	require.NoError(t, err)
	require.Equal(t, "form_post", sent.Query().Get("response_mode"))
	require.Equal(t, "openid email name", sent.Query().Get("scope"))
	require.NotContains(t, sent.RawQuery, "+")
	h.nonce = sent.Query().Get("nonce")
	end, err := w.service.FinishSocial(t.Context(), account.FinishSocial{
		Site: "club", Provider: "idp", State: stateOf(t, to), Code: "the-code", Binding: to.Binding,
		User: `{"name":{"firstName":"Mal","lastName":"Lory"},"email":"other@b.example"}`,
	})
	require.NoError(t, err)
	tokens, err := b.exchange(end.Code)
	require.NoError(t, err)
	me, err := w.service.Me(b.as(tokens))
	require.NoError(t, err)
	require.Equal(t, "mal@privaterelay.appleid.com", me.Email, "the address is the ID token's")
	require.Equal(t, "Lory Mal", me.DisplayName)

	signed, err := jose.ParseSignedCompact(h.form.Get("client_secret"), []jose.SignatureAlgorithm{jose.ES256})
	require.NoError(t, err)
	require.Equal(t, "KEY4567890", signed.Signatures[0].Protected.KeyID)
	payload, err := signed.Verify(&key.PublicKey)
	require.NoError(t, err)
	var claims map[string]any
	require.NoError(t, json.Unmarshal(payload, &claims))
	now := float64(w.clock.now().Unix())
	require.Equal(t, map[string]any{"iss": "TEAM567890", "sub": "client", "aud": "https://appleid.apple.com", "iat": now, "exp": now + 300}, claims)

	for _, user := range []string{"", "{", `{"name":[]}`, `{"name":{"firstName":1}}`, `"` + string(make([]byte, 9000)) + `"`} {
		to, err := w.browser().startSocial(nil)
		require.NoError(t, err)
		sent, err := url.Parse(to.URL)
		require.NoError(t, err)
		h.nonce = sent.Query().Get("nonce")
		end, err := w.service.FinishSocial(t.Context(), account.FinishSocial{Site: "club", Provider: "idp", State: stateOf(t, to), Code: "the-code", Binding: to.Binding, User: user})
		require.NoError(t, err)
		require.NotEmpty(t, end.Code, "names that cannot be read are no names")
	}
}

// D-08: LinkedIn refuses PKCE and gives no nonce back; one that it gives must be ours.
func TestLinkedIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := newHostile(t)
	w.net.leads(h.URL, "www.linkedin.com")
	w.kind(site.Provider{Kind: site.ProviderLinkedIn}, "client secret")
	h.preset("www.linkedin.com", "https://www.linkedin.com/oauth")
	h.claims["nonce"] = nil
	to, err := w.browser().startSocial(nil)
	require.NoError(t, err)
	require.NotContains(t, to.URL, "code_challenge")
	require.NotEmpty(t, h.through(w.browser(), nil).Code)
	require.Empty(t, h.form.Get("code_verifier"))
	require.Equal(t, []string{"https://www.linkedin.com/oauth mallory"}, w.subjects())
	w.log.take()
	h.claims["nonce"] = "foreign"
	w.refusedKindly("a foreign nonce", h.through(w.browser(), nil))
}
