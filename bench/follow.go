package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5/pgxpool"
)

// followed are saved segments of many different rules, each followed by a subscription.
type followed struct {
	ids   []string
	conns []*websocket.Conn
	wg    sync.WaitGroup
}

// perSocket is how many subscriptions a socket may hold.
const perSocket = 100

// follow saves n segments and follows each. A rule asks for a group, a quarter of a year of birth, and that a contact lacks the mark
// which the measured changes set and take: whoever is in the group and was born then moves with each change.
func (s *server) follow(ctx context.Context, n int) (*followed, error) {
	f := &followed{ids: make([]string, n)}
	failed := make([]error, n)
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

// writers measures by how much the feed slows eight who write by plain SQL: the same with what decodes the log and the program itself
// stopped in their tracks.
func (s *server) writers(ctx context.Context, pool *pgxpool.Pool, o options) (row, error) {
	r := row{work: "eight writers with the feed, and without"}
	program := findPgbench()
	if program == "" {
		r.ours = "pgbench is missing"
		return r, nil
	}
	o.conns = 8
	change := work{sql: []string{s.changeSQL()}}
	with, err := s.pgbench(ctx, program, change, o)
	if err != nil {
		return r, err
	}
	var sender int
	if err := pool.QueryRow(ctx, "SELECT pid FROM pg_stat_replication WHERE state = 'streaming'").Scan(&sender); err != nil {
		return r, fmt.Errorf("look for the feed's connection: %w", err)
	}
	pids := []int{sender, s.cmd.Process.Pid}
	if err := sendSignal(syscall.SIGSTOP, pids); err != nil {
		r.ours = "the feed cannot be stopped: " + err.Error()
		return r, sendSignal(syscall.SIGCONT, pids)
	}
	without, err := s.pgbench(ctx, program, change, o)
	if err := errors.Join(err, sendSignal(syscall.SIGCONT, pids)); err != nil {
		return r, err
	}
	r.ours, r.sql, r.ratio = fmt.Sprintf("%.0f/s", with), fmt.Sprintf("%.0f/s", without), fmt.Sprintf("%.2f", with/without)
	return r, nil
}

func sendSignal(what syscall.Signal, pids []int) error {
	failed := make([]error, len(pids))
	for i, pid := range pids {
		failed[i] = syscall.Kill(pid, what)
	}
	return errors.Join(failed...)
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
