package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// What is measured of live segments: how soon after a commit by plain SQL its event is at every socket, how many
// changes a second reach them all, and what ten thousand sockets cost.

const (
	listeners  = 100
	crowd      = 10_000
	liveMark   = "#0b0b0b" // the colour by which contacts come in and leave
	steadyPace = 50        // changes a second
)

// audience are sockets that follow one segment.
type audience struct {
	conns []*websocket.Conn
	heard chan heard
	wg    sync.WaitGroup
}

// heard is an event at one socket.
type heard struct {
	contact string
	at      time.Time
}

func (s *server) live(ctx context.Context, o options, _ string) (rows []row, err error) {
	pool, err := pgxpool.New(ctx, "host="+s.socket+" port=5432 user=carnet dbname=carnet pool_max_conns=8")
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	if o.segments > 0 {
		if _, err := s.readIndex(ctx); err != nil {
			return nil, err
		}
		f, failure := s.follow(ctx, o.segments)
		defer func() { err = errors.Join(err, f.end(ctx, s)) }()
		if failure != nil {
			return nil, fmt.Errorf("follow segments: %w", failure)
		}
		rows = append(rows, row{work: fmt.Sprintf("%d more segments are saved, and followed meanwhile", o.segments), ours: fmt.Sprintf("%.1f s", (f.saving + f.opening).Seconds()),
			detail: fmt.Sprintf("saved in %.1f s, opened in %.1f s", f.saving.Seconds(), f.opening.Seconds())})
	}
	segment, err := s.makeSegment(ctx, fmt.Sprint("bench ", time.Now().UnixNano()), map[string]any{"color": liveMark})
	if err != nil {
		return nil, err
	}
	defer func() {
		more := s.dropSegment(ctx, segment)
		_, reset := pool.Exec(ctx, "UPDATE contact SET color = '' WHERE site_id = $1 AND color = $2", s.site, liveMark)
		err = errors.Join(err, more, reset)
	}()
	a, _, err := s.listen(ctx, segment, listeners)
	if err != nil {
		return nil, err
	}
	took, lost, err := s.changes(ctx, pool, a, steadyPace, o.duration)
	if err != nil {
		return nil, err
	}
	rows = append(rows, row{work: fmt.Sprintf("commit to event, %d sockets, %d changes a second", listeners, steadyPace), ours: fmt.Sprintf("%d lost", lost),
		detail: fmt.Sprintf("p50 %.1f, p99 %.1f ms", ms(took[len(took)/2]), ms(took[len(took)*99/100]))})
	best, detail := 0, ""
	for pace := 200; pace <= 3000; pace += 100 {
		took, lost, err := s.changes(ctx, pool, a, pace, 4*time.Second)
		if err != nil {
			return nil, err
		}
		if lost > 0 || took[len(took)-1] > time.Second {
			break
		}
		best, detail = pace, fmt.Sprintf("p50 %.1f, p99 %.1f ms", ms(took[len(took)/2]), ms(took[len(took)*99/100]))
	}
	rows = append(rows, row{work: fmt.Sprintf("changes a second that %d sockets all hear of", listeners), ours: fmt.Sprintf("%d/s", best), detail: detail})
	a.close() // fanning out is measured above; here it is the feed
	writers, err := s.writers(ctx, pool, o)
	if err != nil {
		return nil, fmt.Errorf("writers: %w", err)
	}
	rows = append(rows, writers)
	if err := s.catchUp(ctx); err != nil {
		return nil, err
	}

	before := s.memory()
	a, opened, err := s.listen(ctx, segment, crowd)
	if err != nil {
		return append(rows, row{work: fmt.Sprintf("%d sockets", crowd), ours: "failed", detail: err.Error()}), nil
	}
	defer a.close()
	held := s.memory() - before
	took, lost, err = s.changes(ctx, pool, a, 1, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return append(rows, row{work: fmt.Sprintf("one event at %d sockets, the last of them", crowd), ours: fmt.Sprintf("%.0f ms", ms(took[len(took)-1])),
		detail: fmt.Sprintf("%d lost, opened in %.1f s, %.1f KB a socket", lost, opened.Seconds(), float64(held)*1024/crowd)}), nil
}

// listen opens sockets that follow a segment, and gives how long that took.
func (s *server) listen(ctx context.Context, segment string, n int) (*audience, time.Duration, error) {
	a := &audience{conns: make([]*websocket.Conn, n), heard: make(chan heard, 1<<20)}
	began := time.Now()
	failed := make([]error, n)
	var opening sync.WaitGroup
	turns := make(chan struct{}, 64)
	for i := range n {
		opening.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			a.conns[i], failed[i] = s.open(ctx, []string{segment})
		})
	}
	opening.Wait()
	opened := time.Since(began)
	if err := errors.Join(failed...); err != nil {
		a.close()
		return nil, 0, fmt.Errorf("%.300s", err.Error())
	}
	for _, c := range a.conns {
		a.wg.Go(func() { a.read(ctx, c) })
	}
	return a, opened, nil
}

