package site

import (
	"context"
	"regexp"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// Provider is a social login of a site, with credentials of the site's own.
type Provider struct {
	bun.BaseModel `bun:"table:login_provider"`

	SiteID       uuid.UUID `bun:",pk"`
	Name         string    `bun:",pk"`
	Label        string
	Kind         ProviderKind
	Issuer       string `bun:",nullzero"` // of ProviderOIDC only
	Tenant       string `bun:",nullzero"` // of ProviderMicrosoft only: whose accounts
	TeamID       string `bun:",nullzero"` // of ProviderApple only
	KeyID        string `bun:",nullzero"` // of ProviderApple only
	ClientID     string
	ClientSecret []byte // sealed; of ProviderApple the private key
	Position     int
}

var providerName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

func (p Provider) place() string { return "login_provider/" + p.SiteID.String() + "/" + p.Name }

// SaveProvider adds a provider or changes one of the same name. An empty secret keeps the stored one
// while kind and issuer stay: whoever may not read it could else have it sent to an issuer of their own.
// Needs a manager.
func (s *Service) SaveProvider(ctx context.Context, in Provider, clientSecret string) error {
	a, err := Require(ctx, AccessManager)
	if err != nil {
		return err
	}
	in.SiteID = a.SiteID
	in.tidy()
	if err := in.check(clientSecret); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if clientSecret != "" {
			in.ClientSecret = s.sealer.Seal([]byte(clientSecret), in.place())
			_, err := tx.NewInsert().Model(&in).On("CONFLICT (site_id, name) DO UPDATE").
				Set("label = EXCLUDED.label, kind = EXCLUDED.kind, issuer = EXCLUDED.issuer, tenant = EXCLUDED.tenant, team_id = EXCLUDED.team_id").
				Set("key_id = EXCLUDED.key_id, client_id = EXCLUDED.client_id, client_secret = EXCLUDED.client_secret").Exec(ctx)
			return db.MapError(err, "save provider")
		}
		res, err := tx.NewUpdate().Model(&in).Column("label", "tenant", "team_id", "key_id", "client_id").WherePK().
			Where("kind = ? AND issuer IS NOT DISTINCT FROM NULLIF(?, '')", in.Kind, in.Issuer).Exec(ctx)
		if err != nil {
			return db.MapError(err, "save provider")
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return fault.Invalid("SECRET_NEEDED", []string{"clientSecret"}, "give the client secret from the provider; one that is stored goes to no other address")
		}
		return nil
	})
}

// DeleteProvider removes a provider. Accounts keep their identities. Needs a manager.
func (s *Service) DeleteProvider(ctx context.Context, name string) error {
	a, err := Require(ctx, AccessManager)
	if err != nil {
		return err
	}
	res, err := s.db.Bun.NewDelete().Model((*Provider)(nil)).Where("site_id = ? AND name = ?", a.SiteID, name).Exec(ctx)
	if err != nil {
		return db.MapError(err, "delete provider")
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fault.New(fault.NotFound, "no login provider has this name")
	}
	return nil
}

// Providers gives a site's providers in order, secrets sealed.
func (s *Service) Providers(ctx context.Context, siteID uuid.UUID) ([]Provider, error) {
	rows := []Provider{}
	err := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", siteID).Order("position", "name").Scan(ctx)
	return rows, db.MapError(err, "read providers")
}

// OpenProvider gives one provider and its client secret, for package account's use.
func (s *Service) OpenProvider(ctx context.Context, siteID uuid.UUID, name string) (Provider, string, error) {
	var row Provider
	err := s.db.Bun.NewSelect().Model(&row).Where("site_id = ? AND name = ?", siteID, name).Scan(ctx)
	if db.NoRows(err) {
		return row, "", fault.New(fault.NotFound, "this site has no login provider %q", name)
	}
	if err != nil {
		return row, "", db.MapError(err, "read provider")
	}
	plain, err := s.sealer.Open(row.ClientSecret, row.place())
	if err != nil {
		return row, "", fault.Wrap(err, "open provider secret")
	}
	return row, string(plain), nil
}
