// Package message writes mails and sends them.
//
// A mail is written into the table `mail` by the transaction that causes it (Queue) and sent after
// the commit by one goroutine of the process (Run). Several processes share the queue: a mail is
// taken under SKIP LOCKED and leased for two minutes, so a process that dies delays its mail and
// loses none.
//
// Ordering. Mails go out in the order they fall due; one that failed falls behind.
//
// Failure. A mail whose try failed is tried again after ten seconds, then less and less often, eight
// times in all; then it is FAILED and keeps the last problem. A recipient that the server refuses for
// good fails at once. A process that dies between sending and writing so sends a mail twice, under
// the same Message-ID. Without a mail server, mails stay QUEUED: the table is the admin's outbox.
package message

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/job"
	"carnet/internal/site"
)

// Status is how far a mail is.
type Status string

// The statuses.
const (
	Queued Status = "queued"
	Sent   Status = "sent"
	Failed Status = "failed"
)

// Mail is a mail on its way out.
type Mail struct {
	bun.BaseModel `bun:"table:mail"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	Kind      string    // the name of its text; empty of one that is older than kinds
	Recipient string
	// RecipientKey is the address as it is compared.
	RecipientKey string
	Subject      string
	Text         string `bun:"body_text"`
	HTML         string `bun:"body_html"`
	Sensitive    bool   // holds a code or a link to enter by; its bodies are emptied when it has left
	Status       Status
	Attempts     int
	Problem      string
	NextAt       time.Time
	CreatedAt    time.Time
	SentAt       *time.Time
	// SenderName is the sender's name of one that is being sent; empty: the program's.
	SenderName string `bun:",scanonly"`
}

// Config is what a Service needs. Now and Log may be nil.
type Config struct {
	DB *db.DB
	// PublicURL is the server's address without a trailing slash.
	PublicURL string
	// SMTP is smtp://user:password@host:port (STARTTLS where offered; required with a password, but
	// for loopback) or smtps://... Empty: mails stay in the outbox.
	SMTP string
	// From is the sender, for example "Carnet <no-reply@carnet.example>"; needed with SMTP.
	From string
	// Patience is how long one delivery may take; 0: 30 seconds.
	Patience time.Duration
	Now      func() time.Time
	Log      *slog.Logger
}

// Service answers for mails.
type Service struct {
	db        *db.DB
	publicURL string
	post      *post // nil: no mail server
	now       func() time.Time
	log       *slog.Logger
	queue     *job.Loop
}

// New makes the service; it fails when SMTP or From cannot be read.
func New(cfg Config) (*Service, error) {
	s := &Service{
		db: cfg.DB, publicURL: strings.TrimSuffix(cfg.PublicURL, "/"), now: cfg.Now, log: cfg.Log, queue: job.NewLoop(idle),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	var err error
	if cfg.SMTP != "" {
		s.post, err = newPost(cfg.SMTP, cfg.From, cmp.Or(cfg.Patience, patience))
	}
	return s, err
}

// Configured tells whether there is a mail server; without one, mails wait in the outbox.
func (s *Service) Configured() bool { return s.post != nil }

// guard that the hooks keep their form.
var (
	_ account.Mailer      = (*Service)(nil).Queue
	_ site.InvitationMail = (*Service)(nil).Invite
	_ site.SecondStepMail = (*Service)(nil).SecondStepRemoved
)

// Queue writes a mail in the caller's transaction. Its texts may name the site as {{.site}}.
func (s *Service) Queue(ctx context.Context, tx bun.IDB, m account.Mail) error {
	var of site.Site
	if err := tx.NewSelect().Model(&of).Where("id = ?", m.SiteID).Scan(ctx); err != nil {
		return db.Missing(err, "site", "read site")
	}
	return s.write(ctx, tx, of, m)
}

// Invite writes the mail of a staff invitation in the caller's transaction.
func (s *Service) Invite(ctx context.Context, tx bun.IDB, of site.Site, to, token string) error {
	return s.write(ctx, tx, of, account.Mail{
		SiteID: of.ID, To: to, Kind: Invitation, Language: of.Language,
		Data: map[string]string{"link": s.publicURL + "/admin/invitation#" + token, "days": "7"},
	})
}

// SecondStepRemoved tells a member of staff, in the caller's transaction, that an owner took their second step away.
func (s *Service) SecondStepRemoved(ctx context.Context, tx bun.IDB, of site.Site, to, by string) error {
	return s.write(ctx, tx, of, account.Mail{
		SiteID: of.ID, To: to, Kind: SecondStepRemoved, Language: of.Language, Data: map[string]string{"by": strings.Join(strings.Fields(by), " ")},
	})
}

func (s *Service) write(ctx context.Context, tx bun.IDB, of site.Site, m account.Mail) error {
	data := map[string]string{"site": strings.Join(strings.Fields(of.Name), " ")}
	for k, v := range m.Data {
		data[k] = v
	}
	r, err := render(m.Kind, site.NearestLanguage(m.Language, of.Language), data)
	if err != nil {
		return fault.Wrap(err, "render mail")
	}
	return s.insert(ctx, tx, Mail{
		SiteID: of.ID, Kind: m.Kind, Recipient: m.To, Subject: r.Subject, Text: r.Text, HTML: r.HTML, Sensitive: data["link"] != "" || data["code"] != "",
	})
}

// Page is a page of mails, newest first.
type Page struct {
	Mails   []Mail
	HasNext bool
}

// Mails gives the site's mails, newest first: at most first (1 to 200), below the id after when that
// is not uuid.Nil. Needs a manager.
func (s *Service) Mails(ctx context.Context, first int, after uuid.UUID) (Page, error) {
	a, err := site.Require(ctx, site.AccessManager)
	if err != nil {
		return Page{}, err
	}
	if first < 1 || first > 200 {
		return Page{}, fault.New(fault.BadInput, "a page holds 1 to 200 mails")
	}
	page := Page{Mails: []Mail{}}
	q := s.db.Bun.NewSelect().Model(&page.Mails).Where("site_id = ?", a.SiteID).Order("id DESC").Limit(int64(first) + 1)
	if after != uuid.Nil {
		q = q.Where("id < ?", after)
	}
	if err := q.Scan(ctx); err != nil {
		return Page{}, db.MapError(err, "read mails")
	}
	if len(page.Mails) > first {
		page.Mails, page.HasNext = page.Mails[:first], true
	}
	return page, nil
}

// QueueTrial writes a mail that staff send to themselves, as it is, in the caller's transaction.
func (s *Service) QueueTrial(ctx context.Context, tx bun.IDB, siteID uuid.UUID, to, subject, text, html string) error {
	return s.insert(ctx, tx, Mail{SiteID: siteID, Kind: Trial, Recipient: to, Subject: subject, Text: text, HTML: html})
}

func (s *Service) insert(ctx context.Context, tx bun.IDB, m Mail) error {
	now := s.now()
	m.ID, m.RecipientKey, m.Status, m.NextAt, m.CreatedAt = uuid.Must(uuid.NewV7()), site.EmailKey(m.Recipient), Queued, now, now
	if _, err := tx.NewInsert().Model(&m).Exec(ctx); err != nil {
		return db.MapError(err, "insert mail")
	}
	s.Wake()
	return nil
}
