package account

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// Modes of a social sign-in.
const (
	ModePopup    = "popup"
	ModeRedirect = "redirect"
)

// What the finishing page tells the widget when a social sign-in fails.
const (
	SocialDenied      = "DENIED"          // the person or the provider said no
	SocialFailed      = "PROVIDER_FAILED" // the provider's answer was not to be trusted, or none came
	SocialNoEmail     = "NO_EMAIL"        // the provider gave no address, and there is no account yet
	SocialDisabled    = ReasonDisabled    // staff shut the account out
	SocialUnavailable = "UNAVAILABLE"     // our fault; try again
	SocialTooMany     = "RATE_LIMITED"    // later
)

// socialAttempt is a browser on its way through a provider, found again by the hash of state.
type socialAttempt struct {
	bun.BaseModel `bun:"table:social_attempt"`

	SiteID     uuid.UUID `bun:",pk"`
	StateHash  []byte    `bun:",pk"`
	Provider   string
	Attempt    string
	Origin     string
	LandingURL string
	Challenge  string
	Jkt        string
	Mode       string
	Binding    []byte
	Verifier   string
	Nonce      string
	ExpiresAt  time.Time
}

func (a *socialAttempt) bound() binding {
	return binding{SiteID: a.SiteID, Origin: a.Origin, Attempt: Attempt{ID: a.Attempt, Challenge: a.Challenge, JKT: a.Jkt}}
}

// StartSocial is a request to sign in at a provider.
type StartSocial struct {
	Site     string // public id
	Provider string // its name in the site
	Origin   string // the widget's page; must be registered
	Landing  string // where a redirect returns to; empty or the origin's registered landing page
	Mode     string // ModePopup or ModeRedirect
	Binding  string // value of the binding cookie, empty when there is none yet
	Attempt  Attempt
}

// SocialRedirect is where the browser goes, and the value its binding cookie must have for ten
// minutes. End is set instead when the provider does not answer as it should: the page that began can
// be told.
type SocialRedirect struct {
	URL, Binding string
	Posts        bool // the answer comes as a POST from the provider's page, which brings no Lax cookie along
	End          *SocialEnd
}

// StartSocial prepares a sign-in at one of the site's providers. An error means that the page may not
// begin one.
func (s *Service) StartSocial(ctx context.Context, in StartSocial) (SocialRedirect, error) {
	of, err := s.siteOf(ctx, in.Site)
	if err != nil {
		return SocialRedirect{}, err
	}
	if at := clientOf(ctx); !at.serves(of.ID) {
		return SocialRedirect{}, fault.New(fault.Forbidden, "%s is the login domain of another site", at.Server)
	}
	if err := s.takeClient(ctx, socialPerClient, of.ID); err != nil {
		return SocialRedirect{}, err
	}
	registered, err := s.sites.OriginOf(ctx, of.ID, in.Origin)
	if err != nil {
		return SocialRedirect{}, err
	}
	if in.Landing != "" && in.Landing != registered.LandingURL {
		return SocialRedirect{}, fault.New(fault.Forbidden, "the page to return to is not the one registered for %s; set it under Settings > Origins", in.Origin)
	}
	if in.Mode != ModePopup && in.Mode != ModeRedirect {
		return SocialRedirect{}, fault.Invalid(fault.InvalidValue, []string{"mode"}, "the mode is popup or redirect")
	}
	if err := in.Attempt.check(); err != nil {
		return SocialRedirect{}, err
	}
	config, clientSecret, err := s.sites.OpenProvider(ctx, of.ID, in.Provider)
	if err != nil {
		return SocialRedirect{}, err
	}
	ctx, done := context.WithTimeout(ctx, providerPatience)
	defer done()
	through, err := s.providers.build(ctx, config, clientSecret, s.CallbackURL(ctx, of, in.Provider))
	if err != nil {
		s.log.WarnContext(ctx, "login provider", "site", of.PublicID, "provider", in.Provider, "error", withoutSecrets(err))
		return SocialRedirect{End: &SocialEnd{Attempt: in.Attempt.ID, Origin: in.Origin, LandingURL: registered.LandingURL, Mode: in.Mode, Reason: SocialFailed}}, nil
	}
	return s.sendOff(ctx, through, of.ID, registered, in)
}

// CallbackURL is where a provider redirects to. Each has an address of its own, so that no answer of one
// passes for another's (RFC 9700 section 4.4.2), in whatever site.
func (s *Service) CallbackURL(ctx context.Context, of site.Site, provider string) string {
	return s.asked(ctx) + "/v1/social/callback/" + of.PublicID + "/" + provider
}

