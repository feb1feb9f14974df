package server

import (
	"io"
	"net/http"

	"carnet/internal/site"
)

// textReport answers GET and POST /v1/sms/reports/{token}, where whoever carries a text message tells what became of it.
func (s *Server) textReport(w http.ResponseWriter, r *http.Request) {
	ref, report, final, err := s.cfg.Texts.ReadReport(r, r.PathValue("token"))
	if err == nil && final {
		err = s.cfg.Campaigns.Report(r.Context(), ref, report)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// textReply answers POST /v1/sms/replies/{site}, where Twilio tells what people answer, and GET and POST /v1/sms/replies/{site}/{token}, where a
// gateway does. Nothing is answered back.
func (s *Server) textReply(w http.ResponseWriter, r *http.Request) {
	of, err := s.cfg.Sites.ByPublicID(r.Context(), r.PathValue("site"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	token := r.PathValue("token")
	hear := s.cfg.Texts.HearTwilio
	if token != "" {
		hear = func(r *http.Request, of site.Site) (int, error) { return s.cfg.Texts.HearGateway(r, of, token) }
	}
	withdrawn, err := hear(r, of)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.log.Info("text message answered", "site", of.PublicID, "withdrawn", withdrawn, "request_id", requestID(r.Context()))
	if token != "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`) // the peer may be gone
}
