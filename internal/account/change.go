package account

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// An account's address changes once the new one is proven by a code. The old one is told at once, with a link that stops the change and ends all
// sessions, and told again when it has happened.

const purposeChange = "change"

// EmailChange is a new address that waits for its proof.
type EmailChange struct {
	Email     string
	ExpiresAt time.Time
}

// pendingChange gives the change that is under way for an account; nil when none is.
func (s *Service) pendingChange(ctx context.Context, q bun.IDB, siteID, accountID uuid.UUID) (*EmailChange, error) {
	var row challenge
	err := q.NewSelect().Model(&row).Where("site_id = ? AND account_id = ? AND expires_at > ?", siteID, accountID, s.now()).Scan(ctx)
	if db.NoRows(err) {
		return nil, nil //nolint:nilnil // documented: there is none
	}
	return &EmailChange{Email: row.Email, ExpiresAt: row.ExpiresAt}, db.MapError(err, "read change of address")
}

func dropChange(ctx context.Context, tx bun.IDB, siteID, accountID uuid.UUID) error {
	_, err := tx.NewDelete().Model((*challenge)(nil)).Where("site_id = ? AND account_id = ?", siteID, accountID).Exec(ctx)
	return db.MapError(err, "drop change of address")
}

// RequestEmailChange sends a code to a new address and tells the old one. The answer is the same when another account has the new address: its
// mailbox is told that, and no code. The newest change replaces an older one. Needs a fresh sign-in.
func (s *Service) RequestEmailChange(ctx context.Context, email string) error {
	a, row, err := s.mineAsOwner(ctx)
	if err != nil {
		return err
	}
	email = strings.TrimSpace(email)
	if err := site.CheckEmail(email, "email"); err != nil {
		return err
	}
	key := site.EmailKey(email)
	if key == row.EmailKey {
		return fault.Invalid(fault.InvalidValue, []string{"email"}, "this is the address that the account has")
	}
	if err := s.requireFresh(ctx, s.db.Bun, a); err != nil {
		return err
	}
	if err := s.takeBoth(ctx, mailPerAddress, mailPerClient, a.SiteID, key); err != nil {
		return err
	}
	if err := s.take(ctx, mailPerAddress, a.SiteID.String(), row.EmailKey); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := lockAddress(ctx, tx, a.SiteID, key); err != nil {
			return err
		}
		_, taken, err := byEmail(ctx, tx, a.SiteID, key)
		if err != nil {
			return err
		}
		if err := dropChange(ctx, tx, a.SiteID, a.ID); err != nil {
			return err
		}
		cancel, kind := secret.SiteToken(cancelPrefix, a.SiteID), MailChange
		if taken {
			kind = MailChangeTaken
		}
		// Nobody signs in by this challenge: it is bound to the session, not to an attempt.
		wait := pending{AccountID: &a.ID, CancelHash: secret.Hash(cancel)}
		err = s.challengeMailbox(ctx, tx, binding{a.SiteID, a.Origin, Attempt{ID: a.SessionID.String()}}, purposeChange, kind, email, a.Language, wait)
		if err != nil {
			return err
		}
		return s.mail(ctx, tx, Mail{SiteID: a.SiteID, To: row.Email, Kind: MailChangeAsked, Language: a.Language, Data: map[string]string{
			"address": email, "link": s.publicURL + "/v1/email/cancel/" + cancel,
		}})
	})
}

// ConfirmEmailChange takes the new address, which the code of its mail proves, for the account and its contact. Only the session that asked may.
// Reasons: as of ConfirmEmailCode, and TAKEN when another account got the address meanwhile.
func (s *Service) ConfirmEmailChange(ctx context.Context, code string) error {
	a, row, err := s.mineAsOwner(ctx)
	if err != nil {
		return err
	}
	if err := s.takeBoth(ctx, confirmPerAddress, confirmPerClient, a.SiteID, row.EmailKey); err != nil {
		return err
	}
	var refused error // a counted try must commit, so its refusal travels beside the transaction
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var c challenge
		err := tx.NewSelect().Model(&c).Where("site_id = ? AND account_id = ? AND attempt = ?", a.SiteID, a.ID, a.SessionID.String()).For("UPDATE").Scan(ctx)
		if db.NoRows(err) {
			refused = wrongCode(fault.WrongCode)
			return nil
		}
		if err != nil {
			return db.MapError(err, "read change of address")
		}
		if refused, err = s.try(ctx, tx, &c, code); refused != nil || err != nil {
			return err
		}
		if err := lockAddress(ctx, tx, a.SiteID, c.EmailKey); err != nil {
			return err
		}
		if _, taken, err := byEmail(ctx, tx, a.SiteID, c.EmailKey); err != nil {
			return err
		} else if taken {
			refused = fault.Invalid(fault.Taken, []string{"email"}, "another account has this address")
			return dropChange(ctx, tx, a.SiteID, a.ID)
		}
		return s.move(ctx, tx, a, row, c.Email)
	})
	if err == nil {
		err = refused
	}
	return err
}

