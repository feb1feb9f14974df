package job

import (
	"context"
	"time"
)

// afterWake is when a loop that was woken looks a second time: the waking transaction may have committed late.
const afterWake = time.Second

// Loop looks at a queue that is a table of its owner's own, as mails and webhooks have: soon after it is woken, and every
// now and then, for what falls due and what other processes put there.
type Loop struct {
	idle  time.Duration
	woken chan struct{}
}

// NewLoop makes a loop that looks at least once in idle.
func NewLoop(idle time.Duration) *Loop {
	return &Loop{idle: idle, woken: make(chan struct{}, 1)}
}

// Wake makes the queue be looked at soon. It never blocks.
func (l *Loop) Wake() {
	select {
	case l.woken <- struct{}{}:
	default: // it is on its way already
	}
}

// Run looks at once, and then again and again until the context ends.
func (l *Loop) Run(ctx context.Context, look func(ctx context.Context)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		wait := l.idle
		select {
		case <-ctx.Done():
			return
		case <-l.woken:
			wait = afterWake
		case <-timer.C:
		}
		look(ctx)
		timer.Reset(wait)
	}
}
