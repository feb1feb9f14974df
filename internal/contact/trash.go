package contact

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// tombstone is what stays of a contact that was deleted for good: that there was one, and who ended
// it. It holds no personal data.
type tombstone struct {
	bun.BaseModel `bun:"table:contact_tombstone"`

	SiteID    uuid.UUID `bun:",pk"`
	ContactID uuid.UUID `bun:",pk"`
	Number    int64
	Kind      Kind
	At        time.Time
	ActorKind site.Kind
	ActorID   *uuid.UUID
}

// clearings delete what does not go with its contact by itself. What has a foreign key with ON DELETE
// CASCADE does: history, groups, pairs, merged records.
var clearings = []string{
	"DELETE FROM checkout WHERE site_id = ? AND contact_id IN (?)",
	// Of a request that the person made stays that it was made and answered, and where an open one's answer goes.
	"UPDATE privacy_request SET message = '', reason = '' WHERE site_id = ? AND contact_id IN (?)",
	// A batch keeps that somebody was in it, not what that was called.
	"UPDATE batch_item SET changes = NULL, message = '' WHERE site_id = ? AND contact_id IN (?) AND (changes IS NOT NULL OR message <> '')",
	// An import keeps that a row was about somebody, not what that said.
	"UPDATE import_row SET changes = NULL, undo = NULL, message = '', problems = NULL, revert_message = '', revert_problems = NULL WHERE site_id = ? AND contact_id IN (?) AND (changes IS NOT NULL OR undo IS NOT NULL OR message <> '' OR problems IS NOT NULL OR revert_message <> '' OR revert_problems IS NOT NULL)",
}

// eraseBatch is how many contacts one transaction deletes for good.
const eraseBatch = 500

// Emptied tells what became of the trash.
type Emptied struct {
	Erased int // deleted for good
	Kept   int // still there, because they have an account
}

// EmptyTrash deletes contacts in the trash for good, with everything that is known of them: those
// named, or all of it when ids is nil. Needs a manager.
//
// Of all of it, contacts with an account are kept and counted. Of those named none is deleted when
// one has an account or is not in the trash: mendable, at its place below ids. NotFound for an
// unknown id.
func (s *Service) EmptyTrash(ctx context.Context, ids []uuid.UUID) (out Emptied, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return out, err
	}
	if ids == nil {
		return s.emptyAll(ctx, a)
	}
	if len(ids) > MaxIDs {
		return out, fault.Invalid(fault.TooLong, []string{"ids"}, "at most %d contacts at once", MaxIDs)
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows, err := trashed(ctx, tx, a.SiteID, ids)
		if err == nil {
			out.Erased, err = s.erase(ctx, tx, a, rows)
		}
		return err
	})
	return out, err
}

// trashed locks the named contacts of the trash.
func trashed(ctx context.Context, tx bun.IDB, siteID uuid.UUID, ids []uuid.UUID) ([]*Record, error) {
	var rows []*Record
	if len(ids) == 0 {
		return rows, nil
	}
	if err := tx.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", siteID, bun.List(ids)).Order("id").For("UPDATE").Scan(ctx); err != nil {
		return nil, db.MapError(err, "lock contacts")
	}
	byID := map[uuid.UUID]*Record{}
	for _, r := range rows {
		byID[r.ID] = r
	}
	var with []uuid.UUID
	if err := tx.NewSelect().TableExpr("account").Column("contact_id").Where("site_id = ? AND contact_id IN (?)", siteID, bun.List(ids)).Scan(ctx, &with); err != nil {
		return nil, db.MapError(err, "read accounts")
	}
	v := checker{}
	for i, id := range ids {
		path := []string{"ids", strconv.Itoa(i)}
		switch r := byID[id]; {
		case r == nil:
			return nil, fault.Missing("contact")
		case r.DeletedAt == nil || r.MergedInto != nil:
			v.add(fault.NotInTrash, path, "contact number %d is not in the trash; move it there first", r.Number)
		case slices.Contains(with, id):
			v.add(fault.HasAccount, path, "contact number %d has an account, which must be closed first", r.Number)
		}
	}
	return rows, v.list.Err()
}

