package contact

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Action is what a history entry tells.
type Action string

// The actions.
const (
	created  Action = "created"
	updated  Action = "updated"
	deleted  Action = "deleted"
	restored Action = "restored"
	reverted Action = "reverted" // a change was taken back; Reverts names its entry
	merged   Action = "merged"   // another record became part of this one
	unmerged Action = "unmerged" // and was parted from it again

	// accountAction begins the actions that tell what became of the contact's account: account_<account.EventKind>.
	accountAction = "account_"
)

// Author is who makes a change, and from which surface.
type Author struct {
	Kind    site.Kind
	ID      uuid.UUID
	Name    string
	Surface string
	Import  *uuid.UUID // the import that does it

	OnBehalf bool // a member of staff in the customer's account (S-15)
}

// author gives whose a change is: a customer's in a support session is that of the member of staff.
func author(a site.Actor) Author {
	if a.Support != nil {
		return Author{Kind: site.KindStaff, ID: a.Support.ID, Name: a.Support.Name, Surface: a.Surface(), OnBehalf: true}
	}
	return Author{Kind: a.Kind, ID: a.ID, Name: a.Name, Surface: a.Surface()}
}

// Delta is an attribute before and after.
type Delta struct {
	Before any `json:"before"`
	After  any `json:"after"`
}

// Changes are deltas by attribute; answers are named answers.<field id>, notes notes.<note id>.
type Changes map[string]Delta

// Entry is one change to a contact.
type Entry struct {
	bun.BaseModel `bun:"table:contact_history"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	ContactID uuid.UUID
	At        time.Time `bun:",nullzero"`
	ActorKind site.Kind
	ActorID   *uuid.UUID
	ActorName string
	Surface   string
	Action    Action
	Changes   Changes    `bun:"type:jsonb"`
	Reverts   *uuid.UUID // the entry whose change this one took back
	MergeID   *uuid.UUID // of a merge and of its undoing
	ImportID  *uuid.UUID // of an import
	AccountID *uuid.UUID // of a change of the account
	OnBehalf  bool       // the actor is a member of staff who was in the customer's account
}

func newEntry(by Author, r *Record, action Action, changes Changes) *Entry {
	e := &Entry{
		SiteID: r.SiteID, ID: uuid.Must(uuid.NewV7()), ContactID: r.ID, ActorKind: by.Kind, ActorName: by.Name,
		Surface: by.Surface, Action: action, Changes: changes, ImportID: by.Import, OnBehalf: by.OnBehalf,
	}
	if by.ID != uuid.Nil {
		e.ActorID = &by.ID
	}
	return e
}

// writeHistory tells what differs between two states of a record, and more: what is kept beside it.
// tell, when given, may change the entry.
func writeHistory(ctx context.Context, tx bun.IDB, by Author, action Action, before, after *Record, more Changes, tell func(*Entry)) error {
	entry, err := entryOf(ctx, tx, by, action, before, after, more, tell)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(entry).Exec(ctx)
	return db.MapError(err, "insert history")
}

// writeHistory is writeHistory where it is hot.
func (s *Service) writeHistory(ctx context.Context, tx bun.IDB, by Author, action Action, before, after *Record, more Changes, tell func(*Entry)) error {
	entry, err := entryOf(ctx, tx, by, action, before, after, more, tell)
	if err != nil {
		return err
	}
	return db.MapError(s.db.ExecKept(ctx, tx, tx.NewInsert().Model(entry).Returning("NULL")), "insert history")
}

func entryOf(ctx context.Context, tx bun.IDB, by Author, action Action, before, after *Record, more Changes, tell func(*Entry)) (*Entry, error) {
	if before == nil {
		before = &Record{}
	}
	changes := diff(before, after)
	maps.Copy(changes, more)
	if err := nameOptions(ctx, tx, after.SiteID, changes); err != nil {
		return nil, err
	}
	entry := newEntry(by, after, action, changes)
	db.About(ctx, after.ID)
	if tell != nil {
		tell(entry)
	}
	return entry, nil
}

// sameJSON compares answers as values: the database writes lists, and & and < in texts, otherwise than encoding/json.
func sameJSON(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func rawOrNil(v json.RawMessage) any {
	if v == nil {
		return nil
	}
	return v
}

// HistoryPage is a page of history, newest first.
type HistoryPage struct {
	Entries []*Entry
	More    bool
}

// Gather says whose changes an organization's history also gives.
type Gather struct {
	People       bool // of the persons linked to it now (S-21)
	Subsidiaries bool // of its subsidiaries, and with People of their persons (G-29)
}

// History gives a contact's changes, newest first, after an entry's id. Needs a viewer.
func (s *Service) History(ctx context.Context, id uuid.UUID, with Gather, first int, after string) (HistoryPage, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return HistoryPage{}, err
	}
	if first < 1 || first > MaxPage {
		return HistoryPage{}, fault.Invalid(fault.InvalidValue, []string{"first"}, "ask for 1 to %d entries", MaxPage)
	}
	var rows []*Entry
	q := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", a.SiteID).Order("id DESC").Limit(int64(first) + 1)
	whose := Condition{SQL: family, Args: []any{a.SiteID, id}}
	if with != (Gather{}) {
		of, err := site.Of(ctx, s.db.Bun, a)
		if err != nil {
			return HistoryPage{}, err
		}
		whose = gathered(of, id, with)
	}
	q = whose.Where(q)
	if after != "" {
		last, err := uuid.Parse(after)
		if err != nil {
			return HistoryPage{}, fault.New(fault.BadInput, "this cursor is not one of ours")
		}
		q = q.Where("id < ?", last)
	}
	if err := q.Scan(ctx); err != nil {
		return HistoryPage{}, db.MapError(err, "read history")
	}
	more := len(rows) > first
	for _, e := range rows {
		e.Changes.hide(a)
	}
	return HistoryPage{Entries: rows[:min(len(rows), first)], More: more}, nil
}
