package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"carnet/graph/transport"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// socket is a client that sends and reads raw messages.
type socket struct {
	t    *testing.T
	conn *websocket.Conn
}

// message is what the server sends.
type message struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// dial connects without a word. Options may be nil.
func dial(t *testing.T, s *server, opts *websocket.DialOptions) *socket {
	t.Helper()
	if opts == nil {
		opts = &websocket.DialOptions{}
	}
	if opts.Subprotocols == nil {
		opts.Subprotocols = []string{"graphql-transport-ws"}
	}
	conn, res, err := websocket.Dial(t.Context(), s.URL, opts)
	require.NoError(t, err)
	if res.Body != nil {
		_ = res.Body.Close()
	}
	conn.SetReadLimit(-1)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &socket{t: t, conn: conn}
}

// connect dials and is acknowledged.
func connect(t *testing.T, s *server, opts *websocket.DialOptions) *socket {
	t.Helper()
	c := dial(t, s, opts)
	c.send(`{"type":"connection_init"}`)
	require.Equal(t, `{"type":"connection_ack"}`, c.raw())
	return c
}

func (c *socket) send(messages ...string) {
	c.t.Helper()
	for _, m := range messages {
		require.NoError(c.t, c.conn.Write(c.t.Context(), websocket.MessageText, []byte(m)))
	}
}

func (c *socket) subscribe(id, query string) {
	c.t.Helper()
	payload, err := json.Marshal(map[string]string{"query": query})
	require.NoError(c.t, err)
	c.send(`{"id":"` + id + `","type":"subscribe","payload":` + string(payload) + `}`)
}

func (c *socket) raw() string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer cancel()
	_, b, err := c.conn.Read(ctx)
	require.NoError(c.t, err)
	return string(b)
}

func (c *socket) recv() (m message) {
	c.t.Helper()
	require.NoError(c.t, json.Unmarshal([]byte(c.raw()), &m))
	return m
}

// next expects a result of an operation.
func (c *socket) next(id, data string) {
	c.t.Helper()
	require.Equal(c.t, `{"id":"`+id+`","type":"next","payload":{"data":`+data+`}}`, c.raw())
}

func (c *socket) complete(id string) {
	c.t.Helper()
	require.Equal(c.t, `{"id":"`+id+`","type":"complete"}`, c.raw())
}

// failed expects an operation's error, and gives its code.
func (c *socket) failed(id string) string {
	c.t.Helper()
	m := c.recv()
	require.Equal(c.t, "error", m.Type)
	require.Equal(c.t, id, m.ID)
	var errs []struct{ Extensions struct{ Code string } }
	require.NoError(c.t, json.Unmarshal(m.Payload, &errs), string(m.Payload))
	return errs[0].Extensions.Code
}

// closed reads to the end and gives the close frame.
func (c *socket) closed() websocket.CloseError {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer cancel()
	for {
		_, _, err := c.conn.Read(ctx)
		if err == nil {
			continue
		}
		var end websocket.CloseError
		require.ErrorAs(c.t, err, &end)
		return end
	}
}

const initMessage = `{"type":"connection_init"}`

