package server

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/google/uuid"

	"carnet/internal/campaign"
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
	s.showMessage(w, r, m, err)
}

// maxUnsaved is how long the form of a message that nobody has saved may be: three texts of the greatest length, as a form writes them.
const maxUnsaved = 2 << 20

// unsavedPreview answers POST /v1/campaigns/preview: the same of texts that are being written, as a form of the admin sends them into its
// frame. The field input holds JSON: texts, purposeId, offerId, contactId, language.
func (s *Server) unsavedPreview(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxUnsaved)
	var in struct {
		Texts                         map[string]campaign.Text
		PurposeID, OfferID, ContactID *uuid.UUID
		Language                      string
	}
	if err := json.Unmarshal([]byte(r.PostFormValue("input")), &in); err != nil {
		s.fail(w, r, fault.New(fault.BadInput, "the form has a field input, which is JSON"))
		return
	}
	m, err := s.cfg.Campaigns.PreviewUnsaved(r.Context(), campaign.Unsaved{Texts: in.Texts, Purpose: in.PurposeID, Offer: in.OfferID}, in.ContactID, in.Language)
	s.showMessage(w, r, m, err)
}

func (s *Server) showMessage(w http.ResponseWriter, r *http.Request, m campaign.Message, err error) {
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
