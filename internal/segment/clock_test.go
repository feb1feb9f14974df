package segment

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/contact"
	"carnet/internal/db/dbtest"
	"carnet/internal/site"
)

// handClock is moved by hand.
type handClock struct {
	mu      sync.Mutex
	now     time.Time
	waiting map[chan time.Time]time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) At(moment time.Time) (<-chan time.Time, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	come := make(chan time.Time, 1)
	if c.waiting[come] = moment; !moment.After(c.now) {
		come <- c.now
	}
	return come, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waiting, come)
	}
}

func (c *handClock) move(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = to
	for come, moment := range c.waiting {
		if !moment.After(to) && len(come) == 0 {
			come <- to
		}
	}
}

// S-80, G-09: at the site's midnight, not at UTC's, contacts past their last valid day leave a
// watched rule without any write; and the watch keeps nothing waiting once it has ended.
func TestMidnightMovesWatches(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	sites := site.New(d, nil)
	of, owner, _, err := sites.Create(t.Context(), site.NewSite{PublicID: "club", Name: "Club", TimeZone: "Pacific/Auckland", Language: "en", Country: "NZ"},
		site.NewStaff{Email: "owner@club.example", Name: "Olga", Password: "correct horse battery"})
	require.NoError(t, err)
	ctx := site.WithActor(t.Context(), site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: owner.ID, Name: owner.Name, Book: true})
	book := contact.New(d)
	person := func(last string, until *time.Time) uuid.UUID {
		made, err := book.Create(ctx, contact.KindPerson, contact.Change{LastName: &last, ValidUntil: &until})
		require.NoError(t, err)
		return made.Row().ID
	}
	auckland := of.Location()
	lastDay := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	leaves := person("Leaves", &lastDay)
	person("Stays", nil)

	clock := &handClock{now: time.Date(2026, 3, 10, 23, 30, 0, 0, auckland), waiting: map[chan time.Time]time.Time{}}
	life, stop := context.WithCancel(t.Context())
	defer stop()
	w := NewWatcher(life, d, slog.New(slog.DiscardHandler), NewIndexes(life, d, slog.New(slog.DiscardHandler)))
	w.clock = clock
	kind := "PERSON"
	sub, err := w.Rule(ctx, Rule{Kind: &kind})
	require.NoError(t, err)
	first, err := sub.Next(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, first.Count)

	clock.move(time.Date(2026, 3, 10, 23, 59, 59, 0, auckland)) // still its last day
	clock.move(time.Date(2026, 3, 11, 0, 0, 0, 0, auckland))
	e, err := sub.Next(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, e.Count)
	require.Equal(t, []uuid.UUID{leaves}, e.Left)
	require.False(t, e.Resync)

	stop()
	for {
		if _, err := sub.Next(ctx); err != nil {
			break
		}
	}
	clock.mu.Lock()
	defer clock.mu.Unlock()
	require.Empty(t, clock.waiting)
}

// G-02: a watch of an age follows birthdays at the site's midnight, without any write.
func TestBirthdaysMoveWatches(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	of, owner, _, err := site.New(d, nil).Create(t.Context(), site.NewSite{PublicID: "club", Name: "Club", TimeZone: "Pacific/Auckland", Language: "en", Country: "NZ"},
		site.NewStaff{Email: "owner@club.example", Name: "Olga", Password: "correct horse battery"})
	require.NoError(t, err)
	ctx := site.WithActor(t.Context(), site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: owner.ID, Name: owner.Name, Book: true})
	born := func(last string, day time.Time) uuid.UUID {
		date := &day
		made, err := contact.New(d).Create(ctx, contact.KindPerson, contact.Change{LastName: &last, BirthDate: &date})
		require.NoError(t, err)
		return made.Row().ID
	}
	leap := born("Leap", time.Date(2008, 2, 29, 0, 0, 0, 0, time.UTC))
	born("Older", time.Date(2008, 2, 28, 0, 0, 0, 0, time.UTC))
	born("Younger", time.Date(2008, 3, 2, 0, 0, 0, 0, time.UTC))

	clock := &handClock{now: time.Date(2026, 2, 28, 23, 30, 0, 0, of.Location()), waiting: map[chan time.Time]time.Time{}}
	life, stop := context.WithCancel(t.Context())
	defer stop()
	w := NewWatcher(life, d, slog.New(slog.DiscardHandler), NewIndexes(life, d, slog.New(slog.DiscardHandler)))
	w.clock = clock
	adult := 18
	sub, err := w.Rule(ctx, Rule{Age: &AgeLeaf{From: &adult}})
	require.NoError(t, err)
	first, err := sub.Next(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, first.Count, "who was born on 29 February is 18 on 1 March")

	clock.move(time.Date(2026, 3, 1, 0, 0, 0, 0, of.Location()))
	e, err := sub.Next(ctx)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{leap}, e.Entered)
}

// Rules of days around today move by the clock as well: at the site's midnight, without any write.
func TestRelativeDatesMoveWatches(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	of, owner, _, err := site.New(d, nil).Create(t.Context(), site.NewSite{PublicID: "club", Name: "Club", TimeZone: "Pacific/Auckland", Language: "en", Country: "NZ"},
		site.NewStaff{Email: "owner@club.example", Name: "Olga", Password: "correct horse battery"})
	require.NoError(t, err)
	ctx := site.WithActor(t.Context(), site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: owner.ID, Name: owner.Name, Book: true})
	until := func(last string, day time.Time) uuid.UUID {
		date := &day
		made, err := contact.New(d).Create(ctx, contact.KindPerson, contact.Change{LastName: &last, ValidUntil: &date})
		require.NoError(t, err)
		return made.Row().ID
	}
	leaves := until("Leaves", time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)) // its last day
	until("Stays", time.Date(2026, 3, 12, 0, 0, 0, 0, time.UTC))
	enters := until("Enters", time.Date(2026, 3, 17, 0, 0, 0, 0, time.UTC))

	clock := &handClock{now: time.Date(2026, 3, 10, 23, 30, 0, 0, of.Location()), waiting: map[chan time.Time]time.Time{}}
	life, stop := context.WithCancel(t.Context())
	defer stop()
	w := NewWatcher(life, d, slog.New(slog.DiscardHandler), NewIndexes(life, d, slog.New(slog.DiscardHandler)))
	w.clock = clock
	week := 7
	sub, err := w.Rule(ctx, Rule{Date: &DateLeaf{Column: "VALID_UNTIL", Relative: &RelativeDate{Next: &week, Unit: "DAY"}}})
	require.NoError(t, err)
	first, err := sub.Next(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, first.Count)

	clock.move(time.Date(2026, 3, 11, 0, 0, 0, 0, of.Location()))
	e, err := sub.Next(ctx)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{leaves}, e.Left)
	require.Equal(t, []uuid.UUID{enters}, e.Entered)
	require.False(t, e.Resync)
}
