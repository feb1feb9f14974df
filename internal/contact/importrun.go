package contact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// maxImports is how many imports one process runs at once. Each takes four of the pool's connections.
const maxImports = 3

// background owns the imports that run on their own.
type background struct {
	mu    sync.Mutex
	ended bool
	stops map[uuid.UUID]context.CancelFunc
	work  sync.WaitGroup
}

// start runs work until it ends or stop is called. ctx is the caller's without its end.
func (b *background) start(ctx context.Context, id uuid.UUID, work func(context.Context)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return fault.New(fault.Conflict, "the server is stopping; try again shortly")
	}
	if len(b.stops) >= maxImports {
		return fault.New(fault.RateLimited, "%d imports are running already; wait until one is done", maxImports)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	if b.stops == nil {
		b.stops = map[uuid.UUID]context.CancelFunc{}
	}
	b.stops[id] = stop
	b.work.Go(func() {
		defer func() {
			stop()
			b.mu.Lock()
			defer b.mu.Unlock()
			delete(b.stops, id)
		}()
		work(ctx)
	})
	return nil
}

// Wait waits until all imports that run in the background have ended.
func (s *Service) Wait() { s.imports.work.Wait() }

// StopImports ends the imports that run in the background, lets none begin any more, and waits. What
// is committed stays; the runs are marked as failed.
func (s *Service) StopImports() {
	s.imports.mu.Lock()
	s.imports.ended = true
	for _, stop := range s.imports.stops {
		stop()
	}
	s.imports.mu.Unlock()
	s.Wait()
}

// StartImport imports an uploaded file in the background, with the rights of the actor that starts
// it, and gives the run as it begins. A file that cannot be read at all is refused at once. A mapping is
// remembered for the next file with the same header. Needs an operator.
func (s *Service) StartImport(ctx context.Context, uploadID uuid.UUID, order ImportOrder) (*ImportRun, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	file, err := s.uploadByID(ctx, a.SiteID, uploadID)
	if err != nil {
		return nil, err
	}
	run := newRun(a, file)
	run.UploadID = &file.ID
	began := make(chan error, 1)
	var first ImportRun // as it began; run belongs to the import
	err = s.imports.start(ctx, run.ID, func(ctx context.Context) {
		err := s.runImport(ctx, file, run, order, func(begun *ImportRun) { first = *begun; began <- nil }, nil)
		if err != nil {
			select {
			case began <- err: // it never began
			default:
				slog.ErrorContext(ctx, "import failed", "site", run.SiteID, "run", run.ID, "error", err)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	select {
	case err := <-began:
		return &first, err
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), "start import")
	}
}

// ImportReader imports a file and returns when it is done; progress, when given, hears after every
// batch. The run says what became of the rows; err why it did not come to the end. Needs an operator.
func (s *Service) ImportReader(ctx context.Context, name string, r io.Reader, order ImportOrder, progress func(*ImportRun)) (*ImportRun, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	file, err := s.SaveUpload(ctx, name, r)
	if err != nil {
		return nil, err
	}
	run := newRun(a, file)
	err = s.runImport(ctx, file, run, order, nil, progress)
	return run, errors.Join(err, s.dropUpload(ctx, file))
}

func newRun(a site.Actor, file *Upload) *ImportRun {
	return &ImportRun{
		SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), FileName: file.Name, Status: ImportRunning, StartedBy: a.Name,
		MatchBy: []Match{}, Columns: []MappedColumn{}, Values: []ValueMapping{},
	}
}

// runImport reads the header, begins the run, imports the rows and ends the run.
func (s *Service) runImport(ctx context.Context, file *Upload, run *ImportRun, order ImportOrder, begun, progress func(*ImportRun)) (err error) {
	im, err := s.newImporter(ctx, file, run, order)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, im.file.close()) }()
	hold, err := s.holdRun(ctx, run.ID)
	if err != nil {
		return err
	}
	defer hold.Rollback() //nolint:errcheck // it only held a lock
	if _, err := s.db.Bun.NewInsert().Model(run).Returning("started_at").Exec(ctx); err != nil {
		return db.MapError(err, "insert import run")
	}
	if begun != nil {
		begun(run)
	}
	defer func() {
		if bug := recover(); bug != nil {
			err = fault.Wrap(fmt.Errorf("panic: %v\n%s", bug, debug.Stack()), "import")
		}
		err = errors.Join(err, s.endRun(ctx, run, err))
	}()
	if order.DryRun {
		if err := im.lookAhead(ctx, file); err != nil {
			return err
		}
	}
	return im.importAll(ctx, progress)
}

// newImporter reads what an import needs to know of the site, and the file's header.
func (s *Service) newImporter(ctx context.Context, file *Upload, run *ImportRun, order ImportOrder) (*importer, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	if err := order.check(); err != nil {
		return nil, err
	}
	im := &importer{s: s, run: run, id: run.ID, fileName: run.FileName, order: order, by: author(a), mayCreateGroups: a.Access >= site.AccessManager, groups: map[string]*Group{}}
	im.by.Surface, im.by.Import = "import", &im.id
	if im.of, err = readSite(ctx, s.db.Bun, a.SiteID); err != nil {
		return nil, err
	}
	if im.known, err = readVocabulary(ctx, s.db.Bun, im.of, a); err != nil {
		return nil, err
	}
	im.fields, im.known.byNumber = im.known.fields, im.matches(MatchNumber)
	if order.GroupID != nil {
		if im.into, err = groupByID(ctx, s.db.Bun, a.SiteID, *order.GroupID); err != nil {
			return nil, err
		}
	}
	if im.file, err = s.openMapped(ctx, file, order, im.known); err != nil {
		return nil, err
	}
	if order.Mapping != nil && im.file.sheet != nil {
		if err := s.remember(ctx, a, im.file.sheet.columns, *order.Mapping); err != nil {
			return nil, errors.Join(err, im.file.close())
		}
	}
	run.Format, run.FileType, run.DryRun, run.Policy, run.MatchBy, run.GroupID = im.file.format, im.file.kind, order.DryRun, order.Policy, order.MatchBy, order.GroupID
	if order.Mapping != nil && order.Mapping.Values != nil {
		run.Values = order.Mapping.Values
	}
	if im.file.sheet != nil {
		for _, c := range im.file.sheet.columns {
			run.Columns = append(run.Columns, MappedColumn{c.header, c.nameOf()})
		}
	}
	return im, nil
}

