package db_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/db"
)

// D-12: from nothing to an answer, and what was written is there after a restart.
func TestStartPostgresKeepsData(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	began := time.Now()
	p, err := tryStart(t, dir, nil)
	require.NoError(t, err)
	require.Equal(t, "logical", query(t, p.URL(), "SHOW wal_level"))
	t.Logf("cold start to the first answer: %s", time.Since(began).Round(time.Millisecond))

	require.Equal(t, "on", query(t, p.URL(), "SHOW synchronous_commit"))
	require.Equal(t, "", query(t, p.URL(), "SHOW listen_addresses"))
	require.Equal(t, "true", query(t, p.URL(), "CREATE EXTENSION pg_trgm; SELECT (show_trgm('жук') <> '{}')::text"), "letters outside ASCII are letters")
	query(t, p.URL(), "CREATE TABLE kept (name text); INSERT INTO kept VALUES ('Åse')")
	pid := p.Pid()
	require.NoError(t, p.Stop())
	require.NoError(t, p.Stop(), "a second Stop does nothing")
	require.False(t, alive(pid))
	<-p.Done()
	require.NoError(t, p.Err())

	began = time.Now()
	p = start(t, dir, nil)
	require.Equal(t, "Åse", query(t, p.URL(), "SELECT name FROM kept"))
	t.Logf("warm start to the first answer: %s", time.Since(began).Round(time.Millisecond))
}

func TestSecondInstanceIsRefused(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	p := start(t, dir, nil)
	_, err := tryStart(t, dir, nil)
	require.ErrorIs(t, err, db.ErrInUse)
	require.ErrorContains(t, err, "pid "+strconv.Itoa(os.Getpid()))
	require.Equal(t, "1", query(t, p.URL(), "SELECT 1"), "the first one is unharmed")
}

// The server is killed: it is started again at the same address, and nothing committed is lost.
func TestServerKilledIsRestarted(t *testing.T) {
	t.Parallel()
	p := start(t, tempDir(t), nil)
	query(t, p.URL(), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)")
	killed := p.Pid()
	require.NoError(t, syscall.Kill(killed, syscall.SIGKILL))
	eventually(t, func() bool { return p.Pid() != killed }, "another server takes its place")
	require.Equal(t, "42", query(t, p.URL(), "SELECT n FROM kept"))
}

// The server dies and cannot be started again: that is the end, and the program is told why.
func TestServerGoneForGood(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	p, err := tryStart(t, dir, nil)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "postgresql.conf"), []byte("no_such_setting = 1\n"), 0o600))
	require.NoError(t, syscall.Kill(p.Pid(), syscall.SIGKILL))
	select {
	case <-p.Done():
	case <-time.After(time.Minute):
		t.Fatal("nobody is told")
	}
	require.ErrorContains(t, p.Err(), "cannot be started again")
	require.ErrorContains(t, p.Err(), "postgresql.conf", "what the server said")
	require.Error(t, p.Stop())
}

// The whole program is killed: no server stays behind on Linux, elsewhere the next start stops it,
// and nothing committed is lost.
func TestProgramKilled(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	program, server := runAgain(t, dir)
	url := socketURL(t, dir)
	query(t, url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)")

	_, err := tryStart(t, dir, nil)
	require.ErrorIs(t, err, db.ErrInUse)
	require.ErrorContains(t, err, fmt.Sprintf("pid %d", program.Process.Pid))

	require.NoError(t, program.Process.Kill())
	require.Error(t, program.Wait())
	p := start(t, dir, nil) // at once: the server may still be going down
	require.NotEqual(t, server, p.Pid())
	require.False(t, alive(server))
	require.Equal(t, "42", query(t, p.URL(), "SELECT n FROM kept"))
}

// socketURL gives the address of the server in dir as its pid file tells it.
func socketURL(t *testing.T, dir string) string {
	t.Helper()
	return fmt.Sprintf("host=%s port=5432 user=carnet dbname=carnet sslmode=disable", pidFileLines(t, dir)[4])
}

// A server that nobody's lock covers runs on the data: it is stopped, not doubled.
func TestOrphanServerIsStopped(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	p, err := tryStart(t, dir, nil)
	require.NoError(t, err)
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", p.Pid()))
	if err != nil {
		t.Skip("needs /proc to find the server's program")
	}
	require.NoError(t, p.Stop())

	socket := filepath.Join(dir, "run")
	orphan := exec.Command(exe, "-D", ".", "-c", "listen_addresses=", "-c", "unix_socket_directories="+socket)
	orphan.Dir = filepath.Join(dir, "data") // a relative -D: only the working directory tells whose it is
	orphan.SysProcAttr = &syscall.SysProcAttr{Credential: serverUser(t, dir)}
	require.NoError(t, orphan.Start())
	ended := make(chan error, 1)
	go func() { ended <- orphan.Wait() }()
	eventually(t, func() bool {
		text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
		return err == nil && strings.Contains(string(text), "ready")
	}, "the orphan runs")

	next := start(t, dir, nil)
	require.NoError(t, <-ended, "it was asked to shut down")
	require.Equal(t, "1", query(t, next.URL(), "SELECT 1"))
}

