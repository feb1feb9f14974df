package graph_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
)

// patience bounds every wait of these tests; nothing is ever slept for.
const patience = 20 * time.Second

// stream is a subscription, over a socket or over SSE.
type stream struct {
	results chan json.RawMessage
	ended   chan struct{} // closed when the server completed it or closed the connection
	code    websocket.StatusCode
}

// subscribe opens a socket of its own and starts one subscription.
func subscribe(t *testing.T, p *apptest.Program, h apptest.Header, query string, v vars) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	conn, resp, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(p.URL, "http")+"/graphql", &websocket.DialOptions{
		Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Cookie": {h["Cookie"]}},
	})
	require.NoError(t, err)
	if resp.Body != nil {
		resp.Body.Close()
	}
	t.Cleanup(func() { cancel(); _ = conn.CloseNow() })
	send := func(m vars) {
		b, err := json.Marshal(m)
		require.NoError(t, err)
		require.NoError(t, conn.Write(ctx, websocket.MessageText, b))
	}
	send(vars{"type": "connection_init", "payload": vars{"authorization": h["Authorization"], "site": h["Carnet-Site"]}})
	send(vars{"id": "1", "type": "subscribe", "payload": vars{"query": query, "variables": v}})
	s := &stream{results: make(chan json.RawMessage, 1000), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		for {
			_, b, err := conn.Read(ctx)
			if err != nil {
				s.code = websocket.CloseStatus(err)
				return
			}
			var m struct {
				Type    string
				Payload json.RawMessage
			}
			if json.Unmarshal(b, &m) != nil {
				return
			}
			switch m.Type {
			case "next", "error":
				s.results <- m.Payload
			case "complete":
				return
			}
		}
	}()
	return s
}

// listen is subscribe over SSE.
func listen(t *testing.T, p *apptest.Program, h apptest.Header, query string, v vars) *stream {
	t.Helper()
	body, err := json.Marshal(vars{"query": query, "variables": v})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+"/graphql", bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	for k, val := range h {
		req.Header.Set(k, val)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { cancel(); resp.Body.Close() })
	require.Equal(t, http.StatusOK, resp.StatusCode)
	s := &stream{results: make(chan json.RawMessage, 1000), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		event := ""
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ":")
			switch name {
			case "event":
				if event = strings.TrimSpace(value); event == "complete" {
					return
				}
			case "data":
				if event == "next" {
					s.results <- json.RawMessage(strings.TrimSpace(value))
				}
			}
		}
	}()
	return s
}

// next gives the next result's data.
func (s *stream) next(t *testing.T, to any) {
	t.Helper()
	select {
	case raw := <-s.results:
		var r apptest.Result
		require.NoError(t, json.Unmarshal(raw, &r), string(raw))
		require.Empty(t, r.Errors, string(raw))
		require.NoError(t, json.Unmarshal(r.Data, to), string(raw))
	case <-time.After(patience):
		t.Fatal("no event came")
	}
}

// end waits until the subscription has ended and gives the socket's close code.
func (s *stream) end(t *testing.T) websocket.StatusCode {
	t.Helper()
	select {
	case <-s.ended:
		return s.code
	case <-time.After(patience):
		t.Fatal("the subscription went on")
		return 0
	}
}
