// Package demo is a public calendar on a site of its own, "Fjordlight Hall": what a customer of Carnet would run.
// Its pages embed the widgets under a strict policy; its own small server keeps a session, verifies checkout
// tokens and redeems them. It imports nothing of Carnet's and speaks to it as any host does: over HTTP.
//
// It keeps no data but the tokens it has accepted, in memory, until they end.
package demo

import (
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed all:dist
var dist embed.FS

// Config is what the demo must know.
type Config struct {
	// CarnetURL is Carnet's public address, without a slash at the end: the snippet's server and the tokens' issuer.
	CarnetURL string
	// SiteID is the site's public id.
	SiteID string
	// SiteSecret is what the site's server redeems checkout tokens with.
	SiteSecret string
	// APIKey is what the site's server reports sales with; empty: it reports none.
	APIKey string
	// PublicURL is the address that visitors open the demo at.
	PublicURL string
}

// site is the running demo.
type site struct {
	Config
	gate *gate
	now  func() time.Time
}

// Handler serves the calendar.
func Handler(cfg Config) http.Handler {
	cfg.CarnetURL = strings.TrimRight(cfg.CarnetURL, "/")
	s := &site{Config: cfg, gate: newGate(cfg), now: time.Now}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.calendarPage)
	mux.HandleFunc("GET /register", s.registerPage)
	mux.HandleFunc("GET /account", s.accountPage)
	mux.HandleFunc("GET /messages", s.messagesPage)
	mux.HandleFunc("GET /events.json", s.events)
	mux.HandleFunc("GET /events/{slug}/{day}", s.eventPage)
	mux.HandleFunc("POST /events/{slug}/{day}", s.buy)
	mux.HandleFunc("GET /assets/{file}", asset)
	mux.HandleFunc("GET /", s.missing)
	return s.guard(mux)
}

// guard sets the policy: Carnet needs the one entry in script-src and the one in connect-src, nothing else. The
// calendar component is Svelte, whose Trusted Types policy has the name given here.
func (s *site) guard(next http.Handler) http.Handler {
	policy := strings.Join([]string{
		"default-src 'none'",
		"script-src 'self' " + s.CarnetURL,
		"connect-src 'self' " + s.CarnetURL,
		"style-src 'self'", "img-src 'self' data:", "font-src 'self'",
		"form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'", "trusted-types svelte-trusted-html",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		next.ServeHTTP(w, r)
	})
}

// asset serves what `npm run build` wrote.
func asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	data, err := dist.ReadFile(path.Join("dist", name))
	if errors.Is(err, fs.ErrNotExist) || strings.HasPrefix(name, ".") {
		http.Error(w, "not built: run `npm ci && npm run build` in demo/, then build the program again", http.StatusServiceUnavailable)
		return
	}
	types := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
	w.Header().Set("Content-Type", types[path.Ext(name)])
	w.Header().Set("Cache-Control", "max-age=60")
	if _, err := w.Write(data); err != nil {
		slog.Debug("demo: asset", "error", err)
	}
}
