package account

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// A support session lets a member of staff into a customer's account, to help them (S-14, G-30). It begins with a one-time code in a link to one of
// the site's pages, whose status line exchanges it as any way in does; lasts half an hour; is marked for whoever asks; and what is changed in it is
// the member of staff's doing, on behalf of the customer (S-15). It ends with the account's sessions, and with the staff's right.

// supportCode is the code of the link. Only its hash is stored.
type supportCode struct {
	bun.BaseModel `bun:"table:support_code"`

	SiteID     uuid.UUID `bun:",pk"`
	CodeHash   []byte    `bun:",pk"`
	AccountID  uuid.UUID
	StaffID    uuid.UUID
	StaffEpoch int
	Origin     string
	ExpiresAt  time.Time
}

// SupportLink opens a page of the site in a customer's account, once.
type SupportLink struct {
	URL       string
	ExpiresAt time.Time
}

// StartSupport gives the link by which the member of staff who calls enters a contact's account, at a page of a registered origin; empty: the first.
// Needs support, by a person: an entry must be somebody's (S-15). Nothing is entered before the link is opened.
func (s *Service) StartSupport(ctx context.Context, contactID uuid.UUID, origin string) (SupportLink, error) {
	var out SupportLink
	if a := site.ActorOf(ctx); a.Access >= site.AccessViewer && a.Kind != site.KindStaff {
		return out, fault.New(fault.Forbidden, "only a member of staff who is signed in may enter an account, not a key")
	}
	err := s.manage(ctx, site.AccessSupport, contactID, false, func(ctx context.Context, tx bun.IDB, row Account) error {
		a := site.ActorOf(ctx)
		if row.DisabledAt != nil {
			return errDisabled
		}
		page, err := s.pageAt(ctx, a.SiteID, origin)
		if err != nil {
			return err
		}
		code := secret.SiteToken(supportPrefix, a.SiteID)
		at, err := url.Parse(page.LandingURL)
		if err != nil {
			return fault.Wrap(err, "landing page")
		}
		at.Fragment = "carnet-support=" + code // which no server or log sees
		out = SupportLink{URL: at.String(), ExpiresAt: s.now().Add(supportCodeLife)}
		_, err = tx.NewInsert().Model(&supportCode{
			SiteID: a.SiteID, CodeHash: secret.Hash(code), AccountID: row.ID, StaffID: a.ID, StaffEpoch: a.Epoch, Origin: page.Origin, ExpiresAt: out.ExpiresAt,
		}).Exec(ctx)
		return db.MapError(err, "insert support code")
	})
	return out, err
}

// pageAt gives the site's registration of an origin, or its first.
func (s *Service) pageAt(ctx context.Context, siteID uuid.UUID, origin string) (site.Origin, error) {
	pages, err := s.sites.Origins(ctx, siteID)
	if err != nil {
		return site.Origin{}, err
	}
	for _, page := range pages {
		if origin == "" || page.Origin == origin {
			return page, nil
		}
	}
	if origin == "" {
		return site.Origin{}, fault.Invalid(fault.Required, []string{"origin"}, "the site has no page to open; register one under Settings > Origins")
	}
	return site.Origin{}, fault.Invalid(fault.Unknown, []string{"origin"}, "the site has not registered this origin")
}

// EnterSupport takes the code of a support link at the page it was made for and gives one to exchange. The entry stands in the contact's history
// from now on. INVALID_GRANT for a code that is unknown, used, older than two minutes or of another page, and when staff or account were shut out.
func (s *Service) EnterSupport(ctx context.Context, in Attempt, code string) (string, error) {
	a, err := site.RequireBook(ctx, site.AccessSite)
	if err != nil {
		return "", err
	}
	if err := in.check(); err != nil {
		return "", err
	}
	if err := s.takeClient(ctx, confirmPerClient, a.SiteID); err != nil {
		return "", err
	}
	if siteID, ok := secret.SiteOf(supportPrefix, code); !ok || siteID != a.SiteID {
		return "", errSupportCode
	}
	var out string
	var refused error // the deletion must commit, so the refusal travels beside the transaction
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		out, refused = "", errSupportCode
		var row supportCode
		err := tx.NewDelete().Model(&row).Where("site_id = ? AND code_hash = ?", a.SiteID, secret.Hash(code)).Returning("*").Scan(ctx)
		if db.NoRows(err) || err == nil && (row.Origin != a.Origin || !s.now().Before(row.ExpiresAt)) {
			return nil
		}
		if err != nil {
			return db.MapError(err, "use support code")
		}
		of := holder{AccountID: &row.AccountID, StaffID: &row.StaffID, StaffEpoch: &row.StaffEpoch}
		if shut, err := s.shut(ctx, tx, a.SiteID, of); shut || err != nil {
			return err
		}
		staff, err := s.sites.StaffActor(ctx, a.SiteID, row.StaffID, row.StaffEpoch)
		if err != nil {
			return err
		}
		whose, err := byID(ctx, tx, a.SiteID, row.AccountID)
		if err != nil {
			return err
		}
		until := s.now().Add(supportLife).UTC().Format(time.RFC3339)
		if err := s.tell(site.WithActor(ctx, staff), tx, whose, Event{Kind: EventSupport, After: until}); err != nil {
			return err
		}
		s.log.InfoContext(ctx, "support session", "site", a.SiteID, "staff", row.StaffID, "account", row.AccountID, "origin", row.Origin)
		refused = nil
		out, err = s.issueCode(ctx, tx, binding{a.SiteID, a.Origin, in}, of)
		return err
	})
	if err == nil {
		err = refused
	}
	return out, err
}

var errSupportCode = invalidGrant("this support link is unknown, used, older than two minutes, or of another page; ask for a new one in the admin")

// ownerOnly refuses a member of staff in a customer's account what only its owner may: what one signs in with, who is signed in, consent, buying.
func ownerOnly(a site.Actor) error {
	if a.Support == nil {
		return nil
	}
	return &fault.Error{Code: fault.Forbidden, Reason: ReasonSupport, Message: "this is a support session: only the account's owner may do this"}
}

// RequireOwner gives the actor when an account's owner calls, themselves; for what other packages let only them do.
func RequireOwner(ctx context.Context) (site.Actor, error) { return requireOwner(ctx) }

// requireOwner gives the actor when an account's owner calls, themselves.
func requireOwner(ctx context.Context) (site.Actor, error) {
	a, err := site.RequireBook(ctx, site.AccessAccount)
	if err == nil {
		err = ownerOnly(a)
	}
	return a, err
}

// mineAsOwner is mine for what only the owner may.
func (s *Service) mineAsOwner(ctx context.Context) (site.Actor, Account, error) {
	if a, err := requireOwner(ctx); err != nil {
		return a, Account{}, err
	}
	return s.mine(ctx)
}

func supporter(a site.Actor) string {
	if a.Support == nil {
		return ""
	}
	return a.Support.Name
}

// nameSupporters says of sessions who of the staff is in them.
func (s *Service) nameSupporters(ctx context.Context, siteID uuid.UUID, rows []*session, shown []*OwnSession) error {
	for i, row := range rows {
		if !row.supports() {
			continue
		}
		var name string
		if err := s.db.Bun.NewSelect().TableExpr("staff").Column("name").Where("site_id = ? AND id = ?", siteID, *row.StaffID).Scan(ctx, &name); err != nil {
			return db.MapError(err, "read staff")
		}
		shown[i].SupportedBy = name
	}
	return nil
}
