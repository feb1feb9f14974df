package graph

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/field"
	"carnet/internal/segment"
	"carnet/internal/site"
)

func (r *queryResolver) Contact(ctx context.Context, id uuid.UUID) (contact.Contact, error) {
	return r.Resolver.Contacts.ByID(ctx, id)
}

func (r *queryResolver) Contacts(ctx context.Context, search *string, filter map[string]any, segmentID *uuid.UUID, orderBy *model.ContactOrder, includeUnlisted bool, includeInvalid bool, trash bool, first *int, after *string, last *int, before *string) (model.ContactConnection, error) {
	q, err := r.listed(ctx, search, filter, segmentID, orderBy, includeUnlisted, includeInvalid, trash, first, after, last, before)
	if err != nil {
		return model.ContactConnection{}, err
	}
	if onlyCounted(ctx) {
		return model.ContactConnection{Page: contact.Page{Query: *q}}, nil
	}
	page, err := r.Resolver.Contacts.List(ctx, *q)
	return model.ContactConnection{Page: page}, err
}

// onlyCounted tells that nothing of a list is asked for but how many it has, as counts beside the names of views are.
func onlyCounted(ctx context.Context) bool {
	return !slices.ContainsFunc(graphql.CollectAllFields(ctx), func(name string) bool { return name != "totalCount" && name != "__typename" })
}

