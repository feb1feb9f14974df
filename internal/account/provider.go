package account

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"carnet/internal/outbound"
	"carnet/internal/site"
)

const (
	discoveryLife    = time.Hour
	discoveryMax     = 1000             // documents remembered
	providerPatience = 15 * time.Second // for all that one request of a browser asks of a provider
)

// providers makes a way through a provider for each login: goth's own registry is global and knows no sites.
type providers struct {
	loopback bool
	client   *http.Client
	now      func() time.Time

	mu    sync.Mutex
	known map[string]discovered
}

// discovered is an issuer's discovery document.
type discovered struct {
	provider *oidc.Provider
	until    time.Time
}

func newProviders(client *http.Client, loopback bool, now func() time.Time) *providers {
	if client == nil {
		client = outbound.Client(loopback)
	}
	return &providers{loopback: loopback, client: client, now: now, known: map[string]discovered{}}
}

// way is one login's way through a provider.
type way struct {
	preset
	config   site.Provider
	oauth    oauth2.Config
	client   *http.Client
	found    *oidc.Provider // nil for OAuth 2 alone
	keysURL  string         // where its keys are published
	namesIss bool           // it has promised to name its issuer in answers (RFC 9207)
	now      func() time.Time
}

// visitor is who a provider says has come. Issuer and subject are of the verified ID token, or of a
// provider with fixed addresses.
type visitor struct {
	Issuer, Subject, Email, FirstName, LastName string
	EmailVerified                               bool
}

// untrusted is a provider's answer that failed a check, or none.
type untrusted struct{ err error }

func (u *untrusted) Error() string { return "login provider: " + withoutSecrets(u.err) }
func (u *untrusted) Unwrap() error { return u.err }

// withoutSecrets says what went wrong without what libraries put into their errors: addresses with access
// tokens, and whole answers, which may repeat our secrets.
func withoutSecrets(err error) string {
	var refused *oauth2.RetrieveError
	var asked *url.Error
	switch {
	case errors.As(err, &refused):
		return short(fmt.Sprintf("its token endpoint answered %d %q", refused.Response.StatusCode, short(refused.ErrorCode, 60)), 200)
	case errors.As(err, &asked):
		host := "an unreadable address"
		if u, bad := url.Parse(asked.URL); bad == nil {
			host = u.Host
		}
		return short(fmt.Sprintf("%s %s: %v", asked.Op, host, asked.Err), 300)
	}
	return short(err.Error(), 300)
}

// build makes the way through a provider. callback is the address it redirects to.
func (f *providers) build(ctx context.Context, c site.Provider, clientSecret, callback string) (*way, error) {
	w := &way{preset: presetOf(c), config: c, client: withinTime(ctx, f.client), now: f.now}
	if c.Kind == site.ProviderApple {
		var err error
		if clientSecret, err = appleSecret(c, clientSecret, f.now()); err != nil {
			return nil, err
		}
	}
	w.oauth = oauth2.Config{ClientID: c.ClientID, ClientSecret: clientSecret, RedirectURL: callback, Scopes: w.scopes}
	if w.discovery == "" {
		w.oauth.Endpoint = endpointsOf(c.Kind)
	} else if err := f.discover(ctx, w); err != nil {
		return nil, err
	}
	w.oauth.Endpoint.AuthStyle = w.style
	return w, nil
}

