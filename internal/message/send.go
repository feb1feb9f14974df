package message

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"carnet/internal/account"
	"carnet/internal/db"
)

const (
	lease      = 2 * time.Minute  // a mail in work is nobody else's for so long
	patience   = 30 * time.Second // for one delivery
	idle       = 10 * time.Second // between looks at the queue when nobody wakes us
	maxAttempt = 8
)

// pauses are the waits after the first failures; later ones wait as long as the last.
var pauses = []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}

// post is the way to the mail server.
type post struct {
	host string
	from *mail.Address
	opts []gomail.Option

	patience time.Duration
}

func newPost(address, from string, patience time.Duration) (*post, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("the mail server must be given as smtp://user:password@host:port, or smtps for TLS from the start") // never with the password
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("the sender of mails must be an address, for example \"Carnet <no-reply@carnet.example>\": %w", err)
	}
	p := &post{host: u.Hostname(), from: sender, opts: []gomail.Option{gomail.WithTimeout(patience)}, patience: patience}
	if u.Scheme == "smtps" {
		p.opts = append(p.opts, gomail.WithSSLPort(false))
	} else {
		p.opts = append(p.opts, gomail.WithTLSPortPolicy(gomail.TLSOpportunistic))
	}
	if name := u.User.Username(); name != "" {
		password, _ := u.User.Password()
		p.opts = append(p.opts, gomail.WithUsername(name), gomail.WithPassword(password), gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover))
		if u.Scheme == "smtp" && !isLoopback(p.host) {
			p.opts = append(p.opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
		}
	}
	if port := u.Port(); port != "" {
		n, err := strconv.Atoi(port)
		if err != nil {
			return nil, errors.New("the mail server's port must be a number")
		}
		p.opts = append(p.opts, gomail.WithPort(n))
	}
	if _, err := gomail.NewClient(p.host, p.opts...); err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	return p, nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (p *post) send(ctx context.Context, m Mail) error {
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	out := gomail.NewMsg()
	out.FromMailAddress(p.sender(m.SenderName))
	if err := out.To(m.Recipient); err != nil {
		return &refused{err}
	}
	out.Subject(m.Subject)
	out.SetDateWithValue(m.CreatedAt)
	out.SetMessageIDWithValue(m.ID.String() + "@carnet." + p.host)
	out.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no automatic replies
	out.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		out.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	client, err := gomail.NewClient(p.host, p.opts...)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, out)
	var failed *gomail.SendError
	if errors.As(err, &failed) && failed.Reason == gomail.ErrSMTPRcptTo && !failed.IsTemp() {
		return &refused{err}
	}
	return err
}

// refused is a recipient that no later try will reach.
type refused struct{ err error }

func (r *refused) Error() string { return r.err.Error() }
func (r *refused) Unwrap() error { return r.err }

// Wake makes Run look at the queue soon. It never blocks.
func (s *Service) Wake() { s.queue.Wake() }

// Run sends what falls due until the context ends. It belongs to the program's start; without a mail
// server it returns at once.
func (s *Service) Run(ctx context.Context) {
	if s.post == nil {
		return
	}
	s.queue.Run(ctx, func(ctx context.Context) {
		if err := s.drain(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "send mails", "error", err)
		}
	})
}

// drain sends everything that is due now.
func (s *Service) drain(ctx context.Context) error {
	for ctx.Err() == nil {
		m, found, err := s.take(ctx)
		if err != nil || !found {
			return err
		}
		if err := s.settle(context.WithoutCancel(ctx), m, s.post.send(ctx, m)); err != nil {
			return err
		}
	}
	return nil
}

// takeDue leases the mail that is due first. A trial is from whom the campaign will be from.
const takeDue = `
UPDATE mail SET attempts = attempts + 1, next_at = ?1
WHERE (site_id, id) = (
    SELECT site_id, id FROM mail WHERE status = 'queued' AND next_at <= ?0
    ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *, CASE WHEN kind = ?2 THEN (SELECT name FROM site WHERE site.id = mail.site_id) ELSE '' END AS sender_name`

func (s *Service) take(ctx context.Context) (m Mail, found bool, err error) {
	err = s.db.Bun.NewRaw(takeDue, s.now(), s.now().Add(lease), Trial).Scan(ctx, &m)
	if db.NoRows(err) {
		return m, false, nil
	}
	return m, err == nil, db.MapError(err, "take mail")
}

var code = regexp.MustCompile(`[0-9]{8}`)

func subjectWithoutCode(subject string) string {
	return code.ReplaceAllString(subject, "••••••••")
}

// Short gives an error as one line of at most 500 bytes; of what a mail server answered, its answer.
func Short(err error) string {
	text := err.Error()
	var failed *gomail.SendError
	if errors.As(err, &failed) && failed.ErrorCode() != 0 {
		text = strings.TrimPrefix(failed.Error(), failed.Reason.String()+": ")
	}
	text, _, _ = strings.Cut(text, ", affected ") // whom it was for and the Message-ID, which go-mail adds
	text = strings.Join(strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")), " ")
	if len(text) > 500 {
		text = strings.ToValidUTF8(text[:500], "")
	}
	return text
}

// settle writes what became of a try.
func (s *Service) settle(ctx context.Context, m Mail, problem error) error {
	now := s.now()
	columns := []string{"status", "problem", "next_at", "sent_at"}
	var never *refused
	switch {
	case problem == nil:
		m.Status, m.Problem, m.SentAt = Sent, "", &now
		if m.Sensitive { // staff who read the outbox could enter by it
			m.Text, m.HTML = "", ""
			m.Subject = subjectWithoutCode(m.Subject)
			columns = append(columns, "body_text", "body_html", "subject")
		}
	case errors.As(problem, &never), m.Attempts >= maxAttempt:
		m.Status, m.Problem = Failed, Short(problem)
		s.log.WarnContext(ctx, "mail failed for good", "mail", m.ID, "error", problem)
	default:
		m.Problem = Short(problem)
		m.NextAt = now.Add(pauses[min(m.Attempts-1, len(pauses)-1)])
		s.log.WarnContext(ctx, "mail will be tried again", "mail", m.ID, "attempt", m.Attempts, "at", m.NextAt, "error", problem)
	}
	if m.Kind == account.MailErasureDone && m.Status != Queued { // nothing that names who was erased stays behind
		_, err := s.db.Bun.NewDelete().Model(&m).WherePK().Exec(ctx)
		return db.MapError(err, "forget mail")
	}
	_, err := s.db.Bun.NewUpdate().Model(&m).Column(columns...).WherePK().Exec(ctx)
	return db.MapError(err, "settle mail")
}
