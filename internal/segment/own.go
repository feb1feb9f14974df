package segment

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
)

// For the program's own work, which no actor asks for.

// Follow subscribes to a stored segment, whoever asks. The first event tells the count.
func (w *Watcher) Follow(ctx context.Context, siteID, id uuid.UUID) (*Subscription, error) {
	if _, err := byID(ctx, w.db.Bun, siteID, id); err != nil {
		return nil, err
	}
	return w.subscribe(ctx, watchKey{site: siteID, segment: id})
}

// Members compiles who is in a stored segment at a moment. known is false while nobody can tell: the rule
// is broken, or the site's contact management is off.
func Members(ctx context.Context, q bun.IDB, siteID, id uuid.UUID, now time.Time) (who contact.Condition, known bool, err error) {
	of, err := readSite(ctx, q, siteID)
	if err != nil {
		return who, false, err
	}
	row, err := byID(ctx, q, siteID, id)
	if err != nil {
		return who, false, err
	}
	v, err := readVocabulary(ctx, q, of, now, nil, []*Segment{row})
	if err != nil {
		return who, false, err
	}
	who, broken := v.members(v.segments[id])
	return who, of.ContactManagement && len(broken) == 0, nil
}
