package sale

import (
	"context"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// calendared is how many events a feed holds at most, and keptFor how long it keeps those that are over.
const (
	calendared = 1000
	keptFor    = 30 * 24 * time.Hour
	// attendedFor is that of a personal feed: people look up what they went to.
	attendedFor = 366 * 24 * time.Hour
)

// inFeed keeps what the public may know of: what is published, and of what was cancelled that which had been sold. Who follows the
// feed loses the others by their going.
const inFeed = `event.state = 'published' OR event.state = 'cancelled' AND EXISTS (SELECT FROM product AS p JOIN order_line AS l ON l.site_id = p.site_id AND l.product_id = p.id
	WHERE p.site_id = event.site_id AND p.event_id = event.id)`

// Calendar gives a site's public events as a feed to subscribe to (RFC 5545). It is the same text until an event changes. NotFound
// while contact management is off.
func (s *Service) Calendar(ctx context.Context, of site.Site) (string, error) {
	if !of.ContactManagement {
		return "", fault.Missing("calendar")
	}
	var rows []*Event
	err := s.db.Bun.NewSelect().Model(&rows).Where("event.site_id = ? AND event.ends_at >= ?", of.ID, s.now().Add(-keptFor)).Where(inFeed).
		Order("event.starts_at", "event.id").Limit(calendared).Scan(ctx)
	if err != nil {
		return "", db.MapError(err, "read public events")
	}
	return feed(of, rows), nil
}

// attending are what a contact attends, and what they bought tickets of for others, as "my account" shows it: each event once, gone when all its tickets
// are; and bookings.
const attending = `
WITH held AS (
	SELECT h.event_id, h.state, h.created_at FROM ticket AS h WHERE h.site_id = ?0 AND h.contact_id = ?1
	UNION ALL
	SELECT h.event_id, h.state, h.created_at FROM sale_order AS o JOIN order_line AS l ON l.site_id = o.site_id AND l.order_id = o.id
		JOIN ticket AS h ON h.site_id = l.site_id AND h.line_id = l.id AND h.contact_id IS DISTINCT FROM o.buyer_id WHERE o.site_id = ?0 AND o.buyer_id = ?1
)
SELECT v.id, v.name, v.description, v.place, v.url, v.starts_at, v.ends_at, greatest(v.updated_at, max(h.created_at)) AS updated_at,
	CASE WHEN v.state = 'cancelled' OR bool_and(h.state = 'cancelled') THEN 'cancelled' ELSE 'published' END AS state
FROM held AS h JOIN event AS v ON v.site_id = ?0 AND v.id = h.event_id WHERE v.ends_at >= ?2 GROUP BY v.site_id, v.id
UNION ALL
SELECT b.id, p.name, p.description, '', '', t.starts_at, t.ends_at, b.created_at, CASE WHEN b.state = 'cancelled' THEN 'cancelled' ELSE 'published' END
FROM booking AS b JOIN product AS p ON p.site_id = b.site_id AND p.id = b.product_id JOIN slot AS t ON t.site_id = b.site_id AND t.id = b.slot_id
WHERE b.site_id = ?0 AND b.contact_id = ?1 AND t.ends_at >= ?2
ORDER BY starts_at, id LIMIT ?3`

// PersonalCalendar gives what a contact attends as a feed to subscribe to (RFC 5545), what was cancelled marked so. Who asks has shown the
// address that the account's owner made.
func (s *Service) PersonalCalendar(ctx context.Context, of site.Site, contactID uuid.UUID) (string, error) {
	var rows []*Event
	err := s.db.Bun.NewRaw(attending, of.ID, contactID, s.now().Add(-attendedFor), calendared).Scan(ctx, &rows)
	return feed(of, rows), db.MapError(err, "read what is attended")
}

// feed writes events as a calendar.
func feed(of site.Site, rows []*Event) string {
	cal := ics.NewCalendarFor("Carnet")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(lines(of.Name))
	for _, e := range rows {
		one := cal.AddEvent(e.ID.String() + "@" + of.PublicID)
		one.SetDtStampTime(e.UpdatedAt)
		one.SetModifiedAt(e.UpdatedAt)
		one.SetStartAt(e.StartsAt)
		one.SetEndAt(e.EndsAt)
		one.SetSummary(lines(e.Name))
		if e.Description != "" {
			one.SetDescription(lines(e.Description))
		}
		if e.Place != "" {
			one.SetLocation(lines(e.Place))
		}
		if e.URL != "" {
			one.SetURL(e.URL)
		}
		one.SetStatus(map[bool]ics.ObjectStatus{false: ics.ObjectStatusConfirmed, true: ics.ObjectStatusCancelled}[e.State == EventCancelled])
	}
	return cal.Serialize(ics.WithNewLineWindows)
}

// lines gives a text as a feed may hold it: lines end in one way, and there are no other control characters (RFC 5545 section 3.1). The rest is escaped by
// whoever writes it.
func lines(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
}
