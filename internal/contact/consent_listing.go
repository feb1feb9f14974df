package contact

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// The address-book policy (P-02, P-03, G-25). Under "interaction" everyone is in the book, and staff
// may take one out by hand. Under "consent" only those are in it who agreed to be contacted, on at
// least one channel, whoever entered them; then the ledger decides and nobody else. Contacts that
// are not listed are kept all the same, for the contract's sake, and the view "Everyone" shows them.

// listedAtFirst is the rule for a contact of whom nothing is in the ledger yet.
func listedAtFirst(of site.Site) bool { return of.ConsentPolicy == site.OnInteraction }

// mayBeListed is the rule as a condition on contact. ?0 is the policy.
const mayBeListed = `(?0 = 'interaction' OR EXISTS (SELECT 1 FROM consent k
    JOIN consent_purpose p ON p.site_id = k.site_id AND p.id = k.purpose_id AND p.code = 'contact'
    WHERE k.site_id = contact.site_id AND k.contact_id = contact.id AND k.state = 'given'))`

// checkListed refuses what staff ask of listed when the policy decides it.
func checkListed(of site.Site, r *Record, asked *bool) error {
	if asked == nil || *asked == r.Listed || of.ConsentPolicy != site.OnConsent {
		return nil
	}
	if *asked {
		return fault.Invalid(fault.ConsentRequired, []string{"listed"}, "this site lists only who agreed to be contacted; record the consent, and the contact is listed")
	}
	return fault.Invalid(fault.ConsentRequired, []string{"listed"}, "this site lists everyone who agreed to be contacted; record the withdrawal, and the contact leaves the book")
}

// holdSite reads the site and keeps its policy from changing until the transaction ends. It locks no
// more than a foreign key does.
func holdSite(ctx context.Context, tx bun.IDB, id uuid.UUID) (site.Site, error) {
	var row site.Site
	err := tx.NewSelect().Model(&row).Where("id = ?", id).For("KEY SHARE").Scan(ctx)
	return row, db.MapError(err, "hold site")
}

// holdSite is holdSite where it is hot: it reads the site's version only, when it remembers the site.
func (s *Service) holdSite(ctx context.Context, tx bun.IDB, id uuid.UUID) (site.Site, error) {
	var held []site.Site
	if err := s.db.SelectKept(ctx, tx, tx.NewSelect().Model((*site.Site)(nil)).Column("version").Where("id = ?", id).For("KEY SHARE"), &held); err != nil {
		return site.Site{}, db.MapError(err, "hold site")
	}
	if len(held) == 0 {
		return site.Site{}, fault.Missing("site")
	}
	return s.sites.Get(id, held[0].Version, func() (site.Site, error) { return readSite(ctx, tx, id) })
}

// relistAll brings every contact of a site under the policy in one statement, with an entry in the
// history of each that moves, and gives how many moved. Those in the trash move too: they come back right.
const relistAll = `
WITH moved AS (
    UPDATE contact SET listed = NOT listed, updated_at = ?2
    WHERE site_id = ?1 AND listed <> ` + mayBeListed + `
    RETURNING id, listed)
INSERT INTO contact_history (site_id, id, contact_id, at, actor_kind, actor_id, actor_name, surface, action, changes)
SELECT ?1, carnet_uuidv7(), id, ?2, ?3, ?4, ?5, ?6, 'updated', jsonb_build_object('listed', jsonb_build_object('before', NOT listed, 'after', listed))
FROM moved`

// Relist is site.Relist: it runs in the transaction that changes the policy, which holds the site.
func (s *Service) Relist(ctx context.Context, tx bun.Tx, of site.Site) (int, error) {
	by := author(site.ActorOf(ctx))
	var actor *uuid.UUID
	if by.ID != uuid.Nil {
		actor = &by.ID
	}
	res, err := tx.NewRaw(relistAll, string(of.ConsentPolicy), of.ID, s.now(), string(by.Kind), actor, by.Name, by.Surface).Exec(ctx)
	if err != nil {
		return 0, db.MapError(err, "list contacts anew")
	}
	n, err := res.RowsAffected()
	return int(n), db.MapError(err, "count contacts listed anew")
}

// PolicyEffect is what a policy would do to the book.
type PolicyEffect struct {
	Listed   int // contacts that would come in
	Unlisted int // contacts that would leave
}

// policyEffect counts what relistAll would move, without the trash.
const policyEffect = `SELECT count(*) FILTER (WHERE NOT listed) AS listed, count(*) FILTER (WHERE listed) AS unlisted
FROM contact WHERE site_id = ?1 AND deleted_at IS NULL AND listed <> ` + mayBeListed

// PolicyEffect counts whom a policy would list and unlist if it came now. Needs a manager.
func (s *Service) PolicyEffect(ctx context.Context, policy site.ConsentPolicy) (out PolicyEffect, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return out, err
	}
	err = s.db.Bun.NewRaw(policyEffect, string(policy), a.SiteID).Scan(ctx, &out.Listed, &out.Unlisted)
	return out, db.MapError(err, "count a policy's effect")
}
