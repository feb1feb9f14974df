package sale

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Asked is what of a history is asked for.
type Asked struct {
	Gather contact.Gather // of an organization: whose histories it gathers (S-21, G-29)
	First  int
	After  string // the cursor of the row before; empty: from the newest on
}

// History is a page of somebody's rows, the newest first, each with its cursor.
type History[T any] struct {
	Rows    []*T
	Cursors []string
	More    bool
}

// spot is where a row stands in whose history.
type spot struct {
	Whose, ID uuid.UUID
	At        time.Time
}

func (p spot) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.At.UTC().Format(time.RFC3339Nano) + " " + p.ID.String()))
}

func parseSpot(s string) (p spot, err error) {
	text, err := base64.RawURLEncoding.DecodeString(s)
	at, id, _ := strings.Cut(string(text), " ")
	if err == nil {
		p.At, err = time.Parse(time.RFC3339Nano, at)
	}
	if err == nil {
		p.ID, err = uuid.Parse(id)
	}
	if err != nil {
		return p, fault.New(fault.BadInput, "this cursor is not one of ours")
	}
	return p, nil
}

// source is where a history's rows come from: SQL that gives id and at of the rows of those that its column names. The %s of a
// part is the condition on the column.
type source []struct{ sql, column string }

// spots gives where the rows of several contacts' histories stand, each contact's page at once; one row more than asked for where
// there are more.
func (s *Service) spots(ctx context.Context, of site.Site, from source, contacts []uuid.UUID, in Asked) ([]spot, error) {
	if err := checkPage(in.First); err != nil || len(contacts) == 0 {
		return nil, err
	}
	var parts []string
	var args []any
	for _, part := range from {
		whose := contact.Gathered(of, part.column, contact.Condition{SQL: "k.id"}, in.Gather)
		parts = append(parts, strings.Replace(part.sql, "%s", "("+whose.SQL+")", 1))
		args = append(append(args, of.ID), whose.Args...)
	}
	before := ""
	if in.After != "" {
		last, err := parseSpot(in.After)
		if err != nil {
			return nil, err
		}
		before, args = " WHERE (r.at, r.id) < (?, ?)", append(args, last.At, last.ID)
	}
	args = append([]any{of.ID, bun.List(contacts)}, append(args, in.First+1)...)
	var out []spot
	err := s.db.Bun.NewRaw(`SELECT k.id AS whose, p.id, p.at FROM (SELECT c.id FROM contact AS c WHERE c.site_id = ? AND c.id IN (?)) AS k,
		LATERAL (SELECT r.id, r.at FROM (`+strings.Join(parts, " UNION ALL ")+`) AS r`+before+` ORDER BY r.at DESC, r.id DESC LIMIT ?) AS p
		ORDER BY k.id, p.at DESC, p.id DESC`, args...).Scan(ctx, &out)
	return out, db.MapError(err, "read history")
}

// histories gives each contact the page of its rows.
func histories[T any](spots []spot, rows map[uuid.UUID]*T, first int) map[uuid.UUID]History[T] {
	out := map[uuid.UUID]History[T]{}
	for _, p := range spots {
		page := out[p.Whose]
		if len(page.Rows) == first {
			page.More = true
		} else if row := rows[p.ID]; row != nil { // gone since its place was read
			page.Rows, page.Cursors = append(page.Rows, row), append(page.Cursors, p.cursor())
		}
		out[p.Whose] = page
	}
	return out
}

func idsOf(spots []spot) []uuid.UUID {
	out := make([]uuid.UUID, len(spots))
	for i, p := range spots {
		out[i] = p.ID
	}
	return out
}
