// Package dbtest gives each test a PostgreSQL database of its own.
//
// One private server runs per test process, started by the first test that asks. A template is
// migrated once, every database is a copy of it. Data lives in a temporary directory and is never
// flushed to disk. The server ends with the process, however that ends, and its directory is
// removed then: by Main when TestMain calls it, else by a small watcher.
//
// With CARNET_TEST_DATABASE_URL the databases are made on that server instead, by a role that may
// create databases; processes that share it take turns at making the template.
package dbtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"carnet/internal/db"
	"carnet/internal/secret"
	"carnet/migrations"
)

const (
	// patience bounds each step of making and removing a database.
	patience = time.Minute
	// connsPerPool keeps many databases at once within the server's max_connections.
	connsPerPool = 6
	// templateLock serialises processes that share a server while the template is made.
	templateLock = 0x6361726e6574 + 1
)

func init() { secret.ForTests(false) }

// New gives a database with the schema of carnet/migrations and no rows. It is closed and dropped
// when the test ends.
func New(t testing.TB) *db.DB { return Traced(t, nil) }

// Traced is New for a test that hears of each query.
func Traced(t testing.TB, tracer pgx.QueryTracer) *db.DB {
	t.Helper()
	template, err := migratedTemplate()
	if err != nil {
		t.Fatalf("dbtest: make the template: %v", err)
	}
	return create(t, template, tracer)
}

// Empty gives a database without any schema. It is closed and dropped when the test ends.
func Empty(t testing.TB) *db.DB {
	t.Helper()
	return create(t, "template0", nil)
}

// Main runs the tests, then stops the server and removes its directory. TestMain may be
//
//	func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }
//
// New works without it.
func Main(m *testing.M) int {
	code := m.Run()
	if err := stopServer(); err != nil {
		fmt.Fprintln(os.Stderr, "dbtest:", err)
		code = max(code, 1)
	}
	return code
}

// create makes a database from a template and opens it.
func create(t testing.TB, template string, tracer pgx.QueryTracer) *db.DB {
	t.Helper()
	admin, err := administration()
	if err != nil {
		t.Fatalf("dbtest: start PostgreSQL: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	name := "carnet_test_" + strings.ToLower(rand.Text()[:16])
	if _, err := admin.Exec(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy", name, template)); err != nil {
		t.Fatalf("dbtest: create a database: %v", err)
	}
	t.Cleanup(func() {
		if err := drop(admin, name); err != nil {
			t.Errorf("dbtest: drop the database: %v", err)
		}
	})
	opened, err := open(ctx, admin, name, tracer)
	if err != nil {
		t.Fatalf("dbtest: open the database: %v", err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Errorf("dbtest: close the database: %v", err)
		}
	})
	return opened
}

func open(ctx context.Context, admin *pgxpool.Pool, name string, tracer pgx.QueryTracer) (*db.DB, error) {
	address, err := addressOf(admin, name)
	if err != nil {
		return nil, err
	}
	return db.Open(ctx, db.Config{URL: address, MaxConns: connsPerPool, Logger: slog.New(slog.DiscardHandler), Tracer: tracer})
}

// addressOf gives the address of another database of the server.
func addressOf(admin *pgxpool.Pool, name string) (string, error) {
	text := admin.Config().ConnString()
	address, err := url.Parse(text)
	if err != nil || !strings.HasPrefix(address.Scheme, "postgres") {
		return "", fmt.Errorf("CARNET_TEST_DATABASE_URL must be of the form postgres://user:password@host:port/database")
	}
	address.Path = "/" + name
	return address.String(), nil
}

// drop removes a database along with whatever is still connected to it. A change feed that was left
// open holds a replication slot, which must be gone first.
func drop(admin *pgxpool.Pool, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := admin.Exec(ctx, `SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots WHERE database = $1 AND active`, name)
	if err != nil {
		return err
	}
	_, err = admin.Exec(ctx, fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", name))
	return err
}

// migratedTemplate gives the name of a database with the schema, made at most once a process. The
// name holds a digest of the migrations: on a shared server another version has another template.
var migratedTemplate = sync.OnceValues(func() (string, error) {
	admin, err := administration()
	if err != nil {
		return "", err
	}
	digest, err := digestOf(migrations.Files)
	if err != nil {
		return "", err
	}
	name := "carnet_template_" + digest
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return name, makeTemplate(ctx, admin, name)
})

// makeTemplate makes the template unless it is there. It is built under another name and renamed
// when it is whole: one that a killed process left half made is never copied.
func makeTemplate(ctx context.Context, admin *pgxpool.Pool, name string) error {
	return admin.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
			return err
		}
		defer unlock(conn.Conn())
		var exists bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
			return err
		}
		making := name + "_making"
		if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+making+" WITH (FORCE)"); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, "CREATE DATABASE "+making+" TEMPLATE template0"); err != nil {
			return err
		}
		if err := migrateInto(ctx, admin, making); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, fmt.Sprintf("ALTER DATABASE %s RENAME TO %s", making, name))
		return err
	})
}

func unlock(conn *pgx.Conn) {
	// Should this fail, the connection is broken and the server drops the lock with it.
	_, _ = conn.Exec(context.Background(), "SELECT pg_advisory_unlock($1)", templateLock)
}

func migrateInto(ctx context.Context, admin *pgxpool.Pool, name string) error {
	opened, err := open(ctx, admin, name, nil)
	if err != nil {
		return err
	}
	if err := opened.Migrate(ctx, migrations.Files); err != nil {
		_ = opened.Close() // the migration's error is the one to tell
		return err
	}
	return opened.Close()
}

// digestOf gives a short digest of all files.
func digestOf(files fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", path, len(text))
		sum.Write(text)
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil)[:6]), err
}
