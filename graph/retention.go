package graph

import (
	"context"
	"time"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/privacy"
)

func (r *queryResolver) Retention(ctx context.Context) (out privacy.Retention, err error) {
	found, err := r.Privacy.Retention(ctx)
	if found != nil {
		out = *found
	}
	return out, err
}

func (r *queryResolver) RetentionPlan(ctx context.Context, in model.RetentionInput) (privacy.RetentionPlan, error) {
	return r.Privacy.TryRetention(ctx, rulesOf(in))
}

func (r *queryResolver) IdleContacts(ctx context.Context, months int, first *int, after *string) (out model.IdleContacts, err error) {
	ids, more, err := r.Privacy.IdleContacts(ctx, months, size(first), text(after))
	if err != nil {
		return out, err
	}
	out.PageInfo = model.PageInfo{HasNextPage: more, HasPreviousPage: after != nil}
	if len(ids) > 0 {
		start, end := ids[0].String(), ids[len(ids)-1].String()
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &start, &end
	}
	out.Nodes, err = contactsOf(ctx, r.Resolver, ids, func(id uuid.UUID) *uuid.UUID { return &id })
	return out, err
}

func (r *mutationResolver) UpdateRetention(ctx context.Context, in model.RetentionInput) (out model.RetentionPayload, err error) {
	out.Retention, err = r.Privacy.SaveRetention(ctx, rulesOf(in))
	out.Errors, err = mend(ctx, err)
	return out, err
}

func rulesOf(in model.RetentionInput) privacy.Retention {
	return privacy.Retention{
		Enabled: in.Enabled, ContactMonths: in.ContactMonths.Value(), HistoryMonths: in.HistoryMonths.Value(), MessageMonths: in.MessageMonths.Value(), AuditMonths: in.AuditMonths.Value(),
	}
}

func (r *retentionResolver) UpdatedAt(_ context.Context, obj *privacy.Retention) (*time.Time, error) {
	if obj.UpdatedAt.IsZero() {
		return nil, nil //nolint:nilnil // never set
	}
	return &obj.UpdatedAt, nil
}
