package graph

import (
	"context"
	"encoding/json"
	"strings"

	"carnet/graph/model"
	"carnet/internal/contact"
)

func (r *queryResolver) Duplicates(ctx context.Context, first *int, after *string, minScore *int, dismissed bool) (out model.DuplicateConnection, err error) {
	q := contact.PairQuery{Dismissed: dismissed, First: size(first), After: text(after)}
	if minScore != nil {
		q.MinScore = *minScore
	}
	page, err := r.Resolver.Contacts.Pairs(ctx, q)
	return model.DuplicateConnection{Page: page}, err
}

func (r *duplicateConnectionResolver) TotalCount(ctx context.Context, obj *model.DuplicateConnection) (int, error) {
	return obj.Page.Total(ctx)
}

func (r *queryResolver) PossibleDuplicates(ctx context.Context, in model.PossibleDuplicatesInput) ([]*contact.Hint, error) {
	c := contact.Change{
		FirstName: cleared(in.FirstName), LastName: cleared(in.LastName), Name: cleared(in.Name), Email: cleared(in.Email), Phone: cleared(in.Phone), Mobile: cleared(in.Mobile),
		BirthDate:     date(in.BirthDate),
		AddressChange: contact.AddressChange{Lines: list(in.AddressLines), Postcode: cleared(in.Postcode), City: cleared(in.City), Country: cleared(in.Country)},
	}
	return r.Resolver.Contacts.Known(ctx, in.Kind, c)
}

func (r *queryResolver) DuplicateScan(ctx context.Context) (*contact.TwinScan, error) {
	return r.Twins.Progress(ctx)
}

func (r *personResolver) PossibleDuplicates(ctx context.Context, objs []*contact.Person) ([][]*contact.Hint, error) {
	return r.Contacts.Hints(ctx, allIDs(objs, personID))
}

func (r *organizationResolver) PossibleDuplicates(ctx context.Context, objs []*contact.Organization) ([][]*contact.Hint, error) {
	return r.Contacts.Hints(ctx, allIDs(objs, organizationID))
}

func (r *mutationResolver) DismissDuplicate(ctx context.Context, in model.DuplicateInput) (out model.DuplicatePayload, err error) {
	out.Contacts, err = r.Contacts.Part(ctx, in.Ids)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) RestoreDuplicate(ctx context.Context, in model.DuplicateInput) (out model.DuplicatePayload, err error) {
	out.Contacts, err = r.Contacts.Unpart(ctx, in.Ids)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) ScanDuplicates(ctx context.Context) (out model.ScanDuplicatesPayload, err error) {
	out.Scan, err = r.Twins.Scan(ctx)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *queryResolver) MergePreview(ctx context.Context, in model.MergeContactsInput) (out model.MergePreview, err error) {
	plan, err := r.Resolver.Contacts.PreviewMerge(ctx, in.Ids, takes(in))
	if err != nil {
		return out, err
	}
	out = model.MergePreview{Survivor: plan.Survivor, Merged: plan.Merged, Taken: plan.Taken, Moves: []*model.MergeMove{}}
	for _, m := range plan.Moves {
		what := model.MergeMoved(strings.ToUpper(m.Name))
		if !what.IsValid() {
			what = model.MergeMovedOther
		}
		out.Moves = append(out.Moves, &model.MergeMove{What: what, Count: m.Count})
	}
	if out.Differences, err = json.Marshal(plan.Differences); err != nil {
		return out, err
	}
	out.Errors, err = mend(ctx, plan.Problems.Err())
	return out, err
}

// takes reads which values are to be taken from whom.
func takes(in model.MergeContactsInput) []contact.Take {
	var take []contact.Take
	for _, one := range in.Take.Value() {
		take = append(take, contact.Take{Attribute: one.Attribute, From: one.From})
	}
	return take
}
