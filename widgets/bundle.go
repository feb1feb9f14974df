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
	keepAsset    = "public, max-age=31536000, immutable"
)

// module is a built module as the loader fetches it.
type module struct {
	URL       string `json:"url"`
	Integrity string `json:"integrity"`
}

// bundle is dist, read.
type bundle struct {
	loader   *file
	assets   map[string]*file
	core     module
	widgets  map[string]module
	texts    map[string]json.RawMessage // by language
	fallback string                     // the language of texts for a site whose own is not among them
}

// readBundle reads what `npm run build` wrote. fs.ErrNotExist when it never ran.
func readBundle(built fs.FS, list []Widget, server string) (*bundle, error) {
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
		return f, module{URL: server + "/widgets/v1/assets/" + entry.File, Integrity: entry.Integrity}, err
	}
	if b.loader, _, err = load("loader", keepLoader); err != nil {
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
	sum := sha256.Sum256(plain)
	return &file{name, plain, zipped.Bytes(), `"` + hex.EncodeToString(sum[:8]) + `"`, cache}, nil
}

// ServeHTTP answers to any origin: modules are public, and integrity needs CORS.
func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // for hosts that require it of all they load
	h.Set("Cache-Control", f.cache)
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", f.etag)
	body := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.zipped
	}
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(body))
}
