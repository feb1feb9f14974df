package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// followed are saved segments of many different rules, each followed by a subscription.
type followed struct {
	ids   []string
	conns []*websocket.Conn
	wg    sync.WaitGroup

	saving, opening time.Duration
}

// perSocket is how many subscriptions a socket may hold.
const perSocket = 100

// follow saves n segments and follows each. A rule asks for a group, a quarter of a year of birth, and that a contact lacks the mark
// which the measured changes set and take: whoever is in the group and was born then moves with each change.
func (s *server) follow(ctx context.Context, n int) (*followed, error) {
	f := &followed{ids: make([]string, n)}
	failed := make([]error, n)
	began := time.Now()
	var making sync.WaitGroup
	turns := make(chan int)
	for range 8 {
		making.Go(func() {
			for i := range turns {
				quarter := i / len(s.groups)
				day := time.Date(1940+quarter/4%60, time.Month(1+quarter%4*3), 1, 0, 0, 0, 0, time.UTC)
				f.ids[i], failed[i] = s.makeSegment(ctx, fmt.Sprintf("bench %d of %d", i, time.Now().UnixNano()), map[string]any{"all": []map[string]any{
					{"group": s.groups[i%len(s.groups)]},
					{"date": map[string]any{"column": "BIRTH_DATE", "from": day.Format(time.DateOnly), "to": day.AddDate(0, 3, -1).Format(time.DateOnly)}},
					{"not": map[string]any{"color": liveMark}},
				}})
			}
		})
	}
	for i := range n {
		turns <- i
	}
	close(turns)
	making.Wait()
	if err := errors.Join(failed...); err != nil {
		return f, fmt.Errorf("%.300s", err.Error())
	}
	f.saving = time.Since(began)
	began = time.Now()
	defer func() { f.opening = time.Since(began) }()
	for at := 0; at < n; at += perSocket {
		conn, err := s.open(ctx, f.ids[at:min(at+perSocket, n)])
		if err != nil {
			return f, err
		}
		f.conns = append(f.conns, conn)
		f.wg.Go(func() {
			for {
				if _, _, err := conn.Read(ctx); err != nil {
					return
				}
			}
		})
	}
	return f, nil
}

// end leaves nothing of them.
func (f *followed) end(ctx context.Context, s *server) error {
	for _, c := range f.conns {
		_ = c.CloseNow()
	}
	f.wg.Wait()
	var failed []error
	for _, id := range f.ids {
		if id != "" {
			failed = append(failed, s.dropSegment(ctx, id))
		}
	}
	return errors.Join(failed...)
}

func (s *server) dropSegment(ctx context.Context, id string) error {
	_, err := s.ask(ctx, `mutation($i: ID!) { deleteSegment(input: {id: $i}) { errors { code } } }`, map[string]any{"i": id})
	return err
}

func (s *server) makeSegment(ctx context.Context, name string, rule map[string]any) (string, error) {
	b, err := s.ask(ctx, `mutation($n: String!, $r: ContactFilter!) { createSegment(input: {name: $n, rule: $r}) { segment { id } errors { code message } } }`,
		map[string]any{"n": name, "r": rule})
	if err != nil {
		return "", err
	}
	var out struct {
		Data struct {
			CreateSegment struct{ Segment *struct{ ID string } }
		}
	}
	if err := json.Unmarshal(b, &out); err != nil || out.Data.CreateSegment.Segment == nil {
		return "", fmt.Errorf("make a segment: %s", b)
	}
	return out.Data.CreateSegment.Segment.ID, nil
}
