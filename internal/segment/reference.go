package segment

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/site"
)

// refersTo is true of a segment whose rule refers to the one of the id that stands on its right. The index segment_refers_to
// answers it: a site may have too many rules to read them all.
const refersTo = "jsonb_path_query_array(segment.rule, '$.**.segment') @> to_jsonb("

// Users gives of each of these segments that others refer to these others, by name. Needs a viewer.
func (s *Service) Users(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID][]*Segment, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return users(ctx, s.db.Bun, a.SiteID, ids)
}

func users(ctx context.Context, q bun.IDB, siteID uuid.UUID, ids []uuid.UUID) (map[uuid.UUID][]*Segment, error) {
	var found []struct {
		Segment `bun:",extend"`
		Used    uuid.UUID
	}
	err := q.NewSelect().Model(&found).ColumnExpr("segment.*, used").Join("JOIN unnest(ARRAY[?]::uuid[]) AS used ON "+refersTo+"used::text)", bun.List(ids)).
		Where("segment.site_id = ?", siteID).Order("segment.name_key").Scan(ctx)
	out := map[uuid.UUID][]*Segment{}
	for i := range found {
		out[found[i].Used] = append(out[found[i].Used], &found[i].Segment)
	}
	return out, db.MapError(err, "read who refers to segments")
}

// dependents gives the segments whose rules refer to this one, or to one that does, and so on; in a circle also itself.
func dependents(ctx context.Context, q bun.IDB, siteID, id uuid.UUID) ([]*Segment, error) {
	var rows []*Segment
	err := q.NewRaw(`WITH RECURSIVE dependent AS (
		SELECT id FROM segment WHERE site_id = ?0 AND `+refersTo+`?1::text)
		UNION SELECT segment.id FROM dependent JOIN segment ON segment.site_id = ?0 AND `+refersTo+`dependent.id::text))
		SELECT segment.* FROM segment JOIN dependent USING (id) WHERE site_id = ?0 ORDER BY name_key`, siteID, id).Scan(ctx, &rows)
	return rows, db.MapError(err, "read who depends on a segment")
}
