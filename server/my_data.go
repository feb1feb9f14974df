package server

import (
	"context"
	"io"
	"net/http"

	"carnet/internal/site"
)

// myData answers POST /v1/my-data: all that is held about the end user who calls, as a file. It is a POST because it is told in the history and by mail.
func (s *Server) myData(w http.ResponseWriter, r *http.Request) {
	if _, err := site.RequireBook(r.Context(), site.AccessAccount); err != nil {
		s.fail(w, r, err)
		return
	}
	ctx, done := context.WithTimeout(r.Context(), exportTime)
	defer done()
	s.download(w, r.WithContext(ctx), "my-data.json", "application/json", func(to io.Writer) error { return s.cfg.Privacy.Export(ctx, to) })
}
