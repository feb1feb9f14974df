package site

import (
	"context"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
	"golang.org/x/net/publicsuffix"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// A site's passkeys have one relying party: a domain that all its pages lie below, and that one owner can register (Web Authentication
// Level 3, "relying party identifier"). Several, or one for foreign pages ("related origins"), would stop at five.

var domainPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// checkPasskeys holds domain and origins together. With passkeys on and no domain given it takes that of the first origin. Reasons: at passkeyDomain
// REQUIRED, INVALID_DOMAIN and OUTSIDE_DOMAIN; the last at an origin instead where the origins are what changes.
func (s *Site) checkPasskeys(ctx context.Context, tx bun.IDB, changed *[]Origin) error {
	s.PasskeyDomain = strings.ToLower(strings.TrimSpace(s.PasskeyDomain))
	if !s.Passkeys {
		return nil
	}
	var origins []Origin
	if changed != nil {
		origins = *changed
	} else if err := tx.NewSelect().Model(&origins).Where("site_id = ?", s.ID).Order("origin").Scan(ctx); err != nil {
		return db.MapError(err, "read origins")
	}
	path := []string{"passkeyDomain"}
	if s.PasskeyDomain == "" && len(origins) > 0 {
		s.PasskeyDomain = registrable(hostOf(origins[0].Origin))
	}
	switch {
	case s.PasskeyDomain == "":
		return fault.Invalid(fault.Required, path, "give the domain that passkeys are for, for example example.org; browsers know none for a page whose address is a number")
	case !isRelyingParty(s.PasskeyDomain):
		return fault.Invalid(fault.InvalidDomain, path, "give a domain that can be registered, for example example.org; not an address, nor what many share, as co.uk")
	}
	for i, o := range origins {
		if isBelow(hostOf(o.Origin), s.PasskeyDomain) {
			continue
		}
		if changed != nil {
			path = []string{"origins", strconv.Itoa(i), "origin"}
		}
		return fault.Invalid(fault.OutsideDomain, path, "passkeys of %s do not work on %s: browsers refuse them outside their domain. Take a domain that all origins lie below, or turn passkeys off", s.PasskeyDomain, o.Origin)
	}
	return nil
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// isBelow tells whether a page at host may use passkeys of a domain. Of localhost only itself may: browsers take it for a public suffix.
func isBelow(host, domain string) bool {
	return host == domain || domain != "localhost" && strings.HasSuffix(host, "."+domain)
}

func isRelyingParty(domain string) bool {
	if domain == "localhost" {
		return true
	}
	return len(domain) <= 253 && domainPattern.MatchString(domain) && registrable(domain) != ""
}

// registrable gives the part of a host that somebody registered; empty for a public suffix and for an address.
func registrable(host string) string {
	if host == "localhost" {
		return host
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return domain
}
