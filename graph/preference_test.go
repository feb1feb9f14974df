package graph_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/message/mailtest"
	"carnet/internal/site"
)

const form = "application/x-www-form-urlencoded"

// letterLink gives the first address below a path in a mail that arrived, without the server's.
func letterLink(t *testing.T, p *apptest.Program, letter, path string) string {
	t.Helper()
	whole := strings.ReplaceAll(strings.ReplaceAll(letter, "=\r\n", ""), "=3D", "=")
	link, is := strings.CutPrefix(regexp.MustCompile(regexp.QuoteMeta(p.URL+path)+`[A-Za-z0-9_.-]+`).FindString(whole), p.URL)
	require.True(t, is, whole)
	return strings.TrimSuffix(link, ".")
}

// arrives waits for the nth mail to an address.
func (w *campaignWorld) arrives(to string, n int) string {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return len(w.office.Mails(to)) >= n }, time.Minute, 20*time.Millisecond)
	return w.office.Mails(to)[n-1]
}

// mailed sends a campaign of the first purpose to a contact and gives the nth letter.
func (w *campaignWorld) mailed(id, to string, n int) string {
	w.t.Helper()
	w.sent(vars{"name": "News", "purposeId": w.purpose(), "target": vars{"contactIds": []string{id}}, "texts": []vars{{"language": "en", "subject": "News", "body": "News."}}})
	return w.arrives(to, n)
}

// ledger gives a contact's ledger, the newest first, its consents that hold and what waits.
func (w *campaignWorld) ledger(id string) (entries, held, waiting []string) {
	w.t.Helper()
	var out struct {
		Contact struct {
			Consents []struct {
				Channel, State string
				Purpose        struct{ Code string }
			}
			PendingConsents []struct {
				Channel   string
				Purpose   struct{ Code string }
				ExpiresAt time.Time
			}
			ConsentHistory struct {
				Nodes []struct {
					Channel, State, Source string
					WordingVersion         *int
					At                     time.Time
					AskedAt                *time.Time
					Purpose                struct{ Code string }
				}
			}
		}
	}
	w.p.Must(w.t, w.As(site.Viewer), `query($id: ID!) { contact(id: $id) { consents { purpose { code } channel state } pendingConsents { purpose { code } channel expiresAt }
		consentHistory { nodes { purpose { code } channel state source wordingVersion at askedAt } } } }`, vars{"id": id}, &out)
	for _, e := range out.Contact.ConsentHistory.Nodes {
		wording := "-"
		if e.WordingVersion != nil {
			wording = fmt.Sprint(*e.WordingVersion)
		}
		line := strings.Join([]string{e.Purpose.Code, e.Channel, e.State, e.Source, wording}, " ")
		if e.AskedAt != nil {
			require.True(w.t, e.AskedAt.Before(e.At))
			line += " asked before"
		}
		entries = append(entries, line)
	}
	for _, c := range out.Contact.Consents {
		held = append(held, c.Purpose.Code+" "+c.Channel+" "+c.State)
	}
	for _, c := range out.Contact.PendingConsents {
		waiting = append(waiting, c.Purpose.Code+" "+c.Channel)
		require.WithinDuration(w.t, time.Now().AddDate(0, 0, 7), c.ExpiresAt, time.Hour)
	}
	return entries, held, waiting
}

// addPurpose makes a purpose with a wording and gives its id.
func (w *campaignWorld) addPurpose(code, name string, double bool) string {
	w.t.Helper()
	var made struct {
		CreateConsentPurpose struct {
			Purpose struct {
				ID          string
				DoubleOptIn bool
			}
		}
	}
	w.p.Must(w.t, w.owner, `mutation($i: CreateConsentPurposeInput!) { createConsentPurpose(input: $i) { purpose { id doubleOptIn } errors { code message path } } }`,
		vars{"i": vars{"code": code, "name": name, "doubleOptIn": double, "wording": []vars{{"language": "en", "text": "{site} may send me " + name + "."}}}}, &made)
	require.Equal(w.t, double, made.CreateConsentPurpose.Purpose.DoubleOptIn)
	return made.CreateConsentPurpose.Purpose.ID
}

