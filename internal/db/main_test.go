package db_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"carnet/internal/db"
	"carnet/internal/db/dbtest"
)

// launchIn names the directory in which this binary, run again by a test, plays the program that is
// killed.
const launchIn = "CARNET_DBTEST_LAUNCH_IN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(launchIn); dir != "" {
		launchAndHang(dir)
	}
	os.Exit(dbtest.Main(m))
}

// launchAndHang starts a server, says its pid and waits to be killed.
func launchAndHang(dir string) {
	p, err := db.StartPostgres(context.Background(), db.PostgresConfig{Dir: dir, BinDir: os.Getenv("CARNET_POSTGRES_BIN"), Logger: quiet()})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(p.Pid())
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test is gone
	_ = p.Stop()
	os.Exit(0)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// tempDir gives a directory that every user may enter, unlike t.TempDir.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "carnet-db-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// start starts a server in dir with settings of our own and stops it when the test ends.
func start(t *testing.T, dir string, params map[string]string) *db.Postgres {
	t.Helper()
	p, err := tryStart(t, dir, params)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Stop()) })
	return p
}

func tryStart(t *testing.T, dir string, params map[string]string) (*db.Postgres, error) {
	t.Helper()
	return db.StartPostgres(t.Context(), db.PostgresConfig{Dir: dir, BinDir: os.Getenv("CARNET_POSTGRES_BIN"), Params: params, Logger: quiet()})
}

// query runs a statement on a connection of its own and gives its only value as text.
func query(t *testing.T, url, statement string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	rows, err := conn.PgConn().Exec(t.Context(), statement).ReadAll()
	require.NoError(t, err, statement)
	if last := rows[len(rows)-1]; len(last.Rows) > 0 {
		return string(last.Rows[0][0])
	}
	return ""
}

// eventually waits for a condition outside this process, of which nothing can tell us.
func eventually(t *testing.T, condition func() bool, what string) {
	t.Helper()
	require.Eventually(t, condition, 30*time.Second, 5*time.Millisecond, what)
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

// runAgain runs this test binary as a program that starts a server in dir, and gives it and the
// server's pid.
func runAgain(t *testing.T, dir string) (*exec.Cmd, int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), launchIn+"="+dir)
	cmd.Stderr = os.Stderr
	_, err := cmd.StdinPipe() // held open: its end tells the program that we are gone
	require.NoError(t, err)
	output, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	var pid int
	_, err = fmt.Sscan(line, &pid)
	require.NoError(t, err)
	return cmd, pid
}

// serverUser gives the credential that a process needs to be of the server's user, nil when we are.
func serverUser(t *testing.T, dir string) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(filepath.Join(dir, "data"))
	require.NoError(t, err)
	stat := info.Sys().(*syscall.Stat_t)
	return &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}
}

// pidFileLines gives postmaster.pid of the cluster in dir.
func pidFileLines(t *testing.T, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	return strings.Split(string(text), "\n")
}
