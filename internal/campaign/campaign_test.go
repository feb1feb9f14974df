package campaign_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/campaign"
	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/fault"
	"carnet/internal/job"
	"carnet/internal/message"
	"carnet/internal/message/mailtest"
	"carnet/internal/secret"
	"carnet/internal/segment"
	"carnet/internal/site"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// world is a site with people, and a mail server.
type world struct {
	t         *testing.T
	db        *db.DB
	book      *contact.Service
	site      site.Site
	owner     context.Context //nolint:containedctx // with the actor
	segments  *segment.Service
	campaigns *campaign.Service
	office    *mailtest.Office
	purpose   uuid.UUID
	jobs      *job.Queue
}

func newWorld(t *testing.T) *world {
	t.Helper()
	office := mailtest.Start(t)
	return newWorldAt(t, office, message.Config{SMTP: "smtp://" + office.Address})
}

// newWorldAt is a world whose mail goes as is said.
func newWorldAt(t *testing.T, office *mailtest.Office, mail message.Config) *world {
	t.Helper()
	d := dbtest.New(t)
	sites := site.New(d, nil)
	of, member, _, err := sites.Create(t.Context(), site.NewSite{PublicID: "club", Name: "Ski Club", TimeZone: "Europe/Oslo", Language: "en", Country: "NO"},
		site.NewStaff{Email: "olga@club.example", Name: "Olga", Password: "correct horse battery"})
	require.NoError(t, err)
	_, err = d.Pool.Exec(t.Context(), "UPDATE site SET contact_management = true")
	require.NoError(t, err)
	w := &world{t: t, db: d, site: of, book: contact.New(d), office: office}
	w.owner = site.WithActor(t.Context(), site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: member.ID, Name: member.Name, Book: true})
	mail.DB, mail.PublicURL, mail.From = d, "http://127.0.0.1:8080", "Carnet <no-reply@carnet.example>"
	post, err := message.New(mail)
	require.NoError(t, err)
	w.jobs, err = job.New(d, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	w.segments = segment.New(d, nil)
	w.campaigns = campaign.New(campaign.Config{
		DB: d, Sites: sites, Contacts: w.book, Segments: w.segments, Mail: post, Jobs: w.jobs,
		Links: secret.NewSigner("key", "unsubscribe"), PublicURL: "http://127.0.0.1:8080",
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.jobs.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	require.NoError(t, d.Pool.QueryRow(t.Context(), "SELECT id FROM consent_purpose WHERE site_id = $1 AND code = 'contact'", of.ID).Scan(&w.purpose))
	return w
}

// person makes a contact, who agrees when agree is true.
func (w *world) person(first, email, language string, agree bool) uuid.UUID {
	w.t.Helper()
	made, err := w.book.Create(w.owner, contact.KindPerson, contact.Change{FirstName: &first, Email: &email, Language: &language})
	require.NoError(w.t, err)
	id := made.Row().ID
	if agree {
		_, err = w.book.RecordConsent(w.owner, id, contact.NewConsent{PurposeID: &w.purpose, Channel: contact.ChannelEmail, State: contact.ConsentGiven})
		require.NoError(w.t, err)
	}
	return id
}

func (w *world) draft(texts map[string]campaign.Text, ids ...uuid.UUID) *campaign.Campaign {
	w.t.Helper()
	c, err := w.campaigns.Save(w.owner, campaign.DraftChange{Name: "News", Purpose: &w.purpose, Texts: texts, Target: campaign.Target{ContactIDs: ids}})
	require.NoError(w.t, err)
	return c
}

// send has a draft sent and waits until it is what it is to become.
func (w *world) send(c *campaign.Campaign, until campaign.Status) *campaign.Campaign {
	w.t.Helper()
	_, err := w.campaigns.Send(w.owner, c.ID, c.Version, nil)
	require.NoError(w.t, err)
	return w.until(c.ID, until)
}

func (w *world) until(id uuid.UUID, status campaign.Status) (c *campaign.Campaign) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		var err error
		c, err = w.campaigns.ByID(w.owner, id)
		return err == nil && c.Status == status
	}, time.Minute, 20*time.Millisecond)
	return c
}

func (w *world) states(id uuid.UUID) map[uuid.UUID]string {
	w.t.Helper()
	page, err := w.campaigns.Recipients(w.owner, id, nil, 100, "")
	require.NoError(w.t, err)
	out := map[uuid.UUID]string{}
	for _, r := range page.Recipients {
		out[r.ContactID] = string(r.State)
		if r.Reason != "" {
			out[r.ContactID] += " " + string(r.Reason)
		}
	}
	return out
}

