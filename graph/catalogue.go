package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/account"
	"carnet/internal/contact"
	"carnet/internal/sale"
)

// What a site sells, and what it costs whom. Mutations stand in catalogue_edit.go.

func (r *queryResolver) Events(ctx context.Context, search *string, when sale.EventTime, states []sale.EventState, first *int, after *string) (model.EventConnection, error) {
	page, err := r.Sales.Events(ctx, sale.EventQuery{Search: text(search), Time: when, States: states, First: size(first), After: text(after)})
	return eventConnection(page, after), err
}

func (r *queryResolver) PublicEvents(ctx context.Context, from *time.Time, first *int, after *string) (model.EventConnection, error) {
	page, err := r.Sales.PublicEvents(ctx, from, size(first), text(after))
	return eventConnection(page, after), err
}

func eventConnection(page sale.Page[sale.Event], after *string) (out model.EventConnection) {
	out.Nodes = page.Rows
	out.Edges, out.PageInfo = connected(page, after, func(e *sale.Event) *model.EventEdge { return &model.EventEdge{Cursor: e.Cursor(), Node: *e} }, (*sale.Event).Cursor)
	return out
}

// connected gives a page's edges and where it stands.
func connected[T, E any](page sale.Page[T], after *string, edge func(*T) E, cursor func(*T) string) ([]E, model.PageInfo) {
	edges, info := make([]E, len(page.Rows)), model.PageInfo{HasNextPage: page.More, HasPreviousPage: after != nil}
	for i, row := range page.Rows {
		edges[i] = edge(row)
	}
	if n := len(page.Rows); n > 0 {
		start, end := cursor(page.Rows[0]), cursor(page.Rows[n-1])
		info.StartCursor, info.EndCursor = &start, &end
	}
	return edges, info
}

func (r *queryResolver) Products(ctx context.Context, search *string, kinds []sale.ProductKind, archived bool, first *int, after *string) (out model.ProductConnection, err error) {
	page, err := r.Sales.Products(ctx, sale.ProductQuery{Search: text(search), Kinds: kinds, Archived: archived, First: size(first), After: text(after)})
	out.Nodes = page.Rows
	out.Edges, out.PageInfo = connected(page, after, func(p *sale.Product) *model.ProductEdge { return &model.ProductEdge{Cursor: p.Cursor(), Node: *p} }, (*sale.Product).Cursor)
	return out, err
}

func (r *queryResolver) CatalogueHistory(ctx context.Context, of *uuid.UUID, first *int, after *string) (out model.CatalogueEntryConnection, err error) {
	page, err := r.Sales.CatalogueHistory(ctx, of, size(first), text(after))
	out.Nodes = page.Rows
	out.Edges, out.PageInfo = connected(page, after, func(e *sale.CatalogueEntry) *model.CatalogueEntryEdge {
		return &model.CatalogueEntryEdge{Cursor: e.Cursor(), Node: *e}
	}, (*sale.CatalogueEntry).Cursor)
	return out, err
}

func (r *queryResolver) RoleCandidates(ctx context.Context, role sale.EventRole, search *string, first int) ([]contact.Contact, error) {
	rows, err := r.Resolver.Contacts.OfType(ctx, role.Type(), text(search), first)
	out := make([]contact.Contact, len(rows))
	for i, row := range rows {
		out[i] = contact.Of(row)
	}
	return out, err
}

func (r *meResolver) ProducedEvents(ctx context.Context, _ *account.Me, first *int, after *string) (out model.ProducedEventConnection, err error) {
	page, err := r.Sales.Produced(ctx, size(first), text(after))
	out.Nodes = page.Rows
	out.Edges, out.PageInfo = connected(page, after, func(e *sale.ProducedEvent) *model.ProducedEventEdge {
		return &model.ProducedEventEdge{Cursor: e.Cursor(), Node: *e}
	}, func(e *sale.ProducedEvent) string { return e.Cursor() })
	return out, err
}

func eventID(e *sale.Event) uuid.UUID     { return e.ID }
func productID(p *sale.Product) uuid.UUID { return p.ID }
func groupID(g *contact.Group) uuid.UUID  { return g.ID }

func (r *eventResolver) TicketTypes(ctx context.Context, objs []*sale.Event) ([][]*sale.Product, error) {
	ids := allIDs(objs, eventID)
	by, err := gather(ctx, "Sales.TicketTypesOf", r.Resolver.Sales.TicketTypesOf, ids)
	return listsOf(ids, by), err
}

func (r *eventResolver) Contacts(ctx context.Context, objs []*sale.Event) ([][]*sale.EventContact, error) {
	ids := allIDs(objs, eventID)
	by, err := gather(ctx, "Sales.EventContactsOf", r.Resolver.Sales.EventContactsOf, ids)
	return listsOf(ids, by), err
}

