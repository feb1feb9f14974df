// Package outbound talks to addresses that the staff of a site typed: login providers, receivers of
// webhooks. Whoever types one must not reach what only this machine and its network reach.
package outbound

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

const (
	patience = 10 * time.Second // for a whole exchange
	maxBody  = 1 << 20
)

// Client gives a client that reaches public addresses by https: no proxy, no redirect, ten seconds, a
// megabyte. loopback lets it reach this machine too, by plain http if need be; for tests and the demo.
// The address is checked when it is dialled, so a name that resolves anew changes nothing.
func Client(loopback bool) *http.Client {
	dialer := &net.Dialer{Timeout: patience, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("address %q: %w", address, err)
		}
		return CheckAddress(at.Addr(), loopback)
	}}
	return &http.Client{
		Timeout: patience,
		Transport: &guard{loopback: loopback, next: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: patience, ResponseHeaderTimeout: patience,
			MaxResponseHeaderBytes: 64 << 10, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("it must not redirect") },
	}
}

// reserved are ranges that netip's own predicates leave out (RFC 6890).
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"),
}

// CheckAddress refuses what is not a public address.
func CheckAddress(ip netip.Addr, loopback bool) error {
	ip = ip.Unmap()
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

// CheckScheme refuses plain http, but for loopback where that is allowed.
func CheckScheme(u *url.URL, loopback bool) error {
	if u.Scheme == "https" || u.Scheme == "http" && loopback && isLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("the address must begin with https, not %q", u.Scheme)
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// guard refuses plain http and answers without end.
type guard struct {
	loopback bool
	next     http.RoundTripper
}

func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := CheckScheme(r.URL, g.loopback); err != nil {
		return nil, err
	}
	resp, err := g.next.RoundTrip(r)
	if err == nil {
		resp.Body = &bounded{ReadCloser: resp.Body, left: maxBody}
	}
	return resp, err
}

type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("the answer is larger than a megabyte")
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}
