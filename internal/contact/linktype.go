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

// MaxLinkTypes is how many types of link a site has at most, the built-in ones among them (G-17).
const MaxLinkTypes = 100

// LinkKind is what a type of link means to the program.
type LinkKind string

// The kinds. All but custom exist once in each site.
const (
	LinkParent     LinkKind = "parent"     // a child to its parent (S-18)
	LinkRelay      LinkKind = "relay"      // a person to the organization they are the contact of (S-19)
	LinkMember     LinkKind = "member"     // a person to the organization they are part of (S-20)
	LinkSubsidiary LinkKind = "subsidiary" // an organization to the one above it (S-22)
	LinkCustom     LinkKind = "custom"     // the site's own (G-07)
)

// LinkTexts are a type's names in another language.
type LinkTexts struct {
	Name        string `json:"name,omitempty"`
	ReverseName string `json:"reverseName,omitempty"`
}

// LinkType is a type of link. Name is read from its beginning ("Relay of"), ReverseName from its end.
type LinkType struct {
	bun.BaseModel `bun:"table:link_type,alias:link_type"`

	SiteID       uuid.UUID `bun:",pk"`
	ID           uuid.UUID `bun:",pk"`
	Kind         LinkKind
	Name         string
	ReverseName  string
	NameKey      string
	FromKind     *Kind                // nil: either
	ToKind       *Kind                // nil: either
	Translations map[string]LinkTexts `bun:"type:jsonb"` // by language
	Position     int
	ArchivedAt   *time.Time `bun:",nullzero"`
	CreatedAt    time.Time  `bun:",nullzero"`
	UpdatedAt    time.Time  `bun:",nullzero"`
}

// acyclic tells whether links of this type form a tree: nobody is above themselves.
func (t *LinkType) acyclic() bool { return t.Kind == LinkParent || t.Kind == LinkSubsidiary }

// LinkTypeChange is what is to be written to a type; nil = unchanged. The ends' kinds are given once.
type LinkTypeChange struct {
	Name, ReverseName *string
	FromKind, ToKind  *Kind
	Translations      *map[string]LinkTexts
	Position          *int // among all, from 0
	Archived          *bool
}

// LinkTypes gives the site's types in their order. Needs a viewer.
func (s *Service) LinkTypes(ctx context.Context, archived bool) ([]*LinkType, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	rows, err := linkTypes(ctx, s.db.Bun, a.SiteID)
	if !archived {
		rows = slices.DeleteFunc(rows, func(t *LinkType) bool { return t.ArchivedAt != nil })
	}
	return rows, err
}

func linkTypes(ctx context.Context, q bun.IDB, siteID uuid.UUID) ([]*LinkType, error) {
	rows := []*LinkType{}
	err := q.NewSelect().Model(&rows).Where("site_id = ?", siteID).Order("position", "id").Scan(ctx)
	return rows, db.MapError(err, "read link types")
}

// LinkTypeByID gives one type. Needs a viewer.
func (s *Service) LinkTypeByID(ctx context.Context, id uuid.UUID) (*LinkType, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return linkTypeByID(ctx, s.db.Bun, a.SiteID, id)
}

func linkTypeByID(ctx context.Context, q bun.IDB, siteID, id uuid.UUID) (*LinkType, error) {
	row := new(LinkType)
	err := q.NewSelect().Model(row).Where("site_id = ? AND id = ?", siteID, id).Scan(ctx)
	return row, db.Missing(err, "link type", "read link type")
}