// move gives an account a proven address. Challenges of the new address end, as with every proof of it; what waits for the old one is no way into
// this account any more.
func (s *Service) move(ctx context.Context, tx bun.IDB, a site.Actor, row Account, email string) error {
	now, old := s.now(), row.Email
	for _, key := range []string{row.EmailKey, site.EmailKey(email)} {
		if _, err := tx.NewDelete().Model((*challenge)(nil)).Where("site_id = ? AND email_key = ?", a.SiteID, key).Exec(ctx); err != nil {
			return db.MapError(err, "end challenges")
		}
	}
	if err := s.tell(ctx, tx, row, Event{Kind: EventEmail, Before: old, After: email}); err != nil {
		return err
	}
	row.Email, row.EmailKey, row.ProvenAt, row.UpdatedAt = email, site.EmailKey(email), &now, now
	if _, err := tx.NewUpdate().Model(&row).Column("email", "email_key", "proven_at", "updated_at").WherePK().Exec(ctx); err != nil {
		return db.MapError(err, "change address")
	}
	if _, err := s.book.Enter(ctx, tx, a.SiteID, row.ContactID, Person{Email: email}, "profile"); err != nil {
		return err
	}
	return s.mail(ctx, tx, Mail{SiteID: a.SiteID, To: old, Kind: MailChanged, Language: a.Language, Data: map[string]string{"address": email}})
}

// CancelEmailChange drops the caller's change of address, if one is under way.
func (s *Service) CancelEmailChange(ctx context.Context) error {
	a, err := requireOwner(ctx)
	if err != nil {
		return err
	}
	return dropChange(ctx, s.db.Bun, a.SiteID, a.ID)
}

// ReadCancel gives what a link in the mail to an old address would stop, and changes nothing. NotFound when it is unknown, used or expired.
func (s *Service) ReadCancel(ctx context.Context, token string) (Link, error) {
	row, of, err := s.cancelled(ctx, s.db.Bun, token)
	return link(row, of), err
}

// Cancel stops a change of address by the link in the mail to the old one, and ends every session of the account: whoever asked for it was not the
// mailbox's owner. Pressing again is NotFound.
func (s *Service) Cancel(ctx context.Context, token string) (Link, error) {
	if err := s.takeClient(ctx, confirmPerClient); err != nil {
		return Link{}, err
	}
	var out Link
	err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, of, err := s.cancelled(ctx, tx, token)
		if err != nil {
			return err
		}
		if err := dropChange(ctx, tx, row.SiteID, *row.AccountID); err != nil {
			return err
		}
		out = link(row, of)
		whose, err := byID(ctx, tx, row.SiteID, *row.AccountID)
		if err != nil {
			return err
		}
		return s.signOutAll(asOwner(ctx, whose), tx, whose, surfaceSignIn)
	})
	return out, err
}

func (s *Service) cancelled(ctx context.Context, q bun.IDB, token string) (challenge, site.Site, error) {
	var row challenge
	siteID, ok := secret.SiteOf(cancelPrefix, token)
	if !ok {
		return row, site.Site{}, errLinkGone
	}
	err := q.NewSelect().Model(&row).Where("site_id = ? AND cancel_hash = ? AND expires_at > ?", siteID, secret.Hash(token), s.now()).Scan(ctx)
	if db.NoRows(err) {
		return row, site.Site{}, errLinkGone
	}
	if err != nil {
		return row, site.Site{}, db.MapError(err, "read link")
	}
	of, err := s.sites.ByID(ctx, siteID)
	return row, of, err
}
