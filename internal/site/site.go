// Package site holds the tenants: sites with their settings and origins, the staff with roles and
// invitations, API keys and login providers; and the actor, who says what a caller may do.
//
// Every exported method is one transaction and asks the actor of the context itself. An id of
// another site is NotFound, as if it did not exist.
package site

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
)

// Site is a tenant.
type Site struct {
	bun.BaseModel `bun:"table:site"`

	ID                 uuid.UUID `bun:",pk"`
	PublicID           string
	Name               string
	TimeZone           string
	Language           string
	Country            string
	ContactManagement  bool
	LoginRequired      bool
	InboxMail          bool // who has not read their inbox is told by mail
	ConsentPolicy      ConsentPolicy
	AccentColor        string
	Theme              Theme        `bun:"type:jsonb"`
	WidgetTexts        []WidgetText `bun:"type:jsonb"`
	LegalLinks         []LegalLink  `bun:"type:jsonb"` // beside the consent of the registration
	SecondStepRequired bool         // staff without a second step set one up when they next sign in
	TrashDays          int          // how long the trash is kept; 0 = until somebody empties it
	QuickRequired      []QuickField `bun:"type:text[],array"` // what the quick form makes mandatory (G-33)
	Readers            Readers      `bun:"type:jsonb"`        // who reads what is sensitive; see SensitiveRights
	Passkeys           bool         // end users may make passkeys and sign in by them
	PasskeyDomain      string       // whose pages passkeys are for: the RP ID; kept while they are off
	ProofOfWork        ProofOfWork  // when visitors' browsers work before a sign-in
	LoginDomain        string       // the site's own name for this server; see ByLoginDomain
	Currency           string       // ISO 4217; all prices and sums are in its minor units
	OrganizersView     bool         // what organizers may do with their own events, signed in (T-07 to T-10)
	OrganizersEdit     bool
	OrganizersCancel   bool
	SpendMedium        int64 // from this sum on, money spent counts as medium (G-11), in minor units
	SpendLarge         int64
	AssiduityDays      int // the period of G-12
	SettingsVersion    int
	Version            uuid.UUID `bun:",nullzero"` // the database's; see Cache
	CreatedAt          time.Time `bun:",nullzero"`
	UpdatedAt          time.Time `bun:",nullzero"`

	LoginDomainVerifiedAt *time.Time // nil: nobody may use it yet

	Relisted int `bun:"-"` // how many contacts the Update that gave this listed or unlisted
}

// ConsentPolicy says when a person who interacts is listed in the book (P-02, P-03, G-25).
type ConsentPolicy string

// The policies.
const (
	OnInteraction ConsentPolicy = "interaction"
	OnConsent     ConsentPolicy = "consent"
)

// ProofOfWork says when visitors' browsers must do a little work before a password is checked or a mail is written.
type ProofOfWork string

// The choices.
const (
	WorkOff       ProofOfWork = "off"
	WorkAutomatic ProofOfWork = "automatic" // while the site is busy
	WorkAlways    ProofOfWork = "always"
)

// QuickField is a field of the admin's quick form that a site can make mandatory (S-109).
type QuickField string

// The fields, in the order in which they are asked.
const (
	QuickTitle     QuickField = "title"
	QuickLastName  QuickField = "last_name"
	QuickFirstName QuickField = "first_name"
	QuickMobile    QuickField = "mobile"
	QuickEmail     QuickField = "email"
	QuickCountry   QuickField = "country"
	QuickPostcode  QuickField = "postcode"
	QuickCity      QuickField = "city"
)

// QuickFields lists them.
var QuickFields = []QuickField{QuickTitle, QuickLastName, QuickFirstName, QuickMobile, QuickEmail, QuickCountry, QuickPostcode, QuickCity}

// mandatoryAtFirst is what S-109 stars.
var mandatoryAtFirst = []QuickField{QuickTitle, QuickLastName, QuickFirstName, QuickCountry, QuickPostcode, QuickCity}

// Languages that Carnet speaks.
var Languages = []string{"en", "fr", "nb"}

// Location gives the site's time zone; UTC when it is not known here.
func (s Site) Location() *time.Location {
	if known, is := locations.Load(s.TimeZone); is {
		return known.(*time.Location) //nolint:forcetypeassert // nothing else is stored
	}
	loc, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return time.UTC
	}
	locations.Store(s.TimeZone, loc)
	return loc
}

// locations are time zones by name, as few as there are: the library reads a file each time it is asked for one.
var locations sync.Map

