package graph

import (
	"context"
	"encoding/json"

	"carnet/graph/model"
	"carnet/internal/account"
)

func (r *mutationResolver) StartPasskeySignIn(ctx context.Context, in model.StartPasskeySignInInput) (model.PasskeyOptionsPayload, error) {
	got, err := r.Accounts.StartPasskeySignIn(ctx, attempt(in.Attempt))
	return passkeyOptions(ctx, got, err)
}

func (r *mutationResolver) SignInWithPasskey(ctx context.Context, in model.SignInWithPasskeyInput) (model.CodePayload, error) {
	got, err := r.Accounts.SignInWithPasskey(ctx, account.PasskeySignIn{Attempt: attempt(in.Attempt), Response: in.Response})
	return code(ctx, got, err)
}

func (r *mutationResolver) StartMyPasskey(ctx context.Context) (model.PasskeyOptionsPayload, error) {
	got, err := r.Accounts.StartPasskey(ctx)
	return passkeyOptions(ctx, got, err)
}

func passkeyOptions(ctx context.Context, got json.RawMessage, err error) (out model.PasskeyOptionsPayload, _ error) {
	if err == nil {
		out.Options = got
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) AddMyPasskey(ctx context.Context, in model.AddMyPasskeyInput) (model.MePayload, error) {
	return r.mine(ctx, r.Accounts.AddPasskey(ctx, account.NewPasskey{Name: in.Name, Response: in.Response}))
}

func (r *mutationResolver) RenameMyPasskey(ctx context.Context, in model.RenameMyPasskeyInput) (model.MePayload, error) {
	return r.mine(ctx, r.Accounts.RenamePasskey(ctx, in.ID, in.Name))
}

func (r *mutationResolver) RemoveMyPasskey(ctx context.Context, in model.DeleteInput) (model.MePayload, error) {
	return r.mine(ctx, r.Accounts.RemovePasskey(ctx, in.ID))
}