// shown reads what a page says was shown, and which boxes are ticked.
func shown(page string) (v url.Values) {
	v = url.Values{}
	for _, m := range regexp.MustCompile(`name="shown" value="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		v.Add("shown", m[1])
	}
	for _, m := range regexp.MustCompile(`name="on" value="([^"]+)" checked`).FindAllStringSubmatch(page, -1) {
		v.Add("on", m[1])
	}
	return v
}

// Every message to many leads to a page, without a login, on which people set what they get. Programs that open the link change nothing;
// what is saved goes into the ledger with its wording; the link ends with the address.
func TestPreferencePage(t *testing.T) { // P-21, P-22
	t.Parallel()
	w := newCampaignWorld(t)
	anna := w.person("Anna", "anna@mail.example", true)
	offers := w.addPurpose("offers", "Offers", false)
	contact := w.purpose()
	letter := w.mailed(anna, "anna@mail.example", 1)
	link := letterLink(t, w.p, letter, "/v1/preferences/")

	before, _, _ := w.ledger(anna)
	for range 1000 {
		status, _ := w.p.HTTP(t, http.MethodGet, link, nil, "", nil)
		require.Equal(t, http.StatusOK, status)
	}
	after, _, _ := w.ledger(anna)
	require.Equal(t, before, after, "a scanner changes nothing")

	status, page := w.p.HTTP(t, http.MethodGet, link, nil, "", nil)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "a•••@m•••.example")
	for _, private := range []string{"anna@mail.example", "Anna", "Test"} {
		require.NotContains(t, page, private, "whoever has the link learns nothing about the person")
	}
	require.Contains(t, page, "Site club may send me Offers.")
	answer, err := http.Get(w.p.URL + link)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	for name, value := range map[string]string{"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "Cache-Control": "no-store"} {
		require.Equal(t, value, answer.Header.Get(name))
	}
	require.Regexp(t, `default-src 'none'; script-src 'nonce-[^']+'; style-src 'nonce-[^']+'; form-action 'self'; frame-ancestors 'none'`, answer.Header.Get("Content-Security-Policy"))
	require.Empty(t, answer.Header.Values("Set-Cookie"))

	// Saving what is shown says nothing; saving changes writes just these.
	say := shown(page)
	require.Equal(t, []string{contact + ".email"}, say["on"])
	status, page = w.p.HTTP(t, http.MethodPost, link, nil, form, strings.NewReader(say.Encode()))
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "Saved.")
	after, _, _ = w.ledger(anna)
	require.Equal(t, before, after)
	say["on"] = []string{offers + ".email", offers + ".sms"}
	for range 2 {
		_, page = w.p.HTTP(t, http.MethodPost, link, nil, form, strings.NewReader(say.Encode()))
	}
	require.ElementsMatch(t, say["on"], shown(page)["on"])
	entries, held, _ := w.ledger(anna)
	require.ElementsMatch(t, []string{
		"offers SMS GIVEN PREFERENCES 1", "offers EMAIL GIVEN PREFERENCES 1", "contact EMAIL WITHDRAWN PREFERENCES 1", "contact EMAIL GIVEN STAFF -",
	}, entries, "said once, in spite of the second click")
	require.Equal(t, []string{"contact EMAIL WITHDRAWN", "offers EMAIL GIVEN", "offers SMS GIVEN"}, held)

	// Everything at once.
	say = shown(page)
	say.Set("act", "none")
	_, page = w.p.HTTP(t, http.MethodPost, link, nil, form, strings.NewReader(say.Encode()))
	require.Contains(t, page, "You are unsubscribed from everything.")
	require.Empty(t, shown(page)["on"])
	entries, _, _ = w.ledger(anna)
	require.Equal(t, "offers ANY WITHDRAWN PREFERENCES -", entries[0])
	require.Len(t, entries, 5, "nothing is taken back of what was not given")

	// Bad input: forged links, another site's purpose, a wording that never was, a form of anything.
	other := w.p.NewSite(t, "other")
	var elsewhere struct{ ConsentPurposes []struct{ ID string } }
	w.p.Must(t, other.As(site.Manager), `{ consentPurposes { id } }`, nil, &elsewhere)
	foreign := elsewhere.ConsentPurposes[0].ID
	for _, c := range []struct {
		link, body string
		status     int
	}{
		{link[:len(link)-4] + "AAAA", "act=none", http.StatusNotFound},
		{strings.Replace(link, "/preferences/", "/unsubscribe/", 1), "x=1", http.StatusNotFound},
		{strings.Replace(link, "/preferences/", "/consent/", 1), "", http.StatusNotFound},
		{"/v1/preferences/" + letterLink(t, w.p, letter, "/v1/unsubscribe/")[len("/v1/unsubscribe/"):], "act=none", http.StatusNotFound},
		{link, url.Values{"shown": {foreign + ":1:en"}, "on": {foreign + ".email"}}.Encode(), http.StatusBadRequest},
		{link, "shown=nonsense&shown=%00&on=1", http.StatusOK},
	} {
		status, _ := w.p.HTTP(t, http.MethodPost, c.link, nil, form, strings.NewReader(c.body))
		require.Equal(t, c.status, status, c.link+" "+c.body)
	}
	_, page = w.p.HTTP(t, http.MethodPost, link, nil, form, strings.NewReader(url.Values{"shown": {offers + ":99:en"}, "on": {offers + ".post"}}.Encode()))
	require.Contains(t, page, "Saved.")
	entries, _, _ = w.ledger(anna)
	require.Equal(t, "offers POST GIVEN PREFERENCES -", entries[0], "a wording that the site never had was not shown")

	// The link ends with the address.
	w.p.Must(t, w.owner, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{"id": anna, "email": "new@mail.example"}}, nil)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		status, page = w.p.HTTP(t, method, link, nil, form, strings.NewReader("act=none"))
		require.Equal(t, http.StatusNotFound, status)
		require.Contains(t, page, "an address that is not in use any more")
	}
}

