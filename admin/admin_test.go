package admin

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

var script = strings.Repeat("export {};\n", 200)

func bundle() fstest.MapFS {
	return fstest.MapFS{
		"index.html":      {Data: []byte(`<!doctype html><script nonce="__CARNET_NONCE__"></script><style nonce="__CARNET_NONCE__"></style>`)},
		"assets/a-1b2.js": {Data: []byte(script)},
		"icon.svg":        {Data: []byte("<svg/>")},
		".keep":           {},
	}
}

func get(t *testing.T, h http.Handler, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	answer := w.Result()
	t.Cleanup(func() { require.NoError(t, answer.Body.Close()) })
	return answer
}

func body(t *testing.T, answer *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return string(text)
}

func TestPageHasANonceOfItsOwn(t *testing.T) {
	t.Parallel()
	h := newHandler(bundle())
	seen := map[string]bool{}
	for _, path := range []string{"/admin/", "/admin/contacts/0190", "/admin/index.html", "/admin/.keep"} {
		answer := get(t, h, path)
		require.Equal(t, http.StatusOK, answer.StatusCode, path)
		require.Equal(t, "no-store", answer.Header.Get("Cache-Control"))
		policy := answer.Header.Get("Content-Security-Policy")
		_, rest, ok := strings.Cut(policy, "'nonce-")
		require.True(t, ok)
		nonce, _, _ := strings.Cut(rest, "'")
		text := body(t, answer)
		require.Equal(t, 2, strings.Count(text, `nonce="`+nonce+`"`))
		require.NotContains(t, text, nonceMark)
		require.NotContains(t, policy, "unsafe")
		require.Contains(t, policy, "frame-ancestors 'none'")
		require.False(t, seen[nonce], "a nonce was used twice")
		seen[nonce] = true
	}
}

func TestPolicyNamesTheSocketOfAPlainHostOnly(t *testing.T) {
	t.Parallel()
	require.Contains(t, policy("n", "127.0.0.1:8080"), "connect-src 'self' ws://127.0.0.1:8080 wss://127.0.0.1:8080;")
	require.Contains(t, policy("n", "[::1]:8080"), "ws://[::1]:8080")
	require.Contains(t, policy("n", "evil; script-src *"), "connect-src 'self';")
}

func TestFiles(t *testing.T) {
	t.Parallel()
	h := newHandler(bundle())

	asset := get(t, h, "/admin/assets/a-1b2.js")
	require.Equal(t, script, body(t, asset))
	require.Equal(t, "text/javascript; charset=utf-8", asset.Header.Get("Content-Type"))
	require.Contains(t, asset.Header.Get("Cache-Control"), "immutable")

	packed := get(t, h, "/admin/assets/a-1b2.js", "Accept-Encoding", "br, gzip")
	require.Equal(t, "gzip", packed.Header.Get("Content-Encoding"))
	zip, err := gzip.NewReader(packed.Body)
	require.NoError(t, err)
	text, err := io.ReadAll(zip)
	require.NoError(t, err)
	require.Equal(t, script, string(text))

	icon := get(t, h, "/admin/icon.svg")
	require.Equal(t, "image/svg+xml", icon.Header.Get("Content-Type"))
	require.NotContains(t, icon.Header.Get("Cache-Control"), "immutable")

	gone := get(t, h, "/admin/assets/old-000.js")
	require.Equal(t, http.StatusNotFound, gone.StatusCode)
}

func TestOnlyReads(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	newHandler(bundle()).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/admin/", http.NoBody))
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
}

func TestBaseWithoutItsSlash(t *testing.T) {
	t.Parallel()
	answer := get(t, newHandler(bundle()), "/admin")
	require.Equal(t, http.StatusMovedPermanently, answer.StatusCode)
	require.Equal(t, "/admin/", answer.Header.Get("Location"))
}

func TestWithoutABundle(t *testing.T) {
	t.Parallel()
	answer := get(t, newHandler(fstest.MapFS{".keep": {}}), "/admin/contacts")
	require.Equal(t, http.StatusServiceUnavailable, answer.StatusCode)
	require.Contains(t, body(t, answer), "make build")
}

func TestTheEmbeddedFolderServes(t *testing.T) {
	t.Parallel()
	answer := get(t, Handler(), "/admin/")
	// With a bundle or without: both are good builds.
	require.Contains(t, []int{http.StatusOK, http.StatusServiceUnavailable}, answer.StatusCode)
}
