package site

import (
	"context"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// Origin is a page's origin that may embed the site's widgets.
type Origin struct {
	bun.BaseModel `bun:"table:site_origin"`

	SiteID     uuid.UUID `bun:",pk"`
	Origin     string    `bun:",pk"`
	LandingURL string
	Staff      bool // staff may sign in to applications on its pages (D-09)
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
		if !validLanding(o.LandingURL, o.Origin) {
			return fault.Invalid(fault.InvalidValue, []string{"origins", strconv.Itoa(i), "landingUrl"}, "the landing page must lie on the origin itself, %s/…, and have no fragment, backslash or space", o.Origin)
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

// What browsers send as a page's origin (RFC 6454): small letters, punycode, no default port.
var originPattern = regexp.MustCompile(`^(https?)://([a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?$`)

func validOrigin(o string) bool {
	found := originPattern.FindStringSubmatch(o)
	if len(o) > 300 || found == nil {
		return false
	}
	if found[1] == "https" {
		return found[3] != ":443"
	}
	return found[3] != ":80" && isLoopback(strings.Trim(found[2], "[]"))
}

// validLanding tells whether browsers, too, find a page on the origin: they read backslashes as slashes, and
// leave out spaces and tabs.
func validLanding(landing, origin string) bool {
	path, on := strings.CutPrefix(landing, origin+"/")
	if !on || len(landing) > 2000 || strings.ContainsAny(path, "#\\") {
		return false
	}
	return !strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}
