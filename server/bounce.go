package server

import (
	"errors"
	"io"
	"net/http"

	"carnet/internal/campaign"
	"carnet/internal/fault"
)

// bounces answers POST /v1/bounces, which takes a mail that came back, whole: from a pipe of the mail server that has the return address,
// or a provider's. The credential says for which site; to, where it is known, which address the mail was delivered to.
func (s *Server) bounces(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, campaign.MaxReport))
	if err != nil {
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			err = fault.New(fault.BadInput, "a report has at most %d MB", campaign.MaxReport>>20)
		} else {
			err = fault.New(fault.BadInput, "the report did not arrive whole")
		}
		s.fail(w, r, err)
		return
	}
	heard, err := s.cfg.Campaigns.Hear(r.Context(), raw, r.URL.Query().Get("to"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, map[string]any{"heard": heard})
}

// passwordAsKey lets programs that can only say a name and a password in an address give an API key as the password.
func passwordAsKey(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, key, ok := r.BasicAuth(); ok {
			r.Header.Set("Authorization", "Bearer "+key)
		}
		next.ServeHTTP(w, r)
	})
}
