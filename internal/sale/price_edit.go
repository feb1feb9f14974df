package sale

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// SavePrice writes what a product costs for those of a group (P-25) or the holders of a plan (T-22), in place of what it did. Needs
// a manager. Mendable: UNKNOWN group or plan, REQUIRED one of the two.
func (s *Service) SavePrice(ctx context.Context, product uuid.UUID, group, plan *uuid.UUID, amount int64) (*Price, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	v := checker{}
	v.amount(amount, "amount")
	if (group == nil) == (plan == nil) {
		v.add(fault.Required, []string{"groupId"}, "say whose price it is: a group's, or those of a membership")
	}
	if err := v.list.Err(); err != nil {
		return nil, err
	}
	row := &Price{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), ProductID: product, GroupID: group, PlanID: plan, Amount: amount}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := holdProduct(ctx, tx, a.SiteID, product); err != nil {
			return err
		}
		if err := refersTo(ctx, tx, "contact_group", "TRUE", "group", a.SiteID, group, "groupId"); err != nil {
			return err
		}
		if err := refersTo(ctx, tx, "product", "kind = 'membership'", "membership", a.SiteID, plan, "planId"); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(row).On("CONFLICT (site_id, product_id, group_id, plan_id) DO UPDATE").Set("amount = EXCLUDED.amount").Returning("id").Exec(ctx)
		return db.MapError(err, "write price")
	})
	return row, err
}

// DeletePrice makes those whose price it was pay what everybody does. Needs a manager.
func (s *Service) DeletePrice(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	return s.remove(ctx, (*Price)(nil), "price", a.SiteID, id)
}

// refersTo checks that a row that an input names is there, and keeps it there.
func refersTo(ctx context.Context, tx bun.IDB, table, where, kind string, siteID uuid.UUID, id *uuid.UUID, path string) error {
	if id == nil {
		return nil
	}
	var n int
	err := tx.NewRaw("SELECT count(*) FROM (SELECT FROM ? WHERE site_id = ? AND id = ? AND "+where+" FOR KEY SHARE) AS r", bun.Ident(table), siteID, *id).Scan(ctx, &n)
	if err == nil && n == 0 {
		return fault.Invalid(fault.Unknown, []string{path}, "the site has no such %s", kind)
	}
	return db.MapError(err, "look for "+kind)
}

// PricesOf gives the prices of products for groups and plans, the least first. Needs a viewer.
func (s *Service) PricesOf(ctx context.Context, products []uuid.UUID) (map[uuid.UUID][]*Price, error) {
	return grouped(ctx, s, "product_id", products, "amount", func(p *Price) uuid.UUID { return p.ProductID })
}

// PricesOfGroups gives the prices that groups have, the least first. Needs a viewer.
func (s *Service) PricesOfGroups(ctx context.Context, groups []uuid.UUID) (map[uuid.UUID][]*Price, error) {
	return grouped(ctx, s, "group_id", groups, "amount", func(p *Price) uuid.UUID { return *p.GroupID })
}
