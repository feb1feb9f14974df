package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
	"unicode/utf8"

	"carnet/internal/fault"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
)

// errSlowReader is the end of a connection whose peer does not read.
var errSlowReader = errors.New("the client does not read its socket")

// session is one connection. All writes use the connection's life, never an operation's context:
// coder/websocket closes the socket when the context of a write is cancelled.
type session struct {
	t      *WebSocket
	exec   graphql.GraphExecutor
	header http.Header
	base   context.Context // of the connection, cancelled with the reason of its end
	cancel context.CancelCauseFunc

	conn     *websocket.Conn
	ready    chan struct{} // closed once conn is set, or never will be
	writing  sync.Mutex
	watchdog *time.Timer // cuts off a write that does not end

	// Of the read loop alone:
	ctx       context.Context // of operations: base, then what Init gave
	initiated bool            // connection_init has come
	acked     bool
	unwatch   func()
	initTimer *time.Timer

	mu         sync.Mutex
	operations map[string]context.CancelFunc // by id, while they are open
}

func newSession(t *WebSocket, exec graphql.GraphExecutor, r *http.Request) *session {
	s := &session{t: t, exec: exec, header: r.Header, ready: make(chan struct{}), operations: map[string]context.CancelFunc{}}
	s.base, s.cancel = context.WithCancelCause(context.WithoutCancel(r.Context()))
	s.ctx = s.base
	return s
}

// run is the connection's goroutine.
func (s *session) run(conn *websocket.Conn) {
	s.conn = conn
	timeout := orDefault(s.t.WriteTimeout, 10*time.Second)
	s.watchdog = time.AfterFunc(timeout, func() { s.drop(errSlowReader) })
	s.watchdog.Stop()
	close(s.ready)
	defer s.ended()
	if conn.Subprotocol() != subprotocol {
		s.close(closeSubprotocol, "Subprotocol not acceptable")
		return
	}
	s.initTimer = time.AfterFunc(orDefault(s.t.InitTimeout, 3*time.Second), func() {
		s.close(closeInitTimeout, "Connection initialisation timeout")
	})
	defer s.initTimer.Stop()
	defer s.pings().Stop()
	for s.read() {
	}
}

// read takes one message; it is false when the connection has ended.
func (s *session) read() bool {
	kind, data, err := s.conn.Read(context.Background())
	switch {
	case errors.Is(err, websocket.ErrMessageTooBig):
		// The library has sent the code, with a reason of its own. Close, which reads on, and not
		// CloseNow: the peer is still sending, and a reset would take the code away from it.
		return s.close(websocket.StatusMessageTooBig, "Message too big")
	case err != nil:
		s.cancel(err)
		return false
	case kind != websocket.MessageText:
		return s.close(closeInvalid, "Invalid message: binary")
	case !utf8.Valid(data):
		return s.close(closeInvalidUTF8, "Invalid message: not UTF-8")
	}
	m, reason := parseMessage(data)
	if reason != "" {
		return s.close(closeInvalid, "Invalid message: "+reason)
	}
	return s.handle(m)
}

// handle acts on one message (graphql-transport-ws, "Message types").
func (s *session) handle(m message) bool {
	switch m.Type {
	case "connection_init":
		return s.initiate(m.Payload)
	case "ping":
		return s.write(frame("", "pong", m.Payload)) == nil
	case "pong":
		return true
	case "subscribe":
		return s.subscribe(m)
	default: // complete: parseMessage knows no other
		s.mu.Lock()
		defer s.mu.Unlock()
		if stop := s.operations[m.ID]; stop != nil {
			stop()
			delete(s.operations, m.ID) // the id may be used again at once
		}
		return true
	}
}

func (s *session) initiate(payload json.RawMessage) bool {
	if s.initiated {
		return s.close(closeInitAgain, "Too many initialisation requests")
	}
	s.initiated = true
	if !s.initTimer.Stop() {
		return false // too late: it is closing the connection
	}
	var ack any
	if s.t.Init != nil {
		ctx, given, err := s.t.Init(s.base, s.header, payload)
		if err != nil {
			return s.refuse(err)
		}
		s.ctx, ack = ctx, given
	}
	if s.t.Watch != nil {
		s.unwatch = s.t.Watch(s.ctx, func() { go s.close(closeForbidden, "credential ended") })
	}
	s.acked = true
	var raw []byte
	if ack != nil {
		raw = marshal(ack)
	}
	return s.write(frame("", "connection_ack", raw)) == nil
}