// The page speaks the person's language, in the site's words and colours.
func TestPreferencePageIsTheSites(t *testing.T) {
	t.Parallel()
	w := newCampaignWorld(t)
	anna := w.person("Anna", "anna@mail.example", true)
	w.p.Must(t, w.owner, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{"id": anna, "language": "fr"}}, nil)
	w.p.Must(t, w.owner, `mutation($i: UpdateSiteInput!) { updateSite(input: $i) { errors { code message path } } }`, vars{"i": vars{"accentColor": "#155e6b", "widgetTexts": []vars{
		{"language": "fr", "name": "preferences.title", "text": "Restons en contact"}, {"language": "fr", "name": "preferences.intro", "text": "Que peut vous envoyer {site} ?"},
	}}}, nil)
	link := letterLink(t, w.p, w.mailed(anna, "anna@mail.example", 1), "/v1/preferences/")
	_, page := w.p.HTTP(t, http.MethodGet, link, apptest.Header{"Accept-Language": "nb"}, "", nil)
	for _, part := range []string{`<html lang="fr">`, "Restons en contact", "Que peut vous envoyer Site club ?", "Se désabonner de tout", "--accent: light-dark(#155e6b"} {
		require.Contains(t, page, part)
	}
}

// Where a purpose asks for it, what people say by themselves counts once they press the button behind a mail's link: once, in time, and
// with the address that was asked.
func TestDoubleOptIn(t *testing.T) { // P-02, P-03
	t.Parallel()
	w := newCampaignWorld(t)
	policy(t, w.Site, "CONSENT")
	w.p.Must(t, w.owner, `mutation($i: UpdateConsentPurposeInput!) { updateConsentPurpose(input: $i) { purpose { doubleOptIn } errors { code message path } } }`, vars{"i": vars{"id": w.purpose(), "doubleOptIn": true}}, nil)
	withShop(t, w.Site)

	// Registration.
	signUpAndRead := func(email, last string) (id string) {
		b := newBrowser(t, w.Site)
		in := vars{"attempt": b.attempt, "email": email, "firstName": "X", "lastName": last, "consent": true, "consentWording": 1, "consentLanguage": "en"}
		require.Empty(t, w.p.Payload(t, b.header("/graphql"), `mutation($i: SignUpInput!) { signUp(input: $i) { mailSent errors { code message path } } }`, vars{"i": in}, nil))
		code := regexp.MustCompile(`(?m)^\d{8}\r?$`).FindString(w.arrives(email, 1))
		require.Empty(t, b.code("confirmEmailCode", "ConfirmEmailCodeInput", vars{"email": email, "code": strings.TrimSpace(code)}))
		return idOf(t, w.Site, email)
	}
	ada := signUpAndRead("ada@mail.example", "Lovelace")
	entries, held, waiting := w.ledger(ada)
	require.Equal(t, []string{"contact ANY PENDING REGISTRATION 1"}, entries)
	require.Empty(t, held)
	require.Equal(t, []string{"contact EMAIL", "contact SMS", "contact POST", "contact PHONE"}, waiting)
	require.Empty(t, surnames(t, w.Site, nil), "pending is no consent: the policy does not list her")
	require.NotEmpty(t, surnames(t, w.Site, vars{"all": true, "f": vars{"consent": vars{"state": "NONE"}}}))

	letter := w.arrives("ada@mail.example", 2)
	require.Contains(t, letter, "Subject: Please confirm: Contact")
	link := letterLink(t, w.p, letter, "/v1/consent/")
	for range 1000 {
		status, _ := w.p.HTTP(t, http.MethodGet, link, nil, "", nil)
		require.Equal(t, http.StatusOK, status)
	}
	_, page := w.p.HTTP(t, http.MethodGet, link, nil, "", nil)
	require.Contains(t, page, "Site club may contact me with news and offers.")
	require.NotContains(t, page, "ada@mail.example")
	_, held, _ = w.ledger(ada)
	require.Empty(t, held, "a scanner confirms nothing")
	status, _ := w.p.HTTP(t, http.MethodPost, link[:len(link)-4]+"AAAA", nil, form, strings.NewReader(""))
	require.Equal(t, http.StatusNotFound, status)

	status, page = w.p.HTTP(t, http.MethodPost, link, nil, form, strings.NewReader(""))
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "Thank you, it is confirmed.")
	entries, held, waiting = w.ledger(ada)
	require.Equal(t, []string{"contact ANY GIVEN REGISTRATION 1 asked before", "contact ANY PENDING REGISTRATION 1"}, entries, "the ledger tells both times")
	require.Len(t, held, 4)
	require.Empty(t, waiting)
	require.NotEmpty(t, surnames(t, w.Site, nil))
	status, page = w.p.HTTP(t, http.MethodPost, link, nil, form, strings.NewReader(""))
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, page, "This link has been used")

	// Whoever unsubscribes and comes back by the page confirms again; the old link does nothing.
	page2 := letterLink(t, w.p, w.mailed(ada, "ada@mail.example", 3), "/v1/preferences/")
	_, page = w.p.HTTP(t, http.MethodPost, page2, nil, form, strings.NewReader("act=none"))
	require.Contains(t, page, "You are unsubscribed")
	say := shown(page)
	say["on"] = []string{w.purpose() + ".email"}
	for range 30 {
		_, page = w.p.HTTP(t, http.MethodPost, page2, nil, form, strings.NewReader(say.Encode()))
	}
	require.Contains(t, page, "press the button in it")
	entries, held, waiting = w.ledger(ada)
	require.Equal(t, "contact EMAIL PENDING PREFERENCES 1", entries[0])
	require.Equal(t, "contact ANY WITHDRAWN PREFERENCES -", entries[1], "asking again and again writes one line")
	require.Equal(t, "contact EMAIL WITHDRAWN", held[0])
	require.Equal(t, []string{"contact EMAIL"}, waiting)
	status, _ = w.p.HTTP(t, http.MethodPost, link, nil, form, strings.NewReader(""))
	require.Equal(t, http.StatusNotFound, status, "a link that was used stays used")
	second := letterLink(t, w.p, w.arrives("ada@mail.example", 4), "/v1/consent/")
	for range 5 { // not more often than every ten minutes
		_, page = w.p.HTTP(t, http.MethodPost, page2, nil, form, strings.NewReader("act=again"))
		require.Contains(t, page, "The mail is on its way")
	}

	// What was taken back meanwhile is not confirmed.
	_, page = w.p.HTTP(t, http.MethodPost, page2, nil, form, strings.NewReader("act=none"))
	require.Contains(t, page, "You are unsubscribed")
	status, _ = w.p.HTTP(t, http.MethodPost, second, nil, form, strings.NewReader(""))
	require.Equal(t, http.StatusNotFound, status)

	// A week is the end; another address is, too.
	eva := signUpAndRead("eva@mail.example", "Evans")
	late := letterLink(t, w.p, w.arrives("eva@mail.example", 2), "/v1/consent/")
	_, err := w.p.DB.Bun.ExecContext(t.Context(), "UPDATE consent_request SET expires_at = now() - interval '1 second' WHERE contact_id = ?", eva)
	require.NoError(t, err)
	status, _ = w.p.HTTP(t, http.MethodPost, late, nil, form, strings.NewReader(""))
	require.Equal(t, http.StatusNotFound, status)
	_, _, waiting = w.ledger(eva)
	require.Empty(t, waiting)

	// Staff, programs and imports vouch for what they record.
	w.p.Must(t, w.owner, record, vars{"i": vars{"contactId": eva, "channel": "EMAIL", "state": "GIVEN"}}, nil)
	entries, held, _ = w.ledger(eva)
	require.Equal(t, "contact EMAIL GIVEN STAFF -", entries[0])
	require.Equal(t, []string{"contact EMAIL GIVEN"}, held)

	// The link to unsubscribe raises nothing either.
	leave := letterLink(t, w.p, w.mailed(eva, "eva@mail.example", 3), "/v1/unsubscribe/")
	_, _ = w.p.HTTP(t, http.MethodPost, leave, nil, form, strings.NewReader("List-Unsubscribe=One-Click"))
	_, page = w.p.HTTP(t, http.MethodPost, leave, nil, form, strings.NewReader("again=1"))
	require.Contains(t, page, "press the button in the mail")
	_, held, waiting = w.ledger(eva)
	require.Equal(t, []string{"contact EMAIL WITHDRAWN"}, held)
	require.Equal(t, []string{"contact EMAIL"}, waiting)

	require.LessOrEqual(t, len(w.office.Mails("ada@mail.example")), 4, "one mail for thirty clicks")
}

