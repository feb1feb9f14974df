package job_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/job"
)

// A queue is looked at when the loop begins, as soon as somebody wakes it and once more a second later, and now and then.
func TestLoopLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		defer end()
		start := time.Now()
		loop := job.NewLoop(10 * time.Second)
		var looks []time.Duration
		over := make(chan struct{})
		go func() {
			loop.Run(ctx, func(context.Context) { looks = append(looks, time.Since(start)) })
			close(over)
		}()
		time.Sleep(4 * time.Second) // of the bubble's clock
		loop.Wake()
		time.Sleep(12 * time.Second)
		end()
		<-over
		require.Equal(t, []time.Duration{0, 4 * time.Second, 5 * time.Second, 15 * time.Second}, looks)
	})
}
