package sale

import (
	"context"
	"time"

	"github.com/google/uuid"

	"carnet/internal/db"
)

// Reserved is an offer with what it is about, as a message to those whom it is for tells of it.
type Reserved struct {
	Offer
	sales   *Service
	catalog catalogue
	product *Product // nil: nothing that is sold here
}

// Reserved reads an offer of a site. NotFound. The caller has the right.
func (s *Service) Reserved(ctx context.Context, siteID, id uuid.UUID) (*Reserved, error) {
	r := &Reserved{sales: s}
	if err := s.db.Bun.NewSelect().Model(&r.Offer).Where("site_id = ? AND id = ?", siteID, id).Scan(ctx); err != nil {
		return nil, db.Missing(err, "offer", "read offer")
	}
	if r.ProductID != nil {
		var err error
		if r.catalog, err = readCatalogue(ctx, s.db.Bun, siteID, []uuid.UUID{*r.ProductID}, nil); err != nil {
			return nil, err
		}
		r.product = r.catalog.products[*r.ProductID]
	}
	return r, s.countLeft(ctx, siteID, []*Offer{&r.Offer})
}

// About names the product, with its event; empty without one.
func (r *Reserved) About() string {
	if r.product == nil {
		return ""
	}
	return r.catalog.label(r.product)
}

// Price gives what the product costs everybody, in minor units; false without a product.
func (r *Reserved) Price() (int64, bool) {
	if r.product == nil {
		return 0, false
	}
	return r.product.Price, true
}

// Costs gives what the product costs each of these contacts today, by their groups and memberships (P-25); nothing without a product.
func (r *Reserved) Costs(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID]int64, error) {
	out := make(map[uuid.UUID]int64, len(contacts))
	if r.product == nil || len(contacts) == 0 {
		return out, nil
	}
	of, err := r.sales.sites.ByID(ctx, r.SiteID)
	if err != nil {
		return nil, err
	}
	groups, err := r.sales.groupsOf(ctx, r.SiteID, contacts)
	if err != nil {
		return nil, err
	}
	plans, err := plansOf(ctx, r.sales.db.Bun, r.SiteID, contacts, r.sales.today(of))
	if err != nil {
		return nil, err
	}
	for _, id := range contacts {
		out[id], _ = r.catalog.cost(r.product, holding{groups: groups[id], plans: plans[id], known: true})
	}
	return out, nil
}

// ToBeHad tells whether anybody may have it on a day: it holds, was not put away and there are some left.
func (r *Reserved) ToBeHad(day time.Time) bool {
	return r.ArchivedAt == nil && r.holdsOn(day) && (r.Left == nil || *r.Left > 0)
}
