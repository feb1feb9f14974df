package account

import (
	"context"
	"crypto/hmac"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// Purposes of a challenge.
const (
	purposeSignUp = "sign_up"
	purposeSignIn = "sign_in"
	purposeLink   = "link"
)

// maxTries is how many codes may be typed for one mail.
const maxTries = 5

// challenge is a mailbox on its way to being proven.
type challenge struct {
	bun.BaseModel `bun:"table:email_challenge"`

	SiteID      uuid.UUID `bun:",pk"`
	ID          uuid.UUID `bun:",pk"`
	Purpose     string
	Email       string
	EmailKey    string
	Attempt     string
	Origin      string
	Challenge   string
	Jkt         string
	CodeHash    []byte
	LinkHash    []byte
	Pending     pending `bun:"type:jsonb"`
	Tries       int
	ConfirmedAt *time.Time
	Number      string
	Language    string
	CreatedAt   time.Time
	ExpiresAt   time.Time
	AccountID   *uuid.UUID // whose address changes
}

// pending is what waits for the proof: of a sign-up the answers, of a link the identity.
type pending struct {
	PasswordHash    string        `json:"passwordHash,omitempty"`
	FirstName       string        `json:"firstName,omitempty"`
	LastName        string        `json:"lastName,omitempty"`
	Consent         bool          `json:"consent,omitempty"`
	ConsentWording  int           `json:"consentWording,omitempty"`
	ConsentLanguage string        `json:"consentLanguage,omitempty"`
	Answers         field.Answers `json:"answers,omitempty"`
	Provider        string        `json:"provider,omitempty"`
	ProviderName    string        `json:"providerName,omitempty"`
	Issuer          string        `json:"issuer,omitempty"`
	Subject         string        `json:"subject,omitempty"`

	AccountID *uuid.UUID `json:"-"` // of a change of address; a column of its own
}

func (c *challenge) binding() binding {
	return binding{SiteID: c.SiteID, Origin: c.Origin, Attempt: Attempt{ID: c.Attempt, Challenge: c.Challenge, JKT: c.Jkt}}
}

// codeHash keys the eight digits, which alone would be guessed from a leaked table.
func (s *Service) codeHash(id uuid.UUID, code string) []byte {
	return s.mac("mail code", id.String(), code)
}

// challengeMailbox replaces the address's pending challenge of the same purpose and writes the mail.
// The caller holds the address's lock. For MailNoAccount and MailChangeTaken the code is made and stored, but told to nobody:
// such an address costs and answers the same.
func (s *Service) challengeMailbox(ctx context.Context, tx bun.IDB, b binding, purpose, kind, email, language string, wait pending) error {
	now := s.now()
	code, link := secret.Digits(8), secret.SiteToken(linkPrefix, b.SiteID)
	row := challenge{
		SiteID: b.SiteID, ID: uuid.Must(uuid.NewV7()), Purpose: purpose, Email: email, EmailKey: site.EmailKey(email),
		Attempt: b.Attempt.ID, Origin: b.Origin, Challenge: b.Attempt.Challenge, Jkt: b.Attempt.JKT,
		LinkHash: secret.Hash(link), Pending: wait, Language: language, CreatedAt: now, ExpiresAt: now.Add(challengeLife),
		AccountID: wait.AccountID,
	}
	row.CodeHash = s.codeHash(row.ID, code)
	_, err := tx.NewDelete().Model((*challenge)(nil)).Where("site_id = ? AND purpose = ? AND email_key = ?", row.SiteID, purpose, row.EmailKey).Exec(ctx)
	if err != nil {
		return db.MapError(err, "replace challenge")
	}
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return db.MapError(err, "insert challenge")
	}
	m := Mail{SiteID: b.SiteID, To: email, Kind: kind, Language: language, Data: map[string]string{}}
	if kind != MailNoAccount && kind != MailChangeTaken {
		m.Data = map[string]string{
			"code": code, "link": s.asked(ctx) + "/v1/email/" + link, "minutes": fmt.Sprint(int(challengeLife.Minutes())), "provider": wait.Provider,
		}
	}
	return s.mail(ctx, tx, m)
}

// fits compares what was typed with the mail's code, or with the number of the link's page once its
// button was pressed.
func (s *Service) fits(c *challenge, typed string) bool {
	switch len(typed) {
	case 8:
		return hmac.Equal(s.codeHash(c.ID, typed), c.CodeHash)
	case 2:
		return c.ConfirmedAt != nil && hmac.Equal([]byte(typed), []byte(c.Number))
	}
	return false
}

// Link is what the page behind a mail's link shows.
type Link struct {
	SiteName  string
	Language  string
	Email     string
	Confirmed bool
	Number    string // two digits to type where one started; only after the button was pressed
}

var errLinkGone = fault.New(fault.NotFound, "this link has been used or is older than ten minutes; ask for a new mail")

// ReadLink gives what a mail's link stands for and changes nothing: mail scanners fetch links.
// NotFound when it is unknown, used or expired.
func (s *Service) ReadLink(ctx context.Context, token string) (Link, error) {
	row, of, err := s.linked(ctx, s.db.Bun, token, false)
	if err != nil {
		return Link{}, err
	}
	return link(row, of), nil
}

// ConfirmLink records that the button behind a mail's link was pressed and gives the number to type
// where the person started. Pressing again gives the same number.
func (s *Service) ConfirmLink(ctx context.Context, token string) (Link, error) {
	siteID, _ := secret.SiteOf(linkPrefix, token)
	if err := s.takeClient(ctx, confirmPerClient, siteID); err != nil {
		return Link{}, err
	}
	var out Link
	err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, of, err := s.linked(ctx, tx, token, true)
		if err != nil {
			return err
		}
		if row.ConfirmedAt == nil {
			now := s.now()
			row.ConfirmedAt, row.Number = &now, secret.Digits(2)
			if _, err := tx.NewUpdate().Model(&row).Column("confirmed_at", "number").WherePK().Exec(ctx); err != nil {
				return db.MapError(err, "confirm link")
			}
		}
		out = link(row, of)
		return nil
	})
	return out, err
}

func link(row challenge, of site.Site) Link {
	return Link{SiteName: of.Name, Language: row.Language, Email: row.Email, Confirmed: row.ConfirmedAt != nil, Number: row.Number}
}

func (s *Service) linked(ctx context.Context, q bun.IDB, token string, lock bool) (challenge, site.Site, error) {
	var row challenge
	siteID, ok := secret.SiteOf(linkPrefix, token)
	if !ok || !clientOf(ctx).serves(siteID) {
		return row, site.Site{}, errLinkGone
	}
	sel := q.NewSelect().Model(&row).Where("site_id = ? AND link_hash = ? AND expires_at > ? AND tries < ?", siteID, secret.Hash(token), s.now(), maxTries)
	if lock {
		sel = sel.For("UPDATE")
	}
	if err := sel.Scan(ctx); db.NoRows(err) {
		return row, site.Site{}, errLinkGone
	} else if err != nil {
		return row, site.Site{}, db.MapError(err, "read link")
	}
	of, err := s.sites.ByID(ctx, siteID)
	if err != nil {
		return row, of, err
	}
	return row, of, open(of)
}
