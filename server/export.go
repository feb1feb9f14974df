package server

import (
	"context"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/google/uuid"

	"carnet/internal/audit"
	"carnet/internal/fault"
	"carnet/internal/site"
)

const (
	// exportTime is how long one export may take; it holds a connection and a snapshot meanwhile.
	exportTime = 15 * time.Minute
	// exportPatience is how long a client may take nothing.
	exportPatience = 30 * time.Second
)

// export answers GET /v1/exports/{token}: the file that createExport signed a link for. The token is
// the credential; whoever asked for it must still have the right.
func (s *Server) export(w http.ResponseWriter, r *http.Request) {
	e, err := s.cfg.Contacts.ExportByToken(r.Context(), r.PathValue("token"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	a, err := s.cfg.Sites.Recheck(r.Context(), e.Actor())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	ctx, done := context.WithTimeout(site.WithActor(r.Context(), a), exportTime)
	defer done()
	s.note(ctx, a, audit.Download, true, e.ID)
	s.download(w, r.WithContext(ctx), e.FileName(), e.ContentType(), func(to io.Writer) error { return s.cfg.Contacts.WriteExport(ctx, e, to) })
}

// refused answers GET /v1/imports/{id}/refused: the rows that an import refused, for mending.
func (s *Server) refused(w http.ResponseWriter, r *http.Request) {
	ctx, done := context.WithTimeout(r.Context(), exportTime)
	defer done()
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		s.fail(w, r, fault.Missing("import"))
		return
	}
	f, err := s.cfg.Contacts.RefusedRows(ctx, id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.download(w, r.WithContext(ctx), f.Name, f.ContentType, func(to io.Writer) error { return s.cfg.Contacts.WriteRefused(ctx, f, to) })
}

// download sends a file that write writes.
func (s *Server) download(w http.ResponseWriter, r *http.Request, name, contentType string, write func(io.Writer) error) {
	to := &download{w: w, control: http.NewResponseController(w), name: name, contentType: contentType}
	if err := write(to); err != nil {
		if !to.begun {
			s.fail(w, r, err)
			return
		}
		s.log.ErrorContext(r.Context(), "download ended early", "file", name, "error", err, "request_id", requestID(r.Context()))
		panic(http.ErrAbortHandler) // so that half a file does not pass for a whole one
	}
}

// download sends the headers with the first byte, so that what fails before is answered as an error.
type download struct {
	w                 http.ResponseWriter
	control           *http.ResponseController
	name, contentType string
	begun             bool
}

// Write sends p, unless the client takes nothing for too long.
func (d *download) Write(p []byte) (int, error) {
	if !d.begun {
		d.begun = true
		h := d.w.Header()
		h.Set("Content-Type", d.contentType)
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.name}))
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
	}
	_ = d.control.SetWriteDeadline(time.Now().Add(exportPatience)) // unsupported only in tests without a connection
	return d.w.Write(p)
}
