package graph_test

import (
	"fmt"
	"mime"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/message/mailtest"
	"carnet/internal/site"
)

// waitingWorld is a site whose mails arrive, where people have accounts and time passes when tests say so.
type waitingWorld struct {
	*campaignWorld
	ahead time.Duration
	mu    sync.Mutex
}

func newWaitingWorld(t *testing.T) *waitingWorld {
	t.Helper()
	w := &waitingWorld{}
	office := mailtest.Start(t)
	p := apptest.StartWith(t, func(cfg *app.Config) {
		cfg.SMTP, cfg.MailFrom, cfg.Now = "smtp://"+office.Address, "Carnet <no-reply@carnet.example>", w.now
	})
	w.campaignWorld = &campaignWorld{Site: p.NewSite(t, "club"), t: t, p: p, office: office}
	w.owner = w.As(site.Manager)
	withShop(t, w.Site)
	return w
}

func (w *waitingWorld) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.ahead)
}

// passes lets time pass, and whoever tells look.
func (w *waitingWorld) passes(by time.Duration) {
	w.t.Helper()
	w.mu.Lock()
	w.ahead += by
	w.mu.Unlock()
	require.NoError(w.t, w.p.Inbox.Tell(w.t.Context()))
}

// joins gives somebody an account with a proven mailbox.
func (w *waitingWorld) joins(name string) (b *browser, id string) {
	w.t.Helper()
	b = newBrowser(w.t, w.Site)
	b.office = w.office
	b.register(name+"@mail.example", name, "Test", "a long password")
	return b, idOf(w.t, w.Site, name+"@mail.example")
}

// gets waits until mails with a subject have arrived, and gives the newest; of none it says so as soon as none is written.
func (w *waitingWorld) gets(name, subject string, many int) (newest string) {
	w.t.Helper()
	if many == 0 {
		var written int
		require.NoError(w.t, w.p.DB.Pool.QueryRow(w.t.Context(), "SELECT count(*) FROM mail WHERE recipient = $1 AND subject = $2", name+"@mail.example", subject).Scan(&written))
		require.Zero(w.t, written)
		return ""
	}
	require.Eventually(w.t, func() bool {
		found := 0
		for _, one := range w.office.Mails(name + "@mail.example") {
			m, err := mail.ReadMessage(strings.NewReader(one))
			require.NoError(w.t, err)
			said, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
			require.NoError(w.t, err)
			if said == subject {
				found, newest = found+1, one
			}
		}
		return found >= many
	}, time.Minute, 20*time.Millisecond, "%d mails to %s: %s", many, name, subject)
	var written int
	require.NoError(w.t, w.p.DB.Pool.QueryRow(w.t.Context(), "SELECT count(*) FROM mail WHERE recipient = $1 AND subject = $2", name+"@mail.example", subject).Scan(&written))
	require.Equal(w.t, many, written)
	return newest
}

func (w *waitingWorld) write(id, subject string) {
	w.t.Helper()
	w.p.Must(w.t, w.owner, sendMessage, vars{"i": vars{"contactId": id, "channel": "INTERNAL", "subject": subject, "body": "The secret is plum."}}, nil)
	require.Eventually(w.t, func() bool {
		var n int
		require.NoError(w.t, w.p.DB.Pool.QueryRow(w.t.Context(), "SELECT count(*) FROM inbox_thread WHERE subject = $1 AND person_unread = 1", subject).Scan(&n))
		return n == 1
	}, time.Minute, 10*time.Millisecond)
}

const (
	tenMinutes = 10 * time.Minute
	waits      = "A message from Site club is waiting for you"
	readMine   = `mutation($i: ThreadInput!) { readMyThread(input: $i) { thread { unread } errors { code message path } } }`
	writeMine  = `mutation($i: AnswerThreadInput!) { answerMyThread(input: $i) { thread { id } errors { code message path } } }`
)

// Who has not read a message in their inbox within ten minutes gets one mail that says that it waits, and no other until they have looked:
// then the next message counts. It says nothing of the message, and leads to the page where they sign in.
func TestMailOfWaitingMessage(t *testing.T) { // P-22
	t.Parallel()
	w := newWaitingWorld(t)
	ada, id := w.joins("ada")
	w.write(id, "Your locker")
	w.passes(tenMinutes - time.Minute)
	w.gets("ada", waits, 0)
	w.write(id, "Your key")
	w.passes(time.Minute)
	text := w.gets("ada", waits, 1)
	require.NotContains(t, text, "plum")
	require.NotContains(t, text, "locker")
	require.Contains(t, text, shopPage+"/welcome")

	var mine myInboxRow
	w.p.Must(t, ada.header("/graphql"), myInbox, nil, &mine)
	threads := mine.Me.Threads.Nodes
	require.Len(t, threads, 2)
	answer := func(thread string) {
		w.p.Must(t, w.owner, `mutation($i: AnswerThreadInput!) { answerThread(input: $i) { thread { id } errors { code message path } } }`, vars{"i": vars{"id": thread, "body": "One more thing"}}, nil)
	}
	answer(threads[0].ID)
	w.passes(time.Hour)
	w.gets("ada", waits, 1)

	// She looks at one of the two; what waited then she has seen in the list, what comes after counts anew.
	w.p.Must(t, ada.header("/graphql"), readMine, vars{"i": vars{"id": threads[0].ID}}, nil)
	w.passes(time.Hour)
	w.gets("ada", waits, 1)
	answer(threads[0].ID)
	w.passes(tenMinutes)
	w.gets("ada", waits, 2)

	// To answer is to have read, and what is read in time is told of to nobody.
	w.p.Must(t, ada.header("/graphql"), writeMine, vars{"i": vars{"id": threads[0].ID, "body": "Thanks"}}, nil)
	answer(threads[0].ID)
	w.passes(tenMinutes - time.Minute)
	w.p.Must(t, ada.header("/graphql"), readMine, vars{"i": vars{"id": threads[0].ID}}, nil)
	w.passes(time.Hour)
	w.gets("ada", waits, 2)
}

