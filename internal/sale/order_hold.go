package sale

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// namedByOrders locks the contacts that orders name, as whoever sells to them does.
const namedByOrders = `
SELECT c.id FROM contact AS c WHERE c.site_id = ?0 AND c.id IN (
    SELECT buyer_id FROM sale_order WHERE site_id = ?0 AND id IN (?1)
    UNION SELECT payer_id FROM sale_order WHERE site_id = ?0 AND id IN (?1)
    UNION SELECT attendee_id FROM order_line WHERE site_id = ?0 AND order_id IN (?1)
) ORDER BY c.id FOR NO KEY UPDATE OF c`

// holdOrders locks the contacts that orders name, and then the orders, each by id.
func holdOrders(ctx context.Context, tx bun.IDB, siteID uuid.UUID, ids []uuid.UUID) (rows []*Order, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if _, err := tx.NewRaw(namedByOrders, siteID, bun.List(ids)).Exec(ctx); err != nil {
		return nil, db.MapError(err, "hold contacts of orders")
	}
	err = tx.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", siteID, bun.List(ids)).Order("id").For("UPDATE").Scan(ctx)
	return rows, db.MapError(err, "hold orders")
}

// holdOrder is holdOrders for one. NotFound.
func holdOrder(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*Order, error) {
	rows, err := holdOrders(ctx, tx, siteID, []uuid.UUID{id})
	if err == nil && len(rows) == 0 {
		return nil, fault.Missing("order")
	}
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// holdContact locks a contact as whoever sells to it does. NotFound.
func holdContact(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) error {
	var found uuid.UUID
	err := tx.NewRaw("SELECT id FROM contact WHERE site_id = ? AND id = ? FOR NO KEY UPDATE", siteID, id).Scan(ctx, &found)
	return db.Missing(err, "contact", "hold contact")
}
