package graph

import (
	"context"
	"encoding/json"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/graph/scalar"
	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// What a record holds beside who the contact is: options, validity, notes, references.

func (r *queryResolver) ContactOptions(ctx context.Context, list *contact.OptionList, includeArchived bool) ([]*contact.Option, error) {
	var of contact.OptionList
	if list != nil {
		of = *list
	}
	return r.Resolver.Contacts.Options(ctx, of, includeArchived)
}

func (r *contactOptionResolver) Translations(_ context.Context, obj *contact.Option) (json.RawMessage, error) {
	return json.Marshal(obj.Translations)
}

func (r *mutationResolver) CreateContactOption(ctx context.Context, in model.CreateContactOptionInput) (out model.ContactOptionPayload, err error) {
	names, err := optionNames(in.Translations)
	if err == nil {
		out.ContactOption, err = r.Contacts.CreateOption(ctx, in.List, contact.OptionChange{Name: &in.Name, Kind: nullable(in.Kind), Translations: names})
	}
	return optionPayload(ctx, out, err)
}

func (r *mutationResolver) UpdateContactOption(ctx context.Context, in model.UpdateContactOptionInput) (out model.ContactOptionPayload, err error) {
	names, err := optionNames(in.Translations)
	if err == nil {
		out.ContactOption, err = r.Contacts.UpdateOption(ctx, in.ID, contact.OptionChange{
			Name: cleared(in.Name), Kind: nullable(in.Kind), Translations: names, Position: in.Position.Value(), Archived: in.Archived.Value(),
		})
	}
	return optionPayload(ctx, out, err)
}

// optionPayload leaves the entity out when there is something to mend.
func optionPayload(ctx context.Context, out model.ContactOptionPayload, err error) (model.ContactOptionPayload, error) {
	if err != nil {
		out.ContactOption = nil
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func optionNames(o graphql.Omittable[json.RawMessage]) (*contact.OptionNames, error) {
	raw, set := o.ValueOK()
	if !set {
		return nil, nil //nolint:nilnil // absent stays absent
	}
	names := contact.OptionNames{}
	if len(raw) > 0 && json.Unmarshal(raw, &names) != nil {
		return nil, fault.Invalid(fault.WrongType, []string{"translations"}, `translations are names by language, for example {"fr": {"name": "..."}}`)
	}
	return &names, nil
}

func (r *mutationResolver) DeleteContactOption(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Contacts.DeleteOption(ctx, in.ID))
}

func (r *mutationResolver) AddNote(ctx context.Context, in model.AddNoteInput) (model.NotePayload, error) {
	n, err := r.Contacts.AddNote(ctx, in.ContactID, contact.NoteChange{Text: &in.Text, PersonalData: &in.PersonalData})
	return notePayload(ctx, n, err)
}

func (r *mutationResolver) UpdateNote(ctx context.Context, in model.UpdateNoteInput) (model.NotePayload, error) {
	n, err := r.Contacts.UpdateNote(ctx, in.ID, contact.NoteChange{Text: cleared(in.Text), PersonalData: in.PersonalData.Value()})
	return notePayload(ctx, n, err)
}

func notePayload(ctx context.Context, n *contact.Note, err error) (out model.NotePayload, _ error) {
	if err == nil {
		out.Note = n
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeleteNote(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Contacts.DeleteNote(ctx, in.ID))
}

// The parts that persons and organizations share.

func optionOf(ctx context.Context, id *uuid.UUID) (*contact.Option, error) {
	if id == nil {
		return nil, nil //nolint:nilnil // GraphQL null
	}
	by, err := cached(ctx).options()
	return by[*id], err
}

func validNow(ctx context.Context, c *contact.Record) (bool, error) {
	if c.ValidUntil == nil {
		return true, nil
	}
	of, err := cached(ctx).site()
	return c.Valid(of.Day(time.Now())), err
}

func (r *Resolver) notesOf(ctx context.Context, id uuid.UUID, first int, after *string) (model.NoteConnection, error) {
	from := ""
	if after != nil {
		from = *after
	}
	page, err := r.Contacts.Notes(ctx, id, first, from)
	out := model.NoteConnection{Nodes: page.Notes, Edges: []*model.NoteEdge{}, PageInfo: model.PageInfo{HasNextPage: page.More, HasPreviousPage: after != nil}}
	for _, n := range page.Notes {
		out.Edges = append(out.Edges, &model.NoteEdge{Cursor: n.ID.String(), Node: *n})
	}
	if len(out.Edges) > 0 {
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &out.Edges[0].Cursor, &out.Edges[len(out.Edges)-1].Cursor
	}
	return out, err
}

func (r *Resolver) referencesOf(ctx context.Context, ids []uuid.UUID) ([][]*contact.Reference, error) {
	by, err := gather(ctx, "Contacts.ReferencesOf", r.Contacts.ReferencesOf, ids)
	out := make([][]*contact.Reference, len(ids))
	for i, id := range ids {
		out[i] = pointers(by[id])
	}
	return out, err
}

func (r *personResolver) Function(ctx context.Context, obj *contact.Person) (*contact.Option, error) {
	return optionOf(ctx, obj.FunctionID)
}

func (r *personResolver) Nature(ctx context.Context, obj *contact.Person) (*contact.Option, error) {
	return optionOf(ctx, obj.NatureID)
}

func (r *personResolver) Valid(ctx context.Context, obj *contact.Person) (bool, error) {
	return validNow(ctx, obj.Record)
}

func (r *personResolver) Iban(ctx context.Context, obj *contact.Person) (string, error) {
	return obj.ShownIBAN(site.ActorOf(ctx)), nil
}

func (r *personResolver) BirthDate(ctx context.Context, obj *contact.Person) (*scalar.Day, error) {
	born := obj.ShownBirthDate(site.ActorOf(ctx))
	if born == nil {
		return nil, nil //nolint:nilnil // null in the API
	}
	day := scalar.Day(born.Format(time.DateOnly))
	return &day, nil
}

func (r *personResolver) Note(ctx context.Context, obj *contact.Person) (string, error) {
	return obj.ShownNote(site.ActorOf(ctx)), nil
}

func (r *organizationResolver) Note(ctx context.Context, obj *contact.Organization) (string, error) {
	return obj.ShownNote(site.ActorOf(ctx)), nil
}

func (r *personResolver) Notes(ctx context.Context, obj *contact.Person, first int, after *string) (model.NoteConnection, error) {
	return r.notesOf(ctx, obj.ID, first, after)
}

func (r *personResolver) References(ctx context.Context, objs []*contact.Person) ([][]*contact.Reference, error) {
	return r.referencesOf(ctx, allIDs(objs, personID))
}

func (r *organizationResolver) Nature(ctx context.Context, obj *contact.Organization) (*contact.Option, error) {
	return optionOf(ctx, obj.NatureID)
}

func (r *organizationResolver) Valid(ctx context.Context, obj *contact.Organization) (bool, error) {
	return validNow(ctx, obj.Record)
}

func (r *organizationResolver) Iban(ctx context.Context, obj *contact.Organization) (string, error) {
	return obj.ShownIBAN(site.ActorOf(ctx)), nil
}

func (r *organizationResolver) Notes(ctx context.Context, obj *contact.Organization, first int, after *string) (model.NoteConnection, error) {
	return r.notesOf(ctx, obj.ID, first, after)
}

func (r *organizationResolver) References(ctx context.Context, objs []*contact.Organization) ([][]*contact.Reference, error) {
	return r.referencesOf(ctx, allIDs(objs, organizationID))
}
