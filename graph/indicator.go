package graph

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/indicator"
	"carnet/internal/sale"
	"carnet/internal/segment"
)

// The site's own indicators.

func (r *queryResolver) Indicators(ctx context.Context, archived bool) ([]*indicator.Definition, error) {
	return r.Resolver.Indicators.List(ctx, archived)
}

func (r *Resolver) indicatorsOf(ctx context.Context, ids []uuid.UUID) ([][]*indicator.Value, error) {
	by, err := gather(ctx, "Indicators.ValuesOf", r.Indicators.ValuesOf, ids)
	return listsOf(ids, by), err
}

func (r *personResolver) Indicators(ctx context.Context, objs []*contact.Person) ([][]*indicator.Value, error) {
	return r.indicatorsOf(ctx, allIDs(objs, personID))
}

func (r *organizationResolver) Indicators(ctx context.Context, objs []*contact.Organization) ([][]*indicator.Value, error) {
	return r.indicatorsOf(ctx, allIDs(objs, organizationID))
}

func (r *indicatorResolver) Icon(_ context.Context, obj *indicator.Definition) (model.IndicatorIcon, error) {
	return model.IndicatorIcon(strings.ToUpper(obj.Icon)), nil
}

func (r *indicatorResolver) Kinds(_ context.Context, obj *indicator.Definition) ([]sale.ProductKind, error) {
	out := make([]sale.ProductKind, len(obj.Kinds))
	for i, kind := range obj.Kinds {
		out[i] = sale.ProductKind(kind)
	}
	return out, nil
}

func (r *indicatorResolver) Bands(_ context.Context, obj *indicator.Definition) ([]*indicator.Band, error) {
	return pointers(obj.Bands), nil
}

func (r *indicatorResolver) Products(ctx context.Context, objs []*indicator.Definition) ([][]*sale.Product, error) {
	return namedBy(ctx, objs, func(d *indicator.Definition) []uuid.UUID { return d.ProductIDs }, r.Sales.ProductsOf)
}

func (r *indicatorResolver) Events(ctx context.Context, objs []*indicator.Definition) ([][]*sale.Event, error) {
	return namedBy(ctx, objs, func(d *indicator.Definition) []uuid.UUID { return d.EventIDs }, r.Sales.EventsOf)
}

// namedBy reads what many indicators name at once.
func namedBy[T any](ctx context.Context, objs []*indicator.Definition, ids func(*indicator.Definition) []uuid.UUID, read func(context.Context, []uuid.UUID) (map[uuid.UUID]*T, error)) ([][]*T, error) {
	var all []uuid.UUID
	for _, d := range objs {
		all = append(all, ids(d)...)
	}
	by, err := read(ctx, all)
	out := make([][]*T, len(objs))
	for i, d := range objs {
		out[i] = []*T{}
		for _, id := range ids(d) {
			if row := by[id]; row != nil {
				out[i] = append(out[i], row)
			}
		}
	}
	return out, err
}

func indicatorID(d *indicator.Definition) uuid.UUID { return d.ID }

func (r *indicatorResolver) Segments(ctx context.Context, objs []*indicator.Definition) ([][]*segment.Segment, error) {
	ids := allIDs(objs, indicatorID)
	by, err := gather(ctx, "Segments.OfIndicators", r.Resolver.Segments.OfIndicators, ids)
	return listsOf(ids, by), err
}

func (r *indicatorResolver) Recount(ctx context.Context, objs []*indicator.Definition) ([]*indicator.Recount, error) {
	by, err := r.Indicators.Recounts(ctx)
	out := make([]*indicator.Recount, len(objs))
	for i, d := range objs {
		out[i] = by[d.ID]
	}
	return out, err
}

