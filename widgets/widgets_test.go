package widgets

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// built is a dist of the widgets named, as `npm run build` writes it.
func built(widgets ...string) fstest.MapFS {
	files := map[string]map[string]string{}
	dist := fstest.MapFS{}
	for _, name := range append([]string{"loader", "core", "sdk", thirdPartyPart}, widgets...) {
		file := name + "-0123456789.js"
		if name == "loader" {
			file = "carnet.js"
		}
		files[name] = map[string]string{"file": file, "integrity": "sha384-" + name}
		dist[file] = &fstest.MapFile{Data: []byte("// " + strings.Repeat(name, 50))}
	}
	index, _ := json.Marshal(map[string]any{"files": files, "parts": []string{thirdPartyPart}, "languages": []string{"en", "fr", "nb"}})
	dist["sdk.d.ts"] = &fstest.MapFile{Data: []byte("export declare function connect(): void;")}
	dist["manifest.json"] = &fstest.MapFile{Data: index}
	for _, language := range []string{"en", "fr", "nb"} {
		dist["locale/"+language+".json"] = &fstest.MapFile{Data: []byte(`{"hello":"hello in ` + language + `"}`)}
	}
	return dist
}

func list(names ...string) []Widget {
	out := []Widget{}
	for _, name := range names {
		out = append(out, Widget{Name: name, Tag: "carnet-" + name})
	}
	return out
}

func config() Config {
	return Config{ServerURL: "https://carnet.example/", Site: func(_ context.Context, id, lang string, _ []Place) (SiteConfig, error) {
		if id != "demo" {
			return SiteConfig{}, fmt.Errorf("site %q: %w", id, ErrUnknownSite)
		}
		return SiteConfig{Name: "Fjordlight Hall", Language: lang, Accent: "#155e6b", AccountsEnabled: true}, nil
	}}
}

func get(t *testing.T, h http.Handler, path string, head ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func handler(t *testing.T, names ...string) http.Handler {
	t.Helper()
	h, err := newHandler(config(), list(names...), built(names...))
	require.NoError(t, err)
	return h
}

// D-04
func TestDuplicatesAreRefusedAtStart(t *testing.T) {
	t.Parallel()
	_, err := newHandler(config(), list("login", "login"), built("login"))
	require.ErrorContains(t, err, "two widgets have the name login")
	_, err = newHandler(config(), []Widget{{"a", "carnet-a"}, {"b", "carnet-a"}}, built("a", "b"))
	require.ErrorContains(t, err, "two widgets have the tag carnet-a")
	require.NoError(t, unique(All))
}

// D-04
func TestAFolderAndALineAddAWidget(t *testing.T) {
	t.Parallel()
	dist := built("login", "wishes") // the folder, built
	h, err := newHandler(config(), list("login"), dist)
	require.NoError(t, err)
	require.NotContains(t, get(t, h, "/widgets/v1/sites/demo").Body.String(), "wishes", "a folder alone adds nothing")

	h, err = newHandler(config(), list("login", "wishes"), dist) // and the line
	require.NoError(t, err)
	require.Contains(t, get(t, h, "/widgets/v1/sites/demo").Body.String(), "/widgets/v1/assets/wishes-0123456789.js")
	require.Equal(t, http.StatusOK, get(t, h, "/widgets/v1/assets/wishes-0123456789.js").Code)
	require.Equal(t, http.StatusOK, get(t, h, "/widgets/v1/preview?site=demo&widget=wishes").Code)

	_, err = newHandler(config(), list("login", "other"), dist)
	require.ErrorContains(t, err, `has "other", but dist does not`, "a line alone is told at start")
}

func TestCachesKeepWhatNeverChanges(t *testing.T) {
	t.Parallel()
	h := handler(t, "login")
	for path, want := range map[string]string{
		"/widgets/v1/carnet.js":                  "public, max-age=300",
		"/widgets/v1/assets/login-0123456789.js": "public, max-age=31536000, immutable",
		"/widgets/v1/sites/demo?lang=fr":         "public, max-age=60",
		"/widgets/v1/assets/login-old.js":        "no-store",
		"/widgets/v1/sites/other":                "no-store",
	} {
		w := get(t, h, path)
		require.Equal(t, want, w.Header().Get("Cache-Control"), path)
		require.Equal(t, "*", w.Header().Get("Access-Control-Allow-Origin"), path)
	}
	first := get(t, h, "/widgets/v1/carnet.js")
	require.Equal(t, http.StatusNotModified, get(t, h, "/widgets/v1/carnet.js", "If-None-Match", first.Header().Get("ETag")).Code)
	zipped := get(t, h, "/widgets/v1/carnet.js", "Accept-Encoding", "br, gzip")
	require.Equal(t, "gzip", zipped.Header().Get("Content-Encoding"))
	require.Less(t, zipped.Body.Len(), first.Body.Len())
}

func TestManifestHoldsTheTextsOfOneLanguage(t *testing.T) {
	t.Parallel()
	h := handler(t, "login")
	var got answer
	require.NoError(t, json.Unmarshal(get(t, h, "/widgets/v1/sites/demo?lang=fr").Body.Bytes(), &got))
	require.JSONEq(t, `{"hello":"hello in fr"}`, string(got.Texts))
	require.Equal(t, "https://carnet.example", got.Server)
	require.Equal(t, module{"https://carnet.example/widgets/v1/assets/core-0123456789.js", "sha384-core", nil}, got.Core)
	require.Equal(t, []Provider{}, got.Providers, "a list, never null")

	require.NoError(t, json.Unmarshal(get(t, h, "/widgets/v1/sites/demo?lang=xx").Body.Bytes(), &got))
	require.Equal(t, "en", got.Language, "the language of the texts, whatever the site says")
}

func TestUnknownSitesAndBrokenOnesAreToldApart(t *testing.T) {
	t.Parallel()
	w := get(t, handler(t, "login"), "/widgets/v1/sites/other")
	require.Equal(t, http.StatusNotFound, w.Code)
	require.Contains(t, w.Body.String(), "data-site")

	broken := Config{Site: func(context.Context, string, string, []Place) (SiteConfig, error) {
		return SiteConfig{}, errors.New("password of the database is hunter2")
	}}
	h, err := newHandler(broken, list("login"), built("login"))
	require.NoError(t, err)
	w = get(t, h, "/widgets/v1/sites/demo")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.NotContains(t, w.Body.String(), "hunter2")
}

func TestWithoutDistTheMendIsNamed(t *testing.T) {
	t.Parallel()
	h, err := newHandler(config(), All, fstest.MapFS{".keep": {}})
	require.NoError(t, err)
	w := get(t, h, "/widgets/v1/carnet.js")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), "npm run build")
}

