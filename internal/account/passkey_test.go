package account_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/account/passkeytest"
	"carnet/internal/site"
)

const wwwShop = "https://www.shop.example"

// withPasskeys turns the passkeys of the first site on, whose pages lie below one domain then.
func (w *world) withPasskeys() {
	w.t.Helper()
	on := true
	_, err := w.sites.Update(w.staff(w.site), site.Update{Origins: &[]site.Origin{{Origin: shop}, {Origin: wwwShop}}, Passkeys: &on})
	require.NoError(w.t, err)
}

func newDevice(t *testing.T) *passkeytest.Device {
	t.Helper()
	return passkeytest.New(t, "shop.example", shop)
}

// addPasskey makes one for whoever is signed in.
func (w *world) addPasskey(ctx context.Context, d *passkeytest.Device, name string) {
	w.t.Helper()
	asked, err := w.service.StartPasskey(ctx)
	require.NoError(w.t, err)
	require.NoError(w.t, w.service.AddPasskey(ctx, account.NewPasskey{Name: name, Response: d.Make(w.t, asked)}))
}

// passkey signs in by a device's; it gives the code.
func (b *browser) passkey(d *passkeytest.Device) (string, error) {
	b.w.t.Helper()
	ctx := b.w.visitor(b.origin)
	asked, err := b.w.service.StartPasskeySignIn(ctx, b.attempt)
	require.NoError(b.w.t, err)
	return b.w.service.SignInWithPasskey(ctx, account.PasskeySignIn{Attempt: b.attempt, Response: d.Answer(b.w.t, asked)})
}

// embed §3: a passkey is made after a fresh proof, signs in without an address, and is renamed and removed; the mailbox is told.
func TestPasskey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPasskeys()
	b := w.browser()
	tokens := b.session(ada, "a long password")
	me := b.as(tokens)
	d := newDevice(t)
	asked, err := w.service.StartPasskey(me)
	require.NoError(t, err)
	require.Contains(t, string(asked), `"residentKey":"required"`)
	require.Contains(t, string(asked), `"userVerification":"required"`)
	response := d.Make(t, asked)
	require.Equal(t, "REQUIRED", reason(w.service.AddPasskey(me, account.NewPasskey{Name: " ", Response: response})), "what can be mended uses nothing up")
	require.NoError(t, w.service.AddPasskey(me, account.NewPasskey{Name: " My phone ", Response: response}))
	m := w.mail(ada)
	require.Equal(t, account.MailPasskeyAdded, m.Kind)
	require.Equal(t, "My phone", m.Data["name"])
	require.Equal(t, account.ReasonWrongPasskey, reason(w.service.AddPasskey(me, account.NewPasskey{Name: "Again", Response: response})), "a challenge is used once")

	asked, err = w.service.StartPasskey(me)
	require.NoError(t, err)
	require.Contains(t, string(asked), `"excludeCredentials":[{`, "no second one on the same device")
	require.Equal(t, account.ReasonPasskeyKnown, reason(w.service.AddPasskey(me, account.NewPasskey{Name: "Twice", Response: d.Make(t, asked)})))

	later := w.browser()
	code, err := later.passkey(d)
	require.NoError(t, err)
	signedIn, err := later.exchange(code)
	require.NoError(t, err)
	she, err := w.service.Me(later.as(signedIn))
	require.NoError(t, err)
	require.Equal(t, ada, she.Email)
	how, err := w.service.Security(later.as(signedIn), she)
	require.NoError(t, err)
	require.Len(t, how.Passkeys, 1)
	require.True(t, how.Passkeys[0].BackedUp)
	require.NotNil(t, how.Passkeys[0].UsedAt)
	require.EqualValues(t, 1, how.Passkeys[0].SignCount)

	id := how.Passkeys[0].ID
	bob := w.browser()
	his := bob.as(bob.session("bob@example.no", "another password"))
	require.Equal(t, "NOT_FOUND", reason(w.service.RenamePasskey(his, id, "Mine")))
	require.Equal(t, "NOT_FOUND", reason(w.service.RemovePasskey(his, id)))
	require.NoError(t, w.service.RenamePasskey(later.as(signedIn), id, "Old phone"))
	require.NoError(t, w.service.RemovePasskey(later.as(signedIn), id))
	require.Equal(t, account.MailPasskeyRemoved, w.mail(ada).Kind)
	require.Equal(t, "Old phone", w.mail(ada).Data["name"])
	_, err = w.browser().passkey(d)
	require.Equal(t, account.ReasonWrongPasskey, reason(err))
	require.Equal(t, 2, w.count("contact_history WHERE action LIKE 'account_passkey%'"))
}