// CreateLinkType adds a type of the site's own, at the end. Needs a manager.
func (s *Service) CreateLinkType(ctx context.Context, c LinkTypeChange) (*LinkType, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := &LinkType{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), Kind: LinkCustom, FromKind: c.FromKind, ToKind: c.ToKind, Translations: map[string]LinkTexts{}}
	if err := c.apply(row, s.now()); err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		have, err := linkTypes(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		if len(have) >= MaxLinkTypes {
			return fault.Invalid(fault.TooLong, nil, "a site has at most %d types of link", MaxLinkTypes)
		}
		if c.Position == nil && len(have) > 0 {
			row.Position = have[len(have)-1].Position + 1
		}
		_, err = tx.NewInsert().Model(row).Returning("created_at, updated_at").Exec(ctx)
		return fault.Under(db.MapError(err, "insert link type"), "name")
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// UpdateLinkType changes a type of the site's own. The built-in ones are the same in every site.
// Needs a manager.
func (s *Service) UpdateLinkType(ctx context.Context, id uuid.UUID, c LinkTypeChange) (*LinkType, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	var row *LinkType
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if row, err = ownLinkType(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		if err := c.apply(row, s.now()); err != nil {
			return err
		}
		if c.Position != nil {
			if err := moveLinkType(ctx, tx, row, *c.Position); err != nil {
				return err
			}
		}
		row.UpdatedAt = s.now()
		_, err := tx.NewUpdate().Model(row).WherePK().Exec(ctx)
		return fault.Under(db.MapError(err, "update link type"), "name")
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// moveLinkType puts a type at a place among all.
func moveLinkType(ctx context.Context, tx bun.IDB, row *LinkType, to int) error {
	all, err := linkTypes(ctx, tx, row.SiteID)
	if err != nil {
		return err
	}
	return db.MoveTo(ctx, tx, all, row, to, func(t *LinkType) (uuid.UUID, *int) { return t.ID, &t.Position })
}

// DeleteLinkType removes a type of the site's own that no link is of. Needs a manager.
func (s *Service) DeleteLinkType(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := ownLinkType(ctx, tx, a.SiteID, id)
		if err != nil {
			return err
		}
		used, err := tx.NewSelect().Model((*Affiliation)(nil)).Where("site_id = ? AND type_id = ?", a.SiteID, id).Exists(ctx)
		if err != nil {
			return db.MapError(err, "look for links")
		}
		if used {
			return fault.Invalid(fault.InUse, []string{"id"}, "contacts are linked by %q; archive it instead, which keeps their links", row.Name)
		}
		_, err = tx.NewDelete().Model(row).WherePK().Exec(ctx)
		return db.MapError(err, "delete link type")
	})
}

func ownLinkType(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*LinkType, error) {
	row, err := linkTypeByID(ctx, tx, siteID, id)
	if err == nil && row.Kind != LinkCustom {
		return nil, fault.Invalid(fault.WrongType, []string{"id"}, "%q is built in and stays as it is; add a type of your own beside it", row.Name)
	}
	return row, err
}

func (c LinkTypeChange) apply(row *LinkType, now time.Time) error {
	v := checker{}
	v.text(&row.Name, c.Name, 200, "name")
	v.text(&row.ReverseName, c.ReverseName, 200, "reverseName")
	for _, given := range []struct{ text, field string }{{row.Name, "name"}, {row.ReverseName, "reverseName"}} {
		if given.text == "" && len(v.list) == 0 {
			v.add(fault.Required, []string{given.field}, "a link is read from both its ends: give a text for each")
		}
	}
	if c.Translations != nil {
		row.Translations = map[string]LinkTexts{}
		for language, texts := range *c.Translations {
			var kept LinkTexts
			v.text(&kept.Name, &texts.Name, 200, "translations", language, "name")
			v.text(&kept.ReverseName, &texts.ReverseName, 200, "translations", language, "reverseName")
			if site.NearestLanguage(language, "") != language {
				v.add(fault.InvalidValue, []string{"translations", language}, "there are texts in en, fr and nb")
			}
			row.Translations[language] = kept
		}
	}
	assign(&row.Position, c.Position)
	if c.Archived != nil && *c.Archived != (row.ArchivedAt != nil) {
		row.ArchivedAt = nil
		if *c.Archived {
			row.ArchivedAt = &now
		}
	}
	row.NameKey = fold.Text(row.Name)
	return v.list.Err()
}
