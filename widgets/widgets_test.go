package widgets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// built is a dist of the widgets named, as `npm run build` writes it.
func built(widgets ...string) fstest.MapFS {
	files := map[string]map[string]string{}
	dist := fstest.MapFS{}
	for _, name := range append([]string{"loader", "core"}, widgets...) {
		file := name + "-0123456789.js"
		if name == "loader" {
			file = "carnet.js"
		}
		files[name] = map[string]string{"file": file, "integrity": "sha384-" + name}
		dist[file] = &fstest.MapFile{Data: []byte("// " + strings.Repeat(name, 50))}
	}
	index, _ := json.Marshal(map[string]any{"files": files, "languages": []string{"en", "fr", "nb"}})
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
	return Config{ServerURL: "https://carnet.example/", Site: func(_ context.Context, id, lang string) (SiteConfig, error) {
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
	require.Equal(t, module{"https://carnet.example/widgets/v1/assets/core-0123456789.js", "sha384-core"}, got.Core)
	require.Equal(t, []Provider{}, got.Providers, "a list, never null")

	require.NoError(t, json.Unmarshal(get(t, h, "/widgets/v1/sites/demo?lang=xx").Body.Bytes(), &got))
	require.Equal(t, "en", got.Language, "the language of the texts, whatever the site says")
}

func TestUnknownSitesAndBrokenOnesAreToldApart(t *testing.T) {
	t.Parallel()
	w := get(t, handler(t, "login"), "/widgets/v1/sites/other")
	require.Equal(t, http.StatusNotFound, w.Code)
	require.Contains(t, w.Body.String(), "data-site")

	broken := Config{Site: func(context.Context, string, string) (SiteConfig, error) {
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
