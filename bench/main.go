// Command bench measures Carnet as it stands, over GraphQL and its command line, beside the same work as
// plain SQL by pgbench in the same run. docs/bench.md says how to read it.
//
// It starts the program with a private PostgreSQL under the data directory, which it fills once and
// keeps. It leaves the book as it found it, but for the history of the contacts it changes and a revoked key.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

type options struct {
	program  string
	contacts int
	imported int
	segments int
	conns    int
	duration time.Duration
	data     string
	addr     string
	only     *regexp.Regexp
}

func main() {
	var o options
	flag.StringVar(&o.program, "carnet", "bin/carnet", "the program to measure")
	flag.IntVar(&o.contacts, "contacts", 1_000_000, "how many contacts the book has")
	flag.IntVar(&o.imported, "import", 100_000, "how many rows are imported")
	flag.IntVar(&o.segments, "segments", 0, "how many more segments are saved and followed while live ones are measured")
	flag.IntVar(&o.conns, "connections", 16, "how many ask at once")
	flag.DurationVar(&o.duration, "duration", 10*time.Second, "how long each work is measured")
	flag.StringVar(&o.data, "data", "bench/data", "where the database is kept between runs")
	flag.StringVar(&o.addr, "addr", "127.0.0.1:8119", "where the program listens")
	flag.Func("only", "measure the works whose names match this regular expression; live, orders, messages, transfers and end users stand for theirs", func(text string) (err error) {
		o.only, err = regexp.Compile(text)
		return err
	})
	flag.Parse()
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		log.Fatal("bench: ", err)
	}
}

// row is a line of the table.
type row struct {
	work      string
	ours, sql string
	ratio     string
	detail    string
}

func run(ctx context.Context, o options) error {
	dir, err := filepath.Abs(filepath.Join(o.data, fmt.Sprint(o.contacts)))
	if err != nil {
		return err
	}
	if err := fill(ctx, o, dir); err != nil {
		return err
	}
	s, cold, err := start(ctx, o, dir)
	if err != nil {
		return err
	}
	defer s.stop()
	time.Sleep(3 * time.Second) // what starting took is given back
	rows := []row{{work: "start on an existing database", ours: fmt.Sprintf("%.2f s", cold.Seconds())}, s.memoryRow("idle")}
	if err := s.signIn(ctx); err != nil {
		return err
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	if err := s.readIDs(ctx); err != nil {
		return err
	}
	if err := s.readRules(ctx); err != nil {
		return err
	}
	asked := func(name string) bool { return o.only == nil || o.only.MatchString(name) }
	for _, w := range s.works() {
		if !asked(w.name) {
			continue
		}
		if w.before != nil {
			r, err := w.before(ctx)
			if err != nil {
				return fmt.Errorf("before %s: %w", w.name, err)
			}
			rows = append(rows, r)
		}
		r, err := s.beside(ctx, w, o)
		if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	for _, part := range []struct {
		name    string
		measure func(context.Context, options, string) ([]row, error)
	}{{"live", s.live}, {"orders", s.orders}, {"messages", s.messages}, {"transfers", s.transfers}, {"end users", s.endUsers}} {
		if !asked(part.name) {
			continue
		}
		more, err := part.measure(ctx, o, dir)
		if rows = append(rows, more...); err != nil {
			table(rows) // what was measured is not lost
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	if err := s.signOut(ctx); err != nil {
		return err
	}
	rows = append(rows, s.memoryRow("after all of it"))
	fmt.Printf("\n%d contacts, %d connections, %s each, %d processors, load average of the machine before/now %s / %s\n\n",
		o.contacts, o.conns, o.duration, runtime.NumCPU(), s.loadBefore, loadAverage())
	if findPgbench() == "" {
		fmt.Println("pgbench is missing (it comes with PostgreSQL's programs), so the same SQL was not measured.")
	}
	table(rows)
	return nil
}

func table(rows []row) {
	fmt.Println("| work | Carnet | pgbench | ratio | latency |\n|---|---:|---:|---:|---|")
	for _, r := range rows {
		fmt.Printf("| %s | %s | %s | %s | %s |\n", r.work, r.ours, r.sql, r.ratio, r.detail)
	}
}

func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(b))[0]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
