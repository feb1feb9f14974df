// Package apptest starts the whole program for a test: a database of its own, the change feed, and
// a real HTTP server on loopback. Tests speak to it as clients do.
package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"carnet/internal/app"
	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/live"
	"carnet/internal/site"
)

// Password is that of every staff member a test makes.
const Password = "correct horse battery"

// Program is a running Carnet.
type Program struct {
	*app.App
	URL string
}

// Start runs the program until the test ends. SMTP stays unset: mail waits in the outbox.
func Start(t testing.TB) *Program { return StartWith(t, func(*app.Config) {}) }

// StartWith is Start with a changed configuration.
func StartWith(t testing.TB, change func(*app.Config)) *Program {
	t.Helper()
	return run(t, dbtest.New(t), change)
}

// StartTraced is Start for a test that hears of each query.
func StartTraced(t testing.TB, tracer pgx.QueryTracer) *Program {
	t.Helper()
	return run(t, dbtest.Traced(t, tracer), func(*app.Config) {})
}

func run(t testing.TB, d *db.DB, change func(*app.Config)) *Program {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	cfg := app.Config{Addr: l.Addr().String(), Data: t.TempDir(), Secret: strings.Repeat("test secret ", 4), Log: slog.New(slog.DiscardHandler)}
	change(&cfg)
	a, err := app.New(t.Context(), cfg, d)
	require.NoError(t, err)
	a.Start()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- a.Server.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		<-ended
		a.Stop()
	})
	select {
	case <-a.Feed.ReadyC():
	case <-time.After(2 * time.Minute): // a slot waits for every writing transaction of the server, which other tests share
		t.Fatal("the change feed did not start")
	}
	return &Program{App: a, URL: "http://" + l.Addr().String()}
}

// Site is a site with one member of staff of every role, each with an API key where keys exist.
type Site struct {
	site.Site
	Program *Program
	Secret  string
	Owner   site.Staff
	Keys    map[site.Role]string
}

// NewSite makes a site with contact management on.
func (p *Program) NewSite(t testing.TB, publicID string) *Site {
	t.Helper()
	ctx := t.Context()
	of, owner, secret, err := p.Sites.Create(ctx, site.NewSite{PublicID: publicID, Name: "Site " + publicID, TimeZone: "Europe/Oslo", Language: "en", Country: "NO"},
		site.NewStaff{Email: "owner@" + publicID + ".example", Name: "Olga Owner", Password: Password})
	require.NoError(t, err)
	on := true
	as := app.System(ctx, of)
	of, err = p.Sites.Update(as, site.Update{ContactManagement: &on})
	require.NoError(t, err)
	out := &Site{Site: of, Program: p, Secret: secret, Owner: owner, Keys: map[site.Role]string{}}
	asOwner := site.WithActor(ctx, site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: owner.ID, Name: owner.Name, Epoch: owner.SessionEpoch, Book: true})
	for _, role := range []site.Role{site.Manager, site.Operator, site.Viewer} {
		_, key, err := p.Sites.CreateKey(asOwner, string(role), role, nil)
		require.NoError(t, err)
		out.Keys[role] = key
	}
	return out
}

// AsOwner gives a context in which the site's owner acts.
func (s *Site) AsOwner(ctx context.Context) context.Context {
	return site.WithActor(ctx, site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: s.ID, ID: s.Owner.ID, Name: s.Owner.Name, Epoch: s.Owner.SessionEpoch, Book: true})
}

// Error is a GraphQL error as it travels.
type Error struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// Code gives extensions.code.
func (e Error) Code() string { c, _ := e.Extensions["code"].(string); return c }

// Result is a GraphQL answer.
type Result struct {
	Status int
	Data   json.RawMessage `json:"data"`
	Errors []Error         `json:"errors"`
	Raw    string
}

// Vars are variables of an operation.
type Vars map[string]any

// Header is how a request says who calls.
type Header map[string]string

// Key gives the header of an API key.
func Key(key string) Header { return Header{"Authorization": "Bearer " + key} }

// As gives the header of the site's key of a role.
func (s *Site) As(role site.Role) Header { return Key(s.Keys[role]) }

