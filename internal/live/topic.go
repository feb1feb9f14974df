package live

import (
	"context"
	"errors"
	"sync"
)

// ErrEnded is what a subscription gives after its end: it or its topic was closed, or its context
// ended.
var ErrEnded = errors.New("live: the subscription has ended")

// Event is a published value as one subscriber gets it.
type Event[T any] struct {
	Value T
	// Lost says that events before this one were thrown away because the subscriber was slow. It
	// reads the state anew; Value is the newest event and may be part of that state already.
	Lost bool
}

// Topic sends each published value to all subscribers. The zero value is ready for use; a Topic
// must not be copied.
type Topic[T any] struct {
	mu     sync.Mutex
	subs   map[*Subscription[T]]struct{}
	closed bool
}

// Subscribe gives a subscription to all values published from now on, until ctx ends or it is
// closed. buffer is how many unread events it holds before it loses them, at least 1.
func (t *Topic[T]) Subscribe(ctx context.Context, buffer int) *Subscription[T] {
	s := newSubscription[T](buffer, t.remove)
	t.add(s)
	s.endWith(ctx)
	return s
}

func (t *Topic[T]) add(s *Subscription[T]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		s.end()
		return
	}
	if t.subs == nil {
		t.subs = map[*Subscription[T]]struct{}{}
	}
	t.subs[s] = struct{}{}
}

// Publish sends a value to every subscriber. It never blocks and never calls back. Concurrent calls
// are ordered, the same for all subscribers.
func (t *Topic[T]) Publish(value T) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for s := range t.subs {
		s.push(value)
	}
}

// Len gives the number of subscribers.
func (t *Topic[T]) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.subs)
}

// Close ends every subscription, and each later one at once.
func (t *Topic[T]) Close() {
	t.mu.Lock()
	subs := t.subs
	t.subs, t.closed = nil, true
	t.mu.Unlock()
	for s := range subs {
		s.Close()
	}
}

func (t *Topic[T]) remove(s *Subscription[T]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.subs, s)
}

// Subscription is one subscriber's bounded queue. One goroutine reads it.
type Subscription[T any] struct {
	buffer int
	signal chan struct{} // of length 1: there may be something to take
	done   chan struct{} // closed at the end
	leave  func(*Subscription[T])

	mu    sync.Mutex
	queue []T
	head  int // of the queue: what is before has been read
	lost  bool
	ended bool
	stop  func() bool // forgets the context
}

func newSubscription[T any](buffer int, leave func(*Subscription[T])) *Subscription[T] {
	return &Subscription[T]{
		buffer: max(buffer, 1),
		signal: make(chan struct{}, 1),
		done:   make(chan struct{}),
		leave:  leave,
	}
}

// Next waits for the next event. Its errors are ErrEnded and ctx's own.
func (s *Subscription[T]) Next(ctx context.Context) (Event[T], error) {
	for {
		if e, ok := s.Poll(); ok {
			return e, nil
		}
		select {
		case <-s.signal:
		case <-s.done:
			return Event[T]{}, ErrEnded
		case <-ctx.Done():
			return Event[T]{}, ctx.Err()
		}
	}
}

// Poll gives the next event if there is one, without waiting.
func (s *Subscription[T]) Poll() (Event[T], bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.head == len(s.queue) {
		return Event[T]{}, false
	}
	var none T
	e := Event[T]{Value: s.queue[s.head], Lost: s.lost}
	s.queue[s.head] = none // let the collector have it
	s.head++
	s.lost = false
	if s.head == len(s.queue) {
		s.queue, s.head = s.queue[:0], 0
	}
	return e, true
}

// Signal gives a channel for selects: it receives after events were published. Then Poll until
// there are no more.
func (s *Subscription[T]) Signal() <-chan struct{} { return s.signal }

// Done gives a channel that is closed when the subscription has ended.
func (s *Subscription[T]) Done() <-chan struct{} { return s.done }

// Close ends the subscription and drops what was not read. It may be called more than once.
func (s *Subscription[T]) Close() {
	s.leave(s)
	s.end()
}

// push adds a value, throwing all others away when the queue is full.
func (s *Subscription[T]) push(value T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	if len(s.queue)-s.head >= s.buffer {
		clear(s.queue)
		s.queue, s.head, s.lost = s.queue[:0], 0, true
	}
	if s.head > 0 && len(s.queue) == cap(s.queue) { // reuse the room before head rather than grow
		n := copy(s.queue, s.queue[s.head:])
		clear(s.queue[n:])
		s.queue, s.head = s.queue[:n], 0
	}
	s.queue = append(s.queue, value)
	select {
	case s.signal <- struct{}{}:
	default:
	}
}

// end marks the subscription as ended, once.
func (s *Subscription[T]) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended, s.queue, s.head = true, nil, 0
	close(s.done)
	if s.stop != nil {
		s.stop()
	}
}

// endWith closes the subscription when ctx ends.
func (s *Subscription[T]) endWith(ctx context.Context) {
	stop := context.AfterFunc(ctx, s.Close)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		stop()
	}
	s.stop = stop
}
