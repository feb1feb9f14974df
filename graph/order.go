package graph

import (
	"context"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/qr"
	"carnet/internal/sale"
)

// What becomes of orders and of what they gave.

func (r *queryResolver) Orders(ctx context.Context, filter *model.OrderFilter, orderBy sale.OrderBy, first *int, after *string) (out model.OrderConnection, err error) {
	var f sale.OrderFilter
	if filter != nil {
		f = sale.OrderFilter{
			Text: filter.Text, ContactID: filter.ContactID.Value(), EventID: filter.EventID.Value(), ProductID: filter.ProductID.Value(), State: filter.State.Value(),
			Unpaid: filter.Unpaid, From: value(date(filter.From)), To: value(date(filter.To)),
		}
	}
	page, err := r.Sales.Orders(ctx, f, orderBy, size(first), text(after))
	out = model.OrderConnection{Nodes: page.Rows, Edges: []*model.OrderEdge{}, PageInfo: model.PageInfo{HasNextPage: page.More, HasPreviousPage: after != nil}}
	for _, o := range page.Rows {
		out.Edges = append(out.Edges, &model.OrderEdge{Cursor: orderBy.Cursor(o), Node: *o})
	}
	if len(out.Edges) > 0 {
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &out.Edges[0].Cursor, &out.Edges[len(out.Edges)-1].Cursor
	}
	return out, err
}

func (r *queryResolver) Ticket(ctx context.Context, id uuid.UUID) (sale.Ticket, error) {
	return found(r.Sales.TicketByID(ctx, id))
}

func (r *queryResolver) SoldProducts(ctx context.Context, search string, first int) ([]*sale.Product, error) {
	return r.Sales.Sold(ctx, search, first)
}

func (r *mutationResolver) ReturnOrder(ctx context.Context, in model.ReturnOrderInput) (out model.OrderPayload, err error) {
	back := sale.ReturnOrder{OrderID: in.OrderID, Tickets: in.Tickets.Value(), Force: in.Force, Reason: in.Reason, IdempotencyKey: in.IdempotencyKey}
	for _, l := range in.Lines.Value() {
		back.Lines = append(back.Lines, sale.ReturnedLine{LineID: l.LineID, Quantity: l.Quantity})
	}
	out.Order, err = r.Sales.Return(ctx, back)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) CheckInTicket(ctx context.Context, in model.CheckInTicketInput) (out model.TicketPayload, err error) {
	out.Ticket, err = r.Sales.CheckIn(ctx, in.Code, in.EventID.Value())
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) UndoCheckIn(ctx context.Context, in model.DeleteInput) (out model.TicketPayload, err error) {
	out.Ticket, err = r.Sales.UndoCheckIn(ctx, in.ID)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) UsePass(ctx context.Context, in model.UsePassInput) (out model.PassPayload, err error) {
	out.Pass, err = r.Sales.UsePass(ctx, in.ID)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) UndoUsePass(ctx context.Context, in model.UsePassInput) (out model.PassPayload, err error) {
	out.Pass, err = r.Sales.UndoUsePass(ctx, in.ID)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) CancelMembership(ctx context.Context, in model.CancelMembershipInput) (out model.MembershipPayload, err error) {
	out.Membership, err = r.Sales.CancelMembership(ctx, in.ID, value(date(in.At)))
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) RenewMembership(ctx context.Context, in model.RenewMembershipInput) (out model.MembershipPayload, err error) {
	out.Membership, err = r.Sales.RenewMembership(ctx, in.ID)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) CancelBooking(ctx context.Context, in model.CancelBookingInput) (out model.BookingPayload, err error) {
	out.Booking, err = r.Sales.CancelBooking(ctx, in.ID, in.Reason)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) MarkBookingAttended(ctx context.Context, in model.MarkAttendedInput) (out model.BookingPayload, err error) {
	out.Booking, err = r.Sales.MarkAttended(ctx, in.ID, in.Attended)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *orderResolver) Returns(ctx context.Context, objs []*sale.Order) ([][]*sale.Return, error) {
	ids := allIDs(objs, func(o *sale.Order) uuid.UUID { return o.ID })
	by, err := gather(ctx, "Sales.ReturnsOf", r.Sales.ReturnsOf, ids)
	return listsOf(ids, by), err
}

