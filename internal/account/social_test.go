package account_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"carnet/internal/account"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// zitadelUsers is the user store of the real provider.
type zitadelUsers map[string]*storage.User

func (u zitadelUsers) GetUserByID(id string) *storage.User { return u[id] }
func (u zitadelUsers) ExampleClientID() string             { return "service" }
func (u zitadelUsers) GetUserByUsername(name string) *storage.User {
	for _, one := range u {
		if one.Username == name {
			return one
		}
	}
	return nil
}

// oneProvider is held by the test that has a provider: the example server keeps clients and addresses in
// variables of its packages.
var oneProvider sync.Mutex

// zitadel starts a real OpenID provider and registers it with the site as "idp".
func (w *world) zitadel(users zitadelUsers) string {
	w.t.Helper()
	oneProvider.Lock()
	w.t.Cleanup(oneProvider.Unlock)
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	client := "client-" + uuid.NewString()
	storage.RegisterClients(storage.WebClient(client, "client secret", publicURL+"/v1/social/callback/club/idp"))
	store := storage.NewStorage(users)
	server.Config.Handler = exampleop.SetupServer(issuer, store, slog.New(slog.DiscardHandler), false)
	server.Start()
	w.t.Cleanup(server.Close)
	w.provider("idp", issuer, client)
	return issuer
}

func (w *world) provider(name, issuer, client string) {
	w.t.Helper()
	require.NoError(w.t, w.sites.SaveProvider(w.staff(w.site), site.Provider{Kind: site.ProviderOIDC, Name: name, Label: "The " + name, Issuer: issuer, ClientID: client}, "client secret"))
}

func (b *browser) startSocial(changes func(*account.StartSocial)) (account.SocialRedirect, error) {
	in := account.StartSocial{Site: "club", Provider: "idp", Origin: shop, Mode: account.ModePopup, Attempt: b.attempt}
	if changes != nil {
		changes(&in)
	}
	return b.w.service.StartSocial(b.w.t.Context(), in)
}

// signInAt signs in at the real provider and gives the query that it redirects back with.
func signInAt(t *testing.T, address, user, password string) url.Values {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), publicURL) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	login, err := client.Get(address)
	require.NoError(t, err)
	page, err := io.ReadAll(login.Body)
	require.NoError(t, err)
	require.NoError(t, login.Body.Close())
	require.Equal(t, http.StatusOK, login.StatusCode, string(page))
	back, err := client.PostForm(login.Request.URL.Scheme+"://"+login.Request.URL.Host+"/login/username", url.Values{
		"username": {user}, "password": {password}, "id": {login.Request.URL.Query().Get("authRequestID")},
	})
	require.NoError(t, err)
	require.NoError(t, back.Body.Close())
	target, err := back.Location()
	require.NoError(t, err, "the provider must redirect back")
	return target.Query()
}

func (w *world) finish(to account.SocialRedirect, back url.Values) account.SocialEnd {
	w.t.Helper()
	end, err := w.service.FinishSocial(w.t.Context(), account.FinishSocial{Site: "club", Provider: "idp", State: back.Get("state"), Code: back.Get("code"), Error: back.Get("error"), Issuer: back.Get("iss"), Binding: to.Binding})
	require.NoError(w.t, err)
	return end
}

// social goes the whole way through the real provider.
func (b *browser) social(user string) account.SocialEnd {
	b.w.t.Helper()
	to, err := b.startSocial(nil)
	require.NoError(b.w.t, err)
	return b.w.finish(to, signInAt(b.w.t, to.URL, user, "verysecure"))
}

func zitadelUser(name, email string, verified bool) *storage.User {
	return &storage.User{ID: "id-" + name, Username: name, Password: "verysecure", FirstName: "First", LastName: "Last " + name, Email: email, EmailVerified: verified}
}