func (r *mutationResolver) CreateIndicator(ctx context.Context, in model.CreateIndicatorInput) (out model.IndicatorPayload, err error) {
	change := indicator.Change{
		Name: &in.Name, ProductIDs: list(in.ProductIds), EventIDs: list(in.EventIds), Kinds: kinds(in.Kinds), Channels: list(in.Channels),
		Period: &in.Period, Days: nullable(in.Days), StartMonth: nullable(in.StartMonth), StartDay: nullable(in.StartDay), Bands: bands(in.Bands),
	}
	change.Icon = icon(&in.Icon)
	made, err := r.Resolver.Indicators.Create(ctx, in.Measure, change)
	return indicatorPayload(ctx, made, err)
}

func (r *mutationResolver) UpdateIndicator(ctx context.Context, in model.UpdateIndicatorInput) (out model.IndicatorPayload, err error) {
	row, err := r.Resolver.Indicators.Update(ctx, in.ID, indicator.Change{
		Name: cleared(in.Name), Icon: icon(in.Icon.Value()), ProductIDs: list(in.ProductIds), EventIDs: list(in.EventIds), Kinds: kinds(in.Kinds), Channels: list(in.Channels),
		Period: in.Period.Value(), Days: nullable(in.Days), StartMonth: nullable(in.StartMonth), StartDay: nullable(in.StartDay), Bands: bands(in.Bands),
		Position: in.Position.Value(), Archived: in.Archived.Value(),
	})
	return indicatorPayload(ctx, row, err)
}

func (r *mutationResolver) DeleteIndicator(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Resolver.Indicators.Delete(ctx, in.ID))
}

// indicatorPayload leaves the indicator out when there is something to mend.
func indicatorPayload(ctx context.Context, row *indicator.Definition, err error) (out model.IndicatorPayload, _ error) {
	if err == nil {
		out.Indicator = row
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func icon(of *model.IndicatorIcon) *string {
	if of == nil {
		return nil
	}
	word := strings.ToLower(string(*of))
	return &word
}

func kinds(o graphql.Omittable[[]sale.ProductKind]) *[]string {
	given := list(o)
	if given == nil {
		return nil
	}
	out := make([]string, len(*given))
	for i, kind := range *given {
		out[i] = string(kind)
	}
	return &out
}

func bands(o graphql.Omittable[[]*model.IndicatorBandInput]) *[]indicator.Band {
	given := list(o)
	if given == nil {
		return nil
	}
	out := make([]indicator.Band, len(*given))
	for i, b := range *given {
		out[i] = indicator.Band{Label: b.Label, From: int64(b.From)}
		if id := b.ID.Value(); id != nil {
			out[i].ID = *id
		}
	}
	return &out
}

// ordered reads the order of a list. By days since, who bought last comes first: their day is the greatest.
func (r *Resolver) ordered(ctx context.Context, by *model.ContactOrder) (order contact.Column, down bool, err error) {
	down = by.Direction == model.OrderDirectionDesc
	d, err := r.orderIndicator(ctx, by)
	if err != nil || d == nil {
		return by.By, down, err
	}
	return contact.ByIndicator(d.ID), down != (d.Measure == indicator.LastPurchase), nil
}

// orderIndicator gives the indicator that an order is by; nil where it is by something else.
func (r *Resolver) orderIndicator(ctx context.Context, by *model.ContactOrder) (*indicator.Definition, error) {
	id := by.IndicatorID.Value()
	switch {
	case by.By != contact.ByAnIndicator && id == nil:
		return nil, nil //nolint:nilnil // documented: it is by something else
	case by.By != contact.ByAnIndicator:
		return nil, fault.New(fault.BadInput, "indicatorId goes with the order INDICATOR only")
	case id == nil:
		return nil, fault.New(fault.BadInput, "the order INDICATOR needs an indicatorId")
	}
	d, err := r.Indicators.ByID(ctx, *id)
	if fault.CodeOf(err) == fault.NotFound || err == nil && d.ArchivedAt != nil {
		return nil, fault.New(fault.BadInput, "the site has no indicator with the id %s", *id)
	}
	return d, err
}
