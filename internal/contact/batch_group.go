package contact

import (
	"context"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/fault"
	"carnet/internal/site"
)

// GroupBatch puts contacts into groups and takes them out of others (P-17).
type GroupBatch struct {
	Add    []uuid.UUID `json:"add,omitempty"`
	Remove []uuid.UUID `json:"remove,omitempty"`
}

var _ BatchAction = (*GroupBatch)(nil)

// Name is group.
func (*GroupBatch) Name() BatchName { return BatchGroup }

// Access is an operator's, as for one contact.
func (*GroupBatch) Access() site.Access { return site.AccessOperator }

func (g *GroupBatch) check(ctx context.Context, q bun.IDB, of site.Site) error {
	if len(g.Add)+len(g.Remove) == 0 {
		return fault.Invalid(fault.Required, []string{"group"}, "choose a group")
	}
	for i, id := range g.Add {
		if slices.Contains(g.Remove, id) {
			return fault.Invalid(fault.Duplicate, []string{"group", "add", strconv.Itoa(i)}, "a contact cannot join and leave a group at once")
		}
	}
	for path, ids := range map[string][]uuid.UUID{"add": g.Add, "remove": g.Remove} {
		if _, err := groupsByID(ctx, q, of.ID, ids, path); err != nil {
			return fault.Under(err, "group")
		}
	}
	return nil
}

// plan leaves out a group that has been deleted since the batch began.
func (g *GroupBatch) plan(ctx context.Context, q bun.IDB, c *batchChunk) (*batchPlan, error) {
	known, err := existingGroups(ctx, q, c.of.ID, g.Add)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(c.records))
	for i, r := range c.records {
		ids[i] = r.ID
	}
	have, err := groupsOf(ctx, q, c.of.ID, ids)
	if err != nil {
		return nil, err
	}
	p := newPlan(updated)
	var t regrouping
	for _, r := range p.living(c) {
		want := slices.DeleteFunc(slices.Clone(have[r.ID]), func(h *Group) bool { return slices.Contains(g.Remove, h.ID) || hasGroup(known, h) })
		want = append(want, known...)
		slices.SortFunc(want, byNameKey)
		if t.plan(r, have[r.ID], want) {
			p.changes[r.ID] = Changes{"groups": Delta{Before: names(have[r.ID]), After: names(want)}}
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
