package contact

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/job"
	"carnet/internal/site"
)

const (
	// batchChunkSize is how many contacts one transaction works on. It bounds how long their rows
	// are locked, and how much is done again after a crash.
	batchChunkSize = 500
	// BatchSample is how many changes a dry run shows.
	BatchSample = 50
	// MaxBatches is how many batches of a site wait or run at once.
	MaxBatches = 10
	// dryRunLife is how long dry runs are kept.
	dryRunLife = 24 * time.Hour
)

// BatchStatus is how far a batch is.
type BatchStatus string

// The statuses. The last three are ends.
const (
	BatchQueued    BatchStatus = "queued"
	BatchRunning   BatchStatus = "running"
	BatchDone      BatchStatus = "done"
	BatchFailed    BatchStatus = "failed"
	BatchCancelled BatchStatus = "cancelled"
)

// BatchRun is one action done to many contacts, or a dry run of it, in which nothing is done. Its
// counts are of committed work, in every status.
type BatchRun struct {
	bun.BaseModel `bun:"table:batch_run"`

	SiteID         uuid.UUID `bun:",pk"`
	ID             uuid.UUID `bun:",pk"`
	Action         BatchName
	Input          json.RawMessage `bun:"type:jsonb"`
	Target         BatchMeant      `bun:"type:jsonb"`
	DryRun         bool
	Status         BatchStatus
	Total          int
	Changed        int // a dry run's: would change
	Unchanged      int
	Failed         int
	Reached        *uuid.UUID
	Problem        string // why it failed as a whole
	ActorKind      site.Kind
	ActorID        *uuid.UUID
	ActorName      string
	Access         site.Access
	IdempotencyKey *string
	CreatedAt      time.Time `bun:",nullzero"`
	StartedAt      *time.Time
	FinishedAt     *time.Time
}

// Over tells whether nothing more will happen.
func (r *BatchRun) Over() bool { return r.Status != BatchQueued && r.Status != BatchRunning }

// TargetKind tells how the contacts were chosen.
func (r *BatchRun) TargetKind() BatchTargetKind { return r.Target.Kind }

// SegmentID gives the segment, nil when it was none.
func (r *BatchRun) SegmentID() *uuid.UUID { return r.Target.SegmentID }

// SegmentName gives the segment's name as it was, empty when it was none.
func (r *BatchRun) SegmentName() string { return r.Target.Name }

// Search gives what was searched for.
func (r *BatchRun) Search() string { return r.Target.Search }

// BatchMeant keeps who was meant when a batch began, for people; the items say who it was.
type BatchMeant struct {
	Kind      BatchTargetKind `json:"kind"`
	SegmentID *uuid.UUID      `json:"segmentId,omitempty"`
	Name      string          `json:"name,omitempty"`   // the segment's, as it was then
	Search    string          `json:"search,omitempty"` // of what matched
	Rule      json.RawMessage `json:"filter,omitempty"`
}

// BatchTargetKind is how the contacts of a batch were chosen.
type BatchTargetKind string

// The ways to choose.
const (
	BatchPicked   BatchTargetKind = "contacts"
	BatchSegment  BatchTargetKind = "segment"
	BatchMatching BatchTargetKind = "matching"
)

// BatchState is what became of a contact in a batch.
type BatchState string

// The states.
const (
	ItemPending   BatchState = "pending"
	ItemChanged   BatchState = "changed"
	ItemUnchanged BatchState = "unchanged" // it was so already
	ItemFailed    BatchState = "failed"
)

// BatchItem is a contact in a batch.
type BatchItem struct {
	bun.BaseModel `bun:"table:batch_item"`

	SiteID    uuid.UUID `bun:",pk,type:uuid"`
	RunID     uuid.UUID `bun:",pk,type:uuid"`
	ContactID uuid.UUID `bun:",pk,type:uuid"`
	State     BatchState
	Reason    string // a stable word of package fault
	Message   string
	Changes   Changes `bun:"type:jsonb,nullzero"` // of the first BatchSample of a dry run
}

// Progress is work in the background that somebody may watch: an import or a batch.
type Progress interface{ IsProgress() }

// IsProgress marks what can be watched.
func (ImportRun) IsProgress() {}

// IsProgress marks what can be watched.
func (BatchRun) IsProgress() {}

// Batches does one thing to many contacts, in the background.
//
// It stands in this package because an action is the bulk form of what the book does to one contact
// and shares its rules, which are not for others to call.
type Batches struct {
	contacts *Service
	sites    *site.Service
	jobs     *job.Queue
	size     int // of a chunk
	actions  []func() BatchAction

	// Finished hears in the transaction that ends a batch that it is over. Set when the program is put together; may be nil.
	Finished func(ctx context.Context, tx bun.IDB, run *BatchRun) error
}

// NewBatches makes the service and tells the queue how its jobs are done.
func NewBatches(contacts *Service, sites *site.Service, jobs *job.Queue) (*Batches, error) {
	b := &Batches{contacts: contacts, sites: sites, jobs: jobs, size: batchChunkSize, actions: slices.Clone(batchActions)}
	if err := checkBatchActions(b.Actions()); err != nil {
		return nil, err
	}
	job.Handle(jobs, b.work)
	return b, nil
}

