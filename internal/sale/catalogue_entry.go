package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/site"
)

// CatalogueEntry says what became of an event or a product, when and by whom. It outlives what it is about.
type CatalogueEntry struct {
	bun.BaseModel `bun:"table:catalogue_entry,alias:entry"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	SubjectID uuid.UUID
	Subject   CatalogueSubject
	Name      string // what it was called then
	Action    CatalogueAction
	Reason    string
	ActorKind site.Kind
	ActorName string // of staff and keys; organizers are named by their event alone
	At        time.Time
}

// CatalogueSubject is what an entry is about.
type CatalogueSubject string

// The subjects.
const (
	SubjectEvent   CatalogueSubject = "event"
	SubjectProduct CatalogueSubject = "product"
)

// CatalogueAction is what was done.
type CatalogueAction string

// The actions.
const (
	ActionSubmitted   CatalogueAction = "submitted"
	ActionPublished   CatalogueAction = "published"
	ActionUnpublished CatalogueAction = "unpublished"
	ActionRefused     CatalogueAction = "refused"
	ActionCancelled   CatalogueAction = "cancelled"
	ActionArchived    CatalogueAction = "archived"
	ActionRestored    CatalogueAction = "restored"
	ActionDeleted     CatalogueAction = "deleted"
)

// Cursor gives the place of an entry in its list.
func (e *CatalogueEntry) Cursor() string { return cursor("", e.ID) }

// CatalogueHistory gives what became of events and products, the newest first; of one of them alone when it is named, also after it was deleted. Needs
// a viewer. Keyset paging.
func (s *Service) CatalogueHistory(ctx context.Context, of *uuid.UUID, first int, after string) (Page[CatalogueEntry], error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return Page[CatalogueEntry]{}, err
	}
	if err := checkPage(first); err != nil {
		return Page[CatalogueEntry]{}, err
	}
	rows := []*CatalogueEntry{}
	q := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", a.SiteID).Order("id DESC").Limit(int64(first) + 1)
	if of != nil {
		q = q.Where("subject_id = ?", *of)
	}
	if after != "" {
		_, id, err := place(after)
		if err != nil {
			return Page[CatalogueEntry]{}, err
		}
		q = q.Where("id < ?", id)
	}
	err = q.Scan(ctx)
	return page(rows, first), db.MapError(err, "read history of the catalogue")
}

// enter writes an entry in the transaction that does what it tells.
func (s *Service) enter(ctx context.Context, tx bun.IDB, e CatalogueEntry) error {
	a := site.ActorOf(ctx)
	e.SiteID, e.ID, e.ActorKind, e.At = a.SiteID, uuid.Must(uuid.NewV7()), a.Kind, s.now()
	if a.Kind != site.KindAccount {
		e.ActorName = a.Name
	}
	_, err := tx.NewInsert().Model(&e).Exec(ctx)
	return db.MapError(err, "insert history of the catalogue")
}

// enterEvent tells of an event.
func (s *Service) enterEvent(ctx context.Context, tx bun.IDB, e *Event, action CatalogueAction) error {
	return s.enter(ctx, tx, CatalogueEntry{Subject: SubjectEvent, SubjectID: e.ID, Name: e.Name, Action: action, Reason: e.Refusal})
}
