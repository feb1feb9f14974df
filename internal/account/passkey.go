package account

import (
	"context"
	"encoding/json"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Passkeys: discoverable credentials with user verification (Web Authentication Level 3), one relying party a site. Ceremonies run in the host's
// page; options and answers travel as that specification's JSON (sections 5.1.8 and 5.1.9). Attestation is not asked for: which make of authenticator
// people have is theirs to choose.

// maxPasskeys is how many an account may have.
const maxPasskeys = 20

// Passkey is one of an account's.
type Passkey struct {
	bun.BaseModel `bun:"table:passkey"`

	SiteID         uuid.UUID `bun:",pk"`
	CredentialID   []byte    `bun:",pk"`
	ID             uuid.UUID
	AccountID      uuid.UUID
	Domain         string
	PublicKey      []byte
	SignCount      uint32
	Transports     []string `bun:"type:text[],array"`
	BackupEligible bool
	BackedUp       bool // other devices of its owner have it too
	Name           string
	CreatedAt      time.Time
	UsedAt         *time.Time

	Former bool `bun:",scanonly"` // made for a domain that the site's passkeys are no longer for: browsers offer it nowhere
}

// credential gives what the library knows of a passkey.
func (p *Passkey) credential() webauthn.Credential {
	out := webauthn.Credential{
		ID: p.CredentialID, PublicKey: p.PublicKey, AttestationType: "none", AttestationFormat: "none",
		Flags:         webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: p.BackupEligible, BackupState: p.BackedUp},
		Authenticator: webauthn.Authenticator{SignCount: p.SignCount},
	}
	for _, t := range p.Transports {
		out.Transport = append(out.Transport, protocol.AuthenticatorTransport(t))
	}
	return out
}

// passkeysOf gives the passkeys of accounts, oldest first.
func passkeysOf(ctx context.Context, q bun.IDB, siteID uuid.UUID, accounts ...uuid.UUID) ([]*Passkey, error) {
	rows := []*Passkey{}
	err := q.NewSelect().Model(&rows).ColumnExpr("passkey.*").ColumnExpr("passkey.domain <> s.passkey_domain AS former").Join("JOIN site AS s ON s.id = passkey.site_id").
		Where("passkey.site_id = ? AND passkey.account_id IN (?)", siteID, bun.List(accounts)).OrderExpr("passkey.created_at, passkey.id").Scan(ctx)
	return rows, db.MapError(err, "read passkeys")
}

// dropPasskeys deletes an account's passkeys, and challenges that would make another.
func dropPasskeys(ctx context.Context, tx bun.IDB, siteID, accountID uuid.UUID) error {
	for _, rows := range []any{(*Passkey)(nil), (*ceremony)(nil)} {
		if _, err := tx.NewDelete().Model(rows).Where("site_id = ? AND account_id = ?", siteID, accountID).Exec(ctx); err != nil {
			return db.MapError(err, "delete passkeys")
		}
	}
	return nil
}

// passkeyUser is an account as the library asks for it. The user handle is the pairwise subject: random, and known to the host anyway.
type passkeyUser struct {
	Account
	name     string
	passkeys []*Passkey
}

func (u passkeyUser) WebAuthnID() []byte          { return []byte(u.Subject) }
func (u passkeyUser) WebAuthnName() string        { return u.Email }
func (u passkeyUser) WebAuthnDisplayName() string { return u.name }
func (u passkeyUser) WebAuthnCredentials() []webauthn.Credential {
	out := make([]webauthn.Credential, len(u.passkeys))
	for i, p := range u.passkeys {
		out[i] = p.credential()
	}
	return out
}

// ceremony is a challenge that a browser is answering.
type ceremony struct {
	bun.BaseModel `bun:"table:passkey_ceremony"`

	SiteID        uuid.UUID `bun:",pk"`
	Challenge     string    `bun:",pk"`
	Origin        string
	Attempt       string
	CodeChallenge string
	Jkt           string
	AccountID     *uuid.UUID
	Making        bool
	Session       webauthn.SessionData `bun:"type:jsonb"`
	ExpiresAt     time.Time
}

// relyingParty is the site as one, for a page of it. PASSKEYS_OFF where it has none; browsers would refuse pages outside its domain, which the site
// does not register.
func relyingParty(ctx context.Context, q bun.IDB, a site.Actor) (*webauthn.WebAuthn, error) {
	of, err := site.Of(ctx, q, a)
	if err != nil {
		return nil, err
	}
	if !of.Passkeys || a.Origin == "" {
		return nil, fault.Invalid(ReasonPasskeysOff, nil, "passkeys are off on this page; the site's managers turn them on under Settings > Login, for pages of its own")
	}
	life := webauthn.TimeoutConfig{Timeout: passkeyLife, TimeoutUVD: passkeyLife}
	rp, err := webauthn.New(&webauthn.Config{
		RPID: of.PasskeyDomain, RPDisplayName: of.Name, RPOrigins: []string{a.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: life, Registration: life},
	})
	return rp, fault.Wrap(err, "relying party")
}

// keepCeremony stores a challenge for the page that asked.
func (s *Service) keepCeremony(ctx context.Context, q bun.IDB, a site.Actor, row ceremony) error {
	row.SiteID, row.Challenge, row.Origin, row.ExpiresAt = a.SiteID, row.Session.Challenge, a.Origin, s.now().Add(passkeyLife)
	_, err := q.NewInsert().Model(&row).Exec(ctx)
	return db.MapError(err, "insert passkey ceremony")
}

// takeCeremony uses up a challenge; ok is false when it is unknown, late, or was given to another page.
func (s *Service) takeCeremony(ctx context.Context, tx bun.IDB, a site.Actor, challenge string, making bool) (row ceremony, ok bool, err error) {
	err = tx.NewDelete().Model(&row).Where("site_id = ? AND challenge = ?", a.SiteID, challenge).Returning("*").Scan(ctx)
	if db.NoRows(err) {
		return row, false, nil
	}
	return row, err == nil && row.Origin == a.Origin && row.Making == making && s.now().Before(row.ExpiresAt), db.MapError(err, "use passkey challenge")
}

func options(of any) (json.RawMessage, error) {
	out, err := json.Marshal(of)
	return out, fault.Wrap(err, "passkey options")
}

func wrongPasskey() *fault.Error {
	return &fault.Error{Code: fault.Unauthenticated, Reason: ReasonWrongPasskey, Message: "this passkey is not known here, or its answer came too late; try again, or sign in another way"}
}
