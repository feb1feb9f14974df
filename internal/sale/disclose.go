package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
)

// The sections that sales give.
const (
	SectionOrders      = "orders"
	SectionTickets     = "tickets"
	SectionMemberships = "memberships"
	SectionPasses      = "passes"
	SectionBookings    = "bookings"
	SectionPayments    = "payments"
	SectionBalances    = "balances"
	SectionDeposits    = "deposits"
	SectionEvents      = "events"
)

// What is read of each section: ?0 the site, ?1 the contact. An order is its buyer's and its payer's, its answers the buyer's alone; who attends has the tickets. Codes of tickets are left out: whoever has one gets in.
const (
	ordersHeld = `SELECT o.number, o.reference, o.channel, o.state, o.currency, o.total, o.returned, o.paid, CASE WHEN o.buyer_id = ?1 THEN o.answers ELSE '[]' END AS answers,
			o.ordered_at, coalesce(o.buyer_id = ?1, false) AS bought, coalesce(o.payer_id = ?1, false) AS paid_for,
			ARRAY(SELECT l.quantity || ' × ' || l.label FROM order_line l WHERE l.site_id = o.site_id AND l.order_id = o.id ORDER BY l.position) AS lines
		FROM sale_order o WHERE o.site_id = ?0 AND (o.buyer_id = ?1 OR o.payer_id = ?1) ORDER BY o.ordered_at, o.id`
	ticketsHeld = `SELECT e.name AS event, e.starts_at, p.name AS product, coalesce(t.seat, '') AS seat, t.state, t.used_at, t.created_at AS at FROM ticket t JOIN event e ON e.site_id = t.site_id AND e.id = t.event_id
		JOIN product p ON p.site_id = t.site_id AND p.id = t.product_id WHERE t.site_id = ?0 AND t.contact_id = ?1 ORDER BY t.id`
	membershipsHeld = `SELECT p.name AS plan, m.starts_on, m.ends_on, m.cancelled_at FROM membership m JOIN product p ON p.site_id = m.site_id AND p.id = m.plan_id
		WHERE m.site_id = ?0 AND m.contact_id = ?1 ORDER BY m.starts_on, m.id`
	passesHeld = `SELECT p.name AS product, s.uses, s.used, s.valid_on, s.ends_on, s.cancelled_at FROM pass s JOIN product p ON p.site_id = s.site_id AND p.id = s.product_id
		WHERE s.site_id = ?0 AND s.contact_id = ?1 ORDER BY s.id`
	bookingsHeld = `SELECT p.name AS product, s.starts_at, s.ends_at, b.state FROM booking b JOIN slot s ON s.site_id = b.site_id AND s.id = b.slot_id JOIN product p ON p.site_id = b.site_id AND p.id = b.product_id
		WHERE b.site_id = ?0 AND b.contact_id = ?1 ORDER BY s.starts_at, b.id`
	paymentsHeld = `SELECT o.number AS order, p.direction, p.method, p.amount, o.currency, p.reference, p.reason, p.at FROM payment p JOIN sale_order o ON o.site_id = p.site_id AND o.id = p.order_id
		WHERE p.site_id = ?0 AND p.payer_id = ?1 ORDER BY p.at, p.id`
	balancesHeld = `SELECT kind, CASE kind WHEN 'receivable' THEN sum(balance) ELSE -sum(balance) END AS amount FROM ledger_account WHERE site_id = ?0 AND contact_id = ?1 GROUP BY kind ORDER BY kind`
	depositsHeld = `SELECT account, amount, method, reason, at FROM balance_change WHERE site_id = ?0 AND contact_id = ?1 ORDER BY at, id`
	eventsHeld   = `SELECT e.name, e.place, e.starts_at, e.ends_at, e.state, coalesce(r.role, 'organizer') AS role FROM event e LEFT JOIN event_contact r ON r.site_id = e.site_id AND r.event_id = e.id AND r.contact_id = ?1
		WHERE e.site_id = ?0 AND (e.organizer_id = ?1 OR r.contact_id = ?1) ORDER BY e.starts_at, e.id, role`
)

