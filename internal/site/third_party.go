package site

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// ThirdParty is a widget of somebody else's: a page that runs in a sandboxed frame on the site's pages and is told no more of a
// visitor than its grants say (docs/third-party-widgets.md).
type ThirdParty struct {
	bun.BaseModel `bun:"table:third_party_widget"`

	SiteID    uuid.UUID `bun:",pk"`
	Tag       string    `bun:",pk"` // x-<vendor>-<name>, the custom element
	Name      string    // what visitors read
	Page      string    // its address
	Grants    []Grant   `bun:"type:text[],array"`
	CreatedAt time.Time `bun:",nullzero"`
}

// Grant is something that a third party's widget is told of whoever is signed in.
type Grant string

// The grants. All but the first are personal: widgets pass them on only once the visitor has agreed.
const (
	GrantSignedIn  Grant = "signed_in"  // that somebody is, and a subject that is the widget's own
	GrantFirstName Grant = "first_name" // the first name
	GrantEmail     Grant = "email"      // the account's address
	GrantAnswers   Grant = "answers"    // answers to the questions of the profile
)

// Grants lists them, in the order in which they are told.
var Grants = []Grant{GrantSignedIn, GrantFirstName, GrantEmail, GrantAnswers}

const (
	maxThirdParties   = 20
	maxThirdPartyName = 80
	maxThirdPartyTag  = 60
)

var thirdPartyTag = regexp.MustCompile(`^x-[a-z0-9]+(-[a-z0-9]+)+$`)

// SaveThirdParty adds a widget or changes the one of the same tag. Needs an owner.
func (s *Service) SaveThirdParty(ctx context.Context, in ThirdParty) error {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return err
	}
	in.SiteID = a.SiteID
	if err := in.check(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := tx.NewSelect().Model((*Site)(nil)).Column("id").Where("id = ?", a.SiteID).For("NO KEY UPDATE").Scan(ctx, new(uuid.UUID)); err != nil {
			return db.MapError(err, "hold site")
		}
		others, err := tx.NewSelect().Model((*ThirdParty)(nil)).Where("site_id = ? AND tag <> ?", a.SiteID, in.Tag).Count(ctx)
		if err != nil {
			return db.MapError(err, "count third parties' widgets")
		}
		if others >= maxThirdParties {
			return fault.Invalid(fault.TooLong, []string{"tag"}, "a site has at most %s widgets of others; remove one first", strconv.Itoa(maxThirdParties))
		}
		_, err = tx.NewInsert().Model(&in).On("CONFLICT (site_id, tag) DO UPDATE").Set("name = EXCLUDED.name, page = EXCLUDED.page, grants = EXCLUDED.grants").Exec(ctx)
		if err != nil {
			return db.MapError(err, "save third party's widget")
		}
		return NoteEmbed(ctx, tx, a, ThirdPartySaved, in.Tag)
	})
}

// DeleteThirdParty removes a widget: pages show what stands inside its tag. Needs an owner.
func (s *Service) DeleteThirdParty(ctx context.Context, tag string) error {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Model((*ThirdParty)(nil)).Where("site_id = ? AND tag = ?", a.SiteID, tag).Exec(ctx)
		if err != nil {
			return db.MapError(err, "delete third party's widget")
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return fault.New(fault.NotFound, "no widget has this tag")
		}
		return NoteEmbed(ctx, tx, a, ThirdPartyRemoved, tag)
	})
}

// ThirdParties gives a site's widgets of others by tag. Pages that embed them are told all of it.
func (s *Service) ThirdParties(ctx context.Context, siteID uuid.UUID) ([]ThirdParty, error) {
	rows := []ThirdParty{}
	err := s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", siteID).Order("tag").Scan(ctx)
	return rows, db.MapError(err, "read third parties' widgets")
}

// check tidies a widget and tells what is wrong with it.
func (w *ThirdParty) check() error {
	var list fault.List
	w.Tag, w.Name, w.Page = strings.TrimSpace(w.Tag), strings.TrimSpace(w.Name), strings.TrimSpace(w.Page)
	if !thirdPartyTag.MatchString(w.Tag) || len(w.Tag) > maxThirdPartyTag {
		list = append(list, fault.Invalid(fault.InvalidTag, []string{"tag"}, "a tag is x-, the vendor, a hyphen and the widget's name in small letters and digits, for example x-acme-weather; at most %s characters", strconv.Itoa(maxThirdPartyTag)))
	}
	switch {
	case w.Name == "":
		list = append(list, fault.Invalid(fault.Required, []string{"name"}, "the widget needs a name that visitors can read"))
	case utf8.RuneCountInString(w.Name) > maxThirdPartyName:
		list = append(list, fault.Invalid(fault.TooLong, []string{"name"}, "a name has at most %s characters", strconv.Itoa(maxThirdPartyName)))
	}
	if !validPage(w.Page) {
		list = append(list, fault.Invalid(fault.InvalidURL, []string{"page"}, "give the page's whole address with https, for example https://acme.example/weather/, without a fragment; plain http is for loopback"))
	}
	for i, g := range w.Grants {
		if !slices.Contains(Grants, g) {
			list = append(list, fault.Invalid(fault.InvalidValue, []string{"grants", strconv.Itoa(i)}, "there is no grant %q", g))
		}
	}
	w.Grants = slices.DeleteFunc(slices.Clone(Grants), func(g Grant) bool { return !slices.Contains(w.Grants, g) })
	return list.Err()
}

// validPage tells whether an address is one of a page on an origin that may be registered, https but for loopback.
func validPage(page string) bool {
	scheme, rest, _ := strings.Cut(page, "://")
	host, _, _ := strings.Cut(rest, "/")
	origin := scheme + "://" + host
	return validOrigin(origin) && validLanding(page, origin)
}
