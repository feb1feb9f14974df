package privacy

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Page is a page of requests.
type Page struct {
	Rows []*Request
	More bool
}

// List gives the site's requests: the open ones, those due first at the top, or the ended ones, newest first; at most first (1 to 200), after a request's id.
// Needs a manager.
func (s *Service) List(ctx context.Context, open bool, first int, after string) (Page, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return Page{}, err
	}
	if first < 1 || first > 200 {
		return Page{}, fault.New(fault.BadInput, "a page holds 1 to 200 requests")
	}
	rows := []*Request{}
	q := s.db.Bun.NewSelect().Model(&rows).Where("request.site_id = ?", a.SiteID).Limit(int64(first) + 1)
	column, sign := "due_at", ">"
	if open {
		q = q.Where("request.state = ?", Open).OrderExpr("request.due_at, request.id")
	} else {
		column, sign = "done_at", "<"
		q = q.Where("request.state <> ?", Open).OrderExpr("request.done_at DESC, request.id DESC")
	}
	if after != "" {
		last, err := uuid.Parse(after)
		if err != nil {
			return Page{}, fault.New(fault.BadInput, "this cursor is not one of ours")
		}
		at := bun.Ident("request." + column)
		q = q.Where("(?, request.id) "+sign+" (SELECT ?, l.id FROM privacy_request AS l WHERE l.site_id = ? AND l.id = ?)", at, bun.Ident("l."+column), a.SiteID, last)
	}
	if err := q.Scan(ctx); err != nil {
		return Page{}, db.MapError(err, "read privacy requests")
	}
	return Page{rows[:min(len(rows), first)], len(rows) > first}, nil
}

// CountOpen gives how many requests wait for an answer. Needs a manager.
func (s *Service) CountOpen(ctx context.Context) (int, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return 0, err
	}
	n, err := s.db.Bun.NewSelect().Model((*Request)(nil)).Where("site_id = ? AND state = ?", a.SiteID, Open).Count(ctx)
	return int(n), db.MapError(err, "count privacy requests")
}

// OpenOf gives the open request of each of these contacts that has one; for lists within lists. Needs a viewer.
func (s *Service) OpenOf(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID]*Request, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(contacts) == 0 {
		return nil, err
	}
	var rows []*Request
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND contact_id IN (?) AND state = ?", a.SiteID, bun.List(contacts), Open).Order("due_at DESC").Scan(ctx)
	out := map[uuid.UUID]*Request{}
	for _, r := range rows {
		out[*r.ContactID] = r // of several, after a merge, the one due first
	}
	return out, db.MapError(err, "read privacy requests of contacts")
}

// Answer ends an open request: done, or refused with a reason. The person is told by mail, with the reason and, of a refusal, where to complain
// (art. 12(4)); the contact's history too, while there is one. Needs a manager. Mendable: ALREADY_ANSWERED, REQUIRED reason of a refusal, TOO_LONG
// reason. NotFound.
func (s *Service) Answer(ctx context.Context, id uuid.UUID, done bool, reason string) (*Request, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	if reason, err = text(reason, "reason"); err != nil {
		return nil, err
	}
	if !done && reason == "" {
		return nil, fault.Invalid(fault.Required, []string{"reason"}, "a refusal needs its reason, which the person is told")
	}
	var r *Request
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if r, err = lockOpen(ctx, tx, a.SiteID, id, "true"); err != nil {
			return err
		}
		of, err := s.sites.ByID(ctx, a.SiteID)
		if err != nil {
			return err
		}
		if done {
			return s.done(ctx, tx, a, of, r, reason)
		}
		return s.answer(ctx, tx, a, of, r, Refused, reason, account.EventErasureRefused, account.MailErasureRefused)
	})
	return r, err
}

// done answers a locked request: what was asked is done.
func (s *Service) done(ctx context.Context, tx bun.IDB, a site.Actor, of site.Site, r *Request, reason string) error {
	return s.answer(ctx, tx, a, of, r, Done, reason, account.EventErasureDone, account.MailErasureDone)
}

func (s *Service) answer(ctx context.Context, tx bun.IDB, a site.Actor, of site.Site, r *Request, state State, reason string, event account.EventKind, kind string) error {
	to := *r.Email
	r.DoneByName = a.Name
	if a.ID != uuid.Nil {
		r.DoneBy = &a.ID
	}
	if err := s.end(ctx, tx, r, state, reason); err != nil {
		return err
	}
	if r.ContactID != nil {
		whose := account.Account{SiteID: r.SiteID, ID: r.AccountID, ContactID: *r.ContactID}
		if err := s.accounts.Tell(ctx, tx, whose, account.Event{Kind: event}); err != nil {
			return err
		}
	}
	return s.accounts.Write(ctx, tx, account.Mail{SiteID: r.SiteID, To: to, Kind: kind, Language: r.Language, Data: map[string]string{
		"asked": r.AskedAt.In(of.Location()).Format(time.DateOnly), "reason": r.Reason,
	}})
}
