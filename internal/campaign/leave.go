package campaign

import (
	"context"

	"github.com/google/uuid"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// leavePath is where people unsubscribe.
const leavePath = "/v1/unsubscribe/"

// leave is what the link of a message is about: who gets which kind of message. The link does not end, as mails do not.
type leave struct{ site, contact, purpose uuid.UUID }

func (s *Service) link(l leave) string {
	payload := append(append(append(make([]byte, 0, 48), l.site[:]...), l.contact[:]...), l.purpose[:]...)
	return s.PublicURL + leavePath + s.Links.Sign(payload)
}

func (s *Service) open(token string) (l leave, err error) {
	payload, ok := s.Links.Open(token)
	if !ok || len(payload) != 48 {
		return l, fault.New(fault.NotFound, "this link is not one of ours; it may have been cut in two")
	}
	copy(l.site[:], payload[:16])
	copy(l.contact[:], payload[16:32])
	copy(l.purpose[:], payload[32:])
	return l, nil
}

// Subscription is what the page behind a message's link shows.
type Subscription struct {
	Site     site.Site
	Language string // the person's; may be empty
	Purpose  *contact.ConsentPurpose
	Agreed   bool
}

// Subscription reads what a link is about, and changes nothing: programs open links too. NotFound for one that is not ours, or when the
// site, the purpose or the person is gone.
func (s *Service) Subscription(ctx context.Context, token string) (out Subscription, err error) {
	l, err := s.open(token)
	if err != nil {
		return out, err
	}
	if out.Site, err = site.Of(ctx, s.DB.Bun, site.Actor{SiteID: l.site}); err != nil {
		return out, err
	}
	out.Purpose = new(contact.ConsentPurpose)
	if err := s.DB.Bun.NewSelect().Model(out.Purpose).Where("site_id = ? AND id = ?", l.site, l.purpose).Scan(ctx); err != nil {
		return out, db.Missing(err, "link", "read purpose")
	}
	out.Agreed, out.Language, err = s.Contacts.Agreed(ctx, l.site, l.contact, l.purpose, contact.ChannelEmail)
	return out, err
}

// Say writes down that whoever holds a link agrees, or does not any more. Saying the same again writes nothing.
func (s *Service) Say(ctx context.Context, token string, agree bool) error {
	l, err := s.open(token)
	if err != nil {
		return err
	}
	state := contact.ConsentWithdrawn
	if agree {
		state = contact.ConsentGiven
	}
	return s.Contacts.SayByLink(ctx, l.site, l.contact, l.purpose, contact.ChannelEmail, state)
}
