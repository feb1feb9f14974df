package site

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// A site's login domain is a name of its own that leads to this server, login.club.example. Browsers take it and the site's pages for one site (they
// share the domain that somebody registered), so a cookie there is a first party's: the refresh token is one, which no script can read.

// localPattern is loopback, which alone may have a port.
var localPattern = regexp.MustCompile(`^localhost(:[1-9][0-9]{0,4})?$`)

// LoginDomainRecord gives the DNS record that lets the site have its login domain; an empty name for loopback, which needs none.
func (s Site) LoginDomainRecord() (name, text string) {
	if isLocalName(s.LoginDomain) {
		return "", ""
	}
	return "_carnet." + s.LoginDomain, "carnet-site=" + s.PublicID
}

// LoginURL is the address of the site's login domain, without a trailing slash. It is https, but for loopback.
func (s Site) LoginURL() string {
	if isLocalName(s.LoginDomain) {
		return "http://" + s.LoginDomain
	}
	return "https://" + s.LoginDomain
}

// isLocalName tells whether a login domain is one for trying things out, on this machine.
func isLocalName(domain string) bool {
	return domain == "localhost" || strings.HasPrefix(domain, "localhost:")
}

// Shares tells whether browsers take a page and the site's login domain for the same site: one scheme, one registrable domain.
func (s Site) Shares(origin string) bool {
	scheme, _, _ := strings.Cut(s.LoginURL(), "://")
	domain := registrable(hostOf(s.LoginURL()))
	return domain != "" && strings.HasPrefix(origin, scheme+"://") && registrable(hostOf(origin)) == domain
}

// SetLoginDomain chooses the site's login domain; it counts once CheckLoginDomain has found it in order. Empty: none, and whoever signed in by it signs in
// anew. Needs an owner. Reasons at domain: INVALID_DOMAIN, NO_SIBLING when none of the site's origins lies beside it.
func (s *Service) SetLoginDomain(ctx context.Context, domain string) (Site, error) {
	domain = strings.ToLower(strings.TrimSpace(domain))
	return s.changeLoginDomain(ctx, func(ctx context.Context, tx bun.Tx, row *Site) (EmbedEventKind, string, error) {
		if domain == row.LoginDomain {
			return "", "", nil
		}
		before := row.LoginDomain
		row.LoginDomain, row.LoginDomainVerifiedAt = domain, nil
		if domain == "" {
			return LoginDomainRemoved, before, nil
		}
		return LoginDomainSet, domain, s.checkLoginName(ctx, tx, *row)
	})
}

func (s *Service) checkLoginName(ctx context.Context, tx bun.IDB, row Site) error {
	path := []string{"domain"}
	named := len(row.LoginDomain) <= 253 && domainPattern.MatchString(row.LoginDomain) && strings.Contains(row.LoginDomain, ".")
	if !named && !localPattern.MatchString(row.LoginDomain) || registrable(hostOf(row.LoginURL())) == "" {
		return fault.Invalid(fault.InvalidDomain, path, "give a name below your own domain, for example login.example.org: no address, no path, no port")
	}
	if isLocalName(row.LoginDomain) && !strings.HasPrefix(s.PublicURL, "http://") || row.LoginURL() == s.PublicURL {
		return fault.Invalid(fault.InvalidDomain, path, "give a name below your own domain, for example login.example.org: not this server's own")
	}
	origins, err := s.shared(ctx, tx, row)
	if err == nil && len(origins) == 0 {
		err = fault.Invalid(fault.NoSibling, path, "none of the site's origins lies below the same domain as %s, so browsers would block its cookie as another site's; add the origin first, or take a name beside it", row.LoginDomain)
	}
	return err
}

// shared gives the site's origins that its login domain serves.
func (s *Service) shared(ctx context.Context, q bun.IDB, of Site) ([]string, error) {
	all, out := []string{}, []string{}
	if err := q.NewSelect().Model((*Origin)(nil)).Column("origin").Where("site_id = ?", of.ID).Order("origin").Scan(ctx, &all); err != nil {
		return nil, db.MapError(err, "read origins")
	}
	for _, o := range all {
		if of.Shares(o) {
			out = append(out, o)
		}
	}
	return out, nil
}

