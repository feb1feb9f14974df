package account

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// CalendarPath is below which the addresses of personal calendars are.
const CalendarPath = "/v1/my-calendar/"

// calendarPerAccount holds how often an owner makes a new address.
var calendarPerAccount = limit{"calendar/account", 20, time.Hour}

// CalendarFeed is the address by which a calendar program reads what an account's person attends. The address is a credential of its own, told
// once; its hash is what is kept. It lasts until its owner makes another, ends it, or the account is closed.
type CalendarFeed struct {
	bun.BaseModel `bun:"table:calendar_feed"`

	SiteID    uuid.UUID `bun:",pk"`
	AccountID uuid.UUID `bun:",pk"`
	TokenHash []byte
	CreatedAt time.Time
}

// MyCalendar gives the calendar address of who is signed in, without its token; nil when there is none.
func (s *Service) MyCalendar(ctx context.Context) (*CalendarFeed, error) {
	a, err := site.RequireBook(ctx, site.AccessAccount)
	if err != nil {
		return nil, err
	}
	row := new(CalendarFeed)
	err = s.db.Bun.NewSelect().Model(row).Where("site_id = ? AND account_id = ?", a.SiteID, a.ID).Scan(ctx)
	if db.NoRows(err) {
		return nil, nil //nolint:nilnil // GraphQL null: there is none
	}
	return row, db.MapError(err, "read calendar address")
}

// MakeMyCalendar gives who is signed in a new calendar address; the one before ends at once. Support sessions are refused.
func (s *Service) MakeMyCalendar(ctx context.Context) (string, error) {
	a, of, err := s.mineAsOwner(ctx)
	if err != nil {
		return "", err
	}
	if err := s.take(ctx, calendarPerAccount, of.SiteID, of.ID.String(), shortAddress(of.Email)); err != nil {
		return "", err
	}
	token := secret.SiteToken(calendarPrefix, a.SiteID)
	row := CalendarFeed{SiteID: a.SiteID, AccountID: a.ID, TokenHash: secret.Hash(token), CreatedAt: s.now()}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, lives, err := s.current(ctx, tx, a); err != nil || !lives { // else an account that is taken back would keep it
			return cmp.Or[error](err, errToken)
		}
		_, err := tx.NewInsert().Model(&row).On("CONFLICT (site_id, account_id) DO UPDATE").Set("token_hash = excluded.token_hash, created_at = excluded.created_at").Exec(ctx)
		return db.MapError(err, "write calendar address")
	})
	if err != nil {
		return "", err
	}
	// Not the address that was asked: a login domain may go, and calendars ask for years.
	return s.publicURL + CalendarPath + token + ".ics", nil
}

// EndMyCalendar ends the calendar address of who is signed in; again it changes nothing. Support sessions are refused.
func (s *Service) EndMyCalendar(ctx context.Context) error {
	a, _, err := s.mineAsOwner(ctx)
	if err != nil {
		return err
	}
	return dropCalendar(ctx, s.db.Bun, a.SiteID, a.ID)
}

func dropCalendar(ctx context.Context, q bun.IDB, siteID, id uuid.UUID) error {
	_, err := q.NewDelete().Model((*CalendarFeed)(nil)).Where("site_id = ? AND account_id = ?", siteID, id).Exec(ctx)
	return db.MapError(err, "delete calendar address")
}

// CalendarOwner gives whose calendar a token is of: site and contact. NotFound when it is unknown or has ended, of a disabled account, and while
// the site has no accounts.
func (s *Service) CalendarOwner(ctx context.Context, token string) (of site.Site, contactID uuid.UUID, err error) {
	gone := fault.Missing("calendar")
	siteID, ok := secret.SiteOf(calendarPrefix, token)
	if !ok {
		return of, contactID, gone
	}
	err = s.db.Bun.NewRaw(`SELECT a.contact_id FROM calendar_feed AS c JOIN account AS a ON a.site_id = c.site_id AND a.id = c.account_id
		WHERE c.site_id = ? AND c.token_hash = ? AND a.disabled_at IS NULL`, siteID, secret.Hash(token)).Scan(ctx, &contactID)
	if db.NoRows(err) {
		return of, contactID, gone
	}
	if err != nil {
		return of, contactID, db.MapError(err, "read calendar address")
	}
	if of, err = s.sites.ByID(ctx, siteID); err == nil && !of.ContactManagement {
		err = gone
	}
	return of, contactID, err
}
