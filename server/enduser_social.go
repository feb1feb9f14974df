package server

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"carnet/internal/account"
	"carnet/internal/fault"
)

// bindingAge is how long a social sign-in may take, in seconds.
const bindingAge = 600

// bindingCookie is the name of the cookie that binds a social sign-in to its browser. A provider that
// answers by POST has a second one of the same value, which browsers send along from other pages. Plain
// http is for loopback only, where browsers refuse the prefix.
func (h *EndUser) bindingCookie(r *http.Request, posts bool) string {
	name := "carnet-bind"
	if posts {
		name += "-post"
	}
	if h.secure(r.Context()) {
		name = "__Host-" + name
	}
	return name
}

func (h *EndUser) secure(ctx context.Context) bool {
	return strings.HasPrefix(h.address(ctx), "https://")
}

func (h *EndUser) binding(r *http.Request, posts bool) string {
	cookie, err := r.Cookie(h.bindingCookie(r, posts))
	if err != nil {
		return ""
	}
	return cookie.Value
}

func (h *EndUser) bind(w http.ResponseWriter, r *http.Request, value string, posts bool) {
	cookie := &http.Cookie{
		Name: h.bindingCookie(r, posts), Value: value, Path: "/", MaxAge: bindingAge, HttpOnly: true, Secure: h.secure(r.Context()), SameSite: http.SameSiteLaxMode,
	}
	if posts {
		cookie.SameSite, cookie.Secure = http.SameSiteNoneMode, true // browsers take None with Secure only
	}
	http.SetCookie(w, cookie)
}

// startSocial answers GET /v1/social/{provider}/start: off to the provider.
func (h *EndUser) startSocial(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	in := account.StartSocial{
		Site: q.Get("site"), Provider: r.PathValue("provider"), Origin: q.Get("origin"), Landing: q.Get("landing"), Mode: q.Get("mode"),
		Binding: h.binding(r, false), Attempt: account.Attempt{ID: q.Get("attempt"), Challenge: q.Get("challenge"), JKT: q.Get("jkt")},
	}
	if in.Mode == "" {
		in.Mode = account.ModePopup
	}
	to, err := h.Accounts.StartSocial(r.Context(), in)
	if err != nil {
		h.problem(w, r, err, "")
		return
	}
	if to.End != nil {
		h.finish(w, r, *to.End)
		return
	}
	h.bind(w, r, to.Binding, false)
	if to.Posts {
		h.bind(w, r, to.Binding, true)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, to.URL, http.StatusSeeOther)
}

// maxPosted is how many bytes a provider's form may have.
const maxPosted = 64 << 10

// finishSocial answers GET /v1/social/callback/{site}/{provider}: back from the provider.
func (h *EndUser) finishSocial(w http.ResponseWriter, r *http.Request) {
	h.came(w, r, r.URL.Query(), false)
}

// finishPosted answers POST /v1/social/callback/{site}/{provider}: back from a provider whose page posts a
// form (OAuth 2.0 Form Post Response Mode).
func (h *EndUser) finishPosted(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxPosted)
	if err := r.ParseForm(); err != nil {
		h.problem(w, r, fault.New(fault.BadInput, "the provider's form cannot be read"), "") // the cause may quote it
		return
	}
	h.came(w, r, r.PostForm, true)
}

func (h *EndUser) came(w http.ResponseWriter, r *http.Request, said url.Values, posted bool) {
	end, err := h.Accounts.FinishSocial(r.Context(), account.FinishSocial{
		Site: r.PathValue("site"), Provider: r.PathValue("provider"), State: said.Get("state"), Code: said.Get("code"), Error: said.Get("error"),
		Issuer: said.Get("iss"), User: said.Get("user"), Binding: h.binding(r, posted),
	})
	if err != nil {
		h.problem(w, r, err, "")
		return
	}
	h.finish(w, r, end)
}

// finish hands the outcome to the page that began: to the popup's opener at its registered origin, or
// in the fragment of the landing page, which no server sees.
func (h *EndUser) finish(w http.ResponseWriter, r *http.Request, end account.SocialEnd) {
	message := map[string]string{"type": "carnet:code", "attempt": end.Attempt, "code": end.Code}
	fragment, title := "#carnet="+end.Attempt+"."+end.Code, "finish.signed_in"
	switch {
	case end.Reason != "":
		message = map[string]string{"type": "carnet:error", "attempt": end.Attempt, "reason": end.Reason}
		fragment, title = "#carnet-error="+end.Attempt+"."+end.Reason, "finish.failed"
	case end.Prove != "":
		message = map[string]string{"type": "carnet:prove", "attempt": end.Attempt, "email": end.Prove}
		fragment, title = "#carnet-prove="+end.Attempt+"."+base64.RawURLEncoding.EncodeToString([]byte(end.Prove)), "finish.prove"
	}
	landing := end.LandingURL + fragment
	if end.Mode == account.ModeRedirect {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		http.Redirect(w, r, landing, http.StatusSeeOther)
		return
	}
	p := struct {
		page
		Message         map[string]string
		Origin, Landing string
	}{newPage(pageLanguage(r), title), message, end.Origin, landing}
	h.show(w, r, http.StatusOK, finishPage, p.Nonce, p)
}
