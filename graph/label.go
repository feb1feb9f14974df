package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"carnet/graph/model"
	"carnet/internal/contact"
)

func (r *queryResolver) LabelSets(ctx context.Context, includeArchived bool, kind *contact.Kind, audience *contact.Audience) ([]*contact.LabelSet, error) {
	sets, err := r.Resolver.Contacts.LabelSets(ctx, includeArchived)
	return slices.DeleteFunc(sets, func(set *contact.LabelSet) bool {
		return kind != nil && !slices.Contains(set.Kinds, *kind) || audience != nil && !slices.Contains(set.Audiences, *audience)
	}), err
}

// ContactCount reads the counts of all labels once a response: labels stand in lists of lists, and a batch is of one list.
func (r *labelResolver) ContactCount(ctx context.Context, obj *contact.Label) (int, error) {
	counts, err := cached(ctx).labelCounts()
	return counts[obj.ID], err
}

func (r *mutationResolver) CreateLabelSet(ctx context.Context, in model.CreateLabelSetInput) (out model.LabelSetPayload, err error) {
	out.LabelSet, err = r.Contacts.CreateLabelSet(ctx, contact.LabelSetChange{
		Name: &in.Name, Description: cleared(in.Description), Kinds: list(in.Kinds), Audiences: list(in.Audiences), Exclusive: &in.Exclusive, Labels: labels(in.Labels),
	})
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) UpdateLabelSet(ctx context.Context, in model.UpdateLabelSetInput) (out model.LabelSetPayload, err error) {
	out.LabelSet, err = r.Contacts.UpdateLabelSet(ctx, in.ID, contact.LabelSetChange{
		Name: cleared(in.Name), Description: cleared(in.Description), Kinds: list(in.Kinds), Audiences: list(in.Audiences), Exclusive: in.Exclusive.Value(),
		Labels: labels(in.Labels), Position: in.Position.Value(), Archived: in.Archived.Value(),
	})
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeleteLabelSet(ctx context.Context, in model.DeleteInput) (out model.DeleteLabelSetPayload, err error) {
	out.LabelSet, err = r.Contacts.DeleteLabelSet(ctx, in.ID)
	if err == nil && out.LabelSet == nil {
		out.DeletedID = &in.ID
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) AssignLabels(ctx context.Context, in model.AssignLabelsInput) (model.AssignPayload, error) {
	got, err := r.Contacts.AssignLabels(ctx, in.ContactIds, in.Add.Value(), in.Remove.Value())
	return assigned(ctx, got, err)
}

func (r *mutationResolver) AssignGroups(ctx context.Context, in model.AssignGroupsInput) (model.AssignPayload, error) {
	got, err := r.Contacts.AssignGroups(ctx, in.ContactIds, in.Add.Value(), in.Remove.Value())
	return assigned(ctx, got, err)
}

func (r *mutationResolver) SetColor(ctx context.Context, in model.SetColorInput) (model.AssignPayload, error) {
	got, err := r.Contacts.SetColor(ctx, in.ContactIds, in.Color)
	return assigned(ctx, got, err)
}

// assigned tells what became of contacts: those refused are errors beside the count of the others.
func assigned(ctx context.Context, got contact.Assigned, err error) (out model.AssignPayload, _ error) {
	if err == nil {
		out.Changed, err = got.Changed, got.Refused.Err()
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func labels(o graphql.Omittable[[]*model.LabelInput]) *[]contact.LabelChange {
	given := list(o)
	if given == nil {
		return nil
	}
	out := make([]contact.LabelChange, len(*given))
	for i, l := range *given {
		out[i] = contact.LabelChange{Name: l.Name, Color: l.Color}
		if id := l.ID.Value(); id != nil {
			out[i].ID = *id
		}
	}
	return &out
}
