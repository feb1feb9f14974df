package field

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Service answers for field definitions.
type Service struct {
	db    *db.DB
	known site.Cache[[]*Definition] // archived ones too
}

// New makes the service.
func New(d *db.DB) *Service { return &Service{db: d} }

// List gives the site's fields in order, which are not to be changed: requests share them, since every page of
// contacts asks. Needs a viewer.
func (s *Service) List(ctx context.Context, archived bool) ([]*Definition, error) {
	a, err := site.Require(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	read := func() ([]*Definition, error) { return All(ctx, s.db.Bun, a.SiteID, true) }
	var rows []*Definition
	if a.Site == nil {
		rows, err = read()
	} else {
		rows, err = s.known.Get(a.SiteID, a.Site.Version, read)
	}
	if err != nil || archived {
		return rows, err
	}
	return living(rows), nil
}

// Known gives the living fields of a site that q's transaction has read, as List does.
func (s *Service) Known(ctx context.Context, q bun.IDB, of site.Site) ([]*Definition, error) {
	rows, err := s.known.Get(of.ID, of.Version, func() ([]*Definition, error) { return All(ctx, q, of.ID, true) })
	return living(rows), err
}

func living(rows []*Definition) []*Definition {
	out := make([]*Definition, 0, len(rows))
	for _, d := range rows {
		if d.ArchivedAt == nil {
			out = append(out, d)
		}
	}
	return out
}

// All gives a site's fields in order; for other domain packages.
func All(ctx context.Context, q bun.IDB, siteID uuid.UUID, archived bool) ([]*Definition, error) {
	rows := []*Definition{}
	sel := q.NewSelect().Model(&rows).Where("site_id = ?", siteID).Order("position", "id")
	if !archived {
		sel = sel.Where("archived_at IS NULL")
	}
	err := sel.Scan(ctx)
	for _, d := range rows {
		d.key, d.picks = d.ID.String(), make([][]byte, len(d.Choices))
		for i, c := range d.Choices {
			d.picks[i] = []byte(`"` + c.ID.String() + `"`)
		}
	}
	return rows, db.MapError(err, "read fields")
}

// OnSurface gives what a surface asks, in order. Any caller who names a site may know it.
func (s *Service) OnSurface(ctx context.Context, surface Surface) ([]*Definition, error) {
	a, err := site.RequireBook(ctx, site.AccessSite)
	if err != nil {
		return nil, err
	}
	return ForSurface(ctx, s.db.Bun, a.SiteID, surface)
}

// Public gives what a surface of a site asks, in order, without asking an actor: whoever opens a page of the site sees it. Nothing while contact
// management is off. What it gives is shared and not to be changed.
func (s *Service) Public(ctx context.Context, of site.Site, surface Surface) ([]*Definition, error) {
	if !of.ContactManagement {
		return nil, nil
	}
	all, err := s.Known(ctx, s.db.Bun, of)
	return shown(all, surface), err
}

// ForSurface gives what a surface of a site asks, in order; for other domain packages.
func ForSurface(ctx context.Context, q bun.IDB, siteID uuid.UUID, surface Surface) ([]*Definition, error) {
	all, err := All(ctx, q, siteID, false)
	if err != nil {
		return nil, err
	}
	return shown(all, surface), nil
}

func shown(all []*Definition, on Surface) []*Definition {
	out := []*Definition{}
	for _, d := range all {
		if d.On(on) {
			out = append(out, d)
		}
	}
	return out
}

// ByID gives one field. NotFound when the site has none of this id. Needs a viewer.
func (s *Service) ByID(ctx context.Context, id uuid.UUID) (*Definition, error) {
	a, err := site.Require(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return byID(ctx, s.db.Bun, a.SiteID, id, false)
}

func byID(ctx context.Context, q bun.IDB, siteID, id uuid.UUID, lock bool) (*Definition, error) {
	row := new(Definition)
	sel := q.NewSelect().Model(row).Where("site_id = ? AND id = ?", siteID, id)
	if lock {
		sel = sel.For("UPDATE")
	}
	err := sel.Scan(ctx)
	if db.NoRows(err) {
		return nil, fault.Missing("custom field")
	}
	return row, db.MapError(err, "read field")
}
