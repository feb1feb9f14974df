package live

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// visiblePause is how long to wait before looking again: a commit becomes visible within
// microseconds of its record, unless the machine is very busy.
const visiblePause = 200 * time.Microsecond

// horizon knows which transactions new snapshots show. One look serves all transactions that it
// covers, so a burst costs one query.
type horizon struct {
	url     string
	conn    *pgx.Conn
	xmax    uint32          // the first id not yet assigned when last looked
	running map[uint32]bool // ids below xmax that were still running
}

func newHorizon(url string) *horizon { return &horizon{url: url} }

func (h *horizon) close() {
	if h.conn != nil {
		closeConn(h.conn)
	}
}

// wait returns once every new snapshot shows transaction xid, which has been committed.
func (h *horizon) wait(ctx context.Context, xid uint32) error {
	for !h.shows(xid) {
		if err := h.look(ctx); err != nil {
			return fmt.Errorf("look at the snapshot: %w", err)
		}
		if h.shows(xid) {
			return nil
		}
		pause := time.NewTimer(visiblePause)
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-pause.C:
		}
	}
	return nil
}

// shows compares modulo 2^32, as transaction ids do.
func (h *horizon) shows(xid uint32) bool {
	return h.running != nil && int32(xid-h.xmax) < 0 && !h.running[xid]
}

func (h *horizon) look(ctx context.Context) (err error) {
	if h.conn == nil {
		if h.conn, err = pgx.Connect(ctx, h.url); err != nil {
			return err
		}
	}
	var text string // "xmin:xmax:running,running", as 64-bit ids
	if err := h.conn.QueryRow(ctx, "SELECT pg_current_snapshot()::text").Scan(&text); err != nil {
		return err
	}
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 {
		return fmt.Errorf("snapshot %q has another form", text)
	}
	xmax, err := shortID(parts[1])
	if err != nil {
		return err
	}
	running := map[uint32]bool{}
	for _, id := range strings.Split(parts[2], ",") {
		if id == "" {
			continue
		}
		xid, err := shortID(id)
		if err != nil {
			return err
		}
		running[xid] = true
	}
	h.xmax, h.running = xmax, running
	return nil
}

// shortID gives the low half of a 64-bit transaction id, which is what the log carries.
func shortID(id string) (uint32, error) {
	n, err := strconv.ParseUint(id, 10, 64)
	return uint32(n & 0xFFFFFFFF), err
}
