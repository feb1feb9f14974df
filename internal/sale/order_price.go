package sale

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"carnet/internal/contact"
	"carnet/internal/fault"
)

// sold is a line with what has to be known of it.
type sold struct {
	line    *Line
	product *Product
	holder  uuid.UUID
	quotas  []*Quota
	prefers []contact.Seat // the holder
	in      OrderedLine
}

// price holds each line to what may be sold to whom, and gives it its price. It tells every mistake at once.
func (r *recording) price(ctx context.Context, attendees []uuid.UUID) error {
	var products, slots []uuid.UUID
	for _, l := range r.in.Lines {
		products = append(products, l.ProductID)
		if l.SlotID != nil {
			slots = append(slots, *l.SlotID)
		}
	}
	holders, err := r.hold(ctx, attendees)
	if err != nil {
		return err
	}
	c, err := readCatalogue(ctx, r.tx, r.site.ID, products, slots)
	if err != nil {
		return err
	}
	v := checker{}
	for i, l := range r.in.Lines {
		path := func(name string) []string { return []string{"lines", strconv.Itoa(i), name} }
		p := c.products[l.ProductID]
		if p == nil {
			v.add(fault.Unknown, path("productId"), "the site sells nothing of the id %s", l.ProductID)
			continue
		}
		h := holders[attendees[i]]
		h.known = r.present || r.loggedIn && attendees[i] == *r.order.BuyerID
		v.onSale(c, p, l.SlotID, r.order.OrderedAt, path)
		v.mayBuy(p, h, r.site.LoginRequired, r.loggedIn, len(h.plans)+len(holders[*r.order.BuyerID].plans) > 0, path)
		v.membership(p, l, r.today(r.site), path)
		if len(l.Seats) > 0 && p.Kind != KindTicket {
			v.add(fault.InvalidValue, path("seats"), "only tickets have seats")
		}
		one := sold{product: p, holder: attendees[i], quotas: c.bound(p, h), prefers: h.seats, in: l, line: &Line{
			SiteID: r.site.ID, ID: uuid.Must(uuid.NewV7()), OrderID: r.order.ID, Position: i, ProductID: p.ID, SlotID: l.SlotID, AttendeeID: &attendees[i],
			Label: c.label(p), Quantity: l.Quantity,
		}}
		one.line.UnitPrice, one.line.PriceRule = c.cost(p, h)
		if l.UnitPrice != nil && *l.UnitPrice != one.line.UnitPrice {
			one.line.UnitPrice, one.line.PriceRule = *l.UnitPrice, ""
		}
		r.order.Total += one.line.Amount()
		r.lines, r.sold = append(r.lines, one.line), append(r.sold, one)
	}
	if r.order.Total > MaxTotal {
		v.add(ReasonTooMuch, []string{"lines"}, "an order costs at most %d, in minor units", MaxTotal)
	}
	r.catalogue = c
	return v.list.Err()
}

// onSale tells what stands against a product for anybody.
func (v *checker) onSale(c catalogue, p *Product, slot *uuid.UUID, at time.Time, path func(string) []string) {
	if p.ArchivedAt != nil || p.EventID != nil && !c.events[*p.EventID].OnSale(at) {
		v.add(ReasonNotOnSale, path("productId"), "%s is not on sale", p.Name)
	}
	switch {
	case (p.Kind == KindResource) != (slot != nil):
		v.add(fault.Required, path("slotId"), "a resource is booked by a slot, and nothing else is")
	case slot != nil && (c.slots[*slot] == nil || c.slots[*slot].ProductID != p.ID):
		v.add(fault.Unknown, path("slotId"), "this is no slot of %s", p.Name)
	case slot != nil && !c.slots[*slot].OnSale(at):
		v.add(ReasonNotOnSale, path("slotId"), "this slot of %s is over", p.Name)
	}
}

// membership holds a line to what memberships allow.
func (v *checker) membership(p *Product, l OrderedLine, today time.Time, path func(string) []string) {
	switch {
	case l.StartsOn == nil:
	case p.Kind != KindMembership:
		v.add(fault.InvalidValue, path("startsOn"), "only a membership has a first day")
	case far(*l.StartsOn, today):
		v.add(fault.InvalidDate, path("startsOn"), "give a day within %d years", maxYears)
	}
	if p.Kind == KindMembership && l.Quantity != 1 {
		v.add(fault.InvalidNumber, path("quantity"), "a line holds one membership; a second one is a line of its own")
	}
}

// mayBuy tells what stands against a product for who buys, and who attends: signedIn, whether it is known who buys; member, whether
// one of the two has a membership in force.
func (v *checker) mayBuy(p *Product, h holding, loginRequired, signedIn, member bool, path func(string) []string) {
	switch {
	case !signedIn && (loginRequired || member && (p.Kind == KindTicket || p.Kind == KindResource)): // T-20, T-21
		v.add(fault.LoginRequired, path("productId"), "this buyer has to sign in first; report the checkout of their account")
	case p.Reserved && !(h.known && len(h.plans) > 0): // T-22
		v.add(ReasonReserved, path("productId"), "%s is for members who are signed in", p.Name)
	}
}

// hold locks the contacts that the order names, and gives what decides their prices.
func (r *recording) hold(ctx context.Context, attendees []uuid.UUID) (map[uuid.UUID]holding, error) {
	named := map[uuid.UUID][]string{}
	for i, id := range attendees {
		named[id] = []string{"lines", strconv.Itoa(i), "attendee"}
	}
	named[*r.order.PayerID] = []string{"payer"}
	named[*r.order.BuyerID] = []string{"buyer"}
	ids := make([]uuid.UUID, 0, len(named))
	for id := range named {
		ids = append(ids, id)
	}
	held, err := r.book.HoldForSale(ctx, r.tx, r.site, ids)
	if err != nil {
		return nil, err
	}
	plans, err := plansOf(ctx, r.tx, r.site.ID, ids, r.today(r.site))
	if err != nil {
		return nil, err
	}
	v := checker{}
	out := map[uuid.UUID]holding{}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	for _, id := range ids {
		one, ok := held[id]
		if !ok {
			v.add(ReasonInvalidBuyer, named[id], "no contact of this id can buy: there is none, or it is in the trash or no longer valid")
		}
		out[id] = holding{groups: one.Groups, plans: plans[id], seats: one.Seats}
	}
	return out, v.list.Err()
}
