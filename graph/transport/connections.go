package transport

import (
	"context"
	"sync"
)

// connections is the set of a transport's open streams, which http.Server.Shutdown does not end
// (and, once they are hijacked, does not know).
type connections[C comparable] struct {
	mu     sync.Mutex
	open   map[C]struct{}
	closed bool
	empty  chan struct{} // made by shutdown; closed when the last one has gone
}

// add takes a connection in; it is false once the transport is shutting down.
func (s *connections[C]) add(c C) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	if s.open == nil {
		s.open = map[C]struct{}{}
	}
	s.open[c] = struct{}{}
	return true
}

func (s *connections[C]) remove(c C) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	if s.closed && len(s.open) == 0 {
		s.signalEmpty()
	}
}

func (s *connections[C]) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// shutdown calls end for every connection, in goroutines of their own, and waits until all have
// been removed or the context is done. Calling it again waits again.
func (s *connections[C]) shutdown(ctx context.Context, end func(C)) error {
	s.mu.Lock()
	if !s.closed {
		s.closed, s.empty = true, make(chan struct{})
		if len(s.open) == 0 {
			s.signalEmpty()
		}
	}
	for c := range s.open {
		go end(c)
	}
	empty := s.empty
	s.mu.Unlock()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// signalEmpty closes the channel once; the lock is held.
func (s *connections[C]) signalEmpty() {
	select {
	case <-s.empty:
	default:
		close(s.empty)
	}
}
