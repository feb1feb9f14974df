package widgets

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// manifest answers GET /widgets/v1/sites/{publicId}?lang=&ask=: all that a page's widgets must know before anybody signs in,
// with the texts of one language. ask names, with commas, the boxes of the page: the site's own questions come along for
// those that ask them, and a page without such a widget pays nothing for them.
type manifest struct {
	cfg    Config
	bundle *bundle
}

// answer is the manifest's JSON; core/types.ts has its twin.
type answer struct {
	Site            string            `json:"site"`
	Name            string            `json:"name"`
	Language        string            `json:"language"`
	Style           string            `json:"style"`
	AccountsEnabled bool              `json:"accountsEnabled"`
	LoginRequired   bool              `json:"loginRequired"`
	Passkeys        bool              `json:"passkeys"`
	Consent         *Consent          `json:"consent,omitempty"`
	Links           []Link            `json:"links,omitempty"`
	Providers       []Provider        `json:"providers"`
	Server          string            `json:"server"`
	Credentials     string            `json:"credentials"`
	Core            module            `json:"core"`
	Widgets         map[string]module `json:"widgets"`
	Texts           json.RawMessage   `json:"texts"`

	Questions map[Place][]Question `json:"questions,omitempty"`
}

// asked reads which places' questions are asked for.
func asked(r *http.Request) []Place {
	var out []Place
	for _, word := range strings.Split(r.URL.Query().Get("ask"), ",") {
		if place := Place(strings.ToUpper(strings.TrimPrefix(word, "carnet-"))); (place == Registration || place == Checkout) && !slices.Contains(out, place) {
			out = append(out, place)
		}
	}
	return out
}

func (m manifest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	id := r.PathValue("publicId")
	site, err := m.cfg.Site(r.Context(), id, r.URL.Query().Get("lang"), asked(r))
	if errors.Is(err, ErrUnknownSite) {
		w.Header().Set("Cache-Control", "no-store")
		fail(w, http.StatusNotFound, "NOT_FOUND", "UNKNOWN", "there is no site with this public id: check data-site in the page's script tag")
		return
	}
	if err != nil {
		w.Header().Set("Cache-Control", "no-store")
		fail(w, http.StatusServiceUnavailable, "INTERNAL", "", "the site cannot be read now: try again")
		return
	}
	texts, ok := m.bundle.texts[site.Language]
	if !ok {
		site.Language = m.bundle.fallback
		texts = m.bundle.texts[site.Language]
	}
	if len(site.Texts) > 0 {
		texts = worded(texts, site.Texts)
	}
	if site.Providers == nil {
		site.Providers = []Provider{} // [] in JSON, which widgets count on
	}
	server, modules, credentials := m.cfg.ServerURL, cmp.Or(m.cfg.modulesURL, m.cfg.ServerURL), "omit"
	if site.LoginURL != "" {
		server, modules, credentials = site.LoginURL, site.LoginURL, "include"
	}
	all := m.bundle.with(site.ThirdParties)
	for name, one := range all {
		all[name] = one.at(modules)
	}
	cache := keepManifest
	if len(site.Questions) > 0 {
		cache = keepQuestions
	}
	send(w, r, answer{
		Site: id, Name: site.Name, Language: site.Language, Style: site.style(),
		AccountsEnabled: site.AccountsEnabled, LoginRequired: site.LoginRequired, Consent: site.Consent, Links: site.Links,
		Passkeys: site.Passkeys, Providers: site.Providers, Server: server, Credentials: credentials,
		Core: m.bundle.core.at(modules), Widgets: all, Texts: texts, Questions: site.Questions,
	}, cmp.Or(m.cfg.keep, cache))
}

// with gives a list of the modules by name, and those of a site's widgets of others by tag: the loader needs to know no difference.
func (b *bundle) with(others []ThirdParty) map[string]module {
	all := maps.Clone(b.widgets)
	for i := range others {
		frame := b.widgets[thirdPartyPart]
		frame.ThirdParty = &others[i]
		all[others[i].Tag] = frame
	}
	return all
}

// worded gives texts with a site's own wordings in place of the widgets'.
func worded(texts json.RawMessage, own map[string]string) json.RawMessage {
	all := map[string]string{}
	if json.Unmarshal(texts, &all) != nil {
		return texts // as they were built
	}
	maps.Copy(all, own)
	out, _ := json.Marshal(all) // a map of texts always can be
	return out
}

// fail answers with an error in the shape of every JSON error of the server. The request's id is in
// the answer's head when the server around this handler sets one.
func fail(w http.ResponseWriter, status int, code, reason, message string) {
	write(w, status, map[string]any{"error": map[string]string{
		"code": code, "reason": reason, "message": message, "requestId": w.Header().Get("X-Request-Id"),
	}})
}

// zippers are writers to use again: a new one takes most of a megabyte.
var zippers = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}

// send answers with what everybody may know, compressed where the browser takes that, and with nothing where it has it already.
func send(w http.ResponseWriter, r *http.Request, v answer, cache string) {
	f := file{cache: cache, kind: "application/json; charset=utf-8"}
	f.plain, _ = json.Marshal(v) // texts and lists of them always can be
	f.etag = etagOf(f.plain)
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		var zipped bytes.Buffer
		z := zippers.Get().(*gzip.Writer) //nolint:forcetypeassert // nothing else is put
		z.Reset(&zipped)
		_, _ = z.Write(f.plain) // memory takes everything
		_ = z.Close()
		zippers.Put(z)
		f.zipped = zipped.Bytes()
	}
	f.ServeHTTP(w, r)
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the reader is gone when this fails
}
