package sale

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Balance names what a contact has with the site (S-46).
type Balance string

// The balances.
const (
	CreditBalance  Balance = "credit"  // what the contact may spend
	HoldingBalance Balance = "holding" // what the site keeps for the contact: a deposit
	OwedBalance    Balance = "owed"    // what the contact has still to pay
)

// account is the ledger's side of a balance.
func (b Balance) account() ledgerKind {
	switch b {
	case CreditBalance:
		return credit
	case HoldingBalance:
		return deposit
	}
	return receivable
}

// BalanceChange is what a contact left with the site, or took back, without an order.
type BalanceChange struct {
	bun.BaseModel `bun:"table:balance_change"`

	SiteID         uuid.UUID `bun:",pk"`
	ID             uuid.UUID `bun:",pk"`
	ContactID      *uuid.UUID
	Account        Balance // credit or holding
	Amount         int64   // above zero: more for the contact
	Method         *Method // nil: the site gave it, or took it
	Reason         string
	IdempotencyKey string
	RequestSha256  []byte `bun:"request_sha256"`
	At             time.Time
	ActorKind      site.Kind
	ActorID        *uuid.UUID
	ActorName      string
}

// ChangeBalance says what a contact leaves with the site or takes back. Credit without a method is given by the site, or taken;
// by the method credit money goes between the two balances.
type ChangeBalance struct {
	ContactID      uuid.UUID
	Balance        Balance
	Amount         int64
	Method         *Method
	Reason         string
	IdempotencyKey string
}

// Deposit raises a balance of a contact. Needs an operator, or a key with that role; a manager to give credit. The same idempotency
// key deposits nothing more. NotFound; CONFLICT in the trash. Mendable: KEY_REUSED, TOO_MUCH, and what is malformed.
func (s *Service) Deposit(ctx context.Context, in ChangeBalance) error {
	return s.changeBalance(ctx, in, "deposit", in.Amount)
}

// Withdraw lowers a balance of a contact, never below nothing; else as Deposit.
func (s *Service) Withdraw(ctx context.Context, in ChangeBalance) error {
	return s.changeBalance(ctx, in, "withdrawal", -in.Amount)
}

func (s *Service) changeBalance(ctx context.Context, in ChangeBalance, kind string, amount int64) error {
	need := site.AccessOperator
	if in.Method == nil {
		need = site.AccessManager
	}
	a, err := site.RequireBook(ctx, need)
	if err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	sum, err := digest(struct {
		ChangeBalance
		Kind string
	}{in, kind})
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if known, err := keyKnown(ctx, tx, "balance_change", a.SiteID, in.IdempotencyKey, sum); err != nil || known {
			return err
		}
		if in.ContactID, err = s.book.Survivor(ctx, tx, a.SiteID, in.ContactID); err != nil {
			return err
		}
		if amount > 0 { // nobody leaves money with a record that is out of sight; what is there can be taken
			_, err = s.book.HoldFor(ctx, tx, a.SiteID, in.ContactID)
		} else {
			err = holdContact(ctx, tx, a.SiteID, in.ContactID)
		}
		if err != nil {
			return err
		}
		row := &BalanceChange{
			SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), ContactID: &in.ContactID, Account: in.Balance, Amount: amount, Method: in.Method, Reason: in.Reason,
			IdempotencyKey: in.IdempotencyKey, RequestSha256: sum, At: s.now(),
		}
		row.ActorKind, row.ActorID, row.ActorName = byWhom(a)
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return db.MapError(err, "insert balance change")
		}
		p := posting{kind: kind, moved: &row.ID, from: side{kind: in.Balance.account(), contact: &in.ContactID}, to: in.other(), amount: in.Amount, at: row.At}
		if amount < 0 {
			p.from, p.to = p.to, p.from
		}
		return post(ctx, tx, a.SiteID, p)
	})
}

// other is where the money comes from or goes to.
func (in ChangeBalance) other() side {
	switch {
	case in.Method == nil:
		return side{kind: revenue}
	case *in.Method == Credit:
		return side{kind: credit, contact: &in.ContactID}
	}
	return side{kind: money, method: *in.Method}
}

func (in ChangeBalance) check() error {
	v := checker{}
	v.key(in.IdempotencyKey)
	v.text(in.Reason, 2000, "reason")
	if in.Amount <= 0 || in.Amount > MaxTotal {
		v.add(fault.InvalidNumber, []string{"amount"}, "an amount lies between 1 and %d, in minor units", MaxTotal)
	}
	switch {
	case in.Balance != CreditBalance && in.Balance != HoldingBalance:
		v.add(fault.InvalidValue, []string{"balance"}, "money is left on the credit balance or on the holding account")
	case in.Method == nil && in.Balance == HoldingBalance:
		v.add(fault.Required, []string{"method"}, "say how the money came or went: what is held for a contact is the contact's own")
	case in.Method != nil && !slices.Contains(methods, *in.Method):
		v.add(fault.InvalidValue, []string{"method"}, "money comes and goes by %s", joined(methods))
	case in.Method != nil && *in.Method == Credit && in.Balance == CreditBalance:
		v.add(fault.InvalidValue, []string{"method"}, "credit cannot be paid by itself")
	}
	return v.list.Err()
}
