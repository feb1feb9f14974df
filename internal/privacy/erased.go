package privacy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
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

// WriteErasures writes the site's proofs, oldest first, a JSON object a line: to be kept apart from the database, and taken by EraseAgain. Needs a manager.
func (s *Service) WriteErasures(ctx context.Context, to io.Writer) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	out := json.NewEncoder(to)
	for last := uuid.Nil; ; {
		var rows []*Proof
		if err := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND id > ?", a.SiteID, last).Order("id").Limit(500).Scan(ctx); err != nil {
			return db.MapError(err, "read erasures")
		}
		for _, r := range rows {
			if err := out.Encode(r); err != nil {
				return fault.Wrap(err, "write erasures")
			}
			last = r.ID
		}
		if len(rows) < 500 {
			return nil
		}
	}
}

// EraseAgain erases anew who stands in a list of WriteErasures and is in the book all the same, as after a backup was restored: those with their ids, and those who have
// an address with one of their hashes and are no newer than the erasure. It gives how many it erased, and those who could not be, because something is in force, by number. Each
// is a transaction, so it may be begun again. Needs a manager.
func (s *Service) EraseAgain(ctx context.Context, list io.Reader) (erased int, hindered []int64, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return 0, nil, err
	}
	for in := json.NewDecoder(list); ; {
		p := new(Proof)
		if err := in.Decode(p); errors.Is(err, io.EOF) {
			return erased, hindered, nil
		} else if err != nil {
			return erased, hindered, fault.New(fault.BadInput, "this is no list of erasures: %v", err)
		}
		if p.SiteID != a.SiteID {
			continue
		}
		ids, err := s.still(ctx, p)
		if err != nil {
			return erased, hindered, err
		}
		for _, id := range ids {
			did, err := s.again(ctx, a, id, p)
			switch {
			case err == nil && did:
				erased++
			case isMendable(err):
				hindered = append(hindered, p.Number)
			case err != nil:
				return erased, hindered, err
			}
		}
	}
}

func isMendable(err error) bool {
	_, is := fault.Mendable(err)
	return err != nil && is
}

// still gives the contacts of a proof that are in the book.
func (s *Service) still(ctx context.Context, p *Proof) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	if err := s.db.Bun.NewSelect().Model((*contact.Record)(nil)).Column("id").Where("site_id = ? AND id IN (?) AND merged_into IS NULL", p.SiteID, bun.List(p.ContactIDs)).Order("id").Scan(ctx, &ids); err != nil && !db.NoRows(err) {
		return nil, db.MapError(err, "read contacts")
	}
	if len(p.Hashes) == 0 {
		return ids, nil
	}
	// Hashes are made of each address that there is: the database has not their key.
	for last := uuid.Nil; ; {
		var rows []*contact.Record
		err := s.db.Bun.NewSelect().Model(&rows).Column("id", "email_key").Where("site_id = ? AND id > ? AND email_key <> '' AND created_at < ? AND merged_into IS NULL", p.SiteID, last, p.At).Order("id").Limit(5000).Scan(ctx)
		if err != nil {
			return nil, db.MapError(err, "read addresses")
		}
		for _, r := range rows {
			last = r.ID
			hash := s.erasing.Hashes.Digest(r.EmailKey)
			if slices.ContainsFunc(p.Hashes, func(h []byte) bool { return bytes.Equal(h, hash) }) && !slices.Contains(ids, r.ID) {
				ids = append(ids, r.ID)
			}
		}
		if len(rows) < 5000 {
			return ids, nil
		}
	}
}

// again erases one contact and keeps the proof of the list where it is not there any more.
func (s *Service) again(ctx context.Context, a site.Actor, id uuid.UUID, p *Proof) (did bool, err error) {
	began := s.now()
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(p).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return db.MapError(err, "keep erasure")
		}
		out, err := s.eraseIn(ctx, tx, a, id, p.Ground)
		if err != nil {
			return err
		}
		did = !out.At.Before(began)
		return s.tidyLater(ctx, tx, out)
	})
	return did, err
}
