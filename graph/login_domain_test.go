package graph_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// zone is a name server on loopback with TXT records.
type zone struct {
	mu      sync.Mutex
	records map[string]string // by name, with the last dot
}

func (z *zone) put(name, text string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.records = map[string]string{name + ".": text}
}

// resolver asks the zone for everything.
func (z *zone) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() }) // ends the loop
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			z.answer(&m)
			if out, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(out, from) // who asked may be gone
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (z *zone) answer(m *dnsmessage.Message) {
	z.mu.Lock()
	defer z.mu.Unlock()
	m.Response, m.Additionals = true, nil
	q := m.Questions[0]
	text, known := z.records[q.Name.String()]
	if !known {
		m.RCode = dnsmessage.RCodeNameError
		return
	}
	if q.Type == dnsmessage.TypeTXT {
		m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: &dnsmessage.TXTResource{TXT: []string{text}}}}
	}
}

// proxy stands for one before a server: it ends https and passes the Host header on, or names its own.
type proxy struct {
	to   string // host and port
	name string // empty: as it came
}

func (p proxy) RoundTrip(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.Host = r.URL.Host
	if p.name != "" {
		out.Host = p.name
	}
	out.URL.Scheme, out.URL.Host = "http", p.to
	return http.DefaultTransport.RoundTrip(out)
}

const (
	setDomain   = `mutation($d: String!) { setLoginDomain(input: {domain: $d}) { site { loginDomain { domain url verifiedAt recordName recordText loginRedirectUrl origins } } errors { code message path } } }`
	checkDomain = `mutation { checkLoginDomain { site { loginDomain { verifiedAt } } errors { code message path } } }`
	hallLogin   = "login.hall.example"
)

type loginDomain struct {
	Domain, URL, RecordName, RecordText, LoginRedirectURL string
	VerifiedAt                                            *string
	Origins                                               []string
}

