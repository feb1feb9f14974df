package server

import (
	"net/http"
	"strings"

	"carnet/internal/fault"
	"carnet/internal/site"
)

var unsubscribePage = parsePage("unsubscribe")

// subscription answers GET /v1/unsubscribe/{token}, the link of a message: a page that asks. Programs open links before people do, so it
// changes nothing (RFC 8058, section 3.1).
func (s *Server) subscription(w http.ResponseWriter, r *http.Request) {
	s.showSubscription(w, r, "")
}

// unsubscribe answers POST /v1/unsubscribe/{token}: a mail program's one click, which sends List-Unsubscribe=One-Click, or a button of the
// page. It knows nobody but by the token, and takes no cookie.
func (s *Server) unsubscribe(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	agree := r.PostFormValue("again") != ""
	if err := s.cfg.Campaigns.Say(r.Context(), r.PathValue("token"), agree); err != nil {
		s.endUser.problem(w, r, err, linkProblem(err))
		return
	}
	done := "unsubscribe.left"
	if agree {
		done = "unsubscribe.back"
	}
	s.showSubscription(w, r, done)
}

func (s *Server) showSubscription(w http.ResponseWriter, r *http.Request, done string) {
	sub, err := s.cfg.Campaigns.Subscription(r.Context(), r.PathValue("token"))
	if err != nil {
		s.endUser.problem(w, r, err, linkProblem(err))
		return
	}
	if done == "unsubscribe.back" && !sub.Agreed { // it is to be confirmed first
		done = "unsubscribe.confirm"
	}
	language := site.NearestLanguage(sub.Language, site.NearestLanguage(pageLanguage(r), sub.Site.Language)) // the message's, as on the page of preferences
	p := struct {
		page
		Site, Purpose, Done string
		Agreed              bool
	}{sitePage(sub.Site, language, "unsubscribe.title"), sub.Site.Name, strings.TrimSpace(sub.Purpose.NameIn(language)), done, sub.Agreed}
	s.endUser.show(w, r, http.StatusOK, unsubscribePage, p.Nonce, p)
}

func linkProblem(err error) string {
	if fault.CodeOf(err) == fault.NotFound {
		return "problem.unsubscribe"
	}
	return ""
}