// listed compiles the arguments of contacts.
func (r *Resolver) listed(ctx context.Context, search *string, filter map[string]any, segmentID *uuid.UUID, orderBy *model.ContactOrder, includeUnlisted, includeInvalid, trash bool, first *int, after *string, last *int, before *string) (*contact.Query, error) {
	q, err := r.matching(ctx, search, filter, segmentID)
	if err != nil {
		return nil, err
	}
	q.Unlisted, q.Invalid, q.Trash = includeUnlisted, includeInvalid, trash
	q.First, q.After, q.Last, q.Before = first, after, last, before
	if orderBy != nil {
		if q.Order, q.Down, err = r.ordered(ctx, orderBy); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// matching compiles what says which contacts are meant.
func (r *Resolver) matching(ctx context.Context, search *string, filter map[string]any, segmentID *uuid.UUID) (*contact.Query, error) {
	q := &contact.Query{Search: text(search)}
	var rule *segment.Rule
	if filter != nil {
		parsed, err := parseRule(filter)
		if err != nil {
			return nil, err
		}
		rule = &parsed
		where, err := r.Segments.Condition(ctx, parsed)
		if err != nil {
			return nil, err
		}
		q.Where = append(q.Where, where)
	}
	if segmentID != nil {
		where, err := r.Segments.ConditionOf(ctx, *segmentID)
		if err != nil {
			return nil, err
		}
		q.Where = append(q.Where, where)
	}
	q.Counted = cached(ctx).searchedOnce(q.Search, r.Segments.Counter(rule, segmentID))
	return q, nil
}

func (r *queryResolver) ContactSuggestions(ctx context.Context, text string, first int) ([]contact.Contact, error) {
	rows, err := r.Resolver.Contacts.Suggest(ctx, text, first, nil)
	return contact.All(rows), err
}

func (r *queryResolver) Subdivisions(_ context.Context, country string) ([]*contact.Subdivision, error) {
	return pointers(contact.Subdivisions(country)), nil
}

func (r *queryResolver) Organizations(ctx context.Context, search *string, first *int, after *string) (model.ContactConnection, error) {
	q := contact.Query{Kind: contact.KindOrganization, First: first, After: after}
	if search != nil {
		q.Search = *search
	}
	page, err := r.Resolver.Contacts.List(ctx, q)
	return model.ContactConnection{Page: page}, err
}

func (r *contactConnectionResolver) TotalCount(ctx context.Context, obj *model.ContactConnection) (int, error) {
	return r.Contacts.Count(ctx, obj.Page.Query)
}

func (r *mutationResolver) CreatePerson(ctx context.Context, in model.CreatePersonInput) (out model.CreatePersonPayload, err error) {
	made, err := r.Contacts.CreatePerson(ctx, newPerson(in))
	if out.Errors, err = mend(ctx, err); err == nil && made != nil {
		out.Person = &contact.Person{Record: made.Row()}
	}
	return out, err
}

func newPerson(in model.CreatePersonInput) contact.NewPerson {
	c := contact.Change{
		Title: cleared(in.Title), FirstName: cleared(in.FirstName), LastName: cleared(in.LastName), BirthDate: date(in.BirthDate), FunctionID: nullable(in.FunctionID),
		Company: cleared(in.Company), Email: cleared(in.Email), Phone: cleared(in.Phone), Mobile: cleared(in.Mobile), AddressOf: nullable(in.AddressOf),
		Language: cleared(in.Language), Color: cleared(in.Color), Note: cleared(in.Note), GroupIDs: list(in.GroupIds), LabelIDs: list(in.LabelIds), Answers: answers(in.Answers), NatureID: nullable(in.NatureID),
		Types: list(in.Types), ValidUntil: date(in.ValidUntil), AdministrativeNumber: cleared(in.AdministrativeNumber), IBAN: cleared(in.Iban),
		Ambassador: cleared(in.Ambassador), Fax: cleared(in.Fax), OtherEmails: values(in.OtherEmails), OtherPhones: values(in.OtherPhones),
		Delivery: further(in.DeliveryAddress), Billing: further(in.BillingAddress), Seats: values(in.Seats), References: values(in.References),
	}
	applyAddress(&c, in.Address)
	return contact.NewPerson{Change: c, OrganizationID: in.OrganizationID.Value(), UseAddress: isTrue(in.UseAddress), QuickForm: isTrue(in.QuickForm), Account: isTrue(in.Account)}
}

func (r *mutationResolver) CreateOrganization(ctx context.Context, in model.CreateOrganizationInput) (out model.CreateOrganizationPayload, err error) {
	c := contact.Change{
		Name: &in.Name, OrganizationKind: nullable(in.OrganizationKind), Recognised: nullable(in.Recognised), Email: cleared(in.Email),
		Phone: cleared(in.Phone), Mobile: cleared(in.Mobile), Language: cleared(in.Language), Color: cleared(in.Color),
		Note: cleared(in.Note), GroupIDs: list(in.GroupIds), LabelIDs: list(in.LabelIds), Answers: answers(in.Answers), NatureID: nullable(in.NatureID),
		Types: list(in.Types), ValidUntil: date(in.ValidUntil), AdministrativeNumber: cleared(in.AdministrativeNumber), IBAN: cleared(in.Iban),
		Ambassador: cleared(in.Ambassador), Fax: cleared(in.Fax), OtherEmails: values(in.OtherEmails), OtherPhones: values(in.OtherPhones),
		Delivery: further(in.DeliveryAddress), Billing: further(in.BillingAddress), Seats: values(in.Seats), References: values(in.References),
	}
	applyAddress(&c, in.Address)
	made, err := r.Contacts.Create(ctx, contact.KindOrganization, c)
	if out.Errors, err = mend(ctx, err); err == nil && made != nil {
		out.Organization = &contact.Organization{Record: made.Row()}
	}
	return out, err
}

func (r *mutationResolver) UpdateContact(ctx context.Context, in model.UpdateContactInput) (out model.UpdateContactPayload, err error) {
	c := contact.Change{
		Title: cleared(in.Title), FirstName: cleared(in.FirstName), LastName: cleared(in.LastName), BirthDate: date(in.BirthDate), FunctionID: nullable(in.FunctionID),
		Company: cleared(in.Company), Name: cleared(in.Name), OrganizationKind: nullable(in.OrganizationKind), Recognised: nullable(in.Recognised),
		Email: cleared(in.Email), Phone: cleared(in.Phone), Mobile: cleared(in.Mobile), Language: cleared(in.Language),
		Color: cleared(in.Color), Note: cleared(in.Note), Listed: cleared(in.Listed), AddressOf: nullable(in.AddressOf), GroupIDs: list(in.GroupIds), LabelIDs: list(in.LabelIds), Answers: answers(in.Answers), NatureID: nullable(in.NatureID),
		Types: list(in.Types), ValidUntil: date(in.ValidUntil), AdministrativeNumber: cleared(in.AdministrativeNumber), IBAN: cleared(in.Iban),
		Ambassador: cleared(in.Ambassador), Fax: cleared(in.Fax), OtherEmails: values(in.OtherEmails), OtherPhones: values(in.OtherPhones),
		Delivery: further(in.DeliveryAddress), Billing: further(in.BillingAddress), Seats: values(in.Seats), References: values(in.References),
		PreferredMeans: nullable(in.PreferredMeans), OnlyPreferredMeans: cleared(in.OnlyPreferredMeans), DoNotContact: cleared(in.DoNotContact),
	}
	applyAddress(&c, in.Address)
	out.Contact, err = r.Contacts.Update(ctx, in.ID, c)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeleteContacts(ctx context.Context, in model.ContactIdsInput) (out model.DeleteContactsPayload, err error) {
	out.DeletedIds, err = r.Contacts.Delete(ctx, in.Ids)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) RestoreContacts(ctx context.Context, in model.ContactIdsInput) (out model.RestoreContactsPayload, err error) {
	out.Contacts, err = r.Contacts.Restore(ctx, in.Ids)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) RevertChange(ctx context.Context, in model.RevertChangeInput) (out model.RevertChangePayload, err error) {
	out.Contact, err = r.Contacts.Revert(ctx, in.EntryID)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) MergeContacts(ctx context.Context, in model.MergeContactsInput) (out model.MergeContactsPayload, err error) {
	out.Merge, out.Contact, err = r.Contacts.MergeContacts(ctx, in.Ids, takes(in))
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) UndoMerge(ctx context.Context, in model.UndoMergeInput) (out model.UndoMergePayload, err error) {
	out.Contacts, err = r.Contacts.UndoMerge(ctx, in.ID)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) EmptyTrash(ctx context.Context, in model.EmptyTrashInput) (out model.EmptyTrashPayload, err error) {
	emptied, err := r.Contacts.EmptyTrash(ctx, in.Ids.Value())
	out.ErasedCount, out.KeptCount = emptied.Erased, emptied.Kept
	out.Errors, err = mend(ctx, err)
	return out, err
}

// The parts that persons and organizations share.

func (r *Resolver) answersOf(ctx context.Context, c *contact.Record) ([]*model.Answer, error) {
	if len(c.Answers) == 0 {
		return []*model.Answer{}, nil
	}
	defs, err := cached(ctx).fields()
	if err != nil {
		return nil, err
	}
	return pointers(field.Show(defs, c.Answers, "")), nil
}

func (r *Resolver) groupsOf(ctx context.Context, ids []uuid.UUID) ([][]*contact.Group, error) {
	by, err := gather(ctx, "Contacts.GroupsOf", r.Contacts.GroupsOf, ids)
	out := make([][]*contact.Group, len(ids))
	for i, id := range ids {
		if out[i] = by[id]; out[i] == nil {
			out[i] = []*contact.Group{}
		}
	}
	return out, err
}

func (r *Resolver) labelsOf(ctx context.Context, ids []uuid.UUID) ([][]*contact.Label, error) {
	by, err := gather(ctx, "Contacts.LabelsOf", r.Contacts.LabelsOf, ids)
	out := make([][]*contact.Label, len(ids))
	for i, id := range ids {
		if out[i] = by[id]; out[i] == nil {
			out[i] = []*contact.Label{}
		}
	}
	return out, err
}

func (r *Resolver) statusesOf(ctx context.Context, ids []uuid.UUID) ([][]contact.Status, error) {
	by, err := gather(ctx, "Contacts.StatusesOf", r.Contacts.StatusesOf, ids)
	return listsOf(ids, by), err
}

func (r *Resolver) historyOf(ctx context.Context, id uuid.UUID, with contact.Gather, first *int, after *string) (model.HistoryConnection, error) {
	n, from := contact.DefaultPage, ""
	if first != nil {
		n = *first
	}
	if after != nil {
		from = *after
	}
	page, err := r.Contacts.History(ctx, id, with, n, from)
	out := model.HistoryConnection{Nodes: page.Entries, Edges: []*model.HistoryEdge{}, PageInfo: model.PageInfo{HasNextPage: page.More, HasPreviousPage: after != nil}}
	for _, e := range page.Entries {
		out.Edges = append(out.Edges, &model.HistoryEdge{Cursor: e.ID.String(), Node: *e})
	}
	if len(out.Edges) > 0 {
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &out.Edges[0].Cursor, &out.Edges[len(out.Edges)-1].Cursor
	}
	return out, err
}

func (r *personResolver) Age(ctx context.Context, obj *contact.Person) (*int, error) {
	if obj.BirthDate == nil {
		return nil, nil //nolint:nilnil // GraphQL null
	}
	of, err := cached(ctx).site()
	if err != nil {
		return nil, err
	}
	return obj.ShownAge(site.ActorOf(ctx), time.Now().In(of.Location())), nil
}

func (r *personResolver) Answers(ctx context.Context, obj *contact.Person) ([]*model.Answer, error) {
	return r.answersOf(ctx, obj.Record)
}

func (r *personResolver) History(ctx context.Context, obj *contact.Person, first *int, after *string) (model.HistoryConnection, error) {
	return r.historyOf(ctx, obj.ID, contact.Gather{}, first, after)
}

func personID(p *contact.Person) uuid.UUID { return p.ID }

func (r *personResolver) Groups(ctx context.Context, objs []*contact.Person) ([][]*contact.Group, error) {
	return r.groupsOf(ctx, allIDs(objs, personID))
}

func (r *personResolver) Labels(ctx context.Context, objs []*contact.Person) ([][]*contact.Label, error) {
	return r.labelsOf(ctx, allIDs(objs, personID))
}

func (r *personResolver) Statuses(ctx context.Context, objs []*contact.Person) ([][]contact.Status, error) {
	return r.statusesOf(ctx, allIDs(objs, personID))
}

func (r *organizationResolver) Answers(ctx context.Context, obj *contact.Organization) ([]*model.Answer, error) {
	return r.answersOf(ctx, obj.Record)
}

func (r *organizationResolver) History(ctx context.Context, obj *contact.Organization, first *int, after *string, includePeople, includeSubsidiaries bool) (model.HistoryConnection, error) {
	return r.historyOf(ctx, obj.ID, contact.Gather{People: includePeople, Subsidiaries: includeSubsidiaries}, first, after)
}

func organizationID(o *contact.Organization) uuid.UUID { return o.ID }

func (r *organizationResolver) Groups(ctx context.Context, objs []*contact.Organization) ([][]*contact.Group, error) {
	return r.groupsOf(ctx, allIDs(objs, organizationID))
}

func (r *organizationResolver) Labels(ctx context.Context, objs []*contact.Organization) ([][]*contact.Label, error) {
	return r.labelsOf(ctx, allIDs(objs, organizationID))
}

func (r *organizationResolver) Statuses(ctx context.Context, objs []*contact.Organization) ([][]contact.Status, error) {
	return r.statusesOf(ctx, allIDs(objs, organizationID))
}

func (r *historyEntryResolver) ActorKind(_ context.Context, obj *contact.Entry) (*model.ViewerKind, error) {
	return viewerKind(obj.ActorKind), nil
}

// viewerKind gives the API's word for a kind of credential, nil for the program itself.
func viewerKind(of site.Kind) *model.ViewerKind {
	kind, known := map[site.Kind]model.ViewerKind{
		site.KindStaff: model.ViewerKindStaff, site.KindAPIKey: model.ViewerKindAPIKey, site.KindAccount: model.ViewerKindAccount, site.KindVisitor: model.ViewerKindAnonymous,
	}[of]
	if !known {
		return nil
	}
	return &kind
}

func (r *historyEntryResolver) Action(_ context.Context, obj *contact.Entry) (string, error) {
	return string(obj.Action), nil
}

func (r *historyEntryResolver) Changes(_ context.Context, obj *contact.Entry) (json.RawMessage, error) {
	return json.Marshal(obj.Changes)
}
