package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	readyPoll     = 2 * time.Millisecond
	readyPatience = 10 * time.Minute // recovery after a crash may have much to replay
	orphanPoll    = 5 * time.Millisecond
	memoryWait    = 15 * time.Second // for the backends of a server that was killed to notice
	maxLog        = 16 << 20         // bytes of postgres.log before it is set aside at a start
)

// child is a process that ends when we do.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended and err is set
	err  error
}

// startBound starts a process from an operating-system thread that lives as long as the process:
// the kernel's death signal follows the thread, not the program.
func startBound(cmd *exec.Cmd) (*child, error) {
	c := &child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
			close(c.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// process is one run of the server.
type process struct {
	*child
	began    time.Time
	logPath  string
	logStart int64 // where this run's lines begin in the log
}

func (s *process) pid() int { return s.cmd.Process.Pid }

// stop asks for a fast shutdown and, when patience ends, for an immediate one.
func (s *process) stop(patience time.Duration) {
	_ = s.cmd.Process.Signal(syscall.SIGINT) // fails only when it has ended, which done tells
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-s.done:
		return
	case <-timer.C:
	}
	_ = s.cmd.Process.Signal(syscall.SIGQUIT)
	<-s.done
}

// failure says how the run ended, with what the server itself said last.
func (s *process) failure() error {
	how := "it ended"
	if s.err != nil {
		how = s.err.Error()
	}
	return fmt.Errorf("%s: %s (more in %s)", how, s.lastWords(), s.logPath)
}

// lastWords gives the messages of this run that tell why it ended, else its last line.
func (s *process) lastWords() string {
	file, err := os.Open(s.logPath)
	if err != nil {
		return "its log cannot be read"
	}
	defer file.Close()
	const tail = 8 << 10
	info, err := file.Stat()
	if err != nil {
		return "its log cannot be read"
	}
	text := make([]byte, tail)
	n, _ := file.ReadAt(text, max(s.logStart, info.Size()-tail)) // a short read is what there is
	lines := strings.Split(strings.TrimSpace(string(text[:n])), "\n")
	var told []string
	for _, line := range lines {
		for _, level := range []string{"FATAL:", "PANIC:", "HINT:"} {
			if _, message, found := strings.Cut(line, level); found {
				told = append(told, strings.TrimSpace(message))
			}
		}
	}
	if len(told) == 0 {
		told = lines[len(lines)-1:]
	}
	return strings.Join(told, "; ")
}

// launch clears what a killed run left, starts the server and waits until it is ready. Backends of
// a server that was killed may outlive it for a moment and hold its shared memory: launch waits for
// them.
func (p *Postgres) launch(ctx context.Context) (*process, error) {
	deadline := time.Now().Add(memoryWait)
	for {
		if err := p.clearLeftovers(ctx); err != nil {
			return nil, err
		}
		proc, err := p.spawn()
		if err != nil {
			return nil, err
		}
		err = p.waitReady(ctx, proc)
		if err == nil {
			return proc, nil
		}
		proc.stop(stopPatience)
		if ctx.Err() != nil || time.Now().After(deadline) || !strings.Contains(err.Error(), "shared memory block") {
			return nil, err
		}
		if err := pause(ctx, 20*orphanPoll); err != nil {
			return nil, err
		}
	}
}

// spawn starts the server's process with its output at the end of postgres.log.
func (p *Postgres) spawn() (*process, error) {
	path := filepath.Join(p.dir, "postgres.log")
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, err
		}
	}
	log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	info, err := log.Stat()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(p.bin.postgres(), p.arguments()...) //nolint:noctx // it outlives the start; stop ends it
	cmd.Dir = p.data
	cmd.Env = p.bin.env()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = childAttributes(p.runAs.credential())
	began := time.Now()
	running, err := startBound(cmd)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", p.bin.postgres(), err)
	}
	return &process{child: running, began: began, logPath: path, logStart: info.Size()}, nil
}

// waitReady polls the state that the server writes to the eighth line of postmaster.pid, as pg_ctl
// does.
func (p *Postgres) waitReady(ctx context.Context, proc *process) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyPatience, fmt.Errorf("the server was not ready within %s", readyPatience))
	defer cancel()
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for {
		file, err := readPidFile(p.data)
		if err == nil && file.pid == proc.pid() && file.status == "ready" {
			return nil
		}
		select {
		case <-proc.done:
			return proc.failure()
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// clearLeftovers deals with what a run that was killed left behind. We hold the directory's lock,
// so a server that still runs here is an orphan and is stopped. A pid file that names some other
// program (pids are recycled) is removed, for PostgreSQL would not start; so are the socket's files.
func (p *Postgres) clearLeftovers(ctx context.Context) error {
	file, err := readPidFile(p.data)
	switch {
	case err == nil && alive(file.pid) && serves(file.pid, p.data):
		p.log.Warn("stopping a PostgreSQL that was left behind", "dir", p.dir, "pid", file.pid)
		if err := stopOrphan(ctx, file.pid); err != nil {
			return err
		}
	case err == nil && alive(file.pid):
		p.log.Warn("removing a stale postmaster.pid", "dir", p.dir, "pid", file.pid)
		if err := removeIfThere(filepath.Join(p.data, "postmaster.pid")); err != nil {
			return err
		}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		p.log.Warn("removing an unreadable postmaster.pid", "dir", p.dir, "error", err)
		if err := removeIfThere(filepath.Join(p.data, "postmaster.pid")); err != nil {
			return err
		}
	}
	return errors.Join(
		removeIfThere(filepath.Join(p.socketDir, ".s.PGSQL.5432")),
		removeIfThere(filepath.Join(p.socketDir, ".s.PGSQL.5432.lock")))
}

// stopOrphan ends a server that is not our child and waits for it.
func stopOrphan(ctx context.Context, pid int) error {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("a PostgreSQL with pid %d runs on this directory and cannot be stopped: %w", pid, err)
		}
		for began := time.Now(); time.Since(began) < stopPatience; {
			if !alive(pid) {
				return nil
			}
			if err := pause(ctx, orphanPoll); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("a PostgreSQL with pid %d runs on this directory and does not stop: run `kill -9 %d`", pid, pid)
}

// pidFile is what we read of postmaster.pid.
type pidFile struct {
	pid    int
	status string // starting, ready, stopping; empty while the server has not come that far
}

func readPidFile(data string) (pidFile, error) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return pidFile{}, err
	}
	lines := strings.Split(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 0 {
		return pidFile{}, fmt.Errorf("postmaster.pid does not begin with a process id: %q", lines[0])
	}
	file := pidFile{pid: pid}
	if len(lines) >= 8 {
		file.status = strings.TrimSpace(lines[7])
	}
	return file, nil
}

// alive tells whether a process has this pid, be it another user's.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func pause(ctx context.Context, length time.Duration) error {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
