package contact

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// The search's condition as one piece of SQL is right, but a page by name would be slow: what begins
// with "dup" stands together in the order of names, and PostgreSQL, which takes it to be spread evenly,
// reads the book from the letter a on. So such a page is read in arms, each of which has one good plan:
//
//   - words that the surname begins with are ranges of the index by name, read in its order;
//   - other words are ranges of contact_word, whose key has the order of names in it: it alone is read
//     and sorted, and contacts are fetched until the page is full;
//   - numbers, addresses and references are few.
//
// ARCHITECTURE.md tells which plans are fallen into otherwise.

// An arm finds some of the contacts that a search matches. A contact may be in several.
type arm struct {
	spans []span      // ranges of n_last it is in; none: anywhere
	words []Condition // of contact_word, each true of a word it has; none: contacts are read by themselves
	where Condition   // and so is the row; empty: always
	first bool        // by first name, then surname; for suggestions
}

// manySpans is how many ranges of surnames an arm has at most. They come in the order of names, so that
// mostly the first arm fills the page.
const manySpans = 50

// searched tells that a query is a page by name of a search, which is read in arms.
func (q Query) searched() bool {
	return strings.TrimSpace(q.Search) != "" && q.order() == ByName && !q.Trash && len(q.Search) <= maxSearch
}

// searchPage reads the first n contacts by name of a search, between two places. sel says which contacts may be
// found at all.
func (s *Service) searchPage(ctx context.Context, text string, a site.Actor, sel *bun.SelectQuery, plan db.Plan, bounds []spot, n int, down bool) ([]*Record, error) {
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	find := readSearch(text, of)
	if pattern := find.onePattern(); pattern != "" && plan == db.Kept {
		if found, err := s.readPattern(ctx, pattern, sel, plan, of.ID, bounds, n, down); err != nil || len(found) > 0 {
			return found, err
		}
	}
	arms, err := s.arms(ctx, find, of)
	if err != nil {
		return nil, err
	}
	return s.readArms(ctx, sel, plan, of.ID, arms, bounds, n, down)
}

// arms gives the arms of a search, its patterns looked up.
func (s *Service) arms(ctx context.Context, find search, of site.Site) ([]arm, error) {
	if err := find.lookUp(ctx, s.db, of.ID); err != nil {
		return nil, err
	}
	return find.arms(of), nil
}

// arms makes an arm for each set of parts that one surname's first word may match; the other parts match
// later words. The last arm is that of the whole text.
func (s search) arms(of site.Site) []arm {
	var out []arm
	for set := range 1 << len(s.parts) {
		var one arm
		var spans []span
		var where []Condition
		if s.row.SQL != "" {
			where = append(where, s.row)
		}
		for i, p := range s.parts {
			switch {
			case set&(1<<i) == 0:
				if p.words.SQL != "" {
					one.words = append(one.words, p.words)
				}
				if p.row.SQL != "" {
					where = append(where, p.row)
				}
			case spans == nil:
				spans = slices.Clone(p.spans)
			default:
				spans = common(spans, p.spans)
			}
		}
		if len(where) > 0 {
			one.where = And(where...)
		}
		if set == 0 && (len(s.parts) > 0 || s.row.SQL != "") {
			out = append(out, one)
		}
		for chunk := range slices.Chunk(spans, manySpans) {
			one.spans = chunk
			out = append(out, one)
		}
	}
	slices.SortStableFunc(out, func(a, b arm) int {
		if len(a.spans) == 0 || len(b.spans) == 0 {
			return len(b.spans) - len(a.spans)
		}
		return strings.Compare(a.spans[0].from, b.spans[0].from)
	})
	if len(s.whole) > 0 {
		out = append(out, arm{where: union(s.whole...).within()})
	}
	return out
}

// common gives what two lists of ranges have in common. Ranges of one list do not meet.
func common(a, b []span) []span {
	out := []span{}
	for _, s := range a {
		for _, t := range b {
			if both := (span{max(s.from, t.from), min(s.to, t.to)}); both.from < both.to {
				out = append(out, both)
			}
		}
	}
	return out
}

// spot is a place in the order by name, and on which side of it contacts are wanted.
type spot struct {
	sign string // < or >
	at   []any  // n_last, n_first, id
}

func (p spot) of(columns string) Condition {
	return Condition{SQL: "(" + columns + ") " + p.sign + " (?)", Args: []any{bun.List(p.at)}}
}

// readArms reads the first n contacts by name of several arms together, between two places. An arm is
// asked only for what comes before the n-th of those found so far.
func (s *Service) readArms(ctx context.Context, sel *bun.SelectQuery, plan db.Plan, siteID uuid.UUID, arms []arm, bounds []spot, n int, down bool) ([]*Record, error) {
	if down {
		arms = slices.Clone(arms)
		slices.Reverse(arms)
	}
	found := []*Record{}
	for _, one := range arms {
		within := bounds
		if len(found) == n {
			last := found[n-1]
			if one.behind(last, down) {
				continue
			}
			end := spot{"<", []any{last.NLast, last.NFirst, last.ID}}
			if down {
				end.sign = ">"
			}
			within = append(slices.Clone(bounds), end)
		}
		rows, err := s.readArm(ctx, one, sel, plan, siteID, within, n, down)
		if err != nil {
			return nil, err
		}
		found = merge(found, rows, n, down)
	}
	return found, nil
}

// behind tells that an arm's surnames all come after a record.
func (one arm) behind(last *Record, down bool) bool {
	if len(one.spans) == 0 {
		return false
	}
	if down {
		return one.spans[len(one.spans)-1].to <= last.NLast
	}
	return one.spans[0].from > last.NLast
}

