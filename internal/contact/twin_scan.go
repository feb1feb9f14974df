package contact

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"carnet/internal/db"
	"carnet/internal/job"
	"carnet/internal/site"
)

const (
	// twinChunk is how many contacts one transaction compares with those that share a key with them.
	twinChunk = 1000
	// followEvery is how often a process looks for contacts that have changed since they were compared.
	followEvery = 10 * time.Second
	// settled is after what time a change is visible for sure: changes carry the time at which their
	// transaction began, and a scan meets them in this order.
	settled = 10 * time.Second
	// A site's book is compared anew as a whole each night, between these hours of its own time, at
	// least the second after the last; a program that never runs at night does it after three days.
	nightBegins, nightEnds = 2, 5
	restOfScan             = 20 * time.Hour
	scanAtLatest           = 72 * time.Hour
)

// TwinScan is how far the comparing of a site's contacts is.
type TwinScan struct {
	bun.BaseModel `bun:"table:contact_twin_scan,alias:scan"`

	SiteID     uuid.UUID `bun:",pk"`
	ThroughAt  time.Time
	ThroughID  uuid.UUID
	Scanned    int64
	Total      int64
	StartedAt  time.Time
	FinishedAt *time.Time
}

// Running tells whether a scan of all contacts is under way.
func (t *TwinScan) Running() bool { return t.FinishedAt == nil }

// Twins finds contacts that are probably one, in the background.
//
// Contacts are compared in the order of their last change, each with those before it that share a key
// with it (sharing). A scan goes through all of them; after it the same pointer follows: whatever is
// created or changed comes to the end of the order, and a job takes it up within seconds. Each chunk
// is a transaction that also moves the pointer, so a crash loses nothing.
type Twins struct {
	contacts *Service
	jobs     *job.Queue
	size     int // of a chunk
}

// NewTwins makes the service and tells the queue how its jobs are done.
func NewTwins(contacts *Service, jobs *job.Queue) *Twins {
	t := &Twins{contacts: contacts, jobs: jobs, size: twinChunk}
	job.Handle(jobs, t.work)
	return t
}

// twinJob has a site's contacts compared.
type twinJob struct {
	SiteID uuid.UUID `json:"siteId"`
}

// Kind names the job.
func (twinJob) Kind() string { return "twins" }

// Scan has all contacts of the site compared anew, and tells how far that is. When it is under way,
// nothing changes. Needs an operator.
func (t *Twins) Scan(ctx context.Context) (*TwinScan, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	scan := new(TwinScan)
	err = t.contacts.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := t.begin(ctx, tx, a.SiteID); err != nil {
			return err
		}
		err := tx.NewSelect().Model(scan).Where("site_id = ?", a.SiteID).Scan(ctx)
		return db.MapError(err, "read scan")
	})
	return scan, err
}

// begin puts the pointer to the beginning, unless a scan is under way.
func (t *Twins) begin(ctx context.Context, tx bun.Tx, siteID uuid.UUID) error {
	_, err := tx.NewRaw(`INSERT INTO contact_twin_scan AS scan (site_id, through_at, through_id, scanned, total, started_at)
		SELECT ?0, 'epoch', ?1, 0, (SELECT count(*) FROM contact WHERE site_id = ?0 AND deleted_at IS NULL), ?2
		ON CONFLICT (site_id) DO UPDATE SET through_at = EXCLUDED.through_at, through_id = EXCLUDED.through_id, scanned = 0, total = EXCLUDED.total,
			started_at = EXCLUDED.started_at, finished_at = NULL WHERE scan.finished_at IS NOT NULL`, siteID, uuid.Nil, t.contacts.now()).Exec(ctx)
	if err != nil {
		return db.MapError(err, "begin scan")
	}
	return t.jobs.InsertOnce(ctx, tx, twinJob{SiteID: siteID})
}

// Progress tells how far the comparing is; nil before the first scan. Needs a viewer.
func (t *Twins) Progress(ctx context.Context) (*TwinScan, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	scan := new(TwinScan)
	err = t.contacts.db.Bun.NewSelect().Model(scan).Where("site_id = ?", a.SiteID).Scan(ctx)
	if db.NoRows(err) {
		return nil, nil //nolint:nilnil // documented: there was none yet
	}
	return scan, db.MapError(err, "read scan")
}