// D-05: an owner chooses a login domain; it counts once the DNS names the site and the name leads here.
func TestLoginDomain(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "hall"), p.NewSite(t, "barn")
	for _, one := range []*apptest.Site{s, other} {
		_, err := p.Sites.Update(one.AsOwner(t.Context()), site.Update{Origins: &[]site.Origin{{Origin: "https://www.hall.example"}, {Origin: "https://shop.example"}}})
		require.NoError(t, err)
	}
	names := &zone{}
	own := strings.TrimPrefix(p.URL, "http://")
	p.Sites.LoginDomains = site.LoginDomains{Resolver: names.resolver(t), Client: &http.Client{Transport: proxy{to: own}}}
	owner := s.SignIn(t, site.Owner)
	for domain, why := range map[string]string{
		"localhost.example:80": "INVALID_DOMAIN domain", "192.0.2.1": "INVALID_DOMAIN domain", "co.uk": "INVALID_DOMAIN domain", "https://login.hall.example": "INVALID_DOMAIN domain",
		"login.hall.example/x": "INVALID_DOMAIN domain", "-login.hall.example": "INVALID_DOMAIN domain", "login-.hall.example": "INVALID_DOMAIN domain", "localhost": "NO_SIBLING domain", "*.hall.example": "INVALID_DOMAIN domain", own: "INVALID_DOMAIN domain",
		"login.other.example": "NO_SIBLING domain", "login.hall.example.org": "NO_SIBLING domain", "localhost:8080": "NO_SIBLING domain",
	} {
		require.Equal(t, []string{why}, p.Payload(t, owner, setDomain, vars{"d": domain}, nil), domain)
	}
	require.Equal(t, []string{"REQUIRED domain"}, p.Payload(t, owner, checkDomain, nil, nil))

	var set struct {
		SetLoginDomain struct {
			Site struct{ LoginDomain loginDomain }
		}
	}
	p.Must(t, owner, setDomain, vars{"d": " LOGIN.hall.example "}, &set)
	require.Equal(t, loginDomain{
		Domain: hallLogin, URL: "https://" + hallLogin, RecordName: "_carnet." + hallLogin, RecordText: "carnet-site=hall",
		LoginRedirectURL: "https://" + hallLogin + "/v1/social/callback/hall/", Origins: []string{"https://www.hall.example"},
	}, set.SetLoginDomain.Site.LoginDomain)

	check := func(who apptest.Header) []string { return p.Payload(t, who, checkDomain, nil, nil) }
	require.Equal(t, []string{"NO_RECORD domain"}, check(owner))
	names.put("_carnet."+hallLogin, "carnet-site=barn")
	require.Equal(t, []string{"NO_RECORD domain"}, check(owner), "of another site")
	names.put("_carnet."+hallLogin, "carnet-site=hall")
	stranger := httptest.NewServer(http.NotFoundHandler())
	defer stranger.Close()
	for why, bad := range map[string]proxy{
		"UNREACHABLE domain": {to: "127.0.0.1:1"}, "OTHER_SERVER domain": {to: strings.TrimPrefix(stranger.URL, "http://")}, "WRONG_HOST domain": {to: own, name: "carnet.internal"},
	} {
		p.Sites.LoginDomains.Client = &http.Client{Transport: bad}
		require.Equal(t, []string{why}, check(owner))
	}
	answers := func(host string) bool {
		return hosted(t, p, host, "/widgets/v1/sites/hall", nil).Server == "https://"+host
	}
	require.False(t, answers(hallLogin), "not before it is verified")
	p.Sites.LoginDomains.Client = &http.Client{Transport: proxy{to: own}}
	require.Empty(t, check(owner))
	require.True(t, answers(hallLogin))

	// Whoever claims it too waits until it is free; the claim alone kept nobody out.
	barn := other.SignIn(t, site.Owner)
	p.Must(t, barn, setDomain, vars{"d": hallLogin}, nil)
	names.put("_carnet."+hallLogin, "carnet-site=barn")
	require.Equal(t, []string{"TAKEN domain"}, check(barn))
	require.Equal(t, []string{"NO_RECORD domain"}, check(owner), "its proof is gone")
	require.False(t, answers(hallLogin))
	require.Empty(t, check(barn))
	p.Must(t, barn, setDomain, vars{"d": ""}, nil)

	var told struct {
		EmbedEvents []struct{ Kind, What string }
	}
	p.Must(t, owner, `{ embedEvents { kind what } }`, nil, &told)
	kinds := []string{}
	for _, e := range told.EmbedEvents {
		require.Equal(t, hallLogin, e.What)
		kinds = append(kinds, e.Kind)
	}
	require.Equal(t, []string{"LOGIN_DOMAIN_LOST", "LOGIN_DOMAIN_VERIFIED", "LOGIN_DOMAIN_SET"}, kinds)
	for _, role := range []site.Role{site.Manager, site.Operator, site.Viewer} {
		p.Refused(t, s.As(role), "FORBIDDEN", setDomain, vars{"d": ""})
		p.Refused(t, s.As(role), "FORBIDDEN", checkDomain, nil)
	}
	p.Must(t, s.As(site.Manager), `{ site { loginDomain { domain } } }`, nil, nil)
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", `{ site { loginDomain { domain } } }`, nil)
}

// manifest is what a page is told of a site.
type manifest struct {
	Status              int
	Server, Credentials string
	Core                struct{ URL string }
	Error               struct{ Message string }
}

func hosted(t *testing.T, p *apptest.Program, host, path string, header apptest.Header) manifest {
	t.Helper()
	resp := sendTo(t, p, host, http.MethodGet, path, header, "")
	defer resp.Body.Close()
	out := manifest{Status: resp.StatusCode}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&out))
	return out
}

// sendTo sends a request that names a host of its own.
func sendTo(t *testing.T, p *apptest.Program, host, method, path string, header apptest.Header, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Host = host
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	return resp
}

