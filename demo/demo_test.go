package demo

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/require"
)

// carnet plays Carnet's part of a purchase: the keys, and a redeem that works once per token.
type carnet struct {
	*httptest.Server
	key *ecdsa.PrivateKey

	mu       sync.Mutex
	redeemed map[string]string // token -> idempotency key
	lose     int               // answers to lose after redeeming
}

func startCarnet(t *testing.T) *carnet {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	c := &carnet{key: key, redeemed: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/jwks.json", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /v1/checkout/{jti}/redeem", c.redeem)
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	return c
}

func (c *carnet) redeem(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	var in struct{ IdempotencyKey string }
	_ = json.NewDecoder(r.Body).Decode(&in)
	c.mu.Lock()
	defer c.mu.Unlock()
	if id != "demo" || secret != "secret" {
		http.Error(w, "{}", http.StatusUnauthorized)
		return
	}
	if before, was := c.redeemed[r.PathValue("jti")]; was && before != in.IdempotencyKey {
		http.Error(w, "{}", http.StatusConflict)
		return
	}
	c.redeemed[r.PathValue("jti")] = in.IdempotencyKey
	if c.lose > 0 {
		c.lose--
		panic(http.ErrAbortHandler) // the answer gets lost on its way
	}
	_, _ = w.Write([]byte(`{"order":"FH-1","subject":"usr_1","contact":{"id":"x","number":42,"email":"a@b.no","firstName":"Åse","lastName":"Li"},` +
		`"answers":[{"fieldId":"f","label":"Diet","type":"text","value":"<b>none</b>","display":"<b>none</b>"}],"groups":[{"id":"g","name":"Friends"}]}`))
}

// sign makes a token; change may spoil it.
func (c *carnet) sign(t *testing.T, order, nonce string, change func(*claims, *jose.SignerOptions)) string {
	t.Helper()
	now := time.Now()
	cl := claims{Nonce: nonce, Order: order, Claims: jwt.Claims{
		Issuer: c.URL, Audience: jwt.Audience{"demo"}, ID: rand.Text(), IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(5 * time.Minute)),
	}}
	opts := (&jose.SignerOptions{}).WithType(tokenType)
	if change != nil {
		change(&cl, opts)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: c.key, KeyID: "k1"}}, opts)
	require.NoError(t, err)
	token, err := jwt.Signed(signer).Claims(cl).Serialize()
	require.NoError(t, err)
	return token
}

// visitor is a browser at the demo.
type visitor struct {
	*http.Client
	t    *testing.T
	base string
}

func visit(t *testing.T, c *carnet) *visitor {
	t.Helper()
	srv := httptest.NewServer(Handler(Config{CarnetURL: c.URL, SiteID: "demo", SiteSecret: "secret", PublicURL: "http://localhost:8081"}))
	t.Cleanup(srv.Close)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &visitor{&http.Client{Jar: jar}, t, srv.URL}
}

func (v *visitor) get(path string) (int, string, http.Header) {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.base+path, nil)
	require.NoError(v.t, err)
	return v.do(req)
}

func (v *visitor) do(req *http.Request) (int, string, http.Header) {
	v.t.Helper()
	res, err := v.Do(req)
	require.NoError(v.t, err)
	defer func() { _ = res.Body.Close() }()
	var body strings.Builder
	buf := make([]byte, 64<<10)
	for {
		n, err := res.Body.Read(buf)
		body.Write(buf[:n])
		if err != nil {
			return res.StatusCode, body.String(), res.Header
		}
	}
}

var (
	eventLink  = regexp.MustCompile(`href="(/events/[^"]+)\?lang=en"`)
	orderInput = regexp.MustCompile(`<carnet-checkout order="([^"]+)" nonce="([^"]+)"`)
)

// event opens the next event's page and gives its path, order and nonce.
func (v *visitor) event() (path, order, nonce string) {
	v.t.Helper()
	_, body, _ := v.get("/?lang=en")
	link := eventLink.FindStringSubmatch(body)
	require.NotNil(v.t, link, "an event is coming up")
	_, body, _ = v.get(link[1] + "?lang=en")
	found := orderInput.FindStringSubmatch(body)
	require.NotNil(v.t, found)
	return link[1] + "?lang=en", found[1], found[2]
}

func (v *visitor) buy(path, order, token string) (int, string) {
	v.t.Helper()
	form := url.Values{"order": {order}, "carnet_token": {token}}
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	require.NoError(v.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, body, _ := v.do(req)
	return status, body
}

// D-07
func TestATokenBuysOnce(t *testing.T) {
	t.Parallel()
	c := startCarnet(t)
	v := visit(t, c)
	path, order, nonce := v.event()
	token := c.sign(t, order, nonce, nil)
	status, body := v.buy(path, order, token)
	require.Equal(t, http.StatusOK, status)
	for _, part := range []string{"Thank you, Åse", "42", "Friends", "Diet", "&lt;b&gt;none&lt;/b&gt;"} {
		require.Contains(t, body, part)
	}
	status, body = v.buy(path, order, token)
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, body, "already made")
}

