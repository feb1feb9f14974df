package contact

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// LabelBatch gives contacts labels and takes others (T-34, T-65). A label of an exclusive set takes
// the place of the one that a contact has of it; with Replace every given label takes the place of
// all that a contact has of its set.
type LabelBatch struct {
	Add     []uuid.UUID `json:"add,omitempty"`
	Remove  []uuid.UUID `json:"remove,omitempty"`
	Replace bool        `json:"replace,omitempty"`
}

var _ BatchAction = (*LabelBatch)(nil)

// Name is label.
func (*LabelBatch) Name() BatchName { return BatchLabel }

// Access is an operator's, as for one contact.
func (*LabelBatch) Access() site.Access { return site.AccessOperator }

func (b *LabelBatch) check(ctx context.Context, q bun.IDB, of site.Site) error {
	if len(b.Add)+len(b.Remove) == 0 {
		return fault.Invalid(fault.Required, []string{"label"}, "choose a label")
	}
	given, err := labelsByID(ctx, q, of.ID, b.Add, "add")
	if err != nil {
		return fault.Under(err, "label")
	}
	taken, err := labelsByID(ctx, q, of.ID, b.Remove, "remove")
	if err != nil {
		return fault.Under(err, "label")
	}
	return fault.Under(checkGiven(b.Add, given, taken), "label")
}

// plan leaves out a label that has been deleted or archived since the batch began.
func (b *LabelBatch) plan(ctx context.Context, q bun.IDB, c *batchChunk) (*batchPlan, error) {
	given, err := offeredLabels(ctx, q, c.of.ID, b.Add)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(c.records))
	for i, r := range c.records {
		ids[i] = r.ID
	}
	have, err := labelsOf(ctx, q, c.of.ID, ids)
	if err != nil {
		return nil, err
	}
	p := newPlan(updated)
	var t relabelling
	for _, r := range p.living(c) {
		if wrong := unfit(given, r.Kind); wrong != "" {
			p.refused[r.ID] = fault.Invalid(fault.WrongKind, nil, "%s: the set is not for contacts of this kind", wrong)
			continue
		}
		want := relabelled(have[r.ID], given, func(l *offered) bool {
			return slices.Contains(b.Remove, l.ID) || b.Replace && slices.ContainsFunc(given, func(g *offered) bool { return g.SetID == l.SetID })
		})
		if t.plan(r, have[r.ID], want) {
			p.changes[r.ID] = Changes{"labels": Delta{Before: labelNames(have[r.ID]), After: labelNames(want)}}
		}
	}
	p.write = func(ctx context.Context, tx bun.Tx) error {
		if err := t.write(ctx, tx); err != nil {
			return err
		}
		return p.set(ctx, tx, c, "")
	}
	return p, nil
}

// offeredLabels reads those of the labels that there are and that may be given. Their sets are locked
// against change until the transaction ends.
func offeredLabels(ctx context.Context, q bun.IDB, siteID uuid.UUID, ids []uuid.UUID) ([]*offered, error) {
	var rows []*offered
	if len(ids) == 0 {
		return nil, nil
	}
	err := selectOffered(q).Where("l.site_id = ? AND l.id IN (?) AND l.archived_at IS NULL AND s.archived_at IS NULL", siteID, bun.List(ids)).
		OrderExpr("s.id").For("SHARE OF s").Scan(ctx, &rows)
	return rows, db.MapError(err, "read labels")
}

// relabelled gives a contact's labels after some are given and others go, in their order. What is
// given takes the place of the same, and of the one of its set when the set is exclusive.
func relabelled(have, given []*offered, gone func(*offered) bool) []*offered {
	want := slices.DeleteFunc(slices.Clone(have), func(l *offered) bool {
		return gone(l) || slices.ContainsFunc(given, func(g *offered) bool { return g.ID == l.ID || g.Exclusive && g.SetID == l.SetID })
	})
	want = append(want, given...)
	slices.SortFunc(want, byPlace)
	return want
}

// unfit names those of the labels that are not for contacts of a kind.
func unfit(labels []*offered, k Kind) string {
	var wrong []string
	for _, l := range labels {
		if !l.fits(k) {
			wrong = append(wrong, l.Name)
		}
	}
	return strings.Join(wrong, ", ")
}

// checkGiven holds the labels to give against themselves and those to take.
func checkGiven(add []uuid.UUID, given, taken []*offered) error {
	v, exclusive := checker{}, map[uuid.UUID]bool{}
	for _, l := range given {
		path := []string{"add", strconv.Itoa(slices.Index(add, l.ID))}
		switch {
		case l.Archived:
			v.add(fault.Unknown, path, "%s has been archived", l.Name)
		case hasLabel(taken, l):
			v.add(fault.Duplicate, path, "%s cannot be given and taken at once", l.Name)
		case l.Exclusive && exclusive[l.SetID]:
			v.add(fault.Duplicate, path, "%s: a contact has one label of the set %s", l.Name, l.SetName)
		}
		exclusive[l.SetID] = true
	}
	return v.list.Err()
}
