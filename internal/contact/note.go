package contact

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Note is a free note on a contact (S-47), beside the remark that is pinned to the record itself.
type Note struct {
	bun.BaseModel `bun:"table:contact_note"`

	SiteID       uuid.UUID `bun:",pk"`
	ID           uuid.UUID `bun:",pk"`
	ContactID    uuid.UUID
	Text         string
	PersonalData bool // a request for access or erasure covers it
	AuthorKind   site.Kind
	AuthorID     *uuid.UUID
	AuthorName   string
	CreatedAt    time.Time `bun:",nullzero"`
	UpdatedAt    time.Time `bun:",nullzero"`
}

// NoteChange is what is to be written to a note; nil = unchanged.
type NoteChange struct {
	Text         *string
	PersonalData *bool
}

// AddNote writes a note on a contact. Needs an operator.
func (s *Service) AddNote(ctx context.Context, contactID uuid.UUID, c NoteChange) (*Note, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	by := author(a)
	n := &Note{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), ContactID: contactID, PersonalData: true, AuthorKind: by.Kind, AuthorName: by.Name}
	if by.ID != uuid.Nil {
		n.AuthorID = &by.ID
	}
	if err := c.apply(n); err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		r, err := lock(ctx, tx, a.SiteID, contactID)
		if err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(n).Returning("created_at, updated_at").Exec(ctx); err != nil {
			return db.MapError(err, "insert note")
		}
		return s.tellNote(ctx, tx, by, r, nil, n)
	})
	return n, err
}

// UpdateNote changes a note. Needs an operator.
func (s *Service) UpdateNote(ctx context.Context, id uuid.UUID, c NoteChange) (*Note, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	if err := a.MustSee(site.SensitiveNotes); err != nil {
		return nil, err
	}
	var n *Note
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var r *Record
		if n, r, err = lockNote(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		before := *n
		if err := c.apply(n); err != nil {
			return err
		}
		if before.Text == n.Text && before.PersonalData == n.PersonalData {
			return nil
		}
		n.UpdatedAt = s.now()
		if _, err := tx.NewUpdate().Model(n).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "update note")
		}
		return s.tellNote(ctx, tx, author(a), r, &before, n)
	})
	return n, err
}

// DeleteNote removes a note. Needs an operator.
func (s *Service) DeleteNote(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return err
	}
	if err := a.MustSee(site.SensitiveNotes); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, r, err := lockNote(ctx, tx, a.SiteID, id)
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(n).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "delete note")
		}
		return s.tellNote(ctx, tx, author(a), r, n, nil)
	})
}

// lockNote reads a note and locks its contact, the contact first as every change does.
func lockNote(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*Note, *Record, error) {
	n := new(Note)
	find := func(q *bun.SelectQuery) error {
		return db.Missing(q.Where("site_id = ? AND id = ?", siteID, id).Scan(ctx), "note", "read note")
	}
	if err := find(tx.NewSelect().Model(n)); err != nil {
		return nil, nil, err
	}
	r, err := lock(ctx, tx, siteID, n.ContactID)
	if err != nil {
		return nil, nil, err
	}
	return n, r, find(tx.NewSelect().Model(n).For("UPDATE"))
}

func (c NoteChange) apply(n *Note) error {
	v := checker{}
	v.text(&n.Text, c.Text, 10000, "text")
	assign(&n.PersonalData, c.PersonalData)
	if n.Text == "" && len(v.list) == 0 {
		v.add(fault.Required, []string{"text"}, "a note needs a text")
	}
	return v.list.Err()
}

// tellNote makes a note's change one of its contact's. The note is kept whole in the entry: what was
// said of somebody must be findable after it was deleted.
func (s *Service) tellNote(ctx context.Context, tx bun.IDB, by Author, r *Record, before, after *Note) error {
	told := func(n *Note) any {
		if n == nil {
			return nil
		}
		return map[string]any{"text": n.Text, "personalData": n.PersonalData}
	}
	of := after
	if of == nil {
		of = before
	}
	was := *r
	r.UpdatedAt = s.now()
	if _, err := tx.NewUpdate().Model(r).Column("updated_at").WherePK().Exec(ctx); err != nil {
		return db.MapError(err, "update contact")
	}
	return writeHistory(ctx, tx, by, updated, &was, r, Changes{"notes." + of.ID.String(): {Before: told(before), After: told(after)}}, nil)
}

// NotePage is a page of notes, newest first.
type NotePage struct {
	Notes []*Note
	More  bool
}

// Notes gives a contact's notes, newest first, after a note's id; none to who does not read notes. Needs a viewer.
func (s *Service) Notes(ctx context.Context, contactID uuid.UUID, first int, after string) (NotePage, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return NotePage{}, err
	}
	if first < 1 || first > MaxPage {
		return NotePage{}, fault.New(fault.BadInput, "ask for 1 to %d notes", MaxPage)
	}
	rows := []*Note{}
	if !a.Sees(site.SensitiveNotes) {
		return NotePage{Notes: rows}, nil
	}
	q := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND contact_id = ?", a.SiteID, contactID).Order("id DESC").Limit(int64(first) + 1)
	if after != "" {
		last, err := uuid.Parse(after)
		if err != nil {
			return NotePage{}, fault.New(fault.BadInput, "this cursor is not one of ours")
		}
		q = q.Where("id < ?", last)
	}
	if err := q.Scan(ctx); err != nil {
		return NotePage{}, db.MapError(err, "read notes")
	}
	return NotePage{Notes: rows[:min(len(rows), first)], More: len(rows) > first}, nil
}
