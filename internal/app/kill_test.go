package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/db"
	"carnet/internal/segment"
	"carnet/internal/site"
)

// Where this test binary serves, when it is started to be killed: data directory, address, and a PostgreSQL that is not its own.
const (
	serveData     = "CARNET_TEST_SERVE_DATA"
	serveAddr     = "CARNET_TEST_SERVE_ADDR"
	serveDatabase = "CARNET_TEST_SERVE_DATABASE"
)

// serve is `carnet serve`, which ends by being killed, or with the process that started it.
func serve(data string) int {
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	cfg := config()
	cfg.Addr, cfg.Data, cfg.DatabaseURL, cfg.BinDir = os.Getenv(serveAddr), data, os.Getenv(serveDatabase), os.Getenv("CARNET_POSTGRES_BIN")
	cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	a, err := app.Open(ctx, cfg)
	if err == nil {
		err = errors.Join(a.Run(ctx, nil), a.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "carnet:", err)
	}
	return 1
}

// D-02, D-03: the server is killed with -9 while writers write, at any moment, its start included. It is started again on
// the same data, its private PostgreSQL too; every subscriber then leads to exactly the members that SQL gives, and nothing that was
// committed is lost.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	for _, of := range owners {
		t.Run(of.name, func(t *testing.T) {
			w := newKillWorld(t, of.private)
			w.killing(func() {
				require.NoError(t, w.server.cmd.Process.Kill())
				<-w.server.ended
				w.start()
			}, true)
		})
	}
}

// D-02, D-03: PostgreSQL is killed with -9 under a server that goes on, at any moment, its recovery included. The server
// starts its own again and finds its way back to somebody else's; every subscriber then leads to exactly the members that
// SQL gives, and nothing that was committed is lost.
func TestPostgresKilled(t *testing.T) {
	t.Parallel()
	for _, of := range owners {
		t.Run(of.name, func(t *testing.T) {
			w := newKillWorld(t, of.private)
			w.killing(func() {
				require.NoError(t, syscall.Kill(w.postmaster(), syscall.SIGKILL))
			}, false)
			select {
			case <-w.server.ended:
				t.Fatal("the server ended with its database")
			default:
			}
		})
	}
}

// owners are whose PostgreSQL it is.
var owners = []struct {
	name    string
	private bool
}{{"private database", true}, {"external database", false}}

const (
	killContacts = 300
	killWriters  = 8
	killPace     = 1000 // changes a second, of all writers
)

// killWorld is a server in a process of its own, its database, writers by plain SQL and subscribers by sockets.
type killWorld struct {
	t             *testing.T
	data          string
	addr, url     string
	private       bool
	database, key string
	site          uuid.UUID
	contacts      []uuid.UUID
	segments      []killSegment
	subscribers   []*subscriber
	server        *killServer
	commits       atomic.Int64
	acknowledged  [killWriters]map[int64]bool
}

// killSegment is a segment and, in words of SQL, who its members are.
type killSegment struct{ id, where string }

// killServer is one run of the server.
type killServer struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

// newKillWorld makes a site with contacts and segments, starts the server on it and waits until everybody follows.
func newKillWorld(t *testing.T, private bool) *killWorld {
	t.Helper()
	data, err := os.MkdirTemp("", "carnet-kill-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(data, 0o755)) // PostgreSQL may run as another user, who must be able to enter
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(data)) })
	w := &killWorld{t: t, data: data, private: private, addr: freeAddress(t)}
	w.url = "http://" + w.addr
	if !private {
		pg, err := db.StartPostgres(t.Context(), db.PostgresConfig{Dir: filepath.Join(data, "postgres"), BinDir: os.Getenv("CARNET_POSTGRES_BIN"), Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, pg.Stop()) })
		w.database = pg.URL()
	}
	w.fill()
	w.start()
	t.Cleanup(func() {
		_ = w.server.cmd.Process.Kill() // it may have ended
		<-w.server.ended
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(data, "carnet.log")) // it is but told
			t.Logf("the server said:\n%s", log[max(0, len(log)-16<<10):])
		}
		if private { // the start of another server waits for the end of the one left behind
			pg, err := db.StartPostgres(context.WithoutCancel(t.Context()), db.PostgresConfig{Dir: filepath.Join(data, "postgres"), BinDir: os.Getenv("CARNET_POSTGRES_BIN"), Logger: slog.New(slog.DiscardHandler)})
			require.NoError(t, err)
			require.NoError(t, pg.Stop())
		}
	})
	return w
}