// D-08: through a real OpenID provider, with goth, to a session.
func TestSocialSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.zitadel(zitadelUsers{"id-new": zitadelUser("new", "new@b.example", true)})
	b := w.browser()
	end := b.social("new")
	require.Empty(t, end.Reason)
	require.Equal(t, []string{b.attempt.ID, shop, shop + "/", account.ModePopup}, []string{end.Attempt, end.Origin, end.LandingURL, end.Mode})
	tokens, err := b.exchange(end.Code)
	require.NoError(t, err)
	me, err := w.service.Me(b.as(tokens))
	require.NoError(t, err)
	require.Equal(t, "new@b.example", me.Email)
	require.Equal(t, "Last new First", me.DisplayName)

	again := w.browser()
	end = again.social("new")
	tokens, err = again.exchange(end.Code)
	require.NoError(t, err)
	same, err := w.service.Me(again.as(tokens))
	require.NoError(t, err)
	require.Equal(t, me, same, "the identity is known now")
	require.Equal(t, 1, w.count("contact"))
	require.Empty(t, w.mails)
}

// An equal address never links by itself: not to an account, not to a contact, whatever the provider
// vouches for; and an address that it does not vouch for is proven first.
func TestSocialProvesTheMailboxFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.zitadel(zitadelUsers{
		"id-member":  zitadelUser("member", "member@b.example", true),
		"id-contact": zitadelUser("contact", "contact@b.example", true),
		"id-unsure":  zitadelUser("unsure", "unsure@b.example", false),
		"id-nobody":  zitadelUser("nobody", "", false),
	})
	w.browser().signUp("member@b.example", "correct horse")
	made, err := book{}.Enter(t.Context(), w.db.Bun, w.site.ID, uuid.Nil, account.Person{Email: "contact@b.example", FirstName: "Staff's", LastName: "Name"}, "staff")
	require.NoError(t, err)

	for _, name := range []string{"member", "contact", "unsure"} {
		email := name + "@b.example"
		b := w.browser()
		end := b.social(name)
		require.Equal(t, email, end.Prove, name)
		require.Empty(t, end.Code)
		require.Zero(t, w.identities(name))
		m := w.mail(email)
		require.Equal(t, account.MailLink, m.Kind)
		require.Equal(t, "The idp", m.Data["provider"])
		code, err := b.confirm(email, m.Data["code"])
		require.NoError(t, err)
		_, err = b.exchange(code)
		require.NoError(t, err)
		require.Equal(t, 1, w.identities(name))
		require.NotEmpty(t, w.browser().social(name).Code, "linked from now on")
	}
	_, err = w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: w.browser().attempt, Email: "member@b.example", Password: "correct horse"})
	require.NoError(t, err, "a proven account keeps its password")
	p, err := book{}.Read(t.Context(), w.db.Bun, w.site.ID, made)
	require.NoError(t, err)
	require.Equal(t, "Staff's", p.FirstName, "a provider does not rename a contact")
	require.Equal(t, 3, w.count("contact"))

	require.Equal(t, account.SocialNoEmail, w.browser().social("nobody").Reason)
	_, err = w.db.Bun.NewRaw("UPDATE account SET disabled_at = now()").Exec(t.Context())
	require.NoError(t, err)
	require.Equal(t, account.SocialDisabled, w.browser().social("member").Reason)
}

func (w *world) identities(name string) int {
	w.t.Helper()
	n, err := w.db.Bun.NewSelect().TableExpr("account_identity").Where("subject = ?", "id-"+name).Count(w.t.Context())
	require.NoError(w.t, err)
	return int(n)
}

