package graph

import (
	"context"

	"carnet/graph/model"
	"carnet/internal/account"
	"carnet/internal/site"
)

// "My account": what an end user sees and changes of themselves.

func (r *queryResolver) Me(ctx context.Context) (*account.Me, error) {
	if site.ActorOf(ctx).Kind != site.KindAccount {
		return nil, nil //nolint:nilnil // GraphQL null: nobody is signed in
	}
	me, err := r.Accounts.Me(ctx)
	return &me, err
}

func (r *meResolver) Profile(ctx context.Context, _ *account.Me, language *string) (account.Profile, error) {
	return r.Accounts.Profile(ctx, text(language))
}

func (r *meResolver) Security(ctx context.Context, obj *account.Me) (account.Security, error) {
	return r.Accounts.Security(ctx, *obj)
}

func (r *myProfileResolver) Answers(_ context.Context, obj *account.Profile) ([]*model.Answer, error) {
	return pointers(obj.Answers), nil
}

// mine answers a change with who is signed in after it.
func (r *Resolver) mine(ctx context.Context, err error) (out model.MePayload, _ error) {
	if err == nil {
		var me account.Me
		if me, err = r.Accounts.Me(ctx); err == nil {
			out.Me = &me
		}
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) UpdateMyProfile(ctx context.Context, in model.UpdateMyProfileInput) (model.MePayload, error) {
	c := account.ProfileChange{
		FirstName: cleared(in.FirstName), LastName: cleared(in.LastName), Mobile: cleared(in.Mobile), Language: cleared(in.Language), Answers: answers(in.Answers),
	}
	if to := in.Address.Value(); to != nil {
		c.Lines, c.Postcode, c.City, c.Country = list(to.Lines), cleared(to.Postcode), cleared(to.City), cleared(to.Country)
	}
	return r.mine(ctx, r.Accounts.SaveProfile(ctx, c))
}

func (r *mutationResolver) ChangeMyPassword(ctx context.Context, in model.ChangeMyPasswordInput) (model.CodePayload, error) {
	got, err := r.Accounts.ChangePassword(ctx, account.ChangePassword{Attempt: attempt(in.Attempt), Password: in.Password})
	return code(ctx, got, err)
}

func (r *mutationResolver) RequestMyEmailChange(ctx context.Context, in model.RequestMyEmailChangeInput) (model.MePayload, error) {
	return r.mine(ctx, r.Accounts.RequestEmailChange(ctx, in.Email))
}

func (r *mutationResolver) ConfirmMyEmailChange(ctx context.Context, in model.ConfirmMyEmailChangeInput) (model.MePayload, error) {
	return r.mine(ctx, r.Accounts.ConfirmEmailChange(ctx, in.Code))
}

func (r *mutationResolver) CancelMyEmailChange(ctx context.Context) (model.MePayload, error) {
	return r.mine(ctx, r.Accounts.CancelEmailChange(ctx))
}

func (r *mutationResolver) EndMySession(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Accounts.EndSession(ctx, in.ID))
}

func (r *mutationResolver) RemoveMyIdentity(ctx context.Context, in model.RemoveMyIdentityInput) (model.MePayload, error) {
	return r.mine(ctx, r.Accounts.RemoveIdentity(ctx, in.Provider))
}

func (r *mutationResolver) CloseMyAccount(ctx context.Context) (out model.SignOutPayload, err error) {
	err = r.Accounts.Close(ctx)
	out.SignedOut = err == nil
	out.Errors, err = mend(ctx, err)
	return out, err
}
