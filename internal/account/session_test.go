package account_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// A code is refused for every binding that does not fit, and used up by any try.
func TestExchangeHoldsToItsBindings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	b.signUp("ada@example.org", "")
	stranger := w.browser()
	good := account.Exchange{Site: "club", Verifier: b.verifier, Origin: shop, JKT: b.jkt()}
	for name, change := range map[string]func(*account.Exchange){
		"wrong verifier":   func(e *account.Exchange) { e.Verifier = stranger.verifier },
		"no verifier":      func(e *account.Exchange) { e.Verifier = "" },
		"endless verifier": func(e *account.Exchange) { e.Verifier = strings.Repeat("x", 129) },
		"wrong origin":     func(e *account.Exchange) { e.Origin = otherShop },
		"no origin":        func(e *account.Exchange) { e.Origin = "" },
		"wrong key":        func(e *account.Exchange) { e.JKT = stranger.jkt() },
		"expired":          func(*account.Exchange) { w.clock.add(time.Minute) },
		"other site":       func(e *account.Exchange) { e.Site = "venue" },
		"other site's prefix": func(e *account.Exchange) {
			e.Code = strings.Replace(e.Code, siteHex(w.site), siteHex(w.other), 1)
			e.Site = "venue"
		},
		"unknown":       func(e *account.Exchange) { e.Code = secret.SiteToken("cc_", w.site.ID) },
		"another token": func(e *account.Exchange) { e.Code = "ca" + e.Code[2:] },
		"empty":         func(e *account.Exchange) { e.Code = "" },
	} {
		w.clock.add(16 * time.Minute)
		code := b.signIn("ada@example.org")
		bad := good
		bad.Code = code
		change(&bad)
		_, err := w.service.Exchange(t.Context(), bad)
		require.Equal(t, account.ReasonInvalidGrant, reason(err), name)
		if bad.Site == good.Site && bad.Code == code {
			good.Code = code
			_, err = w.service.Exchange(t.Context(), good)
			require.Equal(t, account.ReasonInvalidGrant, reason(err), "%s: a try uses the code up", name)
		}
	}
	good.Code = b.signIn("ada@example.org")
	_, err := w.service.Exchange(t.Context(), good)
	require.NoError(t, err)
	_, err = w.service.Exchange(t.Context(), good)
	require.Equal(t, account.ReasonInvalidGrant, reason(err), "second use")
}

func siteHex(of site.Site) string { return strings.ReplaceAll(of.ID.String(), "-", "") }

// Many tries at once get one session.
func TestExchangeRace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	code := b.signUp("ada@example.org", "")
	var wins int
	var mu sync.Mutex
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := b.exchange(code); err == nil {
				mu.Lock()
				wins++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	require.Equal(t, 1, wins)
	require.Equal(t, 1, w.count("token_session"))
}

func TestRefreshRotates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	first := b.session("ada@example.org", "")
	second, err := b.refresh(first.Refresh)
	require.NoError(t, err)
	require.NotEqual(t, first.Refresh, second.Refresh)
	require.NotEqual(t, first.Access, second.Access)
	_, err = b.actor(first.Access)
	require.NoError(t, err, "an access token lives its five minutes")
	w.clock.add(9 * time.Second)
	again, err := b.refresh(first.Refresh)
	require.NoError(t, err, "an answer that was lost")
	require.Equal(t, second.Refresh, again.Refresh, "is the same again")
	w.clock.add(5 * time.Minute)
	_, err = b.actor(second.Access)
	require.Equal(t, string(fault.Unauthenticated), reason(err))
	third, err := b.refresh(second.Refresh)
	require.NoError(t, err)
	_, err = b.actor(third.Access)
	require.NoError(t, err)
}

// Reuse after the grace, of a token of any age, ends the family; with a wrong key it ends nothing.
func TestRefreshReuseEndsTheFamily(t *testing.T) {
	t.Parallel()
	for _, age := range []string{"previous", "oldest"} {
		w := newWorld(t)
		b, thief := w.browser(), w.browser()
		first := b.session("ada@example.org", "")
		second, err := b.refresh(first.Refresh)
		require.NoError(t, err)
		w.clock.add(11 * time.Second)
		latest, stolen := second, first
		if age == "oldest" {
			for range 3 {
				latest, err = b.refresh(latest.Refresh)
				require.NoError(t, err)
			}
		}
		_, err = thief.refresh(stolen.Refresh)
		require.Equal(t, account.ReasonInvalidGrant, reason(err))
		b.origin = otherShop
		_, err = b.refresh(stolen.Refresh)
		require.Equal(t, account.ReasonInvalidGrant, reason(err))
		b.origin = shop
		_, err = b.actor(latest.Access)
		require.NoError(t, err, "a wrong key or page ends nothing")

		_, err = b.refresh(stolen.Refresh)
		require.Equal(t, account.ReasonInvalidGrant, reason(err))
		_, err = b.actor(latest.Access)
		require.Equal(t, string(fault.Unauthenticated), reason(err), "the whole family has ended")
		_, err = b.refresh(latest.Refresh)
		require.Equal(t, account.ReasonInvalidGrant, reason(err))
	}
}

