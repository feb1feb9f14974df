package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/account"
	"carnet/internal/contact"
	"carnet/internal/privacy"
)

// What persons ask about their own data, as they and the staff see it.

func (r *meResolver) PrivacyRequest(ctx context.Context, _ *account.Me) (*privacy.Request, error) {
	return r.Privacy.Mine(ctx)
}

func (r *mutationResolver) AskForErasure(ctx context.Context, in model.AskForErasureInput) (model.MePayload, error) {
	_, err := r.Privacy.AskErasure(ctx, in.Message)
	return r.mine(ctx, err)
}

func (r *mutationResolver) WithdrawMyPrivacyRequest(ctx context.Context, in model.DeleteInput) (model.MePayload, error) {
	_, err := r.Privacy.Withdraw(ctx, in.ID)
	return r.mine(ctx, err)
}

func (r *personResolver) PrivacyRequest(ctx context.Context, objs []*contact.Person) ([]*privacy.Request, error) {
	ids := allIDs(objs, personID)
	by, err := r.Privacy.OpenOf(ctx, ids)
	out := make([]*privacy.Request, len(ids))
	for i, id := range ids {
		out[i] = by[id]
	}
	return out, err
}

func (r *privacyRequestResolver) Contact(ctx context.Context, objs []*privacy.Request) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, objs, func(o *privacy.Request) *uuid.UUID { return o.ContactID })
}

func (r *queryResolver) PrivacyRequests(ctx context.Context, open bool, first *int, after *string) (out model.PrivacyRequestConnection, err error) {
	page, err := r.Privacy.List(ctx, open, size(first), text(after))
	out = model.PrivacyRequestConnection{Nodes: page.Rows, Edges: []*model.PrivacyRequestEdge{}, PageInfo: model.PageInfo{HasNextPage: page.More, HasPreviousPage: after != nil}}
	for _, one := range page.Rows {
		out.Edges = append(out.Edges, &model.PrivacyRequestEdge{Cursor: one.ID.String(), Node: *one})
	}
	if len(out.Edges) > 0 {
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &out.Edges[0].Cursor, &out.Edges[len(out.Edges)-1].Cursor
	}
	return out, err
}

func (r *queryResolver) OpenPrivacyRequestCount(ctx context.Context) (int, error) {
	return r.Privacy.CountOpen(ctx)
}

func (r *mutationResolver) AnswerPrivacyRequest(ctx context.Context, in model.AnswerPrivacyRequestInput) (out model.PrivacyRequestPayload, err error) {
	out.PrivacyRequest, err = r.Privacy.Answer(ctx, in.ID, in.Done, in.Reason)
	out.Errors, err = mend(ctx, err)
	return out, err
}