var hello = map[string]campaign.Text{
	"en": {Subject: "Hello {{first_name|friend}}", Body: "Dear **{{first_name|friend}}**,\n\nsee <https://club.example>."},
	"fr": {Subject: "Bonjour {{first_name}}", Body: "Cher {{first_name}}"},
}

// Everybody who is meant is listed, each once: who gets the message gets it in their language, who does not is left out with the reason.
func TestCampaign(t *testing.T) { // P-21
	t.Parallel()
	w := newWorld(t)
	anna := w.person("Anna", "anna@mail.example", "nb", true)
	jean := w.person("Jean <b>", "jean@mail.example", "fr", true)
	twin := w.person("Other", "ANNA@mail.example", "", true)
	silent := w.person("Silent", "silent@mail.example", "", false)
	none := w.person("None", "", "", true)
	gone := w.person("Gone", "gone@mail.example", "", true)
	w.office.Refuse("gone@mail.example", &smtp.SMTPError{Code: 550, Message: "no such user"})

	c := w.draft(hello, anna, jean, twin, silent, none, gone)
	audience, err := w.campaigns.Audience(w.owner, c)
	require.NoError(t, err)
	require.Equal(t, campaign.Audience{Total: 6, Reached: 3, LeftOut: []campaign.LeftOut{
		{Reason: campaign.Duplicate, Count: 1}, {Reason: campaign.NoAddress, Count: 1}, {Reason: campaign.NoConsent, Count: 1},
	}}, audience)

	c = w.send(c, campaign.Done)
	require.Equal(t, map[uuid.UUID]string{
		anna: "sent", jean: "sent", twin: "left_out duplicate_address", silent: "left_out no_consent", none: "left_out no_address", gone: "failed bounced",
	}, w.states(c.ID))
	require.Equal(t, []int{6, 3, 2, 1, 0}, []int{c.Total, c.LeftOut, c.Sent, c.Failed, c.Uncertain})
	require.Len(t, w.office.Mails("anna@mail.example"), 1)
	letter := w.office.Mails("anna@mail.example")[0]
	require.Contains(t, letter, "Subject: Hello Anna\r\n", "no Norwegian text: the site's language")
	require.Contains(t, letter, "<strong>Anna</strong>")
	require.Contains(t, letter, `href=3D"https://club.example"`)
	require.Contains(t, letter, "List-Unsubscribe-Post: List-Unsubscribe=One-Click")
	letter = w.office.Mails("jean@mail.example")[0]
	require.Contains(t, letter, "Subject: Bonjour Jean <b>")
	require.Contains(t, letter, "Jean &lt;b&gt;", "what people are called is text")

	// An address that a mail server refused for good is not written to again.
	again := w.send(w.draft(hello, anna, gone), campaign.Done)
	require.Equal(t, map[uuid.UUID]string{anna: "sent", gone: "left_out bounced"}, w.states(again.ID))

	pages, err := w.campaigns.History(w.owner, []uuid.UUID{anna}, 10, "")
	require.NoError(t, err)
	page := pages[anna]
	require.Len(t, page.Mailings, 2)
	require.Equal(t, again.ID, page.Mailings[0].CampaignID)
	require.Equal(t, "News", page.Mailings[0].Name)

	_, err = w.campaigns.Send(w.owner, c.ID, c.Version, nil)
	require.Equal(t, fault.Conflict, fault.CodeOf(err), "a campaign is sent once")
}

// A message whose answer nobody heard may have arrived. It is not sent again by itself.
func TestUncertain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lost, anna := w.person("Lost", mailtest.Lost, "", true), w.person("Anna", "anna@mail.example", "", true)
	c := w.send(w.draft(hello, lost, anna), campaign.Done)
	require.Equal(t, map[uuid.UUID]string{lost: "uncertain", anna: "sent"}, w.states(c.ID))
	require.Len(t, w.office.Mails(mailtest.Lost), 1)

	_, err := w.campaigns.SendAgain(w.owner, c.ID, []uuid.UUID{anna})
	require.Equal(t, fault.Conflict, fault.CodeOf(err), "of her it is certain")
	_, err = w.campaigns.SendAgain(w.owner, c.ID, nil)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(w.office.Mails(mailtest.Lost)) == 2 }, time.Minute, 20*time.Millisecond)
	w.until(c.ID, campaign.Done)
	require.Len(t, w.office.Mails("anna@mail.example"), 1)
}

