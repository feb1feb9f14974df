package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// ProductQuery says which products; empty entries say nothing.
type ProductQuery struct {
	Search   string // words in its name or its event's
	Kinds    []ProductKind
	Archived bool // those off sale, in place of the others
	First    int
	After    string
}

// productWords is what products are looked for in: their name and their event's.
const productWords = "concat_ws(' ', product.name, event.name)"

// Products gives a page of products by name. Needs a viewer. Keyset paging.
func (s *Service) Products(ctx context.Context, in ProductQuery) (Page[Product], error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return Page[Product]{}, err
	}
	if err := checkPage(in.First); err != nil {
		return Page[Product]{}, err
	}
	rows := []*Product{}
	q := s.db.Bun.NewSelect().Model(&rows).Where("product.site_id = ?", a.SiteID)
	if in.Archived {
		q = q.Where("product.archived_at IS NOT NULL")
	} else {
		q = q.Where("product.archived_at IS NULL")
	}
	if len(in.Kinds) > 0 {
		q = q.Where("product.kind IN (?)", bun.List(in.Kinds))
	}
	if in.Search != "" {
		q = q.Join("LEFT JOIN event ON event.site_id = product.site_id AND event.id = product.event_id")
		if q, err = db.Searched(q, in.Search, productWords); err != nil {
			return Page[Product]{}, err
		}
	}
	if in.After != "" {
		name, id, err := place(in.After)
		if err != nil {
			return Page[Product]{}, err
		}
		q = q.Where("(product.name, product.id) > (?, ?)", name, id)
	}
	err = q.Order("product.name", "product.id").Limit(int64(in.First) + 1).Scan(ctx)
	return page(rows, in.First), db.MapError(err, "read products")
}

// Cursor gives the place of a product in its list.
func (p *Product) Cursor() string { return cursor(p.Name, p.ID) }

// TicketTypesOf gives the ticket types of events, by name. Staff see all of them; others those on sale, of what is published.
func (s *Service) TicketTypesOf(ctx context.Context, events []uuid.UUID) (map[uuid.UUID][]*Product, error) {
	out := map[uuid.UUID][]*Product{}
	a, err := site.RequireBook(ctx, site.AccessSite)
	if err != nil || len(events) == 0 {
		return out, err
	}
	var rows []*Product
	q := s.db.Bun.NewSelect().Model(&rows).Where("product.site_id = ? AND product.event_id IN (?)", a.SiteID, bun.List(events))
	if a.Access < site.AccessViewer {
		q = q.Where("product.archived_at IS NULL").
			Where("EXISTS (SELECT FROM event AS e WHERE e.site_id = product.site_id AND e.id = product.event_id AND e.state = ?)", EventPublished)
	}
	err = q.OrderExpr("product.archived_at IS NOT NULL, product.name, product.id").Scan(ctx)
	for _, p := range rows {
		out[*p.EventID] = append(out[*p.EventID], p)
	}
	return out, db.MapError(err, "read ticket types")
}

// Slots gives a page of a resource's slots that are not over at a time, by their beginning. Needs a viewer. NotFound.
func (s *Service) Slots(ctx context.Context, product uuid.UUID, from *time.Time, first int, after string) (Page[Slot], error) {
	p, err := s.ProductByID(ctx, product)
	if err != nil {
		return Page[Slot]{}, err
	}
	at := s.now()
	put(&at, from)
	q := s.db.Bun.NewSelect().Model((*Slot)(nil)).Where("slot.site_id = ? AND slot.product_id = ? AND slot.ends_at >= ?", p.SiteID, p.ID, at)
	rows, err := byBeginning[Slot](ctx, q, "slot", false, first, after)
	return page(rows, first), err
}

// Cursor gives the place of a slot in its list.
func (s *Slot) Cursor() string { return timeCursor(s.StartsAt, s.ID) }

var errNotResource = fault.Invalid(fault.WrongKind, []string{"productId"}, "only a resource is booked by slots")
