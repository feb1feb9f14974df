package contact

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/site"
)

// Sales is what follows from a contact's sales (P-04, S-04, S-50). Only the database writes it, whenever a sale changes; package
// sale sweeps what the passing of days changes.
type Sales struct {
	bun.BaseModel `bun:"table:contact_sale"`

	SiteID          uuid.UUID `bun:",pk"`
	ContactID       uuid.UUID `bun:",pk"`
	Customer        bool
	Subscriber      bool
	Attendee        bool
	Organizer       bool
	Child           bool        // has bought for a child
	Plans           []uuid.UUID `bun:",array"` // of memberships in force
	SubscribedUntil *time.Time  `bun:"type:date"`
	FirstOn         *time.Time  `bun:"type:date"`
	LastOn          *time.Time  `bun:"type:date"`
	Orders          int
	Spent           int64 // minor units
	Tickets         int
	Passes          int
	Bookings        int
	Due             int // what has begun in the site's period
	Attended        int // of it
	Channel         string
}

// Assiduity is how much of what was due was attended, in percent (G-12); nil while nothing was due.
func (s *Sales) Assiduity() *int {
	if s.Due == 0 {
		return nil
	}
	percent := s.Attended * 100 / s.Due
	return &percent
}

// SpendBand is how much somebody has spent, roughly (G-11).
type SpendBand string

// The bands, whose limits are the site's.
const (
	SpendNone   SpendBand = "none"
	SpendSmall  SpendBand = "small"
	SpendMedium SpendBand = "medium"
	SpendLarge  SpendBand = "large"
)

// Band gives the band of the money spent.
func (s *Sales) Band(of site.Site) SpendBand {
	switch {
	case s.Orders == 0:
		return SpendNone
	case s.Spent >= of.SpendLarge:
		return SpendLarge
	case s.Spent >= of.SpendMedium:
		return SpendMedium
	}
	return SpendSmall
}

// SalesOf gives what follows from the sales of many contacts at once; those who have none have an empty one. Needs a viewer.
func (s *Service) SalesOf(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID]*Sales, error) {
	out := make(map[uuid.UUID]*Sales, len(contacts))
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(contacts) == 0 {
		return out, err
	}
	var rows []*Sales
	if err := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND contact_id IN (?)", a.SiteID, bun.List(contacts)).Scan(ctx); err != nil {
		return out, db.MapError(err, "read sales of contacts")
	}
	for _, row := range rows {
		out[row.ContactID] = row
	}
	for _, id := range contacts {
		if out[id] == nil {
			out[id] = &Sales{SiteID: a.SiteID, ContactID: id}
		}
	}
	return out, nil
}

// Status is computed, never stored as such (P-05, P-06, S-05). Several hold together (P-08).
type Status string

// The statuses.
const (
	StatusUser       Status = "user"       // has an account
	StatusProspect   Status = "prospect"   // has bought nothing (G-27)
	StatusCustomer   Status = "customer"   // has bought (S-04)
	StatusSubscriber Status = "subscriber" // has a membership in force (P-04)
	StatusAttendee   Status = "attendee"   // has a ticket or a booking (P-07)
	StatusOrganizer  Status = "organizer"  // organizes an event (T-28)
)

// StatusesOf gives the statuses of many contacts at once. Needs a viewer.
func (s *Service) StatusesOf(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID][]Status, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(contacts) == 0 {
		return nil, err
	}
	var rows []struct {
		ID                                        uuid.UUID
		HasAccount                                bool
		Customer, Subscriber, Attendee, Organizer bool
	}
	err = s.db.Bun.NewSelect().TableExpr("contact AS c").
		ColumnExpr("c.id, EXISTS (SELECT FROM account a WHERE a.site_id = c.site_id AND a.contact_id = c.id AND a.disabled_at IS NULL) AS has_account").
		ColumnExpr("coalesce(s.customer, false) AS customer, coalesce(s.subscriber, false) AS subscriber, coalesce(s.attendee, false) AS attendee, coalesce(s.organizer, false) AS organizer").
		Join("LEFT JOIN contact_sale AS s ON s.site_id = c.site_id AND s.contact_id = c.id").
		Where("c.site_id = ? AND c.id IN (?)", a.SiteID, bun.List(contacts)).Scan(ctx, &rows)
	out := make(map[uuid.UUID][]Status, len(rows))
	for _, row := range rows {
		var is []Status
		for _, one := range []struct {
			status Status
			holds  bool
		}{
			{StatusUser, row.HasAccount}, {StatusProspect, !row.Customer}, {StatusCustomer, row.Customer},
			{StatusSubscriber, row.Subscriber}, {StatusAttendee, row.Attendee}, {StatusOrganizer, row.Organizer},
		} {
			if one.holds {
				is = append(is, one.status)
			}
		}
		out[row.ID] = is
	}
	return out, db.MapError(err, "read statuses of contacts")
}

// HoldFor locks a living contact for something that happens to it elsewhere. NotFound; CONFLICT in the trash.
func (b Book) HoldFor(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*Record, error) {
	return lock(ctx, tx, siteID, id)
}

// TellOf writes something that happened to a contact, which HoldFor holds, into its history as of the context's actor. Whoever
// follows the contact hears of it.
func (b Book) TellOf(ctx context.Context, tx bun.IDB, r *Record, changes Changes) error {
	_, err := tx.NewUpdate().Model((*Record)(nil)).Set("updated_at = ?", b.contacts.now()).Where("site_id = ? AND id = ?", r.SiteID, r.ID).Exec(ctx)
	if err != nil {
		return db.MapError(err, "touch contact")
	}
	_, err = tx.NewInsert().Model(newEntry(author(site.ActorOf(ctx)), r, updated, changes)).Exec(ctx)
	return db.MapError(err, "insert history")
}