func (r *eventContactResolver) Contact(ctx context.Context, objs []*sale.EventContact) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, objs, func(p *sale.EventContact) *uuid.UUID { return &p.ContactID })
}

func (r *eventResolver) Sales(ctx context.Context, objs []*sale.Event) ([]sale.EventSales, error) {
	by, err := gather(ctx, "Sales.SalesOf", r.Resolver.Sales.SalesOf, allIDs(objs, eventID))
	out := make([]sale.EventSales, len(objs))
	for i, e := range objs {
		out[i] = by[e.ID]
	}
	return out, err
}

func (r *productResolver) Supplier(ctx context.Context, objs []*sale.Product) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, objs, func(p *sale.Product) *uuid.UUID { return p.SupplierID })
}

func (r *productResolver) Prices(ctx context.Context, objs []*sale.Product) ([][]*sale.Price, error) {
	ids := allIDs(objs, productID)
	by, err := gather(ctx, "Sales.PricesOf", r.Sales.PricesOf, ids)
	return listsOf(ids, by), err
}

func (r *productResolver) Quotas(ctx context.Context, objs []*sale.Product) ([][]*sale.Quota, error) {
	ids := allIDs(objs, productID)
	by, err := gather(ctx, "Sales.QuotasOf", r.Sales.QuotasOf, ids)
	return listsOf(ids, by), err
}

func (r *productResolver) Slots(ctx context.Context, obj *sale.Product, from *time.Time, first *int, after *string) (out model.SlotConnection, err error) {
	page, err := r.Sales.Slots(ctx, obj.ID, from, size(first), text(after))
	out.Nodes = page.Rows
	out.Edges, out.PageInfo = connected(page, after, func(s *sale.Slot) *model.SlotEdge { return &model.SlotEdge{Cursor: s.Cursor(), Node: *s} }, (*sale.Slot).Cursor)
	return out, err
}

func (r *groupResolver) Prices(ctx context.Context, objs []*contact.Group) ([][]*sale.Price, error) {
	ids := allIDs(objs, groupID)
	by, err := gather(ctx, "Sales.PricesOfGroups", r.Sales.PricesOfGroups, ids)
	return listsOf(ids, by), err
}

func (r *groupResolver) Quotas(ctx context.Context, objs []*contact.Group) ([][]*sale.Quota, error) {
	ids := allIDs(objs, groupID)
	by, err := gather(ctx, "Sales.QuotasOfGroups", r.Sales.QuotasOfGroups, ids)
	return listsOf(ids, by), err
}

func (r *productPriceResolver) Product(ctx context.Context, objs []*sale.Price) ([]sale.Product, error) {
	ids := allIDs(objs, func(p *sale.Price) uuid.UUID { return p.ProductID })
	by, err := gather(ctx, "Sales.ProductsOf", r.Sales.ProductsOf, ids)
	return eachOf(ids, by), err
}

func (r *productPriceResolver) Group(ctx context.Context, objs []*sale.Price) ([]*contact.Group, error) {
	return groupsOf(ctx, r.Resolver, objs, func(p *sale.Price) *uuid.UUID { return p.GroupID })
}

func (r *productPriceResolver) Plan(ctx context.Context, objs []*sale.Price) ([]*sale.Product, error) {
	plan := func(p *sale.Price) *uuid.UUID { return p.PlanID }
	by, err := gather(ctx, "Sales.ProductsOf", r.Sales.ProductsOf, named(objs, plan))
	return rowsOf(objs, by, plan), err
}

func (r *quotaResolver) Product(ctx context.Context, objs []*sale.Quota) ([]sale.Product, error) {
	ids := allIDs(objs, func(q *sale.Quota) uuid.UUID { return q.ProductID })
	by, err := gather(ctx, "Sales.ProductsOf", r.Sales.ProductsOf, ids)
	return eachOf(ids, by), err
}

func (r *quotaResolver) Group(ctx context.Context, objs []*sale.Quota) ([]*contact.Group, error) {
	return groupsOf(ctx, r.Resolver, objs, func(q *sale.Quota) *uuid.UUID { return q.GroupID })
}

// groupsOf gives the group that each object names; null where it names none. All groups are one question.
func groupsOf[T any](ctx context.Context, r *Resolver, objs []T, id func(T) *uuid.UUID) ([]*contact.Group, error) {
	all, err := r.Contacts.Groups(ctx)
	by := make(map[uuid.UUID]*contact.Group, len(all))
	for _, g := range all {
		by[g.ID] = g
	}
	return rowsOf(objs, by, id), err
}

// amount reads an omittable sum of money.
func amount(o graphql.Omittable[*int]) *int64 {
	n := o.Value()
	if n == nil {
		return nil
	}
	sum := int64(*n)
	return &sum
}
