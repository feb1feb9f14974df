package live

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

const (
	// statusEvery is how often the server learns our position unasked; well below its default
	// wal_sender_timeout of 60 s.
	statusEvery = 5 * time.Second
	// silenceLimit is how long the server may leave our requests for a keepalive unanswered.
	silenceLimit = 60 * time.Second
	// writeLimit bounds the sending of one status message.
	writeLimit = 10 * time.Second
)

// replication is one connection that speaks PostgreSQL's streaming replication protocol. It is used
// by one goroutine at a time.
//
// Only ask may be called by others.
type replication struct {
	conn *pgconn.PgConn

	mu    sync.Mutex
	asked bool               // somebody wants to know the server's position
	wake  context.CancelFunc // ends the wait for the next message; nil: nobody waits
}

// ask has the server tell its position, which it does not do by itself when what it has read was nothing of ours.
func (r *replication) ask() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = true
	if r.wake != nil {
		r.wake()
	}
}

// slot is a temporary logical replication slot; it ends with its connection.
type slot struct {
	name     string
	snapshot string // valid until the connection's next command
	start    LSN    // the consistent point, which is also what the snapshot shows
}

// step is what the stream tells: a transaction, or only that everything up to lsn has been sent.
type step struct {
	lsn LSN
	tx  *Tx
}

// dialReplication connects to the database that url names.
func dialReplication(ctx context.Context, url string) (*replication, error) {
	cfg, err := pgconn.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the replication address: %w", err)
	}
	cfg.RuntimeParams["replication"] = "database"
	// A server may be set up to print days and times otherwise; readers of changes rely on this form.
	cfg.RuntimeParams["datestyle"], cfg.RuntimeParams["timezone"] = "ISO", "UTC"
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect for replication: %w: %w", errRefused, err)
	}
	return &replication{conn: conn}, nil
}

// close ends the connection and waits (2 s at most) until the server has done so too, by when it has
// dropped the slot.
func (r *replication) close() {
	deadline := time.Now().Add(2 * time.Second)
	if !r.conn.IsClosed() {
		r.conn.Frontend().Send(&pgproto3.Terminate{})
		_ = r.conn.Conn().SetDeadline(deadline)
		if r.conn.Frontend().Flush() == nil {
			_, _ = io.Copy(io.Discard, r.conn.Conn())
		}
	}
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	_ = r.conn.Close(ctx) // whatever went wrong: without its connection the slot ends in time
	select {
	case <-r.conn.CleanupDone(): // an error may have closed it in the background
	case <-ctx.Done():
	}
}

// createSlot makes a slot and exports its snapshot. It waits for all running writing transactions.
func (r *replication) createSlot(ctx context.Context) (slot, error) {
	s := slot{name: "carnet_" + strings.ToLower(rand.Text()[:20])}
	results, err := r.conn.Exec(ctx, "CREATE_REPLICATION_SLOT "+s.name+" TEMPORARY LOGICAL pgoutput (SNAPSHOT 'export')").ReadAll()
	if err != nil {
		if ctx.Err() != nil { // the server would go on waiting for others and hold the slot
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			_ = r.conn.CancelRequest(stop)
		}
		return slot{}, fmt.Errorf("create the replication slot: %w", err)
	}
	// Columns: slot_name, consistent_point, snapshot_name, output_plugin.
	if len(results) != 1 || len(results[0].Rows) != 1 || len(results[0].Rows[0]) < 3 {
		return slot{}, errors.New("create the replication slot: unexpected answer")
	}
	row := results[0].Rows[0]
	s.snapshot = string(row[2])
	if s.start, err = ParseLSN(string(row[1])); err != nil {
		return slot{}, fmt.Errorf("create the replication slot: %w", err)
	}
	return s, nil
}

// start begins the stream of a publication from the slot's consistent point.
func (r *replication) start(ctx context.Context, s slot, publication string) error {
	// publication_names is a literal that holds a list of identifiers.
	names := `"` + strings.ReplaceAll(publication, `"`, `""`) + `"`
	names = "'" + strings.ReplaceAll(names, "'", "''") + "'"
	r.conn.Frontend().Send(&pgproto3.Query{String: fmt.Sprintf(
		"START_REPLICATION SLOT %s LOGICAL %s (proto_version '1', publication_names %s)", s.name, s.start, names)})
	if err := r.flush(); err != nil {
		return fmt.Errorf("start the stream: %w", err)
	}
	for {
		msg, err := r.conn.ReceiveMessage(ctx)
		if err != nil {
			return fmt.Errorf("start the stream: %w", err)
		}
		switch msg := msg.(type) {
		case *pgproto3.ErrorResponse:
			return fmt.Errorf("start the stream: %w", pgconn.ErrorResponseToPgError(msg))
		case *pgproto3.CopyBothResponse:
			return nil
		}
	}
}

