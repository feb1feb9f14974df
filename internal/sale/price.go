package sale

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
)

// catalogue is what is asked about, read at once: products with their events, prices and quotas.
type catalogue struct {
	products map[uuid.UUID]*Product
	events   map[uuid.UUID]*Event
	slots    map[uuid.UUID]*Slot
	prices   map[uuid.UUID][]namedPrice // by product
	quotas   map[uuid.UUID][]*Quota     // by product
}

// namedPrice is a price with the name of the group or plan whose it is.
type namedPrice struct {
	Price `bun:",extend"`
	Rule  string
}

// readCatalogue reads products and slots by their ids; those that there are not are not among them.
func readCatalogue(ctx context.Context, q bun.IDB, siteID uuid.UUID, products, slots []uuid.UUID) (c catalogue, err error) {
	if c.products, err = byIDs(ctx, q, siteID, products, func(p *Product) uuid.UUID { return p.ID }); err != nil {
		return c, err
	}
	if c.slots, err = byIDs(ctx, q, siteID, slots, func(s *Slot) uuid.UUID { return s.ID }); err != nil {
		return c, err
	}
	var events []uuid.UUID
	for _, p := range c.products {
		if p.EventID != nil {
			events = append(events, *p.EventID)
		}
	}
	if c.events, err = byIDs(ctx, q, siteID, events, func(e *Event) uuid.UUID { return e.ID }); err != nil {
		return c, err
	}
	c.prices, c.quotas = map[uuid.UUID][]namedPrice{}, map[uuid.UUID][]*Quota{}
	if len(products) == 0 {
		return c, nil
	}
	var prices []namedPrice
	err = q.NewSelect().TableExpr("product_price AS price").ColumnExpr("price.*, coalesce(g.name, p.name) AS rule").
		Join("LEFT JOIN contact_group AS g ON g.site_id = price.site_id AND g.id = price.group_id").
		Join("LEFT JOIN product AS p ON p.site_id = price.site_id AND p.id = price.plan_id").
		Where("price.site_id = ? AND price.product_id IN (?)", siteID, bun.List(products)).OrderExpr("price.amount, rule").Scan(ctx, &prices)
	if err != nil {
		return c, db.MapError(err, "read prices")
	}
	for _, p := range prices {
		c.prices[p.ProductID] = append(c.prices[p.ProductID], p)
	}
	var quotas []*Quota
	err = q.NewSelect().Model(&quotas).Where("site_id = ? AND product_id IN (?)", siteID, bun.List(products)).Order("id").Scan(ctx)
	for _, one := range quotas {
		c.quotas[one.ProductID] = append(c.quotas[one.ProductID], one)
	}
	return c, db.MapError(err, "read quotas")
}

// holding is what decides somebody's prices and quotas: the groups they are in and the plans of their memberships in force, and
// whether it is known that it is they: signed in, or before staff. That somebody names them does not make them known (T-22).
type holding struct {
	groups, plans []uuid.UUID
	known         bool
	seats         []contact.Seat // places that they prefer
}

// cost gives what a product costs somebody, and whose price it is; "" for everybody's. Of several prices the least holds
// (P-25). Who is not known to be who they say pays what everybody does (T-22).
func (c catalogue) cost(p *Product, h holding) (amount int64, rule string) {
	if h.known {
		for _, price := range c.prices[p.ID] { // the least first
			if price.GroupID != nil && slices.Contains(h.groups, *price.GroupID) || price.PlanID != nil && slices.Contains(h.plans, *price.PlanID) {
				return price.Amount, price.Rule
			}
		}
	}
	return p.Price, ""
}

// label names a product for people: with its event, where it has one.
func (c catalogue) label(p *Product) string {
	if p.EventID == nil {
		return p.Name
	}
	return c.events[*p.EventID].Name + ", " + p.Name
}

// left gives how many places are left of what limits a product most: its own number, its event's, or a slot's; nil without a limit.
func (c catalogue) left(p *Product, slot *uuid.UUID) *int {
	least := p.Left()
	and := func(n *int) {
		if n != nil && (least == nil || *n < *least) {
			least = n
		}
	}
	if p.EventID != nil {
		and(c.events[*p.EventID].Left())
	}
	if slot != nil && c.slots[*slot] != nil {
		n := c.slots[*slot].Left()
		and(&n)
	}
	return least
}

// bound gives the quotas that hold somebody: everybody's and those of their groups.
func (c catalogue) bound(p *Product, h holding) (out []*Quota) {
	for _, q := range c.quotas[p.ID] {
		if q.GroupID == nil || slices.Contains(h.groups, *q.GroupID) {
			out = append(out, q)
		}
	}
	return out
}

// usedOn gives the day that a quota counts: of what happens at a time, that day; else the day of the order.
func (c catalogue) usedOn(p *Product, slot *uuid.UUID, day func(time.Time) time.Time, ordered time.Time) time.Time {
	switch {
	case slot != nil && c.slots[*slot] != nil:
		return day(c.slots[*slot].StartsAt)
	case p.EventID != nil:
		return day(c.events[*p.EventID].StartsAt)
	}
	return day(ordered)
}

// plansOf gives the plans of memberships in force on a day, by contact.
func plansOf(ctx context.Context, q bun.IDB, siteID uuid.UUID, contacts []uuid.UUID, day time.Time) (map[uuid.UUID][]uuid.UUID, error) {
	var rows []*Membership
	err := q.NewSelect().Model(&rows).Column("contact_id", "plan_id").
		Where("site_id = ? AND contact_id IN (?) AND starts_on <= ? AND (ends_on IS NULL OR ends_on >= ?)", siteID, bun.List(contacts), day, day).Scan(ctx)
	out := map[uuid.UUID][]uuid.UUID{}
	for _, m := range rows {
		out[m.ContactID] = append(out[m.ContactID], m.PlanID)
	}
	return out, db.MapError(err, "read memberships")
}
