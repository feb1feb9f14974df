package graph

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
)

func (r *queryResolver) ExportColumns(ctx context.Context, language *string) ([]*contact.ExportColumn, error) {
	return r.Resolver.Contacts.ExportColumns(ctx, text(language))
}

func (r *queryResolver) Exports(ctx context.Context) ([]*contact.Export, error) {
	return r.Resolver.Contacts.Exports(ctx)
}

func (r *mutationResolver) CreateExport(ctx context.Context, in model.CreateExportInput) (out model.CreateExportPayload, err error) {
	req := contact.ExportRequest{
		Format: in.Format, ContactIDs: in.ContactIds.Value(), Search: text(in.Search.Value()), SegmentID: in.SegmentID.Value(),
		Unlisted: in.IncludeUnlisted, Invalid: in.IncludeInvalid, Trash: in.Trash, Columns: in.Columns.Value(), Language: text(in.Language.Value()), Plain: !in.ByteOrderMark,
	}
	if filter := in.Filter.Value(); filter != nil {
		if req.Filter, err = json.Marshal(apiWords(filter)); err != nil {
			return out, err
		}
	}
	export, token, err := r.Contacts.CreateExport(ctx, req)
	if out.Errors, err = mend(ctx, err); err == nil && export != nil {
		url := r.ServerURL + "/v1/exports/" + token
		out.Export, out.URL = export, &url
	}
	return out, err
}

func (r *exportResolver) Search(_ context.Context, obj *contact.Export) (string, error) {
	return obj.Request.Search, nil
}

func (r *exportResolver) Filter(_ context.Context, obj *contact.Export) (json.RawMessage, error) {
	return obj.Request.Filter, nil
}

func (r *exportResolver) SegmentID(_ context.Context, obj *contact.Export) (*uuid.UUID, error) {
	return obj.Request.SegmentID, nil
}

func (r *exportResolver) Columns(_ context.Context, obj *contact.Export) ([]string, error) {
	if obj.Request.Columns == nil {
		return []string{}, nil
	}
	return obj.Request.Columns, nil
}
