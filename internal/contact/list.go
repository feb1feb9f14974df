package contact

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// MaxPage is how many contacts a page holds at most; DefaultPage when it is not said.
const (
	MaxPage     = 200
	DefaultPage = 50
)

// Column is what contacts can be ordered by.
type Column string

// The columns. Each has an index that ends with the id.
const (
	ByName      Column = "name"
	ByFirstName Column = "first_name"
	ByNumber    Column = "number"
	ByEmail     Column = "email"
	ByCity      Column = "city"
	ByCreated   Column = "created_at"
	ByUpdated   Column = "updated_at"

	// These have theirs on contact_sale; see list_sales.go.
	BySpent        Column = "spent"
	ByLastPurchase Column = "last_purchase"

	// ByAnIndicator is no order by itself: ByIndicator says by which.
	ByAnIndicator Column = "indicator"
)

// orders gives the SQL columns of an order, the id not among them.
var orders = map[Column][]string{
	ByName: {"n_last", "n_first"}, ByFirstName: {"n_first", "n_last"}, ByNumber: {"number"}, ByEmail: {"email_key"},
	ByCity: {"n_city"}, ByCreated: {"created_at"}, ByUpdated: {"updated_at"}, BySpent: {salesKey}, ByLastPurchase: {salesKey},
}

// columns gives the SQL columns of an order, the id not among them.
func (c Column) columns() ([]string, bool) {
	if _, is := c.Indicator(); is {
		return []string{salesKey}, true
	}
	columns, known := orders[c]
	return columns, known
}

// Query says which contacts, in which order, and which page of them.
type Query struct {
	Search string
	Where  []Condition // a compiled filter, a segment
	Kind   Kind        // empty: both
	Among
	Trash   bool   // only the trash
	Order   Column // empty: by name
	Down    bool
	First   *int
	After   *string
	Last    *int
	Before  *string
	Columns []string // what is read of each; nil: all that lists have. See Columns

	// Counted, if any, counts whom Where means.
	Counted Counter
}

// Among says whom a list may have in it besides those that are listed and valid.
type Among struct {
	Unlisted bool // unlisted ones too
	Invalid  bool // those past their last valid day too (S-80)
}

