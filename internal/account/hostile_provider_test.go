package account_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// providerAccess is the access token that providers of our own give.
const providerAccess = "provider-access-token"

// hostile is a provider of our own that lies as told.
type hostile struct {
	*httptest.Server
	key, otherKey *rsa.PrivateKey

	flooded atomic.Int64 // bytes that were taken of an answer without end

	mu             sync.Mutex
	nonce          string
	claims         map[string]any // over the good ones; nil removes
	userinfo       map[string]any
	forge          bool // sign with a key that is not published
	alg            string
	base           string         // of its addresses
	issuer         string         // in the discovery document
	document       map[string]any // over the good one
	tokenIss       string         // in ID tokens
	keyIssuer      string         // whose key it says that it is, as Microsoft does
	form           url.Values     // what the token endpoint was last sent
	floods         string         // the path whose answers do not end
	hangs          string         // the path that does not answer
	loops          string         // the path that leads to itself
	withoutIDToken bool
	refusal        string // what the token endpoint refuses with
}

func newHostile(t *testing.T) *hostile {
	t.Helper()
	h := &hostile{alg: "RS256"}
	for _, key := range []**rsa.PrivateKey{&h.key, &h.otherKey} {
		var err error
		*key, err = rsa.GenerateKey(rand.Reader, 2048)
		require.NoError(t, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", h.discovery)
	mux.HandleFunc("/{tenant}/v2.0/.well-known/openid-configuration", h.discovery) // as Microsoft
	mux.HandleFunc("/oauth/.well-known/openid-configuration", h.discovery)         // as LinkedIn
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		key := map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": base64.RawURLEncoding.EncodeToString(h.key.N.Bytes()), "e": "AQAB"}
		if h.keyIssuer != "" {
			key["issuer"] = h.keyIssuer
		}
		writeJSON(w, map[string]any{"keys": []any{key}})
	})
	mux.HandleFunc("/token", h.token)
	mux.HandleFunc("/userinfo", func(w http.ResponseWriter, _ *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		writeJSON(w, h.userinfo)
	})
	h.Server = httptest.NewServer(h.moods(mux))
	t.Cleanup(h.Close)
	h.reset()
	return h
}

func (h *hostile) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.claims, h.document, h.forge, h.alg, h.base, h.issuer, h.tokenIss = nil, nil, false, "RS256", h.URL, h.URL, h.URL
	h.floods, h.hangs, h.loops, h.refusal, h.withoutIDToken = "", "", "", "", false
	h.userinfo = map[string]any{"sub": "mallory", "email": "mallory@b.example", "email_verified": true}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (h *hostile) discovery(w http.ResponseWriter, _ *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	document := map[string]any{
		"issuer": h.issuer, "authorization_endpoint": h.base + "/auth", "token_endpoint": h.base + "/token", "jwks_uri": h.base + "/keys",
		"userinfo_endpoint": h.base + "/userinfo", "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
	}
	maps.Copy(document, h.document)
	writeJSON(w, document)
}

// moods are the ways not to answer.
func (h *hostile) moods(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		floods, hangs, loops := h.floods, h.hangs, h.loops
		h.mu.Unlock()
		switch r.URL.Path {
		case hangs:
			_, _ = io.Copy(io.Discard, r.Body) // a server sees that its client has gone once the body is read
			<-r.Context().Done()
		case loops:
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		case floods:
			w.Header().Set("Content-Type", "application/json")
			for range 100 {
				if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
					return
				}
				h.flooded.Add(1 << 20)
			}
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (h *hostile) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.form = r.PostForm
	if h.refusal != "" {
		http.Error(w, h.refusal, http.StatusBadRequest)
		return
	}
	c := map[string]any{
		"iss": h.tokenIss, "sub": "mallory", "aud": "client", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(), "nonce": h.nonce,
	}
	maps.Copy(c, h.claims)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	payload, _ := json.Marshal(c)
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"`+h.alg+`","kid":"1"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	key := h.key
	if h.forge {
		key = h.otherKey
	}
	sum := crypto.SHA256.New()
	sum.Write([]byte(text))
	signature, _ := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum.Sum(nil))
	if h.alg == "none" {
		signature = nil
	}
	answer := map[string]any{"access_token": providerAccess, "token_type": "Bearer", "expires_in": 60}
	if !h.withoutIDToken {
		answer["id_token"] = text + "." + base64.RawURLEncoding.EncodeToString(signature)
	}
	writeJSON(w, answer)
}
