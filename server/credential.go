package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// authenticate finds who calls and puts the actor into the context. What a request names wins over
// what the browser adds by itself: Authorization, then Carnet-Site, then the staff cookie. Without
// any the actor has no rights.
func (s *Server) authenticate(next http.Handler) http.Handler {
	return s.withSessions(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := account.WithClient(r.Context(), s.endUser.clientOf(w, r))
		r = r.WithContext(ctx)
		a, err := s.actor(w, r)
		if err == nil {
			err = s.endUser.onlyOf(ctx, a)
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(site.WithActor(ctx, a)))
	}))
}

func (s *Server) actor(w http.ResponseWriter, r *http.Request) (site.Actor, error) {
	ctx := r.Context()
	authorization := r.Header.Get("Authorization")
	scheme, token, _ := strings.Cut(authorization, " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		return s.cfg.Sites.KeyActor(ctx, strings.TrimSpace(token))
	case strings.EqualFold(scheme, "DPoP"):
		return s.endUser.Actor(w, r)
	case strings.EqualFold(scheme, "Ticket") && strings.Contains(r.Header.Get("Accept"), "text/event-stream"): // opens nothing else
		return s.cfg.Accounts.ByTicket(ctx, token, s.foreignOrigin(r))
	case authorization != "":
		return site.Actor{}, fault.New(fault.Unauthenticated, "use Authorization: Bearer with an API key, DPoP with an access token or, for a stream of events, Ticket")
	case r.Header.Get("Carnet-Site") != "":
		return s.cfg.Sites.Visitor(ctx, r.Header.Get("Carnet-Site"), s.foreignOrigin(r))
	}
	if _, visitors := loginDomainOf(ctx); visitors || s.foreignOrigin(r) != "" {
		return site.Actor{}, nil // another site's page: our cookie is not for it
	}
	a, ok, err := s.staffActor(ctx)
	if err != nil {
		return site.Actor{}, err
	}
	if ok {
		if err := s.crossOrigin.Check(r); err != nil {
			return site.Actor{}, fault.New(fault.Forbidden, "this request comes from another site's page")
		}
		// The admin says which language it is in, and every browser its reader's.
		if r.Header.Get("Accept-Language") != "" {
			a.Language = pageLanguage(r)
		}
	}
	return a, nil
}

// foreignOrigin gives the request's origin when it is not our own, else nothing.
func (s *Server) foreignOrigin(r *http.Request) string {
	return s.endUser.origin(r)
}

// checkOrigin lets sockets be opened from our own pages and from any registered origin; what they
// may do there depends on what they present in connection_init.
func (s *Server) checkOrigin(r *http.Request) bool {
	origin := s.foreignOrigin(r)
	if origin == "" {
		return true
	}
	if of, is := loginDomainOf(r.Context()); is {
		on, err := s.cfg.Sites.OnLoginDomain(r.Context(), of, origin)
		return err == nil && on
	}
	known, err := s.cfg.Sites.OriginKnown(r.Context(), origin)
	return err == nil && known
}

// initSocket gives a socket its actor: what connection_init names, else what the handshake brought.
func (s *Server) initSocket(ctx context.Context, header http.Header, payload json.RawMessage) (context.Context, any, error) {
	var in struct {
		Site          string `json:"site"`
		Authorization string `json:"authorization"`
		DPoP          string `json:"dpop"`
	}
	if len(payload) > 0 && json.Unmarshal(payload, &in) != nil {
		return ctx, nil, fault.New(fault.BadInput, "the payload of connection_init is an object with site, or with authorization and, beside a DPoP token, dpop")
	}
	a := site.ActorOf(ctx)
	var err error
	if key, ok := strings.CutPrefix(in.Authorization, "Bearer "); ok {
		a, err = s.cfg.Sites.KeyActor(ctx, key)
	} else if token, ok := strings.CutPrefix(in.Authorization, "DPoP "); ok {
		a, err = s.tokenActor(ctx, token, in.DPoP, header.Get("Origin"))
	} else if in.Site != "" {
		origin := header.Get("Origin")
		if origin == s.endUser.address(ctx) {
			origin = ""
		}
		a, err = s.cfg.Sites.Visitor(ctx, in.Site, origin)
	}
	if err == nil {
		err = s.endUser.onlyOf(ctx, a)
	}
	if err != nil {
		return ctx, nil, err
	}
	if a.Access == site.AccessNone {
		return ctx, nil, fault.New(fault.Unauthenticated, "sign in, or name a site or a key in connection_init")
	}
	a.Site = nil // the connection outlives it
	return site.WithActor(ctx, a), nil, nil
}

// tokenActor gives the actor of an access token that connection_init brings with its proof, which is made
// for GET of the endpoint: browsers let no header travel with a socket. The socket then lives as long as
// the session, not only as the token.
func (s *Server) tokenActor(ctx context.Context, token, proof, origin string) (site.Actor, error) {
	if origin == s.endUser.address(ctx) {
		origin = ""
	}
	jkt, err := s.cfg.Accounts.CheckProof(ctx, account.Proof{Header: []string{proof}, Method: http.MethodGet, URL: s.endUser.address(ctx) + "/graphql", Access: token})
	if err != nil {
		return site.Actor{}, err
	}
	a, err := s.cfg.Accounts.Authenticate(ctx, token, jkt, origin)
	if err != nil {
		return site.Actor{}, err
	}
	return s.cfg.Accounts.BySession(ctx, a)
}

// Recheck gives an actor as its credential stands now, whatever its kind.
func Recheck(d *db.DB, sites *site.Service, accounts *account.Service) func(ctx context.Context, a site.Actor) (site.Actor, error) {
	return func(ctx context.Context, a site.Actor) (site.Actor, error) {
		if a.SessionID != uuid.Nil { // of tokens
			return accounts.Recheck(ctx, a)
		}
		now, err := sites.Recheck(ctx, a)
		if err != nil || a.Login == "" {
			return now, err
		}
		now.Login, now.SecondAt, now.ExpiresAt = a.Login, a.SecondAt, a.ExpiresAt
		open, err := sessionStore{db: d}.open(ctx, a.Login)
		if err == nil && !open {
			err = fault.New(fault.Unauthenticated, "this session has ended; sign in again")
		}
		return now, err
	}
}
