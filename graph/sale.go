package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/sale"
)

// Orders and what they give.

func (r *queryResolver) Event(ctx context.Context, id uuid.UUID) (sale.Event, error) {
	return found(r.Sales.EventByID(ctx, id))
}

func (r *queryResolver) Product(ctx context.Context, id uuid.UUID) (sale.Product, error) {
	return found(r.Sales.ProductByID(ctx, id))
}

func (r *queryResolver) Order(ctx context.Context, id uuid.UUID) (sale.Order, error) {
	return found(r.Sales.OrderByID(ctx, id))
}

func (r *mutationResolver) RecordOrder(ctx context.Context, in model.RecordOrderInput) (out model.RecordOrderPayload, err error) {
	report := sale.RecordOrder{
		IdempotencyKey: in.IdempotencyKey, Reference: in.Reference, Channel: in.Channel, Checkout: in.Checkout, Identified: in.Identified, Currency: in.Currency, OrderedAt: in.OrderedAt.Value(),
	}
	if p := party(in.Buyer.Value()); p != nil {
		report.Buyer = *p
	}
	report.Payer = party(in.Payer.Value())
	for _, l := range in.Lines {
		line := sale.OrderedLine{ProductID: l.ProductID, Quantity: l.Quantity, SlotID: l.SlotID.Value(), Attendee: party(l.Attendee.Value()), StartsOn: value(date(l.StartsOn)), Seats: l.Seats.Value()}
		if price := l.UnitPrice.Value(); price != nil {
			line.UnitPrice = new(int64)
			*line.UnitPrice = int64(*price)
		}
		report.Lines = append(report.Lines, line)
	}
	for _, p := range in.Payments.Value() {
		report.Payments = append(report.Payments, sale.OrderPayment{Method: p.Method, Amount: int64(p.Amount), Reference: p.Reference})
	}
	out.Order, err = r.Sales.RecordOrder(ctx, report)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func party(in *model.OrderPartyInput) *sale.Party {
	if in == nil {
		return nil
	}
	p := &sale.Party{ContactID: in.ContactID.Value()}
	if person := in.Person.Value(); person != nil {
		p.Person = &sale.Buyer{
			Email: person.Email, FirstName: person.FirstName, LastName: person.LastName, Language: person.Language, Company: person.Company, Phone: person.Phone,
			AddressLines: person.AddressLines, Postcode: person.Postcode, City: person.City, Country: person.Country, Consent: person.Consent,
		}
	}
	return p
}

// value reads what an omittable date holds; absent and null are the same.
func value[T any](p **T) *T {
	if p == nil {
		return nil
	}
	return *p
}

func (r *eventResolver) Organizer(ctx context.Context, objs []*sale.Event) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, objs, func(e *sale.Event) *uuid.UUID { return e.OrganizerID })
}

func (r *productResolver) Event(ctx context.Context, objs []*sale.Product) ([]*sale.Event, error) {
	return eventsOf(ctx, r.Resolver, objs, func(p *sale.Product) *uuid.UUID { return p.EventID })
}

func (r *orderResolver) Buyer(ctx context.Context, objs []*sale.Order) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, objs, func(o *sale.Order) *uuid.UUID { return o.BuyerID })
}

func (r *orderResolver) Payer(ctx context.Context, objs []*sale.Order) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, objs, func(o *sale.Order) *uuid.UUID { return o.PayerID })
}

func (r *orderResolver) Lines(ctx context.Context, objs []*sale.Order) ([][]*sale.Line, error) {
	ids := allIDs(objs, func(o *sale.Order) uuid.UUID { return o.ID })
	by, err := gather(ctx, "Sales.LinesOf", r.Sales.LinesOf, ids)
	return listsOf(ids, by), err
}

func (r *orderResolver) Payments(ctx context.Context, objs []*sale.Order) ([][]*sale.Payment, error) {
	ids := allIDs(objs, func(o *sale.Order) uuid.UUID { return o.ID })
	by, err := gather(ctx, "Sales.PaymentsOf", r.Sales.PaymentsOf, ids)
	return listsOf(ids, by), err
}

func (r *orderLineResolver) Product(ctx context.Context, objs []*sale.Line) ([]sale.Product, error) {
	ids := allIDs(objs, func(l *sale.Line) uuid.UUID { return l.ProductID })
	by, err := gather(ctx, "Sales.ProductsOf", r.Sales.ProductsOf, ids)
	return eachOf(ids, by), err
}

func (r *orderLineResolver) Attendee(ctx context.Context, objs []*sale.Line) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, objs, func(l *sale.Line) *uuid.UUID { return l.AttendeeID })
}

func (r *orderLineResolver) Tickets(ctx context.Context, objs []*sale.Line) ([][]*sale.Ticket, error) {
	ids := allIDs(objs, func(l *sale.Line) uuid.UUID { return l.ID })
	by, err := gather(ctx, "Sales.TicketsOf", r.Sales.TicketsOf, ids)
	return listsOf(ids, by), err
}

func (r *ticketResolver) Event(ctx context.Context, objs []*sale.Ticket) ([]sale.Event, error) {
	ids := allIDs(objs, func(t *sale.Ticket) uuid.UUID { return t.EventID })
	by, err := gather(ctx, "Sales.EventsOf", r.Sales.EventsOf, ids)
	return eachOf(ids, by), err
}

// found gives what a pointer holds; the zero value with an error.
func found[T any](p *T, err error) (v T, _ error) {
	if p != nil {
		v = *p
	}
	return v, err
}

// eachOf gives each id its row, which foreign keys keep.
func eachOf[T any](ids []uuid.UUID, by map[uuid.UUID]*T) []T {
	out := make([]T, len(ids))
	for i, id := range ids {
		if row := by[id]; row != nil {
			out[i] = *row
		}
	}
	return out
}

func eventsOf[T any](ctx context.Context, r *Resolver, objs []T, id func(T) *uuid.UUID) ([]*sale.Event, error) {
	by, err := gather(ctx, "Sales.EventsOf", r.Sales.EventsOf, named(objs, id))
	return rowsOf(objs, by, id), err
}

// rowsOf gives the row that each object names; nil where it names none.
func rowsOf[T, R any](objs []T, by map[uuid.UUID]*R, id func(T) *uuid.UUID) []*R {
	out := make([]*R, len(objs))
	for i, o := range objs {
		if id := id(o); id != nil {
			out[i] = by[*id]
		}
	}
	return out
}

// contactsOf gives the contact that each object names; null where it names none.
func contactsOf[T any](ctx context.Context, r *Resolver, objs []T, id func(T) *uuid.UUID) ([]contact.Contact, error) {
	by, err := gather(ctx, "Contacts.RecordsOf", r.Contacts.RecordsOf, named(objs, id))
	out := make([]contact.Contact, len(objs))
	for i, o := range objs {
		if id := id(o); id != nil && by[*id] != nil {
			out[i] = contact.Of(by[*id])
		}
	}
	return out, err
}

// named gives the ids that objects name.
func named[T any](objs []T, id func(T) *uuid.UUID) []uuid.UUID {
	out := make([]uuid.UUID, 0, len(objs))
	for _, o := range objs {
		if id := id(o); id != nil {
			out = append(out, *id)
		}
	}
	return out
}

// listsOf gives each id its list, empty where it has none.
func listsOf[T any](ids []uuid.UUID, by map[uuid.UUID][]T) [][]T {
	out := make([][]T, len(ids))
	for i, id := range ids {
		if out[i] = by[id]; out[i] == nil {
			out[i] = []T{}
		}
	}
	return out
}
