package contact_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/contact"
)

// numbered gives a file of n simple rows.
func numbered(n int) []byte {
	var file bytes.Buffer
	file.WriteString("First name,Last name,E-mail,Mobile,Postcode,City\n")
	for i := range n {
		fmt.Fprintf(&file, "Åse %d,Bjørklund-Müller,ase.%d@example.com,4%07d,%04d,Ålesund\n", i, i, i, i%10000)
	}
	return file.Bytes()
}

// A run whose process was killed is marked as failed at the next start, with its counts; one that is
// being worked on is left alone.
func TestImportInterrupted(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	dead := &contact.ImportRun{SiteID: b.of.ID, ID: uuid.New(), FileName: "x.csv", Format: contact.FormatPlain, Status: contact.ImportRunning, Total: 1000, Created: 990, Refused: 10}
	_, err := b.db.Bun.NewInsert().Model(dead).Exec(b.manager())
	require.NoError(t, err)
	batches := 0
	run, err := b.contacts.ImportReader(b.manager(), "y.csv", bytes.NewReader(numbered(2500)), contact.ImportOrder{}, func(run *contact.ImportRun) {
		batches++
		require.NoError(t, contact.New(b.db).FailInterruptedImports(context.Background()))
		seen, err := b.contacts.ImportRunByID(b.manager(), run.ID)
		require.NoError(t, err)
		require.Equal(t, contact.ImportRunning, seen.Status)
		require.Equal(t, run.Total, seen.Total)
		require.Equal(t, run.Created, seen.Created)
	})
	require.NoError(t, err)
	require.Equal(t, 3, batches)
	require.Equal(t, 2500, run.Created)
	killed, err := b.contacts.ImportRunByID(b.manager(), dead.ID)
	require.NoError(t, err)
	require.Equal(t, contact.ImportFailed, killed.Status)
	require.Equal(t, []int{1000, 990, 10}, []int{killed.Total, killed.Created, killed.Refused})
	require.NotEmpty(t, killed.Problem)
	require.NotNil(t, killed.FinishedAt)
}

// A run that is stopped half-way keeps what it wrote, says so, and can be done again.
func TestImportStopped(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	ctx, cancel := context.WithCancel(b.manager())
	run, err := b.contacts.ImportReader(ctx, "y.csv", bytes.NewReader(numbered(5000)), contact.ImportOrder{}, func(*contact.ImportRun) { cancel() })
	require.Error(t, err)
	run, err = b.contacts.ImportRunByID(b.manager(), run.ID)
	require.NoError(t, err)
	require.Equal(t, contact.ImportFailed, run.Status)
	require.Contains(t, run.Problem, "stopped")
	require.Equal(t, run.Total, run.Created)
	require.Less(t, run.Created, 5000)
	var have int
	count := func() int {
		require.NoError(t, b.db.Pool.QueryRow(b.manager(), "SELECT count(*) FROM contact").Scan(&have))
		return have
	}
	require.Equal(t, run.Created, count())
	again, err := b.contacts.ImportReader(b.manager(), "y.csv", bytes.NewReader(numbered(5000)), contact.ImportOrder{}, nil)
	require.NoError(t, err)
	require.Equal(t, []int{run.Created, 5000 - run.Created}, []int{again.Unchanged, again.Created})
	require.Equal(t, 5000, count())
	b.contacts.StopImports()
	file, err := b.contacts.SaveUpload(b.manager(), "x", strings.NewReader("E-mail\n"))
	require.NoError(t, err)
	_, err = b.contacts.StartImport(b.manager(), file.ID, contact.ImportOrder{})
	require.ErrorContains(t, err, "stopping")
}

// Two imports at once do not both create the same address.
func TestImportsAtOnce(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	errs := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := b.contacts.ImportReader(b.manager(), "y.csv", bytes.NewReader(numbered(3000)), contact.ImportOrder{}, nil)
			errs <- err
		}()
	}
	require.NoError(t, <-errs)
	require.NoError(t, <-errs)
	var all, last int
	require.NoError(t, b.db.Pool.QueryRow(b.manager(), "SELECT count(*), max(number) FROM contact").Scan(&all, &last))
	require.Equal(t, []int{3000, 3000}, []int{all, last})
}

// The memory that an import takes does not grow with the file: in batches of 50, forty of them need no
// more than ten. How fast rows are is told, not asserted; CARNET_IMPORT_ROWS asks for many, in batches
// of the usual size.
func TestImportMany(t *testing.T) {
	b := newBook(t)
	sizes := []int{500, 2_000}
	if text := os.Getenv("CARNET_IMPORT_ROWS"); text == "" {
		b.contacts.BatchImports(50)
	} else {
		_, err := fmt.Sscan(text, &sizes[1])
		require.NoError(t, err)
	}
	// What is in use in the later half of a run, at its least: batches that are under way come and go.
	least := map[int]int64{}
	for _, n := range sizes {
		file := numbered(n)
		for _, what := range []string{"created", "unchanged"} {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			run, err := b.contacts.ImportReader(b.manager(), "many.csv", bytes.NewReader(file), contact.ImportOrder{}, func(run *contact.ImportRun) {
				if run.Total%(n/10) == 0 && run.Total > n/2 {
					runtime.GC() // what is left is in use
					runtime.ReadMemStats(&after)
					used := int64(after.HeapAlloc) - int64(before.HeapAlloc)
					if have, is := least[n]; !is || used < have {
						least[n] = used
					}
				}
			})
			took := time.Since(start)
			require.NoError(t, err)
			require.Equal(t, n, run.Created+run.Unchanged)
			t.Logf("%d rows %s in %v: %.0f rows/s, heap at least %d kB more", n, what, took.Round(time.Millisecond), float64(n)/took.Seconds(), least[n]>>10)
		}
	}
	if sizes[1] == 2_000 {
		require.Less(t, least[sizes[1]], least[sizes[0]]+1<<20, "memory grows with the file")
	}
}
