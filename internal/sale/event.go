package sale

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Event is what tickets are for: a concert, a course, a match.
type Event struct {
	bun.BaseModel `bun:"table:event,alias:event"`

	SiteID      uuid.UUID `bun:",pk"`
	ID          uuid.UUID `bun:",pk"`
	Name        string
	Description string
	Place       string
	URL         string `bun:"url"` // the page that shows it
	StartsAt    time.Time
	EndsAt      time.Time
	State       EventState
	Capacity    *int       // nil: no limit
	Taken       int        // of it; only sales and returns write it
	OrganizerID *uuid.UUID // the contact that submitted it
	Reference   string     // the calendar's own id
	CancelledAt *time.Time
	Refusal     string    // why staff refused what was submitted; its organizer reads it
	CreatedAt   time.Time `bun:",nullzero"`
	UpdatedAt   time.Time `bun:",nullzero"`
}

// EventState is how far an event is.
type EventState string

// The states. Only what is published is sold; what is cancelled stays so.
const (
	EventDraft     EventState = "draft"
	EventSubmitted EventState = "submitted" // by an organizer; staff decide
	EventRefused   EventState = "refused"   // sent back to its organizer, with the reason
	EventPublished EventState = "published"
	EventCancelled EventState = "cancelled"
)

// Public tells whether visitors may know of the event: staff have decided on it.
func (e *Event) Public() bool { return e.State == EventPublished || e.State == EventCancelled }

// OnSale tells whether tickets are sold at this time.
func (e *Event) OnSale(at time.Time) bool { return e.State == EventPublished && at.Before(e.EndsAt) }

// Left gives how many places are left; nil when there is no limit.
func (e *Event) Left() *int { return left(e.Capacity, e.Taken) }

func left(capacity *int, taken int) *int {
	if capacity == nil {
		return nil
	}
	n := max(0, *capacity-taken)
	return &n
}
