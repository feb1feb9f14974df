package campaign

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// pick keeps whom a draft is for that was made from all that a search finds: those whom it finds now. A draft that is for others keeps
// nobody.
func (s *Service) pick(ctx context.Context, tx bun.IDB, a site.Actor, c *Campaign, matching *contact.Query) error {
	if matching == nil && c.Target.Matched != nil {
		return nil // as they were
	}
	if _, err := tx.NewRaw("DELETE FROM campaign_pick WHERE site_id = ? AND campaign_id = ?", c.SiteID, c.ID).Exec(ctx); err != nil {
		return db.MapError(err, "forget picked contacts")
	}
	if matching == nil {
		return nil
	}
	found, err := s.Contacts.Matching(ctx, a, *matching)
	if err != nil {
		return err
	}
	res, err := tx.NewRaw("INSERT INTO campaign_pick (site_id, campaign_id, contact_id) ?", found.ColumnExpr("contact.site_id, ?::uuid, contact.id", c.ID)).Exec(ctx)
	if err != nil {
		return db.MapError(err, "pick contacts")
	}
	rows, err := res.RowsAffected()
	if err != nil {
		return fault.Wrap(err, "count picked contacts")
	}
	if rows == 0 {
		return fault.Invalid(fault.Required, []string{"target", "matching"}, "nobody matches this now")
	}
	n := int(rows)
	c.Target = Target{Matched: &n}
	_, err = tx.NewUpdate().Model(c).Column("target").WherePK().Exec(ctx)
	return db.MapError(err, "write target")
}

// checkMatched refuses "whom it is for already" of a draft that was not made so.
func (s *Service) checkMatched(ctx context.Context, a site.Actor, v *checker, draft *uuid.UUID) error {
	if draft != nil {
		kept, err := s.DB.Bun.NewSelect().TableExpr("campaign").Where("site_id = ? AND id = ? AND target->'matched' IS NOT NULL", a.SiteID, *draft).Exists(ctx)
		if err != nil || kept {
			return db.MapError(err, "read target")
		}
	}
	v.add(fault.Required, []string{"target"}, "this draft has nobody yet whom it could keep: say who is meant")
	return nil
}

// pickedFor finds whom a draft was made for; who has become part of another contact is that one.
func pickedFor(c *Campaign) contact.Condition {
	return contact.Condition{
		SQL: `contact.id IN (SELECT coalesce(was.merged_into, was.id) FROM campaign_pick k JOIN contact was ON was.site_id = k.site_id AND was.id = k.contact_id
			WHERE k.site_id = ?0 AND k.campaign_id = ?1)`,
		Args: []any{c.SiteID, c.ID},
	}
}
