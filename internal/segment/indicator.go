package segment

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/indicator"
	"carnet/internal/segment/index"
	"carnet/internal/site"
)

// Leaves about the site's own indicators, whose values contact_indicator holds. Who has nothing has no row there.

// IndicatorLeaf compares an indicator's value with a range, both ends included, or with one of its bands. Who has nothing has 0; who
// never bought has no days since, and is in no range.
type IndicatorLeaf struct {
	ID   uuid.UUID  `json:"id"`
	From *int64     `json:"from,omitempty"`
	To   *int64     `json:"to,omitempty"`
	Band *uuid.UUID `json:"band,omitempty"` // instead of from and to
}

func (c *ruleCheck) indicator(l *IndicatorLeaf, path []string) {
	switch {
	case l.Band == nil:
		c.between(l.From, l.To, path)
	case l.From != nil || l.To != nil:
		c.add(fault.InvalidValue, append(path, "band"), "give from and to, or a band, not both")
	}
}

// kept gives the range of what is stored, both ends included, and whether who has nothing lies in it; false for what is not there.
func (c *compiler) kept(l *IndicatorLeaf) (least, most *int64, nothing, known bool) {
	d := c.indicators[l.ID]
	if d == nil {
		return nil, nil, false, false
	}
	from, to := l.From, l.To
	if l.Band != nil {
		band, known := d.Band(*l.Band)
		if !known {
			return nil, nil, false, false
		}
		least, most := d.Range(band)
		from, to = &least, most
	}
	least, most, nothing = d.Kept(from, to, c.today)
	return least, most, nothing, true
}

// indicatorOf compiles the leaf to SQL.
func (c *compiler) indicatorOf(l *IndicatorLeaf, path []string) contact.Condition {
	least, most, nothing, known := c.kept(l)
	switch {
	case !known && c.indicators[l.ID] == nil:
		return c.unknown(append(path, "id"), "the site has no indicator with the id %s", l.ID)
	case !known:
		return c.unknown(append(path, "band"), "the indicator has no band with the id %s", *l.Band)
	case nothing && most == nil:
		return contact.Condition{SQL: "TRUE"}
	case nothing: // and those without a row
		more := indicated(l.ID, "v.value > ?", *most)
		return contact.Condition{SQL: "NOT " + more.SQL, Args: more.Args}
	}
	var tests []string
	var args []any
	if least != nil {
		tests, args = append(tests, "v.value >= ?"), append(args, *least)
	}
	if most != nil {
		tests, args = append(tests, "v.value <= ?"), append(args, *most)
	}
	if len(tests) == 0 { // whoever bought did so so many days ago, or more
		tests = append(tests, "TRUE")
	}
	return indicated(l.ID, strings.Join(tests, " AND "), args...)
}

// indicated finds the contacts whose row of contact_indicator, v, passes a test.
func indicated(id uuid.UUID, test string, args ...any) contact.Condition {
	return contact.Condition{
		SQL:  "EXISTS (SELECT 1 FROM contact_indicator v WHERE v.site_id = contact.site_id AND v.contact_id = contact.id AND v.indicator_id = ? AND " + test + ")",
		Args: append([]any{id}, args...),
	}
}

// indicatorExpr is indicatorOf over the index, which keeps what is stored. The rule has been compiled to SQL before, which checks it.
func (c *compiler) indicatorExpr(l *IndicatorLeaf) index.Expr {
	least, most, nothing, known := c.kept(l)
	number := index.Indicator(l.ID)
	switch {
	case !known:
		return index.Any()
	case nothing && most == nil:
		return index.All()
	case nothing:
		return index.Not(index.Within(number, index.From(*most+1)))
	}
	in := index.Range{From: index.UpTo(0).From, To: index.From(0).To}
	if least != nil {
		in.From = *least
	}
	if most != nil {
		in.To = *most
	}
	return index.Within(number, in)
}

// readIndicators reads the indicators that are counted.
func (s *shelf) readIndicators(siteID uuid.UUID) reader {
	return func(ctx context.Context, q bun.IDB) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.indicators != nil {
			return nil
		}
		all, err := indicator.All(ctx, q, siteID)
		if err != nil {
			return err
		}
		s.indicators = make(map[uuid.UUID]*indicator.Definition, len(all))
		for _, d := range all {
			if d.ArchivedAt == nil {
				s.indicators[d.ID] = d
			}
		}
		return nil
	}
}

// namesIndicator is true of a segment whose rule names the indicator of the id that stands on its right. The index
// segment_names_indicator answers it.
const namesIndicator = "jsonb_path_query_array(segment.rule, '$.**.indicator.id') @> to_jsonb("

// NamesOf gives the names of segments whose rules name an indicator, three at most; for package indicator, which must not know them.
func NamesOf(ctx context.Context, q bun.IDB, siteID, id uuid.UUID) ([]string, error) {
	var names []string
	err := q.NewSelect().Model((*Segment)(nil)).Column("name").Where("segment.site_id = ? AND "+namesIndicator+"?::text)", siteID, id).Order("name_key").Limit(3).Scan(ctx, &names)
	return names, db.MapError(err, "look for segments that name an indicator")
}

// ForgetIndicator orders saved views by name that were ordered by an indicator, and, where it goes for good, takes its column out of
// views and lists; for package indicator.
func ForgetIndicator(ctx context.Context, q bun.IDB, siteID, id uuid.UUID, goes bool) error {
	column := string(contact.ByIndicator(id))
	_, err := q.NewUpdate().Model((*View)(nil)).Set("order_by = ?, descending = false", contact.ByName).Where("site_id = ? AND order_by = ?", siteID, column).Exec(ctx)
	for _, table := range []string{"saved_view", "contact_list"} {
		if goes && err == nil {
			_, err = q.NewRaw("UPDATE ? SET columns = array_remove(columns, ?) WHERE site_id = ? AND ? = ANY (columns)", bun.Ident(table), column, siteID, column).Exec(ctx)
		}
	}
	return db.MapError(err, "forget an indicator")
}

// OfIndicators gives of each of these indicators that segments name these segments, by name. Needs a viewer.
func (s *Service) OfIndicators(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID][]*Segment, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	var found []struct {
		Segment `bun:",extend"`
		Named   uuid.UUID
	}
	err = s.db.Bun.NewSelect().Model(&found).ColumnExpr("segment.*, named").Join("JOIN unnest(ARRAY[?]::uuid[]) AS named ON "+namesIndicator+"named::text)", bun.List(ids)).
		Where("segment.site_id = ?", a.SiteID).Order("segment.name_key").Scan(ctx)
	out := map[uuid.UUID][]*Segment{}
	for i := range found {
		out[found[i].Named] = append(out[found[i].Named], &found[i].Segment)
	}
	return out, db.MapError(err, "read who names indicators")
}