// readArm reads the first n contacts of an arm. sel says which contacts may be found at all.
func (s *Service) readArm(ctx context.Context, one arm, sel *bun.SelectQuery, plan db.Plan, siteID uuid.UUID, bounds []spot, n int, down bool) ([]*Record, error) {
	q := sel.Clone().Limit(room(n))
	if one.where.SQL != "" {
		q = one.where.Where(q)
		plan = min(plan, db.Replanned) // ranges alone have one good plan
	}
	for _, b := range bounds {
		q = b.of("contact.n_last, contact.n_first, contact.id").Where(q)
	}
	order := []string{"contact.n_last", "contact.n_first", "contact.id"}
	if one.first {
		order = []string{"contact.n_first", "contact.n_last", "contact.id"}
	}
	switch {
	case len(one.words) > 0:
		order = []string{"w.n_last", "w.n_first", "w.contact_id"}
		q = q.Join("JOIN (SELECT * FROM (?0) AS h ORDER BY n_last ?1, n_first ?1, contact_id ?1 OFFSET 0) AS w ON w.contact_id = contact.id", one.holders(sel.DB(), siteID, bounds), direction(down))
	case len(one.spans) == 1:
		q = one.spans[0].of("contact.n_last").Where(q)
	case len(one.spans) > 1:
		from, to := make([]string, len(one.spans)), make([]string, len(one.spans))
		for i, in := range one.spans {
			from[i], to[i] = in.from, in.to
		}
		each := ordered(q.Clone().Where("contact.n_last >= span.low AND contact.n_last < span.high"), order, down)
		q = q.ModelTableExpr(`(SELECT contact.* FROM unnest(?::text[], ?::text[]) AS span (low, high) CROSS JOIN LATERAL (?) AS contact) AS contact`,
			db.Texts(from), db.Texts(to), each)
	}
	rows, err := s.collect(ctx, ordered(q, order, down), plan)
	return rows[:min(len(rows), n)], db.MapError(err, "list contacts")
}

// holders finds who has all of an arm's words, each once and in order, in contact_word alone. An
// intersection reads each word's holders once; of a join PostgreSQL makes a loop within a loop, since it
// takes a range of words for rare.
func (one arm) holders(q bun.IDB, siteID uuid.UUID, bounds []spot) *bun.SelectQuery {
	var all *bun.SelectQuery
	for _, words := range one.words {
		w := q.NewSelect().TableExpr("contact_word AS w").ColumnExpr("w.n_last, w.n_first, w.contact_id").Where("w.site_id = ?", siteID)
		w = words.Where(w)
		if words.SQL != oneWord {
			w = w.Distinct()
		}
		if len(one.spans) > 0 {
			w = anyOf(one.spans, "w.n_last").Where(w)
		}
		for _, b := range bounds {
			w = b.of("w.n_last, w.n_first, w.contact_id").Where(w)
		}
		if all == nil {
			all = w
		} else {
			all = all.Intersect(w)
		}
	}
	return all
}

func ordered(q *bun.SelectQuery, columns []string, down bool) *bun.SelectQuery {
	for _, c := range columns {
		q = q.OrderExpr(c+" ?", direction(down))
	}
	return q
}

func direction(down bool) bun.Safe {
	if down {
		return "DESC"
	}
	return "ASC"
}

// merge joins two lists and keeps the first n by name.
func merge(found, more []*Record, n int, down bool) []*Record {
	found = append(found, more...)
	slices.SortFunc(found, func(a, b *Record) int {
		if down {
			a, b = b, a
		}
		return byName(a, b)
	})
	found = slices.CompactFunc(found, func(a, b *Record) bool { return a.ID == b.ID })
	return found[:min(len(found), n)]
}

// byName is the order of the index by name: as bytes, which the collation C is.
func byName(a, b *Record) int {
	return cmp.Or(strings.Compare(a.NLast, b.NLast), strings.Compare(a.NFirst, b.NFirst), compareIDs(a.ID, b.ID))
}

// Suggest completes what is being typed: at most 20, by surname and first name (S-96); invalid ones and
// the trash not among them. Where there are more, those come first whose surname begins so, then those
// whose first name does. Without columns all that lists have are read. Needs a viewer.
func (s *Service) Suggest(ctx context.Context, text string, first int, columns []string) ([]*Record, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	if first < 1 || first > 20 {
		return nil, fault.New(fault.BadInput, "ask for 1 to 20 suggestions")
	}
	if len(text) > maxSearch {
		return nil, fault.New(fault.BadInput, tooLong, maxSearch)
	}
	if !(Query{Search: text}).searched() {
		return []*Record{}, nil
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	arms, err := s.arms(ctx, readSearch(text, of), of)
	if err != nil {
		return nil, err
	}
	query := Query{Among: Among{Unlisted: true}, Columns: columns}
	sel, err := s.Matching(ctx, a, query)
	if err != nil {
		return nil, err
	}
	sel = query.read(sel)
	if list := words(text); len(list) == 1 && !strings.ContainsAny(text, "*,@") {
		// Many share a first name. In the order of first names the first of them cost nothing.
		arms = slices.Insert(arms, 1, arm{where: Prefix("contact.n_first", list[0]), first: true})
	}
	found := []*Record{}
	for _, one := range arms {
		if len(found) == first {
			break
		}
		rows, err := s.readArm(ctx, one, sel, db.Kept, a.SiteID, nil, first, false)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if len(found) < first && !slices.ContainsFunc(found, func(have *Record) bool { return have.ID == r.ID }) {
				found = append(found, r)
			}
		}
	}
	slices.SortFunc(found, byName)
	return found, nil
}