// A pid file whose pid now belongs to some other program: that program is left alone.
func TestStalePidOfStranger(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	p, err := tryStart(t, dir, nil)
	require.NoError(t, err)
	lines := pidFileLines(t, dir)
	require.NoError(t, p.Stop())

	stranger := exec.Command("sleep", "600")
	stranger.SysProcAttr = &syscall.SysProcAttr{Credential: serverUser(t, dir)}
	require.NoError(t, stranger.Start())
	t.Cleanup(func() {
		require.NoError(t, stranger.Process.Kill())
		_ = stranger.Wait() // reports our kill
	})
	lines[0] = strconv.Itoa(stranger.Process.Pid)
	stale := []byte(strings.Join(lines, "\n"))
	for _, path := range []string{"data/postmaster.pid", "run/.s.PGSQL.5432.lock"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, path), stale, 0o600))
	}
	p = start(t, dir, nil)
	require.Equal(t, "1", query(t, p.URL(), "SELECT 1"))
	require.True(t, alive(stranger.Process.Pid))
}

// Paths that a socket, or a list of hosts, cannot hold.
func TestAwkwardPaths(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{
		"long":  strings.Repeat("a-rather-long-name/", 6),
		"comma": "a, b",
		"space": "Kari's book",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, filepath.Join(tempDir(t), path), map[string]string{"fsync": "off"})
			require.Equal(t, "1", query(t, p.URL(), "SELECT 1"))
		})
	}
}

// What is not ours, or not to be opened by this version, is refused and stays as it is.
func TestForeignDataIsNeverTouched(t *testing.T) {
	t.Parallel()
	t.Run("no cluster", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		precious := filepath.Join(dir, "data", "precious.txt")
		require.NoError(t, os.Mkdir(filepath.Dir(precious), 0o755))
		require.NoError(t, os.WriteFile(precious, []byte("thesis"), 0o600))
		_, err := tryStart(t, dir, nil)
		require.ErrorContains(t, err, "move it away")
		require.FileExists(t, precious)
	})
	t.Run("another major version", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		p, err := tryStart(t, dir, map[string]string{"fsync": "off"})
		require.NoError(t, err)
		require.NoError(t, p.Stop())
		version := filepath.Join(dir, "data", "PG_VERSION")
		require.NoError(t, os.WriteFile(version, []byte("99\n"), 0o600))
		_, err = tryStart(t, dir, nil)
		require.ErrorContains(t, err, "PostgreSQL 99, which wrote the data here")
		require.FileExists(t, filepath.Join(dir, "data", "global", "pg_control"))
	})
	t.Run("half-made cluster of a killed start", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t)
		half := filepath.Join(dir, "data.tmp-123")
		require.NoError(t, os.Mkdir(half, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600))
		p := start(t, dir, map[string]string{"fsync": "off"})
		require.Equal(t, "1", query(t, p.URL(), "SELECT 1"))
		require.NoDirExists(t, half)
	})
}

// A setting that the server refuses: the error tells what the server said, and the lock is free.
func TestServerThatDoesNotStart(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	_, err := tryStart(t, dir, map[string]string{"shared_buffers": "much"})
	require.ErrorContains(t, err, "shared_buffers")
	start(t, dir, nil)
}

func TestStartIsCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := db.StartPostgres(ctx, db.PostgresConfig{Dir: tempDir(t), Logger: quiet()})
	require.Error(t, err)
}

// Root's data in a place that the server's user cannot enter: said with the mend, or avoided.
func TestRootBehindPrivateHome(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as another user")
	}
	home := t.TempDir() // its parent is 0700
	_, err := tryStart(t, filepath.Join(home, "postgres"), nil)
	require.ErrorContains(t, err, "cannot enter "+filepath.Dir(home))
	require.ErrorContains(t, err, "CARNET_DATA")

	t.Chdir(home)
	require.Equal(t, "/var/lib/carnet", db.DefaultData())
	require.NoError(t, os.MkdirAll(filepath.Join(home, "data", "postgres", "data"), 0o755))
	require.Equal(t, "data", db.DefaultData(), "data that is there never seems to vanish")
	t.Chdir(tempDir(t))
	require.Equal(t, "data", db.DefaultData())
}

// The tests of this file pass for an ordinary user as they do for root.
func TestAsOrdinaryUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("we are one")
	}
	nobody, err := user.Lookup("nobody")
	require.NoError(t, err)
	uid, err := strconv.Atoi(nobody.Uid)
	require.NoError(t, err)
	gid, err := strconv.Atoi(nobody.Gid)
	require.NoError(t, err)

	home := tempDir(t)
	require.NoError(t, os.Chown(home, uid, gid))
	binary := filepath.Join(home, "db.test") // go test's own lies where nobody may go
	text, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(binary, text, 0o755))

	cmd := exec.CommandContext(t.Context(), binary, "-test.v", "-test.count=1",
		"-test.run=^(TestStartPostgresKeepsData|TestSecondInstanceIsRefused|TestServerKilledIsRestarted|TestProgramKilled|TestStalePidOfStranger)$")
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "HOME="+home, "TMPDIR="+home)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, string(output))
	require.Equal(t, 5, strings.Count(string(output), "--- PASS: Test"), string(output))
	t.Logf("as nobody:\n%s", output)
}

// A backend is killed: PostgreSQL restarts itself, and pools find their way back.
func TestBackendKilled(t *testing.T) {
	t.Parallel()
	p := start(t, tempDir(t), map[string]string{"fsync": "off"})
	d, err := db.Open(t.Context(), db.Config{URL: p.URL(), Logger: quiet()})
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	var backend int
	require.NoError(t, d.Pool.QueryRow(t.Context(), "SELECT pg_backend_pid()").Scan(&backend))
	require.NoError(t, syscall.Kill(backend, syscall.SIGKILL))
	eventually(t, func() bool {
		var one int
		return d.Pool.QueryRow(t.Context(), "SELECT 1").Scan(&one) == nil
	}, "the pool answers again")
	require.NoError(t, p.Err())
}
