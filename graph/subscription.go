package graph

import (
	"context"
	"time"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/live"
)

func (r *subscriptionResolver) ContactChanged(ctx context.Context, id uuid.UUID) (<-chan model.ContactEvent, error) {
	if _, err := r.Contacts.ByID(ctx, id); err != nil {
		return nil, err
	}
	return follow(ctx, r.Changes, ChangeKey{"contact", id}, 0, func(at live.LSN) (model.ContactEvent, bool, error) {
		c, err := r.Contacts.ByID(ctx, id)
		gone := fault.CodeOf(err) == fault.NotFound && err != nil
		if gone {
			err = nil
		}
		return model.ContactEvent{Version: at.String(), Contact: c}, gone, err
	}), nil
}

// paceOfProgress is the least time between two events of one batch.
const paceOfProgress = 100 * time.Millisecond

func (r *subscriptionResolver) BatchProgress(ctx context.Context, id uuid.UUID) (<-chan contact.Progress, error) {
	if _, err := r.Batches.Batch(ctx, id); err == nil {
		return follow(ctx, r.Changes, ChangeKey{"batch_run", id}, paceOfProgress, func(live.LSN) (contact.Progress, bool, error) {
			run, err := r.Batches.Batch(ctx, id)
			return run, err != nil || run.Over(), err
		}), nil
	} else if fault.CodeOf(err) != fault.NotFound {
		return nil, err
	}
	if _, err := r.Contacts.ImportRunByID(ctx, id); err != nil {
		return nil, err
	}
	return follow(ctx, r.Changes, ChangeKey{"import_run", id}, paceOfProgress, func(live.LSN) (contact.Progress, bool, error) {
		run, err := r.Contacts.ImportRunByID(ctx, id)
		return run, err != nil || run.Over(), err
	}), nil
}

// follow sends what read gives, now and each time the row changes, until read says it was the last.
// It is joined before the first read, so nothing falls between. A reader who is slow gets the newest
// state only, and so does everybody between two events that are closer than pace. Rights are checked
// before each event.
func follow[T any](ctx context.Context, f *ChangeFeed, key ChangeKey, pace time.Duration, read func(live.LSN) (T, bool, error)) <-chan T {
	sub := f.rows.Subscribe(ctx, key, 1)
	guard := f.guard(ctx)
	out := make(chan T)
	go func() {
		defer close(out)
		defer sub.Close()
		at := f.position()
		for {
			value, last, err := read(at)
			if err != nil {
				return
			}
			select {
			case out <- value:
			case <-ctx.Done():
				return
			}
			if last {
				return
			}
			rest := time.NewTimer(pace)
			e, err := sub.Next(ctx)
			if err != nil || !guard.allows(ctx) {
				return
			}
			at = e.Value
			select {
			case <-rest.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
