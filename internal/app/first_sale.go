package app

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"carnet/demo"
	"carnet/internal/contact"
	"carnet/internal/sale"
	"carnet/internal/site"
)

// demoSales puts the demo calendar's evenings on sale, with a membership, a pass and a room beside, and sells a few.
func (a *App) demoSales(ctx context.Context, of site.Site) error {
	s := seller{App: a, of: of, now: time.Now()}
	if err := s.catalogue(ctx); err != nil {
		return fmt.Errorf("demo catalogue: %w", err)
	}
	if err := s.sell(ctx); err != nil {
		return fmt.Errorf("demo orders: %w", err)
	}
	return nil
}

// seller fills a demo site's catalogue and sells of it.
type seller struct {
	*App
	of      site.Site
	now     time.Time
	tickets []*sale.Product
	friend  *sale.Product
	pass    *sale.Product
	room    *sale.Product
	group   *uuid.UUID // a group of the book's, which pays less
}

func (s *seller) catalogue(ctx context.Context) (err error) {
	groups, err := s.Contacts.Groups(ctx)
	if err != nil {
		return err
	}
	if len(groups) > 0 {
		s.group = &groups[0].ID
	}
	year, uses, days := new(int), 10, new(int)
	*year, *days = 12, 365
	if s.friend, err = s.product(ctx, sale.KindMembership, nil, "Friend of the hall", 450_00, sale.ProductChange{Months: &year}); err != nil {
		return err
	}
	if s.pass, err = s.product(ctx, sale.KindPass, nil, "Ten film evenings", 1200_00, sale.ProductChange{Uses: &uses, ValidDays: &days}); err != nil {
		return err
	}
	if s.room, err = s.product(ctx, sale.KindResource, nil, "Rehearsal room", 250_00, sale.ProductChange{}); err != nil {
		return err
	}
	if _, err := s.Sales.SavePrice(ctx, s.pass.ID, nil, &s.friend.ID, 900_00); err != nil {
		return err
	}
	local := s.now.In(s.of.Location())
	until := s.of.Day(s.now.AddDate(0, 0, 14))
	slots := sale.SlotSeries{StartsAt: time.Date(local.Year(), local.Month(), local.Day()+1, 16, 0, 0, 0, local.Location()), Minutes: 60, Capacity: 1, InARow: 4, Every: 1, Until: &until}
	if _, err := s.Sales.CreateSlots(ctx, s.room.ID, slots); err != nil {
		return err
	}
	for _, e := range demo.Programme(local.AddDate(0, 0, -10), local.AddDate(0, 0, 28), s.of.Language) {
		if err := s.evening(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// evening puts one on sale: at its price, and for children and a group where they come.
func (s *seller) evening(ctx context.Context, e demo.Evening) error {
	places := new(int)
	*places = map[string]int{"workshop": 12, "film": 60}[e.Kind]
	if *places == 0 {
		*places = 180
	}
	row, err := s.Sales.CreateEvent(ctx, sale.EventChange{
		Name: &e.Title, Description: &e.Text, Place: &e.Room, Reference: &e.Path, StartsAt: &e.Start, EndsAt: &e.End, Capacity: &places,
	})
	if err != nil {
		return err
	}
	if _, err := s.Sales.PublishEvent(ctx, row.ID); err != nil {
		return err
	}
	price := int64(e.Price) * 100
	adult, err := s.product(ctx, sale.KindTicket, &row.ID, "Adult", price, sale.ProductChange{})
	if err != nil {
		return err
	}
	s.tickets = append(s.tickets, adult)
	if e.Kind == "family" {
		yes := true
		if _, err := s.product(ctx, sale.KindTicket, &row.ID, "Child", price/2, sale.ProductChange{ForChild: &yes}); err != nil {
			return err
		}
	}
	if s.group == nil || e.Kind != "concert" && e.Kind != "workshop" {
		return nil
	}
	if _, err := s.Sales.SavePrice(ctx, adult.ID, s.group, nil, price*3/4); err != nil {
		return err
	}
	if e.Kind == "workshop" {
		_, err = s.Sales.SaveQuota(ctx, adult.ID, s.group, sale.Monthly, 2)
	}
	return err
}

func (s *seller) product(ctx context.Context, kind sale.ProductKind, event *uuid.UUID, name string, price int64, c sale.ProductChange) (*sale.Product, error) {
	c.Name, c.Price = &name, &price
	return s.Sales.CreateProduct(ctx, kind, event, c)
}

// sell records a few orders of the first persons of the book.
func (s *seller) sell(ctx context.Context) error {
	most := 24
	people, err := s.Contacts.List(ctx, contact.Query{Kind: contact.KindPerson, Among: contact.Among{Unlisted: true}, First: &most})
	if err != nil {
		return err
	}
	orders := make([]uuid.UUID, len(people.Records))
	for i, p := range people.Records {
		ordered := s.now.AddDate(0, 0, -21).Add(time.Duration(i) * 11 * time.Hour)
		what, n := s.tickets[i%len(s.tickets)], 1+i%3
		switch i % 8 {
		case 6:
			what, n = s.friend, 1
		case 7:
			what, n = s.pass, 1
		}
		o := sale.RecordOrder{
			IdempotencyKey: "demo-" + strconv.Itoa(i), Reference: "D-" + strconv.Itoa(1001+i), Channel: []string{"shop", "counter", "phone"}[i%3],
			Buyer: sale.Party{ContactID: &p.ID}, Lines: []sale.OrderedLine{{ProductID: what.ID, Quantity: n}}, OrderedAt: &ordered,
		}
		if i%5 != 4 { // others pay later
			o.Payments = []sale.OrderPayment{{Method: sale.Card, Amount: int64(n) * what.Price}}
		}
		made, err := s.Sales.RecordOrder(ctx, o)
		if err != nil {
			return fmt.Errorf("order %d: %w", i, err)
		}
		orders[i] = made.ID
	}
	return s.letIn(ctx, orders)
}

// letIn has those come to the evenings that are over who have a ticket, but for one of six.
func (s *seller) letIn(ctx context.Context, orders []uuid.UUID) error {
	lines, err := s.Sales.LinesOf(ctx, orders)
	if err != nil {
		return err
	}
	var ids []uuid.UUID
	for _, order := range orders {
		for _, l := range lines[order] {
			ids = append(ids, l.ID)
		}
	}
	tickets, err := s.Sales.TicketsOf(ctx, ids)
	if err != nil {
		return err
	}
	var held []*sale.Ticket
	var at []uuid.UUID
	for _, line := range ids {
		for _, t := range tickets[line] {
			held, at = append(held, t), append(at, t.EventID)
		}
	}
	evenings, err := s.Sales.EventsOf(ctx, at)
	if err != nil {
		return err
	}
	for i, t := range held {
		if evenings[t.EventID].EndsAt.After(s.now) || i%6 == 5 {
			continue
		}
		if _, err := s.Sales.CheckIn(ctx, t.Code, nil); err != nil {
			return err
		}
	}
	return nil
}
