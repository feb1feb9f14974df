package campaign

import (
	"context"

	"github.com/google/uuid"

	"carnet/internal/inbox"
	"carnet/internal/message"
	"carnet/internal/site"
)

// inboxChannel puts messages into the inboxes of people's accounts. The consent ledger has no such channel: whoever has agreed to the purpose
// by any gets it, in the place where they sign in.
type inboxChannel struct{ s *Service }

func (inboxChannel) markdown() bool                         { return false }
func (inboxChannel) repeats() bool                          { return true }
func (inboxChannel) ready(context.Context, uuid.UUID) error { return nil }
func (i inboxChannel) lines() (int, float64)                { return i.s.Lines, 0 }

func (inboxChannel) reach() reach {
	return reach{
		address: "''", key: "''",
		without: `WHEN NOT EXISTS (SELECT FROM account o WHERE o.site_id = contact.site_id AND o.contact_id = contact.id AND o.disabled_at IS NULL) THEN 'no_account'`,
		agreed:  agreedBy("'email', 'sms', 'post', 'phone'"),
	}
}

func (inboxChannel) check(v *checker, t Text, path func(string) []string) {
	needSubject(v, t, path)
	tooLong(v, t.Body, inbox.MaxBody-1000, path("body"), "text") // values are filled in
}

func (inboxChannel) frame(context.Context, site.Site) (func(string, Message, footerLinks) (Message, error), error) {
	return func(_ string, m Message, _ footerLinks) (Message, error) {
		m.HTML = ""
		return m, nil
	}, nil
}

func (inboxChannel) sender(_ context.Context, _ site.Site, by string) (*Sender, error) {
	return &Sender{Name: by}, nil
}

func (i inboxChannel) open(_ context.Context, c *Campaign) (line, error) {
	return inboxLine{i.s.Inbox, c}, nil
}

type inboxLine struct {
	inbox *inbox.Service
	c     *Campaign
}

func (inboxLine) Close() {}

func (l inboxLine) send(ctx context.Context, to *recipient) outcome {
	err := l.inbox.Deliver(ctx, inbox.Delivery{
		SiteID: to.SiteID, CampaignID: to.CampaignID, ContactID: to.ContactID, Subject: cut(to.letter.Subject, inbox.MaxSubject), Body: cut(to.letter.Text, inbox.MaxBody),
		AuthorID: l.c.ActorID, AuthorName: l.c.ActorName, Talk: l.c.Single,
	})
	if err != nil {
		return outcome{Outcome: message.Outcome{Fate: message.NotNow, Problem: err, Usable: true}}
	}
	return outcome{Outcome: message.Outcome{Fate: message.Accepted, Usable: true}}
}
