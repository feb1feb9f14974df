package contact

import (
	"context"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// holding is a contact's label.
type holding struct {
	bun.BaseModel `bun:"table:contact_label,alias:contact_label"`

	SiteID    uuid.UUID `bun:",pk,type:uuid"`
	ContactID uuid.UUID `bun:",pk,type:uuid"`
	LabelID   uuid.UUID `bun:",pk,type:uuid"`
	SetID     uuid.UUID
	Exclusive bool
}

// offered is a label with what its set says of it.
type offered struct {
	Label     `bun:",extend"`
	Kinds     []Kind `bun:",array"`
	Exclusive bool
	SetPlace  int
	Archived  bool // the label or its set
}

// byPlace orders labels as their sets are ordered, and within a set as its list.
func byPlace(a, b *offered) int {
	if a.SetPlace != b.SetPlace {
		return a.SetPlace - b.SetPlace
	}
	if c := compareIDs(a.SetID, b.SetID); c != 0 {
		return c
	}
	if a.Position != b.Position {
		return a.Position - b.Position
	}
	return compareIDs(a.ID, b.ID)
}

func (o *offered) fits(k Kind) bool { return slices.Contains(o.Kinds, k) }

func labelNames(labels []*offered) []string {
	out := make([]string, len(labels))
	for i, l := range labels {
		out[i] = l.Name
	}
	return out
}

// selectOffered reads labels with their sets; the caller says which.
func selectOffered(q bun.IDB) *bun.SelectQuery {
	return q.NewSelect().TableExpr("label AS l").
		ColumnExpr("l.*, s.name AS set_name, s.kinds, s.exclusive, s.position AS set_place, l.archived_at IS NOT NULL OR s.archived_at IS NOT NULL AS archived").
		Join("JOIN label_set AS s ON s.site_id = l.site_id AND s.id = l.set_id")
}

// labelsByID reads labels by their ids, in the ids' order. Their sets are locked against change until the
// transaction ends. An unknown one is an error at its place below path.
func labelsByID(ctx context.Context, tx bun.IDB, siteID uuid.UUID, ids []uuid.UUID, path string) ([]*offered, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []*offered
	err := selectOffered(tx).Where("l.site_id = ? AND l.id IN (?)", siteID, bun.List(ids)).OrderExpr("s.id").For("SHARE OF s").Scan(ctx, &rows)
	if err != nil {
		return nil, db.MapError(err, "read labels")
	}
	v, out := checker{}, make([]*offered, 0, len(ids))
	for i, id := range ids {
		at := slices.IndexFunc(rows, func(l *offered) bool { return l.ID == id })
		if at < 0 {
			v.add(fault.Unknown, []string{path, strconv.Itoa(i)}, "the site has no label with the id %s", id)
		} else if !slices.Contains(out, rows[at]) {
			out = append(out, rows[at])
		}
	}
	return out, v.list.Err()
}

// labelsOf reads the labels of contacts, in the order of sets and labels.
func labelsOf(ctx context.Context, q bun.IDB, siteID uuid.UUID, contacts []uuid.UUID) (map[uuid.UUID][]*offered, error) {
	var rows []struct {
		offered   `bun:",extend"`
		ContactID uuid.UUID
	}
	err := selectOffered(q).ColumnExpr("m.contact_id").Join("JOIN contact_label AS m ON m.site_id = l.site_id AND m.set_id = l.set_id AND m.label_id = l.id").
		Where("m.site_id = ? AND m.contact_id IN (?)", siteID, bun.List(contacts)).Scan(ctx, &rows)
	if err != nil {
		return nil, db.MapError(err, "read labels of contacts")
	}
	out := map[uuid.UUID][]*offered{}
	for i := range rows {
		out[rows[i].ContactID] = append(out[rows[i].ContactID], &rows[i].offered)
	}
	for _, labels := range out {
		slices.SortFunc(labels, byPlace)
	}
	return out, nil
}

// LabelsOf gives the labels of many contacts at once, archived ones too; for lists within lists. Needs a viewer.
func (s *Service) LabelsOf(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID][]*Label, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(contacts) == 0 {
		return nil, err
	}
	by, err := labelsOf(ctx, s.db.Bun, a.SiteID, contacts)
	out := make(map[uuid.UUID][]*Label, len(by))
	for id, labels := range by {
		for _, l := range labels {
			out[id] = append(out[id], &l.Label)
		}
	}
	return out, err
}

// LabelCounts gives how many living contacts have each label of the site. Needs a viewer.
func (s *Service) LabelCounts(ctx context.Context) (map[uuid.UUID]int, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return s.holders(ctx, a.SiteID, "contact_label", "label_id", nil)
}

