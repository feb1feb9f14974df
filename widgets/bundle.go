package widgets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"
)

// How long caches may keep what. Only the loader's address outlives a release.
const (
	keepLoader   = "public, max-age=300"
	keepManifest = "public, max-age=60"
	// Who changes a question and looks at the form sees the change: a browser asks whether what it has is still so.
	keepQuestions = "public, no-cache"
	keepAsset     = "public, max-age=31536000, immutable"
)

// module is a built module as the loader fetches it; in a bundle URL is a path.
type module struct {
	URL       string `json:"url"`
	Integrity string `json:"integrity"`
	// ThirdParty is what the module shows, where it is the frame of a widget of another vendor.
	ThirdParty *ThirdParty `json:"thirdParty,omitempty"`
}

// thirdPartyPart is the built module that shows widgets of others.
const thirdPartyPart = "third-party"

// at gives the module at a server.
func (m module) at(server string) module {
	m.URL = server + m.URL
	return m
}

// bundle is dist, read.
type bundle struct {
	loader   *file
	assets   map[string]*file
	sdk      *file // for pages of others, and its types
	sdkTypes *file
	core     module
	widgets  map[string]module
	texts    map[string]json.RawMessage // by language
	fallback string                     // the language of texts for a site whose own is not among them
}

// readBundle reads what `npm run build` wrote. fs.ErrNotExist when it never ran.
func readBundle(built fs.FS, list []Widget) (*bundle, error) {
	raw, err := fs.ReadFile(built, "manifest.json")
	if err != nil {
		return nil, fmt.Errorf("read built widgets: %w", err)
	}
	var index struct {
		Files map[string]struct {
			File      string
			Integrity string
		}
		Parts     []string // modules that widgets fetch when they need them, by name as widgets are
		Languages []string
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		return nil, fmt.Errorf("read dist/manifest.json: %w", err)
	}
	b := &bundle{assets: map[string]*file{}, widgets: map[string]module{}, texts: map[string]json.RawMessage{}}
	load := func(name, cache string) (*file, module, error) {
		entry, ok := index.Files[name]
		if !ok {
			return nil, module{}, fmt.Errorf("the list in widgets.go has %q, but dist does not: is there a folder widgets/%s with an element.ts, and was it built", name, name)
		}
		f, err := readFile(built, entry.File, cache)
		return f, module{URL: "/widgets/v1/assets/" + entry.File, Integrity: entry.Integrity}, err
	}
	if b.loader, _, err = load("loader", keepLoader); err != nil {
		return nil, err
	}
	if err := b.readSDK(built, load); err != nil {
		return nil, err
	}
	for _, name := range slices.Concat([]string{"core"}, names(list), index.Parts) {
		f, m, err := load(name, keepAsset)
		if err != nil {
			return nil, err
		}
		b.assets[index.Files[name].File] = f
		if name == "core" {
			b.core = m
		} else {
			b.widgets[name] = m
		}
	}
	for _, language := range index.Languages {
		if b.texts[language], err = fs.ReadFile(built, "locale/"+language+".json"); err != nil {
			return nil, fmt.Errorf("read texts: %w", err)
		}
	}
	b.fallback = index.Languages[0]
	return b, nil
}

// readSDK reads the module for pages of others: at an address that outlives releases, which names the one that does not, and there.
func (b *bundle) readSDK(built fs.FS, load func(name, cache string) (*file, module, error)) error {
	hashed, m, err := load("sdk", keepAsset)
	if err != nil {
		return err
	}
	b.assets[hashed.name] = hashed
	evergreen := *hashed
	evergreen.cache, evergreen.location = keepLoader, m.URL
	b.sdk = &evergreen
	if b.sdkTypes, err = readFile(built, "sdk.d.ts", keepLoader); err != nil {
		return err
	}
	b.sdkTypes.kind = "text/plain; charset=utf-8" // what browsers show; compilers do not ask
	return nil
}

func names(list []Widget) []string {
	out := make([]string, 0, len(list))
	for _, w := range list {
		out = append(out, w.Name)
	}
	return out
}

// serveAsset answers with a module by the name that holds its hash. Old names are gone: a page that still asks for one
// reads the manifest anew with its next visit.
func (b *bundle) serveAsset(w http.ResponseWriter, r *http.Request) {
	f, ok := b.assets[r.PathValue("file")]
	if !ok {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Cache-Control", "no-store")
		fail(w, http.StatusNotFound, "NOT_FOUND", "UNKNOWN", "no such module; the page may be older than this release: reload it")
		return
	}
	f.ServeHTTP(w, r)
}

// file is a built file in memory, as it is and compressed.
type file struct {
	name          string
	plain, zipped []byte
	etag, cache   string
	kind          string // the media type
	location      string // where the same is at an address of its own (RFC 9110 §8.7); may be empty
}

func readFile(built fs.FS, name, cache string) (*file, error) {
	plain, err := fs.ReadFile(built, name)
	if err != nil {
		return nil, fmt.Errorf("read built widget: %w", err)
	}
	var zipped bytes.Buffer
	z, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(plain)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("compress %s: %w", name, err)
	}
	return &file{name: name, plain: plain, zipped: zipped.Bytes(), etag: etagOf(plain), cache: cache, kind: "text/javascript; charset=utf-8"}, nil
}

func etagOf(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// ServeHTTP answers to any origin: modules are public, and integrity needs CORS.
func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	if f.location != "" {
		h.Set("Content-Location", f.location)
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // for hosts that require it of all they load
	h.Set("Cache-Control", f.cache)
	h.Add("Vary", "Accept-Encoding")
	h.Set("ETag", f.etag)
	body := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.zipped
	}
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(body))
}