// open opens one socket that follows segments, and returns once it has been told each one's count.
func (s *server) open(ctx context.Context, segments []string) (*websocket.Conn, error) {
	conn, resp, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(s.url, "http")+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{}})
	if err != nil {
		return nil, err
	}
	if resp.Body != nil {
		_ = resp.Body.Close()
	}
	hello, err := json.Marshal(map[string]any{"type": "connection_init", "payload": map[string]any{"authorization": s.credential[1]}})
	if err != nil {
		return nil, err
	}
	subscribe, err := subscriptions(segments)
	if err != nil {
		return nil, err
	}
	for _, m := range append([][]byte{hello}, subscribe...) {
		if err := conn.Write(ctx, websocket.MessageText, m); err != nil {
			return nil, err
		}
	}
	return conn, told(ctx, conn, len(segments))
}

// subscriptions are what follows segments on one socket.
func subscriptions(segments []string) ([][]byte, error) {
	var out [][]byte
	for i, id := range segments {
		b, err := json.Marshal(map[string]any{"id": fmt.Sprint(i), "type": "subscribe", "payload": map[string]any{
			"query": `subscription($i: ID!) { segmentChanged(id: $i) { version count entered { id displayName } left resync } }`, "variables": map[string]any{"i": id}}})
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// told reads a socket until each of its subscriptions has been told the count.
func told(ctx context.Context, conn *websocket.Conn, n int) error {
	for n > 0 {
		_, b, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if strings.Contains(string(b), `"next"`) {
			n--
		}
		if strings.Contains(string(b), `"error"`) {
			return fmt.Errorf("%.300s", b)
		}
	}
	return nil
}

// read tells what a socket hears until it ends. Servers' pings are answered by the library.
func (a *audience) read(ctx context.Context, c *websocket.Conn) {
	for {
		_, b, err := c.Read(ctx)
		if err != nil {
			return
		}
		at := time.Now()
		for _, id := range contactsOf(b) {
			a.heard <- heard{id, at}
		}
	}
}

// contactsOf gives the ids of who came and left, by their form alone: a hundred listeners that parse would be most of the load.
func contactsOf(message []byte) (ids []string) {
	_, entered, _ := bytes.Cut(message, []byte(`"entered":[`))
	for rest := entered; ; {
		open := bytes.IndexByte(rest, '"')
		if open < 0 || len(rest) < open+38 {
			return ids
		}
		if word := rest[open+1 : open+37]; rest[open+37] == '"' && word[8] == '-' && word[13] == '-' {
			ids, rest = append(ids, string(word)), rest[open+38:]
		} else {
			rest = rest[open+1:]
		}
	}
}

func (a *audience) close() {
	for _, c := range a.conns {
		if c != nil {
			_ = c.CloseNow()
		}
	}
	a.wg.Wait()
}

// changes commits changes at a pace, each of another contact, and gives how long after its commit was sent each was heard of, for each
// socket, in order, and how many were not.
func (s *server) changes(ctx context.Context, pool *pgxpool.Pool, a *audience, pace int, during time.Duration) (took []time.Duration, lost int, err error) {
	n := min(int(during.Seconds()*float64(pace)), len(s.ids))
	order := rand.Perm(len(s.ids))[:n] //nolint:gosec // which contact is no secret
	var mu sync.Mutex
	sent := make(map[string]time.Time, n)
	var failed atomic.Pointer[error]
	var writers sync.WaitGroup
	began := time.Now()
	turns := make(chan string)
	for range 6 {
		writers.Go(func() {
			for id := range turns {
				if err := s.toggle(ctx, pool, id, func(at time.Time) {
					mu.Lock()
					sent[id] = at
					mu.Unlock()
				}); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	go func() {
		defer close(turns)
		for i, at := range order {
			if wait := time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(pace))); wait > 0 {
				time.Sleep(wait) // the pace is what is measured
			}
			turns <- s.ids[at]
		}
	}()
	want := n * len(a.conns)
	deadline := time.After(during + 10*time.Second)
	var all []heard
	for len(all) < want {
		select {
		case h := <-a.heard:
			all = append(all, h)
		case <-deadline:
			lost = want - len(all)
			want = 0
		}
	}
	writers.Wait()
	if e := failed.Load(); e != nil {
		return nil, 0, *e
	}
	for _, h := range all {
		took = append(took, h.at.Sub(sent[h.contact]))
	}
	slices.Sort(took)
	if len(took) == 0 {
		return nil, lost, errors.New("no event came")
	}
	return took, lost, nil
}

// toggle moves a contact into the segment or out of it; sent is called just before the commit leaves.
func (s *server) toggle(ctx context.Context, pool *pgxpool.Pool, id string, sent func(time.Time)) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE contact SET color = CASE color WHEN $3 THEN '' ELSE $3 END WHERE site_id = $1 AND id = $2", s.site, id, liveMark)
		sent(time.Now())
		return err
	})
}
