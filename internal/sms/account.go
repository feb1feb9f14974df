package sms

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// ProviderName names who carries a site's texts.
type ProviderName string

// The providers.
const (
	Twilio  ProviderName = "twilio"
	Gateway ProviderName = "gateway"
)

// Account is how a site sends texts, as far as it may be read: its secret is not.
type Account struct {
	bun.BaseModel `bun:"table:sms_account"`

	SiteID     uuid.UUID `bun:",pk"`
	Provider   ProviderName
	Sender     string
	Secret     []byte // sealed
	SecretHint string
	Account    string
	URL        string
	Method     string
	Headers    []Header `bun:"type:jsonb"`
	Body       string
	Taken      string
	ChangedBy  string
	ChangedAt  time.Time
	RepliesKey uuid.UUID
	HeardAt    *time.Time // when an answer last came
	RepliesURL string     `bun:"-"` // where answers are to be told
}

func (a *Account) place() string { return "sms_account/" + a.SiteID.String() }

// AccountOf gives how the site sends texts; nil when it does not. Needs a manager.
func (s *Service) AccountOf(ctx context.Context) (*Account, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row, err := s.read(ctx, a.SiteID)
	if err != nil || row == nil {
		return nil, err
	}
	of, err := site.Of(ctx, s.DB.Bun, a)
	row.RepliesURL = s.repliesURL(row, of)
	return row, err
}

// Ready tells whether a site can send texts. The caller has the right.
func (s *Service) Ready(ctx context.Context, siteID uuid.UUID) (bool, error) {
	row, err := s.read(ctx, siteID)
	return row != nil, err
}

func (s *Service) read(ctx context.Context, siteID uuid.UUID) (*Account, error) {
	row := new(Account)
	err := s.DB.Bun.NewSelect().Model(row).Where("site_id = ?", siteID).Scan(ctx)
	if db.NoRows(err) {
		return nil, nil //nolint:nilnil // most sites have none
	}
	return row, db.MapError(err, "read SMS account")
}

// AccountChange is how a site is to send texts. An empty secret leaves the stored one as it is, when the provider stays.
type AccountChange struct {
	Provider ProviderName
	Sender   string
	Account  string
	Secret   string
	Request
}

// Save sets how the site sends texts. Needs a manager. Mendable.
func (s *Service) Save(ctx context.Context, in AccountChange) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	in.Sender, in.Account, in.Secret, in.URL = strings.TrimSpace(in.Sender), strings.TrimSpace(in.Account), strings.TrimSpace(in.Secret), strings.TrimSpace(in.URL)
	if list := s.check(&in); len(list) > 0 {
		return list
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		was := new(Account)
		err := tx.NewSelect().Model(was).Where("site_id = ?", a.SiteID).For("UPDATE").Scan(ctx)
		if err != nil && !db.NoRows(err) {
			return db.MapError(err, "read SMS account")
		}
		row := &Account{
			SiteID: a.SiteID, Provider: in.Provider, Sender: in.Sender, Account: in.Account, URL: in.URL, Method: in.Method, Headers: in.Headers,
			Body: in.Body, Taken: in.Taken, ChangedBy: a.Name, ChangedAt: s.now(), RepliesKey: uuid.New(),
		}
		same := err == nil && was.Provider == row.Provider && was.Account == row.Account && sameHost(was.URL, row.URL)
		if same && was.Sender == row.Sender {
			row.HeardAt = was.HeardAt
		}
		switch {
		case in.Secret != "":
			row.Secret, row.SecretHint = s.Sealer.Seal([]byte(in.Secret), row.place()), in.Secret[max(len(in.Secret)-4, len(in.Secret)/2):]
		case same:
			row.Secret, row.SecretHint = was.Secret, was.SecretHint
		}
		if row.Secret == nil && (row.Provider == Twilio || in.uses("{secret}")) {
			return fault.Invalid(fault.Required, []string{"secret"}, "give the secret: it was stored for another account or address, or never")
		}
		_, err = tx.NewInsert().Model(row).On("CONFLICT (site_id) DO UPDATE").
			Set("provider = EXCLUDED.provider, sender = EXCLUDED.sender, secret = EXCLUDED.secret, secret_hint = EXCLUDED.secret_hint, account = EXCLUDED.account").
			Set("url = EXCLUDED.url, method = EXCLUDED.method, headers = EXCLUDED.headers, body = EXCLUDED.body, taken = EXCLUDED.taken").
			Set("changed_by = EXCLUDED.changed_by, changed_at = EXCLUDED.changed_at, heard_at = EXCLUDED.heard_at").Exec(ctx)
		return db.MapError(err, "save SMS account")
	})
}

// sameHost tells whether two addresses are of one machine: a stored secret goes to no other unless it is typed anew.
func sameHost(a, b string) bool {
	one, errOne := url.Parse(a)
	other, errOther := url.Parse(b)
	return errOne == nil && errOther == nil && one.Host == other.Host && one.Scheme == other.Scheme
}

// Remove forgets how the site sends texts. Needs a manager. NotFound.
func (s *Service) Remove(ctx context.Context) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	res, err := s.DB.Bun.NewDelete().Model((*Account)(nil)).Where("site_id = ?", a.SiteID).Exec(ctx)
	if err != nil {
		return db.MapError(err, "delete SMS account")
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fault.New(fault.NotFound, "the site sends no text messages")
	}
	return nil
}

func (s *Service) open(row *Account) (string, error) {
	if row.Secret == nil {
		return "", nil
	}
	key, err := s.Sealer.Open(row.Secret, row.place())
	return string(key), fault.Wrap(err, "open SMS secret")
}
