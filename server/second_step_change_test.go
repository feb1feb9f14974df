package server_test

import (
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

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
