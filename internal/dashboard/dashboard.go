// Package dashboard counts how a site's customers stand and what happened in a period: who came, what was sold, who attended, which
// segments move (T-26). It only reads: statuses and segments are counted by the segments' index, the rest by PostgreSQL, which reads
// each part of the period from an index.
package dashboard

import (
	"context"
	"time"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/segment"
	"carnet/internal/site"
)

const (
	maxDays = 1098 // of a period: three years
	busy    = 5    // segments of each list
)

// Dashboard is a period of which is told.
type Dashboard struct {
	From, To  time.Time // days of the site's, both included
	CountedAt time.Time
}

// Standing is how the customers stand now.
type Standing struct {
	Contacts int // in the book
	Statuses []*StatusCount
}

// StatusCount is how many contacts of the book have a status now.
type StatusCount struct {
	Status contact.Status
	Count  int
}

var statuses = []contact.Status{contact.StatusProspect, contact.StatusCustomer, contact.StatusSubscriber, contact.StatusAttendee, contact.StatusOrganizer, contact.StatusUser}

// Service counts.
type Service struct {
	db       *db.DB
	segments *segment.Service
	now      func() time.Time
}

// New makes the service.
func New(d *db.DB, segments *segment.Service) *Service {
	return &Service{db: d, segments: segments, now: time.Now}
}

// Of gives a period of the site's days, both ends included. Needs a viewer.
func (s *Service) Of(ctx context.Context, from, to time.Time) (*Dashboard, error) {
	if _, err := site.RequireBook(ctx, site.AccessViewer); err != nil {
		return nil, err
	}
	if err := checkPeriod(from, to); err != nil {
		return nil, err
	}
	return &Dashboard{From: from, To: to, CountedAt: s.now()}, nil
}

// Standing counts how the customers stand now. Needs a viewer.
func (s *Service) Standing(ctx context.Context) (*Standing, error) {
	rules := []segment.Rule{{All: &[]segment.Rule{}}}
	for _, status := range statuses {
		rules = append(rules, segment.HasStatus(status))
	}
	counts, err := s.segments.CountEach(ctx, rules)
	if err != nil {
		return nil, err
	}
	out := &Standing{Contacts: counts[0]}
	for i, status := range statuses {
		out.Statuses = append(out.Statuses, &StatusCount{Status: status, Count: counts[i+1]})
	}
	return out, nil
}

// Segments gives the busiest segments of a period. Needs a viewer.
func (s *Service) Segments(ctx context.Context, d *Dashboard) (*segment.Busiest, error) {
	return s.segments.Busiest(ctx, d.From, d.To, busy)
}

func checkPeriod(from, to time.Time) error {
	switch {
	case to.Before(from):
		return fault.New(fault.BadInput, "the period ends before it begins")
	case days(from, to) > maxDays:
		return fault.New(fault.BadInput, "a period has at most %d days", maxDays)
	}
	return nil
}

// days is how many days a period has, both ends included; days are kept as midnights of UTC.
func days(from, to time.Time) int { return int(to.Sub(from)/(24*time.Hour)) + 1 }
