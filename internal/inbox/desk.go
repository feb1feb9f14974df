package inbox

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// The staff's side. All of it needs an operator.

// Filter chooses among the threads of the staff's inbox.
type Filter struct {
	Closed bool
	Mine   bool // assigned to who asks
}

// List gives the staff's inbox.
func (s *Service) List(ctx context.Context, f Filter, first int, after string) (out ThreadPage, err error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return out, err
	}
	out.Threads = []*Thread{}
	q := s.db.Bun.NewSelect().Model((*Thread)(nil)).Where("site_id = ? AND talk AND closed = ?", a.SiteID, f.Closed)
	if f.Mine {
		q = q.Where("assigned_to = ?", a.ID)
	}
	out.More, err = page(ctx, q, &out.Threads, first, after)
	return out, err
}

// Unread counts the threads that hold something that no staff has read.
func (s *Service) Unread(ctx context.Context) (int, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return 0, err
	}
	n, err := s.db.Bun.NewSelect().Model((*Thread)(nil)).Where("site_id = ? AND talk AND staff_unread > 0", a.SiteID).Count(ctx)
	return int(n), db.MapError(err, "count unread threads")
}

// ByID gives one thread, also one that only a campaign began.
func (s *Service) ByID(ctx context.Context, id uuid.UUID) (*Thread, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	t := new(Thread)
	err = s.db.Bun.NewSelect().Model(t).Where("site_id = ? AND id = ?", a.SiteID, id).Scan(ctx)
	return t, db.Missing(err, "thread", "read thread")
}

// Of gives, for many contacts at once, the last threads of each, the newest first; those of what a contact was merged from have moved along.
func (s *Service) Of(ctx context.Context, contacts []uuid.UUID, first int) (map[uuid.UUID][]*Thread, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	if first < 1 || first > contact.MaxPage {
		return nil, fault.New(fault.BadInput, "ask for 1 to %d threads", contact.MaxPage)
	}
	var rows []*Thread
	err = s.db.Bun.NewRaw(`SELECT t.* FROM unnest(?1::uuid[]) AS k (id), LATERAL (
			SELECT * FROM inbox_thread t WHERE t.site_id = ?0 AND t.contact_id = k.id ORDER BY last_at DESC, id DESC LIMIT ?2) AS t`, a.SiteID, pgdialect.Array(contacts), first).Scan(ctx, &rows)
	out := map[uuid.UUID][]*Thread{}
	for _, t := range rows {
		out[t.ContactID] = append(out[t.ContactID], t)
	}
	return out, db.MapError(err, "read threads of contacts")
}

// Messages gives the messages of a thread, the newest first.
func (s *Service) Messages(ctx context.Context, t *Thread, first int, after string) (MessagePage, error) {
	if _, err := s.ByID(ctx, t.ID); err != nil {
		return MessagePage{}, err
	}
	return messages(ctx, s.db.Bun, t, first, after)
}

// Last gives the last message of each of many threads.
func (s *Service) Last(ctx context.Context, threads []uuid.UUID) (map[uuid.UUID]*Message, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	return lastOf(ctx, s.db.Bun, a.SiteID, threads)
}

// change locks a thread and does something to it.
func (s *Service) change(ctx context.Context, id uuid.UUID, do func(ctx context.Context, tx bun.Tx, a site.Actor, t *Thread) error) (t *Thread, err error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if t, err = lock(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		return do(ctx, tx, a, t)
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Answer writes a message of who calls into a thread. Mendable: REQUIRED, TOO_LONG.
func (s *Service) Answer(ctx context.Context, id uuid.UUID, body string) (*Thread, error) {
	body, err := clean(body)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, id, func(ctx context.Context, tx bun.Tx, a site.Actor, t *Thread) error {
		m := &Message{Author: Staff, AuthorName: a.Name, Body: body, At: s.Now()}
		if a.ID != uuid.Nil {
			m.AuthorID = &a.ID
		}
		t.Talk = true
		return add(ctx, tx, t, m)
	})
}

// Read marks a thread as read by the staff.
func (s *Service) Read(ctx context.Context, id uuid.UUID) (*Thread, error) {
	return s.change(ctx, id, func(ctx context.Context, tx bun.Tx, _ site.Actor, t *Thread) error {
		if t.StaffUnread == 0 {
			return nil
		}
		t.StaffUnread = 0
		_, err := tx.NewUpdate().Model(t).Column("staff_unread").WherePK().Exec(ctx)
		return db.MapError(err, "read thread")
	})
}

// Change is what is to become of a thread; nil = unchanged.
type Change struct {
	Closed     *bool
	Assign     bool // whether AssignedTo is meant
	AssignedTo *uuid.UUID
}

// Update closes, reopens or assigns a thread. Mendable: UNKNOWN for somebody who is not of the staff, or not any more.
func (s *Service) Update(ctx context.Context, id uuid.UUID, c Change) (*Thread, error) {
	return s.change(ctx, id, func(ctx context.Context, tx bun.Tx, a site.Actor, t *Thread) error {
		if c.Closed != nil {
			t.Closed = *c.Closed
		}
		if c.Assign {
			if c.AssignedTo != nil {
				known, err := tx.NewSelect().Model((*site.Staff)(nil)).Where("site_id = ? AND id = ? AND disabled_at IS NULL", a.SiteID, *c.AssignedTo).Exists(ctx)
				if err != nil {
					return db.MapError(err, "read staff")
				}
				if !known {
					return fault.Invalid(fault.Unknown, []string{"assignedToId"}, "nobody of the staff has this id, or they may not sign in any more")
				}
			}
			t.AssignedTo = c.AssignedTo
		}
		_, err := tx.NewUpdate().Model(t).Column("closed", "assigned_to").WherePK().Exec(ctx)
		return db.MapError(err, "update thread")
	})
}

// Colleague is somebody that a thread can be assigned to.
type Colleague struct {
	ID   uuid.UUID
	Name string
}

// Colleagues gives whom threads can be assigned to.
func (s *Service) Colleagues(ctx context.Context) ([]*Colleague, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	out := []*Colleague{}
	err = s.db.Bun.NewRaw("SELECT id, name FROM staff WHERE site_id = ? AND disabled_at IS NULL AND role IN ('owner', 'manager', 'operator') ORDER BY name, id", a.SiteID).Scan(ctx, &out)
	return out, db.MapError(err, "read staff")
}

// Names gives members of staff by their ids, also who may not sign in any more.
func (s *Service) Names(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*Colleague, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	var rows []*Colleague
	err = s.db.Bun.NewRaw("SELECT id, name FROM staff WHERE site_id = ? AND id IN (?)", a.SiteID, bun.List(ids)).Scan(ctx, &rows)
	out := make(map[uuid.UUID]*Colleague, len(rows))
	for _, c := range rows {
		out[c.ID] = c
	}
	return out, db.MapError(err, "read staff")
}
