package account_test

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/fault"
	"carnet/internal/outbound"
)

// through goes through a provider of our own and gives how it ended.
func (h *hostile) through(b *browser, changes func(*account.StartSocial)) account.SocialEnd {
	t := b.w.t
	t.Helper()
	to, err := b.startSocial(changes)
	require.NoError(t, err)
	if to.End != nil {
		return *to.End
	}
	u, err := url.Parse(to.URL)
	require.NoError(t, err)
	h.mu.Lock()
	h.nonce = u.Query().Get("nonce")
	h.mu.Unlock()
	return b.w.finish(to, url.Values{"state": {stateOf(t, to)}, "code": {"the-code"}})
}

func (h *hostile) lies(lie func()) {
	h.reset()
	h.mu.Lock()
	defer h.mu.Unlock()
	lie()
}

// refusedKindly holds a failure to what a visitor and the log may know of it.
func (w *world) refusedKindly(name string, end account.SocialEnd) {
	w.t.Helper()
	require.Equal(w.t, account.SocialFailed, end.Reason, name)
	require.Empty(w.t, end.Code+end.Prove, name)
	log := w.log.take()
	require.Contains(w.t, log, "error=", name)
	require.Less(w.t, len(log), 1500, name)
	for _, hidden := range []string{providerAccess, "client secret", "client+secret", "client%20secret", "the-code", "eyJ"} {
		require.NotContains(w.t, log, hidden, name)
	}
}

// goth alone accepts most of these; go-oidc, our nonce and our checks refuse them all (D-08).
func TestHostileTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := newHostile(t)
	w.provider("idp", h.URL, "client")
	for name, lie := range map[string]func(){
		"forged signature":  func() { h.forge = true },
		"no signature":      func() { h.alg = "none" },
		"symmetric":         func() { h.alg = "HS256" },
		"foreign nonce":     func() { h.claims = map[string]any{"nonce": "foreign"} },
		"no nonce":          func() { h.claims = map[string]any{"nonce": nil} },
		"no exp":            func() { h.claims = map[string]any{"exp": nil} },
		"exp of wrong type": func() { h.claims = map[string]any{"exp": "tomorrow"} },
		"expired":           func() { h.claims = map[string]any{"exp": time.Now().Add(-time.Hour).Unix()} },
		"wrong issuer":      func() { h.tokenIss = "https://accounts.google.com" },
		"issuer with slash": func() { h.tokenIss = h.URL + "/" },
		"no issuer":         func() { h.claims = map[string]any{"iss": nil} },
		"wrong audience":    func() { h.claims = map[string]any{"aud": "another client"} },
		"no audience":       func() { h.claims = map[string]any{"aud": nil} },
		"many audiences":    func() { h.claims = map[string]any{"aud": []string{"client", "another"}} },
		"another party":     func() { h.claims = map[string]any{"azp": "another"} },
		"no subject":        func() { h.claims = map[string]any{"sub": nil} },
		"NUL in subject":    func() { h.claims = map[string]any{"sub": "a\x00"} },
		"endless subject": func() {
			h.claims = map[string]any{"sub": strings.Repeat("s", 256)}
			h.userinfo["sub"] = strings.Repeat("s", 256)
		},
		"userinfo of others": func() { h.userinfo["sub"] = "victim" },
		"userinfo rubbish":   func() { h.userinfo = map[string]any{"sub": []any{map[string]any{}}} },
		"no ID token":        func() { h.withoutIDToken = true },
		"a refusal that repeats what it was sent": func() {
			h.refusal = "client_secret=client+secret code=the-code " + providerAccess + strings.Repeat(" and so on", 5000)
		},
	} {
		h.lies(lie)
		w.refusedKindly(name, h.through(w.browser(), nil))
	}
	require.Zero(t, w.count("account"))
	h.reset()
	require.NotEmpty(t, h.through(w.browser(), nil).Code, "the truth gets in")
}

