package server

import (
	"io"
	"net/http"

	"github.com/google/uuid"

	"carnet/internal/fault"
)

// campaignPreview answers GET /v1/campaigns/{id}/preview: a campaign's message as a contact would get it, for a frame of the admin. It has
// a policy of its own: mails are styled by attributes, which the admin's policy does not apply, and run nothing.
func (s *Server) campaignPreview(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		s.fail(w, r, fault.Missing("campaign"))
		return
	}
	var as *uuid.UUID
	if given := r.URL.Query().Get("contact"); given != "" {
		contact, err := uuid.Parse(given)
		if err != nil {
			s.fail(w, r, fault.Missing("contact"))
			return
		}
		as = &contact
	}
	m, err := s.cfg.Campaigns.Preview(r.Context(), id, as, r.URL.Query().Get("language"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'; base-uri 'none'; form-action 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, m.HTML) // the peer may be gone
}
