package account_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/fault"
)

// embed §1.7: a passkey that is being stored while the mailbox of an unproven account is proven comes before the proof, and goes with it, or after,
// and is refused.
func TestProofOfAMailboxMeetsANewPasskey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPasskeys()
	thief, b := w.browser(), w.browser()
	stolen := thief.as(thief.session(ada, ""))
	_, err := w.db.Bun.NewRaw("UPDATE account SET proven_at = NULL").Exec(t.Context()) // as if a provider had vouched for it
	require.NoError(t, err)
	d := newDevice(t)
	asked, err := w.service.StartPasskey(stolen)
	require.NoError(t, err)
	response := d.Make(t, asked)
	require.NoError(t, w.service.RequestEmailCode(w.visitor(shop), account.RequestEmailCode{Attempt: b.attempt, Email: ada}))
	code := w.mail(ada).Data["code"]
	added, proven := make(chan error, 1), make(chan error, 1)
	w.mu.Lock() // the passkey stops at its mail, before it commits
	go func() { added <- w.service.AddPasskey(stolen, account.NewPasskey{Name: "Thief's", Response: response}) }()
	w.accountHeld()
	go func() {
		_, err := b.confirm(ada, code)
		proven <- err
	}()
	w.waiting(1)
	w.mu.Unlock()
	require.NoError(t, <-added)
	require.NoError(t, <-proven)
	require.Zero(t, w.count("passkey"))
	_, err = w.browser().passkey(d)
	require.Equal(t, account.ReasonWrongPasskey, reason(err))
}

// A login at a provider lets nobody in whose link to the account is being taken away, whatever address the provider names.
func TestProofOfAMailboxMeetsASignInWithAProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := newHostile(t)
	w.provider("idp", h.URL, "client")
	require.NotEmpty(t, h.through(w.browser(), nil).Code, "a provider vouches for it: nobody has proven the mailbox")
	h.lies(func() { h.userinfo = map[string]any{"sub": "mallory", "email": "elsewhere@b.example"} })
	b, thief := w.browser(), w.browser()
	require.NoError(t, w.service.RequestEmailCode(w.visitor(shop), account.RequestEmailCode{Attempt: b.attempt, Email: "mallory@b.example"}))
	code := w.mail("mallory@b.example").Data["code"]
	proven, ended := make(chan error, 1), make(chan account.SocialEnd, 1)
	w.mu.Lock() // the proof stops at the mail that tells of the password, before it commits
	go func() {
		_, err := w.service.ConfirmEmailCode(w.visitor(shop), account.ConfirmEmailCode{Attempt: b.attempt, Email: "mallory@b.example", Code: code, NewPassword: "the owner's password"})
		proven <- err
	}()
	w.accountHeld()
	go func() { ended <- h.through(thief, nil) }()
	w.waitingOr(1, func() bool { return len(ended) > 0 })
	w.mu.Unlock()
	require.NoError(t, <-proven)
	end := <-ended
	require.Empty(t, end.Code, "it signs in to an account whose owner has just proven the mailbox")
	require.Equal(t, "elsewhere@b.example", end.Prove)
}

// Whoever signs in by the old password while a new one is being set comes before, and is signed out, or after, and is refused.
func TestNewPasswordMeetsASignInByTheOldOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	thief, b := w.browser(), w.browser()
	b.session(ada, "the old password")
	require.NoError(t, w.service.RequestEmailCode(w.visitor(shop), account.RequestEmailCode{Attempt: b.attempt, Email: ada, Reset: true}))
	code := w.mail(ada).Data["code"]
	proven, signedIn := make(chan error, 1), make(chan error, 1)
	w.mu.Lock() // the reset stops at its mail, before it commits
	go func() {
		_, err := w.service.ConfirmEmailCode(w.visitor(shop), account.ConfirmEmailCode{Attempt: b.attempt, Email: ada, Code: code, NewPassword: "the new password"})
		proven <- err
	}()
	w.accountHeld()
	go func() {
		_, err := w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: thief.attempt, Email: ada, Password: "the old password"})
		signedIn <- err
	}()
	w.waitingOr(1, func() bool { return len(signedIn) > 0 })
	w.mu.Unlock()
	require.NoError(t, <-proven)
	require.Equal(t, fault.WrongCredentials, reason(<-signedIn))
}

// Who took an account to an address of theirs and proves that once more, while its owner takes it back, sets no password on it.
func TestRecoveryMeetsAProofOfTheNewAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	thief, again := w.browser(), w.browser()
	stolen := thief.as(thief.session(ada, ""))
	require.NoError(t, w.service.RequestEmailChange(stolen, "thief@example.no"))
	way := link(w.mail(ada))
	require.NoError(t, w.service.ConfirmEmailChange(stolen, w.mail("thief@example.no").Data["code"]))
	require.NoError(t, w.service.RequestEmailCode(w.visitor(shop), account.RequestEmailCode{Attempt: again.attempt, Email: "thief@example.no", Reset: true}))
	code := w.mail("thief@example.no").Data["code"]
	tx, err := w.db.Pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "SELECT FROM contact FOR UPDATE") // both stop where they write the history
	require.NoError(t, err)
	recovered, proven := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := w.service.Recover(t.Context(), way)
		recovered <- err
	}()
	w.waiting(1)
	go func() {
		_, err := w.service.ConfirmEmailCode(w.visitor(shop), account.ConfirmEmailCode{Attempt: again.attempt, Email: "thief@example.no", Code: code, NewPassword: "the thief's password"})
		proven <- err
	}()
	w.waiting(2)
	require.NoError(t, tx.Rollback(t.Context()))
	require.NoError(t, <-recovered)
	require.Equal(t, fault.WrongCode, reason(<-proven))
	_, err = w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: thief.attempt, Email: ada, Password: "the thief's password"})
	require.Equal(t, fault.WrongCredentials, reason(err))
}

// Who signs in by a passkey while the account is being closed comes before that, or after: neither waits for what the other holds.
func TestPasskeyMeetsTheClosingOfItsAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPasskeys()
	b := w.browser()
	me := b.as(b.session(ada, "a long password"))
	d := newDevice(t)
	w.addPasskey(me, d, "Phone")
	asked, err := w.service.StartPasskeySignIn(me, b.attempt) // a fresh proof: the challenge is of this account, too
	require.NoError(t, err)
	response := d.Answer(t, asked)

	// The sign-in stops where it has its passkey and writes its code.
	const gate = 4711
	_, err = w.db.Bun.NewRaw(`CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(?0); RETURN NEW; END $$;
		CREATE TRIGGER wait BEFORE INSERT ON auth_code FOR EACH ROW EXECUTE FUNCTION wait()`, gate).Exec(t.Context())
	require.NoError(t, err)
	held, err := w.db.Bun.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = held.NewRaw("SELECT pg_advisory_xact_lock(?)", gate).Exec(t.Context())
	require.NoError(t, err)
	signedIn, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := w.service.SignInWithPasskey(me, account.PasskeySignIn{Attempt: b.attempt, Response: response})
		signedIn <- err
	}()
	w.waiting(1)
	go func() { closed <- w.service.Close(me) }()
	w.waiting(2)
	var free int
	require.NoError(t, w.db.Bun.NewRaw("SELECT count(*) FROM (SELECT FROM account FOR KEY SHARE SKIP LOCKED) AS a").Scan(t.Context(), &free))
	require.Equal(t, 1, free, "the closing has deleted the account that the code is to be of, and waits for the passkey")
	require.NoError(t, held.Rollback())
	require.NoError(t, <-signedIn)
	require.NoError(t, <-closed)
	require.Zero(t, w.count("account"))
}
