package transport

import (
	"net/http"
	"strconv"

	"carnet/internal/fault"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// HTTP answers single queries and mutations by the GraphQL-over-HTTP specification.
//
// In application/graphql-response+json an operation that was refused has a 4xx status; in
// application/json it has 200 when the request itself was well formed, because that is how such
// clients tell a GraphQL answer from a proxy's.
type HTTP struct {
	MaxBody int64 // bytes of a POST body; 0 means 128 KiB
}

var _ graphql.Transport = HTTP{}

// Supports takes every request but upgrades to WebSocket: a method it does not serve gets a 405
// that says so. Register it last.
func (t HTTP) Supports(r *http.Request) bool { return !wantsSocket(r) }

// Do answers one request.
func (t HTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	media := negotiate(r, mediaGraphQL, mediaJSON)
	if media == "" {
		fail(w, mediaJSON, &problem{
			status: http.StatusNotAcceptable,
			err:    fault.New(fault.BadInput, "the answer is %s or %s: accept one of them", mediaGraphQL, mediaJSON),
		})
		return
	}
	params, prob := readParams(w, r, orDefault(t.MaxBody, defaultMaxBody))
	if prob != nil {
		fail(w, media, prob)
		return
	}
	ctx := r.Context()
	rc, refusal := prepare(ctx, exec, params)
	if refusal != nil {
		reply(w, media, refusal)
		return
	}
	if prob := unfit(r, rc); prob != nil {
		fail(w, media, prob)
		return
	}
	defer recovered(ctx, exec, rc, func(errs gqlerror.List) {
		write(w, media, http.StatusInternalServerError, &graphql.Response{Errors: errs})
	})
	next, ctx := exec.DispatchOperation(ctx, rc)
	if resp := next(ctx); resp != nil { // nil: the client has gone
		reply(w, media, resp)
	}
}

// unfit names operations that a plain request cannot carry.
func unfit(r *http.Request, rc *graphql.OperationContext) *problem {
	switch kind := rc.Operation.Operation; {
	case kind == ast.Subscription:
		return badRequest("a subscription needs a stream: connect with graphql-transport-ws, or send Accept: text/event-stream")
	case kind == ast.Mutation && r.Method == http.MethodGet:
		return mutationByGet
	}
	return nil
}

var mutationByGet = &problem{
	status: http.StatusMethodNotAllowed, allow: http.MethodPost,
	err: fault.New(fault.BadInput, "a mutation changes something: send it by POST"),
}

// fail answers a request that did not become an operation.
func fail(w http.ResponseWriter, media string, p *problem) {
	if p.allow != "" {
		w.Header().Set("Allow", p.allow)
	}
	write(w, media, p.status, &graphql.Response{Errors: gqlerror.List{graphError(p.err)}})
}

// reply answers an operation.
func reply(w http.ResponseWriter, media string, resp *graphql.Response) {
	code := http.StatusOK
	if media == mediaGraphQL {
		code = status(resp)
	}
	write(w, media, code, resp)
}

func write(w http.ResponseWriter, media string, code int, resp *graphql.Response) {
	head, tail := envelope(resp)
	size := len(head) + len(tail)
	if tail != nil {
		size += len(resp.Data)
	}
	h := w.Header()
	h.Set("Content-Type", media+"; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(size))
	h.Add("Vary", "Accept")
	w.WriteHeader(code)
	// An error of these writes means that the client has gone: there is nobody to tell.
	_, _ = w.Write(head)
	if tail != nil {
		_, _ = w.Write(append(resp.Data, tail...)) // in one: a byte of its own would be a packet of its own
	}
}
