package app_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/site"
)

// workerDatabase names the database that this test binary works on, when it is started to be killed.
const workerDatabase = "CARNET_TEST_WORKER_DATABASE"

func TestMain(m *testing.M) {
	if url := os.Getenv(workerDatabase); url != "" {
		os.Exit(worker(url))
	}
	if data := os.Getenv(serveData); data != "" {
		os.Exit(serve(data))
	}
	os.Exit(dbtest.Main(m))
}

// worker is a second process of the program, which ends by being killed, or with the one that
// started it.
func worker(url string) int {
	d, err := db.Open(context.Background(), db.Config{URL: url, MaxConns: 4})
	if err != nil {
		return 1
	}
	cfg := config()
	if cfg.SMTP = os.Getenv(workerMail); cfg.SMTP != "" {
		cfg.MailFrom = "Carnet <no-reply@carnet.example>"
	}
	a, err := app.New(context.Background(), cfg, d)
	if err != nil {
		return 1
	}
	a.Start()
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 1
}

const patience = time.Minute

func config() app.Config {
	return app.Config{Addr: "127.0.0.1:0", Secret: strings.Repeat("test secret ", 4), Log: slog.New(slog.DiscardHandler)}
}

// A process that is killed in the middle of a batch leaves only whole chunks; the next start goes on
// with it, and every contact is changed exactly once.
func TestBatchSurvivesAKilledProcess(t *testing.T) {
	t.Parallel()
	const many = 20000
	ctx, d := t.Context(), dbtest.New(t)
	a, err := app.New(ctx, config(), d)
	require.NoError(t, err)
	of, owner, _, err := a.Sites.Create(ctx, site.NewSite{PublicID: "club", Name: "Club", TimeZone: "UTC", Language: "en", Country: "NO"},
		site.NewStaff{Email: "owner@club.example", Name: "Olga", Password: "correct horse battery"})
	require.NoError(t, err)
	on := true
	_, err = a.Sites.Update(app.System(ctx, of), site.Update{ContactManagement: &on})
	require.NoError(t, err)
	_, err = d.Pool.Exec(ctx, `INSERT INTO contact (site_id, id, number, kind, last_name, n_last)
		SELECT $1, gen_random_uuid(), n, 'person', 'Many', 'many' FROM generate_series(1, $2::int) n`, of.ID, many)
	require.NoError(t, err)
	as := site.WithActor(ctx, site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: owner.ID, Name: owner.Name, Book: true})
	run, err := a.Batches.Start(as, contact.BatchOrder{Action: &contact.ColorBatch{Color: "#00aa00"}, Target: contact.BatchTarget{Query: &contact.Query{}, Meant: contact.BatchMeant{Kind: contact.BatchMatching}}})
	require.NoError(t, err)
	require.Equal(t, many, run.Total)

	read := func() *contact.BatchRun {
		t.Helper()
		row, err := a.Batches.Batch(as, run.ID)
		require.NoError(t, err)
		return row
	}
	process := exec.CommandContext(ctx, os.Args[0])
	process.Env = append(os.Environ(), workerDatabase+"="+d.URL())
	stdin, err := process.StdinPipe()
	require.NoError(t, err)
	defer stdin.Close()
	require.NoError(t, process.Start())
	require.Eventually(t, func() bool { return read().Changed > 0 }, patience, 2*time.Millisecond, "the second process works")
	require.NoError(t, process.Process.Kill())
	require.Error(t, process.Wait())

	// What the kill left is whole: as many contacts, items and history entries as the batch counts.
	left := read()
	require.Equal(t, contact.BatchRunning, left.Status)
	require.Less(t, left.Changed, many, "it was killed in the middle")
	require.Equal(t, [3]int{left.Changed, left.Changed, left.Changed}, written(t, d))

	a.Start()
	t.Cleanup(a.Stop)
	require.Eventually(t, func() bool { return read().Over() }, patience, 10*time.Millisecond, "the next start goes on with it")
	done := read()
	require.Equal(t, contact.BatchDone, done.Status)
	require.Equal(t, []int{many, 0, 0}, []int{done.Changed, done.Unchanged, done.Failed})
	require.Equal(t, [3]int{many, many, many}, written(t, d))
}

// written counts the contacts, the items and the history entries that a batch has written, and holds
// every contact to one entry at most.
func written(t *testing.T, d *db.DB) (n [3]int) {
	t.Helper()
	var twice int
	require.NoError(t, d.Pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM contact WHERE color <> ''), (SELECT count(*) FROM batch_item WHERE state = 'changed'),
		(SELECT count(*) FROM contact_history), (SELECT count(*) - count(DISTINCT contact_id) FROM contact_history)`).Scan(&n[0], &n[1], &n[2], &twice))
	require.Zero(t, twice)
	return n
}
