package account

import (
	"context"

	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
)

// setPassword gives an account a password, ends every session and every change of its address that is under way, and tells the history and, by a
// mail of a kind, the mailbox: whoever had the old password has nothing any more.
func (s *Service) setPassword(ctx context.Context, tx bun.IDB, of Account, hash, language, kind string, e Event) error {
	if err := s.tell(ctx, tx, of, e); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model((*Account)(nil)).Set("password_hash = ?", hash).Set("updated_at = ?", s.now()).Where("site_id = ? AND id = ?", of.SiteID, of.ID).Exec(ctx)
	if err != nil {
		return db.MapError(err, "set password")
	}
	if err := s.endSessions(ctx, tx, of.SiteID, of.ID); err != nil {
		return err
	}
	if err := dropChange(ctx, tx, of.SiteID, of.ID); err != nil {
		return err
	}
	return s.mail(ctx, tx, Mail{SiteID: of.SiteID, To: of.Email, Kind: kind, Language: language, Data: map[string]string{}})
}

// ChangePassword is the form of a new password.
type ChangePassword struct {
	Attempt  Attempt // the session that goes on
	Password string
}

// ChangePassword gives the caller's account a password, or another one, and a code to go on with: all sessions end. Needs a fresh sign-in, which
// proved more than the old password would.
func (s *Service) ChangePassword(ctx context.Context, in ChangePassword) (string, error) {
	a, row, err := s.mineAsOwner(ctx)
	if err != nil {
		return "", err
	}
	if err := in.Attempt.check(); err != nil {
		return "", err
	}
	if err := s.takeClient(ctx, signInPerClient, a.SiteID); err != nil { // hashing costs as much as at the sign-in
		return "", err
	}
	if err := s.requireFresh(ctx, s.db.Bun, a); err != nil {
		return "", err
	}
	if err := s.sites.CheckPassword(in.Password, row.Email, "password"); err != nil {
		return "", err
	}
	hash, err := secret.HashPassword(ctx, in.Password)
	if err != nil {
		return "", fault.Wrap(err, "hash password")
	}
	var code string
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.requireFresh(ctx, tx, a); err != nil { // hashing took its time
			return err
		}
		if err := s.setPassword(ctx, tx, row, hash, a.Language, MailPassword, Event{Kind: EventPassword}); err != nil {
			return err
		}
		code, err = s.issueCode(ctx, tx, binding{a.SiteID, a.Origin, in.Attempt}, ofAccount(a.ID))
		return err
	})
	return code, err
}
