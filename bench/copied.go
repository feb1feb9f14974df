package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

const (
	copiedRows  = 1000 // a transaction, as an import has
	copiedLines = 2    // at once, as an import has
)

// writtenBy are the rows that an import writes, table by table, of contacts from a number on.
var writtenBy = []struct{ table, where string }{
	{"contact", "site_id = '%[1]s' AND source = 'import' AND number BETWEEN %[2]d AND %[3]d"},
	{"contact_history", "(site_id, contact_id) IN (SELECT site_id, id FROM contact WHERE site_id = '%[1]s' AND source = 'import' AND number BETWEEN %[2]d AND %[3]d)"},
	{"import_row", "(site_id, contact_id) IN (SELECT site_id, id FROM contact WHERE site_id = '%[1]s' AND source = 'import' AND number BETWEEN %[2]d AND %[3]d)"},
}

// copied measures how fast PostgreSQL alone takes the rows that an import wrote: the same rows into the same
// tables, with all their indexes, constraints and triggers, by COPY, without anything to decide.
func (s *server) copied(ctx context.Context, address string, db *pgx.Conn) (rows int, took time.Duration, err error) {
	var first, last int
	if err := db.QueryRow(ctx, "SELECT min(number), max(number), count(*) FROM contact WHERE site_id = $1 AND source = 'import'", s.site).Scan(&first, &last, &rows); err != nil {
		return 0, 0, err
	}
	var batches [][]bytes.Buffer
	for from := first; from <= last; from += copiedRows {
		batch := make([]bytes.Buffer, len(writtenBy))
		for i, of := range writtenBy {
			where := fmt.Sprintf(of.where, s.site, from, from+copiedRows-1)
			if _, err := db.PgConn().CopyTo(ctx, &batch[i], "COPY (SELECT * FROM "+of.table+" WHERE "+where+") TO STDOUT (FORMAT binary)"); err != nil {
				return 0, 0, fmt.Errorf("read what was imported: %w", err)
			}
		}
		batches = append(batches, batch)
	}
	for _, clear := range []string{"DELETE FROM import_row WHERE site_id = $1", "DELETE FROM contact WHERE site_id = $1 AND source = 'import'"} {
		if _, err := db.Exec(ctx, clear, s.site); err != nil {
			return 0, 0, fmt.Errorf("delete what was imported: %w", err)
		}
	}
	began := time.Now()
	next := make(chan []bytes.Buffer)
	work, ctx := errgroup.WithContext(ctx)
	for range copiedLines {
		work.Go(func() error { return copyBack(ctx, address, next) })
	}
	work.Go(func() error {
		defer close(next)
		for _, batch := range batches {
			select {
			case next <- batch:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	err = work.Wait()
	return rows, time.Since(began), err
}

func copyBack(ctx context.Context, address string, next <-chan []bytes.Buffer) error {
	db, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer db.Close(ctx) //nolint:errcheck // the work is done
	for batch := range next {
		err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
			for i, of := range writtenBy {
				if _, err := tx.Conn().PgConn().CopyFrom(ctx, &batch[i], "COPY "+of.table+" FROM STDIN (FORMAT binary)"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("copy what was imported: %w", err)
		}
	}
	return nil
}
