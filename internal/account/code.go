package account

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// binding is what a way in is bound to from its first request on. Origin is empty outside browsers
// and on our own pages.
type binding struct {
	SiteID  uuid.UUID
	Origin  string
	Attempt Attempt
}

// authCode is the code that every way in ends with. Only its hash is stored.
type authCode struct {
	bun.BaseModel `bun:"table:auth_code"`

	SiteID   uuid.UUID `bun:",pk"`
	CodeHash []byte    `bun:",pk"`
	holder
	Attempt   string
	Origin    string
	Challenge string
	Jkt       string
	ExpiresAt time.Time
}

// holder is whose a code or a session is: an account's, or a member of staff's who works from an
// application on a registered origin (D-09). With both it is a support session: the account's, in which the
// member of staff is (S-14).
type holder struct {
	AccountID  *uuid.UUID
	StaffID    *uuid.UUID
	StaffEpoch *int // of the staff's sessions at the sign-in; raising it ends them
}

func ofAccount(id uuid.UUID) holder { return holder{AccountID: &id} }

// supports tells whether a member of staff is in a customer's account.
func (h holder) supports() bool { return h.AccountID != nil && h.StaffID != nil }

// shut tells whether the holder may not act any more: disabled, or signed out of everything.
func (s *Service) shut(ctx context.Context, tx bun.IDB, siteID uuid.UUID, h holder) (bool, error) {
	if h.AccountID != nil {
		of, err := byID(ctx, tx, siteID, *h.AccountID)
		if err != nil || of.DisabledAt != nil || h.StaffID == nil {
			return of.DisabledAt != nil, err
		}
	}
	a, err := s.sites.StaffActor(ctx, siteID, *h.StaffID, *h.StaffEpoch)
	if err != nil && fault.CodeOf(err) == fault.Unauthenticated {
		return true, nil
	}
	return err == nil && h.supports() && a.Access < site.AccessSupport, err
}

// issueCode makes a code: a minute, once.
func (s *Service) issueCode(ctx context.Context, q bun.IDB, b binding, of holder) (string, error) {
	code := secret.SiteToken(codePrefix, b.SiteID)
	row := authCode{
		SiteID: b.SiteID, CodeHash: secret.Hash(code), holder: of, Attempt: b.Attempt.ID, Origin: b.Origin,
		Challenge: b.Attempt.Challenge, Jkt: b.Attempt.JKT, ExpiresAt: s.now().Add(codeLife),
	}
	_, err := q.NewInsert().Model(&row).Exec(ctx)
	return code, db.MapError(err, "insert code")
}

// Exchange is a request for the first tokens.
type Exchange struct {
	Site     string // public id
	Code     string
	Verifier string // RFC 7636
	Origin   string // of the request; empty outside browsers and on our own pages
	JKT      string // of the proof's key
}

// Tokens are what a session is used with, both bound to the key.
type Tokens struct {
	Access    string
	Refresh   string
	ExpiresIn time.Duration // of Access
	KeptFor   time.Duration // how long Refresh is good for unless it is used
}

func invalidGrant(what string) *fault.Error {
	return &fault.Error{Code: fault.BadInput, Reason: ReasonInvalidGrant, Message: what}
}

var errCode = invalidGrant("this code is unknown, used, older than a minute, or was made for another page or key; sign in again")

// Exchange turns a code into a session. The code is used up whatever comes of it. INVALID_GRANT when
// any of its bindings does not fit.
func (s *Service) Exchange(ctx context.Context, in Exchange) (Tokens, error) {
	of, err := s.sites.ByPublicID(ctx, in.Site)
	if err != nil {
		return Tokens{}, err
	}
	if siteID, ok := secret.SiteOf(codePrefix, in.Code); !ok || siteID != of.ID {
		return Tokens{}, errCode
	}
	var out Tokens
	var refused error // the deletion must commit, so the refusal travels beside the transaction
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		out, refused = Tokens{}, nil
		var row authCode
		err := tx.NewDelete().Model(&row).Where("site_id = ? AND code_hash = ?", of.ID, secret.Hash(in.Code)).Returning("*").Scan(ctx)
		if db.NoRows(err) || err == nil && !s.codeFits(row, in) {
			refused = errCode
			return nil
		}
		if err != nil {
			return db.MapError(err, "use code")
		}
		if row.AccountID != nil {
			if refused = open(of); refused != nil {
				return nil
			}
		}
		shut, err := s.shut(ctx, tx, of.ID, row.holder)
		if shut {
			refused = errCode
		}
		if shut || err != nil {
			return err
		}
		out, err = s.startSession(ctx, tx, of.ID, row.holder, row.Origin, row.Jkt)
		return err
	})
	if err == nil {
		err = refused
	}
	return out, err
}

func (s *Service) codeFits(row authCode, in Exchange) bool {
	sum := sha256.Sum256([]byte(in.Verifier))
	return s.now().Before(row.ExpiresAt) &&
		row.Origin == in.Origin &&
		len(in.Verifier) >= 43 && len(in.Verifier) <= 128 &&
		subtle.ConstantTimeCompare([]byte(b64.EncodeToString(sum[:])), []byte(row.Challenge)) == 1 &&
		subtle.ConstantTimeCompare([]byte(in.JKT), []byte(row.Jkt)) == 1
}
