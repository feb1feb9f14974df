package privacy

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// ProofPage is a page of erasures, newest first.
type ProofPage struct {
	Rows []*Proof
	More bool
}

// Erasures gives who was erased, newest first, after an erasure's id; with an address, those who had it. Needs a manager.
func (s *Service) Erasures(ctx context.Context, email string, first int, after string) (ProofPage, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return ProofPage{}, err
	}
	if first < 1 || first > 200 {
		return ProofPage{}, fault.New(fault.BadInput, "a page holds 1 to 200 erasures")
	}
	rows := []*Proof{}
	q := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", a.SiteID).Order("id DESC").Limit(int64(first) + 1)
	if email != "" {
		q = q.Where("hashes @> ARRAY[?::bytea]", s.erasing.Hashes.Digest(site.EmailKey(email)))
	}
	if after != "" {
		last, err := uuid.Parse(after)
		if err != nil {
			return ProofPage{}, fault.New(fault.BadInput, "this cursor is not one of ours")
		}
		q = q.Where("id < ?", last)
	}
	if err := q.Scan(ctx); err != nil {
		return ProofPage{}, db.MapError(err, "read erasures")
	}
	return ProofPage{rows[:min(len(rows), first)], len(rows) > first}, nil
}

// ErasedAt gives when each of these contacts that was erased was, last; for lists within lists. Needs a viewer.
func (s *Service) ErasedAt(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID]*time.Time, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(contacts) == 0 {
		return nil, err
	}
	var rows []*Proof
	err = s.db.Bun.NewSelect().Model(&rows).Column("contact_id", "at").Where("site_id = ? AND contact_id IN (?)", a.SiteID, bun.List(contacts)).Order("id").Scan(ctx)
	out := map[uuid.UUID]*time.Time{}
	for _, r := range rows {
		out[r.ContactID] = &r.At
	}
	return out, db.MapError(err, "read erasures of contacts")
}
