package webhook

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// keepFor is how long deliveries are kept.
const keepFor = 30 * 24 * time.Hour

// DeliveryStatus is how far a delivery is.
type DeliveryStatus string

// The statuses.
const (
	Queued    DeliveryStatus = "queued"
	Delivered DeliveryStatus = "delivered"
	GaveUp    DeliveryStatus = "failed"
)

// Delivery is something that a webhook is told.
type Delivery struct {
	bun.BaseModel `bun:"table:webhook_delivery"`

	SiteID         uuid.UUID `bun:",pk"`
	ID             uuid.UUID `bun:",pk"`
	WebhookID      uuid.UUID
	Number         int64 `bun:",scanonly"`
	Event          EventType
	Data           map[string]any `bun:"type:jsonb"`
	ContactIDs     []uuid.UUID    `bun:"contact_ids,type:uuid[],array"`
	Status         DeliveryStatus
	Attempts       int
	NextAt         time.Time
	ResponseStatus *int
	Problem        string
	CreatedAt      time.Time `bun:",nullzero"`
	DeliveredAt    *time.Time
}

// Cursor is its place among the webhook's deliveries.
func (d *Delivery) Cursor() string { return strconv.FormatInt(d.Number, 10) }

// DataJSON gives the payload's data without its contacts, as it travels.
func (d *Delivery) DataJSON() (json.RawMessage, error) { return json.Marshal(d.Data) }

// Page is a page of deliveries, newest first.
type Page struct {
	Deliveries []*Delivery
	More       bool
}

// Deliveries gives what a webhook was told or is to be told, newest first: at most first (1 to 200), after a cursor unless it
// is empty. They are kept for 30 days. Needs a manager.
func (s *Service) Deliveries(ctx context.Context, webhookID uuid.UUID, first int, after string) (Page, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return Page{}, err
	}
	if first < 1 || first > 200 {
		return Page{}, fault.New(fault.BadInput, "a page holds 1 to 200 deliveries")
	}
	page := Page{Deliveries: []*Delivery{}}
	q := s.db.Bun.NewSelect().Model(&page.Deliveries).Where("site_id = ? AND webhook_id = ?", a.SiteID, webhookID).Order("number DESC").Limit(int64(first) + 1)
	if after != "" {
		number, err := strconv.ParseInt(after, 10, 64)
		if err != nil {
			return Page{}, fault.New(fault.BadInput, "this cursor is not one of this list")
		}
		q = q.Where("number < ?", number)
	}
	if err := q.Scan(ctx); err != nil {
		return Page{}, db.MapError(err, "read deliveries")
	}
	if len(page.Deliveries) > first {
		page.Deliveries, page.More = page.Deliveries[:first], true
	}
	return page, nil
}

// Redeliver sends a delivery again, under the same webhook-id, whatever became of it. Needs a manager.
func (s *Service) Redeliver(ctx context.Context, id uuid.UUID) (*Delivery, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := new(Delivery)
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		err := tx.NewSelect().Model(row).Where("site_id = ? AND id = ?", a.SiteID, id).Scan(ctx)
		if err != nil {
			return db.Missing(err, "delivery", "read delivery")
		}
		hook := new(Webhook)
		if err := tx.NewSelect().Model(hook).Where("site_id = ? AND id = ?", a.SiteID, row.WebhookID).For("NO KEY UPDATE").Scan(ctx); err != nil {
			return db.Missing(err, "webhook", "hold webhook")
		}
		if hook.DisabledAt != nil {
			return fault.Invalid(fault.InvalidValue, []string{"deliveryId"}, "the webhook is disabled; enable it first")
		}
		row.Status, row.Attempts, row.NextAt, row.Problem, row.ResponseStatus, row.DeliveredAt = Queued, 0, s.now(), "", nil, nil
		if _, err := tx.NewUpdate().Model(row).Column("status", "attempts", "next_at", "problem", "response_status", "delivered_at").WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "queue delivery")
		}
		// Whoever asks has mended the receiver, so that the rest after a failure is over.
		_, err = tx.NewUpdate().Model(hook).Set("busy_until = NULL").Where("failures > 0").WherePK().Exec(ctx)
		return db.MapError(err, "wake webhook")
	})
	if err == nil {
		s.Wake()
	}
	return row, err
}

// Sweep deletes deliveries that are too old. Every process may do it at any time.
func (s *Service) Sweep(ctx context.Context) error {
	_, err := s.db.Bun.NewDelete().Model((*Delivery)(nil)).Where("created_at < ? AND status <> ?", s.now().Add(-keepFor), Queued).Exec(ctx)
	return db.MapError(err, "sweep deliveries")
}

func (s *Service) sweepHourly(ctx context.Context) {
	ticker := time.NewTicker(time.Hour)
	defer ticker.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "sweep deliveries", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
