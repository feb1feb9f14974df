package account_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/fault"
)

const ada, herNew = "ada@example.no", "ada.l@example.no"

// link gives the token of a mail's link.
func link(m account.Mail) string { return m.Data["link"][strings.LastIndex(m.Data["link"], "/")+1:] }

// A forgotten password is replaced by the proof of the mailbox: the same answer for everybody, ten minutes, once; every session ends, and so does
// a change of address under way (D-11).
func TestPasswordReset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	thief := w.browser()
	stolen := thief.session(ada, "the old password")
	require.NoError(t, w.service.RequestEmailChange(thief.as(stolen), "thief@example.no"))
	b := w.browser()
	ask := func(email string) error {
		return w.service.RequestEmailCode(w.visitor(shop), account.RequestEmailCode{Attempt: b.attempt, Email: email, Reset: true})
	}
	set := func(code, password string) (string, error) {
		return w.service.ConfirmEmailCode(w.visitor(shop), account.ConfirmEmailCode{Attempt: b.attempt, Email: ada, Code: code, NewPassword: password})
	}
	require.NoError(t, ask(ada))
	m := w.mail(ada)
	require.Equal(t, account.MailReset, m.Kind)
	_, err := set(m.Data["code"], "short")
	require.Equal(t, map[string]string{"newPassword": fault.WeakPassword}, reasons(err), "the code is not used up by what can be mended")
	w.sites.Breached = func(password string) (bool, error) { return password == "correct horse battery staple", nil }
	_, err = set(m.Data["code"], "correct horse battery staple")
	require.Equal(t, map[string]string{"newPassword": fault.WeakPassword}, reasons(err), "it has leaked")
	_, err = set("00000000", "the new password")
	require.Equal(t, fault.WrongCode, reason(err))
	code, err := set(m.Data["code"], "the new password")
	require.NoError(t, err)
	require.Equal(t, account.MailPassword, w.mail(ada).Kind, "the mailbox is told")

	_, err = thief.actor(stolen.Access)
	require.Error(t, err)
	_, err = thief.refresh(stolen.Refresh)
	require.Error(t, err)
	require.Zero(t, w.count("email_challenge"))
	tokens, err := b.exchange(code)
	require.NoError(t, err)
	me, err := w.service.Me(b.as(tokens))
	require.NoError(t, err)
	require.Equal(t, ada, me.Email)
	for password, ok := range map[string]bool{"the old password": false, "the new password": true} {
		_, err := w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: b.attempt, Email: ada, Password: password})
		require.Equal(t, ok, err == nil, password)
	}
	_, err = set(m.Data["code"], "another password")
	require.Equal(t, fault.WrongCode, reason(err), "once")

	require.NoError(t, ask("nobody@example.no"))
	require.Equal(t, account.MailNoAccount, w.mail("nobody@example.no").Kind)
	require.NoError(t, ask(ada))
	w.clock.add(11 * time.Minute)
	_, err = set(w.mail(ada).Data["code"], "a late password")
	require.Equal(t, fault.CodeExpired, reason(err))
}

