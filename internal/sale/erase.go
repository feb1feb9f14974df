package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
)

// theirs are the orders that the person bought or paid for.
const theirs = "(buyer_id = ANY (?1::uuid[]) OR payer_id = ANY (?1::uuid[]))"

// EraseSteps take out of the books what was written or answered in words, and who bought by name where the person did it by themselves. Sums, what was
// sold, who it was for (a contact without a name by now) and the other side's own numbers stay.
var EraseSteps = []account.EraseStep{
	{Table: "sale_order", SQL: `UPDATE sale_order SET answers = CASE WHEN buyer_id = ANY (?1::uuid[]) THEN '[]' ELSE answers END, request_sha256 = '',
			actor_name = CASE WHEN actor_kind = 'account' AND actor_id = ANY (?2::uuid[]) OR actor_kind = 'visitor' THEN '' ELSE actor_name END
		WHERE site_id = ?0 AND ` + theirs + ` AND (buyer_id = ANY (?1::uuid[]) AND answers <> '[]' OR request_sha256 <> '' OR actor_name <> '' AND (actor_kind = 'account' AND actor_id = ANY (?2::uuid[]) OR actor_kind = 'visitor'))`},
	{Table: "order_return", SQL: `UPDATE order_return SET reason = '', request_sha256 = '' WHERE site_id = ?0 AND (reason <> '' OR request_sha256 <> '')
		AND order_id IN (SELECT id FROM sale_order WHERE site_id = ?0 AND ` + theirs + `)`},
	{Table: "payment", SQL: `UPDATE payment SET reason = '', request_sha256 = '', actor_name = CASE WHEN actor_kind = 'account' THEN '' ELSE actor_name END
		WHERE site_id = ?0 AND (reason <> '' OR request_sha256 <> '' OR actor_kind = 'account' AND actor_name <> '')
		AND (payer_id = ANY (?1::uuid[]) OR order_id IN (SELECT id FROM sale_order WHERE site_id = ?0 AND ` + theirs + `))`},
	{Table: "balance_change", SQL: "UPDATE balance_change SET reason = '', request_sha256 = '' WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[]) AND (reason <> '' OR request_sha256 <> '')"},
	{Table: "provider_payment", SQL: `UPDATE provider_payment SET reason = '', problem = '', detail = '', url = '', request_sha256 = '', actor_name = CASE WHEN actor_kind = 'account' THEN '' ELSE actor_name END
		WHERE site_id = ?0 AND (reason <> '' OR problem <> '' OR detail <> '' OR url <> '' OR request_sha256 <> '' OR actor_kind = 'account' AND actor_name <> '')
		AND order_id IN (SELECT id FROM sale_order WHERE site_id = ?0 AND ` + theirs + `)`},
}

// Hindrance is why somebody cannot be erased yet: something that is in force between them and the site.
type Hindrance string

// The hindrances.
const (
	Owes            Hindrance = "OWES"        // an order is not paid, or paid too much
	HasCredit       Hindrance = "HAS_CREDIT"  // that can be spent
	HasDeposit      Hindrance = "HAS_DEPOSIT" // that the site keeps for them
	MembershipRuns  Hindrance = "MEMBERSHIP_RUNS"
	PassRuns        Hindrance = "PASS_RUNS"
	TicketToCome    Hindrance = "TICKET_TO_COME"
	BookingToCome   Hindrance = "BOOKING_TO_COME"
	PaymentUnderWay Hindrance = "PAYMENT_UNDER_WAY"
	OrganizesToCome Hindrance = "ORGANIZES_TO_COME"
)

// Hindering is how much of a kind hinders.
type Hindering struct {
	Code  string // a Hindrance
	Count int    `bun:"n"`
}

