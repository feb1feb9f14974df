package sale

import (
	"context"

	"carnet/internal/db"
	"carnet/internal/site"
)

// Sold gives products of which something was sold, those of the latest events first: all, or those whose name or event's name holds
// each word. For choosing whose orders to look at or to refund. Needs a viewer.
func (s *Service) Sold(ctx context.Context, search string, first int) ([]*Product, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	if err := checkPage(first); err != nil {
		return nil, err
	}
	rows := []*Product{}
	q := s.db.Bun.NewSelect().Model(&rows).Join("LEFT JOIN event ON event.site_id = product.site_id AND event.id = product.event_id").
		Where("product.site_id = ? AND EXISTS (SELECT FROM order_line AS l WHERE l.site_id = product.site_id AND l.product_id = product.id)", a.SiteID).
		OrderExpr("event.starts_at DESC NULLS LAST, event.id, product.name, product.id").Limit(int64(first))
	if q, err = db.Searched(q, search, productWords); err != nil {
		return nil, err
	}
	err = q.Scan(ctx)
	return rows, db.MapError(err, "list what was sold")
}
