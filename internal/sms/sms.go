// Package sms sends text messages: by a site's account at Twilio, or by a gateway that takes HTTP requests (P-22).
//
// One request carries one message. What became of it is told as message.Fate: a request that was written whole and whose answer was not
// heard, or cannot be read, is Unknown, since the other side may have sent the message. A provider that asks to wait, or cannot be reached,
// has taken nothing (message.Away), and neither would the next message fare better.
//
// Later the provider tells whether the message was delivered: Twilio signed by the account's token, a gateway by a signed address of ours.
// Who answers STOP withdraws, once the provider is given the address where it tells us.
package sms

import (
	"context"
	"net/http"
	"time"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/message"
	"carnet/internal/outbound"
	"carnet/internal/secret"
)

// Config is what a Service needs.
type Config struct {
	DB        *db.DB
	Sealer    *secret.Sealer
	Links     *secret.Signer // of the addresses that reports come to
	Contacts  *contact.Service
	PublicURL string
	TwilioURL string // stands for Twilio's address in tests; empty: Twilio's own
	// AllowLoopback lets gateways be on this machine, for tests and the demo.
	AllowLoopback bool
}

// Service answers for sites' text messages.
type Service struct {
	Config
	client *http.Client
	now    func() time.Time
}

// New makes the service.
func New(cfg Config) *Service {
	if cfg.TwilioURL == "" {
		cfg.TwilioURL = TwilioURL
	}
	return &Service{Config: cfg, client: outbound.Client(cfg.AllowLoopback), now: time.Now}
}

// Text is a message to one number.
type Text struct {
	To       string // E.164
	Body     string
	Callback string // where the provider tells what became of it
}

// Outcome is what became of a text.
type Outcome struct {
	message.Outcome
	ID   string        // the message's at the provider, when it has taken it
	Wait time.Duration // of one that is Away: how long the provider asks to wait; 0: it does not say
}

// Provider carries texts for one site. It may be used by several goroutines.
type Provider interface {
	Send(ctx context.Context, t Text) Outcome
	// Replies tells whether people can answer, and what they answer reaches us.
	Replies() bool
}

var (
	_ Provider = (*twilio)(nil)
	_ Provider = (*gateway)(nil)
)

// Report is what a provider tells later of a message.
type Report struct {
	Delivered bool
	Dead      bool // nobody has the number, or it takes no texts
	Problem   string
}
