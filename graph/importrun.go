package graph

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
)

func (r *queryResolver) ImportRun(ctx context.Context, id uuid.UUID) (*contact.ImportRun, error) {
	return r.Resolver.Contacts.ImportRunByID(ctx, id)
}

func (r *queryResolver) ImportRuns(ctx context.Context) ([]*contact.ImportRun, error) {
	return r.Resolver.Contacts.ImportRuns(ctx)
}

func (r *queryResolver) ImportPreview(ctx context.Context, uploadID uuid.UUID, format contact.Format, mapping []*contact.ColumnTarget, valueMapping []*contact.ValueMapping) (contact.ImportPreview, error) {
	return r.Resolver.Contacts.PreviewImport(ctx, uploadID, format, mappingOf(mapping, valueMapping))
}

// mappingOf gives a mapping as the domain takes it; nil when none was given.
func mappingOf(targets []*contact.ColumnTarget, values []*contact.ValueMapping) *contact.Mapping {
	if targets == nil {
		return nil
	}
	return &contact.Mapping{Targets: followed(targets), Values: followed(values)}
}

// followed gives what pointers point to.
func followed[T any](list []*T) []T {
	out := make([]T, len(list))
	for i, p := range list {
		out[i] = *p
	}
	return out
}

func (r *mutationResolver) ImportContacts(ctx context.Context, in model.ImportContactsInput) (out model.ImportContactsPayload, err error) {
	out.Run, err = r.Contacts.StartImport(ctx, in.UploadID, contact.ImportOrder{
		Format: in.Format, GroupID: in.GroupID.Value(), Policy: in.Policy, MatchBy: in.MatchBy.Value(), DryRun: in.DryRun,
		Mapping: mappingOf(in.Mapping.Value(), in.ValueMapping.Value()),
	})
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) RevertImport(ctx context.Context, in model.RevertImportInput) (out model.ImportContactsPayload, err error) {
	out.Run, err = r.Contacts.RevertImport(ctx, in.ID)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *importRunResolver) Columns(_ context.Context, obj *contact.ImportRun) ([]*contact.MappedColumn, error) {
	return pointersTo(obj.Columns), nil
}

func (r *importRunResolver) Values(_ context.Context, obj *contact.ImportRun) ([]*contact.ValueMapping, error) {
	return pointersTo(obj.Values), nil
}

func (r *importRunResolver) MatchBy(_ context.Context, obj *contact.ImportRun) ([]contact.Match, error) {
	return append([]contact.Match{}, obj.MatchBy...), nil
}

func pointersTo[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

func (r *importRunResolver) RefusedRowsURL(ctx context.Context, obj *contact.ImportRun) (*string, error) {
	kept, err := r.Contacts.RefusedKept(ctx, obj)
	if err != nil || !kept {
		return nil, err
	}
	url := r.ServerURL + "/v1/imports/" + obj.ID.String() + "/refused"
	return &url, nil
}

func (r *importRowResolver) Changes(_ context.Context, obj *contact.ImportRow) (json.RawMessage, error) {
	if len(obj.Changes) == 0 {
		return nil, nil
	}
	return json.Marshal(obj.Changes)
}

func (r *importRowResolver) Revert(_ context.Context, obj *contact.ImportRow) (*contact.Reverted, error) {
	if obj.Revert == "" {
		return nil, nil
	}
	return &obj.Revert, nil
}

func (r *importRunResolver) Rows(ctx context.Context, obj *contact.ImportRun, verdict *contact.Verdict, revert *contact.Reverted, first *int, after *string) (out model.ImportRowConnection, err error) {
	n := contact.DefaultPage
	if first != nil {
		n = *first
	}
	rows, more, err := r.Contacts.ImportRows(ctx, obj.ID, verdict, revert, n, text(after))
	out = model.ImportRowConnection{Nodes: rows, Edges: []*model.ImportRowEdge{}, PageInfo: model.PageInfo{HasNextPage: more, HasPreviousPage: after != nil}}
	for _, row := range rows {
		out.Edges = append(out.Edges, &model.ImportRowEdge{Cursor: strconv.Itoa(row.Line), Node: *row})
	}
	if len(out.Edges) > 0 {
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &out.Edges[0].Cursor, &out.Edges[len(out.Edges)-1].Cursor
	}
	return out, err
}

func (r *importRunResolver) Problems(_ context.Context, obj *contact.ImportRun) ([]*contact.ImportProblem, error) {
	return pointersTo(obj.Problems), nil
}

func (r *importRowResolver) Problems(_ context.Context, obj *contact.ImportRow) ([]*contact.ImportProblem, error) {
	return pointersTo(obj.Problems), nil
}

func (r *importRowResolver) RevertProblems(_ context.Context, obj *contact.ImportRow) ([]*contact.ImportProblem, error) {
	return pointersTo(obj.RevertProblems), nil
}
