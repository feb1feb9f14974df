package server

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"carnet/internal/fault"
)

// answerer is the one way to answer beside GraphQL: JSON, and errors of one shape.
type answerer struct{ log *slog.Logger }

// wireError is an error as the endpoints beside GraphQL answer it.
type wireError struct {
	Code      string   `json:"code"`
	Reason    string   `json:"reason,omitempty"`
	Message   string   `json:"message"`
	Path      []string `json:"path,omitempty"`
	RequestID string   `json:"requestId"`
}

var statusOf = map[fault.Code]int{
	fault.Unauthenticated: http.StatusUnauthorized, fault.Forbidden: http.StatusForbidden, fault.NotFound: http.StatusNotFound,
	fault.Conflict: http.StatusConflict, fault.RateLimited: http.StatusTooManyRequests, fault.BadInput: http.StatusBadRequest,
	fault.TooComplex: http.StatusBadRequest, fault.Internal: http.StatusInternalServerError,
}

// fail answers an error. Internal causes go to the log only.
func (a answerer) fail(w http.ResponseWriter, r *http.Request, err error) {
	id := requestID(r.Context())
	out := wireError{Code: string(fault.CodeOf(err)), Message: "something went wrong on our side", RequestID: id}
	var one *fault.Error
	if list, ok := fault.Mendable(err); ok {
		one = list[0]
	} else if !errors.As(err, &one) {
		one = nil
	}
	if one != nil {
		out.Reason, out.Message, out.Path = one.Reason, one.Message, one.Path
	}
	level := slog.LevelInfo
	if fault.CodeOf(err) == fault.Internal {
		level = slog.LevelError
	}
	a.log.Log(r.Context(), level, "refused", "error", err, "path", pathOf(r), "request_id", id)
	a.answer(w, statusOf[fault.CodeOf(err)], map[string]any{"error": out})
}

// pathOf gives a request's path for the log. One that holds a token is told by its route: whoever reads logs must not be able to use it.
func pathOf(r *http.Request) string {
	if _, route, _ := strings.Cut(r.Pattern, " "); strings.Contains(route, "{token}") {
		return route
	}
	return r.URL.Path
}

// answer writes JSON.
func (a answerer) answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the peer may be gone; nothing more can be said to it
}

// decode reads a small JSON body; it answers the error itself.
func (a answerer) decode(w http.ResponseWriter, r *http.Request, to any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<10))
	if err := d.Decode(to); err != nil {
		a.fail(w, r, fault.New(fault.BadInput, "the body must be a JSON object of at most 16 KB"))
		return false
	}
	return true
}
