package graph

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/sale"
	"carnet/internal/site"
)

func (r *queryResolver) BatchActions(ctx context.Context) ([]*model.BatchAction, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	out := []*model.BatchAction{}
	for _, one := range r.Batches.Actions() {
		out = append(out, &model.BatchAction{Name: one.Name(), Requires: one.Access(), Allowed: a.Access >= one.Access()})
	}
	return out, nil
}

func (r *queryResolver) BatchRun(ctx context.Context, id uuid.UUID) (*contact.BatchRun, error) {
	return r.Batches.Batch(ctx, id)
}

func (r *queryResolver) BatchRuns(ctx context.Context, first *int, after *string) (model.BatchRunConnection, error) {
	page, err := r.Batches.List(ctx, size(first), text(after))
	return model.BatchRunConnection(connect[model.BatchRunEdge](page.Runs, page.More, after, func(run *contact.BatchRun) string { return run.ID.String() })), err
}

func (r *batchRunResolver) Items(ctx context.Context, obj *contact.BatchRun, state *contact.BatchState, first *int, after *string) (model.BatchItemConnection, error) {
	page, err := r.Batches.Items(ctx, obj.ID, state, size(first), text(after))
	return model.BatchItemConnection(connect[model.BatchItemEdge](page.Items, page.More, after, func(item *contact.BatchItem) string { return item.ContactID.String() })), err
}

func size(first *int) int {
	if first == nil {
		return contact.DefaultPage
	}
	return *first
}

func (r *batchItemResolver) Contact(ctx context.Context, objs []*contact.BatchItem) ([]contact.Contact, error) {
	found, err := r.Contacts.ByIDs(ctx, allIDs(objs, func(i *contact.BatchItem) uuid.UUID { return i.ContactID }))
	by := make(map[uuid.UUID]contact.Contact, len(found))
	for _, c := range found {
		by[c.Row().ID] = c
	}
	out := make([]contact.Contact, len(objs))
	for i, item := range objs {
		out[i] = by[item.ContactID]
	}
	return out, err
}

func (r *batchItemResolver) Changes(_ context.Context, obj *contact.BatchItem) (json.RawMessage, error) {
	if obj.Changes == nil {
		return nil, nil
	}
	return json.Marshal(obj.Changes)
}

