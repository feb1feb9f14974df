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
	{Name: "passkey", Tag: "carnet-passkey"},
	{Name: "account", Tag: "carnet-account"},
	{Name: "status", Tag: "carnet-status"},
	{Name: "preferences", Tag: "carnet-preferences"},
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
	// Texts are the site's own wordings in Language, by the names of the widgets' texts.
	Texts map[string]string
	// Theme is how the site wants its widgets to look.
	Theme []ThemeValue
	// AccountsEnabled tells whether end users may sign in at all (T-14).
	AccountsEnabled bool
	// LoginRequired tells whether buying needs an account (T-19).
	LoginRequired bool
	// Consent is what sign-up asks; nil when it does not ask.
	Consent *Consent
	// Links lead from the registration to what people should know before they agree.
	Links []Link
	// Passkeys tells whether end users may sign in by one.
	Passkeys bool
	// Providers are the buttons for other ways in.
	Providers []Provider
	// Questions are what the places asked for ask, by place.
	Questions map[Place][]Question
	// ThirdParties are the widgets of others that the site has registered.
	ThirdParties []ThirdParty
	// LoginURL is the site's login domain when the page loads the widgets from there, without a path: everything then goes there, and the session is a
	// cookie of it. Empty: Config.ServerURL, without cookies.
	LoginURL string
}

// ThirdParty is a widget of another vendor: a page in a sandboxed frame.
type ThirdParty struct {
	// Tag is the custom element, x-<vendor>-<name>.
	Tag string `json:"-"`
	// Name is what visitors read.
	Name string `json:"name"`
	// Page is its address.
	Page string `json:"page"`
	// Grants are what it is told of whoever is signed in: signed_in, first_name, email, answers.
	Grants []string `json:"grants"`
}

// Consent is a sentence that people agree to.
type Consent struct {
	// Text is what stands beside the box.
	Text string `json:"text"`
	// Version and Language say which wording it is; they travel back with the form.
	Version  int    `json:"version"`
	Language string `json:"language"`
}

// Link leads to a page of the site's.
type Link struct {
	// Label is what it says.
	Label string `json:"label"`
	// URL is the page's https address.
	URL string `json:"url"`
}

// Provider is a button for a social provider.
type Provider struct {
	// Name is the word in addresses.
	Name string `json:"name"`
	// Label is what the button says.
	Label string `json:"label"`
}

// Place is a widget that asks the site's own questions, as the API names its surface.
type Place string

// The places whose questions travel with the manifest; those of the profile are for whoever is signed in.
const (
	Registration Place = "REGISTRATION"
	Checkout     Place = "CHECKOUT"
)

// Question is one of the site's own, as the API's surfaceFields tells it.
type Question struct {
	ID         string           `json:"id"`
	Type       string           `json:"type"`
	Label      string           `json:"label"`
	Help       string           `json:"help"`
	Required   bool             `json:"required"`
	Choices    []QuestionChoice `json:"choices"`
	Multiple   *string          `json:"multiple"`
	MinChoices *int             `json:"minChoices"`
	MaxChoices *int             `json:"maxChoices"`
	ShowIf     []QuestionShowIf `json:"showIf"`
}

// QuestionChoice is what one may pick.
type QuestionChoice struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

// QuestionShowIf is what the answer to another question must be.
type QuestionShowIf struct {
	FieldID string   `json:"fieldId"`
	Op      string   `json:"op"`
	Values  []string `json:"values"`
}

// Config is what the handler needs.
type Config struct {
	// ServerURL is the public address that pages reach this server at, without a path.
	ServerURL string
	// Site answers for a site by its public id, with the questions of some places; ErrUnknownSite when there is none. lang is BCP 47 and may be empty
	// or odd.
	Site func(ctx context.Context, publicID, lang string, asks []Place) (SiteConfig, error)

	modulesURL string // where modules come from; empty: ServerURL
	keep       string // how long caches may keep the manifest; empty: keepManifest
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
	b, err := readBundle(built, list)
	if errors.Is(err, fs.ErrNotExist) {
		return http.HandlerFunc(notBuilt), nil
	}
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /widgets/v1/carnet.js", b.loader)
	mux.HandleFunc("GET /widgets/v1/assets/{file}", b.serveAsset)
	mux.Handle("GET /widgets/v1/sdk.js", b.sdk)
	mux.Handle("GET /widgets/v1/sdk.d.ts", b.sdkTypes)
	mux.Handle("GET /widgets/v1/sites/{publicId}", manifest{cfg, b})
	mux.Handle("GET "+PreviewPath+"/carnet.js", b.loader)
	mux.Handle("GET "+PreviewPath+"/sites/{publicId}", manifest{cfg.previewed(), b})
	mux.HandleFunc(PreviewPath+"/v1/", refusePreview)
	mux.Handle("GET "+PreviewPath, preview{cfg, list})
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
