package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/sale"
)

// The histories of a contact that come from sales (S-56 to S-61). Persons and organizations share all but what an organization
// gathers.

func pageAsked(first *int, after *string) sale.Asked {
	return sale.Asked{First: size(first), After: text(after)}
}

func gathering(first *int, after *string, people, subsidiaries bool) sale.Asked {
	in := pageAsked(first, after)
	in.Gather = contact.Gather{People: people, Subsidiaries: subsidiaries}
	return in
}

func (r *personResolver) Orders(ctx context.Context, objs []*contact.Person, first *int, after *string) ([]model.OrderHistoryConnection, error) {
	return r.ordersBy(ctx, allIDs(objs, personID), pageAsked(first, after))
}

func (r *personResolver) Attendances(ctx context.Context, objs []*contact.Person, first *int, after *string) ([]model.AttendanceConnection, error) {
	return r.attendancesOf(ctx, allIDs(objs, personID), pageAsked(first, after))
}

func (r *personResolver) Payments(ctx context.Context, objs []*contact.Person, first *int, after *string) ([]model.PaymentHistoryConnection, error) {
	return r.paymentsBy(ctx, allIDs(objs, personID), pageAsked(first, after))
}

func (r *personResolver) Passes(ctx context.Context, objs []*contact.Person, first *int, after *string) ([]model.PassHistoryConnection, error) {
	return r.passesBy(ctx, allIDs(objs, personID), pageAsked(first, after))
}

func (r *organizationResolver) Orders(ctx context.Context, objs []*contact.Organization, first *int, after *string, people, subsidiaries bool) ([]model.OrderHistoryConnection, error) {
	return r.ordersBy(ctx, allIDs(objs, organizationID), gathering(first, after, people, subsidiaries))
}

func (r *organizationResolver) Attendances(ctx context.Context, objs []*contact.Organization, first *int, after *string, people, subsidiaries bool) ([]model.AttendanceConnection, error) {
	return r.attendancesOf(ctx, allIDs(objs, organizationID), gathering(first, after, people, subsidiaries))
}

func (r *organizationResolver) Payments(ctx context.Context, objs []*contact.Organization, first *int, after *string, people, subsidiaries bool) ([]model.PaymentHistoryConnection, error) {
	return r.paymentsBy(ctx, allIDs(objs, organizationID), gathering(first, after, people, subsidiaries))
}

func (r *organizationResolver) Passes(ctx context.Context, objs []*contact.Organization, first *int, after *string, people, subsidiaries bool) ([]model.PassHistoryConnection, error) {
	return r.passesBy(ctx, allIDs(objs, organizationID), gathering(first, after, people, subsidiaries))
}

func (r *personResolver) Memberships(ctx context.Context, objs []*contact.Person, first *int, after *string) ([]model.MembershipHistoryConnection, error) {
	return r.membershipsBy(ctx, allIDs(objs, personID), pageAsked(first, after))
}

func (r *organizationResolver) Memberships(ctx context.Context, objs []*contact.Organization, first *int, after *string, people, subsidiaries bool) ([]model.MembershipHistoryConnection, error) {
	return r.membershipsBy(ctx, allIDs(objs, organizationID), gathering(first, after, people, subsidiaries))
}

func (r *Resolver) ordersBy(ctx context.Context, ids []uuid.UUID, in sale.Asked) ([]model.OrderHistoryConnection, error) {
	by, err := r.Sales.OrdersBy(ctx, ids, in)
	return eachPage(ids, by, in, func(page sale.History[sale.Order], after *string) model.OrderHistoryConnection {
		return model.OrderHistoryConnection(historyPage[model.OrderHistoryEdge](page, after))
	}), err
}

func (r *Resolver) attendancesOf(ctx context.Context, ids []uuid.UUID, in sale.Asked) ([]model.AttendanceConnection, error) {
	by, err := r.Sales.AttendancesOf(ctx, ids, in)
	return eachPage(ids, by, in, func(page sale.History[sale.Attendance], after *string) model.AttendanceConnection {
		return model.AttendanceConnection(historyPage[model.AttendanceEdge](page, after))
	}), err
}

