package webhook

import (
	"context"
	"sync/atomic"
	"time"

	"carnet/internal/db"
)

// tries counts what became of this process's tries.
type tries struct{ delivered, failed, repeated atomic.Int64 }

func (t *tries) count(s DeliveryStatus) {
	switch s {
	case Delivered:
		t.delivered.Add(1)
	case GaveUp:
		t.failed.Add(1)
	case Queued:
		t.repeated.Add(1)
	}
}

// Tries is what became of the tries of this process since it started.
type Tries struct {
	Delivered int64
	Failed    int64 // given up
	Repeated  int64 // failed, and tried again later
}

// Tries tells what became of this process's tries. It costs nothing.
func (s *Service) Tries() Tries {
	return Tries{Delivered: s.tries.delivered.Load(), Failed: s.tries.failed.Load(), Repeated: s.tries.repeated.Load()}
}

// Waiting is what waits to be delivered.
type Waiting struct {
	Deliveries int
	Oldest     time.Duration // since the oldest of them came; 0 when there is none
}

// Waiting tells what waits, of all sites: it reads an index of the database that holds nothing else. For the program itself.
func (s *Service) Waiting(ctx context.Context) (Waiting, error) {
	var row struct {
		Deliveries int
		Oldest     *time.Time
	}
	if err := s.db.Bun.NewRaw("SELECT count(*) AS deliveries, min(created_at) AS oldest FROM webhook_delivery WHERE status = 'queued'").Scan(ctx, &row); err != nil {
		return Waiting{}, db.MapError(err, "count deliveries that wait")
	}
	out := Waiting{Deliveries: row.Deliveries}
	if row.Oldest != nil {
		out.Oldest = max(0, s.now().Sub(*row.Oldest))
	}
	return out, nil
}
