package sale

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// OrderFilter narrows the list of orders; what is empty narrows nothing.
type OrderFilter struct {
	Text      string     // number, the shop's number, a ticket's code, or who bought or pays, as the list of contacts searches
	ContactID *uuid.UUID // who buys, pays or attends
	EventID   *uuid.UUID
	ProductID *uuid.UUID
	State     *OrderState
	Unpaid    bool       // something is still to be paid
	From, To  *time.Time // days in the site's time zone, both included
}

// OrderBy is an order of the list of orders.
type OrderBy string

// The orders.
const (
	NewestOrders  OrderBy = "newest"
	OldestOrders  OrderBy = "oldest"
	HighestOrders OrderBy = "highest" // what they cost
)

// maxFound is how many contacts a text may find among whose orders are looked for.
const maxFound = 500

// Orders lists orders. Needs a viewer.
func (s *Service) Orders(ctx context.Context, f OrderFilter, by OrderBy, first int, after string) (Page[Order], error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return Page[Order]{}, err
	}
	if err := checkPage(first); err != nil {
		return Page[Order]{}, err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return Page[Order]{}, err
	}
	rows := []*Order{}
	q := s.db.Bun.NewSelect().Model(&rows).Where("o.site_id = ?", a.SiteID).Limit(int64(first) + 1)
	if q, err = by.place(q, after); err != nil {
		return Page[Order]{}, err
	}
	if q, err = s.narrow(ctx, q, f, of); err != nil {
		return Page[Order]{}, err
	}
	err = q.Scan(ctx)
	return page(rows, first), db.MapError(err, "list orders")
}

// place sorts, and goes on after a cursor.
func (by OrderBy) place(q *bun.SelectQuery, after string) (*bun.SelectQuery, error) {
	column, way, than := "o.ordered_at", "DESC", "<"
	switch by {
	case OldestOrders:
		way, than = "ASC", ">"
	case HighestOrders:
		column = "o.total"
	}
	q = q.OrderExpr("? ?, o.id ?", bun.Safe(column), bun.Safe(way), bun.Safe(way))
	if after == "" {
		return q, nil
	}
	key, last, ok := strings.Cut(after, "_")
	id, err := uuid.Parse(last)
	value, numberErr := strconv.ParseInt(key, 10, 64)
	if !ok || err != nil || numberErr != nil {
		return nil, fault.New(fault.BadInput, "this cursor is not one of this list")
	}
	if by == HighestOrders {
		return q.Where("(?, o.id) ? (?, ?)", bun.Safe(column), bun.Safe(than), value, id), nil
	}
	return q.Where("(?, o.id) ? (?::timestamptz, ?)", bun.Safe(column), bun.Safe(than), time.UnixMicro(value), id), nil
}

// Cursor is an order's place in a list.
func (by OrderBy) Cursor(o *Order) string {
	key := o.OrderedAt.UnixMicro()
	if by == HighestOrders {
		key = o.Total
	}
	return strconv.FormatInt(key, 10) + "_" + o.ID.String()
}

func (s *Service) narrow(ctx context.Context, q *bun.SelectQuery, f OrderFilter, of site.Site) (*bun.SelectQuery, error) {
	if f.State != nil {
		q = q.Where("o.state = ?", *f.State)
	}
	if f.Unpaid {
		q = q.Where("o.total - o.returned > o.paid")
	}
	if f.From != nil {
		q = q.Where("o.ordered_at >= ?", of.Start(*f.From))
	}
	if f.To != nil {
		q = q.Where("o.ordered_at < ?", of.Start(f.To.AddDate(0, 0, 1)))
	}
	if f.ContactID != nil {
		q = q.Where(`o.id IN (SELECT id FROM sale_order WHERE site_id = ?0 AND buyer_id = ?1 UNION SELECT id FROM sale_order WHERE site_id = ?0 AND payer_id = ?1
			UNION SELECT order_id FROM order_line WHERE site_id = ?0 AND attendee_id = ?1)`, of.ID, *f.ContactID)
	}
	if f.EventID != nil {
		q = q.Where("o.id IN (SELECT l.order_id FROM order_line AS l JOIN product AS p ON p.site_id = l.site_id AND p.id = l.product_id WHERE p.site_id = ? AND p.event_id = ?)", of.ID, *f.EventID)
	}
	if f.ProductID != nil {
		q = q.Where("o.id IN (SELECT l.order_id FROM order_line AS l WHERE l.site_id = ? AND l.product_id = ?)", of.ID, *f.ProductID)
	}
	text := strings.TrimSpace(f.Text)
	if text == "" {
		return q, nil
	}
	if len(text) > 200 {
		return nil, fault.New(fault.BadInput, "a search has at most 200 characters")
	}
	ids, err := s.named(ctx, text, of)
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64)
	if err != nil {
		number = -1
	}
	return q.Where(`o.id IN (SELECT id FROM sale_order WHERE site_id = ?0 AND number = ?1 UNION SELECT id FROM sale_order WHERE site_id = ?0 AND reference = ?2 AND reference <> ''
		UNION SELECT l.order_id FROM ticket AS t JOIN order_line AS l ON l.site_id = t.site_id AND l.id = t.line_id WHERE t.site_id = ?0 AND t.code = ?2
		UNION SELECT id FROM sale_order WHERE site_id = ?0 AND buyer_id IN (?3) UNION SELECT id FROM sale_order WHERE site_id = ?0 AND payer_id IN (?3))`, of.ID, number, text, bun.List(ids)), nil
}

// named gives the contacts that a text finds; at least one id, of nobody.
func (s *Service) named(ctx context.Context, text string, of site.Site) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	q := s.db.Bun.NewSelect().TableExpr("contact").Column("contact.id").Where("contact.site_id = ?", of.ID).Limit(maxFound)
	if err := contact.Search(text, of).Where(q).Scan(ctx, &ids); err != nil {
		return nil, db.MapError(err, "search contacts")
	}
	return append(ids, uuid.Nil), nil
}
