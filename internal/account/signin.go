package account

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// SignUp is the registration form.
type SignUp struct {
	Attempt             Attempt
	Email               string
	Password            string // empty: sign in by e-mail codes
	FirstName, LastName string
	Answers             []field.Answer
	Consent             bool // agrees to be contacted
	ConsentWording      int  // the version of the wording that was shown; 0: none
	ConsentLanguage     string
	Work                Work // where the site asks for it
}

// SignUp starts an account: the answers are checked against the site's registration fields (T-54,
// T-55) and wait, and a mail with a code goes out. There is no account, contact or session until
// ConfirmEmailCode. The answer is the same whether the address has an account or not; one that has
// gets a mail to sign in, and its password and data stay. PROOF_OF_WORK, a WorkError, when the browser is to work first.
func (s *Service) SignUp(ctx context.Context, in SignUp) error {
	a, err := site.RequireBook(ctx, site.AccessSite)
	if err != nil {
		return err
	}
	in.Email, in.FirstName, in.LastName = strings.TrimSpace(in.Email), strings.TrimSpace(in.FirstName), strings.TrimSpace(in.LastName)
	defs, err := field.ForSurface(ctx, s.db.Bun, a.SiteID, field.Registration)
	if err != nil {
		return err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return err
	}
	answers, err := in.check(s.sites, defs, of.Country)
	if err != nil {
		return err
	}
	if err := s.askWork(ctx, a.SiteID, workSignUp, in.Attempt, in.Work); err != nil {
		return err
	}
	key := site.EmailKey(in.Email)
	if err := s.takeBoth(ctx, mailPerAddress, mailPerClient, a.SiteID, key); err != nil {
		return err
	}
	wait := pending{FirstName: in.FirstName, LastName: in.LastName, Consent: in.Consent, ConsentWording: in.ConsentWording, ConsentLanguage: in.ConsentLanguage, Answers: answers}
	if in.Password != "" {
		// Hashed for known addresses too: the time tells nothing.
		if wait.PasswordHash, err = secret.HashPassword(ctx, in.Password); err != nil {
			return fault.Wrap(err, "hash password")
		}
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := LockAddress(ctx, tx, a.SiteID, key); err != nil {
			return err
		}
		_, known, err := byEmail(ctx, tx, a.SiteID, key)
		if err != nil {
			return err
		}
		kind := MailSignUp
		if known {
			kind = MailSignIn
		}
		return s.challengeMailbox(ctx, tx, binding{a.SiteID, a.Origin, in.Attempt}, purposeSignUp, kind, in.Email, a.Language, wait)
	})
}

// check gathers everything that the person can mend, and gives the canonical answers. country is the site's.
func (in SignUp) check(sites *site.Service, defs []*field.Definition, country string) (field.Answers, error) {
	var list fault.List
	collect := func(err error) {
		if more, ok := fault.Mendable(err); ok {
			list = append(list, more...)
		}
	}
	collect(in.Attempt.check())
	collect(site.CheckEmail(in.Email, "email"))
	if in.Password != "" {
		collect(sites.CheckPassword(in.Password, in.Email, "password"))
	}
	collect(checkName(in.FirstName, "firstName"))
	collect(checkName(in.LastName, "lastName"))
	if in.FirstName == "" && in.LastName == "" {
		collect(fault.Invalid(fault.Required, []string{"lastName"}, "give a name"))
	}
	answers, err := field.ApplyOn(field.Registration, defs, field.Answers{}, in.Answers, country)
	collect(err)
	return answers, list.Err()
}

func checkName(name, path string) error {
	switch {
	case !utf8.ValidString(name) || strings.ContainsRune(name, 0):
		return fault.Invalid(fault.InvalidText, []string{path}, "this is not valid text")
	case utf8.RuneCountInString(name) > 200:
		return fault.Invalid(fault.TooLong, []string{path}, "a name has at most 200 characters")
	}
	return nil
}

// SignIn is the password form.
type SignIn struct {
	Attempt         Attempt
	Email, Password string
	Work            Work // where the site asks for it
}

