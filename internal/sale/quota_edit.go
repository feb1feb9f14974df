package sale

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Periods lists how long quotas count.
var Periods = []Period{Daily, Weekly, Monthly, Yearly, Ever}

// SaveQuota writes how many of a product one contact may have in a period, those of a group or everybody (P-26), in place of what it
// was. It counts what is sold from now on. Needs a manager. Mendable: UNKNOWN group.
func (s *Service) SaveQuota(ctx context.Context, product uuid.UUID, group *uuid.UUID, period Period, most int) (*Quota, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	v := checker{}
	if !slices.Contains(Periods, period) {
		v.add(fault.InvalidValue, []string{"period"}, "a period is %s", joined(Periods))
	}
	if most < 0 || most > 1_000_000 {
		v.add(fault.InvalidNumber, []string{"most"}, "a quota lies between 0 and 1000000")
	}
	if err := v.list.Err(); err != nil {
		return nil, err
	}
	row := &Quota{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), ProductID: product, GroupID: group, Period: period, Most: most}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := holdProduct(ctx, tx, a.SiteID, product); err != nil {
			return err
		}
		if err := refersTo(ctx, tx, "contact_group", "TRUE", "group", a.SiteID, group, "groupId"); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(row).On("CONFLICT (site_id, product_id, group_id, period) DO UPDATE").Set("most = EXCLUDED.most").Returning("id").Exec(ctx)
		return db.MapError(err, "write quota")
	})
	return row, err
}

// DeleteQuota lifts a quota, and forgets what was used of it. Needs a manager.
func (s *Service) DeleteQuota(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	return s.remove(ctx, (*Quota)(nil), "quota", a.SiteID, id)
}

// QuotasOf gives the quotas of products. Needs a viewer.
func (s *Service) QuotasOf(ctx context.Context, products []uuid.UUID) (map[uuid.UUID][]*Quota, error) {
	return grouped(ctx, s, "product_id", products, "id", func(q *Quota) uuid.UUID { return q.ProductID })
}

// QuotasOfGroups gives the quotas that hold groups. Needs a viewer.
func (s *Service) QuotasOfGroups(ctx context.Context, groups []uuid.UUID) (map[uuid.UUID][]*Quota, error) {
	return grouped(ctx, s, "group_id", groups, "id", func(q *Quota) uuid.UUID { return *q.GroupID })
}
