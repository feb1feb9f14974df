package graph

import (
	"context"
	"time"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/privacy"
)

// Who is erased, as staff do it and as the proof tells it.

func (r *queryResolver) ErasurePreview(ctx context.Context, id uuid.UUID) (out privacy.Preview, err error) {
	found, err := r.Privacy.Preview(ctx, id)
	if found != nil {
		out = *found
	}
	return out, err
}

func (r *queryResolver) Erasures(ctx context.Context, email *string, first *int, after *string) (model.ErasureConnection, error) {
	page, err := r.Privacy.Erasures(ctx, text(email), size(first), text(after))
	return model.ErasureConnection(connect[model.ErasureEdge](page.Rows, page.More, after, func(p *privacy.Proof) string { return p.ID.String() })), err
}

func (r *mutationResolver) EraseContact(ctx context.Context, in model.EraseContactInput) (out model.ErasurePayload, err error) {
	out.Erasure, err = r.Privacy.Erase(ctx, in.ContactID, in.Ground)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *erasureResolver) Contact(ctx context.Context, objs []*privacy.Proof) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, objs, func(o *privacy.Proof) *uuid.UUID { return &o.ContactID })
}

func (r *erasurePreviewResolver) Mentions(ctx context.Context, obj *privacy.Preview) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, obj.Mentions, func(id uuid.UUID) *uuid.UUID { return &id })
}

func (r *personResolver) ErasedAt(ctx context.Context, objs []*contact.Person) ([]*time.Time, error) {
	return r.erasedAt(ctx, allIDs(objs, personID))
}

func (r *organizationResolver) ErasedAt(ctx context.Context, objs []*contact.Organization) ([]*time.Time, error) {
	return r.erasedAt(ctx, allIDs(objs, organizationID))
}

func (r *Resolver) erasedAt(ctx context.Context, ids []uuid.UUID) ([]*time.Time, error) {
	by, err := r.Privacy.ErasedAt(ctx, ids)
	out := make([]*time.Time, len(ids))
	for i, id := range ids {
		out[i] = by[id]
	}
	return out, err
}
