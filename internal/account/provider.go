package account

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/markbates/goth/providers/openidConnect"

	"carnet/internal/outbound"
	"carnet/internal/site"
)

const (
	discoveryLife = time.Hour
	discoveryMax  = 1000 // issuers remembered
)

// providers builds goth's providers, one for each login: goth's own registry is global and knows no sites.
type providers struct {
	callback string
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

func newProviders(callback string, loopback bool, now func() time.Time) *providers {
	return &providers{callback: callback, loopback: loopback, client: outbound.Client(loopback), now: now, known: map[string]discovered{}}
}

// discover reads an issuer's discovery document; a good one is remembered for an hour.
func (f *providers) discover(ctx context.Context, issuer string) (*oidc.Provider, error) {
	f.mu.Lock()
	found, ok := f.known[issuer]
	f.mu.Unlock()
	if ok && f.now().Before(found.until) {
		return found.provider, nil
	}
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, f.client), issuer) // checks that the issuer is the one asked for
	if err != nil {
		return nil, fmt.Errorf("discover %s: %w", issuer, err)
	}
	page, err := url.Parse(p.Endpoint().AuthURL)
	if err == nil {
		err = outbound.CheckScheme(page, f.loopback) // the browser goes there
	}
	if err != nil {
		return nil, fmt.Errorf("authorization endpoint of %s: %w", issuer, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.known) >= discoveryMax {
		clear(f.known)
	}
	f.known[issuer] = discovered{provider: p, until: f.now().Add(discoveryLife)}
	return p, nil
}

// build makes goth's provider and the verifier of its ID tokens for one login. goth checks no
// signature, so the verifier decides.
func (f *providers) build(ctx context.Context, c site.Provider, clientSecret string) (*openidConnect.Provider, *oidc.IDTokenVerifier, error) {
	found, err := f.discover(ctx, c.Issuer)
	if err != nil {
		return nil, nil, err
	}
	ends := found.Endpoint()
	p, err := openidConnect.NewCustomisedURL(c.ClientID, clientSecret, f.callback, ends.AuthURL, ends.TokenURL, c.Issuer,
		found.UserInfoEndpoint(), "", oidc.ScopeOpenID, "email", "profile")
	if err != nil {
		return nil, nil, fmt.Errorf("provider %s: %w", c.Issuer, err)
	}
	p.SetName(c.Name)
	p.HTTPClient = f.client
	verifier := found.VerifierContext(oidc.ClientContext(context.WithoutCancel(ctx), f.client), &oidc.Config{ClientID: c.ClientID, Now: f.now})
	return p, verifier, nil
}
