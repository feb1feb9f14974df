package server

import (
	"encoding/base64"
	"net/http"
	"strings"

	"carnet/internal/account"
)

// bindingAge is how long a social sign-in may take, in seconds.
const bindingAge = 600

// bindingCookie is the name of the cookie that binds a social sign-in to its browser. Plain http is
// for loopback only, where browsers refuse the prefix.
func (h *EndUser) bindingCookie() string {
	if strings.HasPrefix(h.PublicURL, "https://") {
		return "__Host-carnet-bind"
	}
	return "carnet-bind"
}

func (h *EndUser) binding(r *http.Request) string {
	cookie, err := r.Cookie(h.bindingCookie())
	if err != nil {
		return ""
	}
	return cookie.Value
}

// startSocial answers GET /v1/social/{provider}/start: off to the provider.
func (h *EndUser) startSocial(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	in := account.StartSocial{
		Site: q.Get("site"), Provider: r.PathValue("provider"), Origin: q.Get("origin"), Landing: q.Get("landing"), Mode: q.Get("mode"),
		Binding: h.binding(r), Attempt: account.Attempt{ID: q.Get("attempt"), Challenge: q.Get("challenge"), JKT: q.Get("jkt")},
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
	http.SetCookie(w, &http.Cookie{
		Name: h.bindingCookie(), Value: to.Binding, Path: "/", MaxAge: bindingAge, HttpOnly: true,
		Secure: strings.HasPrefix(h.PublicURL, "https://"), SameSite: http.SameSiteLaxMode,
	})
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, to.URL, http.StatusSeeOther)
}

// finishSocial answers GET /v1/social/callback: back from the provider.
func (h *EndUser) finishSocial(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	end, err := h.Accounts.FinishSocial(r.Context(), account.FinishSocial{
		State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error"), Issuer: q.Get("iss"), Binding: h.binding(r),
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
