package contact

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Create adds a person or an organization. Needs an operator.
func (s *Service) Create(ctx context.Context, kind Kind, c Change) (Contact, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	r := &Record{SiteID: a.SiteID, Kind: kind, Source: sourceOf(a)}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		of, err := holdSite(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		r.Listed = listedAtFirst(of)
		return s.create(ctx, tx, of, r, c, author(a))
	})
	if err != nil {
		return nil, err
	}
	return Of(r), nil
}

func sourceOf(a site.Actor) Source {
	if a.Kind == site.KindAPIKey {
		return FromAPI
	}
	return FromStaff
}

// create checks, numbers and inserts r, with its groups, labels and first history entry.
func (s *Service) create(ctx context.Context, tx bun.IDB, of site.Site, r *Record, c Change, by Author) error {
	r.ID = uuid.Must(uuid.NewV7())
	if err := s.check(ctx, tx, of, r, c); err != nil {
		return err
	}
	var err error
	if r.Number, err = nextNumbers(ctx, tx, of.ID, 1); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(r).Returning("created_at, updated_at").Exec(ctx); err != nil {
		return db.MapError(err, "insert contact")
	}
	classified, err := c.classify(ctx, tx, r)
	if err != nil {
		return err
	}
	return writeHistory(ctx, tx, by, created, nil, r, classified, nil)
}

// check applies a change and gives all that is to be mended, also what only the database knows.
func (s *Service) check(ctx context.Context, tx bun.IDB, of site.Site, r *Record, c Change) error {
	defs, err := s.fields.Known(ctx, tx, of)
	if err != nil {
		return err
	}
	hadEmail := r.Email != ""
	if c.AddressOf != nil { // before apply: whoever stops using an address may change it at once
		if err := takeAddress(ctx, tx, r, *c.AddressOf); err != nil {
			return err
		}
	}
	var list fault.List
	for _, err := range []error{c.apply(r, defs, of.Country, s.today(of)), checkOptions(ctx, tx, r, c), checkAccount(ctx, tx, r, hadEmail)} {
		more, mendable := fault.Mendable(err)
		if err != nil && !mendable {
			return err
		}
		list = append(list, more...)
	}
	return list.Err()
}

// checkAccount keeps the e-mail address of a contact that has an account (S-34, G-23).
func checkAccount(ctx context.Context, tx bun.IDB, r *Record, hadEmail bool) error {
	if !hadEmail || r.Email != "" {
		return nil
	}
	has, err := tx.NewSelect().TableExpr("account").Where("site_id = ? AND contact_id = ?", r.SiteID, r.ID).Exists(ctx)
	if err != nil {
		return db.MapError(err, "look for account")
	}
	if has {
		return fault.Invalid(fault.Required, []string{"email"}, "this contact has an account, which needs an e-mail address")
	}
	return nil
}

// classify writes the groups, labels and references that the change names, and gives what changed.
func (c Change) classify(ctx context.Context, tx bun.IDB, r *Record) (Changes, error) {
	changes := Changes{}
	if c.GroupIDs != nil {
		if err := setGroups(ctx, tx, r, *c.GroupIDs, changes); err != nil {
			return nil, err
		}
	}
	if c.LabelIDs != nil {
		if err := setLabels(ctx, tx, r, *c.LabelIDs, changes); err != nil {
			return nil, err
		}
	}
	if c.References != nil {
		was, is, err := setReferences(ctx, tx, r, *c.References)
		if err != nil {
			return nil, err
		}
		if !slices.Equal(was, is) {
			changes["references"] = Delta{Before: was, After: is}
		}
	}
	return changes, nil
}

// nextNumbers reserves n contact numbers and gives the first.
func nextNumbers(ctx context.Context, tx bun.IDB, siteID uuid.UUID, n int) (int64, error) {
	var last int64
	err := tx.NewRaw(`INSERT INTO site_counter (site_id, name, value) VALUES (?, 'contact', ?)
		ON CONFLICT (site_id, name) DO UPDATE SET value = site_counter.value + EXCLUDED.value RETURNING value`, siteID, n).Scan(ctx, &last)
	return last - int64(n) + 1, db.MapError(err, "reserve contact numbers")
}

// Update changes a contact that is not in the trash. Needs an operator.
func (s *Service) Update(ctx context.Context, id uuid.UUID, c Change) (Contact, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	if err := c.mustSee(a); err != nil {
		return nil, err
	}
	var r *Record
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		of, err := s.holdSite(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		if r, err = s.lockKept(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		if err := checkListed(of, r, c.Listed); err != nil {
			return err
		}
		_, err = s.update(ctx, tx, of, r, c, author(a))
		return err
	})
	if err != nil {
		return nil, err
	}
	return Of(r), nil
}

// update writes a change into a locked record; changed is false when all was so already, and then
// nothing is written.
func (s *Service) update(ctx context.Context, tx bun.IDB, of site.Site, r *Record, c Change, by Author) (changed bool, err error) {
	return s.write(ctx, tx, of, r, c, by, nil)
}

// write is update whose history entry may be told something more.
func (s *Service) write(ctx context.Context, tx bun.IDB, of site.Site, r *Record, c Change, by Author, tell func(*Entry)) (changed bool, err error) {
	before := *r
	before.Answers = r.Answers.Clone()
	if err := s.check(ctx, tx, of, r, c); err != nil {
		return false, err
	}
	classified, err := c.classify(ctx, tx, r)
	if err != nil {
		return false, err
	}
	if len(diff(&before, r)) == 0 && len(classified) == 0 {
		return false, nil
	}
	r.UpdatedAt = s.now()
	if err := s.db.ExecKept(ctx, tx, tx.NewUpdate().Model(r).Column(changedColumns(s.db.Bun, &before, r)...).WherePK()); err != nil {
		return false, db.MapError(err, "update contact")
	}
	if r.Kind == KindOrganization && !sameAddress(&before, r) {
		if err := s.spreadAddress(ctx, tx, []*Record{r}, by); err != nil {
			return false, err
		}
	}
	return true, s.writeHistory(ctx, tx, by, updated, &before, r, classified, tell)
}