// Columns gives what a Query shall read for these columns, to which it adds those of its order.
func Columns(reads []string) []string {
	out := []string{"id", "kind", "number"}
	for _, c := range reads {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// GroupIDs is, among what is read of a record, no column of its own: which groups it is in.
const GroupIDs = "group_ids"

// withGroups reads also which groups each contact is in, when that is asked for.
func (q Query) withGroups(sel *bun.SelectQuery, siteID uuid.UUID) *bun.SelectQuery {
	if !slices.Contains(q.Columns, GroupIDs) {
		return sel
	}
	return sel.ColumnExpr("ARRAY(SELECT m.group_id FROM contact_group_member AS m WHERE m.site_id = ? AND m.contact_id = contact.id) AS ?", siteID, bun.Name(GroupIDs))
}

// Page is a page of contacts in the order asked for.
type Page struct {
	Records  []*Record
	Previous bool
	Next     bool
	Query    Query // what it is a page of; totals are counted from it, when asked for
}

// Cursor gives the place of a record in the page's order.
func (p Page) Cursor(r *Record) string { return encodeCursor(p.Query.order(), r) }

func (q Query) order() Column {
	if q.Order == "" {
		return ByName
	}
	return q.Order
}

// read says what is read of each contact.
func (q Query) read(sel *bun.SelectQuery) *bun.SelectQuery {
	if q.Columns != nil {
		by, _ := q.order().columns()
		columns := slices.Concat(q.Columns, by)
		slices.Sort(columns) // the same columns are the same text
		return sel.Column(slices.DeleteFunc(slices.Compact(columns), func(c string) bool { return c == GroupIDs || c == salesKey })...)
	}
	// Lists show nothing of what only finding and comparing read.
	return sel.ExcludeColumn("search", "n_answers", "n_sound", "n_address", "reach")
}

// plan tells how a query is asked again: a rule may be any, and what a search finds is much or little.
func (q Query) plan() db.Plan {
	switch {
	case len(q.Where) > 0:
		return db.Single
	case q.Search != "":
		return db.Replanned
	}
	return db.Kept
}

// List gives a page of contacts. Needs a viewer. Keyset paging: its cost does not grow with depth.
func (s *Service) List(ctx context.Context, query Query) (Page, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return Page{}, err
	}
	page := Page{Query: query, Records: []*Record{}}
	n, backward, err := query.size()
	if err != nil {
		return page, err
	}
	columns, known := query.order().columns()
	if !known {
		return page, fault.New(fault.BadInput, "contacts have no order %q", query.Order)
	}
	text := ""
	if query.searched() {
		text, query.Search = query.Search, "" // it is read in arms
	}
	sel, err := s.Matching(ctx, a, query)
	if err != nil {
		return page, err
	}
	sel = query.read(sel)
	down := query.Down != backward
	var bounds []spot
	for _, bound := range []struct {
		cursor *string
		after  bool
	}{{query.After, true}, {query.Before, false}} {
		if bound.cursor == nil {
			continue
		}
		at, err := decodeCursor(query.order(), *bound.cursor)
		if err != nil {
			return page, err
		}
		sign := ">"
		if bound.after == query.Down {
			sign = "<"
		}
		bounds = append(bounds, spot{sign, at})
	}
	if text != "" {
		if page.Records, err = s.searchPage(ctx, text, a, sel, query.plan(), bounds, n+1, down); err != nil {
			return page, err
		}
	} else if by, is := query.order().sales(); is {
		if page.Records, err = s.salesPage(ctx, sel, by, query, a.SiteID, bounds, n+1, down); err != nil {
			return page, err
		}
	} else {
		columns = append(prefixed(columns), "contact.id")
		for _, b := range bounds {
			sel = b.of(strings.Join(columns, ", ")).Where(sel)
		}
		if page.Records, err = s.collect(ctx, query.withGroups(ordered(sel, columns, down).Limit(room(n+1)), a.SiteID), query.plan()); err != nil {
			return page, db.MapError(err, "list contacts")
		}
	}
	more := len(page.Records) > n
	page.Records = page.Records[:min(n, len(page.Records))]
	if backward {
		slices.Reverse(page.Records)
		page.Previous, page.Next = more, query.Before != nil
	} else {
		page.Next, page.Previous = more, query.After != nil
	}
	return page, nil
}

func prefixed(columns []string) []string {
	out := make([]string, 0, len(columns)+1)
	for _, c := range columns {
		out = append(out, "contact."+c)
	}
	return out
}

func (q Query) size() (n int, backward bool, err error) {
	switch {
	case q.First != nil && q.Last != nil:
		return 0, false, fault.New(fault.BadInput, "give first or last, not both")
	case q.Last != nil:
		n, backward = *q.Last, true
	case q.First != nil:
		n = *q.First
	default:
		n = DefaultPage
	}
	if n < 1 || n > MaxPage {
		return 0, false, fault.New(fault.BadInput, "a page has 1 to %d contacts; %d were asked for", MaxPage, n)
	}
	return n, backward, nil
}

// ValidOn finds the contacts that are valid on a day of the site's (G-09).
func ValidOn(day time.Time) Condition {
	return Condition{SQL: "contact.valid_until IS NULL OR contact.valid_until >= ?", Args: []any{day.Format(time.DateOnly)}}
}

// Matching is the query without page and order. The caller has the right.
func (s *Service) Matching(ctx context.Context, a site.Actor, query Query) (*bun.SelectQuery, error) {
	sel := s.db.Bun.NewSelect().Model((*Record)(nil)).Where("contact.site_id = ?", a.SiteID)
	if query.Trash {
		sel = sel.Where("contact.deleted_at IS NOT NULL AND contact.merged_into IS NULL")
	} else {
		sel = sel.Where("contact.deleted_at IS NULL")
	}
	if !query.Unlisted && !query.Trash {
		sel = sel.Where("contact.listed")
	}
	if !query.Invalid && !query.Trash {
		of, err := site.Of(ctx, s.db.Bun, a)
		if err != nil {
			return nil, err
		}
		sel = ValidOn(s.today(of)).Where(sel)
	}
	switch query.Kind { // written out: a plan that is kept would not know that an index holds organizations alone
	case KindOrganization:
		sel = sel.Where("contact.kind = 'organization'")
	case KindPerson:
		sel = sel.Where("contact.kind = 'person'")
	}
	for _, c := range query.Where {
		sel = c.Where(sel)
	}
	if strings.TrimSpace(query.Search) != "" {
		if len(query.Search) > maxSearch {
			return nil, fault.New(fault.BadInput, tooLong, maxSearch)
		}
		of, err := site.Of(ctx, s.db.Bun, a)
		if err != nil {
			return nil, err
		}
		sel = Search(query.Search, of).Where(sel)
	}
	return sel, nil
}

// ByID gives one contact, one in the trash too. A merged one answers with its survivor. Needs a viewer.
func (s *Service) ByID(ctx context.Context, id uuid.UUID) (Contact, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	r := new(Record)
	err = s.db.Bun.NewSelect().Model(r).
		Where("site_id = ?0 AND id = (SELECT coalesce(merged_into, id) FROM contact WHERE site_id = ?0 AND id = ?1)", a.SiteID, id).Scan(ctx)
	if db.NoRows(err) {
		return nil, fault.Missing("contact")
	}
	if err != nil {
		return nil, db.MapError(err, "read contact")
	}
	return Of(r), nil
}

// ByIDs gives the contacts that exist of these, by name; for events. Needs a viewer.
func (s *Service) ByIDs(ctx context.Context, ids []uuid.UUID) ([]Contact, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(ids) == 0 {
		return []Contact{}, err
	}
	var rows []*Record
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", a.SiteID, bun.List(ids)).Order("n_last", "n_first", "id").Scan(ctx)
	return All(rows), db.MapError(err, "read contacts")
}

// cursor values travel as JSON, in the order of the columns, the id last.
func encodeCursor(by Column, r *Record) string {
	var place []any
	switch by {
	case ByName:
		place = []any{r.NLast, r.NFirst}
	case ByFirstName:
		place = []any{r.NFirst, r.NLast}
	case ByNumber:
		place = []any{r.Number}
	case ByEmail:
		place = []any{r.EmailKey}
	case ByCity:
		place = []any{r.NCity}
	case ByCreated:
		place = []any{r.CreatedAt.UTC().Format(time.RFC3339Nano)}
	case ByUpdated:
		place = []any{r.UpdatedAt.UTC().Format(time.RFC3339Nano)}
	default: // by sales
		place = []any{r.SalesKey}
	}
	b, _ := json.Marshal(append([]any{by}, append(place, r.ID.String())...))
	return base64.RawURLEncoding.EncodeToString(b)
}

func decodeCursor(by Column, cursor string) ([]any, error) {
	bad := fault.New(fault.BadInput, "this cursor is not one of this list; take endCursor of the page before, with the same order")
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, bad
	}
	var place []any
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	columns, _ := by.columns()
	sales, _ := by.sales()
	if d.Decode(&place) != nil || len(place) != len(columns)+2 || place[0] != string(by) {
		return nil, bad
	}
	place = place[1:]
	for i, v := range place {
		number, isNumber := v.(json.Number)
		word, isWord := v.(string)
		switch {
		case by == ByNumber && i == 0 && isNumber:
			n, err := number.Int64()
			if err != nil {
				return nil, bad
			}
			place[i] = numbered(n)
		case by == ByNumber && i == 0, !isWord, strings.ContainsRune(word, 0):
			return nil, bad
		case sales.is != nil && i == 0:
			if !sales.is(word) {
				return nil, bad
			}
		case (by == ByCreated || by == ByUpdated) && i == 0:
			if _, err := time.Parse(time.RFC3339Nano, word); err != nil {
				return nil, bad
			}
		}
	}
	id, isText := place[len(place)-1].(string)
	if _, err := uuid.Parse(id); !isText || err != nil {
		return nil, bad
	}
	return place, nil
}

// numbered is a number that a query takes as a parameter: bun would write it into the text, and each page by
// number would be a text of its own.
type numbered int64

// AppendQuery writes it.
func (n numbered) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	return append(gen.Dialect().AppendString(b, strconv.FormatInt(int64(n), 10)), "::bigint"...), nil
}

// room gives how many contacts are read for a page of n: one of a few numbers, for the same reason.
func room(n int) int64 {
	for _, size := range []int{2, 11, 21, 51, 101} {
		if n <= size {
			return int64(size)
		}
	}
	return MaxPage + 1
}
