package segment

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// MaxSegments is how many segments a site has at most (G-17).
const MaxSegments = 20_000

// Segment is a stored rule.
type Segment struct {
	bun.BaseModel `bun:"table:segment"`

	SiteID      uuid.UUID `bun:",pk"`
	ID          uuid.UUID `bun:",pk"`
	Name        string
	NameKey     string
	Description string
	Color       string
	Rule        json.RawMessage `bun:"type:jsonb"`
	CreatedAt   time.Time       `bun:",nullzero"`
	UpdatedAt   time.Time       `bun:",nullzero"`
}

// Change is what is to be written to a segment; nil = unchanged.
type Change struct {
	Name, Description, Color *string
	Rule                     *Rule
}

// Service answers for segments.
type Service struct {
	db      *db.DB
	now     func() time.Time
	indexes *Indexes
}

// New makes the service. Without indexes SQL counts everything.
func New(d *db.DB, indexes *Indexes) *Service {
	return &Service{db: d, now: time.Now, indexes: indexes}
}

// List gives all segments by name. Needs a viewer.
func (s *Service) List(ctx context.Context) ([]*Segment, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return readAll(ctx, s.db.Bun, a.SiteID)
}

// readAll reads the segments of a site, by name.
func readAll(ctx context.Context, q bun.IDB, siteID uuid.UUID) ([]*Segment, error) {
	rows := []*Segment{}
	err := q.NewSelect().Model(&rows).Where("site_id = ?", siteID).Order("name_key").Scan(ctx)
	return rows, db.MapError(err, "read segments")
}

// ByID gives one segment. Needs a viewer.
func (s *Service) ByID(ctx context.Context, id uuid.UUID) (*Segment, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return byID(ctx, s.db.Bun, a.SiteID, id)
}

func byID(ctx context.Context, q bun.IDB, siteID, id uuid.UUID) (*Segment, error) {
	row := new(Segment)
	err := q.NewSelect().Model(row).Where("site_id = ? AND id = ?", siteID, id).Scan(ctx)
	if db.NoRows(err) {
		return nil, fault.Missing("segment")
	}
	return row, db.MapError(err, "read segment")
}

// Create stores a segment. Needs a manager.
func (s *Service) Create(ctx context.Context, c Change) (*Segment, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := &Segment{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7())}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := takeTurns(ctx, tx, a.SiteID); err != nil {
			return err
		}
		n, err := tx.NewSelect().Model((*Segment)(nil)).Where("site_id = ?", a.SiteID).Count(ctx)
		if err != nil {
			return db.MapError(err, "count segments")
		}
		if n >= MaxSegments {
			return fault.Invalid(fault.TooLong, nil, "a site has at most %d segments", MaxSegments)
		}
		if err := c.apply(ctx, tx, row); err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(row).Returning("created_at, updated_at").Exec(ctx)
		return fault.Under(db.MapError(err, "insert segment"), "name")
	})
	return row, err
}

// Update changes a segment; subscribers are told to read it anew when the rule changes. Needs a manager.
func (s *Service) Update(ctx context.Context, id uuid.UUID, c Change) (*Segment, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	var row *Segment
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		err := takeTurns(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		if row, err = byID(ctx, tx, a.SiteID, id); err != nil {
			return err
		}
		if err := c.apply(ctx, tx, row); err != nil {
			return err
		}
		row.UpdatedAt = s.now()
		_, err = tx.NewUpdate().Model(row).WherePK().Exec(ctx)
		return fault.Under(db.MapError(err, "update segment"), "name")
	})
	return row, err
}

// Delete removes a segment that no other refers to; its contacts stay. Needs a manager.
func (s *Service) Delete(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := takeTurns(ctx, tx, a.SiteID); err != nil {
			return err
		}
		row, err := byID(ctx, tx, a.SiteID, id)
		if err != nil {
			return err
		}
		by, err := users(ctx, tx, a.SiteID, []uuid.UUID{id})
		if err != nil {
			return err
		}
		if used := slices.DeleteFunc(by[id], func(user *Segment) bool { return user.ID == id }); len(used) > 0 {
			return fault.Invalid(fault.SegmentInUse, []string{"id"}, "%q is used by %s; change the rules of these first", row.Name, namesOf(used))
		}
		_, err = tx.NewDelete().Model(row).WherePK().Exec(ctx)
		return db.MapError(err, "delete segment")
	})
}

