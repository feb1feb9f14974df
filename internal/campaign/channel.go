package campaign

import (
	"context"
	"time"

	"github.com/google/uuid"

	"carnet/internal/fault"
	"carnet/internal/message"
	"carnet/internal/site"
)

// Channel is a way to reach people.
type Channel string

// The channels (P-22).
const (
	Email    Channel = "email"
	SMS      Channel = "sms"
	Internal Channel = "internal" // into the inbox of their account
)

// channel is what differs between the ways to reach people.
type channel interface {
	// ready tells why a site cannot send by it yet: Conflict.
	ready(ctx context.Context, siteID uuid.UUID) error
	// lines is how many messages are under way at once, and how many leave a second at most; 0: no limit.
	lines() (n int, rate float64)
	// reach tells whom it reaches.
	reach() reach
	// check refuses a text that it cannot carry.
	check(v *checker, t Text, path func(part string) []string)
	// markdown tells whether texts are Markdown; else they are plain.
	markdown() bool
	// frame gives what makes a filled text the message as it arrives. Without links there is nothing to unsubscribe from.
	frame(ctx context.Context, of site.Site) (func(language string, m Message, links footerLinks) (Message, error), error)
	// sender tells who a site's messages are from, when somebody has them sent; nil while it cannot send by the channel.
	sender(ctx context.Context, of site.Site, by string) (*Sender, error)
	// open begins a line.
	open(ctx context.Context, c *Campaign) (line, error)
	// repeats tells that a message that is given twice arrives once: what a process died on is sent again by itself, and nobody is uncertain.
	repeats() bool
}

// line carries one message after the other. It belongs to one goroutine.
type line interface {
	send(ctx context.Context, to *recipient) outcome
	Close()
}

// outcome is what became of a message, and what its carrier said besides.
type outcome struct {
	message.Outcome
	id   string        // the message's at the provider
	wait time.Duration // how long the other side asks to wait with all others
}

// reach is SQL over a contact that has the alias contact.
type reach struct {
	address, key string // where a message goes, and as it is compared; the key is '' where there are no addresses
	// without is WHEN ... THEN '<reason>' ..., for those who have none.
	without string
	// agreed holds for those who agreed to a purpose.
	agreed func(siteID, contactID, purpose string) string
}

// agreedBy is SQL that holds for a contact who has agreed to a purpose by one of some channels of the ledger, given as SQL.
func agreedBy(channels string) func(siteID, contactID, purpose string) string {
	return func(siteID, contactID, purpose string) string {
		return "EXISTS (SELECT FROM consent k WHERE k.site_id = " + siteID + " AND k.contact_id = " + contactID + " AND k.purpose_id = " + purpose + " AND k.channel IN (" + channels + ") AND k.state = 'given')"
	}
}

// by gives a channel; a name that is none is refused by the API and by the database.
func (s *Service) by(name Channel) channel {
	switch name {
	case SMS:
		return textChannel{s}
	case Internal:
		return inboxChannel{s}
	default:
		return mailChannel{s}
	}
}

var (
	_ channel = mailChannel{}
	_ channel = textChannel{}
	_ channel = inboxChannel{}
)

// mailChannel sends e-mails over SMTP.
type mailChannel struct{ s *Service }

func (mailChannel) markdown() bool { return true }
func (mailChannel) repeats() bool  { return false }

func (mailChannel) reach() reach {
	return reach{address: "contact.email", key: "contact.email_key", without: "WHEN contact.email_key = '' THEN 'no_address'", agreed: agreedBy("'email'")}
}

func (mailChannel) check(v *checker, t Text, path func(string) []string) { needSubject(v, t, path) }

func (m mailChannel) ready(context.Context, uuid.UUID) error {
	if !m.s.Mail.Configured() {
		return fault.New(fault.Conflict, "there is no mail server yet: whoever runs Carnet sets CARNET_SMTP_URL and CARNET_MAIL_FROM")
	}
	return nil
}

func (m mailChannel) lines() (int, float64) { return m.s.Lines, m.s.Rate }

func (mailChannel) frame(_ context.Context, of site.Site) (func(string, Message, footerLinks) (Message, error), error) {
	return func(language string, m Message, links footerLinks) (_ Message, err error) {
		m.Text, m.HTML, err = frame(language, m, of, links)
		return m, err
	}, nil
}

func (m mailChannel) sender(_ context.Context, of site.Site, _ string) (*Sender, error) {
	from := m.s.Mail.Sender(nameOfSender(of))
	if from == nil {
		return nil, nil //nolint:nilnil // as said at channel
	}
	return &Sender{Name: from.Name, Address: from.Address}, nil
}

// nameOfSender is the name that a site's campaigns by e-mail come from.
func nameOfSender(of site.Site) string { return of.Name }

func (m mailChannel) open(ctx context.Context, _ *Campaign) (line, error) {
	l, err := m.s.Mail.Open(ctx)
	if err != nil {
		return nil, err
	}
	return mailLine{l}, nil
}

type mailLine struct{ *message.Line }

func (l mailLine) send(_ context.Context, to *recipient) outcome {
	return outcome{Outcome: l.Send(to.letter)}
}