// Only true and "true" mean that an address is verified.
func TestHostileWordOnAnAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := newHostile(t)
	w.provider("idp", h.URL, "client")
	for _, verified := range []any{"yes", 1, "false", nil, []any{true}} {
		h.lies(func() {
			h.userinfo["email"], h.userinfo["email_verified"] = "other@b.example", verified
			h.claims = map[string]any{"exp": w.clock.now().Add(24 * time.Hour).Unix()}
		})
		w.clock.add(16 * time.Minute)
		require.Equal(t, "other@b.example", h.through(w.browser(), nil).Prove, fmt.Sprint(verified))
	}
	// The word is on the address that stands beside it, in the ID token or in what userinfo says.
	h.lies(func() {
		h.userinfo = map[string]any{"sub": "mallory", "email": "other@b.example"}
		h.claims = map[string]any{"exp": w.clock.now().Add(24 * time.Hour).Unix(), "email": "mallory@b.example", "email_verified": true}
	})
	w.clock.add(16 * time.Minute)
	require.Equal(t, "other@b.example", h.through(w.browser(), nil).Prove)
	h.lies(func() {
		h.userinfo = map[string]any{"sub": "mallory"}
		h.claims = map[string]any{"exp": w.clock.now().Add(24 * time.Hour).Unix(), "email": "mallory@b.example", "email_verified": true}
	})
	require.NotEmpty(t, h.through(w.browser(), nil).Code)
}

// Mix-up (RFC 9207, RFC 9700 section 4.4): an answer is taken at its own provider's address only, under its
// own issuer, in the browser that began.
func TestMixedUpAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	honest, evil := newHostile(t), newHostile(t)
	w.provider("idp", honest.URL, "client")
	w.provider("evil", evil.URL, "client")
	begin := func(provider string) account.SocialRedirect {
		to, err := w.browser().startSocial(func(in *account.StartSocial) { in.Provider = provider })
		require.NoError(t, err)
		return to
	}
	// The honest provider's code comes back with the state of a sign-in at the evil one.
	to := begin("evil")
	_, err := w.service.FinishSocial(t.Context(), account.FinishSocial{Site: "club", Provider: "idp", State: stateOf(t, to), Code: "the-code", Binding: to.Binding})
	require.Equal(t, fault.BadInput, fault.CodeOf(err))
	require.Nil(t, evil.form, "the code did not go to the evil one")
	// At another site's address.
	to = begin("idp")
	_, err = w.service.FinishSocial(t.Context(), account.FinishSocial{Site: "venue", Provider: "idp", State: stateOf(t, to), Code: "the-code", Binding: to.Binding})
	require.Equal(t, fault.BadInput, fault.CodeOf(err))
	require.Nil(t, honest.form)

	finish := func(iss string) account.SocialEnd {
		to := begin("idp")
		return w.finish(to, url.Values{"state": {stateOf(t, to)}, "code": {"the-code"}, "iss": {iss}})
	}
	w.log.take()
	w.refusedKindly("another issuer", finish(evil.URL))
	require.Nil(t, honest.form, "refused before the code is shown to anybody")
	honest.lies(func() { honest.document = map[string]any{"authorization_response_iss_parameter_supported": true} })
	w.clock.add(2 * time.Hour) // the document is read anew
	w.refusedKindly("an issuer that is promised and missing", finish(""))
	honest.lies(func() {
		honest.document = map[string]any{"authorization_response_iss_parameter_supported": true}
		honest.claims = map[string]any{"exp": w.clock.now().Add(time.Hour).Unix(), "nonce": nil}
	})
	w.refusedKindly("the right issuer, but no nonce", finish(honest.URL))
	require.NotEmpty(t, honest.form.Get("code_verifier"))
}

