package server

import (
	"net/http"
	"net/url"

	"carnet/internal/account"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Staff sign in to an admin application on another site's page (D-09): the application sends the browser
// here, in a popup or by redirect; the person, signed in by the cookie of our own origin, agrees; and the
// application gets a code by the way that end users' codes take.

var authorizePage = parsePage("authorize")

func (s *Server) authorizeRoutes(mux *http.ServeMux) {
	mux.Handle("GET /v1/staff/authorize", s.authenticate(http.HandlerFunc(s.askStaff)))
	mux.Handle("POST /v1/staff/authorize", s.authenticate(http.HandlerFunc(s.authorizeStaff)))
}

func staffAttempt(q url.Values) account.StaffAttempt {
	in := account.StaffAttempt{
		Site: q.Get("site"), Origin: q.Get("origin"), Landing: q.Get("landing"), Mode: q.Get("mode"),
		Attempt: account.Attempt{ID: q.Get("attempt"), Challenge: q.Get("challenge"), JKT: q.Get("jkt")},
	}
	if in.Mode == "" {
		in.Mode = account.ModePopup
	}
	return in
}

// askStaff answers GET /v1/staff/authorize: a page with two buttons, after the sign-in where it is needed.
// It changes nothing.
func (s *Server) askStaff(w http.ResponseWriter, r *http.Request) {
	of, _, err := s.cfg.Accounts.CheckStaff(r.Context(), staffAttempt(r.URL.Query()))
	if fault.CodeOf(err) == fault.Unauthenticated && err != nil {
		http.Redirect(w, r, "/admin/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	if err != nil {
		s.endUser.problem(w, r, err, staffProblem(err))
		return
	}
	a := site.ActorOf(r.Context())
	p := struct {
		page
		Site, Origin, Name string
	}{newPage(site.NearestLanguage(a.Language, pageLanguage(r)), "authorize.title"), of.Name, r.URL.Query().Get("origin"), a.Name}
	s.endUser.show(w, r, http.StatusOK, authorizePage, p.Nonce, p)
}

// authorizeStaff answers POST /v1/staff/authorize: one of the buttons. authenticate has refused the forms
// of other sites' pages.
func (s *Server) authorizeStaff(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	end, err := s.cfg.Accounts.AuthorizeStaff(r.Context(), staffAttempt(r.URL.Query()), r.PostFormValue("answer") == "yes")
	if err != nil {
		s.endUser.problem(w, r, err, staffProblem(err))
		return
	}
	s.endUser.finish(w, r, end)
}

// staffProblem is the text of what a person of staff can do about a refusal.
func staffProblem(err error) string {
	if fault.CodeOf(err) == fault.Forbidden {
		return "problem.staff"
	}
	return ""
}
