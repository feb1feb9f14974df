package graph

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/campaign"
	"carnet/internal/contact"
	"carnet/internal/live"
	"carnet/internal/sale"
)

func (r *queryResolver) Campaign(ctx context.Context, id uuid.UUID) (campaign.Campaign, error) {
	c, err := r.Resolver.Campaigns.ByID(ctx, id)
	if err != nil {
		return campaign.Campaign{}, err
	}
	return *c, nil
}

func (r *queryResolver) Campaigns(ctx context.Context, search *string, statuses []campaign.Status, first *int, after *string) (model.CampaignConnection, error) {
	page, err := r.Resolver.Campaigns.List(ctx, campaign.Query{Search: text(search), Statuses: statuses, First: size(first), After: text(after)})
	return model.CampaignConnection(connect[model.CampaignEdge](page.Rows, page.More, after, func(c *campaign.Campaign) string { return c.ID.String() })), err
}

func (r *campaignResolver) Purpose(ctx context.Context, obj *campaign.Campaign) (*contact.ConsentPurpose, error) {
	if obj.PurposeID == nil {
		return nil, nil //nolint:nilnil // documented: a contract's matter has none
	}
	p, err := purposeByID(ctx, *obj.PurposeID)
	return &p, err
}

func (r *campaignResolver) Texts(_ context.Context, obj *campaign.Campaign) ([]*model.CampaignText, error) {
	return campaignTexts(obj.Texts), nil
}

func campaignTexts(texts map[string]campaign.Text) []*model.CampaignText {
	out := []*model.CampaignText{}
	for _, language := range slices.Sorted(maps.Keys(texts)) {
		out = append(out, &model.CampaignText{Language: language, Subject: texts[language].Subject, Body: texts[language].Body})
	}
	return out
}

func campaignTextsIn(in []*model.CampaignTextInput) map[string]campaign.Text {
	out := map[string]campaign.Text{}
	for _, t := range in {
		out[t.Language] = campaign.Text{Subject: t.Subject, Body: t.Body}
	}
	return out
}

func (r *campaignResolver) Offer(ctx context.Context, obj *campaign.Campaign) (*sale.Offer, error) {
	if obj.OfferID == nil {
		return nil, nil //nolint:nilnil // documented: it tells of none
	}
	return r.Sales.OfferByID(ctx, *obj.OfferID)
}

func (r *campaignResolver) Recipients(ctx context.Context, obj *campaign.Campaign, state *campaign.State, first *int, after *string) (model.CampaignRecipientConnection, error) {
	page, err := r.Campaigns.Recipients(ctx, obj.ID, state, size(first), text(after))
	return model.CampaignRecipientConnection(connect[model.CampaignRecipientEdge](page.Recipients, page.More, after, func(one *campaign.Recipient) string { return one.ContactID.String() })), err
}

func (r *campaignResolver) Audience(ctx context.Context, obj *campaign.Campaign) (campaign.Audience, error) {
	return r.Campaigns.Audience(ctx, obj)
}

func (r *campaignResolver) Preview(ctx context.Context, obj *campaign.Campaign, contactID *uuid.UUID, language *string) (campaign.Message, error) {
	return r.Campaigns.Preview(ctx, obj.ID, contactID, text(language))
}

func (r *campaignRecipientResolver) Contact(ctx context.Context, objs []*campaign.Recipient) ([]contact.Contact, error) {
	return r.contactsOf(ctx, allIDs(objs, func(one *campaign.Recipient) uuid.UUID { return one.ContactID }))
}

// contactsOf gives contacts in the order of their ids, nil for each that is gone.
func (r *Resolver) contactsOf(ctx context.Context, ids []uuid.UUID) ([]contact.Contact, error) {
	found, err := r.Contacts.ByIDs(ctx, ids)
	by := make(map[uuid.UUID]contact.Contact, len(found))
	for _, c := range found {
		by[c.Row().ID] = c
	}
	out := make([]contact.Contact, len(ids))
	for i, id := range ids {
		out[i] = by[id]
	}
	return out, err
}

func (r *campaignRecipientResolver) Reason(_ context.Context, obj *campaign.Recipient) (*campaign.Reason, error) {
	return reasonOf(obj.Reason), nil
}

func (r *mailingResolver) Reason(_ context.Context, obj *campaign.Mailing) (*campaign.Reason, error) {
	return reasonOf(obj.Reason), nil
}

func (r *mailingResolver) Contact(ctx context.Context, objs []*campaign.Mailing) ([]contact.Contact, error) {
	return r.contactsOf(ctx, allIDs(objs, func(m *campaign.Mailing) uuid.UUID { return m.ContactID }))
}

func reasonOf(reason campaign.Reason) *campaign.Reason {
	if reason == "" {
		return nil
	}
	return &reason
}

func (r *personResolver) Mailings(ctx context.Context, objs []*contact.Person, first *int, after *string) ([]model.MailingConnection, error) {
	return r.mailingsOf(ctx, allIDs(objs, personID), contact.Gather{}, first, after)
}

func (r *organizationResolver) Mailings(ctx context.Context, objs []*contact.Organization, first *int, after *string, includePeople, includeSubsidiaries bool) ([]model.MailingConnection, error) {
	return r.mailingsOf(ctx, allIDs(objs, organizationID), contact.Gather{People: includePeople, Subsidiaries: includeSubsidiaries}, first, after)
}

