package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// MemberBatch makes contacts members by a plan, without a sale, as ConvertToMember does with one (C-21 to C-24). Who holds the plan in these days
// stays as they are.
type MemberBatch struct {
	PlanID   uuid.UUID  `json:"planId"`
	StartsOn *time.Time `json:"startsOn,omitempty"` // nil: the day on which it is done
	EndsOn   *time.Time `json:"endsOn,omitempty"`   // nil: as long as the plan lasts, or
	ForGood  bool       `json:"forGood,omitempty"`  // until it is ended

	sales *Service
}

var _ contact.FurtherBatch = (*MemberBatch)(nil)

// NewMemberBatch makes an empty one.
func (s *Service) NewMemberBatch() contact.FurtherBatch { return &MemberBatch{sales: s} }

// Name is member.
func (*MemberBatch) Name() contact.BatchName { return contact.BatchMember }

// Access is that of ConvertToMember.
func (*MemberBatch) Access() site.Access { return site.AccessOperator }

// Check refuses a plan that the site does not give, and days that no membership has. It is asked before the action knows its service.
func (b *MemberBatch) Check(ctx context.Context, q bun.IDB, of site.Site) error {
	_, _, err := b.term(ctx, q, of, time.Now())
	return err
}

// term gives the plan and the membership that everybody gets, of nobody yet.
func (b *MemberBatch) term(ctx context.Context, q bun.IDB, of site.Site, now time.Time) (*Product, *Membership, error) {
	plan, err := readPlan(ctx, q, of.ID, b.PlanID)
	if err != nil {
		return nil, nil, fault.Under(err, "member")
	}
	in := NewMember{PlanID: b.PlanID, StartsOn: b.StartsOn}
	if b.EndsOn != nil || b.ForGood {
		in.EndsOn = &b.EndsOn
	}
	m, err := in.membership(of.ID, plan, of.Day(now))
	return plan, m, fault.Under(err, "member")
}

// Plan gives the membership to each who does not hold the plan in these days. Who is past their validity is refused.
func (b *MemberBatch) Plan(ctx context.Context, q bun.IDB, part contact.FurtherPart) (contact.FurtherPlan, error) {
	out := contact.FurtherPlan{Changes: map[uuid.UUID]contact.Changes{}, Refused: map[uuid.UUID]*fault.Error{}}
	plan, term, err := b.term(ctx, q, part.Site, part.Now)
	if err != nil || len(part.Contacts) == 0 {
		return out, err
	}
	var invalid []uuid.UUID
	err = q.NewSelect().Model((*contact.Record)(nil)).Column("id").
		Where("site_id = ? AND id IN (?) AND valid_until < ?::date", part.Site.ID, bun.List(part.Contacts), part.Site.Day(part.Now)).Scan(ctx, &invalid)
	if err != nil {
		return out, db.MapError(err, "look for who is no longer valid")
	}
	for _, id := range invalid {
		out.Refused[id] = noLongerValid()
	}
	held, err := holders(ctx, q, term, part.Contacts)
	if err != nil {
		return out, err
	}
	var rows []*Membership
	for _, id := range part.Contacts {
		if held[id] || out.Refused[id] != nil {
			continue
		}
		m := *term
		m.ID, m.ContactID = uuid.Must(uuid.NewV7()), id
		rows = append(rows, &m)
		out.Changes[id] = contact.Changes{"membership": {After: toldMembership(plan, &m)}}
	}
	out.Write = func(ctx context.Context, tx bun.Tx) error {
		if len(rows) == 0 {
			return nil
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return db.MapError(err, "insert memberships")
		}
		return b.sales.tellMemberships(ctx, tx, DeedMembershipCreated, rows...)
	}
	return out, nil
}
