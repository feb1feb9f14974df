package account_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// D-06: nothing exists until the mailbox is proven; then account, contact and session.
func TestSignUpIsPendingUntilTheMailboxIsProven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	ctx := w.visitor(shop)
	require.NoError(t, w.service.SignUp(ctx, account.SignUp{Attempt: b.attempt, Email: " Ada@Example.org ", Password: "correct horse", FirstName: "Ada", LastName: "Lovelace"}))
	require.Zero(t, w.count("account")+w.count("contact")+w.count("token_session"))
	m := w.mail("ada@example.org")
	require.Equal(t, account.MailSignUp, m.Kind)
	require.Len(t, m.Data["code"], 8)

	code, err := b.confirm("ADA@example.org", m.Data["code"])
	require.NoError(t, err)
	tokens, err := b.exchange(code)
	require.NoError(t, err)
	require.Equal(t, 5*time.Minute, tokens.ExpiresIn)
	me, err := w.service.Me(b.as(tokens))
	require.NoError(t, err)
	require.Equal(t, "Ada@Example.org", me.Email)
	require.Equal(t, "Lovelace Ada", me.DisplayName)
	require.Zero(t, w.count("email_challenge"))

	_, err = b.confirm("ada@example.org", m.Data["code"])
	require.Equal(t, fault.WrongCode, reason(err), "a mail works once")
}

// T-54, T-55, D-06: the registration fields, and only they, are asked and enforced.
func TestSignUpAsksTheRegistrationFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	create := func(d field.Definition) uuid.UUID {
		row, err := w.fields.Create(w.staff(w.site), d)
		require.NoError(t, err)
		return row.ID
	}
	club := create(field.Definition{Type: "text", Label: "Club", Required: true, OnRegistration: true})
	rules := create(field.Definition{Type: "checkbox", Label: "Rules", Required: true, OnRegistration: true})
	diet := create(field.Definition{Type: "text", Label: "Diet", Required: true, OnCheckout: true})
	b, ctx, no, yes, text := w.browser(), w.visitor(shop), false, true, "Lions"

	err := w.service.SignUp(ctx, account.SignUp{
		Attempt: b.attempt, Email: "nobody", Password: "short", FirstName: strings.Repeat("x", 201), LastName: "L",
		Answers: []field.Answer{{FieldID: rules, Checked: &no}, {FieldID: diet, Text: &text}},
	})
	require.Equal(t, map[string]string{
		"email": fault.InvalidEmail, "password": fault.WeakPassword, "firstName": fault.TooLong,
		"answers.0": fault.MustBeTicked, "answers.1.fieldId": fault.Unknown, "answers." + club.String(): fault.Required,
	}, reasons(err))
	require.Zero(t, w.count("email_challenge"))

	require.NoError(t, w.service.SignUp(ctx, account.SignUp{
		Attempt: b.attempt, Email: "a@b.example", LastName: "L", Answers: []field.Answer{{FieldID: club, Text: &text}, {FieldID: rules, Checked: &yes}},
	}))
	_, err = b.confirm("a@b.example", w.mail("a@b.example").Data["code"])
	require.NoError(t, err)
	stored := w.answers()
	require.JSONEq(t, `"Lions"`, string(stored[club.String()]))
	require.JSONEq(t, `true`, string(stored[rules.String()]))
}

func TestSignInByPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.browser().signUp("ada@example.org", "correct horse")
	b, ctx := w.browser(), w.visitor(shop)
	code, err := w.service.SignIn(ctx, account.SignIn{Attempt: b.attempt, Email: "ADA@example.org", Password: "correct horse"})
	require.NoError(t, err)
	_, err = b.exchange(code)
	require.NoError(t, err)

	for _, in := range []account.SignIn{
		{Attempt: b.attempt, Email: "ada@example.org", Password: "wrong horse"},
		{Attempt: b.attempt, Email: "unknown@example.org", Password: "correct horse"},
		{Attempt: b.attempt, Email: "ada@example.org"},
		{Attempt: b.attempt, Email: "a\x00\xff", Password: "correct horse"},
	} {
		_, err := w.service.SignIn(ctx, in)
		require.Equal(t, fault.WrongCredentials, reason(err))
		require.EqualError(t, err, "the address or the password is wrong", "the same words for all")
	}
	_, err = w.service.SignIn(w.visitorOf(w.other, shop), account.SignIn{Attempt: b.attempt, Email: "ada@example.org", Password: "correct horse"})
	require.Equal(t, fault.WrongCredentials, reason(err), "another site's account")
	_, err = w.db.Bun.NewRaw("UPDATE account SET disabled_at = now()").Exec(t.Context())
	require.NoError(t, err)
	_, err = w.service.SignIn(ctx, account.SignIn{Attempt: b.attempt, Email: "ada@example.org", Password: "correct horse"})
	require.Equal(t, fault.WrongCredentials, reason(err), "a disabled account is not told apart")
	_, err = w.service.SignIn(ctx, account.SignIn{Attempt: account.Attempt{ID: "x", Challenge: b.attempt.Challenge, JKT: b.attempt.JKT}})
	require.Equal(t, map[string]string{"attempt.id": fault.InvalidValue}, reasons(err))
}

// Known and unknown addresses take the same time: an answer without a hash would be thirty times faster.
// Machines that do other work too are given three tries.
func TestSignInTimingTellsNothing(t *testing.T) {
	secret.ForTests(true)
	defer secret.ForTests(false)
	w := newWorld(t)
	w.browser().signUp("known@example.org", "correct horse")
	b, ctx := w.browser(), w.visitor(shop)
	try := func(email string) float64 {
		start := time.Now()
		_, err := w.service.SignIn(ctx, account.SignIn{Attempt: b.attempt, Email: email, Password: "wrong horse"})
		require.Equal(t, fault.WrongCredentials, reason(err))
		return time.Since(start).Seconds()
	}
	try("unknown@example.org") // makes the hash of nobody
	var ratios []float64
	for range 3 {
		var known, unknown []float64
		w.clock.add(16 * time.Minute) // a new window of the limits
		for range 5 {
			known, unknown = append(known, try("known@example.org")), append(unknown, try("unknown@example.org"))
		}
		slices.Sort(known)
		slices.Sort(unknown)
		ratio := known[2] / unknown[2]
		if ratio > 0.6 && ratio < 1.6 {
			return
		}
		ratios = append(ratios, ratio)
	}
	t.Fatalf("known against unknown addresses: %v", ratios)
}

// Both kinds of address leave the same rows and one mail each; only the mailbox's owner learns which it is.
func TestUnknownAddressesLookLikeKnownOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.browser().signUp("known@example.org", "correct horse")
	for email, kind := range map[string]string{"known@example.org": account.MailSignIn, "unknown@example.org": account.MailNoAccount} {
		b := w.browser()
		before := w.count("email_challenge")
		require.NoError(t, w.service.RequestEmailCode(w.visitor(shop), account.RequestEmailCode{Attempt: b.attempt, Email: email}))
		require.Equal(t, before+1, w.count("email_challenge"))
		require.Equal(t, kind, w.mail(email).Kind)
		for range 4 {
			_, err := b.confirm(email, "00000000")
			require.Equal(t, fault.WrongCode, reason(err))
		}
		_, err := b.confirm(email, "00000000")
		require.Equal(t, fault.TooManyTries, reason(err))
	}
	require.Empty(t, w.mail("unknown@example.org").Data["code"])

	b := w.browser()
	require.NoError(t, w.service.SignUp(w.visitor(shop), account.SignUp{Attempt: b.attempt, Email: "known@example.org", Password: "other password", LastName: "X"}))
	require.Equal(t, account.MailSignIn, w.mail("known@example.org").Kind)
	_, err := b.confirm("known@example.org", w.mail("known@example.org").Data["code"])
	require.NoError(t, err, "who proves the mailbox enters")
	_, err = w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: b.attempt, Email: "known@example.org", Password: "other password"})
	require.Equal(t, fault.WrongCredentials, reason(err), "but a sign-up does not change an account's password")
	_, err = w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: b.attempt, Email: "known@example.org", Password: "correct horse"})
	require.NoError(t, err)
}

func TestCodesAreBoundLimitedAndReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, ctx := w.browser(), w.visitor(shop)
	ask := func() string {
		w.clock.add(16 * time.Minute)
		require.NoError(t, w.service.SignUp(ctx, account.SignUp{Attempt: b.attempt, Email: "a@b.example", LastName: "L"}))
		return w.mail("a@b.example").Data["code"]
	}
	first, second := ask(), ask()
	_, err := b.confirm("a@b.example", first)
	require.Equal(t, fault.WrongCode, reason(err), "the newest mail replaces older ones")

	stranger := w.browser()
	_, err = stranger.confirm("a@b.example", second)
	require.Equal(t, fault.WrongCode, reason(err), "another attempt")
	stranger.attempt.ID = b.attempt.ID
	_, err = stranger.confirm("a@b.example", second)
	require.Equal(t, fault.WrongCode, reason(err), "another key")
	_, err = w.service.ConfirmEmailCode(w.visitor(otherShop), account.ConfirmEmailCode{Attempt: b.attempt, Email: "a@b.example", Code: second})
	require.Equal(t, fault.WrongCode, reason(err), "another origin")
	_, err = w.service.ConfirmEmailCode(w.visitorOf(w.other, shop), account.ConfirmEmailCode{Attempt: b.attempt, Email: "a@b.example", Code: second})
	require.Equal(t, fault.WrongCode, reason(err), "another site")

	w.clock.add(10 * time.Minute)
	_, err = b.confirm("a@b.example", second)
	require.Equal(t, fault.CodeExpired, reason(err))
	third := ask()
	for range 5 {
		_, err = b.confirm("a@b.example", "12121212")
	}
	require.Equal(t, fault.TooManyTries, reason(err))
	_, err = b.confirm("a@b.example", third)
	require.Equal(t, fault.TooManyTries, reason(err), "the right code comes too late")
	require.Zero(t, w.count("account"))
	_, err = b.confirm("a@b.example", ask())
	require.NoError(t, err)
}

// The mail's link consumes nothing when it is fetched, and its number works where one started, once guessed.
func TestLinkOnAnotherDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	ask := func() string {
		require.NoError(t, w.service.SignUp(w.visitor(shop), account.SignUp{Attempt: b.attempt, Email: "a@b.example", LastName: "L"}))
		return strings.TrimPrefix(w.mail("a@b.example").Data["link"], publicURL+"/v1/email/")
	}
	token := ask()
	for range 3 {
		link, err := w.service.ReadLink(t.Context(), token)
		require.NoError(t, err)
		require.False(t, link.Confirmed)
		require.Empty(t, link.Number)
	}
	pressed, err := w.service.ConfirmLink(t.Context(), token)
	require.NoError(t, err)
	require.Len(t, pressed.Number, 2)
	again, err := w.service.ConfirmLink(t.Context(), token)
	require.NoError(t, err)
	require.Equal(t, pressed, again)
	require.Zero(t, w.count("account"), "the button alone signs nobody up")

	wrong := "00"
	if pressed.Number == wrong {
		wrong = "01"
	}
	_, err = b.confirm("a@b.example", wrong)
	require.Equal(t, fault.TooManyTries, reason(err), "two digits are guessed once")
	_, err = w.service.ReadLink(t.Context(), token)
	require.Equal(t, fault.NotFound, fault.CodeOf(err))

	token = ask()
	_, err = b.confirm("a@b.example", "00")
	require.Equal(t, fault.WrongCode, reason(err), "there is no number before the button")
	pressed, err = w.service.ConfirmLink(t.Context(), token)
	require.NoError(t, err)
	_, err = b.confirm("a@b.example", pressed.Number)
	require.NoError(t, err)
	for _, gone := range []string{token, "", "cl_x", secret.SiteToken("cl_", w.site.ID), secret.SiteToken("cl_", w.other.ID)} {
		_, err = w.service.ConfirmLink(t.Context(), gone)
		require.Equal(t, fault.NotFound, fault.CodeOf(err), gone)
	}
}

