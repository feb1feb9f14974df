package privacy

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/sale"
	"carnet/internal/site"
)

// Preview is what erasing a contact would do.
type Preview struct {
	Hindrances []*sale.Hindering
	Deeds      []account.EraseDeed
	Stays      sale.Staying
	Merged     int         // records that had become part of it, and go
	Account    bool        // is closed
	Mentions   []uuid.UUID // contacts whose notes hold the name: staff look at these
	Last       *Proof      // it was erased before
}

var errOnlyTried = errors.New("only tried")

// Preview tells what Erase would do, by doing it and taking it back, whether something hinders it or not. Needs a manager. NotFound.
func (s *Service) Preview(ctx context.Context, contactID uuid.UUID) (*Preview, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	out := new(Preview)
	err = s.db.Bun.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.preview(ctx, tx, a, contactID, out); err != nil {
			return err
		}
		return errOnlyTried
	})
	if errors.Is(err, errOnlyTried) {
		return out, nil
	}
	return nil, db.MapError(err, "preview erasure")
}

func (s *Service) preview(ctx context.Context, tx bun.Tx, a site.Actor, contactID uuid.UUID, out *Preview) error {
	e, of, err := s.begin(ctx, tx, a.SiteID, contactID)
	if err != nil {
		return err
	}
	at, err := s.sites.ByID(ctx, a.SiteID)
	if err != nil {
		return err
	}
	if out.Hindrances, err = sale.Hinders(ctx, tx, a.SiteID, of.Contacts, at.Day(s.now()), s.now()); err != nil {
		return err
	}
	if out.Stays, err = sale.Stays(ctx, tx, a.SiteID, of.Contacts); err != nil {
		return err
	}
	out.Merged, out.Account = len(e.Rows)-1, len(of.Accounts) > 0
	rows := e.Rows
	last, err := s.lastOf(ctx, tx, a.SiteID, rows[0].ID)
	if err == nil {
		out.Last = last
	} else if fault.CodeOf(err) != fault.NotFound {
		return err
	}
	if out.Deeds, err = s.erase(ctx, tx, e, of); err != nil {
		return err
	}
	out.Mentions, err = contact.Mentioning(ctx, tx, a.SiteID, rows)
	return err
}