// due finds contacts of the trash that may be deleted for good, oldest first.
const due = `SELECT site_id, id, number, kind FROM contact WHERE site_id = ?0 AND deleted_at < ?1 AND merged_into IS NULL
	AND NOT EXISTS (SELECT FROM account a WHERE a.site_id = contact.site_id AND a.contact_id = contact.id)
	ORDER BY deleted_at, id LIMIT ?2 FOR UPDATE SKIP LOCKED`

// emptyAll deletes all of a site's trash that nothing holds, a batch a transaction.
func (s *Service) emptyAll(ctx context.Context, a site.Actor) (out Emptied, err error) {
	if out.Erased, err = s.eraseOlder(ctx, a, s.now().Add(time.Second)); err != nil {
		return out, err
	}
	kept, err := s.db.Bun.NewSelect().Model((*Record)(nil)).Where("site_id = ? AND deleted_at IS NOT NULL AND merged_into IS NULL", a.SiteID).Count(ctx)
	out.Kept = int(kept)
	return out, db.MapError(err, "count trash")
}

func (s *Service) eraseOlder(ctx context.Context, a site.Actor, before time.Time) (erased int, err error) {
	for {
		n := 0
		err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
			var rows []*Record
			if err := tx.NewRaw(due, a.SiteID, before, eraseBatch).Scan(ctx, &rows); err != nil {
				return db.MapError(err, "find trash")
			}
			n, err = s.erase(ctx, tx, a, rows)
			return err
		})
		if err != nil || n == 0 {
			return erased, err
		}
		erased += n
	}
}

// erase deletes locked contacts with all that is known of them and leaves tombstones.
func (s *Service) erase(ctx context.Context, tx bun.IDB, a site.Actor, rows []*Record) (int, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	ids, stones := make([]uuid.UUID, len(rows)), make([]*tombstone, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
		stones[i] = &tombstone{SiteID: r.SiteID, ContactID: r.ID, Number: r.Number, Kind: r.Kind, At: s.now(), ActorKind: a.Kind, ActorID: orNil(a.ID)}
	}
	for _, query := range clearings {
		if _, err := tx.NewRaw(query, a.SiteID, bun.List(ids)).Exec(ctx); err != nil {
			return 0, db.MapError(err, "clear what hangs on a contact")
		}
	}
	if _, err := tx.NewDelete().Model((*Record)(nil)).Where("site_id = ? AND id IN (?)", a.SiteID, bun.List(ids)).Exec(ctx); err != nil {
		return 0, db.MapError(err, "delete contacts")
	}
	_, err := tx.NewInsert().Model(&stones).Exec(ctx)
	return len(rows), db.MapError(err, "insert tombstones")
}

// Sweep deletes for good what has been in a trash longer than its site keeps it (Site.TrashDays).
// Every process may do it at any time.
func (s *Service) Sweep(ctx context.Context) error {
	var sites []site.Site
	if err := s.db.Bun.NewSelect().Model(&sites).Where("trash_days > 0").Order("id").Scan(ctx); err != nil {
		return db.MapError(err, "read sites")
	}
	for _, of := range sites {
		system := site.Actor{Kind: site.KindSystem, SiteID: of.ID}
		if _, err := s.eraseOlder(ctx, system, s.now().AddDate(0, 0, -of.TrashDays)); err != nil {
			return err
		}
	}
	return nil
}

// Run sweeps every hour until the context ends. It belongs to the program's start.
func (s *Service) Run(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(time.Hour)
	defer ticker.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "sweep the trash", "error", err)
		}
		if err := s.sweepRequests(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "sweep requests to confirm", "error", err)
		}
		if err := s.SweepTerms(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "sweep the words of names", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
