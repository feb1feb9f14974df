package sale

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Organizers submit events from "my account", and view, edit and cancel their own as far as the site grants each of the three
// (T-07 to T-11). They are always signed in, whatever the site's settings (T-23); somebody else's event does not exist for them.
//
// An edit leaves the state as it is: what is published stays so, and its texts may be mended; but what was refused is handed in again. What people have bought a ticket by,
// the times and the number of places, is the organizer's to change only until the event is published. In a support session none of
// it may be done: staff have the events of the admin for that, under their own name.

// MaxSubmitted is how many events of one organizer wait for the staff at most.
const MaxSubmitted = 20

// Reasons of organizers.
const (
	ReasonNotGranted = "NOT_GRANTED" // the site does not let organizers do this (T-08, T-09)
	ReasonPublished  = "PUBLISHED"   // only staff change this of a published event
	ReasonOver       = "OVER"        // the event was cancelled or is over
	ReasonWaiting    = "TOO_MANY"    // as many as may wait for the staff
	maxPlaces        = 1_000_000     // of an event
	maxAhead         = 10            // years
	maxLength        = 24 * 366 * time.Hour
)

// MyEventChange is what an organizer says of an event; nil stays.
type MyEventChange struct {
	Name, Description, Place, URL *string
	StartsAt, EndsAt              *time.Time
	Capacity                      **int // nil within: no limit
}

// MyEvents gives the events of the organizer who calls, what lies furthest ahead first (T-07). Without the grant there are none.
func (s *Service) MyEvents(ctx context.Context, in Asked) (History[Event], error) {
	if _, of, err := s.own(ctx); err != nil || !of.OrganizersView {
		return History[Event]{}, err
	}
	return mine(ctx, s, organized, in, func(e *Event) uuid.UUID { return e.ID }, func(of site.Site, _, ids any) (rows []*Event, err error) {
		err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", of.ID, ids).Scan(ctx)
		return rows, err
	})
}

var organized = source{{"SELECT h.id, h.starts_at AS at FROM event AS h WHERE h.site_id = ? AND %s", "h.organizer_id"}}

// SubmitEvent hands an event to the staff, who publish it. Needs an account's owner (T-23). The same event again, while it waits, is
// the one that waits. Mendable: what is malformed, TOO_MANY, SUPPORT_SESSION.
func (s *Service) SubmitEvent(ctx context.Context, c MyEventChange) (*Event, error) {
	a, err := account.RequireOwner(ctx)
	if err != nil {
		return nil, err
	}
	e := &Event{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), State: EventSubmitted, OrganizerID: &a.ContactID}
	if err := s.apply(e, c, true); err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.holdOrganizer(ctx, tx, a); err != nil {
			return err
		}
		waiting, err := waitingOf(ctx, tx, a)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			if w.Name == e.Name && w.StartsAt.Equal(e.StartsAt) {
				e = w
				return nil
			}
		}
		if err := roomFor(waiting); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(e).Returning("created_at, updated_at").Exec(ctx); err != nil {
			return db.MapError(err, "insert event")
		}
		return s.enterEvent(ctx, tx, e, ActionSubmitted)
	})
	return e, err
}

// waitingOf gives the events of an organizer that wait for the staff.
func waitingOf(ctx context.Context, tx bun.IDB, a site.Actor) (waiting []*Event, err error) {
	err = tx.NewSelect().Model(&waiting).Where("site_id = ? AND organizer_id = ? AND state = ?", a.SiteID, a.ContactID, EventSubmitted).Scan(ctx)
	return waiting, db.MapError(err, "read submitted events")
}

func roomFor(waiting []*Event) error {
	if len(waiting) < MaxSubmitted {
		return nil
	}
	return fault.Invalid(ReasonWaiting, nil, "%d of your events wait to be looked at; submit more when some of them are published", len(waiting))
}

// holdOrganizer locks the contact of who calls, so that what they do at once happens one after the other.
func (s *Service) holdOrganizer(ctx context.Context, tx bun.Tx, a site.Actor) error {
	of, err := site.Of(ctx, tx, a)
	if err != nil {
		return err
	}
	held, err := s.book.HoldForSale(ctx, tx, of, []uuid.UUID{a.ContactID})
	if err == nil && len(held) == 0 {
		err = fault.Invalid(ReasonInvalidBuyer, nil, "your record in the site's book is no longer valid; ask the site")
	}
	return err
}

// UpdateMyEvent changes an event of the organizer who calls, if the site grants that (T-08). NotFound for any other. Mendable:
// NOT_GRANTED, PUBLISHED for times and places of an event that is, OVER, what is malformed, TOO_MANY for one that was refused, SUPPORT_SESSION.
func (s *Service) UpdateMyEvent(ctx context.Context, id uuid.UUID, c MyEventChange) (*Event, error) {
	return s.organize(ctx, id, func(of site.Site) bool { return of.OrganizersEdit }, func(e *Event) error {
		if e.State == EventCancelled {
			return fault.Invalid(ReasonOver, nil, "this event was cancelled")
		}
		was := *e
		if err := s.apply(e, c, e.State == EventRefused); err != nil {
			return err
		}
		if e.State == EventRefused { // mended, it is handed in again
			e.State, e.Refusal = EventSubmitted, ""
		}
		if e.State != EventPublished {
			return nil
		}
		v := checker{}
		fixed := func(changed bool, path string) {
			if changed {
				v.add(ReasonPublished, []string{path}, "the event is published; ask the site to change this")
			}
		}
		fixed(!e.StartsAt.Equal(was.StartsAt), "startsAt")
		fixed(!e.EndsAt.Equal(was.EndsAt), "endsAt")
		fixed(c.Capacity != nil && (e.Capacity == nil) != (was.Capacity == nil) || e.Capacity != nil && was.Capacity != nil && *e.Capacity != *was.Capacity, "capacity")
		return v.list.Err()
	})
}

