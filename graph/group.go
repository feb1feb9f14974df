package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
)

func (r *queryResolver) Groups(ctx context.Context) ([]*contact.Group, error) {
	return r.Resolver.Contacts.Groups(ctx)
}

func (r *groupResolver) ContactCount(ctx context.Context, objs []*contact.Group) ([]int, error) {
	ids := allIDs(objs, func(g *contact.Group) uuid.UUID { return g.ID })
	by, err := gather(ctx, "Contacts.CountsOf", r.Contacts.CountsOf, ids)
	out := make([]int, len(ids))
	for i, id := range ids {
		out[i] = by[id]
	}
	return out, err
}

func (r *mutationResolver) CreateGroup(ctx context.Context, in model.CreateGroupInput) (out model.GroupPayload, err error) {
	out.Group, err = r.Contacts.CreateGroup(ctx, contact.GroupChange{Name: &in.Name, Description: cleared(in.Description), Color: cleared(in.Color)})
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) UpdateGroup(ctx context.Context, in model.UpdateGroupInput) (out model.GroupPayload, err error) {
	out.Group, err = r.Contacts.UpdateGroup(ctx, in.ID, contact.GroupChange{Name: cleared(in.Name), Description: cleared(in.Description), Color: cleared(in.Color)})
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeleteGroup(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Contacts.DeleteGroup(ctx, in.ID))
}

func deletion(ctx context.Context, id uuid.UUID, err error) (out model.DeletePayload, _ error) {
	if err == nil {
		out.DeletedID = &id
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}
