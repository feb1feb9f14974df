package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/sale"
)

// What follows from a contact's sales.

func (r *Resolver) salesOf(ctx context.Context, ids []uuid.UUID) ([]contact.Sales, error) {
	by, err := gather(ctx, "Contacts.SalesOf", r.Contacts.SalesOf, ids)
	return eachOf(ids, by), err
}

func (r *personResolver) SalesSummary(ctx context.Context, objs []*contact.Person) ([]contact.Sales, error) {
	return r.salesOf(ctx, allIDs(objs, personID))
}

func (r *organizationResolver) SalesSummary(ctx context.Context, objs []*contact.Organization) ([]contact.Sales, error) {
	return r.salesOf(ctx, allIDs(objs, organizationID))
}

func (r *salesSummaryResolver) SpendBand(ctx context.Context, obj *contact.Sales) (contact.SpendBand, error) {
	of, err := cached(ctx).site()
	return obj.Band(of), err
}

func (r *salesSummaryResolver) Plans(ctx context.Context, objs []*contact.Sales) ([][]*sale.Product, error) {
	var ids []uuid.UUID
	for _, s := range objs {
		ids = append(ids, s.Plans...)
	}
	by, err := gather(ctx, "Sales.ProductsOf", r.Sales.ProductsOf, ids)
	out := make([][]*sale.Product, len(objs))
	for i, s := range objs {
		out[i] = make([]*sale.Product, 0, len(s.Plans))
		for _, id := range s.Plans {
			out[i] = append(out[i], by[id])
		}
	}
	return out, err
}

func (r *queryResolver) Plans(ctx context.Context) ([]*sale.Product, error) {
	return r.Resolver.Sales.Plans(ctx)
}

func (r *queryResolver) SalesChannels(ctx context.Context) ([]string, error) {
	return r.Resolver.Sales.Channels(ctx)
}

func (r *mutationResolver) ConvertToMember(ctx context.Context, in model.ConvertToMemberInput) (out model.ConvertToMemberPayload, err error) {
	who, err := r.Sales.ConvertToMember(ctx, sale.NewMember{ContactID: in.ContactID, PlanID: in.PlanID, StartsOn: value(date(in.StartsOn)), EndsOn: date(in.EndsOn)})
	if err == nil {
		out.Contact = contact.Of(who)
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}
