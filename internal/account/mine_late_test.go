package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/fault"
)

// A checkout that waits for its redeem when its buyer closes the account is refused as one that has ended.
func TestRedeemAfterTheAccountWasClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	tokens := b.session(ada, "")
	token, err := w.service.PrepareCheckout(b.as(tokens), account.PrepareCheckout{Order: "1", Nonce: strings.Repeat("n", 43)})
	require.NoError(t, err)
	require.NoError(t, w.service.Close(b.as(tokens)))
	require.NotPanics(t, func() {
		_, err = w.service.Redeem(t.Context(), account.Redeem{Site: w.site.PublicID, Secret: w.secret, JTI: w.open(token).ID, IdempotencyKey: "1"})
	})
	require.Equal(t, account.ReasonExpired, reason(err))
}

// What a thief sent before the owner set a new password comes to nothing when it arrives after it: a request is let in by a session that
// lived when it came, and a password takes its time to hash.
func TestChangesOfASessionThatHasEndedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	thief, b := w.browser(), w.browser()
	stolen := thief.as(thief.session(ada, "the old password"))
	require.NoError(t, w.service.RequestEmailCode(w.visitor(shop), account.RequestEmailCode{Attempt: b.attempt, Email: ada, Reset: true}))
	_, err := w.service.ConfirmEmailCode(w.visitor(shop), account.ConfirmEmailCode{Attempt: b.attempt, Email: ada, Code: w.mail(ada).Data["code"], NewPassword: "the new password"})
	require.NoError(t, err)

	_, err = w.service.ChangePassword(stolen, account.ChangePassword{Attempt: thief.attempt, Password: "a thief's password"})
	require.Equal(t, account.ReasonProofNeeded, reason(err))
	require.Equal(t, account.ReasonProofNeeded, reason(w.service.RequestEmailChange(stolen, "thief@example.no")))
	require.Equal(t, account.ReasonProofNeeded, reason(w.service.RemoveIdentity(stolen, "google")))
	require.Equal(t, account.ReasonProofNeeded, reason(w.service.Close(stolen)))
	_, err = w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: b.attempt, Email: ada, Password: "the new password"})
	require.NoError(t, err)
}

// Whoever proves the mailbox of an account that only a provider vouched for gets it without the change of address that somebody else has
// under way (embed §1.7), and that change ends even if its code is on its way already.
func TestProofOfAMailboxEndsAChangeOfItsAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	thief, b := w.browser(), w.browser()
	stolen := thief.as(thief.session(ada, ""))
	_, err := w.db.Bun.NewRaw("UPDATE account SET proven_at = NULL").Exec(t.Context()) // as if a provider had vouched for it
	require.NoError(t, err)
	require.NoError(t, w.service.RequestEmailChange(stolen, "thief@example.no"))
	tokens, err := b.exchange(b.signIn(ada))
	require.NoError(t, err)
	me, err := w.service.Me(b.as(tokens))
	require.NoError(t, err)
	how, err := w.service.Security(b.as(tokens), me)
	require.NoError(t, err)
	require.Nil(t, how.EmailChange)
	require.Equal(t, fault.WrongCode, reason(w.service.ConfirmEmailChange(stolen, w.mail("thief@example.no").Data["code"])))
	me, err = w.service.Me(b.as(tokens))
	require.NoError(t, err)
	require.Equal(t, ada, me.Email)
}

// A session that was ended moves no address, though its code is right and its request was let in before.
func TestEndedSessionMovesNoAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	thief := w.browser()
	stolen := thief.as(thief.session(ada, ""))
	require.NoError(t, w.service.RequestEmailChange(stolen, "thief@example.no"))
	require.NoError(t, w.service.SignOut(stolen, true)) // the owner, on another device
	require.Equal(t, fault.WrongCode, reason(w.service.ConfirmEmailChange(stolen, w.mail("thief@example.no").Data["code"])))
}

// waiting waits until so many of the database's transactions wait for a lock.
func (w *world) waiting(n int) { w.waitingOr(n, func() bool { return false }) }

// waitingOr waits for that, or until what was not to happen has.
func (w *world) waitingOr(n int, happened func() bool) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		var blocked int
		err := w.db.Bun.NewRaw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(w.t.Context(), &blocked)
		return happened() || err == nil && blocked == n
	}, 20*time.Second, 5*time.Millisecond)
}

// accountHeld waits until somebody holds the row of the only account.
func (w *world) accountHeld() {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		var held bool
		err := w.db.Bun.NewRaw("SELECT NOT EXISTS (SELECT FROM account FOR NO KEY UPDATE SKIP LOCKED)").Scan(w.t.Context(), &held)
		return err == nil && held
	}, 20*time.Second, 5*time.Millisecond)
}