// A changed password ends every session and gives the one that changed it a code to go on with; a session older than ten minutes may change
// nothing that one signs in with, until its owner has signed in once more, which makes it the browser's only session (D-11).
func TestSensitiveChangesNeedAFreshSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, phone := w.browser(), w.browser()
	tokens := b.session(ada, "the old password")
	other, err := phone.exchange(phone.signIn(ada))
	require.NoError(t, err)
	w.clock.add(11 * time.Minute)
	tokens, err = b.refresh(tokens.Refresh)
	require.NoError(t, err)
	change := func(ctx context.Context) error {
		_, err := w.service.ChangePassword(ctx, account.ChangePassword{Attempt: b.attempt, Password: "the new password"})
		return err
	}
	for what, do := range map[string]func(context.Context) error{
		"password": change,
		"address":  func(ctx context.Context) error { return w.service.RequestEmailChange(ctx, herNew) },
		"login":    func(ctx context.Context) error { return w.service.RemoveIdentity(ctx, "google") },
		"close":    w.service.Close,
	} {
		require.Equal(t, account.ReasonProofNeeded, reason(do(b.as(tokens))), what)
	}
	fresh, err := b.exchange(b.signIn(ada))
	require.NoError(t, err)
	_, err = b.actor(tokens.Access)
	require.Error(t, err, "the browser's earlier session")
	me, err := w.service.Me(b.as(fresh))
	require.NoError(t, err)
	how, err := w.service.Security(b.as(fresh), me)
	require.NoError(t, err)
	require.True(t, how.Fresh && how.HasPassword)
	require.Len(t, how.Sessions, 2)

	code, err := w.service.ChangePassword(b.as(fresh), account.ChangePassword{Attempt: b.attempt, Password: "the new password"})
	require.NoError(t, err)
	for _, ended := range []struct {
		b *browser
		account.Tokens
	}{{b, fresh}, {phone, other}} {
		_, err := ended.b.refresh(ended.Refresh)
		require.Error(t, err)
	}
	_, err = b.exchange(code)
	require.NoError(t, err)
	_, err = w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: b.attempt, Email: ada, Password: "the new password"})
	require.NoError(t, err)
}

// One's own sessions are listed and ended one by one; nobody else's (D-11).
func TestOwnSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, phone, stranger := w.browser(), w.browser(), w.browser()
	mine, theirs := b.session(ada, ""), stranger.session("bob@example.no", "")
	other, err := phone.exchange(phone.signIn(ada))
	require.NoError(t, err)
	sessions := func(b *browser, tokens account.Tokens) []*account.OwnSession {
		ctx := b.as(tokens)
		me, err := w.service.Me(ctx)
		require.NoError(t, err)
		how, err := w.service.Security(ctx, me)
		require.NoError(t, err)
		require.False(t, how.HasPassword)
		return how.Sessions
	}
	list := sessions(b, mine)
	require.Len(t, list, 2)
	for _, s := range list {
		require.Equal(t, shop, s.Origin)
		if !s.Current {
			require.Equal(t, fault.NotFound, fault.CodeOf(w.service.EndSession(stranger.as(theirs), s.ID)))
			require.NoError(t, w.service.EndSession(b.as(mine), s.ID))
			require.Equal(t, fault.NotFound, fault.CodeOf(w.service.EndSession(b.as(mine), s.ID)), "it has ended")
		}
	}
	_, err = phone.actor(other.Access)
	require.Error(t, err)
	require.Len(t, sessions(b, mine), 1)
	require.Len(t, sessions(stranger, theirs), 1)
}

