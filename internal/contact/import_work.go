package contact

import (
	"context"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
	"golang.org/x/sync/errgroup"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/fold"
	"carnet/internal/site"
)

const (
	// batchRows is how many rows one transaction writes. It bounds how long an import holds the rows
	// that it changes: some 100 ms.
	batchRows = 1000
	// importWriters is how many batches are written at once. One keeps the server busy while another
	// is decided upon.
	importWriters = 2
	// turnBatches is how many batches an import writes before another import of the site has its turn.
	turnBatches = 10
)

// importer is one import at work.
type importer struct {
	s               *Service
	run             *ImportRun // its counts belong to whoever holds turn
	id              uuid.UUID  // of the run
	fileName        string
	order           ImportOrder
	by              Author
	of              site.Site // as it was when the import began
	fields          []*field.Definition
	known           *vocabulary
	file            *openedFile
	into            *Group // every contact joins it too; may be nil
	mayCreateGroups bool
	groups          map[string]*Group // by folded name; nil for one that cannot be
	shadow          *shadow           // of a run that writes nothing

	turn    sync.Mutex // held from the moment a batch is counted until it is committed
	numbers reserved
}

// importBatch is some rows of the file, in their order.
type importBatch struct {
	items []*item
	seeks map[string]struct{} // the keys by which its rows are matched
	makes map[string]struct{} // the keys of the contacts that its rows make or change
}

func newImportBatch(rows int) *importBatch {
	return &importBatch{items: make([]*item, 0, rows), seeks: make(map[string]struct{}, rows), makes: make(map[string]struct{}, 2*rows)}
}

// add appends a row with its keys.
func (b *importBatch) add(it *item) {
	b.items = append(b.items, it)
	r := it.record
	if r == nil || len(it.problems) > 0 {
		return
	}
	for _, key := range it.keys() {
		b.makes[key] = struct{}{}
		if key[0] != 'n' || r.EmailKey == "" {
			b.seeks[key] = struct{}{}
		}
	}
}

// keys are what a row is matched by, told apart by their first letter; n is the name.
func (it *item) keys() []string {
	var keys []string
	if it.own != uuid.Nil {
		keys = append(keys, "i"+it.own.String())
	}
	if it.number != 0 {
		keys = append(keys, "c"+strconv.FormatInt(it.number, 10))
	}
	for _, ref := range it.more.refs {
		keys = append(keys, "r"+ref.Source+"\x00"+ref.ExternalID)
	}
	if it.record.EmailKey != "" {
		keys = append(keys, "e"+it.record.EmailKey)
	}
	if name := nameKey(it.record); name != "" {
		keys = append(keys, "n"+name)
	}
	return keys
}

// after tells whether a batch must wait for an earlier one: its rows may be about what that one makes.
func (b *importBatch) after(earlier *importBatch) bool {
	for key := range b.seeks {
		if _, made := earlier.makes[key]; made {
			return true
		}
	}
	return false
}

// importAll reads and writes all rows. One goroutine reads and checks the next batch while others
// write; four batches at most are in memory.
func (im *importer) importAll(ctx context.Context, progress func(*ImportRun)) error {
	work, ctx := errgroup.WithContext(ctx)
	batches := make(chan *importBatch, 1)
	work.Go(func() error {
		defer close(batches)
		return im.readAll(ctx, batches)
	})
	work.Go(func() error {
		for first := range batches {
			if err := im.takeTurn(ctx, first, batches, progress); err != nil {
				return err
			}
		}
		return nil
	})
	return work.Wait()
}

// takeTurn writes some batches while no other import of the site does: two imports of the same new
// address must not both create it. The lock is a transaction's of its own, which writes nothing.
func (im *importer) takeTurn(ctx context.Context, first *importBatch, batches <-chan *importBatch, progress func(*ImportRun)) error {
	if im.order.DryRun {
		return im.writeBatch(ctx, first, progress)
	}
	hold, err := im.s.db.Bun.BeginTx(ctx, nil)
	if err != nil {
		return db.MapError(err, "take turns")
	}
	defer hold.Rollback() //nolint:errcheck // it only held a lock
	if _, err := hold.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended('carnet imports of ' || ?, 0))", im.of.ID.String()); err != nil {
		return db.MapError(err, "take turns")
	}
	return im.writeTurn(ctx, first, batches, progress)
}

