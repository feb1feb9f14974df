package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"carnet/graph/limit"
	"carnet/graph/transport"
	"carnet/internal/fault"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const sdl = `
	type Query {
		hello: String!
		echo(text: String!): String!
		viewer: String
		fails: String
		panics: String
		waits: String
		self: Query
	}
	type Mutation { set(value: String!): String! }
	type Subscription {
		count(to: Int!): Int!
		topic(name: String!): Int!
		state(name: String!): Int!
		blob(name: String!): String!
		panics: Int!
		refused: Int!
	}
`

// api is a schema executed by hand: transports meet the same interface that generated code has.
type api struct {
	schema *ast.Schema
	// started and ended tell of subscriptions (and `waits`), by the name they were given.
	started, ended chan string

	mu     sync.Mutex
	topics map[string]map[chan int]struct{}
	states map[string]int
	gate   chan struct{} // when set, a state is told once it is closed
}

func newAPI() *api {
	return &api{
		schema:  gqlparser.MustLoadSchema(&ast.Source{Input: sdl}),
		started: make(chan string, 1000), ended: make(chan string, 1000),
		topics: map[string]map[chan int]struct{}{}, states: map[string]int{},
	}
}

// emit sends a value to the topic's subscriptions that are running, and keeps it as the state.
func (a *api) emit(topic string, value int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.states[topic] = value
	for source := range a.topics[topic] {
		source <- value
	}
}

// hold keeps the subscriptions that start from now on from speaking, until the function it gives
// is called.
func (a *api) hold() (release func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	gate := make(chan struct{})
	a.gate = gate
	return func() { close(gate) }
}

// finish completes the topic's subscriptions that are running.
func (a *api) finish(topic string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for source := range a.topics[topic] {
		close(source)
	}
	delete(a.topics, topic)
}

func (a *api) Schema() *ast.Schema { return a.schema }

func (a *api) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (a *api) Exec(ctx context.Context) graphql.ResponseHandler {
	oc := graphql.GetOperationContext(ctx)
	root := map[ast.Operation]string{ast.Query: "Query", ast.Mutation: "Mutation", ast.Subscription: "Subscription"}[oc.Operation.Operation]
	fields := graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{root})
	if root == "Subscription" {
		return a.subscribe(ctx, fields[0], oc.Variables)
	}
	done := false
	return func(ctx context.Context) *graphql.Response {
		if done {
			return nil
		}
		done = true
		return &graphql.Response{Data: a.object(ctx, root, fields, oc.Variables)}
	}
}

func (a *api) object(ctx context.Context, kind string, fields []graphql.CollectedField, vars map[string]any) []byte {
	parts := make([]string, len(fields))
	for i, f := range fields {
		value, err := a.resolve(ctx, kind, f, f.ArgumentMap(vars))
		if err != nil {
			graphql.AddError(ctx, gqlerror.WrapPath(ast.Path{ast.PathName(f.Alias)}, err))
		}
		raw, _ := json.Marshal(value)
		parts[i] = fmt.Sprintf("%q:%s", f.Alias, raw)
	}
	return []byte("{" + strings.Join(parts, ",") + "}")
}

type viewerKey struct{}

func (a *api) resolve(ctx context.Context, kind string, f graphql.CollectedField, args map[string]any) (any, error) {
	switch f.Name {
	case "__typename":
		return kind, nil
	case "hello":
		return "world", nil
	case "echo":
		return args["text"], nil
	case "set":
		return args["value"], nil
	case "viewer":
		return ctx.Value(viewerKey{}), nil
	case "fails":
		return nil, fault.New(fault.NotFound, "no such thing")
	case "panics":
		panic("on purpose")
	case "waits":
		a.started <- "waits"
		<-ctx.Done()
		a.ended <- "waits"
		return nil, ctx.Err()
	default: // introspection finds nothing
		return nil, nil
	}
}

func (a *api) subscribe(ctx context.Context, f graphql.CollectedField, vars map[string]any) graphql.ResponseHandler {
	args := f.ArgumentMap(vars)
	name, _ := args["name"].(string)
	data := func(v any) *graphql.Response {
		raw, _ := json.Marshal(v)
		return &graphql.Response{Data: fmt.Appendf(nil, "{%q:%s}", f.Alias, raw)}
	}
	if f.Name == "refused" {
		graphql.AddError(ctx, graphError(fault.Forbidden, "not for you"))
		return nil
	}
	source := make(chan int, 1000)
	a.mu.Lock()
	gate := a.gate
	if f.Name == "state" {
		source <- a.states[name]
	}
	if a.topics[name] == nil {
		a.topics[name] = map[chan int]struct{}{}
	}
	a.topics[name][source] = struct{}{}
	a.mu.Unlock()
	a.started <- name
	context.AfterFunc(ctx, func() {
		a.mu.Lock()
		delete(a.topics[name], source)
		a.mu.Unlock()
		a.ended <- name
	})
	n := int64(0)
	return func(ctx context.Context) *graphql.Response {
		switch f.Name {
		case "panics":
			panic("on purpose")
		case "count":
			if n++; n > args["to"].(int64) {
				return nil
			}
			return data(n)
		}
		if gate != nil {
			<-gate
		}
		select {
		case <-ctx.Done():
			return nil
		case v, open := <-source:
			switch {
			case !open:
				return nil
			case f.Name == "blob":
				return data(strings.Repeat("x", v))
			}
			return data(v)
		}
	}
}

func graphError(code fault.Code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": string(code)}}
}

// server serves an api by all three transports.
type server struct {
	*httptest.Server
	api *api
	ws  *transport.WebSocket
	sse *transport.SSE
}

// serve starts a server. The transports may be set up by the test; nil means as they come.
func serve(t *testing.T, ws *transport.WebSocket, sse *transport.SSE) *server {
	t.Helper()
	if ws == nil {
		ws = &transport.WebSocket{}
	}
	if sse == nil {
		sse = &transport.SSE{}
	}
	a := newAPI()
	h := handler.New(a)
	h.AddTransport(ws)
	h.AddTransport(sse)
	h.AddTransport(transport.HTTP{MaxBody: 1 << 16})
	h.SetRecoverFunc(func(_ context.Context, cause any) error { return fmt.Errorf("recovered: %v", cause) })
	h.SetQueryCache(lru.New[*ast.QueryDocument](100))
	h.Use(limit.Guard{})
	h.Use(&limit.Limits{})
	s := &server{Server: httptest.NewUnstartedServer(h), api: a, ws: ws, sse: sse}
	s.Listener = smallBuffers{s.Listener}
	s.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = ws.Shutdown(ctx)
		_ = sse.Shutdown(ctx)
		s.Close()
	})
	return s
}

// smallBuffers makes a socket whose peer does not read fill up after a few kilobytes.
type smallBuffers struct{ net.Listener }

func (l smallBuffers) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(8 << 10)
	}
	return conn, err
}

// narrow is a client whose sockets take a few kilobytes before it reads.
func narrow() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetReadBuffer(8 << 10)
			}
			return conn, err
		},
	}}
}

// await gives the next value of a channel, or fails the test after a time that only a fault needs.
func await[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("what was waited for did not happen")
		panic("unreachable")
	}
}