func (r *Resolver) mailingsOf(ctx context.Context, ids []uuid.UUID, with contact.Gather, first *int, after *string) ([]model.MailingConnection, error) {
	pages, err := r.Campaigns.History(ctx, ids, with, size(first), text(after))
	out := make([]model.MailingConnection, len(ids))
	for i, id := range ids {
		page := pages[id]
		out[i] = model.MailingConnection(connect[model.MailingEdge](page.Mailings, page.More, after, (*campaign.Mailing).Cursor))
	}
	return out, err
}

func (r *mutationResolver) SaveCampaign(ctx context.Context, in model.SaveCampaignInput) (model.CampaignPayload, error) {
	draft := campaign.DraftChange{
		ID: in.ID.Value(), Version: in.Version, Name: in.Name, Channel: in.Channel, Purpose: in.PurposeID.Value(), Offer: in.OfferID.Value(), Texts: campaignTextsIn(in.Texts), Template: in.TemplateID.Value(),
		Target: campaign.Target{SegmentID: in.Target.SegmentID.Value(), OrganizationID: in.Target.OrganizationID.Value()},
	}
	if ids, given := in.Target.ContactIds.ValueOK(); given {
		draft.Target.ContactIDs = ids
	}
	if in.Target.Kept {
		draft.Target.Matched = new(int)
	}
	var err error
	if matching := in.Target.Matching.Value(); matching != nil {
		draft.Matching, err = r.batchMatching(ctx, matching)
	}
	var c *campaign.Campaign
	if err == nil {
		c, err = r.Campaigns.Save(ctx, draft)
	}
	return campaignPayload(ctx, c, err)
}

// campaignPayload leaves the campaign out when there is something to mend.
func campaignPayload(ctx context.Context, c *campaign.Campaign, err error) (out model.CampaignPayload, _ error) {
	if err == nil {
		out.Campaign = c
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeleteCampaign(ctx context.Context, in model.CampaignInput) (model.CampaignPayload, error) {
	return campaignPayload(ctx, nil, r.Campaigns.Delete(ctx, in.ID))
}

func (r *mutationResolver) SendCampaign(ctx context.Context, in model.SendCampaignInput) (model.CampaignPayload, error) {
	c, err := r.Campaigns.Send(ctx, in.ID, in.Version, in.At.Value())
	return campaignPayload(ctx, c, err)
}

func (r *mutationResolver) PauseCampaign(ctx context.Context, in model.CampaignInput) (model.CampaignPayload, error) {
	c, err := r.Campaigns.Pause(ctx, in.ID)
	return campaignPayload(ctx, c, err)
}

func (r *mutationResolver) ResumeCampaign(ctx context.Context, in model.CampaignInput) (model.CampaignPayload, error) {
	c, err := r.Campaigns.Unpause(ctx, in.ID)
	return campaignPayload(ctx, c, err)
}

func (r *mutationResolver) CancelCampaign(ctx context.Context, in model.CampaignInput) (model.CampaignPayload, error) {
	c, err := r.Campaigns.Cancel(ctx, in.ID)
	return campaignPayload(ctx, c, err)
}

func (r *mutationResolver) SendCampaignAgain(ctx context.Context, in model.SendAgainInput) (model.CampaignPayload, error) {
	c, err := r.Campaigns.SendAgain(ctx, in.ID, in.ContactIds.Value())
	return campaignPayload(ctx, c, err)
}

func (r *mutationResolver) TryCampaign(ctx context.Context, in model.TryCampaignInput) (model.CampaignPayload, error) {
	err := r.Campaigns.Try(ctx, in.ID, in.ContactID.Value(), text(in.Language.Value()))
	if err != nil {
		return campaignPayload(ctx, nil, err)
	}
	c, err := r.Campaigns.ByID(ctx, in.ID)
	return campaignPayload(ctx, c, err)
}

func (r *subscriptionResolver) CampaignProgress(ctx context.Context, id uuid.UUID) (<-chan campaign.Campaign, error) {
	if _, err := r.Campaigns.ByID(ctx, id); err != nil {
		return nil, err
	}
	return follow(ctx, r.Changes, ChangeKey{"campaign", id}, paceOfProgress, func(live.LSN) (campaign.Campaign, bool, error) {
		c, err := r.Campaigns.ByID(ctx, id)
		if err != nil {
			return campaign.Campaign{}, true, err
		}
		return *c, c.Over(), nil
	}), nil
}

func single(in model.MessageInput) campaign.Single {
	return campaign.Single{ContactID: in.ContactID, Channel: in.Channel, Purpose: in.PurposeID.Value(), Text: campaign.Text{Subject: in.Subject, Body: in.Body}}
}

func (r *mutationResolver) SendMessage(ctx context.Context, in model.MessageInput) (out model.MessagePayload, err error) {
	c, err := r.Campaigns.SendSingle(ctx, single(in))
	if err == nil {
		out.CampaignID = &c.ID
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *queryResolver) MessagePreview(ctx context.Context, in model.MessageInput) (out model.MessagePreviewPayload, err error) {
	m, err := r.Resolver.Campaigns.PreviewSingle(ctx, single(in))
	if err == nil {
		out.Message = &m
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}
