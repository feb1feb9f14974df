package account

import (
	"cmp"
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// What staff see and do of end users' accounts (S-36 to S-40). Whoever supports customers may send them the way to a new password and sign them
// out; what makes, takes or hands over an account needs an operator. Everything is told in the contact's history.

// Overview is what staff see of a contact's account.
type Overview struct {
	ID, ContactID uuid.UUID
	Email         string // the login identifier (S-37)
	ProvenAt      *time.Time
	HasPassword   bool
	DisabledAt    *time.Time
	CreatedAt     time.Time
	Identities    []*Identity
	Passkeys      []*Passkey
	SessionCount  int // browsers that are signed in; support sessions are not counted
}

// Of gives the accounts of those of these contacts that have one, by contact. Needs a viewer.
func (s *Service) Of(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID]*Overview, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(contacts) == 0 {
		return nil, err
	}
	var rows []*Account
	if err := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND contact_id IN (?)", a.SiteID, bun.List(contacts)).Scan(ctx); err != nil {
		return nil, db.MapError(err, "read accounts")
	}
	if len(rows) == 0 {
		return nil, nil //nolint:nilnil // an empty map
	}
	byContact, byAccount, ids := map[uuid.UUID]*Overview{}, map[uuid.UUID]*Overview{}, []uuid.UUID{}
	for _, row := range rows {
		o := &Overview{
			ID: row.ID, ContactID: row.ContactID, Email: row.Email, ProvenAt: row.ProvenAt, HasPassword: row.PasswordHash != "", DisabledAt: row.DisabledAt,
			CreatedAt: row.CreatedAt, Identities: []*Identity{}, Passkeys: []*Passkey{},
		}
		byContact[row.ContactID], byAccount[row.ID], ids = o, o, append(ids, row.ID)
	}
	identities, err := identitiesOf(ctx, s.db.Bun, a.SiteID, ids...)
	if err != nil {
		return nil, err
	}
	for _, one := range identities {
		byAccount[one.AccountID].Identities = append(byAccount[one.AccountID].Identities, one)
	}
	passkeys, err := passkeysOf(ctx, s.db.Bun, a.SiteID, ids...)
	if err != nil {
		return nil, err
	}
	for _, one := range passkeys {
		byAccount[one.AccountID].Passkeys = append(byAccount[one.AccountID].Passkeys, one)
	}
	var counts []struct {
		AccountID uuid.UUID
		N         int
	}
	err = s.db.Bun.NewSelect().Model((*session)(nil)).ColumnExpr("account_id, count(*) AS n").
		Where("site_id = ?0 AND account_id IN (?1) AND staff_id IS NULL AND revoked_at IS NULL AND expires_at > ?2 AND idle_until > ?2", a.SiteID, bun.List(ids), s.now()).
		GroupExpr("account_id").Scan(ctx, &counts)
	if err != nil {
		return nil, db.MapError(err, "count sessions")
	}
	for _, c := range counts {
		byAccount[c.AccountID].SessionCount = c.N
	}
	return byContact, nil
}

// CreateFor makes an account for a contact that has none, as Invite does. Needs an operator. Mendable: HAS_ACCOUNT, REQUIRED email, TAKEN email,
// WRONG_KIND.
func (s *Service) CreateFor(ctx context.Context, contactID uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return err
	}
	of, err := s.sites.ByID(ctx, a.SiteID)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := s.book.Read(ctx, tx, a.SiteID, contactID)
		if err != nil {
			return err
		}
		if err := LockAddress(ctx, tx, a.SiteID, site.EmailKey(before.Email)); err != nil { // before rows
			return err
		}
		p, err := s.book.Hold(ctx, tx, a.SiteID, contactID, false)
		if err != nil {
			return err
		}
		_, has, err := byContact(ctx, tx, a.SiteID, contactID)
		switch {
		case err != nil:
			return err
		case has:
			return fault.Invalid(fault.HasAccount, []string{"contactId"}, "this contact has an account already")
		case p.Email == "":
			return fault.Invalid(fault.Required, []string{"email"}, "an account needs an e-mail address, which is its login")
		case p.Email != before.Email:
			return fault.New(fault.Conflict, "the contact's e-mail address has just changed; look at it and try again")
		}
		return s.Invite(ctx, tx, a.SiteID, contactID, p.Email, cmp.Or(p.Language, of.Language))
	})
}

// SendReset mails an account's owner the way to a new password: the page where they sign in by a code and set one. Staff learn nothing by it. Needs
// support. Five mails in a quarter of an hour.
func (s *Service) SendReset(ctx context.Context, contactID uuid.UUID) error {
	return s.manage(ctx, site.AccessSupport, contactID, false, func(ctx context.Context, tx bun.IDB, row Account) error {
		if row.DisabledAt != nil {
			return errDisabled
		}
		if err := s.take(ctx, mailPerAddress, row.SiteID, row.EmailKey, shortAddress(row.EmailKey)); err != nil {
			return err
		}
		page, err := LandingPage(ctx, tx, row.SiteID)
		if err != nil {
			return err
		}
		if err := s.tell(ctx, tx, row, Event{Kind: EventResetMail}); err != nil {
			return err
		}
		return s.mail(ctx, tx, Mail{SiteID: row.SiteID, To: row.Email, Kind: MailResetAsked, Language: row.Language, Data: map[string]string{"link": page}})
	})
}

