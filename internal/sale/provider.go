package sale

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/job"
	"carnet/internal/pay"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// ProviderName names who moves money.
type ProviderName string

// The providers. ProviderManual moves none: who writes a payment down has moved it.
const (
	ProviderManual ProviderName = "manual"
	ProviderStripe ProviderName = "stripe"
)

// Providers is what collecting and paying back at providers needs of the program.
type Providers struct {
	Sealer    *secret.Sealer
	Jobs      *job.Queue
	Stripe    *pay.Backend
	PublicURL string // Carnet's own address, without a trailing slash
}

// BindProviders lets sites have payment providers. It belongs to the program's wiring.
func (s *Service) BindProviders(p Providers) {
	s.pay = p
	job.Handle(p.Jobs, s.finishRefund)
}

// StripeAccount is a site's account at Stripe, as far as it may be read: its secrets are not.
type StripeAccount struct {
	Live       bool // real money moves
	KeyHint    string
	ChangedBy  string
	ChangedAt  *time.Time // nil: there is none
	WebhookURL string     // what Stripe is to tell its events to
}

// account is what is kept of it.
type providerAccount struct {
	bun.BaseModel `bun:"table:payment_provider"`

	SiteID        uuid.UUID    `bun:",pk"`
	Name          ProviderName `bun:",pk"`
	SecretKey     []byte       // sealed
	WebhookSecret []byte       // sealed
	KeyHint       string
	Live          bool
	ChangedBy     string
	ChangedAt     time.Time
}

func (p providerAccount) place(what string) string {
	return "payment_provider/" + p.SiteID.String() + "/" + string(p.Name) + "/" + what
}

var (
	stripeKey     = regexp.MustCompile(`^(sk|rk)_(test|live)_[A-Za-z0-9_]{3,250}$`)
	stripeWebhook = regexp.MustCompile(`^whsec_[A-Za-z0-9+/=_-]{8,250}$`)
)

// StripeAccount gives what may be read of the site's account at Stripe. Needs a manager.
func (s *Service) StripeAccount(ctx context.Context) (StripeAccount, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return StripeAccount{}, err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return StripeAccount{}, err
	}
	out := StripeAccount{WebhookURL: s.pay.PublicURL + "/v1/stripe/" + of.PublicID}
	row, err := s.providerAccount(ctx, a.SiteID, ProviderStripe)
	if err == nil && row != nil {
		out.Live, out.KeyHint, out.ChangedBy, out.ChangedAt = row.Live, row.KeyHint, row.ChangedBy, &row.ChangedAt
	}
	return out, err
}

// SaveStripe sets the site's account at Stripe. An empty secret leaves the stored one as it is. Needs a manager. Mendable: REQUIRED,
// INVALID_STRIPE_KEY, INVALID_STRIPE_SECRET.
func (s *Service) SaveStripe(ctx context.Context, key, webhookSecret string) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	key, webhookSecret = strings.TrimSpace(key), strings.TrimSpace(webhookSecret)
	v := checker{}
	if key != "" && !stripeKey.MatchString(key) {
		v.add("INVALID_STRIPE_KEY", []string{"secretKey"}, "a secret key of Stripe's begins with sk_live_, sk_test_, rk_live_ or rk_test_")
	}
	if webhookSecret != "" && !stripeWebhook.MatchString(webhookSecret) {
		v.add("INVALID_STRIPE_SECRET", []string{"webhookSecret"}, "a signing secret of Stripe's begins with whsec_")
	}
	if err := v.list.Err(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row := providerAccount{SiteID: a.SiteID, Name: ProviderStripe}
		err := tx.NewSelect().Model(&row).WherePK().For("UPDATE").Scan(ctx)
		fresh := db.NoRows(err)
		if err != nil && !fresh {
			return db.MapError(err, "read payment provider")
		}
		v := checker{}
		if fresh && key == "" {
			v.add(fault.Required, []string{"secretKey"}, "give the secret key from Stripe's dashboard, under Developers > API keys")
		}
		if fresh && webhookSecret == "" {
			v.add(fault.Required, []string{"webhookSecret"}, "give the webhook's signing secret from Stripe's dashboard, under Developers > Webhooks")
		}
		if err := v.list.Err(); err != nil {
			return err
		}
		if key != "" {
			row.SecretKey = s.pay.Sealer.Seal([]byte(key), row.place("key"))
			row.KeyHint, row.Live = key[len(key)-min(4, len(key)-len("sk_live_")):], strings.Contains(key[:8], "live")
		}
		if webhookSecret != "" {
			row.WebhookSecret = s.pay.Sealer.Seal([]byte(webhookSecret), row.place("webhook"))
		}
		row.ChangedBy, row.ChangedAt = a.Name, s.now()
		_, err = tx.NewInsert().Model(&row).On("CONFLICT (site_id, name) DO UPDATE").Set("secret_key = EXCLUDED.secret_key, webhook_secret = EXCLUDED.webhook_secret").
			Set("key_hint = EXCLUDED.key_hint, live = EXCLUDED.live, changed_by = EXCLUDED.changed_by, changed_at = EXCLUDED.changed_at").Exec(ctx)
		return db.MapError(err, "save payment provider")
	})
}

