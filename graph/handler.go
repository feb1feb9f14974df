package graph

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"carnet/graph/limit"
	"carnet/graph/transport"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// HandlerConfig is what the HTTP face decides.
type HandlerConfig struct {
	// CheckOrigin says whether a socket may be opened from the request's origin.
	CheckOrigin func(*http.Request) bool
	// Init gives the context of a socket by its handshake and the payload of connection_init.
	Init func(ctx context.Context, header http.Header, payload json.RawMessage) (context.Context, any, error)
	// RequestID gives the id that the log and errors share.
	RequestID RequestID
	Log       *slog.Logger
}

// Handler answers GraphQL over HTTP, graphql-transport-ws and SSE.
type Handler struct {
	*handler.Server
	ws  *transport.WebSocket
	sse *transport.SSE
}

// queryCacheSize is how many parsed documents are kept: clients send few distinct ones.
const queryCacheSize = 1000

// Executable gives the schema, its resolvers and the plans of its hot queries.
func Executable(r *Resolver) graphql.ExecutableSchema {
	return r.withPlans(NewExecutableSchema(Config{Resolvers: r, Directives: DirectiveRoot{Auth: auth}}))
}

// NewHandler makes the handler of the schema.
func NewHandler(r *Resolver, cfg HandlerConfig) *Handler {
	groups := &transport.Groups{ShareKey: r.shareKey}
	h := &Handler{
		Server: handler.New(priced{Executable(r)}),
		ws:     &transport.WebSocket{CheckOrigin: cfg.CheckOrigin, Init: cfg.Init, Watch: r.Changes.Watch, Groups: groups},
		sse:    &transport.SSE{Watch: r.Changes.Watch, Groups: groups},
	}
	h.AddTransport(h.ws)
	h.AddTransport(h.sse)
	h.AddTransport(transport.HTTP{})
	h.SetQueryCache(lru.New[*ast.QueryDocument](queryCacheSize))
	h.Use(limit.Guard{})
	h.Use(&limit.Limits{})
	h.Use(extension.Introspection{})
	h.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		return r.withCache(ctx, next)
	})
	h.AroundOperations(onlyListening(present(cfg.Log, cfg.RequestID)))
	h.AroundOperations(logMended(cfg.Log, cfg.RequestID))
	h.AroundRootFields(audited(r.Audit, cfg.Log))
	h.SetErrorPresenter(present(cfg.Log, cfg.RequestID))
	h.SetRecoverFunc(recovered(cfg.Log, cfg.RequestID))
	h.SetDisableSuggestion(true) // suggesting names costs 10 ms for a document of misspelt fields
	return h
}

// onlyListening refuses whoever came by a ticket all but subscriptions: a ticket is seen by more than the session's key is.
func onlyListening(present graphql.ErrorPresenterFunc) graphql.OperationMiddleware {
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		if site.ActorOf(ctx).Listening && graphql.GetOperationContext(ctx).Operation.Operation != ast.Subscription {
			refused := present(ctx, fault.New(fault.Forbidden, "a ticket opens subscriptions only; use the session's token"))
			return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{refused}})
		}
		return next(ctx)
	}
}

// Open gives the number of open sockets and event streams.
func (h *Handler) Open() (sockets, streams int) { return h.ws.Open(), h.sse.Open() }

// Shutdown closes every socket (1001) and stream and waits for them, until ctx ends. Call it before
// http.Server.Shutdown, which does not know of sockets.
func (h *Handler) Shutdown(ctx context.Context) error {
	return errors.Join(h.ws.Shutdown(ctx), h.sse.Shutdown(ctx))
}
