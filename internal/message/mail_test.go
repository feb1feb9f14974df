package message_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/fault"
	"carnet/internal/message"
	"carnet/internal/message/mailtest"
	"carnet/internal/secret"
	"carnet/internal/site"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// clock is a time that tests move.
type clock struct {
	sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.Lock(); defer c.Unlock(); return c.at }
func (c *clock) add(d time.Duration) {
	c.Lock()
	defer c.Unlock()
	c.at = c.at.Add(d)
}

type world struct {
	db    *db.DB
	sites *site.Service
	site  site.Site
	owner context.Context
	clock *clock
}

func newWorld(t *testing.T) *world {
	t.Helper()
	d := dbtest.New(t)
	sealer, err := secret.NewSealer(strings.Repeat("k", 40))
	require.NoError(t, err)
	w := &world{db: d, sites: site.New(d, sealer), clock: &clock{at: time.Now()}}
	of, member, _, err := w.sites.Create(t.Context(), site.NewSite{PublicID: "club", Name: "Ski & Club", TimeZone: "Europe/Oslo", Language: "nb", Country: "NO"},
		site.NewStaff{Email: "owner@club.example", Name: "Owner", Password: "long enough"})
	require.NoError(t, err)
	w.site = of
	w.owner = site.WithActor(t.Context(), site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: member.ID})
	return w
}

func (w *world) service(t *testing.T, smtp string) *message.Service {
	t.Helper()
	s, err := message.New(message.Config{
		DB: w.db, PublicURL: "http://127.0.0.1:8080", SMTP: smtp, From: "Carnet <no-reply@carnet.example>", Now: w.clock.now,
	})
	require.NoError(t, err)
	return s
}

func (w *world) queue(t *testing.T, s *message.Service, m account.Mail) {
	t.Helper()
	m.SiteID = w.site.ID
	require.NoError(t, w.db.Tx(t.Context(), func(ctx context.Context, tx bun.Tx) error { return s.Queue(ctx, tx, m) }))
}

// run runs the sender until the test ends.
func run(t *testing.T, s *message.Service) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
}

func signUp(to string) account.Mail {
	return account.Mail{To: to, Kind: account.MailSignUp, Language: "fr", Data: map[string]string{
		"code": "12345678", "link": "http://127.0.0.1:8080/v1/email/x", "minutes": "10",
	}}
}

// eventually reads the newest mail until it has the status.
func (w *world) eventually(t *testing.T, s *message.Service, status message.Status) message.Mail {
	t.Helper()
	var m message.Mail
	require.Eventually(t, func() bool {
		page, err := s.Mails(w.owner, 1, uuid.Nil)
		require.NoError(t, err)
		m = page.Mails[0]
		return m.Status == status
	}, 20*time.Second, 20*time.Millisecond)
	return m
}

func TestEveryKindInEveryLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.service(t, "")
	require.False(t, s.Configured())
	for _, language := range append([]string{"no", "de", ""}, site.Languages...) {
		for _, kind := range message.Kinds {
			w.queue(t, s, account.Mail{To: "a@b.example", Kind: kind, Language: language, Data: map[string]string{
				"code": "12345678", "by": "Olga", "name": "Phone <b>", "link": "https://x.example/<y>", "minutes": "10", "days": "7", "provider": "Acme <b>", "address": "n&w@b.example",
				"due": "2026-12-27", "asked": "2026-11-27", "reason": "An invoice <b> is open.", "purposes": "News <b>, Offers",
			}})
			page, err := s.Mails(w.owner, 1, uuid.Nil)
			require.NoError(t, err)
			m := page.Mails[0]
			require.Contains(t, m.Subject+m.Text, "Ski & Club", "%s %s", language, kind)
			require.NotContains(t, m.Text+m.Subject, "<no value>")
			require.NotContains(t, m.HTML, "<b>", "what people typed is escaped")
			if kind == account.MailSignUp {
				require.Contains(t, m.HTML, "letter-spacing:4px;font-weight:600\">12345678</p>")
				require.Contains(t, m.HTML, `href="https://x.example/`)
			}
		}
	}
}

// Without a mail server mails wait in the outbox, which managers of the site read and nobody else.
func TestOutbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.service(t, "")
	s.Run(t.Context()) // returns: there is nothing to do
	for range 3 {
		w.queue(t, s, signUp("a@b.example"))
	}
	page, err := s.Mails(w.owner, 2, uuid.Nil)
	require.NoError(t, err)
	require.Len(t, page.Mails, 2)
	require.True(t, page.HasNext)
	require.Equal(t, message.Queued, page.Mails[0].Status)
	require.Contains(t, page.Mails[0].Text, "12345678")
	require.Contains(t, page.Mails[0].Text, "inscrit", "in the person's language")
	rest, err := s.Mails(w.owner, 2, page.Mails[1].ID)
	require.NoError(t, err)
	require.Len(t, rest.Mails, 1)
	require.False(t, rest.HasNext)
	require.NotEqual(t, page.Mails[1].ID, rest.Mails[0].ID)

	_, err = s.Mails(site.WithActor(t.Context(), site.Actor{Kind: site.KindStaff, Access: site.AccessOperator, SiteID: w.site.ID}), 2, uuid.Nil)
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	other := site.WithActor(t.Context(), site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: uuid.New()})
	page, err = s.Mails(other, 2, uuid.Nil)
	require.NoError(t, err)
	require.Empty(t, page.Mails, "another site's mails")
	_, err = s.Mails(w.owner, 201, uuid.Nil)
	require.Equal(t, fault.BadInput, fault.CodeOf(err))
}