// Batch gives one batch. NotFound when the site has none of this id. Needs an operator.
func (b *Batches) Batch(ctx context.Context, id uuid.UUID) (*BatchRun, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	row := new(BatchRun)
	err = b.contacts.db.Bun.NewSelect().Model(row).Where("site_id = ? AND id = ?", a.SiteID, id).Scan(ctx)
	if err != nil {
		return nil, db.Missing(err, "batch", "read batch")
	}
	return row, nil
}

// BatchPage is a page of batches, newest first.
type BatchPage struct {
	Runs []*BatchRun
	More bool
}

// List gives the site's batches, newest first, after one; dry runs are not among them. Needs an
// operator.
func (b *Batches) List(ctx context.Context, first int, after string) (BatchPage, error) {
	page := BatchPage{Runs: []*BatchRun{}}
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return page, err
	}
	q := b.contacts.db.Bun.NewSelect().Model(&page.Runs).Where("site_id = ? AND NOT dry_run", a.SiteID).Order("id DESC")
	page.More, err = ScanPage(ctx, q, &page.Runs, "id <", first, after, "batches")
	return page, err
}

// ItemPage is a page of a batch's contacts.
type ItemPage struct {
	Items []*BatchItem
	More  bool
}

// Items gives a batch's contacts, of one state or all, in the order in which they are worked on,
// after one. Needs an operator.
func (b *Batches) Items(ctx context.Context, runID uuid.UUID, state *BatchState, first int, after string) (ItemPage, error) {
	page := ItemPage{Items: []*BatchItem{}}
	run, err := b.Batch(ctx, runID)
	if err != nil {
		return page, err
	}
	q := b.contacts.db.Bun.NewSelect().Model(&page.Items).Where("site_id = ? AND run_id = ?", run.SiteID, runID).Order("contact_id")
	if state != nil {
		q = q.Where("state = ?", *state)
	}
	page.More, err = ScanPage(ctx, q, &page.Items, "contact_id >", first, after, "contacts")
	for _, it := range page.Items {
		it.Changes.hide(site.ActorOf(ctx))
	}
	return page, err
}

// ScanPage reads a page after an id, and tells whether more follow.
func ScanPage[T any](ctx context.Context, q *bun.SelectQuery, rows *[]T, beyond string, first int, after, what string) (more bool, err error) {
	if first < 1 || first > MaxPage {
		return false, fault.New(fault.BadInput, "ask for 1 to %d %s", MaxPage, what)
	}
	if after != "" {
		last, err := uuid.Parse(after)
		if err != nil {
			return false, fault.New(fault.BadInput, "this cursor is not one of this list")
		}
		q = q.Where(beyond+" ?", last)
	}
	if err := q.Limit(int64(first) + 1).Scan(ctx); err != nil {
		return false, db.MapError(err, "read "+what)
	}
	more = len(*rows) > first
	*rows = (*rows)[:min(len(*rows), first)]
	return more, nil
}

// Cancel ends a batch after the chunk that is being worked on; what has been done stays. A batch
// that is over stays as it is. Needs an operator, and what the action needs.
func (b *Batches) Cancel(ctx context.Context, id uuid.UUID) (*BatchRun, error) {
	run, err := b.Batch(ctx, id)
	if err != nil {
		return nil, err
	}
	action, err := b.action(run)
	if err != nil {
		return nil, err
	}
	if _, err := site.RequireBook(ctx, action.Access()); err != nil {
		return nil, err
	}
	err = b.contacts.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if run, err = lockRun(ctx, tx, run.SiteID, run.ID); err != nil || run.Over() {
			return err
		}
		return b.end(ctx, tx, run, BatchCancelled, "")
	})
	return run, err
}

func lockRun(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*BatchRun, error) {
	row := new(BatchRun)
	err := tx.NewSelect().Model(row).Where("site_id = ? AND id = ?", siteID, id).For("UPDATE").Scan(ctx)
	if err != nil {
		return nil, db.Missing(err, "batch", "lock batch")
	}
	return row, nil
}

func (b *Batches) end(ctx context.Context, tx bun.IDB, run *BatchRun, status BatchStatus, problem string) error {
	now := b.contacts.now()
	run.Status, run.Problem, run.FinishedAt = status, problem, &now
	if _, err := tx.NewUpdate().Model(run).Column("status", "problem", "finished_at").WherePK().Exec(ctx); err != nil {
		return db.MapError(err, "end batch")
	}
	return b.tell(ctx, tx, run)
}

// tell says, in the transaction that ends a batch, that it is over; dry runs are nobody's concern.
func (b *Batches) tell(ctx context.Context, tx bun.IDB, run *BatchRun) error {
	if b.Finished == nil || run.DryRun {
		return nil
	}
	return b.Finished(ctx, tx, run)
}
