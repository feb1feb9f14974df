package contact

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// BatchName names an action, in the API and in the table.
type BatchName string

// The names.
const (
	BatchEdit    BatchName = "edit"
	BatchGroup   BatchName = "group"
	BatchColor   BatchName = "color"
	BatchLabel   BatchName = "label"
	BatchConsent BatchName = "consent"
	BatchDelete  BatchName = "delete"
	BatchRestore BatchName = "restore"
	BatchRefund  BatchName = "refund" // of package sale, as is
	BatchMember  BatchName = "member"
)

// BatchAction is one thing that can be done to many contacts (P-15, P-20, G-04). What it is asked to
// do is the implementation's own fields, which are kept as JSON with the run and read back by
// whoever works on it.
type BatchAction interface {
	// Name never changes: runs are kept under it.
	Name() BatchName
	// Access is what the actor must have, when the batch starts and before every chunk.
	Access() site.Access
	// check refuses what could be done to nobody, with errors at the input's own paths.
	check(ctx context.Context, q bun.IDB, of site.Site) error
	// plan decides what becomes of each contact of a chunk, and writes nothing: a dry run ends here.
	// What is so already must not be among the changes.
	plan(ctx context.Context, q bun.IDB, c *batchChunk) (*batchPlan, error)
}

// batchActions makes an empty one of every action of this package. An action is a file, and a line here; packages above add theirs
// by AddActions.
var batchActions = []func() BatchAction{
	func() BatchAction { return new(EditBatch) },
	func() BatchAction { return new(GroupBatch) },
	func() BatchAction { return new(LabelBatch) },
	func() BatchAction { return new(ColorBatch) },
	func() BatchAction { return new(ConsentBatch) },
	func() BatchAction { return new(DeleteBatch) },
	func() BatchAction { return new(RestoreBatch) },
}

// Actions gives an empty one of every action, in the order that people are offered them.
func (b *Batches) Actions() []BatchAction {
	out := make([]BatchAction, len(b.actions))
	for i, empty := range b.actions {
		out[i] = empty()
	}
	return out
}

// checkBatchActions refuses a registry in which a name stands twice.
func checkBatchActions(list []BatchAction) error {
	seen := map[BatchName]bool{}
	for _, a := range list {
		if seen[a.Name()] {
			return fmt.Errorf("two batch actions are named %s", a.Name())
		}
		seen[a.Name()] = true
	}
	return nil
}

// action reads back what a run was asked to do.
func (b *Batches) action(r *BatchRun) (BatchAction, error) {
	for _, a := range b.Actions() {
		if a.Name() == r.Action {
			if err := json.Unmarshal(r.Input, a); err != nil {
				return nil, fault.Wrap(err, "read the batch's input")
			}
			return a, nil
		}
	}
	return nil, fault.Wrap(fmt.Errorf("this program knows no batch action %q", r.Action), "find the batch's action")
}

// batchChunk is what an action works on at once: contacts in the order of their ids, locked unless
// it is a dry run.
type batchChunk struct {
	s       *Service
	of      site.Site
	records []*Record
	now     time.Time
	by      Author
}

// batchPlan is what becomes of a chunk. A contact that is in neither map stays as it is.
type batchPlan struct {
	entry   Action                     // what history calls it
	changes map[uuid.UUID]Changes      // what history says of it
	refused map[uuid.UUID]*fault.Error // why it cannot be done to a contact
	write   func(ctx context.Context, tx bun.Tx) error
}

func newPlan(entry Action) *batchPlan {
	return &batchPlan{entry: entry, changes: map[uuid.UUID]Changes{}, refused: map[uuid.UUID]*fault.Error{}}
}

// living gives those contacts of a chunk that are not in the trash, and refuses the others.
func (p *batchPlan) living(c *batchChunk) []*Record {
	out := make([]*Record, 0, len(c.records))
	for _, r := range c.records {
		if r.DeletedAt != nil {
			p.refused[r.ID] = fault.Invalid(fault.InTrash, nil, "this contact is in the trash; restore it first")
			continue
		}
		out = append(out, r)
	}
	return out
}

// changed gives the contacts of a chunk that change, in the order of their ids.
func (p *batchPlan) changed(c *batchChunk) []*Record {
	out := make([]*Record, 0, len(p.changes))
	for _, r := range c.records {
		if _, changes := p.changes[r.ID]; changes {
			out = append(out, r)
		}
	}
	return out
}

// set writes columns of the contacts that change, and when they did.
func (p *batchPlan) set(ctx context.Context, tx bun.IDB, c *batchChunk, columns string, values ...any) error {
	ids := make([]uuid.UUID, 0, len(p.changes))
	for _, r := range p.changed(c) {
		ids = append(ids, r.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	q := tx.NewUpdate().Model((*Record)(nil)).Set("updated_at = ?", c.now).Where("site_id = ? AND id IN (?)", c.of.ID, bun.List(ids))
	if columns != "" {
		q = q.Set(columns, values...)
	}
	_, err := q.Exec(ctx)
	return db.MapError(err, "update contacts")
}