// notFilled tells of a scan that no import writes into the site's book. While one does, comparing rests: it
// would take the processors from the import, and compares what came in right after it.
const notFilled = `NOT EXISTS (SELECT FROM import_run AS r WHERE r.site_id = scan.site_id AND r.status = 'running' AND NOT r.dry_run
	AND NOT pg_try_advisory_xact_lock_shared(hashtextextended('carnet import ' || r.id::text, 0)))` // see runLock

// unfollowed are the sites whose contacts are to be compared: with a scan under way, or with contacts
// that have changed since. The next one in the order is looked for, by its index: of EXISTS, PostgreSQL believes that
// a third of the book would do, and reads the whole of it when none does.
const unfollowed = `SELECT scan.site_id FROM contact_twin_scan AS scan WHERE ` + notFilled + ` AND (scan.finished_at IS NULL OR (
	SELECT true FROM contact AS c WHERE c.site_id = scan.site_id AND c.deleted_at IS NULL AND (c.updated_at, c.id) > (scan.through_at, scan.through_id)
	ORDER BY c.updated_at, c.id LIMIT 1))`

// Follow has jobs take up what is to be compared: what has changed, the nightly scans, and the first
// one of a book, which also computes the keys of contacts from before there were any. Every process
// may do it at any time.
func (t *Twins) Follow(ctx context.Context) error {
	var due []uuid.UUID
	if err := t.contacts.db.Bun.NewRaw(unfollowed).Scan(ctx, &due); err != nil {
		return db.MapError(err, "look for contacts to compare")
	}
	var sites []struct {
		site.Site `bun:",extend"`
		StartedAt *time.Time
	}
	err := t.contacts.db.Bun.NewSelect().Model(&sites).ColumnExpr("site.*, s.started_at").Join("LEFT JOIN contact_twin_scan AS s ON s.site_id = site.id").
		Where("contact_management").Scan(ctx)
	if err != nil {
		return db.MapError(err, "read sites")
	}
	now := t.contacts.now()
	for _, of := range sites {
		if of.StartedAt == nil || scanDue(now.In(of.Location()), now.Sub(*of.StartedAt)) {
			if err := t.contacts.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error { return t.begin(ctx, tx, of.ID) }); err != nil {
				return err
			}
		}
	}
	for _, id := range due {
		if err := t.contacts.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error { return t.jobs.InsertOnce(ctx, tx, twinJob{SiteID: id}) }); err != nil {
			return err
		}
	}
	return nil
}

// scanDue tells whether a site's book is to be compared as a whole again.
func scanDue(local time.Time, since time.Duration) bool {
	night := local.Hour() >= nightBegins && local.Hour() < nightEnds
	return night && since > restOfScan || since > scanAtLatest
}

// Run follows until the context ends. It belongs to the program's start.
func (t *Twins) Run(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := t.Follow(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "look for contacts to compare", "error", err)
		}
	}
}

// work compares chunk after chunk until nothing is left, its turn has passed, or the program stops.
func (t *Twins) work(ctx context.Context, j twinJob, _ bool) error {
	turn := time.NewTimer(job.Portion)
	defer turn.Stop()
	for {
		more, err := t.chunk(ctx, j.SiteID)
		if err != nil || !more {
			return err
		}
		select {
		case <-t.jobs.Stopping():
			return job.Again
		case <-turn.C:
			return job.Again
		default:
		}
	}
}

// chunk compares the next contacts; more is false when none are left.
func (t *Twins) chunk(ctx context.Context, siteID uuid.UUID) (more bool, err error) {
	s := t.contacts
	if computed, err := s.computeKeys(ctx, siteID, t.size); err != nil || computed > 0 {
		return true, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		scan := new(TwinScan)
		err := tx.NewSelect().Model(scan).Where("site_id = ?", siteID).Where(notFilled).For("UPDATE").Scan(ctx)
		if db.NoRows(err) {
			return nil // the site is gone, or its book is being filled
		}
		if err != nil {
			return db.MapError(err, "lock scan")
		}
		var rows []traits
		err = tx.NewSelect().Model(&rows).Where("site_id = ? AND deleted_at IS NULL", siteID).Where("(updated_at, id) > (?, ?)", scan.ThroughAt, scan.ThroughID).
			Order("updated_at", "id").Limit(int64(t.size)).Scan(ctx)
		if err != nil {
			return db.MapError(err, "read contacts to compare")
		}
		if err := s.findTwins(ctx, tx, siteID, rows); err != nil {
			return err
		}
		more = len(rows) == t.size
		scan.move(rows, more, s.now())
		_, err = tx.NewUpdate().Model(scan).Column("through_at", "through_id", "scanned", "finished_at").WherePK().Exec(ctx)
		return db.MapError(err, "note progress")
	})
	return more && err == nil, err
}

