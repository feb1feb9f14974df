package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"carnet/internal/fault"
	"carnet/widgets"
)

// The longest request and document of a preview, in bytes and tokens.
const (
	maxPreviewed       = 64 << 10
	maxPreviewedTokens = 1000
)

// readOnly lets queries through and refuses all else, so that a widget in the admin's preview shows what it would and changes nothing.
func (s *Server) readOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPreviewed))
		if err != nil {
			s.fail(w, r, fault.New(fault.BadInput, "the request is longer than a preview's"))
			return
		}
		var in struct {
			Query         string          `json:"query"`
			OperationName string          `json:"operationName,omitempty"`
			Variables     json.RawMessage `json:"variables,omitempty"`
		}
		_ = json.Unmarshal(body, &in) // what cannot be read has no queries
		if !onlyQueries(in.Query) {
			s.answer(w, http.StatusOK, map[string]any{"data": nil, "errors": []any{map[string]any{
				"message": "this is a preview: nothing is sent", "extensions": map[string]any{"code": widgets.CodePreview},
			}}})
			return
		}
		// Written anew: what was looked at is what is run.
		if body, err = json.Marshal(in); err != nil {
			s.fail(w, r, fault.Wrap(err, "encode preview"))
			return
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		next.ServeHTTP(w, r)
	})
}

func onlyQueries(document string) bool {
	parsed, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: document}, maxPreviewedTokens)
	if err != nil || len(parsed.Operations) == 0 {
		return false
	}
	for _, one := range parsed.Operations {
		if one.Operation != ast.Query {
			return false
		}
	}
	return true
}
