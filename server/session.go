package server

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/httprate"
	"github.com/google/uuid"

	"carnet/internal/audit"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Staff sessions: alexedwards/scs with a cookie that only our own origin gets, over the table
// http_session. What the session holds is who signed in; whether they still may is asked of package
// site on every request.

const (
	sessionIdle = 12 * time.Hour
	sessionLife = 14 * 24 * time.Hour
)

// staffActor gives the actor of the request's session, ok = false without one.
func (s *Server) staffActor(ctx context.Context) (a site.Actor, ok bool, err error) {
	siteID, errSite := uuid.Parse(s.sessions.GetString(ctx, "site"))
	id, errID := uuid.Parse(s.sessions.GetString(ctx, "staff"))
	epoch, errEpoch := strconv.Atoi(s.sessions.GetString(ctx, "epoch"))
	if errSite != nil || errID != nil || errEpoch != nil {
		return a, false, nil
	}
	a, err = s.cfg.Sites.StaffActor(ctx, siteID, id, epoch)
	if l, is := ctx.Value(loadedKey{}).(*loaded); is {
		a.Login = hex.EncodeToString(l.hash)
	}
	if at, errAt := time.Parse(time.RFC3339, s.sessions.GetString(ctx, "second")); errAt == nil {
		a.SecondAt = at
	}
	a.ExpiresAt = s.sessions.Deadline(ctx)
	return a, err == nil, err
}

type credentials struct {
	Email, Password, Site string
}

// signIn answers POST /v1/staff/session.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	var in credentials
	if !s.decode(w, r, &in) {
		return
	}
	member, sites, err := s.cfg.Sites.SignIn(r.Context(), in.Email, in.Password, in.Site)
	if err != nil {
		s.noteFailedSignIn(r.Context(), in, err)
		s.fail(w, r, err)
		return
	}
	if len(sites) > 1 {
		type choice struct {
			PublicID string `json:"publicId"`
			Name     string `json:"name"`
		}
		list := make([]choice, len(sites))
		for i, of := range sites {
			list[i] = choice{of.PublicID, of.Name}
		}
		s.answer(w, http.StatusConflict, map[string]any{
			"error": wireError{Code: string(fault.Conflict), Reason: "CHOOSE_SITE", Message: "this address works for several sites; name one", RequestID: requestID(r.Context())},
			"sites": list,
		})
		return
	}
	s.enter(w, r, member)
}

// accept answers POST /v1/staff/invitation.
func (s *Server) accept(w http.ResponseWriter, r *http.Request) {
	var in struct{ Token, Name, Password string }
	if !s.decode(w, r, &in) {
		return
	}
	member, err := s.cfg.Sites.AcceptInvitation(r.Context(), in.Token, in.Name, in.Password)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.enter(w, r, member)
}

// enter begins a session for somebody whose password was right, or asks for the second step first.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, member site.Staff) {
	need, err := s.cfg.Sites.SecondStepNeed(r.Context(), member)
	switch {
	case err != nil:
		s.fail(w, r, err)
	case need == site.NeedNothing:
		s.begin(w, r, member, time.Time{}, nil)
	default:
		s.wait(w, r, member, need)
	}
}

// begin starts a session under a new token. second is when the second step was done, zero when none was asked for;
// codes are new recovery codes, to be shown this once.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, member site.Staff, second time.Time, codes []string) {
	ctx := r.Context()
	if err := s.renew(ctx); err != nil {
		s.fail(w, r, err)
		return
	}
	s.sessions.Put(ctx, "site", member.SiteID.String())
	s.sessions.Put(ctx, "staff", member.ID.String())
	s.sessions.Put(ctx, "epoch", strconv.Itoa(member.SessionEpoch))
	if !second.IsZero() {
		s.sessions.Put(ctx, "second", second.UTC().Format(time.RFC3339))
	}
	of, err := s.cfg.Sites.ByID(ctx, member.SiteID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	out := map[string]any{
		"staff": map[string]any{"id": member.ID, "name": member.Name, "email": member.Email, "role": member.Role},
		"site":  map[string]any{"publicId": of.PublicID, "name": of.Name},
	}
	if codes != nil {
		out["recoveryCodes"] = codes
	}
	s.note(ctx, actorOf(member), audit.SignIn, true)
	s.answer(w, http.StatusOK, out)
}

func actorOf(member site.Staff) site.Actor {
	return site.Actor{Kind: site.KindStaff, SiteID: member.SiteID, ID: member.ID, Name: member.Name}
}

// note writes into the audit log what is no mutation. Nobody is kept out because that fails.
func (s *Server) note(ctx context.Context, a site.Actor, action string, done bool, targets ...uuid.UUID) {
	if err := s.cfg.Audit.Note(ctx, a, action, done, targets...); err != nil {
		s.log.ErrorContext(ctx, "audit", "error", err, "request_id", requestID(ctx))
	}
}

// noteFailedSignIn tells each site whose member of staff was named; of an address that nobody has, the site that was named.
func (s *Server) noteFailedSignIn(ctx context.Context, in credentials, err error) {
	if fault.CodeOf(err) != fault.Unauthenticated {
		return
	}
	members, of, err := s.cfg.Sites.Named(ctx, in.Email, in.Site)
	if err != nil {
		s.log.ErrorContext(ctx, "audit", "error", err, "request_id", requestID(ctx))
		return
	}
	for _, m := range members {
		s.note(ctx, actorOf(m), audit.SignInFailed, false)
	}
	if len(members) == 0 && of != uuid.Nil {
		s.note(ctx, site.Actor{Kind: site.KindStaff, SiteID: of}, audit.SignInFailed, false)
	}
}

// signOut answers DELETE /v1/staff/session.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	a, signedIn, _ := s.staffActor(r.Context()) // one that has ended signs out too
	if err := s.sessions.Destroy(r.Context()); err != nil {
		s.fail(w, r, fault.Wrap(err, "destroy session"))
		return
	}
	if signedIn {
		s.note(r.Context(), a, audit.SignOut, true)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) staffRoutes(mux *http.ServeMux) {
	// Guessing is slowed by address; the password hash slows it further.
	limited := httprate.LimitBy(20, time.Minute, func(r *http.Request) (string, error) { return clientOf(r.Context()), nil },
		httprate.WithLimitHandler(func(w http.ResponseWriter, r *http.Request) {
			s.fail(w, r, fault.New(fault.RateLimited, "too many tries from this address; wait a minute"))
		}))
	mux.Handle("POST /v1/staff/session", limited(s.withSessions(http.HandlerFunc(s.signIn))))
	mux.Handle("DELETE /v1/staff/session", s.withSessions(http.HandlerFunc(s.signOut)))
	mux.Handle("POST /v1/staff/invitation", limited(s.withSessions(http.HandlerFunc(s.accept))))
	s.secondStepRoutes(mux)
}
