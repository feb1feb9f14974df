package contact

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// A page by name of one pattern, as "*pont", is mostly found by few words of the vocabulary. Then looking them up
// and reading their contacts is one question with one plan; three cost nearly three times as much.

// askedAtOnce is how many words a pattern is looked up by in the question that reads the page too. Of each
// word a whole page is read, twice, so with more of them ranges that are read in turn cost less.
const askedAtOnce = 20

// onePattern gives the pattern of a search that is nothing else, has one run of characters between stars, and that
// of three at least: the index of the vocabulary knows no shorter ones.
func (s search) onePattern() string {
	if len(s.parts) != 1 || len(s.whole) > 0 || s.row.SQL != "" || len(s.parts[0].pieces) != 1 || len([]rune(s.parts[0].pieces[0])) < 3 {
		return ""
	}
	return s.parts[0].pattern
}

// readPattern reads the first n contacts by name whom a pattern finds, between places. None are found too where
// more than askedAtOnce words match: who gets none asks again by arms. The pattern stands in a SELECT of its own,
// so that PostgreSQL takes each for as frequent as any and keeps the plan; and words are sorted by what no index
// has, or it would read the vocabulary from its beginning until enough match (24 ms instead of 2 in 193,000 words).
func (s *Service) readPattern(ctx context.Context, pattern string, sel *bun.SelectQuery, plan db.Plan, siteID uuid.UUID, bounds []spot, n int, down bool) ([]*Record, error) {
	each := func(columns []string, of func(*bun.SelectQuery) *bun.SelectQuery) *bun.SelectQuery {
		q := of(sel.Clone()).Where("(SELECT count(*) FROM term) <= ?", askedAtOnce).Limit(room(n))
		for _, b := range bounds {
			q = b.of(columns[0] + ", " + columns[1] + ", " + columns[2]).Where(q)
		}
		return ordered(q, columns, down)
	}
	columns := []string{"contact.n_last", "contact.n_first", "contact.id"}
	surnames := each(columns, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("contact.n_last >= term.term AND contact.n_last < term.term || '0'") // as isWord
	})
	others := each([]string{"w.n_last", "w.n_first", "w.contact_id"}, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Join("JOIN contact_word AS w ON w.contact_id = contact.id").Where("w.site_id = ? AND w.word = term.term", siteID)
	})
	q := s.db.Bun.NewSelect().
		With("term", s.db.Bun.NewSelect().TableExpr("name_term").Column("term").Where("site_id = ? AND term LIKE (SELECT ?)", siteID, pattern).OrderExpr("term || ''").Limit(askedAtOnce+1)).
		DistinctOn("contact.n_last, contact.n_first, contact.id").ColumnExpr("contact.*").
		TableExpr("(SELECT c.* FROM term CROSS JOIN LATERAL (?) AS c UNION ALL SELECT c.* FROM term CROSS JOIN LATERAL (?) AS c) AS contact", surnames, others).
		Limit(room(n))
	rows, err := s.collect(ctx, ordered(q, columns, down), plan)
	return rows[:min(len(rows), n)], db.MapError(err, "list contacts")
}
