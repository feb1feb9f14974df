package site

import (
	"context"
	"net/url"
	"regexp"
	"strings"

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
	Issuer       string
	ClientID     string
	ClientSecret []byte // sealed
	Position     int
}

var providerName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

func (p Provider) place() string { return "login_provider/" + p.SiteID.String() + "/" + p.Name }

// SaveProvider adds a provider or changes one of the same name. An empty secret keeps the stored
// one. Needs a manager.
func (s *Service) SaveProvider(ctx context.Context, in Provider, clientSecret string) error {
	a, err := Require(ctx, AccessManager)
	if err != nil {
		return err
	}
	in.SiteID, in.Label, in.Issuer, in.ClientID = a.SiteID, strings.TrimSpace(in.Label), strings.TrimSpace(in.Issuer), strings.TrimSpace(in.ClientID)
	var list fault.List
	if !providerName.MatchString(in.Name) {
		list = append(list, fault.Invalid(fault.InvalidValue, []string{"name"}, "a name has 1 to 40 small letters, digits or hyphens"))
	}
	if in.Label == "" {
		list = append(list, fault.Invalid(fault.Required, []string{"label"}, "say what the button shows"))
	}
	u, err := url.Parse(in.Issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		list = append(list, fault.Invalid(fault.InvalidValue, []string{"issuer"}, "give the issuer's https address, as in its discovery document"))
	}
	if in.ClientID == "" {
		list = append(list, fault.Invalid(fault.Required, []string{"clientId"}, "give the client id from the provider"))
	}
	if err := list.Err(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if clientSecret != "" {
			in.ClientSecret = s.sealer.Seal([]byte(clientSecret), in.place())
			_, err := tx.NewInsert().Model(&in).On("CONFLICT (site_id, name) DO UPDATE").
				Set("label = EXCLUDED.label, issuer = EXCLUDED.issuer, client_id = EXCLUDED.client_id, client_secret = EXCLUDED.client_secret").Exec(ctx)
			return db.MapError(err, "save provider")
		}
		res, err := tx.NewUpdate().Model(&in).Column("label", "issuer", "client_id").WherePK().Exec(ctx)
		if err != nil {
			return db.MapError(err, "save provider")
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return fault.Invalid(fault.Required, []string{"clientSecret"}, "give the client secret from the provider")
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
