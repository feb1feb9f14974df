// Package account holds end users' logins: accounts, the ways in, sessions, proofs of possession
// and the checkout token that tells a host's server who buys.
//
// Every way in ends in a code bound to site, origin, attempt, challenge, key and account, which is
// exchanged once within a minute (Exchange). From then on a session is a family of rotating refresh
// tokens and short access tokens, both bound to the browser's key (RFC 9449).
//
// An account begins when a mailbox is proven, or when a provider vouches for an address that nobody
// in the site has. In the second case the mailbox counts as unproven: the first proof of our own
// removes every credential that was not made in the proving attempt. A contact is not an account and
// is linked only by such a proof.
//
// Known and unknown addresses get the same answer at the same cost: one password hash, one row, one
// queued mail. Mail is written in the transaction that causes it.
//
// Failure. Errors are faults. Protocol failures carry one of the Reason constants. A credential of
// another site is refused like an unknown one. While contact management is off, everything is
// Forbidden (T-14).
//
// Ordering. Writers that touch an address take its advisory lock first (LockAddress), then rows. Whoever lets somebody in, or takes a way in
// away, holds the account's row or that of the way in from the moment it is looked at, so that neither is lost on the other.
package account

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// Lifetimes. They are those of the protocol's description.
const (
	codeLife      = time.Minute
	accessLife    = 5 * time.Minute
	refreshGrace  = 10 * time.Second
	sessionIdle   = 30 * 24 * time.Hour
	sessionLife   = 90 * 24 * time.Hour
	challengeLife = 10 * time.Minute
	socialLife    = 10 * time.Minute
	checkoutLife  = 5 * time.Minute
	passkeyLife   = 5 * time.Minute

	supportCodeLife = 2 * time.Minute
	supportLife     = 30 * time.Minute
)

// Prefixes of the tokens that travel. Each token carries its site.
const (
	codePrefix     = "cc_"
	accessPrefix   = "ca_"
	refreshPrefix  = "cr_"
	linkPrefix     = "cl_"
	recoveryPrefix = "cx_"
	supportPrefix  = "cs_"
	calendarPrefix = "cf_"
	statePrefix    = "ct_"
)

// Reasons of protocol failures, beside those of package fault. Clients act on them; people rarely see them.
const (
	ReasonInvalidGrant    = "INVALID_GRANT"      // code or refresh token is unknown, used, expired or bound to something else
	ReasonUseNonce        = "USE_DPOP_NONCE"     // repeat the proof with the nonce of the answer (RFC 9449 section 8)
	ReasonInvalidProof    = "INVALID_DPOP_PROOF" // the proof does not fit the request
	ReasonAlreadyRedeemed = "ALREADY_REDEEMED"   // another idempotency key came first
	ReasonExpired         = "EXPIRED"            // the checkout token is older than five minutes
	ReasonDisabled        = "ACCOUNT_DISABLED"   // staff shut this account out
	ReasonSupport         = "SUPPORT_SESSION"    // staff in a customer's account: only its owner may

	ReasonProofOfWork = "PROOF_OF_WORK" // the browser does some work first; see WorkError

	ReasonPasskeysOff     = "PASSKEYS_OFF"      // the site has none, or the page lies outside their domain
	ReasonWrongPasskey    = "WRONG_PASSKEY"     // unknown, removed, made for something else, or answered too late
	ReasonPasskeyCopied   = "PASSKEY_COPIED"    // its counter went back: somebody has a copy
	ReasonPasskeyKnown    = "PASSKEY_KNOWN"     // this authenticator has one for an account of the site
	ReasonTooManyPasskeys = "PASSKEYS_TOO_MANY" // an account has at most 20
)