// embed §1.4: who signed in a while ago proves once more who they are, and a passkey of their own is such a proof; another's is none.
func TestPasskeysNeedAFreshProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPasskeys()
	b := w.browser()
	tokens := b.session(ada, "a long password")
	d := newDevice(t)
	w.addPasskey(b.as(tokens), d, "Phone")
	asked, err := w.service.StartPasskey(b.as(tokens))
	require.NoError(t, err)
	w.clock.add(11 * time.Minute)
	tokens, err = b.refresh(tokens.Refresh)
	require.NoError(t, err)
	me := b.as(tokens)
	_, err = w.service.StartPasskey(me)
	require.Equal(t, account.ReasonProofNeeded, reason(err))
	require.Equal(t, account.ReasonProofNeeded, reason(w.service.AddPasskey(me, account.NewPasskey{Name: "Late", Response: newDevice(t).Make(t, asked)})))
	she, err := w.service.Me(me)
	require.NoError(t, err)
	how, err := w.service.Security(me, she)
	require.NoError(t, err)
	require.Equal(t, account.ReasonProofNeeded, reason(w.service.RemovePasskey(me, how.Passkeys[0].ID)))

	bob, his := w.browser(), newDevice(t)
	w.addPasskey(bob.as(bob.session("bob@example.no", "another password")), his, "Bob's")
	again := func(d *passkeytest.Device) (string, error) {
		asked, err := w.service.StartPasskeySignIn(me, b.attempt)
		require.NoError(t, err)
		require.Contains(t, string(asked), `"allowCredentials":[{`)
		return w.service.SignInWithPasskey(me, account.PasskeySignIn{Attempt: b.attempt, Response: d.Answer(t, asked)})
	}
	_, err = again(his)
	require.Equal(t, account.ReasonWrongPasskey, reason(err), "somebody else's proves nothing")
	code, err := again(d)
	require.NoError(t, err)
	fresh, err := b.exchange(code)
	require.NoError(t, err)
	require.NoError(t, w.service.RemovePasskey(b.as(fresh), how.Passkeys[0].ID))
}