// Every breach of the protocol ends with the protocol's code.
func TestWebSocketClosesWithTheProtocolsCode(t *testing.T) {
	t.Parallel()
	s := serve(t, &transport.WebSocket{Init: byToken, MaxMessage: 4096, InitTimeout: time.Minute}, nil)
	text := func(messages ...string) func(*socket) {
		return func(c *socket) { c.send(messages...) }
	}
	const subscribe = `{"id":"1","type":"subscribe","payload":{"query":"subscription{topic(name:\"codes\")}"}}`
	long := strings.Repeat("é", 300)
	for _, c := range []struct {
		name   string
		act    func(*socket)
		code   websocket.StatusCode
		reason string // contained
	}{
		{"refused init", text(`{"type":"connection_init","payload":{"token":"bad"}}`), 4403, "Forbidden: sign in again"},
		{"init that fails on our side", text(`{"type":"connection_init","payload":{"token":"down"}}`), 1013, "Try again later"},
		{"init of a wrong type", text(`{"type":"connection_init","payload":{"token":1}}`), 4403, "Forbidden"},
		{"init twice", text(initMessage, initMessage), 4429, "Too many initialisation requests"},
		{"subscribe before init", text(subscribe), 4401, "Unauthorized"},
		{"unknown type", text(initMessage, `{"type":"start"}`), 4400, "unknown type"},
		{"no type", text(`{}`), 4400, "unknown type"},
		{"not JSON", text(`hello`), 4400, "not a JSON object"},
		{"a list", text(`[]`), 4400, "not a JSON object"},
		{"a payload that is no object", text(`{"type":"ping","payload":"x"}`), 4400, "must be an object"},
		{"subscribe without id", text(initMessage, `{"type":"subscribe","payload":{"query":"{hello}"}}`), 4400, "needs an id"},
		{"subscribe without payload", text(initMessage, `{"id":"1","type":"subscribe"}`), 4400, "needs a payload"},
		{"subscribe without query", text(initMessage, `{"id":"1","type":"subscribe","payload":{}}`), 4400, "`query` is missing"},
		{"query of a wrong type", text(initMessage, `{"id":"1","type":"subscribe","payload":{"query":1}}`), 4400, "must be a string"},
		{"complete without id", text(initMessage, `{"type":"complete"}`), 4400, "needs an id"},
		{"an open operation's id", text(initMessage, subscribe, subscribe), 4409, "Subscriber for 1 already exists"},
		{"a long id, twice", text(initMessage, strings.ReplaceAll(subscribe, `"1"`, `"`+long+`"`), strings.ReplaceAll(subscribe, `"1"`, `"`+long+`"`)), 4409, "Subscriber for éé"},
		{"binary", func(c *socket) {
			require.NoError(c.t, c.conn.Write(c.t.Context(), websocket.MessageBinary, []byte(initMessage)))
		}, 4400, "binary"},
		{"broken UTF-8", text("{\"type\":\"ping\",\"x\":\"\xff\"}"), 1007, "not UTF-8"},
		{"a little too big", text(`{"type":"ping","payload":{"x":"` + strings.Repeat("x", 4096) + `"}}`), 1009, "read limited"},
		{"far too big", text(`{"type":"ping","payload":{"x":"` + strings.Repeat("x", 1<<20) + `"}}`), 1009, "read limited"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := dial(t, s, nil)
			c.act(client) // whatever it sends, it can send it to its end
			got := client.closed()
			require.Equal(t, c.code, got.Code, got.Reason)
			require.Contains(t, got.Reason, c.reason)
			require.Less(t, len(got.Reason), 124)
		})
	}
}

func TestWebSocketInitTimeout(t *testing.T) {
	t.Parallel()
	s := serve(t, &transport.WebSocket{InitTimeout: 10 * time.Millisecond}, nil)
	require.Equal(t, websocket.CloseError{Code: 4408, Reason: "Connection initialisation timeout"}, dial(t, s, nil).closed())
}

func TestWebSocketSubprotocol(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	for _, offered := range [][]string{{"graphql-ws"}, {}} {
		require.Equal(t, websocket.StatusCode(4406), dial(t, s, &websocket.DialOptions{Subprotocols: offered}).closed().Code)
	}
}

func TestWebSocketOrigin(t *testing.T) {
	t.Parallel()
	from := func(origin string) *websocket.DialOptions {
		return &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Origin": {origin}}}
	}
	s := serve(t, nil, nil)
	connect(t, s, from(s.URL))
	_, res, err := websocket.Dial(t.Context(), s.URL, from("https://elsewhere.example"))
	require.Error(t, err)
	require.Equal(t, http.StatusForbidden, res.StatusCode)

	asked := serve(t, &transport.WebSocket{CheckOrigin: func(r *http.Request) bool {
		return r.Header.Get("Origin") == "https://calendar.example"
	}}, nil)
	connect(t, asked, from("https://calendar.example"))
	_, res, err = websocket.Dial(t.Context(), asked.URL, from(asked.URL))
	require.Error(t, err)
	require.Equal(t, http.StatusForbidden, res.StatusCode)
}

func TestWebSocketOperations(t *testing.T) {
	t.Parallel()
	s := serve(t, &transport.WebSocket{Init: byToken}, nil)
	c := dial(t, s, nil)
	c.send(`{"type":"ping"}`, `{"type":"ping","payload":{"n":1}}`, `{"type":"pong"}`) // allowed before init
	require.Equal(t, `{"type":"pong"}`, c.raw())
	require.Equal(t, `{"type":"pong","payload":{"n":1}}`, c.raw())
	c.send(`{"type":"connection_init","payload":{"token":"ada"}}`)
	require.Equal(t, `{"type":"connection_ack","payload":{"hello":"ada"}}`, c.raw())

	c.subscribe("q", "{hello viewer}")
	c.next("q", `{"hello":"world","viewer":"ada"}`)
	c.complete("q")
	c.subscribe("q", "subscription{count(to:2)}") // the id is free again
	c.next("q", `{"count":1}`)
	c.next("q", `{"count":2}`)
	c.complete("q")

	c.subscribe("invalid", "{nothing}")
	require.Equal(t, "BAD_INPUT", c.failed("invalid"))
	c.subscribe("deep", "{"+strings.Repeat("self{", 12)+"hello"+strings.Repeat("}", 13))
	require.Equal(t, "TOO_COMPLEX", c.failed("deep"))
	c.subscribe("defer", "{...@defer{hello}}")
	require.Equal(t, "BAD_INPUT", c.failed("defer"))
	c.subscribe("panic", "{panics}")
	require.Equal(t, "INTERNAL", c.failed("panic"))
	c.subscribe("panics", "subscription{panics}")
	require.Equal(t, "INTERNAL", c.failed("panics"))
	c.subscribe("refused", "subscription{refused}")
	require.Equal(t, `{"id":"refused","type":"next","payload":{"errors":[{"message":"not for you","extensions":{"code":"FORBIDDEN"}}]}}`, c.raw())
	c.complete("refused")
	c.send(`{"id":"never opened","type":"complete"}`)
	c.subscribe("q", "{hello}") // and the connection lives on
	c.next("q", `{"hello":"world"}`)
}

