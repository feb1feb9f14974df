package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/sale"
)

func (r *queryResolver) Quote(ctx context.Context, items []*model.QuoteItemInput, contactID *uuid.UUID) (sale.Quote, error) {
	asked := make([]sale.Wanted, len(items))
	for i, one := range items {
		asked[i] = sale.Wanted{ProductID: one.ProductID, Quantity: one.Quantity, SlotID: one.SlotID.Value()}
	}
	return found(r.Sales.Quote(ctx, asked, contactID))
}

func (r *quoteItemResolver) Refusals(_ context.Context, item *sale.QuoteItem) ([]*model.UserError, error) {
	return userErrors(item.Refusals), nil
}
