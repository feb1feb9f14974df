package segment

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/segment/index"
)

// Leaves about what follows from sales, which contact_sale holds. Who never bought has no row there.

// maxSales is the greatest number that a rule compares with; what it could be is far below.
const maxSales = 1_000_000_000_000

// SalesLeaf compares a number with a range, both ends included. Who never bought has 0 of everything but assiduity, which only
// those have who were due somewhere.
type SalesLeaf struct {
	Measure string `json:"measure"` // ORDERS, SPENT, TICKETS, PASSES, BOOKINGS, ASSIDUITY
	From    *int64 `json:"from,omitempty"`
	To      *int64 `json:"to,omitempty"`
}

// measures gives each measure's SQL, which is NULL for who has none, and its name in the index.
var measures = map[string]struct{ sql, number string }{
	"ORDERS":    {"s.orders", index.Orders},
	"SPENT":     {"s.spent", index.Spent},
	"TICKETS":   {"s.tickets", index.Tickets},
	"PASSES":    {"s.passes", index.Passes},
	"BOOKINGS":  {"s.bookings", index.Bookings},
	"ASSIDUITY": {"s.attended::bigint * 100 / nullif(s.due, 0)", index.Assiduity},
}

func (c *ruleCheck) sales(l *SalesLeaf, path []string) {
	c.word(l.Measure, append(path, "measure"), "ORDERS", "SPENT", "TICKETS", "PASSES", "BOOKINGS", "ASSIDUITY")
	c.between(l.From, l.To, path)
}

// between checks a range of whole numbers.
func (c *ruleCheck) between(from, to *int64, path []string) {
	if from == nil && to == nil {
		c.add(fault.Required, append(path, "from"), "give from, to, or both")
	}
	for _, end := range []struct {
		name string
		n    *int64
	}{{"from", from}, {"to", to}} {
		if end.n != nil && (*end.n < 0 || *end.n > maxSales) {
			c.add(fault.InvalidValue, append(path, end.name), "give 0 to %d", int64(maxSales))
		}
	}
	if from != nil && to != nil && *from > *to {
		c.add(fault.InvalidValue, append(path, "to"), "the range ends before it begins")
	}
}

// sold finds the contacts whose row of contact_sale, s, passes a test.
func sold(test string, args ...any) contact.Condition {
	return contact.Condition{SQL: "EXISTS (SELECT 1 FROM contact_sale s WHERE s.site_id = contact.site_id AND s.contact_id = contact.id AND " + test + ")", Args: args}
}

func unsold(test string, args ...any) contact.Condition {
	c := sold(test, args...)
	return contact.Condition{SQL: "NOT " + c.SQL, Args: c.Args}
}

// salesLeaf compiles the leaves about sales; false for other leaves.
func (c *compiler) salesLeaf(r Rule, path []string) (contact.Condition, bool) {
	switch {
	case r.Plan != nil:
		if !c.plans[*r.Plan] {
			return c.unknown(append(path, "plan"), "the site has no plan with the id %s", *r.Plan), true
		}
		return sold("s.plans @> ARRAY[?]::uuid[]", *r.Plan), true
	case r.Sales != nil:
		return r.Sales.condition(), true
	case r.Indicator != nil:
		return c.indicatorOf(r.Indicator, append(path, "indicator")), true
	case r.Channel != nil:
		return sold("s.channel = ?", *r.Channel), true
	case r.ChildProduct != nil && *r.ChildProduct:
		return sold("s.child"), true
	case r.ChildProduct != nil:
		return unsold("s.child"), true
	}
	return contact.Condition{}, false
}

func status(word string) contact.Condition {
	switch word {
	case "USER":
		return contact.Condition{SQL: `EXISTS (SELECT 1 FROM account a
			WHERE a.site_id = contact.site_id AND a.contact_id = contact.id AND a.disabled_at IS NULL)`}
	case "PROSPECT":
		return unsold("s.customer")
	}
	return sold("s." + strings.ToLower(word)) // checked by Parse
}

// zero tells whether the range holds those who have nothing.
func (l *SalesLeaf) zero() bool { return l.Measure != "ASSIDUITY" && (l.From == nil || *l.From == 0) }

func (l *SalesLeaf) condition() contact.Condition {
	column := measures[l.Measure].sql
	if l.zero() { // and those without a row
		if l.To == nil {
			return contact.Condition{SQL: "TRUE"}
		}
		return unsold(column+" > ?", *l.To)
	}
	var parts []string
	var args []any
	if l.From != nil {
		parts, args = append(parts, column+" >= ?"), append(args, *l.From)
	}
	if l.To != nil {
		parts, args = append(parts, column+" <= ?"), append(args, *l.To)
	}
	return sold(strings.Join(parts, " AND "), args...)
}

// salesExpr is salesLeaf over the index, which keeps numbers above 0 only.
func salesExpr(r Rule) (index.Expr, bool) {
	switch {
	case r.Plan != nil:
		return one(index.Plan, r.Plan.String()), true
	case r.Sales != nil:
		return r.Sales.expr(), true
	case r.Channel != nil:
		return one(index.Channel, *r.Channel), true
	case r.ChildProduct != nil:
		return unless(!*r.ChildProduct, one(index.Sale, index.Child)), true
	}
	return index.Any(), false
}

func statusExpr(word string) index.Expr {
	switch word {
	case "USER":
		return one(index.Account, index.Yes)
	case "PROSPECT":
		return index.Not(one(index.Sale, "customer"))
	}
	return one(index.Sale, strings.ToLower(word))
}

func (l *SalesLeaf) expr() index.Expr {
	number := measures[l.Measure].number
	if l.zero() {
		if l.To == nil {
			return index.All()
		}
		return index.Not(index.Within(number, index.From(*l.To+1)))
	}
	in := index.Range{From: index.UpTo(0).From, To: index.From(0).To}
	if l.From != nil {
		in.From = *l.From
	}
	if l.To != nil {
		in.To = *l.To
	}
	return index.Within(number, in)
}

// readPlans reads which plans a site has; archived ones keep their members.
func (s *shelf) readPlans(siteID uuid.UUID) reader {
	return func(ctx context.Context, q bun.IDB) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.plans != nil {
			return nil
		}
		var plans []uuid.UUID
		if err := q.NewSelect().TableExpr("product").Column("id").Where("site_id = ? AND kind = 'membership'", siteID).Scan(ctx, &plans); err != nil {
			return db.MapError(err, "read plans")
		}
		s.plans = make(map[uuid.UUID]bool, len(plans))
		for _, id := range plans {
			s.plans[id] = true
		}
		return nil
	}
}
