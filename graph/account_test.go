package graph_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// S-36, S-37, S-38, S-39: the account block says what one signs in with and where from, and when and by whom the account was last changed: its
// owner, on the public site or in "my account"; staff by name; a program by its key's name.
func TestAccountBlock(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	b := newBrowser(t, s)
	began := time.Now().Add(-time.Second)
	b.register("ada@example.no", "Ada", "Lovelace", "a long password")
	ada := idOf(t, s, "ada@example.no")
	a := block(t, s, ada)
	require.Equal(t, "ada@example.no", a.Email)
	require.True(t, a.HasPassword)
	require.NotNil(t, a.ProvenAt)
	require.Nil(t, a.DisabledAt)
	require.Equal(t, 1, a.SessionCount)
	require.Empty(t, a.Identities)
	require.WithinRange(t, a.CreatedAt, began, time.Now())
	by := *a.LastChange
	require.WithinRange(t, by.At, began, time.Now())
	by.At = time.Time{}
	require.Equal(t, accountChange{Action: "account_created", Surface: "registration", ActorName: "ada@example.no", ActorKind: "ACCOUNT"}, by)

	// Her own change, in "my account".
	require.Empty(t, b.change("changeMyPassword", "ChangeMyPasswordInput", vars{"password": "another password"}))
	by = *block(t, s, ada).LastChange
	require.Equal(t, "account_password profile ada@example.no ACCOUNT", strings.Join([]string{by.Action, by.Surface, by.ActorName, by.ActorKind}, " "))
	// A member of staff, and a program.
	require.Empty(t, manage(t, s, s.SignIn(t, site.Support), "signOutAccount", ada))
	by = *block(t, s, ada).LastChange
	require.Equal(t, "account_signed_out admin Staff support STAFF", strings.Join([]string{by.Action, by.Surface, by.ActorName, by.ActorKind}, " "))
	require.Zero(t, block(t, s, ada).SessionCount)
	require.Empty(t, manage(t, s, s.As(site.Operator), "disableAccount", ada))
	a = block(t, s, ada)
	require.NotNil(t, a.DisabledAt)
	require.Equal(t, "account_disabled api operator API_KEY", strings.Join([]string{a.LastChange.Action, a.LastChange.Surface, a.LastChange.ActorName, a.LastChange.ActorKind}, " "))
	// What changes nothing is no last change.
	require.Empty(t, manage(t, s, s.As(site.Operator), "enableAccount", ada))
	require.Empty(t, manage(t, s, s.As(site.Operator), "sendPasswordReset", ada))
	require.Equal(t, "account_enabled", block(t, s, ada).LastChange.Action)
	require.Equal(t, "reset_mail operator api", accountStory(t, s, ada)[0])
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", `query($i: ID!) { contact(id: $i) { id } }`, vars{"i": ada})

	// A contact that was there before takes it over, with who changed it last.
	_, err := p.DB.Bun.ExecContext(t.Context(), "UPDATE contact SET created_at = now() - interval '1 year' WHERE id = ?", personWith(t, s, "Ada", "Lovelace", vars{"mobile": "41234567"}))
	require.NoError(t, err)
	ids, _ := people(t, s)
	p.Must(t, s.As(site.Operator), mergeContacts, vars{"i": vars{"ids": ids}}, nil)
	survivor := ids[slices.IndexFunc(ids, func(id string) bool { return id != ada })]
	require.Equal(t, "account_enabled", block(t, s, survivor).LastChange.Action)
	require.Contains(t, accountStory(t, s, survivor), "created ada@example.no registration")

	var lists struct {
		Contacts struct {
			Nodes []struct{ Account *struct{ Email string } }
		}
	}
	s.NewPerson(t, "No", "Account")
	p.Must(t, s.As(site.Viewer), `{ contacts(includeUnlisted: true) { nodes { ... on Person { account { email lastChange { action } } } } } }`, nil, &lists)
	require.Len(t, lists.Contacts.Nodes, 2)
	require.NotEqual(t, lists.Contacts.Nodes[0].Account == nil, lists.Contacts.Nodes[1].Account == nil, "of a list, too")
}

