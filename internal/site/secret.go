package site

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
)

// Secret is what the host's server proves itself with when it redeems a checkout. The current one has no end; one that it replaced
// may go on for a while.
type Secret struct {
	bun.BaseModel `bun:"table:site_secret"`

	SiteID     uuid.UUID `bun:",pk"`
	ID         uuid.UUID `bun:",pk"`
	SecretHash []byte
	Hint       string // its last four characters; empty of one older than hints
	MadeBy     string
	CreatedAt  time.Time  `bun:",nullzero"`
	UsedAt     *time.Time // to within a minute
	EndsAt     *time.Time
}

// maxOverlap is how long a replaced secret may go on at most.
const maxOverlap = 7 * 24 * time.Hour

const hintLength = 4

func insertSecret(ctx context.Context, tx bun.IDB, siteID uuid.UUID, plain, madeBy string) error {
	row := Secret{SiteID: siteID, ID: uuid.Must(uuid.NewV7()), SecretHash: secret.Hash(plain), Hint: plain[len(plain)-hintLength:], MadeBy: madeBy}
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	return db.MapError(err, "insert secret")
}

// Secrets gives those that are good now, the current one first. Needs an owner.
func (s *Service) Secrets(ctx context.Context) ([]Secret, error) {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return nil, err
	}
	return s.secrets(ctx, a.SiteID)
}

func (s *Service) secrets(ctx context.Context, siteID uuid.UUID) ([]Secret, error) {
	rows := []Secret{}
	err := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND (ends_at IS NULL OR ends_at > ?)", siteID, s.Now()).OrderExpr("ends_at DESC NULLS FIRST, id").Scan(ctx)
	return rows, db.MapError(err, "read secrets")
}

// RotateSecret makes a new secret for the host's server and gives it, readable this once. The one that was current goes on for the
// overlap, at most seven days; 0 ends it at once. Others keep their ends. Needs an owner.
func (s *Service) RotateSecret(ctx context.Context, overlap time.Duration) (string, error) {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return "", err
	}
	if overlap < 0 || overlap > maxOverlap {
		return "", fault.Invalid(fault.InvalidValue, []string{"overlapHours"}, "the old secret goes on for 0 to %s hours", strconv.Itoa(int(maxOverlap.Hours())))
	}
	plain, now := secret.SiteToken("cs_", a.SiteID), s.Now()
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := tx.NewSelect().Model((*Site)(nil)).Column("id").Where("id = ?", a.SiteID).For("NO KEY UPDATE").Scan(ctx, new(uuid.UUID)); err != nil {
			return db.MapError(err, "hold site")
		}
		if _, err := tx.NewDelete().Model((*Secret)(nil)).Where("site_id = ? AND ends_at <= ?", a.SiteID, now).Exec(ctx); err != nil {
			return db.MapError(err, "delete ended secrets")
		}
		if _, err := tx.NewUpdate().Model((*Secret)(nil)).Set("ends_at = ?", now.Add(overlap)).Where("site_id = ? AND ends_at IS NULL", a.SiteID).Exec(ctx); err != nil {
			return db.MapError(err, "end secret")
		}
		if err := insertSecret(ctx, tx, a.SiteID, plain, a.Name); err != nil {
			return err
		}
		return NoteEmbed(ctx, tx, a, SecretMade, plain[len(plain)-hintLength:])
	})
	return plain, err
}

// RevokeSecret ends a secret at once that another has replaced; the current one ends by being replaced. Needs an owner.
func (s *Service) RevokeSecret(ctx context.Context, id uuid.UUID) error {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var row Secret
		err := tx.NewDelete().Model(&row).Where("site_id = ? AND id = ? AND ends_at > ?", a.SiteID, id, s.Now()).Returning("*").Scan(ctx)
		if err != nil {
			return db.Missing(err, "replaced secret", "revoke secret")
		}
		return NoteEmbed(ctx, tx, a, SecretRevoked, row.Hint)
	})
}

// CheckSecret tells whether a host's server knows one of the site's secrets.
func (s *Service) CheckSecret(ctx context.Context, publicID, plain string) (Site, error) {
	row, err := s.ByPublicID(ctx, publicID)
	if fault.CodeOf(err) == fault.NotFound && err != nil {
		return Site{}, errSecret
	}
	if err != nil {
		return Site{}, err
	}
	rows, err := s.secrets(ctx, row.ID)
	if err != nil {
		return Site{}, err
	}
	for _, one := range rows {
		if secret.Equal(plain, one.SecretHash) {
			return row, s.used(ctx, one)
		}
	}
	return Site{}, errSecret
}

var errSecret = fault.New(fault.Unauthenticated, "the site's public id and secret do not fit; the secret is made under Embed > Keys")

// used notes the use, once a minute.
func (s *Service) used(ctx context.Context, row Secret) error {
	now := s.Now()
	if row.UsedAt != nil && row.UsedAt.After(now.Add(-time.Minute)) {
		return nil
	}
	_, err := s.db.Bun.NewUpdate().Model(&row).Set("used_at = ?", now).WherePK().Exec(ctx)
	return db.MapError(err, "note secret's use")
}
