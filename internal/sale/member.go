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

// NewMember is who becomes a member without a sale (C-21 to C-24).
type NewMember struct {
	ContactID uuid.UUID
	PlanID    uuid.UUID
	StartsOn  *time.Time  // nil: today
	EndsOn    **time.Time // nil: as long as the plan lasts; of nil: until it is ended
}

// maxYears is how far from today the day is on which somebody says that a membership begins or ends.
const maxYears = 100

// far tells whether a day lies further from today than that.
func far(day, today time.Time) bool {
	return day.Before(today.AddDate(-maxYears, 0, 0)) || day.After(today.AddDate(maxYears, 0, 0))
}

// ConvertToMember gives a contact a membership that no order line stands for, and tells it in the contact's history. It is no sale, so
// it counts against no capacity. Needs an operator. DUPLICATE while the contact holds the plan in these days.
func (s *Service) ConvertToMember(ctx context.Context, in NewMember) (*contact.Record, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	var who *contact.Record
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		of, err := site.Of(ctx, tx, a)
		if err != nil {
			return err
		}
		if who, err = s.book.HoldFor(ctx, tx, a.SiteID, in.ContactID); err != nil {
			return err
		}
		if !who.Valid(s.today(of)) {
			return noLongerValid("contactId")
		}
		plan, err := readPlan(ctx, tx, a.SiteID, in.PlanID)
		if err != nil {
			return err
		}
		m, err := in.membership(a.SiteID, plan, s.today(of))
		if err != nil {
			return err
		}
		held, err := holders(ctx, tx, m, []uuid.UUID{in.ContactID})
		if err != nil {
			return err
		}
		if held[in.ContactID] {
			return fault.Invalid(fault.Duplicate, []string{"planId"}, "this contact holds %s in these days already", plan.Name)
		}
		if _, err := tx.NewInsert().Model(m).Exec(ctx); err != nil {
			return db.MapError(err, "insert membership")
		}
		if err := s.tellMemberships(ctx, tx, DeedMembershipCreated, m); err != nil {
			return err
		}
		return s.book.TellOf(ctx, tx, who, contact.Changes{"membership": {After: toldMembership(plan, m)}})
	})
	return who, err
}

// holders tells which of some contacts hold a membership's plan on a day of it.
func holders(ctx context.Context, q bun.IDB, m *Membership, contacts []uuid.UUID) (map[uuid.UUID]bool, error) {
	var ids []uuid.UUID
	err := q.NewSelect().Model((*Membership)(nil)).Column("contact_id").
		Where("site_id = ? AND contact_id IN (?) AND plan_id = ? AND coalesce(ends_on >= starts_on, TRUE)", m.SiteID, bun.List(contacts), m.PlanID).
		Where("coalesce(ends_on >= ?0::date, TRUE) AND coalesce(starts_on <= ?1::date, TRUE)", m.StartsOn, m.EndsOn).Scan(ctx, &ids)
	held := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		held[id] = true
	}
	return held, db.MapError(err, "look for memberships")
}

// noLongerValid refuses a contact that is past its validity (G-09).
func noLongerValid(path ...string) *fault.Error {
	return &fault.Error{Code: fault.Conflict, Reason: ReasonInvalidBuyer, Path: path, Message: "this contact is no longer valid"}
}

// toldMembership is a membership as the contact's history keeps it.
func toldMembership(plan *Product, m *Membership) map[string]string {
	out := map[string]string{"plan": plan.Name, "startsOn": m.StartsOn.Format(time.DateOnly)}
	if m.EndsOn != nil {
		out["endsOn"] = m.EndsOn.Format(time.DateOnly)
	}
	return out
}

func readPlan(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*Product, error) {
	plan := new(Product)
	err := tx.NewSelect().Model(plan).Where("site_id = ? AND id = ? AND kind = ?", siteID, id, KindMembership).Scan(ctx)
	switch {
	case db.NoRows(err):
		return nil, fault.Invalid(fault.Unknown, []string{"planId"}, "the site has no plan with the id %s", id)
	case err != nil:
		return nil, db.MapError(err, "read plan")
	case plan.ArchivedAt != nil:
		return nil, fault.Invalid(ReasonNotOnSale, []string{"planId"}, "%s is given to nobody any more", plan.Name)
	}
	return plan, nil
}

// membership gives the row, with its days checked.
func (in NewMember) membership(siteID uuid.UUID, plan *Product, today time.Time) (*Membership, error) {
	m := &Membership{SiteID: siteID, ID: uuid.Must(uuid.NewV7()), ContactID: in.ContactID, PlanID: plan.ID, StartsOn: today}
	if in.StartsOn != nil {
		m.StartsOn = *in.StartsOn
	}
	if m.EndsOn = lastDay(m.StartsOn, plan.Months); in.EndsOn != nil {
		m.EndsOn = *in.EndsOn
	}
	v := checker{}
	if far(m.StartsOn, today) {
		v.add(fault.InvalidDate, []string{"startsOn"}, "give a day within %d years", maxYears)
	}
	switch {
	case m.EndsOn == nil:
	case m.EndsOn.Before(m.StartsOn):
		v.add(fault.InvalidDate, []string{"endsOn"}, "the membership ends before it begins")
	case in.EndsOn != nil && far(*m.EndsOn, today):
		v.add(fault.InvalidDate, []string{"endsOn"}, "give a day within %d years", maxYears)
	}
	return m, v.list.Err()
}

// Plans gives the plans that are on sale, by name. Needs a viewer.
func (s *Service) Plans(ctx context.Context) ([]*Product, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	rows := []*Product{}
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND kind = ? AND archived_at IS NULL", a.SiteID, KindMembership).Order("name", "id").Scan(ctx)
	return rows, db.MapError(err, "read plans")
}

// Channels gives the channels that orders came by, by name. Needs a viewer.
func (s *Service) Channels(ctx context.Context) ([]string, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	out := []string{}
	err = s.db.Bun.NewSelect().TableExpr("contact_sale").ColumnExpr("DISTINCT channel").Where("site_id = ? AND channel <> ''", a.SiteID).Order("channel").Scan(ctx, &out)
	return out, db.MapError(err, "read channels")
}
