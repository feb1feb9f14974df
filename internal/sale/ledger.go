package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// ledgerKind is what an account of the books is for. What the site owes is below zero, what it is owed or has above.
type ledgerKind string

const (
	revenue    ledgerKind = "revenue"    // what was sold
	money      ledgerKind = "money"      // what came in, by method
	receivable ledgerKind = "receivable" // what a contact has still to pay
	credit     ledgerKind = "credit"     // what a contact may spend (S-46)
	deposit    ledgerKind = "holding"    // what the site keeps for a contact: a deposit (S-46)
)

// ledgerAccount is an account of the books.
type ledgerAccount struct {
	bun.BaseModel `bun:"table:ledger_account"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	Kind      ledgerKind
	Method    *Method
	ContactID *uuid.UUID
	Balance   int64 // the database's
}

// ledgerEntry is an amount on an account; those of a transaction sum to zero.
type ledgerEntry struct {
	bun.BaseModel `bun:"table:ledger_entry"`

	SiteID        uuid.UUID `bun:",pk"`
	TransactionID uuid.UUID `bun:",pk"`
	AccountID     uuid.UUID `bun:",pk"`
	Amount        int64
	Kind          string
	OrderID       *uuid.UUID
	PaymentID     *uuid.UUID
	ReturnID      *uuid.UUID
	ChangeID      *uuid.UUID
	At            time.Time
}

// posting is a transaction of the books: an amount goes from one account to another, because of an order, a payment, a return or
// a change of a balance.
type posting struct {
	kind                       string
	order, payment, ret, moved *uuid.UUID
	from, to                   side
	amount                     int64
	at                         time.Time
}

// side names an account by what it is for. The accounts of contacts that were erased are nobody's.
type side struct {
	kind    ledgerKind
	method  Method
	contact *uuid.UUID
}

// share is an account's part of a posting.
type share struct {
	account uuid.UUID
	amount  int64
}

// post writes a transaction. An amount of zero is none.
func post(ctx context.Context, tx bun.IDB, siteID uuid.UUID, p posting) error {
	if p.amount == 0 {
		return nil
	}
	from, err := p.from.account(ctx, tx, siteID)
	if err != nil {
		return err
	}
	to, err := p.to.shares(ctx, tx, siteID, p.amount)
	if err != nil {
		return err
	}
	id := uuid.Must(uuid.NewV7())
	rows := make([]*ledgerEntry, 0, 2)
	for _, s := range append([]share{{from, -p.amount}}, to...) {
		rows = append(rows, &ledgerEntry{
			SiteID: siteID, TransactionID: id, AccountID: s.account, Amount: s.amount, Kind: p.kind, OrderID: p.order, PaymentID: p.payment, ReturnID: p.ret, ChangeID: p.moved, At: p.at,
		})
	}
	_, err = tx.NewInsert().Model(&rows).Exec(ctx)
	if db.ConstraintName(err) == "credit_is_ours" {
		return &fault.Error{Code: fault.Conflict, Reason: ReasonTooMuch, Path: []string{"amount"}, Message: "the contact's balance is lower than that", Err: err}
	}
	return db.MapError(err, "post to the ledger")
}

// of narrows a query to a side's accounts, those with the most for the contact first.
func (s side) of(q *bun.SelectQuery, siteID uuid.UUID) *bun.SelectQuery {
	q = q.Where("site_id = ? AND kind = ?", siteID, s.kind).Order("balance", "id")
	if s.kind == money {
		q = q.Where("method = ?", s.method)
	}
	if s.contact == nil {
		return q.Where("contact_id IS NULL")
	}
	return q.Where("contact_id = ?", *s.contact) // an index's, which IS NOT DISTINCT FROM is not
}

func (s side) by() *Method {
	if s.kind != money {
		return nil
	}
	return &s.method
}

// account finds or makes a side's account. Who makes one for a contact has the contact locked; the site's own are made once.
func (s side) account(ctx context.Context, tx bun.IDB, siteID uuid.UUID) (uuid.UUID, error) {
	row := ledgerAccount{SiteID: siteID, ID: uuid.Must(uuid.NewV7()), Kind: s.kind, ContactID: s.contact, Method: s.by()}
	q := s.of(tx.NewSelect().Model((*ledgerAccount)(nil)).Column("id"), siteID).Limit(1)
	var id uuid.UUID
	err := q.Scan(ctx, &id)
	if !db.NoRows(err) {
		return id, db.MapError(err, "read ledger account")
	}
	if _, err := tx.NewInsert().Model(&row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return id, db.MapError(err, "open ledger account")
	}
	return id, db.MapError(q.Scan(ctx, &id), "read ledger account")
}

// shares divides what comes to a side among its accounts. What a contact has on credit, or left with the site, may stand on
// several accounts after a merge: each gives up to what it holds. What none holds is asked of the first, whose CHECK refuses it.
func (s side) shares(ctx context.Context, tx bun.IDB, siteID uuid.UUID, amount int64) ([]share, error) {
	var rows []*ledgerAccount
	if s.kind == credit || s.kind == deposit {
		if err := s.of(tx.NewSelect().Model(&rows), siteID).For("UPDATE").Scan(ctx); err != nil {
			return nil, db.MapError(err, "read ledger accounts")
		}
	}
	if len(rows) < 2 {
		id, err := s.account(ctx, tx, siteID)
		return []share{{id, amount}}, err
	}
	var out []share
	for _, row := range rows {
		if n := min(amount, -row.Balance); n > 0 {
			out = append(out, share{row.ID, n})
			amount -= n
		}
	}
	if len(out) == 0 {
		out = []share{{account: rows[0].ID}}
	}
	out[0].amount += amount
	return out, nil
}
