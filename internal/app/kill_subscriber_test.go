package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// subscriber follows a segment as a program of somebody else would: it reads the members after the first event and after
// each resync, moves them by the events in between, reads them again when it holds another number than an event tells, and
// connects anew when its socket has ended.
type subscriber struct {
	url, key, segment string

	mu      sync.Mutex
	members map[string]bool // nil while it is not known who they are
	count   int             // as last told
	joined  int             // connections on which the members have been read
	moves   int             // events that named somebody
	resyncs int
	lost    error // why the last connection ended
}

type segmentEvent struct {
	Count            int
	Entered, Updated []struct{ ID string }
	Left             []string
	Resync           bool
}

// retry is how long whoever was refused waits before trying again.
const retry = 20 * time.Millisecond

// run follows until ctx ends.
func (s *subscriber) run(ctx context.Context) {
	again := time.NewTicker(retry)
	defer again.Stop()
	for ctx.Err() == nil {
		err := s.follow(ctx)
		s.mu.Lock()
		s.members, s.lost = nil, err
		s.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

// follow is one connection's life.
func (s *subscriber) follow(ctx context.Context) error {
	conn, resp, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(s.url, "http")+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		return err
	}
	if resp.Body != nil {
		defer resp.Body.Close()
	}
	defer conn.CloseNow() //nolint:errcheck // it has ended, or is of no further use
	conn.SetReadLimit(1 << 20)
	const query = `subscription($i: ID!) { segmentChanged(id: $i) { count entered { id } left updated { id } resync } }`
	for _, m := range []any{
		map[string]any{"type": "connection_init", "payload": map[string]any{"authorization": "Bearer " + s.key}},
		map[string]any{"id": "1", "type": "subscribe", "payload": map[string]any{"query": query, "variables": map[string]any{"i": s.segment}}},
	} {
		b, err := json.Marshal(m)
		if err != nil {
			return err
		}
		if err := conn.Write(ctx, websocket.MessageText, b); err != nil {
			return err
		}
	}
	for first := true; ; {
		_, b, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		var m struct {
			Type    string
			Payload json.RawMessage
		}
		if err := json.Unmarshal(b, &m); err != nil {
			return err
		}
		switch m.Type {
		case "connection_ack":
		case "next":
			var e struct {
				Data   struct{ SegmentChanged *segmentEvent }
				Errors []struct{ Message string }
			}
			if err := json.Unmarshal(m.Payload, &e); err != nil {
				return err
			}
			if e.Data.SegmentChanged == nil {
				return fmt.Errorf("an event without data: %s", m.Payload)
			}
			if err := s.apply(ctx, *e.Data.SegmentChanged, first); err != nil {
				return err
			}
			first = false
		default:
			return fmt.Errorf("the server says %s", b)
		}
	}
}

// apply moves the members by an event. Only the goroutine that follows writes them.
func (s *subscriber) apply(ctx context.Context, e segmentEvent, first bool) error {
	members := maps.Clone(s.members)
	if first {
		members = map[string]bool{}
	}
	for _, one := range append(e.Entered, e.Updated...) {
		members[one.ID] = true
	}
	for _, id := range e.Left {
		delete(members, id)
	}
	if first || e.Resync || len(members) != e.Count {
		var err error
		if members, err = listMembers(ctx, s.url, s.key, s.segment); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.members, s.count = members, e.Count
	switch {
	case first:
		s.joined++
	case e.Resync:
		s.resyncs++
	default:
		s.moves++
	}
	return nil
}

// holds tells whether the subscriber knows exactly these members, and has been told their number.
func (s *subscriber) holds(want map[string]bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.members != nil && s.count == len(want) && maps.Equal(s.members, want)
}

// heard gives how many connections were joined, and how many events moved somebody.
func (s *subscriber) heard() (joined, moves int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.joined, s.moves
}

// differs says how far the subscriber is from what is so.
func (s *subscriber) differs(want map[string]bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var more, less []string
	for id := range s.members {
		if !want[id] {
			more = append(more, id)
		}
	}
	for id := range want {
		if !s.members[id] {
			less = append(less, id)
		}
	}
	return fmt.Sprintf("told %d, are %d, holds %d, too many %v, too few %v, joined %d, moves %d, resyncs %d, last connection lost: %v",
		s.count, len(want), len(s.members), more, less, s.joined, s.moves, s.resyncs, s.lost)
}

// listMembers reads a segment's members page by page.
func listMembers(ctx context.Context, url, key, segment string) (map[string]bool, error) {
	members := map[string]bool{}
	for after := (*string)(nil); ; {
		var page struct {
			Contacts struct {
				Nodes    []struct{ ID string }
				PageInfo struct {
					HasNextPage bool
					EndCursor   *string
				}
			}
		}
		if err := ask(ctx, url, key, `query($i: ID!, $a: String) { contacts(segmentId: $i, first: 200, after: $a) { nodes { id } pageInfo { hasNextPage endCursor } } }`,
			map[string]any{"i": segment, "a": after}, &page); err != nil {
			return nil, err
		}
		for _, n := range page.Contacts.Nodes {
			members[n.ID] = true
		}
		if !page.Contacts.PageInfo.HasNextPage {
			return members, nil
		}
		after = page.Contacts.PageInfo.EndCursor
	}
}

// ask sends a query and reads its data.
func ask(ctx context.Context, url, key, query string, variables map[string]any, to any) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var answer struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err
	}
	if len(answer.Errors) > 0 {
		return errors.New(answer.Errors[0].Message)
	}
	return json.Unmarshal(answer.Data, to)
}