// Account is an end user's login; at most one per contact, its address unique in the site.
type Account struct {
	bun.BaseModel `bun:"table:account"`

	SiteID       uuid.UUID `bun:",pk"`
	ID           uuid.UUID `bun:",pk"`
	Subject      string
	Email        string
	EmailKey     string
	ContactID    uuid.UUID
	ProvenAt     *time.Time // null: only a provider vouches for the mailbox
	PasswordHash string
	Language     string
	DisabledAt   *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Person is what accounts exchange with the book about a contact.
type Person struct {
	ID              uuid.UUID      `json:"id,omitzero"`
	Number          int64          `json:"number,omitempty"`
	Email           string         `json:"email"`
	FirstName       string         `json:"firstName"`
	LastName        string         `json:"lastName"`
	DisplayName     string         `json:"displayName,omitempty"`
	Language        string         `json:"language,omitempty"`
	Consent         bool           `json:"consent,omitempty"`         // agrees to be contacted
	ConsentWording  int            `json:"consentWording,omitempty"`  // the version of the wording they agreed to
	ConsentLanguage string         `json:"consentLanguage,omitempty"` // and the language it was shown in
	Answers         field.Answers  `json:"answers,omitempty"`         // canonical; Enter writes those given over those stored
	Before          *field.Answers `json:"-"`                         // what the book held when Answers were given; nil: they are given now
	Groups          []Group        `json:"groups,omitempty"`
}

// Newest gives the answers that are the newest said, now being what the book holds: what has changed since they were given stays as it is.
func (p Person) Newest(now field.Answers) field.Answers {
	if p.Before == nil {
		return p.Answers
	}
	out := field.Answers{}
	for id, v := range p.Answers {
		if bytes.Equal((*p.Before)[id], now[id]) {
			out[id] = v
		}
	}
	return out
}

// Group is a group of the contact, as a host's server learns it.
type Group struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// Book is what accounts need of the contacts. Package contact, which stands above, has it; the
// program binds the two. All methods work in the caller's transaction.
type Book interface {
	// Match gives the living contact without an account that has the person's address and is not
	// somebody else; uuid.Nil when there is none, or when nothing tells which of several it is.
	Match(ctx context.Context, tx bun.IDB, siteID uuid.UUID, p Person) (uuid.UUID, error)
	// Known tells whether any living contact has this address.
	Known(ctx context.Context, tx bun.IDB, siteID uuid.UUID, emailKey string) (bool, error)
	// Enter creates a person (contactID is uuid.Nil) or changes one by what an end user gave on a
	// surface: registration, checkout or profile. Empty attributes change nothing, and the name of a
	// contact without an account stays: whose it is nobody has proven. Answers are validated already. Whether the person is listed follows the site's consent policy (P-02, P-03).
	// The context's actor is who the history names.
	Enter(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, p Person, surface string) (uuid.UUID, error)
	// Read gives a contact. NotFound when the site has none of this id.
	Read(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID) (Person, error)
	// Profile gives what the person behind an account sees of their own record, the answers with texts in a language.
	Profile(ctx context.Context, q bun.IDB, siteID, contactID uuid.UUID, language string) (Profile, error)
	// SaveProfile changes it; unlike with Enter, what is given empty is taken away.
	SaveProfile(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, c ProfileChange) error
	// Tell writes a change of a contact's account into the contact's history.
	Tell(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, e Event) error
	// Hold locks a person until the transaction ends. NotFound; WRONG_KIND for an organization; Conflict for one in the trash, unless
	// that may be.
	Hold(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, trashToo bool) (Person, error)
}

// Mail kinds.
const (
	MailSignUp    = "sign_up"    // code, link, minutes
	MailSignIn    = "sign_in"    // code, link, minutes
	MailLink      = "link"       // code, link, minutes, provider
	MailNoAccount = "no_account" // nothing: tells that the address has no account
	MailInvited   = "invited"    // link, may be empty: staff have made an account

	MailReset       = "reset"        // code, link, minutes: to set a new password
	MailPassword    = "password"     // nothing: the password was changed
	MailChange      = "change"       // code, minutes: to the new address
	MailChangeTaken = "change_taken" // nothing: to a new address that an account has already
	MailChangeAsked = "change_asked" // address, link that takes the account back, days: to the old address
	MailChanged     = "changed"      // address: to the old address
	MailClosed      = "closed"       // nothing: the account is gone

	MailPasskeyAdded   = "passkey_added"   // name
	MailPasskeyRemoved = "passkey_removed" // name

	MailResetAsked    = "reset_asked"    // link, may be empty: staff send the way to a new password
	MailPasswordStaff = "password_staff" // nothing: staff have set a password
	MailClosedStaff   = "closed_staff"   // nothing: staff have closed the account

	MailDataExported   = "data_exported"   // nothing: somebody downloaded what is held about the person
	MailErasureAsked   = "erasure_asked"   // due, a day as YYYY-MM-DD
	MailErasureDone    = "erasure_done"    // asked, a day; reason, may be empty
	MailErasureRefused = "erasure_refused" // asked, a day; reason

	MailInbox = "inbox" // link, may be empty: a message waits in the inbox

	MailConsent = "consent" // purposes, link, days: to confirm what the person agreed to
)

// Mail is a mail to write. Data holds what the kind's texts name.
type Mail struct {
	SiteID   uuid.UUID
	To       string
	Kind     string
	Language string
	Data     map[string]string
}

// Mailer writes a mail in the caller's transaction; it is sent after the commit. Package message has it.
type Mailer func(ctx context.Context, tx bun.IDB, m Mail) error

// Config is what a Service needs. Now and Log may be nil.
type Config struct {
	DB     *db.DB
	Sites  *site.Service
	Sealer *secret.Sealer
	// Key is the server's secret, at least 32 characters, the same in all processes of a database.
	Key string
	// PublicURL is the server's address without a trailing slash: issuer, mail links, proofs.
	PublicURL string
	Book      Book
	Mail      Mailer
	// AllowLoopback lets login providers live on loopback and speak plain http; for tests and the demo.
	AllowLoopback bool
	// Outbound asks login providers; nil: outbound.Client. Tests lead the providers' real names to servers of their own.
	Outbound *http.Client
	Now      func() time.Time
	Log      *slog.Logger
}

// Service answers for end users' logins.
type Service struct {
	// Member tells whether a person, as they typed themselves, is a member of the site's now; package sale, which stands above,
	// knows. nil: nobody is.
	Member func(ctx context.Context, tx bun.IDB, siteID uuid.UUID, p Person) (bool, error)

	db        *db.DB
	sites     *site.Service
	sealer    *secret.Sealer
	key       []byte
	publicURL string
	book      Book
	mail      Mailer
	providers *providers
	now       func() time.Time
	log       *slog.Logger
	nonce     atomic.Pointer[stepNonce]
}

// New makes the service.
func New(cfg Config) *Service {
	key := sha256.Sum256([]byte("carnet account\x00" + cfg.Key))
	s := &Service{
		db: cfg.DB, sites: cfg.Sites, sealer: cfg.Sealer, key: key[:], publicURL: strings.TrimSuffix(cfg.PublicURL, "/"),
		book: cfg.Book, mail: cfg.Mail, now: cfg.Now, log: cfg.Log,
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.providers = newProviders(cfg.Outbound, cfg.AllowLoopback, s.now)
	return s
}

// PublicURL gives the server's address without a trailing slash.
func (s *Service) PublicURL() string { return s.publicURL }

// asked gives the address that the request was sent to: a site's login domain, else the server's own.
func (s *Service) asked(ctx context.Context) string {
	if at := clientOf(ctx).Server; at != "" {
		return at
	}
	return s.publicURL
}

// mac authenticates parts under the server's key; purpose keeps uses apart.
func (s *Service) mac(purpose string, parts ...string) []byte {
	h := hmac.New(sha256.New, s.key)
	for _, p := range append([]string{purpose}, parts...) {
		_ = binary.Write(h, binary.BigEndian, uint32(len(p))) // a hash takes everything
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

var b64 = base64.RawURLEncoding

// siteOf gives the site that a page names. Forbidden while contact management is off (T-14).
func (s *Service) siteOf(ctx context.Context, publicID string) (site.Site, error) {
	of, err := s.sites.ByPublicID(ctx, publicID)
	if err != nil {
		return of, err
	}
	return of, open(of)
}

func open(of site.Site) error {
	if !of.ContactManagement {
		return fault.New(fault.Forbidden, "this site has no accounts: contact management is off")
	}
	return nil
}

// LockAddress makes transactions about one address of a site take turns: those of accounts, and those that look for whose it is in the book.
func LockAddress(ctx context.Context, tx bun.IDB, siteID uuid.UUID, emailKey string) error {
	_, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", "account/"+siteID.String()+"/"+emailKey).Exec(ctx)
	return db.MapError(err, "lock address")
}

// byEmail gives the account of an address; found is false when there is none.
func byEmail(ctx context.Context, q bun.IDB, siteID uuid.UUID, emailKey string) (row Account, found bool, err error) {
	err = q.NewSelect().Model(&row).Where("site_id = ? AND email_key = ?", siteID, emailKey).Scan(ctx)
	if db.NoRows(err) {
		return row, false, nil
	}
	return row, err == nil, db.MapError(err, "read account")
}

func byID(ctx context.Context, q bun.IDB, siteID, id uuid.UUID) (Account, error) {
	var row Account
	err := q.NewSelect().Model(&row).Where("site_id = ? AND id = ?", siteID, id).Scan(ctx)
	return row, db.Missing(err, "account", "read account")
}

// create makes an account for a contact. proven says that we proved the mailbox just now.
func (s *Service) create(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, email, passwordHash, language string, proven bool) (Account, error) {
	now := s.now()
	row := Account{
		SiteID: siteID, ID: uuid.Must(uuid.NewV7()), Subject: "usr_" + secret.Random(), Email: email, EmailKey: site.EmailKey(email),
		ContactID: contactID, PasswordHash: passwordHash, Language: language, CreatedAt: now, UpdatedAt: now,
	}
	if proven {
		row.ProvenAt = &now
	}
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	return row, db.MapError(err, "insert account")
}

// asVisitor names the person in the history of what a proof or a redeem writes.
func asVisitor(ctx context.Context, siteID uuid.UUID, email string) context.Context {
	return site.WithActor(ctx, site.Actor{Kind: site.KindVisitor, Access: site.AccessSite, SiteID: siteID, Name: email, Book: true})
}