// A server that takes nothing from the site stops the campaign and costs nobody their message.
func TestBarredSender(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna := w.person("Anna", "anna@mail.example", "", true)
	w.office.Bar(&smtp.SMTPError{Code: 553, Message: "sender not allowed"})
	c := w.send(w.draft(hello, anna), campaign.Paused)
	require.Contains(t, c.Problem, "sender not allowed")
	require.Equal(t, map[uuid.UUID]string{anna: "pending"}, w.states(c.ID))
	w.office.Bar(nil)
	_, err := w.campaigns.Unpause(w.owner, c.ID)
	require.NoError(t, err)
	w.until(c.ID, campaign.Done)
	require.Len(t, w.office.Mails("anna@mail.example"), 1)
}

// Who withdraws while a campaign waits gets nothing of it, and neither does who has gone to the trash.
func TestWithdrawnMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna, jean, kari := w.person("Anna", "anna@mail.example", "", true), w.person("Jean", "jean@mail.example", "", true), w.person("Kari", "kari@mail.example", "", true)
	w.office.Bar(&smtp.SMTPError{Code: 553, Message: "wait"})
	c := w.send(w.draft(hello, anna, jean, kari), campaign.Paused)
	_, err := w.book.RecordConsent(w.owner, anna, contact.NewConsent{PurposeID: &w.purpose, Channel: contact.ChannelEmail, State: contact.ConsentWithdrawn})
	require.NoError(t, err)
	_, err = w.book.Delete(w.owner, []uuid.UUID{jean})
	require.NoError(t, err)
	w.office.Bar(nil)
	_, err = w.campaigns.Unpause(w.owner, c.ID)
	require.NoError(t, err)
	w.until(c.ID, campaign.Done)
	require.Equal(t, map[uuid.UUID]string{anna: "left_out no_consent", jean: "left_out gone", kari: "sent"}, w.states(c.ID))
	require.Empty(t, w.office.Mails("anna@mail.example"))
}

// A name cannot begin a header or another mail.
func TestNamesAreText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	evil := w.person("Eve", "eve@mail.example", "", true)
	_, err := w.db.Pool.Exec(t.Context(), "UPDATE contact SET first_name = E'Eve\\r\\nBcc: all@mail.example\\r\\n\\r\\n.\\r\\n' WHERE id = $1", evil)
	require.NoError(t, err)
	w.send(w.draft(map[string]campaign.Text{"en": {Subject: "Hi {{first_name}}", Body: "{{first_name}}\n\n[click]({{first_name}})"}}, evil), campaign.Done)
	require.Len(t, w.office.Mails("eve@mail.example"), 1)
	require.Empty(t, w.office.Mails("all@mail.example"))
	head, _, _ := strings.Cut(w.office.Mails("eve@mail.example")[0], "\r\n\r\n")
	require.NotContains(t, head, "\r\nBcc:")
}

// What cannot be sent is refused when it is written, at its place.
func TestBadTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for text, says := range map[campaign.Text]string{
		{Subject: "Hi", Body: "Dear\n{{firstname}}"}:       "line 2: there is no merge field {{firstname}}",
		{Subject: "Hi {{field.Shoe size}}", Body: "x"}:     "there is no merge field",
		{Subject: "Hi {{name", Body: "x"}:                  "one of the two is missing",
		{Subject: " ", Body: "x"}:                          "write the subject",
		{Subject: strings.Repeat("x", 201), Body: "x"}:     "at most 200 characters",
		{Subject: "Hi", Body: strings.Repeat("x", 50_001)}: "at most 50000 characters",
	} {
		_, err := w.campaigns.Save(w.owner, campaign.DraftChange{Name: "News", Texts: map[string]campaign.Text{"en": text}, Target: campaign.Target{ContactIDs: []uuid.UUID{w.person("A", "", "", false)}}})
		require.ErrorContains(t, err, says)
	}
	_, err := w.campaigns.Save(w.owner, campaign.DraftChange{Name: "News", Texts: hello, Target: campaign.Target{}})
	require.ErrorContains(t, err, "exactly one way")
	elsewhere := uuid.Must(uuid.NewV7())
	_, err = w.campaigns.Save(w.owner, campaign.DraftChange{Name: "News", Purpose: &elsewhere, Texts: hello, Target: campaign.Target{SegmentID: &elsewhere}})
	require.ErrorContains(t, err, "no purpose")
	require.ErrorContains(t, err, "no segment")
}

