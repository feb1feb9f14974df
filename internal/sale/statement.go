package sale

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Money is what a contact has with the site, in minor units (S-46).
type Money struct {
	ContactID uuid.UUID
	Currency  string
	Credit    int64 // what they may spend
	Holding   int64 // what is kept for them
	Owed      int64 // what they have still to pay; below zero: what is to be paid back
}

// Entry is what changed a balance of a contact.
type Entry struct {
	TransactionID uuid.UUID
	AccountID     uuid.UUID
	Balance       Balance
	Kind          EntryKind
	Amount        int64 // above zero: the balance is higher by it
	OrderID       *uuid.UUID
	Method        *Method // how money came or went
	Reason        string
	ActorName     string
	At            time.Time
}

// EntryKind is why a balance changed.
type EntryKind string

// The kinds.
const (
	EntryOrder      EntryKind = "order"
	EntryPayment    EntryKind = "payment"
	EntryReturn     EntryKind = "return"
	EntryRefund     EntryKind = "refund"
	EntryDeposit    EntryKind = "deposit"
	EntryWithdrawal EntryKind = "withdrawal"
)

// Cursor is the entry's place in the list.
func (e *Entry) Cursor() string {
	return strings.Join([]string{strconv.FormatInt(e.At.UnixMicro(), 10), e.TransactionID.String(), e.AccountID.String()}, "_")
}

// MoneyOf gives what a contact has with the site. Needs a viewer. NotFound.
func (s *Service) MoneyOf(ctx context.Context, contactID uuid.UUID) (*Money, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	if contactID, err = s.book.Survivor(ctx, s.db.Bun, a.SiteID, contactID); err != nil {
		return nil, err
	}
	m := new(Money)
	err = s.db.Bun.NewRaw(`SELECT c.id AS contact_id, s.currency, coalesce(-sum(l.balance) FILTER (WHERE l.kind = 'credit'), 0) AS credit,
			coalesce(-sum(l.balance) FILTER (WHERE l.kind = 'holding'), 0) AS holding, coalesce(sum(l.balance) FILTER (WHERE l.kind = 'receivable'), 0) AS owed
		FROM contact AS c JOIN site AS s ON s.id = c.site_id LEFT JOIN ledger_account AS l ON l.site_id = c.site_id AND l.contact_id = c.id
		WHERE c.site_id = ? AND c.id = ? GROUP BY c.id, s.currency`, a.SiteID, contactID).Scan(ctx, m)
	return m, db.Missing(err, "contact", "read balances")
}

// entriesOf reads what changed a contact's balances, with what says why. The books hold what the site owes below zero.
const entriesOf = `
SELECT e.transaction_id, e.account_id, CASE l.kind WHEN 'receivable' THEN 'owed' ELSE l.kind END AS balance, e.kind, CASE l.kind WHEN 'receivable' THEN e.amount ELSE -e.amount END AS amount,
    e.order_id, coalesce(p.method, m.method) AS method, coalesce(p.reason, r.reason, m.reason, '') AS reason, coalesce(p.actor_name, r.actor_name, m.actor_name, o.actor_name, '') AS actor_name, e.at
FROM ledger_account AS l
JOIN ledger_entry AS e ON e.site_id = l.site_id AND e.account_id = l.id
LEFT JOIN payment AS p ON p.site_id = e.site_id AND p.id = e.payment_id
LEFT JOIN order_return AS r ON r.site_id = e.site_id AND r.id = e.return_id
LEFT JOIN balance_change AS m ON m.site_id = e.site_id AND m.id = e.change_id
LEFT JOIN sale_order AS o ON o.site_id = e.site_id AND o.id = e.order_id
WHERE l.site_id = ? AND l.contact_id = ? AND l.kind IN (?) AND (?::timestamptz IS NULL OR (e.at, e.transaction_id, e.account_id) < (?::timestamptz, ?::uuid, ?::uuid))
ORDER BY e.at DESC, e.transaction_id DESC, e.account_id DESC LIMIT ?`

// Entries gives what changed balances of a contact, newest first; all of them when it names none. Needs a viewer.
func (s *Service) Entries(ctx context.Context, contactID uuid.UUID, of []Balance, first int, after string) (Page[Entry], error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return Page[Entry]{}, err
	}
	if err := checkPage(first); err != nil {
		return Page[Entry]{}, err
	}
	c, err := parseEntryCursor(after)
	if err != nil {
		return Page[Entry]{}, err
	}
	if len(of) == 0 {
		of = []Balance{CreditBalance, HoldingBalance, OwedBalance}
	}
	kinds := make([]string, len(of))
	for i, b := range of {
		kinds[i] = string(b.account())
	}
	rows := []*Entry{}
	err = s.db.Bun.NewRaw(entriesOf, a.SiteID, contactID, bun.List(kinds), c.at, c.at, c.tx, c.account, first+1).Scan(ctx, &rows)
	return page(rows, first), db.MapError(err, "read entries")
}

type entryCursor struct {
	at          *time.Time
	tx, account uuid.UUID
}

func parseEntryCursor(text string) (c entryCursor, err error) {
	if text == "" {
		return c, nil
	}
	var micros int64
	parts := strings.Split(text, "_")
	if len(parts) == 3 {
		if micros, err = strconv.ParseInt(parts[0], 10, 64); err == nil {
			if c.tx, err = uuid.Parse(parts[1]); err == nil {
				c.account, err = uuid.Parse(parts[2])
			}
		}
	} else {
		err = fmt.Errorf("%d parts", len(parts))
	}
	if err != nil {
		return c, fault.New(fault.BadInput, "this cursor is not one of this list")
	}
	at := time.UnixMicro(micros)
	c.at = &at
	return c, nil
}
