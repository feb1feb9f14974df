package server

import (
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"carnet/internal/audit"
	"carnet/internal/fault"
	"carnet/internal/privacy"
	"carnet/internal/site"
)

// auditFile answers GET /v1/audit.csv?actor=&action=&target=&done=&from=&until=: the audit log as a file, newest first. Managers.
func (s *Server) auditFile(w http.ResponseWriter, r *http.Request) {
	a, err := site.Require(r.Context(), site.AccessManager)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	f, err := auditFilter(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	ctx, done := context.WithTimeout(r.Context(), exportTime)
	defer done()
	s.note(ctx, a, audit.Download, true)
	s.download(w, r.WithContext(ctx), "audit.csv", "text/csv; charset=utf-8", func(to io.Writer) error {
		out := csv.NewWriter(to)
		if err := out.Write([]string{"at", "id", "actor_kind", "actor_id", "actor_name", "action", "done", "targets"}); err != nil {
			return err
		}
		err := s.cfg.Audit.Walk(ctx, f, func(e *audit.Entry) error {
			targets := make([]string, len(e.Targets))
			for i, id := range e.Targets {
				targets[i] = id.String()
			}
			who := ""
			if e.ActorID != nil {
				who = e.ActorID.String()
			}
			return out.Write([]string{e.At.UTC().Format(time.RFC3339Nano), e.ID.String(), string(e.ActorKind), who, privacy.Cell(e.ActorName), e.Action, strconv.FormatBool(e.Done), strings.Join(targets, " ")})
		})
		out.Flush()
		if err == nil {
			err = out.Error()
		}
		return err
	})
}

func auditFilter(r *http.Request) (f audit.Filter, err error) {
	q := r.URL.Query()
	f.Action = q.Get("action")
	for name, to := range map[string]**uuid.UUID{"actor": &f.Actor, "target": &f.Target} {
		if v := q.Get(name); v != "" {
			id, err := uuid.Parse(v)
			if err != nil {
				return f, fault.New(fault.BadInput, "%s is an id", name)
			}
			*to = &id
		}
	}
	for name, to := range map[string]**time.Time{"from": &f.From, "until": &f.Until} {
		if v := q.Get(name); v != "" {
			at, err := time.Parse(time.RFC3339, v)
			if err != nil {
				return f, fault.New(fault.BadInput, "%s is a time as of RFC 3339, for example 2026-01-31T12:00:00Z", name)
			}
			*to = &at
		}
	}
	if v := q.Get("done"); v != "" {
		is, err := strconv.ParseBool(v)
		if err != nil {
			return f, fault.New(fault.BadInput, "done is true or false")
		}
		f.Done = &is
	}
	return f, nil
}

// erasuresFile answers GET /v1/erasures: the proofs, a JSON object a line, as `carnet erase-again` takes them. Managers.
func (s *Server) erasuresFile(w http.ResponseWriter, r *http.Request) {
	a, err := site.RequireBook(r.Context(), site.AccessManager)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	ctx, done := context.WithTimeout(r.Context(), exportTime)
	defer done()
	s.note(ctx, a, audit.Download, true)
	s.download(w, r.WithContext(ctx), "erasures.jsonl", "application/jsonl", func(to io.Writer) error { return s.cfg.Privacy.WriteErasures(ctx, to) })
}

// personData answers GET /v1/contacts/{id}/data?format=json|csv|html: all that is held about a contact, as a file. Managers.
func (s *Server) personData(w http.ResponseWriter, r *http.Request) {
	a, err := site.RequireBook(r.Context(), site.AccessManager)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		s.fail(w, r, fault.Missing("contact"))
		return
	}
	ctx, done := context.WithTimeout(r.Context(), exportTime)
	defer done()
	f, err := s.cfg.Privacy.FileOf(ctx, id, privacy.Format(r.URL.Query().Get("format")))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.note(ctx, a, audit.Download, true, id)
	s.download(w, r.WithContext(ctx), f.Name, f.ContentType, func(to io.Writer) error { return f.Write(ctx, to) })
}