// CancelMyEvent cancels an event of the organizer who calls, if the site grants that (T-09); nothing more is sold for it, and its
// tickets open no door. What was paid is the staff's to give back. Cancelled again it stays so. NotFound for any other. Mendable:
// NOT_GRANTED, OVER, SUPPORT_SESSION.
func (s *Service) CancelMyEvent(ctx context.Context, id uuid.UUID) (*Event, error) {
	return s.organize(ctx, id, func(of site.Site) bool { return of.OrganizersCancel }, func(e *Event) error {
		now := s.now()
		switch {
		case e.State == EventCancelled:
			return nil
		case !now.Before(e.EndsAt):
			return fault.Invalid(ReasonOver, nil, "this event is over")
		}
		e.State, e.Refusal, e.CancelledAt = EventCancelled, "", &now
		return nil
	})
}

// organize changes an event of the organizer who calls. Whose it is comes before what is granted, so that nobody learns of another's.
func (s *Service) organize(ctx context.Context, id uuid.UUID, granted func(site.Site) bool, change func(*Event) error) (*Event, error) {
	a, err := account.RequireOwner(ctx)
	if err != nil {
		return nil, err
	}
	e := new(Event)
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		of, err := site.Of(ctx, tx, a)
		if err != nil {
			return err
		}
		err = tx.NewSelect().Model(e).Where("site_id = ? AND id = ? AND organizer_id = ?", a.SiteID, id, a.ContactID).For("UPDATE").Scan(ctx)
		if err != nil {
			return db.Missing(err, "event", "read event")
		}
		if !granted(of) {
			return &fault.Error{Code: fault.Forbidden, Reason: ReasonNotGranted, Message: "this site does not let organizers do this; ask its staff"}
		}
		before := e.State
		if err := change(e); err != nil {
			return err
		}
		e.UpdatedAt = s.now()
		_, err = tx.NewUpdate().Model(e).Column("name", "description", "place", "url", "starts_at", "ends_at", "capacity", "state", "refusal", "cancelled_at", "updated_at").WherePK().Exec(ctx)
		if err != nil {
			return db.MapError(err, "update event")
		}
		if e.State == before {
			return nil
		}
		return s.organizerMoved(ctx, tx, a, before, e)
	})
	return e, err
}

// organizerMoved tells of an event that its organizer brought to another state. As many as may wait for the staff wait already: TOO_MANY.
func (s *Service) organizerMoved(ctx context.Context, tx bun.IDB, a site.Actor, before EventState, e *Event) error {
	action := ActionCancelled
	if e.State == EventSubmitted {
		waiting, err := waitingOf(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := roomFor(waiting[:len(waiting)-1]); err != nil { // this one is among them
			return err
		}
		action = ActionSubmitted
	}
	if err := s.enterEvent(ctx, tx, e, action); err != nil {
		return err
	}
	return s.tellEvent(ctx, tx, before, e)
}

// apply takes over what an organizer says and checks what changed, every mistake at once.
func (s *Service) apply(e *Event, c MyEventChange, fresh bool) error {
	v := checker{}
	text := func(to *string, from *string, most int, path string) {
		if from != nil {
			*to = strings.TrimSpace(*from)
			v.text(*to, most, path)
		}
	}
	text(&e.Name, c.Name, 200, "name")
	text(&e.Description, c.Description, 10_000, "description")
	text(&e.Place, c.Place, 200, "place")
	text(&e.URL, c.URL, 2000, "url")
	if e.Name == "" {
		v.add(fault.Required, []string{"name"}, "an event has a name")
	}
	if u, err := url.Parse(e.URL); e.URL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil) {
		v.add(fault.InvalidURL, []string{"url"}, "give the address of a page, beginning with https://")
	}
	if c.Capacity != nil {
		if e.Capacity = *c.Capacity; e.Capacity != nil && (*e.Capacity < max(1, e.Taken) || *e.Capacity > maxPlaces) {
			v.add(fault.InvalidNumber, []string{"capacity"}, "the places are a number from 1 to %d, and not fewer than are sold", maxPlaces)
		}
	}
	v.times(e, c, s.now(), fresh)
	return v.list.Err()
}

// times takes over when an event is: in the time to come, and not the other way round.
func (v *checker) times(e *Event, c MyEventChange, now time.Time, fresh bool) {
	moved := fresh || c.StartsAt != nil && !c.StartsAt.Equal(e.StartsAt) || c.EndsAt != nil && !c.EndsAt.Equal(e.EndsAt)
	if c.StartsAt != nil {
		e.StartsAt = c.StartsAt.Truncate(time.Second)
	}
	if c.EndsAt != nil {
		e.EndsAt = c.EndsAt.Truncate(time.Second)
	}
	if !moved {
		return
	}
	switch {
	case e.StartsAt.Before(now) || e.StartsAt.After(now.AddDate(maxAhead, 0, 0)):
		v.add(fault.InvalidDate, []string{"startsAt"}, "an event begins between now and in %d years", maxAhead)
	case !e.EndsAt.After(e.StartsAt) || e.EndsAt.Sub(e.StartsAt) > maxLength:
		v.add(fault.InvalidDate, []string{"endsAt"}, "an event ends after it begins, within a year")
	}
}
