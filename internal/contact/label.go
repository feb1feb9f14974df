package contact

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// How many living label sets a site has at most, and living labels a set.
const (
	MaxLabelSets = 100
	MaxLabels    = 200
)

// Audience is where a label set is used: whom among the contacts it is meant to sort (T-63).
type Audience string

// The audiences.
const (
	Buyer     Audience = "buyer"
	Member    Audience = "member"
	Organizer Audience = "organizer"
)

// LabelSet is a list of labels to classify contacts by. Labels are the site's own: no end user sees them (T-62).
type LabelSet struct {
	bun.BaseModel `bun:"table:label_set,alias:label_set"`

	SiteID      uuid.UUID `bun:",pk"`
	ID          uuid.UUID `bun:",pk"`
	Name        string
	NameKey     string
	Description string
	Kinds       []Kind     `bun:",array"` // the kinds of contact that may have its labels (S-55)
	Audiences   []Audience `bun:",array"`
	Exclusive   bool       // at most one of its labels a contact
	Position    int
	ArchivedAt  *time.Time `bun:",nullzero"`
	CreatedAt   time.Time  `bun:",nullzero"`
	UpdatedAt   time.Time  `bun:",nullzero"`
	Labels      []*Label   `bun:"-"` // in order
}

// Label is a named, coloured item of a set (T-64).
type Label struct {
	bun.BaseModel `bun:"table:label,alias:label"`

	SiteID     uuid.UUID `bun:",pk"`
	ID         uuid.UUID `bun:",pk"`
	SetID      uuid.UUID
	Name       string
	NameKey    string
	Color      string
	Position   int
	ArchivedAt *time.Time `bun:",nullzero"`
	SetName    string     `bun:",scanonly"`
}

// LabelSetChange is what is to be written to a set; nil = unchanged. On creation nil kinds are both,
// and nil audiences the buyers.
type LabelSetChange struct {
	Name, Description *string
	Kinds             *[]Kind
	Audiences         *[]Audience
	Exclusive         *bool
	Labels            *[]LabelChange // the whole list, in order
	Position          *int
	Archived          *bool
}

// LabelChange is a label of a set's list: an existing one by its id, or a new one.
type LabelChange struct {
	ID          uuid.UUID // Nil = new
	Name, Color string
}

// LabelSets gives the sets in their order with their labels. Needs a viewer.
func (s *Service) LabelSets(ctx context.Context, archived bool) ([]*LabelSet, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	sets := []*LabelSet{}
	q := s.db.Bun.NewSelect().Model(&sets).Where("site_id = ?", a.SiteID).Order("position", "id")
	if !archived {
		q = q.Where("archived_at IS NULL")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, db.MapError(err, "read label sets")
	}
	return sets, withLabels(ctx, s.db.Bun, a.SiteID, sets, archived)
}

// LabelSetByID gives one set with its labels, the archived ones too. Needs a viewer.
func (s *Service) LabelSetByID(ctx context.Context, id uuid.UUID) (*LabelSet, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return labelSetByID(ctx, s.db.Bun, a.SiteID, id, false)
}

func labelSetByID(ctx context.Context, q bun.IDB, siteID, id uuid.UUID, lock bool) (*LabelSet, error) {
	set := new(LabelSet)
	sel := q.NewSelect().Model(set).Where("site_id = ? AND id = ?", siteID, id)
	if lock {
		sel = sel.For("UPDATE")
	}
	if err := sel.Scan(ctx); err != nil {
		return nil, db.Missing(err, "label set", "read label set")
	}
	return set, withLabels(ctx, q, siteID, []*LabelSet{set}, true)
}

