package webhook

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"carnet/internal/db"
	"carnet/internal/live"
)

const (
	// gather is how long moves are gathered, so that a delivery tells of more than one of an import's contacts.
	gather = 100 * time.Millisecond
	// lookAgain is after what time all of a segment is looked at, whether or not its watch says that something moved;
	// and the list of what is followed is read, whether or not the feed says that it changed.
	lookAgain = 15 * time.Minute
	// gatherMost is how many contacts are looked at one by one; above, all are.
	gatherMost = 5000
	// troubled is how long to wait after an error.
	troubled = 5 * time.Second
)

type followKey struct{ site, segment uuid.UUID }

var _ live.Handler = (*Service)(nil)

// Load has the list of what is followed read: what happened before is not known.
func (s *Service) Load(context.Context, pgx.Tx, live.LSN) error {
	signal(s.changed)
	return nil
}

// Apply hears whether other segments are to be followed, and that something happened.
func (s *Service) Apply(_ context.Context, tx live.Tx) error {
	if tx.Overflow || slices.ContainsFunc(tx.Changes, func(c live.Change) bool { return c.Table == "webhook_follow" && c.Op != live.Update }) {
		signal(s.changed)
	}
	signal(s.stirred)
	return nil
}

// stir looks at the queue after commits, at most once a second: what a trigger puts there wakes nobody.
func (s *Service) stir(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.stirred:
			s.Wake()
			pause(ctx, time.Second)
		}
	}
}

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is on its way already
	}
}

// Run follows the segments that webhooks name, delivers what falls due and forgets what is old, until the context
// ends. It belongs to the program's start.
func (s *Service) Run(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { s.deliver(ctx) })
	work.Go(func() { s.sweepHourly(ctx) })
	work.Go(func() { s.stir(ctx) })
	s.followAll(ctx)
}

// followAll keeps a follower for each segment that is to be followed.
func (s *Service) followAll(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	ends := map[followKey]context.CancelFunc{}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			for _, end := range ends {
				end()
			}
			return
		case <-s.changed:
		case <-timer.C:
		}
		timer.Reset(lookAgain)
		keys, err := s.followed(ctx)
		if err != nil {
			if ctx.Err() == nil {
				s.log.ErrorContext(ctx, "read which segments webhooks follow", "error", err)
				timer.Reset(troubled)
			}
			continue
		}
		for key, end := range ends {
			if !slices.Contains(keys, key) {
				end()
				delete(ends, key)
			}
		}
		for _, key := range keys {
			if ends[key] != nil {
				continue
			}
			life, end := context.WithCancel(ctx)
			ends[key] = end
			work.Go(func() { s.follow(life, key) })
		}
	}
}

func (s *Service) followed(ctx context.Context) ([]followKey, error) {
	var rows []struct{ SiteID, SegmentID uuid.UUID }
	if err := s.db.Bun.NewRaw("SELECT site_id, segment_id FROM webhook_follow").Scan(ctx, &rows); err != nil {
		return nil, db.MapError(err, "read what is followed")
	}
	keys := make([]followKey, len(rows))
	for i, r := range rows {
		keys[i] = followKey{r.SiteID, r.SegmentID}
	}
	return keys, nil
}

// follow looks at a segment whenever its watch says that somebody moved.
func (s *Service) follow(ctx context.Context, key followKey) {
	for ctx.Err() == nil {
		err := s.followOnce(ctx, key)
		if ctx.Err() != nil || gone(err) {
			return
		}
		if !errors.Is(err, live.ErrEnded) {
			s.log.ErrorContext(ctx, "tell webhooks of a segment; trying again", "site", key.site, "segment", key.segment, "error", err)
		}
		pause(ctx, troubled)
	}
}

func (s *Service) followOnce(ctx context.Context, key followKey) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sub, err := s.watcher.Follow(ctx, key.site, key.segment)
	if err != nil {
		return err
	}
	defer sub.Close()
	m := &moves{wake: make(chan struct{}, 1), all: true} // what moved before is not known
	signal(m.wake)
	go func() {
		for {
			e, err := sub.Next(ctx)
			if err != nil {
				cancel(err)
				return
			}
			m.note(e.Resync, e.Entered, e.Left)
		}
	}()
	timer := time.NewTimer(lookAgain)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-m.wake:
			pause(ctx, gather)
		case <-timer.C:
			m.note(true)
			timer.Reset(lookAgain)
		}
		if of, any := m.take(); any {
			if err := s.look(ctx, key, of); err != nil {
				return err // what was taken is found again, as the next begins with all
			}
		}
	}
}

// moves gathers who is said to have moved.
type moves struct {
	mu   sync.Mutex
	all  bool
	of   map[uuid.UUID]struct{}
	wake chan struct{}
}

func (m *moves) note(all bool, lists ...[]uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, list := range lists {
		for _, id := range list {
			if m.of == nil {
				m.of = map[uuid.UUID]struct{}{}
			}
			m.of[id] = struct{}{}
		}
	}
	if m.all = m.all || all || len(m.of) > gatherMost; m.all || len(m.of) > 0 {
		signal(m.wake)
	}
}

// take gives who has moved since it was last asked; nil stands for all.
func (m *moves) take() (of []uuid.UUID, any bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all, set := m.all, m.of
	m.all, m.of = false, nil
	if all {
		return nil, true
	}
	return slices.Collect(maps.Keys(set)), len(set) > 0
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