// Day gives the site's day at a moment, at midnight UTC as dates are kept.
func (s Site) Day(at time.Time) time.Time {
	y, m, d := at.In(s.Location()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Start gives the moment at which a day of the site's begins; only the date of day counts. Where clocks are put forward at
// midnight, it begins an hour later.
func (s Site) Start(day time.Time) time.Time {
	y, m, d := day.Date()
	at := time.Date(y, m, d, 0, 0, 0, 0, s.Location())
	if at.Day() != time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Day() { // it gave the hour before
		_, at = at.ZoneBounds()
	}
	return at
}

// Service answers for sites and staff.
type Service struct {
	db     *db.DB
	sealer *secret.Sealer
	sites  Cache[*Site]
	keys   recentKeys

	// Relist brings the book under a new consent policy, in the transaction that changes it, and gives
	// how many contacts came in or left. Package contact, which stands above, has it; the program binds it.
	Relist func(ctx context.Context, tx bun.Tx, of Site) (int, error)

	// Priced tells whether anything in the site has a price or was sold, which fixes its currency.
	Priced func(ctx context.Context, tx bun.Tx, siteID uuid.UUID) (bool, error)

	// Breached tells whether a password has leaked somewhere; nil: no list is kept.
	Breached func(password string) (bool, error)

	// PublicURL is the server's own address without a trailing slash, and LoginDomains how others that lead here are looked at.
	PublicURL    string
	LoginDomains LoginDomains

	// Now is the clock of codes; tests move it.
	Now func() time.Time
}

// New makes the service. sealer closes the secrets of providers and second steps.
func New(d *db.DB, sealer *secret.Sealer) *Service {
	return &Service{db: d, sealer: sealer, Now: time.Now}
}

// NewSite describes a site to create.
type NewSite struct {
	PublicID, Name, TimeZone, Language, Country string
}

var publicIDPattern = regexp.MustCompile(`^[a-z0-9-]{3,40}$`)

// currencyOf gives the currency of a country; the euro where it is not known.
func currencyOf(country string) string {
	if region, err := language.ParseRegion(country); err == nil {
		if unit, ok := currency.FromRegion(region); ok {
			return unit.String()
		}
	}
	return "EUR"
}

// Create makes a site and its first owner and gives the site's secret, which is not stored readable.
// It is for the command line: there is no actor yet.
func (s *Service) Create(ctx context.Context, in NewSite, owner NewStaff) (Site, Staff, string, error) {
	if !publicIDPattern.MatchString(in.PublicID) {
		return Site{}, Staff{}, "", fault.Invalid(fault.InvalidValue, []string{"publicId"}, "a public id has 3 to 40 small letters, digits or hyphens")
	}
	plain := secret.SiteToken("cs_", uuid.Nil)
	row := Site{
		ID: uuid.Must(uuid.NewV7()), PublicID: in.PublicID, Name: in.Name, TimeZone: in.TimeZone, Language: in.Language,
		Country: in.Country, ConsentPolicy: OnInteraction, InboxMail: true, ProofOfWork: WorkAutomatic, AccentColor: "#3b5bdb", Theme: Theme{}, WidgetTexts: []WidgetText{}, LegalLinks: []LegalLink{}, TrashDays: 90, QuickRequired: mandatoryAtFirst, Readers: Readers{}, SettingsVersion: 1,
		Currency: currencyOf(in.Country), OrganizersView: true, SpendMedium: 10_000, SpendLarge: 50_000, AssiduityDays: 365,
	}
	if err := row.check(); err != nil {
		return Site{}, Staff{}, "", err
	}
	owner.Role = Owner
	var member Staff
	err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&row).Returning("*").Exec(ctx); err != nil {
			return db.MapError(err, "insert site")
		}
		if err := insertSecret(ctx, tx, row.ID, plain, owner.Name); err != nil {
			return err
		}
		var err error
		member, err = s.insertStaff(ctx, tx, row.ID, owner)
		return err
	})
	return row, member, plain, err
}

// Current gives the actor's site.
func (s *Service) Current(ctx context.Context) (Site, error) {
	a, err := Require(ctx, AccessSite)
	if err != nil {
		return Site{}, err
	}
	return Of(ctx, s.db.Bun, a)
}

// Of gives an actor's site without asking for rights: as it was when the credential was checked, else anew.
// What must agree with the site reads it in its transaction instead.
func Of(ctx context.Context, q bun.IDB, a Actor) (Site, error) {
	if a.Site != nil {
		return *a.Site, nil
	}
	return byID(ctx, q, a.SiteID)
}

// ByPublicID gives the site that pages name. NotFound when there is none.
func (s *Service) ByPublicID(ctx context.Context, publicID string) (Site, error) {
	var row Site
	err := s.db.Bun.NewSelect().Model(&row).Where("public_id = ?", publicID).Scan(ctx)
	if db.NoRows(err) {
		return row, fault.New(fault.NotFound, "no site has the public id %q; copy the snippet again from the admin's Embed page", publicID)
	}
	return row, db.MapError(err, "read site")
}

// ByID gives a site without asking an actor; for the program's own work.
func (s *Service) ByID(ctx context.Context, id uuid.UUID) (Site, error) {
	return byID(ctx, s.db.Bun, id)
}

// at gives a site whose version has just been read. It is shared: not to be changed.
func (s *Service) at(ctx context.Context, id, version uuid.UUID) (*Site, error) {
	return s.sites.Get(id, version, func() (*Site, error) {
		of, err := byID(ctx, s.db.Bun, id)
		return &of, err
	})
}

func byID(ctx context.Context, q bun.IDB, id uuid.UUID) (Site, error) {
	var row Site
	err := q.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx)
	if db.NoRows(err) {
		return row, fault.Missing("site")
	}
	return row, db.MapError(err, "read site")
}

// Visitor gives the actor of a caller who only names a site. origin is the page's, empty outside browsers.
func (s *Service) Visitor(ctx context.Context, publicID, origin string) (Actor, error) {
	row, err := s.ByPublicID(ctx, publicID)
	if err != nil {
		return Actor{}, fmt.Errorf("visitor: %w", err)
	}
	if origin != "" {
		if _, err := s.OriginOf(ctx, row.ID, origin); err != nil {
			return Actor{}, err
		}
	}
	return Actor{Kind: KindVisitor, Access: AccessSite, SiteID: row.ID, Name: "visitor", Language: row.Language, Origin: origin, Book: row.ContactManagement, Site: &row}, nil
}

// NearestLanguage gives the language of Carnet that a BCP 47 tag comes nearest to, else the other one.
func NearestLanguage(tag, otherwise string) string {
	if tag == "" {
		return otherwise
	}
	lang, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if lang == "no" || lang == "nn" {
		lang = "nb"
	}
	if slices.Contains(Languages, lang) {
		return lang
	}
	return otherwise
}
