package contact

import (
	"context"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Assigned tells what became of contacts that one thing was done to (T-33).
type Assigned struct {
	Changed int        // how many were not so before
	Refused fault.List // the contacts that it cannot be done to, at their place below contactIds; nothing of it was
}

// assign runs a bulk change of contacts as one transaction of an operator.
func (s *Service) assign(ctx context.Context, ids []uuid.UUID, do func(ctx context.Context, tx bun.IDB, a site.Actor) (Assigned, error)) (out Assigned, err error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return out, err
	}
	if len(ids) > MaxIDs {
		return out, fault.Invalid(fault.TooLong, []string{"contactIds"}, "at most %d contacts at once", MaxIDs)
	}
	if len(ids) == 0 {
		return out, nil
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		out, err = do(ctx, tx, a)
		return err
	})
	if err != nil {
		return Assigned{}, err
	}
	return out, nil
}

// lockMany locks contacts, in the order of their ids so that two of these wait instead of blocking one another.
// NotFound when the site lacks one of them.
func lockMany(ctx context.Context, tx bun.IDB, siteID uuid.UUID, ids []uuid.UUID) ([]*Record, error) {
	var rows []*Record
	if err := tx.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", siteID, bun.List(ids)).Order("id").For("UPDATE").Scan(ctx); err != nil {
		return nil, db.MapError(err, "lock contacts")
	}
	if distinct := slices.Compact(slices.SortedFunc(slices.Values(ids), compareIDs)); len(rows) != len(distinct) {
		return nil, fault.Missing("contact")
	}
	return rows, nil
}

// assignEach asks of each contact what changes and writes the history of it; the caller writes the change itself.
// No changes: nothing is written. A fault, and the trash, refuse the one contact.
func (s *Service) assignEach(ctx context.Context, tx bun.IDB, rows []*Record, ids []uuid.UUID, by Author, change func(r *Record) (Changes, *fault.Error)) (Assigned, error) {
	var out Assigned
	var changed []uuid.UUID
	var entries []*Entry
	refused := map[uuid.UUID]*fault.Error{}
	for _, r := range rows {
		if r.DeletedAt != nil {
			refused[r.ID] = fault.Invalid(fault.InTrash, nil, "%s is in the trash; restore the contact first", r.DisplayName())
			continue
		}
		changes, err := change(r)
		if err != nil {
			refused[r.ID] = err
		} else if len(changes) > 0 {
			changed, entries = append(changed, r.ID), append(entries, newEntry(by, r, updated, changes))
		}
	}
	for i, id := range ids {
		if err := refused[id]; err != nil {
			err.Path = []string{"contactIds", strconv.Itoa(i)}
			out.Refused = append(out.Refused, err)
			delete(refused, id)
		}
	}
	if out.Changed = len(changed); out.Changed == 0 {
		return out, nil
	}
	if _, err := tx.NewUpdate().Model((*Record)(nil)).Set("updated_at = ?", s.now()).Where("site_id = ? AND id IN (?)", rows[0].SiteID, bun.List(changed)).Exec(ctx); err != nil {
		return out, db.MapError(err, "update contacts")
	}
	_, err := tx.NewInsert().Model(&entries).Exec(ctx)
	return out, db.MapError(err, "insert history")
}

// assignGroups puts contacts into groups and takes them out of others.
func (s *Service) assignGroups(ctx context.Context, tx bun.IDB, siteID uuid.UUID, ids, add, remove []uuid.UUID, by Author) (Assigned, error) {
	rows, err := lockMany(ctx, tx, siteID, ids)
	if err != nil {
		return Assigned{}, err
	}
	joined, err := groupsByID(ctx, tx, siteID, add, "add")
	if err != nil {
		return Assigned{}, err
	}
	left, err := groupsByID(ctx, tx, siteID, remove, "remove")
	if err != nil {
		return Assigned{}, err
	}
	for i, id := range add {
		if slices.Contains(remove, id) {
			return Assigned{}, fault.Invalid(fault.Duplicate, []string{"add", strconv.Itoa(i)}, "a contact cannot join and leave a group at once")
		}
	}
	have, err := groupsOf(ctx, tx, siteID, ids)
	if err != nil {
		return Assigned{}, err
	}
	var t regrouping
	out, err := s.assignEach(ctx, tx, rows, ids, by, func(r *Record) (Changes, *fault.Error) {
		want := slices.DeleteFunc(slices.Clone(have[r.ID]), func(g *Group) bool { return hasGroup(left, g) || hasGroup(joined, g) })
		want = append(want, joined...)
		slices.SortFunc(want, byNameKey)
		if !t.plan(r, have[r.ID], want) {
			return nil, nil
		}
		return Changes{"groups": Delta{Before: names(have[r.ID]), After: names(want)}}, nil
	})
	if err != nil {
		return Assigned{}, err
	}
	return out, t.write(ctx, tx)
}

// AssignGroups puts at most MaxIDs contacts into groups and takes them out of others (P-24, T-33). Needs an operator.
func (s *Service) AssignGroups(ctx context.Context, ids, add, remove []uuid.UUID) (Assigned, error) {
	return s.assign(ctx, ids, func(ctx context.Context, tx bun.IDB, a site.Actor) (Assigned, error) {
		return s.assignGroups(ctx, tx, a.SiteID, ids, add, remove, author(a))
	})
}

// setColor gives contacts a colour, or takes it with an empty one.
func (s *Service) setColor(ctx context.Context, tx bun.IDB, siteID uuid.UUID, ids []uuid.UUID, color string, by Author) (Assigned, error) {
	if color != "" && !colorPattern.MatchString(color) {
		return Assigned{}, fault.Invalid(fault.InvalidColor, []string{"color"}, "give a colour as #rrggbb in small letters")
	}
	rows, err := lockMany(ctx, tx, siteID, ids)
	if err != nil {
		return Assigned{}, err
	}
	out, err := s.assignEach(ctx, tx, rows, ids, by, func(r *Record) (Changes, *fault.Error) {
		if r.Color == color {
			return nil, nil
		}
		return Changes{"color": Delta{Before: r.Color, After: color}}, nil
	})
	if err != nil {
		return Assigned{}, err
	}
	_, err = tx.NewUpdate().Model((*Record)(nil)).Set("color = ?", color).Where("site_id = ? AND id IN (?) AND color <> ? AND deleted_at IS NULL", siteID, bun.List(ids), color).Exec(ctx)
	return out, db.MapError(err, "colour contacts")
}

// SetColor gives at most MaxIDs contacts a colour, or takes it with an empty one (P-23, G-03). Needs an operator.
func (s *Service) SetColor(ctx context.Context, ids []uuid.UUID, color string) (Assigned, error) {
	return s.assign(ctx, ids, func(ctx context.Context, tx bun.IDB, a site.Actor) (Assigned, error) {
		return s.setColor(ctx, tx, a.SiteID, ids, color, author(a))
	})
}