var errDisabled = fault.Invalid(ReasonDisabled, []string{"contactId"}, "this account is disabled; enable it first")

// GeneratePassword gives an account a password of 80 random bits and gives it, once: only its hash is kept (S-40, S-89). Every session ends and the
// mailbox is told. Needs an operator.
func (s *Service) GeneratePassword(ctx context.Context, contactID uuid.UUID) (string, error) {
	if _, err := site.RequireBook(ctx, site.AccessOperator); err != nil { // before the hash, which costs
		return "", err
	}
	password := readable()
	hash, err := secret.HashPassword(ctx, password)
	if err != nil {
		return "", fault.Wrap(err, "hash password")
	}
	err = s.manage(ctx, site.AccessOperator, contactID, false, func(ctx context.Context, tx bun.IDB, row Account) error {
		return s.setPassword(ctx, tx, row, hash, row.Language, MailPasswordStaff, Event{Kind: EventGenerated})
	})
	if err != nil {
		return "", err
	}
	return password, nil
}

// letters has 32 signs that are told apart on the telephone and on paper.
const letters = "abcdefghijkmnpqrstuvwxyz23456789"

// readable gives 16 random letters in fours.
func readable() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	var out strings.Builder
	for i, x := range b {
		if i > 0 && i%4 == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(letters[int(x)%len(letters)])
	}
	return out.String()
}

// Disable shuts an account out: every session ends and no way in works until Enable. Needs an operator.
func (s *Service) Disable(ctx context.Context, contactID uuid.UUID) error {
	return s.manage(ctx, site.AccessOperator, contactID, true, func(ctx context.Context, tx bun.IDB, row Account) error {
		if row.DisabledAt != nil {
			return nil
		}
		now := s.now()
		if err := s.setDisabled(ctx, tx, row, &now, EventDisabled); err != nil {
			return err
		}
		return s.endSessions(ctx, tx, row.SiteID, row.ID)
	})
}

// Enable lets an account in again. Needs an operator.
func (s *Service) Enable(ctx context.Context, contactID uuid.UUID) error {
	return s.manage(ctx, site.AccessOperator, contactID, false, func(ctx context.Context, tx bun.IDB, row Account) error {
		if row.DisabledAt == nil {
			return nil
		}
		return s.setDisabled(ctx, tx, row, nil, EventEnabled)
	})
}

func (s *Service) setDisabled(ctx context.Context, tx bun.IDB, row Account, at *time.Time, kind EventKind) error {
	_, err := tx.NewUpdate().Model((*Account)(nil)).Set("disabled_at = ?", at).Set("updated_at = ?", s.now()).Where("site_id = ? AND id = ?", row.SiteID, row.ID).Exec(ctx)
	if err != nil {
		return db.MapError(err, "disable account")
	}
	return s.tell(ctx, tx, row, Event{Kind: kind})
}

// SignOutOwner ends every session of a contact's account. Needs support.
func (s *Service) SignOutOwner(ctx context.Context, contactID uuid.UUID) error {
	return s.manage(ctx, site.AccessSupport, contactID, true, func(ctx context.Context, tx bun.IDB, row Account) error {
		return s.signOutAll(ctx, tx, row, "")
	})
}

// CloseFor deletes a contact's account with every way into it; the contact stays. The mailbox is told. Needs an operator.
func (s *Service) CloseFor(ctx context.Context, contactID uuid.UUID) error {
	return s.manage(ctx, site.AccessOperator, contactID, true, func(ctx context.Context, tx bun.IDB, row Account) error {
		return s.remove(ctx, tx, row, row.Language, MailClosedStaff)
	})
}

// manage does what staff do to a contact's account, with address, contact and account locked in this order. NotFound when the site has no such
// contact, or it no account.
func (s *Service) manage(ctx context.Context, need site.Access, contactID uuid.UUID, trashToo bool, do func(context.Context, bun.IDB, Account) error) error {
	a, err := site.RequireBook(ctx, need)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, _, err := byContact(ctx, tx, a.SiteID, contactID)
		if err != nil {
			return err
		}
		if err := LockAddress(ctx, tx, a.SiteID, before.EmailKey); err != nil {
			return err
		}
		if _, err := s.book.Hold(ctx, tx, a.SiteID, contactID, trashToo); err != nil {
			return err
		}
		row, has, err := byContact(ctx, tx, a.SiteID, contactID)
		switch {
		case err != nil:
			return err
		case !has:
			return fault.New(fault.NotFound, "this contact has no account")
		case row.EmailKey != before.EmailKey:
			return fault.New(fault.Conflict, "the account's address has just changed; look at it and try again")
		}
		return do(ctx, tx, row)
	})
}

// byContact gives the account of a contact; found is false when there is none.
func byContact(ctx context.Context, q bun.IDB, siteID, contactID uuid.UUID) (row Account, found bool, err error) {
	err = q.NewSelect().Model(&row).Where("site_id = ? AND contact_id = ?", siteID, contactID).Scan(ctx)
	if db.NoRows(err) {
		return row, false, nil
	}
	return row, err == nil, db.MapError(err, "read account")
}
