package dbtest_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"carnet/internal/db"
	"carnet/internal/db/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// Each test has rows of its own, and the schema is there.
func TestNewIsIsolatedAndMigrated(t *testing.T) {
	for _, name := range []string{"one", "two", "three", "four"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.New(t)
			var tables int
			require.NoError(t, d.Pool.QueryRow(t.Context(), "SELECT count(*) FROM information_schema.tables WHERE table_name = 'site'").Scan(&tables))
			require.Equal(t, 1, tables)
			_, err := d.Bun.ExecContext(t.Context(), "CREATE TABLE mine (name text)")
			require.NoError(t, err, "another test's table would be in the way")
		})
	}
}

func TestEmptyHasNoTables(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	var tables int
	require.NoError(t, d.Pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables))
	require.Zero(t, tables)
}

// A change feed that a test forgot to close does not keep its database from being dropped.
func TestDropWithOpenFeed(t *testing.T) {
	t.Run("leaves a slot", func(t *testing.T) {
		d := dbtest.New(t)
		conn := replication(t, d)
		_, err := conn.Exec(t.Context(), "CREATE_REPLICATION_SLOT left_open TEMPORARY LOGICAL pgoutput").ReadAll()
		require.NoError(t, err)
	})
}

// hangs makes this binary, run again by TestKilledProcessLeavesNothing, wait to be killed.
const hangs = "CARNET_DBTEST_HANGS"

// A test process that is killed leaves neither a server nor its files behind.
func TestKilledProcessLeavesNothing(t *testing.T) {
	if os.Getenv("CARNET_TEST_DATABASE_URL") != "" {
		t.Skip("the server is not ours")
	}
	if os.Getenv(hangs) != "" {
		fmt.Println("URL", dbtest.New(t).URL())
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test is gone
		return
	}
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProcessLeavesNothing$")
	cmd.Env = append(os.Environ(), hangs+"=1")
	_, err := cmd.StdinPipe()
	require.NoError(t, err)
	output, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewReader(output)
	var address string
	for address == "" {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		address, _ = strings.CutPrefix(line, "URL ")
		if address == line {
			address = ""
		}
	}
	parsed, err := url.Parse(strings.TrimSpace(address))
	require.NoError(t, err)
	dir := filepath.Dir(parsed.Query().Get("host"))
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	server, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	require.NoError(t, err)

	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	require.Eventually(t, func() bool {
		_, err := os.Stat(dir)
		return errors.Is(err, fs.ErrNotExist) && syscall.Kill(server, 0) != nil
	}, 30*time.Second, 10*time.Millisecond)
}

// replication opens a connection for logical replication and leaves it open.
func replication(t *testing.T, d *db.DB) *pgconn.PgConn {
	t.Helper()
	cfg, err := d.ReplicationConfig()
	require.NoError(t, err)
	conn, err := pgconn.ConnectConfig(t.Context(), cfg)
	require.NoError(t, err)
	return conn
}
