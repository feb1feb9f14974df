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

// A link that stops a change tells of no success while the change is just being made: it waits, and is gone.
func TestCancelMeetsTheConfirmation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	ctx := b.as(b.session(ada, ""))
	require.NoError(t, w.service.RequestEmailChange(ctx, herNew))
	code, cancel := w.mail(herNew).Data["code"], link(w.mail(ada))
	moved, done := make(chan struct{}), make(chan error)
	w.mu.Lock() // the confirmation stops at its mail, before it commits
	go func() { done <- w.service.ConfirmEmailChange(ctx, code) }()
	go func() {
		time.Sleep(300 * time.Millisecond)
		close(moved)
		time.Sleep(300 * time.Millisecond)
		w.mu.Unlock()
	}()
	<-moved
	_, err := w.service.Cancel(t.Context(), cancel)
	require.NoError(t, <-done)
	require.Error(t, err, "it was not stopped")
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
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
	time.Sleep(300 * time.Millisecond)
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
