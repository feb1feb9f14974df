package server_test

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/google/uuid"
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

const (
	second  = "/v1/staff/session/second"
	enrol   = "/v1/staff/session/enrolment"
	confirm = "/v1/staff/session/enrolment/confirm"
)

// Whoever has a second step signs in with a code of the app, which works once, in its time step or the ones beside it.
func TestSecondStepCodes(t *testing.T) {
	t.Parallel()
	w := newStage(t)
	b := w.hire(t, w.site, site.Viewer, "vera@club.example")
	require.Empty(t, b.knock(t))
	offer := b.ok(t, "/v1/staff/second-step", vars{"password": b.password})
	require.Len(t, offer.Secret, 32)
	_, err := base32.StdEncoding.DecodeString(offer.Secret)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(offer.URI, "otpauth://totp/Site%20club:vera@club.example?"), offer.URI)
	require.Contains(t, offer.URI, "secret="+offer.Secret)
	require.Greater(t, offer.QR.Size, 20)
	require.Regexp(t, `^(M\d+ \d+h1v1h-1z)+$`, offer.QR.Path)
	b.secret = offer.Secret
	// Nothing is asked for before a first code has come.
	require.Empty(t, b.again().knock(t))
	b.no(t, "WRONG_CODE", "/v1/staff/second-step/confirm", vars{"code": b.wrong(t)})
	first := b.code(t, 0)
	require.Len(t, b.ok(t, "/v1/staff/second-step/confirm", vars{"code": first}).RecoveryCodes, 10)
	require.True(t, b.in(t), "this session goes on")

	c := b.again()
	require.Equal(t, "CODE", c.knock(t))
	require.False(t, c.in(t))
	c.no(t, "WRONG_CODE", second, vars{"code": first}) // the one that confirmed
	w.clock.move(step)
	code := c.code(t, 0)
	require.Equal(t, "Staff viewer", c.ok(t, second, vars{"code": " " + code[:3] + " " + code[3:]}).Staff.Name)
	require.True(t, c.in(t))

	d := b.again()
	d.knock(t)
	d.no(t, "WRONG_CODE", second, vars{"code": code}) // replayed, in another browser
	w.clock.move(15 * time.Minute)
	d.no(t, "WRONG_CODE", second, vars{"code": d.code(t, -2)}) // too old
	d.no(t, "WRONG_CODE", second, vars{"code": d.code(t, 2)})  // too early
	d.ok(t, second, vars{"code": d.code(t, -1)})               // a clock that is late
	d = b.again()
	d.knock(t)
	d.ok(t, second, vars{"code": d.code(t, 1)}) // one that is early
	d = b.again()
	d.knock(t)
	d.no(t, "WRONG_CODE", second, vars{"code": d.code(t, 0)}) // a step before one that was taken
	d.no(t, "WRONG_CODE", second, vars{"code": ""})
}

// Wrong codes are counted by person, over browsers; afterwards even the right one waits, and never for good. The right ones do not count.
func TestSecondStepTries(t *testing.T) {
	t.Parallel()
	w := newStage(t)
	b := w.hire(t, w.site, site.Viewer, "vera@club.example")
	b.knock(t)
	b.enrol(t)
	for range 6 {
		c := b.again()
		c.knock(t)
		c.ok(t, second, vars{"code": c.code(t, 0)})
		w.clock.move(step)
	}
	c, d := b.again(), b.again()
	c.knock(t)
	d.knock(t)
	for i := range 5 {
		[]*browser{c, d}[i%2].no(t, "WRONG_CODE", second, vars{"code": b.wrong(t)})
	}
	c.no(t, "RATE_LIMITED", second, vars{"code": c.code(t, 0)})
	c.no(t, "RATE_LIMITED", second, vars{"code": b.codes[0]})
	other := apptest.Beside(t, w.Program, func(cfg *app.Config) { cfg.Now = w.clock.now })
	e := b.again()
	e.stage = &stage{other, w.site, w.clock, w.log}
	e.knock(t)
	e.no(t, "RATE_LIMITED", second, vars{"code": c.code(t, 0)}) // in another process too
	colleague := w.hire(t, w.site, site.Viewer, "carl@club.example")
	colleague.knock(t)
	colleague.enrol(t)
	f := colleague.again()
	f.knock(t)
	f.ok(t, second, vars{"code": f.code(t, 0)}) // others are not held up
	w.clock.move(15 * time.Minute)
	c.ok(t, second, vars{"code": c.code(t, 0)})
}

