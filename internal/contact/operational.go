package contact

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// Contacts by the operational type that a place asks for (S-08 to S-11).

// OfType gives contacts of an operational type for a picker: by name, those that the search box's text finds, unlisted ones too,
// invalid ones not. Needs a viewer.
func (s *Service) OfType(ctx context.Context, t OperationalType, search string, first int) ([]*Record, error) {
	page, err := s.List(ctx, Query{Search: search, Where: []Condition{{SQL: "contact.types @> ARRAY[?]", Args: []any{t}}}, Among: Among{Unlisted: true}, First: &first})
	return page.Records, err
}

// Living tells which of some contacts there are outside the trash, of an operational type when one is given, and keeps them from
// being deleted.
func (b Book) Living(ctx context.Context, tx bun.IDB, siteID uuid.UUID, ids []uuid.UUID, t OperationalType) (map[uuid.UUID]bool, error) {
	out := map[uuid.UUID]bool{}
	if len(ids) == 0 {
		return out, nil
	}
	q := tx.NewSelect().TableExpr("contact AS c").ColumnExpr("c.id").Where("c.site_id = ? AND c.id IN (?) AND c.deleted_at IS NULL", siteID, bun.List(ids))
	if t != "" {
		q = q.Where("c.types @> ARRAY[?]", t)
	}
	var found []uuid.UUID
	err := q.OrderExpr("c.id").For("KEY SHARE OF c").Scan(ctx, &found)
	for _, id := range found {
		out[id] = true
	}
	return out, db.MapError(err, "read contacts")
}
