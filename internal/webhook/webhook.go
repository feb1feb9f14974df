// Package webhook tells other programs what happens in a site: it posts signed JSON to addresses that the
// site's managers chose, by the Standard Webhooks specification (standardwebhooks.com).
//
// What is told. Segments: who entered and who left. webhook_told keeps whom the hooks know to be in a
// segment; a look (told.go) compares it with who is in it now and, in one transaction, brings it up to date
// and writes the deliveries. So each move is told once, however many processes look, and what happened
// while none ran is told by the next. What causes a look is the segment's watch. Contacts who come and go
// between two looks are not told of. Batches and sales: the transaction that does it writes its delivery. Contacts: so does
// each statement that writes lines of their history, whoever makes it (a trigger, contact_told).
//
// A test is told of when somebody asks for it.
//
// Delivery (send.go). Processes share the queue: a hook is leased by who delivers to it, one delivery at
// a time, in the order of their numbers. One that fails is tried again for about a day, later ones meanwhile; their
// sequence tells the receiver which is newer. A process that dies between sending and noting so sends
// again, under the same webhook-id.
package webhook

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/job"
	"carnet/internal/outbound"
	"carnet/internal/sale"
	"carnet/internal/secret"
	"carnet/internal/segment"
	"carnet/internal/site"
)

// Limits.
const (
	MaxWebhooks = 50 // a site
	MaxSegments = 20 // a webhook
)

// EventType names what a webhook is told of. The names never change: they stand in the payloads.
type EventType string

// The events.
const (
	SegmentEntered EventType = "segment.entered"
	SegmentLeft    EventType = "segment.left"
	BatchFinished  EventType = "batch.finished"

	// Of contacts the database itself tells, in the transaction that writes their history (contact_told).
	ContactCreated  EventType = "contact.created"
	ContactUpdated  EventType = "contact.updated"
	ContactDeleted  EventType = "contact.deleted"
	ContactRestored EventType = "contact.restored"
	ContactMerged   EventType = "contact.merged"

	OrderRecorded       = EventType(sale.DeedOrderRecorded)
	OrderReturned       = EventType(sale.DeedOrderReturned)
	MembershipCreated   = EventType(sale.DeedMembershipCreated)
	MembershipCancelled = EventType(sale.DeedMembershipCancelled)
	EventPublished      = EventType(sale.DeedEventPublished)
	EventCancelled      = EventType(sale.DeedEventCancelled)

	Test EventType = "webhook.test" // somebody asked for it; no webhook chooses it
)

// choosable tells whether a webhook can ask to be told of it.
func (e EventType) choosable() bool { return e != Test }

func (e EventType) ofSegment() bool { return e == SegmentEntered || e == SegmentLeft }

// Status is how a webhook fares.
type Status string

// The statuses.
const (
	Active   Status = "active"
	Failing  Status = "failing" // the last tries failed
	Disabled Status = "disabled"
)

// Reason is why a webhook is disabled.
type Reason string

// The reasons.
const (
	ByStaff   Reason = "staff"
	ByGone    Reason = "gone"    // the receiver answered 410
	ByFailing Reason = "failing" // nothing got through for days
)

// Webhook is an address that is told.
type Webhook struct {
	bun.BaseModel `bun:"table:webhook"`

	SiteID         uuid.UUID `bun:",pk"`
	ID             uuid.UUID `bun:",pk"`
	Name           string
	URL            string
	Secret         []byte // sealed
	OldSecret      []byte // sealed
	OldUntil       *time.Time
	Events         []EventType `bun:"type:text[],array"`
	Failures       int
	FailingSince   *time.Time
	BusyUntil      *time.Time
	DisabledAt     *time.Time
	DisabledReason *Reason
	CreatedAt      time.Time `bun:",nullzero"`

	Segments []*segment.Segment `bun:"-"` // by name
}