// SignIn makes a member of staff with a role, by an invitation, and gives the header of their session in a browser.
func (s *Site) SignIn(t testing.TB, role site.Role) Header {
	t.Helper()
	address := strings.ToLower(uuid.NewString()[:8]) + "@" + s.PublicID + ".example"
	var token string
	_, err := s.Program.Sites.Invite(s.AsOwner(t.Context()), address, role, func(_ context.Context, _ bun.IDB, _ site.Site, _, sent string) error { token = sent; return nil })
	require.NoError(t, err)
	_, err = s.Program.Sites.AcceptInvitation(t.Context(), token, "Staff "+string(role), Password)
	require.NoError(t, err)
	body, err := json.Marshal(map[string]string{"email": address, "password": Password, "site": s.PublicID})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Program.URL+"/v1/staff/session", bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Len(t, resp.Cookies(), 1)
	return Header{"Cookie": resp.Cookies()[0].String()}
}

// Visitor gives the header of an anonymous widget.
func (s *Site) Visitor() Header { return Header{"Carnet-Site": s.PublicID} }

// Do sends an operation and gives the answer, whatever it is.
func (p *Program) Do(t testing.TB, h Header, query string, vars Vars) Result {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	require.NoError(t, err)
	status, raw := p.HTTP(t, http.MethodPost, "/graphql", h, "application/json", bytes.NewReader(body))
	out := Result{Status: status, Raw: raw}
	require.NoError(t, json.Unmarshal([]byte(raw), &out), raw)
	return out
}

// Must sends an operation that has to succeed and reads its data into to, when given.
func (p *Program) Must(t testing.TB, h Header, query string, vars Vars, to any) {
	t.Helper()
	r := p.Do(t, h, query, vars)
	require.Empty(t, r.Errors, "%s", r.Raw)
	require.NotContains(t, r.Raw, `"errors":[{"code"`, "the payload has errors")
	if to != nil {
		require.NoError(t, json.Unmarshal(r.Data, to), r.Raw)
	}
}

// Refused sends an operation that must fail with a code and with no data of its field.
func (p *Program) Refused(t testing.TB, h Header, code, query string, vars Vars) Error {
	t.Helper()
	r := p.Do(t, h, query, vars)
	require.NotEmpty(t, r.Errors, "nothing was refused: %s", r.Raw)
	require.Equal(t, code, r.Errors[0].Code(), r.Raw)
	return r.Errors[0]
}

// UserError is what a payload says can be mended.
type UserError struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Path    []string `json:"path"`
	Names   []string `json:"names"` // where it was asked for
}

// At gives code and path in one text, for comparing.
func (e UserError) At() string { return e.Code + " " + strings.Join(e.Path, ".") }

// Payload sends a mutation whose payload selects errors{code message path} and gives these as "CODE path".
func (p *Program) Payload(t testing.TB, h Header, mutation string, vars Vars, to any) []string {
	t.Helper()
	r := p.Do(t, h, mutation, vars)
	require.Empty(t, r.Errors, "%s", r.Raw)
	var fields map[string]struct{ Errors []UserError }
	require.NoError(t, json.Unmarshal(r.Data, &fields), r.Raw)
	require.Len(t, fields, 1)
	if to != nil {
		require.NoError(t, json.Unmarshal(r.Data, to), r.Raw)
	}
	at := []string{}
	for _, f := range fields {
		for _, e := range f.Errors {
			require.NotEmpty(t, e.Message)
			at = append(at, e.At())
		}
	}
	return at
}

// HTTP sends any request.
func (p *Program) HTTP(t testing.TB, method, path string, h Header, contentType string, body io.Reader) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.URL+path, body)
	require.NoError(t, err)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for k, v := range h {
		req.Header.Set(k, v)
	}
	req.Host = h["Host"] // empty: the server's own
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}

// Caught waits until the change feed has applied everything committed so far.
func (p *Program) Caught(t testing.TB) {
	t.Helper()
	at, err := live.CurrentLSN(t.Context(), p.DB.Pool)
	require.NoError(t, err)
	require.NoError(t, p.Feed.Wait(t.Context(), at))
}

// NewPerson makes a person as the operator and gives the id.
func (s *Site) NewPerson(t testing.TB, first, last string) string {
	t.Helper()
	var out struct {
		CreatePerson struct{ Person struct{ ID string } }
	}
	s.Program.Must(t, s.As(site.Operator), `mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id } errors { code message path } } }`,
		Vars{"i": map[string]any{"firstName": first, "lastName": last}}, &out)
	require.NotEmpty(t, out.CreatePerson.Person.ID)
	return out.CreatePerson.Person.ID
}

// Beside starts a second process on the same database.
func Beside(t testing.TB, p *Program, change func(*app.Config)) *Program {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{URL: p.DB.URL(), MaxConns: 4})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) }) // before run's own, so that it runs after
	return run(t, d, change)
}
