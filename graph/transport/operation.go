package transport

import (
	"context"
	"errors"
	"strings"

	"carnet/internal/fault"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// sink takes the results of one operation to one client.
type sink interface {
	// next delivers one serialised response. An error means that the client is gone.
	next(payload []byte) error
	// finish ends the operation: with nil as completed, else with the errors that ended it.
	finish(errs gqlerror.List)
	// drop cuts off a client that does not keep up.
	drop(cause error)
}

// prepare parses, validates and limits an operation. The refusal is nil, or a response without
// data that says why the operation does not run.
func prepare(ctx context.Context, exec graphql.GraphExecutor, p *graphql.RawParams) (*graphql.OperationContext, *graphql.Response) {
	rc, errs := exec.CreateOperationContext(ctx, p)
	if len(errs) == 0 && defers(rc) {
		errs = gqlerror.List{graphError(fault.New(fault.BadInput,
			"@defer and @stream are not served here; ask for the slow part in a query of its own"))}
	}
	if len(errs) > 0 {
		return rc, refuse(ctx, exec, rc, errs)
	}
	return rc, nil
}

// refuse gives the response of an operation that does not run, through the error presenter.
func refuse(ctx context.Context, exec graphql.GraphExecutor, rc *graphql.OperationContext, errs gqlerror.List) *graphql.Response {
	if rc != nil {
		ctx = graphql.WithOperationContext(ctx, rc)
	}
	return exec.DispatchError(ctx, withCodes(errs))
}

// defers tells whether the document asks for incremental delivery anywhere. gqlgen would then
// answer in parts, of which these protocols carry only the first, and the rest would be lost
// without a word.
func defers(rc *graphql.OperationContext) bool {
	if !strings.Contains(rc.RawQuery, "defer") && !strings.Contains(rc.RawQuery, "stream") {
		return false
	}
	var within func(ast.SelectionSet) bool
	asked := func(d ast.DirectiveList) bool { return d.ForName("defer") != nil || d.ForName("stream") != nil }
	within = func(set ast.SelectionSet) bool {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				if asked(s.Directives) || within(s.SelectionSet) {
					return true
				}
			case *ast.InlineFragment:
				if asked(s.Directives) || within(s.SelectionSet) {
					return true
				}
			case *ast.FragmentSpread: // the fragment itself is looked at once, below
				if asked(s.Directives) {
					return true
				}
			}
		}
		return false
	}
	for _, op := range rc.Doc.Operations {
		if within(op.SelectionSet) {
			return true
		}
	}
	for _, f := range rc.Doc.Fragments {
		if within(f.SelectionSet) {
			return true
		}
	}
	return false
}

// serve runs a prepared operation into a sink: to its end in this goroutine, or, when the groups
// say that its execution may be shared, as a member of a group, and then returns at once.
func serve(ctx context.Context, exec graphql.GraphExecutor, rc *graphql.OperationContext, groups *Groups, out sink) {
	defer recovered(ctx, exec, rc, out.finish)
	if groups != nil && rc.Operation.Operation == ast.Subscription {
		if share, ok := groups.ShareKey(ctx, rc); ok {
			groups.join(ctx, share, exec, rc, out)
			return
		}
	}
	next, ctx := exec.DispatchOperation(ctx, rc)
	for resp := next(ctx); resp != nil; resp = next(ctx) {
		if out.next(encode(resp)) != nil {
			return
		}
	}
	out.finish(nil)
}

// recovered turns a panic into the errors that end an operation: most of those goroutines are
// not net/http's, and a panic of one would take the process along. Deferred directly.
func recovered(ctx context.Context, exec graphql.GraphExecutor, rc *graphql.OperationContext, finish func(gqlerror.List)) {
	cause := recover()
	if cause == nil {
		return
	}
	if rc == nil { // it happened before there was one; response middleware relies on it
		rc = &graphql.OperationContext{}
	}
	recoverFunc := graphql.DefaultRecover
	if rc.RecoverFunc != nil {
		recoverFunc = rc.RecoverFunc
	}
	err := recoverFunc(ctx, cause)
	var f *fault.Error
	if !errors.As(err, &f) {
		f = &fault.Error{Code: fault.Internal, Message: "something went wrong on our side", Err: err}
	}
	finish(refuse(ctx, exec, rc, gqlerror.List{graphError(f)}).Errors)
}
