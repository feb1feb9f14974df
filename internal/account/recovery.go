package account

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// recoveryLife is how long the link in the mail to an old address takes the account back: longer than a thief who changes it needs, and than its
// owner may take to read their mail.
const recoveryLife = 7 * 24 * time.Hour

// recovery is the way back that the owner of an old address has. It outlives the change that it is about, so that who made the change can take
// it from nobody.
type recovery struct {
	bun.BaseModel `bun:"table:account_recovery"`

	SiteID    uuid.UUID `bun:",pk"`
	TokenHash []byte    `bun:",pk"`
	AccountID uuid.UUID
	Email     string // the old address
	NewEmail  string
	Language  string
	ExpiresAt time.Time
}

// keepRecovery gives the link by which the owner of an account's address takes it back.
func (s *Service) keepRecovery(ctx context.Context, tx bun.IDB, of Account, newEmail, language string) (string, error) {
	token := secret.SiteToken(recoveryPrefix, of.SiteID)
	row := recovery{
		SiteID: of.SiteID, TokenHash: secret.Hash(token), AccountID: of.ID, Email: of.Email, NewEmail: newEmail, Language: language, ExpiresAt: s.now().Add(recoveryLife),
	}
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	// Not the address that was asked: a login domain may be gone within the link's seven days.
	return s.publicURL + "/v1/recovery/" + token, db.MapError(err, "insert recovery")
}

// ReadRecovery gives the change of address that a link in the mail to the old one stops or undoes, and changes nothing. NotFound when it is unknown,
// used, or older than seven days.
func (s *Service) ReadRecovery(ctx context.Context, token string) (Link, error) {
	row, of, err := s.recoveryOf(ctx, s.db.Bun, token)
	return row.link(of), err
}

// Recover gives an account back to the owner of its old address, who has pressed the button behind the link: the change that waits is dropped, one
// that was made is undone, and whoever made it has no way in any more: password, logins, passkeys and sessions go, and so do later links. Earlier ones stay:
// the old address may be one that a thief gave the account. The owner signs in by a code. Where somebody has made another account with the old
// address meanwhile, the account stays where it is, shut to all but its mailbox. Pressing again is NotFound.
func (s *Service) Recover(ctx context.Context, token string) (Link, error) {
	siteID, _ := secret.SiteOf(recoveryPrefix, token)
	if err := s.takeClient(ctx, confirmPerClient, siteID); err != nil {
		return Link{}, err
	}
	var out Link
	err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, of, err := s.recoveryOf(ctx, tx, token)
		if err != nil {
			return err
		}
		if err := LockAddress(ctx, tx, row.SiteID, site.EmailKey(row.Email)); err != nil {
			return err
		}
		var is Account
		err = tx.NewSelect().Model(&is).Where("site_id = ? AND id = ?", row.SiteID, row.AccountID).For("NO KEY UPDATE").Scan(ctx)
		if err != nil {
			return db.Missing(err, "account", "hold account")
		}
		if _, _, err := s.recoveryOf(ctx, tx, token); err != nil { // still: somebody may have pressed at the same moment
			return err
		}
		owner := asOwner(ctx, is)
		if err := s.tell(owner, tx, is, Event{Kind: EventSignedOut, Surface: surfaceSignIn}); err != nil {
			return err
		}
		_, taken, err := byEmail(ctx, tx, row.SiteID, site.EmailKey(row.Email))
		if err != nil {
			return err
		}
		if !taken {
			if err := s.rename(owner, tx, is, row.Email, s.now()); err != nil {
				return err
			}
		}
		_, err = tx.NewDelete().Model((*recovery)(nil)).
			Where("site_id = ? AND account_id = ? AND (expires_at >= ? OR email = ?)", row.SiteID, row.AccountID, row.ExpiresAt, row.Email).Exec(ctx)
		if err != nil {
			return db.MapError(err, "delete recoveries")
		}
		out = row.link(of)
		return s.dropCredentials(ctx, tx, row.SiteID, row.AccountID)
	})
	return out, err
}

func (r recovery) link(of site.Site) Link {
	return Link{SiteName: of.Name, Language: r.Language, Email: r.NewEmail}
}

func (s *Service) recoveryOf(ctx context.Context, q bun.IDB, token string) (recovery, site.Site, error) {
	var row recovery
	siteID, ok := secret.SiteOf(recoveryPrefix, token)
	if !ok || !clientOf(ctx).serves(siteID) {
		return row, site.Site{}, errLinkGone
	}
	err := q.NewSelect().Model(&row).Where("site_id = ? AND token_hash = ? AND expires_at > ?", siteID, secret.Hash(token), s.now()).Scan(ctx)
	if db.NoRows(err) {
		return row, site.Site{}, errLinkGone
	}
	if err != nil {
		return row, site.Site{}, db.MapError(err, "read recovery")
	}
	of, err := s.sites.ByID(ctx, siteID)
	if err != nil {
		return row, of, err
	}
	return row, of, open(of)
}
