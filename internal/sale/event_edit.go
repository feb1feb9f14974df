package sale

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Reasons of refusals, beside those of sale.go.
const (
	ReasonEventCancelled = "EVENT_CANCELLED" // what was cancelled stays so
	ReasonBelowSold      = "BELOW_SOLD"      // a limit below what is sold already
	ReasonNotPublished   = "NOT_PUBLISHED"   // there is nothing to take off the calendar
	ReasonNotSubmitted   = "NOT_SUBMITTED"   // no organizer waits for an answer
	ReasonSold           = "SOLD"            // somebody has bought it, and keeps what they bought
)

// EventChange is what is to be written to an event; nil = unchanged, nil within = none.
type EventChange struct {
	Name, Description, Place, URL, Reference *string
	StartsAt, EndsAt                         *time.Time
	Capacity                                 **int
	OrganizerID                              **uuid.UUID
}

// CreateEvent adds an event, a draft. Needs a manager. Mendable: what is malformed, UNKNOWN organizer, TAKEN reference.
func (s *Service) CreateEvent(ctx context.Context, c EventChange) (*Event, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	e := &Event{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), State: EventDraft}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.applyEvent(ctx, tx, e, c); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(e).Returning("created_at, updated_at").Exec(ctx)
		return refusedEvent(err, e)
	})
	return e, err
}

// UpdateEvent changes an event. When its time changes, so does for its ticket holders what is due. Needs a manager. Mendable: as
// CreateEvent, BELOW_SOLD, EVENT_CANCELLED.
func (s *Service) UpdateEvent(ctx context.Context, id uuid.UUID, c EventChange) (*Event, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	var e *Event
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if e, err = holdEvent(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		if err := s.applyEvent(ctx, tx, e, c); err != nil {
			return err
		}
		return s.writeEvent(ctx, tx, e)
	})
	return e, err
}

// holdEvent locks an event that may change. NotFound, EVENT_CANCELLED.
func holdEvent(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*Event, error) {
	e := new(Event)
	err := tx.NewSelect().Model(e).Where("site_id = ? AND id = ?", siteID, id).For("NO KEY UPDATE").Scan(ctx)
	if err != nil {
		return nil, db.Missing(err, "event", "read event")
	}
	if e.State == EventCancelled {
		return nil, &fault.Error{Code: fault.Conflict, Reason: ReasonEventCancelled, Message: "this event was cancelled, and stays so; make a new one"}
	}
	return e, nil
}

// writeEvent writes what people decide of an event; what is taken is the sales' own. What follows for its ticket holders when it
// moves or is cancelled, a trigger writes.
func (s *Service) writeEvent(ctx context.Context, tx bun.IDB, e *Event) error {
	e.UpdatedAt = s.now()
	_, err := tx.NewUpdate().Model(e).ExcludeColumn("site_id", "id", "taken", "created_at").WherePK().Exec(ctx)
	return refusedEvent(err, e)
}

// refusedEvent says of a refused row what it means.
func refusedEvent(err error, e *Event) error {
	switch db.ConstraintName(err) {
	case "event_places":
		return fault.Invalid(ReasonBelowSold, []string{"capacity"}, "more places than that are sold already")
	case "event_reference":
		return &fault.Error{Code: fault.Conflict, Reason: fault.Taken, Path: []string{"reference"}, Message: "another event has the reference " + e.Reference, Err: err}
	}
	return db.MapError(err, "write event")
}

var webPage = regexp.MustCompile(`^https?://[^\s]+$`)

// applyEvent checks a change and writes it into the row. It tells every mistake at once.
func (s *Service) applyEvent(ctx context.Context, tx bun.IDB, e *Event, c EventChange) error {
	v := checker{}
	put(&e.Name, trimmed(c.Name))
	put(&e.Description, trimmed(c.Description))
	put(&e.Place, trimmed(c.Place))
	put(&e.URL, trimmed(c.URL))
	put(&e.Reference, trimmed(c.Reference))
	put(&e.StartsAt, c.StartsAt)
	put(&e.EndsAt, c.EndsAt)
	put(&e.Capacity, c.Capacity)
	v.name(e.Name)
	v.text(e.Description, 10_000, "description")
	v.text(e.Place, 200, "place")
	v.text(e.Reference, 200, "reference")
	if e.URL != "" && (!webPage.MatchString(e.URL) || len(e.URL) > 2000) {
		v.add(fault.InvalidURL, []string{"url"}, "give the whole address of the page, for example https://hall.example/faust")
	}
	v.moments(e.StartsAt, e.EndsAt)
	v.limit(e.Capacity)
	if c.OrganizerID != nil {
		e.OrganizerID = *c.OrganizerID
		if err := s.checkNamed(ctx, tx, &v, e.SiteID, e.OrganizerID, "", "organizerId"); err != nil {
			return err
		}
	}
	return v.list.Err()
}

// checkNamed checks a contact that is named: outside the trash, and of a type when one is asked for.
func (s *Service) checkNamed(ctx context.Context, tx bun.IDB, v *checker, siteID uuid.UUID, id *uuid.UUID, t contact.OperationalType, path ...string) error {
	if id == nil {
		return nil
	}
	living, err := s.book.Living(ctx, tx, siteID, []uuid.UUID{*id}, t)
	if err != nil {
		return err
	}
	if !living[*id] {
		v.add(fault.Unknown, path, "the site has no such contact%s", typed(t))
	}
	return nil
}

// typed ends a sentence about a contact with its type.
func typed(t contact.OperationalType) string {
	if t == "" {
		return ""
	}
	return " of the type " + string(t)
}

func (v *checker) name(name string) {
	if name == "" {
		v.add(fault.Required, []string{"name"}, "give it a name")
	}
	v.text(name, 200, "name")
}

// moments holds a beginning and an end to the years that a calendar shows, and to their order.
func (v *checker) moments(starts, ends time.Time) {
	for path, at := range map[string]time.Time{"startsAt": starts, "endsAt": ends} {
		if at.Year() < 2000 || at.Year() > 2200 {
			v.add(fault.InvalidDate, []string{path}, "give a time between the years 2000 and 2200")
			return
		}
	}
	if !ends.After(starts) {
		v.add(fault.InvalidDate, []string{"endsAt"}, "the end comes after the beginning")
	}
}

// limit checks how many there are at most; nil is no limit.
func (v *checker) limit(n *int) {
	if n != nil && (*n < 0 || *n > 1_000_000) {
		v.add(fault.InvalidNumber, []string{"capacity"}, "a capacity lies between 0 and 1000000")
	}
}

func put[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func trimmed(s *string) *string {
	if s == nil {
		return nil
	}
	t := strings.TrimSpace(*s)
	return &t
}
