package live_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/live"
)

func next[T any](t *testing.T, s *live.Subscription[T]) live.Event[T] {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	e, err := s.Next(ctx)
	require.NoError(t, err)
	return e
}

func TestTopicKeepsOrder(t *testing.T) {
	t.Parallel()
	var topic live.Topic[int]
	sub := topic.Subscribe(t.Context(), 3)
	for i := range 10 {
		topic.Publish(2 * i)
		topic.Publish(2*i + 1)
		require.Equal(t, live.Event[int]{Value: 2 * i}, next(t, sub))
		require.Equal(t, live.Event[int]{Value: 2*i + 1}, next(t, sub))
	}
	_, ok := sub.Poll()
	require.False(t, ok)
}

// A slow subscriber loses its events, is told so, and goes on from the newest; others lose nothing.
func TestTopicOverflow(t *testing.T) {
	t.Parallel()
	var topic live.Topic[int]
	slow, quick := topic.Subscribe(t.Context(), 4), topic.Subscribe(t.Context(), 100)
	for i := range 5 {
		topic.Publish(i)
	}
	topic.Publish(5)
	require.Equal(t, live.Event[int]{Value: 4, Lost: true}, next(t, slow))
	require.Equal(t, live.Event[int]{Value: 5}, next(t, slow))
	topic.Publish(6)
	require.Equal(t, live.Event[int]{Value: 6}, next(t, slow))
	for i := range 7 {
		require.Equal(t, live.Event[int]{Value: i}, next(t, quick))
	}
}

// Every subscriber sees concurrent publications in the same order, whatever others do.
func TestTopicConcurrently(t *testing.T) {
	t.Parallel()
	const publishers, each = 4, 500
	var topic live.Topic[[2]int]
	subs := make([]*live.Subscription[[2]int], 3)
	for i := range subs {
		subs[i] = topic.Subscribe(t.Context(), publishers*each)
	}
	stuck := topic.Subscribe(t.Context(), 1)
	var all sync.WaitGroup
	for p := range publishers {
		all.Go(func() {
			for i := range each {
				topic.Publish([2]int{p, i})
				if i%100 == 0 {
					topic.Subscribe(t.Context(), 1).Close()
				}
			}
		})
	}
	seen := make([][][2]int, len(subs))
	for i, s := range subs {
		all.Go(func() {
			for range publishers * each {
				e, err := s.Next(t.Context())
				if err != nil || e.Lost {
					return
				}
				seen[i] = append(seen[i], e.Value)
			}
		})
	}
	all.Wait()
	require.Len(t, seen[0], publishers*each)
	require.Equal(t, seen[0], seen[1])
	require.Equal(t, seen[0], seen[2])
	e, ok := stuck.Poll()
	require.True(t, ok)
	require.Equal(t, live.Event[[2]int]{Value: seen[0][len(seen[0])-1], Lost: true}, e)
	require.Equal(t, len(subs)+1, topic.Len())
}

func TestSubscriptionEnds(t *testing.T) {
	t.Parallel()
	var topic live.Topic[int]

	ctx, cancel := context.WithCancel(t.Context())
	sub := topic.Subscribe(ctx, 1)
	cancel()
	<-sub.Done()
	_, err := sub.Next(t.Context())
	require.ErrorIs(t, err, live.ErrEnded)
	require.Zero(t, topic.Len())

	ended := topic.Subscribe(ctx, 1) // a context that has ended already
	<-ended.Done()

	sub = topic.Subscribe(t.Context(), 1)
	_, err = sub.Next(ctx)
	require.ErrorIs(t, err, context.Canceled, "the reader's own context")
	topic.Publish(1)
	<-sub.Signal()
	sub.Close()
	sub.Close()
	_, ok := sub.Poll()
	require.False(t, ok)

	sub = topic.Subscribe(t.Context(), 1)
	topic.Close()
	<-sub.Done()
	<-topic.Subscribe(t.Context(), 1).Done()
	topic.Publish(2)
}

func TestHubKeepsKeysApart(t *testing.T) {
	t.Parallel()
	var hub live.Hub[string, int]
	hub.Publish("a", 0)
	a, b := hub.Subscribe(t.Context(), "a", 1), hub.Subscribe(t.Context(), "b", 1)
	hub.Publish("a", 1)
	hub.Publish("b", 2)
	require.Equal(t, 1, next(t, a).Value)
	require.Equal(t, 2, next(t, b).Value)
	require.Equal(t, 1, hub.Len("a"))
	require.ElementsMatch(t, []string{"a", "b"}, hub.Keys())
	a.Close()
	require.Equal(t, []string{"b"}, hub.Keys())
	require.Zero(t, hub.Len("a"))
	hub.Close()
	<-b.Done()
	<-hub.Subscribe(t.Context(), "b", 1).Done()
	require.Empty(t, hub.Keys())
}
