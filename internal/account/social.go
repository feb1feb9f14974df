package account

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	"github.com/markbates/goth"
	"github.com/markbates/goth/providers/openidConnect"
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
	SocialTooMany     = "TOO_MANY_TRIES"  // later
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
	Session    string
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
	End          *SocialEnd
}

// StartSocial prepares a sign-in at one of the site's providers. An error means that the page may not
// begin one.
func (s *Service) StartSocial(ctx context.Context, in StartSocial) (SocialRedirect, error) {
	if err := s.takeClient(ctx, socialPerClient); err != nil {
		return SocialRedirect{}, err
	}
	of, err := s.siteOf(ctx, in.Site)
	if err != nil {
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
	provider, _, err := s.providers.build(ctx, config, clientSecret)
	if err != nil {
		s.log.WarnContext(ctx, "login provider", "site", of.PublicID, "provider", in.Provider, "error", err)
		return SocialRedirect{End: &SocialEnd{Attempt: in.Attempt.ID, Origin: in.Origin, LandingURL: registered.LandingURL, Mode: in.Mode, Reason: SocialFailed}}, nil
	}
	return s.sendOff(ctx, provider, of.ID, registered, in)
}

// sendOff stores the attempt. State, nonce and PKCE verifier are ours; goth makes only the address.
func (s *Service) sendOff(ctx context.Context, provider *openidConnect.Provider, siteID uuid.UUID, registered site.Origin, in StartSocial) (SocialRedirect, error) {
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
	begun, err := provider.BeginAuth(state)
	if err != nil {
		return SocialRedirect{}, fault.Wrap(err, "begin social sign-in")
	}
	session := begun.(*openidConnect.Session)
	page, err := url.Parse(session.AuthURL)
	if err != nil {
		return SocialRedirect{}, fault.Wrap(err, "authorization address")
	}
	sum := sha256.Sum256([]byte(row.Verifier))
	query := page.Query()
	query.Set("code_challenge", b64.EncodeToString(sum[:]))
	query.Set("code_challenge_method", "S256")
	query.Set("nonce", row.Nonce)
	page.RawQuery = query.Encode()
	session.AuthURL = page.String()
	row.Session = session.Marshal()
	if _, err := s.db.Bun.NewInsert().Model(&row).Exec(ctx); err != nil {
		return SocialRedirect{}, db.MapError(err, "insert social attempt")
	}
	return SocialRedirect{URL: page.String(), Binding: bind}, nil
}

// FinishSocial is what the provider's redirect brought back.
type FinishSocial struct {
	State, Code, Error string
	Issuer             string // RFC 9207; may be empty
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
	if in.Issuer != "" && in.Issuer != config.Issuer {
		return "", "", &untrusted{errors.New("the answer came from another issuer")}
	}
	person, err := s.complete(ctx, row, config, clientSecret, in.Code)
	if err != nil {
		return "", "", err
	}
	return s.welcome(ctx, row, config, person, of.Language)
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
	if err := s.takeClient(ctx, socialPerClient); err != nil {
		return nil, err
	}
	siteID, ok := secret.SiteOf(statePrefix, in.State)
	if !ok {
		return nil, errState
	}
	row := new(socialAttempt)
	err := s.db.Bun.NewDelete().Model(row).Where("site_id = ? AND state_hash = ?", siteID, secret.Hash(in.State)).Returning("*").Scan(ctx)
	if db.NoRows(err) || err == nil && (!s.now().Before(row.ExpiresAt) || !secret.Equal(in.Binding, row.Binding)) {
		return nil, errState
	}
	return row, db.MapError(err, "use social attempt")
}

// untrusted is a provider's answer that failed a check, or none.
type untrusted struct{ err error }

func (u *untrusted) Error() string { return "login provider: " + u.err.Error() }
func (u *untrusted) Unwrap() error { return u.err }

// visitor is who a provider says has come. Issuer and subject are of the verified ID token.
type visitor struct {
	Issuer, Subject, Email, FirstName, LastName string
	EmailVerified                               bool
}

// complete exchanges the provider's code and verifies its ID token. Only values of ours reach goth,
// whose session would let the callback's query override the redirect address and the PKCE verifier.
func (s *Service) complete(ctx context.Context, row *socialAttempt, config site.Provider, clientSecret, code string) (v visitor, err error) {
	defer func() {
		// goth asserts types of claims that a provider chooses.
		if x := recover(); x != nil {
			err = &untrusted{fmt.Errorf("its answer made goth panic: %v", x)}
		}
	}()
	provider, verifier, err := s.providers.build(ctx, config, clientSecret)
	if err != nil {
		return v, &untrusted{err}
	}
	unmarshalled, err := provider.UnmarshalSession(row.Session)
	if err != nil {
		return v, fault.Wrap(err, "read goth session")
	}
	session := unmarshalled.(*openidConnect.Session)
	if _, err := session.Authorize(provider, url.Values{"code": {code}, "code_verifier": {row.Verifier}}); err != nil {
		return v, &untrusted{err}
	}
	token, err := verifier.Verify(oidc.ClientContext(ctx, s.providers.client), session.IDToken) // signature, issuer, audience, expiry
	if err != nil {
		return v, &untrusted{err}
	}
	if err := checkToken(token, row.Nonce, config.ClientID); err != nil {
		return v, &untrusted{err}
	}
	user, err := provider.FetchUser(session) // userinfo must name the same subject
	if err != nil {
		return v, &untrusted{err}
	}
	return visitor{
		Issuer: token.Issuer, Subject: token.Subject, Email: strings.TrimSpace(user.Email), EmailVerified: verifiedEmail(user),
		FirstName: name(user.FirstName), LastName: name(user.LastName),
	}, nil
}

// checkToken checks what go-oidc leaves to the caller: nonce, subject and authorized party (OpenID
// Connect Core section 3.1.3.7).
func checkToken(token *oidc.IDToken, nonce, clientID string) error {
	var claims struct {
		AZP string `json:"azp"`
	}
	if err := token.Claims(&claims); err != nil {
		return err
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1:
		return errors.New("the nonce of the ID token is not ours")
	case token.Subject == "" || len(token.Subject) > 255 || strings.ContainsRune(token.Subject, 0):
		return errors.New("the ID token has no usable subject")
	case claims.AZP != "" && claims.AZP != clientID, claims.AZP == "" && len(token.Audience) > 1:
		return errors.New("the ID token is for another party")
	}
	return nil
}

// verifiedEmail takes true and "true", which some providers write, and nothing else.
func verifiedEmail(u goth.User) bool {
	switch v := u.RawData["email_verified"].(type) {
	case bool:
		return v
	case string:
		return v == "true"
	}
	return false
}

func name(text string) string {
	return short(strings.TrimSpace(text), 200)
}

// welcome signs an identity in (code), or asks for the proof of its mailbox (prove).
func (s *Service) welcome(ctx context.Context, row *socialAttempt, config site.Provider, v visitor, language string) (code, prove string, err error) {
	key := site.EmailKey(v.Email)
	ctx = asVisitor(ctx, row.SiteID, v.Email)
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		code, prove = "", ""
		if err := lockAddress(ctx, tx, row.SiteID, key); err != nil {
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
		if err := s.take(ctx, mailPerAddress, row.SiteID.String(), key); err != nil {
			return err
		}
		prove = v.Email
		return s.challengeMailbox(ctx, tx, row.bound(), purposeLink, MailLink, v.Email, language, pending{
			Provider: config.Label, Issuer: v.Issuer, Subject: v.Subject, FirstName: v.FirstName, LastName: v.LastName,
		})
	})
	return code, prove, err
}

func byIdentity(ctx context.Context, tx bun.IDB, siteID uuid.UUID, v visitor) (row Account, found bool, err error) {
	err = tx.NewSelect().Model(&row).
		Where("site_id = ? AND id = (SELECT account_id FROM account_identity WHERE site_id = ? AND issuer = ? AND subject = ?)", siteID, siteID, v.Issuer, v.Subject).
		Scan(ctx)
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
	return row, true, s.addIdentity(ctx, tx, row, surfaceRegistration, config.Label, v.Issuer, v.Subject)
}
