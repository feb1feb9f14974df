package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/site"
)

func (r *queryResolver) Mails(ctx context.Context, first *int, after *string) (out model.MailConnection, err error) {
	n, from := contact.DefaultPage, uuid.Nil
	if first != nil {
		n = *first
	}
	if after != nil {
		if from, err = uuid.Parse(*after); err != nil {
			return out, fault.New(fault.BadInput, "this cursor is not one of this list")
		}
	}
	page, err := r.Messages.Mails(ctx, n, from)
	out = model.MailConnection{Nodes: pointers(page.Mails), Edges: []*model.MailEdge{}, PageInfo: model.PageInfo{HasNextPage: page.HasNext, HasPreviousPage: after != nil}}
	for _, m := range out.Nodes {
		out.Edges = append(out.Edges, &model.MailEdge{Cursor: m.ID.String(), Node: *m})
	}
	if len(out.Edges) > 0 {
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &out.Edges[0].Cursor, &out.Edges[len(out.Edges)-1].Cursor
	}
	return out, err
}

func (r *queryResolver) MailConfigured(ctx context.Context) (bool, error) {
	if _, err := site.Require(ctx, site.AccessOperator); err != nil {
		return false, err
	}
	return r.Messages.Configured(), nil
}
