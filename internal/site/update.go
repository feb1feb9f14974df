package site

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// Update is a change of a site; nil = unchanged.
type Update struct {
	Name, TimeZone, Language, Country, AccentColor *string
	ContactManagement, LoginRequired, InboxMail    *bool
	SecondStepRequired                             *bool // needs an owner
	ConsentPolicy                                  *ConsentPolicy
	TrashDays                                      *int
	QuickRequired                                  *[]QuickField // the whole set
	Theme                                          *Theme        // the whole theme
	WidgetTexts                                    *[]WidgetText // all of them
	LegalLinks                                     *[]LegalLink  // all of them
	Origins                                        *[]Origin
	ProofOfWork                                    *ProofOfWork
	Passkeys                                       *bool
	PasskeyDomain                                  *string          // empty: that of the first origin
	Sensitive                                      []SensitiveRight // those to change
	Currency                                       *string          // only while nothing has a price
	OrganizersView, OrganizersEdit                 *bool
	OrganizersCancel                               *bool
	SpendMedium, SpendLarge                        *int64
	AssiduityDays                                  *int
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
		set(&row.InboxMail, in.InboxMail)
		set(&row.ConsentPolicy, in.ConsentPolicy)
		set(&row.TrashDays, in.TrashDays)
		set(&row.QuickRequired, in.QuickRequired)
		set(&row.Passkeys, in.Passkeys)
		set(&row.ProofOfWork, in.ProofOfWork)
		set(&row.PasskeyDomain, in.PasskeyDomain)
		set(&row.Theme, in.Theme)
		set(&row.WidgetTexts, in.WidgetTexts)
		set(&row.LegalLinks, in.LegalLinks)
		row.Readers = row.Readers.with(in.Sensitive)
		in.sales(&row)
		if err := row.check(); err != nil {
			return err
		}
		if err := s.changeCurrency(ctx, tx, &row, in.Currency); err != nil {
			return err
		}
		if in.Origins != nil {
			if err := replaceOrigins(ctx, tx, a, *in.Origins); err != nil {
				return err
			}
		}
		if err := row.checkPasskeys(ctx, tx, in.Origins); err != nil {
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
		return nil
	})
	return row, err
}

// requireSecondStep decides whether the staff need a second step, which is an owner's to decide.
func requireSecondStep(ctx context.Context, tx bun.Tx, a Actor, row *Site, required *bool) error {
	if required == nil || *required == row.SecondStepRequired {
		return nil
	}
	if a.Access < AccessOwner || !a.atHome() {
		return fault.New(fault.Forbidden, "only an owner decides whether the staff need a second step, in the admin")
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

var (
	colorPattern   = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)
)

// check gathers everything of a site that its staff can mend.
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
	case contrast(s.AccentColor, "#ffffff") < 4.5:
		add(fault.LowContrast, "accentColor", "white text on this colour is hard to read (contrast below 4.5:1, WCAG 1.4.3); choose a darker one")
	default:
		list = append(list, s.Theme.check(s.AccentColor)...)
	}
	var texts, links fault.List
	s.WidgetTexts, texts = checkTexts(s.WidgetTexts)
	s.LegalLinks, links = checkLegalLinks(s.LegalLinks)
	return slices.Concat(list, texts, links, s.checkSales()).Err()
}
