package segment

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// ListName names a list of the book.
type ListName string

// The lists.
const (
	ListContacts      ListName = "contacts"
	ListOrganizations ListName = "organizations"
)

// BuiltIn is a view that every site has (G-31).
type BuiltIn string

// The views that need not be saved.
const (
	ViewBook        BuiltIn = "book"        // who is listed
	ViewEveryone    BuiltIn = "everyone"    // unlisted ones too
	ViewContactable BuiltIn = "contactable" // who agreed to be contacted
	ViewMembers     BuiltIn = "members"     // who holds a membership in force (C-23, T-28)
	ViewBuyers      BuiltIn = "buyers"      // who has bought (T-27)
	ViewOrganizers  BuiltIn = "organizers"  // who organizes an event (T-28)
	ViewNonMembers  BuiltIn = "non_members" // who is listed and holds no membership in force (C-24)
)

// ListSetting is how one person likes a list: the view it opens with, and the columns of the built-in views.
type ListSetting struct {
	bun.BaseModel `bun:"table:contact_list"`

	SiteID  uuid.UUID `bun:",pk"`
	StaffID uuid.UUID `bun:",pk"`
	List    ListName  `bun:",pk"`
	BuiltIn BuiltIn
	ViewID  *uuid.UUID // a saved view; nil: the built-in one
	Columns []string   `bun:",array"` // empty: the list's own
}

// ListChange is what is to be written to a setting; nil = unchanged.
type ListChange struct {
	BuiltIn *BuiltIn
	ViewID  **uuid.UUID
	Columns *[]string
}

// ListSetting gives how the actor likes a list; the site's way when it was never said. Needs a signed-in viewer.
func (s *Service) ListSetting(ctx context.Context, list ListName) (ListSetting, error) {
	a, err := requireViewer(ctx, false)
	if err != nil {
		return ListSetting{}, err
	}
	return readListSetting(ctx, s.db.Bun, a, list)
}

func readListSetting(ctx context.Context, q bun.IDB, a site.Actor, list ListName) (ListSetting, error) {
	row := ListSetting{SiteID: a.SiteID, StaffID: a.ID, List: list, BuiltIn: ViewBook, Columns: []string{}}
	err := q.NewSelect().Model(&row).WherePK().Scan(ctx)
	if db.NoRows(err) {
		return row, nil
	}
	return row, db.MapError(err, "read list setting")
}

// SaveListSetting remembers how the actor likes a list. Needs a signed-in viewer.
func (s *Service) SaveListSetting(ctx context.Context, list ListName, c ListChange) (ListSetting, error) {
	a, err := requireViewer(ctx, false)
	if err != nil {
		return ListSetting{}, err
	}
	var row ListSetting
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if row, err = readListSetting(ctx, tx, a, list); err != nil {
			return err
		}
		set(&row.BuiltIn, c.BuiltIn)
		set(&row.ViewID, c.ViewID)
		set(&row.Columns, c.Columns)
		errs := checkColumns(row.Columns)
		if c.ViewID != nil && *c.ViewID != nil {
			seen, err := tx.NewSelect().Model((*View)(nil)).Where("site_id = ? AND id = ?", a.SiteID, **c.ViewID).Where("shared OR owner_id = ?", a.ID).Exists(ctx)
			if err != nil {
				return db.MapError(err, "look for view")
			}
			if !seen {
				errs = append(errs, fault.Invalid(fault.Unknown, []string{"savedViewId"}, "you have no view with the id %s", **c.ViewID))
			}
		}
		if err := errs.Err(); err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(&row).On("CONFLICT (site_id, staff_id, list) DO UPDATE").
			Set("built_in = EXCLUDED.built_in, view_id = EXCLUDED.view_id, columns = EXCLUDED.columns").Exec(ctx)
		return db.MapError(err, "save list setting")
	})
	return row, err
}
