package contact

import (
	"context"

	"github.com/uptrace/bun"

	"carnet/internal/site"
)

// DeleteBatch moves contacts to the trash.
type DeleteBatch struct{}

// RestoreBatch takes contacts back from the trash.
type RestoreBatch struct{}

var (
	_ BatchAction = (*DeleteBatch)(nil)
	_ BatchAction = (*RestoreBatch)(nil)
)

// Name is delete.
func (*DeleteBatch) Name() BatchName { return BatchDelete }

// Access is a manager's: it may empty a whole book.
func (*DeleteBatch) Access() site.Access { return site.AccessManager }

func (*DeleteBatch) check(context.Context, bun.IDB, site.Site) error { return nil }

func (*DeleteBatch) plan(_ context.Context, _ bun.IDB, c *batchChunk) (*batchPlan, error) {
	return planTrash(c, deleted), nil
}

// Name is restore.
func (*RestoreBatch) Name() BatchName { return BatchRestore }

// Access is an operator's, as for one contact.
func (*RestoreBatch) Access() site.Access { return site.AccessOperator }

func (*RestoreBatch) check(context.Context, bun.IDB, site.Site) error { return nil }

func (*RestoreBatch) plan(_ context.Context, _ bun.IDB, c *batchChunk) (*batchPlan, error) {
	return planTrash(c, restored), nil
}

func planTrash(c *batchChunk, entry Action) *batchPlan {
	p := newPlan(entry)
	for _, r := range c.records {
		if (r.DeletedAt == nil) == (entry == deleted) {
			p.changes[r.ID] = Changes{}
		}
	}
	p.write = func(ctx context.Context, tx bun.Tx) error {
		rows := p.changed(c)
		if entry == deleted {
			return setDeleted(ctx, tx, rows, &c.now, c.now)
		}
		return setDeleted(ctx, tx, rows, nil, c.now)
	}
	return p
}