// withLabels reads the labels of all sets at once.
func withLabels(ctx context.Context, q bun.IDB, siteID uuid.UUID, sets []*LabelSet, archived bool) error {
	if len(sets) == 0 {
		return nil
	}
	by := map[uuid.UUID]*LabelSet{}
	ids := make([]uuid.UUID, len(sets))
	for i, set := range sets {
		set.Labels, ids[i], by[set.ID] = []*Label{}, set.ID, set
	}
	var labels []*Label
	sel := q.NewSelect().Model(&labels).Where("site_id = ? AND set_id IN (?)", siteID, bun.List(ids)).OrderExpr("archived_at IS NOT NULL, position, id")
	if !archived {
		sel = sel.Where("archived_at IS NULL")
	}
	if err := sel.Scan(ctx); err != nil {
		return db.MapError(err, "read labels")
	}
	for _, l := range labels {
		set := by[l.SetID]
		l.SetName = set.Name
		set.Labels = append(set.Labels, l)
	}
	return nil
}

// CreateLabelSet adds a set at the end. Needs a manager.
func (s *Service) CreateLabelSet(ctx context.Context, c LabelSetChange) (*LabelSet, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	set := &LabelSet{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), Kinds: []Kind{KindPerson, KindOrganization}, Audiences: []Audience{Buyer}}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		set.Labels = []*Label{}
		labels, err := c.apply(set, s.now())
		if err != nil {
			return err
		}
		if set.Position, err = freePlace(ctx, tx, a.SiteID); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(set).Returning("created_at, updated_at").Exec(ctx); err != nil {
			return fault.Under(db.MapError(err, "insert label set"), "name")
		}
		return writeLabels(ctx, tx, set, labels, s.now())
	})
	if err != nil {
		return nil, err
	}
	return set, nil
}

// freePlace gives the position after the last set; an error when the site has all it may have.
func freePlace(ctx context.Context, tx bun.IDB, siteID uuid.UUID) (int, error) {
	var count, place int
	err := tx.NewRaw("SELECT count(*) FILTER (WHERE archived_at IS NULL), coalesce(max(position) + 1, 0) FROM label_set WHERE site_id = ?", siteID).Scan(ctx, &count, &place)
	if err != nil {
		return 0, db.MapError(err, "count label sets")
	}
	if count >= MaxLabelSets {
		return 0, fault.Invalid(fault.TooLong, nil, "a site has at most %d label sets; archive one first", MaxLabelSets)
	}
	return place, nil
}

// UpdateLabelSet changes a set and its list of labels. A label that is left out of the list is deleted,
// or archived when a contact has it. Making a set exclusive, or taking a kind of contact from it, is
// refused while contacts stand against it. Needs a manager.
func (s *Service) UpdateLabelSet(ctx context.Context, id uuid.UUID, c LabelSetChange) (*LabelSet, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	var set *LabelSet
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if set, err = labelSetByID(ctx, tx, a.SiteID, id, true); err != nil {
			return err
		}
		before := *set
		labels, err := c.apply(set, s.now())
		if err != nil {
			return err
		}
		if before.ArchivedAt != nil && set.ArchivedAt == nil {
			if _, err := freePlace(ctx, tx, a.SiteID); err != nil {
				return err
			}
		}
		if err := checkHolders(ctx, tx, &before, set); err != nil {
			return err
		}
		if c.Position != nil {
			if err := moveLabelSet(ctx, tx, set, *c.Position); err != nil {
				return err
			}
		}
		set.UpdatedAt = s.now()
		if _, err := tx.NewUpdate().Model(set).WherePK().Exec(ctx); err != nil {
			return fault.Under(db.MapError(err, "update label set"), "name")
		}
		if c.Labels == nil {
			return nil
		}
		return writeLabels(ctx, tx, set, labels, s.now())
	})
	if err != nil {
		return nil, err
	}
	return set, nil
}

