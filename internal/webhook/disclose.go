package webhook

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
)

// SectionDeliveries are the other programs that were told of the contact.
const SectionDeliveries = "deliveries"

type deliveryItem struct {
	Receiver  string     `json:"receiver"` // a host name
	Event     EventType  `json:"event"`
	At        time.Time  `json:"at"`
	Delivered *time.Time `json:"delivered,omitempty"`
}

// Disclose gives which programs were told of a contact within the days that deliveries are kept: recipients, as GDPR art. 15(1)(c) has them. Of their addresses the
// host's name alone, since the rest may be a key. It reads through the site's deliveries. q is to be one snapshot. The caller has the right.
func Disclose(ctx context.Context, q bun.IDB, siteID, contactID uuid.UUID, give account.Disclosure) error {
	var rows []struct {
		URL         string
		Event       EventType
		CreatedAt   time.Time
		DeliveredAt *time.Time
	}
	err := q.NewRaw(`SELECT w.url, d.event, d.created_at, d.delivered_at FROM webhook_delivery d JOIN webhook w ON w.site_id = d.site_id AND w.id = d.webhook_id
		WHERE d.site_id = ? AND ? = ANY (d.contact_ids) ORDER BY d.number`, siteID, contactID).Scan(ctx, &rows)
	if err != nil {
		return db.MapError(err, "read deliveries")
	}
	for _, d := range rows {
		item := deliveryItem{Event: d.Event, At: d.CreatedAt, Delivered: d.DeliveredAt}
		if at, err := url.Parse(d.URL); err == nil {
			item.Receiver = at.Hostname()
		}
		if err := give(SectionDeliveries, item); err != nil {
			return err
		}
	}
	return nil
}
