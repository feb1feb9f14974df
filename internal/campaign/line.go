package campaign

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"carnet/internal/field"
	"carnet/internal/message"
	"carnet/internal/site"
)

// sending is a portion of a campaign's work.
type sending struct {
	s         *Service
	c         *Campaign
	of        site.Site
	fields    []*field.Definition
	templates map[string]*template // by language
	offer     *offer               // nil: none
	limit     *rate.Limiter

	mu          sync.Mutex
	barred      string // why nothing is taken from us
	unreachable string // why there is no line
	failure     error
}

func (r *sending) note(set func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	set()
}

func (r *sending) halted() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.barred != "" || r.unreachable != "" || r.failure != nil
}

// all sends over several lines until nobody is left, or the turn ends. What is under way is brought to its end by ctx.
func (r *sending) all(ctx, turn context.Context) error {
	next := make(chan *recipient)
	var lines sync.WaitGroup
	for range r.s.Lines {
		lines.Go(func() { r.line(ctx, turn, next) })
	}
	counted := time.Now()
	err := r.feed(ctx, turn, next, func() error {
		if time.Since(counted) < countEvery {
			return nil
		}
		counted = time.Now()
		return recount(ctx, r.s.DB.Bun, r.c)
	})
	close(next)
	lines.Wait()
	return errors.Join(err, r.failure)
}

// feed reads who is next, made ready, and gives them to the lines.
func (r *sending) feed(ctx, turn context.Context, next chan<- *recipient, tick func() error) error {
	after := uuid.Nil
	for turn.Err() == nil && !r.halted() {
		rows, err := r.read(ctx, after)
		if err != nil || len(rows) == 0 {
			return err
		}
		after = rows[len(rows)-1].ContactID
		for _, row := range rows {
			select {
			case next <- row:
			case <-turn.Done():
				return nil
			}
			if err := tick(); err != nil {
				return err
			}
			if r.halted() {
				return nil
			}
		}
	}
	return nil
}

// line sends what it is given over a connection of its own. After the turn, or once the sending has come to a halt, it takes what it is
// given and leaves it.
func (r *sending) line(ctx, turn context.Context, next <-chan *recipient) {
	var l *message.Line
	defer func() {
		if l != nil {
			l.Close()
		}
	}()
	for row := range next {
		if turn.Err() != nil || r.halted() {
			continue
		}
		if r.limit != nil && r.limit.Wait(turn) != nil {
			continue
		}
		if l == nil {
			var err error
			if l, err = r.s.Mail.Open(ctx); err != nil {
				r.note(func() { r.unreachable = message.Short(err) })
				continue
			}
		}
		taken, err := r.take(ctx, row)
		if err != nil {
			r.note(func() { r.failure = err })
			continue
		}
		if !taken {
			continue
		}
		outcome := l.Send(row.letter)
		if !outcome.Usable {
			l.Close()
			l = nil
		}
		if err := r.settle(context.WithoutCancel(ctx), row, outcome); err != nil {
			r.note(func() { r.failure = err })
		}
	}
}
