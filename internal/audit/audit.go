// Package audit is the log of what staff and programs do: who, what, when, about whom (issue 7). It only grows: the database refuses changes, and lets go only of
// what retention names. Entries hold ids and words, never values, so that they need not be searched when somebody is erased.
//
// An entry is written by the transaction of what it tells (Logged), so that neither is there without the other. What was refused, or does not write in a transaction of
// db.Tx, is told right after (Note).
package audit

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// The actions that are no mutations.
const (
	SignIn       = "signIn"
	SignInFailed = "signInFailed"
	SignOut      = "signOut"
	Download     = "download" // of a file that was asked for before
)

// Entry is one deed.
type Entry struct {
	bun.BaseModel `bun:"table:audit_entry,alias:audit_entry"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	At        time.Time
	ActorKind site.Kind
	ActorID   *uuid.UUID
	ActorName string
	Action    string
	Done      bool
	Targets   []uuid.UUID `bun:"type:uuid[],array"`
}

// Service keeps the log.
type Service struct {
	db  *db.DB
	now func() time.Time
}

// New makes the service.
func New(d *db.DB) *Service { return &Service{db: d, now: time.Now} }

// Audited tells whether what an actor does is logged: staff, also in a customer's account, and programs. What end users do with their own data stands in their history.
func Audited(a site.Actor) bool {
	return a.Kind == site.KindStaff || a.Kind == site.KindAPIKey || a.Support != nil
}

func (s *Service) entry(a site.Actor, action string, done bool, targets []uuid.UUID) *Entry {
	e := &Entry{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), At: s.now(), ActorKind: a.Kind, ActorName: a.Name, Action: action, Done: done, Targets: targets}
	who := a.ID
	if a.Support != nil {
		e.ActorKind, who, e.ActorName = site.KindStaff, a.Support.ID, a.Support.Name
	}
	if who != uuid.Nil {
		e.ActorID = &who
	}
	if e.Targets == nil {
		e.Targets = []uuid.UUID{}
	}
	return e
}

// Beside gives what logs a deed in the transaction that does it.
func (s *Service) Beside(a site.Actor, action string, targets []uuid.UUID) *db.Beside {
	return &db.Beside{Write: func(ctx context.Context, tx bun.Tx, about []uuid.UUID) error {
		e := s.entry(a, action, true, merged(targets, about))
		return db.MapError(s.db.ExecKept(ctx, tx, tx.NewInsert().Model(e).Returning("NULL")), "insert audit entry")
	}}
}

func merged(a, b []uuid.UUID) []uuid.UUID {
	out := append(make([]uuid.UUID, 0, len(a)+len(b)), a...)
	for _, id := range b {
		known := false
		for _, have := range a {
			known = known || have == id
		}
		if !known {
			out = append(out, id)
		}
	}
	return out[:min(len(out), 100)]
}

// Note logs a deed, or that one was refused, outside a transaction. The caller's context may have ended.
func (s *Service) Note(ctx context.Context, a site.Actor, action string, done bool, targets ...uuid.UUID) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, err := s.db.Bun.NewInsert().Model(s.entry(a, action, done, targets)).Exec(ctx)
	return db.MapError(err, "insert audit entry")
}

// Filter narrows the log; the zero value is all of it.
type Filter struct {
	Actor  *uuid.UUID // who
	Action string     // what
	Target *uuid.UUID // about whom
	Done   *bool
	From   *time.Time // when: not before
	Until  *time.Time // and before
}

// Page is a page of the log, newest first.
type Page struct {
	Rows []*Entry
	More bool
}

// List gives the log, newest first, after an entry's id, at most first (1 to 200). Needs a manager.
func (s *Service) List(ctx context.Context, f Filter, first int, after string) (Page, error) {
	a, err := site.Require(ctx, site.AccessManager)
	if err != nil {
		return Page{}, err
	}
	if first < 1 || first > 200 {
		return Page{}, fault.New(fault.BadInput, "a page holds 1 to 200 entries")
	}
	last := uuid.Max
	if after != "" {
		if last, err = uuid.Parse(after); err != nil {
			return Page{}, fault.New(fault.BadInput, "this cursor is not one of ours")
		}
	}
	rows, err := s.read(ctx, s.db.Bun, a.SiteID, f, last, first+1)
	return Page{rows[:min(len(rows), first)], len(rows) > first}, err
}

// Walk gives all of the log that a filter lets through to a function, newest first, a few hundred entries in memory. Needs a manager.
func (s *Service) Walk(ctx context.Context, f Filter, give func(*Entry) error) error {
	a, err := site.Require(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	const chunk = 500
	for last := uuid.Max; ; {
		rows, err := s.read(ctx, s.db.Bun, a.SiteID, f, last, chunk)
		if err != nil {
			return err
		}
		for _, e := range rows {
			if err := give(e); err != nil {
				return err
			}
			last = e.ID
		}
		if len(rows) < chunk {
			return nil
		}
	}
}

func (s *Service) read(ctx context.Context, q bun.IDB, siteID uuid.UUID, f Filter, before uuid.UUID, most int) ([]*Entry, error) {
	rows := []*Entry{}
	sel := q.NewSelect().Model(&rows).Where("site_id = ? AND id < ?", siteID, before).Order("id DESC").Limit(int64(most))
	if f.Actor != nil {
		sel = sel.Where("actor_id = ?", *f.Actor)
	}
	if f.Action != "" {
		sel = sel.Where("action = ?", f.Action)
	}
	if f.Target != nil {
		sel = sel.Where("targets @> ARRAY[?]::uuid[]", *f.Target)
	}
	if f.Done != nil {
		sel = sel.Where("done = ?", *f.Done)
	}
	if f.From != nil { // ids are in the order of time, but for what several processes write in one moment
		sel = sel.Where("at >= ? AND id >= ?", *f.From, idAt(f.From.Add(-time.Minute)))
	}
	if f.Until != nil {
		sel = sel.Where("at < ? AND id < ?", *f.Until, idAt(f.Until.Add(time.Minute)))
	}
	return rows, db.MapError(sel.Scan(ctx), "read audit log")
}

// idAt gives the first id of version 7 of a moment (RFC 9562 section 5.7).
func idAt(at time.Time) (id uuid.UUID) {
	ms := at.UnixMilli()
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	return id
}