// Who presses the link of the mail to the old address while the change is just being made waits for it, and has it undone.
func TestRecoveryMeetsTheConfirmation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	ctx := b.as(b.session(ada, "the old password"))
	require.NoError(t, w.service.RequestEmailChange(ctx, herNew))
	code, way := w.mail(herNew).Data["code"], link(w.mail(ada))
	confirmed, recovered := make(chan error, 1), make(chan error, 1)
	w.mu.Lock() // the confirmation stops at its mail, before it commits
	go func() { confirmed <- w.service.ConfirmEmailChange(ctx, code) }()
	w.accountHeld()
	go func() {
		_, err := w.service.Recover(t.Context(), way)
		recovered <- err
	}()
	w.waiting(1)
	w.mu.Unlock()
	require.NoError(t, <-confirmed)
	require.NoError(t, <-recovered)
	w.recovered(b)
}

// recovered shows that an account is back with its old address and shut to whoever had it.
func (w *world) recovered(thief *browser) {
	t := w.t
	t.Helper()
	_, err := w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: thief.attempt, Email: ada, Password: "the old password"})
	require.Error(t, err, "the password is gone")
	b := w.browser()
	tokens, err := b.exchange(b.signIn(ada))
	require.NoError(t, err)
	me, err := w.service.Me(b.as(tokens))
	require.NoError(t, err)
	require.Equal(t, ada, me.Email)
	how, err := w.service.Security(b.as(tokens), me)
	require.NoError(t, err)
	require.False(t, how.HasPassword)
	require.Nil(t, how.EmailChange)
	require.Len(t, how.Sessions, 1)
	left, err := w.db.Bun.NewSelect().TableExpr("account_recovery").Where("email <> 'bob@example.no'").Count(t.Context())
	require.NoError(t, err)
	require.Zero(t, left)
}

// A thief with a session, however quick, cannot take the account away: for seven days its old address takes it back, through as many changes as
// there were, and whatever other accounts ask for meanwhile.
func TestOldAddressTakesTheAccountBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	thief, other := w.browser(), w.browser()
	ctx := thief.as(thief.session(ada, "the old password"))
	phone := w.browser()
	begun, err := phone.exchange(phone.signIn(ada))
	require.NoError(t, err)
	change := func(to string) account.Mail {
		require.NoError(t, w.service.RequestEmailChange(ctx, to))
		return w.mail(to)
	}
	code := change("thief@example.no").Data["code"]
	way := link(w.mail(ada))
	require.NoError(t, w.service.ConfirmEmailChange(ctx, code))
	_, err = phone.refresh(begun.Refresh)
	require.Error(t, err, "sessions that the old mailbox began end")
	require.NoError(t, w.service.ConfirmEmailChange(ctx, change("thief.2@example.no").Data["code"]))
	change("thief.3@example.no")
	require.NoError(t, w.service.RequestEmailChange(other.as(other.session("bob@example.no", "")), "thief.3@example.no"))
	thiefs := link(w.mail("thief@example.no"))
	w.clock.add(6 * 24 * time.Hour)
	_, err = w.service.Recover(t.Context(), way)
	require.NoError(t, err)
	_, err = w.service.Recover(t.Context(), thiefs)
	require.Equal(t, fault.NotFound, fault.CodeOf(err), "the thief's own link is gone")
	w.recovered(thief)
}

// What a thief does with links of their own, to addresses that they gave the account, takes the owner's earlier one away from nobody.
func TestThiefsLinkTakesNoEarlierOneAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	thief := w.browser()
	ctx := thief.as(thief.session(ada, "the old password"))
	require.NoError(t, w.service.RequestEmailChange(ctx, "thief@example.no"))
	way := link(w.mail(ada))
	require.NoError(t, w.service.ConfirmEmailChange(ctx, w.mail("thief@example.no").Data["code"]))
	w.clock.add(time.Minute)
	require.NoError(t, w.service.RequestEmailChange(ctx, "thief.2@example.no"))
	_, err := w.service.Recover(t.Context(), link(w.mail("thief@example.no")))
	require.NoError(t, err)
	_, err = w.service.Recover(t.Context(), way)
	require.NoError(t, err)
	w.recovered(thief)
}

