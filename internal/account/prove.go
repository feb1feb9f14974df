package account

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// ConfirmEmailCode is the form where the mail's code is typed.
type ConfirmEmailCode struct {
	Attempt Attempt // the same that asked for the mail
	Email   string
	Code    string // eight digits of the mail, or the two of the link's page

	NewPassword string // whoever proves the mailbox may set one; every other session ends then. Empty: none
	Work        Work   // for a new password, which is hashed before the code is looked at, where the site asks for it
}

// ConfirmEmailCode proves a mailbox and gives a code to exchange. A sign-up becomes an account and a
// contact, a social identity is linked, all in the transaction of the proof.
//
// Reasons: WRONG_CODE (also when nothing waits for this address and attempt), CODE_EXPIRED,
// TOO_MANY_TRIES, ACCOUNT_DISABLED, PROOF_OF_WORK (as with SignUp). Five tries; the two-digit number, which is easily guessed, has one.
func (s *Service) ConfirmEmailCode(ctx context.Context, in ConfirmEmailCode) (string, error) {
	a, err := site.RequireBook(ctx, site.AccessSite)
	if err != nil {
		return "", err
	}
	if err := in.Attempt.check(); err != nil {
		return "", err
	}
	if in.NewPassword != "" && len(in.Code) != 8 { // two digits are guessed one time in a hundred: enough for a session that is told, not for the account
		return "", wrongCode(fault.WrongCode)
	}
	key := site.EmailKey(in.Email)
	if err := site.CheckEmail(key, "email"); err != nil {
		return "", err
	}
	if in.NewPassword != "" {
		if err := s.sites.CheckPassword(in.NewPassword, in.Email, "newPassword"); err != nil {
			return "", err
		}
		if err := s.askWork(ctx, a.SiteID, workConfirm, in.Attempt, in.Work); err != nil {
			return "", err
		}
	}
	if err := s.takeBoth(ctx, confirmPerAddress, confirmPerClient, a.SiteID, key); err != nil {
		return "", err
	}
	var hash string
	if in.NewPassword != "" {
		if hash, err = secret.HashPassword(ctx, in.NewPassword); err != nil {
			return "", fault.Wrap(err, "hash password")
		}
	}
	var code string
	var refused error // a counted try must commit, so its refusal travels beside the transaction
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		code, refused = "", nil
		if err := LockAddress(ctx, tx, a.SiteID, key); err != nil {
			return err
		}
		row, err := s.pendingOf(ctx, tx, binding{a.SiteID, a.Origin, in.Attempt}, key)
		if err != nil {
			return err
		}
		if refused, err = s.try(ctx, tx, &row, in.Code); refused != nil || err != nil {
			return err
		}
		of, err := s.prove(asVisitor(ctx, a.SiteID, row.Email), tx, &row)
		if err != nil {
			return err
		}
		if hash != "" {
			if err := s.setPassword(asOwner(ctx, of), tx, of, hash, a.Language, MailPassword, Event{Kind: EventPassword, Surface: surfaceSignIn}); err != nil {
				return err
			}
		}
		code, err = s.issueCode(ctx, tx, row.binding(), ofAccount(of.ID))
		return err
	})
	if err == nil {
		err = refused
	}
	return code, err
}

// pendingOf gives the newest challenge of an address that this very attempt, key and origin asked for.
func (s *Service) pendingOf(ctx context.Context, tx bun.IDB, b binding, emailKey string) (challenge, error) {
	var row challenge
	err := tx.NewSelect().Model(&row).
		Where("site_id = ? AND email_key = ? AND attempt = ? AND origin = ? AND challenge = ? AND jkt = ?",
			b.SiteID, emailKey, b.Attempt.ID, b.Origin, b.Attempt.Challenge, b.Attempt.JKT).
		OrderExpr("created_at DESC, id DESC").Limit(1).For("UPDATE").Scan(ctx)
	if db.NoRows(err) {
		return row, wrongCode(fault.WrongCode)
	}
	return row, db.MapError(err, "read challenge")
}

func wrongCode(reason string) *fault.Error {
	text := map[string]string{
		fault.WrongCode:    "this is not the code of the newest mail",
		fault.CodeExpired:  "this code is older than ten minutes; ask for a new mail",
		fault.TooManyTries: "too many wrong codes; ask for a new mail",
	}
	return fault.Invalid(reason, []string{"code"}, "%s", text[reason])
}

// try checks what was typed. refused is what to answer when it does not fit; the count is written.
func (s *Service) try(ctx context.Context, tx bun.IDB, row *challenge, typed string) (refused, err error) {
	switch {
	case !s.now().Before(row.ExpiresAt):
		return wrongCode(fault.CodeExpired), nil
	case row.Tries >= maxTries:
		return wrongCode(fault.TooManyTries), nil
	case s.fits(row, typed):
		return nil, nil
	}
	row.Tries++
	if len(typed) == 2 && row.ConfirmedAt != nil {
		row.Tries = maxTries
	}
	if _, err := tx.NewUpdate().Model(row).Column("tries").WherePK().Exec(ctx); err != nil {
		return nil, db.MapError(err, "count try")
	}
	if row.Tries >= maxTries {
		return wrongCode(fault.TooManyTries), nil
	}
	return wrongCode(fault.WrongCode), nil
}

