package message

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"time"

	gomail "github.com/wneessen/go-mail"

	"carnet/internal/fault"
)

// Fate is what became of a message that was given to a line.
type Fate int

// The fates.
const (
	Accepted Fate = iota // the other side has it
	Refused              // it does not take it, and will not
	NoSuch               // it knows no such recipient
	NotNow               // it does not take it now; nothing was delivered
	Barred               // it takes nothing from this sender, whoever it is for
	Unknown              // it may have it: the answer was not heard
	Away                 // it cannot be reached, or asks to wait: nothing was delivered, and the next would fare no better
)

// Letter is a mail to one recipient, as a line carries it.
type Letter struct {
	ID         string // unique; of the Message-ID
	To         string
	Name       string // the sender's name; empty: the program's
	Subject    string
	Text, HTML string
	// Return is whom mail servers tell when they cannot deliver it; empty: the sender.
	Return string
	// Leave is where a program unsubscribes the recipient at once (RFC 8058); empty: no such header.
	Leave string
}

// Line is a connection to the mail server that carries one message after the other. It belongs to one goroutine.
type Line struct {
	post   *post
	client *gomail.Client
}

// Sender gives who a letter is from that has a sender's name; nil without a mail server.
func (s *Service) Sender(name string) *mail.Address {
	if s.post == nil {
		return nil
	}
	return s.post.sender(name)
}

func (p *post) sender(name string) *mail.Address {
	from := *p.from
	from.Name = cmp.Or(name, from.Name)
	return &from
}

// Open connects to the mail server.
func (s *Service) Open(ctx context.Context) (*Line, error) {
	if s.post == nil {
		return nil, fault.New(fault.Conflict, "there is no mail server: set CARNET_SMTP_URL")
	}
	client, err := gomail.NewClient(s.post.host, slices.Concat(s.post.opts, []gomail.Option{gomail.WithoutNoop()})...)
	if err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.post.patience)
	defer cancel()
	if err := client.DialWithContext(ctx); err != nil {
		return nil, fmt.Errorf("connect to the mail server: %w", err)
	}
	return &Line{post: s.post, client: client}, nil
}

// Close ends the connection.
func (l *Line) Close() { _ = l.client.Close() }

// Patience is how long a line waits for a message to be taken at most.
const Patience = patience

// Outcome is what became of a message.
type Outcome struct {
	Fate    Fate
	Problem error // what stood against it; nil when it was accepted
	Usable  bool  // whether the line can carry another
}

// Send gives a message to the other side.
func (l *Line) Send(m Letter) Outcome {
	out := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	out.FromMailAddress(l.post.sender(m.Name))
	if m.Return != "" {
		if err := out.EnvelopeFrom(m.Return); err != nil {
			return Outcome{Barred, err, true}
		}
	}
	if err := out.To(m.To); err != nil {
		return Outcome{NoSuch, err, true}
	}
	out.Subject(m.Subject)
	out.SetDateWithValue(time.Now())
	out.SetMessageIDWithValue(m.ID + "@carnet." + l.post.host)
	out.SetGenHeader("Auto-Submitted", "auto-generated")
	out.SetGenHeader("Precedence", "bulk")
	if m.Leave != "" {
		out.SetGenHeader("List-Unsubscribe", "<"+m.Leave+">")
		out.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	out.SetBodyString(gomail.TypeTextPlain, m.Text)
	out.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	err := l.client.Send(out)
	if out.IsDelivered() { // what went wrong after that is the line's matter
		return Outcome{Accepted, nil, err == nil}
	}
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return Outcome{NotNow, err, false}
	}
	answered := failed.ErrorCode() != 0
	lasting := answered && !failed.IsTemp()
	switch failed.Reason {
	case gomail.ErrSMTPDataClose:
		if !answered { // all of it was sent
			return Outcome{Unknown, err, false}
		}
		if lasting {
			return Outcome{Refused, err, true}
		}
	case gomail.ErrSMTPMailFrom:
		if lasting {
			return Outcome{Barred, err, true}
		}
	case gomail.ErrSMTPRcptTo:
		if lasting {
			return Outcome{NoSuch, err, true}
		}
	case gomail.ErrNoUnencoded, gomail.ErrGetRcpts, gomail.ErrGetSender:
		return Outcome{Refused, err, true}
	case gomail.ErrSMTPData:
		if lasting {
			return Outcome{Refused, err, true}
		}
	}
	return Outcome{NotNow, err, answered && failed.Reason != gomail.ErrWriteContent}
}
