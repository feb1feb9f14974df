package contact

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/site"
)

// EditBatch sets or clears attributes and answers (P-16). What belongs to one contact alone, its
// name and how it is reached, is not among them. nil = unchanged, empty = cleared.
type EditBatch struct {
	Title            *string                    `json:"title,omitempty"`
	Company          *string                    `json:"company,omitempty"`
	OrganizationKind *Setting[OrganizationKind] `json:"organizationKind,omitempty"`
	Recognised       *Setting[bool]             `json:"recognised,omitempty"`
	Language         *string                    `json:"language,omitempty"`
	Address          *AddressChange             `json:"address,omitempty"`
	Types            *[]OperationalType         `json:"types,omitempty"`
	ValidUntil       *Setting[time.Time]        `json:"validUntil,omitempty"`
	Ambassador       *bool                      `json:"ambassador,omitempty"`
	Listed           *bool                      `json:"listed,omitempty"`
	FunctionID       *Setting[uuid.UUID]        `json:"functionId,omitempty"`
	NatureID         *Setting[uuid.UUID]        `json:"natureId,omitempty"`
	Note             *string                    `json:"note,omitempty"`
	Answers          []field.Answer             `json:"answers,omitempty"`
}

var _ BatchAction = (*EditBatch)(nil)

// Setting is a value to set, or to clear when it is nil.
type Setting[T any] struct {
	Value *T `json:"value"`
}

func (s *Setting[T]) change() **T {
	if s == nil {
		return nil
	}
	return &s.Value
}

// Name is edit.
func (*EditBatch) Name() BatchName { return BatchEdit }

// Access is an operator's, as for one contact.
func (*EditBatch) Access() site.Access { return site.AccessOperator }

func (e *EditBatch) change() Change {
	c := Change{
		Title: e.Title, Company: e.Company, OrganizationKind: e.OrganizationKind.change(), Recognised: e.Recognised.change(), Language: e.Language,
		Types: e.Types, ValidUntil: e.ValidUntil.change(), Ambassador: e.Ambassador, Listed: e.Listed,
		FunctionID: e.FunctionID.change(), NatureID: e.NatureID.change(), Note: e.Note, Answers: e.Answers,
	}
	if e.Address != nil {
		c.AddressChange = *e.Address
	}
	return c
}

func (e *EditBatch) empty() bool { return reflect.ValueOf(*e).IsZero() }

// check tries the change on a person and on a club: what neither takes is refused at once.
func (e *EditBatch) check(ctx context.Context, q bun.IDB, of site.Site) error {
	if e.empty() {
		return fault.Invalid(fault.Required, []string{"edit"}, "choose what to change")
	}
	defs, err := field.All(ctx, q, of.ID, false)
	if err != nil {
		return err
	}
	if e.Listed != nil && of.ConsentPolicy == site.OnConsent {
		return fault.Under(checkListed(of, &Record{Listed: !*e.Listed}, e.Listed), "edit")
	}
	all, err := options(ctx, q, of.ID, "", true)
	if err != nil {
		return err
	}
	club := Club
	person := e.apply(&Record{Kind: KindPerson, LastName: "?"}, defs, all, of, time.Time{})
	organization := e.apply(&Record{Kind: KindOrganization, Name: "?", OrganizationKind: &club}, defs, all, of, time.Time{})
	if person == nil || organization == nil {
		return nil
	}
	a, okA := fault.Mendable(person)
	b, okB := fault.Mendable(organization)
	if !okA || !okB {
		return person
	}
	both := slices.DeleteFunc(slices.Clone(a), func(one *fault.Error) bool {
		return !slices.ContainsFunc(b, func(other *fault.Error) bool { return one.Reason == other.Reason && slices.Equal(one.Path, other.Path) })
	})
	if len(both) == 0 {
		return fault.Invalid(fault.WrongType, []string{"edit"}, "some of this is for persons only and some for organizations only: change them one after the other")
	}
	return fault.Under(both, "edit")
}

// apply writes the change into r and gives all that stands against it.
func (e *EditBatch) apply(r *Record, defs []*field.Definition, all []*Option, of site.Site, today time.Time) error {
	var list fault.List
	c := e.change()
	for _, err := range []error{checkListed(of, r, e.Listed), c.apply(r, defs, of.Country, today), c.checkOptions(all, r.Kind)} {
		more, mendable := fault.Mendable(err)
		if err != nil && !mendable {
			return err
		}
		list = append(list, more...)
	}
	return list.Err()
}

func (e *EditBatch) plan(ctx context.Context, q bun.IDB, c *batchChunk) (*batchPlan, error) {
	defs, err := field.All(ctx, q, c.of.ID, false)
	if err != nil {
		return nil, err
	}
	all, err := options(ctx, q, c.of.ID, "", true)
	if err != nil {
		return nil, err
	}
	p, today := newPlan(updated), c.s.today(c.of)
	var after, moved []*Record
	for _, r := range p.living(c) {
		is := *r
		is.Answers = r.Answers.Clone()
		if err := e.apply(&is, defs, all, c.of, today); err != nil {
			list, mendable := fault.Mendable(err)
			if !mendable {
				return nil, err
			}
			p.refused[r.ID] = list[0]
			continue
		}
		changes := diff(r, &is)
		if len(changes) == 0 {
			continue
		}
		nameOptionsOf(all, changes)
		is.UpdatedAt = c.now
		p.changes[r.ID], after = changes, append(after, &is)
		if is.Kind == KindOrganization && !sameAddress(r, &is) {
			moved = append(moved, &is)
		}
	}
	p.write = func(ctx context.Context, tx bun.Tx) error {
		if len(after) == 0 {
			return nil
		}
		if _, err := tx.NewUpdate().Model(&after).Bulk().Exec(ctx); err != nil {
			return db.MapError(err, "update contacts")
		}
		return c.s.spreadAddress(ctx, tx, moved, c.by)
	}
	return p, nil
}
