package sale

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// ProductChange is what is to be written to a product; nil = unchanged, nil within = none.
type ProductChange struct {
	Name, Description  *string
	Price              *int64
	Capacity           **int
	Reserved, ForChild *bool
	SupplierID         **uuid.UUID
	Uses               *int
	ValidDays, Months  **int
}

// CreateProduct adds something to sell; a ticket needs its event. Needs a manager. Mendable: what is malformed, UNKNOWN event or
// supplier, EVENT_CANCELLED.
func (s *Service) CreateProduct(ctx context.Context, kind ProductKind, event *uuid.UUID, c ProductChange) (*Product, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	p := &Product{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), Kind: kind, EventID: event}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if (kind == KindTicket) != (event != nil) {
			return fault.Invalid(fault.Required, []string{"eventId"}, "a ticket is for an event, and nothing else is")
		}
		if event != nil {
			if _, err := holdEvent(ctx, tx, a.SiteID, *event); err != nil {
				if fault.CodeOf(err) == fault.NotFound {
					return fault.Invalid(fault.Unknown, []string{"eventId"}, "the site has no such event")
				}
				return err
			}
		}
		if err := s.applyProduct(ctx, tx, p, c); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(p).Returning("created_at, updated_at").Exec(ctx)
		return refusedProduct(err)
	})
	return p, err
}

// UpdateProduct changes a product; what was sold stays as it was. Needs a manager. Mendable: as CreateProduct, BELOW_SOLD.
func (s *Service) UpdateProduct(ctx context.Context, id uuid.UUID, c ProductChange) (*Product, error) {
	return s.changeProduct(ctx, id, func(ctx context.Context, tx bun.IDB, p *Product) error { return s.applyProduct(ctx, tx, p, c) })
}

// ArchiveProduct takes a product off sale, or puts it back. Needs a manager.
func (s *Service) ArchiveProduct(ctx context.Context, id uuid.UUID, archived bool) (*Product, error) {
	return s.changeProduct(ctx, id, func(ctx context.Context, tx bun.IDB, p *Product) error {
		switch at := s.now(); {
		case archived == (p.ArchivedAt != nil):
			return nil
		case archived:
			p.ArchivedAt = &at
			return s.enterProduct(ctx, tx, p, ActionArchived)
		default:
			p.ArchivedAt = nil
			return s.enterProduct(ctx, tx, p, ActionRestored)
		}
	})
}

func (s *Service) changeProduct(ctx context.Context, id uuid.UUID, change func(context.Context, bun.IDB, *Product) error) (*Product, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	var p *Product
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if p, err = holdProduct(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		if err := change(ctx, tx, p); err != nil {
			return err
		}
		p.UpdatedAt = s.now()
		_, err := tx.NewUpdate().Model(p).ExcludeColumn("site_id", "id", "kind", "event_id", "taken", "created_at").WherePK().Exec(ctx)
		return refusedProduct(err)
	})
	return p, err
}

// holdProduct locks a product. NotFound.
func holdProduct(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*Product, error) {
	p := new(Product)
	err := tx.NewSelect().Model(p).Where("site_id = ? AND id = ?", siteID, id).For("NO KEY UPDATE").Scan(ctx)
	return p, db.Missing(err, "product", "read product")
}

func refusedProduct(err error) error {
	if db.ConstraintName(err) == "product_places" {
		return fault.Invalid(ReasonBelowSold, []string{"capacity"}, "more than that are sold already")
	}
	return db.MapError(err, "write product")
}

// applyProduct checks a change and writes it into the row. It tells every mistake at once.
func (s *Service) applyProduct(ctx context.Context, tx bun.IDB, p *Product, c ProductChange) error {
	v := checker{}
	put(&p.Name, trimmed(c.Name))
	put(&p.Description, trimmed(c.Description))
	put(&p.Price, c.Price)
	put(&p.Capacity, c.Capacity)
	put(&p.Reserved, c.Reserved)
	put(&p.ForChild, c.ForChild)
	put(&p.ValidDays, c.ValidDays)
	put(&p.Months, c.Months)
	if c.Uses != nil {
		p.Uses = c.Uses
	}
	v.name(p.Name)
	v.text(p.Description, 2000, "description")
	v.amount(p.Price, "price")
	v.limit(p.Capacity)
	v.only(p.Kind, KindPass, p.Uses, 10_000, "uses")
	v.only(p.Kind, KindPass, p.ValidDays, 36_600, "validDays")
	v.only(p.Kind, KindMembership, p.Months, 1200, "months")
	if p.Kind == KindPass && p.Uses == nil {
		v.add(fault.Required, []string{"uses"}, "say how often a pass can be used")
	}
	if c.SupplierID != nil {
		p.SupplierID = *c.SupplierID
		if err := s.checkNamed(ctx, tx, &v, p.SiteID, p.SupplierID, contact.Supplier, "supplierId"); err != nil {
			return err
		}
	}
	return v.list.Err()
}

func (v *checker) amount(n int64, path ...string) {
	if n < 0 || n > MaxMoney {
		v.add(fault.InvalidNumber, path, "a price lies between 0 and %d, in minor units", MaxMoney)
	}
}

// only checks a number that products of one kind may have.
func (v *checker) only(kind, of ProductKind, n *int, most int, path ...string) {
	switch {
	case n == nil:
	case kind != of:
		v.add(fault.InvalidValue, path, "a %s has none", kind)
	case *n < 1 || *n > most:
		v.add(fault.InvalidNumber, path, "give a number between 1 and %d", most)
	}
}