// What does not fit is refused, with one answer, and uses its challenge up.
func TestWrongPasskeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPasskeys()
	b := w.browser()
	good := newDevice(t)
	tokens := b.session(ada, "a long password")
	w.addPasskey(b.as(tokens), good, "Phone")
	bob, his := w.browser(), newDevice(t)
	w.addPasskey(bob.as(bob.session("bob@example.no", "another password")), his, "Bob's")

	for name, change := range map[string]func(d *passkeytest.Device){
		"unknown credential":     func(d *passkeytest.Device) { d.Cred = passkeytest.Credential(t) },
		"another's key":          func(d *passkeytest.Device) { d.Cred.Key = his.Cred.Key },
		"another's user":         func(d *passkeytest.Device) { d.Auth.Options.UserHandle = his.Auth.Options.UserHandle },
		"no user":                func(d *passkeytest.Device) { d.Auth.Options.UserHandle = nil },
		"another origin":         func(d *passkeytest.Device) { d.RP.Origin = otherShop },
		"a subdomain":            func(d *passkeytest.Device) { d.RP.Origin = wwwShop },
		"another port":           func(d *passkeytest.Device) { d.RP.Origin = shop + ":8443" },
		"another relying party":  func(d *passkeytest.Device) { d.RP.ID = "other-shop.example" },
		"nobody verified":        func(d *passkeytest.Device) { d.Auth.Options.UserNotVerified = true },
		"nobody present":         func(d *passkeytest.Device) { d.Auth.Options.UserNotPresent = true },
		"another kind of backup": func(d *passkeytest.Device) { d.Auth.Options.BackupEligible, d.Auth.Options.BackupState = false, false },
	} {
		d := *good
		change(&d)
		_, err := w.browser().passkey(&d)
		require.Equal(t, account.ReasonWrongPasskey, reason(err), name)
		asked, err := w.service.StartPasskey(b.as(tokens))
		require.NoError(t, err)
		if d.RP != good.RP || d.Auth.Options.UserNotVerified || d.Auth.Options.UserNotPresent {
			d.Cred = passkeytest.Credential(t)
			require.Equal(t, account.ReasonWrongPasskey, reason(w.service.AddPasskey(b.as(tokens), account.NewPasskey{Name: "No", Response: d.Make(t, asked)})), name)
		}
	}
	require.Equal(t, 2, w.count("passkey"))

	ctx, c := w.visitor(shop), w.browser()
	ask := func() json.RawMessage {
		asked, err := w.service.StartPasskeySignIn(ctx, c.attempt)
		require.NoError(t, err)
		return asked
	}
	sign := func(ctx context.Context, attempt account.Attempt, response json.RawMessage) string {
		_, err := w.service.SignInWithPasskey(ctx, account.PasskeySignIn{Attempt: attempt, Response: response})
		return reason(err)
	}
	answer := good.Answer(t, ask())
	require.Empty(t, sign(ctx, c.attempt, answer))
	require.Equal(t, account.ReasonWrongPasskey, sign(ctx, c.attempt, answer), "replayed")
	for name, change := range map[string]func(a *account.Attempt){
		"another attempt":   func(a *account.Attempt) { a.ID = w.browser().attempt.ID },
		"another challenge": func(a *account.Attempt) { a.Challenge = w.browser().attempt.Challenge },
		"another key":       func(a *account.Attempt) { a.JKT = w.browser().attempt.JKT },
	} {
		other := c.attempt
		change(&other)
		answer := good.Answer(t, ask())
		require.Equal(t, account.ReasonWrongPasskey, sign(ctx, other, answer), name)
		require.Equal(t, account.ReasonWrongPasskey, sign(ctx, c.attempt, answer), "used up: "+name)
	}
	asked := ask()
	there := *good
	there.RP.Origin = wwwShop
	require.Equal(t, account.ReasonWrongPasskey, sign(w.visitor(wwwShop), c.attempt, there.Answer(t, asked)), "a challenge of another page")
	good.Cred.Counter++
	asked = ask()
	w.clock.add(5 * time.Minute)
	require.Equal(t, account.ReasonWrongPasskey, sign(ctx, c.attempt, good.Answer(t, asked)), "late")
	tokens, err := b.refresh(tokens.Refresh)
	require.NoError(t, err)
	making, err := w.service.StartPasskey(b.as(tokens))
	require.NoError(t, err)
	require.Equal(t, account.ReasonWrongPasskey, sign(ctx, c.attempt, good.Answer(t, making)), "a challenge to make one")
	for _, junk := range []string{``, `null`, `{}`, `[]`, `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`} {
		require.Equal(t, account.ReasonWrongPasskey, sign(ctx, c.attempt, json.RawMessage(junk)), junk)
		require.Equal(t, account.ReasonWrongPasskey, reason(w.service.AddPasskey(b.as(tokens), account.NewPasskey{Name: "No", Response: json.RawMessage(junk)})), junk)
	}

	// Neither a challenge of another site nor its passkeys are good here, on the same page too.
	on := true
	_, err = w.sites.Update(w.staff(w.other), site.Update{Passkeys: &on})
	require.NoError(t, err)
	venue := w.visitorOf(w.other, shop)
	foreign, err := w.service.StartPasskeySignIn(venue, c.attempt)
	require.NoError(t, err)
	answer = good.Answer(t, foreign)
	require.Equal(t, account.ReasonWrongPasskey, sign(ctx, c.attempt, answer))
	require.Equal(t, account.ReasonWrongPasskey, sign(venue, c.attempt, answer))

	// A challenge of another session makes nothing.
	making, err = w.service.StartPasskey(b.as(tokens))
	require.NoError(t, err)
	fresh, err := c.exchange(c.signIn(ada))
	require.NoError(t, err)
	require.Equal(t, account.ReasonWrongPasskey, reason(w.service.AddPasskey(c.as(fresh), account.NewPasskey{Name: "No", Response: newDevice(t).Make(t, making)})))
}