// inForce counts each hindrance. ?0 site, ?1 contacts, ?2 today of the site's, ?3 now.
const inForce = `
SELECT 'OWES' AS code, count(*) AS n FROM sale_order WHERE site_id = ?0 AND state = 'completed' AND (payer_id = ANY (?1::uuid[]) OR buyer_id = ANY (?1::uuid[])) AND paid <> total - returned
UNION ALL SELECT 'HAS_CREDIT', count(*) FROM ledger_account WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[]) AND kind = 'credit' AND balance <> 0
UNION ALL SELECT 'HAS_DEPOSIT', count(*) FROM ledger_account WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[]) AND kind = 'holding' AND balance <> 0
UNION ALL SELECT 'MEMBERSHIP_RUNS', count(*) FROM membership WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[]) AND (ends_on IS NULL OR ends_on >= ?2 AND ends_on >= starts_on)
UNION ALL SELECT 'PASS_RUNS', count(*) FROM pass WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[]) AND cancelled_at IS NULL AND used < uses AND (ends_on IS NULL OR ends_on >= ?2)
UNION ALL SELECT 'TICKET_TO_COME', count(*) FROM ticket t JOIN event e ON e.site_id = t.site_id AND e.id = t.event_id
	WHERE t.site_id = ?0 AND t.contact_id = ANY (?1::uuid[]) AND t.state = 'valid' AND e.state <> 'cancelled' AND e.ends_at > ?3
UNION ALL SELECT 'BOOKING_TO_COME', count(*) FROM booking b JOIN slot s ON s.site_id = b.site_id AND s.id = b.slot_id
	WHERE b.site_id = ?0 AND b.contact_id = ANY (?1::uuid[]) AND b.state = 'booked' AND s.ends_at > ?3
UNION ALL SELECT 'PAYMENT_UNDER_WAY', count(*) FROM provider_payment p JOIN sale_order o ON o.site_id = p.site_id AND o.id = p.order_id
	WHERE p.site_id = ?0 AND (o.buyer_id = ANY (?1::uuid[]) OR o.payer_id = ANY (?1::uuid[])) AND p.state IN ('pending', 'held')
UNION ALL SELECT 'ORGANIZES_TO_COME', count(*) FROM event WHERE site_id = ?0 AND organizer_id = ANY (?1::uuid[]) AND state <> 'cancelled' AND ends_at > ?3`

// Hinders tells what is in force between contacts and the site, for which it would be wrong to forget them. today is a day of the site's.
func Hinders(ctx context.Context, q bun.IDB, siteID uuid.UUID, contacts []uuid.UUID, today, now time.Time) ([]*Hindering, error) {
	rows := []*Hindering{}
	err := q.NewRaw("SELECT * FROM ("+inForce+") AS every WHERE n > 0", siteID, db.IDs(contacts), today.Format(time.DateOnly), now).Scan(ctx, &rows)
	return rows, db.MapError(err, "look for what is in force")
}

// Staying is what of the books stays with a contact that is erased.
type Staying struct {
	Orders, Payments, Tickets, Memberships, Passes, Bookings, Events int
}

// stays counts it. ?0 site, ?1 contacts.
const stays = `SELECT
	(SELECT count(*) FROM sale_order WHERE site_id = ?0 AND (buyer_id = ANY (?1::uuid[]) OR payer_id = ANY (?1::uuid[]))) AS orders,
	(SELECT count(*) FROM payment WHERE site_id = ?0 AND payer_id = ANY (?1::uuid[])) AS payments,
	(SELECT count(*) FROM ticket WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])) AS tickets,
	(SELECT count(*) FROM membership WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])) AS memberships,
	(SELECT count(*) FROM pass WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])) AS passes,
	(SELECT count(*) FROM booking WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])) AS bookings,
	(SELECT count(*) FROM event e WHERE e.site_id = ?0 AND (organizer_id = ANY (?1::uuid[])
		OR EXISTS (SELECT FROM event_contact c WHERE c.site_id = ?0 AND c.event_id = e.id AND c.contact_id = ANY (?1::uuid[])))) AS events`

// Stays counts what of the books stays with contacts that are erased.
func Stays(ctx context.Context, q bun.IDB, siteID uuid.UUID, contacts []uuid.UUID) (out Staying, err error) {
	err = q.NewRaw(stays, siteID, db.IDs(contacts)).Scan(ctx, &out)
	return out, db.MapError(err, "count what stays")
}