// The link ends after seven days; an address that somebody else has taken meanwhile is not taken from them.
func TestRecoveryHasItsLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, next := w.browser(), w.browser()
	ctx := b.as(b.session(ada, "the old password"))
	require.NoError(t, w.service.RequestEmailChange(ctx, herNew))
	way := link(w.mail(ada))
	require.NoError(t, w.service.ConfirmEmailChange(ctx, w.mail(herNew).Data["code"]))
	next.session(ada, "")
	_, err := w.service.Recover(t.Context(), way)
	require.NoError(t, err)
	require.Equal(t, 2, w.count("account"))
	_, err = w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: b.attempt, Email: herNew, Password: "the old password"})
	require.Error(t, err, "it is shut all the same")
	tokens, err := b.exchange(b.signIn(herNew))
	require.NoError(t, err)
	require.NoError(t, w.service.RequestEmailChange(b.as(tokens), "ada.3@example.no"))
	w.clock.add(7*24*time.Hour + time.Minute)
	_, err = w.service.ReadRecovery(t.Context(), link(w.mail(herNew)))
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
	require.NoError(t, w.service.Sweep(t.Context()))
	require.Zero(t, w.count("account_recovery"))
}

// Whoever guesses the two digits of a link's page gets no password to set.
func TestTwoDigitsSetNoPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	b.session(ada, "the old password")
	require.NoError(t, w.service.RequestEmailCode(w.visitor(shop), account.RequestEmailCode{Attempt: b.attempt, Email: ada}))
	page, err := w.service.ConfirmLink(t.Context(), link(w.mail(ada)))
	require.NoError(t, err)
	_, err = w.service.ConfirmEmailCode(w.visitor(shop), account.ConfirmEmailCode{Attempt: b.attempt, Email: ada, Code: page.Number, NewPassword: "a guessed password"})
	require.Equal(t, fault.WrongCode, reason(err))
	_, err = b.confirm(ada, page.Number)
	require.NoError(t, err, "it signs in as before, and the try was not counted")
}

// Hashing a password costs the server more than asking for it costs the client: it is limited here as at the sign-in.
func TestChangingPasswordsIsLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	ctx := account.WithClient(b.as(b.session(ada, "")), account.Client{IP: "192.0.2.7"})
	w.clock.add(11 * time.Minute) // not fresh: cheap
	var err error
	for range 101 {
		_, err = w.service.ChangePassword(ctx, account.ChangePassword{Attempt: b.attempt, Password: "the new password"})
	}
	require.Equal(t, fault.RateLimited, fault.CodeOf(err))
}

// A code that the old mailbox was proven for is no way in once the address has moved, though it was not exchanged yet.
func TestCodeOfTheOldAddressEndsWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, old := w.browser(), w.browser()
	ctx := b.as(b.session(ada, ""))
	code := old.signIn(ada)
	require.NoError(t, w.service.RequestEmailChange(ctx, herNew))
	require.NoError(t, w.service.ConfirmEmailChange(ctx, w.mail(herNew).Data["code"]))
	_, err := old.exchange(code)
	require.Equal(t, account.ReasonInvalidGrant, reason(err))
}

// Who confirms a new address takes the address's turn before its row, as all others do: else they wait for each other until PostgreSQL ends one.
func TestConfirmationTakesItsTurn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	ctx := b.as(b.session(ada, ""))
	require.NoError(t, w.service.RequestEmailChange(ctx, herNew))
	code := w.mail(herNew).Data["code"]
	tx, err := w.db.Bun.BeginTx(t.Context(), nil) // somebody signs up with the new address
	require.NoError(t, err)
	_, err = tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", "account/"+w.site.ID.String()+"/"+herNew).Exec(t.Context())
	require.NoError(t, err)
	done := make(chan error)
	go func() { done <- w.service.ConfirmEmailChange(ctx, code) }()
	w.waiting(1)
	_, err = tx.NewRaw("SET LOCAL lock_timeout = '300ms'").Exec(t.Context())
	require.NoError(t, err)
	_, err = tx.NewRaw("DELETE FROM email_challenge WHERE email_key = ?", herNew).Exec(t.Context())
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	require.Equal(t, fault.WrongCode, reason(<-done), "the mailbox was proven by somebody else")
}

// Nobody outside keeps the owner of an account from confirming a new address by typing wrong codes for the old one.
func TestConfirmationIsNotKeptFromItsOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, stranger := w.browser(), w.browser()
	ctx := b.as(b.session(ada, ""))
	require.NoError(t, w.service.RequestEmailChange(ctx, herNew))
	for range 31 {
		_, err := stranger.confirm(ada, "00000000")
		require.Error(t, err)
	}
	require.NoError(t, w.service.ConfirmEmailChange(ctx, w.mail(herNew).Data["code"]))
}
