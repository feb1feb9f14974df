package account_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"

	"carnet/internal/outbound"
)

// internet leads providers' real names to servers of the test's own. All else of outbound's client holds:
// https, public addresses, sizes, no redirect.
type internet struct {
	next http.RoundTripper

	mu    sync.Mutex
	hosts map[string]string // name to host and port on loopback
}

func newInternet() (*internet, *http.Client) {
	client := outbound.Client(true)
	n := &internet{next: client.Transport, hosts: map[string]string{}}
	client.Transport = n
	return n, client
}

// leads makes names lead to a server on loopback.
func (n *internet) leads(server string, names ...string) {
	to, _ := url.Parse(server)
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, name := range names {
		n.hosts[name] = to.Host
	}
}

func (n *internet) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	to := n.hosts[r.URL.Host]
	n.mu.Unlock()
	if to == "" {
		if _, err := netip.ParseAddr(strings.Trim(r.URL.Hostname(), "[]")); err != nil {
			return nil, fmt.Errorf("no server of this test is called %s", r.URL.Host)
		}
		return n.next.RoundTrip(r)
	}
	if r.URL.Scheme != "https" {
		return nil, fmt.Errorf("%s is asked by plain http", r.URL.Host)
	}
	r = r.Clone(r.Context())
	r.Host = r.URL.Host
	r.URL.Scheme, r.URL.Host = "http", to
	return n.next.RoundTrip(r)
}

// logged is what the service wrote into its log.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// take gives what was written since it was last taken.
func (l *logged) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}
