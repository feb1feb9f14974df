package indicator

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Create adds an indicator at the end, which is then counted for everybody in the background. Needs a manager.
func (s *Service) Create(ctx context.Context, measure Measure, in Change) (*Definition, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := &Definition{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), Measure: measure, Period: Ever}
	if err := in.apply(row, s.now()); err != nil {
		return nil, err
	}
	return row, s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := hold(ctx, tx, a.SiteID); err != nil {
			return err
		}
		if row.Position, err = room(ctx, tx, a.SiteID); err != nil {
			return err
		}
		if err := there(ctx, tx, row); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(row).Returning("created_at, updated_at").Exec(ctx); err != nil {
			return fault.Under(db.MapError(err, "insert indicator"), "name")
		}
		return s.recount(ctx, tx, row)
	})
}

// hold makes those who write a site's indicators take turns.
func hold(ctx context.Context, tx bun.IDB, siteID uuid.UUID) error {
	_, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", "indicators/"+siteID.String()).Exec(ctx)
	return db.MapError(err, "hold indicators")
}

// room gives the place of one more, the last; an error when there are as many as a site has.
func room(ctx context.Context, tx bun.IDB, siteID uuid.UUID) (last int, err error) {
	var living int
	err = tx.NewRaw("SELECT count(*) FILTER (WHERE archived_at IS NULL), coalesce(max(position) + 1, 0) FROM indicator WHERE site_id = ? AND deleted_at IS NULL", siteID).Scan(ctx, &living, &last)
	if err == nil && living >= MaxIndicators {
		return 0, fault.Invalid(fault.TooLong, nil, "a site has at most %d indicators; archive one first", MaxIndicators)
	}
	return last, db.MapError(err, "count indicators")
}

// Update changes an indicator. When what is counted changes, everybody is counted anew in the background; values are those of
// before until their turn comes. One that segments name is not archived (INDICATOR_IN_USE). Needs a manager. NotFound.
func (s *Service) Update(ctx context.Context, id uuid.UUID, in Change) (row *Definition, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := hold(ctx, tx, a.SiteID); err != nil {
			return err
		}
		if row, err = byID(ctx, tx, a.SiteID, id, true); err != nil {
			return err
		}
		before := *row
		if err := in.apply(row, s.now()); err != nil {
			return err
		}
		if row.ArchivedAt != nil && before.ArchivedAt == nil {
			if err := s.unnamed(ctx, tx, row, "archived"); err != nil {
				return err
			}
			if err := s.Forget(ctx, tx, row.SiteID, row.ID, false); err != nil {
				return err
			}
		}
		if row.ArchivedAt == nil && before.ArchivedAt != nil {
			if _, err := room(ctx, tx, a.SiteID); err != nil {
				return err
			}
		}
		if err := there(ctx, tx, row); err != nil {
			return err
		}
		if in.Position != nil {
			if err := move(ctx, tx, row, *in.Position); err != nil {
				return err
			}
		}
		row.UpdatedAt = s.now()
		if _, err := tx.NewUpdate().Model(row).WherePK().Exec(ctx); err != nil {
			return fault.Under(db.MapError(err, "update indicator"), "name")
		}
		if row.ArchivedAt == nil && (before.ArchivedAt != nil || !row.counts(&before)) {
			return s.recount(ctx, tx, row)
		}
		return nil
	})
	return row, err
}

// counts tells whether both count the same.
func (d *Definition) counts(as *Definition) bool {
	same := func(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }
	return slices.Equal(d.ProductIDs, as.ProductIDs) && slices.Equal(d.EventIDs, as.EventIDs) && slices.Equal(d.Kinds, as.Kinds) && slices.Equal(d.Channels, as.Channels) &&
		d.Period == as.Period && same(d.Days, as.Days) && same(d.StartMonth, as.StartMonth) && same(d.StartDay, as.StartDay)
}

// move puts an indicator at a place among all.
func move(ctx context.Context, tx bun.IDB, row *Definition, to int) error {
	all, err := All(ctx, tx, row.SiteID)
	if err != nil {
		return err
	}
	return db.MoveTo(ctx, tx, all, row, to, func(d *Definition) (uuid.UUID, *int) { return d.ID, &d.Position })
}

// Delete takes an indicator away; its values go in the background. One that segments name stays (INDICATOR_IN_USE). Needs a manager. NotFound.
func (s *Service) Delete(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := hold(ctx, tx, a.SiteID); err != nil {
			return err
		}
		row, err := byID(ctx, tx, a.SiteID, id, true)
		if err != nil {
			return err
		}
		if err := s.unnamed(ctx, tx, row, "deleted"); err != nil {
			return err
		}
		if err := s.Forget(ctx, tx, row.SiteID, row.ID, true); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model(row).Set("deleted_at = ?", s.now()).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "delete indicator")
		}
		return s.jobs.Insert(ctx, tx, recountJob{a.SiteID, row.ID})
	})
}

// unnamed refuses what segments' rules stand against.
func (s *Service) unnamed(ctx context.Context, tx bun.IDB, d *Definition, what string) error {
	names, err := s.Named(ctx, tx, d.SiteID, d.ID)
	if err != nil || len(names) == 0 {
		return err
	}
	return &fault.Error{Code: fault.Conflict, Reason: fault.IndicatorInUse, Message: "rules of segments name this indicator, which cannot be " + what + ": " + strings.Join(names, ", ") + "; change those first"}
}

// InUse tells whether an indicator of a site counts one of these products or events only; for package sale, which holds them.
func InUse(ctx context.Context, q bun.IDB, siteID uuid.UUID, products, events []uuid.UUID) (bool, error) {
	used, err := q.NewSelect().Model((*Definition)(nil)).Where("site_id = ? AND deleted_at IS NULL", siteID).
		Where("product_ids && ARRAY[?]::uuid[] OR event_ids && ARRAY[?]::uuid[]", bun.List(products), bun.List(events)).Exists(ctx)
	return used, db.MapError(err, "look for indicators")
}
