package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// beside measures a work and the same SQL by pgbench, in turns: a machine's other work comes and goes. Where
// pgbench is missing the work is measured alone.
func (s *server) beside(ctx context.Context, w work, o options) (row, error) {
	program := findPgbench()
	o.duration = max(o.duration/rounds, 2*time.Second)
	random := make([]*rand.Rand, o.conns)
	for c := range random {
		random[c] = rand.New(rand.NewPCG(uint64(c), 7)) //nolint:gosec // which contact is no secret
	}
	var ours, limit float64
	var took []time.Duration
	for range rounds {
		one, err := s.load(ctx, w, o, random)
		if err != nil {
			return row{}, fmt.Errorf("%s: %w", w.name, err)
		}
		ours += one.rate / rounds
		took = append(took, one.took...)
		if program == "" || len(w.sql) == 0 {
			continue
		}
		rate, err := s.pgbench(ctx, program, w, o)
		if err != nil {
			return row{}, fmt.Errorf("pgbench, %s: %w", w.name, err)
		}
		limit += rate / rounds
	}
	slices.Sort(took)
	all := measured{took: took}
	r := row{work: w.name, ours: fmt.Sprintf("%.0f/s", ours), detail: fmt.Sprintf("p50 %.1f, p95 %.1f ms", ms(all.at(50)), ms(all.at(95)))}
	if limit > 0 {
		r.sql, r.ratio = fmt.Sprintf("%.0f/s", limit), fmt.Sprintf("%.2f", ours/limit)
	}
	return r, nil
}
