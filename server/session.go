package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/httprate"
	"github.com/google/uuid"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// Staff sessions: alexedwards/scs with a cookie that only our own origin gets, over the table
// http_session. What the session holds is who signed in; whether they still may is asked of package
// site on every request.

const (
	sessionIdle = 12 * time.Hour
	sessionLife = 14 * 24 * time.Hour
)

func newSessions(d *db.DB, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store, m.Codec = sessionStore{db: d}, sessionCodec{}
	m.Lifetime, m.IdleTimeout = sessionLife, sessionIdle
	m.Cookie.Name = "carnet"
	if secure {
		m.Cookie.Name = "__Host-carnet"
	}
	m.Cookie.Secure, m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Path = secure, true, http.SameSiteLaxMode, "/"
	return m
}

// sessionStore keeps sessions by the hash of their token.
type sessionStore struct{ db *db.DB }

// loaded is the session of a request as it was read, so that what has not changed is not written again.
type loaded struct {
	hash    []byte // of its token
	data    []byte
	expires time.Time
}

type loadedKey struct{}

// withSessions loads the caller's session and keeps what has changed of it.
func (s *Server) withSessions(next http.Handler) http.Handler {
	inner := s.sessions.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), loadedKey{}, new(loaded))))
	})
}

// as tells whether a session is as it was read, but for an end that is put off by less than a minute.
func (l *loaded) as(data []byte, expires time.Time) bool {
	return bytes.Equal(l.data, data) && expires.Sub(l.expires) <= time.Minute
}

// sessionCodec writes a session as JSON, the same session always as the same bytes.
type sessionCodec struct{}

type sessionData struct {
	Deadline time.Time         `json:"deadline"`
	Values   map[string]string `json:"values"`
}

// Encode writes a session; its values are texts.
func (sessionCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	out := sessionData{deadline, make(map[string]string, len(values))}
	for key, v := range values {
		text, is := v.(string)
		if !is {
			return nil, fmt.Errorf("session value %q is no text", key)
		}
		out.Values[key] = text
	}
	return json.Marshal(out)
}

// Decode reads a session.
func (sessionCodec) Decode(data []byte) (time.Time, map[string]any, error) {
	var in sessionData
	if err := json.Unmarshal(data, &in); err != nil {
		return time.Time{}, nil, fmt.Errorf("read session: %w", err)
	}
	values := make(map[string]any, len(in.Values))
	for key, text := range in.Values {
		values[key] = text
	}
	return in.Deadline, values, nil
}

var _ scs.CtxStore = sessionStore{}

func (s sessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	// Every request of staff asks: prepared, it takes a third of the time.
	var expires time.Time
	err = s.db.Pool.QueryRow(ctx, "SELECT data, expires_at FROM http_session WHERE token_hash = $1 AND expires_at > now()", secret.Hash(token)).Scan(&data, &expires)
	if db.NoRows(err) {
		return nil, false, nil
	}
	if l, ok := ctx.Value(loadedKey{}).(*loaded); ok && err == nil {
		*l = loaded{secret.Hash(token), data, expires}
	}
	return data, err == nil, db.MapError(err, "read session")
}

// CommitCtx keeps a session. It is called after every request, since each puts the end off; an end that was put
// off by less than a minute is not written, so that reading costs no write.
func (s sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	hash := secret.Hash(token)
	l, _ := ctx.Value(loadedKey{}).(*loaded)
	known := l != nil && bytes.Equal(l.hash, hash)
	if known && l.as(data, expiry) {
		return nil
	}
	// A session that was read is not written anew: it may have been ended while the request was under way.
	write := "UPDATE http_session SET data = ?1, expires_at = ?2 WHERE token_hash = ?0"
	if !known {
		write = "INSERT INTO http_session (token_hash, data, expires_at) VALUES (?0, ?1, ?2)"
	}
	_, err := s.db.Bun.NewRaw(write, hash, data, expiry).Exec(ctx)
	return db.MapError(err, "write session")
}

func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.db.Bun.NewRaw("DELETE FROM http_session WHERE token_hash = ? OR expires_at < now()", secret.Hash(token)).Exec(ctx)
	return db.MapError(err, "delete session")
}

// The library's older interface; it calls the methods above instead.

func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s sessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

func (s sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

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
		a.Login = string(l.hash)
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
	s.begin(w, r, member)
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
	s.begin(w, r, member)
}

// begin starts a session under a new token, so that one known before is worth nothing.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, member site.Staff) {
	ctx := r.Context()
	if err := s.sessions.RenewToken(ctx); err != nil {
		s.fail(w, r, fault.Wrap(err, "renew session"))
		return
	}
	s.sessions.Put(ctx, "site", member.SiteID.String())
	s.sessions.Put(ctx, "staff", member.ID.String())
	s.sessions.Put(ctx, "epoch", strconv.Itoa(member.SessionEpoch))
	of, err := s.cfg.Sites.ByID(ctx, member.SiteID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, map[string]any{
		"staff": map[string]any{"id": member.ID, "name": member.Name, "email": member.Email, "role": member.Role},
		"site":  map[string]any{"publicId": of.PublicID, "name": of.Name},
	})
}

// signOut answers DELETE /v1/staff/session.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		s.fail(w, r, fault.Wrap(err, "destroy session"))
		return
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
}
