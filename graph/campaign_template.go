package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/campaign"
)

func (r *queryResolver) CampaignTemplate(ctx context.Context, id uuid.UUID) (campaign.Template, error) {
	t, err := r.Resolver.Campaigns.TemplateByID(ctx, id)
	if err != nil {
		return campaign.Template{}, err
	}
	return *t, nil
}

func (r *queryResolver) CampaignTemplates(ctx context.Context, first *int, after *string) (model.CampaignTemplateConnection, error) {
	page, err := r.Resolver.Campaigns.Templates(ctx, size(first), text(after))
	return model.CampaignTemplateConnection(connect[model.CampaignTemplateEdge](page.Rows, page.More, after, func(t *campaign.Template) string { return t.ID.String() })), err
}

func (r *campaignTemplateResolver) Texts(_ context.Context, obj *campaign.Template) ([]*model.CampaignText, error) {
	return campaignTexts(obj.Texts), nil
}

func (r *mutationResolver) SaveCampaignTemplate(ctx context.Context, in model.SaveCampaignTemplateInput) (out model.CampaignTemplatePayload, err error) {
	t, err := r.Campaigns.SaveTemplate(ctx, campaign.TemplateChange{ID: in.ID.Value(), Version: in.Version, Name: in.Name, Texts: campaignTextsIn(in.Texts), Campaign: in.CampaignID.Value()})
	if err == nil {
		out.Template = t
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeleteCampaignTemplate(ctx context.Context, in model.CampaignTemplateInput) (out model.CampaignTemplatePayload, err error) {
	out.Errors, err = mend(ctx, r.Campaigns.DeleteTemplate(ctx, in.ID))
	return out, err
}

func (r *queryResolver) CampaignPreview(ctx context.Context, in model.PreviewCampaignInput) (out model.CampaignPreviewPayload, err error) {
	m, err := r.Resolver.Campaigns.PreviewUnsaved(ctx, campaign.Unsaved{Channel: in.Channel, Texts: campaignTextsIn(in.Texts), Purpose: in.PurposeID.Value(), Offer: in.OfferID.Value()},
		in.ContactID.Value(), text(in.Language.Value()))
	if err == nil {
		out.Message = &m
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}
