package server_test

import (
	"context"
	"encoding/base32"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

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
