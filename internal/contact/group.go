package contact

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// MaxGroups is how many groups a site has at most (G-17).
const MaxGroups = 1000

// Group is static membership that prices and quotas refer to (P-24).
type Group struct {
	bun.BaseModel `bun:"table:contact_group,alias:contact_group"`

	SiteID      uuid.UUID `bun:",pk"`
	ID          uuid.UUID `bun:",pk"`
	Name        string
	NameKey     string
	Description string
	Color       string
	CreatedAt   time.Time `bun:",nullzero"`
	UpdatedAt   time.Time `bun:",nullzero"`
}

// member is a contact's place in a group.
type member struct {
	bun.BaseModel `bun:"table:contact_group_member"`

	SiteID    uuid.UUID `bun:",pk"`
	ContactID uuid.UUID `bun:",pk"`
	GroupID   uuid.UUID `bun:",pk"`
}

// GroupChange is what is to be written to a group; nil = unchanged.
type GroupChange struct{ Name, Description, Color *string }

// Groups gives all groups by name. Needs a viewer.
func (s *Service) Groups(ctx context.Context) ([]*Group, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	rows := []*Group{}
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", a.SiteID).Order("name_key").Scan(ctx)
	return rows, db.MapError(err, "read groups")
}

// GroupByID gives one group. Needs a viewer.
func (s *Service) GroupByID(ctx context.Context, id uuid.UUID) (*Group, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return groupByID(ctx, s.db.Bun, a.SiteID, id)
}

func groupByID(ctx context.Context, q bun.IDB, siteID, id uuid.UUID) (*Group, error) {
	row := new(Group)
	err := q.NewSelect().Model(row).Where("site_id = ? AND id = ?", siteID, id).Scan(ctx)
	if db.NoRows(err) {
		return nil, fault.Missing("group")
	}
	return row, db.MapError(err, "read group")
}

// CreateGroup adds a group. Needs a manager.
func (s *Service) CreateGroup(ctx context.Context, c GroupChange) (*Group, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := &Group{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7())}
	if err := c.apply(row); err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*Group)(nil)).Where("site_id = ?", a.SiteID).Count(ctx)
		if err != nil {
			return db.MapError(err, "count groups")
		}
		if n >= MaxGroups {
			return fault.Invalid(fault.TooLong, nil, "a site has at most %d groups", MaxGroups)
		}
		_, err = tx.NewInsert().Model(row).Returning("created_at, updated_at").Exec(ctx)
		return fault.Under(db.MapError(err, "insert group"), "name")
	})
	return row, err
}

// UpdateGroup changes a group. Needs a manager.
func (s *Service) UpdateGroup(ctx context.Context, id uuid.UUID, c GroupChange) (*Group, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	var row *Group
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if row, err = groupByID(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		if err := c.apply(row); err != nil {
			return err
		}
		row.UpdatedAt = s.now()
		_, err := tx.NewUpdate().Model(row).WherePK().Exec(ctx)
		return fault.Under(db.MapError(err, "update group"), "name")
	})
	return row, err
}

// DeleteGroup removes a group; its members stay in the book. Needs a manager.
func (s *Service) DeleteGroup(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	res, err := s.db.Bun.NewDelete().Model((*Group)(nil)).Where("site_id = ? AND id = ?", a.SiteID, id).Exec(ctx)
	if err != nil {
		return db.MapError(err, "delete group")
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fault.Missing("group")
	}
	return nil
}

var groupColor = regexp.MustCompile(`^(#[0-9a-f]{6})?$`)

func (c GroupChange) apply(row *Group) error {
	v := checker{}
	v.text(&row.Name, c.Name, 200, "name")
	v.text(&row.Description, c.Description, 2000, "description")
	v.text(&row.Color, c.Color, 7, "color")
	if row.Name == "" && len(v.list) == 0 {
		v.add(fault.Required, []string{"name"}, "a group needs a name")
	}
	if !groupColor.MatchString(row.Color) {
		v.add(fault.InvalidColor, []string{"color"}, "give a colour as #rrggbb in small letters")
	}
	row.NameKey = fold.Text(row.Name)
	return v.list.Err()
}

// setGroups makes ids the whole set of a contact's groups and notes it in changes.
func setGroups(ctx context.Context, tx bun.IDB, r *Record, ids []uuid.UUID, changes Changes) error {
	want, err := groupsByID(ctx, tx, r.SiteID, ids, "groupIds")
	if err != nil {
		return err
	}
	by, err := groupsOf(ctx, tx, r.SiteID, []uuid.UUID{r.ID})
	if err != nil {
		return err
	}
	have := by[r.ID]
	var t regrouping
	if t.plan(r, have, want) {
		changes["groups"] = Delta{Before: names(have), After: names(want)}
	}
	return t.write(ctx, tx)
}

// regrouping gathers which memberships go and come.
type regrouping struct{ gone, come []member }

// plan notes a contact's way from one list to another; false when they are the same.
func (t *regrouping) plan(r *Record, have, want []*Group) bool {
	before := len(t.gone) + len(t.come)
	for _, g := range have {
		if !hasGroup(want, g) {
			t.gone = append(t.gone, member{SiteID: r.SiteID, ContactID: r.ID, GroupID: g.ID})
		}
	}
	for _, g := range want {
		if !hasGroup(have, g) {
			t.come = append(t.come, member{SiteID: r.SiteID, ContactID: r.ID, GroupID: g.ID})
		}
	}
	return len(t.gone)+len(t.come) > before
}

func (t *regrouping) write(ctx context.Context, tx bun.IDB) error {
	if len(t.gone) > 0 {
		if _, err := tx.NewDelete().Model(&t.gone).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "leave groups")
		}
	}
	if len(t.come) > 0 {
		if _, err := tx.NewInsert().Model(&t.come).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return db.MapError(err, "join groups")
		}
	}
	return nil
}