// A provider vouches for an address that is not its user's. When the owner proves the mailbox, every
// way in that the other one made is gone.
func TestProofEndsForeignCredentials(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"sign up", "code"} {
		t.Run(way, func(t *testing.T) {
			w := newWorld(t)
			w.zitadel(zitadelUsers{"id-attacker": zitadelUser("attacker", "victim@b.example", true)})
			attacker, owner := w.browser(), w.browser()
			tokens, err := attacker.exchange(attacker.social("attacker").Code)
			require.NoError(t, err)
			unused := attacker.social("attacker").Code
			open := attacker.as(tokens)

			if way == "sign up" {
				owner.signUp("victim@b.example", "owners word..")
			} else {
				require.NoError(t, w.service.RequestEmailCode(w.visitor(shop), account.RequestEmailCode{Attempt: owner.attempt, Email: "victim@b.example"}))
				_, err = owner.confirm("victim@b.example", w.mail("victim@b.example").Data["code"])
				require.NoError(t, err)
			}
			_, err = attacker.actor(tokens.Access)
			require.Equal(t, string(fault.Unauthenticated), reason(err))
			_, err = attacker.refresh(tokens.Refresh)
			require.Equal(t, account.ReasonInvalidGrant, reason(err))
			_, err = attacker.exchange(unused)
			require.Equal(t, account.ReasonInvalidGrant, reason(err))
			_, err = w.service.Recheck(t.Context(), site.ActorOf(open))
			require.Equal(t, fault.Unauthenticated, fault.CodeOf(err))
			require.Equal(t, "victim@b.example", attacker.social("attacker").Prove, "the identity is a stranger again")
			require.Equal(t, 1, w.count("account"))
			if way == "sign up" {
				_, err = w.service.SignIn(w.visitor(shop), account.SignIn{Attempt: owner.attempt, Email: "victim@b.example", Password: "owners word.."})
				require.NoError(t, err, "the owner's own password holds")
			}
		})
	}
}

func TestSocialIsBoundToTheBrowserAndUsedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	issuer := w.zitadel(zitadelUsers{"id-new": zitadelUser("new", "new@b.example", true)})
	b := w.browser()
	for name, change := range map[string]func(*account.StartSocial){
		"unknown site":      func(in *account.StartSocial) { in.Site = "nope" },
		"other site":        func(in *account.StartSocial) { in.Site = "venue" },
		"unknown provider":  func(in *account.StartSocial) { in.Provider = "nope" },
		"foreign origin":    func(in *account.StartSocial) { in.Origin = "https://evil.example" },
		"foreign landing":   func(in *account.StartSocial) { in.Landing = "https://evil.example/" },
		"deeper landing":    func(in *account.StartSocial) { in.Landing = shop + "/deeper" },
		"unknown mode":      func(in *account.StartSocial) { in.Mode = "frame" },
		"malformed attempt": func(in *account.StartSocial) { in.Attempt.ID = "x" },
		"malformed key":     func(in *account.StartSocial) { in.Attempt.JKT = "'\"<script>" },
	} {
		_, err := b.startSocial(change)
		require.Contains(t, []fault.Code{fault.NotFound, fault.Forbidden, fault.BadInput}, fault.CodeOf(err), name)
	}
	start := func() (account.SocialRedirect, url.Values) {
		to, err := b.startSocial(func(in *account.StartSocial) { in.Landing = shop + "/" })
		require.NoError(t, err)
		sent, err := url.Parse(to.URL)
		require.NoError(t, err)
		require.Equal(t, issuer, sent.Scheme+"://"+sent.Host)
		require.Equal(t, "S256", sent.Query().Get("code_challenge_method"))
		require.NotEmpty(t, sent.Query().Get("nonce"))
		return to, signInAt(t, to.URL, "new", "verysecure")
	}
	refuse := func(name string, in account.FinishSocial) {
		_, err := w.service.FinishSocial(t.Context(), in)
		require.Equal(t, fault.BadInput, fault.CodeOf(err), name)
	}
	to, back := start()
	refuse("another browser", account.FinishSocial{Site: "club", Provider: "idp", State: back.Get("state"), Code: back.Get("code"), Binding: secret.Random()})
	refuse("after a try", account.FinishSocial{Site: "club", Provider: "idp", State: back.Get("state"), Code: back.Get("code"), Binding: to.Binding})
	to, back = start()
	w.clock.add(10 * time.Minute)
	refuse("too late", account.FinishSocial{Site: "club", Provider: "idp", State: back.Get("state"), Code: back.Get("code"), Binding: to.Binding})
	refuse("unknown", account.FinishSocial{Site: "club", Provider: "idp", State: secret.SiteToken("ct_", w.site.ID), Binding: to.Binding})
	refuse("rubbish", account.FinishSocial{Site: "club", Provider: "idp", State: "x"})

	to, back = start()
	back.Set("iss", "https://other-issuer.example")
	require.Equal(t, account.SocialFailed, w.finish(to, back).Reason, "mix-up (RFC 9207)")
	to, back = start()
	require.NotEmpty(t, w.finish(to, back).Code)
	refuse("second use", account.FinishSocial{Site: "club", Provider: "idp", State: back.Get("state"), Code: back.Get("code"), Binding: to.Binding})
	to, _ = start()
	require.Equal(t, account.SocialDenied, w.finish(to, url.Values{"state": {stateOf(t, to)}, "error": {"access_denied"}}).Reason)
	to, _ = start()
	require.Equal(t, account.SocialFailed, w.finish(to, url.Values{"state": {stateOf(t, to)}, "code": {"made up"}}).Reason)

	first, err := b.startSocial(nil)
	require.NoError(t, err)
	second, err := b.startSocial(func(in *account.StartSocial) { in.Binding = first.Binding })
	require.NoError(t, err)
	require.Equal(t, first.Binding, second.Binding, "one cookie serves two popups")
}

