package transport

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
)

// subprotocol is the only one spoken. The older `graphql-ws` is not.
const subprotocol = "graphql-transport-ws"

// Close codes of graphql-transport-ws, beside those of RFC 6455.
const (
	closeInvalid      websocket.StatusCode = 4400 // a message that the protocol does not know
	closeUnauthorized websocket.StatusCode = 4401 // subscribe before connection_ack
	closeForbidden    websocket.StatusCode = 4403 // init refused, or the credential has ended
	closeSubprotocol  websocket.StatusCode = 4406
	closeInitTimeout  websocket.StatusCode = 4408
	closeDuplicate    websocket.StatusCode = 4409 // subscribe with the id of an open operation
	closeInitAgain    websocket.StatusCode = 4429
	closeInvalidUTF8                       = websocket.StatusInvalidFramePayloadData
)

// WebSocket serves graphql-transport-ws. Use it by pointer.
//
// A connection costs one goroutine (its read loop) and about 18 KB; an operation costs one more
// goroutine unless it is a member of a group. The request's handler returns after the upgrade.
// A credential that ends closes with 4403 and not 4401, which the npm client graphql-ws never
// tries again.
type WebSocket struct {
	// CheckOrigin says whether a page of the request's Origin may connect. Nil allows the request's
	// own host only. Requests without an Origin (no browser) are asked about too.
	CheckOrigin func(r *http.Request) bool
	// Init judges connection_init. It takes the connection's context (with the values of the
	// request's), the request's headers and the message's payload (nil when absent), and gives the
	// context of all operations, which must descend from the one it took, and what connection_ack
	// carries (nil for nothing). Its errors close the connection: with 1013, on which clients try
	// again, when the fault is INTERNAL or RATE_LIMITED, else with 4403. The read loop waits for it,
	// so it should be quick. Nil accepts everybody.
	Init func(ctx context.Context, header http.Header, payload json.RawMessage) (context.Context, any, error)
	// Watch ends a connection with its credential; it takes the context that Init gave. Optional.
	Watch Watch
	// Groups says which subscriptions share an execution. Optional.
	Groups *Groups
	// Closed is told when a connection has ended, and why: a websocket.CloseError with the code that
	// either side sent, or the failure. For logs and metrics. Optional.
	Closed func(ctx context.Context, cause error)

	InitTimeout   time.Duration // 4408 without connection_init by then; 0 means 3 s
	PingInterval  time.Duration // a connection that does not answer a ping for so long is dropped; 0 means 25 s
	WriteTimeout  time.Duration // a reader that does not take a message for so long is dropped; 0 means 10 s
	MaxMessage    int64         // bytes of a client's message, else 1009; 0 means 128 KiB
	MaxOperations int           // open at once on a connection; 0 means 100

	open connections[*session]
}

var _ graphql.Transport = (*WebSocket)(nil)

// Supports takes upgrades to WebSocket.
func (t *WebSocket) Supports(r *http.Request) bool { return wantsSocket(r) }

// Open gives the number of open connections.
func (t *WebSocket) Open() int { return t.open.count() }

// Shutdown closes all connections with 1001 and refuses new ones. It waits for the closing
// handshakes, or gives the context's error; a peer that does not answer takes up to ten seconds.
func (t *WebSocket) Shutdown(ctx context.Context) error {
	return t.open.shutdown(ctx, func(s *session) {
		s.close(websocket.StatusGoingAway, errShutdown.Error())
	})
}

// Do upgrades the request and leaves the connection to a read loop of its own, so that net/http's
// goroutine, request and buffers are given back.
func (t *WebSocket) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if t.CheckOrigin != nil && !t.CheckOrigin(r) {
		http.Error(w, "pages of this origin may not connect; register the origin in the site's settings", http.StatusForbidden)
		return
	}
	s := newSession(t, exec, r)
	if !t.open.add(s) {
		w.Header().Set("Retry-After", "1")
		http.Error(w, errShutdown.Error(), http.StatusServiceUnavailable)
		return
	}
	conn, err := websocket.Accept(smallHijack{w}, r, &websocket.AcceptOptions{
		Subprotocols:       []string{subprotocol},
		InsecureSkipVerify: t.CheckOrigin != nil, // checked above
	})
	if err != nil { // Accept has answered
		s.cancel(err)
		close(s.ready)
		t.open.remove(s)
		return
	}
	conn.SetReadLimit(orDefault(t.MaxMessage, defaultMaxBody))
	go s.run(conn)
}

// smallHijack gives coder/websocket buffers of 512 bytes instead of net/http's two of 4 KiB, which
// it would keep for the life of the connection.
type smallHijack struct{ http.ResponseWriter }

// Hijack keeps net/http's buffers when the client has already sent something into them.
func (s smallHijack) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buf, err := http.NewResponseController(s.ResponseWriter).Hijack()
	if err != nil || buf.Reader.Buffered() > 0 || buf.Writer.Buffered() > 0 {
		return conn, buf, err
	}
	return conn, bufio.NewReadWriter(bufio.NewReaderSize(conn, 512), bufio.NewWriterSize(conn, 512)), nil
}
