package privacy

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// tidyJob has a table's statistics and indexes forget what is gone from its rows.
type tidyJob struct {
	Table string `json:"table"`
}

// Kind names the job.
func (tidyJob) Kind() string { return "privacy_tidy" }

// tidyLater has all tables of an erasure tidied once it has committed. One that runs already may have read a table before.
func (s *Service) tidyLater(ctx context.Context, tx bun.Tx, of *Proof) error {
	for _, d := range of.Deeds {
		if err := s.erasing.Jobs.Insert(ctx, tx, tidyJob{d.Table}); err != nil {
			return err
		}
	}
	return nil
}

// tidy vacuums a table: samples of its values stand in PostgreSQL's statistics, and words in lists of indexes, until somebody does.
func (s *Service) tidy(ctx context.Context, j tidyJob, _ bool) error {
	if !ErasedTables()[j.Table] {
		return fmt.Errorf("no table of erasures: %s", j.Table)
	}
	if _, err := s.db.Bun.ExecContext(ctx, "VACUUM (ANALYZE) "+j.Table); err != nil {
		return db.MapError(err, "vacuum")
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error { return forgetSamples(ctx, tx, j.Table) })
}

// sampled are the columns of a table of which PostgreSQL keeps sampled values, each as what it is.
const sampled = `SELECT quote_ident(a.attname) || ' TYPE ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || quote_ident(c.collname) ELSE '' END
	FROM pg_stats s JOIN pg_attribute a ON a.attrelid = to_regclass(?0) AND a.attname = s.attname JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation c ON c.oid = a.attcollation
	WHERE s.schemaname = 'public' AND s.tablename = ?0 AND a.atttypid IN ('text'::regtype, 'jsonb'::regtype, 'bytea'::regtype)`

// forgetSamples has PostgreSQL forget what it sampled of a table that is empty by now, which ANALYZE leaves as it was. A column that is said anew to be what it is has no
// statistics; nothing is rewritten.
func forgetSamples(ctx context.Context, tx bun.IDB, table string) error {
	var rows bool
	if err := tx.NewRaw("SELECT EXISTS (SELECT FROM ?)", bun.Ident(table)).Scan(ctx, &rows); err != nil || rows {
		return db.MapError(err, "look into "+table)
	}
	var columns []string
	if err := tx.NewRaw(sampled, table).Scan(ctx, &columns); err != nil && !db.NoRows(err) {
		return db.MapError(err, "read samples")
	}
	for _, c := range columns {
		if _, err := tx.ExecContext(ctx, "ALTER TABLE "+table+" ALTER COLUMN "+c); err != nil {
			return db.MapError(err, "forget samples")
		}
	}
	return nil
}
