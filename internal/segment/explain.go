package segment

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Outside is why a contact is in no segment at all.
type Outside string

// The reasons.
const (
	OutsideUnlisted Outside = "unlisted"
	OutsideInvalid  Outside = "invalid" // past its last valid day
	OutsideTrash    Outside = "trash"
)

// Explanation says why a contact is in a segment, or why it is not.
type Explanation struct {
	Segment   *Segment
	ContactID uuid.UUID
	In        bool
	Hand      *Hand     // what was said by hand, which goes before the rule; only the way is known
	Outside   []Outside // what keeps it out of every segment
	RuleHolds *bool     // nil: the rule is broken, or asks for what the actor does not read
	Leaves    []ExplainedLeaf
}

// ExplainedLeaf is a condition of the rule, and whether it is true of the contact.
type ExplainedLeaf struct {
	Path   []string // in the rule
	Filter json.RawMessage
	Holds  *bool // nil: it names what is not there, or the actor does not read what it asks for
}

// Explain tests every leaf of a segment's rule for a contact, in one statement. Needs a viewer; of leaves that ask
// for what the actor does not read it does not tell whether they hold.
func (s *Service) Explain(ctx context.Context, segmentID, contactID uuid.UUID) (*Explanation, error) {
	row, err := s.ByID(ctx, segmentID)
	if err != nil {
		return nil, err
	}
	v, err := s.vocabulary(ctx, []*Segment{row})
	if err != nil {
		return nil, err
	}
	in := v.segments[segmentID]
	members, broken := v.members(in)
	rule := nobody
	if len(broken) == 0 {
		rule, _ = v.compile(&in.rule, []*stored{in})
	}
	out := &Explanation{Segment: row, ContactID: contactID, Outside: []Outside{}, Leaves: []ExplainedLeaf{}}
	tests := []contact.Condition{
		members, rule, in.hand(false), in.hand(true),
		{SQL: "contact.deleted_at IS NOT NULL"}, {SQL: "NOT contact.listed"}, negated(contact.ValidOn(v.today)),
	}
	told := len(tests)
	a, hidden := site.ActorOf(ctx), false
	known := map[int]bool{} // leaves that may be told
	if len(in.rule.entries()) > 0 {
		in.rule.leaves(nil, func(leaf *Rule, path []string) {
			where, wrong := v.compile(leaf, []*stored{in})
			seen := a.MustSee(leaf.reads()...) == nil
			hidden = hidden || !seen
			known[len(out.Leaves)] = seen && len(wrong) == 0
			tests = append(tests, where)
			out.Leaves = append(out.Leaves, ExplainedLeaf{Path: path, Filter: leaf.JSON()})
		})
	}
	answers, err := s.ask(ctx, row.SiteID, []uuid.UUID{contactID}, tests)
	if err != nil {
		return nil, err
	}
	holds, found := answers[contactID]
	if !found {
		return nil, fault.Missing("contact")
	}
	out.In = holds[0]
	if len(broken) == 0 && !hidden {
		out.RuleHolds = &holds[1]
	}
	if holds[2] || holds[3] {
		out.Hand = &Hand{SiteID: row.SiteID, SegmentID: row.ID, ContactID: contactID, Excluded: holds[3]}
	}
	for i, why := range []Outside{OutsideTrash, OutsideUnlisted, OutsideInvalid} {
		if holds[4+i] {
			out.Outside = append(out.Outside, why)
		}
	}
	for i := range out.Leaves {
		if known[i] {
			out.Leaves[i].Holds = &holds[told+i]
		}
	}
	return out, nil
}

func negated(c contact.Condition) contact.Condition {
	return contact.Condition{SQL: "NOT (" + c.SQL + ")", Args: c.Args}
}

// ask tells of each contact which of the conditions hold, in their order; one statement.
func (s *Service) ask(ctx context.Context, siteID uuid.UUID, ids []uuid.UUID, conditions []contact.Condition) (map[uuid.UUID][]bool, error) {
	parts := make([]string, len(conditions))
	var args []any
	for i, c := range conditions {
		parts[i], args = "("+c.SQL+")", append(args, c.Args...)
	}
	var rows []struct {
		ID    uuid.UUID
		Holds []bool `bun:",array"`
	}
	err := s.db.Bun.NewSelect().Model((*contact.Record)(nil)).Column("id").ColumnExpr("ARRAY["+strings.Join(parts, ", ")+"] AS holds", args...).
		Where("contact.site_id = ? AND contact.id IN (?)", siteID, bun.List(ids)).Scan(ctx, &rows)
	out := make(map[uuid.UUID][]bool, len(rows))
	for _, row := range rows {
		out[row.ID] = row.Holds
	}
	return out, db.MapError(err, "test contacts")
}

// askAtOnce is how many leaves one statement tests at most.
const askAtOnce = 2000

// Containing gives the segments that each contact is in, by name: a statement for every 2,000 leaves or 500 segments,
// however many contacts there are. Needs a viewer.
func (s *Service) Containing(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID][]*Segment, error) {
	rows, err := s.List(ctx)
	out := make(map[uuid.UUID][]*Segment, len(ids))
	if err != nil || len(rows) == 0 || len(ids) == 0 {
		return out, err
	}
	siteID := rows[0].SiteID
	v, err := s.vocabulary(ctx, rows)
	if err != nil {
		return nil, err
	}
	var asked []*Segment
	var conditions []contact.Condition
	leaves := 0
	flush := func() error {
		if len(asked) == 0 {
			return nil
		}
		answers, err := s.ask(ctx, siteID, ids, conditions)
		for id, holds := range answers {
			for i, row := range asked {
				if holds[i] {
					out[id] = append(out[id], row)
				}
			}
		}
		asked, conditions, leaves = nil, nil, 0
		return err
	}
	for _, row := range rows {
		in := v.segments[row.ID]
		where, broken := v.members(in)
		if len(broken) > 0 {
			continue
		}
		if n := v.sizeOf(in, nil).leaves; leaves+n > askAtOnce || len(asked) == 500 {
			if err := flush(); err != nil {
				return nil, err
			}
		}
		asked, conditions, leaves = append(asked, row), append(conditions, where), leaves+v.sizeOf(in, nil).leaves
	}
	return out, flush()
}