// discover reads a provider's discovery document; a good one is remembered for an hour.
func (f *providers) discover(ctx context.Context, w *way) error {
	f.mu.Lock()
	known, ok := f.known[w.discovery]
	f.mu.Unlock()
	if !ok || !f.now().Before(known.until) {
		// The issuer that the document names is checked below.
		asking := oidc.InsecureIssuerURLContext(oidc.ClientContext(ctx, w.client), w.discovery)
		p, err := oidc.NewProvider(asking, w.discovery)
		if err != nil {
			return fmt.Errorf("discover %s: %w", w.discovery, err)
		}
		known = discovered{provider: p, until: f.now().Add(discoveryLife)}
	}
	var document struct {
		Issuer   string   `json:"issuer"`
		AuthURL  string   `json:"authorization_endpoint"`
		KeysURL  string   `json:"jwks_uri"`
		Methods  []string `json:"token_endpoint_auth_methods_supported"`
		NamesIss bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := known.provider.Claims(&document); err != nil {
		return fmt.Errorf("discovery document of %s: %w", w.discovery, err)
	}
	if !documentFits(w.config, w.discovery, document.Issuer) {
		return fmt.Errorf("the discovery document of %s is of another issuer, %q", w.discovery, short(document.Issuer, 100))
	}
	page, err := url.Parse(document.AuthURL)
	if err == nil {
		err = outbound.CheckScheme(page, f.loopback) // the browser goes there
	}
	if err != nil {
		return fmt.Errorf("authorization endpoint of %s: %w", w.discovery, err)
	}
	w.found, w.oauth.Endpoint, w.keysURL, w.namesIss = known.provider, known.provider.Endpoint(), document.KeysURL, document.NamesIss
	if w.style == oauth2.AuthStyleAutoDetect {
		w.style = styleOf(document.Methods)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.known) >= discoveryMax {
		clear(f.known)
	}
	f.known[w.discovery] = known
	return nil
}

// styleOf chooses how the client proves itself: Basic is what holds where nothing is said (OpenID Connect
// Discovery section 3). Trying both would use the code up.
func styleOf(methods []string) oauth2.AuthStyle {
	post := false
	for _, method := range methods {
		if method == "client_secret_basic" {
			return oauth2.AuthStyleInHeader
		}
		post = post || method == "client_secret_post"
	}
	if post {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

// address is where the browser goes. State, nonce and PKCE verifier are ours.
func (w *way) address(state, nonce, verifier string) string {
	var with []oauth2.AuthCodeOption
	if !w.noPKCE {
		with = append(with, oauth2.S256ChallengeOption(verifier))
	}
	if w.found != nil {
		with = append(with, oidc.Nonce(nonce))
	}
	if w.posts {
		with = append(with, oauth2.SetAuthURLParam("response_mode", "form_post"))
	}
	page, query, _ := strings.Cut(w.oauth.AuthCodeURL(state, with...), "?")
	return page + "?" + strings.ReplaceAll(query, "+", "%20") // Apple does not read a plus as a space
}

// checkIssuer holds an answer to the issuer that it names (RFC 9207 section 2.4).
func (w *way) checkIssuer(iss string) error {
	switch {
	case w.found == nil:
		return nil // OAuth 2 alone; the redirect address is this provider's own
	case iss == "" && w.namesIss:
		return errors.New("the answer names no issuer, though the provider says that its answers do")
	case iss != "" && !issuerFits(w.config, w.discovery, iss):
		return errors.New("the answer came from another issuer")
	}
	return nil
}

// complete exchanges the provider's code and finds out who has come. Only values of ours reach the
// libraries.
func (w *way) complete(ctx context.Context, code, nonce, verifier string) (v visitor, err error) {
	defer func() {
		// goth asserts types of claims that a provider chooses.
		if x := recover(); x != nil {
			err = errors.New("its answer made goth panic")
		}
	}()
	ctx = oidc.ClientContext(ctx, w.client) // oauth2 reads the same key
	var with []oauth2.AuthCodeOption
	if !w.noPKCE {
		with = append(with, oauth2.VerifierOption(verifier))
	}
	token, err := w.oauth.Exchange(ctx, code, with...)
	if err != nil {
		return v, err
	}
	switch w.config.Kind {
	case site.ProviderGitHub:
		return w.askGitHub(ctx, token.AccessToken)
	case site.ProviderFacebook:
		return w.askFacebook(token.AccessToken)
	}
	return w.readIDToken(ctx, token, nonce)
}

// withinTime binds requests to a sign-in: goth's know no context.
func withinTime(ctx context.Context, client *http.Client) *http.Client {
	bound := *client
	bound.Transport = within{ctx, client.Transport}
	return &bound
}

type within struct {
	ctx  context.Context
	next http.RoundTripper
}

func (b within) RoundTrip(r *http.Request) (*http.Response, error) {
	// The request's own deadline, of the client, stays.
	ctx, cancel := context.WithCancel(r.Context())
	stop := context.AfterFunc(b.ctx, cancel)
	resp, err := b.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		stop()
		cancel()
		return nil, err
	}
	resp.Body = &closing{resp.Body, func() { stop(); cancel() }}
	return resp, nil
}

// closing lets go of a request's context with its answer.
type closing struct {
	io.ReadCloser
	done func()
}

func (c *closing) Close() error {
	defer c.done()
	return c.ReadCloser.Close()
}
