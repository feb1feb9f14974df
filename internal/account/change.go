package account

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// An account's address changes once the new one is proven by a code. The old one is told at once, with a link by which its owner takes the account
// back (see recovery), and told again when it has happened.

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
	if err := s.take(ctx, mailPerAddress, a.SiteID, row.EmailKey, shortAddress(row.EmailKey)); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := LockAddress(ctx, tx, a.SiteID, key); err != nil {
			return err
		}
		if err := s.requireFresh(ctx, tx, a); err != nil { // still
			return err
		}
		_, taken, err := byEmail(ctx, tx, a.SiteID, key)
		if err != nil {
			return err
		}
		if err := dropChange(ctx, tx, a.SiteID, a.ID); err != nil {
			return err
		}
		kind := MailChange
		if taken {
			kind = MailChangeTaken
		}
		// Nobody signs in by this challenge: it is bound to the session, not to an attempt.
		wait := pending{AccountID: &a.ID}
		err = s.challengeMailbox(ctx, tx, binding{a.SiteID, a.Origin, Attempt{ID: a.SessionID.String()}}, purposeChange, kind, email, a.Language, wait)
		if err != nil {
			return err
		}
		link, err := s.keepRecovery(ctx, tx, row, email, a.Language)
		if err != nil {
			return err
		}
		return s.mail(ctx, tx, Mail{SiteID: a.SiteID, To: row.Email, Kind: MailChangeAsked, Language: a.Language, Data: map[string]string{
			"address": email, "link": link, "days": fmt.Sprint(int(recoveryLife.Hours() / 24)),
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
	// The account's own tries: anybody may type codes for its address.
	if err := s.takeClient(ctx, confirmPerClient, a.SiteID); err != nil {
		return err
	}
	if err := s.take(ctx, confirmPerAddress, a.SiteID, row.ID.String(), shortAddress(row.EmailKey)); err != nil {
		return err
	}
	var refused error // a counted try must commit, so its refusal travels beside the transaction
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var c challenge
		mine := tx.NewSelect().Model(&c).Where("site_id = ? AND account_id = ? AND attempt = ?", a.SiteID, a.ID, a.SessionID.String())
		err := mine.Clone().Scan(ctx)
		if err == nil { // the address's turn before its row, as everybody takes them
			if err := LockAddress(ctx, tx, a.SiteID, c.EmailKey); err != nil {
				return err
			}
			if _, lives, err := s.current(ctx, tx, a); err != nil || !lives {
				refused = wrongCode(fault.WrongCode)
				return err
			}
			err = mine.Where("email_key = ?", c.EmailKey).For("UPDATE").Scan(ctx)
		}
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
	if _, err := tx.NewDelete().Model((*authCode)(nil)).Where("site_id = ? AND account_id = ?", a.SiteID, row.ID).Exec(ctx); err != nil {
		return db.MapError(err, "delete codes")
	}
	if err := s.revoke(ctx, tx, a.SiteID, "account_id = ? AND id <> ?", row.ID, a.SessionID); err != nil { // some may have begun by the old mailbox
		return err
	}
	if err := s.rename(ctx, tx, row, email, now); err != nil {
		return err
	}
	return s.mail(ctx, tx, Mail{SiteID: a.SiteID, To: old, Kind: MailChanged, Language: a.Language, Data: map[string]string{"address": email}})
}

// rename gives an account and its contact an address that was just proven.
func (s *Service) rename(ctx context.Context, tx bun.IDB, row Account, email string, now time.Time) error {
	if err := s.tell(ctx, tx, row, Event{Kind: EventEmail, Before: row.Email, After: email}); err != nil {
		return err
	}
	row.Email, row.EmailKey, row.ProvenAt, row.UpdatedAt = email, site.EmailKey(email), &now, now
	if _, err := tx.NewUpdate().Model(&row).Column("email", "email_key", "proven_at", "updated_at").WherePK().Exec(ctx); err != nil {
		return db.MapError(err, "change address")
	}
	_, err := s.book.Enter(ctx, tx, row.SiteID, row.ContactID, Person{Email: email}, "profile")
	return err
}

// CancelEmailChange drops the caller's change of address, if one is under way.
func (s *Service) CancelEmailChange(ctx context.Context) error {
	a, err := requireOwner(ctx)
	if err != nil {
		return err
	}
	return dropChange(ctx, s.db.Bun, a.SiteID, a.ID)
}