// groupsByID reads groups by their ids, by name and each once. An unknown one is an error at its place below path.
func groupsByID(ctx context.Context, q bun.IDB, siteID uuid.UUID, ids []uuid.UUID, path string) ([]*Group, error) {
	rows, err := existingGroups(ctx, q, siteID, ids)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		if !slices.ContainsFunc(rows, func(g *Group) bool { return g.ID == id }) {
			return nil, fault.Invalid(fault.Unknown, []string{path, strconv.Itoa(i)}, "the site has no group with the id %s", id)
		}
	}
	return rows, nil
}

// existingGroups reads those groups that there are, by name.
func existingGroups(ctx context.Context, q bun.IDB, siteID uuid.UUID, ids []uuid.UUID) ([]*Group, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []*Group
	err := q.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", siteID, bun.List(ids)).Order("name_key").Scan(ctx)
	return rows, db.MapError(err, "read groups")
}

func hasGroup(groups []*Group, one *Group) bool {
	return slices.ContainsFunc(groups, func(g *Group) bool { return g.ID == one.ID })
}

func byNameKey(a, b *Group) int { return strings.Compare(a.NameKey, b.NameKey) }

func names(groups []*Group) []string {
	out := make([]string, len(groups))
	for i, g := range groups {
		out[i] = g.Name
	}
	return out
}

// GroupsOf gives the groups of many contacts at once, by name; for lists within lists.
func (s *Service) GroupsOf(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID][]*Group, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(contacts) == 0 {
		return nil, err
	}
	rows, err := db.Collect[membership](ctx, s.db, groupsQuery(s.db.Bun, a.SiteID, contacts), db.Kept)
	return byContact(rows), db.MapError(err, "read groups of contacts")
}

// groupBook is a site's groups by name, and where each stands.
type groupBook struct {
	list []*Group
	at   map[uuid.UUID]int
}

// GroupsOfPage tells the groups of each contact of a page, by name. Pages bring the ids of their contacts' groups;
// the groups themselves are remembered. What it gives can be called after an error too. Needs a viewer.
func (s *Service) GroupsOfPage(ctx context.Context, page []*Record) (func(*Record) []*Group, error) {
	none := func(*Record) []*Group { return nil }
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return none, err
	}
	ids := make([]uuid.UUID, len(page))
	read := a.Site != nil
	for i, r := range page {
		ids[i] = r.ID
		read = read && r.GroupIDs != nil
	}
	var known groupBook
	if read {
		if known, err = s.groups.Get(a.SiteID, a.Site.Version, func() (groupBook, error) { return readGroups(ctx, s.db.Bun, a.SiteID) }); err != nil {
			return none, err
		}
	}
	if !read || !known.has(page) {
		by, err := s.GroupsOf(ctx, ids)
		return func(r *Record) []*Group { return by[r.ID] }, err
	}
	return func(r *Record) []*Group { return known.named(r.GroupIDs) }, nil
}

func readGroups(ctx context.Context, q bun.IDB, siteID uuid.UUID) (groupBook, error) {
	out := groupBook{list: []*Group{}, at: map[uuid.UUID]int{}}
	err := q.NewSelect().Model(&out.list).Where("site_id = ?", siteID).Order("name_key").Scan(ctx)
	for i, g := range out.list {
		out.at[g.ID] = i
	}
	return out, db.MapError(err, "read groups")
}

// has tells whether it has all groups of a page: one may have been made after it was read.
func (g groupBook) has(page []*Record) bool {
	for _, r := range page {
		for _, id := range r.GroupIDs {
			if _, is := g.at[id]; !is {
				return false
			}
		}
	}
	return true
}

// named gives groups by name.
func (g groupBook) named(ids []uuid.UUID) []*Group {
	out := make([]*Group, len(ids))
	for i, id := range ids {
		out[i] = g.list[g.at[id]]
	}
	slices.SortFunc(out, func(a, b *Group) int { return g.at[a.ID] - g.at[b.ID] })
	return out
}

func groupsOf(ctx context.Context, q bun.IDB, siteID uuid.UUID, contacts []uuid.UUID) (map[uuid.UUID][]*Group, error) {
	var rows []*membership
	err := groupsQuery(q, siteID, contacts).Scan(ctx, &rows)
	return byContact(rows), db.MapError(err, "read groups of contacts")
}

// membership is a group with a contact that is in it.
type membership struct {
	Group     `bun:",extend"`
	ContactID uuid.UUID
}

func groupsQuery(q bun.IDB, siteID uuid.UUID, contacts []uuid.UUID) *bun.SelectQuery {
	return q.NewSelect().TableExpr("contact_group AS g").ColumnExpr("g.site_id, g.id, g.name, g.name_key, g.description, g.color, g.created_at, g.updated_at, m.contact_id").
		Join("JOIN contact_group_member AS m ON m.site_id = g.site_id AND m.group_id = g.id").
		Where("m.site_id = ? AND m.contact_id = ANY (?::uuid[])", siteID, db.IDs(contacts)).OrderExpr("g.name_key")
}

func byContact(rows []*membership) map[uuid.UUID][]*Group {
	out := map[uuid.UUID][]*Group{}
	for _, row := range rows {
		out[row.ContactID] = append(out[row.ContactID], &row.Group)
	}
	return out
}

// CountsOf gives how many living contacts each group holds.
func (s *Service) CountsOf(ctx context.Context, groups []uuid.UUID) (map[uuid.UUID]int, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(groups) == 0 {
		return nil, err
	}
	return s.holders(ctx, a.SiteID, "contact_group_member", "group_id", groups)
}
