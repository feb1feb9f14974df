package contact

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/fault"
	"carnet/internal/site"
)

// MergePlan is what a merge would do.
type MergePlan struct {
	Survivor    Contact
	Merged      Contact
	Differences Changes    // what differs: before is the survivor's, after the other's
	Taken       []string   // attributes whose value would be the other's
	Moves       []Move     // what would become the survivor's, by name
	Problems    fault.List // why it would be refused
}

// Move is how many things of one sort would move.
type Move struct {
	Name  string // the mover's
	Count int
}

// errOnlyLooking has a merge's transaction taken back.
var errOnlyLooking = errors.New("this was a preview")

// PreviewMerge tells what MergeContacts would do with the same arguments: it does it, and takes it
// back before anybody sees it. Needs an operator. What would be mendable is told in the plan.
func (s *Service) PreviewMerge(ctx context.Context, ids []uuid.UUID, take []Take) (*MergePlan, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	if err := checkMerge(a, ids, take); err != nil {
		return nil, err
	}
	plan := &MergePlan{}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		*plan = MergePlan{Taken: []string{}, Moves: []Move{}}
		if err := s.readPlan(ctx, tx, a, ids, plan); err != nil {
			return err
		}
		of, both, err := beginMerge(ctx, tx, a.SiteID, ids)
		if err != nil {
			return err
		}
		m := s.newMerge(a, both)
		if err := s.merge(ctx, tx, of, m, both[0], both[1], take, author(a)); err != nil {
			return err
		}
		plan.Taken, plan.Moves = slices.Sorted(maps.Keys(m.Chosen)), m.moves()
		return errOnlyLooking
	})
	if problems, mendable := fault.Mendable(err); mendable && plan.Survivor != nil {
		plan.Problems = problems
		return plan, nil
	}
	if !errors.Is(err, errOnlyLooking) {
		return nil, err
	}
	return plan, nil
}

// readPlan reads the two as they are.
func (s *Service) readPlan(ctx context.Context, tx bun.IDB, a site.Actor, ids []uuid.UUID, plan *MergePlan) error {
	by, err := recordsByID(ctx, tx, a.SiteID, ids)
	if err != nil {
		return err
	}
	if len(by) < len(ids) {
		return fault.Missing("contact")
	}
	both := olderFirst(by[ids[0]], by[ids[1]])
	plan.Survivor, plan.Merged = Of(both[0]), Of(both[1])
	plan.Differences = diff(both[0], both[1])
	plan.Differences.hide(a)
	return nameOptions(ctx, tx, a.SiteID, plan.Differences)
}

// moves counts the rows that a merge gave to the survivor.
func (m *Merge) moves() []Move {
	count := map[string]int{}
	for _, row := range m.Undo {
		if row.Name != "contact" {
			count[row.Name]++
		}
	}
	out := []Move{}
	for _, name := range slices.Sorted(maps.Keys(count)) {
		out = append(out, Move{Name: name, Count: count[name]})
	}
	return out
}
