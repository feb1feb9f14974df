package transport_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"carnet/graph/transport"

	"github.com/99designs/gqlgen/graphql"
	"github.com/stretchr/testify/require"
)

// byField shares `topic`, `blob` and `panics` by document and viewer, `state` with a snapshot, and
// nothing else.
func byField(ctx context.Context, rc *graphql.OperationContext) (transport.Share, bool) {
	key := fmt.Sprint(rc.RawQuery, rc.Variables, ctx.Value(viewerKey{}))
	snapshot := strings.Contains(rc.RawQuery, "state")
	return transport.Share{Key: key, Snapshot: snapshot}, !strings.Contains(rc.RawQuery, "count")
}

func shared(t *testing.T, queue int, closed func(context.Context, error)) *server {
	t.Helper()
	groups := &transport.Groups{ShareKey: byField, Queue: queue}
	return serve(t, &transport.WebSocket{Init: byToken, Groups: groups, Closed: closed}, &transport.SSE{Groups: groups})
}

func as(t *testing.T, s *server, viewer string) *socket {
	t.Helper()
	c := dial(t, s, nil)
	c.send(`{"type":"connection_init","payload":{"token":"` + viewer + `"}}`)
	require.Equal(t, "connection_ack", c.recv().Type)
	return c
}

// One execution serves all members of a key; another key has its own; the last to leave ends it.
func TestGroupSharesOneExecution(t *testing.T) {
	t.Parallel()
	s := shared(t, 0, nil)
	const query = `subscription{topic(name:"a")}`
	var members []*socket
	for range 5 {
		members = append(members, as(t, s, "ada"))
	}
	members[0].subscribe("first", query)
	require.Equal(t, "a", await(t, s.api.started))
	for i, c := range members[1:] {
		c.subscribe(fmt.Sprint("m", i), query)
	}
	for i := range members[1:] { // each is in once it gets what it is sent
		joined(t, s, members[i+1], fmt.Sprint("m", i), members[0], "first")
	}
	s.api.emit("a", 1000)
	members[0].until("first", `{"topic":1000}`)
	for i, c := range members[1:] {
		c.until(fmt.Sprint("m", i), `{"topic":1000}`)
	}
	require.Empty(t, s.api.started, "nobody else was executed")

	stranger := as(t, s, "eve")
	stranger.subscribe("1", query)
	require.Equal(t, "a", await(t, s.api.started), "another viewer, another execution")

	for i, c := range members[1:] {
		c.send(fmt.Sprintf(`{"id":"m%d","type":"complete"}`, i))
	}
	s.api.emit("a", 1001)
	members[0].until("first", `{"topic":1001}`)
	require.Empty(t, s.api.ended, "one member holds it")
	members[0].send(`{"id":"first","type":"complete"}`)
	require.Equal(t, "a", await(t, s.api.ended))

	// The next one starts anew.
	members[0].subscribe("again", query)
	require.Equal(t, "a", await(t, s.api.started))
}

// joined emits until a member receives: its subscribe message has then been handled.
func joined(t *testing.T, s *server, c *socket, id string, other *socket, otherID string) {
	t.Helper()
	got := make(chan message, 1)
	go func() { got <- c.recv() }()
	for n := 1; ; n++ {
		s.api.emit("a", n)
		other.until(otherID, fmt.Sprintf(`{"topic":%d}`, n))
		select {
		case m := <-got:
			require.Equal(t, "next", m.Type)
			require.Equal(t, id, m.ID)
			return
		default:
		}
	}
}

// until reads an operation's results up to the one that is waited for.
func (c *socket) until(id, data string) {
	c.t.Helper()
	want := `{"id":"` + id + `","type":"next","payload":{"data":` + data + `}}`
	for c.raw() != want {
	}
}

// A source's end completes every member, and its panic is told to every member.
func TestGroupEnds(t *testing.T) {
	t.Parallel()
	s := shared(t, 0, nil)
	a, b := as(t, s, "ada"), as(t, s, "ada")
	a.subscribe("1", `subscription{topic(name:"a")}`)
	await(t, s.api.started)
	b.subscribe("2", `subscription{topic(name:"a")}`)
	joined(t, s, b, "2", a, "1")
	s.api.finish("a")
	a.untilComplete("1")
	b.untilComplete("2")
	a.subscribe("1", `subscription{panics}`)
	require.Equal(t, "INTERNAL", a.failed("1"))
	a.subscribe("1", `subscription{count(to:1)}`) // not shared
	a.next("1", `{"count":1}`)
	a.complete("1")
}

func (c *socket) untilComplete(id string) {
	c.t.Helper()
	for c.raw() != `{"id":"`+id+`","type":"complete"}` {
	}
}

