package graph

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/segment"
	"carnet/internal/site"
)

func (r *queryResolver) SavedViews(ctx context.Context) ([]*segment.View, error) {
	return r.Resolver.Segments.Views(ctx)
}

func (r *savedViewResolver) Mine(ctx context.Context, obj *segment.View) (bool, error) {
	return obj.OwnerID == site.ActorOf(ctx).ID, nil
}

func (r *savedViewResolver) Filter(_ context.Context, obj *segment.View) (json.RawMessage, error) {
	return obj.Filter, nil
}

func (r *savedViewResolver) Direction(_ context.Context, obj *segment.View) (model.OrderDirection, error) {
	if obj.Descending {
		return model.OrderDirectionDesc, nil
	}
	return model.OrderDirectionAsc, nil
}

func (r *mutationResolver) CreateSavedView(ctx context.Context, in model.CreateSavedViewInput) (model.SavedViewPayload, error) {
	c := segment.ViewChange{Name: &in.Name, Shared: &in.Shared, Kind: nullable(in.Kind), Search: cleared(in.Search), Unlisted: &in.IncludeUnlisted, Invalid: &in.IncludeInvalid, Columns: list(in.Columns)}
	if err := r.orderOf(ctx, &c, in.OrderBy.Value()); err != nil {
		return viewPayload(ctx, nil, err)
	}
	if raw, set := in.Filter.ValueOK(); set {
		if err := filterOf(&c, raw); err != nil {
			return viewPayload(ctx, nil, err)
		}
	}
	row, err := r.Segments.CreateView(ctx, c)
	return viewPayload(ctx, row, err)
}

func (r *mutationResolver) UpdateSavedView(ctx context.Context, in model.UpdateSavedViewInput) (model.SavedViewPayload, error) {
	c := segment.ViewChange{
		Name: cleared(in.Name), Shared: cleared(in.Shared), Kind: nullable(in.Kind), Search: cleared(in.Search), Unlisted: cleared(in.IncludeUnlisted),
		Invalid: cleared(in.IncludeInvalid), Columns: list(in.Columns),
	}
	if err := r.orderOf(ctx, &c, in.OrderBy.Value()); err != nil {
		return viewPayload(ctx, nil, err)
	}
	if raw, set := in.Filter.ValueOK(); set {
		if err := filterOf(&c, raw); err != nil {
			return viewPayload(ctx, nil, err)
		}
	}
	row, err := r.Segments.UpdateView(ctx, in.ID, c)
	return viewPayload(ctx, row, err)
}

func (r *mutationResolver) DeleteSavedView(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Segments.DeleteView(ctx, in.ID))
}

func (r *queryResolver) ContactListSetting(ctx context.Context, of segment.ListName) (segment.ListSetting, error) {
	return r.Resolver.Segments.ListSetting(ctx, of)
}

func (r *mutationResolver) SaveContactListSetting(ctx context.Context, in model.SaveContactListSettingInput) (out model.ContactListSettingPayload, err error) {
	row, err := r.Segments.SaveListSetting(ctx, in.List, segment.ListChange{BuiltIn: in.BuiltIn.Value(), ViewID: nullable(in.SavedViewID), Columns: list(in.Columns)})
	if err == nil {
		out.Setting = &row
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

// orderOf reads a view's order, which it keeps as it is said.
func (r *Resolver) orderOf(ctx context.Context, c *segment.ViewChange, order *model.ContactOrder) error {
	if order == nil {
		return nil
	}
	d, err := r.orderIndicator(ctx, order)
	if err != nil {
		return err
	}
	down, by := order.Direction == model.OrderDirectionDesc, order.By
	if d != nil {
		by = contact.ByIndicator(d.ID)
	}
	c.OrderBy, c.Down = &by, &down
	return nil
}

func (r *savedViewResolver) OrderBy(_ context.Context, obj *segment.View) (contact.Column, error) {
	if _, is := obj.OrderBy.Indicator(); is {
		return contact.ByAnIndicator, nil
	}
	return obj.OrderBy, nil
}

func (r *savedViewResolver) OrderIndicatorID(_ context.Context, obj *segment.View) (*uuid.UUID, error) {
	id, is := obj.OrderBy.Indicator()
	if !is {
		return nil, nil //nolint:nilnil // GraphQL's null: it is ordered by something else
	}
	return &id, nil
}

// filterOf reads a view's filter; null takes it away.
func filterOf(c *segment.ViewChange, raw map[string]any) error {
	var none *segment.Rule
	c.Filter = &none
	if raw == nil {
		return nil
	}
	rule, err := parseRule(raw)
	if err != nil {
		return fault.Under(err, "filter")
	}
	kept := &rule
	c.Filter = &kept
	return nil
}

// viewPayload leaves the view out when there is something to mend.
func viewPayload(ctx context.Context, row *segment.View, err error) (out model.SavedViewPayload, _ error) {
	if err == nil {
		out.SavedView = row
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}
