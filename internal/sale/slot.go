package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// MaxSlots is how many slots are made at once.
const MaxSlots = 500

// SlotSeries is what slots are made of: one after the other on a day, and again on others.
type SlotSeries struct {
	StartsAt time.Time // the first one's beginning
	Minutes  int       // how long each is
	Capacity int
	InARow   int        // how many follow one another on each day
	Every    int        // days from one day to the next: 1 daily, 7 weekly; 0: that day alone
	Until    *time.Time // the last day
}

// CreateSlots makes a resource's slots. On each day they begin at the same hour of the site's clock. Needs a manager. Mendable: what
// is malformed, WRONG_KIND of product, TAKEN: the resource has a slot that begins then.
func (s *Service) CreateSlots(ctx context.Context, product uuid.UUID, in SlotSeries) ([]*Slot, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	if err := in.check(of); err != nil {
		return nil, err
	}
	rows := in.slots(of, a.SiteID, product)
	if len(rows) > MaxSlots {
		return nil, fault.Invalid(fault.TooLong, []string{"until"}, "at most %d slots are made at once; end the series earlier", MaxSlots)
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, err := holdProduct(ctx, tx, a.SiteID, product)
		if err != nil {
			return err
		}
		if p.Kind != KindResource {
			return errNotResource
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			if db.ConstraintName(err) == "slot_site_id_product_id_starts_at_key" {
				return &fault.Error{Code: fault.Conflict, Reason: fault.Taken, Path: []string{"startsAt"}, Message: "the resource has a slot already that begins at one of these times", Err: err}
			}
			return db.MapError(err, "insert slots")
		}
		return nil
	})
	return rows, err
}

// DeleteSlot removes a slot that nobody has ever booked. Needs a manager. Mendable: IN_USE.
func (s *Service) DeleteSlot(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	return s.remove(ctx, (*Slot)(nil), "slot", a.SiteID, id)
}

// remove deletes a row that nothing refers to.
func (s *Service) remove(ctx context.Context, model any, kind string, siteID, id uuid.UUID) error {
	res, err := s.db.Bun.NewDelete().Model(model).Where("site_id = ? AND id = ?", siteID, id).Exec(ctx)
	if err != nil {
		err = db.MapError(err, "delete "+kind)
		if list, ok := fault.Mendable(err); ok && list[0].Reason == fault.UnknownReference {
			return &fault.Error{Code: fault.Conflict, Reason: fault.InUse, Path: []string{"id"}, Message: "this " + kind + " has been sold, and stays", Err: err}
		}
		return err
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fault.Missing(kind)
	}
	return nil
}

func (in *SlotSeries) check(of site.Site) error {
	v := checker{}
	if in.Minutes < 5 || in.Minutes > 14*24*60 {
		v.add(fault.InvalidNumber, []string{"minutes"}, "a slot lasts between 5 minutes and 14 days")
		return v.list.Err()
	}
	v.moments(in.StartsAt, in.StartsAt.Add(time.Duration(in.Minutes)*time.Minute))
	if in.Capacity < 1 || in.Capacity > 10_000 {
		v.add(fault.InvalidNumber, []string{"capacity"}, "a slot has between 1 and 10000 places")
	}
	if in.InARow < 1 || in.InARow > 288 || in.InARow > 1 && in.InARow*in.Minutes > 24*60 {
		v.add(fault.InvalidNumber, []string{"inARow"}, "what follows one another fits into a day")
	}
	switch first := of.Day(in.StartsAt); {
	case in.Every < 0 || in.Every > 366:
		v.add(fault.InvalidNumber, []string{"every"}, "a series goes on after 1 to 366 days")
	case in.Every > 0 && (in.Until == nil || in.Until.Before(first)):
		v.add(fault.InvalidDate, []string{"until"}, "say on which day the series ends")
	}
	return v.list.Err()
}

// slots gives the series, or its beginning where it is too long.
func (in *SlotSeries) slots(of site.Site, siteID, product uuid.UUID) (out []*Slot) {
	begins := in.StartsAt.In(of.Location())
	on := func(days int) time.Time {
		return time.Date(begins.Year(), begins.Month(), begins.Day()+days, begins.Hour(), begins.Minute(), begins.Second(), 0, of.Location())
	}
	length := time.Duration(in.Minutes) * time.Minute
	for n := 0; len(out) <= MaxSlots; n++ {
		at, next := on(n*in.Every), on(n*in.Every+1)
		if n > 0 && (in.Every == 0 || of.Day(at).After(*in.Until)) {
			break
		}
		for i := 0; i < in.InARow && (i == 0 || !at.Add(length).After(next)); i++ { // the day on which clocks are put forward is shorter
			out = append(out, &Slot{SiteID: siteID, ID: uuid.Must(uuid.NewV7()), ProductID: product, StartsAt: at, EndsAt: at.Add(length), Capacity: in.Capacity})
			at = at.Add(length)
		}
	}
	return out
}