// D-07: two servers of the same host do not know of one another; Carnet does.
func TestATokenRedeemedElsewhereIsUsed(t *testing.T) {
	t.Parallel()
	c := startCarnet(t)
	v := visit(t, c)
	path, order, nonce := v.event()
	token := c.sign(t, order, nonce, func(cl *claims, _ *jose.SignerOptions) { c.redeemed[cl.ID] = "another server's" })
	status, _ := v.buy(path, order, token)
	require.Equal(t, http.StatusConflict, status)
}

func TestALostAnswerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	c := startCarnet(t)
	c.lose = 1
	v := visit(t, c)
	path, order, nonce := v.event()
	status, body := v.buy(path, order, c.sign(t, order, nonce, nil))
	require.Equal(t, http.StatusOK, status, body)
}

// D-07
func TestTokensNotMadeForThisOrderAreRefused(t *testing.T) {
	t.Parallel()
	c := startCarnet(t)
	v := visit(t, c)
	path, order, nonce := v.event()
	_, otherOrder, otherNonce := v.event()
	_, _, foreign := visit(t, c).event()
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	forged := (&carnet{Server: c.Server, key: other}).sign(t, order, nonce, nil)
	spoil := func(change func(*claims)) string {
		return c.sign(t, order, nonce, func(cl *claims, _ *jose.SignerOptions) { change(cl) })
	}
	for name, token := range map[string]string{
		"none":             "",
		"nonsense":         "a.b.c",
		"forged":           forged,
		"another issuer":   spoil(func(cl *claims) { cl.Issuer = "https://evil.example" }),
		"another site":     spoil(func(cl *claims) { cl.Audience = jwt.Audience{"other"} }),
		"ended":            spoil(func(cl *claims) { cl.Expiry = jwt.NewNumericDate(time.Now().Add(-time.Minute)) }),
		"without an end":   spoil(func(cl *claims) { cl.Expiry = nil }),
		"another order":    spoil(func(cl *claims) { cl.Order = otherOrder }),
		"its nonce":        spoil(func(cl *claims) { cl.Nonce = otherNonce }),
		"another visitor":  spoil(func(cl *claims) { cl.Nonce = foreign }),
		"another kind":     c.sign(t, order, nonce, func(_ *claims, o *jose.SignerOptions) { o.WithType("JWT") }),
		"without a number": spoil(func(cl *claims) { cl.ID = "" }),
	} {
		status, _ := v.buy(path, order, token)
		require.Equal(t, http.StatusBadRequest, status, name)
	}
	require.Empty(t, c.redeemed)
}

func TestPagesSpeakThreeLanguagesUnderAStrictPolicy(t *testing.T) {
	t.Parallel()
	c := startCarnet(t)
	v := visit(t, c)
	for lang, word := range map[string]string{"en": "Coming up", "fr": "À venir", "nb": "Kommer snart"} {
		_, body, head := v.get("/?lang=" + lang)
		require.Contains(t, body, word)
		require.Contains(t, body, `data-site="demo"`)
		policy := head.Get("Content-Security-Policy")
		require.Contains(t, policy, "script-src 'self' "+c.URL+";")
		require.NotContains(t, policy, "unsafe")
	}
	for _, lang := range languages {
		require.Len(t, texts[lang], len(texts["en"]), lang)
		for key := range texts["en"] {
			require.NotEmpty(t, texts[lang][key], "%s: %s", lang, key)
		}
		for _, s := range programme {
			require.NotEmpty(t, s.Texts[lang].Title, "%s: %s", lang, s.Slug)
		}
	}
}

func TestTheCalendarHasEventsInEveryMonth(t *testing.T) {
	t.Parallel()
	v := visit(t, startCarnet(t))
	_, body, _ := v.get("/events.json?from=2026-11-01&to=2026-12-01&lang=fr")
	require.Contains(t, body, "Trio Aurores boréales")
	for _, query := range []string{"", "?from=2026-01-01&to=2027-01-01", "?from=x&to=y"} {
		status, _, _ := v.get("/events.json" + query)
		require.Equal(t, http.StatusBadRequest, status, query)
	}
	status, _, _ := v.get("/events/northern-lights-trio/2026-11-02")
	require.Equal(t, http.StatusNotFound, status, "not its day")
}