// LoginOrigins gives the origins whose pages may use the login domain of the actor's site. Needs a manager.
func (s *Service) LoginOrigins(ctx context.Context, of Site) ([]string, error) {
	a, err := Require(ctx, AccessManager)
	if err == nil && a.SiteID != of.ID {
		err = fault.Missing("site")
	}
	if err != nil {
		return nil, err
	}
	return s.shared(ctx, s.db.Bun, of)
}

// CheckLoginDomain looks whether the login domain is the site's by its DNS record, and leads to this server, and if so lets it count. A proof that is gone
// takes it away again; what cannot be reached for the moment does not. The site is given as it stands then, beside what is to be mended too. Needs an owner. Reasons at domain: REQUIRED, NO_RECORD, UNREACHABLE, WRONG_HOST,
// OTHER_SERVER, TAKEN.
func (s *Service) CheckLoginDomain(ctx context.Context) (Site, error) {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return Site{}, err
	}
	of, err := byID(ctx, s.db.Bun, a.SiteID)
	if err != nil {
		return of, err
	}
	if of.LoginDomain == "" {
		return of, fault.Invalid(fault.Required, []string{"domain"}, "the site has no login domain to check; choose one first")
	}
	wrong := s.LoginDomains.look(ctx, of, s.PublicURL)
	list, _ := fault.Mendable(wrong)
	if wrong != nil && (len(list) == 0 || list[0].Reason != fault.NoRecord) {
		return of, wrong
	}
	out, err := s.changeLoginDomain(ctx, func(_ context.Context, _ bun.Tx, row *Site) (EmbedEventKind, string, error) {
		switch {
		case row.LoginDomain != of.LoginDomain:
			return "", "", fault.New(fault.Conflict, "the login domain has been changed meanwhile; check again")
		case wrong == nil && row.LoginDomainVerifiedAt == nil:
			now := s.Now()
			row.LoginDomainVerifiedAt = &now
			return LoginDomainVerified, of.LoginDomain, nil
		case wrong != nil && row.LoginDomainVerifiedAt != nil:
			row.LoginDomainVerifiedAt = nil
			return LoginDomainLost, of.LoginDomain, nil
		}
		return "", "", nil
	})
	if db.ConstraintName(err) == "site_login_domain" {
		return of, fault.Invalid(fault.Taken, []string{"domain"}, "another site of this server has %s; remove it there first", of.LoginDomain)
	}
	if err == nil {
		err = wrong
	}
	return out, err
}

// changeLoginDomain runs a change of the actor's site, which tells what to note, and of which domain; an empty kind: nothing has changed.
func (s *Service) changeLoginDomain(ctx context.Context, change func(ctx context.Context, tx bun.Tx, row *Site) (EmbedEventKind, string, error)) (Site, error) {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return Site{}, err
	}
	var row Site
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row = Site{}
		if err := tx.NewSelect().Model(&row).Where("id = ?", a.SiteID).For("UPDATE").Scan(ctx); err != nil {
			return db.MapError(err, "lock site")
		}
		kind, domain, err := change(ctx, tx, &row)
		if err != nil || kind == "" {
			return err
		}
		row.UpdatedAt = time.Now()
		if _, err := tx.NewUpdate().Model(&row).Column("login_domain", "login_domain_verified_at", "updated_at").WherePK().Returning("version").Exec(ctx); err != nil {
			return db.MapError(err, "update login domain")
		}
		return NoteEmbed(ctx, tx, a, kind, domain)
	})
	return row, err
}

// ByLoginDomain gives the site whose login domain a request's Host header names; found is false when it is no site's, or not verified.
func (s *Service) ByLoginDomain(ctx context.Context, host string) (row Site, found bool, err error) {
	err = s.db.Bun.NewSelect().Model(&row).Where("login_domain = ? AND login_domain_verified_at IS NOT NULL", strings.ToLower(host)).Scan(ctx)
	if db.NoRows(err) {
		return row, false, nil
	}
	return row, err == nil, db.MapError(err, "read login domain")
}

// OnLoginDomain tells whether pages of an origin may use the site's login domain: a registered one that shares its domain.
func (s *Service) OnLoginDomain(ctx context.Context, of Site, origin string) (bool, error) {
	if !of.Shares(origin) {
		return false, nil
	}
	known, err := s.db.Bun.NewSelect().Model((*Origin)(nil)).Where("site_id = ? AND origin = ?", of.ID, origin).Exists(ctx)
	return known, db.MapError(err, "read origin")
}
