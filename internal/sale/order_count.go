package sale

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// counted is something of which there is a number, and how many of it an order takes.
type counted struct {
	id   uuid.UUID
	n    int
	line int // the first line that asks for it
}

// quotaUse is what a contact uses of a quota.
type quotaUse struct {
	quota   *Quota
	contact uuid.UUID
	first   time.Time // of the period
	n       int
	line    int
}

// count raises what is limited: places of events, products and slots, and quotas. Each by id, so that two orders never wait for
// each other in a circle. What does not fit is a CHECK's refusal, and that of the whole order; so is what was taken off sale while
// the order was looked at.
func (r *recording) count(ctx context.Context) error {
	var events, products, slots []counted
	for i, s := range r.sold {
		products = add(products, s.product.ID, s.line.Quantity, i)
		if s.product.EventID != nil {
			events = add(events, *s.product.EventID, s.line.Quantity, i)
		}
		if s.line.SlotID != nil {
			slots = add(slots, *s.line.SlotID, s.line.Quantity, i)
		}
	}
	for _, one := range []struct {
		table  string
		list   []counted
		onSale string // as in checker.onSale
		path   string
	}{
		{"event", events, "state = 'published' AND ends_at > ?", "productId"},
		{"product", products, "archived_at IS NULL", "productId"},
		{"slot", slots, "ends_at > ?", "slotId"},
	} {
		slices.SortFunc(one.list, func(a, b counted) int { return slices.Compare(a.id[:], b.id[:]) })
		for _, c := range one.list {
			res, err := r.tx.NewRaw("UPDATE ? SET taken = taken + ? WHERE site_id = ? AND id = ? AND "+one.onSale, bun.Ident(one.table), c.n, r.site.ID, c.id, r.order.OrderedAt).Exec(ctx)
			if err != nil {
				return soldOut(err, c.line)
			}
			if n, _ := res.RowsAffected(); n == 0 {
				return fault.Invalid(ReasonNotOnSale, []string{"lines", strconv.Itoa(c.line), one.path}, "%s is not on sale any more", r.sold[c.line].line.Label)
			}
		}
	}
	for _, u := range r.uses() {
		_, err := r.tx.NewRaw(`INSERT INTO quota_use AS q (site_id, quota_id, contact_id, period_on, used, most) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (site_id, quota_id, contact_id, period_on) DO UPDATE SET used = q.used + EXCLUDED.used, most = EXCLUDED.most`,
			r.site.ID, u.quota.ID, u.contact, u.first, u.n, u.quota.Most).Exec(ctx)
		if db.ConstraintName(err) == "quota_most" {
			return &fault.Error{
				Code: fault.Conflict, Reason: ReasonQuotaUsed, Path: []string{"lines", strconv.Itoa(u.line), "quantity"},
				Message: "at most " + strconv.Itoa(u.quota.Most) + " of this a " + string(u.quota.Period) + " for one contact", Err: err,
			}
		}
		if err != nil {
			return db.MapError(err, "use quota")
		}
	}
	return nil
}

// uses gathers what the order uses of quotas, in the order in which they are locked.
func (r *recording) uses() (out []quotaUse) {
	for i, s := range r.sold {
		day := r.catalogue.usedOn(s.product, s.line.SlotID, r.site.Day, r.order.OrderedAt)
		for _, q := range s.quotas {
			first := q.Period.First(day)
			at := slices.IndexFunc(out, func(u quotaUse) bool { return u.quota.ID == q.ID && u.contact == s.holder && u.first.Equal(first) })
			if at < 0 {
				at, out = len(out), append(out, quotaUse{quota: q, contact: s.holder, first: first, line: i})
			}
			out[at].n += s.line.Quantity
		}
	}
	slices.SortFunc(out, func(a, b quotaUse) int {
		return cmp.Or(slices.Compare(a.quota.ID[:], b.quota.ID[:]), slices.Compare(a.contact[:], b.contact[:]), a.first.Compare(b.first))
	})
	return out
}

// noteQuotas keeps which quotas each line used, for its return.
func (r *recording) noteQuotas(ctx context.Context) error {
	var rows []*lineQuota
	for _, s := range r.sold {
		day := r.catalogue.usedOn(s.product, s.line.SlotID, r.site.Day, r.order.OrderedAt)
		for _, q := range s.quotas {
			rows = append(rows, &lineQuota{SiteID: r.site.ID, LineID: s.line.ID, QuotaID: q.ID, PeriodOn: q.Period.First(day)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := r.tx.NewInsert().Model(&rows).Exec(ctx)
	return db.MapError(err, "note quotas")
}

// lineQuota is a quota that a line used.
type lineQuota struct {
	bun.BaseModel `bun:"table:order_line_quota"`

	SiteID   uuid.UUID `bun:",pk"`
	LineID   uuid.UUID `bun:",pk"`
	QuotaID  uuid.UUID `bun:",pk"`
	PeriodOn time.Time `bun:"type:date"`
}

func add(list []counted, id uuid.UUID, n, line int) []counted {
	at := slices.IndexFunc(list, func(c counted) bool { return c.id == id })
	if at < 0 {
		return append(list, counted{id, n, line})
	}
	list[at].n += n
	return list
}

// soldOut says of a refused counter what it means.
func soldOut(err error, line int) error {
	switch db.ConstraintName(err) {
	case "event_places", "product_places", "slot_places":
		return &fault.Error{
			Code: fault.Conflict, Reason: ReasonSoldOut, Path: []string{"lines", strconv.Itoa(line), "quantity"},
			Message: "there are not that many places left", Err: err,
		}
	}
	return db.MapError(err, "take places")
}
