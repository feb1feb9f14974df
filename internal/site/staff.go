package site

import (
	"context"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
)

// Role is what a staff member or key may do.
type Role string

// The roles, each containing those below it.
const (
	Owner    Role = "owner"
	Manager  Role = "manager"
	Operator Role = "operator"
	Support  Role = "support"
	Viewer   Role = "viewer"
)

// Access gives the level of a role; AccessNone for a word that is none.
func (r Role) Access() Access {
	switch r {
	case Owner:
		return AccessOwner
	case Manager:
		return AccessManager
	case Operator:
		return AccessOperator
	case Support:
		return AccessSupport
	case Viewer:
		return AccessViewer
	}
	return AccessNone
}

// Staff is a person who works for a site.
type Staff struct {
	bun.BaseModel `bun:"table:staff"`

	SiteID       uuid.UUID `bun:",pk"`
	ID           uuid.UUID `bun:",pk"`
	Email        string
	EmailKey     string
	Name         string
	Role         Role
	PasswordHash string
	Language     string
	SessionEpoch int
	DisabledAt   *time.Time
	CreatedAt    time.Time `bun:",nullzero"`
}

// NewStaff describes a person to add.
type NewStaff struct {
	Email, Name, Password, Language string
	Role                            Role
}

// EmailKey is an address as compared: trimmed, lower case.
func EmailKey(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// CheckEmail refuses what is not one plain address (RFC 5322 addr-spec, at most 254 bytes as RFC 5321 allows).
func CheckEmail(address string, path ...string) error {
	a, err := mail.ParseAddress(address)
	at := strings.LastIndexByte(address, '@')
	if err != nil || a.Address != address || len(address) > 254 || !strings.Contains(address[at+1:], ".") {
		return fault.Invalid(fault.InvalidEmail, path, "this is not an e-mail address")
	}
	return nil
}

// CheckPassword refuses weak passwords: under 10 characters, over 200, the address itself, or one that has leaked, where the program has a list of those.
func (s *Service) CheckPassword(password, email string, path ...string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case n < 10:
		return fault.Invalid(fault.WeakPassword, path, "a password has at least 10 characters")
	case n > 200:
		return fault.Invalid(fault.TooLong, path, "a password has at most 200 characters")
	case strings.EqualFold(password, email):
		return fault.Invalid(fault.WeakPassword, path, "the password must not be the address")
	case s.Breached == nil:
		return nil
	}
	leaked, err := s.Breached(password)
	switch {
	case err != nil:
		return fault.Wrap(err, "look for leaked password")
	case leaked:
		return fault.Invalid(fault.WeakPassword, path, "this password has leaked somewhere and is tried first; choose another")
	}
	return nil
}

func (s *Service) insertStaff(ctx context.Context, tx bun.IDB, siteID uuid.UUID, in NewStaff) (Staff, error) {
	in.Email, in.Name = strings.TrimSpace(in.Email), strings.TrimSpace(in.Name)
	if err := CheckEmail(in.Email, "email"); err != nil {
		return Staff{}, err
	}
	if in.Name == "" {
		return Staff{}, fault.Invalid(fault.Required, []string{"name"}, "give a name")
	}
	if err := s.CheckPassword(in.Password, in.Email, "password"); err != nil {
		return Staff{}, err
	}
	hash, err := secret.HashPassword(ctx, in.Password)
	if err != nil {
		return Staff{}, fault.Wrap(err, "hash password")
	}
	if in.Language == "" {
		in.Language = "en"
	}
	row := Staff{
		SiteID: siteID, ID: uuid.Must(uuid.NewV7()), Email: in.Email, EmailKey: EmailKey(in.Email), Name: in.Name,
		Role: in.Role, PasswordHash: hash, Language: in.Language, SessionEpoch: 1,
	}
	_, err = tx.NewInsert().Model(&row).Returning("*").Exec(ctx)
	if err := db.MapError(err, "insert staff"); err != nil {
		return Staff{}, fault.Under(err, "email")
	}
	return row, nil
}

