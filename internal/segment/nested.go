package segment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/segment/index"
	"carnet/internal/site"
)

// Limits of segments whose rules refer to segments.
const (
	MaxNesting   = 8    // segments within segments
	MaxAllLeaves = 1000 // leaves of a rule and of all that it refers to, each as often as it is referred to
)

// stored is a segment as rules refer to it.
type stored struct {
	*Segment
	rule            Rule
	added, excluded bool       // somebody is, by hand
	broken          fault.List // why nobody is in it; paths lead into its rule
	size            *size
	done            bool // where and broken say what there is to say
	where           contact.Condition
}

func newStored(row *Segment) *stored {
	s := &stored{Segment: row}
	var err error
	if s.rule, err = Parse(row.Rule); err != nil { // written by hand, or by a Carnet that knew less
		s.rule = Rule{}
		s.broken, _ = fault.Mendable(err)
	}
	return s
}

// readSegments reads the segments that rules refer to, as far down as they are allowed to.
func (v *vocabulary) readSegments(ctx context.Context, q bun.IDB, rows []*Segment, rules []*Rule) error {
	for _, row := range rows {
		v.segments[row.ID] = newStored(row)
	}
	next := slices.Clone(rules)
	for _, s := range v.segments {
		next = append(next, &s.rule)
	}
	for range MaxNesting + 1 {
		var missing []uuid.UUID
		for _, r := range next {
			r.walk(func(part *Rule) {
				if part.Segment != nil && v.segments[*part.Segment] == nil {
					missing = append(missing, *part.Segment)
				}
			})
		}
		if len(missing) == 0 {
			break
		}
		var found []*Segment
		if err := q.NewSelect().Model(&found).Where("site_id = ? AND id IN (?)", v.site.ID, bun.List(missing)).Scan(ctx); err != nil {
			return db.MapError(err, "read segments")
		}
		next = nil
		for _, row := range found {
			v.segments[row.ID] = newStored(row)
			next = append(next, &v.segments[row.ID].rule)
		}
	}
	return v.readHands(ctx, q)
}

// readHands finds the segments to which somebody was added by hand, or from which somebody was excluded: only these
// ask for it, since an OR keeps PostgreSQL from the rule's indexes.
func (v *vocabulary) readHands(ctx context.Context, q bun.IDB) error {
	if len(v.segments) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, 0, len(v.segments))
	for id := range v.segments {
		ids = append(ids, id)
	}
	var found []struct {
		ID              uuid.UUID
		Added, Excluded bool
	}
	const some = "EXISTS (SELECT 1 FROM segment_member m WHERE m.site_id = segment.site_id AND m.segment_id = segment.id AND m.excluded = ?) AS ?"
	err := q.NewSelect().Model((*Segment)(nil)).Column("id").ColumnExpr(some, false, bun.Ident("added")).ColumnExpr(some, true, bun.Ident("excluded")).
		Where("site_id = ? AND id IN (?)", v.site.ID, bun.List(ids)).Scan(ctx, &found)
	for _, f := range found {
		v.segments[f.ID].added, v.segments[f.ID].excluded = f.Added, f.Excluded
	}
	return db.MapError(err, "look for members by hand")
}

// size is how much a rule is with all that it refers to.
type size struct {
	leaves, depth int
	broken        fault.List // circles, and limits that are exceeded
}

// measure adds up a rule and what it refers to. above are the segments, outermost first, whose rule it is part of.
// What is not there is left to the compiler.
func (v *vocabulary) measure(r *Rule, above []*stored) (s size) {
	tell := func(reason string, path []string, message string) {
		if !slices.ContainsFunc(s.broken, func(e *fault.Error) bool { return e.Reason == reason }) {
			s.broken = append(s.broken, fault.Invalid(reason, path, "%s", message))
		}
	}
	r.leaves(nil, func(leaf *Rule, path []string) {
		s.leaves++
		if leaf.Segment == nil {
			return
		}
		in := v.segments[*leaf.Segment]
		if in == nil {
			return
		}
		if at := slices.Index(above, in); at >= 0 {
			tell(fault.SegmentCycle, path, "the segments refer to one another in a circle: "+chain(append(slices.Clone(above[at:]), in)))
			return
		}
		inner := v.sizeOf(in, above)
		if len(inner.broken) > 0 {
			tell(inner.broken[0].Reason, path, inner.broken[0].Message)
			return
		}
		s.leaves += inner.leaves
		s.depth = max(s.depth, inner.depth+1)
		if s.depth > MaxNesting {
			tell(fault.SegmentNested, path, "with this, segments would be more than 8 levels within each other")
		}
		if s.leaves > MaxAllLeaves {
			tell(fault.SegmentNested, path, "with this, the rule and all that it refers to would have more than 1,000 conditions")
		}
	})
	return s
}