// A member that joins late gets a snapshot of its own before the group's results, and misses none.
func TestGroupSnapshot(t *testing.T) {
	t.Parallel()
	s := shared(t, 0, nil)
	const query = `subscription{state(name:"s")}`
	first := as(t, s, "ada")
	first.subscribe("1", query)
	first.next("1", `{"state":0}`)
	require.Equal(t, "s", await(t, s.api.started))
	s.api.emit("s", 41)
	first.next("1", `{"state":41}`)

	late := as(t, s, "ada")
	release := s.api.hold()
	late.subscribe("2", query)
	require.Equal(t, "s", await(t, s.api.started), "the snapshot's own execution")
	s.api.emit("s", 42) // after the snapshot was read, before it is told
	first.next("1", `{"state":42}`)
	release()
	late.next("2", `{"state":41}`)
	late.next("2", `{"state":42}`)
	require.Equal(t, "s", await(t, s.api.ended), "which ends once it has spoken")
	for n := 43; n < 60; n++ {
		s.api.emit("s", n)
		first.next("1", fmt.Sprintf(`{"state":%d}`, n))
		late.next("2", fmt.Sprintf(`{"state":%d}`, n))
	}
	require.Empty(t, s.api.started)
}

// A member whose queue overflows is cut off; the others receive everything in order.
func TestGroupDropsAMemberThatIsBehind(t *testing.T) {
	t.Parallel()
	ends := make(chan error, 10)
	s := shared(t, 4, func(_ context.Context, cause error) { ends <- cause })
	const query = `subscription{blob(name:"a")}`
	fine := connect(t, s, nil)
	fine.subscribe("1", query)
	require.Equal(t, "a", await(t, s.api.started))
	stuck := stalled(t, s)
	stuck.subscribe("1", query)
	for dropped := false; !dropped; {
		s.api.emit("a", 1<<18)
		require.Equal(t, 1<<18, strings.Count(fine.raw(), "x")-strings.Count(`{"id":"1","type":"next"`, "x"))
		select {
		case cause := <-ends:
			require.EqualError(t, cause, "the client does not keep up with its subscription")
			dropped = true
		default:
		}
	}
	require.Empty(t, s.api.started)
	require.Empty(t, s.api.ended, "the execution goes on for the others")
}

// A stream of events is a member like a socket.
func TestGroupAcrossTransports(t *testing.T) {
	t.Parallel()
	s := shared(t, 0, nil)
	const query = `subscription{state(name:"s")}`
	c := connect(t, s, nil)
	c.subscribe("1", query)
	c.next("1", `{"state":0}`)
	await(t, s.api.started)
	events := stream(t, s, nil, query)
	require.Equal(t, `{"data":{"state":0}}`, events.data())
	s.api.emit("s", 1)
	require.Equal(t, `{"data":{"state":1}}`, events.data())
	c.next("1", `{"state":1}`)
	s.api.finish("s")
	c.complete("1")
	require.Equal(t, "complete", events.kind())
}

// eventReader reads a stream's events.
type eventReader struct {
	t    *testing.T
	body *bufio.Reader
	stop func()
}

// stream opens an event stream by GET. The client may be nil.
func stream(t *testing.T, s *server, client *http.Client, query string) *eventReader {
	t.Helper()
	if client == nil {
		client = s.Client()
	}
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/?query="+url.QueryEscape(query), nil)
	require.NoError(t, err)
	req.Header.Set("Accept", "text/event-stream")
	res, err := client.Do(req)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, "text/event-stream; charset=utf-8", res.Header.Get("Content-Type"))
	stop := func() {
		cancel()
		_ = res.Body.Close()
	}
	t.Cleanup(stop)
	return &eventReader{t: t, body: bufio.NewReader(res.Body), stop: stop}
}

// event reads one block; a comment has neither kind nor data.
func (r *eventReader) event() (kind, data string, err error) {
	for {
		line, err := r.body.ReadString('\n')
		if err != nil {
			return "", "", err
		}
		switch line = strings.TrimSuffix(line, "\n"); {
		case line == "":
			return kind, data, nil
		case strings.HasPrefix(line, "event: "):
			kind = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			data = line[len("data: "):]
		}
	}
}

// data gives the next result.
func (r *eventReader) data() string {
	r.t.Helper()
	for {
		kind, data, err := r.event()
		require.NoError(r.t, err)
		if kind == "" {
			continue
		}
		require.Equal(r.t, "next", kind)
		return data
	}
}

// kind gives the next event's kind.
func (r *eventReader) kind() string {
	r.t.Helper()
	for {
		kind, _, err := r.event()
		require.NoError(r.t, err)
		if kind != "" {
			return kind
		}
	}
}