// An address changes by the proof of the new one, within the session that asked; the old one is told at once and afterwards, may stop it, and
// then signs everybody out. One that another account has gets the same answer (D-11).
func TestChangeOfAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, phone := w.browser(), w.browser()
	tokens := b.session(ada, "")
	w.browser().session("bob@example.no", "")
	other, err := phone.exchange(phone.signIn(ada))
	require.NoError(t, err)
	ctx := b.as(tokens)

	require.Equal(t, map[string]string{"email": fault.InvalidEmail}, reasons(w.service.RequestEmailChange(ctx, "nonsense")))
	require.Equal(t, map[string]string{"email": fault.InvalidValue}, reasons(w.service.RequestEmailChange(ctx, " ADA@example.no")))
	require.NoError(t, w.service.RequestEmailChange(ctx, "bob@example.no"))
	require.Equal(t, account.MailChangeTaken, w.mail("bob@example.no").Kind)
	require.Empty(t, w.mail("bob@example.no").Data["code"])

	require.NoError(t, w.service.RequestEmailChange(ctx, herNew))
	asked, m := w.mail(ada), w.mail(herNew)
	require.Equal(t, []string{account.MailChangeAsked, account.MailChange}, []string{asked.Kind, m.Kind})
	require.Equal(t, fault.WrongCode, reason(w.service.ConfirmEmailChange(phone.as(other), m.Data["code"])), "another session")
	_, err = b.confirm(herNew, m.Data["code"])
	require.Equal(t, fault.WrongCode, reason(err), "nobody signs in by it")
	require.Equal(t, fault.WrongCode, reason(w.service.ConfirmEmailChange(ctx, "00000000")))
	me, err := w.service.Me(ctx)
	require.NoError(t, err)
	how, err := w.service.Security(ctx, me)
	require.NoError(t, err)
	require.Equal(t, herNew, how.EmailChange.Email)
	require.NoError(t, w.service.CancelEmailChange(ctx))
	require.Equal(t, fault.WrongCode, reason(w.service.ConfirmEmailChange(ctx, m.Data["code"])), "cancelled")

	require.NoError(t, w.service.RequestEmailChange(ctx, herNew))
	require.NoError(t, w.service.ConfirmEmailChange(ctx, w.mail(herNew).Data["code"]))
	me, err = w.service.Me(ctx)
	require.NoError(t, err)
	require.Equal(t, herNew, me.Email)
	require.Equal(t, account.MailChanged, w.mail(ada).Kind)
	require.Equal(t, herNew, w.mail(ada).Data["address"])
	w.clock.add(16 * time.Minute) // mailboxes are not flooded
	require.NoError(t, w.service.RequestEmailCode(w.visitor(shop), account.RequestEmailCode{Attempt: w.browser().attempt, Email: ada}))
	require.Equal(t, account.MailNoAccount, w.mail(ada).Kind)

	// The old address says that it was not them.
	tokens, err = b.exchange(b.signIn(herNew))
	require.NoError(t, err)
	ctx = b.as(tokens)
	require.NoError(t, w.service.RequestEmailChange(ctx, "thief@example.no"))
	cancel := link(w.mail(herNew))
	for range 2 { // reading changes nothing
		page, err := w.service.ReadRecovery(t.Context(), cancel)
		require.NoError(t, err)
		require.Equal(t, "thief@example.no", page.Email)
	}
	_, err = w.service.ReadLink(t.Context(), cancel)
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
	require.NoError(t, w.service.CancelEmailChange(ctx)) // whoever asked cannot take the link away
	_, err = w.service.Recover(t.Context(), cancel)
	require.NoError(t, err)
	_, err = b.actor(tokens.Access)
	require.Error(t, err)
	_, err = b.refresh(tokens.Refresh)
	require.Error(t, err)
	_, err = w.service.Recover(t.Context(), cancel)
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
	again, err := b.exchange(b.signIn(herNew))
	require.NoError(t, err)
	require.Equal(t, fault.WrongCode, reason(w.service.ConfirmEmailChange(b.as(again), w.mail("thief@example.no").Data["code"])))
}

// A closed account leaves nothing that signs in, tells its mailbox, and leaves the contact; the address may sign up anew and finds it (D-11).
func TestCloseAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	tokens := b.session(ada, "the old password")
	before, err := w.service.Me(b.as(tokens))
	require.NoError(t, err)
	_, err = w.service.PrepareCheckout(b.as(tokens), account.PrepareCheckout{Order: "1", Nonce: strings.Repeat("n", 43)})
	require.NoError(t, err)
	require.NoError(t, w.service.Close(b.as(tokens)))
	require.Equal(t, account.MailClosed, w.mail(ada).Kind)
	for _, table := range []string{"account", "token_session", "access_token", "auth_code", "account_identity"} {
		require.Zero(t, w.count(table), table)
	}
	require.Equal(t, 1, w.count("contact"))
	require.Equal(t, 1, w.count("checkout"), "what was bought stays")
	_, err = w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: b.attempt, Email: ada, Password: "the old password"})
	require.Equal(t, fault.WrongCredentials, err.(*fault.Error).Reason) //nolint:errorlint // it is one
	after, err := w.service.Me(b.as(b.session(ada, "")))
	require.NoError(t, err)
	require.Equal(t, before.ContactID, after.ContactID)
	require.NotEqual(t, before.Subject, after.Subject)
}