// sizeOf is measure of a segment. Whatever segment it is reached by, it leads into the same circles.
func (v *vocabulary) sizeOf(in *stored, above []*stored) size {
	if in.size == nil {
		s := v.measure(&in.rule, append(slices.Clone(above), in))
		in.size = &s
	}
	return *in.size
}

func chain(list []*stored) string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = `"` + s.Name + `"`
	}
	return strings.Join(names, " → ")
}

// members gives the contacts that a segment holds: who its rule finds or who was added by hand, but for those who were
// excluded by hand; of these, who is in the book. One that is broken holds nobody, and says why.
func (v *vocabulary) members(in *stored) (contact.Condition, fault.List) {
	if in.done {
		return in.where, in.broken
	}
	in.done, in.where = true, nobody
	if len(in.broken) > 0 {
		return in.where, in.broken
	}
	rule, broken := v.compile(&in.rule, []*stored{in})
	if in.broken = broken; len(broken) > 0 {
		return in.where, in.broken
	}
	in.where = contact.And(inBook(v.today), in.byHand(rule))
	return in.where, nil
}

// byHand lets what was said by hand go before what a rule says.
func (s *stored) byHand(rule contact.Condition) contact.Condition {
	if s.added {
		rule = contact.Or(rule, s.hand(false))
	}
	if s.excluded {
		out := s.hand(true)
		rule = contact.And(rule, contact.Condition{SQL: "NOT " + out.SQL, Args: out.Args})
	}
	return rule
}

func (s *stored) hand(excluded bool) contact.Condition {
	return contact.Condition{SQL: `EXISTS (SELECT 1 FROM segment_member hand
		WHERE hand.site_id = contact.site_id AND hand.contact_id = contact.id AND hand.segment_id = ? AND hand.excluded = ?)`, Args: []any{s.ID, excluded}}
}

// membersExpr is members for the index.
func (v *vocabulary) membersExpr(in *stored) (index.Expr, bool) {
	if _, broken := v.members(in); len(broken) > 0 {
		return index.Any(), true
	}
	rule, is := (&compiler{vocabulary: v}).expr(in.rule)
	hand := func(excluded bool) index.Expr {
		return index.Has(index.Attr{Name: index.Hand}, index.ByHand(in.ID, excluded))
	}
	return index.All(v.bookExpr(), index.Any(rule, hand(false)), index.Not(hand(true))), is
}

// segment is true of the members of another segment. Those are in the book, also where a list shows who is not.
func (c *compiler) segment(id uuid.UUID, path []string) contact.Condition {
	in := c.segments[id]
	if in == nil {
		return c.unknown(path, "the site has no segment with the id %s", id)
	}
	where, broken := c.members(in)
	if len(broken) > 0 {
		c.list = append(c.list, fault.Invalid(fault.SegmentBroken, slices.Clone(path), "the segment %q is broken: %s", in.Name, broken[0].Message))
	}
	return where
}

// some tells whether the test holds for a part of the rule, or of what it refers to.
func (v *vocabulary) some(r *Rule, test func(*Rule) bool) bool {
	return r.some(func(part *Rule) bool {
		if part.Segment == nil {
			return test(part)
		}
		in := v.segments[*part.Segment]
		return in != nil && len(v.sizeOf(in, nil).broken) == 0 && v.some(&in.rule, test) // which is not a circle
	})
}

// takeTurns lets those who write segments of a site wait for each other: that segments refer to one another in no
// circle cannot be a constraint, and two rules that are written at once could close one.
func takeTurns(ctx context.Context, tx bun.IDB, siteID uuid.UUID) error {
	_, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended('carnet segments of ' || ?, 0))", siteID.String()).Exec(ctx)
	return db.MapError(err, "take turns")
}

// namesOf names segments, not all where they are many.
func namesOf(list []*Segment) string {
	var names []string
	for i, row := range list {
		if i == 10 {
			names = append(names, fmt.Sprintf("%d more", len(list)-i))
			break
		}
		names = append(names, `"`+row.Name+`"`)
	}
	return strings.Join(names, ", ")
}

// checkNesting refuses a segment whose new rule would close a circle of segments, or would make it or one that
// refers to it exceed the limits. The caller has taken its turn. Paths begin with the rule's.
func checkNesting(ctx context.Context, tx bun.IDB, row *Segment) error {
	above, err := dependents(ctx, tx, row.SiteID, row.ID)
	if err != nil {
		return err
	}
	all := vocabulary{site: site.Site{ID: row.SiteID}, segments: map[uuid.UUID]*stored{}}
	if err := all.readSegments(ctx, tx, append(slices.Clone(above), row), nil); err != nil {
		return err
	}
	if s := all.sizeOf(all.segments[row.ID], nil); len(s.broken) > 0 {
		return s.broken
	}
	for _, user := range above {
		if s := all.sizeOf(all.segments[user.ID], nil); len(s.broken) > 0 {
			return fault.Invalid(s.broken[0].Reason, nil, "the segment %q refers to this one: %s", user.Name, s.broken[0].Message)
		}
	}
	return nil
}
