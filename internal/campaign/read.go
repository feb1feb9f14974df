package campaign

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/site"
)

// Campaigns and templates are read alike: by managers, one or the newest of the site.

// Page is a page of campaigns or of templates.
type Page[T Campaign | Template] struct {
	Rows []*T
	More bool
}

func byID[T Campaign | Template](ctx context.Context, s *Service, id uuid.UUID, what string) (*T, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := new(T)
	err = s.DB.Bun.NewSelect().Model(row).Where("site_id = ? AND id = ?", a.SiteID, id).Scan(ctx)
	return row, db.Missing(err, what, "read "+what)
}

// newest gives those that are left by what narrows them, newest first, after one.
func newest[T Campaign | Template](ctx context.Context, s *Service, narrow func(*bun.SelectQuery) (*bun.SelectQuery, error), first int, after, what string) (page Page[T], err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return page, err
	}
	page.Rows = []*T{}
	q, err := narrow(s.DB.Bun.NewSelect().Model(&page.Rows).Where("site_id = ?", a.SiteID).Order("id DESC"))
	if err != nil {
		return page, err
	}
	page.More, err = contact.ScanPage(ctx, q, &page.Rows, "id <", first, after, what)
	return page, err
}