func (r *mutationResolver) RunBatch(ctx context.Context, in model.RunBatchInput) (out model.BatchPayload, err error) {
	order := contact.BatchOrder{DryRun: in.DryRun, IdempotencyKey: in.IdempotencyKey.Value()}
	if order.Action, err = batchAction(in); err == nil {
		if order.Target, err = r.batchTarget(ctx, in.Target); err == nil {
			out.Batch, err = r.Batches.Start(ctx, order)
		}
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) CancelBatch(ctx context.Context, in model.CancelBatchInput) (out model.BatchPayload, err error) {
	out.Batch, err = r.Batches.Cancel(ctx, in.ID)
	out.Errors, err = mend(ctx, err)
	return out, err
}

// batchAction reads the entry of the action's name, and refuses those of others.
func batchAction(in model.RunBatchInput) (contact.BatchAction, error) {
	given := map[contact.BatchName]bool{
		contact.BatchEdit: in.Edit.Value() != nil, contact.BatchGroup: in.Group.Value() != nil, contact.BatchLabel: in.Label.Value() != nil,
		contact.BatchColor: in.Color.Value() != nil, contact.BatchConsent: in.Consent.Value() != nil,
		contact.BatchRefund: in.Refund.Value() != nil, contact.BatchMember: in.Member.Value() != nil,
	}
	for name, is := range given {
		if is && name != in.Action {
			return nil, fault.Invalid(fault.WrongType, []string{string(name)}, "this is not of the action %s", in.Action)
		}
	}
	if is, has := given[in.Action]; has && !is {
		return nil, fault.Invalid(fault.Required, []string{string(in.Action)}, "say what to do")
	}
	switch in.Action {
	case contact.BatchEdit:
		return editBatch(*in.Edit.Value()), nil
	case contact.BatchGroup:
		g := in.Group.Value()
		return &contact.GroupBatch{Add: g.Add.Value(), Remove: g.Remove.Value()}, nil
	case contact.BatchLabel:
		l := in.Label.Value()
		return &contact.LabelBatch{Add: l.Add.Value(), Remove: l.Remove.Value(), Replace: l.Replace}, nil
	case contact.BatchConsent:
		c := in.Consent.Value()
		return &contact.ConsentBatch{PurposeID: c.PurposeID.Value(), Channel: c.Channel, State: c.State, Note: text(c.Note.Value()), At: c.At.Value()}, nil
	case contact.BatchColor:
		return &contact.ColorBatch{Color: *in.Color.Value()}, nil
	case contact.BatchRefund:
		f := in.Refund.Value()
		return contact.Further(&sale.RefundBatch{EventID: f.EventID.Value(), ProductID: f.ProductID.Value(), ToCredit: f.ToCredit, Force: f.Force, Reason: f.Reason}), nil
	case contact.BatchMember:
		m, ends := in.Member.Value(), date(in.Member.Value().EndsOn)
		return contact.Further(&sale.MemberBatch{PlanID: m.PlanID, StartsOn: value(date(m.StartsOn)), EndsOn: value(ends), ForGood: ends != nil && *ends == nil}), nil
	case contact.BatchDelete:
		return &contact.DeleteBatch{}, nil
	default:
		return &contact.RestoreBatch{}, nil
	}
}

func editBatch(in model.BatchEditInput) *contact.EditBatch {
	return &contact.EditBatch{
		Title: cleared(in.Title), Company: cleared(in.Company), OrganizationKind: setting(nullable(in.OrganizationKind)), Recognised: setting(nullable(in.Recognised)),
		Language: cleared(in.Language), Address: further(in.Address), Types: list(in.Types), ValidUntil: setting(date(in.ValidUntil)), Ambassador: cleared(in.Ambassador),
		Listed: in.Listed.Value(), FunctionID: setting(nullable(in.FunctionID)), NatureID: setting(nullable(in.NatureID)), Note: cleared(in.Note), Answers: answers(in.Answers),
	}
}

func setting[T any](v **T) *contact.Setting[T] {
	if v == nil {
		return nil
	}
	return &contact.Setting[T]{Value: *v}
}

// batchTarget reads who is meant; exactly one way of saying it.
func (r *Resolver) batchTarget(ctx context.Context, in model.BatchTargetInput) (t contact.BatchTarget, err error) {
	ids, picked := in.ContactIds.ValueOK()
	segmentID, matching := in.SegmentID.Value(), in.Matching.Value()
	t.ContactIDs, t.BatchID = ids, in.BatchID.Value()
	ways := slices.DeleteFunc([]bool{picked && ids != nil, segmentID != nil, matching != nil, t.BatchID != nil}, func(given bool) bool { return !given })
	if len(ways) != 1 {
		return t, fault.Invalid(fault.Required, []string{"target"}, "say in exactly one way who is meant: contactIds, segmentId, matching or batchId")
	}
	switch {
	case segmentID != nil:
		s, err := r.Segments.ByID(ctx, *segmentID)
		if fault.CodeOf(err) == fault.NotFound && err != nil {
			return t, fault.Invalid(fault.Unknown, []string{"target", "segmentId"}, "the site has no segment with this id")
		}
		if err != nil {
			return t, err
		}
		t.Meant = contact.BatchMeant{Kind: contact.BatchSegment, SegmentID: segmentID, Name: s.Name}
		t.Query, err = r.matching(ctx, nil, nil, segmentID)
		return t, err
	case matching != nil:
		t.Meant = contact.BatchMeant{Kind: contact.BatchMatching, Search: text(matching.Search.Value())}
		if t.Query, err = r.batchMatching(ctx, matching); err != nil {
			return t, err
		}
		if filter := matching.Filter.Value(); filter != nil {
			t.Meant.Rule, err = json.Marshal(apiWords(filter))
		}
	}
	return t, fault.Wrap(err, "keep the filter")
}

// batchMatching reads "all that match": what the contact list asks.
func (r *Resolver) batchMatching(ctx context.Context, in *model.BatchMatchingInput) (*contact.Query, error) {
	q, err := r.matching(ctx, in.Search.Value(), in.Filter.Value(), nil)
	if err != nil {
		return nil, fault.Under(err, "target", "matching", "filter")
	}
	q.Unlisted, q.Invalid, q.Trash = in.IncludeUnlisted, in.IncludeInvalid, in.Trash
	return q, nil
}
