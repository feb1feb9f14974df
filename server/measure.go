package server

import (
	"net/http"

	"carnet/internal/campaign"
	"carnet/internal/fault"
)

// pixel is a GIF of one transparent point.
var pixel = []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")

// opened answers GET /v1/opened/{token}, the picture in a message of who agreed to be measured.
func (s *Server) opened(w http.ResponseWriter, r *http.Request) {
	trace, err := s.cfg.Campaigns.Trace(r.PathValue("token"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.notice(r, trace)
	w.Header().Set("Content-Type", "image/gif")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(pixel) // the peer may be gone
}

// clicked answers GET /v1/clicked/{token}: it leads to where a link of a message led, and nowhere else.
func (s *Server) clicked(w http.ResponseWriter, r *http.Request) {
	trace, err := s.cfg.Campaigns.Trace(r.PathValue("token"))
	if err == nil && trace.Target == "" {
		err = fault.Missing("link")
	}
	if err != nil {
		s.endUser.problem(w, r, err, linkProblem(err))
		return
	}
	s.notice(r, trace)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, trace.Target, http.StatusSeeOther)
}

// notice keeps what was noticed; people come where they want to whether or not that can be written down. Who only looks (HEAD) is no reader.
func (s *Server) notice(r *http.Request, trace campaign.Trace) {
	if r.Method != http.MethodGet {
		return
	}
	if err := s.cfg.Campaigns.Noticed(r.Context(), trace); err != nil {
		s.log.WarnContext(r.Context(), "what was opened or followed is not written down", "error", err)
	}
}
