package contact

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// A person can use an organization's main address (S-112). The person's columns hold a copy, taken when
// it is set and whenever the organization's changes. To stop using it keeps the last copy, and so does
// the trash: an organization there no longer changes.

// takeAddress sets whose address a person uses and copies it. The organization stays locked until the
// end of the transaction, so that none of its changes is missed.
func takeAddress(ctx context.Context, tx bun.IDB, r *Record, from *uuid.UUID) error {
	path := []string{"addressOf"}
	if from == nil {
		r.AddressOf = nil
		return nil
	}
	if r.Kind != KindPerson {
		return fault.Invalid(fault.WrongType, path, "only a person uses the address of an organization")
	}
	o := new(Record)
	err := tx.NewSelect().Model(o).Where("site_id = ? AND id = ?", r.SiteID, *from).For("SHARE").Scan(ctx)
	switch {
	case db.NoRows(err):
		return fault.Invalid(fault.Unknown, path, "the site has no organization with the id %s", *from)
	case err != nil:
		return db.MapError(err, "read organization")
	case o.Kind != KindOrganization:
		return fault.Invalid(fault.WrongType, path, "%s is a person; only an organization's address can be used", o.DisplayName())
	case o.DeletedAt != nil:
		return fault.Invalid(fault.InvalidValue, path, "%s is in the trash; restore it first", o.DisplayName())
	}
	r.AddressOf = from
	r.copyAddress(o)
	return nil
}

func (r *Record) copyAddress(o *Record) {
	r.AddressLines, r.Postcode, r.City, r.Country, r.Subdivision = o.AddressLines, o.Postcode, o.City, o.Country, o.Subdivision
	r.fold()
}

func sameAddress(a, b *Record) bool {
	return a.AddressLines == b.AddressLines && a.Postcode == b.Postcode && a.City == b.City && a.Country == b.Country && a.Subdivision == b.Subdivision
}

// spreadAddress gives the addresses of changed organizations to the persons who use them, those in the
// trash too.
func (s *Service) spreadAddress(ctx context.Context, tx bun.IDB, organizations []*Record, by Author) error {
	if len(organizations) == 0 {
		return nil
	}
	byID := map[uuid.UUID]*Record{}
	ids := make([]uuid.UUID, len(organizations))
	for i, o := range organizations {
		byID[o.ID], ids[i] = o, o.ID
	}
	var users []*Record
	err := tx.NewSelect().Model(&users).Where("site_id = ? AND address_of IN (?)", organizations[0].SiteID, bun.List(ids)).Order("id").For("UPDATE").Scan(ctx)
	if err != nil {
		return db.MapError(err, "lock users of an address")
	}
	now := s.now()
	var entries []*Entry
	users = slices.DeleteFunc(users, func(r *Record) bool {
		before := *r
		r.copyAddress(byID[*r.AddressOf])
		if sameAddress(&before, r) {
			return true
		}
		r.UpdatedAt = now
		entries = append(entries, newEntry(by, r, updated, diff(&before, r)))
		return false
	})
	if len(users) == 0 {
		return nil
	}
	if _, err := tx.NewUpdate().Model(&users).Column("address_lines", "postcode", "city", "country", "subdivision", "n_city", "n_address", "updated_at").Bulk().Exec(ctx); err != nil {
		return db.MapError(err, "spread address")
	}
	_, err = tx.NewInsert().Model(&entries).Exec(ctx)
	return db.MapError(err, "insert history")
}

// backAddress gives a person whose organization was parted again the address it used before the merge,
// and tells the person's history. false: the person uses another address by now.
func (s *Service) backAddress(ctx context.Context, tx bun.IDB, siteID uuid.UUID, row movedRow, by Author) (ok bool, err error) {
	var was, is usedAddress
	if err := errors.Join(json.Unmarshal(row.Before, &was), json.Unmarshal(row.After, &is)); err != nil {
		return false, fault.Wrap(err, "row of a merge")
	}
	r := new(Record)
	if err := tx.NewSelect().Model(r).Where("site_id = ? AND id = ?", siteID, was.ID).For("UPDATE").Scan(ctx); err != nil {
		if db.NoRows(err) {
			return false, nil
		}
		return false, db.MapError(err, "lock user of an address")
	}
	if r.AddressOf == nil || *r.AddressOf != *is.AddressOf || r.usedAddress() != is.plain() {
		return false, nil
	}
	before := *r
	if ok, _, err = row.back(ctx, tx); err != nil {
		return false, err
	}
	if !ok { // something else of the person has changed, and stays
		r.AddressOf, r.AddressLines, r.Postcode, r.City, r.Country, r.Subdivision = was.AddressOf, was.AddressLines, was.Postcode, was.City, was.Country, was.Subdivision
		r.fold()
		r.UpdatedAt = s.now()
		if _, err := tx.NewUpdate().Model(r).WherePK().Exec(ctx); err != nil {
			return false, db.MapError(err, "give an address back")
		}
	} else if err := tx.NewSelect().Model(r).WherePK().Scan(ctx); err != nil {
		return false, db.MapError(err, "read user of an address")
	}
	if changes := diff(&before, r); len(changes) > 0 {
		return true, writeHistory(ctx, tx, by, updated, &before, r, nil, nil)
	}
	return true, nil
}

// usedAddress is whose address a person uses and what it is, as a merge keeps it.
type usedAddress struct {
	ID           uuid.UUID  `json:"id"`
	AddressOf    *uuid.UUID `json:"address_of"`
	AddressLines string     `json:"address_lines"`
	Postcode     string     `json:"postcode"`
	City         string     `json:"city"`
	Country      string     `json:"country"`
	Subdivision  string     `json:"subdivision"`
}

func (u usedAddress) plain() usedAddress {
	u.ID, u.AddressOf = uuid.Nil, nil
	return u
}

func (r *Record) usedAddress() usedAddress {
	return usedAddress{AddressLines: r.AddressLines, Postcode: r.Postcode, City: r.City, Country: r.Country, Subdivision: r.Subdivision}
}
