package sale

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// MaxOffers is how many offers a site has at most, archived ones not counted.
const MaxOffers = 500

// Offer is what is reserved for the contacts of a segment or a group (S-42, S-43).
type Offer struct {
	bun.BaseModel `bun:"table:offer,alias:offer"`

	SiteID      uuid.UUID `bun:",pk"`
	ID          uuid.UUID `bun:",pk"`
	Type        string    // the site's own word: discount, presale ...
	Name        string
	Information string     // for the ticket office
	SegmentID   *uuid.UUID // one of the two
	GroupID     *uuid.UUID
	ProductID   *uuid.UUID // what it is about
	Available   *int       // how many there are; nil: no limit
	StartsOn    *time.Time `bun:"type:date"`
	EndsOn      *time.Time `bun:"type:date"`
	ArchivedAt  *time.Time
	CreatedAt   time.Time `bun:",nullzero"`
	UpdatedAt   time.Time `bun:",nullzero"`

	Left *int `bun:"-"` // of it, or of its product, whichever is less
}

// OfferChange is what is to be written to an offer; nil = unchanged, inner nil = none.
type OfferChange struct {
	Type, Name, Information       *string
	SegmentID, GroupID, ProductID **uuid.UUID
	Available                     **int
	StartsOn, EndsOn              **time.Time
	Archived                      *bool
}

// Offers gives the site's offers by name; archived ones on request. Needs a viewer.
func (s *Service) Offers(ctx context.Context, archived bool) ([]*Offer, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	rows := []*Offer{}
	q := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", a.SiteID).Order("name", "id")
	if !archived {
		q = q.Where("archived_at IS NULL")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, db.MapError(err, "read offers")
	}
	return rows, s.countLeft(ctx, a.SiteID, rows)
}

// OfferByID gives one offer, put away or not. Needs a viewer. NotFound.
func (s *Service) OfferByID(ctx context.Context, id uuid.UUID) (*Offer, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	r, err := s.Reserved(ctx, a.SiteID, id)
	if err != nil {
		return nil, err
	}
	return &r.Offer, nil
}

// countLeft tells how many of each offer are left.
func (s *Service) countLeft(ctx context.Context, siteID uuid.UUID, rows []*Offer) error {
	var products []uuid.UUID
	for _, o := range rows {
		o.Left = o.Available
		if o.ProductID != nil {
			products = append(products, *o.ProductID)
		}
	}
	c, err := readCatalogue(ctx, s.db.Bun, siteID, products, nil)
	if err != nil {
		return err
	}
	for _, o := range rows {
		if o.ProductID == nil || c.products[*o.ProductID] == nil {
			continue
		}
		if left := c.left(c.products[*o.ProductID], nil); left != nil && (o.Left == nil || *left < *o.Left) {
			o.Left = left
		}
	}
	return nil
}

// CreateOffer adds an offer. Needs a manager.
func (s *Service) CreateOffer(ctx context.Context, c OfferChange) (*Offer, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := &Offer{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7())}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*Offer)(nil)).Where("site_id = ? AND archived_at IS NULL", a.SiteID).Count(ctx)
		if err != nil {
			return db.MapError(err, "count offers")
		}
		if n >= MaxOffers {
			return fault.Invalid(fault.TooLong, nil, "a site has at most %d offers", MaxOffers)
		}
		if err := s.applyOffer(ctx, tx, row, c); err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(row).Returning("created_at, updated_at").Exec(ctx)
		return db.MapError(err, "insert offer")
	})
	if err != nil {
		return nil, err
	}
	return row, s.countLeft(ctx, a.SiteID, []*Offer{row})
}

// UpdateOffer changes an offer. Needs a manager. NotFound.
func (s *Service) UpdateOffer(ctx context.Context, id uuid.UUID, c OfferChange) (*Offer, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := new(Offer)
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := tx.NewSelect().Model(row).Where("site_id = ? AND id = ?", a.SiteID, id).For("UPDATE").Scan(ctx); err != nil {
			return db.Missing(err, "offer", "read offer")
		}
		if err := s.applyOffer(ctx, tx, row, c); err != nil {
			return err
		}
		row.UpdatedAt = s.now()
		_, err := tx.NewUpdate().Model(row).WherePK().Exec(ctx)
		return db.MapError(err, "update offer")
	})
	if err != nil {
		return nil, err
	}
	return row, s.countLeft(ctx, a.SiteID, []*Offer{row})
}

