package server

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"

	"golang.org/x/text/language"

	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// The few pages that end users see on our own origin: behind a mail's link, and after a provider. They
// need no script but the one that hands over a code, run under a nonce, and are never framed.

//go:embed page
var pageFiles embed.FS

// pageTexts are a language's texts by key.
type pageTexts map[string]string

// Get gives a text; a missing one shows its key, and the test of the pages fails.
func (t pageTexts) Get(key string) string {
	if text, ok := t[key]; ok {
		return text
	}
	return key
}

var (
	pageLocales  = readPageLocales()
	pageMatcher  = language.NewMatcher([]language.Tag{language.English, language.French, language.MustParse("nb")})
	emailPage    = parsePage("email")
	recoveryPage = parsePage("recovery")
	finishPage   = parsePage("finish")
	problemPage  = parsePage("problem")
)

func parsePage(name string) *template.Template {
	return template.Must(template.ParseFS(pageFiles, "page/layout.html", "page/"+name+".html"))
}

func readPageLocales() map[string]pageTexts {
	out := map[string]pageTexts{}
	for _, lang := range site.Languages {
		text, err := pageFiles.ReadFile("page/locale/" + lang + ".json")
		if err != nil {
			panic(fmt.Sprintf("server: %v", err))
		}
		texts := pageTexts{}
		if err := json.Unmarshal(text, &texts); err != nil {
			panic(fmt.Sprintf("server: page/locale/%s.json: %v", lang, err))
		}
		out[lang] = texts
	}
	return out
}

// pageLanguage gives the language of Carnet that the browser likes best.
func pageLanguage(r *http.Request) string {
	tags, _, _ := language.ParseAcceptLanguage(r.Header.Get("Accept-Language")) // what cannot be read is English
	_, index, _ := pageMatcher.Match(tags...)
	return []string{"en", "fr", "nb"}[index]
}

// page is what every page shows.
type page struct {
	Language, Nonce, Title string
	T                      pageTexts
	Look                   template.CSS // of a site; empty: ours
}

func newPage(lang, title string) page {
	return page{Language: lang, Nonce: secret.Random(), Title: title, T: pageLocales[lang]}
}

// show writes a page. to holds page, which has the nonce.
func (h *EndUser) show(w http.ResponseWriter, r *http.Request, status int, t *template.Template, nonce string, to any) {
	w.Header().Set("Referrer-Policy", "same-origin") // with no-referrer the page's own form would come from nowhere
	h.write(w, r, status, t, nonce, to)
}

// showSecretly is show for a page whose address is all that lets one in: it is told to nobody, and its form needs no origin.
func (h *EndUser) showSecretly(w http.ResponseWriter, r *http.Request, t *template.Template, nonce string, to any) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Robots-Tag", "noindex")
	h.write(w, r, http.StatusOK, t, nonce, to)
}

func (h *EndUser) write(w http.ResponseWriter, r *http.Request, status int, t *template.Template, nonce string, to any) {
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "layout", to); err != nil {
		h.fail(w, r, fault.Wrap(err, "render page"))
		return
	}
	head := w.Header()
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+nonce+"'; style-src 'nonce-"+nonce+
		"'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	head.Set("Cache-Control", "no-store")
	head.Set("Cross-Origin-Opener-Policy", "unsafe-none") // a popup must reach its opener
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // the peer may be gone
}

// problem shows what went wrong in plain words; the log has the cause under the same request id.
func (h *EndUser) problem(w http.ResponseWriter, r *http.Request, err error, detail string) {
	code := fault.CodeOf(err)
	h.log.InfoContext(r.Context(), "page refused", "error", err, "request_id", requestID(r.Context()))
	p := struct {
		page
		Detail, RequestID string
	}{newPage(pageLanguage(r), "problem.title"), detail, requestID(r.Context())}
	if p.Detail == "" {
		p.Detail = "problem." + string(code)
		if _, ok := p.T[p.Detail]; !ok {
			p.Detail = "problem." + string(fault.Internal)
		}
	}
	if _, ok := p.T[p.Detail+".title"]; ok {
		p.Title = p.Detail + ".title"
	}
	h.show(w, r, statusOf[code], problemPage, p.Nonce, p)
}
