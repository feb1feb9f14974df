package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"carnet/internal/account"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// A request that names a site's login domain in its Host header acts for that site only. There the refresh token is a cookie, which no script reads;
// the session's key stays with the page, so that the cookie alone is of no use.

type loginDomainKey struct{}

// loginDomainOf gives the site whose login domain a request was sent to; ok is false where that is the server's own address.
func loginDomainOf(ctx context.Context) (of site.Site, ok bool) {
	of, ok = ctx.Value(loginDomainKey{}).(site.Site)
	return of, ok
}

// address gives what a request was sent to, without a trailing slash: its site's login domain, else the server's own.
func (h *EndUser) address(ctx context.Context) string {
	if of, is := loginDomainOf(ctx); is {
		return of.LoginURL()
	}
	return h.PublicURL
}

// LoginDomains finds the site whose login domain a request names, and keeps all that is not for its visitors from there.
func (h *EndUser) LoginDomains(next http.Handler) http.Handler {
	own := ""
	if u, err := url.Parse(h.PublicURL); err == nil {
		own = u.Host
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.EqualFold(r.Host, own) || r.URL.Path == "/healthz" {
			next.ServeHTTP(w, r)
			return
		}
		of, is, err := h.Sites.ByLoginDomain(r.Context(), r.Host)
		switch {
		case err != nil && !forMonitors(r.URL.Path):
			h.fail(w, r, err)
		case err != nil || !is:
			next.ServeHTTP(w, r)
		case !forVisitors(r.URL.Path):
			h.fail(w, r, fault.New(fault.NotFound, "%s is for the widgets of a site; this is at %s", of.LoginDomain, h.PublicURL))
		default:
			inner := r.WithContext(context.WithValue(r.Context(), loginDomainKey{}, of))
			defer func() { r.Pattern = inner.Pattern }() // for the log and the metrics
			next.ServeHTTP(w, inner)
		}
	})
}

// forVisitors tells what a login domain answers, besides that the process lives. The admin, staff sessions, files and the hosts' servers have the server's own address.
func forVisitors(path string) bool {
	for _, one := range []string{"/graphql", "/v1/token", "/v1/refresh", "/v1/my-data", "/widgets/v1/carnet.js", site.LoginDomainPath, "/.well-known/jwks.json"} {
		if path == one {
			return true
		}
	}
	for _, below := range []string{"/widgets/v1/assets/", "/widgets/v1/sites/", "/v1/social/", "/v1/email/", "/v1/recovery/"} {
		if strings.HasPrefix(path, below) {
			return true
		}
	}
	return false
}

// forMonitors tells what is to be heard most of all while the database does not answer. Monitors ask by a machine's address.
func forMonitors(path string) bool { return path == "/readyz" || path == "/metrics" }

// reached answers GET /.well-known/carnet-login-domain, for whoever sets a login domain up: by which name was the server asked?
func (h *EndUser) reached(w http.ResponseWriter, r *http.Request) {
	h.answer(w, http.StatusOK, site.Reached{Host: r.Host, Server: h.PublicURL})
}

// admit tells whether an origin's pages may use the login domain that a request was sent to, and lets them send its cookie along. The origin is
// empty on the domain's own pages.
func (h *EndUser) admit(w http.ResponseWriter, r *http.Request, of site.Site, origin string) error {
	guard := http.NewCrossOriginProtection()
	if origin != "" {
		on, err := h.Sites.OnLoginDomain(r.Context(), of, origin)
		if err != nil {
			return err
		}
		if !on {
			return h.elsewhere(of, origin)
		}
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		if err := guard.AddTrustedOrigin(origin); err != nil {
			return fault.Wrap(err, "trust origin")
		}
	}
	if guard.Check(r) != nil {
		return fault.New(fault.Forbidden, "this request comes from another site's page")
	}
	return nil
}

func (h *EndUser) elsewhere(of site.Site, origin string) error {
	return fault.New(fault.Forbidden, "%s serves registered origins of its own domain only, and %s is none; add it under Settings > Origins, or load carnet.js from %s there", of.LoginDomain, origin, h.PublicURL)
}

// onlyOf refuses what is not of the site whose login domain was asked.
func (h *EndUser) onlyOf(ctx context.Context, a site.Actor) error {
	if of, is := loginDomainOf(ctx); is && a.Access != site.AccessNone && a.SiteID != of.ID {
		return fault.New(fault.Forbidden, "%s is the login domain of another site; use %s", of.LoginDomain, h.PublicURL)
	}
	return nil
}

// OwnManifest keeps a login domain's manifests to its site and its pages, and says why to the page's console. What it lets through knows the page's
// origin (pageOf).
func (h *EndUser) OwnManifest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Origin")
		if of, is := loginDomainOf(r.Context()); is {
			err := h.manifestFor(r, of)
			if err != nil {
				w.Header().Set("Access-Control-Allow-Origin", "*")
				h.fail(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), pageKey{}, h.origin(r))))
	})
}

type pageKey struct{}

// pageOf gives the origin of the page that asks for a manifest; empty where it is our own.
func pageOf(ctx context.Context) string {
	origin, _ := ctx.Value(pageKey{}).(string)
	return origin
}

func (h *EndUser) manifestFor(r *http.Request, of site.Site) error {
	if r.PathValue("publicId") != of.PublicID {
		return fault.New(fault.Forbidden, "%s is the login domain of another site than data-site names; load carnet.js from %s, or mend data-site", of.LoginDomain, h.PublicURL)
	}
	origin := h.origin(r)
	if origin == "" {
		return nil
	}
	on, err := h.Sites.OnLoginDomain(r.Context(), of, origin)
	if err == nil && !on {
		err = h.elsewhere(of, origin)
	}
	return err
}

// clientOf gives where a request comes from and what it was sent to.
func (h *EndUser) clientOf(w http.ResponseWriter, r *http.Request) account.Client {
	out := account.Client{IP: clientOf(r.Context()), UserAgent: r.UserAgent()}
	if of, is := loginDomainOf(r.Context()); is {
		out.Server, out.SiteID = of.LoginURL(), of.ID
		origin := h.origin(r)
		out.SignedOut = func() { keepSession(w, origin, "", 0) }
	}
	return out
}
