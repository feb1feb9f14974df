package sale

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// priced holds while a site has an order, or anything with a price: then its currency says what these sums are.
const priced = `
SELECT EXISTS (SELECT FROM sale_order WHERE site_id = ?0) OR EXISTS (SELECT FROM product WHERE site_id = ?0 AND price > 0)
	OR EXISTS (SELECT FROM product_price WHERE site_id = ?0 AND amount > 0) OR EXISTS (SELECT FROM ledger_entry WHERE site_id = ?0)`

// Priced is site.Service.Priced. It runs in the transaction that changes the currency, which holds the site.
func Priced(ctx context.Context, tx bun.Tx, siteID uuid.UUID) (is bool, err error) {
	err = tx.NewRaw(priced, siteID).Scan(ctx, &is)
	return is, db.MapError(err, "look for prices")
}
