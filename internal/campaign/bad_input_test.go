package campaign_test

import (
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/campaign"
	"carnet/internal/contact"
	"carnet/internal/message"
	"carnet/internal/message/mailtest"
	"carnet/internal/segment"
)

// What campaigns are given that is wrong, and is not named by another test: TestNamesAreText has the header that a name would begin, and
// TestBadTexts the merge field that does not exist.

// A mail server that stalls, refuses or lies: each person is listed with what became of their message, and nobody is sent to twice.
func TestMailServerStallsRefusesOrLies(t *testing.T) {
	t.Parallel()
	office := mailtest.Start(t)
	w := newWorldAt(t, office, message.Config{SMTP: "smtp://" + office.Address, Patience: time.Second})
	deaf := w.person("Deaf", mailtest.Deaf, "", true)
	mute := w.person("Mute", mailtest.Mute, "", true)
	lost := w.person("Lost", mailtest.Lost, "", true)
	nobody := w.person("Nobody", "nobody@mail.example", "", true)
	later := w.person("Later", "later@mail.example", "", true)
	spam := w.person("Spam", "spam@mail.example", "", true)
	anna := w.person("Anna", "anna@mail.example", "", true)
	office.Refuse("nobody@mail.example", &smtp.SMTPError{Code: 550, Message: "no such user"})
	office.Refuse("later@mail.example", &smtp.SMTPError{Code: 451, Message: "try later"})
	office.RefuseMail("spam@mail.example", &smtp.SMTPError{Code: 554, Message: "this looks like spam"}) // it took the recipient
	c := w.draft(hello, deaf, mute, lost, nobody, later, spam, anna)
	_, err := w.campaigns.Send(w.owner, c.ID, c.Version, nil)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		page, err := w.campaigns.Recipients(w.owner, c.ID, nil, 100, "")
		require.NoError(t, err)
		for _, r := range page.Recipients {
			if r.Attempts == 0 || r.State == campaign.UnderWay {
				return false
			}
		}
		return len(page.Recipients) == 7
	}, time.Minute, 20*time.Millisecond)
	require.Equal(t, map[uuid.UUID]string{
		deaf:   "pending", // it never answered before it had the message: it is tried again
		mute:   "uncertain",
		lost:   "uncertain",
		nobody: "failed bounced",
		later:  "pending",
		spam:   "failed refused",
		anna:   "sent",
	}, w.states(c.ID))
	for _, once := range []string{mailtest.Mute, mailtest.Lost, "anna@mail.example"} {
		require.Len(t, office.Mails(once), 1, once)
	}
	require.Empty(t, office.Mails("spam@mail.example"))
	page, err := w.campaigns.Recipients(w.owner, c.ID, nil, 100, "")
	require.NoError(t, err)
	for _, r := range page.Recipients {
		if r.ContactID == spam {
			require.Contains(t, r.Problem, "this looks like spam")
		}
	}
}

// What answers at the mail server's address and is none: the campaign waits, says why, and costs nobody their message.
func TestNoMailServerAtTheAddress(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	w := newWorldAt(t, nil, message.Config{SMTP: "smtp://" + l.Addr().String(), Patience: time.Second})
	anna := w.person("Anna", "anna@mail.example", "", true)
	c := w.draft(hello, anna)
	_, err = w.campaigns.Send(w.owner, c.ID, c.Version, nil)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		c, err = w.campaigns.ByID(w.owner, c.ID)
		require.NoError(t, err)
		return strings.Contains(c.Problem, "connect to the mail server")
	}, time.Minute, 20*time.Millisecond)
	require.Equal(t, campaign.Sending, c.Status)
	require.Equal(t, map[uuid.UUID]string{anna: "pending"}, w.states(c.ID))
}

// A segment that changes during the sending: who is meant was decided when it began. Who comes into the segment later gets nothing, and who
// has left it, or whose segment has another rule now, gets the message once.
func TestSegmentChangesDuringTheSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	green := "#00aa00"
	anna, leaves, comes := w.person("Anna", "anna@mail.example", "", true), w.person("Leaves", "leaves@mail.example", "", true), w.person("Comes", "comes@mail.example", "", true)
	paint := func(id uuid.UUID, color string) {
		t.Helper()
		_, err := w.book.Update(w.owner, id, contact.Change{Color: &color})
		require.NoError(t, err)
	}
	paint(anna, green)
	paint(leaves, green)
	rule, err := segment.Parse([]byte(`{"color": "#00aa00"}`))
	require.NoError(t, err)
	name := "Green"
	seg, err := w.segments.Create(w.owner, segment.Change{Name: &name, Rule: &rule})
	require.NoError(t, err)
	c, err := w.campaigns.Save(w.owner, campaign.DraftChange{Name: "News", Purpose: &w.purpose, Texts: hello, Target: campaign.Target{SegmentID: &seg.ID}})
	require.NoError(t, err)
	w.office.Bar(&smtp.SMTPError{Code: 553, Message: "wait"})
	w.send(c, campaign.Paused) // it has begun, and nobody has it
	paint(leaves, "")
	paint(comes, green)
	other, err := segment.Parse([]byte(`{"color": "#0000aa"}`))
	require.NoError(t, err)
	_, err = w.segments.Update(w.owner, seg.ID, segment.Change{Rule: &other})
	require.NoError(t, err)
	w.office.Bar(nil)
	_, err = w.campaigns.Unpause(w.owner, c.ID)
	require.NoError(t, err)
	w.until(c.ID, campaign.Done)
	require.Equal(t, map[uuid.UUID]string{anna: "sent", leaves: "sent"}, w.states(c.ID))
	require.Len(t, w.office.Mails("anna@mail.example"), 1)
	require.Len(t, w.office.Mails("leaves@mail.example"), 1)
	require.Empty(t, w.office.Mails("comes@mail.example"))
}

// An unsubscribe link opened by a scanner a thousand times changes nothing.
func TestUnsubscribeLinkOpenedAThousandTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anna := w.person("Anna", "anna@mail.example", "", true)
	w.send(w.draft(hello, anna), campaign.Done)
	letter, err := mail.ReadMessage(strings.NewReader(w.office.Mails("anna@mail.example")[0]))
	require.NoError(t, err)
	_, token, is := strings.Cut(strings.Trim(letter.Header.Get("List-Unsubscribe"), "<>"), "/v1/unsubscribe/")
	require.True(t, is)
	for range 1000 {
		sub, err := w.campaigns.Subscription(t.Context(), token)
		require.NoError(t, err)
		require.True(t, sub.Agreed)
	}
	page, err := w.book.ConsentHistory(w.owner, anna, 10, "")
	require.NoError(t, err)
	require.Len(t, page.Entries, 1, "given, and nothing since")
}
