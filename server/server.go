// Package server is the HTTP face: the routes, who is calling, staff sessions, end users' endpoints,
// GraphQL, the admin's and widgets' files, health and metrics. It holds no rules of the domain.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"carnet/admin"
	"carnet/graph"
	"carnet/internal/account"
	"carnet/internal/audit"
	"carnet/internal/campaign"
	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/field"
	"carnet/internal/live"
	"carnet/internal/privacy"
	"carnet/internal/sale"
	"carnet/internal/segment"
	"carnet/internal/site"
	"carnet/internal/sms"
	"carnet/internal/webhook"
)

// Config is what the server answers from.
type Config struct {
	DB             *db.DB
	Feed           *live.Feed
	Watcher        *segment.Watcher
	Indexes        *segment.Indexes
	Sites          *site.Service
	Accounts       *account.Service
	Fields         *field.Service
	Contacts       *contact.Service
	Privacy        *privacy.Service
	Audit          *audit.Service
	Sales          *sale.Service
	Campaigns      *campaign.Service
	Texts          *sms.Service
	Webhooks       *webhook.Service
	Resolver       *graph.Resolver
	PublicURL      string // as browsers know it, without a trailing slash
	TrustedProxies []netip.Prefix
	Pending        func(ctx context.Context) (int, error) // migrations not yet run
	Log            *slog.Logger
}

// Server answers HTTP.
type Server struct {
	answerer
	cfg         Config
	sessions    *scs.SessionManager
	crossOrigin *http.CrossOriginProtection
	endUser     *EndUser
	graphql     *graph.Handler
	metrics     *metrics
	handler     http.Handler
}

// New makes the server. An error says what is wrong with the widgets' list.
func New(cfg Config) (*Server, error) {
	cfg.PublicURL = strings.TrimRight(cfg.PublicURL, "/")
	secure := strings.HasPrefix(cfg.PublicURL, "https://")
	s := &Server{
		answerer: answerer{cfg.Log}, cfg: cfg, sessions: newSessions(cfg.DB, secure), crossOrigin: http.NewCrossOriginProtection(),
	}
	s.sessions.ErrorFunc = s.fail
	if err := s.crossOrigin.AddTrustedOrigin(cfg.PublicURL); err != nil {
		return nil, err
	}
	s.endUser = NewEndUser(cfg.Accounts, cfg.Sites, cfg.PublicURL, cfg.Log)
	s.graphql = graph.NewHandler(cfg.Resolver, graph.HandlerConfig{CheckOrigin: s.checkOrigin, Init: s.initSocket, RequestID: requestID, Log: cfg.Log})
	s.metrics = newMetrics(s)
	mux, err := s.routes()
	if err != nil {
		return nil, err
	}
	s.handler = s.identify(s.observe(s.endUser.LoginDomains(mux)))
	return s, nil
}

func (s *Server) routes() (*http.ServeMux, error) {
	mux := http.NewServeMux()
	mux.Handle("/graphql", s.cors(s.authenticate(s.readDeadline(s.graphql))))
	mux.Handle("POST /v1/uploads", s.authenticate(http.HandlerFunc(s.upload)))
	mux.HandleFunc("GET /v1/exports/{token}", s.export)
	mux.Handle("GET /v1/audit.csv", s.authenticate(http.HandlerFunc(s.auditFile)))
	mux.Handle("GET /v1/erasures", s.authenticate(http.HandlerFunc(s.erasuresFile)))
	mux.Handle("GET /v1/contacts/{id}/data", s.authenticate(http.HandlerFunc(s.personData)))
	mux.HandleFunc("GET /v1/calendar/{file}", s.calendar)
	mux.Handle("POST /v1/stripe/{site}", s.readDeadline(http.HandlerFunc(s.stripe)))
	mux.HandleFunc("GET "+account.CalendarPath+"{token}", s.myCalendar)
	mux.Handle("GET /v1/campaigns/{id}/preview", s.authenticate(http.HandlerFunc(s.campaignPreview)))
	mux.Handle("POST /v1/campaigns/preview", s.authenticate(http.HandlerFunc(s.unsavedPreview)))
	for _, method := range []string{http.MethodGet, http.MethodPost} { // gateways report by either
		mux.Handle(method+" "+sms.ReportsPath+"{token}", s.readDeadline(http.HandlerFunc(s.textReport)))
		mux.Handle(method+" "+sms.RepliesPath+"{site}/{token}", s.readDeadline(http.HandlerFunc(s.textReply)))
	}
	mux.Handle("POST "+sms.RepliesPath+"{site}", s.readDeadline(http.HandlerFunc(s.textReply)))
	mux.HandleFunc("GET /v1/unsubscribe/{token}", s.subscription)
	mux.HandleFunc("POST /v1/unsubscribe/{token}", s.unsubscribe)
	mux.HandleFunc("GET /v1/opened/{token}", s.opened)
	mux.HandleFunc("GET /v1/clicked/{token}", s.clicked)
	s.preferenceRoutes(mux)
	mux.Handle("POST /v1/bounces", s.readDeadline(passwordAsKey(s.authenticate(http.HandlerFunc(s.bounces)))))
	for _, method := range []string{http.MethodPost, http.MethodOptions} {
		mux.Handle(method+" /v1/my-data", s.cors(s.authenticate(http.HandlerFunc(s.myData))))
	}
	mux.Handle("GET /v1/imports/{id}/refused", s.authenticate(http.HandlerFunc(s.refused)))
	s.staffRoutes(mux)
	s.authorizeRoutes(mux)
	s.endUser.Routes(mux)
	if err := s.widgetRoutes(mux); err != nil {
		return nil, err
	}
	mux.Handle("/admin/", admin.Handler())
	mux.Handle("GET /{$}", http.RedirectHandler("/admin/", http.StatusFound))
	mux.Handle("GET /graphiql", http.RedirectHandler("/admin/graphiql.html", http.StatusFound))
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.metrics.handler())
	return mux, nil
}

// Handler gives the whole of it.
func (s *Server) Handler() http.Handler { return s.handler }

// readDeadline ends requests whose body does not come. It does not bind sockets and streams: those
// have deadlines of their own.
func (s *Server) readDeadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(30 * time.Second)) // unsupported only in tests without a connection
		}
		next.ServeHTTP(w, r)
	})
}

// Serve answers on a listener until ctx ends, then gives open requests ten seconds.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	return Serve(ctx, l, s.handler, func(ctx context.Context) error { return s.graphql.Shutdown(ctx) })
}

// Serve answers on a listener until ctx ends; before is called first then, for what Shutdown does not know.
func Serve(ctx context.Context, l net.Listener, h http.Handler, before func(context.Context) error) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	patience, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer done()
	var errs []error
	if before != nil {
		errs = append(errs, before(patience))
	}
	return errors.Join(append(errs, srv.Shutdown(patience))...)
}
