package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// clock is the time by which codes are taken; the middle of a time step at first.
type clock struct {
	sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.Lock(); defer c.Unlock(); return c.at }

func (c *clock) move(by time.Duration) { c.Lock(); defer c.Unlock(); c.at = c.at.Add(by) }

const step = 30 * time.Second

// stage is a program, a site, its clock and what was logged.
type stage struct {
	*apptest.Program
	site  *apptest.Site
	clock *clock
	log   *syncBuffer
}

type syncBuffer struct {
	sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.Write(p)
}

func (b *syncBuffer) String() string { b.Lock(); defer b.Unlock(); return b.Buffer.String() }

func newStage(t *testing.T) *stage {
	t.Helper()
	c, log := &clock{at: time.Now().Truncate(15 * time.Minute).Add(step / 2)}, &syncBuffer{}
	p := apptest.StartWith(t, func(cfg *app.Config) {
		cfg.Now = c.now
		cfg.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	return &stage{p, p.NewSite(t, "club"), c, log}
}

// browser is a member of staff in a browser with cookies of its own.
type browser struct {
	*stage
	email, id, cookie, password string
	secret                      string // of the app; empty without one
	codes                       []string
}

// hire makes a member of staff, not signed in.
func (w *stage) hire(t *testing.T, s *apptest.Site, role site.Role, email string) *browser {
	t.Helper()
	var token string
	_, err := w.Sites.Invite(s.AsOwner(t.Context()), email, role, func(_ context.Context, _ bun.IDB, _ site.Site, _, sent string) error { token = sent; return nil })
	require.NoError(t, err)
	member, err := w.Sites.AcceptInvitation(t.Context(), token, "Staff "+string(role), apptest.Password)
	require.NoError(t, err)
	return &browser{stage: w, email: email, id: member.ID.String(), password: apptest.Password}
}

// again is the same person in another browser.
func (b *browser) again() *browser {
	other := *b
	other.cookie = ""
	return &other
}

type reply struct {
	SecondStep  string
	Staff       struct{ ID, Name string }
	Secret, URI string
	QR          struct {
		Size int
		Path string
	}
	RecoveryCodes []string
	Error         struct{ Code, Reason, Message string }
}

// post sends JSON with the browser's cookie and keeps the one that comes back.
func (b *browser) post(t *testing.T, path string, in any, headers ...string) (int, reply) {
	t.Helper()
	body, err := json.Marshal(in)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL+path, bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if b.cookie != "" {
		req.Header.Set("Cookie", b.cookie)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		b.cookie = c.Name + "=" + c.Value
	}
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"), path)
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	var out reply
	require.NoError(t, json.Unmarshal(raw, &out), "%s", raw)
	return resp.StatusCode, out
}

// ok is post for what must work.
func (b *browser) ok(t *testing.T, path string, in any) reply {
	t.Helper()
	status, out := b.post(t, path, in)
	require.Equal(t, http.StatusOK, status, "%s: %+v", path, out.Error)
	return out
}

// no is post for what must be refused, with a reason or else a code.
func (b *browser) no(t *testing.T, word, path string, in any, headers ...string) {
	t.Helper()
	status, out := b.post(t, path, in, headers...)
	require.GreaterOrEqual(t, status, 400, "%s was taken", path)
	got := out.Error.Reason
	if got == "" {
		got = out.Error.Code
	}
	require.Equal(t, word, got, path)
}

// knock signs in as far as the password goes and gives what is needed next.
func (b *browser) knock(t *testing.T) string {
	t.Helper()
	status, out := b.post(t, "/v1/staff/session", vars{"email": b.email, "password": b.password, "site": b.site.PublicID})
	if out.SecondStep == "" {
		require.Equal(t, http.StatusOK, status, "%+v", out.Error)
	} else {
		require.Equal(t, http.StatusAccepted, status)
	}
	return out.SecondStep
}

// code is what the app shows some steps from now.
func (b *browser) code(t *testing.T, off int) string {
	t.Helper()
	code, err := totp.GenerateCode(b.secret, b.clock.now().Add(time.Duration(off)*step))
	require.NoError(t, err)
	return code
}

// wrong is a code that the app does not show around now.
func (b *browser) wrong(t *testing.T) string {
	t.Helper()
	for _, code := range []string{"000000", "111111", "222222", "333333"} {
		if code != b.code(t, -1) && code != b.code(t, 0) && code != b.code(t, 1) {
			return code
		}
	}
	t.Fatal("four codes at once")
	return ""
}

// enrol sets up a second step for somebody who is signed in. The clock moves on, so that the next code is a new one.
func (b *browser) enrol(t *testing.T) {
	t.Helper()
	b.secret = b.ok(t, "/v1/staff/second-step", vars{"password": b.password}).Secret
	b.codes = b.ok(t, "/v1/staff/second-step/confirm", vars{"code": b.code(t, 0)}).RecoveryCodes
	b.clock.move(step)
}

func (b *browser) header() apptest.Header { return apptest.Header{"Cookie": b.cookie} }

// in tells whether the API knows who this is.
func (b *browser) in(t *testing.T) bool {
	t.Helper()
	r := b.Do(t, b.header(), "{ viewer { staff { id } } }", nil)
	return r.Status == http.StatusOK && len(r.Errors) == 0
}

type vars = map[string]any
