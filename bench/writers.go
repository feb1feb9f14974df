package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/jackc/pgx/v5/pgxpool"
)

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
