package sale

import (
	"context"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// RefundBatch takes back what contacts paid for an event or a product, and pays it back (P-19): to their credit balance, or the way
// it was paid. What was not paid is owed no more. Done again it finds nothing left to take back.
type RefundBatch struct {
	EventID   *uuid.UUID `json:"eventId,omitempty"`
	ProductID *uuid.UUID `json:"productId,omitempty"`
	ToCredit  bool       `json:"toCredit,omitempty"`
	Force     bool       `json:"force,omitempty"` // what was used too
	Reason    string     `json:"reason,omitempty"`

	sales *Service
}

var _ contact.FurtherBatch = (*RefundBatch)(nil)

// NewRefundBatch makes an empty one.
func (s *Service) NewRefundBatch() contact.FurtherBatch { return &RefundBatch{sales: s} }

// Name is refund.
func (*RefundBatch) Name() contact.BatchName { return contact.BatchRefund }

// Access is a manager's: it may pay back all that a site has earned.
func (*RefundBatch) Access() site.Access { return site.AccessManager }

// Check refuses what names nothing, or what the site does not have.
func (b *RefundBatch) Check(ctx context.Context, q bun.IDB, of site.Site) error {
	v := checker{}
	v.text(b.Reason, 2000, "refund", "reason")
	for _, one := range []struct {
		table string
		id    *uuid.UUID
	}{{"event", b.EventID}, {"product", b.ProductID}} {
		if one.id == nil {
			continue
		}
		known, err := q.NewSelect().TableExpr("?", bun.Ident(one.table)).Where("site_id = ? AND id = ?", of.ID, *one.id).Exists(ctx)
		if err != nil {
			return db.MapError(err, "look for "+one.table)
		}
		if !known {
			v.add(fault.Unknown, []string{"refund", one.table + "Id"}, "the site has no %s with this id", one.table)
		}
	}
	if (b.EventID == nil) == (b.ProductID == nil) {
		v.add(fault.Required, []string{"refund"}, "name the event or the product, one of the two")
	}
	return v.list.Err()
}

// refundable finds the orders that contacts pay and that hold something of the event or product that did not go back.
const refundable = `
SELECT DISTINCT o.id FROM sale_order AS o JOIN order_line AS l ON l.site_id = o.site_id AND l.order_id = o.id AND l.returned < l.quantity
JOIN product AS p ON p.site_id = l.site_id AND p.id = l.product_id
WHERE o.site_id = ? AND o.payer_id IN (?) AND (p.id = ? OR p.event_id = ?) ORDER BY o.id`

// Plan tells of each contact what goes back and how much is paid back.
func (b *RefundBatch) Plan(ctx context.Context, q bun.IDB, part contact.FurtherPart) (contact.FurtherPlan, error) {
	out := contact.FurtherPlan{Changes: map[uuid.UUID]contact.Changes{}, Refused: map[uuid.UUID]*fault.Error{}}
	var ids []uuid.UUID
	if len(part.Contacts) > 0 {
		if err := q.NewRaw(refundable, part.Site.ID, bun.List(part.Contacts), b.ProductID, b.EventID).Scan(ctx, &ids); err != nil {
			return out, db.MapError(err, "find orders to refund")
		}
	}
	list, err := b.refunds(ctx, q, part, ids, false)
	if err != nil {
		return out, err
	}
	planned := map[uuid.UUID]int64{}
	var todo []uuid.UUID
	told := map[uuid.UUID]*toldRefund{}
	for _, r := range list {
		payer := *r.order.PayerID
		if r.used {
			out.Refused[payer] = &fault.Error{Code: fault.Conflict, Reason: ReasonUsed, Message: "order " + strconv.FormatInt(r.order.Number, 10) + " holds what was used"}
		}
		if told[payer] == nil {
			told[payer] = new(toldRefund)
		}
		told[payer].add(r)
	}
	for _, r := range list {
		payer := *r.order.PayerID
		if out.Refused[payer] != nil {
			continue
		}
		out.Changes[payer] = told[payer].changes(r.order.Currency)
		planned[r.order.ID] = r.amount
		todo = append(todo, r.order.ID)
	}
	out.Write = func(ctx context.Context, tx bun.Tx) error { return b.write(ctx, tx, part, todo, planned) }
	return out, nil
}

// toldRefund is what history says of a refund.
type toldRefund struct {
	lines []string
	money int64
}

func (t *toldRefund) add(r *refunding) {
	for _, p := range r.parts {
		t.lines = append(t.lines, strconv.Itoa(len(p.units))+" × "+p.line.Label)
	}
	t.money += r.back
}

func (t *toldRefund) changes(currency string) contact.Changes {
	return contact.Changes{"returned": contact.Delta{After: t.lines}, "refunded": contact.Delta{After: amountText(t.money, currency)}}
}

// refunding is a return with what is paid back for it.
type refunding struct {
	returning
	used bool  // something of it was used
	back int64 // what is paid back
}

// refunds finds what goes back of orders, which are locked or not.
func (b *RefundBatch) refunds(ctx context.Context, q bun.IDB, part contact.FurtherPart, ids []uuid.UUID, lock bool) ([]*refunding, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var orders []*Order
	var err error
	if lock {
		orders, err = holdOrders(ctx, q, part.Site.ID, ids)
	} else {
		err = q.NewSelect().Model(&orders).Where("site_id = ? AND id IN (?)", part.Site.ID, bun.List(ids)).Order("id").Scan(ctx)
	}
	if err != nil {
		return nil, db.MapError(err, "read orders")
	}
	g, err := readGiven(ctx, q, part.Site.ID, ids, lock)
	if err != nil {
		return nil, err
	}
	products, err := b.products(ctx, q, part.Site.ID)
	if err != nil {
		return nil, err
	}
	var out []*refunding
	for _, o := range orders {
		r := &refunding{returning: returning{order: o, reason: b.Reason, key: "batch/" + uuid.Must(uuid.NewV7()).String(), sum: []byte{}}}
		for _, line := range g.lines[o.ID] {
			if !slices.Contains(products, line.ProductID) {
				continue
			}
			units := g.left(line)
			r.used = r.used || !b.Force && slices.ContainsFunc(units, func(u *unit) bool { return u.Spent })
			r.add(line, units)
		}
		r.back = max(0, min(r.amount, r.amount-o.Due()))
		if len(r.parts) > 0 && o.PayerID != nil {
			out = append(out, r)
		}
	}
	return out, nil
}

// products gives what is refunded.
func (b *RefundBatch) products(ctx context.Context, q bun.IDB, siteID uuid.UUID) (ids []uuid.UUID, err error) {
	err = q.NewSelect().TableExpr("product").Column("id").Where("site_id = ? AND (id = ? OR event_id = ?)", siteID, b.ProductID, b.EventID).Scan(ctx, &ids)
	return ids, db.MapError(err, "read products")
}

// write does what was planned: all returns, then the payments. Where an order has changed since, the contact is planned anew.
func (b *RefundBatch) write(ctx context.Context, tx bun.Tx, part contact.FurtherPart, ids []uuid.UUID, planned map[uuid.UUID]int64) error {
	list, err := b.refunds(ctx, tx, part, ids, true)
	if err != nil {
		return err
	}
	back := make([]*returning, len(list))
	for i, r := range list {
		if r.amount != planned[r.order.ID] || r.used {
			return fault.New(fault.Conflict, "order %d was changed at the same moment; try again", r.order.Number)
		}
		back[i] = &r.returning
	}
	a := site.Actor{Kind: part.By.Kind, ID: part.By.ID, Name: part.By.Name, SiteID: part.Site.ID}
	if err := b.sales.takeBack(ctx, tx, a, back); err != nil {
		return err
	}
	for _, r := range list {
		if err := b.payBack(ctx, tx, part, r, a); err != nil {
			return err
		}
	}
	return nil
}

// payBack pays what is too much back. What was paid at a provider goes back there, by jobs.
func (b *RefundBatch) payBack(ctx context.Context, tx bun.Tx, part contact.FurtherPart, r *refunding, a site.Actor) error {
	ways, err := b.ways(ctx, tx, r)
	if err != nil {
		return err
	}
	for i, w := range ways {
		p := Payment{
			SiteID: part.Site.ID, ID: uuid.Must(uuid.NewV7()), OrderID: r.order.ID, PayerID: r.order.PayerID, Direction: Out, Method: w.method, Amount: w.amount, Reason: b.Reason,
			IdempotencyKey: r.key + "/" + strconv.Itoa(i), RequestSha256: []byte{}, At: part.Now,
		}
		if w.provided != nil {
			if _, err := b.sales.intend(ctx, tx, r.order, w.provided, p, a, 0); err != nil {
				return err
			}
			continue
		}
		p.ActorKind, p.ActorID, p.ActorName = byWhom(a)
		if err := payOut(ctx, tx, r.order, &p); err != nil {
			return err
		}
	}
	return nil
}

// way is an amount by a method, or back to where a provider collected it.
type way struct {
	method   Method
	provided *ProviderPayment
	amount   int64
	last     uuid.UUID // the last payment by it
}

// ways divides what is paid back: to credit, or among the ways by which it was paid, the last one first.
func (b *RefundBatch) ways(ctx context.Context, tx bun.Tx, r *refunding) (out []way, err error) {
	underWay, err := refundsUnderWay(ctx, tx, r.order)
	if err != nil {
		return nil, err
	}
	left := min(r.back, r.order.Paid-underWay)
	if b.ToCredit && left > 0 {
		return []way{{method: Credit, amount: left}}, nil
	}
	var rows []*Payment
	if err := tx.NewSelect().Model(&rows).Where("site_id = ? AND order_id = ?", r.order.SiteID, r.order.ID).Order("id").Scan(ctx); err != nil {
		return nil, db.MapError(err, "read payments")
	}
	list, err := readProvided(ctx, tx, r.order)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if p.Left > 0 {
			out = append(out, way{method: Card, provided: p, amount: p.Left, last: *p.PaymentID})
		}
	}
	for _, p := range rows {
		if p.Provider != ProviderManual {
			continue
		}
		at := slices.IndexFunc(out, func(w way) bool { return w.provided == nil && w.method == p.Method })
		if at < 0 {
			at, out = len(out), append(out, way{method: p.Method})
		}
		out[at].amount, out[at].last = out[at].amount+p.signed(), p.ID
	}
	slices.SortFunc(out, func(a, b way) int { return slices.Compare(b.last[:], a.last[:]) })
	for i := range out {
		out[i].amount = max(0, min(left, out[i].amount))
		left -= out[i].amount
	}
	return slices.DeleteFunc(out, func(w way) bool { return w.amount == 0 }), nil
}
