package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// transfers measures import, merge and export, in this order: what was imported is merged in pairs, then
// deleted.
func (s *server) transfers(ctx context.Context, o options, dir string) ([]row, error) {
	address := "postgres://carnet@/carnet?" + url.Values{"host": {s.socket}, "port": {"5432"}}.Encode()
	file := filepath.Join(dir, "import.csv")
	if err := writeCSV(file, o.imported); err != nil {
		return nil, err
	}
	command := func(args ...string) (time.Duration, error) {
		c := exec.CommandContext(ctx, o.program, args...)
		c.Env = append(os.Environ(), "CARNET_DATA="+dir, "CARNET_DATABASE_URL="+address)
		began := time.Now()
		out, err := c.CombinedOutput()
		if err != nil {
			return 0, fmt.Errorf("%v: %w: %.500s", args, err, out)
		}
		return time.Since(began), nil
	}
	rate := func(n int, took time.Duration) string { return fmt.Sprintf("%.0f/s", float64(n)/took.Seconds()) }

	took, err := command("import", file)
	if err != nil {
		return nil, err
	}
	db, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer db.Close(ctx) //nolint:errcheck // the program ends
	n, alone, err := s.copied(ctx, address, db)
	if err != nil {
		return nil, err
	}
	rows := []row{{
		work: "import, rows of 8 columns with all checks; beside: COPY of the same rows",
		ours: rate(o.imported, took), sql: rate(n, alone), ratio: fmt.Sprintf("%.2f", alone.Seconds()/took.Seconds()),
	}}
	if took, err = s.merges(ctx, db); err != nil {
		return nil, err
	}
	rows = append(rows, row{work: "merge, one after the other", ours: rate(mergePairs, took)})
	for _, clear := range []string{
		"UPDATE contact SET merged_into = NULL WHERE site_id = $1 AND source = 'import' AND merged_into IS NOT NULL",
		"DELETE FROM contact WHERE site_id = $1 AND source = 'import'",
	} {
		if _, err := db.Exec(ctx, clear, s.site); err != nil {
			return nil, fmt.Errorf("delete what was imported: %w", err)
		}
	}
	if took, err = command("export", filepath.Join(dir, "export.csv"), "--unlisted"); err != nil {
		return nil, err
	}
	return append(rows, row{work: "export as CSV, one column a field", ours: rate(o.contacts, took)}), nil
}

// writeCSV makes up people who are not in the book.
func writeCSV(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "first name,last name,email,mobile,address,postcode,city,country")
	first, last := []string{"Ingrid", "Søren", "Chloé", "Jean-Luc", "Amy"}, []string{"Fjeldstad", "Quérard", "Østlie", "Wainwright", "Larrieu", "Monpont"}
	for i := range n {
		fmt.Fprintf(w, "%s,%s-%d,import.%d@import.example,+4790%06d,Storgata %d,%04d,Oslo,NO\n", first[i%len(first)], last[i%len(last)], i%997, i, i%1_000_000, i%120+1, i%9000+1000)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

const mergePairs = 100

func (s *server) merges(ctx context.Context, db *pgx.Conn) (time.Duration, error) {
	rows, err := db.Query(ctx, "SELECT id::text FROM contact WHERE site_id = $1 AND source = 'import' AND deleted_at IS NULL ORDER BY number LIMIT $2", s.site, 2*mergePairs)
	if err != nil {
		return 0, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, err
	}
	if len(ids) < 2*mergePairs {
		return 0, fmt.Errorf("only %d contacts were imported", len(ids))
	}
	began := time.Now()
	for i := 0; i < len(ids); i += 2 {
		b, err := s.ask(ctx, `mutation($ids: [ID!]!) { mergeContacts(input: {ids: $ids}) { contact { id } errors { code message } } }`, map[string]any{"ids": ids[i : i+2]})
		if err != nil {
			return 0, err
		}
		if !json.Valid(b) {
			return 0, fmt.Errorf("merge: %.300s", b)
		}
	}
	return time.Since(began), nil
}
