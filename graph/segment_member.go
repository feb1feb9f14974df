package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"carnet/graph/limit"
	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/segment"
)

func (r *mutationResolver) SetSegmentMembers(ctx context.Context, in model.SetSegmentMembersInput) (out model.SegmentPayload, err error) {
	change := segment.HandChange{Add: in.Add.Value(), Exclude: in.Exclude.Value(), Clear: in.Clear.Value()}
	out.Segment, err = r.Segments.SetHands(ctx, in.ID, change)
	return segmentPayload(ctx, out, err)
}

func (r *segmentResolver) HandMembers(ctx context.Context, obj *segment.Segment, way model.HandWay, first int, after *string) (model.HandMemberConnection, error) {
	query := segment.HandQuery{SegmentID: obj.ID, Excluded: way == model.HandWayExcluded, First: first, After: text(after)}
	page, err := r.Segments.Hands(ctx, query)
	out := model.HandMemberConnection{Edges: []*model.HandMemberEdge{}, PageInfo: model.PageInfo{HasNextPage: page.More, HasPreviousPage: after != nil}, Query: query}
	if err != nil {
		return out, err
	}
	contacts, err := r.Contacts.ByIDs(ctx, allIDs(page.Hands, func(h *segment.Hand) uuid.UUID { return h.ContactID }))
	if err != nil {
		return out, err
	}
	by := make(map[uuid.UUID]contact.Contact, len(contacts))
	for _, c := range contacts {
		by[c.Row().ID] = c
	}
	for _, h := range page.Hands {
		if c := by[h.ContactID]; c != nil { // not erased meanwhile
			out.Edges = append(out.Edges, &model.HandMemberEdge{Cursor: h.Cursor(), Node: model.HandMember{Contact: c, Way: way, SaidAt: h.SaidAt, SaidBy: h.SaidBy}})
		}
	}
	if n := len(out.Edges); n > 0 {
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &out.Edges[0].Cursor, &out.Edges[n-1].Cursor
	}
	return out, nil
}

func (r *handMemberConnectionResolver) TotalCount(ctx context.Context, obj *model.HandMemberConnection) (int, error) {
	return r.Segments.CountHands(ctx, obj.Query)
}

func (r *queryResolver) SegmentExplain(ctx context.Context, segmentID, contactID uuid.UUID) (out model.SegmentExplanation, err error) {
	if out.Contact, err = r.Resolver.Contacts.ByID(ctx, contactID); err != nil {
		return out, err
	}
	told, err := r.Resolver.Segments.Explain(ctx, segmentID, out.Contact.Row().ID) // whom a merged one answers with
	if err != nil {
		return out, err
	}
	out.Segment, out.In, out.Outside, out.RuleHolds, out.Leaves = *told.Segment, told.In, told.Outside, told.RuleHolds, pointers(told.Leaves)
	if told.Hand != nil {
		way := model.HandWayAdded
		if told.Hand.Excluded {
			way = model.HandWayExcluded
		}
		out.ByHand = &way
	}
	return out, nil
}

func (r *Resolver) segmentsOf(ctx context.Context, ids []uuid.UUID) ([][]*segment.Segment, error) {
	by, err := r.Segments.Containing(ctx, ids)
	out := make([][]*segment.Segment, len(ids))
	for i, id := range ids {
		out[i] = append([]*segment.Segment{}, by[id]...)
	}
	return out, err
}

func (r *personResolver) Segments(ctx context.Context, objs []*contact.Person) ([][]*segment.Segment, error) {
	return r.segmentsOf(ctx, allIDs(objs, personID))
}

func (r *organizationResolver) Segments(ctx context.Context, objs []*contact.Organization) ([][]*segment.Segment, error) {
	return r.segmentsOf(ctx, allIDs(objs, organizationID))
}

// priced knows what costs more than its shape tells.
type priced struct{ graphql.ExecutableSchema }

// Complexity prices a contact's segments, and the offers that follow from them, as a list of fifty: all that the site has are tested. gqlgen has no place
// for the price of an interface's field.
func (p priced) Complexity(ctx context.Context, typeName, field string, child int, args map[string]any) (int, bool) {
	if (field == "segments" || field == "offers") && (typeName == "Contact" || typeName == "Person" || typeName == "Organization") {
		return limit.ListCost(child, nil, nil), true
	}
	return p.ExecutableSchema.Complexity(ctx, typeName, field, child, args)
}
