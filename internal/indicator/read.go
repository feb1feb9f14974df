package indicator

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/site"
)

// List gives the site's indicators in order, which are not to be changed: requests share them. Needs a viewer.
func (s *Service) List(ctx context.Context, archived bool) ([]*Definition, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	rows, err := s.of(ctx, a)
	if archived || err != nil {
		return rows, err
	}
	return counted(rows), nil
}

func (s *Service) of(ctx context.Context, a site.Actor) ([]*Definition, error) {
	read := func() ([]*Definition, error) { return All(ctx, s.db.Bun, a.SiteID) }
	if a.Site == nil {
		return read()
	}
	return s.known.Get(a.SiteID, a.Site.Version, read)
}

// counted leaves the archived ones out.
func counted(rows []*Definition) []*Definition {
	return slices.DeleteFunc(slices.Clone(rows), func(d *Definition) bool { return d.ArchivedAt != nil })
}

// All gives a site's indicators in order, archived ones too; for other domain packages.
func All(ctx context.Context, q bun.IDB, siteID uuid.UUID) ([]*Definition, error) {
	rows := []*Definition{}
	err := q.NewSelect().Model(&rows).Where("site_id = ? AND deleted_at IS NULL", siteID).Order("position", "id").Scan(ctx)
	return rows, db.MapError(err, "read indicators")
}

// ByID gives one indicator, an archived one too. NotFound. Needs a viewer.
func (s *Service) ByID(ctx context.Context, id uuid.UUID) (*Definition, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return byID(ctx, s.db.Bun, a.SiteID, id, false)
}

func byID(ctx context.Context, q bun.IDB, siteID, id uuid.UUID, lock bool) (*Definition, error) {
	row := new(Definition)
	sel := q.NewSelect().Model(row).Where("site_id = ? AND id = ? AND deleted_at IS NULL", siteID, id)
	if lock {
		sel = sel.For("NO KEY UPDATE") // sales that give somebody a value hold the key
	}
	return row, db.Missing(sel.Scan(ctx), "indicator", "read indicator")
}

// Value is what an indicator says of a contact.
type Value struct {
	Indicator *Definition
	Value     *int64 // nil: there is none
}

// Band gives the band that it lies in.
func (v *Value) Band() *Band { return v.Indicator.BandOf(v.Value) }

// ValuesOf gives what the indicators say of many contacts at once, each in the indicators' order. Needs a viewer.
func (s *Service) ValuesOf(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID][]*Value, error) {
	out := make(map[uuid.UUID][]*Value, len(contacts))
	all, err := s.List(ctx, false)
	if err != nil || len(all) == 0 || len(contacts) == 0 {
		return out, err
	}
	a := site.ActorOf(ctx)
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return out, err
	}
	var rows []struct {
		ContactID, IndicatorID uuid.UUID
		Value                  int64
	}
	err = s.db.Bun.NewSelect().TableExpr("contact_indicator").Column("contact_id", "indicator_id", "value").Where("site_id = ? AND contact_id IN (?)", a.SiteID, bun.List(contacts)).Scan(ctx, &rows)
	if err != nil {
		return out, db.MapError(err, "read indicators of contacts")
	}
	kept := make(map[[2]uuid.UUID]int64, len(rows))
	for _, row := range rows {
		kept[[2]uuid.UUID{row.ContactID, row.IndicatorID}] = row.Value
	}
	today := of.Day(s.now())
	for _, id := range contacts {
		values := make([]*Value, len(all))
		for i, d := range all {
			values[i] = &Value{d, d.Value(kept[[2]uuid.UUID{id, d.ID}], today)}
		}
		out[id] = values
	}
	return out, nil
}