// A contact that staff made is linked only by the proof, and only when it is the only one.
func TestProofLinksTheOneContact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made, err := book{}.Enter(t.Context(), w.db.Bun, w.site.ID, uuid.Nil, account.Person{Email: "one@b.example", FirstName: "Given", LastName: "By staff"}, "staff")
	require.NoError(t, err)
	for range 2 {
		_, err := book{}.Enter(t.Context(), w.db.Bun, w.site.ID, uuid.Nil, account.Person{Email: "family@b.example", LastName: "X"}, "staff")
		require.NoError(t, err)
	}
	b := w.browser()
	me, err := w.service.Me(b.as(b.session("one@b.example", "")))
	require.NoError(t, err)
	require.Equal(t, made, me.ContactID)
	b = w.browser()
	b.signUp("family@b.example", "")
	require.Equal(t, 4, w.count("contact"), "a shared mailbox makes a person of its own (G-24)")
	_, err = book{}.Enter(t.Context(), w.db.Bun, w.other.ID, uuid.Nil, account.Person{Email: "elsewhere@b.example", LastName: "X"}, "staff")
	require.NoError(t, err)
	w.browser().signUp("elsewhere@b.example", "")
	require.Equal(t, 6, w.count("contact"), "another site's contact is not linked")
}

// What somebody else prepared for a mailbox dies with the proof of its owner.
func TestProofEndsWhatOthersPrepared(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attacker, owner := w.browser(), w.browser()
	require.NoError(t, w.service.RequestEmailCode(w.visitor(shop), account.RequestEmailCode{Attempt: attacker.attempt, Email: "victim@b.example"}))
	require.NoError(t, w.service.SignUp(w.visitor(otherShop), account.SignUp{Attempt: attacker.attempt, Email: "victim@b.example", Password: "attackers word", LastName: "A"}))
	planted := w.mail("victim@b.example").Data["code"]
	require.NoError(t, w.service.SignUp(w.visitor(shop), account.SignUp{Attempt: owner.attempt, Email: "victim@b.example", Password: "owners word..", LastName: "V"}))
	_, err := owner.confirm("victim@b.example", planted)
	require.Equal(t, fault.WrongCode, reason(err))
	_, err = owner.confirm("victim@b.example", w.mail("victim@b.example").Data["code"])
	require.NoError(t, err)
	require.Zero(t, w.count("email_challenge"))
	_, err = w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: attacker.attempt, Email: "victim@b.example", Password: "attackers word"})
	require.Equal(t, fault.WrongCredentials, reason(err))
	_, err = w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: owner.attempt, Email: "victim@b.example", Password: "owners word.."})
	require.NoError(t, err)
}

