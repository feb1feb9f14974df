package segment

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// Limits of saved views (G-17).
const (
	MaxViews       = 200 // that one person sees
	MaxViewColumns = 30
)

// View is a list as somebody arranged it: what narrows it, its order and its columns.
type View struct {
	bun.BaseModel `bun:"table:saved_view"`

	SiteID     uuid.UUID `bun:",pk"`
	ID         uuid.UUID `bun:",pk"`
	OwnerID    uuid.UUID
	Shared     bool // seen by all staff; else by its owner only
	Name       string
	NameKey    string
	Kind       *contact.Kind // nil: both
	Search     string
	Filter     json.RawMessage `bun:"type:jsonb"` // a rule; nil: none
	Unlisted   bool
	Invalid    bool // those past their last valid day too
	OrderBy    contact.Column
	Descending bool
	Columns    []string  `bun:",array"` // empty: the list's own
	CreatedAt  time.Time `bun:",nullzero"`
	UpdatedAt  time.Time `bun:",nullzero"`
}

// ViewChange is what is to be written to a view; nil = unchanged.
type ViewChange struct {
	Name, Search           *string
	Kind                   **contact.Kind
	Filter                 **Rule
	Shared, Unlisted, Down *bool
	Invalid                *bool
	OrderBy                *contact.Column
	Columns                *[]string
}

// Views gives what the actor may see, by name: the shared ones and those of their own. Needs a viewer.
func (s *Service) Views(ctx context.Context) ([]*View, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	rows := []*View{}
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", a.SiteID).Where("shared OR owner_id = ?", a.ID).Order("name_key", "id").Scan(ctx)
	return rows, db.MapError(err, "read views")
}

// requireViewer gives the person who keeps views: programs with a key have no lists to arrange.
// Sharing needs an operator.
func requireViewer(ctx context.Context, shares bool) (site.Actor, error) {
	need := site.AccessViewer
	if shares {
		need = site.AccessOperator
	}
	a, err := site.RequireBook(ctx, need)
	if err == nil && a.Kind != site.KindStaff {
		err = fault.New(fault.Forbidden, "only a member of staff keeps views; sign in instead of using a key")
	}
	return a, err
}

// CreateView keeps a view of the actor's. Needs a signed-in viewer, to share it an operator.
func (s *Service) CreateView(ctx context.Context, c ViewChange) (*View, error) {
	a, err := requireViewer(ctx, c.Shared != nil && *c.Shared)
	if err != nil {
		return nil, err
	}
	row := &View{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), OwnerID: a.ID, OrderBy: contact.ByName, Columns: []string{}}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*View)(nil)).Where("site_id = ?", a.SiteID).Where("shared OR owner_id = ?", a.ID).Count(ctx)
		if err != nil {
			return db.MapError(err, "count views")
		}
		if n >= MaxViews {
			return fault.Invalid(fault.TooLong, nil, "at most %d views, shared ones included; delete one first", MaxViews)
		}
		if err := c.apply(ctx, tx, row); err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(row).Returning("created_at, updated_at").Exec(ctx)
		return fault.Under(db.MapError(err, "insert view"), "name")
	})
	return row, err
}

// UpdateView changes a view. Needs its owner, for a shared one a manager does too.
func (s *Service) UpdateView(ctx context.Context, id uuid.UUID, c ViewChange) (*View, error) {
	a, err := requireViewer(ctx, c.Shared != nil && *c.Shared)
	if err != nil {
		return nil, err
	}
	var row *View
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if row, err = lockView(ctx, tx, a, id); err != nil {
			return err
		}
		if err := c.apply(ctx, tx, row); err != nil {
			return err
		}
		row.UpdatedAt = time.Now()
		_, err = tx.NewUpdate().Model(row).WherePK().Exec(ctx)
		return fault.Under(db.MapError(err, "update view"), "name")
	})
	return row, err
}

// DeleteView forgets a view. Needs its owner, for a shared one a manager does too.
func (s *Service) DeleteView(ctx context.Context, id uuid.UUID) error {
	a, err := requireViewer(ctx, false)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := lockView(ctx, tx, a, id)
		if err != nil {
			return err
		}
		_, err = tx.NewDelete().Model(row).WherePK().Exec(ctx)
		return db.MapError(err, "delete view")
	})
}

