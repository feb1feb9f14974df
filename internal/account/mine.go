package account

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// freshFor is how long after signing in a session may change what its owner signs in with.
const freshFor = 10 * time.Minute

// ReasonProofNeeded tells that the caller signed in too long ago for what they ask; they sign in once more, any way.
const ReasonProofNeeded = "PROOF_NEEDED"

// Me is the end user who is signed in.
type Me struct {
	Subject, Email, FirstName, LastName, DisplayName string
	ContactID                                        uuid.UUID
	SupportedBy                                      string // the member of staff who is in the account; empty: its owner is

	of Account
}

// mine gives the account of the end user who calls. Unauthenticated when nobody is signed in.
func (s *Service) mine(ctx context.Context) (site.Actor, Account, error) {
	a, err := site.RequireBook(ctx, site.AccessAccount)
	if err != nil {
		return a, Account{}, err
	}
	row, err := byID(ctx, s.db.Bun, a.SiteID, a.ID)
	return a, row, err
}

// Me gives the end user who calls. Unauthenticated when nobody is signed in.
func (s *Service) Me(ctx context.Context) (Me, error) {
	a, row, err := s.mine(ctx)
	if err != nil {
		return Me{}, err
	}
	p, err := s.book.Read(ctx, s.db.Bun, a.SiteID, row.ContactID)
	if err != nil {
		return Me{}, err
	}
	return Me{
		Subject: row.Subject, Email: row.Email, FirstName: p.FirstName, LastName: p.LastName, DisplayName: p.DisplayName, ContactID: row.ContactID,
		SupportedBy: supporter(a), of: row,
	}, nil
}

// Security is how an end user signs in, and where they have.
type Security struct {
	HasPassword bool
	Fresh       bool // signed in recently enough to change any of this
	Identities  []*Identity
	Passkeys    []*Passkey
	Sessions    []*OwnSession
	EmailChange *EmailChange // one that waits for the new address to be proven
}

// OwnSession is one browser that is signed in, its owner's or, of a support session, a member of staff's.
type OwnSession struct {
	ID                uuid.UUID
	Current           bool
	Origin, UserAgent string
	CreatedAt, UsedAt time.Time
	SupportedBy       string // the member of staff; empty: the owner
}

// Security tells how the end user of m signs in.
func (s *Service) Security(ctx context.Context, m Me) (Security, error) {
	a := site.ActorOf(ctx)
	out := Security{HasPassword: m.of.PasswordHash != "", Sessions: []*OwnSession{}}
	var err error
	if out.Identities, err = identitiesOf(ctx, s.db.Bun, a.SiteID, a.ID); err != nil {
		return out, err
	}
	if out.Passkeys, err = passkeysOf(ctx, s.db.Bun, a.SiteID, a.ID); err != nil {
		return out, err
	}
	var rows []*session
	now := s.now()
	err = s.db.Bun.NewSelect().Model(&rows).
		Where("site_id = ? AND account_id = ? AND revoked_at IS NULL AND expires_at > ? AND idle_until > ?", a.SiteID, a.ID, now, now).Order("used_at DESC", "id").Scan(ctx)
	if err != nil {
		return out, db.MapError(err, "read sessions")
	}
	for _, row := range rows {
		current := row.ID == a.SessionID
		out.Fresh = out.Fresh || current && s.isFresh(row.CreatedAt) && !row.supports()
		out.Sessions = append(out.Sessions, &OwnSession{ID: row.ID, Current: current, Origin: row.Origin, UserAgent: row.UserAgent, CreatedAt: row.CreatedAt, UsedAt: row.UsedAt})
	}
	if err := s.nameSupporters(ctx, a.SiteID, rows, out.Sessions); err != nil {
		return out, err
	}
	out.EmailChange, err = s.pendingChange(ctx, s.db.Bun, a.SiteID, a.ID)
	return out, err
}

func (s *Service) isFresh(began time.Time) bool { return s.now().Before(began.Add(freshFor)) }

// requireFresh refuses callers who signed in too long ago, or whose session has ended since their request was let in: what a stolen session must
// not change. In a transaction it holds the account, so that who sets a password or proves the mailbox comes before or after, not between.
// PROOF_NEEDED. Support sessions are never fresh.
func (s *Service) requireFresh(ctx context.Context, q bun.IDB, a site.Actor) error {
	if err := ownerOnly(a); err != nil {
		return err
	}
	row, lives, err := s.current(ctx, q, a)
	if err == nil && (!lives || !s.isFresh(row.CreatedAt)) {
		return fault.Invalid(ReasonProofNeeded, nil, "sign in once more to change this: you signed in more than %d minutes ago", int(freshFor.Minutes()))
	}
	return err
}

// current gives the caller's session as it is now, and holds the account; lives is false once the session has ended.
func (s *Service) current(ctx context.Context, q bun.IDB, a site.Actor) (row session, lives bool, err error) {
	if _, err := q.NewRaw("SELECT FROM account WHERE site_id = ? AND id = ? FOR NO KEY UPDATE", a.SiteID, a.ID).Exec(ctx); err != nil {
		return row, false, db.MapError(err, "hold account")
	}
	err = q.NewSelect().Model(&row).Column("created_at").Where("site_id = ? AND id = ? AND revoked_at IS NULL", a.SiteID, a.SessionID).Scan(ctx)
	if db.NoRows(err) {
		return row, false, nil
	}
	return row, err == nil, db.MapError(err, "read session")
}

// EndSession signs one of the caller's browsers out. NotFound when it is not theirs, or has ended.
func (s *Service) EndSession(ctx context.Context, id uuid.UUID) error {
	a, err := requireOwner(ctx)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*session)(nil)).Where("site_id = ? AND id = ? AND account_id = ? AND revoked_at IS NULL", a.SiteID, id, a.ID).Count(ctx)
		if err != nil {
			return db.MapError(err, "read session")
		}
		if n == 0 {
			return fault.Missing("session")
		}
		return s.revoke(ctx, tx, a.SiteID, "id = ? AND account_id = ?", id, a.ID)
	})
}

// Close deletes the caller's account with every way into it and tells the mailbox. The contact stays with what it holds: it is the
// site's record. Needs a fresh sign-in.
func (s *Service) Close(ctx context.Context) error {
	a, err := requireOwner(ctx)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.requireFresh(ctx, tx, a); err != nil {
			return err
		}
		row, err := byID(ctx, tx, a.SiteID, a.ID)
		if err != nil {
			return err
		}
		return s.remove(ctx, tx, row, a.Language, MailClosed)
	})
}

// remove deletes an account with every way into it and tells the history and, by a mail of a kind, the mailbox.
func (s *Service) remove(ctx context.Context, tx bun.IDB, of Account, language, kind string) error {
	if err := s.tell(ctx, tx, of, Event{Kind: EventClosed}); err != nil {
		return err
	}
	if err := s.endSessions(ctx, tx, of.SiteID, of.ID); err != nil { // told to the open sockets before the rows go
		return err
	}
	if _, err := tx.NewDelete().Model((*Account)(nil)).Where("site_id = ? AND id = ?", of.SiteID, of.ID).Exec(ctx); err != nil {
		return db.MapError(err, "delete account")
	}
	return s.mail(ctx, tx, Mail{SiteID: of.SiteID, To: of.Email, Kind: kind, Language: language, Data: map[string]string{}})
}