// Whoever is signed in sets the same in their account; staff in a support session do not (G-30).
func TestMyPreferences(t *testing.T) { // P-22, G-30
	t.Parallel()
	office := mailtest.Start(t)
	p := apptest.StartWith(t, func(cfg *app.Config) {
		cfg.SMTP, cfg.MailFrom = "smtp://"+office.Address, "Carnet <no-reply@carnet.example>"
	})
	w := &campaignWorld{Site: p.NewSite(t, "club"), t: t, p: p, office: office}
	w.owner = w.SignIn(t, site.Manager)
	withShop(t, w.Site)
	double := w.addPurpose("offers", "Offers", true)
	ada := newBrowser(t, w.Site)
	in := vars{"attempt": ada.attempt, "email": "ada@mail.example", "firstName": "Ada", "lastName": "Lovelace"}
	require.Empty(t, p.Payload(t, ada.header("/graphql"), `mutation($i: SignUpInput!) { signUp(input: $i) { mailSent errors { code message path } } }`, vars{"i": in}, nil))
	code := strings.TrimSpace(regexp.MustCompile(`(?m)^\d{8}\r?$`).FindString(w.arrives("ada@mail.example", 1)))
	require.Empty(t, ada.code("confirmEmailCode", "ConfirmEmailCodeInput", vars{"email": "ada@mail.example", "code": code}))

	type preferences struct {
		Address  string
		Purposes []struct {
			PurposeID, Name, Text string
			WordingVersion        *int
			WordingLanguage       *string
			Channels              []struct {
				Channel         string
				Agreed, Pending bool
			}
		}
	}
	var read struct {
		Me struct{ Preferences preferences }
	}
	const parts = `address purposes { purposeId name text wordingVersion wordingLanguage channels { channel agreed pending } }`
	p.Must(t, ada.header("/graphql"), `{ me { preferences(language: "fr") { `+parts+` } } }`, nil, &read)
	held := read.Me.Preferences
	require.Equal(t, "a•••@m•••.example", held.Address)
	require.Equal(t, "Site club peut me contacter avec des nouvelles et des offres.", held.Purposes[0].Text)
	require.Equal(t, "fr", *held.Purposes[0].WordingLanguage)

	var saved struct {
		SaveMyPreferences struct{ Preferences preferences }
	}
	save := func(input vars) []string {
		return p.Payload(t, ada.header("/graphql"), `mutation($i: SaveMyPreferencesInput!) { saveMyPreferences(input: $i) { preferences { `+parts+` } errors { code message path } } }`, vars{"i": input}, &saved)
	}
	require.Empty(t, save(vars{"choices": []vars{
		{"purposeId": held.Purposes[0].PurposeID, "channel": "EMAIL", "agree": true, "wordingVersion": 1, "wordingLanguage": "fr"},
		{"purposeId": double, "channel": "SMS", "agree": true, "wordingVersion": 1, "wordingLanguage": "en"},
	}}))
	require.True(t, saved.SaveMyPreferences.Preferences.Purposes[0].Channels[0].Agreed)
	require.True(t, saved.SaveMyPreferences.Preferences.Purposes[1].Channels[1].Pending)
	require.False(t, saved.SaveMyPreferences.Preferences.Purposes[1].Channels[1].Agreed)
	entries, _, waiting := w.ledger(idOf(t, w.Site, "ada@mail.example"))
	require.ElementsMatch(t, []string{"offers SMS PENDING PREFERENCES 1", "contact EMAIL GIVEN PREFERENCES 1"}, entries)
	require.Equal(t, []string{"offers SMS"}, waiting)
	link := letterLink(t, p, w.arrives("ada@mail.example", 2), "/v1/consent/")
	status, _ := p.HTTP(t, http.MethodPost, link, nil, form, strings.NewReader(""))
	require.Equal(t, http.StatusOK, status)

	require.Equal(t, []string{"UNKNOWN choices"}, save(vars{"choices": []vars{{"purposeId": idOf(t, w.Site, "ada@mail.example"), "channel": "EMAIL", "agree": true}}}))
	require.Equal(t, []string{"UNKNOWN choices"}, save(vars{"choices": []vars{{"purposeId": double, "channel": "ANY", "agree": true}}}))
	require.Empty(t, save(vars{"none": true}))
	_, now, _ := w.ledger(idOf(t, w.Site, "ada@mail.example"))
	for _, line := range now {
		require.Contains(t, line, "WITHDRAWN")
	}
	p.Refused(t, w.Visitor(), "UNAUTHENTICATED", `mutation { saveMyPreferences(input: {none: true}) { errors { code } } }`, nil)
}
