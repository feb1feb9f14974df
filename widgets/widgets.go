// Package widgets serves the embeddable plugins: login, registration, checkout and those that come. A widget is a
// folder here (TypeScript) and one line in All. `npm run build` bundles the folders into dist,
// which is embedded; New reads it once and holds every file in memory, compressed.
//
// It imports nothing of ours: what it must know of a site it asks through Config.Site. A program built
// without dist starts, and answers 503 with the command that mends it.
package widgets

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
)

// Widget is a plugin that pages may embed.
type Widget struct {
	// Name is the folder's name, and that of the built module.
	Name string
	// Tag is the custom element it defines.
	Tag string
}

// All lists every widget: the one place to add one. A name or tag that stands here twice is refused by New.
var All = []Widget{
	{Name: "login", Tag: "carnet-login"},
	{Name: "registration", Tag: "carnet-registration"},
	{Name: "checkout", Tag: "carnet-checkout"},
	{Name: "code", Tag: "carnet-code"},
	{Name: "account", Tag: "carnet-account"},
	{Name: "status", Tag: "carnet-status"},
}

//go:embed all:dist
var dist embed.FS

// ErrUnknownSite is what Config.Site returns, wrapped or not, for a public id that no site has.
var ErrUnknownSite = errors.New("unknown site")

// SiteConfig is what widgets need to know of a site before anybody signs in.
type SiteConfig struct {
	// Name is the organisation's.
	Name string
	// Language is the one asked for when the site has it, else the site's: en, fr or nb.
	Language string
	// Accent is #rrggbb.
	Accent string
	// AccountsEnabled tells whether end users may sign in at all (T-14).
	AccountsEnabled bool
	// LoginRequired tells whether buying needs an account (T-19).
	LoginRequired bool
	// Consent is what sign-up asks; nil when it does not ask.
	Consent *Consent
	// Providers are the buttons for other ways in.
	Providers []Provider
}

// Consent is a sentence that people agree to.
type Consent struct {
	// Text is what stands beside the box.
	Text string `json:"text"`
	// Version and Language say which wording it is; they travel back with the form.
	Version  int    `json:"version"`
	Language string `json:"language"`
}

// Provider is a button for a social provider.
type Provider struct {
	// Name is the word in addresses.
	Name string `json:"name"`
	// Label is what the button says.
	Label string `json:"label"`
}

// Config is what the handler needs.
type Config struct {
	// ServerURL is the public address that pages reach this server at, without a path.
	ServerURL string
	// Site answers for a site by its public id; ErrUnknownSite when there is none. lang is BCP 47 and may be empty or odd.
	Site func(ctx context.Context, publicID, lang string) (SiteConfig, error)
}

// New makes the handler of /widgets/v1/. It fails on a widget listed twice and on one that dist lacks.
func New(cfg Config) (http.Handler, error) {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("open built widgets: %w", err)
	}
	return newHandler(cfg, All, built)
}

func newHandler(cfg Config, list []Widget, built fs.FS) (http.Handler, error) {
	cfg.ServerURL = strings.TrimRight(cfg.ServerURL, "/")
	if err := unique(list); err != nil {
		return nil, err
	}
	b, err := readBundle(built, list, cfg.ServerURL)
	if errors.Is(err, fs.ErrNotExist) {
		return http.HandlerFunc(notBuilt), nil
	}
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /widgets/v1/carnet.js", b.loader)
	mux.HandleFunc("GET /widgets/v1/assets/{file}", b.serveAsset)
	mux.Handle("GET /widgets/v1/sites/{publicId}", manifest{cfg, b})
	mux.Handle("GET /widgets/v1/preview", preview{cfg, list})
	mux.HandleFunc("GET /widgets/v1/preview.css", servePreviewStyle)
	return mux, nil
}

// unique refuses a name or a tag that stands in the list twice.
func unique(list []Widget) error {
	seen := map[string]bool{}
	for _, w := range list {
		for _, word := range []string{"name " + w.Name, "tag " + w.Tag} {
			if seen[word] {
				return fmt.Errorf("two widgets have the %s: mend the list in widgets.go", word)
			}
			seen[word] = true
		}
	}
	return nil
}

func notBuilt(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	fail(w, http.StatusServiceUnavailable, "INTERNAL", "NOT_BUILT", "the widgets are not built: run `npm ci && npm run build` in widgets/, then build the program again")
}