// flush sends what the frontend has buffered, within writeLimit.
func (r *replication) flush() error {
	if err := r.conn.Conn().SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return err
	}
	if err := r.conn.Frontend().Flush(); err != nil {
		return err
	}
	return r.conn.Conn().SetWriteDeadline(time.Time{})
}

// status tells the server that everything up to applied is done with, so that it may recycle its
// log, and optionally asks for a keepalive.
func (r *replication) status(applied LSN, askReply bool) error {
	b := make([]byte, 0, 34)
	b = append(b, 'r')
	for range 3 { // written, flushed, applied
		b = binary.BigEndian.AppendUint64(b, uint64(applied))
	}
	b = binary.BigEndian.AppendUint64(b, uint64(time.Now().UnixMicro()-postgresEpoch))
	if askReply {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	r.conn.Frontend().Send(&pgproto3.CopyData{Data: b})
	if err := r.flush(); err != nil {
		return fmt.Errorf("report the position: %w", err)
	}
	return nil
}

// receive reads the stream until it breaks or ctx ends and hands each step to steps, in order. While
// the taker is busy it goes on reporting applied(), so that the server does not give us up.
func (r *replication) receive(ctx context.Context, d *decoder, applied func() LSN, steps chan<- step) error {
	ticker := time.NewTicker(statusEvery)
	defer ticker.Stop()
	for {
		body, err := r.next(ctx, applied)
		if err != nil {
			return err
		}
		f, err := parseFrame(body)
		if err != nil {
			return fmt.Errorf("read the stream: %w", err)
		}
		out, ok, err := d.step(f)
		if err != nil {
			return fmt.Errorf("read the stream: %w", err)
		}
		report := f.askReply
		for ok {
			select {
			case steps <- out:
				ok = false
			case <-ticker.C:
				if err := r.status(applied(), false); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		select {
		case <-ticker.C: // a busy stream never lets next run into its time limit
			report = true
		default:
		}
		if report {
			if err := r.status(applied(), false); err != nil {
				return err
			}
		}
	}
}

// step gives what a frame completes, if anything: a transaction, or a position by a keepalive. All
// that committed before a keepalive's position has been sent, unless a transaction is being sent.
func (d *decoder) step(f frame) (out step, ok bool, err error) {
	if f.keepalive {
		return step{lsn: f.lsn}, !d.open, nil
	}
	tx, done, err := d.decode(f.body)
	if err != nil || !done {
		return step{}, false, err
	}
	out.lsn = tx.LSN
	if tx.Overflow || len(tx.Changes) > 0 { // before version 15 the server sends empty ones too
		out.tx = &tx
	}
	return out, true, nil
}

// next waits for the body of the next CopyData message, valid until the following call. It asks
// for a sign of life when nothing comes, and gives up after silenceLimit.
func (r *replication) next(ctx context.Context, applied func() LSN) ([]byte, error) {
	waited := time.Duration(0)
	for {
		if waited >= silenceLimit {
			return nil, fmt.Errorf("read the stream: the server has been silent for %s", waited)
		}
		limited, cancel := context.WithTimeout(ctx, statusEvery)
		r.mu.Lock()
		asked := r.asked
		r.asked, r.wake = false, cancel
		r.mu.Unlock()
		if waited > 0 || asked {
			if err := r.status(applied(), true); err != nil {
				cancel()
				return nil, err
			}
		}
		msg, err := r.conn.ReceiveMessage(limited)
		r.mu.Lock()
		r.wake = nil
		r.mu.Unlock()
		cancel()
		if err != nil {
			switch {
			case ctx.Err() == nil && errors.Is(err, context.Canceled): // by ask
				continue
			case ctx.Err() == nil && pgconn.Timeout(err):
				waited += statusEvery
				continue
			}
			return nil, fmt.Errorf("read the stream: %w", err)
		}
		switch msg := msg.(type) {
		case *pgproto3.CopyData:
			return msg.Data, nil
		case *pgproto3.ErrorResponse:
			return nil, fmt.Errorf("read the stream: %w", pgconn.ErrorResponseToPgError(msg))
		case *pgproto3.CopyDone:
			return nil, errors.New("read the stream: the server ended it")
		}
	}
}

// frame is one message of the replication protocol: a keepalive with the position that the server
// has sent, or a piece of the stream.
type frame struct {
	keepalive bool
	lsn       LSN
	askReply  bool
	body      []byte
}

// parseFrame reads the envelope ("Streaming Replication Protocol" in PostgreSQL's documentation).
func parseFrame(b []byte) (frame, error) {
	c := &cursor{rest: b}
	switch kind := c.byte(); kind {
	case 'k':
		lsn := LSN(c.uint64())
		c.take(8) // the server's clock
		ask := c.byte() == 1
		return frame{keepalive: true, lsn: lsn, askReply: ask}, c.err
	case 'w':
		lsn := LSN(c.uint64())
		c.take(8 + 8) // end of the log and the server's clock
		return frame{lsn: lsn, body: c.rest}, c.err
	default:
		return frame{}, fmt.Errorf("unknown frame %q", kind)
	}
}
