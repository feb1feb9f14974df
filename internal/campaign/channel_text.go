package campaign

import (
	"context"

	"github.com/google/uuid"

	"carnet/internal/fault"
	"carnet/internal/message"
	"carnet/internal/site"
	"carnet/internal/sms"
)

// textChannel sends text messages, by what the site has set up (internal/sms).
type textChannel struct{ s *Service }

func (textChannel) markdown() bool { return false }
func (textChannel) repeats() bool  { return false }

func (textChannel) reach() reach {
	return reach{
		address: "contact.mobile", key: "contact.mobile",
		without: `WHEN contact.mobile = '' AND contact.phone = '' AND contact.other_phones = '[]' THEN 'no_phone' WHEN contact.mobile = '' THEN 'no_mobile'`,
		agreed:  agreedBy("'sms'"),
	}
}

func (t textChannel) lines() (int, float64) { return t.s.TextLines, t.s.TextRate }

func (t textChannel) ready(ctx context.Context, siteID uuid.UUID) error {
	ready, err := t.s.Texts.Ready(ctx, siteID)
	if err == nil && !ready {
		err = fault.New(fault.Conflict, "the site cannot send text messages yet; a manager sets it up under Settings > Text messages")
	}
	return err
}

func (textChannel) check(v *checker, t Text, path func(string) []string) {
	if t.Subject != "" {
		v.add(fault.InvalidValue, path("subject"), "a text message has no subject")
	}
	if sms.Measure(t.Body).Parts > sms.MaxParts {
		v.add(fault.TooLong, path("body"), "a text message has at most %d parts; this has %d", sms.MaxParts, sms.Measure(t.Body).Parts)
	}
}

// frame adds how one stops the messages, where we hear who answers.
func (t textChannel) frame(ctx context.Context, of site.Site) (func(string, Message, footerLinks) (Message, error), error) {
	way, err := t.s.Texts.Open(ctx, of.ID)
	if err != nil && fault.CodeOf(err) != fault.Conflict {
		return nil, err
	}
	hears := err == nil && way.Replies()
	return func(language string, m Message, links footerLinks) (Message, error) {
		if links.Leave != "" && hears {
			m.Text += "\n" + footers[site.NearestLanguage(language, "en")].Stop
		}
		length := sms.Measure(m.Text)
		m.Subject, m.HTML, m.Length = "", "", &length
		return m, nil
	}, nil
}

func (t textChannel) sender(ctx context.Context, of site.Site, _ string) (*Sender, error) {
	way, err := t.s.Texts.Open(ctx, of.ID)
	switch {
	case fault.CodeOf(err) == fault.Conflict:
		return nil, nil //nolint:nilnil // as said at channel
	case err != nil:
		return nil, err
	}
	return &Sender{Address: way.Sender, Service: way.Pooled()}, nil
}

func (t textChannel) open(ctx context.Context, c *Campaign) (line, error) {
	way, err := t.s.Texts.Open(ctx, c.SiteID)
	if err != nil {
		return nil, err
	}
	return textLine{way}, nil
}

type textLine struct{ way *sms.Way }

func (textLine) Close() {}

func (l textLine) send(ctx context.Context, to *recipient) outcome {
	if n := sms.Measure(to.letter.Text).Parts; n > sms.MaxParts { // by the values that were filled in
		return outcome{Outcome: message.Outcome{Fate: message.Refused, Problem: fault.New(fault.BadInput, "the text has %d parts for this person; at most %d are sent", n, sms.MaxParts), Usable: true}}
	}
	out := l.way.Send(ctx, sms.Text{To: to.Address, Body: to.letter.Text, Callback: l.way.Callback(to.CampaignID, to.ContactID)})
	return outcome{Outcome: out.Outcome, id: out.ID, wait: out.Wait}
}
