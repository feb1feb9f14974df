package sale

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Wanted is something whose price somebody wants to know.
type Wanted struct {
	ProductID uuid.UUID
	Quantity  int
	SlotID    *uuid.UUID
}

// Quote is what things would cost now, and what stands against buying them. Nothing is held for anybody.
type Quote struct {
	Currency string
	Total    int64 // minor units
	Items    []*QuoteItem
}

// QuoteItem is one of the things asked about.
type QuoteItem struct {
	ProductID uuid.UUID
	Label     string
	Quantity  int
	UnitPrice int64
	Amount    int64
	PriceRule string       // whose price it is: a group's or a plan's name; empty: everybody's
	Left      *int         // places left of what limits it most; nil: no limit
	Quotas    []*QuotaLeft // those that hold the contact
	Seat      string       // the place that the contact prefers there, when it is free; empty: none
	Refusals  fault.List   // why it cannot be bought; empty: it can
}

// QuotaLeft is what a contact may still have in a quota's period.
type QuotaLeft struct {
	Period Period
	Most   int
	Used   int
}

// Left gives how many more there may be.
func (q *QuotaLeft) Left() int { return max(0, q.Most-q.Used) }

// Quote tells prices. A visitor is told everybody's; who is signed in their own (T-22); staff, and programs with a key, that of
// any contact, as it would be once they sign in. BadInput for what is malformed; NotFound for a contact of another site.
func (s *Service) Quote(ctx context.Context, items []Wanted, contactID *uuid.UUID) (*Quote, error) {
	a, err := site.RequireBook(ctx, site.AccessSite)
	if err != nil {
		return nil, err
	}
	switch {
	case len(items) == 0 || len(items) > MaxLines:
		return nil, fault.New(fault.BadInput, "ask about 1 to %d things at once", MaxLines)
	case a.Access < site.AccessViewer && contactID != nil:
		return nil, fault.New(fault.Forbidden, "a price is told to staff, or to the person themselves")
	case a.Kind == site.KindAccount:
		contactID = &a.ContactID
	case contactID != nil:
		id, err := s.book.Survivor(ctx, s.db.Bun, a.SiteID, *contactID)
		if err != nil {
			return nil, err
		}
		contactID = &id
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	q := quoting{Service: s, site: of, now: s.now(), staff: a.Access >= site.AccessViewer, contact: contactID}
	if err := q.read(ctx, items); err != nil {
		return nil, err
	}
	out := &Quote{Currency: of.Currency}
	for i, asked := range items {
		item := q.item(i, asked)
		out.Items = append(out.Items, item)
		out.Total += item.Amount
	}
	return out, nil
}

// quoting is a quote in the making.
type quoting struct {
	*Service
	site      site.Site
	now       time.Time
	staff     bool
	contact   *uuid.UUID
	catalogue catalogue
	holding   holding
	used      map[usedKey]int
	seats     map[uuid.UUID]string // free places that the contact prefers, by event
}

type usedKey struct {
	quota uuid.UUID
	first time.Time
}

func (q *quoting) read(ctx context.Context, items []Wanted) error {
	var products, slots []uuid.UUID
	for _, one := range items {
		if one.Quantity < 1 || one.Quantity > MaxUnits {
			return fault.New(fault.BadInput, "a quantity lies between 1 and %d", MaxUnits)
		}
		products = append(products, one.ProductID)
		if one.SlotID != nil {
			slots = append(slots, *one.SlotID)
		}
	}
	var err error
	if q.catalogue, err = readCatalogue(ctx, q.db.Bun, q.site.ID, products, slots); err != nil || q.contact == nil {
		return err
	}
	if q.holding, err = q.holdingOf(ctx, *q.contact); err != nil {
		return err
	}
	if q.seats, err = q.seatsFree(ctx, q.holding.seats); err != nil {
		return err
	}
	var rows []struct {
		QuotaID  uuid.UUID
		PeriodOn time.Time
		Used     int
	}
	err = q.db.Bun.NewSelect().TableExpr("quota_use").Column("quota_id", "period_on", "used").Where("site_id = ? AND contact_id = ?", q.site.ID, *q.contact).
		Where("quota_id IN (SELECT id FROM quota WHERE site_id = ? AND product_id = ANY (?::uuid[]))", q.site.ID, db.IDs(products)).Scan(ctx, &rows)
	q.used = map[usedKey]int{}
	for _, row := range rows {
		q.used[usedKey{row.QuotaID, row.PeriodOn.UTC()}] = row.Used
	}
	return db.MapError(err, "read quotas used")
}

// holdingOf gives what decides a contact's prices. NotFound.
func (q *quoting) holdingOf(ctx context.Context, contactID uuid.UUID) (h holding, err error) {
	var known struct {
		Seats []contact.Seat `bun:"type:jsonb"`
	}
	err = q.db.Bun.NewSelect().TableExpr("contact").Column("seats").Where("site_id = ? AND id = ? AND deleted_at IS NULL", q.site.ID, contactID).Scan(ctx, &known)
	if err != nil {
		return h, db.Missing(err, "contact", "read contact")
	}
	contacts := []uuid.UUID{contactID}
	groups, err := q.groupsOf(ctx, q.site.ID, contacts)
	if err != nil {
		return h, err
	}
	plans, err := plansOf(ctx, q.db.Bun, q.site.ID, contacts, q.today(q.site))
	return holding{groups: groups[contactID], plans: plans[contactID], seats: known.Seats, known: true}, err
}

func (q *quoting) item(i int, asked Wanted) *QuoteItem {
	item := &QuoteItem{ProductID: asked.ProductID, Quantity: asked.Quantity, Quotas: []*QuotaLeft{}}
	v := checker{}
	path := func(name string) []string { return []string{"items", strconv.Itoa(i), name} }
	defer func() { item.Refusals = v.list }()
	p := q.catalogue.products[asked.ProductID]
	// What is not published, or was taken off sale, is nobody's business but the staff's.
	if p == nil || !q.staff && (p.ArchivedAt != nil || p.EventID != nil && !q.catalogue.events[*p.EventID].Public()) {
		v.add(fault.Unknown, path("productId"), "the site sells nothing of this id")
		return item
	}
	item.Label = q.catalogue.label(p)
	item.UnitPrice, item.PriceRule = q.catalogue.cost(p, q.holding)
	item.Amount = int64(asked.Quantity) * item.UnitPrice
	v.onSale(q.catalogue, p, asked.SlotID, q.now, path)
	v.mayBuy(p, q.holding, q.site.LoginRequired, q.holding.known, len(q.holding.plans) > 0, path)
	if p.EventID != nil {
		item.Seat = q.seats[*p.EventID]
	}
	item.Left = q.catalogue.left(p, asked.SlotID)
	if item.Left != nil && *item.Left < asked.Quantity {
		v.add(ReasonSoldOut, path("quantity"), "%d are left", *item.Left)
	}
	day := q.catalogue.usedOn(p, asked.SlotID, q.site.Day, q.now)
	for _, one := range q.catalogue.bound(p, q.holding) {
		left := &QuotaLeft{Period: one.Period, Most: one.Most, Used: q.used[usedKey{one.ID, one.Period.First(day)}]}
		item.Quotas = append(item.Quotas, left)
		if left.Left() < asked.Quantity {
			v.add(ReasonQuotaUsed, path("quantity"), "%d more in this period, of %d", left.Left(), left.Most)
		}
	}
	return item
}