// A recovery code works once, is stored as a hash, and new ones end those before.
func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	w := newStage(t)
	b := w.hire(t, w.site, site.Viewer, "vera@club.example")
	b.knock(t)
	b.no(t, "NOT_FOUND", "/v1/staff/recovery-codes", vars{"password": b.password})
	b.enrol(t)
	require.Len(t, b.codes, 10)
	for _, code := range b.codes {
		require.Regexp(t, `^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$`, code)
	}
	left := func() (n int) {
		var out struct {
			Viewer struct {
				SignIn struct{ RecoveryCodesLeft int }
			}
		}
		w.Must(t, b.header(), "{ viewer { signIn { recoveryCodesLeft } } }", nil, &out)
		return out.Viewer.SignIn.RecoveryCodesLeft
	}
	require.Equal(t, 10, left())
	c := b.again()
	c.knock(t)
	c.ok(t, second, vars{"code": strings.ToLower(strings.ReplaceAll(b.codes[3], "-", ""))})
	require.Equal(t, 9, left())
	d := b.again()
	d.knock(t)
	d.no(t, "WRONG_CODE", second, vars{"code": b.codes[3]}) // a second time

	b.no(t, "WRONG_PASSWORD", "/v1/staff/recovery-codes", vars{})
	b.no(t, "WRONG_PASSWORD", "/v1/staff/recovery-codes", vars{"password": "guess"})
	b.no(t, "WRONG_CODE", "/v1/staff/recovery-codes", vars{"code": b.wrong(t)})
	fresh := b.ok(t, "/v1/staff/recovery-codes", vars{"code": b.code(t, 0)}).RecoveryCodes
	require.Len(t, fresh, 10)
	require.Equal(t, 10, left())
	d.no(t, "WRONG_CODE", second, vars{"code": b.codes[4]}) // one of those before
	d.ok(t, second, vars{"code": fresh[0]})

	// Of somebody else they are worth nothing.
	other := w.hire(t, w.site, site.Viewer, "carl@club.example")
	other.knock(t)
	other.enrol(t)
	e := other.again()
	e.knock(t)
	e.no(t, "WRONG_CODE", second, vars{"code": fresh[1]})
	e.no(t, "WRONG_CODE", second, vars{"code": b.code(t, 1)})
}

