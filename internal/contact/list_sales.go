package contact

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Lists by what follows from sales (C-14). Most contacts never bought and have no place among those who did: they stand at the end
// where the list goes down, and at its beginning where it goes up, by their id. So a page is read from an index of contact_sale,
// and only where that ends from the book.

// salesKey is, among what is read of a record, its place in a list by sales.
const salesKey = "sales_key"

// salesOrder is a column of contact_sale, or of contact_indicator.
type salesOrder struct {
	table  string
	column string
	typ    string
	none   string // the place of those who have nothing there; none of those who have is before it
	some   string // holds for those who have
	is     func(string) bool
}

var salesOrders = map[Column]salesOrder{
	BySpent: {"contact_sale", "spent", "bigint", "0", "spent > 0", isWhole},
	ByLastPurchase: {"contact_sale", "last_on", "date", "-infinity", "last_on IS NOT NULL", func(s string) bool {
		_, err := time.Parse(time.DateOnly, s)
		return err == nil || s == "-infinity"
	}},
}

func isWhole(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}

// indicatorPrefix begins the names of the columns that are the site's own indicators.
const indicatorPrefix = "indicator:"

// ByIndicator orders by what is stored of an indicator of the site's own: of the last purchase that is its day.
func ByIndicator(id uuid.UUID) Column { return Column(indicatorPrefix + id.String()) }

// Indicator gives the indicator that a column is.
func (c Column) Indicator() (id uuid.UUID, is bool) {
	text, is := strings.CutPrefix(string(c), indicatorPrefix)
	if !is {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(text)
	return id, err == nil
}

// sales gives what a column of sales is.
func (c Column) sales() (salesOrder, bool) {
	if id, is := c.Indicator(); is {
		return salesOrder{"contact_indicator", "value", "bigint", "0", "indicator_id = '" + id.String() + "'", isWhole}, true
	}
	by, is := salesOrders[c]
	return by, is
}

// salesPage reads the first n contacts of a list by sales, between two places.
func (s *Service) salesPage(ctx context.Context, sel *bun.SelectQuery, by salesOrder, query Query, siteID uuid.UUID, bounds []spot, n int, down bool) ([]*Record, error) {
	with := func() *bun.SelectQuery {
		q := sel.Clone().
			Join("JOIN (SELECT site_id AS sales_site, contact_id AS sales_id, ? AS sales_at FROM ? WHERE ?) AS s ON s.sales_site = contact.site_id AND s.sales_id = contact.id", bun.Ident(by.column), bun.Ident(by.table), bun.Safe(by.some)).
			Where("s.sales_site = ?", siteID).ColumnExpr("s.sales_at::text AS ?", bun.Ident(salesKey))
		return between(q, "s.sales_at", "s.sales_id", by.typ, bounds, down)
	}
	without := func() *bun.SelectQuery {
		q := sel.Clone().
			Where("NOT EXISTS (SELECT 1 FROM ? x WHERE x.site_id = contact.site_id AND x.contact_id = contact.id AND ?)", bun.Ident(by.table), bun.Safe("x."+by.some)).
			ColumnExpr("?::text AS ?", by.none, bun.Ident(salesKey))
		return between(q, "?::"+by.typ, "contact.id", by.typ, bounds, down, by.none)
	}
	arms := []func() *bun.SelectQuery{without, with}
	if down {
		arms = []func() *bun.SelectQuery{with, without}
	}
	found := []*Record{}
	for _, arm := range arms {
		if len(found) >= n {
			break
		}
		rows, err := s.collect(ctx, query.withGroups(arm().Limit(room(n-len(found))), siteID), query.plan())
		if err != nil {
			return nil, err
		}
		found = append(found, rows...)
	}
	return found[:min(n, len(found))], nil
}

// between keeps an arm between two places, in order.
func between(q *bun.SelectQuery, at, id, typ string, bounds []spot, down bool, args ...any) *bun.SelectQuery {
	for _, b := range bounds {
		q = q.Where("("+at+", "+id+") "+b.sign+" (?::"+typ+", ?::uuid)", append(append([]any{}, args...), b.at...)...)
	}
	if len(args) == 0 {
		q = q.OrderExpr(at+" ?", direction(down))
	}
	return q.OrderExpr(id+" ?", direction(down))
}