// openMapped opens a file whose columns are read as the order says.
func (s *Service) openMapped(ctx context.Context, file *Upload, order ImportOrder, known *vocabulary) (*openedFile, error) {
	opened, err := openFile(func() io.Reader { return s.openUpload(ctx, file) }, order.Format, known)
	if err != nil {
		return nil, err
	}
	switch sh := opened.sheet; {
	case order.Mapping != nil && sh == nil:
		err = unusable([]string{"mapping"}, fileCards)
	case order.Mapping != nil:
		err = sh.remap(*order.Mapping, known)
	case sh != nil:
		err = sh.checkColumns()
	}
	if err != nil {
		return nil, errors.Join(err, opened.close())
	}
	return opened, nil
}

// lookAhead reads the whole file once before it is tried, to know which rows may be about the same
// contact, and how many there are.
func (im *importer) lookAhead(ctx context.Context, file *Upload) error {
	im.shadow = newShadow()
	rows := 0
	err := im.readRows(func(it *item) error {
		rows++
		im.shadow.survey(it)
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	im.shadow.settle()
	im.run.RowsInFile = &rows
	again, err := im.s.openMapped(ctx, file, im.order, im.known)
	if err != nil {
		return err
	}
	err = im.file.close()
	im.file = again
	return err
}

// runLock is the key of the advisory lock that a run holds while a process works on it.
const runLock = "hashtextextended('carnet import ' || ?, 0)"

// holdRun takes the lock by which other processes know that this run is being worked on. The
// transaction writes nothing and keeps no snapshot, so it holds up neither the change feed nor
// vacuum; being a transaction it works through a pooler too, and ends with the process.
func (s *Service) holdRun(ctx context.Context, id uuid.UUID) (bun.Tx, error) {
	tx, err := s.db.Bun.BeginTx(ctx, nil)
	if err != nil {
		return tx, db.MapError(err, "hold import run")
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock("+runLock+")", id.String()); err != nil {
		return tx, errors.Join(db.MapError(err, "hold import run"), tx.Rollback())
	}
	return tx, nil
}

func (s *Service) endRun(ctx context.Context, run *ImportRun, failure error) error {
	run.RowsInFile = &run.Total
	list, mendable := fault.Mendable(failure)
	switch {
	case failure == nil && run.DryRun:
		run.end(ImportChecked, s.now())
	case failure == nil:
		run.end(ImportDone, s.now())
	case ctx.Err() != nil:
		run.end(ImportFailed, s.now(), ImportProblem{Code: runStopped})
	case mendable:
		run.end(ImportFailed, s.now(), told(list[0]))
	default:
		run.end(ImportFailed, s.now(), ImportProblem{Code: runBroke})
	}
	_, err := s.db.Bun.NewUpdate().Model(run).Column("status", "problems", "finished_at", "rows_in_file").WherePK().Exec(context.WithoutCancel(ctx))
	return db.MapError(err, "end import run")
}

// FailInterruptedImports marks the runs as failed that no process works on any more; their counts
// stay. For the program's start: runs of other processes on the same database are left alone.
func (s *Service) FailInterruptedImports(ctx context.Context) error {
	_, err := s.db.Bun.NewUpdate().Model((*ImportRun)(nil)).
		Set("status = ?", ImportDone).Set("finished_at = ?", s.now()).
		Set("problems = ?::jsonb", `[{"code": "`+revertBroke+`"}]`).
		Where("status = ?", ImportReverting).Where("pg_try_advisory_xact_lock(hashtextextended('carnet import ' || id::text, 0))").Exec(ctx)
	if err != nil {
		return db.MapError(err, "end interrupted reverts")
	}
	_, err = s.db.Bun.NewUpdate().Model((*ImportRun)(nil)).
		Set("status = ?", ImportFailed).Set("finished_at = ?", s.now()).
		Set("problems = ?::jsonb", `[{"code": "`+serverStopped+`"}]`).
		Where("status = ?", ImportRunning).Where("pg_try_advisory_xact_lock(hashtextextended('carnet import ' || id::text, 0))").Exec(ctx)
	return db.MapError(err, "fail interrupted imports")
}

// ImportRunByID gives one import. NotFound when the site has none of this id. Needs an operator.
func (s *Service) ImportRunByID(ctx context.Context, id uuid.UUID) (*ImportRun, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	row := new(ImportRun)
	err = s.db.Bun.NewSelect().Model(row).Where("site_id = ? AND id = ?", a.SiteID, id).Scan(ctx)
	if err != nil {
		return nil, db.Missing(err, "import", "read import run")
	}
	row.tell()
	return row, nil
}

// ImportRuns gives the last 50 imports, newest first. Needs an operator.
func (s *Service) ImportRuns(ctx context.Context) ([]*ImportRun, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	rows := []*ImportRun{}
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", a.SiteID).Order("id DESC").Limit(50).Scan(ctx)
	for _, row := range rows {
		row.tell()
	}
	return rows, db.MapError(err, "read import runs")
}
