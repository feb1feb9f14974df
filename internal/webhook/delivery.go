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
	Number         int64 `bun:",nullzero"` // given by the database
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

// Delivery gives one delivery. Needs a manager.
func (s *Service) Delivery(ctx context.Context, id uuid.UUID) (*Delivery, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := new(Delivery)
	err = s.db.Bun.NewSelect().Model(row).Where("site_id = ? AND id = ?", a.SiteID, id).Scan(ctx)
	return row, db.Missing(err, "delivery", "read delivery")
}

// newest reads the last delivery that was tried of each of some webhooks: a step into an index for each, and past those that wait.
const newest = `
SELECT last.* FROM unnest(ARRAY[?1]::uuid[]) AS hook (id)
CROSS JOIN LATERAL (SELECT * FROM webhook_delivery WHERE site_id = ?0 AND webhook_id = hook.id AND attempts > 0 ORDER BY number DESC LIMIT 1) AS last`

// Last gives the newest delivery that was tried of each of some webhooks, by the webhook; none for those that were told nothing. Needs a
// manager.
func (s *Service) Last(ctx context.Context, hooks []*Webhook) (map[uuid.UUID]*Delivery, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]*Delivery, len(hooks))
	if len(hooks) == 0 {
		return out, nil
	}
	ids := make([]uuid.UUID, len(hooks))
	for i, w := range hooks {
		ids[i] = w.ID
	}
	var rows []*Delivery
	if err := s.db.Bun.NewRaw(newest, a.SiteID, bun.List(ids)).Scan(ctx, &rows); err != nil {
		return nil, db.MapError(err, "read last deliveries")
	}
	for _, d := range rows {
		out[d.WebhookID] = d
	}
	return out, nil
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
		if _, err := hurry(ctx, tx, a.SiteID, row.WebhookID, "deliveryId"); err != nil {
			return err
		}
		row.Status, row.Attempts, row.NextAt, row.Problem, row.ResponseStatus, row.DeliveredAt = Queued, 0, s.now(), "", nil, nil
		_, err = tx.NewUpdate().Model(row).Column("status", "attempts", "next_at", "problem", "response_status", "delivered_at").WherePK().Exec(ctx)
		return db.MapError(err, "queue delivery")
	})
	if err == nil {
		s.Wake()
	}
	return row, err
}

// SendTest sends a webhook something of no meaning, so that its manager sees whether it arrives. It waits its turn like all
// deliveries, but is tried once: whoever asks looks at what becomes of it. Needs a manager.
func (s *Service) SendTest(ctx context.Context, webhookID uuid.UUID) (row *Delivery, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		hook, err := hurry(ctx, tx, a.SiteID, webhookID, "id")
		if err != nil {
			return err
		}
		row = s.newDelivery(hook, Test, map[string]any{"webhook": map[string]any{"id": hook.ID, "name": hook.Name}})
		_, err = tx.NewInsert().Model(row).Exec(ctx)
		return db.MapError(err, "queue test")
	})
	if err == nil {
		s.Wake()
	}
	return row, err
}

// hurry holds a webhook that somebody asks to be told something now. Whoever asks has mended the receiver, so that the rest
// after a failure is over. One that is disabled is refused, at a path of the input.
func hurry(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID, path string) (*Webhook, error) {
	hook := new(Webhook)
	if err := tx.NewSelect().Model(hook).Where("site_id = ? AND id = ?", siteID, id).For("NO KEY UPDATE").Scan(ctx); err != nil {
		return nil, db.Missing(err, "webhook", "hold webhook")
	}
	if hook.DisabledAt != nil {
		return nil, fault.Invalid(fault.WebhookDisabled, []string{path}, "the webhook is disabled; enable it first")
	}
	_, err := tx.NewUpdate().Model(hook).Set("busy_until = NULL").Where("failures > 0").WherePK().Exec(ctx)
	return hook, db.MapError(err, "wake webhook")
}

// newDelivery makes a delivery that is due at once.
func (s *Service) newDelivery(hook *Webhook, event EventType, data map[string]any) *Delivery {
	now := s.now()
	return &Delivery{SiteID: hook.SiteID, ID: uuid.Must(uuid.NewV7()), WebhookID: hook.ID, Event: event, Data: data, ContactIDs: []uuid.UUID{}, Status: Queued, NextAt: now, CreatedAt: now}
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
