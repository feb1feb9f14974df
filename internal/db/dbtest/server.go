package dbtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5/pgxpool"

	"carnet/internal/db"
)

// testParams make a server for many short-lived databases. Nothing is flushed to disk, but commits
// stay synchronous: the change feed only sends what was "flushed", and would lag by 200 ms else.
var testParams = map[string]string{
	"fsync":                 "off",
	"full_page_writes":      "off",
	"autovacuum":            "off",
	"max_connections":       "300",
	"max_wal_senders":       "100",
	"max_replication_slots": "100",
	"shared_buffers":        "128MB",
	"checkpoint_timeout":    "1h",
	"cluster_name":          "carnet-test",
}

// server is what stopServer must undo.
var server struct {
	sync.Mutex
	postgres *db.Postgres
	admin    *pgxpool.Pool
	watcher  *exec.Cmd
	release  io.Closer // the watcher waits for its end
}

// administration gives a pool on a database of the server that is nobody's, starting the server if
// there is none.
var administration = sync.OnceValues(func() (*pgxpool.Pool, error) {
	server.Lock()
	defer server.Unlock()
	address := os.Getenv("CARNET_TEST_DATABASE_URL")
	if address == "" {
		var err error
		if address, err = startServer(); err != nil {
			return nil, err
		}
	}
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = 4
	server.admin, err = pgxpool.NewWithConfig(context.Background(), cfg)
	return server.admin, err
})

// startServer starts the private server in a temporary directory and a watcher that removes it.
func startServer() (string, error) {
	dir, err := os.MkdirTemp("", "carnet-dbtest-")
	if err != nil {
		return "", err
	}
	// PostgreSQL may run as another user, who must be able to enter.
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	server.postgres, err = db.StartPostgres(ctx, db.PostgresConfig{
		Dir: dir, BinDir: os.Getenv("CARNET_POSTGRES_BIN"), Params: testParams, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	if err := watch(dir, server.postgres.Pid()); err != nil {
		return "", errors.Join(err, server.postgres.Stop(), os.RemoveAll(dir))
	}
	return server.postgres.DatabaseURL("postgres"), nil
}

// watch starts a shell that outlives this process: when its input ends, because we close it or
// because we are gone, it waits for the server to end and removes the directory.
func watch(dir string, pid int) error {
	const script = `cat >/dev/null
i=0
while kill -0 "$2" 2>/dev/null && [ $i -lt 300 ]; do sleep 0.1; i=$((i+1)); done
rm -rf -- "$1"`
	cmd := exec.Command("/bin/sh", "-c", script, "carnet-dbtest", dir, strconv.Itoa(pid)) //nolint:noctx // it outlives us
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // Ctrl-C is not for it
	input, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the watcher: %w", err)
	}
	server.watcher, server.release = cmd, input
	return nil
}

// stopServer ends what administration began; it does nothing when no test asked for a database.
func stopServer() error {
	server.Lock()
	defer server.Unlock()
	if server.admin != nil {
		server.admin.Close()
	}
	if server.postgres == nil {
		return nil
	}
	err := server.postgres.Stop()
	return errors.Join(err, server.release.Close(), server.watcher.Wait())
}