// A completed operation's source stops, and its id is free at once: results of the first do not
// come under the id of the second.
func TestWebSocketCompleteByTheClient(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	c := connect(t, s, nil)
	for range 50 {
		c.subscribe("1", `subscription{topic(name:"a")}`)
		require.Equal(t, "a", await(t, s.api.started))
		s.api.emit("a", 1)
		c.next("1", `{"topic":1}`)
		c.send(`{"id":"1","type":"complete"}`)
		c.subscribe("1", `subscription{topic(name:"b")}`)
		require.Equal(t, "a", await(t, s.api.ended))
		require.Equal(t, "b", await(t, s.api.started))
		s.api.emit("b", 2)
		c.next("1", `{"topic":2}`)
		c.send(`{"id":"1","type":"complete"}`)
		require.Equal(t, "b", await(t, s.api.ended))
	}
}

// What a connection opened ends with it, running queries too.
func TestWebSocketEndStopsOperations(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	c := connect(t, s, nil)
	c.subscribe("1", `subscription{topic(name:"a")}`)
	c.subscribe("2", `{waits}`)
	await(t, s.api.started)
	await(t, s.api.started)
	require.NoError(t, c.conn.CloseNow())
	require.ElementsMatch(t, []string{"a", "waits"}, []string{await(t, s.api.ended), await(t, s.api.ended)})
}

func TestWebSocketCapsOperations(t *testing.T) {
	t.Parallel()
	s := serve(t, &transport.WebSocket{MaxOperations: 2}, nil)
	c := connect(t, s, nil)
	c.subscribe("1", `subscription{topic(name:"a")}`)
	c.subscribe("2", `subscription{topic(name:"b")}`)
	await(t, s.api.started)
	await(t, s.api.started)
	c.subscribe("3", `{hello}`)
	require.Equal(t, "RATE_LIMITED", c.failed("3"))
	c.send(`{"id":"1","type":"complete"}`)
	c.subscribe("3", `{hello}`)
	c.next("3", `{"hello":"world"}`)
	c.complete("3")
	s.api.emit("b", 7)
	c.next("2", `{"topic":7}`)
}

// A credential that ends closes the socket; one that outlives its connection is let go.
func TestWebSocketCredentialEnds(t *testing.T) {
	t.Parallel()
	type watched struct {
		viewer any
		ended  func()
	}
	watches, released := make(chan watched, 10), make(chan any, 10)
	s := serve(t, &transport.WebSocket{Init: byToken, Watch: func(ctx context.Context, ended func()) func() {
		viewer := ctx.Value(viewerKey{})
		watches <- watched{viewer, ended}
		return func() { released <- viewer }
	}}, nil)
	c := dial(t, s, nil)
	c.send(`{"type":"connection_init","payload":{"token":"ada"}}`)
	c.raw()
	c.subscribe("1", `subscription{topic(name:"a")}`)
	await(t, s.api.started)
	w := await(t, watches)
	require.Equal(t, "ada", w.viewer)
	w.ended()
	require.Equal(t, websocket.CloseError{Code: 4403, Reason: "credential ended"}, c.closed())
	require.Equal(t, "a", await(t, s.api.ended))
	require.Equal(t, "ada", await(t, released))

	c = dial(t, s, nil)
	c.send(`{"type":"connection_init","payload":{"token":"eve"}}`)
	c.raw()
	w = await(t, watches)
	require.NoError(t, c.conn.Close(websocket.StatusNormalClosure, ""))
	require.Equal(t, "eve", await(t, released))
	w.ended() // too late to matter
}

