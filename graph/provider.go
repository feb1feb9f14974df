package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/sale"
)

// Payment providers: a site's account, and what is collected and paid back there.

func (r *queryResolver) StripeAccount(ctx context.Context) (sale.StripeAccount, error) {
	return r.Sales.StripeAccount(ctx)
}

func (r *queryResolver) HeldPayments(ctx context.Context) ([]*sale.ProviderPayment, error) {
	return r.Sales.HeldPayments(ctx)
}

func (r *mutationResolver) SaveStripeAccount(ctx context.Context, in model.SaveStripeAccountInput) (model.StripeAccountPayload, error) {
	return r.stripeAccount(ctx, r.Sales.SaveStripe(ctx, given(in.SecretKey), given(in.WebhookSecret)))
}

func (r *mutationResolver) RemoveStripeAccount(ctx context.Context) (model.StripeAccountPayload, error) {
	return r.stripeAccount(ctx, r.Sales.RemoveStripe(ctx))
}

// stripeAccount answers with the account as it is, unless its change was refused.
func (r *Resolver) stripeAccount(ctx context.Context, err error) (out model.StripeAccountPayload, _ error) {
	if err == nil {
		var now sale.StripeAccount
		if now, err = r.Sales.StripeAccount(ctx); err == nil {
			out.Account = &now
		}
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) StartPayment(ctx context.Context, in model.StartPaymentInput) (model.StartPaymentPayload, error) {
	return started(ctx, in, r.Sales.StartPayment)
}

func (r *mutationResolver) StartMyPayment(ctx context.Context, in model.StartPaymentInput) (model.StartPaymentPayload, error) {
	return started(ctx, in, r.Sales.StartMyPayment)
}

func started(ctx context.Context, in model.StartPaymentInput, start func(context.Context, sale.StartPayment) (*sale.ProviderPayment, error)) (out model.StartPaymentPayload, err error) {
	out.Page, err = start(ctx, sale.StartPayment{OrderID: in.OrderID, Amount: int64(given(in.Amount)), ReturnURL: in.ReturnURL, IdempotencyKey: in.IdempotencyKey})
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *orderResolver) ProviderPayments(ctx context.Context, objs []*sale.Order) ([][]*sale.ProviderPayment, error) {
	ids := allIDs(objs, func(o *sale.Order) uuid.UUID { return o.ID })
	by, err := gather(ctx, "Sales.ProviderPaymentsOf", r.Sales.ProviderPaymentsOf, ids)
	return listsOf(ids, by), err
}

func (r *providerPaymentResolver) Order(ctx context.Context, objs []*sale.ProviderPayment) ([]*sale.Order, error) {
	by, err := gather(ctx, "Sales.OrdersOf", r.Sales.OrdersOf, named(objs, func(p *sale.ProviderPayment) *uuid.UUID { return p.OrderID }))
	out := make([]*sale.Order, len(objs))
	for i, p := range objs {
		if p.OrderID != nil {
			out[i] = by[*p.OrderID]
		}
	}
	return out, err
}

func (r *providerPaymentResolver) Problem(_ context.Context, p *sale.ProviderPayment) (*sale.Problem, error) {
	if p.Problem == "" {
		return nil, nil //nolint:nilnil // GraphQL's null: nothing is wrong
	}
	return &p.Problem, nil
}

// ProviderPayment resolves what providers were asked.
func (r *Resolver) ProviderPayment() ProviderPaymentResolver { return &providerPaymentResolver{r} }

type providerPaymentResolver struct{ *Resolver }
