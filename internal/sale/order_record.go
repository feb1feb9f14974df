package sale

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// RecordOrder writes down a sale and gives what was bought. Needs an operator, or a key with that role. The same idempotency key
// gives the same order again. Mendable: KEY_REUSED, CHECKOUT_USED, TAKEN reference, OTHER_CURRENCY, UNKNOWN product, slot,
// contact or checkout, INVALID_CONTACT, NOT_ON_SALE, SOLD_OUT, QUOTA_USED, RESERVED, LOGIN_REQUIRED, TOO_MUCH of a payment, and
// what is malformed, each at its place.
//
// A program counts as speaking for somebody who is logged in only by a checkout of an account's (T-20 to T-22, T-24). Staff know
// whom they have before them, and so does a box office that says so with the key of a manager; Forbidden with another.
func (s *Service) RecordOrder(ctx context.Context, in RecordOrder) (*Order, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	if in.Identified && a.Kind != site.KindStaff && a.Access < site.AccessManager {
		return nil, fault.New(fault.Forbidden, "that people stand before it, a program says with a key of the role manager")
	}
	sum, err := digest(in)
	if err != nil {
		return nil, err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	if err := in.check(a, of); err != nil {
		return nil, err
	}
	number, err := s.numberFor(ctx, a.SiteID, in.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	var out *Order
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if out, err = orderOfKey(ctx, tx, a.SiteID, in.IdempotencyKey, sum); err != nil || out != nil {
			return err
		}
		r := recording{Service: s, tx: tx, actor: a, site: of, in: in, at: s.now(), number: number}
		out, err = r.record(ctx, sum)
		return err
	})
	return out, err
}

// orderOfKey holds an idempotency key and gives the order that came with it; nil when there is none yet.
func orderOfKey(ctx context.Context, tx bun.IDB, siteID uuid.UUID, key string, sum []byte) (*Order, error) {
	if err := holdKey(ctx, tx, siteID, "order", key); err != nil {
		return nil, err
	}
	o := new(Order)
	err := tx.NewSelect().Model(o).Where("site_id = ? AND idempotency_key = ?", siteID, key).Scan(ctx)
	switch {
	case db.NoRows(err):
		return nil, nil //nolint:nilnil // that there is none is what is asked
	case err != nil:
		return nil, db.MapError(err, "read order")
	case !slices.Equal(o.RequestSha256, sum):
		return nil, errKeyReused
	}
	return o, nil
}

var errKeyReused = &fault.Error{
	Code: fault.Conflict, Reason: ReasonKeyReused, Path: []string{"idempotencyKey"},
	Message: "this key came before with another request; a new request needs a new key",
}

// holdKey makes those who come with one key wait for each other.
func holdKey(ctx context.Context, tx bun.IDB, siteID uuid.UUID, what, key string) error {
	_, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", what+"/"+siteID.String()+"/"+key).Exec(ctx)
	return db.MapError(err, "hold idempotency key")
}

// recording is an order on its way into the books.
type recording struct {
	*Service
	tx    bun.Tx
	actor site.Actor
	site  site.Site
	in    RecordOrder
	at    time.Time

	number int64 // the order's, taken ahead

	catalogue catalogue
	present   bool // whoever is named is known to who records it
	loggedIn  bool // who buys is known by more than their word
	order     *Order
	lines     []*Line
	sold      []sold
}