func (r *orderLineResolver) Memberships(ctx context.Context, objs []*sale.Line) ([][]*sale.Membership, error) {
	ids := allIDs(objs, func(l *sale.Line) uuid.UUID { return l.ID })
	by, err := gather(ctx, "Sales.MembershipsOf", r.Sales.MembershipsOf, ids)
	return listsOf(ids, by), err
}

func (r *orderLineResolver) Passes(ctx context.Context, objs []*sale.Line) ([][]*sale.Pass, error) {
	ids := allIDs(objs, func(l *sale.Line) uuid.UUID { return l.ID })
	by, err := gather(ctx, "Sales.PassesOf", r.Sales.PassesOf, ids)
	return listsOf(ids, by), err
}

func (r *orderLineResolver) Bookings(ctx context.Context, objs []*sale.Line) ([][]*sale.Booking, error) {
	ids := allIDs(objs, func(l *sale.Line) uuid.UUID { return l.ID })
	by, err := gather(ctx, "Sales.BookingsOf", r.Sales.BookingsOf, ids)
	return listsOf(ids, by), err
}

func (r *membershipResolver) Plan(ctx context.Context, objs []*sale.Membership) ([]sale.Product, error) {
	ids := allIDs(objs, func(m *sale.Membership) uuid.UUID { return m.PlanID })
	by, err := gather(ctx, "Sales.ProductsOf", r.Sales.ProductsOf, ids)
	return eachOf(ids, by), err
}

func (r *membershipResolver) Contact(ctx context.Context, objs []*sale.Membership) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, objs, func(m *sale.Membership) *uuid.UUID { return &m.ContactID })
}

func (r *membershipResolver) State(ctx context.Context, objs []*sale.Membership) ([]sale.MembershipState, error) {
	return r.Sales.MembershipStates(ctx, objs)
}

func (r *membershipResolver) Order(ctx context.Context, objs []*sale.Membership) ([]*sale.Order, error) {
	line := func(m *sale.Membership) *uuid.UUID { return m.LineID }
	by, err := gather(ctx, "Sales.OrdersOfLines", r.Sales.OrdersOfLines, named(objs, line))
	return rowsOf(objs, by, line), err
}

func (r *bookingResolver) Slot(ctx context.Context, objs []*sale.Booking) ([]sale.Slot, error) {
	ids := allIDs(objs, func(b *sale.Booking) uuid.UUID { return b.SlotID })
	by, err := gather(ctx, "Sales.SlotsOf", r.Sales.SlotsOf, ids)
	return eachOf(ids, by), err
}

func (r *ticketResolver) Product(ctx context.Context, objs []*sale.Ticket) ([]sale.Product, error) {
	ids := allIDs(objs, func(t *sale.Ticket) uuid.UUID { return t.ProductID })
	by, err := gather(ctx, "Sales.ProductsOf", r.Sales.ProductsOf, ids)
	return eachOf(ids, by), err
}

func (r *ticketResolver) Holder(ctx context.Context, objs []*sale.Ticket) ([]contact.Contact, error) {
	return contactsOf(ctx, r.Resolver, objs, func(t *sale.Ticket) *uuid.UUID { return t.ContactID })
}

func (r *ticketResolver) Code(_ context.Context, obj *sale.Ticket) (*string, error) {
	if obj.Code == "" {
		return nil, nil //nolint:nilnil // GraphQL null: who asks may let nobody in
	}
	return &obj.Code, nil
}

func (r *ticketResolver) QR(_ context.Context, obj *sale.Ticket) (*qr.Code, error) {
	return drawn(obj.Code)
}

// drawn gives a code's image; null without a code.
func drawn(text string) (*qr.Code, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // GraphQL null
	}
	code, err := qr.Draw(text)
	return &code, err
}