// Two tabs that refresh at once get the same token, so neither ends the family later.
func TestRefreshRace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	tokens := b.session("ada@example.org", "")
	got := make(chan string, 8)
	var group sync.WaitGroup
	for range cap(got) {
		group.Go(func() {
			next, err := b.refresh(tokens.Refresh)
			if err != nil {
				got <- err.Error()
				return
			}
			got <- next.Refresh
		})
	}
	group.Wait()
	only := <-got
	for range cap(got) - 1 {
		require.Equal(t, only, <-got)
	}
	w.clock.add(time.Minute)
	_, err := b.refresh(only)
	require.NoError(t, err)
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	tokens := b.session("ada@example.org", "")
	w.clock.add(30*24*time.Hour - time.Second)
	tokens, err := b.refresh(tokens.Refresh)
	require.NoError(t, err, "used within thirty days")
	idle := tokens
	w.clock.add(30 * 24 * time.Hour)
	_, err = b.refresh(idle.Refresh)
	require.Equal(t, account.ReasonInvalidGrant, reason(err), "idle")

	b = w.browser()
	tokens, err = b.exchange(b.signIn("ada@example.org"))
	require.NoError(t, err)
	for range 4 {
		w.clock.add(20 * 24 * time.Hour)
		tokens, err = b.refresh(tokens.Refresh)
		require.NoError(t, err)
	}
	w.clock.add(10 * 24 * time.Hour)
	_, err = b.refresh(tokens.Refresh)
	require.Equal(t, account.ReasonInvalidGrant, reason(err), "ninety days are the end")
	w.clock.add(31 * 24 * time.Hour)
	require.NoError(t, w.service.Sweep(t.Context()))
	require.Zero(t, w.count("token_session"))
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, there := w.browser(), w.browser()
	mine := here.session("ada@example.org", "")
	enter := func(b *browser) account.Tokens {
		tokens, err := b.exchange(b.signIn("ada@example.org"))
		require.NoError(t, err)
		return tokens
	}
	theirs := enter(there)
	stranger := w.browser()
	strangers := stranger.session("bob@example.org", "")

	ctx := here.as(mine)
	rechecked, err := w.service.Recheck(t.Context(), site.ActorOf(ctx))
	require.NoError(t, err)
	require.Equal(t, site.ActorOf(ctx), rechecked)
	require.NoError(t, w.service.SignOut(ctx, false))
	_, err = here.actor(mine.Access)
	require.Equal(t, string(fault.Unauthenticated), reason(err), "at once")
	_, err = here.refresh(mine.Refresh)
	require.Equal(t, account.ReasonInvalidGrant, reason(err))
	_, err = w.service.Recheck(t.Context(), site.ActorOf(ctx))
	require.Equal(t, fault.Unauthenticated, fault.CodeOf(err), "open sockets learn it")
	_, err = there.actor(theirs.Access)
	require.NoError(t, err)

	mine = enter(here)
	unused := here.signIn("ada@example.org")
	require.NoError(t, w.service.SignOut(there.as(theirs), true))
	_, err = here.actor(mine.Access)
	require.Equal(t, string(fault.Unauthenticated), reason(err), "everywhere")
	_, err = here.exchange(unused)
	require.Equal(t, account.ReasonInvalidGrant, reason(err), "a code on its way too")
	_, err = stranger.actor(strangers.Access)
	require.NoError(t, err, "others stay")
	require.Equal(t, fault.Unauthenticated, fault.CodeOf(w.service.SignOut(w.visitor(shop), true)))
	_, err = w.service.Me(w.visitor(shop))
	require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
}

// A token works with its key, from its page, in its site, and nowhere else.
func TestAccessTokensAreBound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, thief := w.browser(), w.browser()
	tokens := b.session("ada@example.org", "")
	a, err := b.actor(tokens.Access)
	require.NoError(t, err)
	require.Equal(t, w.site.ID, a.SiteID)
	require.Equal(t, site.AccessAccount, a.Access)
	for name, try := range map[string]func() error{
		"wrong key": func() error { _, err := thief.actor(tokens.Access); return err },
		"wrong page": func() error {
			_, err := w.service.Authenticate(t.Context(), tokens.Access, b.jkt(), otherShop)
			return err
		},
		"no page": func() error { _, err := w.service.Authenticate(t.Context(), tokens.Access, b.jkt(), ""); return err },
		"other site": func() error {
			_, err := b.actor(strings.Replace(tokens.Access, siteHex(w.site), siteHex(w.other), 1))
			return err
		},
		"refresh": func() error { _, err := b.actor(tokens.Refresh); return err },
		"rubbish": func() error { _, err := b.actor("x"); return err },
	} {
		require.Equal(t, string(fault.Unauthenticated), reason(try()), name)
	}
	_, err = w.service.Refresh(t.Context(), account.Refresh{Site: "venue", Token: tokens.Refresh, Origin: shop, JKT: b.jkt()})
	require.Equal(t, account.ReasonInvalidGrant, reason(err), "another site's refresh token")
	for _, bad := range []string{"", "cr_", "cr_zz", tokens.Access, tokens.Refresh[:60]} {
		_, err = b.refresh(bad)
		require.Equal(t, account.ReasonInvalidGrant, reason(err), bad)
	}
	_, err = w.db.Bun.NewRaw("UPDATE account SET disabled_at = now()").Exec(t.Context())
	require.NoError(t, err)
	_, err = b.actor(tokens.Access)
	require.Equal(t, string(fault.Unauthenticated), reason(err), "disabled")
	_, err = b.refresh(tokens.Refresh)
	require.Equal(t, account.ReasonInvalidGrant, reason(err))
}

// A page that the site takes off its list is shut out at once.
func TestSessionsEndWithTheirOrigin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	tokens := b.session("ada@example.org", "")
	ctx := b.as(tokens)
	_, err := w.sites.Update(w.staff(w.site), site.Update{Origins: &[]site.Origin{{Origin: otherShop}}})
	require.NoError(t, err)
	_, err = b.actor(tokens.Access)
	require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
	_, err = w.service.Recheck(t.Context(), site.ActorOf(ctx))
	require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
}
