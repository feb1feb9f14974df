package graph

import (
	"context"
	"time"

	"carnet/graph/model"
	"carnet/internal/account"
	"carnet/internal/qr"
	"carnet/internal/sale"
)

// "My account": what an end user bought, attends by and organizes.

func (r *meResolver) Holdings(ctx context.Context, _ *account.Me) (sale.Holdings, error) {
	return found(r.Sales.MyHoldings(ctx))
}

func (r *myHoldingsResolver) Offers(ctx context.Context, _ *sale.Holdings) (int, error) {
	offers, err := r.Sales.MyOffers(ctx)
	return len(offers), err
}

func (r *meResolver) Calendar(ctx context.Context, _ *account.Me) (*account.CalendarFeed, error) {
	return r.Accounts.MyCalendar(ctx)
}

func (r *mutationResolver) MakeMyCalendar(ctx context.Context) (out model.MyCalendarPayload, err error) {
	url, err := r.Accounts.MakeMyCalendar(ctx)
	if err == nil {
		out.URL = &url
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) EndMyCalendar(ctx context.Context) (out model.MyCalendarPayload, err error) {
	out.Errors, err = mend(ctx, r.Accounts.EndMyCalendar(ctx))
	return out, err
}

func (r *meResolver) Orders(ctx context.Context, _ *account.Me, first *int, after *string) (model.MyOrderConnection, error) {
	page, err := r.Sales.MyOrders(ctx, pageAsked(first, after))
	return model.MyOrderConnection(historyPage[model.MyOrderEdge](page, after)), err
}

func (r *meResolver) Tickets(ctx context.Context, _ *account.Me, first *int, after *string) (model.MyTicketConnection, error) {
	page, err := r.Sales.MyTickets(ctx, pageAsked(first, after))
	return model.MyTicketConnection(historyPage[model.MyTicketEdge](page, after)), err
}

func (r *meResolver) Memberships(ctx context.Context, _ *account.Me, first *int, after *string) (model.MyMembershipConnection, error) {
	page, err := r.Sales.MyMemberships(ctx, pageAsked(first, after))
	return model.MyMembershipConnection(historyPage[model.MyMembershipEdge](page, after)), err
}

func (r *meResolver) Passes(ctx context.Context, _ *account.Me, first *int, after *string) (model.MyPassConnection, error) {
	page, err := r.Sales.MyPasses(ctx, pageAsked(first, after))
	return model.MyPassConnection(historyPage[model.MyPassEdge](page, after)), err
}

func (r *meResolver) Bookings(ctx context.Context, _ *account.Me, first *int, after *string) (model.MyBookingConnection, error) {
	page, err := r.Sales.MyBookings(ctx, pageAsked(first, after))
	return model.MyBookingConnection(historyPage[model.MyBookingEdge](page, after)), err
}

func (r *meResolver) Events(ctx context.Context, _ *account.Me, first *int, after *string) (model.MyEventConnection, error) {
	page, err := r.Sales.MyEvents(ctx, pageAsked(first, after))
	return model.MyEventConnection(historyPage[model.MyEventEdge](page, after)), err
}

func (r *myTicketResolver) QR(_ context.Context, obj *sale.MyTicket) (*qr.Code, error) {
	return drawn(obj.Shown())
}

func (r *mutationResolver) SubmitEvent(ctx context.Context, in model.SubmitEventInput) (model.MyEventPayload, error) {
	places := in.Capacity.Value()
	e, err := r.Sales.SubmitEvent(ctx, sale.MyEventChange{
		Name: &in.Name, Description: &in.Description, Place: &in.Place, URL: &in.URL, StartsAt: &in.StartsAt, EndsAt: &in.EndsAt, Capacity: &places,
	})
	return myEvent(ctx, e, err)
}

func (r *mutationResolver) UpdateMyEvent(ctx context.Context, in model.UpdateMyEventInput) (model.MyEventPayload, error) {
	e, err := r.Sales.UpdateMyEvent(ctx, in.ID, sale.MyEventChange{
		Name: cleared(in.Name), Description: cleared(in.Description), Place: cleared(in.Place), URL: cleared(in.URL),
		StartsAt: cleared[time.Time](in.StartsAt), EndsAt: cleared[time.Time](in.EndsAt), Capacity: nullable(in.Capacity),
	})
	return myEvent(ctx, e, err)
}

func (r *mutationResolver) CancelMyEvent(ctx context.Context, in model.DeleteInput) (model.MyEventPayload, error) {
	e, err := r.Sales.CancelMyEvent(ctx, in.ID)
	return myEvent(ctx, e, err)
}

// myEvent answers with the event, unless it was refused.
func myEvent(ctx context.Context, e *sale.Event, err error) (out model.MyEventPayload, _ error) {
	if err == nil {
		out.Event = e
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

// MyTicket resolves one's own tickets.
func (r *Resolver) MyTicket() MyTicketResolver { return &myTicketResolver{r} }

// MyHoldings resolves what there is for one.
func (r *Resolver) MyHoldings() MyHoldingsResolver { return &myHoldingsResolver{r} }

type (
	myTicketResolver   struct{ *Resolver }
	myHoldingsResolver struct{ *Resolver }
)