// A counter that goes back tells of a copy (Web Authentication Level 3, section 6.1.1): refused, and told in the history.
func TestCopiedPasskey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPasskeys()
	b, d := w.browser(), newDevice(t)
	w.addPasskey(b.as(b.session(ada, "a long password")), d, "Phone")
	clone := *d
	for range 3 {
		_, err := b.passkey(d)
		require.NoError(t, err)
	}
	_, err := b.passkey(&clone)
	require.Equal(t, account.ReasonPasskeyCopied, reason(err))
	require.Equal(t, 1, w.count("contact_history WHERE action = 'account_passkey_copied'"))
	_, err = b.passkey(d)
	require.NoError(t, err, "the one that counts on stays good")

	silent := newDevice(t) // synced passkeys do not count
	w.addPasskey(b.as(signedIn(t, b, d)), silent, "Manager")
	for range 2 {
		silent.Cred.Counter = ^uint32(0) // zero again when it answers
		_, err := b.passkey(silent)
		require.NoError(t, err)
	}
}

func signedIn(t *testing.T, b *browser, d *passkeytest.Device) account.Tokens {
	t.Helper()
	code, err := b.passkey(d)
	require.NoError(t, err)
	tokens, err := b.exchange(code)
	require.NoError(t, err)
	return tokens
}

// A new password keeps passkeys and ends sessions; a disabled account is told so; whoever proves an unproven mailbox, or takes an account back,
// finds no passkey of anybody else's (embed §1.7).
func TestPasskeysAndTheirAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPasskeys()
	b, d := w.browser(), newDevice(t)
	w.addPasskey(b.as(b.session(ada, "a long password")), d, "Phone")
	tokens := signedIn(t, b, d)
	making, err := w.service.StartPasskey(b.as(tokens))
	require.NoError(t, err)
	_, err = w.service.ChangePassword(b.as(tokens), account.ChangePassword{Attempt: b.attempt, Password: "another password"})
	require.NoError(t, err)
	_, err = b.actor(tokens.Access)
	require.Error(t, err)
	tokens = signedIn(t, b, d)
	require.Equal(t, account.ReasonWrongPasskey, reason(w.service.AddPasskey(b.as(tokens), account.NewPasskey{Name: "No", Response: newDevice(t).Make(t, making)})), "its session has ended")

	set := func(query string) {
		_, err := w.db.Bun.NewRaw("UPDATE account SET " + query).Exec(t.Context())
		require.NoError(t, err)
	}
	set("disabled_at = now()")
	_, err = b.passkey(d)
	require.Equal(t, account.ReasonDisabled, reason(err))
	set("disabled_at = NULL, proven_at = NULL") // as a provider's account that nobody has proven
	_, err = w.service.StartPasskey(b.as(signedIn(t, b, d)))
	require.NoError(t, err)
	owner := w.browser()
	_, err = owner.exchange(owner.signIn(ada))
	require.NoError(t, err)
	require.Zero(t, w.count("passkey"))
	require.Zero(t, w.count("passkey_ceremony WHERE making"))
	_, err = b.passkey(d)
	require.Equal(t, account.ReasonWrongPasskey, reason(err))

	newer := newDevice(t)
	tokens, err = owner.exchange(owner.signIn(ada))
	require.NoError(t, err)
	require.NoError(t, w.service.RequestEmailChange(owner.as(tokens), herNew))
	back := link(w.mail(ada))
	w.addPasskey(owner.as(tokens), newer, "Thief's")
	_, err = w.service.Recover(t.Context(), back)
	require.NoError(t, err)
	require.Zero(t, w.count("passkey"))
}