func (c Change) apply(ctx context.Context, tx bun.IDB, row *Segment) error {
	var list fault.List
	text := func(to *string, from *string, limit int, name string) {
		if from == nil {
			return
		}
		*to = strings.TrimSpace(*from)
		if !utf8.ValidString(*to) || strings.ContainsRune(*to, 0) {
			list = append(list, fault.Invalid(fault.InvalidText, []string{name}, "this text is not valid UTF-8"))
		} else if utf8.RuneCountInString(*to) > limit {
			list = append(list, fault.Invalid(fault.TooLong, []string{name}, "at most %d characters", limit))
		}
	}
	text(&row.Name, c.Name, 200, "name")
	text(&row.Description, c.Description, 2000, "description")
	text(&row.Color, c.Color, 7, "color")
	if row.Name == "" {
		list = append(list, fault.Invalid(fault.Required, []string{"name"}, "a segment needs a name"))
	}
	row.NameKey = fold.Text(row.Name)
	if c.Rule != nil {
		of, err := readSite(ctx, tx, row.SiteID)
		if err != nil {
			return err
		}
		row.Rule = c.Rule.JSON()
		if err = checkStored(ctx, tx, of, *c.Rule); err == nil {
			err = checkNesting(ctx, tx, row)
		}
		if more, ok := fault.Mendable(fault.Under(err, "rule")); ok {
			list = append(list, more...)
		} else if err != nil {
			return err
		}
	}
	return list.Err()
}

// checkStored checks a rule that is to be kept, which everybody who works for the site reads.
func checkStored(ctx context.Context, tx bun.IDB, of site.Site, r Rule) error {
	if r.names("iban") {
		return fault.Invalid(fault.InvalidValue, nil, "a stored rule cannot ask for an IBAN: everybody who works here reads it, and only managers may read IBANs")
	}
	if err := site.ActorOf(ctx).MustSee(r.reads()...); err != nil {
		return err
	}
	_, err := Compile(ctx, tx, of, time.Now(), r)
	return err
}

func readSite(ctx context.Context, q bun.IDB, id uuid.UUID) (site.Site, error) {
	var row site.Site
	err := q.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx)
	return row, db.MapError(err, "read site")
}

// Condition compiles a rule over all contacts of the actor's site, refusing what the site does not
// have; the list it goes into says whether unlisted and invalid ones are among them. Needs a viewer.
func (s *Service) Condition(ctx context.Context, r Rule) (contact.Condition, error) {
	a, err := requireFor(ctx, r)
	if err != nil {
		return contact.Condition{}, err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return contact.Condition{}, err
	}
	return compile(ctx, s.db.Bun, of, s.now(), r)
}

// requireFor asks for a viewer who reads what the rule asks for.
func requireFor(ctx context.Context, r Rule) (site.Actor, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return a, err
	}
	return a, a.MustSee(r.reads()...)
}

// ConditionOf compiles who is in a stored segment: nobody, while it is broken. Needs a viewer.
func (s *Service) ConditionOf(ctx context.Context, id uuid.UUID) (contact.Condition, error) {
	row, err := s.ByID(ctx, id)
	if err != nil {
		return contact.Condition{}, err
	}
	v, err := s.vocabulary(ctx, []*Segment{row})
	if err != nil {
		return contact.Condition{}, err
	}
	where, _ := v.members(v.segments[id])
	return where, nil
}

// vocabulary reads what segments of the actor's site name.
func (s *Service) vocabulary(ctx context.Context, rows []*Segment) (*vocabulary, error) {
	of, err := site.Of(ctx, s.db.Bun, site.ActorOf(ctx))
	if err != nil {
		return nil, err
	}
	return readVocabulary(ctx, s.db.Bun, of, s.now(), nil, rows)
}

// Conditions compiles what a list is narrowed by: a rule, a stored segment, both or neither. Needs a viewer.
func (s *Service) Conditions(ctx context.Context, rule json.RawMessage, segmentID *uuid.UUID) ([]contact.Condition, error) {
	var all []contact.Condition
	if rule != nil {
		r, err := Parse(rule)
		if err != nil {
			return nil, err
		}
		c, err := s.Condition(ctx, r)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if segmentID != nil {
		c, err := s.ConditionOf(ctx, *segmentID)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

var _ contact.Rules = (*Service)(nil)

// Broken tells of each segment what its rule names that is not there any more, by paths into the rule; nothing
// for those that work. Needs a viewer.
func (s *Service) Broken(ctx context.Context, list []*Segment) (map[uuid.UUID]fault.List, error) {
	if _, err := site.RequireBook(ctx, site.AccessViewer); err != nil {
		return nil, err
	}
	v, err := s.vocabulary(ctx, list)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]fault.List, len(list))
	for _, row := range list {
		_, out[row.ID] = v.members(v.segments[row.ID])
	}
	return out, nil
}
