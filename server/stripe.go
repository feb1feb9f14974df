package server

import (
	"errors"
	"io"
	"net/http"

	"carnet/internal/fault"
	"carnet/internal/sale"
)

// maxStripeEvent is far above what Stripe sends.
const maxStripeEvent = 512 << 10

// stripe answers POST /v1/stripe/{site}, where Stripe tells its events. Whatever is not answered by 200 Stripe tells again.
func (s *Server) stripe(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxStripeEvent))
	if err != nil {
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			err = fault.New(fault.BadInput, "an event has at most %d KB", maxStripeEvent>>10)
		} else {
			err = fault.New(fault.BadInput, "the event did not arrive whole")
		}
		s.fail(w, r, err)
		return
	}
	of, err := s.cfg.Sites.ByPublicID(r.Context(), r.PathValue("site"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	heard, err := s.cfg.Sales.HearProvider(r.Context(), of, sale.ProviderStripe, body, r.Header)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.log.Info("stripe told", "site", of.PublicID, "heard", heard, "request_id", requestID(r.Context()))
	s.answer(w, http.StatusOK, map[string]any{"heard": heard})
}
