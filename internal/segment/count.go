package segment

import (
	"context"
	"time"

	"github.com/google/uuid"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/segment/index"
	"carnet/internal/site"
)

// counting reads what segments and rules of the actor's site name, and gives the site's index, which keeps much of that; nil
// when SQL is to answer. Only who counts asks for an index.
func (s *Service) counting(ctx context.Context, rows []*Segment, rules ...*Rule) (*vocabulary, *siteIndex, error) {
	of, err := site.Of(ctx, s.db.Bun, site.ActorOf(ctx))
	if err != nil {
		return nil, nil, err
	}
	in := s.indexes.of(ctx, of)
	v, err := readVocabulary(ctx, s.db.Bun, of, s.now(), in.kept(), rows, rules...)
	return v, in, err
}

// Counts gives how many contacts each segment holds now. Needs a viewer.
func (s *Service) Counts(ctx context.Context, list []*Segment) (map[uuid.UUID]int, error) {
	if _, err := site.RequireBook(ctx, site.AccessViewer); err != nil {
		return nil, err
	}
	v, in, err := s.counting(ctx, list)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]int, len(list))
	for _, row := range list {
		who, broken := v.compileSegment(v.segments[row.ID])
		if len(broken) > 0 {
			continue
		}
		if out[row.ID], err = s.count(ctx, v.site, in, who); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// count asks the index where it can, and waits for it or for its turn to ask SQL.
func (s *Service) count(ctx context.Context, of site.Site, in *siteIndex, who compiled) (int, error) {
	if in == nil && who.indexed {
		late, done, err := s.indexes.orSQL(ctx, of)
		if err != nil {
			return 0, fault.Wrap(err, "wait to count")
		}
		defer done()
		in = late
	}
	return s.countNow(ctx, of.ID, in, who)
}

// countNow asks the index when there is one that can answer.
func (s *Service) countNow(ctx context.Context, siteID uuid.UUID, in *siteIndex, who compiled) (int, error) {
	if in != nil && who.indexed {
		return in.Count(who.expr), nil
	}
	n, err := who.where.Where(s.db.Bun.NewSelect().Model((*contact.Record)(nil)).Where("contact.site_id = ?", siteID)).Count(ctx)
	return int(n), db.MapError(err, "count segment")
}

// Counter gives what counts a list under a rule and in a stored segment, each of which may be nil. Needs a viewer.
func (s *Service) Counter(r *Rule, segmentID *uuid.UUID) contact.Counter {
	return func(ctx context.Context, among contact.Among, found func(context.Context) ([]uuid.UUID, error), bySQL func(context.Context) (int, error)) (int, error) {
		expr, of, in, err := s.listExpr(ctx, among, r, segmentID)
		switch {
		case err != nil:
			return 0, err
		case expr == nil, in == nil && found != nil: // most searches find few
			return bySQL(ctx)
		case in == nil:
			late, done, err := s.indexes.orSQL(ctx, of)
			if err != nil {
				return 0, fault.Wrap(err, "wait to count")
			}
			defer done()
			if late == nil {
				return bySQL(ctx)
			}
			in = late
		}
		if found == nil {
			return in.Count(*expr), nil
		}
		ids, err := found(ctx)
		if err != nil {
			return 0, err
		}
		return in.CountOf(*expr, ids), nil
	}
}

// listExpr gives a list as an expression over its site's index, nil when some of it is SQL's alone.
func (s *Service) listExpr(ctx context.Context, among contact.Among, r *Rule, segmentID *uuid.UUID) (*index.Expr, site.Site, *siteIndex, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, site.Site{}, nil, err
	}
	var rows []*Segment
	var rules []*Rule
	if r != nil {
		if err := a.MustSee(r.reads()...); err != nil {
			return nil, site.Site{}, nil, err
		}
		rules = append(rules, r)
	}
	if segmentID != nil {
		row, err := s.ByID(ctx, *segmentID)
		if err != nil {
			return nil, site.Site{}, nil, err
		}
		rows = append(rows, row)
	}
	v, in, err := s.counting(ctx, rows, rules...)
	if err != nil {
		return nil, site.Site{}, nil, err
	}
	parts := []index.Expr{v.among(among)}
	if r != nil {
		if _, broken := v.compile(r, nil); len(broken) > 0 {
			return nil, v.site, nil, broken.Err()
		}
		expr, is := (&compiler{vocabulary: v}).expr(*r)
		if !is {
			return nil, v.site, nil, nil
		}
		parts = append(parts, expr)
	}
	for _, row := range rows {
		who, _ := v.compileSegment(v.segments[row.ID])
		if !who.indexed {
			return nil, v.site, nil, nil
		}
		parts = append(parts, who.expr)
	}
	all := index.All(parts...)
	return &all, v.site, in, nil
}

// Cost is what a rule costs to count and to follow.
type Cost struct {
	Leaves  int  // with those of the segments that it refers to
	Indexed bool // the index knows all that it asks for
	Took    time.Duration
}

// Preview counts a rule that is not stored. Needs a viewer.
func (s *Service) Preview(ctx context.Context, r Rule) (int, Cost, error) {
	if _, err := requireFor(ctx, r); err != nil {
		return 0, Cost{}, err
	}
	began := time.Now()
	v, in, err := s.counting(ctx, nil, &r)
	if err != nil {
		return 0, Cost{}, err
	}
	who, broken := v.compileRule(&r)
	if err := broken.Err(); err != nil {
		return 0, Cost{}, err
	}
	n, err := s.count(ctx, v.site, in, who)
	return n, Cost{Leaves: v.measure(&r, nil).leaves, Indexed: who.indexed, Took: time.Since(began)}, err
}