// move notes that contacts were compared. At the end the pointer stays behind what may not be visible yet.
func (t *TwinScan) move(rows []traits, more bool, now time.Time) {
	if len(rows) > 0 {
		last := rows[len(rows)-1]
		t.ThroughAt, t.ThroughID = last.UpdatedAt, last.ID
	}
	if t.Running() {
		t.Scanned += int64(len(rows))
	}
	if more {
		return
	}
	if t.Running() {
		t.FinishedAt = &now
	}
	if before := now.Add(-settled); t.ThroughAt.After(before) {
		t.ThroughAt, t.ThroughID = before, uuid.Nil
	}
}

// findTwins compares contacts with those before them, in the order of their last change, and writes
// the pairs that are probably one in the place of those that were.
func (s *Service) findTwins(ctx context.Context, tx bun.IDB, siteID uuid.UUID, rows []traits) error {
	if len(rows) == 0 {
		return nil
	}
	known, ids := map[uuid.UUID]traits{}, make([]uuid.UUID, len(rows))
	for i, row := range rows {
		known[row.ID], ids[i] = row, row.ID
	}
	var pairs []pair
	err := tx.NewRaw(keysOfContacts+sharing, true, MaxBlock+1, siteID, pgdialect.Array(ids)).Scan(ctx, &pairs)
	if err != nil {
		return db.MapError(err, "look for twins")
	}
	found := []*Twin{}
	err = weigh(ctx, tx, siteID, pairs, known, TwinScore, false, func(p pair, score int, reasons []TwinReason) {
		found = append(found, newTwin(siteID, p.OfID, p.OtherID, score, reasons))
	})
	if err != nil {
		return err
	}
	return writeTwins(ctx, tx, siteID, ids, found)
}

// dropTwins deletes the pairs of which the contact that changed last is one of ?1, but for those found.
// A pair with a contact in the trash stays, out of sight.
const dropTwins = `DELETE FROM contact_twin AS t USING contact AS a, contact AS b
	WHERE t.site_id = ?0 AND (t.a_id = ANY (?1::uuid[]) OR t.b_id = ANY (?1::uuid[])) AND a.site_id = ?0 AND a.id = t.a_id AND b.site_id = ?0 AND b.id = t.b_id
	AND a.deleted_at IS NULL AND b.deleted_at IS NULL AND CASE WHEN (a.updated_at, a.id) > (b.updated_at, b.id) THEN a.id ELSE b.id END = ANY (?1::uuid[])
	AND NOT EXISTS (SELECT FROM unnest(?2::uuid[], ?3::uuid[]) AS f (a_id, b_id) WHERE f.a_id = t.a_id AND f.b_id = t.b_id)`

func writeTwins(ctx context.Context, tx bun.IDB, siteID uuid.UUID, ids []uuid.UUID, found []*Twin) error {
	as, bs := make([]uuid.UUID, len(found)), make([]uuid.UUID, len(found))
	for i, t := range found {
		as[i], bs[i] = t.AID, t.BID
	}
	if len(found) > 0 {
		// Their rows are held in the order in which everybody holds contacts, so that nobody waits for each other.
		hold := append(append([]uuid.UUID{}, as...), bs...)
		_, err := tx.NewRaw("SELECT FROM contact WHERE site_id = ?0 AND id = ANY (?1::uuid[]) ORDER BY id FOR KEY SHARE", siteID, pgdialect.Array(hold)).Exec(ctx)
		if err != nil {
			return db.MapError(err, "hold contacts")
		}
		_, err = tx.NewInsert().Model(&found).On("CONFLICT (site_id, a_id, b_id) DO UPDATE").Set("score = EXCLUDED.score, reasons = EXCLUDED.reasons").Exec(ctx)
		if err != nil {
			return db.MapError(err, "insert twins")
		}
	}
	_, err := tx.NewRaw(dropTwins, siteID, pgdialect.Array(ids), pgdialect.Array(as), pgdialect.Array(bs)).Exec(ctx)
	return db.MapError(err, "delete twins that are none any more")
}
