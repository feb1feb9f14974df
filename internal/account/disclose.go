package account

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// Disclosure takes what is held about a person, piece by piece: the items of a section follow one another, and an item is what JSON makes of it.
type Disclosure func(section string, item any) error

// The sections that accounts give.
const (
	SectionAccount   = "account" // one item at most
	SectionLogins    = "logins"
	SectionPasskeys  = "passkeys"
	SectionSessions  = "sessions"
	SectionCheckouts = "checkouts"
)

// Disclose gives all that accounts hold about a contact: the account with its ways in, never what opens them, the browsers that are or were signed
// in, and what was answered at checkouts. q is to be one snapshot. The caller has the right.
func Disclose(ctx context.Context, q bun.IDB, siteID, contactID uuid.UUID, give Disclosure) error {
	row, has, err := byContact(ctx, q, siteID, contactID)
	if err != nil {
		return err
	}
	if has {
		if err := discloseAccount(ctx, q, row, give); err != nil {
			return err
		}
	}
	var checkouts []*checkout
	err = q.NewSelect().Model(&checkouts).Where("site_id = ? AND contact_id = ?", siteID, contactID).Order("created_at", "jti").Scan(ctx)
	if err != nil {
		return db.MapError(err, "read checkouts")
	}
	for _, c := range checkouts {
		if err := give(SectionCheckouts, checkoutItem{c.OrderRef, c.CreatedAt, c.RedeemedAt, c.Answers}); err != nil {
			return err
		}
	}
	return nil
}

// Mailbox gives the address of a contact's account, when it was proven that whoever has the account reads it; else nothing.
func Mailbox(ctx context.Context, q bun.IDB, siteID, contactID uuid.UUID) (string, error) {
	row, has, err := byContact(ctx, q, siteID, contactID)
	if err != nil || !has || row.ProvenAt == nil {
		return "", err
	}
	return row.Email, nil
}

type (
	accountItem struct {
		Subject        string     `json:"subject"`
		Email          string     `json:"email"`
		MailboxProven  *time.Time `json:"mailboxProven"`
		HasPassword    bool       `json:"hasPassword"`
		Language       string     `json:"language,omitempty"`
		Disabled       *time.Time `json:"disabled,omitempty"`
		Created        time.Time  `json:"created"`
		Changed        time.Time  `json:"changed"`
		NewEmailWaits  string     `json:"newEmailWaits,omitempty"`
		NewEmailExpiry *time.Time `json:"newEmailExpires,omitempty"`
		Calendar       *time.Time `json:"calendarAddressSince,omitempty"`
	}
	loginItem struct {
		Provider string    `json:"provider"`
		Issuer   string    `json:"issuer"`
		Subject  string    `json:"subject"`
		Linked   time.Time `json:"linked"`
	}
	passkeyItem struct {
		Name     string     `json:"name"`
		Domain   string     `json:"domain"`
		Created  time.Time  `json:"created"`
		LastUsed *time.Time `json:"lastUsed"`
	}
	sessionItem struct {
		Origin    string     `json:"origin"`
		UserAgent string     `json:"userAgent"`
		Began     time.Time  `json:"began"`
		LastUsed  time.Time  `json:"lastUsed"`
		Ends      time.Time  `json:"ends"`
		Ended     *time.Time `json:"ended,omitempty"`
		ByStaff   bool       `json:"byStaff,omitempty"` // a support session
	}
	checkoutItem struct {
		Order    string         `json:"order"`
		At       time.Time      `json:"at"`
		Redeemed *time.Time     `json:"redeemed"`
		Answers  []FrozenAnswer `json:"answers"`
	}
)

func discloseAccount(ctx context.Context, q bun.IDB, row Account, give Disclosure) error {
	item := accountItem{
		Subject: row.Subject, Email: row.Email, MailboxProven: row.ProvenAt, HasPassword: row.PasswordHash != "", Language: row.Language,
		Disabled: row.DisabledAt, Created: row.CreatedAt, Changed: row.UpdatedAt,
	}
	var waits challenge
	err := q.NewSelect().Model(&waits).Where("site_id = ? AND account_id = ?", row.SiteID, row.ID).Scan(ctx)
	if err == nil {
		item.NewEmailWaits, item.NewEmailExpiry = waits.Email, &waits.ExpiresAt
	} else if !db.NoRows(err) {
		return db.MapError(err, "read change of address")
	}
	var calendar CalendarFeed
	err = q.NewSelect().Model(&calendar).Where("site_id = ? AND account_id = ?", row.SiteID, row.ID).Scan(ctx)
	if err == nil {
		item.Calendar = &calendar.CreatedAt
	} else if !db.NoRows(err) {
		return db.MapError(err, "read calendar address")
	}
	if err := give(SectionAccount, item); err != nil {
		return err
	}
	identities, err := identitiesOf(ctx, q, row.SiteID, row.ID)
	if err != nil {
		return err
	}
	for _, one := range identities {
		if err := give(SectionLogins, loginItem{one.Label, one.Issuer, one.Subject, one.CreatedAt}); err != nil {
			return err
		}
	}
	passkeys, err := passkeysOf(ctx, q, row.SiteID, row.ID)
	if err != nil {
		return err
	}
	for _, one := range passkeys {
		if err := give(SectionPasskeys, passkeyItem{one.Name, one.Domain, one.CreatedAt, one.UsedAt}); err != nil {
			return err
		}
	}
	var sessions []*session
	if err := q.NewSelect().Model(&sessions).Where("site_id = ? AND account_id = ?", row.SiteID, row.ID).Order("created_at", "id").Scan(ctx); err != nil {
		return db.MapError(err, "read sessions")
	}
	for _, one := range sessions {
		err := give(SectionSessions, sessionItem{one.Origin, one.UserAgent, one.CreatedAt, one.UsedAt, one.ExpiresAt, one.RevokedAt, one.supports()})
		if err != nil {
			return err
		}
	}
	return nil
}
