package graph

import (
	"context"
	"encoding/json"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/site"
)

func (r *queryResolver) ConsentPurposes(ctx context.Context, includeArchived bool) ([]*contact.ConsentPurpose, error) {
	return r.Resolver.Contacts.Purposes(ctx, includeArchived)
}

func (r *queryResolver) ConsentPolicyEffect(ctx context.Context, policy site.ConsentPolicy) (contact.PolicyEffect, error) {
	return r.Resolver.Contacts.PolicyEffect(ctx, policy)
}

func (r *mutationResolver) CreateConsentPurpose(ctx context.Context, in model.CreateConsentPurposeInput) (out model.ConsentPurposePayload, err error) {
	c := contact.PurposeChange{Name: &in.Name, Description: cleared(in.Description), Translations: rawTranslations(in.Translations), Wording: wording(in.Wording), DoubleOptIn: in.DoubleOptIn.Value(), Measures: in.Measures.Value()}
	p, err := r.Contacts.CreatePurpose(ctx, in.Code, c)
	return purposePayload(ctx, p, err)
}

func (r *mutationResolver) UpdateConsentPurpose(ctx context.Context, in model.UpdateConsentPurposeInput) (out model.ConsentPurposePayload, err error) {
	c := contact.PurposeChange{
		Name: cleared(in.Name), Description: cleared(in.Description), Translations: rawTranslations(in.Translations), Wording: wording(in.Wording),
		Position: in.Position.Value(), Archived: in.Archived.Value(), DoubleOptIn: in.DoubleOptIn.Value(), Measures: in.Measures.Value(),
	}
	p, err := r.Contacts.UpdatePurpose(ctx, in.ID, c)
	return purposePayload(ctx, p, err)
}

// purposePayload leaves the entity out when there is something to mend.
func purposePayload(ctx context.Context, p *contact.ConsentPurpose, err error) (out model.ConsentPurposePayload, _ error) {
	if err == nil {
		out.Purpose = p
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func rawTranslations(o graphql.Omittable[json.RawMessage]) *json.RawMessage {
	raw, set := o.ValueOK()
	if !set {
		return nil
	}
	if len(raw) == 0 {
		raw = json.RawMessage("{}")
	}
	return &raw
}

func wording(o graphql.Omittable[[]*model.ConsentWordingInput]) map[string]string {
	out := map[string]string{}
	for _, w := range o.Value() {
		out[w.Language] = w.Text
	}
	return out
}

func (r *mutationResolver) RecordConsent(ctx context.Context, in model.RecordConsentInput) (out model.RecordConsentPayload, err error) {
	out.Contact, err = r.Contacts.RecordConsent(ctx, in.ContactID, newConsent(in.PurposeID, in.Channel, in.State, in.Note, in.At))
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) RecordConsents(ctx context.Context, in model.RecordConsentsInput) (out model.RecordConsentsPayload, err error) {
	given := newConsent(in.PurposeID, in.Channel, in.State, in.Note, in.At)
	given.Contacts = in.ContactIds
	rows, err := r.Contacts.RecordConsents(ctx, given)
	out.Recorded = len(rows)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func newConsent(purpose graphql.Omittable[*uuid.UUID], channel contact.ConsentChannel, state contact.ConsentState, note graphql.Omittable[*string], at graphql.Omittable[*time.Time]) contact.NewConsent {
	return contact.NewConsent{PurposeID: purpose.Value(), Channel: channel, State: state, Note: text(note.Value()), At: at.Value()}
}

func (r *Resolver) consentsOf(ctx context.Context, ids []uuid.UUID) ([][]*contact.Consent, error) {
	by, err := gather(ctx, "Contacts.ConsentsOf", r.Contacts.ConsentsOf, ids)
	out := make([][]*contact.Consent, len(ids))
	for i, id := range ids {
		if out[i] = by[id]; out[i] == nil {
			out[i] = []*contact.Consent{}
		}
	}
	return out, err
}

func (r *personResolver) Consents(ctx context.Context, objs []*contact.Person) ([][]*contact.Consent, error) {
	return r.consentsOf(ctx, allIDs(objs, personID))
}

func (r *organizationResolver) Consents(ctx context.Context, objs []*contact.Organization) ([][]*contact.Consent, error) {
	return r.consentsOf(ctx, allIDs(objs, organizationID))
}

func (r *Resolver) consentHistoryOf(ctx context.Context, id uuid.UUID, first *int, after *string) (model.ConsentHistoryConnection, error) {
	n := contact.DefaultPage
	if first != nil {
		n = *first
	}
	page, err := r.Contacts.ConsentHistory(ctx, id, n, text(after))
	out := model.ConsentHistoryConnection{Nodes: page.Entries, Edges: []*model.ConsentEntryEdge{}, PageInfo: model.PageInfo{HasNextPage: page.More, HasPreviousPage: after != nil}}
	for _, e := range page.Entries {
		out.Edges = append(out.Edges, &model.ConsentEntryEdge{Cursor: e.ID.String(), Node: *e})
	}
	if len(out.Edges) > 0 {
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &out.Edges[0].Cursor, &out.Edges[len(out.Edges)-1].Cursor
	}
	return out, err
}

func (r *personResolver) ConsentHistory(ctx context.Context, obj *contact.Person, first *int, after *string) (model.ConsentHistoryConnection, error) {
	return r.consentHistoryOf(ctx, obj.ID, first, after)
}

func (r *organizationResolver) ConsentHistory(ctx context.Context, obj *contact.Organization, first *int, after *string) (model.ConsentHistoryConnection, error) {
	return r.consentHistoryOf(ctx, obj.ID, first, after)
}

func purposeByID(ctx context.Context, id uuid.UUID) (contact.ConsentPurpose, error) {
	by, err := cached(ctx).purposes()
	if err != nil {
		return contact.ConsentPurpose{}, err
	}
	p := by[id]
	if p == nil {
		return contact.ConsentPurpose{}, fault.Missing("consent purpose")
	}
	return *p, nil
}

func (r *consentResolver) Purpose(ctx context.Context, obj *contact.Consent) (contact.ConsentPurpose, error) {
	return purposeByID(ctx, obj.PurposeID)
}

func (r *consentEntryResolver) Purpose(ctx context.Context, obj *contact.ConsentEntry) (contact.ConsentPurpose, error) {
	return purposeByID(ctx, obj.PurposeID)
}

func (r *consentEntryResolver) ActorKind(_ context.Context, obj *contact.ConsentEntry) (*model.ViewerKind, error) {
	return viewerKind(obj.ActorKind), nil
}

func (r *consentPurposeResolver) Wordings(ctx context.Context, objs []*contact.ConsentPurpose) ([][]*contact.ConsentWording, error) {
	ids := allIDs(objs, func(p *contact.ConsentPurpose) uuid.UUID { return p.ID })
	by, err := gather(ctx, "Contacts.WordingsOf", r.Contacts.WordingsOf, ids)
	out := make([][]*contact.ConsentWording, len(ids))
	for i, id := range ids {
		if out[i] = by[id]; out[i] == nil {
			out[i] = []*contact.ConsentWording{}
		}
	}
	return out, err
}

func (r *consentPurposeResolver) Wording(ctx context.Context, objs []*contact.ConsentPurpose) ([][]*contact.ConsentWording, error) {
	all, err := r.Wordings(ctx, objs)
	for i := range all {
		all[i] = contact.Latest(all[i])
	}
	return all, err
}
