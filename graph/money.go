package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/sale"
)

// Payments, refunds and what contacts have with the site.

func (r *mutationResolver) RecordPayment(ctx context.Context, in model.RecordPaymentInput) (out model.OrderPayload, err error) {
	out.Order, err = r.Sales.RecordPayment(ctx, sale.Pay{OrderID: in.OrderID, Method: in.Method, Amount: int64(in.Amount), Reference: in.Reference, IdempotencyKey: in.IdempotencyKey})
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) Refund(ctx context.Context, in model.RefundInput) (out model.OrderPayload, err error) {
	out.Order, err = r.Sales.Refund(ctx, sale.Refund{
		OrderID: in.OrderID, PaymentID: in.PaymentID.Value(), Method: in.Method, Amount: int64(in.Amount), Reference: in.Reference, Reason: in.Reason, IdempotencyKey: in.IdempotencyKey,
	})
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DepositForContact(ctx context.Context, in model.ChangeBalanceInput) (model.ContactMoneyPayload, error) {
	return r.balance(ctx, in, r.Sales.Deposit)
}

func (r *mutationResolver) WithdrawForContact(ctx context.Context, in model.ChangeBalanceInput) (model.ContactMoneyPayload, error) {
	return r.balance(ctx, in, r.Sales.Withdraw)
}

// balance changes a contact's balance and gives what the contact has then.
func (r *Resolver) balance(ctx context.Context, in model.ChangeBalanceInput, change func(context.Context, sale.ChangeBalance) error) (out model.ContactMoneyPayload, err error) {
	err = change(ctx, sale.ChangeBalance{
		ContactID: in.ContactID, Balance: in.Balance, Amount: int64(in.Amount), Method: in.Method.Value(), Reason: in.Reason, IdempotencyKey: in.IdempotencyKey,
	})
	if err == nil {
		out.Money, err = r.Sales.MoneyOf(ctx, in.ContactID)
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *queryResolver) ContactMoney(ctx context.Context, contactID uuid.UUID) (sale.Money, error) {
	return found(r.Sales.MoneyOf(ctx, contactID))
}

func (r *contactMoneyResolver) Entries(ctx context.Context, obj *sale.Money, balances []sale.Balance, first *int, after *string) (out model.BalanceEntryConnection, err error) {
	page, err := r.Sales.Entries(ctx, obj.ContactID, balances, size(first), text(after))
	out = model.BalanceEntryConnection{Nodes: page.Rows, Edges: []*model.BalanceEntryEdge{}, PageInfo: model.PageInfo{HasNextPage: page.More, HasPreviousPage: after != nil}}
	for _, e := range page.Rows {
		out.Edges = append(out.Edges, &model.BalanceEntryEdge{Cursor: e.Cursor(), Node: *e})
	}
	if len(out.Edges) > 0 {
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &out.Edges[0].Cursor, &out.Edges[len(out.Edges)-1].Cursor
	}
	return out, err
}

func (r *balanceEntryResolver) Order(ctx context.Context, objs []*sale.Entry) ([]*sale.Order, error) {
	ids := named(objs, func(e *sale.Entry) *uuid.UUID { return e.OrderID })
	by, err := gather(ctx, "Sales.OrdersOf", r.Sales.OrdersOf, ids)
	out := make([]*sale.Order, len(objs))
	for i, e := range objs {
		if e.OrderID != nil {
			out[i] = by[*e.OrderID]
		}
	}
	return out, err
}
