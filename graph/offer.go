package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/account"
	"carnet/internal/contact"
	"carnet/internal/sale"
	"carnet/internal/segment"
)

// What is reserved for whom, and what staff can sell.

func (r *queryResolver) Sellable(ctx context.Context, search string, first int) ([]*sale.Product, error) {
	return r.Sales.Sellable(ctx, search, first)
}

func (r *queryResolver) Offers(ctx context.Context, archived bool) ([]*sale.Offer, error) {
	return r.Sales.Offers(ctx, archived)
}

func (r *meResolver) Offers(ctx context.Context, _ *account.Me) ([]*sale.Offer, error) {
	return r.Sales.MyOffers(ctx)
}

func (r *personResolver) Offers(ctx context.Context, objs []*contact.Person) ([][]*sale.Offer, error) {
	return r.offersOf(ctx, allIDs(objs, personID))
}

func (r *organizationResolver) Offers(ctx context.Context, objs []*contact.Organization) ([][]*sale.Offer, error) {
	return r.offersOf(ctx, allIDs(objs, organizationID))
}

func (r *Resolver) offersOf(ctx context.Context, ids []uuid.UUID) ([][]*sale.Offer, error) {
	by, err := gather(ctx, "Sales.OffersOf", r.Sales.OffersOf, ids)
	return listsOf(ids, by), err
}

func (r *mutationResolver) CreateOffer(ctx context.Context, in model.CreateOfferInput) (out model.OfferPayload, err error) {
	out.Offer, err = r.Sales.CreateOffer(ctx, sale.OfferChange{
		Type: &in.Type, Name: &in.Name, Information: cleared(in.Information), SegmentID: nullable(in.SegmentID), GroupID: nullable(in.GroupID),
		ProductID: nullable(in.ProductID), Available: nullable(in.Available), StartsOn: date(in.StartsOn), EndsOn: date(in.EndsOn),
	})
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) UpdateOffer(ctx context.Context, in model.UpdateOfferInput) (out model.OfferPayload, err error) {
	out.Offer, err = r.Sales.UpdateOffer(ctx, in.ID, sale.OfferChange{
		Type: cleared(in.Type), Name: cleared(in.Name), Information: cleared(in.Information), SegmentID: nullable(in.SegmentID), GroupID: nullable(in.GroupID),
		ProductID: nullable(in.ProductID), Available: nullable(in.Available), StartsOn: date(in.StartsOn), EndsOn: date(in.EndsOn), Archived: in.Archived.Value(),
	})
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *offerResolver) Segment(ctx context.Context, objs []*sale.Offer) ([]*segment.Segment, error) {
	all, err := r.Segments.List(ctx)
	by := make(map[uuid.UUID]*segment.Segment, len(all))
	for _, one := range all {
		by[one.ID] = one
	}
	return rowsOf(objs, by, func(o *sale.Offer) *uuid.UUID { return o.SegmentID }), err
}

func (r *offerResolver) Group(ctx context.Context, objs []*sale.Offer) ([]*contact.Group, error) {
	all, err := r.Contacts.Groups(ctx)
	by := make(map[uuid.UUID]*contact.Group, len(all))
	for _, one := range all {
		by[one.ID] = one
	}
	return rowsOf(objs, by, func(o *sale.Offer) *uuid.UUID { return o.GroupID }), err
}

func (r *offerResolver) Product(ctx context.Context, objs []*sale.Offer) ([]*sale.Product, error) {
	of := func(o *sale.Offer) *uuid.UUID { return o.ProductID }
	by, err := gather(ctx, "Sales.ProductsOf", r.Sales.ProductsOf, named(objs, of))
	return rowsOf(objs, by, of), err
}