// What waits for its second step has no rights: not at the API, not on sockets, not at what changes a sign-in, not for
// applications on other sites. It is the browser's that gave the password, ends after five minutes, and with the person.
func TestPendingHasNoRights(t *testing.T) {
	t.Parallel()
	w := newStage(t)
	b := w.hire(t, w.site, site.Owner, "vera@club.example")
	b.knock(t)
	b.enrol(t)
	c := b.again()
	require.Equal(t, "CODE", c.knock(t))

	w.Refused(t, c.header(), "UNAUTHENTICATED", "{ viewer { access } }", nil)
	w.Refused(t, c.header(), "UNAUTHENTICATED", "{ contacts { nodes { id } } }", nil)
	w.Refused(t, c.header(), "UNAUTHENTICATED", `mutation($i: ID!) { removeSecondStep(input: {id: $i}) { errors { code } } }`, vars{"i": b.id})
	for _, path := range []string{"/v1/staff/second-step", "/v1/staff/second-step/confirm", "/v1/staff/second-step/remove", "/v1/staff/recovery-codes", "/v1/staff/password"} {
		c.no(t, "UNAUTHENTICATED", path, vars{"password": c.password, "newPassword": "another long one", "code": c.code(t, 0)})
	}
	status, _ := w.HTTP(t, http.MethodPost, "/v1/uploads?name=a.csv", c.header(), "text/csv", strings.NewReader("a"))
	require.Equal(t, http.StatusUnauthorized, status)
	// A password alone sets up no other app.
	c.no(t, "SIGN_IN_AGAIN", enrol, vars{})
	c.no(t, "SET_UP_AGAIN", confirm, vars{"code": c.code(t, 0)})
	// Not even one that is being set up by the person themselves.
	next := b.again()
	next.secret = b.ok(t, "/v1/staff/second-step", vars{"password": b.password}).Secret
	c.no(t, "SET_UP_AGAIN", confirm, vars{"code": next.code(t, 0)})

	conn, resp, err := websocket.Dial(t.Context(), strings.Replace(w.URL, "http", "ws", 1)+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Cookie": {c.cookie}}})
	require.NoError(t, err)
	if resp.Body != nil {
		defer resp.Body.Close()
	}
	defer func() { _ = conn.CloseNow() }()
	require.NoError(t, wsjson.Write(t.Context(), conn, vars{"type": "connection_init"}))
	var message any
	require.Equal(t, websocket.StatusCode(4403), websocket.CloseStatus(wsjson.Read(t.Context(), conn, &message)))

	// Another browser, and a page of another site in this one.
	stranger := b.again()
	stranger.no(t, "SIGN_IN_AGAIN", second, vars{"code": c.code(t, 0)})
	c.no(t, "FORBIDDEN", second, vars{"code": c.code(t, 0)}, "Sec-Fetch-Site", "cross-site")
	// A session that was there before is worth nothing any more in this browser, and neither is its token.
	d := b.again()
	d.cookie = b.cookie
	old := b.again()
	old.cookie = b.cookie
	require.True(t, old.in(t))
	require.Equal(t, "CODE", d.knock(t))
	require.False(t, d.in(t))
	require.False(t, old.in(t))
	pending := d.cookie
	d.ok(t, second, vars{"code": d.code(t, 0)})
	require.NotEqual(t, pending, d.cookie)
	require.True(t, d.in(t))
	old.cookie = pending
	old.no(t, "SIGN_IN_AGAIN", second, vars{"code": d.code(t, 1)})

	// Five minutes.
	var left float64
	require.NoError(t, w.DB.Pool.QueryRow(t.Context(), "SELECT min(extract(epoch FROM expires_at - now()))::float8 FROM http_session").Scan(&left))
	require.InDelta(t, 300, left, 30)
	_, err = w.DB.Pool.Exec(t.Context(), "UPDATE http_session SET expires_at = now() WHERE expires_at < now() + interval '10 minutes'")
	require.NoError(t, err)
	w.clock.move(step)
	c.no(t, "SIGN_IN_AGAIN", second, vars{"code": c.code(t, 0)})

	// Shut out, or signed out of everything, meanwhile.
	for _, change := range []string{"disabled_at = now()", "session_epoch = session_epoch + 1"} {
		e := b.again()
		require.Equal(t, "CODE", e.knock(t))
		_, err = w.DB.Pool.Exec(t.Context(), "UPDATE staff SET "+change+" WHERE id = $1", b.id)
		require.NoError(t, err)
		e.no(t, "SIGN_IN_AGAIN", second, vars{"code": e.code(t, 0)})
		_, err = w.DB.Pool.Exec(t.Context(), "UPDATE staff SET disabled_at = NULL WHERE id = $1", b.id)
		require.NoError(t, err)
	}
	_, err = w.DB.Pool.Exec(t.Context(), "UPDATE staff SET disabled_at = now() WHERE id = $1", b.id)
	require.NoError(t, err)
	e := b.again()
	e.no(t, "WRONG_CREDENTIALS", "/v1/staff/session", vars{"email": b.email, "password": b.password})
}

// Whoever works for two sites with one address and password has a second step at each, and one is worth nothing at the other.
func TestSecondStepIsOfOneSite(t *testing.T) {
	t.Parallel()
	w := newStage(t)
	b := w.hire(t, w.site, site.Viewer, "vera@club.example")
	b.knock(t)
	b.enrol(t)
	away := &stage{w.Program, w.NewSite(t, "choir"), w.clock, w.log}
	c := away.hire(t, away.site, site.Owner, "vera@club.example")
	require.Empty(t, c.knock(t), "none there yet")
	c.enrol(t)

	e := c.again()
	require.Equal(t, "CODE", e.knock(t))
	e.no(t, "WRONG_CODE", second, vars{"code": b.code(t, 0)})
	e.no(t, "WRONG_CODE", second, vars{"code": b.codes[0]})
	// An owner of one site reaches nobody of the other.
	w.Refused(t, c.header(), "NOT_FOUND", `mutation($i: ID!) { removeSecondStep(input: {id: $i}) { errors { code } } }`, vars{"i": b.id})
	e.ok(t, second, vars{"code": c.code(t, 0)})
	require.True(t, e.in(t))
}

// Where the site asks for a second step, who has none sets it up before anything else; that is an owner's to decide.
func TestSecondStepRequired(t *testing.T) {
	t.Parallel()
	w := newStage(t)
	owner := w.hire(t, w.site, site.Owner, "olga@club.example")
	owner.knock(t)
	const require_ = `mutation($on: Boolean!) { updateSite(input: {secondStepRequired: $on}) { site { secondStepRequired } errors { code message path } } }`
	manager := w.hire(t, w.site, site.Manager, "mona@club.example")
	manager.knock(t)
	w.Refused(t, manager.header(), "FORBIDDEN", require_, vars{"on": true})
	w.Refused(t, w.site.As(site.Manager), "FORBIDDEN", require_, vars{"on": true})
	w.Must(t, owner.header(), require_, vars{"on": true}, nil)
	require.True(t, manager.in(t), "whoever is signed in works on")

	b := manager.again()
	require.Equal(t, "ENROLMENT", b.knock(t))
	require.False(t, b.in(t))
	b.no(t, "WRONG_CODE", second, vars{"code": "123456"})
	b.no(t, "SET_UP_AGAIN", confirm, vars{"code": "123456"})
	stranger := manager.again()
	stranger.no(t, "SIGN_IN_AGAIN", enrol, vars{})
	b.secret = b.ok(t, enrol, vars{}).Secret
	b.no(t, "WRONG_CODE", confirm, vars{"code": b.wrong(t)})
	stranger.no(t, "SIGN_IN_AGAIN", confirm, vars{"code": b.code(t, 0)})
	late := manager.again()
	require.Equal(t, "ENROLMENT", late.knock(t))
	done := b.ok(t, confirm, vars{"code": b.code(t, 0)})
	require.Len(t, done.RecoveryCodes, 10)
	require.True(t, b.in(t))
	require.False(t, manager.in(t), "a session from before the second step ends")
	// Who waited to set one up with the password alone comes too late.
	late.no(t, "SIGN_IN_AGAIN", enrol, vars{})

	var out struct {
		Viewer struct {
			SignIn struct {
				SecondStepAt, SecondStepDoneAt *time.Time
				SecondStepRequired             bool
			}
		}
	}
	w.Must(t, b.header(), "{ viewer { signIn { secondStepAt secondStepDoneAt secondStepRequired } } }", nil, &out)
	require.NotNil(t, out.Viewer.SignIn.SecondStepAt)
	require.NotNil(t, out.Viewer.SignIn.SecondStepDoneAt)
	require.WithinDuration(t, time.Now(), *out.Viewer.SignIn.SecondStepDoneAt, time.Minute)
	require.True(t, out.Viewer.SignIn.SecondStepRequired)
	b.no(t, "SECOND_STEP_NEEDED", "/v1/staff/second-step/remove", vars{"password": b.password})

	// An invitation leads to it too.
	var token string
	_, err := w.Sites.Invite(w.site.AsOwner(t.Context()), "nils@club.example", site.Viewer, func(_ context.Context, _ bun.IDB, _ site.Site, _, sent string) error { token = sent; return nil })
	require.NoError(t, err)
	fresh := &browser{stage: w, email: "nils@club.example", password: apptest.Password}
	status, answer := fresh.post(t, "/v1/staff/invitation", vars{"token": token, "name": "Nils New", "password": apptest.Password})
	require.Equal(t, http.StatusAccepted, status)
	require.Equal(t, "ENROLMENT", answer.SecondStep)
	require.False(t, fresh.in(t))

	w.Must(t, owner.header(), require_, vars{"on": false}, nil)
	b.ok(t, "/v1/staff/second-step/remove", vars{"password": b.password})
	require.True(t, b.in(t))
	require.Empty(t, b.again().knock(t))
}

// Whoever is signed in shows the password or a code again before changing how they sign in; other sessions then end.
func TestOwnSignInNeedsAProof(t *testing.T) {
	t.Parallel()
	w := newStage(t)
	b := w.hire(t, w.site, site.Support, "vera@club.example")
	b.knock(t)
	other := b.again()
	other.knock(t)
	b.no(t, "WRONG_PASSWORD", "/v1/staff/second-step", vars{})
	b.no(t, "WRONG_PASSWORD", "/v1/staff/second-step", vars{"password": "guess"})
	b.no(t, "WRONG_CODE", "/v1/staff/second-step", vars{"code": "123456"})
	b.no(t, "SET_UP_AGAIN", "/v1/staff/second-step/confirm", vars{"code": "123456"})
	b.no(t, "FORBIDDEN", "/v1/staff/second-step", vars{"password": b.password}, "Sec-Fetch-Site", "cross-site")
	key := &browser{stage: w}
	key.no(t, "FORBIDDEN", "/v1/staff/second-step", vars{"password": b.password}, "Authorization", "Bearer "+w.site.Keys[site.Manager])
	b.secret = b.ok(t, "/v1/staff/second-step", vars{"password": b.password}).Secret
	w.clock.move(16 * time.Minute)
	b.no(t, "SET_UP_AGAIN", "/v1/staff/second-step/confirm", vars{"code": b.code(t, 0)}) // shown too long ago
	b.enrol(t)
	require.False(t, other.in(t))

	// Another app takes the place of this one when its first code is there, not before.
	before := *b
	offer := b.ok(t, "/v1/staff/second-step", vars{"code": b.code(t, 0)})
	w.clock.move(step)
	c := before.again()
	c.knock(t)
	c.ok(t, second, vars{"code": c.code(t, 0)})
	w.clock.move(step)
	b.secret = offer.Secret
	b.codes = b.ok(t, "/v1/staff/second-step/confirm", vars{"code": b.code(t, 0)}).RecoveryCodes
	require.False(t, c.in(t))
	w.clock.move(step)
	c.knock(t)
	c.no(t, "WRONG_CODE", second, vars{"code": c.code(t, 0)})
	c.no(t, "WRONG_CODE", second, vars{"code": before.codes[0]})
	c.secret = b.secret
	c.ok(t, second, vars{"code": b.code(t, 0)})
	w.clock.move(step)

	// The password.
	b.no(t, "WRONG_PASSWORD", "/v1/staff/password", vars{"password": "guess", "newPassword": "another long one"})
	b.no(t, "WEAK_PASSWORD", "/v1/staff/password", vars{"password": b.password, "newPassword": "short"})
	b.no(t, "WRONG_CODE", "/v1/staff/password", vars{"code": b.wrong(t), "newPassword": "another long one"})
	b.ok(t, "/v1/staff/password", vars{"password": b.password, "newPassword": "another long one"})
	require.True(t, b.in(t))
	require.False(t, c.in(t))
	d := b.again()
	d.no(t, "WRONG_CREDENTIALS", "/v1/staff/session", vars{"email": b.email, "password": b.password})
	b.password = "another long one"
	b.ok(t, "/v1/staff/password", vars{"code": b.codes[1], "newPassword": "yet another one"}) // by a recovery code
	b.password = "yet another one"

	b.no(t, "WRONG_PASSWORD", "/v1/staff/second-step/remove", vars{"password": "guess"})
	require.Equal(t, "CODE", b.again().knock(t))
	b.ok(t, "/v1/staff/second-step/remove", vars{"password": b.password})
	require.Empty(t, b.again().knock(t))
	b.no(t, "NOT_FOUND", "/v1/staff/second-step/remove", vars{"password": b.password})

	// Passwords are not guessed there either.
	for range 10 {
		status, _ := b.post(t, "/v1/staff/password", vars{"password": "guess", "newPassword": "another long one"})
		if status == http.StatusTooManyRequests {
			break
		}
	}
	b.no(t, "RATE_LIMITED", "/v1/staff/password", vars{"password": b.password, "newPassword": "another long one"})
}

// An owner removes the second step of another person: it is noted and mailed, and all their sessions end.
func TestOwnerRemovesSecondStep(t *testing.T) {
	t.Parallel()
	w := newStage(t)
	b := w.hire(t, w.site, site.Manager, "vera@club.example")
	b.knock(t)
	b.enrol(t)
	owner := w.hire(t, w.site, site.Owner, "olga@club.example")
	owner.knock(t)
	pending := b.again()
	pending.knock(t)
	const remove = `mutation($i: ID!) { removeSecondStep(input: {id: $i}) { staff { id secondStepAt } errors { code message path } } }`
	w.Refused(t, b.header(), "FORBIDDEN", remove, vars{"i": owner.id})
	w.Refused(t, w.site.As(site.Manager), "FORBIDDEN", remove, vars{"i": b.id})
	w.Refused(t, owner.header(), "FORBIDDEN", remove, vars{"i": owner.id}) // one's own needs the password
	w.Refused(t, owner.header(), "NOT_FOUND", remove, vars{"i": uuid.NewString()})

	since := func(h apptest.Header) map[string]bool {
		var out struct {
			Staff []struct {
				ID           string
				SecondStepAt *time.Time
			}
		}
		w.Must(t, h, "{ staff { id secondStepAt } }", nil, &out)
		has := map[string]bool{}
		for _, one := range out.Staff {
			has[one.ID] = one.SecondStepAt != nil
		}
		return has
	}
	require.True(t, since(b.header())[b.id])
	require.False(t, since(b.header())[owner.id])
	w.Must(t, owner.header(), remove, vars{"i": b.id}, nil)
	require.False(t, b.in(t))
	pending.no(t, "SIGN_IN_AGAIN", second, vars{"code": b.code(t, 0)})
	require.False(t, since(owner.header())[b.id])
	require.Empty(t, b.knock(t))
	w.Refused(t, owner.header(), "NOT_FOUND", remove, vars{"i": b.id}) // a second time

	var out struct {
		Mails struct {
			Nodes []struct{ Recipient, Subject, Text string }
		}
		SignInEvents []struct{ Kind, StaffName, ActorName string }
	}
	w.Must(t, owner.header(), "{ mails { nodes { recipient subject text } } signInEvents(everybody: true) { kind staffName actorName } }", nil, &out)
	require.NotEmpty(t, out.Mails.Nodes)
	require.NotEmpty(t, out.SignInEvents)
	require.Equal(t, "vera@club.example", out.Mails.Nodes[0].Recipient)
	require.Equal(t, "Your second step at Site club was removed", out.Mails.Nodes[0].Subject)
	require.Contains(t, out.Mails.Nodes[0].Text, "Staff owner, an owner of Site club")
	require.Equal(t, struct{ Kind, StaffName, ActorName string }{"SECOND_STEP_REMOVED", "Staff manager", "Staff owner"}, out.SignInEvents[0])
	require.Len(t, out.SignInEvents, 2)
	// Others see their own.
	w.Must(t, b.header(), "{ signInEvents { kind staffName actorName } }", nil, &out)
	require.Len(t, out.SignInEvents, 2)
	w.Refused(t, b.header(), "FORBIDDEN", "{ signInEvents(everybody: true) { kind } }", nil)
	clerk := w.hire(t, w.site, site.Viewer, "carl@club.example")
	clerk.knock(t)
	w.Must(t, clerk.header(), "{ signInEvents { kind } }", nil, &out)
	require.Empty(t, out.SignInEvents)
}

// No secret, code or recovery code stands in a log, in an address, in the metrics or readable in the database.
func TestSecondStepLeaksNothing(t *testing.T) {
	t.Parallel()
	w := newStage(t)
	b := w.hire(t, w.site, site.Viewer, "vera@club.example")
	b.knock(t)
	b.enrol(t)
	c := b.again()
	c.knock(t)
	wrong := b.wrong(t)
	c.no(t, "WRONG_CODE", second, vars{"code": wrong})
	c.no(t, "WRONG_CODE", second, vars{"code": "ABCD-EFGH-IJKL-MNOP"})
	code := c.code(t, 0)
	c.ok(t, second, vars{"code": code})
	c.ok(t, "/v1/staff/password", vars{"code": b.codes[0], "newPassword": "another long one"})

	_, metrics := w.HTTP(t, http.MethodGet, "/metrics", nil, "", nil)
	var stored string
	require.NoError(t, w.DB.Pool.QueryRow(t.Context(), `SELECT concat((SELECT json_agg(x) FROM staff_second_step x), (SELECT json_agg(x) FROM staff_recovery_code x), (SELECT json_agg(x) FROM staff_sign_in_event x),
		(SELECT json_agg(x) FROM rate_bucket x), (SELECT json_agg(x) FROM mail x), (SELECT json_agg(convert_from(data, 'UTF8')) FROM http_session x))`).Scan(&stored))
	log := w.log.String()
	require.Contains(t, log, "/v1/staff/session/second")
	require.Contains(t, stored, "second-step/code")
	for what, text := range map[string]string{"log": log, "metrics": metrics, "database": stored} {
		for _, hidden := range append([]string{b.secret, "ABCD-EFGH-IJKL-MNOP", "ABCDEFGHIJKLMNOP", "another long one"}, b.codes...) {
			require.NotContains(t, text, hidden, what)
			plain := strings.ReplaceAll(hidden, "-", "")
			require.NotContains(t, text, plain, what)
			require.NotContains(t, text, hex.EncodeToString([]byte(plain)), what)
		}
		require.NotContains(t, text, `"`+code+`"`, what)
	}
	for _, one := range []string{code, wrong} {
		require.NotRegexp(t, `(^|[^0-9a-f.])`+one+`($|[^0-9a-f])`, log)
	}
}