// An unsubscribe link works for whoever holds it, once or a thousand times, also after a merge; another's token does not.
func TestLeave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna := w.person("Anna", "anna@mail.example", "", true)
	w.send(w.draft(hello, anna), campaign.Done)
	letter, err := mail.ReadMessage(strings.NewReader(w.office.Mails("anna@mail.example")[0]))
	require.NoError(t, err)
	token, is := strings.CutPrefix(strings.Trim(letter.Header.Get("List-Unsubscribe"), "<>"), "http://127.0.0.1:8080/v1/unsubscribe/")
	require.True(t, is)
	for range 5 {
		sub, err := w.campaigns.Subscription(t.Context(), token)
		require.NoError(t, err)
		require.True(t, sub.Agreed, "looking changes nothing")
	}
	for range 3 {
		require.NoError(t, w.campaigns.Say(t.Context(), token, false))
	}
	page, err := w.book.ConsentHistory(w.owner, anna, 10, "")
	require.NoError(t, err)
	require.Len(t, page.Entries, 2, "given, and withdrawn once")
	require.Equal(t, contact.ConsentByLink, page.Entries[0].Source)
	_, err = w.campaigns.Subscription(t.Context(), token[:len(token)-4]+"AAAA")
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
	c := w.send(w.draft(hello, anna), campaign.Done)
	require.Equal(t, map[uuid.UUID]string{anna: "left_out no_consent"}, w.states(c.ID))
}

// A thousand recipients over four lines: each gets one message, and a pause in between loses none.
func TestManyOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.db.Pool.Exec(t.Context(), `INSERT INTO contact (site_id, id, number, kind, first_name, last_name, email, email_key, source)
		SELECT $1, carnet_uuidv7(), 100000 + n, 'person', 'P' || n, 'Many', 'p' || n || '@mail.example', 'p' || n || '@mail.example', 'api' FROM generate_series(1, 1000) n`, w.site.ID)
	require.NoError(t, err)
	var ids []uuid.UUID
	require.NoError(t, w.db.Bun.NewRaw("SELECT id FROM contact WHERE last_name = 'Many'").Scan(t.Context(), &ids))
	c, err := w.campaigns.Save(w.owner, campaign.DraftChange{Name: "Cancelled", Texts: hello, Target: campaign.Target{ContactIDs: ids}}) // no purpose: a contract's matter
	require.NoError(t, err)
	_, err = w.campaigns.Send(w.owner, c.ID, c.Version, nil)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(w.office.Mails("p1@mail.example")) == 1 }, time.Minute, time.Millisecond)
	_, err = w.campaigns.Pause(w.owner, c.ID)
	require.NoError(t, err)
	_, err = w.campaigns.Unpause(w.owner, c.ID)
	require.NoError(t, err)
	c = w.until(c.ID, campaign.Done)
	require.Equal(t, 1000, c.Sent)
	for n := 1; n <= 1000; n++ {
		require.Len(t, w.office.Mails(fmt.Sprintf("p%d@mail.example", n)), 1, n)
	}
	require.NotContains(t, w.office.Mails("p1@mail.example")[0], "List-Unsubscribe")
}

// A segment that has gone when the sending begins pauses the campaign and says so; nobody is written to.
func TestSegmentGoneMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rule, err := segment.Parse([]byte(`{"color": "#00aa00"}`))
	require.NoError(t, err)
	name := "Green"
	green, err := w.segments.Create(w.owner, segment.Change{Name: &name, Rule: &rule})
	require.NoError(t, err)
	c, err := w.campaigns.Save(w.owner, campaign.DraftChange{Name: "News", Purpose: &w.purpose, Texts: hello, Target: campaign.Target{SegmentID: &green.ID}})
	require.NoError(t, err)
	soon := time.Now().Add(2 * time.Second)
	_, err = w.campaigns.Send(w.owner, c.ID, c.Version, &soon)
	require.NoError(t, err)
	require.NoError(t, w.segments.Delete(w.owner, green.ID))
	c = w.until(c.ID, campaign.Paused)
	require.Contains(t, c.Problem, "segment")
	require.Empty(t, w.states(c.ID))
}
