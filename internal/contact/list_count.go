package contact

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// A Counter counts a list from memory where it can, else by bySQL. found reads whom the list's search finds, some of them twice;
// it is nil when nothing is searched for.
type Counter func(ctx context.Context, among Among, found func(context.Context) ([]uuid.UUID, error), bySQL func(context.Context) (int, error)) (int, error)

// Count gives how many contacts a query matches, over all its pages. Needs a viewer.
func (s *Service) Count(ctx context.Context, query Query) (int, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return 0, err
	}
	bySQL := func(ctx context.Context) (int, error) {
		sel, err := s.Matching(ctx, a, query)
		if err != nil {
			return 0, err
		}
		n, err := sel.Count(ctx)
		return int(n), db.MapError(err, "count contacts")
	}
	if query.Counted == nil || query.Kind != "" || query.Trash {
		return bySQL(ctx)
	}
	var found func(context.Context) ([]uuid.UUID, error)
	if strings.TrimSpace(query.Search) != "" {
		found = func(ctx context.Context) ([]uuid.UUID, error) { return s.found(ctx, a, query.Search) }
	}
	return query.Counted(ctx, query.Among, found, bySQL)
}

// found gives whom a search finds, in the trash too, some of them twice. It reads indexes alone, where counting by SQL looks at each
// contact whether it is listed and valid.
func (s *Service) found(ctx context.Context, a site.Actor, text string) ([]uuid.UUID, error) {
	if len(text) > maxSearch {
		return nil, fault.New(fault.BadInput, tooLong, maxSearch)
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	ids := readSearch(text, of).ids(of)
	rows, err := s.db.Query(ctx, s.db.Bun.NewRaw(ids.SQL, ids.Args...), db.Replanned)
	if err != nil {
		return nil, db.MapError(err, "search")
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (id uuid.UUID, err error) {
		if b := row.RawValues()[0]; len(b) == len(id) { // the binary form
			return uuid.UUID(b), nil
		}
		return id, row.Scan(&id)
	})
	return found, db.MapError(err, "search")
}
