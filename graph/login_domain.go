package graph

import (
	"context"

	"carnet/graph/model"
	"carnet/internal/account"
	"carnet/internal/site"
)

func (r *siteResolver) LoginDomain(ctx context.Context, obj *site.Site) (*model.LoginDomain, error) {
	if obj.LoginDomain == "" {
		return nil, nil //nolint:nilnil // GraphQL's null: the site has none
	}
	origins, err := r.Sites.LoginOrigins(ctx, *obj)
	name, text := obj.LoginDomainRecord()
	there := account.WithClient(ctx, account.Client{Server: obj.LoginURL()})
	return &model.LoginDomain{
		Domain: obj.LoginDomain, URL: obj.LoginURL(), VerifiedAt: obj.LoginDomainVerifiedAt, RecordName: name, RecordText: text,
		LoginRedirectURL: r.Accounts.CallbackURL(there, *obj, ""), Origins: origins,
	}, err
}

func (r *mutationResolver) SetLoginDomain(ctx context.Context, in model.SetLoginDomainInput) (out model.LoginDomainPayload, err error) {
	of, err := r.Sites.SetLoginDomain(ctx, in.Domain)
	if err == nil {
		out.Site = &of
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

// CheckLoginDomain gives the site beside what is to be mended, too: a proof that is gone has taken the domain away.
func (r *mutationResolver) CheckLoginDomain(ctx context.Context) (out model.LoginDomainPayload, err error) {
	of, err := r.Sites.CheckLoginDomain(ctx)
	if out.Errors, err = mend(ctx, err); err == nil {
		out.Site = &of
	}
	return out, err
}
