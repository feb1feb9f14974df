package widgets

import (
	"context"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

// PreviewPath is where previews are: the page, and below it what the widgets on it call instead of the server. The program answers
// PreviewPath/graphql, by which a preview reads; it changes nothing.
const PreviewPath = "/widgets/v1/preview"

// CodePreview is the error's code of what a preview does not do.
const CodePreview = "PREVIEW"

// preview answers GET /widgets/v1/preview?site=&widget=&lang=&theme=: a page on our own origin with one widget, as a
// host would embed it, under the strictest policy that a host may have. The admin frames it, and sets on it the look that is being
// edited: the site's own theme is left out.
type preview struct {
	cfg  Config
	list []Widget
}

// The order and nonce of a checkout that is only looked at; no server of a host knows them.
var previewPage = template.Must(template.New("preview").Parse(`<!doctype html>
<html lang="{{.Lang}}"{{with .Theme}} data-theme="{{.}}"{{end}}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{.Tag}}</title>
<link rel="stylesheet" href="/widgets/v1/preview.css">
<script type="module" src="/widgets/v1/preview/carnet.js" data-site="{{.Site}}"></script>
</head>
<body><div data-carnet="{{.Name}}"{{with .Theme}} data-theme="{{.}}"{{end}} data-order="preview" data-nonce="preview-of-a-checkout"></div></body>
</html>
`))

const previewStyle = `html { color-scheme: light dark; background: light-dark(#f2f4f7, #101216); font-family: system-ui, sans-serif; }
html[data-theme=light] { color-scheme: light; }
html[data-theme=dark] { color-scheme: dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem 1rem; box-sizing: border-box; }
div { width: 100%; max-width: 27rem; }
`

func (p preview) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	at := slices.IndexFunc(p.list, func(w Widget) bool { return w.Name == q.Get("widget") })
	if at < 0 {
		fail(w, http.StatusNotFound, "NOT_FOUND", "UNKNOWN", "there is no such widget; there are: "+strings.Join(names(p.list), ", "))
		return
	}
	theme := q.Get("theme")
	if theme != "light" && theme != "dark" {
		theme = ""
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'", "script-src 'self' " + p.cfg.ServerURL, "connect-src 'self' " + p.cfg.ServerURL, "style-src 'self'",
		"form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'", "require-trusted-types-for 'script'", "trusted-types 'none'",
	}, "; "))
	_ = previewPage.Execute(w, struct{ Site, Name, Tag, Lang, Theme string }{q.Get("site"), p.list[at].Name, p.list[at].Tag, q.Get("lang"), theme})
}

func servePreviewStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", keepLoader)
	_, _ = w.Write([]byte(previewStyle))
}

// previewed is the configuration for a page whose widgets reach nothing but the preview, wear no theme, and show what has just been saved.
func (cfg Config) previewed() Config {
	out := cfg
	out.modulesURL, out.ServerURL, out.keep = cfg.ServerURL, cfg.ServerURL+PreviewPath, "no-store"
	out.Site = func(ctx context.Context, publicID, lang string, asks []Place) (SiteConfig, error) {
		of, err := cfg.Site(ctx, publicID, lang, asks)
		of.Theme, of.LoginURL = nil, ""
		return of, err
	}
	return out
}

// refusePreview answers what would begin or end a session.
func refusePreview(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	fail(w, http.StatusForbidden, CodePreview, CodePreview, "this is a preview: nothing is sent")
}
