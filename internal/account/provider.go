package account

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/markbates/goth/providers/openidConnect"

	"carnet/internal/site"
)

const (
	providerPatience = 10 * time.Second
	providerMaxBody  = 1 << 20
	discoveryLife    = time.Hour
	discoveryMax     = 1000 // issuers remembered
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
	return &providers{callback: callback, loopback: loopback, client: guardedClient(loopback), now: now, known: map[string]discovered{}}
}

// guardedClient is what may talk to an address that a site's staff typed: https to public addresses,
// no proxy, no redirect, ten seconds, a megabyte. The address is checked when it is dialled, so a
// name that resolves anew changes nothing.
func guardedClient(loopback bool) *http.Client {
	dialer := &net.Dialer{Timeout: providerPatience, Control: func(_, address string, _ syscall.RawConn) error {
		return checkAddress(address, loopback)
	}}
	return &http.Client{
		Timeout: providerPatience,
		Transport: &guard{loopback: loopback, next: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: providerPatience, ResponseHeaderTimeout: providerPatience,
			MaxResponseHeaderBytes: 64 << 10, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("a login provider must not redirect") },
	}
}

// reserved are ranges that netip's own predicates leave out (RFC 6890).
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"),
}

func checkAddress(address string, loopback bool) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, err)
	}
	ip := at.Addr().Unmap()
	if ip.IsLoopback() && loopback {
		return nil
	}
	bad := !ip.IsGlobalUnicast() || ip.IsPrivate()
	for _, p := range reserved {
		bad = bad || p.Contains(ip)
	}
	if bad {
		return fmt.Errorf("%s is not a public address", ip)
	}
	return nil
}

// guard refuses plain http and answers without end.
type guard struct {
	loopback bool
	next     http.RoundTripper
}

func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := checkScheme(r.URL, g.loopback); err != nil {
		return nil, err
	}
	resp, err := g.next.RoundTrip(r)
	if err == nil {
		resp.Body = &bounded{ReadCloser: resp.Body, left: providerMaxBody}
	}
	return resp, err
}

func checkScheme(u *url.URL, loopback bool) error {
	if u.Scheme == "https" || u.Scheme == "http" && loopback && isLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("a login provider speaks https, not %s", u.Scheme)
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("the login provider's answer is larger than a megabyte")
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
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
		err = checkScheme(page, f.loopback) // the browser goes there
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