// While a site has none, and on pages outside browsers, there are no passkeys; another domain keeps them apart. An account has room for twenty.
func TestPasskeysOfASite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	tokens := b.session(ada, "a long password")
	_, err := w.service.StartPasskeySignIn(w.visitor(shop), b.attempt)
	require.Equal(t, account.ReasonPasskeysOff, reason(err))
	_, err = w.service.StartPasskey(b.as(tokens))
	require.Equal(t, account.ReasonPasskeysOff, reason(err))
	w.withPasskeys()
	_, err = w.service.StartPasskeySignIn(w.visitor(""), b.attempt)
	require.Equal(t, account.ReasonPasskeysOff, reason(err))

	d := newDevice(t)
	w.addPasskey(b.as(tokens), d, "Phone")
	for range 19 {
		w.addPasskey(b.as(tokens), newDevice(t), "More")
	}
	_, err = w.service.StartPasskey(b.as(tokens))
	require.Equal(t, account.ReasonTooManyPasskeys, reason(err))

	domain := func(domain string, origins ...site.Origin) {
		_, err := w.sites.Update(w.staff(w.site), site.Update{Origins: &origins, PasskeyDomain: &domain})
		require.NoError(t, err)
	}
	me := b.as(tokens)
	b.origin = wwwShop
	domain("www.shop.example", site.Origin{Origin: wwwShop})
	_, err = b.passkey(d)
	require.Equal(t, account.ReasonWrongPasskey, reason(err))
	former := func() (n int) {
		she, err := w.service.Me(me)
		require.NoError(t, err)
		how, err := w.service.Security(me, she)
		require.NoError(t, err)
		for _, one := range how.Passkeys {
			if one.Former {
				n++
			}
		}
		return n
	}
	require.Equal(t, 20, former(), "they are marked")
	asked, err := w.service.StartPasskeySignIn(me, b.attempt)
	require.NoError(t, err)
	require.NotContains(t, string(asked), `"allowCredentials":[{`, "a fresh proof asks for none that is of no use")
	domain("shop.example", site.Origin{Origin: wwwShop})
	require.Zero(t, former(), "and good again with their domain")
	d.RP.Origin = wwwShop
	_, err = b.passkey(d)
	require.NoError(t, err, "on every page of the domain")

	off := false
	_, err = w.sites.Update(w.staff(w.site), site.Update{Passkeys: &off})
	require.NoError(t, err)
	_, err = w.service.StartPasskeySignIn(w.visitor(wwwShop), b.attempt)
	require.Equal(t, account.ReasonPasskeysOff, reason(err))
}

// Challenges and answers of one network address are counted together.
func TestPasskeysAreThrottled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPasskeys()
	b := w.browser()
	ctx := account.WithClient(w.visitor(shop), account.Client{IP: "2001:db8::1"})
	for range 100 {
		_, err := w.service.StartPasskeySignIn(ctx, b.attempt)
		require.NoError(t, err)
		_, err = w.service.SignInWithPasskey(ctx, account.PasskeySignIn{Attempt: b.attempt, Response: json.RawMessage(`{}`)})
		require.Equal(t, account.ReasonWrongPasskey, reason(err))
	}
	_, err := w.service.StartPasskeySignIn(ctx, b.attempt)
	require.Equal(t, "RATE_LIMITED", reason(err))
	_, err = w.service.SignInWithPasskey(ctx, account.PasskeySignIn{Attempt: b.attempt, Response: json.RawMessage(`{}`)})
	require.Equal(t, "RATE_LIMITED", reason(err))
	_, err = w.service.StartPasskeySignIn(account.WithClient(ctx, account.Client{IP: "2001:db8:0:1::1"}), b.attempt)
	require.NoError(t, err)
}
