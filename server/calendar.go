package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// calendar answers GET /v1/calendar/{site}.ics, the feed of a site's public events, for whoever subscribes to it.
func (s *Server) calendar(w http.ResponseWriter, r *http.Request) {
	name, is := strings.CutSuffix(r.PathValue("file"), ".ics")
	if !is {
		http.NotFound(w, r)
		return
	}
	of, err := s.cfg.Sites.ByPublicID(r.Context(), name)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	feed, err := s.cfg.Sales.Calendar(r.Context(), of)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Access-Control-Allow-Origin", "*")
	serveCalendar(w, r, feed)
}

// myCalendar answers GET /v1/my-calendar/{token}.ics, what somebody attends. The token is the credential: it stands in no log, and where it has ended
// there is nothing.
func (s *Server) myCalendar(w http.ResponseWriter, r *http.Request) {
	token, is := strings.CutSuffix(r.PathValue("token"), ".ics")
	if !is {
		http.NotFound(w, r)
		return
	}
	of, contactID, err := s.cfg.Accounts.CalendarOwner(r.Context(), token)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	feed, err := s.cfg.Sales.PersonalCalendar(r.Context(), of, contactID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "private, no-cache") // asked again each time: an address that has ended tells nothing more
	h.Set("Referrer-Policy", "no-referrer")
	serveCalendar(w, r, feed)
}

// serveCalendar sends a feed, or says that it is what the client has already.
func serveCalendar(w http.ResponseWriter, r *http.Request, feed string) {
	sum := sha256.Sum256([]byte(feed))
	h := w.Header()
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:16])+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader([]byte(feed)))
}