// RemoveStripe forgets the site's account at Stripe. What was paid there can then be paid back there only by Stripe's own dashboard.
// Needs a manager. NotFound.
func (s *Service) RemoveStripe(ctx context.Context) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	res, err := s.db.Bun.NewDelete().Model((*providerAccount)(nil)).Where("site_id = ? AND name = ?", a.SiteID, ProviderStripe).Exec(ctx)
	if err != nil {
		return db.MapError(err, "delete payment provider")
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fault.New(fault.NotFound, "the site has no account at Stripe")
	}
	return nil
}

// providerAccount reads an account; nil when there is none.
func (s *Service) providerAccount(ctx context.Context, siteID uuid.UUID, name ProviderName) (*providerAccount, error) {
	row := new(providerAccount)
	err := s.db.Bun.NewSelect().Model(row).Where("site_id = ? AND name = ?", siteID, name).Scan(ctx)
	if db.NoRows(err) {
		return nil, nil //nolint:nilnil // most sites have none
	}
	return row, db.MapError(err, "read payment provider")
}

// collector gives the provider that a site collects by: ProviderManual, which does not, where it has set none up.
func (s *Service) collector(ctx context.Context, siteID uuid.UUID) (ProviderName, pay.Provider, error) {
	row, err := s.providerAccount(ctx, siteID, ProviderStripe)
	if err != nil || row == nil {
		return ProviderManual, pay.Manual{}, err
	}
	p, err := s.open(row)
	return ProviderStripe, p, err
}

// provider gives a provider by its name, with the site's account there. Mendable: NO_PROVIDER.
func (s *Service) provider(ctx context.Context, siteID uuid.UUID, name ProviderName) (pay.Provider, error) {
	if name == ProviderManual {
		return pay.Manual{}, nil
	}
	row, err := s.providerAccount(ctx, siteID, name)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, fault.Invalid(ReasonNoProvider, nil, "the site has no account at %s; a manager sets it up under Settings > Payments", name)
	}
	return s.open(row)
}

// open unseals an account.
func (s *Service) open(row *providerAccount) (pay.Provider, error) {
	key, err := s.pay.Sealer.Open(row.SecretKey, row.place("key"))
	if err != nil {
		return nil, fault.Wrap(err, "open provider's key")
	}
	webhook, err := s.pay.Sealer.Open(row.WebhookSecret, row.place("webhook"))
	if err != nil {
		return nil, fault.Wrap(err, "open provider's webhook secret")
	}
	return &pay.Stripe{Backend: s.pay.Stripe, Key: string(key), WebhookSecret: string(webhook)}, nil
}
