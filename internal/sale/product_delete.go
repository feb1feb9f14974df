package sale

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// everGiven tells whether anybody ever had a product, by a sale or without one.
const everGiven = `SELECT EXISTS (SELECT FROM order_line WHERE site_id = ?0 AND product_id = ?1)
	OR EXISTS (SELECT FROM membership WHERE site_id = ?0 AND plan_id = ?1)
	OR EXISTS (SELECT FROM pass WHERE site_id = ?0 AND product_id = ?1)
	OR EXISTS (SELECT FROM booking WHERE site_id = ?0 AND product_id = ?1)
	OR EXISTS (SELECT FROM ticket WHERE site_id = ?0 AND product_id = ?1)`

// DeleteProduct removes a product that nobody ever had, with its prices, quotas and slots. Its history stays. What was sold is archived instead. Needs a
// manager. NotFound. Mendable: SOLD; IN_USE by an offer, an indicator, or by prices for the holders of a membership.
func (s *Service) DeleteProduct(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, err := holdProduct(ctx, tx, a.SiteID, id)
		if err != nil {
			return err
		}
		var given bool
		if err := tx.NewRaw(everGiven, p.SiteID, p.ID).Scan(ctx, &given); err != nil {
			return db.MapError(err, "look for sales")
		}
		if given {
			return &fault.Error{Code: fault.Conflict, Reason: ReasonSold, Message: "it was sold or given to somebody; archive it instead"}
		}
		if err := unoffered(ctx, tx, p.SiteID, "product_id = ?", p.ID); err != nil {
			return err
		}
		if err := uncounted(ctx, tx, p.SiteID, []uuid.UUID{p.ID}, nil); err != nil {
			return err
		}
		priced, err := tx.NewSelect().TableExpr("product_price").Where("site_id = ? AND plan_id = ?", p.SiteID, p.ID).Exists(ctx)
		if err != nil {
			return db.MapError(err, "look for prices")
		}
		if priced {
			return &fault.Error{Code: fault.Conflict, Reason: fault.InUse, Message: "other products have prices for the holders of this membership; remove those first"}
		}
		if _, err := tx.NewDelete().Model(p).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "delete product")
		}
		return s.enterProduct(ctx, tx, p, ActionDeleted)
	})
}

// enterProduct tells of a product.
func (s *Service) enterProduct(ctx context.Context, tx bun.IDB, p *Product, action CatalogueAction) error {
	return s.enter(ctx, tx, CatalogueEntry{Subject: SubjectProduct, SubjectID: p.ID, Name: p.Name, Action: action})
}