// sendOff stores the attempt.
func (s *Service) sendOff(ctx context.Context, through *way, siteID uuid.UUID, registered site.Origin, in StartSocial) (SocialRedirect, error) {
	state := secret.SiteToken(statePrefix, siteID)
	// One cookie serves several popups of one browser.
	bind := in.Binding
	if !base64url43.MatchString(bind) {
		bind = secret.Random()
	}
	row := socialAttempt{
		SiteID: siteID, StateHash: secret.Hash(state), Provider: in.Provider, Attempt: in.Attempt.ID, Origin: in.Origin,
		LandingURL: registered.LandingURL, Challenge: in.Attempt.Challenge, Jkt: in.Attempt.JKT, Mode: in.Mode,
		Binding: secret.Hash(bind), Verifier: secret.Random(), Nonce: secret.Random(), ExpiresAt: s.now().Add(socialLife),
	}
	if _, err := s.db.Bun.NewInsert().Model(&row).Exec(ctx); err != nil {
		return SocialRedirect{}, db.MapError(err, "insert social attempt")
	}
	return SocialRedirect{URL: through.address(state, row.Nonce, row.Verifier), Binding: bind, Posts: through.posts}, nil
}

// FinishSocial is what the provider's redirect brought back.
type FinishSocial struct {
	Site, Provider     string // of the address: public id and name
	State, Code, Error string
	Issuer             string // RFC 9207; may be empty
	User               string // what Apple posts of a person's names; may be empty
	Binding            string // of the cookie
}

// SocialEnd is how a social sign-in ended. Exactly one of Code, Prove and Reason is set.
type SocialEnd struct {
	Attempt, Origin, LandingURL, Mode string
	Code                              string // to exchange
	Prove                             string // the address whose mailbox must be proven first; a mail is on its way
	Reason                            string // one of the Social constants
}

var errState = fault.New(fault.BadInput, "this sign-in was not started in this browser, was used already, or is older than ten minutes; go back and start again")

// FinishSocial ends a sign-in at a provider. An error means that no attempt of this browser belongs to
// the state, so nobody can be told; everything else, failures too, is for the page that began.
//
// A known identity signs in. An unknown one makes an account at once only when the provider says that
// the address is verified and neither an account nor a contact has it; else the mailbox is proven first,
// and the identity is linked by that proof. An equal address alone never links.
func (s *Service) FinishSocial(ctx context.Context, in FinishSocial) (SocialEnd, error) {
	row, err := s.returned(ctx, in)
	if err != nil {
		return SocialEnd{}, err
	}
	end := SocialEnd{Attempt: row.Attempt, Origin: row.Origin, LandingURL: row.LandingURL, Mode: row.Mode}
	if in.Error != "" {
		s.log.InfoContext(ctx, "login provider refused", "site", row.SiteID, "provider", row.Provider, "error", short(in.Error, 100))
		end.Reason = SocialDenied
		return end, nil
	}
	end.Code, end.Prove, err = s.admit(ctx, row, in)
	end.Reason = s.socialReason(ctx, row, err)
	return end, nil
}

// admit asks the provider who has come and lets them in (code), or asks for the proof of their mailbox (prove).
func (s *Service) admit(ctx context.Context, row *socialAttempt, in FinishSocial) (code, prove string, err error) {
	of, err := s.sites.ByID(ctx, row.SiteID)
	if err != nil {
		return "", "", err
	}
	if err := open(of); err != nil {
		return "", "", err
	}
	config, clientSecret, err := s.sites.OpenProvider(ctx, row.SiteID, row.Provider)
	if err != nil {
		return "", "", err
	}
	person, err := s.ask(ctx, row, of, config, clientSecret, in)
	if err != nil {
		return "", "", &untrusted{err}
	}
	return s.welcome(ctx, row, config, person, of.Language)
}

// ask exchanges the code at the provider, within a time.
func (s *Service) ask(ctx context.Context, row *socialAttempt, of site.Site, config site.Provider, clientSecret string, in FinishSocial) (visitor, error) {
	ctx, done := context.WithTimeout(ctx, providerPatience)
	defer done()
	through, err := s.providers.build(ctx, config, clientSecret, s.CallbackURL(ctx, of, config.Name))
	if err != nil {
		return visitor{}, err
	}
	if err := through.checkIssuer(in.Issuer); err != nil {
		return visitor{}, err
	}
	v, err := through.complete(ctx, in.Code, row.Nonce, row.Verifier)
	if through.posts && v.FirstName == "" && v.LastName == "" {
		v.FirstName, v.LastName = appleNames(in.User)
	}
	return v, err
}

// socialReason gives what the widget may know of a failure; the log gets the rest.
func (s *Service) socialReason(ctx context.Context, row *socialAttempt, err error) string {
	var bad *untrusted
	var known *fault.Error
	reason := SocialUnavailable
	switch {
	case err == nil:
		return ""
	case errors.As(err, &bad):
		reason = SocialFailed
	case errors.As(err, &known) && (known.Reason == SocialNoEmail || known.Reason == SocialDisabled):
		reason = known.Reason
	case fault.CodeOf(err) == fault.RateLimited:
		reason = SocialTooMany
	}
	s.log.WarnContext(ctx, "social sign-in failed", "site", row.SiteID, "provider", row.Provider, "reason", reason, "error", err)
	return reason
}

