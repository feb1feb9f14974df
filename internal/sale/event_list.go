package sale

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// EventTime says which events by their time.
type EventTime string

// The choices. What is coming is listed by its beginning, all others the latest first.
const (
	Coming  EventTime = "coming" // not over yet
	Past    EventTime = "past"
	AnyTime EventTime = "any"
)

// EventQuery says which events; empty entries say nothing.
type EventQuery struct {
	Search string // words in name or place, whatever their case and accents
	Time   EventTime
	States []EventState
	First  int
	After  string
}

// Events gives a page of events. Needs a viewer. Keyset paging.
func (s *Service) Events(ctx context.Context, in EventQuery) (Page[Event], error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return Page[Event]{}, err
	}
	q := s.db.Bun.NewSelect().Model((*Event)(nil)).Where("event.site_id = ?", a.SiteID)
	down := true
	switch now := s.now(); in.Time {
	case Coming:
		q, down = q.Where("event.ends_at >= ?", now), false
	case Past:
		q = q.Where("event.ends_at < ?", now)
	case AnyTime, "":
	default:
		return Page[Event]{}, fault.New(fault.BadInput, "there is no such time of events")
	}
	if len(in.States) > 0 {
		q = q.Where("event.state IN (?)", bun.List(in.States))
	}
	if q, err = db.Searched(q, in.Search, "event.name || ' ' || event.place"); err != nil {
		return Page[Event]{}, err
	}
	return s.eventPage(ctx, q, down, in.First, in.After)
}

// PublicEvents gives a page of the published events that are not over at a time, by their beginning; for visitors too.
func (s *Service) PublicEvents(ctx context.Context, from *time.Time, first int, after string) (Page[Event], error) {
	a, err := site.RequireBook(ctx, site.AccessSite)
	if err != nil {
		return Page[Event]{}, err
	}
	at := s.now()
	put(&at, from)
	q := s.db.Bun.NewSelect().Model((*Event)(nil)).Where("event.site_id = ? AND event.state = ? AND event.ends_at >= ?", a.SiteID, EventPublished, at)
	return s.eventPage(ctx, q, false, first, after)
}

// Cursor gives the place of an event in its lists.
func (e *Event) Cursor() string { return timeCursor(e.StartsAt, e.ID) }

// eventPage reads a page by the beginning.
func (s *Service) eventPage(ctx context.Context, q *bun.SelectQuery, down bool, first int, after string) (Page[Event], error) {
	rows, err := byBeginning[Event](ctx, q, "event", down, first, after)
	return page(rows, first), err
}

// byBeginning reads a page, and one row more, of a table whose rows begin at a time.
func byBeginning[T any](ctx context.Context, q *bun.SelectQuery, alias string, down bool, first int, after string) ([]*T, error) {
	if err := checkPage(first); err != nil {
		return nil, err
	}
	way, than := "ASC", ">"
	if down {
		way, than = "DESC", "<"
	}
	if after != "" {
		at, id, err := timePlace(after)
		if err != nil {
			return nil, err
		}
		q = q.Where("(?0.starts_at, ?0.id) "+than+" (?1, ?2)", bun.Name(alias), at, id)
	}
	rows := []*T{}
	err := q.OrderExpr("?0.starts_at "+way+", ?0.id "+way, bun.Name(alias)).Limit(int64(first)+1).Scan(ctx, &rows)
	return rows, db.MapError(err, "read by beginning")
}