// S-36, S-40: who may do what to accounts, each only in their own site, and only where there is an account.
func TestWhoManagesAccounts(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, theirs := p.NewSite(t, "club"), p.NewSite(t, "theirs")
	withShop(t, s)
	withShop(t, theirs)
	const supports, operates = "supports", "operates"
	levels := map[string]string{
		"sendPasswordReset": supports, "signOutAccount": supports, "startSupportSession": supports,
		"createAccount": operates, "generateAccountPassword": operates, "disableAccount": operates, "enableAccount": operates, "closeAccount": operates,
	}
	viewer, support, operator := s.SignIn(t, site.Viewer), s.SignIn(t, site.Support), s.SignIn(t, site.Operator)
	foreign := theirs.SignIn(t, site.Owner)
	none := s.NewPerson(t, "No", "Account")
	owner := newBrowser(t, s)
	owner.register("ada@example.no", "Ada", "Lovelace", "a long password")
	ada := idOf(t, s, "ada@example.no")
	for mutation, level := range levels {
		in := vars{"i": vars{"contactId": ada}}
		p.Refused(t, viewer, "FORBIDDEN", manageQuery(mutation), in)
		p.Refused(t, s.Visitor(), "UNAUTHENTICATED", manageQuery(mutation), in)
		p.Refused(t, owner.header("/graphql"), "UNAUTHENTICATED", manageQuery(mutation), in)
		p.Refused(t, foreign, "NOT_FOUND", manageQuery(mutation), in)
		if level == operates {
			p.Refused(t, support, "FORBIDDEN", manageQuery(mutation), in)
		}
		if mutation != "createAccount" {
			p.Refused(t, operator, "NOT_FOUND", manageQuery(mutation), vars{"i": vars{"contactId": none}})
		}
	}
	require.Equal(t, []string{"created ada@example.no registration"}, accountStory(t, s, ada), "none of it did anything")
	require.True(t, owner.me())
	for _, mutation := range []string{"sendPasswordReset", "startSupportSession", "signOutAccount"} {
		require.Empty(t, manage(t, s, support, mutation, ada), mutation)
	}
	p.Refused(t, s.As(site.Manager), "FORBIDDEN", manageQuery("startSupportSession"), vars{"i": vars{"contactId": ada}}) // no key: an entry is a person's

	// Who is in the trash is shut out and signed out, but neither helped nor let in.
	trash(t, s, ada)
	for _, mutation := range []string{"sendPasswordReset", "startSupportSession", "generateAccountPassword", "enableAccount", "createAccount"} {
		p.Refused(t, operator, "CONFLICT", manageQuery(mutation), vars{"i": vars{"contactId": ada}})
	}
	for _, mutation := range []string{"signOutAccount", "disableAccount", "closeAccount"} {
		require.Empty(t, manage(t, s, operator, mutation, ada), mutation)
	}
}

// S-40, S-89, S-36: staff send the way to a new password and learn nothing; generate one that is shown once; shut out and let in again; sign out;
// make an account and close it. Owners are told by mail, and the history tells who did it, without a secret.
func TestStaffManageAccounts(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	operator := s.SignIn(t, site.Operator)
	b := newBrowser(t, s)
	const email, old = "ada@example.no", "a long password"
	b.register(email, "Ada", "Lovelace", old)
	ada := idOf(t, s, email)

	require.Empty(t, manage(t, s, operator, "sendPasswordReset", ada))
	m := mailTo(t, s, email)
	require.Contains(t, m.Text, shopPage+"/welcome")
	require.NotRegexp(t, `\d{8}`, m.Text, "no code: that comes to whoever asks for it")
	require.True(t, b.me(), "nothing has changed")

	var made struct {
		GenerateAccountPassword struct {
			Password string
			Account  struct{ HasPassword bool }
		}
	}
	require.Empty(t, p.Payload(t, operator, `mutation($i: AccountInput!) { generateAccountPassword(input: $i) { password account { hasPassword } errors { code message path } } }`, vars{"i": vars{"contactId": ada}}, &made))
	generated := made.GenerateAccountPassword.Password
	require.Regexp(t, `^[a-z2-9]{4}(-[a-z2-9]{4}){3}$`, generated)
	require.False(t, b.me(), "sessions end")
	m = mailTo(t, s, email)
	require.Contains(t, m.Subject, "has set a new password")
	require.NotContains(t, m.Text, generated)
	require.Equal(t, "WRONG_CREDENTIALS", b.signIn(email, old))
	require.Empty(t, b.signIn(email, generated))
	require.True(t, b.me())

	require.Empty(t, manage(t, s, operator, "disableAccount", ada))
	require.False(t, b.me())
	require.Equal(t, "WRONG_CREDENTIALS", b.signIn(email, generated))
	for _, mutation := range []string{"sendPasswordReset", "startSupportSession"} {
		require.Equal(t, []string{"ACCOUNT_DISABLED contactId"}, manage(t, s, operator, mutation, ada))
	}
	require.Empty(t, manage(t, s, operator, "enableAccount", ada))
	require.Empty(t, b.signIn(email, generated))
	require.Empty(t, manage(t, s, operator, "signOutAccount", ada))
	require.False(t, b.me())
	require.Equal(t, []string{"HAS_ACCOUNT contactId"}, manage(t, s, operator, "createAccount", ada))

	require.Empty(t, manage(t, s, operator, "closeAccount", ada))
	require.Nil(t, block(t, s, ada))
	require.Contains(t, mailTo(t, s, email).Text, "has closed your account")
	require.Equal(t, "WRONG_CREDENTIALS", b.signIn(email, generated))
	require.Equal(t, ada, idOf(t, s, email), "the contact stays")

	require.Empty(t, manage(t, s, operator, "createAccount", ada))
	require.Contains(t, mailTo(t, s, email).Subject, "You have an account")
	require.Nil(t, block(t, s, ada).ProvenAt)
	require.Equal(t, "account_invited", block(t, s, ada).LastChange.Action)
	const staff = " Staff operator admin"
	require.Equal(t, []string{
		"invited" + staff, "closed" + staff, "signed_out" + staff, "enabled" + staff, "disabled" + staff, "password_generated" + staff, "reset_mail" + staff,
		"created " + email + " registration",
	}, accountStory(t, s, ada))
	var history string
	require.NoError(t, p.DB.Bun.NewRaw("SELECT string_agg(h::text, ' ') FROM contact_history h").Scan(t.Context(), &history))
	for _, hidden := range []string{generated, old, "argon2"} {
		require.NotContains(t, history, hidden)
	}

	// Of an account to make.
	without, twin := s.NewPerson(t, "No", "Mail"), personWith(t, s, "Augusta", "King", vars{"email": email})
	require.Equal(t, []string{"REQUIRED email"}, manage(t, s, operator, "createAccount", without))
	require.Equal(t, []string{"TAKEN email"}, manage(t, s, operator, "createAccount", twin))
	require.Equal(t, []string{"WRONG_KIND contactId"}, manage(t, s, operator, "createAccount", newOrganization(t, s, "Fjord IL", vars{"email": "post@fjord.example"})))
}

