package site

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
)

// KeyPrefix begins every API key, so that people and scanners recognise one.
const KeyPrefix = "ck_"

// APIKey is a credential for programs. Only its hash is stored.
type APIKey struct {
	bun.BaseModel `bun:"table:api_key"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	Name      string
	KeyHash   []byte
	Role      Role
	CreatedBy uuid.UUID
	CreatedAt time.Time `bun:",nullzero"`
	ExpiresAt *time.Time
	RevokedAt *time.Time
}

// CreateKey makes a key and gives it this once. Needs an owner who is a person.
func (s *Service) CreateKey(ctx context.Context, name string, role Role, expires *time.Time) (APIKey, string, error) {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return APIKey{}, "", err
	}
	name = strings.TrimSpace(name)
	var list fault.List
	if name == "" {
		list = append(list, fault.Invalid(fault.Required, []string{"name"}, "name the key after what uses it"))
	}
	if utf8.RuneCountInString(name) > 200 {
		list = append(list, fault.Invalid(fault.TooLong, []string{"name"}, "a name has at most 200 characters"))
	}
	if role != Manager && role != Operator && role != Viewer {
		list = append(list, fault.Invalid(fault.InvalidValue, []string{"role"}, "a key is a manager, an operator or a viewer"))
	}
	if expires != nil && expires.Before(time.Now()) {
		list = append(list, fault.Invalid(fault.InvalidDate, []string{"expiresAt"}, "the key would have ended already"))
	}
	if err := list.Err(); err != nil {
		return APIKey{}, "", err
	}
	key := secret.SiteToken(KeyPrefix, a.SiteID)
	row := APIKey{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), Name: name, KeyHash: secret.Hash(key), Role: role, CreatedBy: a.ID, ExpiresAt: expires}
	_, err = s.db.Bun.NewInsert().Model(&row).Returning("*").Exec(ctx)
	return row, key, db.MapError(err, "insert key")
}

// Keys gives the site's keys, newest first, ended ones too. Needs an owner.
func (s *Service) Keys(ctx context.Context) ([]APIKey, error) {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return nil, err
	}
	rows := []APIKey{}
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", a.SiteID).Order("id DESC").Limit(500).Scan(ctx)
	return rows, db.MapError(err, "read keys")
}

// RevokeKey ends a key at once, its open sockets too. Needs an owner.
func (s *Service) RevokeKey(ctx context.Context, id uuid.UUID) (APIKey, error) {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return APIKey{}, err
	}
	var row APIKey
	err = s.db.Bun.NewUpdate().Model(&row).Set("revoked_at = coalesce(revoked_at, now())").Where("site_id = ? AND id = ?", a.SiteID, id).Returning("*").Scan(ctx)
	if db.NoRows(err) {
		return row, fault.Missing("key")
	}
	return row, db.MapError(err, "revoke key")
}

// KeyActor gives the actor of an API key. Unauthenticated when it is unknown, revoked or past its end.
func (s *Service) KeyActor(ctx context.Context, key string) (Actor, error) {
	siteID, ok := secret.SiteOf(KeyPrefix, key)
	if !ok {
		return Actor{}, errKey
	}
	hash := secret.Hash(key)
	return s.keys.get(s.db, siteID, string(hash), func() (Actor, error) {
		return s.keyActor(ctx, keyWithSite+"k.key_hash = $2", siteID, hash)
	})
}

var errKey = fault.New(fault.Unauthenticated, "this API key is unknown, revoked or has ended")

// keyWithSite reads a key and its site's version. It lacks its last condition.
const keyWithSite = "SELECT k.id, k.role, k.name, k.expires_at, k.revoked_at, s.version FROM api_key AS k JOIN site AS s ON s.id = k.site_id WHERE k.site_id = $1 AND "

// keyActor gives the actor of the key that a query reads. Every request with a key asks, so it is prepared and one
// question. The driver takes ids as bytes without detours.
func (s *Service) keyActor(ctx context.Context, query string, siteID uuid.UUID, key any) (Actor, error) {
	row := APIKey{SiteID: siteID}
	var version uuid.UUID
	err := s.db.Pool.QueryRow(ctx, query, [16]byte(siteID), key).Scan((*[16]byte)(&row.ID), &row.Role, &row.Name, &row.ExpiresAt, &row.RevokedAt, (*[16]byte)(&version))
	if db.NoRows(err) || err == nil && (row.RevokedAt != nil || row.ExpiresAt != nil && row.ExpiresAt.Before(time.Now())) {
		return Actor{}, errKey
	}
	if err != nil {
		return Actor{}, db.MapError(err, "read key")
	}
	of, err := s.at(ctx, row.SiteID, version)
	if err != nil {
		return Actor{}, err
	}
	a := Actor{Kind: KindAPIKey, Access: row.Role.Access(), SiteID: of.ID, ID: row.ID, Name: row.Name, Language: of.Language, Book: of.ContactManagement, Readers: of.Readers, Site: of}
	if row.ExpiresAt != nil {
		a.ExpiresAt = *row.ExpiresAt
	}
	return a, nil
}

// Recheck gives the actor as its credential stands now; an error when it has ended. For long-lived
// connections; accounts are rechecked by package account.
func (s *Service) Recheck(ctx context.Context, a Actor) (Actor, error) {
	switch a.Kind {
	case KindStaff:
		return s.StaffActor(ctx, a.SiteID, a.ID, a.Epoch)
	case KindAPIKey:
		return s.keyActor(ctx, keyWithSite+"k.id = $2", a.SiteID, [16]byte(a.ID))
	}
	return a, nil
}