// lockView finds a view that the actor may change. Another's private view does not exist for them.
func lockView(ctx context.Context, tx bun.Tx, a site.Actor, id uuid.UUID) (*View, error) {
	row := new(View)
	err := tx.NewSelect().Model(row).Where("site_id = ? AND id = ?", a.SiteID, id).Where("shared OR owner_id = ?", a.ID).For("UPDATE").Scan(ctx)
	if err != nil {
		return nil, db.Missing(err, "view", "lock view")
	}
	if row.OwnerID != a.ID && a.Access < site.AccessManager {
		return nil, fault.New(fault.Forbidden, "this view is shared by somebody else; a manager may change it, or save one of your own")
	}
	return row, nil
}

// viewColumns are what a list can show besides answers to custom fields, which are named field:<id>, and the site's own indicators: indicator:<id>.
var viewColumns = []string{
	"NAME", "NUMBER", "ROLES", "RELAY", "COMPANY", "EMAIL", "PHONE", "MOBILE", "ADDRESS", "POSTCODE", "CITY", "COUNTRY", "LANGUAGE", "BIRTH_DATE", "AGE",
	"STATUSES", "GROUPS", "LABELS", "COLOR", "TYPES", "SOURCE", "CREATED_AT", "UPDATED_AT", "BOOKINGS", "PASSES", "SPENT", "LAST_PURCHASE",
}

var ownColumn = regexp.MustCompile(`^(field|indicator):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// checkColumns refuses columns that lists do not have, or that stand there twice.
func checkColumns(columns []string) (list fault.List) {
	if len(columns) > MaxViewColumns {
		list = append(list, fault.Invalid(fault.TooLong, []string{"columns"}, "a list shows at most %d columns", MaxViewColumns))
	}
	for i, name := range columns {
		path := []string{"columns", strconv.Itoa(i)}
		if !slices.Contains(viewColumns, name) && !ownColumn.MatchString(name) {
			list = append(list, fault.Invalid(fault.InvalidValue, path, "lists have no column %q; the columns are %s, and field:<id> for a custom field, indicator:<id> for an indicator", name, strings.Join(viewColumns, ", ")))
		} else if slices.Index(columns, name) < i {
			list = append(list, fault.Invalid(fault.Duplicate, path, "this column is there already"))
		}
	}
	return list
}

func (c ViewChange) apply(ctx context.Context, tx bun.IDB, row *View) error {
	var list fault.List
	add := func(reason string, path []string, format string, args ...any) {
		list = append(list, fault.Invalid(reason, path, format, args...))
	}
	for _, t := range []struct {
		to, from *string
		limit    int
		name     string
	}{{&row.Name, c.Name, 200, "name"}, {&row.Search, c.Search, 500, "search"}} {
		if t.from == nil {
			continue
		}
		*t.to = strings.TrimSpace(*t.from)
		if !utf8.ValidString(*t.to) || strings.ContainsRune(*t.to, 0) {
			add(fault.InvalidText, []string{t.name}, "this text is not valid UTF-8")
		} else if utf8.RuneCountInString(*t.to) > t.limit {
			add(fault.TooLong, []string{t.name}, "at most %d characters", t.limit)
		}
	}
	if row.Name == "" {
		add(fault.Required, []string{"name"}, "a view needs a name")
	}
	row.NameKey = fold.Text(row.Name)
	set(&row.Kind, c.Kind)
	set(&row.Shared, c.Shared)
	set(&row.Unlisted, c.Unlisted)
	set(&row.Invalid, c.Invalid)
	set(&row.Descending, c.Down)
	set(&row.OrderBy, c.OrderBy)
	if c.Columns != nil {
		row.Columns = *c.Columns
		list = append(list, checkColumns(row.Columns)...)
	}
	if c.Filter != nil {
		row.Filter = nil
		if *c.Filter != nil {
			of, err := readSite(ctx, tx, row.SiteID)
			if err != nil {
				return err
			}
			err = checkStored(ctx, tx, of, **c.Filter)
			if more, ok := fault.Mendable(fault.Under(err, "filter")); ok {
				list = append(list, more...)
			} else if err != nil {
				return err
			}
			row.Filter = (*c.Filter).JSON()
		}
	}
	return list.Err()
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}
