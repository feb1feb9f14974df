package account

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Invite makes an account for a contact that staff entered and writes the mail that says so (S-110), in
// the caller's transaction. The account has no password and its mailbox is not proven: the first way in
// is a code by mail. Taken when an account has the address already.
func (s *Service) Invite(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, email, language string) error {
	key := site.EmailKey(email)
	if err := LockAddress(ctx, tx, siteID, key); err != nil {
		return err
	}
	_, taken, err := byEmail(ctx, tx, siteID, key)
	if err != nil {
		return err
	}
	if taken {
		return fault.Invalid(fault.Taken, []string{"email"}, "an account has this address already; give another one, or create the contact without an account")
	}
	row, err := s.create(ctx, tx, siteID, contactID, email, "", language, false)
	if err != nil {
		return err
	}
	if err := s.tell(ctx, tx, row, Event{Kind: EventInvited}); err != nil {
		return err
	}
	page, err := LandingPage(ctx, tx, siteID)
	if err != nil {
		return err
	}
	return s.mail(ctx, tx, Mail{SiteID: siteID, To: email, Kind: MailInvited, Language: language, Data: map[string]string{"link": page}})
}

// LandingPage gives the page where one signs in: the first that is registered stands for all. Empty when there is none.
func LandingPage(ctx context.Context, q bun.IDB, siteID uuid.UUID) (string, error) {
	var pages []string
	err := q.NewSelect().Model((*site.Origin)(nil)).Column("landing_url").Where("site_id = ?", siteID).Order("origin").Limit(1).Scan(ctx, &pages)
	if err != nil || len(pages) == 0 {
		return "", db.MapError(err, "read origins")
	}
	return pages[0], nil
}