// setLabels makes ids the whole set of a contact's labels and notes it in changes. An archived label may stay but
// not be given anew; two labels of an exclusive set, and one of another kind of contact, are refused.
func setLabels(ctx context.Context, tx bun.IDB, r *Record, ids []uuid.UUID, changes Changes) error {
	want, err := labelsByID(ctx, tx, r.SiteID, ids, "labelIds")
	if err != nil {
		return err
	}
	by, err := labelsOf(ctx, tx, r.SiteID, []uuid.UUID{r.ID})
	if err != nil {
		return err
	}
	have := by[r.ID]
	v, exclusive := checker{}, map[uuid.UUID]bool{}
	for _, l := range want {
		path := []string{"labelIds", strconv.Itoa(slices.Index(ids, l.ID))}
		switch {
		case !l.fits(r.Kind):
			v.add(fault.WrongKind, path, "%s: the set %s is not for contacts of this kind", l.Name, l.SetName)
		case l.Exclusive && exclusive[l.SetID]:
			v.add(fault.Duplicate, path, "%s: a contact has one label of the set %s", l.Name, l.SetName)
		case l.Archived && !hasLabel(have, l):
			v.add(fault.Unknown, path, "%s has been archived", l.Name)
		}
		exclusive[l.SetID] = true
	}
	if err := v.list.Err(); err != nil {
		return err
	}
	slices.SortFunc(want, byPlace)
	var t relabelling
	if t.plan(r, have, want) {
		changes["labels"] = Delta{Before: labelNames(have), After: labelNames(want)}
	}
	return t.write(ctx, tx)
}

func hasLabel(labels []*offered, one *offered) bool {
	return slices.ContainsFunc(labels, func(l *offered) bool { return l.ID == one.ID })
}

// relabelling gathers which labels go and come.
type relabelling struct{ gone, come []holding }

// plan notes a contact's way from one list to another; false when they are the same.
func (t *relabelling) plan(r *Record, have, want []*offered) bool {
	before := len(t.gone) + len(t.come)
	for _, l := range have {
		if !hasLabel(want, l) {
			t.gone = append(t.gone, holding{SiteID: r.SiteID, ContactID: r.ID, LabelID: l.ID})
		}
	}
	for _, l := range want {
		if !hasLabel(have, l) {
			t.come = append(t.come, holding{SiteID: r.SiteID, ContactID: r.ID, LabelID: l.ID, SetID: l.SetID, Exclusive: l.Exclusive})
		}
	}
	return len(t.gone)+len(t.come) > before
}

func (t *relabelling) write(ctx context.Context, tx bun.IDB) error {
	if len(t.gone) > 0 {
		if _, err := tx.NewDelete().Model(&t.gone).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "take labels")
		}
	}
	if len(t.come) > 0 {
		if _, err := tx.NewInsert().Model(&t.come).Returning("NULL").Exec(ctx); err != nil {
			return db.MapError(err, "give labels")
		}
	}
	return nil
}

// assignLabels gives and takes labels of contacts. A label of an exclusive set takes the place of the one that the
// contact has of it.
func (s *Service) assignLabels(ctx context.Context, tx bun.IDB, siteID uuid.UUID, ids, add, remove []uuid.UUID, by Author) (Assigned, error) {
	rows, err := lockMany(ctx, tx, siteID, ids)
	if err != nil {
		return Assigned{}, err
	}
	given, err := labelsByID(ctx, tx, siteID, add, "add")
	if err != nil {
		return Assigned{}, err
	}
	taken, err := labelsByID(ctx, tx, siteID, remove, "remove")
	if err != nil {
		return Assigned{}, err
	}
	if err := checkGiven(add, given, taken); err != nil {
		return Assigned{}, err
	}
	have, err := labelsOf(ctx, tx, siteID, ids)
	if err != nil {
		return Assigned{}, err
	}
	var t relabelling
	out, err := s.assignEach(ctx, tx, rows, ids, by, func(r *Record) (Changes, *fault.Error) {
		if wrong := unfit(given, r.Kind); wrong != "" {
			return nil, fault.Invalid(fault.WrongKind, nil, "%s cannot be given to %s: the set is not for contacts of this kind", wrong, r.DisplayName())
		}
		want := relabelled(have[r.ID], given, func(l *offered) bool { return hasLabel(taken, l) })
		if !t.plan(r, have[r.ID], want) {
			return nil, nil
		}
		return Changes{"labels": Delta{Before: labelNames(have[r.ID]), After: labelNames(want)}}, nil
	})
	if err != nil {
		return Assigned{}, err
	}
	return out, t.write(ctx, tx)
}

// AssignLabels gives and takes labels of at most MaxIDs contacts (T-34, T-65). Needs an operator.
func (s *Service) AssignLabels(ctx context.Context, ids, add, remove []uuid.UUID) (Assigned, error) {
	return s.assign(ctx, ids, func(ctx context.Context, tx bun.IDB, a site.Actor) (Assigned, error) {
		return s.assignLabels(ctx, tx, a.SiteID, ids, add, remove, author(a))
	})
}