// applyOffer writes a change into an offer and gives every mistake at once.
func (s *Service) applyOffer(ctx context.Context, tx bun.IDB, row *Offer, c OfferChange) error {
	v := checker{}
	text := func(to *string, from *string, most int, path string) {
		if from != nil {
			*to = strings.TrimSpace(*from)
			v.text(*to, most, path)
		}
	}
	text(&row.Type, c.Type, 100, "type")
	text(&row.Name, c.Name, 200, "name")
	text(&row.Information, c.Information, 2000, "information")
	set(&row.SegmentID, c.SegmentID)
	set(&row.GroupID, c.GroupID)
	set(&row.ProductID, c.ProductID)
	set(&row.Available, c.Available)
	set(&row.StartsOn, c.StartsOn)
	set(&row.EndsOn, c.EndsOn)
	if c.Archived != nil && *c.Archived != (row.ArchivedAt != nil) {
		row.ArchivedAt = nil
		if now := s.now(); *c.Archived {
			row.ArchivedAt = &now
		}
	}
	for _, one := range []struct{ path, text string }{{"type", row.Type}, {"name", row.Name}} {
		if one.text == "" {
			v.add(fault.Required, []string{one.path}, "an offer has a name, and a word for what sort of offer it is")
		}
	}
	if (row.SegmentID == nil) == (row.GroupID == nil) {
		v.add(fault.Required, []string{"segmentId"}, "an offer is for a segment or for a group")
	}
	if row.Available != nil && *row.Available < 0 {
		v.add(fault.InvalidNumber, []string{"available"}, "a number of zero or more; none for no limit")
	}
	if row.StartsOn != nil && row.EndsOn != nil && row.EndsOn.Before(*row.StartsOn) {
		v.add(fault.InvalidDate, []string{"endsOn"}, "the last day is before the first")
	}
	for _, one := range []struct {
		id          *uuid.UUID
		table, path string
	}{{row.SegmentID, "segment", "segmentId"}, {row.GroupID, "contact_group", "groupId"}, {row.ProductID, "product", "productId"}} {
		if one.id == nil {
			continue
		}
		known, err := tx.NewSelect().TableExpr(one.table).Where("site_id = ? AND id = ?", row.SiteID, *one.id).Exists(ctx)
		if err != nil {
			return db.MapError(err, "look for "+one.table)
		}
		if !known {
			v.add(fault.Unknown, []string{one.path}, "the site has none of the id %s", *one.id)
		}
	}
	return v.list.Err()
}

// set writes an entry of a change, where there is one.
func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// OffersOf gives the offers that are reserved for each of these contacts today, by name (S-42). Needs a viewer.
func (s *Service) OffersOf(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID][]*Offer, error) {
	all, err := s.Offers(ctx, false)
	out := make(map[uuid.UUID][]*Offer, len(contacts))
	if err != nil || len(all) == 0 || len(contacts) == 0 {
		return out, err
	}
	a := site.ActorOf(ctx)
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	groups, err := s.groupsOf(ctx, a.SiteID, contacts)
	if err != nil {
		return nil, err
	}
	segments, err := s.Segments.Containing(ctx, contacts)
	if err != nil {
		return nil, err
	}
	today := s.today(of)
	for _, id := range contacts {
		in := map[uuid.UUID]bool{}
		for _, g := range groups[id] {
			in[g] = true
		}
		for _, one := range segments[id] {
			in[one.ID] = true
		}
		for _, o := range all {
			for _, whose := range []*uuid.UUID{o.SegmentID, o.GroupID} {
				if whose != nil && in[*whose] && o.holdsOn(today) {
					out[id] = append(out[id], o)
				}
			}
		}
	}
	return out, nil
}

// holdsOn tells whether an offer holds on a day.
func (o *Offer) holdsOn(day time.Time) bool {
	return (o.StartsOn == nil || !day.Before(*o.StartsOn)) && (o.EndsOn == nil || !day.After(*o.EndsOn))
}

func (s *Service) groupsOf(ctx context.Context, siteID uuid.UUID, contacts []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
	var rows []struct{ ContactID, GroupID uuid.UUID }
	err := s.db.Bun.NewSelect().TableExpr("contact_group_member").Column("contact_id", "group_id").Where("site_id = ? AND contact_id IN (?)", siteID, bun.List(contacts)).Scan(ctx, &rows)
	out := map[uuid.UUID][]uuid.UUID{}
	for _, row := range rows {
		out[row.ContactID] = append(out[row.ContactID], row.GroupID)
	}
	return out, db.MapError(err, "read groups")
}

// MyOffers gives who is signed in what is reserved for them.
func (s *Service) MyOffers(ctx context.Context) ([]*Offer, error) {
	a, err := site.RequireBook(ctx, site.AccessAccount)
	if err != nil {
		return nil, err
	}
	// The site's rules are its own business: they are asked on its behalf, about this contact alone.
	asked := site.WithActor(ctx, site.Actor{Kind: site.KindSystem, Access: site.AccessViewer, SiteID: a.SiteID, Site: a.Site, Book: true, Readers: a.Readers})
	by, err := s.OffersOf(asked, []uuid.UUID{a.ContactID})
	return append([]*Offer{}, by[a.ContactID]...), err
}