// SignIn finds the staff member of an address and password. sitePublicID may be empty: when the
// address and password fit in several sites, those sites are given and no member.
func (s *Service) SignIn(ctx context.Context, email, password, sitePublicID string) (Staff, []Site, error) {
	var rows []Staff
	q := s.db.Bun.NewSelect().Model(&rows).Where("email_key = ? AND disabled_at IS NULL", EmailKey(email)).Order("created_at").Limit(10)
	if sitePublicID != "" {
		q = q.Where("site_id = (SELECT id FROM site WHERE public_id = ?)", sitePublicID)
	}
	if err := q.Scan(ctx); err != nil {
		return Staff{}, nil, db.MapError(err, "read staff")
	}
	if len(rows) == 0 {
		rows = append(rows, Staff{}) // compare with nothing: unknown addresses take the same time
	}
	var fit []Staff
	for _, row := range rows {
		ok, stale, err := secret.CheckPassword(ctx, password, row.PasswordHash)
		if err != nil {
			return Staff{}, nil, fault.Wrap(err, "check password")
		}
		if ok {
			fit = append(fit, row)
			if stale {
				s.rehash(ctx, row, password)
			}
		}
	}
	if len(fit) == 0 {
		return Staff{}, nil, &fault.Error{Code: fault.Unauthenticated, Reason: fault.WrongCredentials, Message: "the address or the password is wrong"}
	}
	var sites []Site
	for _, member := range fit {
		row, err := byID(ctx, s.db.Bun, member.SiteID)
		if err != nil {
			return Staff{}, nil, err
		}
		sites = append(sites, row)
	}
	if len(fit) > 1 {
		return Staff{}, sites, nil
	}
	return fit[0], sites, nil
}

// Named gives the members of staff whom a sign-in named, and the site that it named, if any; for the log of those that failed.
func (s *Service) Named(ctx context.Context, email, sitePublicID string) (members []Staff, of uuid.UUID, err error) {
	if sitePublicID != "" {
		err = s.db.Bun.NewSelect().Model((*Site)(nil)).Column("id").Where("public_id = ?", sitePublicID).Scan(ctx, &of)
		if db.NoRows(err) {
			return nil, uuid.Nil, nil
		}
		if err != nil {
			return nil, uuid.Nil, db.MapError(err, "read site")
		}
	}
	q := s.db.Bun.NewSelect().Model(&members).Where("email_key = ?", EmailKey(email)).Order("created_at").Limit(10)
	if of != uuid.Nil {
		q = q.Where("site_id = ?", of)
	}
	return members, of, db.MapError(q.Scan(ctx), "read staff")
}

// rehash raises a stored hash to today's parameters; failing is no reason to refuse the sign-in.
func (s *Service) rehash(ctx context.Context, row Staff, password string) {
	if hash, err := secret.HashPassword(ctx, password); err == nil {
		_, _ = s.db.Bun.NewUpdate().Model(&row).Set("password_hash = ?", hash).WherePK().Exec(ctx)
	}
}

// StaffActor gives the actor of a staff session. Unauthenticated when the session has ended.
func (s *Service) StaffActor(ctx context.Context, siteID, id uuid.UUID, epoch int) (Actor, error) {
	var row Staff
	var version uuid.UUID
	// Every request of staff asks, so it is prepared and one question.
	err := s.db.Pool.QueryRow(ctx, staffWithSite, [16]byte(siteID), [16]byte(id)).Scan(&row.Role, &row.Name, &row.Language, &row.SessionEpoch, &row.DisabledAt, (*[16]byte)(&version))
	if db.NoRows(err) || err == nil && (row.DisabledAt != nil || row.SessionEpoch != epoch) {
		return Actor{}, fault.New(fault.Unauthenticated, "this session has ended; sign in again")
	}
	if err != nil {
		return Actor{}, db.MapError(err, "read staff")
	}
	of, err := s.at(ctx, siteID, version)
	if err != nil {
		return Actor{}, err
	}
	return Actor{
		Kind: KindStaff, Access: row.Role.Access(), SiteID: siteID, ID: id, Name: row.Name, Language: row.Language,
		Epoch: epoch, Book: of.ContactManagement, Readers: of.Readers, Site: of,
	}, nil
}

