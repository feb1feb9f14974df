package graph

import (
	"context"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/fault"
)

func (r *queryResolver) LinkTypes(ctx context.Context, includeArchived bool) ([]*contact.LinkType, error) {
	return r.Resolver.Contacts.LinkTypes(ctx, includeArchived)
}

func (r *linkTypeResolver) Translations(_ context.Context, obj *contact.LinkType) (json.RawMessage, error) {
	return json.Marshal(obj.Translations)
}

func (r *mutationResolver) CreateLinkType(ctx context.Context, in model.CreateLinkTypeInput) (out model.LinkTypePayload, err error) {
	c := contact.LinkTypeChange{Name: &in.Name, ReverseName: &in.ReverseName, FromKind: in.FromKind.Value(), ToKind: in.ToKind.Value()}
	if c.Translations, err = linkTexts(in.Translations); err == nil {
		out.LinkType, err = r.Contacts.CreateLinkType(ctx, c)
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) UpdateLinkType(ctx context.Context, in model.UpdateLinkTypeInput) (out model.LinkTypePayload, err error) {
	c := contact.LinkTypeChange{Name: cleared(in.Name), ReverseName: cleared(in.ReverseName), Position: in.Position.Value(), Archived: in.Archived.Value()}
	if c.Translations, err = linkTexts(in.Translations); err == nil {
		out.LinkType, err = r.Contacts.UpdateLinkType(ctx, in.ID, c)
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeleteLinkType(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Contacts.DeleteLinkType(ctx, in.ID))
}

func linkTexts(o graphql.Omittable[json.RawMessage]) (*map[string]contact.LinkTexts, error) {
	raw, set := o.ValueOK()
	if !set {
		return nil, nil //nolint:nilnil // absent stays absent
	}
	t := map[string]contact.LinkTexts{}
	if len(raw) > 0 && json.Unmarshal(raw, &t) != nil {
		return nil, fault.Invalid(fault.WrongType, []string{"translations"}, `translations are texts by language, for example {"fr": {"name": "...", "reverseName": "..."}}`)
	}
	return &t, nil
}

func (r *mutationResolver) CreateAffiliation(ctx context.Context, in model.CreateAffiliationInput) (out model.AffiliationPayload, err error) {
	out.Affiliation, err = r.Contacts.CreateAffiliation(ctx, in.TypeID, in.FromID, in.ToID, contact.AffiliationChange{
		Role: cleared(in.Role), Since: date(in.Since), Until: date(in.Until), WorkEmail: cleared(in.WorkEmail), WorkPhone: cleared(in.WorkPhone), Note: cleared(in.Note),
	})
	return mendedLink(ctx, out.Affiliation, err)
}

func (r *mutationResolver) UpdateAffiliation(ctx context.Context, in model.UpdateAffiliationInput) (out model.AffiliationPayload, err error) {
	out.Affiliation, err = r.Contacts.UpdateAffiliation(ctx, in.ID, contact.AffiliationChange{
		Role: cleared(in.Role), Since: date(in.Since), Until: date(in.Until), WorkEmail: cleared(in.WorkEmail), WorkPhone: cleared(in.WorkPhone), Note: cleared(in.Note),
	})
	return mendedLink(ctx, out.Affiliation, err)
}

// mendedLink answers with the link, unless it was refused.
func mendedLink(ctx context.Context, row *contact.Affiliation, err error) (out model.AffiliationPayload, _ error) {
	if err == nil {
		out.Affiliation = row
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeleteAffiliation(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	_, err := r.Contacts.DeleteAffiliation(ctx, in.ID)
	return deletion(ctx, in.ID, err)
}

func (r *mutationResolver) CreateRelay(ctx context.Context, in model.CreateRelayInput) (out model.CreateRelayPayload, err error) {
	person := newPerson(in.Person)
	person.UseAddress = person.UseAddress || in.UseAddress
	link, err := r.Contacts.CreateRelay(ctx, contact.NewRelay{
		OrganizationID: in.OrganizationID, Person: person,
		Link: contact.AffiliationChange{Role: cleared(in.Role), Since: date(in.Since), WorkEmail: cleared(in.WorkEmail), WorkPhone: cleared(in.WorkPhone)},
	})
	if err == nil {
		out.Affiliation, out.Person = link, &contact.Person{Record: link.From.Row()}
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

// The parts that persons and organizations share.

func (r *Resolver) affiliationsOf(ctx context.Context, ids []uuid.UUID, d *contact.Direction, first *int, after *string) ([]model.AffiliationConnection, error) {
	n, from, direction := contact.DefaultPage, "", contact.Direction("")
	if first != nil {
		n = *first
	}
	if after != nil {
		from = *after
	}
	if d != nil {
		direction = *d
	}
	pages, err := r.Contacts.AffiliationsOf(ctx, ids, direction, n, from)
	out := make([]model.AffiliationConnection, len(ids))
	for i, id := range ids {
		out[i] = affiliationConnection(pages[id], after != nil)
	}
	return out, err
}

func affiliationConnection(page contact.AffiliationPage, previous bool) model.AffiliationConnection {
	out := model.AffiliationConnection{Nodes: page.Rows, Edges: []*model.AffiliationEdge{}, PageInfo: model.PageInfo{HasNextPage: page.More, HasPreviousPage: previous}}
	if out.Nodes == nil {
		out.Nodes = []*contact.Affiliation{}
	}
	for _, row := range page.Rows {
		out.Edges = append(out.Edges, &model.AffiliationEdge{Cursor: row.ID.String(), Node: *row})
	}
	if n := len(out.Edges); n > 0 {
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &out.Edges[0].Cursor, &out.Edges[n-1].Cursor
	}
	return out
}

func (r *personResolver) Roles(ctx context.Context, objs []*contact.Person) ([][]contact.Role, error) {
	rows := make([]*contact.Record, len(objs))
	for i, p := range objs {
		rows[i] = p.Record
	}
	return r.Contacts.RolesOf(ctx, rows)
}

func (r *personResolver) Affiliations(ctx context.Context, objs []*contact.Person, direction *contact.Direction, first *int, after *string) ([]model.AffiliationConnection, error) {
	return r.affiliationsOf(ctx, allIDs(objs, personID), direction, first, after)
}

func (r *personResolver) AddressOf(ctx context.Context, objs []*contact.Person) ([]*contact.Organization, error) {
	var ids []uuid.UUID
	for _, p := range objs {
		if p.Record.AddressOf != nil {
			ids = append(ids, *p.Record.AddressOf)
		}
	}
	by, err := gather(ctx, "Contacts.RecordsOf", r.Contacts.RecordsOf, ids)
	out := make([]*contact.Organization, len(objs))
	for i, p := range objs {
		if p.Record.AddressOf == nil {
			continue
		}
		if o := by[*p.Record.AddressOf]; o != nil {
			out[i] = &contact.Organization{Record: o}
		}
	}
	return out, err
}

func (r *organizationResolver) Roles(ctx context.Context, objs []*contact.Organization) ([][]contact.Role, error) {
	rows := make([]*contact.Record, len(objs))
	for i, o := range objs {
		rows[i] = o.Record
	}
	return r.Contacts.RolesOf(ctx, rows)
}

func (r *organizationResolver) Affiliations(ctx context.Context, objs []*contact.Organization, direction *contact.Direction, first *int, after *string) ([]model.AffiliationConnection, error) {
	return r.affiliationsOf(ctx, allIDs(objs, organizationID), direction, first, after)
}

func (r *organizationResolver) Relays(ctx context.Context, objs []*contact.Organization, first int) ([][]*contact.Person, error) {
	by, err := r.Contacts.RelaysOf(ctx, allIDs(objs, organizationID), first)
	out := make([][]*contact.Person, len(objs))
	for i, o := range objs {
		out[i] = []*contact.Person{}
		for _, relay := range by[o.ID] {
			out[i] = append(out[i], &contact.Person{Record: relay})
		}
	}
	return out, err
}

func (r *organizationResolver) People(ctx context.Context, obj *contact.Organization, includeSubsidiaries bool, first *int, after *string) (model.ContactConnection, error) {
	page, err := r.Contacts.People(ctx, obj.ID, includeSubsidiaries, contact.Query{First: first, After: after})
	return model.ContactConnection{Page: page}, err
}

func (r *historyEntryResolver) Contact(ctx context.Context, objs []*contact.Entry) ([]contact.Contact, error) {
	by, err := gather(ctx, "Contacts.RecordsOf", r.Contacts.RecordsOf, allIDs(objs, func(e *contact.Entry) uuid.UUID { return e.ContactID }))
	out := make([]contact.Contact, len(objs))
	for i, e := range objs {
		if row := by[e.ContactID]; row != nil {
			out[i] = contact.Of(row)
		}
	}
	return out, err
}
