package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// rounds is how often writers are measured with and without the feed, in turns: a machine's other work comes and goes.
const rounds = 3

// writers measures by how much the feed slows eight who write by plain SQL: the same with what decodes the log and the program itself
// stopped in their tracks.
func (s *server) writers(ctx context.Context, pool *pgxpool.Pool, o options) (row, error) {
	r := row{work: "eight writers with the feed, and without"}
	program := findPgbench()
	if program == "" {
		r.ours = "pgbench is missing"
		return r, nil
	}
	o.conns, o.duration = 8, max(o.duration/rounds, 2*time.Second)
	change := work{sql: []string{s.changeSQL()}}
	var sender int
	if err := pool.QueryRow(ctx, "SELECT pid FROM pg_stat_replication WHERE state = 'streaming'").Scan(&sender); err != nil {
		return r, fmt.Errorf("look for the feed's connection: %w", err)
	}
	pids := []int{sender, s.cmd.Process.Pid}
	var with, without float64
	var took time.Duration
	used := make([]time.Duration, len(pids))
	for range rounds {
		began, before := time.Now(), busy(pids)
		rate, err := s.pgbench(ctx, program, change, o)
		if err != nil {
			return r, err
		}
		took += time.Since(began)
		for i, after := range busy(pids) {
			used[i] += after - before[i]
		}
		with += rate / rounds
		if err := sendSignal(syscall.SIGSTOP, pids); err != nil {
			r.ours = "the feed cannot be stopped: " + err.Error()
			return r, sendSignal(syscall.SIGCONT, pids)
		}
		rate, err = s.pgbench(ctx, program, change, o)
		if err := errors.Join(err, sendSignal(syscall.SIGCONT, pids)); err != nil {
			return r, err
		}
		without += rate / rounds
		if err := s.catchUp(ctx); err != nil {
			return r, err
		}
	}
	share := func(used time.Duration) float64 {
		return 100 * used.Seconds() / took.Seconds() / float64(runtime.NumCPU())
	}
	r.ours, r.sql, r.ratio = fmt.Sprintf("%.0f/s", with), fmt.Sprintf("%.0f/s", without), fmt.Sprintf("%.2f", with/without)
	r.detail = fmt.Sprintf("of the processors: decoding the log %.0f %%, the program %.0f %%", share(used[0]), share(used[1]))
	return r, nil
}

func sendSignal(what syscall.Signal, pids []int) error {
	failed := make([]error, len(pids))
	for i, pid := range pids {
		failed[i] = syscall.Kill(pid, what)
	}
	return errors.Join(failed...)
}

// busy gives the processor time that each process has had.
func busy(pids []int) []time.Duration {
	out := make([]time.Duration, len(pids))
	for i, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		_, rest, found := strings.Cut(string(text), ") ") // the name before may hold anything
		words := strings.Fields(rest)
		if err != nil || !found || len(words) < 13 {
			continue
		}
		for _, word := range words[11:13] { // utime and stime, in hundredths of a second
			ticks, _ := strconv.Atoi(word)
			out[i] += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return out
}