// Disclose gives all that sales hold about a contact. q is to be one snapshot. The caller has the right.
func Disclose(ctx context.Context, q bun.IDB, siteID, contactID uuid.UUID, give account.Disclosure) error {
	for _, section := range []func() error{
		func() error { return giveHeld[orderItem](ctx, q, SectionOrders, ordersHeld, siteID, contactID, give) },
		func() error {
			return giveHeld[ticketItem](ctx, q, SectionTickets, ticketsHeld, siteID, contactID, give)
		},
		func() error {
			return giveHeld[membershipItem](ctx, q, SectionMemberships, membershipsHeld, siteID, contactID, give)
		},
		func() error { return giveHeld[passItem](ctx, q, SectionPasses, passesHeld, siteID, contactID, give) },
		func() error {
			return giveHeld[bookingItem](ctx, q, SectionBookings, bookingsHeld, siteID, contactID, give)
		},
		func() error {
			return giveHeld[paymentItem](ctx, q, SectionPayments, paymentsHeld, siteID, contactID, give)
		},
		func() error {
			return giveHeld[balanceItem](ctx, q, SectionBalances, balancesHeld, siteID, contactID, give)
		},
		func() error {
			return giveHeld[depositItem](ctx, q, SectionDeposits, depositsHeld, siteID, contactID, give)
		},
		func() error { return giveHeld[eventItem](ctx, q, SectionEvents, eventsHeld, siteID, contactID, give) },
	} {
		if err := section(); err != nil {
			return err
		}
	}
	return nil
}

// giveHeld reads a section's items and gives them.
func giveHeld[T any](ctx context.Context, q bun.IDB, section, query string, siteID, contactID uuid.UUID, give account.Disclosure) error {
	var rows []T
	if err := q.NewRaw(query, siteID, contactID).Scan(ctx, &rows); err != nil {
		return db.MapError(err, "read "+section)
	}
	for _, item := range rows {
		if err := give(section, item); err != nil {
			return err
		}
	}
	return nil
}

// The items, as the file has them. Amounts are minor units.
type (
	orderItem struct {
		Number    int64                  `json:"number"`
		Reference string                 `json:"reference,omitempty"`
		Channel   string                 `json:"channel"`
		State     OrderState             `json:"state"`
		Currency  string                 `json:"currency"`
		Total     int64                  `json:"total"`
		Returned  int64                  `json:"returned"`
		Paid      int64                  `json:"paid"`
		Answers   []account.FrozenAnswer `bun:"type:jsonb" json:"answers"`
		OrderedAt time.Time              `json:"ordered"`
		Bought    bool                   `json:"bought"`
		PaidFor   bool                   `json:"paidFor"`
		Lines     []string               `bun:",array" json:"lines"`
	}
	ticketItem struct {
		Event    string      `json:"event"`
		StartsAt time.Time   `json:"starts"`
		Product  string      `json:"product"`
		Seat     string      `json:"seat,omitempty"`
		State    TicketState `json:"state"`
		UsedAt   *time.Time  `json:"used,omitempty"`
		At       time.Time   `json:"given"`
	}
	membershipItem struct {
		Plan        string     `json:"plan"`
		StartsOn    time.Time  `json:"starts"`
		EndsOn      *time.Time `json:"ends,omitempty"`
		CancelledAt *time.Time `json:"cancelled,omitempty"`
	}
	passItem struct {
		Product     string     `json:"product"`
		Uses        int        `json:"uses"`
		Used        int        `json:"used"`
		ValidOn     time.Time  `json:"starts"`
		EndsOn      *time.Time `json:"ends,omitempty"`
		CancelledAt *time.Time `json:"cancelled,omitempty"`
	}
	bookingItem struct {
		Product  string       `json:"product"`
		StartsAt time.Time    `json:"starts"`
		EndsAt   time.Time    `json:"ends"`
		State    BookingState `json:"state"`
	}
	paymentItem struct {
		Order     int64     `json:"order"`
		Direction Direction `json:"direction"`
		Method    Method    `json:"method"`
		Amount    int64     `json:"amount"`
		Currency  string    `json:"currency"`
		Reference string    `json:"reference,omitempty"`
		Reason    string    `json:"reason,omitempty"`
		At        time.Time `json:"at"`
	}
	balanceItem struct {
		Kind   string `json:"kind"` // receivable: still to be paid; credit: to be spent; holding: kept for the person
		Amount int64  `json:"amount"`
	}
	depositItem struct {
		Account string    `json:"account"` // credit or holding
		Amount  int64     `json:"amount"`  // below zero: taken back
		Method  *Method   `json:"method,omitempty"`
		Reason  string    `json:"reason,omitempty"`
		At      time.Time `json:"at"`
	}
	eventItem struct {
		Name     string     `json:"name"`
		Place    string     `json:"place,omitempty"`
		StartsAt time.Time  `json:"starts"`
		EndsAt   time.Time  `json:"ends"`
		State    EventState `json:"state"`
		Role     string     `json:"role"`
	}
)