// SignIn gives a code for an address and its password. Unknown addresses, accounts without a
// password and disabled ones cost the same hash and give the same WRONG_CREDENTIALS. PROOF_OF_WORK as with SignUp.
func (s *Service) SignIn(ctx context.Context, in SignIn) (string, error) {
	a, err := site.RequireBook(ctx, site.AccessSite)
	if err != nil {
		return "", err
	}
	if err := in.Attempt.check(); err != nil {
		return "", err
	}
	if err := s.askWork(ctx, a.SiteID, workSignIn, in.Attempt, in.Work); err != nil {
		return "", err
	}
	key := site.EmailKey(in.Email)
	if err := s.takeBoth(ctx, signInPerAddress, signInPerClient, a.SiteID, key); err != nil {
		return "", err
	}
	wrong := &fault.Error{Code: fault.Unauthenticated, Reason: fault.WrongCredentials, Message: "the address or the password is wrong"}
	if !utf8.ValidString(key) || strings.ContainsRune(key, 0) || len(in.Password) > 1000 {
		return "", wrong
	}
	for range 2 { // once more where another sign-in has raised the hash meanwhile
		row, _, err := byEmail(ctx, s.db.Bun, a.SiteID, key)
		if err != nil {
			return "", err
		}
		ok, stale, err := secret.CheckPassword(ctx, in.Password, row.PasswordHash)
		if err != nil {
			return "", fault.Wrap(err, "check password")
		}
		if !ok || row.DisabledAt != nil {
			return "", wrong
		}
		code, still, err := s.codeFor(ctx, row, binding{a.SiteID, a.Origin, in.Attempt})
		if err != nil {
			return "", err
		}
		if still {
			if stale {
				s.rehash(ctx, row, in.Password)
			}
			return code, nil
		}
	}
	return "", wrong
}

// codeFor issues a code for a password that was right; still is false when the account has another one by now, or is shut: whoever sets a
// password ends the codes that were issued before.
func (s *Service) codeFor(ctx context.Context, row Account, b binding) (code string, still bool, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		code, still = "", false
		err := tx.NewSelect().Model((*Account)(nil)).Column("id").
			Where("site_id = ? AND id = ? AND password_hash = ? AND disabled_at IS NULL", row.SiteID, row.ID, row.PasswordHash).
			For("NO KEY UPDATE").Scan(ctx, new(uuid.UUID))
		if db.NoRows(err) {
			return nil
		}
		if err != nil {
			return db.MapError(err, "hold account")
		}
		still = true
		code, err = s.issueCode(ctx, tx, b, ofAccount(row.ID))
		return err
	})
	return code, still, err
}

// rehash raises a stored hash to today's parameters; failing is no reason to refuse the sign-in.
func (s *Service) rehash(ctx context.Context, row Account, password string) {
	hash, err := secret.HashPassword(ctx, password)
	if err != nil {
		return
	}
	// Only over the hash that was checked: a reset in between stays.
	_, err = s.db.Bun.NewUpdate().Model(&row).Set("password_hash = ?", hash).WherePK().Where("password_hash = ?", row.PasswordHash).Exec(ctx)
	if err != nil {
		s.log.WarnContext(ctx, "raise password hash", "error", err)
	}
}

// RequestEmailCode is the form of signing in by mail.
type RequestEmailCode struct {
	Attempt Attempt
	Email   string
	Reset   bool // the mail speaks of a new password, which ConfirmEmailCode sets
	Work    Work // where the site asks for it
}

// RequestEmailCode sends a code to sign in with. The answer is the same whether the address has an
// account or not; one that has none gets a mail that says so. PROOF_OF_WORK as with SignUp.
func (s *Service) RequestEmailCode(ctx context.Context, in RequestEmailCode) error {
	a, err := site.RequireBook(ctx, site.AccessSite)
	if err != nil {
		return err
	}
	in.Email = strings.TrimSpace(in.Email)
	if err := in.Attempt.check(); err != nil {
		return err
	}
	if err := site.CheckEmail(in.Email, "email"); err != nil {
		return err
	}
	if err := s.askWork(ctx, a.SiteID, workMail, in.Attempt, in.Work); err != nil {
		return err
	}
	key := site.EmailKey(in.Email)
	if err := s.takeBoth(ctx, mailPerAddress, mailPerClient, a.SiteID, key); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := LockAddress(ctx, tx, a.SiteID, key); err != nil {
			return err
		}
		_, known, err := byEmail(ctx, tx, a.SiteID, key)
		if err != nil {
			return err
		}
		kind := MailNoAccount
		switch {
		case known && in.Reset:
			kind = MailReset
		case known:
			kind = MailSignIn
		}
		return s.challengeMailbox(ctx, tx, binding{a.SiteID, a.Origin, in.Attempt}, purposeSignIn, kind, in.Email, a.Language, pending{})
	})
}
