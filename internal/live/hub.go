package live

import (
	"context"
	"sync"
)

// Hub is a Topic for each key: a segment's id, a batch's. A key costs nothing without subscribers.
// The zero value is ready for use; a Hub must not be copied.
type Hub[K comparable, T any] struct {
	mu     sync.Mutex
	topics map[K]*Topic[T]
	closed bool
}

// Subscribe is Topic.Subscribe for the values published under key.
func (h *Hub[K, T]) Subscribe(ctx context.Context, key K, buffer int) *Subscription[T] {
	s := newSubscription(buffer, func(s *Subscription[T]) { h.remove(key, s) })
	h.add(key, s)
	s.endWith(ctx)
	return s
}

func (h *Hub[K, T]) add(key K, s *Subscription[T]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		s.end()
		return
	}
	t := h.topics[key]
	if t == nil {
		if h.topics == nil {
			h.topics = map[K]*Topic[T]{}
		}
		t = &Topic[T]{}
		h.topics[key] = t
	}
	t.add(s)
}

// Publish sends a value to every subscriber of key. It never blocks.
func (h *Hub[K, T]) Publish(key K, value T) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[key]; t != nil {
		t.Publish(value)
	}
}

// Len gives the number of subscribers of key. Publishers may ask before they make a costly value.
func (h *Hub[K, T]) Len(key K) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[key]; t != nil {
		return t.Len()
	}
	return 0
}

// Keys gives the keys that have subscribers, in no order.
func (h *Hub[K, T]) Keys() []K {
	h.mu.Lock()
	defer h.mu.Unlock()
	keys := make([]K, 0, len(h.topics))
	for k := range h.topics {
		keys = append(keys, k)
	}
	return keys
}

// Close ends every subscription, and each later one at once.
func (h *Hub[K, T]) Close() {
	h.mu.Lock()
	topics := h.topics
	h.topics, h.closed = nil, true
	h.mu.Unlock()
	for _, t := range topics {
		t.Close()
	}
}

func (h *Hub[K, T]) remove(key K, s *Subscription[T]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[key]
	if t == nil {
		return
	}
	t.remove(s)
	if t.Len() == 0 {
		delete(h.topics, key)
	}
}