func stateOf(t *testing.T, to account.SocialRedirect) string {
	t.Helper()
	u, err := url.Parse(to.URL)
	require.NoError(t, err)
	return u.Query().Get("state")
}

// D-11: a login is the provider's of the site, whatever the site calls it by and by.
func TestLoginFollowsItsProvidersLabel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := newHostile(t)
	w.provider("idp", h.URL, "client")
	b := w.browser()
	tokens, err := b.exchange(h.through(b, nil).Code)
	require.NoError(t, err)
	logins := func() (out []string) {
		me, err := w.service.Me(b.as(tokens))
		require.NoError(t, err)
		how, err := w.service.Security(b.as(tokens), me)
		require.NoError(t, err)
		for _, one := range how.Identities {
			out = append(out, one.Called()+": "+one.Label)
		}
		return out
	}
	require.Equal(t, []string{"idp: The idp"}, logins())
	require.NoError(t, w.sites.SaveProvider(w.staff(w.site), site.Provider{Kind: site.ProviderOIDC, Name: "idp", Label: "Hall ID", Issuer: h.URL, ClientID: "client"}, ""))
	require.Equal(t, []string{"idp: Hall ID"}, logins())
	require.NoError(t, w.sites.DeleteProvider(w.staff(w.site), "idp"))
	require.Equal(t, []string{"idp: The idp"}, logins(), "as it was called when there was one")
	_, err = w.db.Bun.NewRaw("UPDATE account_identity SET provider_name = NULL").Exec(t.Context()) // older than names are kept
	require.NoError(t, err)
	require.Equal(t, []string{"The idp: The idp"}, logins())
	require.Equal(t, "NOT_FOUND", reason(w.service.RemoveIdentity(b.as(tokens), "idp")))
	require.NoError(t, w.service.RemoveIdentity(b.as(tokens), "The idp"))
	require.Empty(t, logins())

	again := w.browser() // linked by a proof of the mailbox
	require.NoError(t, w.sites.SaveProvider(w.staff(w.site), site.Provider{Kind: site.ProviderOIDC, Name: "idp", Label: "Hall ID", Issuer: h.URL, ClientID: "client"}, "client secret"))
	end := h.through(again, nil)
	code, err := again.confirm(end.Prove, w.mail(end.Prove).Data["code"])
	require.NoError(t, err)
	tokens, err = again.exchange(code)
	require.NoError(t, err)
	b = again
	require.Equal(t, []string{"idp: Hall ID"}, logins())
	require.NoError(t, w.service.RemoveIdentity(b.as(tokens), "idp"))
}
