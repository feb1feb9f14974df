// Package admin serves the administration: a single-page application of this folder, built by `make build`
// into dist and embedded.
//
// Every path under /admin/ that is no file answers with index.html, since the application routes by
// itself; graphiql.html is the API's playground. A page carries a nonce made for each answer: with it the Content-Security-Policy allows
// the style tags of the component library and index.html's one inline script, and no others. Files under
// assets have a hash in their name and may be kept forever. Without a bundle, as after a bare
// `go build`, every page says how to make one, with status 503.
package admin

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"
)

//go:embed all:dist
var dist embed.FS

// Base is where the application lives; its bundle is built for this path.
const Base = "/admin/"

// The word in index.html that stands for the nonce; vite.config.ts puts it there.
const nonceMark = "__CARNET_NONCE__"

// Below this many bytes compression saves nothing worth its cost.
const compressFrom = 1024

// Handler serves the application. It expects paths as the browser asks for them, beginning with Base.
func Handler() http.Handler {
	bundle, err := fs.Sub(dist, "dist")
	if err != nil {
		// The folder is embedded above: only a misspelt name could bring us here.
		panic(fmt.Sprintf("admin: open the embedded bundle: %v", err))
	}
	return newHandler(bundle)
}

type handler struct {
	bundle fs.FS
	index  []byte   // nil without a bundle
	packed sync.Map // gzip by file name
}

func newHandler(bundle fs.FS) *handler {
	index, err := fs.ReadFile(bundle, "index.html")
	if err != nil {
		index = nil
	}
	return &handler{bundle: bundle, index: index}
}

// ServeHTTP answers GET and HEAD with a file of the bundle, else with index.html.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD are answered here", http.StatusMethodNotAllowed)
		return
	}
	if r.URL.Path+"/" == Base {
		http.Redirect(w, r, Base, http.StatusMovedPermanently)
		return
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if h.index == nil {
		missing(w)
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), Base)
	if h.file(w, r, name) {
		return
	}
	if strings.HasPrefix(name, "assets/") {
		// An old page asks for a file of an older bundle: index.html in its place would be taken for a script.
		http.NotFound(w, r)
		return
	}
	h.page(w, r, h.index)
}

// file serves a file of the bundle; false when there is none of that name.
func (h *handler) file(w http.ResponseWriter, r *http.Request, name string) bool {
	if strings.HasPrefix(path.Base(name), ".") {
		return false
	}
	content, err := fs.ReadFile(h.bundle, name)
	if err != nil {
		// Not only fs.ErrNotExist: the name of a folder is no file either.
		return false
	}
	if path.Ext(name) == ".html" {
		h.page(w, r, content)
		return true
	}
	header := w.Header()
	header.Set("Content-Type", typeOf(name))
	header.Set("Vary", "Accept-Encoding")
	if strings.HasPrefix(name, "assets/") {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		header.Set("Cache-Control", "public, max-age=3600")
	}
	if len(content) >= compressFrom && packs(name) && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if packed, err := h.pack(name, content); err == nil {
			header.Set("Content-Encoding", "gzip")
			content = packed
		}
	}
	header.Set("Content-Length", fmt.Sprint(len(content)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(content) // the browser has gone: nobody is left to tell
	}
	return true
}

// pack compresses a file once for all requests.
func (h *handler) pack(name string, content []byte) ([]byte, error) {
	if packed, ok := h.packed.Load(name); ok {
		if done, ok := packed.([]byte); ok {
			return done, nil
		}
	}
	var buffer bytes.Buffer
	zip := gzip.NewWriter(&buffer)
	if _, err := zip.Write(content); err != nil {
		return nil, fmt.Errorf("compress %s: %w", name, err)
	}
	if err := zip.Close(); err != nil {
		return nil, fmt.Errorf("compress %s: %w", name, err)
	}
	h.packed.Store(name, buffer.Bytes())
	return buffer.Bytes(), nil
}

// page serves a page with a nonce of its own.
func (h *handler) page(w http.ResponseWriter, r *http.Request, html []byte) {
	nonce, err := newNonce()
	if err != nil {
		http.Error(w, "no randomness for this page", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	// A kept page would bring its nonce back.
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", policy(nonce, r.Host))
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	if r.Method == http.MethodGet {
		_, _ = w.Write(bytes.ReplaceAll(html, []byte(nonceMark), []byte(nonce)))
	}
}

func newNonce() (string, error) {
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("read randomness: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(random), nil
}

// A host as it may stand in a policy; anything else could add directives of its own.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9.\-]+(:[0-9]+)?$|^\[[0-9A-Fa-f:]+\](:[0-9]+)?$`)

// policy is the Content-Security-Policy of the page. Browsers differ on whether 'self' covers sockets,
// so the socket's origin is named.
func policy(nonce, host string) string {
	connect := "'self'"
	if plainHost.MatchString(host) {
		connect += " ws://" + host + " wss://" + host
	}
	return strings.Join([]string{
		"default-src 'self'",
		"script-src 'self' 'nonce-" + nonce + "'",
		"style-src 'self' 'nonce-" + nonce + "'",
		"img-src 'self' data:",
		"connect-src " + connect,
		"frame-src 'self'",
		"frame-ancestors 'none'",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'self'",
	}, "; ")
}

// The system's table of types may be empty or odd: what the bundle holds is known.
var types = map[string]string{
	".js":    "text/javascript; charset=utf-8",
	".css":   "text/css; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

func typeOf(name string) string {
	if known, ok := types[path.Ext(name)]; ok {
		return known
	}
	if known := mime.TypeByExtension(path.Ext(name)); known != "" {
		return known
	}
	return "application/octet-stream"
}

// packs tells whether a file gets smaller by compression; fonts are compressed already.
func packs(name string) bool { return path.Ext(name) != ".woff2" }

func missing(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(missingPage)) // the browser has gone: nobody is left to tell
}

const missingPage = `<!doctype html>
<html lang="en">
<title>Carnet</title>
<h1>The administration is not built</h1>
<p>This program was compiled without it. Run <code>make build</code>, then start it again.</p>
</html>
`