// Status tells how it fares.
func (w *Webhook) Status() Status {
	switch {
	case w.DisabledAt != nil:
		return Disabled
	case w.FailingSince != nil:
		return Failing
	}
	return Active
}

func (w *Webhook) place() string { return "webhook/" + w.SiteID.String() + "/" + w.ID.String() }

// Config is what a Service needs. Now and Log may be nil.
type Config struct {
	DB      *db.DB
	Sealer  *secret.Sealer
	Watcher *segment.Watcher
	// AllowLoopback lets receivers live on this machine and speak plain http; for tests and the demo.
	AllowLoopback bool
	Now           func() time.Time
	Log           *slog.Logger
}

// Service answers for webhooks. It is a live.Handler, which hears what segments are to be followed.
type Service struct {
	db       *db.DB
	sealer   *secret.Sealer
	watcher  *segment.Watcher
	loopback bool
	client   *http.Client
	now      func() time.Time
	log      *slog.Logger
	queue    *job.Loop // of deliveries
	tries    tries
	changed  chan struct{} // other segments may have to be followed
	stirred  chan struct{} // something was committed, of which a trigger may have told
}

// New makes the service.
func New(cfg Config) *Service {
	s := &Service{
		db: cfg.DB, sealer: cfg.Sealer, watcher: cfg.Watcher, loopback: cfg.AllowLoopback, client: outbound.Client(cfg.AllowLoopback),
		now: cfg.Now, log: cfg.Log, queue: job.NewLoop(idle), changed: make(chan struct{}, 1), stirred: make(chan struct{}, 1),
	}
	// A redirect is an answer, and not the one that is hoped for.
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	return s
}

// List gives the site's webhooks, oldest first. Needs a manager.
func (s *Service) List(ctx context.Context) ([]*Webhook, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	rows := []*Webhook{}
	if err := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", a.SiteID).Order("id").Scan(ctx); err != nil {
		return nil, db.MapError(err, "read webhooks")
	}
	return rows, readSegments(ctx, s.db.Bun, a.SiteID, rows...)
}

// ByID gives one webhook. Needs a manager.
func (s *Service) ByID(ctx context.Context, id uuid.UUID) (*Webhook, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	return byID(ctx, s.db.Bun, a.SiteID, id)
}

func byID(ctx context.Context, q bun.IDB, siteID, id uuid.UUID) (*Webhook, error) {
	row := new(Webhook)
	err := q.NewSelect().Model(row).Where("site_id = ? AND id = ?", siteID, id).Scan(ctx)
	if db.NoRows(err) {
		return nil, fault.Missing("webhook")
	}
	if err != nil {
		return nil, db.MapError(err, "read webhook")
	}
	return row, readSegments(ctx, q, siteID, row)
}

// readSegments reads the segments that webhooks name.
func readSegments(ctx context.Context, q bun.IDB, siteID uuid.UUID, hooks ...*Webhook) error {
	if len(hooks) == 0 {
		return nil
	}
	of := make(map[uuid.UUID]*Webhook, len(hooks))
	ids := make([]uuid.UUID, len(hooks))
	for i, w := range hooks {
		w.Segments, of[w.ID], ids[i] = []*segment.Segment{}, w, w.ID
	}
	var rows []struct {
		segment.Segment `bun:",extend"`
		WebhookID       uuid.UUID
	}
	err := q.NewSelect().TableExpr("segment").Join("JOIN webhook_segment AS named ON named.site_id = segment.site_id AND named.segment_id = segment.id").
		ColumnExpr("segment.*, named.webhook_id").Where("segment.site_id = ? AND named.webhook_id IN (?)", siteID, bun.List(ids)).Order("segment.name_key").Scan(ctx, &rows)
	for i := range rows {
		w := of[rows[i].WebhookID]
		w.Segments = append(w.Segments, &rows[i].Segment)
	}
	return db.MapError(err, "read the segments of webhooks")
}
