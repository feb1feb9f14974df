package contact

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// holders counts who has what a table gives to contacts (groups, labels), those in the trash left out. All are counted, less the
// few in the trash: joined with the book, a million memberships took three times as long.
func (s *Service) holders(ctx context.Context, siteID uuid.UUID, table, column string, only []uuid.UUID) (map[uuid.UUID]int, error) {
	var rows []struct {
		ID uuid.UUID
		N  int
	}
	gone := s.db.Bun.NewSelect().TableExpr("contact AS c").ColumnExpr("m.? AS id, count(*) AS n", bun.Ident(column)).
		Join("JOIN ? AS m ON m.site_id = c.site_id AND m.contact_id = c.id", bun.Ident(table)).
		Where("c.site_id = ? AND c.deleted_at IS NOT NULL", siteID).GroupExpr("1")
	q := s.db.Bun.NewSelect().With("gone", gone).TableExpr("? AS m", bun.Ident(table)).
		ColumnExpr("m.?0 AS id, count(*) - coalesce((SELECT n FROM gone WHERE gone.id = m.?0), 0) AS n", bun.Ident(column)).
		Where("m.site_id = ?", siteID).GroupExpr("m.?", bun.Ident(column))
	if only != nil {
		q = q.Where("m.? IN (?)", bun.Ident(column), bun.List(only))
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, db.MapError(err, "count contacts of "+table)
	}
	out := make(map[uuid.UUID]int, len(rows))
	for _, row := range rows {
		out[row.ID] = row.N
	}
	return out, nil
}
