package graph

import (
	"context"

	"carnet/graph/model"
	"carnet/internal/sale"
)

func (r *mutationResolver) CreateEvent(ctx context.Context, in model.CreateEventInput) (model.EventPayload, error) {
	e, err := r.Sales.CreateEvent(ctx, sale.EventChange{
		Name: &in.Name, Description: cleared(in.Description), Place: cleared(in.Place), URL: cleared(in.URL), Reference: cleared(in.Reference),
		StartsAt: &in.StartsAt, EndsAt: &in.EndsAt, Capacity: nullable(in.Capacity), OrganizerID: nullable(in.OrganizerID),
	})
	return eventPayload(ctx, e, err)
}

func (r *mutationResolver) UpdateEvent(ctx context.Context, in model.UpdateEventInput) (model.EventPayload, error) {
	e, err := r.Sales.UpdateEvent(ctx, in.ID, sale.EventChange{
		Name: cleared(in.Name), Description: cleared(in.Description), Place: cleared(in.Place), URL: cleared(in.URL), Reference: cleared(in.Reference),
		StartsAt: in.StartsAt.Value(), EndsAt: in.EndsAt.Value(), Capacity: nullable(in.Capacity), OrganizerID: nullable(in.OrganizerID),
	})
	return eventPayload(ctx, e, err)
}

func (r *mutationResolver) PublishEvent(ctx context.Context, in model.EventInput) (model.EventPayload, error) {
	e, err := r.Sales.PublishEvent(ctx, in.ID)
	return eventPayload(ctx, e, err)
}

func (r *mutationResolver) UnpublishEvent(ctx context.Context, in model.EventInput) (model.EventPayload, error) {
	e, err := r.Sales.UnpublishEvent(ctx, in.ID)
	return eventPayload(ctx, e, err)
}

func (r *mutationResolver) RefuseEvent(ctx context.Context, in model.RefuseEventInput) (model.EventPayload, error) {
	e, err := r.Sales.RefuseEvent(ctx, in.ID, in.Reason)
	return eventPayload(ctx, e, err)
}

func (r *mutationResolver) DeleteEvent(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Sales.DeleteEvent(ctx, in.ID))
}

func (r *mutationResolver) CancelEvent(ctx context.Context, in model.EventInput) (model.EventPayload, error) {
	e, err := r.Sales.CancelEvent(ctx, in.ID)
	return eventPayload(ctx, e, err)
}

func (r *mutationResolver) SetEventContacts(ctx context.Context, in model.SetEventContactsInput) (model.EventPayload, error) {
	e, err := r.Sales.SetEventContacts(ctx, in.EventID, in.Role, in.ContactIds)
	return eventPayload(ctx, e, err)
}

func eventPayload(ctx context.Context, e *sale.Event, err error) (out model.EventPayload, _ error) {
	if err == nil {
		out.Event = e
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) CreateProduct(ctx context.Context, in model.CreateProductInput) (model.ProductPayload, error) {
	price := int64(in.Price)
	p, err := r.Sales.CreateProduct(ctx, in.Kind, in.EventID.Value(), sale.ProductChange{
		Name: &in.Name, Description: cleared(in.Description), Price: &price, Capacity: nullable(in.Capacity), Reserved: cleared(in.Reserved), ForChild: cleared(in.ForChild),
		SupplierID: nullable(in.SupplierID), Uses: in.Uses.Value(), ValidDays: nullable(in.ValidDays), Months: nullable(in.Months),
	})
	return productPayload(ctx, p, err)
}

func (r *mutationResolver) UpdateProduct(ctx context.Context, in model.UpdateProductInput) (model.ProductPayload, error) {
	p, err := r.Sales.UpdateProduct(ctx, in.ID, sale.ProductChange{
		Name: cleared(in.Name), Description: cleared(in.Description), Price: amount(in.Price), Capacity: nullable(in.Capacity), Reserved: cleared(in.Reserved), ForChild: cleared(in.ForChild),
		SupplierID: nullable(in.SupplierID), Uses: in.Uses.Value(), ValidDays: nullable(in.ValidDays), Months: nullable(in.Months),
	})
	return productPayload(ctx, p, err)
}

func (r *mutationResolver) ArchiveProduct(ctx context.Context, in model.ArchiveProductInput) (model.ProductPayload, error) {
	p, err := r.Sales.ArchiveProduct(ctx, in.ID, in.Archived)
	return productPayload(ctx, p, err)
}

func (r *mutationResolver) DeleteProduct(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Sales.DeleteProduct(ctx, in.ID))
}

func productPayload(ctx context.Context, p *sale.Product, err error) (out model.ProductPayload, _ error) {
	if err == nil {
		out.Product = p
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) CreateSlots(ctx context.Context, in model.CreateSlotsInput) (out model.CreateSlotsPayload, err error) {
	series := sale.SlotSeries{StartsAt: in.StartsAt, Minutes: in.Minutes, Capacity: in.Capacity, InARow: in.InARow, Every: in.Every, Until: value(date(in.Until))}
	out.Slots = []*sale.Slot{}
	slots, err := r.Sales.CreateSlots(ctx, in.ProductID, series)
	if err == nil {
		out.Slots = slots
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeleteSlot(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Sales.DeleteSlot(ctx, in.ID))
}

func (r *mutationResolver) SavePrice(ctx context.Context, in model.SavePriceInput) (out model.SavePricePayload, err error) {
	p, err := r.Sales.SavePrice(ctx, in.ProductID, in.GroupID.Value(), in.PlanID.Value(), int64(in.Amount))
	if err == nil {
		out.Price = p
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeletePrice(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Sales.DeletePrice(ctx, in.ID))
}

func (r *mutationResolver) SaveQuota(ctx context.Context, in model.SaveQuotaInput) (out model.SaveQuotaPayload, err error) {
	q, err := r.Sales.SaveQuota(ctx, in.ProductID, in.GroupID.Value(), in.Period, in.Most)
	if err == nil {
		out.Quota = q
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) DeleteQuota(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Sales.DeleteQuota(ctx, in.ID))
}