func TestSendsAndForgetsTheCode(t *testing.T) {
	t.Parallel()
	w, to := newWorld(t), mailtest.Start(t)
	s := w.service(t, "smtp://"+to.Address)
	require.True(t, s.Configured())
	run(t, s)
	w.queue(t, s, signUp("ærlig@b.example"))
	m := w.eventually(t, s, message.Sent)
	require.Len(t, to.Mails("ærlig@b.example"), 1)
	require.Equal(t, "no-reply@carnet.example", to.From("ærlig@b.example"))
	got := to.Mails("ærlig@b.example")[0]
	require.Contains(t, got, "multipart/alternative")
	require.Contains(t, got, "12345678")
	require.Contains(t, got, "Auto-Submitted: auto-generated")
	require.NotContains(t, m.Subject+m.Text+m.HTML, "12345678", "staff cannot enter by a mail that has left")
	require.NotNil(t, m.SentAt)
	require.Empty(t, m.Problem)
}

func TestTriesAgain(t *testing.T) {
	t.Parallel()
	w, to := newWorld(t), mailtest.Start(t)
	s := w.service(t, "smtp://"+to.Address)
	to.Refuse("a@b.example", &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later please"})
	run(t, s)
	w.queue(t, s, signUp("a@b.example"))
	require.Eventually(t, func() bool {
		page, err := s.Mails(w.owner, 1, uuid.Nil)
		require.NoError(t, err)
		return strings.Contains(page.Mails[0].Problem, "later please")
	}, 20*time.Second, 20*time.Millisecond)
	to.Refuse("a@b.example", nil)
	w.clock.add(11 * time.Second)
	s.Wake()
	require.Equal(t, 2, w.eventually(t, s, message.Sent).Attempts)
	require.Len(t, to.Mails("a@b.example"), 1)
}

func TestGivesUpOnARefusedRecipient(t *testing.T) {
	t.Parallel()
	w, to := newWorld(t), mailtest.Start(t)
	s := w.service(t, "smtp://"+to.Address)
	to.Refuse("a@b.example", &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"})
	run(t, s)
	w.queue(t, s, signUp("a@b.example"))
	m := w.eventually(t, s, message.Failed)
	require.Equal(t, `550 "5.1.1 no such mailbox"`, m.Problem)
	require.Equal(t, 1, m.Attempts)
}

// Two processes share a queue: every mail leaves once.
func TestTwoSendersSendOnce(t *testing.T) {
	t.Parallel()
	w, to := newWorld(t), mailtest.Start(t)
	a, b := w.service(t, "smtp://"+to.Address), w.service(t, "smtp://"+to.Address)
	for range 20 {
		w.queue(t, a, signUp("a@b.example"))
	}
	run(t, a)
	run(t, b)
	require.Eventually(t, func() bool {
		left, err := w.db.Bun.NewSelect().TableExpr("mail").Where("status <> 'sent'").Count(t.Context())
		require.NoError(t, err)
		return left == 0
	}, 30*time.Second, 20*time.Millisecond)
	require.Len(t, to.Mails("a@b.example"), 20)
}

// A mail whose transaction fails is never sent.
func TestRolledBackMailIsNotSent(t *testing.T) {
	t.Parallel()
	w, to := newWorld(t), mailtest.Start(t)
	s := w.service(t, "smtp://"+to.Address)
	stop := errors.New("no")
	err := w.db.Bun.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		m := signUp("never@b.example")
		m.SiteID = w.site.ID
		require.NoError(t, s.Queue(ctx, tx, m))
		return stop
	})
	require.ErrorIs(t, err, stop)
	w.queue(t, s, signUp("a@b.example"))
	run(t, s)
	w.eventually(t, s, message.Sent)
	require.Len(t, to.Mails("a@b.example"), 1)
	require.Empty(t, to.Mails("never@b.example"))
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.service(t, "")
	_, err := w.sites.Invite(w.owner, "new@club.example", site.Operator, s.Invite)
	require.NoError(t, err)
	page, err := s.Mails(w.owner, 1, uuid.Nil)
	require.NoError(t, err)
	require.Equal(t, "new@club.example", page.Mails[0].Recipient)
	_, token, found := strings.Cut(page.Mails[0].Text, "http://127.0.0.1:8080/admin/invitation#")
	require.True(t, found)
	member, err := w.sites.AcceptInvitation(t.Context(), strings.Fields(token)[0], "New", "long enough too")
	require.NoError(t, err)
	require.Equal(t, site.Operator, member.Role)
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	for _, bad := range []message.Config{
		{SMTP: "http://mail.example", From: "a@b.example"},
		{SMTP: "smtp://user:hunter2@:25", From: "a@b.example"},
		{SMTP: "smtp://mail.example", From: "nobody"},
		{SMTP: "smtp://mail.example"},
	} {
		_, err := message.New(bad)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hunter2")
	}
}