func TestWebSocketShutdown(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	clients := make([]*socket, 5)
	for i := range clients {
		clients[i] = connect(t, s, nil)
		clients[i].subscribe("1", `subscription{topic(name:"a")}`)
		await(t, s.api.started)
	}
	require.Equal(t, len(clients), s.ws.Open())
	ends := make(chan websocket.CloseError, len(clients))
	for _, c := range clients {
		go func() { ends <- c.closed() }()
	}
	require.NoError(t, s.ws.Shutdown(t.Context()))
	require.Zero(t, s.ws.Open())
	for range clients {
		require.Equal(t, websocket.StatusGoingAway, await(t, ends).Code)
		require.Equal(t, "a", await(t, s.api.ended))
	}
	_, res, err := websocket.Dial(t.Context(), s.URL, nil)
	require.Error(t, err)
	require.Equal(t, http.StatusServiceUnavailable, res.StatusCode)
	require.NoError(t, s.ws.Shutdown(t.Context()), "a second time waits again")
}

// Shutdown gives up waiting with its context.
func TestWebSocketShutdownIsBounded(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	connect(t, s, nil) // and never reads again, so that it does not answer
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.ws.Shutdown(ctx), context.DeadlineExceeded)
}

// stalled is a client that is connected and then never reads.
func stalled(t *testing.T, s *server) *socket {
	t.Helper()
	return connect(t, s, &websocket.DialOptions{HTTPClient: narrow()})
}

// A reader that stops is dropped after WriteTimeout, and neither its socket nor its operations
// hold up another connection.
func TestWebSocketDropsAReaderThatStops(t *testing.T) {
	t.Parallel()
	ends := make(chan error, 10)
	s := serve(t, &transport.WebSocket{
		WriteTimeout: 500 * time.Millisecond,
		Closed:       func(_ context.Context, cause error) { ends <- cause },
	}, nil)
	stuck, fine := stalled(t, s), connect(t, s, nil)
	stuck.subscribe("1", `subscription{blob(name:"a")}`)
	require.Equal(t, "a", await(t, s.api.started))
	fine.subscribe("1", `subscription{topic(name:"b")}`)
	require.Equal(t, "b", await(t, s.api.started))
	s.api.emit("a", 8<<20)
	for i := range 100 { // while the other is stuck in its write
		s.api.emit("b", i)
		require.Equal(t, "next", fine.recv().Type)
	}
	require.EqualError(t, await(t, ends), "the client does not read its socket")
	require.Equal(t, "a", await(t, s.api.ended))
	s.api.emit("b", 100)
	fine.next("1", `{"topic":100}`)
}

// A peer that does not answer pings is dropped.
func TestWebSocketPings(t *testing.T) {
	t.Parallel()
	ends := make(chan error, 10)
	s := serve(t, &transport.WebSocket{
		PingInterval: 50 * time.Millisecond,
		Closed:       func(_ context.Context, cause error) { ends <- cause },
	}, nil)
	connect(t, s, nil) // coder's client answers pings only while it reads
	require.ErrorContains(t, await(t, ends), "no answer to a ping")

	s = serve(t, &transport.WebSocket{PingInterval: time.Second}, nil)
	pings := make(chan struct{}, 10)
	alive := connect(t, s, &websocket.DialOptions{OnPingReceived: func(context.Context, []byte) bool {
		select {
		case pings <- struct{}{}:
		default:
		}
		return true
	}})
	go func() { _, _, _ = alive.conn.Read(t.Context()) }()
	for range 2 { // the first was answered, or there were no second
		await(t, pings)
	}
	require.Equal(t, 1, s.ws.Open())
}

// Closed tells the code, whichever side sent it, and a hook's panic ends one connection only.
func TestWebSocketTellsWhyItEnded(t *testing.T) {
	t.Parallel()
	ends := make(chan error, 10)
	s := serve(t, &transport.WebSocket{Init: byToken, Closed: func(_ context.Context, cause error) { ends <- cause }}, nil)
	code := func() websocket.StatusCode {
		var end websocket.CloseError
		if err := await(t, ends); !errors.As(err, &end) {
			t.Log(err)
		}
		return end.Code
	}
	c := connect(t, s, nil)
	require.NoError(t, c.conn.Close(1000, "bye"))
	require.Equal(t, websocket.StatusNormalClosure, code())
	c = connect(t, s, nil)
	c.send("?")
	_ = c.closed()
	require.Equal(t, websocket.StatusCode(4400), code())
	c = dial(t, s, nil)
	c.send(`{"type":"connection_init","payload":{"token":"panic"}}`)
	require.ErrorContains(t, await(t, ends), "panic: on purpose")
	connect(t, s, nil)
}