func (r *recording) record(ctx context.Context, sum []byte) (*Order, error) {
	r.order = &Order{
		SiteID: r.site.ID, ID: uuid.Must(uuid.NewV7()), Number: r.number, Reference: strings.TrimSpace(r.in.Reference), IdempotencyKey: r.in.IdempotencyKey, RequestSha256: sum,
		Channel: r.in.Channel, State: OrderCompleted, Currency: r.site.Currency, Answers: []account.FrozenAnswer{}, OrderedAt: r.at,
		ActorKind: r.actor.Kind, ActorName: r.actor.Name,
	}
	if r.in.OrderedAt != nil {
		r.order.OrderedAt = *r.in.OrderedAt
	}
	if r.order.OrderedAt.After(r.at.Add(24*time.Hour)) || r.order.OrderedAt.Year() < 2000 {
		return nil, fault.Invalid(fault.InvalidDate, []string{"orderedAt"}, "an order was made between the year 2000 and now")
	}
	if r.actor.ID != uuid.Nil {
		r.order.ActorID = &r.actor.ID
	}
	attendees, err := r.parties(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.price(ctx, attendees); err != nil {
		return nil, err
	}
	if err := r.count(ctx); err != nil {
		return nil, err
	}
	if err := r.insert(ctx); err != nil {
		return nil, err
	}
	if err := r.give(ctx); err != nil {
		return nil, err
	}
	if err := r.pay(ctx); err != nil {
		return nil, err
	}
	return r.order, r.tellOrder(ctx, r.tx, DeedOrderRecorded, r.order, r.lines)
}

// parties finds or makes whom the order names, and gives who attends each line.
func (r *recording) parties(ctx context.Context) ([]uuid.UUID, error) {
	r.present = r.actor.Kind == site.KindStaff || r.in.Identified
	r.loggedIn = r.present
	err := r.book.HoldAddresses(ctx, r.tx, r.site.ID, r.in.addresses())
	if err != nil {
		return nil, err
	}
	if r.in.Checkout != "" {
		err = r.byCheckout(ctx)
	} else {
		r.order.BuyerID, err = r.party(ctx, r.in.Buyer, "buyer")
	}
	if err != nil {
		return nil, err
	}
	r.order.PayerID = r.order.BuyerID
	if r.in.Payer != nil {
		if r.order.PayerID, err = r.party(ctx, *r.in.Payer, "payer"); err != nil {
			return nil, err
		}
	}
	attendees := make([]uuid.UUID, len(r.in.Lines))
	for i, l := range r.in.Lines {
		attendees[i] = *r.order.BuyerID
		if l.Attendee != nil {
			id, err := r.party(ctx, *l.Attendee, "lines", strconv.Itoa(i), "attendee")
			if err != nil {
				return nil, err
			}
			attendees[i] = *id
		}
	}
	return attendees, nil
}

func (r *recording) party(ctx context.Context, p Party, path ...string) (*uuid.UUID, error) {
	if p.ContactID != nil {
		id, err := r.book.Survivor(ctx, r.tx, r.site.ID, *p.ContactID)
		return &id, err
	}
	id, err := r.book.EnterBuyer(ctx, r.tx, r.site.ID, p.Person.change(), p.Person.Consent)
	return &id, fault.Under(err, append(path, "person")...)
}

// change is what a sale writes of a person; what it leaves empty stays.
func (b *Buyer) change() contact.Change {
	given := func(s string) *string {
		if s = strings.TrimSpace(s); s == "" {
			return nil
		}
		return &s
	}
	c := contact.Change{Email: given(b.Email), FirstName: given(b.FirstName), LastName: given(b.LastName), Language: given(b.Language), Company: given(b.Company), Phone: given(b.Phone)}
	if b.AddressLines+b.Postcode+b.City+b.Country != "" {
		lines := strings.Split(strings.TrimSpace(b.AddressLines), "\n")
		c.AddressChange = contact.AddressChange{Lines: &lines, Postcode: given(b.Postcode), City: given(b.City), Country: given(b.Country)}
	}
	return c
}

// byCheckout takes the buyer and the answers of a checkout that the shop has redeemed.
func (r *recording) byCheckout(ctx context.Context) error {
	var row struct {
		ContactID *uuid.UUID
		AccountID *uuid.UUID
		Answers   []account.FrozenAnswer `bun:"type:jsonb"`
	}
	err := r.tx.NewSelect().TableExpr("checkout").Column("contact_id", "account_id", "answers").
		Where("site_id = ? AND jti = ? AND redeemed_at IS NOT NULL", r.site.ID, r.in.Checkout).Scan(ctx, &row)
	if db.NoRows(err) || err == nil && row.ContactID == nil {
		return fault.Invalid(fault.Unknown, []string{"checkout"}, "this site has no redeemed checkout of this id; redeem it first")
	}
	if err != nil {
		return db.MapError(err, "read checkout")
	}
	r.order.CheckoutJti, r.order.BuyerID, r.order.Answers = &r.in.Checkout, row.ContactID, row.Answers
	r.loggedIn = r.loggedIn || row.AccountID != nil
	return nil
}

// insert writes the order with its lines.
func (r *recording) insert(ctx context.Context) error {
	if _, err := r.tx.NewInsert().Model(r.order).Returning("recorded_at").Exec(ctx); err != nil {
		switch db.ConstraintName(err) {
		case "sale_order_reference":
			return &fault.Error{Code: fault.Conflict, Reason: fault.Taken, Path: []string{"reference"}, Message: "an order with this reference was recorded before"}
		case "sale_order_checkout":
			return &fault.Error{Code: fault.Conflict, Reason: ReasonOrderTaken, Path: []string{"checkout"}, Message: "another order came of this checkout"}
		}
		return db.MapError(err, "insert order")
	}
	if _, err := r.tx.NewInsert().Model(&r.lines).Exec(ctx); err != nil {
		return db.MapError(err, "insert order lines")
	}
	return r.noteQuotas(ctx)
}

// numberFor gives the next order of a site its number, ahead of the order's own transaction: within it all orders of the site
// would wait for each other. An order that is refused leaves its number out; one that was recorded before needs none.
func (s *Service) numberFor(ctx context.Context, siteID uuid.UUID, key string) (n int64, err error) {
	known, err := s.db.Bun.NewSelect().Model((*Order)(nil)).Where("site_id = ? AND idempotency_key = ?", siteID, key).Exists(ctx)
	if err != nil || known {
		return 0, db.MapError(err, "look for order")
	}
	err = s.db.Bun.NewRaw(`INSERT INTO site_counter (site_id, name, value) VALUES (?, 'order', 1)
		ON CONFLICT (site_id, name) DO UPDATE SET value = site_counter.value + 1 RETURNING value`, siteID).Scan(ctx, &n)
	return n, db.MapError(err, "number order")
}
