package contact

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/field"
	"carnet/internal/site"
)

// EnterBuyer finds or makes the person of whom a sale tells (C-04 to C-06, C-18 to C-20), and updates them by it: what the sale
// leaves empty stays, so does a name that is known, and all of a record with an account, which is its owner's to change. Other
// than Match, it finds contacts that have an account too: a purchase under their address is theirs. The caller holds the address
// (HoldAddresses), so that whoever is new and buys twice at once is entered once.
func (b Book) EnterBuyer(ctx context.Context, tx bun.IDB, siteID uuid.UUID, c Change, consent bool) (uuid.UUID, error) {
	of, err := holdSite(ctx, tx, siteID)
	if err != nil {
		return uuid.Nil, err
	}
	by := author(site.ActorOf(ctx))
	if by.Kind != site.KindStaff {
		by.Surface = string(field.Checkout)
	}
	p := account.Person{Consent: consent, Language: said(c.Language)}
	var known uuid.UUID
	if said(c.Email) != "" {
		known, err = b.match(ctx, tx, siteID, account.Person{Email: said(c.Email), FirstName: said(c.FirstName), LastName: said(c.LastName)}, true)
		if err != nil {
			return uuid.Nil, err
		}
	}
	if known == uuid.Nil {
		source := Source(by.Surface)
		if by.Kind == site.KindStaff {
			source = FromStaff
		}
		r := &Record{SiteID: siteID, Kind: KindPerson, Source: source, Listed: listedAtFirst(of)}
		if err := b.contacts.create(ctx, tx, of, r, c, by); err != nil {
			return uuid.Nil, err
		}
		return r.ID, b.agree(ctx, tx, of, r.ID, p, by)
	}
	r, err := lock(ctx, tx, siteID, known)
	if err != nil {
		return uuid.Nil, err
	}
	has, err := hasAccount(ctx, tx, siteID, known)
	if err != nil {
		return uuid.Nil, err
	}
	if has {
		return known, nil
	}
	c.keepName(r)
	if r.AddressOf != nil {
		c.AddressChange = AddressChange{} // the organization's
	}
	if of.ConsentPolicy == site.OnInteraction {
		yes := true
		c.Listed = &yes
	}
	if _, err := b.contacts.update(ctx, tx, of, r, c, by); err != nil {
		return uuid.Nil, err
	}
	return known, b.agree(ctx, tx, of, known, p, by)
}

// HoldAddresses makes transactions that enter whoever has one of these addresses take turns, in an order in which none waits for
// another in a circle.
func (b Book) HoldAddresses(ctx context.Context, tx bun.IDB, siteID uuid.UUID, emails []string) error {
	keys := make([]string, 0, len(emails))
	for _, email := range emails {
		if key := site.EmailKey(email); key != "" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		if err := account.LockAddress(ctx, tx, siteID, key); err != nil {
			return err
		}
	}
	return nil
}

// Survivor gives the id under which a contact is kept: its own, or that of the one it has become part of. What is unknown stays as it is.
func (b Book) Survivor(ctx context.Context, q bun.IDB, siteID, id uuid.UUID) (uuid.UUID, error) {
	err := q.NewRaw("SELECT coalesce(merged_into, id) FROM contact WHERE site_id = ? AND id = ?", siteID, id).Scan(ctx, &id)
	if db.NoRows(err) {
		return id, nil
	}
	return id, db.MapError(err, "look for the contact that another has become")
}

// Holder is what a sale has to know of a contact.
type Holder struct {
	ID     uuid.UUID
	Groups []uuid.UUID
	Seats  []Seat // places that they prefer
}

// HoldForSale locks contacts, in order of their ids, and tells their groups and places. Who is unknown, in the trash or past its validity
// (G-09) is not among them.
func (b Book) HoldForSale(ctx context.Context, tx bun.IDB, of site.Site, ids []uuid.UUID) (map[uuid.UUID]Holder, error) {
	var rows []struct {
		ID     uuid.UUID
		Groups []uuid.UUID `bun:"type:uuid[],array"`
		Seats  []Seat      `bun:"type:jsonb"`
	}
	err := tx.NewSelect().TableExpr("contact AS c").ColumnExpr("c.id, c.seats").
		ColumnExpr("ARRAY(SELECT m.group_id FROM contact_group_member AS m WHERE m.site_id = c.site_id AND m.contact_id = c.id) AS groups").
		Where("c.site_id = ? AND c.id IN (?) AND c.deleted_at IS NULL AND (c.valid_until IS NULL OR c.valid_until >= ?)", of.ID, bun.List(ids), b.contacts.today(of)).
		OrderExpr("c.id").For("NO KEY UPDATE OF c").Scan(ctx, &rows)
	out := make(map[uuid.UUID]Holder, len(rows))
	for _, row := range rows {
		out[row.ID] = Holder(row)
	}
	return out, db.MapError(err, "hold contacts")
}

// said reads an entry of a change; nil is empty.
func said(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
