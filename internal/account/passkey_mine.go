package account

import (
	"context"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// StartPasskey gives a challenge to make a passkey by, for the caller's account: PublicKeyCredentialCreationOptionsJSON (Web Authentication Level 3,
// section 5.1.8). Needs a fresh sign-in. Five minutes, once, for this session. PASSKEYS_OFF, PASSKEYS_TOO_MANY.
func (s *Service) StartPasskey(ctx context.Context) (json.RawMessage, error) {
	a, row, err := s.mineAsOwner(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.takeClient(ctx, passkeyPerClient, a.SiteID); err != nil {
		return nil, err
	}
	rp, err := relyingParty(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	if err := s.requireFresh(ctx, s.db.Bun, a); err != nil {
		return nil, err
	}
	p, err := s.book.Read(ctx, s.db.Bun, a.SiteID, row.ContactID)
	if err != nil {
		return nil, err
	}
	user := passkeyUser{Account: row, name: strings.TrimSpace(p.FirstName + " " + p.LastName)}
	if user.passkeys, err = passkeysOf(ctx, s.db.Bun, a.SiteID, a.ID); err != nil {
		return nil, err
	}
	if err := room(user.passkeys); err != nil {
		return nil, err
	}
	asked, session, err := rp.BeginRegistration(user, webauthn.WithExclusions(webauthn.Credentials(user.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return nil, fault.Wrap(err, "begin passkey")
	}
	err = s.keepCeremony(ctx, s.db.Bun, a, ceremony{Attempt: a.SessionID.String(), AccountID: &a.ID, Making: true, Session: *session})
	if err != nil {
		return nil, err
	}
	return options(asked.Response)
}

func room(has []*Passkey) error {
	if len(has) >= maxPasskeys {
		return fault.Invalid(ReasonTooManyPasskeys, nil, "an account has at most %d passkeys; remove one first", maxPasskeys)
	}
	return nil
}

// NewPasskey is a browser's answer to StartPasskey.
type NewPasskey struct {
	Name     string          // what its owner calls it
	Response json.RawMessage // RegistrationResponseJSON (Web Authentication Level 3, section 5.1.8)
}

// AddPasskey gives the caller's account the passkey that answered a challenge, and tells the mailbox. Needs a fresh sign-in, still. WRONG_PASSKEY when
// the answer does not fit its challenge, which is used up; PASSKEY_KNOWN, PASSKEYS_OFF, PASSKEYS_TOO_MANY.
func (s *Service) AddPasskey(ctx context.Context, in NewPasskey) error {
	a, row, err := s.mineAsOwner(ctx)
	if err != nil {
		return err
	}
	name, err := passkeyName(in.Name)
	if err != nil {
		return err
	}
	if err := s.takeClient(ctx, passkeyPerClient, a.SiteID); err != nil {
		return err
	}
	rp, err := relyingParty(ctx, s.db.Bun, a)
	if err != nil {
		return err
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes(in.Response)
	if err != nil {
		return wrongPasskey()
	}
	var refused error // the challenge is used up whatever comes of it, so the refusal travels beside the transaction
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		refused = nil
		if err := s.requireFresh(ctx, tx, a); err != nil {
			return err
		}
		asked, ok, err := s.takeCeremony(ctx, tx, a, answer.Response.CollectedClientData.Challenge, true)
		if err != nil {
			return err
		}
		if !ok || *asked.AccountID != a.ID || asked.Attempt != a.SessionID.String() {
			refused = wrongPasskey()
			return nil
		}
		made, err := rp.CreateCredential(passkeyUser{Account: row}, asked.Session, answer)
		if err != nil {
			s.log.InfoContext(ctx, "new passkey refused", "site", a.SiteID, "account", a.ID, "error", err)
			refused = wrongPasskey()
			return nil
		}
		refused, err = s.keepPasskey(ctx, tx, row, asked.Session.RelyingPartyID, name, made)
		if refused != nil || err != nil {
			return err
		}
		if err := s.tell(ctx, tx, row, Event{Kind: EventPasskeyAdded, After: name}); err != nil {
			return err
		}
		return s.mail(ctx, tx, Mail{SiteID: a.SiteID, To: row.Email, Kind: MailPasskeyAdded, Language: a.Language, Data: map[string]string{"name": name}})
	})
	if err == nil {
		err = refused
	}
	return err
}

// keepPasskey stores a passkey that was checked; the caller holds the account.
func (s *Service) keepPasskey(ctx context.Context, tx bun.IDB, of Account, domain, name string, made *webauthn.Credential) (refused, err error) {
	has, err := passkeysOf(ctx, tx, of.SiteID, of.ID)
	if err != nil {
		return nil, err
	}
	if refused := room(has); refused != nil {
		return refused, nil
	}
	row := Passkey{
		SiteID: of.SiteID, CredentialID: made.ID, ID: uuid.Must(uuid.NewV7()), AccountID: of.ID, Domain: domain, PublicKey: made.PublicKey,
		SignCount: made.Authenticator.SignCount, Transports: []string{}, BackupEligible: made.Flags.BackupEligible, BackedUp: made.Flags.BackupState,
		Name: name, CreatedAt: s.now(),
	}
	for _, t := range made.Transport {
		row.Transports = append(row.Transports, string(t))
	}
	res, err := tx.NewInsert().Model(&row).On("CONFLICT (site_id, credential_id) DO NOTHING").Exec(ctx)
	if err != nil {
		return nil, db.MapError(err, "insert passkey")
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.Invalid(ReasonPasskeyKnown, nil, "this passkey is known already"), err
	}
	return nil, nil
}

// passkeyName checks what an owner calls a passkey.
func passkeyName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if err := checkName(name, "name"); err != nil {
		return "", err
	}
	switch {
	case name == "":
		return "", fault.Invalid(fault.Required, []string{"name"}, "give it a name")
	case utf8.RuneCountInString(name) > 100:
		return "", fault.Invalid(fault.TooLong, []string{"name"}, "a passkey's name has at most 100 characters")
	}
	return name, nil
}

// RenamePasskey calls one of the caller's passkeys something else. NotFound when it is not theirs.
func (s *Service) RenamePasskey(ctx context.Context, id uuid.UUID, name string) error {
	a, err := requireOwner(ctx)
	if err != nil {
		return err
	}
	if name, err = passkeyName(name); err != nil {
		return err
	}
	res, err := s.db.Bun.NewUpdate().Model((*Passkey)(nil)).Set("name = ?", name).Where("site_id = ? AND id = ? AND account_id = ?", a.SiteID, id, a.ID).Exec(ctx)
	if err != nil {
		return db.MapError(err, "rename passkey")
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.Missing("passkey")
	}
	return nil
}

// RemovePasskey takes a passkey off the caller's account and tells the mailbox, which stays a way in; sessions that began by it go on. Needs a fresh
// sign-in. NotFound when it is not theirs.
func (s *Service) RemovePasskey(ctx context.Context, id uuid.UUID) error {
	a, row, err := s.mineAsOwner(ctx)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.requireFresh(ctx, tx, a); err != nil {
			return err
		}
		var gone Passkey
		err := tx.NewDelete().Model(&gone).Where("site_id = ? AND id = ? AND account_id = ?", a.SiteID, id, a.ID).Returning("*").Scan(ctx)
		if err != nil {
			return db.Missing(err, "passkey", "delete passkey")
		}
		if err := s.tell(ctx, tx, row, Event{Kind: EventPasskeyRemoved, Before: gone.Name}); err != nil {
			return err
		}
		return s.mail(ctx, tx, Mail{SiteID: a.SiteID, To: row.Email, Kind: MailPasskeyRemoved, Language: a.Language, Data: map[string]string{"name": gone.Name}})
	})
}
