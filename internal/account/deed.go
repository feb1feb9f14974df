package account

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"carnet/internal/site"
)

// deedPerAccount is for what owners ask of their own data, each kind by itself.
var deedPerAccount = limit{"deed/account", 5, time.Hour}

// Deed is something that an account's owner does by a package above: told in the contact's history and, when there is a kind of mail, to the mailbox.
type Deed struct {
	Event EventKind
	Mail  string
	Fresh bool // needs a fresh sign-in
}

// Do lets the owner who calls do a deed: do is run in the transaction that tells of it, with the account held, and gives what the mail's texts name.
// Support sessions are refused, and whoever does it too often in an hour. PROOF_NEEDED.
func (s *Service) Do(ctx context.Context, d Deed, do func(context.Context, bun.IDB, site.Actor, Account) (map[string]string, error)) error {
	a, row, err := s.mineAsOwner(ctx)
	if err != nil {
		return err
	}
	if d.Fresh {
		if err := s.requireFresh(ctx, s.db.Bun, a); err != nil { // before a try is counted
			return err
		}
	}
	if err := s.take(ctx, deedPerAccount, row.SiteID, string(d.Event)+" "+row.ID.String(), shortAddress(row.Email)); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if d.Fresh {
			if err := s.requireFresh(ctx, tx, a); err != nil { // still
				return err
			}
		}
		of, err := byID(ctx, tx, a.SiteID, a.ID)
		if err != nil {
			return err
		}
		data, err := do(ctx, tx, a, of)
		if err != nil {
			return err
		}
		if err := s.tell(ctx, tx, of, Event{Kind: d.Event}); err != nil || d.Mail == "" {
			return err
		}
		return s.mail(ctx, tx, Mail{SiteID: of.SiteID, To: of.Email, Kind: d.Mail, Language: a.Language, Data: data})
	})
}

// Tell is tell for packages above: a change of an account, which may be gone, in its contact's history.
func (s *Service) Tell(ctx context.Context, tx bun.IDB, of Account, e Event) error {
	return s.tell(ctx, tx, of, e)
}

// Write writes a mail in the caller's transaction.
func (s *Service) Write(ctx context.Context, tx bun.IDB, m Mail) error { return s.mail(ctx, tx, m) }
