package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/account"
	"carnet/internal/contact"
)

func (r *Resolver) pendingConsentsOf(ctx context.Context, ids []uuid.UUID) ([][]*contact.PendingConsent, error) {
	by, err := gather(ctx, "Contacts.PendingOf", r.Contacts.PendingOf, ids)
	out := make([][]*contact.PendingConsent, len(ids))
	for i, id := range ids {
		if out[i] = by[id]; out[i] == nil {
			out[i] = []*contact.PendingConsent{}
		}
	}
	return out, err
}

func (r *personResolver) PendingConsents(ctx context.Context, objs []*contact.Person) ([][]*contact.PendingConsent, error) {
	return r.pendingConsentsOf(ctx, allIDs(objs, personID))
}

func (r *organizationResolver) PendingConsents(ctx context.Context, objs []*contact.Organization) ([][]*contact.PendingConsent, error) {
	return r.pendingConsentsOf(ctx, allIDs(objs, organizationID))
}

func (r *pendingConsentResolver) Purpose(ctx context.Context, obj *contact.PendingConsent) (contact.ConsentPurpose, error) {
	return purposeByID(ctx, obj.PurposeID)
}

func (r *meResolver) Preferences(ctx context.Context, _ *account.Me, language *string) (contact.Preferences, error) {
	return r.Contacts.MyPreferences(ctx, text(language))
}

func (r *mutationResolver) SaveMyPreferences(ctx context.Context, in model.SaveMyPreferencesInput) (out model.MyPreferencesPayload, err error) {
	say := contact.SayPreferences{None: in.None, Again: in.Again}
	for _, c := range in.Choices.Value() {
		say.Choices = append(say.Choices, contact.Choice{
			PurposeID: c.PurposeID, Channel: c.Channel, Agree: c.Agree, WordingVersion: c.WordingVersion.Value(), WordingLanguage: c.WordingLanguage.Value(),
		})
	}
	held, err := r.Contacts.SaveMyPreferences(ctx, text(in.Language.Value()), say)
	if err == nil {
		out.Preferences = &held
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}
