package transport_test

import (
	"context"
	"io"
	"testing"
	"time"

	"carnet/graph/transport"

	"github.com/stretchr/testify/require"
)

func TestSSERefusals(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	const events = "text/event-stream"
	res, body := ask(t, s, "POST", events, "text/plain", "/", `{"query":"{hello}"}`)
	require.Equal(t, 415, res.StatusCode, body)
	res, body = ask(t, s, "POST", events, asJSON, "/", `{"query":`)
	require.Equal(t, 400, res.StatusCode, body)
	res, body = ask(t, s, "GET", events, "", "/?query=mutation%7Bset(value:%22x%22)%7D", "")
	require.Equal(t, 405, res.StatusCode, body)
	res, body = ask(t, s, "PUT", events, "", "/", "")
	require.Equal(t, 405, res.StatusCode, body)
	// What is wrong with the operation itself is told inside the stream.
	res, body = ask(t, s, "POST", events, asJSON, "/", `{"query":"{nothing}"}`)
	require.Equal(t, 200, res.StatusCode)
	require.Contains(t, body, `"code":"BAD_INPUT"`)
	require.Contains(t, body, "event: complete\ndata: \n\n")
	_, body = ask(t, s, "POST", events, asJSON, "/", `{"query":"subscription{panics}"}`)
	require.Contains(t, body, `"code":"INTERNAL"`)
	require.Contains(t, body, "event: complete")
}

func TestSSEStopsWithItsClient(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	events := stream(t, s, nil, `subscription{topic(name:"a")}`)
	await(t, s.api.started)
	s.api.emit("a", 1)
	require.Equal(t, `{"data":{"topic":1}}`, events.data())
	require.Equal(t, 1, s.sse.Open())
	events.stop()
	require.Equal(t, "a", await(t, s.api.ended))
}

func TestSSEHeartbeat(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, &transport.SSE{Heartbeat: 5 * time.Millisecond})
	events := stream(t, s, nil, `subscription{topic(name:"a")}`)
	for range 5 { // the first greets, the others beat
		kind, data, err := events.event()
		require.NoError(t, err)
		require.Empty(t, kind+data)
	}
	await(t, s.api.started)
	s.api.emit("a", 1)
	require.Equal(t, `{"data":{"topic":1}}`, events.data())
}

// A reader that stops is dropped, and no other waits for it.
func TestSSEDropsAReaderThatStops(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, &transport.SSE{WriteTimeout: 500 * time.Millisecond})
	stream(t, s, narrow(), `subscription{blob(name:"a")}`)
	require.Equal(t, "a", await(t, s.api.started))
	fine := stream(t, s, nil, `subscription{topic(name:"b")}`)
	require.Equal(t, "b", await(t, s.api.started))
	s.api.emit("a", 8<<20)
	for i := range 100 {
		s.api.emit("b", i)
		fine.data()
	}
	require.Equal(t, "a", await(t, s.api.ended))
	s.api.emit("b", 100)
	require.Equal(t, `{"data":{"topic":100}}`, fine.data())
}

// A credential that ends is told in a last result: trying again would not help.
func TestSSECredentialEnds(t *testing.T) {
	t.Parallel()
	ends, released := make(chan func(), 1), make(chan struct{}, 1)
	s := serve(t, nil, &transport.SSE{Watch: func(_ context.Context, ended func()) func() {
		ends <- ended
		return func() { released <- struct{}{} }
	}})
	events := stream(t, s, nil, `subscription{topic(name:"a")}`)
	await(t, s.api.started)
	await(t, ends)()
	require.Contains(t, events.data(), "UNAUTHENTICATED")
	require.Equal(t, "complete", events.kind())
	require.Equal(t, "a", await(t, s.api.ended))
	await(t, released)
}

// Shutdown ends streams without completing them, so that clients connect elsewhere.
func TestSSEShutdown(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	events := stream(t, s, nil, `subscription{topic(name:"a")}`)
	await(t, s.api.started)
	require.NoError(t, s.sse.Shutdown(t.Context()))
	rest, err := io.ReadAll(events.body)
	require.NoError(t, err)
	require.NotContains(t, string(rest), "complete")
	require.Zero(t, s.sse.Open())
	res, _ := ask(t, s, "GET", "text/event-stream", "", "/?query=%7Bhello%7D", "")
	require.Equal(t, 503, res.StatusCode)
}