const staffWithSite = "SELECT m.role, m.name, m.language, m.session_epoch, m.disabled_at, s.version FROM staff AS m JOIN site AS s ON s.id = m.site_id WHERE m.site_id = $1 AND m.id = $2"

// Standing gives an actor with the rights it has now, whether or not the session it came with goes
// on: for work that outlives a session. Unauthenticated when the person was shut out or the key has
// ended.
func (s *Service) Standing(ctx context.Context, a Actor) (Actor, error) {
	if a.Kind == KindStaff {
		var row Staff
		err := s.db.Bun.NewSelect().Model(&row).Where("site_id = ? AND id = ?", a.SiteID, a.ID).Scan(ctx)
		if err != nil && !db.NoRows(err) {
			return Actor{}, db.MapError(err, "read staff")
		}
		a.Epoch = row.SessionEpoch
	}
	return s.Recheck(ctx, a)
}

// Staff gives the site's staff by name. Needs a manager.
func (s *Service) Staff(ctx context.Context) ([]Staff, error) {
	a, err := Require(ctx, AccessManager)
	if err != nil {
		return nil, err
	}
	rows := []Staff{}
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", a.SiteID).Order("name", "id").Limit(1000).Scan(ctx)
	return rows, db.MapError(err, "read staff")
}

// Member gives the staff member who calls.
func (s *Service) Member(ctx context.Context) (Staff, error) {
	a := ActorOf(ctx)
	var row Staff
	err := s.db.Bun.NewSelect().Model(&row).Where("site_id = ? AND id = ?", a.SiteID, a.ID).Scan(ctx)
	if db.NoRows(err) {
		return row, fault.Missing("staff member")
	}
	return row, db.MapError(err, "read staff")
}

// UpdateStaff changes a role or shuts a person out, which ends their sessions. Needs an owner; a
// site keeps at least one.
func (s *Service) UpdateStaff(ctx context.Context, id uuid.UUID, role *Role, disabled *bool) (Staff, error) {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return Staff{}, err
	}
	var row Staff
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		// All owners are locked, so that two of them cannot shut each other out.
		var owners []Staff
		err := tx.NewSelect().Model(&owners).Where("site_id = ? AND role = ? AND disabled_at IS NULL", a.SiteID, Owner).Order("id").For("UPDATE").Scan(ctx)
		if err != nil {
			return db.MapError(err, "lock owners")
		}
		err = tx.NewSelect().Model(&row).Where("site_id = ? AND id = ?", a.SiteID, id).For("UPDATE").Scan(ctx)
		if db.NoRows(err) {
			return fault.Missing("staff member")
		}
		if err != nil {
			return db.MapError(err, "read staff")
		}
		wasOwner := row.Role == Owner && row.DisabledAt == nil
		set(&row.Role, role)
		if row.Role.Access() == AccessNone {
			return fault.Invalid(fault.InvalidValue, []string{"role"}, "there is no such role")
		}
		if disabled != nil && *disabled != (row.DisabledAt != nil) {
			row.DisabledAt = nil
			if *disabled {
				now := time.Now()
				row.DisabledAt = &now
				row.SessionEpoch++
			}
		}
		if wasOwner && len(owners) == 1 && (row.Role != Owner || row.DisabledAt != nil) {
			return fault.Invalid(fault.LastOwner, []string{"id"}, "this is the last owner; make another one first")
		}
		_, err = tx.NewUpdate().Model(&row).WherePK().Exec(ctx)
		return db.MapError(err, "update staff")
	})
	return row, err
}

// EndSessions ends all sessions of the staff member who calls.
func (s *Service) EndSessions(ctx context.Context) error {
	a, err := Require(ctx, AccessViewer)
	if err != nil {
		return err
	}
	_, err = s.db.Bun.NewUpdate().Model((*Staff)(nil)).Set("session_epoch = session_epoch + 1").Where("site_id = ? AND id = ?", a.SiteID, a.ID).Exec(ctx)
	return db.MapError(err, "end sessions")
}