// Endless, slow and circling answers end soon, at whatever endpoint, and tell nobody more than that.
func TestHostileAnswersEnd(t *testing.T) {
	t.Parallel()
	require.Equal(t, 10*time.Second, outbound.Client(false).Timeout, "what the test shortens")
	w := newWorld(t)
	w.client.Timeout = 300 * time.Millisecond
	h := newHostile(t)
	w.provider("idp", h.URL, "client")
	const document = "/.well-known/openid-configuration"
	for _, path := range []string{document, "/token", "/keys", "/userinfo"} {
		for mood, set := range map[string]func(){
			"floods": func() { h.floods = path }, // 100 MB
			"hangs":  func() { h.hangs = path },
			"loops":  func() { h.loops = path },
		} {
			w.clock.add(2 * time.Hour)
			h.lies(set)
			h.claims = map[string]any{"exp": w.clock.now().Add(time.Hour).Unix()}
			begun := time.Now()
			w.refusedKindly(path+" "+mood, h.through(w.browser(), nil))
			require.Less(t, time.Since(begun), 5*time.Second, path+" "+mood)
		}
	}
	require.Less(t, h.flooded.Load(), int64(4*8<<20), "a megabyte is read of each, and what the network holds")
}

// What staff typed as an issuer, and what its document names, does not reach into our network.
func TestDiscoveryIsGuarded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := newHostile(t)
	refused := func(name, issuer string) {
		w.clock.add(2 * time.Hour)
		w.provider("idp", issuer, "client")
		to, err := w.browser().startSocial(nil)
		require.NoError(t, err)
		require.NotNil(t, to.End, name)
		w.refusedKindly(name, *to.End)
		require.Empty(t, to.URL)
	}
	for name, lie := range map[string]func(){
		"another issuer in the document":   func() { h.issuer = "https://accounts.google.com" },
		"no issuer in the document":        func() { h.issuer = "" },
		"the issuer with a slash":          func() { h.issuer = h.URL + "/" },
		"a page that is a script":          func() { h.document = map[string]any{"authorization_endpoint": "javascript:alert(1)"} },
		"a page over plain http":           func() { h.document = map[string]any{"authorization_endpoint": "http://plain.example/auth"} },
		"a page that is a path":            func() { h.document = map[string]any{"authorization_endpoint": "/auth"} },
		"endpoints of the wrong type":      func() { h.document = map[string]any{"token_endpoint": []int{1}} },
		"a document that is not an object": func() { h.document = map[string]any{"issuer": 1} },
	} {
		h.lies(lie)
		refused(name, h.URL)
	}
	private := []string{"https://10.0.0.1", "https://192.168.1.1", "https://169.254.169.254", "https://[fe80::1]", "https://[fd00::1]", "https://100.64.0.1", "https://0.0.0.0", "https://[::ffff:10.0.0.1]"}
	for _, address := range private {
		begun := time.Now()
		refused(address, address)
		require.Less(t, time.Since(begun), 5*time.Second, "refused before it is dialled")
	}
	w.provider("idp", h.URL, "client")
	for _, endpoint := range []string{"token_endpoint", "jwks_uri", "userinfo_endpoint"} {
		for _, address := range append(private, "http://plain.example", "file:///etc/passwd", "gopher://127.0.0.1") {
			w.clock.add(2 * time.Hour)
			h.lies(func() {
				h.document = map[string]any{endpoint: address + "/x"}
				h.claims = map[string]any{"exp": w.clock.now().Add(time.Hour).Unix()}
			})
			w.refusedKindly(endpoint+" "+address, h.through(w.browser(), nil))
		}
	}
	h.reset()
	w.provider("idp", h.URL, "client")
	strict := account.New(account.Config{DB: w.db, Sites: w.sites, Key: strings.Repeat("k", 40), PublicURL: publicURL, Now: w.clock.now, Log: slog.New(slog.DiscardHandler)})
	to, err := strict.StartSocial(t.Context(), account.StartSocial{Site: "club", Provider: "idp", Origin: shop, Mode: account.ModePopup, Attempt: w.browser().attempt})
	require.NoError(t, err)
	require.NotNil(t, to.End, "loopback only where it is allowed")
}