// fill makes the site, its book and its segments: one of the index's rules, one of SQL's alone, one that is nested and relative.
func (w *killWorld) fill() {
	t, ctx := w.t, w.t.Context()
	cfg := config()
	cfg.Data, cfg.DatabaseURL, cfg.BinDir = w.data, w.database, os.Getenv("CARNET_POSTGRES_BIN")
	a, err := app.Open(ctx, cfg)
	require.NoError(t, err)
	defer func() { require.NoError(t, a.Close()) }()
	w.database = a.DB.URL()
	of, owner, _, err := a.Sites.Create(ctx, site.NewSite{PublicID: "club", Name: "Club", TimeZone: "UTC", Language: "en", Country: "NO"},
		site.NewStaff{Email: "owner@club.example", Name: "Olga", Password: "correct horse battery"})
	require.NoError(t, err)
	on := true
	_, err = a.Sites.Update(app.System(ctx, of), site.Update{ContactManagement: &on})
	require.NoError(t, err)
	w.site = of.ID
	as := site.WithActor(ctx, site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: owner.ID, Name: owner.Name, Book: true})
	_, w.key, err = a.Sites.CreateKey(as, "subscriber", site.Manager, nil)
	require.NoError(t, err)
	rows, err := a.DB.Pool.Query(ctx, `INSERT INTO contact (site_id, id, number, kind, last_name, n_last)
		SELECT $1, gen_random_uuid(), n, 'person', 'Many', 'many' FROM generate_series(1, $2::int) n RETURNING id`, of.ID, killContacts)
	require.NoError(t, err)
	w.contacts, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	require.NoError(t, err)
	_, err = a.DB.Pool.Exec(ctx, `CREATE TABLE written (writer int, n bigint, PRIMARY KEY (writer, n))`)
	require.NoError(t, err)
	add := func(rule, where string) string {
		t.Helper()
		r, err := segment.Parse([]byte(rule))
		require.NoError(t, err)
		name := where
		made, err := a.Segments.Create(as, segment.Change{Name: &name, Rule: &r})
		require.NoError(t, err)
		w.segments = append(w.segments, killSegment{made.ID.String(), where})
		return made.ID.String()
	}
	inBodo := add(`{"text":{"column":"CITY","op":"EQUALS","value":"Bodø"}}`, `n_city = 'bodo'`)
	add(`{"email":"a@b.example"}`, `email_key = 'a@b.example'`)
	add(`{"all":[{"not":{"segment":"`+inBodo+`"}},{"date":{"column":"BIRTH_DATE","relative":{"last":40,"unit":"YEAR"}}}]}`, `n_city <> 'bodo' AND birth_date > '2000-01-01'`)
}

