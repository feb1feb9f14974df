package sale

import (
	"context"

	"carnet/internal/db"
	"carnet/internal/site"
)

// Sellable gives what staff can sell now, by its event's name and its own: what begins first where the words are found (S-90, P-27).
// first is 1 to 200. Needs an operator.
func (s *Service) Sellable(ctx context.Context, search string, first int) ([]*Product, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	if err := checkPage(first); err != nil {
		return nil, err
	}
	rows := []*Product{}
	q := s.db.Bun.NewSelect().Model(&rows).Join("LEFT JOIN event ON event.site_id = product.site_id AND event.id = product.event_id").
		Where("product.site_id = ? AND product.archived_at IS NULL AND (event.id IS NULL OR event.state = ? AND event.ends_at > ?)", a.SiteID, EventPublished, s.now()).
		OrderExpr("event.starts_at NULLS LAST, product.name, product.id").Limit(int64(first))
	if q, err = db.Searched(q, search, productWords); err != nil {
		return nil, err
	}
	return rows, db.MapError(q.Scan(ctx), "read what is sold")
}