// changedColumns gives the columns that differ between two states of a locked record: a statement with all of them
// costs PostgreSQL the checks and triggers of each.
func changedColumns(b *bun.DB, before, after *Record) []string {
	was, is := reflect.ValueOf(before).Elem(), reflect.ValueOf(after).Elem()
	var out []string
	for _, f := range b.Table(was.Type()).DataFields {
		if !reflect.DeepEqual(f.Value(was).Interface(), f.Value(is).Interface()) {
			out = append(out, f.Name)
		}
	}
	return out
}

// lock reads a living contact for update. NotFound when there is none of this id; Conflict in the trash.
func lock(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*Record, error) {
	var found []*Record
	err := selectLocked(tx, siteID, id).Scan(ctx, &found)
	return changeable(found, err)
}

// lockKept is lock where it is hot.
func (s *Service) lockKept(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*Record, error) {
	var found []*Record
	err := s.db.SelectKept(ctx, tx, selectLocked(tx, siteID, id), &found)
	return changeable(found, err)
}

func selectLocked(tx bun.IDB, siteID, id uuid.UUID) *bun.SelectQuery {
	return tx.NewSelect().Model((*Record)(nil)).Where("site_id = ? AND id = ?", siteID, id).For("UPDATE")
}

// changeable gives the contact that was found, when it can be changed.
func changeable(found []*Record, err error) (*Record, error) {
	if err != nil {
		return nil, db.MapError(err, "lock contact")
	}
	if len(found) == 0 {
		return nil, fault.Missing("contact")
	}
	switch r := found[0]; {
	case r.MergedInto != nil:
		return nil, fault.New(fault.Conflict, "this contact has become part of the one with the id %s", *r.MergedInto)
	case r.DeletedAt != nil:
		return nil, fault.New(fault.Conflict, "this contact is in the trash; restore it first")
	default:
		return r, nil
	}
}

// MaxIDs is how many contacts one bulk call takes.
const MaxIDs = 1000

// Delete moves contacts to the trash and gives the ids that moved. Needs an operator.
func (s *Service) Delete(ctx context.Context, ids []uuid.UUID) ([]uuid.UUID, error) {
	now := s.now()
	rows, err := s.bulk(ctx, ids, deleted, &now)
	moved := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		moved[i] = r.ID
	}
	return moved, err
}

// Restore takes contacts back from the trash. Needs an operator. Conflict when another contact has
// taken one of their references meanwhile.
func (s *Service) Restore(ctx context.Context, ids []uuid.UUID) ([]Contact, error) {
	rows, err := s.bulk(ctx, ids, restored, nil)
	return All(rows), err
}

// bulk sets or clears deleted_at of those contacts that it is not so for already, and gives these.
func (s *Service) bulk(ctx context.Context, ids []uuid.UUID, action Action, deletedAt *time.Time) ([]*Record, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	if len(ids) > MaxIDs {
		return nil, fault.Invalid(fault.TooLong, []string{"ids"}, "at most %d contacts at once", MaxIDs)
	}
	var rows []*Record
	if len(ids) == 0 {
		return rows, nil
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows = nil
		known, err := tx.NewSelect().Model((*Record)(nil)).Where("site_id = ? AND id IN (?)", a.SiteID, bun.List(ids)).Count(ctx)
		if err != nil {
			return db.MapError(err, "count contacts")
		}
		if distinct := slices.Compact(slices.SortedFunc(slices.Values(ids), compareIDs)); int(known) != len(distinct) {
			return fault.Missing("contact")
		}
		err = tx.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", a.SiteID, bun.List(ids)).Where("(deleted_at IS NULL) = ? AND merged_into IS NULL", deletedAt != nil).Order("id").For("UPDATE").Scan(ctx)
		if err != nil {
			return db.MapError(err, "lock contacts")
		}
		if len(rows) == 0 {
			return nil
		}
		if err := setDeleted(ctx, tx, rows, deletedAt, s.now()); err != nil {
			return err
		}
		entries := make([]*Entry, len(rows))
		for i, r := range rows {
			entries[i] = newEntry(author(a), r, action, Changes{})
		}
		_, err = tx.NewInsert().Model(&entries).Exec(ctx)
		return db.MapError(err, "insert history")
	})
	return rows, err
}

// setDeleted moves locked records of one site to the trash, or back with nil; their references go
// and come with them.
func setDeleted(ctx context.Context, tx bun.IDB, rows []*Record, deletedAt *time.Time, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		r.DeletedAt, r.UpdatedAt = deletedAt, now
		ids[i] = r.ID
	}
	_, err := tx.NewUpdate().Model((*Record)(nil)).Set("deleted_at = ?, updated_at = ?", deletedAt, now).Where("site_id = ? AND id IN (?)", rows[0].SiteID, bun.List(ids)).Exec(ctx)
	if err != nil {
		return db.MapError(err, "update contacts")
	}
	return reviveReferences(ctx, tx, rows, deletedAt == nil)
}

func compareIDs(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }

func readSite(ctx context.Context, q bun.IDB, id uuid.UUID) (site.Site, error) {
	var row site.Site
	err := q.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx)
	return row, db.MapError(err, "read site")
}

// today gives the site's day, at midnight UTC as dates are kept.
func (s *Service) today(of site.Site) time.Time { return of.Day(s.now()) }
