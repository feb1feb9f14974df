package segment

import (
	"context"
	"sync"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/field"
	"carnet/internal/indicator"
)

// shelf keeps what rules name most, read whole when the first of them asks. It is thrown away, not mended, when
// something of it changes: who has one from before that may still fill it, for nobody.
type shelf struct {
	mu       sync.Mutex
	fields   map[uuid.UUID]*field.Definition
	groups   map[uuid.UUID]bool
	options  map[uuid.UUID]contact.OptionList
	purposes map[uuid.UUID]bool
	contact  uuid.UUID // the purpose "contact"
	plans    map[uuid.UUID]bool

	indicators map[uuid.UUID]*indicator.Definition // those that are counted
}

// reader reads a part of a shelf that is not there yet.
type reader func(context.Context, bun.IDB) error

func (s *shelf) readFields(siteID uuid.UUID) reader {
	return func(ctx context.Context, q bun.IDB) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.fields != nil {
			return nil
		}
		defs, err := field.All(ctx, q, siteID, true)
		if err != nil {
			return err
		}
		s.fields = make(map[uuid.UUID]*field.Definition, len(defs))
		for _, d := range defs {
			s.fields[d.ID] = d
		}
		return nil
	}
}

func (s *shelf) readGroups(siteID uuid.UUID) reader {
	return func(ctx context.Context, q bun.IDB) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.groups != nil {
			return nil
		}
		var groups []uuid.UUID
		if err := q.NewSelect().Model((*contact.Group)(nil)).Column("id").Where("site_id = ?", siteID).Scan(ctx, &groups); err != nil {
			return db.MapError(err, "read groups")
		}
		s.groups = make(map[uuid.UUID]bool, len(groups))
		for _, id := range groups {
			s.groups[id] = true
		}
		return nil
	}
}

func (s *shelf) readPurposes(siteID uuid.UUID) reader {
	return func(ctx context.Context, q bun.IDB) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.purposes != nil {
			return nil
		}
		purposes, err := contact.PurposesOf(ctx, q, siteID)
		if err != nil {
			return err
		}
		s.purposes = make(map[uuid.UUID]bool, len(purposes))
		for _, p := range purposes {
			s.purposes[p.ID] = true
			if p.Code == contact.PurposeContact {
				s.contact = p.ID
			}
		}
		return nil
	}
}

func (s *shelf) readOptions(siteID uuid.UUID) reader {
	return func(ctx context.Context, q bun.IDB) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.options != nil {
			return nil
		}
		var options []*contact.Option
		if err := q.NewSelect().Model(&options).Column("id", "list").Where("site_id = ?", siteID).Scan(ctx); err != nil {
			return db.MapError(err, "read options")
		}
		s.options = make(map[uuid.UUID]contact.OptionList, len(options))
		for _, o := range options {
			s.options[o.ID] = o.List
		}
		return nil
	}
}