// prove does what the proof of a mailbox entitles to and gives the account.
//
// Every other challenge of the address ends: what somebody else prepared for this mailbox, a password
// or an identity, dies with it. An account whose mailbox we never proved loses all its credentials
// for the same reason.
func (s *Service) prove(ctx context.Context, tx bun.IDB, c *challenge) (Account, error) {
	_, err := tx.NewDelete().Model((*challenge)(nil)).Where("site_id = ? AND email_key = ?", c.SiteID, c.EmailKey).Exec(ctx)
	if err != nil {
		return Account{}, db.MapError(err, "end challenges")
	}
	row, found, err := heldByEmail(ctx, tx, c.SiteID, c.EmailKey)
	switch {
	case err != nil:
		return row, err
	case !found && c.Purpose == purposeSignIn: // the account went away meanwhile
		return row, wrongCode(fault.WrongCode)
	case !found:
		row, err = s.enter(ctx, tx, c)
	case row.DisabledAt != nil:
		return row, &fault.Error{Code: fault.Forbidden, Reason: ReasonDisabled, Message: "this account has been shut out; ask the organizer"}
	case row.ProvenAt == nil:
		err = s.claim(ctx, tx, &row, c)
	}
	if err != nil || c.Purpose != purposeLink {
		return row, err
	}
	return row, s.addIdentity(ctx, tx, row, surfaceSignIn, Identity{Provider: c.Pending.Provider, Name: c.Pending.ProviderName, Issuer: c.Pending.Issuer, Subject: c.Pending.Subject})
}

// heldByEmail is byEmail, and holds the account: whoever takes it back to an older address, which has a turn of its own, comes before or after.
func heldByEmail(ctx context.Context, tx bun.IDB, siteID uuid.UUID, emailKey string) (row Account, found bool, err error) {
	err = tx.NewSelect().Model(&row).Where("site_id = ? AND email_key = ?", siteID, emailKey).For("NO KEY UPDATE").Scan(ctx)
	if db.NoRows(err) {
		return row, false, nil
	}
	return row, err == nil, db.MapError(err, "hold account")
}

// enter makes the account of an address that had none, on the contact that has the address and is
// not somebody else, or on a new one.
func (s *Service) enter(ctx context.Context, tx bun.IDB, c *challenge) (Account, error) {
	contactID, err := s.book.Match(ctx, tx, c.SiteID, c.person())
	if err == nil && contactID == uuid.Nil && c.Purpose != purposeSignUp { // nor does it tell people apart
		contactID, err = s.book.Match(ctx, tx, c.SiteID, Person{Email: c.Email})
	}
	if err != nil {
		return Account{}, err
	}
	// A provider's idea of a name does not change a record that staff keep; what the person typed does.
	if contactID == uuid.Nil || c.Purpose == purposeSignUp {
		if contactID, err = s.book.Enter(ctx, tx, c.SiteID, contactID, c.person(), "registration"); err != nil {
			return Account{}, err
		}
	}
	row, err := s.create(ctx, tx, c.SiteID, contactID, c.Email, c.Pending.PasswordHash, c.Language, true)
	if err != nil {
		return row, err
	}
	return row, s.tellOwn(ctx, tx, row, Event{Kind: EventCreated, Surface: surfaceRegistration})
}

// claim hands an account that a provider vouched for to the person who proved its mailbox.
func (s *Service) claim(ctx context.Context, tx bun.IDB, row *Account, c *challenge) error {
	if err := s.dropCredentials(ctx, tx, row.SiteID, row.ID); err != nil {
		return err
	}
	if err := s.tellOwn(ctx, tx, *row, Event{Kind: EventProven, Surface: surfaceSignIn}); err != nil {
		return err
	}
	now := s.now()
	row.ProvenAt, row.PasswordHash, row.UpdatedAt = &now, c.Pending.PasswordHash, now
	if _, err := tx.NewUpdate().Model(row).Column("proven_at", "password_hash", "updated_at").WherePK().Exec(ctx); err != nil {
		return db.MapError(err, "prove account")
	}
	if c.Purpose != purposeSignUp {
		return nil
	}
	_, err := s.book.Enter(ctx, tx, c.SiteID, row.ContactID, c.person(), "registration")
	return err
}

func (c *challenge) person() Person {
	p := c.Pending
	return Person{Email: c.Email, FirstName: p.FirstName, LastName: p.LastName, Language: c.Language, Consent: p.Consent, ConsentWording: p.ConsentWording, ConsentLanguage: p.ConsentLanguage, Answers: p.Answers}
}

// dropCredentials deletes every way into an account: password, identities, passkeys, sessions, codes, a change of address under way; and the address of their calendar. The caller
// holds the account, so that none is made or used meanwhile.
func (s *Service) dropCredentials(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) error {
	if _, err := tx.NewDelete().Model((*Identity)(nil)).Where("site_id = ? AND account_id = ?", siteID, id).Exec(ctx); err != nil {
		return db.MapError(err, "delete identities")
	}
	if err := dropPasskeys(ctx, tx, siteID, id); err != nil {
		return err
	}
	if _, err := tx.NewUpdate().Model((*Account)(nil)).Set("password_hash = ''").Where("site_id = ? AND id = ?", siteID, id).Exec(ctx); err != nil {
		return db.MapError(err, "delete password")
	}
	if err := dropChange(ctx, tx, siteID, id); err != nil {
		return err
	}
	if err := dropCalendar(ctx, tx, siteID, id); err != nil {
		return err
	}
	return s.endSessions(ctx, tx, siteID, id)
}
