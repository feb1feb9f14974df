// Package site holds the tenants: sites with their settings and origins, the staff with roles and
// invitations, API keys and login providers; and the actor, who says what a caller may do.
//
// Every exported method is one transaction and asks the actor of the context itself. An id of
// another site is NotFound, as if it did not exist.
package site

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

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
	SecretHash         []byte
	ContactManagement  bool
	LoginRequired      bool
	ConsentPolicy      ConsentPolicy
	AccentColor        string
	SecondStepRequired bool         // staff without a second step set one up when they next sign in
	TrashDays          int          // how long the trash is kept; 0 = until somebody empties it
	QuickRequired      []QuickField `bun:"type:text[],array"` // what the quick form makes mandatory (G-33)
	Readers            Readers      `bun:"type:jsonb"`        // who reads what is sensitive; see SensitiveRights
	SettingsVersion    int
	Version            uuid.UUID `bun:",nullzero"` // the database's; see Cache
	CreatedAt          time.Time `bun:",nullzero"`
	UpdatedAt          time.Time `bun:",nullzero"`

	Relisted int `bun:"-"` // how many contacts the Update that gave this listed or unlisted
}

// ConsentPolicy says when a person who interacts is listed in the book (P-02, P-03, G-25).
type ConsentPolicy string

// The policies.
const (
	OnInteraction ConsentPolicy = "interaction"
	OnConsent     ConsentPolicy = "consent"
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

// Origin is a page's origin that may embed the site's widgets.
type Origin struct {
	bun.BaseModel `bun:"table:site_origin"`

	SiteID     uuid.UUID `bun:",pk"`
	Origin     string    `bun:",pk"`
	LandingURL string
	Staff      bool // staff may sign in to applications on its pages (D-09)
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

	// Breached tells whether a password has leaked somewhere; nil: no list is kept.
	Breached func(password string) (bool, error)

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

// Create makes a site and its first owner and gives the site's secret, which is not stored readable.
// It is for the command line: there is no actor yet.
func (s *Service) Create(ctx context.Context, in NewSite, owner NewStaff) (Site, Staff, string, error) {
	if !publicIDPattern.MatchString(in.PublicID) {
		return Site{}, Staff{}, "", fault.Invalid(fault.InvalidValue, []string{"publicId"}, "a public id has 3 to 40 small letters, digits or hyphens")
	}
	plain := secret.SiteToken("cs_", uuid.Nil)
	row := Site{
		ID: uuid.Must(uuid.NewV7()), PublicID: in.PublicID, Name: in.Name, TimeZone: in.TimeZone, Language: in.Language,
		Country: in.Country, SecretHash: secret.Hash(plain), ConsentPolicy: OnInteraction, AccentColor: "#3b5bdb", TrashDays: 90, QuickRequired: mandatoryAtFirst, Readers: Readers{}, SettingsVersion: 1,
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

// Origins gives a site's registered origins in order.
func (s *Service) Origins(ctx context.Context, siteID uuid.UUID) ([]Origin, error) {
	rows := []Origin{}
	err := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", siteID).Order("origin").Scan(ctx)
	return rows, db.MapError(err, "read origins")
}

// OriginKnown tells whether any site has registered the origin: what a CORS preflight, which names no site, may learn.
func (s *Service) OriginKnown(ctx context.Context, origin string) (bool, error) {
	known, err := s.db.Bun.NewSelect().Model((*Origin)(nil)).Where("origin = ?", origin).Exists(ctx)
	return known, db.MapError(err, "read origin")
}

// OriginOf gives a site's registration of an origin. Forbidden when there is none.
func (s *Service) OriginOf(ctx context.Context, siteID uuid.UUID, origin string) (Origin, error) {
	var row Origin
	err := s.db.Bun.NewSelect().Model(&row).Where("site_id = ? AND origin = ?", siteID, origin).Scan(ctx)
	if db.NoRows(err) {
		return row, fault.New(fault.Forbidden, "the origin %s is not registered for this site; add it under Settings > Origins", origin)
	}
	return row, db.MapError(err, "read origin")
}

// Update is a change of a site; nil = unchanged.
type Update struct {
	Name, TimeZone, Language, Country, AccentColor *string
	ContactManagement, LoginRequired               *bool
	SecondStepRequired                             *bool // needs an owner
	ConsentPolicy                                  *ConsentPolicy
	TrashDays                                      *int
	QuickRequired                                  *[]QuickField // the whole set
	Origins                                        *[]Origin
	Sensitive                                      []SensitiveRight // those to change
}

// Update changes the actor's site. A new consent policy takes hold of the whole book at once. Needs a manager.
func (s *Service) Update(ctx context.Context, in Update) (Site, error) {
	a, err := Require(ctx, AccessManager)
	if err != nil {
		return Site{}, err
	}
	var row Site
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := tx.NewSelect().Model(&row).Where("id = ?", a.SiteID).For("UPDATE").Scan(ctx); err != nil {
			return db.MapError(err, "lock site")
		}
		before := row.ConsentPolicy
		if err := requireSecondStep(ctx, tx, a, &row, in.SecondStepRequired); err != nil {
			return err
		}
		set(&row.Name, in.Name)
		set(&row.TimeZone, in.TimeZone)
		set(&row.Language, in.Language)
		set(&row.Country, in.Country)
		set(&row.AccentColor, in.AccentColor)
		set(&row.ContactManagement, in.ContactManagement)
		set(&row.LoginRequired, in.LoginRequired)
		set(&row.ConsentPolicy, in.ConsentPolicy)
		set(&row.TrashDays, in.TrashDays)
		set(&row.QuickRequired, in.QuickRequired)
		row.Readers = row.Readers.with(in.Sensitive)
		if err := row.check(); err != nil {
			return err
		}
		row.SettingsVersion++
		row.UpdatedAt = time.Now()
		if _, err := tx.NewUpdate().Model(&row).WherePK().Returning("version").Exec(ctx); err != nil {
			return db.MapError(err, "update site")
		}
		if row.ConsentPolicy != before {
			var err error
			if row.Relisted, err = s.Relist(ctx, tx, row); err != nil {
				return err
			}
		}
		if in.Origins == nil {
			return nil
		}
		return replaceOrigins(ctx, tx, a, *in.Origins)
	})
	return row, err
}

// requireSecondStep decides whether the staff need a second step, which is an owner's to decide.
func requireSecondStep(ctx context.Context, tx bun.Tx, a Actor, row *Site, required *bool) error {
	if required == nil || *required == row.SecondStepRequired {
		return nil
	}
	if a.Access < AccessOwner || a.Kind != KindStaff {
		return fault.New(fault.Forbidden, "only an owner decides whether the staff need a second step")
	}
	row.SecondStepRequired = *required
	what := SecondStepOptional
	if *required {
		what = SecondStepRequired
	}
	return note(ctx, tx, a.SiteID, a.ID, what, a)
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// replaceOrigins makes list the whole list. Only an owner lets staff sign in from a further origin: its
// pages then work with their rights.
func replaceOrigins(ctx context.Context, tx bun.Tx, a Actor, list []Origin) error {
	if len(list) > 50 {
		return fault.Invalid(fault.TooLong, []string{"origins"}, "a site has at most 50 origins")
	}
	siteID := a.SiteID
	var allowed []string
	if err := tx.NewSelect().Model((*Origin)(nil)).Column("origin").Where("site_id = ? AND staff", siteID).Scan(ctx, &allowed); err != nil {
		return db.MapError(err, "read origins")
	}
	seen := map[string]bool{}
	for i := range list {
		o := &list[i]
		o.SiteID = siteID
		path := []string{"origins", strconv.Itoa(i), "origin"}
		if !validOrigin(o.Origin) {
			return fault.Invalid(fault.InvalidOrigin, path, "an origin is scheme, host and port only, for example https://shop.example; plain http is for loopback")
		}
		if seen[o.Origin] {
			return fault.Invalid(fault.Duplicate, path, "this origin is listed twice")
		}
		seen[o.Origin] = true
		if o.Staff && a.Access < AccessOwner && !slices.Contains(allowed, o.Origin) {
			return fault.New(fault.Forbidden, "only an owner lets staff sign in to applications on %s", o.Origin)
		}
		if o.LandingURL == "" {
			o.LandingURL = o.Origin + "/"
		}
		if u, err := url.Parse(o.LandingURL); err != nil || u.Scheme+"://"+u.Host != o.Origin || u.Fragment != "" || u.User != nil {
			return fault.Invalid(fault.InvalidValue, []string{"origins", strconv.Itoa(i), "landingUrl"}, "the landing page must lie on the origin itself and have no fragment")
		}
	}
	if _, err := tx.NewDelete().Model((*Origin)(nil)).Where("site_id = ?", siteID).Exec(ctx); err != nil {
		return db.MapError(err, "clear origins")
	}
	if len(list) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&list).Exec(ctx)
	return db.MapError(err, "insert origins")
}

func validOrigin(o string) bool {
	u, err := url.Parse(o)
	if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != o || o != strings.ToLower(o) {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "::1" || strings.HasPrefix(host, "127.")
}

var (
	colorPattern   = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)
)

func (s *Site) check() error {
	var list fault.List
	add := func(reason, field, message string) {
		list = append(list, fault.Invalid(reason, []string{field}, "%s", message))
	}
	s.Name = strings.TrimSpace(s.Name)
	switch {
	case s.Name == "":
		add(fault.Required, "name", "the site needs a name")
	case utf8.RuneCountInString(s.Name) > 200:
		add(fault.TooLong, "name", "a name has at most 200 characters")
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "" || s.TimeZone == "Local" {
		add(fault.InvalidValue, "timeZone", "give an IANA time zone, for example Europe/Oslo")
	}
	if !slices.Contains(Languages, s.Language) {
		add(fault.InvalidValue, "language", "the languages are en, fr and nb")
	}
	if !countryPattern.MatchString(s.Country) {
		add(fault.InvalidValue, "country", "give an ISO 3166 code of two letters, for example NO")
	}
	if s.ConsentPolicy != OnInteraction && s.ConsentPolicy != OnConsent {
		add(fault.InvalidValue, "consentPolicy", "the policy is INTERACTION or CONSENT")
	}
	for i, f := range s.QuickRequired {
		if !slices.Contains(QuickFields, f) {
			list = append(list, fault.Invalid(fault.InvalidValue, []string{"quickFormRequired", strconv.Itoa(i)}, "the quick form has no field %q", f))
		}
	}
	s.QuickRequired = slices.DeleteFunc(slices.Clone(QuickFields), func(f QuickField) bool { return !slices.Contains(s.QuickRequired, f) })
	if !s.Readers.valid() {
		add(fault.InvalidValue, "sensitiveAttributes", "there is no such role or attribute")
	}
	if s.TrashDays < 0 || s.TrashDays > 3650 {
		add(fault.InvalidValue, "trashDays", "the trash is kept 1 to 3650 days, or 0 for ever")
	}
	switch {
	case !colorPattern.MatchString(s.AccentColor):
		add(fault.InvalidColor, "accentColor", "give a colour as #rrggbb in small letters")
	case contrastWithWhite(s.AccentColor) < 4.5:
		add(fault.LowContrast, "accentColor", "white text on this colour is hard to read (contrast below 4.5:1, WCAG 1.4.3); choose a darker one")
	}
	return list.Err()
}

// contrastWithWhite is the WCAG 2 contrast ratio of #rrggbb against white, 1 to 21.
func contrastWithWhite(hex string) float64 {
	var rgb [3]float64
	for i := range rgb {
		v, _ := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		c := float64(v) / 255
		if c <= 0.04045 {
			rgb[i] = c / 12.92
		} else {
			rgb[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return 1.05 / (0.2126*rgb[0] + 0.7152*rgb[1] + 0.0722*rgb[2] + 0.05)
}

// RotateSecret makes a new secret for the host's server; the old one ends at once. Needs an owner.
func (s *Service) RotateSecret(ctx context.Context) (string, error) {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return "", err
	}
	plain := secret.SiteToken("cs_", a.SiteID)
	_, err = s.db.Bun.NewUpdate().Model((*Site)(nil)).Set("secret_hash = ?", secret.Hash(plain)).Where("id = ?", a.SiteID).Exec(ctx)
	return plain, db.MapError(err, "rotate secret")
}

// CheckSecret tells whether a host's server knows the site's secret.
func (s *Service) CheckSecret(ctx context.Context, publicID, plain string) (Site, error) {
	row, err := s.ByPublicID(ctx, publicID)
	if fault.CodeOf(err) == fault.NotFound && err != nil || err == nil && !secret.Equal(plain, row.SecretHash) {
		return Site{}, fault.New(fault.Unauthenticated, "the site's public id and secret do not fit; the secret is made under Settings > Embed")
	}
	return row, err
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
