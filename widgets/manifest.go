package widgets

import (
	"encoding/json"
	"errors"
	"net/http"
)

// manifest answers GET /widgets/v1/sites/{publicId}?lang=: all that a page's widgets must know before anybody signs in,
// with the texts of one language.
type manifest struct {
	cfg    Config
	bundle *bundle
}

// answer is the manifest's JSON; core/types.ts has its twin.
type answer struct {
	Site            string            `json:"site"`
	Name            string            `json:"name"`
	Language        string            `json:"language"`
	Accent          string            `json:"accent"`
	AccountsEnabled bool              `json:"accountsEnabled"`
	LoginRequired   bool              `json:"loginRequired"`
	Consent         *Consent          `json:"consent,omitempty"`
	Providers       []Provider        `json:"providers"`
	Server          string            `json:"server"`
	Core            module            `json:"core"`
	Widgets         map[string]module `json:"widgets"`
	Texts           json.RawMessage   `json:"texts"`
}

func (m manifest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	id := r.PathValue("publicId")
	site, err := m.cfg.Site(r.Context(), id, r.URL.Query().Get("lang"))
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
	if site.Providers == nil {
		site.Providers = []Provider{} // [] in JSON, which widgets count on
	}
	w.Header().Set("Cache-Control", keepManifest)
	write(w, http.StatusOK, answer{
		Site: id, Name: site.Name, Language: site.Language, Accent: site.Accent,
		AccountsEnabled: site.AccountsEnabled, LoginRequired: site.LoginRequired, Consent: site.Consent,
		Providers: site.Providers, Server: m.cfg.ServerURL,
		Core: m.bundle.core, Widgets: m.bundle.widgets, Texts: texts,
	})
}

// fail answers with an error in the shape of every JSON error of the server. The request's id is in
// the answer's head when the server around this handler sets one.
func fail(w http.ResponseWriter, status int, code, reason, message string) {
	write(w, status, map[string]any{"error": map[string]string{
		"code": code, "reason": reason, "message": message, "requestId": w.Header().Get("X-Request-Id"),
	}})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the reader is gone when this fails
}
