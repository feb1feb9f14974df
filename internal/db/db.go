package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

const (
	defaultMaxConns = 16
	closePatience   = 10 * time.Second
	txAttempts      = 5
	txBackoff       = 5 * time.Millisecond
)

// Config says which database to open.
type Config struct {
	// URL is the address of a PostgreSQL server, in any form that libpq takes. Empty means a
	// private server under Data.
	URL string
	// ReplicationURL reaches the same database without a pooler in between, for the change feed.
	// Empty means URL. One that differs says that there is a pooler, with which nothing is prepared.
	ReplicationURL string
	// Data is the program's data directory; the private server lives in its folder postgres. Empty
	// means DefaultData.
	Data string
	// BinDir is where the private server's programs are; empty means: look for them.
	BinDir string
	// MaxConns bounds each of the two pools; 0 means 16.
	MaxConns int
	// Logger hears of the private server's life; nil means slog.Default.
	Logger *slog.Logger
	// Tracer hears of each query of both pools; for tests that count them.
	Tracer pgx.QueryTracer
}

// DB is an open database. Transactions and ordinary queries go through Bun. Pool keeps prepared
// statements and is for hot reads outside a transaction, where planning anew would cost more than
// the query.
type DB struct {
	Bun  *bun.DB
	Pool *pgxpool.Pool

	url, replicationURL string
	maxConns            int
	trace               trace
	pooled              bool // a pooler stands before the server, and may give each statement another connection
	log                 *slog.Logger
	server              *Postgres // nil when the server is not ours
}

// Open starts the private server unless cfg names another, checks that the server is fit (Check)
// and opens the pools. It does not migrate. Errors name what is unfit and what mends it.
func Open(ctx context.Context, cfg Config) (_ *DB, err error) {
	d := &DB{url: cfg.URL, replicationURL: cfg.ReplicationURL, maxConns: cfg.MaxConns, log: cfg.Logger, trace: trace{next: cfg.Tracer}}
	if d.maxConns == 0 {
		d.maxConns = defaultMaxConns
	}
	if d.log == nil {
		d.log = slog.Default()
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if d.url == "" {
		data := cfg.Data
		if data == "" {
			data = DefaultData()
		}
		d.server, err = StartPostgres(ctx, PostgresConfig{Dir: filepath.Join(data, "postgres"), BinDir: cfg.BinDir, Logger: d.log})
		if err != nil {
			return nil, err
		}
		d.url, d.replicationURL = d.server.URL(), ""
	}
	d.pooled = d.replicationURL != "" && d.replicationURL != d.url
	if d.replicationURL == "" {
		d.replicationURL = d.url
	}
	if err := Check(ctx, d.url, d.replicationURL); err != nil {
		return nil, err
	}
	if err := d.openPools(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// openPools makes both pools; connections are made when they are first needed.
func (d *DB) openPools(ctx context.Context) error {
	pool, err := poolConfig(d.url)
	if err != nil {
		return err
	}
	pool.ConnConfig.Tracer = &d.trace
	cfg := pool.ConnConfig.Copy()
	// bun writes arguments into the text, so every text is new: a statement cache would only fill
	// the server's memory (512 statements took 12.8 MB a connection).
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	cfg.StatementCacheCapacity = 32 // for SelectKept and ExecKept
	d.Bun = bun.NewDB(sql.OpenDB(stdlib.GetConnector(*cfg)), pgdialect.New()).WithQueryHook(textGuard{})
	d.Bun.SetMaxOpenConns(d.maxConns)
	d.Bun.SetMaxIdleConns(d.maxConns)
	d.Bun.SetConnMaxIdleTime(5 * time.Minute)

	pool.MaxConns = int32(d.maxConns)
	// The driver's 512 take the server some 19 MB a connection.
	pool.ConnConfig.StatementCacheCapacity, pool.ConnConfig.DescriptionCacheCapacity = 128, 128
	if d.pooled {
		pool.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	}
	if d.Pool, err = pgxpool.NewWithConfig(ctx, pool); err != nil {
		return fmt.Errorf("open the pool: %w", err)
	}
	return nil
}

// poolConfig parses an address and gives every connection our name and time zone. Errors of the
// parser hide the password.
func poolConfig(url string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	params := cfg.ConnConfig.RuntimeParams
	if params["application_name"] == "" {
		params["application_name"] = "carnet"
	}
	params["timezone"], params["datestyle"] = "UTC", "ISO"
	return cfg, nil
}

// replicationConfig is poolConfig for a connection that reads the change feed.
func replicationConfig(url string) (*pgconn.Config, error) {
	cfg, err := poolConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.ConnConfig.RuntimeParams["replication"] = "database"
	return &cfg.ConnConfig.Config, nil
}

// URL gives the database's address; it may hold a password.
func (d *DB) URL() string { return d.url }

// ReplicationURL gives the address that the change feed connects to, without replication=database;
// it may hold a password.
func (d *DB) ReplicationURL() string { return d.replicationURL }

// ReplicationConfig gives what pgconn.ConnectConfig needs for a connection of logical replication to
// this database. Each call gives a new one.
func (d *DB) ReplicationConfig() (*pgconn.Config, error) { return replicationConfig(d.replicationURL) }

// Server gives the private server, nil when the database is somebody else's.
func (d *DB) Server() *Postgres { return d.server }

// Close closes the pools and then stops the private server. Queries that still run are given ten
// seconds. The change feed must have ended before.
func (d *DB) Close() error {
	var errs []error
	if d.Pool != nil {
		closed := make(chan struct{})
		go func() {
			d.Pool.Close() // waits for every borrowed connection
			close(closed)
		}()
		timer := time.NewTimer(closePatience)
		defer timer.Stop()
		select {
		case <-closed:
		case <-timer.C:
			errs = append(errs, fmt.Errorf("close the pool: %d connections are still in use", d.Pool.Stat().AcquiredConns()))
		}
	}
	if d.Bun != nil {
		errs = append(errs, d.Bun.Close())
	}
	if d.server != nil {
		errs = append(errs, d.server.Stop())
	}
	return errors.Join(errs...)
}

// Tx runs fn in one transaction (read committed) and commits it when fn returns nil. When
// PostgreSQL ends the transaction because of others (serialization failure, deadlock) it is run
// again, at most five times in all: fn must have no effect outside the transaction. Errors come
// through MapError; faults of fn stay as they are.
func (d *DB) Tx(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	fn, done := beside(ctx, fn)
	err := again(ctx, func() error { return d.Bun.RunInTx(ctx, nil, fn) })
	if err == nil {
		done()
	}
	return err
}

// again runs a transaction until PostgreSQL does not end it because of others.
func again(ctx context.Context, run func() error) error {
	for attempt := 1; ; attempt++ {
		err := run()
		if err == nil {
			return nil
		}
		if !retryable(err) || attempt == txAttempts {
			return MapError(err, "transaction")
		}
		// Waiting a random while keeps two transactions from meeting again and again.
		if pause(ctx, rand.N(txBackoff<<attempt)) != nil {
			return MapError(err, "transaction")
		}
	}
}
