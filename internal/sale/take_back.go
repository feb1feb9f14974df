package sale

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/site"
)

// takeBack does returns: what is counted first, then what was given, then lines and orders, and the books last. The caller holds the
// orders and what they gave.
func (s *Service) takeBack(ctx context.Context, tx bun.IDB, a site.Actor, list []*returning) error {
	if err := uncount(ctx, tx, a.SiteID, list); err != nil {
		return err
	}
	if err := s.cancelUnits(ctx, tx, a, list); err != nil {
		return err
	}
	now := s.now()
	var rows []*Return
	for _, r := range list {
		if len(r.parts) == 0 {
			continue
		}
		for _, p := range r.parts {
			p.line.Returned += len(p.units)
			if _, err := tx.NewUpdate().Model(p.line).Column("returned").WherePK().Exec(ctx); err != nil {
				return db.MapError(err, "update order line")
			}
		}
		row := &Return{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), OrderID: r.order.ID, Amount: r.amount, Reason: r.reason, IdempotencyKey: r.key, RequestSha256: r.sum, At: now}
		row.ActorKind, row.ActorID, row.ActorName = byWhom(a)
		rows = append(rows, row)
		if err := r.settle(ctx, tx); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return db.MapError(err, "insert returns")
	}
	at := 0
	for _, r := range list {
		if len(r.parts) == 0 {
			continue
		}
		entry := posting{kind: "return", order: &r.order.ID, ret: &rows[at].ID, from: side{kind: receivable, contact: r.order.PayerID}, to: side{kind: revenue}, amount: r.amount, at: now}
		if err := post(ctx, tx, a.SiteID, entry); err != nil {
			return err
		}
		if err := s.tellReturned(ctx, tx, r.order); err != nil {
			return err
		}
		at++
	}
	return nil
}

// settle writes what an order is after a return. An order all of whose lines went back is cancelled.
func (r *returning) settle(ctx context.Context, tx bun.IDB) error {
	left, err := tx.NewSelect().Model((*Line)(nil)).Where("site_id = ? AND order_id = ? AND returned < quantity", r.order.SiteID, r.order.ID).Exists(ctx)
	if err != nil {
		return db.MapError(err, "read order lines")
	}
	r.order.Returned += r.amount
	if !left {
		r.order.State = OrderCancelled
	}
	_, err = tx.NewUpdate().Model(r.order).Column("returned", "state").WherePK().Exec(ctx)
	return db.MapError(err, "update order")
}

// uncount lowers what was counted for what goes back: places of events, products and slots, and quotas, in the order in which
// sales raise them.
func uncount(ctx context.Context, tx bun.IDB, siteID uuid.UUID, list []*returning) error {
	var events, products, slots []counted
	var ids []uuid.UUID
	for _, r := range list {
		for _, p := range r.parts {
			ids = append(ids, p.line.ProductID)
		}
	}
	known, err := byIDs(ctx, tx, siteID, ids, func(p *Product) uuid.UUID { return p.ID })
	if err != nil {
		return err
	}
	back := map[uuid.UUID]part{}
	for _, r := range list {
		for _, p := range r.parts {
			n := len(p.units)
			products = add(products, p.line.ProductID, n, 0)
			if event := known[p.line.ProductID].EventID; event != nil {
				events = add(events, *event, n, 0)
			}
			if p.line.SlotID != nil {
				slots = add(slots, *p.line.SlotID, n, 0)
			}
			back[p.line.ID] = p
		}
	}
	for _, one := range []struct {
		table string
		list  []counted
	}{{"event", events}, {"product", products}, {"slot", slots}} {
		slices.SortFunc(one.list, func(a, b counted) int { return slices.Compare(a.id[:], b.id[:]) })
		for _, c := range one.list {
			if _, err := tx.NewRaw("UPDATE ? SET taken = taken - ? WHERE site_id = ? AND id = ?", bun.Ident(one.table), c.n, siteID, c.id).Exec(ctx); err != nil {
				return db.MapError(err, "give places back")
			}
		}
	}
	return unuse(ctx, tx, siteID, back)
}

// unuse lowers the quotas that lines used. Whoever was merged may have used less than both together.
func unuse(ctx context.Context, tx bun.IDB, siteID uuid.UUID, back map[uuid.UUID]part) error {
	lines := make([]uuid.UUID, 0, len(back))
	for id := range back {
		lines = append(lines, id)
	}
	if len(lines) == 0 {
		return nil
	}
	var used []struct {
		LineID, QuotaID, AttendeeID uuid.UUID
		PeriodOn                    time.Time
	}
	err := tx.NewSelect().TableExpr("order_line_quota AS u").ColumnExpr("u.line_id, u.quota_id, u.period_on, l.attendee_id").
		Join("JOIN order_line AS l ON l.site_id = u.site_id AND l.id = u.line_id AND l.attendee_id IS NOT NULL").
		Where("u.site_id = ? AND u.line_id IN (?)", siteID, bun.List(lines)).OrderExpr("u.quota_id, l.attendee_id, u.period_on").Scan(ctx, &used)
	if err != nil {
		return db.MapError(err, "read quotas of lines")
	}
	for _, u := range used {
		_, err := tx.NewRaw("UPDATE quota_use SET used = greatest(0, used - ?) WHERE site_id = ? AND quota_id = ? AND contact_id = ? AND period_on = ?",
			len(back[u.LineID].units), siteID, u.QuotaID, u.AttendeeID, u.PeriodOn).Exec(ctx)
		if err != nil {
			return db.MapError(err, "give quota back")
		}
	}
	return nil
}

// cancelUnits takes from the holders what goes back.
func (s *Service) cancelUnits(ctx context.Context, tx bun.IDB, a site.Actor, list []*returning) error {
	by := map[string][]uuid.UUID{}
	for _, r := range list {
		for _, p := range r.parts {
			for _, u := range p.units {
				by[u.Table] = append(by[u.Table], u.ID)
			}
		}
	}
	for _, one := range []struct {
		table string
		set   string
		args  []any
	}{
		{"ticket", "state = 'cancelled', used_at = NULL", nil},
		{"pass", "cancelled_at = ?", []any{s.now()}},
		{"booking", "state = 'cancelled'", nil},
	} {
		if ids := by[one.table]; len(ids) > 0 {
			if _, err := tx.NewUpdate().TableExpr("?", bun.Ident(one.table)).Set(one.set, one.args...).Where("site_id = ? AND id IN (?)", a.SiteID, bun.List(ids)).Exec(ctx); err != nil {
				return db.MapError(err, "cancel what was given")
			}
		}
	}
	return s.endMemberships(ctx, tx, a, by["membership"])
}

// endMemberships ends memberships the day before, as if they had not been from today on, and tells of those that ended by it.
func (s *Service) endMemberships(ctx context.Context, tx bun.IDB, a site.Actor, ids []uuid.UUID) error {
	if len(ids) == 0 {
		return nil
	}
	of, err := site.Of(ctx, tx, a)
	if err != nil {
		return err
	}
	const last = "greatest(starts_on - 1, least(ends_on, ?::date - 1))"
	var ended []*Membership
	today := s.today(of)
	_, err = tx.NewUpdate().Model(&ended).Set("ends_on = "+last+", cancelled_at = coalesce(cancelled_at, ?), renews = false", today, s.now()).
		Where("site_id = ? AND id IN (?) AND ends_on IS DISTINCT FROM "+last, a.SiteID, bun.List(ids), today).Returning("*").Exec(ctx)
	if err != nil {
		return db.MapError(err, "end memberships")
	}
	return s.tellMemberships(ctx, tx, DeedMembershipCancelled, ended...)
}
