package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"carnet/internal/db"
	"carnet/internal/secret"
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

var _ scs.CtxStore = sessionStore{}

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

func (s sessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	hash := secret.Hash(token)
	var expires time.Time
	// Every request of staff asks, so it is prepared.
	err = s.db.Pool.QueryRow(ctx, "SELECT data, expires_at FROM http_session WHERE token_hash = $1 AND expires_at > now()", hash).Scan(&data, &expires)
	if db.NoRows(err) {
		return nil, false, nil
	}
	if l, ok := ctx.Value(loadedKey{}).(*loaded); ok && err == nil {
		*l = loaded{hash, data, expires}
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

// open tells whether a session goes on, by the hash of its token in hex.
func (s sessionStore) open(ctx context.Context, login string) (open bool, err error) {
	err = s.db.Pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM http_session WHERE token_hash = decode($1, 'hex') AND expires_at > now())", login).Scan(&open)
	return open, db.MapError(err, "read session")
}
