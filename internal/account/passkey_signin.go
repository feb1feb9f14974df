package account

import (
	"context"
	"crypto/subtle"
	"encoding/json"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// StartPasskeySignIn gives a challenge to sign in by: PublicKeyCredentialRequestOptionsJSON (Web Authentication Level 3, section 5.1.9). Any passkey of
// the site may answer; where the caller is signed in already, as for a fresh proof, only their own. Five minutes, once. PASSKEYS_OFF.
func (s *Service) StartPasskeySignIn(ctx context.Context, in Attempt) (json.RawMessage, error) {
	a, err := site.RequireBook(ctx, site.AccessSite)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := s.takeClient(ctx, passkeyPerClient, a.SiteID); err != nil {
		return nil, err
	}
	rp, err := relyingParty(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	row := ceremony{Attempt: in.ID, CodeChallenge: in.Challenge, Jkt: in.JKT}
	allowed := []protocol.CredentialDescriptor{}
	if a.Kind == site.KindAccount && a.Support == nil {
		row.AccountID = &a.ID
		own, err := passkeysOf(ctx, s.db.Bun, a.SiteID, a.ID)
		if err != nil {
			return nil, err
		}
		for _, p := range own {
			if p.Former {
				continue
			}
			c := p.credential()
			allowed = append(allowed, c.Descriptor())
		}
	}
	asked, session, err := rp.BeginDiscoverableLogin()
	if err != nil {
		return nil, fault.Wrap(err, "begin passkey sign-in")
	}
	asked.Response.AllowedCredentials = allowed
	row.Session = *session
	if err := s.keepCeremony(ctx, s.db.Bun, a, row); err != nil {
		return nil, err
	}
	return options(asked.Response)
}

// PasskeySignIn is a browser's answer to StartPasskeySignIn.
type PasskeySignIn struct {
	Attempt  Attempt         // the same that asked
	Response json.RawMessage // AuthenticationResponseJSON (Web Authentication Level 3, section 5.1.8)
}

// SignInWithPasskey gives a code for a passkey that answered a challenge. Whatever does not fit, an unknown passkey too, is the same WRONG_PASSKEY, and
// the challenge is used up. PASSKEY_COPIED when the authenticator's counter went back, which the account's history tells (section 6.1.1);
// ACCOUNT_DISABLED when staff shut the account out.
func (s *Service) SignInWithPasskey(ctx context.Context, in PasskeySignIn) (string, error) {
	a, err := site.RequireBook(ctx, site.AccessSite)
	if err != nil {
		return "", err
	}
	if err := in.Attempt.check(); err != nil {
		return "", err
	}
	if err := s.takeClient(ctx, passkeyPerClient, a.SiteID); err != nil {
		return "", err
	}
	rp, err := relyingParty(ctx, s.db.Bun, a)
	if err != nil {
		return "", err
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes(in.Response)
	if err != nil {
		return "", wrongPasskey()
	}
	var code string
	var refused error // the challenge is used up and a copy told of: both must commit, so the refusal travels beside the transaction
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		code, refused = "", wrongPasskey()
		p, of, known, err := passkeyBy(ctx, tx, a.SiteID, rp.Config.RPID, answer.RawID)
		if err != nil {
			return err
		}
		asked, ok, err := s.takeCeremony(ctx, tx, a, answer.Response.CollectedClientData.Challenge, false)
		if err != nil || !ok || !known || !asked.of(in.Attempt) || asked.AccountID != nil && *asked.AccountID != of.ID {
			return err
		}
		used, err := checkPasskey(rp, asked, p, of, answer)
		if err != nil {
			s.log.InfoContext(ctx, "passkey refused", "site", a.SiteID, "account", of.ID, "error", err)
			return nil
		}
		if used.Authenticator.CloneWarning {
			refused = &fault.Error{Code: fault.Unauthenticated, Reason: ReasonPasskeyCopied, Message: "this passkey counts backwards, so there may be a copy of it; sign in another way and remove it"}
			return s.tellOwn(ctx, tx, of, Event{Kind: EventPasskeyCopied, Surface: surfaceSignIn, After: p.Name})
		}
		if of.DisabledAt != nil {
			refused = &fault.Error{Code: fault.Forbidden, Reason: ReasonDisabled, Message: "this account has been shut out; ask the organizer"}
			return nil
		}
		now := s.now()
		p.SignCount, p.BackedUp, p.UsedAt = used.Authenticator.SignCount, used.Flags.BackupState, &now
		if _, err := tx.NewUpdate().Model(&p).Column("sign_count", "backed_up", "used_at").WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "use passkey")
		}
		refused = nil
		code, err = s.issueCode(ctx, tx, binding{a.SiteID, a.Origin, in.Attempt}, ofAccount(of.ID))
		return err
	})
	if err == nil {
		err = refused
	}
	return code, err
}

// of tells whether a challenge was given to an attempt.
func (c *ceremony) of(in Attempt) bool {
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	return same(c.Attempt, in.ID) && same(c.CodeChallenge, in.Challenge) && same(c.Jkt, in.JKT)
}

// accountByPasskey gives and holds the account of a passkey, and the passkey after it; its challenge comes last. Whoever closes the account takes the
// rows in this order.
const accountByPasskey = `
SELECT a.* FROM account AS a JOIN passkey AS p ON p.site_id = a.site_id AND p.account_id = a.id
WHERE p.site_id = ? AND p.credential_id = ? AND p.domain = ? FOR NO KEY UPDATE`

// passkeyBy gives a passkey of a site's present domain, held until the transaction ends, and whose it is.
func passkeyBy(ctx context.Context, tx bun.IDB, siteID uuid.UUID, domain string, credentialID []byte) (p Passkey, of Account, ok bool, err error) {
	err = tx.NewRaw(accountByPasskey, siteID, credentialID, domain).Scan(ctx, &of)
	if err == nil {
		err = tx.NewSelect().Model(&p).Where("site_id = ? AND credential_id = ?", siteID, credentialID).Scan(ctx)
	}
	if db.NoRows(err) {
		return p, of, false, nil
	}
	return p, of, err == nil, db.MapError(err, "read passkey")
}

// checkPasskey verifies an answer: type, challenge, origin, domain, presence and verification of the person, user handle and signature
// (section 7.2).
func checkPasskey(rp *webauthn.WebAuthn, asked ceremony, p Passkey, of Account, answer *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
	return rp.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) {
		return passkeyUser{Account: of, passkeys: []*Passkey{&p}}, nil
	}, asked.Session, answer)
}