func TestPreviewIsStrictAndEscapes(t *testing.T) {
	t.Parallel()
	h := handler(t, "login")
	w := get(t, h, `/widgets/v1/preview?site="><script>&widget=login&lang=fr&theme=dark`)
	require.Equal(t, http.StatusOK, w.Code)
	require.NotContains(t, w.Body.String(), `"><script>`)
	require.Contains(t, w.Body.String(), `data-theme="dark"`)
	policy := w.Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "frame-ancestors 'self'")
	require.Contains(t, policy, "trusted-types 'none'")
	require.NotContains(t, policy, "unsafe")
	require.Equal(t, http.StatusNotFound, get(t, h, "/widgets/v1/preview?site=demo&widget=nothing").Code)
}

// What `npm run build` made last, if it did: every widget of the list is there.
func TestTheBuiltWidgetsFitTheList(t *testing.T) {
	t.Parallel()
	real, err := fs.Sub(dist, "dist")
	require.NoError(t, err)
	if _, err := fs.Stat(real, "manifest.json"); err != nil {
		t.Skip("the widgets are not built")
	}
	h, err := New(config())
	require.NoError(t, err)
	for _, w := range All {
		require.Contains(t, get(t, h, "/widgets/v1/sites/demo").Body.String(), `"`+w.Name+`":{"url"`)
	}
}

// A theme's rules follow the widgets' own; each gives way to what the page sets, and reads a property that the documents promise.
func TestThemeIsServed(t *testing.T) {
	t.Parallel()
	of := SiteConfig{Accent: "#155e6b", Theme: []ThemeValue{{"surface", "#fdf6e3", "#202028"}, {"button-radius", "4px", "4px"}}}
	require.Equal(t, ":host{--site:#155e6b}:host{--surface:var(--carnet-surface,light-dark(#fdf6e3,#202028))}.button,.secondary{border-radius:var(--carnet-button-radius,4px)}", of.style())
	docs, err := os.ReadFile("../docs/widgets.md")
	require.NoError(t, err)
	for _, name := range Themeable() {
		require.Contains(t, string(docs), "\n| `--carnet-"+name+"` |")
	}
	require.Contains(t, get(t, handler(t, "login"), "/widgets/v1/sites/demo").Body.String(), `"style":":host{--site:#155e6b}"`)
}

