package sms

import (
	"context"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/nyaruka/phonenumbers"

	"carnet/internal/fault"
	"carnet/internal/message"
	"carnet/internal/site"
)

// MaxParts is how many parts a text has at most.
const MaxParts = 10

// Way is how one site's texts go.
type Way struct {
	Provider
	Sender string // what texts come from: a number, a name, or a messaging service at Twilio
	s      *Service
	siteID uuid.UUID
	name   ProviderName
}

// Pooled tells whether the sender is a messaging service: people see one of its numbers.
func (w *Way) Pooled() bool { return w.name == Twilio && isService(w.Sender) }

// Open gives a site's way. Conflict when it has none. The caller has the right.
func (s *Service) Open(ctx context.Context, siteID uuid.UUID) (*Way, error) {
	row, err := s.read(ctx, siteID)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, fault.New(fault.Conflict, "the site cannot send text messages yet; a manager sets it up under Settings > Text messages")
	}
	key, err := s.open(row)
	if err != nil {
		return nil, err
	}
	way := &Way{Sender: row.Sender, s: s, siteID: siteID, name: row.Provider}
	if row.Provider == Twilio {
		way.Provider = &twilio{client: s.client, base: s.TwilioURL, account: row.Account, token: key, sender: row.Sender}
	} else {
		way.Provider = &gateway{client: s.client, Request: Request{row.URL, row.Method, row.Headers, row.Body, row.Taken}, sender: row.Sender, secret: key, hears: row.HeardAt != nil}
	}
	return way, nil
}

// Callback gives the address where the provider reports on a message. Whoever knows it may report, so it is signed; Twilio signs besides.
func (w *Way) Callback(campaign, contact uuid.UUID) string {
	kind := byte('g')
	if w.name == Twilio {
		kind = 't'
	}
	payload := append(append(append([]byte{kind}, w.siteID[:]...), campaign[:]...), contact[:]...)
	return w.s.PublicURL + ReportsPath + w.s.Links.Sign(payload)
}

// Try sends a text to a number, now. Needs a manager. Mendable: INVALID_PHONE; Conflict says what the provider said against it.
func (s *Service) Try(ctx context.Context, number, text string) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	of, err := site.Of(ctx, s.DB.Bun, a)
	if err != nil {
		return err
	}
	n, err := phonenumbers.Parse(number, of.Country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return fault.Invalid(fault.InvalidPhone, []string{"to"}, "give a number with its country's prefix, for example +47 912 34 567")
	}
	if utf8.RuneCountInString(text) == 0 || Measure(text).Parts > MaxParts {
		return fault.Invalid(fault.TooLong, []string{"text"}, "a text has 1 to %d parts", MaxParts)
	}
	way, err := s.Open(ctx, a.SiteID)
	if err != nil {
		return err
	}
	out := way.Send(ctx, Text{To: phonenumbers.Format(n, phonenumbers.E164), Body: text})
	if out.Fate != message.Accepted {
		return fault.New(fault.Conflict, "it was not taken: %s", message.Short(out.Problem))
	}
	return nil
}
