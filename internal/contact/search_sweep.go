package contact

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"carnet/internal/db"
)

// usedTerm tells of a word of name_term AS t that a contact has it: living, with the surname's first or
// another word, or in the trash, which no index by name holds.
const usedTerm = `(EXISTS (SELECT FROM contact AS c WHERE c.site_id = t.site_id AND c.n_last >= t.term AND c.n_last < t.term || '0' AND c.deleted_at IS NULL)
	OR EXISTS (SELECT FROM contact_word AS w WHERE w.site_id = t.site_id AND w.word = t.term)
	OR EXISTS (SELECT FROM contact AS c WHERE c.site_id = t.site_id AND c.deleted_at IS NOT NULL AND c.n_last >= t.term AND c.n_last < t.term || '0'))`

// SweepTerms takes words out of the vocabulary that no contact's name holds any more, in all sites: they
// are part of somebody's name, who may have asked to be forgotten. Nothing is counted while contacts are
// written, since all who write would wait for each other at the counter of "jean".
func (s *Service) SweepTerms(ctx context.Context) error {
	var sites []uuid.UUID
	if err := s.db.Bun.NewSelect().TableExpr("site").Column("id").Scan(ctx, &sites); err != nil {
		return db.MapError(err, "read sites")
	}
	for _, id := range sites {
		if err := s.sweepTerms(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) sweepTerms(ctx context.Context, siteID uuid.UUID) error {
	const batch = 500
	last := ""
	for {
		var rows []struct {
			Term string
			Used bool
		}
		if err := s.db.Bun.NewRaw("SELECT t.term, "+usedTerm+" AS used FROM name_term AS t WHERE t.site_id = ?0 AND t.term > ?1 ORDER BY t.term LIMIT ?2", siteID, last, batch).Scan(ctx, &rows); err != nil {
			return db.MapError(err, "look for stale words")
		}
		var stale []string
		for _, r := range rows {
			if last = r.Term; !r.Used {
				stale = append(stale, r.Term)
			}
		}
		if len(stale) > 0 {
			if err := s.dropTerms(ctx, siteID, stale); err != nil {
				return err
			}
		}
		if len(rows) < batch {
			return nil
		}
	}
}

// dropTerms looks once more while nobody can add words: whoever has just written a contact with one of
// them found it there, and may not have committed yet.
func (s *Service) dropTerms(ctx context.Context, siteID uuid.UUID, stale []string) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = '5s'; LOCK TABLE name_term IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return db.MapError(err, "hold the vocabulary")
		}
		_, err := tx.NewRaw("DELETE FROM name_term AS t WHERE t.site_id = ?0 AND t.term = ANY (?1::text[]) AND NOT "+usedTerm, siteID, pgdialect.Array(stale)).Exec(ctx)
		return db.MapError(err, "drop stale words")
	})
}