func (r *Resolver) paymentsBy(ctx context.Context, ids []uuid.UUID, in sale.Asked) ([]model.PaymentHistoryConnection, error) {
	by, err := r.Sales.PaymentsBy(ctx, ids, in)
	return eachPage(ids, by, in, func(page sale.History[sale.Payment], after *string) model.PaymentHistoryConnection {
		return model.PaymentHistoryConnection(historyPage[model.PaymentHistoryEdge](page, after))
	}), err
}

func (r *Resolver) passesBy(ctx context.Context, ids []uuid.UUID, in sale.Asked) ([]model.PassHistoryConnection, error) {
	by, err := r.Sales.PassesBy(ctx, ids, in)
	return eachPage(ids, by, in, func(page sale.History[sale.Pass], after *string) model.PassHistoryConnection {
		return model.PassHistoryConnection(historyPage[model.PassHistoryEdge](page, after))
	}), err
}

func (r *Resolver) membershipsBy(ctx context.Context, ids []uuid.UUID, in sale.Asked) ([]model.MembershipHistoryConnection, error) {
	by, err := r.Sales.MembershipsBy(ctx, ids, in)
	return eachPage(ids, by, in, func(page sale.History[sale.Membership], after *string) model.MembershipHistoryConnection {
		return model.MembershipHistoryConnection(historyPage[model.MembershipHistoryEdge](page, after))
	}), err
}

// eachPage gives each contact its connection.
func eachPage[T, C any](ids []uuid.UUID, by map[uuid.UUID]sale.History[T], in sale.Asked, connection func(sale.History[T], *string) C) []C {
	var after *string
	if in.After != "" {
		after = &in.After
	}
	out := make([]C, len(ids))
	for i, id := range ids {
		out[i] = connection(by[id], after)
	}
	return out
}

func (r *attendanceResolver) Contact(ctx context.Context, objs []*sale.Attendance) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, objs, func(a *sale.Attendance) *uuid.UUID { return &a.ContactID })
}

func (r *attendanceResolver) Order(ctx context.Context, objs []*sale.Attendance) ([]*sale.Order, error) {
	by, err := gather(ctx, "Sales.OrdersOf", r.Sales.OrdersOf, named(objs, func(a *sale.Attendance) *uuid.UUID { return a.OrderID }))
	out := make([]*sale.Order, len(objs))
	for i, a := range objs {
		if a.OrderID != nil {
			out[i] = by[*a.OrderID]
		}
	}
	return out, err
}

func (r *paymentResolver) Order(ctx context.Context, objs []*sale.Payment) ([]sale.Order, error) {
	ids := allIDs(objs, func(p *sale.Payment) uuid.UUID { return p.OrderID })
	by, err := gather(ctx, "Sales.OrdersOf", r.Sales.OrdersOf, ids)
	return eachOf(ids, by), err
}

func (r *paymentResolver) Payer(ctx context.Context, objs []*sale.Payment) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, objs, func(p *sale.Payment) *uuid.UUID { return p.PayerID })
}

func (r *passResolver) Product(ctx context.Context, objs []*sale.Pass) ([]sale.Product, error) {
	ids := allIDs(objs, func(p *sale.Pass) uuid.UUID { return p.ProductID })
	by, err := gather(ctx, "Sales.ProductsOf", r.Sales.ProductsOf, ids)
	return eachOf(ids, by), err
}

func (r *passResolver) Contact(ctx context.Context, objs []*sale.Pass) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, objs, func(p *sale.Pass) *uuid.UUID { return &p.ContactID })
}

type (
	attendanceResolver struct{ *Resolver }
	membershipResolver struct{ *Resolver }
	passResolver       struct{ *Resolver }
	paymentResolver    struct{ *Resolver }
)

// Attendance resolves attendances.
func (r *Resolver) Attendance() AttendanceResolver { return &attendanceResolver{r} }

// Membership resolves memberships.
func (r *Resolver) Membership() MembershipResolver { return &membershipResolver{r} }

// Pass resolves passes.
func (r *Resolver) Pass() PassResolver { return &passResolver{r} }

// Payment resolves payments.
func (r *Resolver) Payment() PaymentResolver { return &paymentResolver{r} }