// T-14: while contact management is off, every way in is shut.
func TestNoLoginsWhileContactManagementIsOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	tokens := b.session("a@b.example", "correct horse")
	signedIn := b.as(tokens)
	code, err := w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: b.attempt, Email: "a@b.example", Password: "correct horse"})
	require.NoError(t, err)
	require.NoError(t, w.service.RequestEmailCode(w.visitor(shop), account.RequestEmailCode{Attempt: b.attempt, Email: "a@b.example"}))
	link := strings.TrimPrefix(w.mail("a@b.example").Data["link"], publicURL+"/v1/email/")
	require.NoError(t, w.service.RequestEmailChange(signedIn, "c@b.example"))
	back := strings.TrimPrefix(w.mail("a@b.example").Data["link"], publicURL+"/v1/recovery/")
	off := false
	_, err = w.sites.Update(w.staff(w.site), site.Update{ContactManagement: &off})
	require.NoError(t, err)

	ctx := w.visitor(shop)
	entries := map[string]func() error{
		"signUp": func() error {
			return w.service.SignUp(ctx, account.SignUp{Attempt: b.attempt, Email: "x@b.example", LastName: "L"})
		},
		"signIn":           func() error { _, err := w.service.SignIn(ctx, account.SignIn{Attempt: b.attempt}); return err },
		"requestEmailCode": func() error { return w.service.RequestEmailCode(ctx, account.RequestEmailCode{Attempt: b.attempt}) },
		"confirmEmailCode": func() error { _, err := b.confirm("a@b.example", "12345678"); return err },
		"prepareCheckout":  func() error { _, err := w.service.PrepareCheckout(ctx, account.PrepareCheckout{}); return err },
		"exchange":         func() error { _, err := b.exchange(code); return err },
		"refresh":          func() error { _, err := b.refresh(tokens.Refresh); return err },
		"token":            func() error { _, err := b.actor(tokens.Access); return err },
		"recheck":          func() error { _, err := w.service.Recheck(t.Context(), site.ActorOf(signedIn)); return err },
		"read link":        func() error { _, err := w.service.ReadLink(t.Context(), link); return err },
		"confirm link":     func() error { _, err := w.service.ConfirmLink(t.Context(), link); return err },
		"read recovery":    func() error { _, err := w.service.ReadRecovery(t.Context(), back); return err },
		"recover":          func() error { _, err := w.service.Recover(t.Context(), back); return err },
		"passkey":          func() error { _, err := w.service.StartPasskeySignIn(ctx, b.attempt); return err },
		"redeem": func() error {
			_, err := w.service.Redeem(t.Context(), account.Redeem{Site: "club", Secret: w.secret})
			return err
		},
		"social": func() error {
			_, err := w.service.StartSocial(t.Context(), account.StartSocial{Site: "club"})
			return err
		},
	}
	for name, enter := range entries {
		require.Equal(t, fault.Forbidden, fault.CodeOf(enter()), name)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	ctx := account.WithClient(w.visitor(shop), account.Client{IP: "2001:db8::1"})
	var err error
	for range 5 {
		require.NoError(t, w.service.RequestEmailCode(ctx, account.RequestEmailCode{Attempt: b.attempt, Email: "a@b.example"}))
	}
	err = w.service.RequestEmailCode(ctx, account.RequestEmailCode{Attempt: b.attempt, Email: "A@b.example"})
	require.Equal(t, fault.RateLimited, fault.CodeOf(err), "per mailbox")
	require.NoError(t, w.service.RequestEmailCode(w.visitorOf(w.other, shop), account.RequestEmailCode{Attempt: b.attempt, Email: "a@b.example"}), "per site")
	for i := 0; err == nil || i < 60; i++ {
		err = w.service.RequestEmailCode(ctx, account.RequestEmailCode{Attempt: b.attempt, Email: uuid.NewString() + "@b.example"})
	}
	require.Equal(t, fault.RateLimited, fault.CodeOf(err), "per client")
	neighbour := account.WithClient(w.visitor(shop), account.Client{IP: "2001:db8::2"})
	err = w.service.RequestEmailCode(neighbour, account.RequestEmailCode{Attempt: b.attempt, Email: "c@b.example"})
	require.Equal(t, fault.RateLimited, fault.CodeOf(err), "a subscriber holds a /64")
	w.clock.add(15 * time.Minute)
	require.NoError(t, w.service.RequestEmailCode(ctx, account.RequestEmailCode{Attempt: b.attempt, Email: "a@b.example"}))
	for range 20 {
		_, err = w.service.SignIn(ctx, account.SignIn{Attempt: b.attempt, Email: "a@b.example\x00", Password: "x"})
		require.Equal(t, fault.WrongCredentials, reason(err))
	}
	_, err = w.service.SignIn(ctx, account.SignIn{Attempt: b.attempt, Email: "a@b.example\x00", Password: "x"})
	require.Equal(t, fault.RateLimited, fault.CodeOf(err))
	w.clock.add(2 * time.Hour)
	require.NoError(t, w.service.Sweep(t.Context()))
	require.Zero(t, w.count("rate_bucket")+w.count("email_challenge"))
}