// refuse closes a connection that Init did not want.
func (s *session) refuse(err error) bool {
	var f *fault.Error
	if !errors.As(err, &f) {
		return s.close(closeForbidden, "Forbidden")
	}
	if f.Code == fault.Internal || f.Code == fault.RateLimited {
		return s.close(websocket.StatusTryAgainLater, "Try again later: "+f.Message)
	}
	return s.close(closeForbidden, "Forbidden: "+f.Message)
}

func (s *session) subscribe(m message) bool {
	if !s.acked {
		return s.close(closeUnauthorized, "Unauthorized")
	}
	params, prob := decodeParams(m.Payload)
	if prob != nil {
		return s.close(closeInvalid, "Invalid message: "+prob.err.Message)
	}
	params.Headers = s.header
	ctx, stop := context.WithCancel(s.ctx)
	op := &operation{s: s, id: m.ID, ctx: ctx, stop: stop}
	limit := orDefault(s.t.MaxOperations, 100)
	s.mu.Lock()
	_, duplicate := s.operations[m.ID]
	full := len(s.operations) >= limit
	if !duplicate && !full {
		s.operations[m.ID] = stop
	}
	s.mu.Unlock()
	switch {
	case duplicate:
		stop()
		return s.close(closeDuplicate, fmt.Sprintf("Subscriber for %s already exists", m.ID))
	case full:
		stop()
		return op.refuse(fault.New(fault.RateLimited,
			"this connection has %d operations open, which is the most; complete one first", limit)) == nil
	}
	go op.run(params)
	return true
}

// pings keeps the connection alive, and finds out when it is not, by a timer and no goroutine.
func (s *session) pings() *time.Timer {
	interval := orDefault(s.t.PingInterval, 25*time.Second)
	var timer *time.Timer
	armed := make(chan struct{})
	timer = time.AfterFunc(interval, func() {
		<-armed
		ctx, cancel := context.WithTimeout(context.Background(), interval)
		defer cancel()
		if err := s.conn.Ping(ctx); err != nil {
			s.drop(fmt.Errorf("no answer to a ping: %w", err))
			return
		}
		if s.base.Err() == nil {
			timer.Reset(interval)
		}
	})
	close(armed)
	return timer
}

// write sends one message. It fails when the connection has ended or its peer does not read.
func (s *session) write(b []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.writeLocked(b)
}

func (s *session) writeLocked(b []byte) error {
	s.watchdog.Reset(orDefault(s.t.WriteTimeout, 10*time.Second))
	err := s.conn.Write(context.Background(), websocket.MessageText, b)
	s.watchdog.Stop()
	return err
}

// close ends the connection with a code. It waits for the peer's answer, up to ten seconds, and
// always gives false, for the read loop.
func (s *session) close(code websocket.StatusCode, reason string) bool {
	reason = shorten(reason)
	s.cancel(websocket.CloseError{Code: code, Reason: reason}) // operations end first
	<-s.ready
	if s.conn != nil {
		_ = s.conn.Close(code, reason) // its failure is that the peer has gone
	}
	return false
}

// drop ends the connection at once. Close would wait for a peer that does not read, and make a
// later CloseNow wait too.
func (s *session) drop(cause error) {
	s.cancel(cause)
	_ = s.conn.CloseNow()
}

// ended releases what the connection held. Deferred directly: a hook's panic in the read loop ends
// the connection and not the process.
func (s *session) ended() {
	if cause := recover(); cause != nil {
		slog.ErrorContext(s.base, "websocket", "panic", cause, "stack", string(debug.Stack()))
		s.cancel(fmt.Errorf("panic: %v", cause))
	}
	_ = s.conn.CloseNow()
	s.cancel(context.Canceled) // a no-op when the end has a reason already
	s.mu.Lock()
	for _, stop := range s.operations { // should Init have given a context of another descent
		stop()
	}
	s.mu.Unlock()
	if s.unwatch != nil {
		s.unwatch()
	}
	s.t.open.remove(s)
	if s.t.Closed != nil {
		s.t.Closed(s.ctx, context.Cause(s.base))
	}
}
