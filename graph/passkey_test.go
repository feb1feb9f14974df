package graph_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/account/passkeytest"
	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// options sends a mutation that gives a challenge.
func (b *browser) options(call string, in vars) json.RawMessage {
	b.t.Helper()
	var out map[string]struct{ Options json.RawMessage }
	require.Empty(b.t, b.s.Program.Payload(b.t, b.header("/graphql"), call, in, &out))
	for _, payload := range out {
		return payload.Options
	}
	return nil
}

// addPasskey makes one in my account; it tells what is to be mended.
func (b *browser) addPasskey(d *passkeytest.Device, name string) []string {
	b.t.Helper()
	response := d.Make(b.t, b.options(`mutation { startMyPasskey { options errors { code message path } } }`, nil))
	return b.s.Program.Payload(b.t, b.header("/graphql"), `mutation($i: AddMyPasskeyInput!) { addMyPasskey(input: $i) { me { email } errors { code message path } } }`,
		vars{"i": vars{"name": name, "response": response}}, nil)
}

// passkeyAnswer asks for a challenge and gives a passkey's answer to it.
func (b *browser) passkeyAnswer(d *passkeytest.Device) json.RawMessage {
	b.t.Helper()
	b.access = ""
	return d.Answer(b.t, b.options(
		`mutation($i: StartPasskeySignInInput!) { startPasskeySignIn(input: $i) { options errors { code message path } } }`, vars{"i": vars{"attempt": b.attempt}}))
}

// Issue 5, embed §3: over HTTP a passkey is made, seen by staff, and signs in, by a challenge that another process of the same database gave.
func TestPasskeyOverHTTP(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	status, manifest := p.HTTP(t, http.MethodGet, "/widgets/v1/sites/club", nil, "", nil)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, manifest, `"passkeys":false`)
	p.Must(t, s.As(site.Manager), updateSite, vars{"i": vars{"passkeys": true}}, nil)
	_, manifest = p.HTTP(t, http.MethodGet, "/widgets/v1/sites/club", nil, "", nil)
	require.Contains(t, manifest, `"passkeys":true`)

	b := newBrowser(t, s)
	b.register("ada@example.no", "Ada", "Lovelace", "a long password")
	d := passkeytest.New(t, "shop.example", shopPage)
	require.Empty(t, b.addPasskey(d, "Ada's phone"))
	ada := idOf(t, s, "ada@example.no")
	require.Equal(t, "passkey_added ada@example.no profile", accountStory(t, s, ada)[0])
	require.Equal(t, "A passkey was added to your account at Site club", mailTo(t, s, "ada@example.no").Subject)
	var seen struct {
		Contact struct {
			Account struct{ Passkeys []struct{ Name string } }
		}
	}
	p.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { ... on Person { account { passkeys { name } } } } }`, vars{"i": ada}, &seen)
	require.Equal(t, "Ada's phone", seen.Contact.Account.Passkeys[0].Name)

	require.Empty(t, b.code("signInWithPasskey", "SignInWithPasskeyInput", vars{"response": b.passkeyAnswer(d)}))
	require.True(t, b.me())

	answer := b.passkeyAnswer(d)
	other := *s
	other.Program = apptest.Beside(t, p, func(*app.Config) {})
	c := *b
	c.s = &other
	require.Empty(t, c.code("signInWithPasskey", "SignInWithPasskeyInput", vars{"response": answer}))
	require.Equal(t, []string{"WRONG_PASSKEY "}, b.code("signInWithPasskey", "SignInWithPasskeyInput", vars{"response": answer}), "once, whichever process asks")

	require.Equal(t, []string{"WRONG_PASSKEY "}, b.code("signInWithPasskey", "SignInWithPasskeyInput", vars{"response": vars{"id": 1}}))

	copied := *d
	require.Empty(t, b.code("signInWithPasskey", "SignInWithPasskeyInput", vars{"response": b.passkeyAnswer(d)}))
	require.Equal(t, []string{"PASSKEY_COPIED "}, b.code("signInWithPasskey", "SignInWithPasskeyInput", vars{"response": b.passkeyAnswer(&copied)}))
	require.Equal(t, "passkey_copied ada@example.no sign_in", accountStory(t, s, ada)[0])
	var last struct {
		Contact struct {
			Account struct{ LastChange struct{ Action string } }
		}
	}
	p.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { ... on Person { account { lastChange { action } } } } }`, vars{"i": ada}, &last)
	require.Equal(t, "account_passkey_added", last.Contact.Account.LastChange.Action, "a refusal changes nothing")
}

// embed §2: one relying party a site, which all its origins lie below and which can be registered.
func TestPasskeyDomain(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	set := func(in vars) []string {
		return p.Payload(t, s.As(site.Manager), updateSite, vars{"i": in}, nil)
	}
	domain := func() string {
		var out struct {
			Site struct{ PasskeyDomain string }
		}
		p.Must(t, s.As(site.Viewer), `{ site { passkeyDomain } }`, nil, &out)
		return out.Site.PasskeyDomain
	}
	at := func(list ...string) []vars {
		out := []vars{}
		for _, origin := range list {
			out = append(out, vars{"origin": origin})
		}
		return out
	}
	require.Equal(t, []string{"REQUIRED passkeyDomain"}, set(vars{"passkeys": true}), "no origin to take it from")
	require.Empty(t, set(vars{"origins": at("https://www.hall.co.uk", "https://tickets.hall.co.uk:8443"), "passkeys": true}))
	require.Equal(t, "hall.co.uk", domain())
	for _, wrong := range []string{"co.uk", "uk", "https://hall.co.uk", "hall.co.uk:8443", "hall.co.uk.", ".hall.co.uk", "127.0.0.1", "-hall.co.uk", "håll.co.uk", "hall co.uk"} {
		require.Equal(t, []string{"INVALID_DOMAIN passkeyDomain"}, set(vars{"passkeyDomain": wrong}), wrong)
	}
	for _, wrong := range []string{"www.hall.co.uk", "all.co.uk", "other.co.uk", "localhost"} {
		require.Equal(t, []string{"OUTSIDE_DOMAIN passkeyDomain"}, set(vars{"passkeyDomain": wrong}), wrong)
	}
	require.Equal(t, []string{"OUTSIDE_DOMAIN origins.1.origin"}, set(vars{"origins": at("https://hall.co.uk", "https://nothall.co.uk")}))
	require.Equal(t, []string{"OUTSIDE_DOMAIN origins.0.origin"}, set(vars{"origins": at("https://hall.co.uk.example")}))
	require.Empty(t, set(vars{"passkeyDomain": " HALL.co.uk ", "origins": at("https://hall.co.uk")}))
	require.Equal(t, "hall.co.uk", domain())

	require.Empty(t, set(vars{"passkeys": false, "origins": at("http://localhost:5173", "http://localhost:8080")}))
	require.Equal(t, []string{"OUTSIDE_DOMAIN passkeyDomain"}, set(vars{"passkeys": true}))
	require.Empty(t, set(vars{"passkeys": true, "passkeyDomain": ""}))
	require.Equal(t, "localhost", domain())
	require.Equal(t, []string{"OUTSIDE_DOMAIN origins.0.origin"}, set(vars{"origins": at("http://demo.localhost:8080")}), "browsers take localhost for a public suffix")
	require.Equal(t, []string{"REQUIRED passkeyDomain"}, set(vars{"passkeyDomain": "", "origins": at("http://127.0.0.1:8080")}), "an address has none")
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", updateSite, vars{"i": vars{"passkeys": false}})
}