// Widgets of others stand in the manifest by their tags, as modules like all others; a site's only.
func TestManifestNamesWidgetsOfOthers(t *testing.T) {
	t.Parallel()
	cfg := config()
	own := cfg.Site
	cfg.Site = func(ctx context.Context, id, lang string, asks []Place) (SiteConfig, error) {
		of, err := own(ctx, id, lang, asks)
		of.ThirdParties = []ThirdParty{{Tag: "x-acme-weather", Name: "Weather", Page: "https://acme.example/w/", Grants: []string{"signed_in"}}}
		return of, err
	}
	with, err := newHandler(cfg, list("login"), built("login"))
	require.NoError(t, err)
	var got struct{ Widgets map[string]module }
	require.NoError(t, json.Unmarshal(get(t, with, "/widgets/v1/sites/demo").Body.Bytes(), &got))
	frame := got.Widgets["x-acme-weather"]
	require.Equal(t, &ThirdParty{Name: "Weather", Page: "https://acme.example/w/", Grants: []string{"signed_in"}}, frame.ThirdParty)
	frame.ThirdParty = nil
	require.Equal(t, got.Widgets[thirdPartyPart], frame)
	require.NotContains(t, get(t, handler(t, "login"), "/widgets/v1/sites/demo").Body.String(), "x-acme")
}

// The SDK is served at one address for good, which names the one that is kept for good, and with its types.
func TestSDKIsServed(t *testing.T) {
	t.Parallel()
	h := handler(t, "login")
	w := get(t, h, "/widgets/v1/sdk.js")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "*", w.Header().Get("Access-Control-Allow-Origin"), "a sandboxed page has no origin")
	require.Equal(t, keepLoader, w.Header().Get("Cache-Control"))
	hashed := get(t, h, strings.TrimPrefix(w.Header().Get("Content-Location"), "https://carnet.example"))
	require.Equal(t, w.Body.String(), hashed.Body.String())
	require.Equal(t, keepAsset, hashed.Header().Get("Cache-Control"))
	require.Empty(t, hashed.Header().Get("Content-Location"))
	types := get(t, h, "/widgets/v1/sdk.d.ts")
	require.Contains(t, types.Body.String(), "connect(): void")
	require.Equal(t, "text/plain; charset=utf-8", types.Header().Get("Content-Type"))
}

// What is asked for travels, nothing else, and small; a preview shows what has just been saved.
func TestQuestionsAreAskedForByPlace(t *testing.T) {
	t.Parallel()
	cfg := config()
	own := cfg.Site
	var asks []Place
	cfg.Site = func(ctx context.Context, id, lang string, places []Place) (SiteConfig, error) {
		of, err := own(ctx, id, lang, places)
		asks = places
		of.Questions = map[Place][]Question{}
		for _, place := range places {
			of.Questions[place] = []Question{{ID: "q", Label: strings.Repeat("Why? ", 200)}}
		}
		return of, err
	}
	h, err := newHandler(cfg, list("login"), built("login"))
	require.NoError(t, err)
	plain := get(t, h, "/widgets/v1/sites/demo?ask=carnet-checkout,login,checkout,PROFILE,registration")
	require.Equal(t, []Place{Checkout, Registration}, asks)
	require.Contains(t, plain.Body.String(), "Why?")
	require.NotContains(t, get(t, h, "/widgets/v1/sites/demo").Body.String(), "questions")

	small := get(t, h, "/widgets/v1/sites/demo?ask=registration", "Accept-Encoding", "br, gzip")
	require.Equal(t, "Accept-Encoding", small.Header().Get("Vary"))
	require.Less(t, small.Body.Len(), 1000)
	z, err := gzip.NewReader(small.Body)
	require.NoError(t, err)
	var got answer
	require.NoError(t, json.NewDecoder(z).Decode(&got))
	require.Len(t, got.Questions[Registration], 1)
	require.Equal(t, "public, no-cache", small.Header().Get("Cache-Control"), "a question that has been changed is seen at once")
	again := get(t, h, "/widgets/v1/sites/demo?ask=registration", "If-None-Match", small.Header().Get("ETag"))
	require.Equal(t, http.StatusNotModified, again.Code)
	require.NotEqual(t, small.Header().Get("ETag"), get(t, h, "/widgets/v1/sites/demo").Header().Get("ETag"))
	require.Equal(t, "no-store", get(t, h, PreviewPath+"/sites/demo").Header().Get("Cache-Control"))
}
