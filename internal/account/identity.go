package account

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// Identity is a login at a social provider. Issuer and subject identify it; an equal address never does.
type Identity struct {
	bun.BaseModel `bun:"table:account_identity,alias:i"`

	SiteID    uuid.UUID `bun:",pk"`
	Issuer    string    `bun:",pk"`
	Subject   string    `bun:",pk"`
	AccountID uuid.UUID
	Provider  string // what the site called its provider then
	Name      string `bun:"provider_name,nullzero"` // the provider's name in the site; empty: older than names are kept
	CreatedAt time.Time

	Label string `bun:",scanonly"` // what the site calls it now; Provider when the site has it no more
}

// Called gives the word by which its owner names a login: the provider's name.
func (i *Identity) Called() string { return cmp.Or(i.Name, i.Provider) }

// identitiesOf gives the logins of accounts at providers, as the site calls these now.
func identitiesOf(ctx context.Context, q bun.IDB, siteID uuid.UUID, accounts ...uuid.UUID) ([]*Identity, error) {
	rows := []*Identity{}
	err := q.NewSelect().Model(&rows).ColumnExpr("i.*").ColumnExpr("coalesce(p.label, i.provider) AS label").
		Join("LEFT JOIN login_provider AS p ON p.site_id = i.site_id AND p.name = i.provider_name").
		Where("i.site_id = ? AND i.account_id IN (?)", siteID, bun.List(accounts)).OrderExpr("label, i.created_at").Scan(ctx)
	return rows, db.MapError(err, "read identities")
}

// addIdentity links a provider's login to an account.
func (s *Service) addIdentity(ctx context.Context, tx bun.IDB, of Account, surface string, row Identity) error {
	row.SiteID, row.AccountID, row.CreatedAt = of.SiteID, of.ID, s.now()
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return db.MapError(err, "insert identity")
	}
	return s.tellOwn(ctx, tx, of, Event{Kind: EventLinked, Surface: surface, After: row.Provider})
}

// RemoveIdentity takes the logins at a provider, as Identity.Called names it, off the caller's account; the mailbox stays a way in. Needs a fresh
// sign-in. NotFound when the account has none there.
func (s *Service) RemoveIdentity(ctx context.Context, provider string) error {
	a, err := requireOwner(ctx)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.requireFresh(ctx, tx, a); err != nil {
			return err
		}
		all, err := identitiesOf(ctx, tx, a.SiteID, a.ID)
		if err != nil {
			return err
		}
		gone := slices.DeleteFunc(all, func(one *Identity) bool { return one.Called() != provider })
		if len(gone) == 0 {
			return fault.Missing("login with this provider")
		}
		if _, err := tx.NewDelete().Model(&gone).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "delete identity")
		}
		return s.tell(ctx, tx, Account{SiteID: a.SiteID, ID: a.ID, ContactID: a.ContactID}, Event{Kind: EventUnlinked, Before: gone[0].Label})
	})
}
