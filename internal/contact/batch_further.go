package contact

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/fault"
	"carnet/internal/site"
)

// FurtherBatch is a batch action of a package above, which may do with contacts what the book knows nothing of. It keeps what
// BatchAction promises; its fields are kept as JSON.
type FurtherBatch interface {
	Name() BatchName
	Access() site.Access
	// Check refuses what could be done to nobody, with errors at the input's own paths.
	Check(ctx context.Context, q bun.IDB, of site.Site) error
	// Plan decides what becomes of each contact, and writes nothing.
	Plan(ctx context.Context, q bun.IDB, part FurtherPart) (FurtherPlan, error)
}

// FurtherPart is what a further action works on at once: living contacts in the order of their ids, locked unless it is a dry run.
type FurtherPart struct {
	Site     site.Site
	Contacts []uuid.UUID
	Now      time.Time
	By       Author
}

// FurtherPlan is what becomes of them. A contact that is in neither map stays as it is.
type FurtherPlan struct {
	Changes map[uuid.UUID]Changes      // what history says of it
	Refused map[uuid.UUID]*fault.Error // why it cannot be done to a contact
	Write   func(ctx context.Context, tx bun.Tx) error
}

// AddActions registers batch actions of packages above, each by what makes an empty one. It belongs to the program's wiring. A name
// that stands twice is refused.
func (b *Batches) AddActions(more ...func() FurtherBatch) error {
	for _, empty := range more {
		b.actions = append(b.actions, func() BatchAction { return &furtherAction{empty()} })
	}
	return checkBatchActions(b.Actions())
}

// Further makes a batch action of what a package above wants done.
func Further(action FurtherBatch) BatchAction { return &furtherAction{action} }

// furtherAction is a batch action of a package above among the others.
type furtherAction struct{ FurtherBatch }

var _ BatchAction = (*furtherAction)(nil)

// MarshalJSON keeps the action's own fields.
func (f *furtherAction) MarshalJSON() ([]byte, error) { return json.Marshal(f.FurtherBatch) }

// UnmarshalJSON reads them back.
func (f *furtherAction) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, f.FurtherBatch) }

func (f *furtherAction) check(ctx context.Context, q bun.IDB, of site.Site) error {
	return f.Check(ctx, q, of)
}

func (f *furtherAction) plan(ctx context.Context, q bun.IDB, c *batchChunk) (*batchPlan, error) {
	p := newPlan(updated)
	part := FurtherPart{Site: c.of, Now: c.now, By: c.by}
	for _, r := range p.living(c) {
		part.Contacts = append(part.Contacts, r.ID)
	}
	done, err := f.Plan(ctx, q, part)
	if err != nil {
		return nil, err
	}
	for id, changes := range done.Changes {
		p.changes[id] = changes
	}
	for id, why := range done.Refused {
		p.refused[id] = why
	}
	p.write = done.Write
	return p, nil
}
