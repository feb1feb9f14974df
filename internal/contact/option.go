package contact

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// MaxOptions is how many options a list of a site has at most (G-17).
const MaxOptions = 200

// OptionList is one of the site's own lists.
type OptionList string

// The lists.
const (
	Titles    OptionList = "title"    // forms of address; a contact keeps the text
	Functions OptionList = "function" // what a person does (S-31)
	Natures   OptionList = "nature"   // what sort of contact it is (G-06)
)

// Option is an item of such a list. An archived one stays on the contacts that have it and is not offered.
type Option struct {
	bun.BaseModel `bun:"table:contact_option"`

	SiteID       uuid.UUID `bun:",pk"`
	ID           uuid.UUID `bun:",pk"`
	List         OptionList
	Kind         *Kind // the contacts it is for; nil = both
	Name         string
	NameKey      string
	Translations OptionNames `bun:"type:jsonb"`
	Position     int
	ArchivedAt   *time.Time `bun:",nullzero"`
	CreatedAt    time.Time  `bun:",nullzero"`
	UpdatedAt    time.Time  `bun:",nullzero"`
}

// OptionNames are an option's names by language.
type OptionNames map[string]OptionName

// OptionName is an option's name in a language.
type OptionName struct {
	Name string `json:"name"`
}

// OptionChange is what is to be written to an option; nil = unchanged.
type OptionChange struct {
	Name         *string
	Kind         **Kind
	Translations *OptionNames
	Position     *int // among those of its list, from 0
	Archived     *bool
}

// Options gives the options of a list, or of all lists when list is empty, in their order. Needs a viewer.
func (s *Service) Options(ctx context.Context, list OptionList, archived bool) ([]*Option, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return options(ctx, s.db.Bun, a.SiteID, list, archived)
}

func options(ctx context.Context, q bun.IDB, siteID uuid.UUID, list OptionList, archived bool) ([]*Option, error) {
	rows := []*Option{}
	sel := q.NewSelect().Model(&rows).Where("site_id = ?", siteID).Order("list", "position", "id")
	if list != "" {
		sel = sel.Where("list = ?", list)
	}
	if !archived {
		sel = sel.Where("archived_at IS NULL")
	}
	return rows, db.MapError(sel.Scan(ctx), "read options")
}

func lockOption(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*Option, error) {
	row := new(Option)
	err := tx.NewSelect().Model(row).Where("site_id = ? AND id = ?", siteID, id).For("UPDATE").Scan(ctx)
	return row, db.Missing(err, "option", "lock option")
}

// CreateOption adds an option at the end of a list. Needs a manager.
func (s *Service) CreateOption(ctx context.Context, list OptionList, c OptionChange) (*Option, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := &Option{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), List: list, Translations: OptionNames{}}
	if err := c.apply(row, s.now()); err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		all, err := options(ctx, tx, a.SiteID, list, true)
		if err != nil {
			return err
		}
		if len(all) >= MaxOptions {
			return fault.Invalid(fault.TooLong, nil, "a list has at most %d options", MaxOptions)
		}
		if row.Position = len(all); len(all) > 0 {
			row.Position = all[len(all)-1].Position + 1
		}
		_, err = tx.NewInsert().Model(row).Returning("created_at, updated_at").Exec(ctx)
		return fault.Under(db.MapError(err, "insert option"), "name")
	})
	return row, err
}

// UpdateOption changes an option; archiving takes it off the list that is offered. Needs a manager.
func (s *Service) UpdateOption(ctx context.Context, id uuid.UUID, c OptionChange) (*Option, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	var row *Option
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if row, err = lockOption(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		if err := c.apply(row, s.now()); err != nil {
			return err
		}
		if c.Position != nil {
			if err := moveOption(ctx, tx, row, *c.Position); err != nil {
				return err
			}
		}
		row.UpdatedAt = s.now()
		_, err := tx.NewUpdate().Model(row).WherePK().Exec(ctx)
		return fault.Under(db.MapError(err, "update option"), "name")
	})
	return row, err
}

// moveOption puts an option at a place of its list.
func moveOption(ctx context.Context, tx bun.IDB, row *Option, to int) error {
	all, err := options(ctx, tx, row.SiteID, row.List, true)
	if err != nil {
		return err
	}
	return db.MoveTo(ctx, tx, all, row, to, func(o *Option) (uuid.UUID, *int) { return o.ID, &o.Position })
}

