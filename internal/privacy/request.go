package privacy

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Kind is what a person asks for.
type Kind string

// Erasure is the right to be forgotten (GDPR art. 17).
const Erasure Kind = "erasure"

// State is how far a request is.
type State string

// The states. Only an open request changes.
const (
	Open      State = "open"
	Withdrawn State = "withdrawn" // by the person
	Done      State = "done"      // staff did what was asked
	Refused   State = "refused"   // staff did not, and said why (art. 12(4))
)

// Reasons of refusals, beside those of package fault.
const (
	ReasonAsked    = "ALREADY_ASKED"    // a request of this kind is open
	ReasonAnswered = "ALREADY_ANSWERED" // the request is not open any more
)

// longest is how many characters a message or a reason has at most.
const longest = 2000

// Request is what a person asks of the site about their own data.
type Request struct {
	bun.BaseModel `bun:"table:privacy_request,alias:request"`

	SiteID     uuid.UUID  `bun:",pk"`
	ID         uuid.UUID  `bun:",pk"`
	ContactID  *uuid.UUID // nil once the contact was deleted for good
	AccountID  uuid.UUID  // that asked; it may be gone
	Kind       Kind
	Message    string
	Email      *string // where the answer goes; nil once it has gone out
	Language   string
	State      State
	AskedAt    time.Time
	DueAt      time.Time
	DoneBy     *uuid.UUID
	DoneByName string // who of the staff answered
	DoneAt     *time.Time
	Reason     string
}

// due gives the end of the term of a month (art. 12(3)): the same day of the next month, or that month's last (Regulation 1182/71 art. 3(2)(c)),
// in the site's time zone, at the same time of day.
func due(asked time.Time, in *time.Location) time.Time {
	t := asked.In(in)
	year, month, day := t.Date()
	day = min(day, time.Date(year, month+2, 0, 0, 0, 0, 0, time.UTC).Day())
	next := time.Date(year, month+1, day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), in)
	if next.Day() != day { // clocks are put forward at midnight, and Go may take the hour before
		next = next.Add(time.Hour)
	}
	return next
}

// text trims a text of a request and checks its length.
func text(given, path string) (string, error) {
	given = strings.TrimSpace(given)
	if utf8.RuneCountInString(given) > longest {
		return "", fault.Invalid(fault.TooLong, []string{path}, "at most %d characters", longest)
	}
	return given, nil
}

// AskErasure notes that the end user who calls asks to be erased, with what they say about it, and tells their mailbox until when they have an answer.
// Nothing is erased by it. Needs a fresh sign-in, by the owner; five an hour. Mendable: PROOF_NEEDED, ALREADY_ASKED, TOO_LONG message.
func (s *Service) AskErasure(ctx context.Context, message string) (*Request, error) {
	message, err := text(message, "message")
	if err != nil {
		return nil, err
	}
	var r *Request
	deed := account.Deed{Event: account.EventErasureAsked, Mail: account.MailErasureAsked, Fresh: true}
	err = s.accounts.Do(ctx, deed, func(ctx context.Context, tx bun.IDB, a site.Actor, of account.Account) (map[string]string, error) {
		open, err := tx.NewSelect().Model((*Request)(nil)).Where("site_id = ? AND account_id = ? AND kind = ? AND state = ?", of.SiteID, of.ID, Erasure, Open).Exists(ctx)
		if err != nil {
			return nil, db.MapError(err, "read privacy request")
		}
		if open {
			return nil, fault.Invalid(ReasonAsked, nil, "you have asked for this already; withdraw that request first, or wait for its answer")
		}
		at, err := s.sites.ByID(ctx, of.SiteID)
		if err != nil {
			return nil, err
		}
		now := s.now()
		r = &Request{
			SiteID: of.SiteID, ID: uuid.Must(uuid.NewV7()), ContactID: &of.ContactID, AccountID: of.ID, Kind: Erasure, Message: message,
			Email: &of.Email, Language: a.Language, State: Open, AskedAt: now, DueAt: due(now, at.Location()),
		}
		_, err = tx.NewInsert().Model(r).Exec(ctx)
		return map[string]string{"due": r.DueAt.Format(time.DateOnly)}, db.MapError(err, "insert privacy request")
	})
	return r, err
}

// Withdraw takes an open request of the end user who calls back. Mendable: ALREADY_ANSWERED. NotFound when it is not theirs.
func (s *Service) Withdraw(ctx context.Context, id uuid.UUID) (*Request, error) {
	var r *Request
	deed := account.Deed{Event: account.EventErasureWithdrawn}
	err := s.accounts.Do(ctx, deed, func(ctx context.Context, tx bun.IDB, a site.Actor, of account.Account) (_ map[string]string, err error) {
		if r, err = lockOpen(ctx, tx, a.SiteID, id, "account_id = ?", of.ID); err != nil {
			return nil, err
		}
		return nil, s.end(ctx, tx, r, Withdrawn, "")
	})
	return r, err
}

// Mine gives the newest request of the end user who calls, open or ended; nil when they never asked. A support session sees it too.
func (s *Service) Mine(ctx context.Context) (*Request, error) {
	a, err := site.RequireBook(ctx, site.AccessAccount)
	if err != nil {
		return nil, err
	}
	r := new(Request)
	err = s.db.Bun.NewSelect().Model(r).Where("site_id = ? AND account_id = ?", a.SiteID, a.ID).Order("id DESC").Limit(1).Scan(ctx)
	if db.NoRows(err) {
		return nil, nil //nolint:nilnil // documented: there is none
	}
	return r, db.MapError(err, "read privacy request")
}

// lockOpen reads a request and locks it. NotFound, ALREADY_ANSWERED.
func lockOpen(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID, where string, args ...any) (*Request, error) {
	r := new(Request)
	err := tx.NewSelect().Model(r).Where("site_id = ? AND id = ?", siteID, id).Where(where, args...).For("UPDATE").Scan(ctx)
	if err != nil {
		return nil, db.Missing(err, "privacy request", "read privacy request")
	}
	if r.State != Open {
		return nil, fault.Invalid(ReasonAnswered, []string{"id"}, "this request is not open any more")
	}
	return r, nil
}

// end ends a locked request; the address that its answer goes to is forgotten.
func (s *Service) end(ctx context.Context, tx bun.IDB, r *Request, state State, reason string) error {
	now := s.now()
	r.State, r.Reason, r.DoneAt, r.Email = state, reason, &now, nil
	_, err := tx.NewUpdate().Model(r).Column("state", "reason", "done_by", "done_by_name", "done_at", "email").WherePK().Exec(ctx)
	return db.MapError(err, "end privacy request")
}