// DeleteLabelSet removes a set that no contact has a label of, and archives any other: kept tells so,
// and gives the archived set. Needs a manager.
func (s *Service) DeleteLabelSet(ctx context.Context, id uuid.UUID) (kept *LabelSet, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		kept = nil
		set, err := labelSetByID(ctx, tx, a.SiteID, id, true)
		if err != nil {
			return err
		}
		used, err := tx.NewSelect().Model((*holding)(nil)).Where("site_id = ? AND set_id = ?", a.SiteID, id).Exists(ctx)
		if err != nil {
			return db.MapError(err, "look for contacts of a label set")
		}
		if !used {
			_, err := tx.NewDelete().Model(set).WherePK().Exec(ctx)
			return db.MapError(err, "delete label set")
		}
		kept = set
		if set.ArchivedAt == nil {
			now := s.now()
			set.ArchivedAt, set.UpdatedAt = &now, now
		}
		_, err = tx.NewUpdate().Model(set).Column("archived_at", "updated_at").WherePK().Exec(ctx)
		return db.MapError(err, "archive label set")
	})
	return kept, err
}

// apply writes the change into set and checks it, with the labels as they shall be. It gives every error at once.
func (c LabelSetChange) apply(set *LabelSet, now time.Time) ([]*Label, error) {
	v := checker{}
	v.text(&set.Name, c.Name, 200, "name")
	v.text(&set.Description, c.Description, 2000, "description")
	assign(&set.Exclusive, c.Exclusive)
	if c.Kinds != nil {
		set.Kinds = some(&v, *c.Kinds, []Kind{KindPerson, KindOrganization}, "kinds")
	}
	if c.Audiences != nil {
		set.Audiences = some(&v, *c.Audiences, []Audience{Buyer, Member, Organizer}, "audiences")
	}
	if set.Name == "" && len(v.list) == 0 {
		v.add(fault.Required, []string{"name"}, "a label set needs a name")
	}
	set.NameKey = fold.Text(set.Name)
	if c.Archived != nil && *c.Archived != (set.ArchivedAt != nil) {
		set.ArchivedAt = nil
		if *c.Archived {
			set.ArchivedAt = &now
		}
	}
	var labels []*Label
	if c.Labels != nil {
		labels = listed(&v, set, *c.Labels)
	}
	return labels, v.list.Err()
}

// some holds a choice of words to at least one of those there are, and gives it in their order.
func some[T ~string](v *checker, given, all []T, path string) []T {
	out := slices.DeleteFunc(slices.Clone(all), func(one T) bool { return !slices.Contains(given, one) })
	if len(out) == 0 {
		v.add(fault.Required, []string{path}, "choose at least one")
	}
	return out
}

// listed reads a set's list. A new label that is called like an archived one of the set brings that one back.
func listed(v *checker, set *LabelSet, given []LabelChange) []*Label {
	if len(given) > MaxLabels {
		v.add(fault.TooLong, []string{"labels"}, "a set has at most %d labels; this has %d", MaxLabels, len(given))
		return nil
	}
	names, ids := map[string]bool{}, map[uuid.UUID]bool{}
	out := make([]*Label, len(given))
	for i, g := range given {
		path := []string{"labels", strconv.Itoa(i)}
		l := &Label{SiteID: set.SiteID, SetID: set.ID, SetName: set.Name, Position: i}
		v.text(&l.Name, &g.Name, 200, append(path, "name")...)
		l.Color, l.NameKey = g.Color, fold.Text(l.Name)
		if l.Name == "" {
			v.add(fault.Required, append(path, "name"), "a label needs a name")
		} else if names[l.NameKey] {
			v.add(fault.Duplicate, append(path, "name"), "this label is listed twice")
		}
		names[l.NameKey] = true
		if !colorPattern.MatchString(l.Color) {
			v.add(fault.InvalidColor, append(path, "color"), "give a colour as #rrggbb in small letters")
		}
		at := slices.IndexFunc(set.Labels, func(have *Label) bool {
			return have.ID == g.ID || g.ID == uuid.Nil && have.ArchivedAt != nil && have.NameKey == l.NameKey
		})
		switch {
		case at >= 0 && !ids[set.Labels[at].ID]:
			l.ID = set.Labels[at].ID
		case g.ID == uuid.Nil:
			l.ID = uuid.Must(uuid.NewV7())
		default:
			v.add(fault.Unknown, append(path, "id"), "the set has no label with this id, or it is listed twice")
		}
		ids[l.ID] = true
		out[i] = l
	}
	return out
}