// D-05: what pages, mails and signing out are like on a login domain of a running server.
func TestLoginDomainInUse(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "hall")
	withShop(t, s)
	p.NewSite(t, "barn")
	at, err := url.Parse(p.URL)
	require.NoError(t, err)
	const domain = "login.shop.example"
	_, err = p.DB.Bun.NewRaw("UPDATE site SET login_domain = ?, login_domain_verified_at = now() WHERE id = ?", domain, s.ID).Exec(t.Context())
	require.NoError(t, err)

	page := hosted(t, p, domain, "/widgets/v1/sites/hall", apptest.Header{"Origin": shopPage})
	require.Equal(t, "https://"+domain, page.Server)
	require.Equal(t, "include", page.Credentials)
	require.True(t, strings.HasPrefix(page.Core.URL, page.Server+"/widgets/v1/assets/core-"), page.Core.URL)
	page = hosted(t, p, at.Host, "/widgets/v1/sites/hall", apptest.Header{"Origin": shopPage})
	require.Equal(t, "omit", page.Credentials)
	require.Equal(t, p.URL, page.Server)
	page = hosted(t, p, domain, "/widgets/v1/sites/barn", apptest.Header{"Origin": shopPage})
	require.Equal(t, http.StatusForbidden, page.Status)
	require.Contains(t, page.Error.Message, "data-site")
	page = hosted(t, p, domain, "/widgets/v1/sites/hall", apptest.Header{"Origin": "https://elsewhere.example"})
	require.Equal(t, http.StatusForbidden, page.Status)
	require.Contains(t, page.Error.Message, p.URL, "the console says what to load instead")

	b := newBrowser(t, s)
	b.domain = domain
	b.register("ada@example.org", "Ada", "Lovelace", "long enough 1")
	require.Contains(t, mailTo(t, s, "ada@example.org").Text, "https://"+domain+"/v1/email/", "the mail's link leads to where one was")
	require.True(t, b.me())

	ask := func(h apptest.Header) string {
		resp := sendTo(t, p, domain, http.MethodPost, "/graphql", h, `{"query":"{ viewer { access } }"}`)
		defer resp.Body.Close()
		var out struct {
			Data struct{ Viewer struct{ Access string } }
		}
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&out))
		return out.Data.Viewer.Access
	}
	staff := s.SignIn(t, site.Owner)
	staff["Content-Type"] = "application/json"
	require.NotEqual(t, "OWNER", ask(staff), "the staff's cookie is not for it")
	require.Empty(t, ask(apptest.Header{"Content-Type": "application/json", "Carnet-Site": "barn"}), "another site")

	_, file := b.held()
	require.Contains(t, file, "Lovelace", "the file about oneself is had there, too")

	header := b.header("/graphql")
	header["Content-Type"] = "application/json"
	resp := sendTo(t, p, domain, http.MethodPost, "/graphql", header, `{"query":"mutation { signOut(input: {everywhere: false}) { signedOut } }"}`)
	resp.Body.Close()
	require.Len(t, resp.Cookies(), 1)
	require.Contains(t, resp.Cookies()[0].Name, "__Host-carnet-session-")
	require.Negative(t, resp.Cookies()[0].MaxAge, "signing out takes the cookie away")
	require.False(t, b.me())
}

// Monitors ask by a machine's address, above all when the database is gone: the process lives, is not ready, and its figures are told.
func TestMonitorsAskByAnyName(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	_, err := p.DB.Bun.NewRaw("ALTER TABLE site RENAME TO gone").Exec(t.Context())
	require.NoError(t, err)
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/metrics": http.StatusOK, "/graphql": http.StatusInternalServerError} {
		resp := sendTo(t, p, "10.0.0.7:8080", http.MethodGet, path, nil, "")
		resp.Body.Close()
		require.Equal(t, want, resp.StatusCode, path)
	}
}