// returned uses up the attempt that a state belongs to, and checks that this browser began it.
func (s *Service) returned(ctx context.Context, in FinishSocial) (*socialAttempt, error) {
	siteID, ok := secret.SiteOf(statePrefix, in.State)
	if !ok || !clientOf(ctx).serves(siteID) {
		return nil, errState
	}
	of, err := s.sites.ByID(ctx, siteID)
	if fault.CodeOf(err) == fault.NotFound || err == nil && of.PublicID != in.Site {
		return nil, errState
	}
	if err != nil {
		return nil, err
	}
	if err := s.takeClient(ctx, socialPerClient, siteID); err != nil {
		return nil, err
	}
	row := new(socialAttempt)
	err = s.db.Bun.NewDelete().Model(row).Where("site_id = ? AND state_hash = ?", siteID, secret.Hash(in.State)).Returning("*").Scan(ctx)
	if db.NoRows(err) || err == nil && (!s.now().Before(row.ExpiresAt) || !secret.Equal(in.Binding, row.Binding) || row.Provider != in.Provider) {
		return nil, errState
	}
	return row, db.MapError(err, "use social attempt")
}

// welcome signs an identity in (code), or asks for the proof of its mailbox (prove).
func (s *Service) welcome(ctx context.Context, row *socialAttempt, config site.Provider, v visitor, language string) (code, prove string, err error) {
	key := site.EmailKey(v.Email)
	ctx = asVisitor(ctx, row.SiteID, v.Email)
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		code, prove = "", ""
		if err := LockAddress(ctx, tx, row.SiteID, key); err != nil {
			return err
		}
		of, found, err := byIdentity(ctx, tx, row.SiteID, v)
		if err != nil {
			return err
		}
		if !found {
			if err := site.CheckEmail(v.Email); err != nil {
				return &fault.Error{Code: fault.BadInput, Reason: SocialNoEmail, Message: "the provider gave no usable address"}
			}
			if of, found, err = s.enterVouched(ctx, tx, row.SiteID, config, v, language); err != nil {
				return err
			}
		}
		if found && of.DisabledAt != nil {
			return &fault.Error{Code: fault.Forbidden, Reason: SocialDisabled, Message: "this account has been shut out"}
		}
		if found {
			code, err = s.issueCode(ctx, tx, row.bound(), ofAccount(of.ID))
			return err
		}
		if err := s.take(ctx, mailPerAddress, row.SiteID, key, shortAddress(key)); err != nil {
			return err
		}
		prove = v.Email
		return s.challengeMailbox(ctx, tx, row.bound(), purposeLink, MailLink, v.Email, language, pending{
			Provider: config.Label, ProviderName: config.Name, Issuer: v.Issuer, Subject: v.Subject, FirstName: v.FirstName, LastName: v.LastName,
		})
	})
	return code, prove, err
}

// accountByIdentity gives and holds the account of a login at a provider. Both rows are held, the account first: of a login that somebody is taking
// away only the lock tells, since the address that the provider names need not be the account's.
const accountByIdentity = `
SELECT a.* FROM account AS a JOIN account_identity AS i ON i.site_id = a.site_id AND i.account_id = a.id
WHERE i.site_id = ? AND i.issuer = ? AND i.subject = ? FOR NO KEY UPDATE`

func byIdentity(ctx context.Context, tx bun.IDB, siteID uuid.UUID, v visitor) (row Account, found bool, err error) {
	err = tx.NewRaw(accountByIdentity, siteID, v.Issuer, v.Subject).Scan(ctx, &row)
	if db.NoRows(err) {
		return row, false, nil
	}
	return row, err == nil, db.MapError(err, "read identity")
}

// enterVouched makes an account on the provider's word alone; made is false when somebody may already
// stand behind the address, or when the provider does not vouch for it.
func (s *Service) enterVouched(ctx context.Context, tx bun.IDB, siteID uuid.UUID, config site.Provider, v visitor, language string) (row Account, made bool, err error) {
	if !v.EmailVerified {
		return row, false, nil
	}
	key := site.EmailKey(v.Email)
	if _, taken, err := byEmail(ctx, tx, siteID, key); err != nil || taken {
		return row, false, err
	}
	if known, err := s.book.Known(ctx, tx, siteID, key); err != nil || known {
		return row, false, err
	}
	p := Person{Email: v.Email, FirstName: v.FirstName, LastName: v.LastName, Language: language}
	contactID, err := s.book.Enter(ctx, tx, siteID, uuid.Nil, p, "registration")
	if err != nil {
		return row, false, err
	}
	if row, err = s.create(ctx, tx, siteID, contactID, v.Email, "", language, false); err != nil {
		return row, false, err
	}
	if err := s.tellOwn(ctx, tx, row, Event{Kind: EventCreated, Surface: surfaceRegistration}); err != nil {
		return row, false, err
	}
	return row, true, s.addIdentity(ctx, tx, row, surfaceRegistration, Identity{Provider: config.Label, Name: config.Name, Issuer: v.Issuer, Subject: v.Subject})
}
