package account_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/site"
)

// D-08: GitHub tells no identity but its number; an address counts when its list calls it primary and verified.
func TestGitHub(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newOAuthProvider(w)
	w.kind(site.Provider{Kind: site.ProviderGitHub}, "client secret")
	w.browser().signUp("member@b.example", "correct horse")
	mail := func(address string, primary, verified bool) map[string]any {
		return map[string]any{"email": address, "primary": primary, "verified": verified}
	}
	octo := map[string]any{"id": 583231, "login": "octo", "name": "Mona Lisa Octocat", "email": "shown@b.example"}

	p.is(octo, mail("second@b.example", false, true), mail("mona@b.example", true, true))
	b := w.browser()
	tokens, err := b.exchange(p.through(b).Code)
	require.NoError(t, err)
	me, err := w.service.Me(b.as(tokens))
	require.NoError(t, err)
	require.Equal(t, "mona@b.example", me.Email, "not the one that the profile shows")
	require.Equal(t, "Lisa Octocat Mona", me.DisplayName)
	require.Equal(t, []string{"https://github.com 583231"}, w.subjects())
	p.is(octo)
	require.NotEmpty(t, p.through(w.browser()).Code, "known by its number, whatever its addresses are now")

	for name, list := range map[string][]map[string]any{
		"none": {}, "unverified": {mail("new@b.example", true, false)}, "not primary": {mail("new@b.example", false, true)},
	} {
		p.is(map[string]any{"id": 7, "login": "new", "email": "new@b.example"}, list...)
		require.Equal(t, account.SocialNoEmail, p.through(w.browser()).Reason, name)
	}
	p.is(map[string]any{"id": 8, "login": "twin"}, mail("member@b.example", true, true))
	require.Equal(t, "member@b.example", p.through(w.browser()).Prove, "an equal address never links by itself")

	w.log.take()
	for name, user := range map[string]map[string]any{"no number": {"login": "x"}, "a text": {"id": "583231"}, "zero": {"id": 0}, "negative": {"id": -1}, "a fraction": {"id": 1.5}} {
		p.is(user, mail("x@b.example", true, true))
		w.refusedKindly(name, p.through(w.browser()))
	}
	p.fails(http.StatusServiceUnavailable, false)
	w.refusedKindly("the API is down", p.through(w.browser()))
	p.fails(0, false)
	w.kind(site.Provider{Kind: site.ProviderGitHub}, "another secret")
	w.refusedKindly("another secret", p.through(w.browser()))
}

// D-08: Facebook proves an app's secret with each question and never says that an address is verified.
func TestFacebook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newOAuthProvider(w)
	w.kind(site.Provider{Kind: site.ProviderFacebook}, "client secret")
	p.is(map[string]any{"id": "10158", "first_name": "Ola", "last_name": "Nordmann", "email": "ola@b.example"})
	b := w.browser()
	require.Equal(t, "ola@b.example", p.through(b).Prove)
	code, err := b.confirm("ola@b.example", w.mail("ola@b.example").Data["code"])
	require.NoError(t, err)
	tokens, err := b.exchange(code)
	require.NoError(t, err)
	me, err := w.service.Me(b.as(tokens))
	require.NoError(t, err)
	require.Equal(t, "Nordmann Ola", me.DisplayName)
	require.Equal(t, []string{"https://www.facebook.com 10158"}, w.subjects())
	p.is(map[string]any{"id": "10158"})
	require.NotEmpty(t, p.through(w.browser()).Code)
	p.is(map[string]any{"id": "10159", "first_name": "By", "last_name": "Phone"})
	require.Equal(t, account.SocialNoEmail, p.through(w.browser()).Reason)

	w.log.take()
	for name, id := range map[string]any{"none": nil, "empty": "", "a number": 10158, "a name": "ola", "a path": "../10158"} {
		p.is(map[string]any{"id": id, "email": "ola@b.example"})
		w.refusedKindly(name, p.through(w.browser()))
	}
	p.fails(0, true)
	w.refusedKindly("an answer that breaks off: its address holds the access token", p.through(w.browser()))
	p.fails(0, false)
	w.kind(site.Provider{Kind: site.ProviderFacebook}, "another secret")
	w.refusedKindly("another secret", p.through(w.browser()))
}

// A code that was stolen on its way is of no use in another sign-in: its verifier is not there (RFC 7636).
func TestInjectedCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newOAuthProvider(w)
	for _, kind := range []site.ProviderKind{site.ProviderGitHub, site.ProviderFacebook} {
		w.kind(site.Provider{Kind: kind}, "client secret")
		p.is(map[string]any{"id": 1, "email": "victim@b.example"}, map[string]any{"email": "victim@b.example", "primary": true, "verified": true})
		victim, err := w.browser().startSocial(nil)
		require.NoError(t, err)
		stolen := p.visit(victim.URL).Get("code")
		thief, err := w.browser().startSocial(nil)
		require.NoError(t, err)
		back := p.visit(thief.URL)
		back.Set("code", stolen)
		require.Equal(t, account.SocialFailed, w.finish(thief, back).Reason, kind)
	}
	require.Zero(t, w.count("account"))
}