// writeTurn writes the first batch and those that follow, several at once where none may be about
// what another makes.
func (im *importer) writeTurn(ctx context.Context, first *importBatch, batches <-chan *importBatch, progress func(*ImportRun)) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(importWriters)
	var open []*running
	for n, b := 0, first; b != nil && ctx.Err() == nil; n++ {
		for _, earlier := range open {
			if b.after(earlier.batch) {
				earlier.wait(ctx)
			}
		}
		open = stillOpen(open)
		if err := refreshStatistics(ctx, im.s.db.Bun); err != nil {
			return errors.Join(err, work.Wait())
		}
		if err := im.findGroups(ctx, b.items); err != nil {
			return errors.Join(err, work.Wait())
		}
		one := &running{b, make(chan struct{})}
		open = append(open, one)
		work.Go(func() error {
			defer close(one.done)
			return im.writeBatch(ctx, one.batch, progress)
		})
		if b = nil; n+1 < turnBatches {
			select {
			case b = <-batches: // nil: the file ends
			case <-ctx.Done():
			}
		}
	}
	return work.Wait()
}

// running is a batch that is being written.
type running struct {
	batch *importBatch
	done  chan struct{}
}

func (r *running) wait(ctx context.Context) {
	select {
	case <-r.done:
	case <-ctx.Done():
	}
}

func stillOpen(all []*running) []*running {
	open := all[:0]
	for _, r := range all {
		select {
		case <-r.done:
		default:
			open = append(open, r)
		}
	}
	return open
}

// readAll reads, checks and hands on all rows.
func (im *importer) readAll(ctx context.Context, batches chan<- *importBatch) error {
	b := newImportBatch(im.s.importBatch)
	send := func() error {
		select {
		case batches <- b:
			b = newImportBatch(im.s.importBatch)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	err := im.readRows(func(it *item) error {
		if b.add(it); len(b.items) == im.s.importBatch {
			return send()
		}
		return nil
	})
	if err != nil || len(b.items) == 0 {
		return err
	}
	return send()
}

// readRows gives every row of the file, checked as far as it can be without the book.
func (im *importer) readRows(give func(*item) error) error {
	today := im.s.today(im.of)
	for {
		d, line, err := im.file.next()
		var bad *badRecord
		var it *item
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad):
			it = &item{line: line, problems: ImportProblems{bad.problem}}
		case err != nil:
			return fault.Wrap(err, "read row")
		default:
			it = im.known.item(d, line)
			it.prepare(im.of, im.fields, today)
		}
		if err := give(it); err != nil {
			return err
		}
	}
}

// grown tells whether the table of contacts has become much larger since the planner last looked.
const grown = `SELECT pg_relation_size(oid) > 4 * greatest(relpages, 32)::bigint * current_setting('block_size')::int FROM pg_class WHERE oid = 'contact'::regclass`

// refreshStatistics has the planner look at contacts again once there are four times as many. An
// import fills a new book within seconds, before autovacuum comes by; until then the planner does not
// know that one site owns nearly all rows, and looks addresses up by reading them all (170 rows/s
// instead of thousands). It looks at the columns only by which an import finds contacts.
func refreshStatistics(ctx context.Context, q bun.IDB) error {
	var stale bool
	if err := q.NewRaw(grown).Scan(ctx, &stale); err != nil {
		return db.MapError(err, "read table size")
	}
	if !stale {
		return nil
	}
	_, err := q.ExecContext(ctx, "ANALYZE contact (site_id, id, number, email_key, n_last, n_first, deleted_at)")
	return db.MapError(err, "analyze contacts")
}

// reserved are contact numbers that an import has taken. A statement of its own takes them, so that the
// site's counter is held for a moment only; those of a batch that was rolled back serve the next.
type reserved struct {
	mu   sync.Mutex
	free []int64
}

// take gives n numbers in their order. The native pool: a batch waits for them with one of bun's
// connections in its hand.
func (r *reserved) take(ctx context.Context, pool *pgxpool.Pool, siteID uuid.UUID, n int) ([]int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if more := n - len(r.free); more > 0 {
		var last int64
		err := pool.QueryRow(ctx, `INSERT INTO site_counter (site_id, name, value) VALUES ($1, 'contact', $2)
			ON CONFLICT (site_id, name) DO UPDATE SET value = site_counter.value + EXCLUDED.value RETURNING value`, siteID, more).Scan(&last)
		if err != nil {
			return nil, db.MapError(err, "reserve contact numbers")
		}
		for number := last - int64(more) + 1; number <= last; number++ {
			r.free = append(r.free, number)
		}
	}
	taken := r.free[:n:n]
	r.free = r.free[n:]
	return taken, nil
}

// give takes numbers back that were not used.
func (r *reserved) give(numbers []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free = append(numbers, r.free...)
}

// groupKey is the name of a group as compared.
func groupKey(name string) string { return fold.Text(name) }

// now gives the time that a batch is written at, as the database keeps it.
func (im *importer) now() time.Time { return im.s.now().Truncate(time.Microsecond) }