// A campaign into inboxes tells each of its people once, in their language, however many processes look, and whatever becomes of one.
func TestMailsOfCampaignIntoInboxes(t *testing.T) { // P-22
	t.Parallel()
	w := newWaitingWorld(t)
	subjects := map[string]string{"en": waits, "fr": "Un message de Site club vous attend", "nb": "En melding fra Site club venter på deg"}
	people := map[string]string{}
	ids := []string{}
	for language := range subjects {
		for i := range 2 {
			name := fmt.Sprintf("%s%d", language, i)
			_, id := w.joins(name)
			w.p.Must(t, w.owner, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{"id": id, "language": language}}, nil)
			people[name], ids = language, append(ids, id)
		}
	}
	var saved struct {
		SaveCampaign struct{ Campaign campaignRow }
	}
	w.p.Must(t, w.owner, saveCampaign, vars{"i": vars{"name": "Closed", "channel": "INTERNAL", "target": vars{"contactIds": ids}, "texts": []vars{{"language": "en", "subject": "Closed", "body": "We close."}}}}, &saved)
	c := saved.SaveCampaign.Campaign
	w.p.Must(t, w.owner, sendCampaign, vars{"i": vars{"id": c.ID, "version": c.Version}}, nil)
	require.Equal(t, len(ids), w.until(c.ID, "DONE").Sent)

	// One process dies before it commits: nothing was told by it, nor noted.
	_, err := w.p.DB.Pool.Exec(t.Context(), `CREATE FUNCTION dies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the process dies'; END $$;
		CREATE TRIGGER dies BEFORE INSERT ON mail FOR EACH ROW WHEN (NEW.kind = 'inbox') EXECUTE FUNCTION dies()`)
	require.NoError(t, err)
	w.mu.Lock()
	w.ahead += tenMinutes
	w.mu.Unlock()
	require.ErrorContains(t, w.p.Inbox.Tell(t.Context()), "dies")
	_, err = w.p.DB.Pool.Exec(t.Context(), "DROP TRIGGER dies ON mail")
	require.NoError(t, err)

	var processes sync.WaitGroup
	for range 4 {
		processes.Go(func() {
			for range 5 { // who is locked by another is left to it
				if err := w.p.Inbox.Tell(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	processes.Wait()
	for name, language := range people {
		w.gets(name, subjects[language], 1)
	}
}

// No mail goes to an address that nobody has proven, or that is dead, to an account that is disabled or gone, nor where the site wants none;
// what waited then is not told of later.
func TestNoMailOfWaitingMessage(t *testing.T) { // P-22
	t.Parallel()
	w := newWaitingWorld(t)
	dead, deadID := w.joins("dead")
	_, outID := w.joins("out")
	_, goneID := w.joins("gone")
	invited := w.person("Invited", "invited@mail.example", false)
	w.p.Must(t, w.owner, `mutation($i: AccountInput!) { createAccount(input: $i) { account { id } errors { code message path } } }`, vars{"i": vars{"contactId": invited}}, nil)
	for name, id := range map[string]string{"dead": deadID, "out": outID, "gone": goneID, "invited": invited} {
		w.write(id, "To "+name)
	}

	w.office.Refuse("dead@mail.example", &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"})
	w.p.Must(t, w.owner, sendMessage, vars{"i": vars{"contactId": deadID, "channel": "EMAIL", "subject": "Hi", "body": "x"}}, nil)
	require.Eventually(t, func() bool {
		return strings.Contains(w.p.Do(t, w.owner, `query($id: ID!) { contact(id: $id) { ... on Person { mailings { nodes { state reason } } } } }`, vars{"id": deadID}).Raw, "BOUNCED")
	}, time.Minute, 20*time.Millisecond)
	account := func(mutation, id string) {
		w.p.Must(t, w.owner, `mutation($i: AccountInput!) { `+mutation+`(input: $i) { errors { code message path } } }`, vars{"i": vars{"contactId": id}}, nil)
	}
	account("disableAccount", outID)
	account("closeAccount", goneID)
	w.passes(time.Hour)
	account("enableAccount", outID)
	w.passes(time.Hour)
	for _, name := range []string{"dead", "out", "gone", "invited"} {
		w.gets(name, waits, 0)
	}
	require.True(t, dead.me(), "they read it when they sign in")

	setting := func(on bool) {
		w.p.Must(t, w.owner, `mutation($i: UpdateSiteInput!) { updateSite(input: $i) { site { inboxMail } errors { code message path } } }`, vars{"i": vars{"inboxMail": on}}, nil)
	}
	setting(false)
	w.write(outID, "Off")
	w.passes(time.Hour)
	setting(true)
	w.passes(time.Hour)
	w.gets("out", waits, 0)
	w.write(outID, "On")
	w.passes(time.Hour)
	w.gets("out", waits, 1)
}
