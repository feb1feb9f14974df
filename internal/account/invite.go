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
	if err := lockAddress(ctx, tx, siteID, key); err != nil {
		return err
	}
	_, taken, err := byEmail(ctx, tx, siteID, key)
	if err != nil {
		return err
	}
	if taken {
		return fault.Invalid(fault.Taken, []string{"email"}, "an account has this address already; give another one, or create the contact without an account")
	}
	if _, err := s.create(ctx, tx, siteID, contactID, email, "", language, false); err != nil {
		return err
	}
	var pages []string // where to sign in; the first registered page stands for all
	if err := tx.NewSelect().Model((*site.Origin)(nil)).Column("landing_url").Where("site_id = ?", siteID).Order("origin").Limit(1).Scan(ctx, &pages); err != nil {
		return db.MapError(err, "read origins")
	}
	data := map[string]string{"link": ""}
	if len(pages) > 0 {
		data["link"] = pages[0]
	}
	return s.mail(ctx, tx, Mail{SiteID: siteID, To: email, Kind: MailInvited, Language: language, Data: data})
}
