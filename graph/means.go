package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/campaign"
	"carnet/internal/contact"
)

// Which means of communication to use with contacts (S-45).

func (r *personResolver) Means(ctx context.Context, objs []*contact.Person) ([][]*campaign.Advice, error) {
	return meansOf(ctx, r.Resolver, objs, func(p *contact.Person) *contact.Record { return p.Record })
}

func (r *organizationResolver) Means(ctx context.Context, objs []*contact.Organization) ([][]*campaign.Advice, error) {
	return meansOf(ctx, r.Resolver, objs, func(o *contact.Organization) *contact.Record { return o.Record })
}

func meansOf[T any](ctx context.Context, r *Resolver, objs []T, record func(T) *contact.Record) ([][]*campaign.Advice, error) {
	records, ids := make([]*contact.Record, len(objs)), make([]uuid.UUID, len(objs))
	for i, one := range objs {
		records[i] = record(one)
		ids[i] = records[i].ID
	}
	by, err := r.Campaigns.Advise(ctx, records)
	return listsOf(ids, by), err
}

func (r *meansAdviceResolver) Purposes(ctx context.Context, obj *campaign.Advice) ([]*contact.ConsentPurpose, error) {
	out := []*contact.ConsentPurpose{}
	for _, id := range obj.Purposes {
		p, err := purposeByID(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, &p)
	}
	return out, nil
}

func (r *mutationResolver) TryAddressAgain(ctx context.Context, in model.TryAddressAgainInput) (out model.TryAddressAgainPayload, err error) {
	out.Contact, err = r.Campaigns.TryAgain(ctx, in.ContactID, in.Means)
	out.Errors, err = mend(ctx, err)
	return out, err
}