// start starts the server's process.
func (w *killWorld) start() {
	w.t.Helper()
	log, err := os.OpenFile(filepath.Join(w.data, "carnet.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(w.t, err)
	defer log.Close()
	cmd := exec.Command(os.Args[0]) // killed when the test ends
	cmd.Env = append(os.Environ(), serveData+"="+w.data, serveAddr+"="+w.addr)
	if !w.private {
		cmd.Env = append(cmd.Env, serveDatabase+"="+w.database)
	}
	cmd.Stdout, cmd.Stderr = log, log
	_, err = cmd.StdinPipe() // held open: its end tells the server that we are gone
	require.NoError(w.t, err)
	require.NoError(w.t, cmd.Start())
	s := &killServer{cmd: cmd, ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // it was killed
		close(s.ended)
	}()
	w.server = s
}

// postmaster gives the process id of PostgreSQL as it is now.
func (w *killWorld) postmaster() int {
	w.t.Helper()
	var pid int
	w.eventually(func() bool {
		text, err := os.ReadFile(filepath.Join(w.data, "postgres", "data", "postmaster.pid"))
		if err != nil {
			return false
		}
		pid, err = strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
		return err == nil && pid > 0 && syscall.Kill(pid, 0) == nil
	}, "PostgreSQL does not come back")
	return pid
}

// killing kills three times under writers: twice while all subscribers hear of moves, and once in between as soon as something
// has been written again, which may be while the server starts. Then it holds everybody to what SQL gives. reconnects says
// that the kill ends the sockets.
func (w *killWorld) killing(kill func(), reconnects bool) {
	t := w.t
	w.follow()
	stop := w.write()
	began, first := time.Now(), w.commits.Load()
	for round := range 3 {
		if round != 1 {
			w.allHear()
		}
		at := w.commits.Load() + 1 + rand.Int64N(500) //nolint:gosec // when is no secret
		w.eventually(func() bool { return w.commits.Load() >= at }, "nothing is written")
		kill()
	}
	w.allHear()
	t.Logf("%d changes, %.0f a second with the kills", w.commits.Load()-first, float64(w.commits.Load()-first)/time.Since(began).Seconds())
	stop()
	w.ready()
	conn, err := pgx.Connect(t.Context(), w.database)
	require.NoError(t, err)
	defer conn.Close(context.WithoutCancel(t.Context())) //nolint:errcheck // of no further use
	w.allWritten(conn)
	for i, one := range w.segments {
		rows, err := conn.Query(t.Context(), "SELECT id::text FROM contact WHERE site_id = $1 AND "+one.where, w.site)
		require.NoError(t, err)
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		want := map[string]bool{}
		for _, id := range ids {
			want[id] = true
		}
		require.NotEmpty(t, want)
		listed, err := listMembers(t.Context(), w.url, w.key, one.id)
		require.NoError(t, err)
		require.Equal(t, want, listed, "the list of segment %d", i)
		w.eventually(func() bool {
			var out struct{ Segment struct{ Count int } }
			return ask(t.Context(), w.url, w.key, `query($i: ID!) { segment(id: $i) { count } }`, map[string]any{"i": one.id}, &out) == nil && out.Segment.Count == len(want)
		}, "segment %d counts otherwise", i)
		for _, s := range w.subscribers {
			if s.segment == one.id {
				until(t, func() bool { return s.holds(want) }, func() string { return fmt.Sprintf("a subscriber of segment %d: %s", i, s.differs(want)) })
				if joined, _ := s.heard(); reconnects {
					require.Greater(t, joined, 1)
				}
			}
		}
	}
}

// follow has two subscribers follow each segment.
func (w *killWorld) follow() {
	ctx, stop := context.WithCancel(w.t.Context())
	var following sync.WaitGroup
	for _, one := range w.segments {
		for range 2 {
			s := &subscriber{url: w.url, key: w.key, segment: one.id}
			w.subscribers = append(w.subscribers, s)
			following.Go(func() { s.run(ctx) })
		}
	}
	w.t.Cleanup(func() { stop(); following.Wait() })
}

// allHear waits until each subscriber has heard of a move from now on.
func (w *killWorld) allHear() {
	w.t.Helper()
	for _, s := range w.subscribers {
		_, before := s.heard()
		w.eventually(func() bool { _, now := s.heard(); return now > before }, "a subscriber hears nothing")
	}
}

// ready waits until the server says that it is.
func (w *killWorld) ready() {
	w.t.Helper()
	w.eventually(func() bool {
		resp, err := http.Get(w.url + "/readyz")
		return err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	}, "the server is not ready")
}

// write has the writers write until the returned function is called. Each change is one transaction, which notes its number.
func (w *killWorld) write() (stop func()) {
	ctx, end := context.WithCancel(w.t.Context())
	var writing sync.WaitGroup
	for i := range killWriters {
		w.acknowledged[i] = map[int64]bool{}
		writing.Go(func() { w.writer(ctx, i) })
	}
	w.t.Cleanup(func() { end(); writing.Wait() })
	return func() { end(); writing.Wait() }
}

// writer makes random changes at its part of the pace, on a connection that it makes anew whenever it has broken.
func (w *killWorld) writer(ctx context.Context, number int) {
	random := rand.New(rand.NewPCG(uint64(number), 1)) //nolint:gosec // which change is no secret
	pace := time.NewTicker(time.Second * killWriters / killPace)
	defer pace.Stop()
	life := context.WithoutCancel(ctx) // what has begun is brought to its end
	var conn *pgx.Conn
	for n := int64(1); ; n++ {
		select {
		case <-ctx.Done():
			if conn != nil {
				_ = conn.Close(life) // all has been answered
			}
			return
		case <-pace.C:
		}
		if conn == nil || conn.IsClosed() {
			conn, _ = pgx.Connect(ctx, w.database) // tried again at the next tick
			if conn == nil {
				continue
			}
		}
		column, value := "n_city", []string{"bodo", "bodo", "oslo"}[random.IntN(3)]
		switch random.IntN(3) {
		case 0:
			column, value = "email_key", []string{"a@b.example", "c@b.example"}[random.IntN(2)]
		case 1:
			column, value = "birth_date", []string{"2010-05-06", "1950-05-06"}[random.IntN(2)]
		}
		_, err := conn.Exec(life, `WITH noted AS (INSERT INTO written VALUES ($1, $2)) UPDATE contact SET `+column+` = $3 WHERE site_id = $4 AND id = $5`,
			number, n, value, w.site, w.contacts[random.IntN(len(w.contacts))])
		if err == nil {
			w.acknowledged[number][n] = true
			w.commits.Add(1)
		}
	}
}

// allWritten holds the database to have every change whose commit was answered.
func (w *killWorld) allWritten(conn *pgx.Conn) {
	w.t.Helper()
	rows, err := conn.Query(w.t.Context(), "SELECT writer, n FROM written")
	require.NoError(w.t, err)
	var writer int
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&writer, &n}, func() error { delete(w.acknowledged[writer], n); return nil })
	require.NoError(w.t, err)
	for i, missing := range w.acknowledged {
		require.Empty(w.t, missing, "changes of writer %d were committed and are lost", i)
	}
}

func (w *killWorld) eventually(condition func() bool, message string, args ...any) {
	w.t.Helper()
	until(w.t, condition, func() string { return fmt.Sprintf(message, args...) })
}

// until waits for a condition of which nothing can tell us; message says what there is instead.
func until(t *testing.T, condition func() bool, message func() string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatal(message())
		}
		<-look.C
	}
}

// freeAddress gives an address of loopback below those that the system hands out by itself, so that it is free for the next start too.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000))) //nolint:gosec // which port is no secret
		if err == nil {
			require.NoError(t, l.Close())
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}
