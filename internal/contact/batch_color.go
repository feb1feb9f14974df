package contact

import (
	"context"

	"github.com/uptrace/bun"

	"carnet/internal/fault"
	"carnet/internal/site"
)

// ColorBatch gives contacts a colour, or takes it with an empty one (P-18, G-03).
type ColorBatch struct {
	Color string `json:"color"` // #rrggbb in small letters
}

var _ BatchAction = (*ColorBatch)(nil)

// Name is color.
func (*ColorBatch) Name() BatchName { return BatchColor }

// Access is an operator's, as for one contact.
func (*ColorBatch) Access() site.Access { return site.AccessOperator }

func (b *ColorBatch) check(context.Context, bun.IDB, site.Site) error {
	if b.Color != "" && !colorPattern.MatchString(b.Color) {
		return fault.Invalid(fault.InvalidColor, []string{"color"}, "give a colour as #rrggbb in small letters")
	}
	return nil
}

func (b *ColorBatch) plan(_ context.Context, _ bun.IDB, c *batchChunk) (*batchPlan, error) {
	p := newPlan(updated)
	for _, r := range p.living(c) {
		if r.Color != b.Color {
			p.changes[r.ID] = Changes{"color": Delta{Before: r.Color, After: b.Color}}
		}
	}
	p.write = func(ctx context.Context, tx bun.Tx) error { return p.set(ctx, tx, c, "color = ?", b.Color) }
	return p, nil
}