// writeLabels makes the list that of the set. What is left out is deleted, or archived when it is in use.
func writeLabels(ctx context.Context, tx bun.IDB, set *LabelSet, labels []*Label, now time.Time) error {
	var gone []uuid.UUID
	for _, have := range set.Labels {
		if !slices.ContainsFunc(labels, func(l *Label) bool { return l.ID == have.ID }) {
			gone = append(gone, have.ID)
		}
	}
	if len(gone) > 0 {
		_, err := tx.NewDelete().Model((*Label)(nil)).Where("label.site_id = ? AND label.id IN (?)", set.SiteID, bun.List(gone)).
			Where("NOT EXISTS (SELECT 1 FROM contact_label AS m WHERE m.site_id = label.site_id AND m.set_id = label.set_id AND m.label_id = label.id)").Exec(ctx)
		if err != nil {
			return db.MapError(err, "delete labels")
		}
		_, err = tx.NewUpdate().Model((*Label)(nil)).Set("archived_at = ?", now).Where("site_id = ? AND id IN (?) AND archived_at IS NULL", set.SiteID, bun.List(gone)).Exec(ctx)
		if err != nil {
			return db.MapError(err, "archive labels")
		}
	}
	if len(labels) > 0 {
		_, err := tx.NewInsert().Model(&labels).On("CONFLICT (site_id, id) DO UPDATE").
			Set("name = EXCLUDED.name, name_key = EXCLUDED.name_key, color = EXCLUDED.color, position = EXCLUDED.position, archived_at = NULL").Returning("NULL").Exec(ctx)
		if err != nil {
			return fault.Under(db.MapError(err, "write labels"), "labels")
		}
	}
	return withLabels(ctx, tx, set.SiteID, []*LabelSet{set}, true)
}

// kindsHeld counts the contacts that stand against a narrower set: of kinds that it loses, and with several of its labels.
const kindsHeld = `
SELECT count(*) FILTER (WHERE kind NOT IN (?0)), count(*) FILTER (WHERE n > 1)
FROM (SELECT c.kind, count(*) AS n FROM contact_label AS m JOIN contact AS c ON c.site_id = m.site_id AND c.id = m.contact_id
      WHERE m.site_id = ?1 AND m.set_id = ?2 GROUP BY c.id, c.kind) AS held`

// checkHolders refuses what contacts stand against. The set is locked: nobody is given its labels meanwhile.
func checkHolders(ctx context.Context, tx bun.IDB, before, after *LabelSet) error {
	if after.Exclusive == before.Exclusive && slices.Equal(before.Kinds, after.Kinds) {
		return nil
	}
	var ofKind, several int
	if err := tx.NewRaw(kindsHeld, bun.List(after.Kinds), after.SiteID, after.ID).Scan(ctx, &ofKind, &several); err != nil {
		return db.MapError(err, "count contacts of a label set")
	}
	v := checker{}
	if ofKind > 0 {
		v.add(fault.InUse, []string{"kinds"}, "%d contacts of another kind have a label of this set; take it from them first", ofKind)
	}
	if after.Exclusive && several > 0 {
		v.add(fault.InUse, []string{"exclusive"}, "%d contacts have several labels of this set; leave them one first", several)
	}
	return v.list.Err()
}

// moveLabelSet puts a set at a place among all.
func moveLabelSet(ctx context.Context, tx bun.IDB, set *LabelSet, to int) error {
	var all []*LabelSet
	err := tx.NewSelect().Model(&all).Column("site_id", "id", "position").Where("site_id = ?", set.SiteID).Order("position", "id").Scan(ctx)
	if err != nil {
		return db.MapError(err, "read label sets")
	}
	return db.MoveTo(ctx, tx, all, set, to, func(l *LabelSet) (uuid.UUID, *int) { return l.ID, &l.Position })
}