// P-06, P-30: who has an account that may sign in is computed a "user"; who has none is as usable as before: edited, classified, consented, listed.
func TestStatusUser(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	b := newBrowser(t, s)
	b.register("ada@example.no", "Ada", "Lovelace", "a long password")
	ada, per := idOf(t, s, "ada@example.no"), personWith(t, s, "Per", "Unclaimed", vars{"email": "per@example.no"})
	statuses := func(id string) []string {
		var out struct{ Contact struct{ Statuses []string } }
		p.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { statuses } }`, vars{"i": id}, &out)
		return out.Contact.Statuses
	}
	require.Equal(t, []string{"USER", "PROSPECT"}, statuses(ada))
	require.Equal(t, []string{"PROSPECT"}, statuses(per))
	require.Equal(t, []string{"LOVELACE Ada"}, foundBy(t, s, vars{"status": "USER"}))
	require.Nil(t, block(t, s, per))

	update(t, s, vars{"id": per, "mobile": "41234567", "groupIds": []string{newGroup(t, s, "Season ticket")}})
	say(t, s, per, "EMAIL", "GIVEN")
	require.Equal(t, []string{"UNCLAIMED Per"}, foundBy(t, s, vars{"account": false}))
	require.Contains(t, p.Do(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { mobile groups { name } consents { state } } }`, vars{"i": per}).Raw,
		`"mobile":"+4741234567","groups":[{"name":"Season ticket"}],"consents":[{"state":"GIVEN"}]`)

	operator := s.As(site.Operator)
	require.Empty(t, manage(t, s, operator, "disableAccount", ada))
	require.Equal(t, []string{"PROSPECT"}, statuses(ada), "one that may not sign in makes no user")
	require.Empty(t, manage(t, s, operator, "enableAccount", ada))
	require.Empty(t, manage(t, s, operator, "createAccount", per))
	require.Equal(t, []string{"USER", "PROSPECT"}, statuses(per))
	require.Empty(t, manage(t, s, operator, "closeAccount", per))
	require.Equal(t, []string{"PROSPECT"}, statuses(per))
}

// T-01: members, ticket buyers and those who bring events can each hold an account, which is of the contact that they have been before.
func TestKindsOfEndUsers(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	member := personWith(t, s, "Mia", "Member", vars{"email": "mia@example.no"})
	link(t, s, links(t, s)["MEMBER"], member, newOrganization(t, s, "Fjord IL", nil), nil)
	organizer := personWith(t, s, "Otto", "Organizer", vars{"email": "otto@example.no", "types": []string{"PRODUCER"}})
	for _, c := range []struct{ contact, email, first, last string }{
		{member, "mia@example.no", "Mia", "Member"},
		{buy(t, s, "tom@example.no", "Tom", "Ticket"), "tom@example.no", "Tom", "Ticket"},
		{organizer, "otto@example.no", "Otto", "Organizer"},
	} {
		require.Nil(t, block(t, s, c.contact), c.first)
		b := newBrowser(t, s)
		b.register(c.email, c.first, c.last, "a long password")
		require.Equal(t, c.contact, idOf(t, s, c.email), "nobody twice")
		require.Equal(t, c.email, block(t, s, c.contact).Email)
		require.Empty(t, newBrowser(t, s).signIn(c.email, "a long password"))
		require.True(t, b.me())
	}
	ids, _ := people(t, s)
	require.Len(t, ids, 4, "the three and their club")
}
