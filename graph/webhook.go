package graph

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/webhook"
)

func (r *queryResolver) Webhooks(ctx context.Context) ([]*webhook.Webhook, error) {
	return r.Resolver.Webhooks.List(ctx)
}

func (r *queryResolver) Webhook(ctx context.Context, id uuid.UUID) (*webhook.Webhook, error) {
	return r.Resolver.Webhooks.ByID(ctx, id)
}

func (r *queryResolver) WebhookDelivery(ctx context.Context, id uuid.UUID) (*webhook.Delivery, error) {
	return r.Resolver.Webhooks.Delivery(ctx, id)
}

func (r *webhookResolver) LastDelivery(ctx context.Context, objs []*webhook.Webhook) ([]*webhook.Delivery, error) {
	by, err := r.Webhooks.Last(ctx, objs)
	out := make([]*webhook.Delivery, len(objs))
	for i, w := range objs {
		out[i] = by[w.ID]
	}
	return out, err
}

func (r *webhookDeliveryResolver) Payload(ctx context.Context, objs []*webhook.Delivery) ([]json.RawMessage, error) {
	return r.Webhooks.Payloads(ctx, objs)
}

func (r *webhookResolver) Deliveries(ctx context.Context, obj *webhook.Webhook, first *int, after *string) (out model.WebhookDeliveryConnection, err error) {
	page, err := r.Webhooks.Deliveries(ctx, obj.ID, size(first), text(after))
	out = model.WebhookDeliveryConnection{Nodes: page.Deliveries, Edges: []*model.WebhookDeliveryEdge{}, PageInfo: model.PageInfo{HasNextPage: page.More, HasPreviousPage: after != nil}}
	for _, d := range page.Deliveries {
		out.Edges = append(out.Edges, &model.WebhookDeliveryEdge{Cursor: d.Cursor(), Node: *d})
	}
	if len(out.Edges) > 0 {
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &out.Edges[0].Cursor, &out.Edges[len(out.Edges)-1].Cursor
	}
	return out, err
}

func (r *mutationResolver) CreateWebhook(ctx context.Context, in model.CreateWebhookInput) (model.WebhookSecretPayload, error) {
	row, secret, err := r.Webhooks.Create(ctx, webhook.Change{Name: &in.Name, URL: &in.URL, Events: &in.Events, SegmentIDs: &in.SegmentIds, Disabled: &in.Disabled})
	return withSecret(ctx, row, secret, err)
}

func (r *mutationResolver) UpdateWebhook(ctx context.Context, in model.UpdateWebhookInput) (out model.WebhookPayload, err error) {
	row, err := r.Webhooks.Update(ctx, in.ID, webhook.Change{
		Name: cleared(in.Name), URL: cleared(in.URL), Events: list(in.Events), SegmentIDs: list(in.SegmentIds), Disabled: in.Disabled.Value(),
	})
	if err == nil {
		out.Webhook = row
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeleteWebhook(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Webhooks.Delete(ctx, in.ID))
}

func (r *mutationResolver) RollWebhookSecret(ctx context.Context, in model.RollWebhookSecretInput) (model.WebhookSecretPayload, error) {
	row, secret, err := r.Webhooks.RollSecret(ctx, in.ID)
	return withSecret(ctx, row, secret, err)
}

func withSecret(ctx context.Context, row *webhook.Webhook, secret string, err error) (out model.WebhookSecretPayload, _ error) {
	if err == nil {
		out.Webhook, out.Secret = row, &secret
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) RedeliverWebhook(ctx context.Context, in model.RedeliverWebhookInput) (out model.RedeliverWebhookPayload, err error) {
	row, err := r.Webhooks.Redeliver(ctx, in.DeliveryID)
	if err == nil {
		out.Delivery = row
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) SendWebhookTest(ctx context.Context, in model.SendWebhookTestInput) (out model.SendWebhookTestPayload, err error) {
	row, err := r.Webhooks.SendTest(ctx, in.ID)
	if err == nil {
		out.Delivery = row
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}
