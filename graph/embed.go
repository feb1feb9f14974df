package graph

import (
	"context"
	"time"

	"carnet/graph/model"
	"carnet/internal/account"
	"carnet/internal/site"
)

func (r *siteResolver) Theme(_ context.Context, obj *site.Site) ([]*site.ThemeProperty, error) {
	return pointers(obj.Theme), nil
}

func (r *siteResolver) WidgetTexts(_ context.Context, obj *site.Site) ([]*site.WidgetText, error) {
	return pointers(obj.WidgetTexts), nil
}

func (r *siteResolver) LegalLinks(_ context.Context, obj *site.Site) ([]*site.LegalLink, error) {
	return pointers(obj.LegalLinks), nil
}

func (r *siteResolver) Secrets(ctx context.Context, _ *site.Site) ([]*site.Secret, error) {
	rows, err := r.Sites.Secrets(ctx)
	return pointers(rows), err
}

func (r *queryResolver) SigningKeys(ctx context.Context) ([]*account.SigningKey, error) {
	rows, err := r.Accounts.SigningKeys(ctx)
	return pointers(rows), err
}

func (r *queryResolver) Throttles(ctx context.Context) ([]*site.Throttle, error) {
	rows, err := r.Sites.Throttles(ctx)
	return pointers(rows), err
}

func (r *queryResolver) DoorLoad(ctx context.Context) (account.Load, error) {
	return r.Accounts.Load(ctx)
}

func (r *queryResolver) EmbedEvents(ctx context.Context) ([]*site.EmbedEvent, error) {
	rows, err := r.Sites.EmbedEvents(ctx)
	return pointers(rows), err
}

func (r *siteResolver) ThirdPartyWidgets(ctx context.Context, obj *site.Site) ([]*site.ThirdParty, error) {
	rows, err := r.Sites.ThirdParties(ctx, obj.ID)
	return pointers(rows), err
}

func (r *mutationResolver) SaveThirdPartyWidget(ctx context.Context, in model.SaveThirdPartyWidgetInput) (out model.ThirdPartyWidgetPayload, err error) {
	if err = r.Sites.SaveThirdParty(ctx, site.ThirdParty{Tag: in.Tag, Name: in.Name, Page: in.Page, Grants: in.Grants}); err == nil {
		out.Site, err = r.changedSite(ctx)
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeleteThirdPartyWidget(ctx context.Context, in model.DeleteThirdPartyWidgetInput) (out model.ThirdPartyWidgetPayload, err error) {
	if err = r.Sites.DeleteThirdParty(ctx, in.Tag); err == nil {
		out.Site, err = r.changedSite(ctx)
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) RotateSiteSecret(ctx context.Context, in model.RotateSiteSecretInput) (out model.RotateSiteSecretPayload, err error) {
	hours := min(max(in.OverlapHours, -1), 1000) // in nanoseconds further ones would come round to a few minutes; these are refused, too
	plain, err := r.Sites.RotateSecret(ctx, time.Duration(hours)*time.Hour)
	if err == nil {
		out.Secret = &plain
		out.Site, err = r.changedSite(ctx)
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) RevokeSiteSecret(ctx context.Context, in model.DeleteInput) (out model.RevokeSiteSecretPayload, err error) {
	if err = r.Sites.RevokeSecret(ctx, in.ID); err == nil {
		out.Site, err = r.changedSite(ctx)
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) RotateSigningKey(ctx context.Context) (out model.RotateSigningKeyPayload, err error) {
	key, err := r.Accounts.RotateSigningKey(ctx)
	if err == nil {
		out.SigningKey = &key
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) ReleaseThrottle(ctx context.Context, in model.ReleaseThrottleInput) (out model.ReleaseThrottlePayload, err error) {
	if err = r.Sites.ReleaseThrottle(ctx, in.ID); err == nil {
		out.ReleasedID = &in.ID
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) changedSite(ctx context.Context) (*site.Site, error) {
	of, err := r.Sites.Current(ctx)
	return &of, err
}
