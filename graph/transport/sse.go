package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"carnet/internal/fault"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// SSE answers operations as an event stream by the graphql-sse protocol in its distinct
// connections mode: one request, events `next` with a result each, then `complete`. It serves
// clients without sockets, by fetch or EventSource. Use it by pointer.
//
// Only an operation that ran to its end is completed. A stream that the server ends (shutdown, a
// reader that stopped) just closes, and the client connects again; one whose credential ended is
// told so in a last result and completed, because trying again would not help.
type SSE struct {
	MaxBody      int64         // bytes of a POST body; 0 means 128 KiB
	Heartbeat    time.Duration // a comment is sent after so long a silence; 0 means 12 s
	WriteTimeout time.Duration // a reader that does not take an event for so long is dropped; 0 means 10 s
	Watch        Watch         // optional: ends a stream with its credential
	Groups       *Groups       // optional: which subscriptions share an execution

	open connections[*eventStream]
}

var _ graphql.Transport = (*SSE)(nil)

var errShutdown = errors.New("the server is shutting down")

// Supports takes requests that prefer text/event-stream.
func (t *SSE) Supports(r *http.Request) bool { return !wantsSocket(r) && wantsEvents(r) }

// Shutdown ends all streams and refuses new ones. It waits until they have ended, or gives the
// context's error. Call it before http.Server.Shutdown, which waits for streams without ending
// them.
func (t *SSE) Shutdown(ctx context.Context) error {
	return t.open.shutdown(ctx, func(s *eventStream) { s.cancel(errShutdown) })
}

// Open gives the number of open streams.
func (t *SSE) Open() int { return t.open.count() }

// Do answers one request; it returns when the stream has ended.
func (t *SSE) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	params, prob := readParams(w, r, orDefault(t.MaxBody, defaultMaxBody))
	if prob != nil {
		fail(w, mediaJSON, prob)
		return
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(context.Canceled)
	s := &eventStream{
		w: w, conn: http.NewResponseController(w), ctx: ctx, cancel: cancel, done: make(chan struct{}),
		heartbeat: orDefault(t.Heartbeat, 12*time.Second), timeout: orDefault(t.WriteTimeout, 10*time.Second),
	}
	if !t.open.add(s) {
		w.Header().Set("Retry-After", "1")
		http.Error(w, errShutdown.Error(), http.StatusServiceUnavailable)
		return
	}
	defer t.open.remove(s)

	rc, refusal := prepare(ctx, exec, params)
	if refusal == nil && rc.Operation.Operation == ast.Mutation && r.Method == http.MethodGet {
		fail(w, mediaJSON, mutationByGet)
		return
	}
	defer s.close()
	if s.begin() != nil {
		return
	}
	if refusal != nil { // the protocol tells it inside the stream
		_ = s.next(encode(refusal))
		s.finish(nil)
		return
	}
	if t.Watch != nil {
		stop := t.Watch(ctx, func() {
			go s.finish(gqlerror.List{graphError(fault.New(fault.Unauthenticated, "the credential has ended; sign in again"))})
		})
		defer stop()
	}
	serve(ctx, exec, rc, t.Groups, s)
	if ctx.Err() == nil { // a member of a group: others deliver
		select {
		case <-ctx.Done():
		case <-s.done:
		}
	}
}

// eventStream is the sink of one request. Results, heartbeats and the end may come from different
// goroutines.
type eventStream struct {
	conn               *http.ResponseController
	ctx                context.Context // ends with the client, or with the stream
	cancel             context.CancelCauseFunc
	done               chan struct{} // closed when the operation has ended
	heartbeat, timeout time.Duration

	mu     sync.Mutex // guards all below
	w      http.ResponseWriter
	beat   *time.Timer
	closed bool
}

// begin sends the headers and a first comment, so that the client knows it is connected.
func (s *eventStream) begin() error {
	// The server's timeouts are meant for requests that end.
	_ = s.conn.SetReadDeadline(time.Time{})
	h := s.w.Header()
	h.Set("Content-Type", mediaEvents+"; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	h.Add("Vary", "Accept")
	s.mu.Lock()
	s.beat = time.AfterFunc(s.heartbeat, func() { _ = s.write([]byte(":\n\n")) })
	s.mu.Unlock()
	return s.write([]byte(":\n\n"))
}

// write sends bytes at once, with a deadline of their own, and puts off the heartbeat.
func (s *eventStream) write(b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return http.ErrServerClosed
	}
	return s.writeLocked(b)
}

func (s *eventStream) writeLocked(b []byte) error {
	err := s.deadline(time.Now().Add(s.timeout))
	if err == nil {
		_, err = s.w.Write(b)
	}
	if err == nil {
		err = s.conn.Flush()
	}
	if err != nil {
		s.closed = true
		s.cancel(err)
		return err
	}
	s.beat.Reset(s.heartbeat)
	// HTTP/2 would reset a stream that is idle when an old deadline passes.
	return s.deadline(time.Time{})
}

// deadline sets when writes fail; a server without deadlines (a test's recorder) does without.
func (s *eventStream) deadline(at time.Time) error {
	if err := s.conn.SetWriteDeadline(at); !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// next sends a result.
func (s *eventStream) next(payload []byte) error {
	if bytes.ContainsAny(payload, "\r\n") { // a line break would end the event's data
		var flat bytes.Buffer
		if err := json.Compact(&flat, payload); err != nil {
			return err
		}
		payload = flat.Bytes()
	}
	event := make([]byte, 0, len(payload)+len("event: next\ndata: \n\n"))
	event = append(event, "event: next\ndata: "...)
	event = append(event, payload...)
	return s.write(append(event, "\n\n"...))
}

// finish completes the stream, after a last result when there are errors to tell. A source that
// ended because the stream did is not complete.
func (s *eventStream) finish(errs gqlerror.List) {
	if s.ctx.Err() != nil {
		return
	}
	if len(errs) > 0 {
		_ = s.next(encode(&graphql.Response{Errors: errs}))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	// The empty data is for EventSource, which ignores an event without any.
	_ = s.writeLocked([]byte("event: complete\ndata: \n\n"))
	s.closed = true
	s.cancel(context.Canceled)
	close(s.done)
}

// drop ends the stream of a client that does not keep up.
func (s *eventStream) drop(cause error) { s.cancel(cause) }

// close stops the heartbeat: nothing may be written once the request's handler has returned.
func (s *eventStream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.beat.Stop()
}
