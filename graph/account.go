package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/account"
	"carnet/internal/contact"
)

// Contacts' accounts, as staff see and manage them.

func (r *personResolver) Account(ctx context.Context, objs []*contact.Person) ([]*account.Overview, error) {
	ids := allIDs(objs, personID)
	by, err := gather(ctx, "Accounts.Of", r.Accounts.Of, ids)
	out := make([]*account.Overview, len(ids))
	for i, id := range ids {
		out[i] = by[id]
	}
	return out, err
}

func (r *accountResolver) LastChange(ctx context.Context, objs []*account.Overview) ([]*contact.Entry, error) {
	by, err := r.Contacts.AccountChanges(ctx, allIDs(objs, func(o *account.Overview) uuid.UUID { return o.ID }))
	out := make([]*contact.Entry, len(objs))
	for i, o := range objs {
		out[i] = by[o.ID]
	}
	return out, err
}

// accountAfter answers a change of a contact's account with the account after it.
func (r *Resolver) accountAfter(ctx context.Context, contactID uuid.UUID, err error) (out model.AccountPayload, _ error) {
	if err == nil {
		var by map[uuid.UUID]*account.Overview
		by, err = r.Accounts.Of(ctx, []uuid.UUID{contactID})
		out.Account = by[contactID]
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) CreateAccount(ctx context.Context, in model.AccountInput) (model.AccountPayload, error) {
	return r.accountAfter(ctx, in.ContactID, r.Accounts.CreateFor(ctx, in.ContactID))
}

func (r *mutationResolver) SendPasswordReset(ctx context.Context, in model.AccountInput) (model.AccountPayload, error) {
	return r.accountAfter(ctx, in.ContactID, r.Accounts.SendReset(ctx, in.ContactID))
}

func (r *mutationResolver) GenerateAccountPassword(ctx context.Context, in model.AccountInput) (model.AccountPasswordPayload, error) {
	password, err := r.Accounts.GeneratePassword(ctx, in.ContactID)
	after, err := r.accountAfter(ctx, in.ContactID, err)
	out := model.AccountPasswordPayload{Account: after.Account, Errors: after.Errors}
	if password != "" {
		out.Password = &password
	}
	return out, err
}

func (r *mutationResolver) DisableAccount(ctx context.Context, in model.AccountInput) (model.AccountPayload, error) {
	return r.accountAfter(ctx, in.ContactID, r.Accounts.Disable(ctx, in.ContactID))
}

func (r *mutationResolver) EnableAccount(ctx context.Context, in model.AccountInput) (model.AccountPayload, error) {
	return r.accountAfter(ctx, in.ContactID, r.Accounts.Enable(ctx, in.ContactID))
}

func (r *mutationResolver) SignOutAccount(ctx context.Context, in model.AccountInput) (model.AccountPayload, error) {
	return r.accountAfter(ctx, in.ContactID, r.Accounts.SignOutOwner(ctx, in.ContactID))
}

func (r *mutationResolver) CloseAccount(ctx context.Context, in model.AccountInput) (model.AccountPayload, error) {
	return r.accountAfter(ctx, in.ContactID, r.Accounts.CloseFor(ctx, in.ContactID))
}

func (r *mutationResolver) StartSupportSession(ctx context.Context, in model.StartSupportSessionInput) (out model.StartSupportSessionPayload, err error) {
	link, err := r.Accounts.StartSupport(ctx, in.ContactID, text(in.Origin.Value()))
	if err == nil {
		out.URL, out.ExpiresAt = &link.URL, &link.ExpiresAt
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) EnterSupportSession(ctx context.Context, in model.EnterSupportSessionInput) (model.CodePayload, error) {
	got, err := r.Accounts.EnterSupport(ctx, attempt(in.Attempt), in.Code)
	return code(ctx, got, err)
}