// DeleteOption removes an option that no contact has; Conflict when one does: archive it then. Needs a manager.
func (s *Service) DeleteOption(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := lockOption(ctx, tx, a.SiteID, id)
		if err != nil {
			return err
		}
		n, err := tx.NewSelect().Model((*Record)(nil)).Where("site_id = ? AND ? IN (function_id, nature_id)", a.SiteID, id).Count(ctx)
		if err != nil {
			return db.MapError(err, "count contacts of option")
		}
		if n > 0 {
			return fault.Invalid(fault.Taken, []string{"id"}, "%d contacts have %q; archive it instead", n, row.Name)
		}
		_, err = tx.NewDelete().Model(row).WherePK().Exec(ctx)
		return db.MapError(err, "delete option")
	})
}

func (c OptionChange) apply(row *Option, now time.Time) error {
	v := checker{}
	v.text(&row.Name, c.Name, 100, "name")
	assign(&row.Kind, c.Kind)
	if row.Name == "" && len(v.list) == 0 {
		v.add(fault.Required, []string{"name"}, "an option needs a name")
	}
	if c.Translations != nil {
		row.Translations = OptionNames{}
		for language, given := range *c.Translations {
			if !slices.Contains(site.Languages, language) {
				v.add(fault.InvalidValue, []string{"translations", language}, "the languages are en, fr and nb")
			}
			var to OptionName
			if v.text(&to.Name, &given.Name, 100, "translations", language, "name"); to.Name != "" {
				row.Translations[language] = to
			}
		}
	}
	if c.Archived != nil && *c.Archived != (row.ArchivedAt != nil) {
		row.ArchivedAt = nil
		if *c.Archived {
			row.ArchivedAt = &now
		}
	}
	row.NameKey = fold.Text(row.Name)
	return v.list.Err()
}

// checkOptions refuses a function or a nature that the site does not offer to such a contact.
func checkOptions(ctx context.Context, tx bun.IDB, r *Record, c Change) error {
	if !chosen(c.FunctionID) && !chosen(c.NatureID) {
		return nil
	}
	all, err := options(ctx, tx, r.SiteID, "", true)
	if err != nil {
		return err
	}
	return c.checkOptions(all, r.Kind)
}

func chosen(id **uuid.UUID) bool { return id != nil && *id != nil }

func (c Change) checkOptions(all []*Option, kind Kind) error {
	var list fault.List
	for _, want := range []struct {
		list  OptionList
		given **uuid.UUID
		path  string
	}{{Functions, c.FunctionID, "functionId"}, {Natures, c.NatureID, "natureId"}} {
		if !chosen(want.given) {
			continue
		}
		at := slices.IndexFunc(all, func(o *Option) bool { return o.ID == **want.given && o.List == want.list })
		if at < 0 {
			list = append(list, fault.Invalid(fault.Unknown, []string{want.path}, "the site has no %s with the id %s", want.list, **want.given))
		} else if o := all[at]; o.Kind != nil && *o.Kind != kind {
			list = append(list, fault.Invalid(fault.WrongType, []string{want.path}, "%q is for contacts of the other kind", o.Name))
		}
	}
	return list.Err()
}

// optionAttributes are the attributes of a contact that are options, with their lists.
var optionAttributes = map[string]OptionList{"function": Functions, "nature": Natures}

// nameOptions gives the options of a history entry by their names: they may be renamed or gone one day.
func nameOptions(ctx context.Context, q bun.IDB, siteID uuid.UUID, changes Changes) error {
	for attribute := range optionAttributes {
		if _, moved := changes[attribute]; moved {
			all, err := options(ctx, q, siteID, "", true)
			if err != nil {
				return err
			}
			nameOptionsOf(all, changes)
			return nil
		}
	}
	return nil
}

func nameOptionsOf(all []*Option, changes Changes) {
	name := func(id any) string {
		for _, o := range all {
			if o.ID.String() == id {
				return o.Name
			}
		}
		return ""
	}
	for attribute := range optionAttributes {
		if delta, moved := changes[attribute]; moved {
			changes[attribute] = Delta{Before: name(delta.Before), After: name(delta.After)}
		}
	}
}
