package graph

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/graph/transport"
	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/segment"
)

// parseRule reads a ContactFilter. gqlgen has turned its enums into the domain's words; the grammar,
// which package segment has, keeps the API's.
func parseRule(filter map[string]any) (segment.Rule, error) {
	raw, err := json.Marshal(apiWords(filter))
	if err != nil {
		return segment.Rule{}, fault.Invalid(fault.InvalidValue, nil, "this is not a rule")
	}
	return segment.Parse(raw)
}

func apiWords(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[key] = apiWords(value)
		}
		return out
	case []map[string]any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = apiWords(value)
		}
		return out
	case *contact.Kind:
		return upper(v)
	case *contact.OperationalType:
		return upper(v)
	case *contact.Status:
		return upper(v)
	case *contact.ConsentChannel:
		return upper(v)
	case *contact.LinkKind:
		return upper(v)
	case *contact.Direction:
		return upper(v)
	}
	return v
}

func upper[T ~string](word *T) any {
	if word == nil {
		return nil
	}
	return strings.ToUpper(string(*word))
}

func (r *queryResolver) Segments(ctx context.Context) ([]*segment.Segment, error) {
	return r.Resolver.Segments.List(ctx)
}

func (r *queryResolver) Segment(ctx context.Context, id uuid.UUID) (*segment.Segment, error) {
	return r.Resolver.Segments.ByID(ctx, id)
}

func (r *segmentResolver) Count(ctx context.Context, objs []*segment.Segment) ([]int, error) {
	by, err := r.Segments.Counts(ctx, objs)
	out := make([]int, len(objs))
	for i, s := range objs {
		out[i] = by[s.ID]
	}
	return out, err
}

func (r *segmentResolver) Broken(ctx context.Context, objs []*segment.Segment) ([][]*model.UserError, error) {
	by, err := r.Segments.Broken(ctx, objs)
	out := make([][]*model.UserError, len(objs))
	for i, s := range objs {
		out[i] = userErrors(by[s.ID])
	}
	return out, err
}

func (r *segmentResolver) UsedBy(ctx context.Context, objs []*segment.Segment) ([][]*segment.Segment, error) {
	ids := make([]uuid.UUID, len(objs))
	for i, s := range objs {
		ids[i] = s.ID
	}
	by, err := r.Segments.Users(ctx, ids)
	out := make([][]*segment.Segment, len(objs))
	for i, s := range objs {
		out[i] = append([]*segment.Segment{}, by[s.ID]...)
	}
	return out, err
}

func (r *segmentResolver) History(ctx context.Context, objs []*segment.Segment, days int) ([][]*segment.DayCount, error) {
	by, err := r.Segments.History(ctx, objs, days)
	out := make([][]*segment.DayCount, len(objs))
	for i, s := range objs {
		out[i] = by[s.ID]
	}
	return out, err
}

func (r *queryResolver) SegmentPreview(ctx context.Context, filter map[string]any) (out model.SegmentPreview, err error) {
	if out.Rule, err = parseRule(filter); err != nil {
		return out, err
	}
	out.Count, out.Cost, err = r.Resolver.Segments.Preview(ctx, out.Rule)
	return out, err
}

func (r *ruleCostResolver) Milliseconds(_ context.Context, obj *segment.Cost) (float64, error) {
	return float64(obj.Took.Microseconds()) / 1000, nil
}

func (r *segmentPreviewResolver) Sample(ctx context.Context, obj *model.SegmentPreview, first *int) ([]contact.Contact, error) {
	where, err := r.Segments.Condition(ctx, obj.Rule)
	if err != nil {
		return nil, err
	}
	page, err := r.Contacts.List(ctx, contact.Query{Where: []contact.Condition{where}, First: first})
	return contact.All(page.Records), err
}

func (r *mutationResolver) CreateSegment(ctx context.Context, in model.CreateSegmentInput) (out model.SegmentPayload, err error) {
	rule, err := parseRule(in.Rule)
	if err == nil {
		out.Segment, err = r.Segments.Create(ctx, segment.Change{Name: &in.Name, Description: cleared(in.Description), Color: cleared(in.Color), Rule: &rule})
	} else {
		err = fault.Under(err, "rule")
	}
	return segmentPayload(ctx, out, err)
}

func (r *mutationResolver) UpdateSegment(ctx context.Context, in model.UpdateSegmentInput) (out model.SegmentPayload, err error) {
	change := segment.Change{Name: cleared(in.Name), Description: cleared(in.Description), Color: cleared(in.Color)}
	if raw := in.Rule.Value(); raw != nil {
		rule, err := parseRule(raw)
		if err != nil {
			return segmentPayload(ctx, out, fault.Under(err, "rule"))
		}
		change.Rule = &rule
	}
	out.Segment, err = r.Segments.Update(ctx, in.ID, change)
	return segmentPayload(ctx, out, err)
}

// segmentPayload leaves the entity out when there is something to mend.
func segmentPayload(ctx context.Context, out model.SegmentPayload, err error) (model.SegmentPayload, error) {
	if err != nil {
		out.Segment = nil
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeleteSegment(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Segments.Delete(ctx, in.ID))
}

func (r *subscriptionResolver) SegmentChanged(ctx context.Context, id uuid.UUID) (<-chan model.SegmentEvent, error) {
	sub, err := r.Watcher.Segment(ctx, id)
	if err != nil {
		return nil, err
	}
	return r.segmentEvents(ctx, sub), nil
}

func (r *subscriptionResolver) SegmentPreviewChanged(ctx context.Context, filter map[string]any) (<-chan model.SegmentEvent, error) {
	rule, err := parseRule(filter)
	if err != nil {
		return nil, err
	}
	sub, err := r.Watcher.Rule(ctx, rule)
	if err != nil {
		return nil, err
	}
	return r.segmentEvents(ctx, sub), nil
}

// segmentEvents turns a watch's events into the API's. Rights are checked again on every one; the
// stream ends with the credential.
func (r *subscriptionResolver) segmentEvents(ctx context.Context, sub *segment.Subscription) <-chan model.SegmentEvent {
	guard := r.Changes.guard(ctx)
	out := make(chan model.SegmentEvent)
	go func() {
		defer close(out)
		defer sub.Close()
		for {
			e, err := sub.Next(ctx)
			if err != nil || !guard.allows(ctx) {
				return
			}
			event := model.SegmentEvent{Version: e.Version.String(), Count: e.Count, Resync: e.Resync, Left: e.Left}
			if event.Left == nil {
				event.Left = []uuid.UUID{}
			}
			var errE, errU error
			event.Entered, errE = r.Contacts.ByIDs(ctx, e.Entered)
			event.Updated, errU = r.Contacts.ByIDs(ctx, e.Updated)
			if errE != nil || errU != nil {
				event = model.SegmentEvent{Version: event.Version, Count: e.Count, Resync: true, Entered: []contact.Contact{}, Left: []uuid.UUID{}, Updated: []contact.Contact{}}
			}
			transport.Mark(ctx, e.Seq)
			select {
			case out <- event:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
