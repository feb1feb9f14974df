package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"carnet/graph/model"
	"carnet/internal/fault"
)

// RequestID gives the id that the log and an INTERNAL error share.
type RequestID func(ctx context.Context) string

// mend splits an error of a mutation: what the user can mend goes into the payload and, without the messages,
// which may name people, to the log; anything else is returned, and present logs it.
func mend(ctx context.Context, err error) ([]*model.UserError, error) {
	list, ok := fault.Mendable(err)
	if !ok {
		return []*model.UserError{}, err
	}
	reasons := make([]string, len(list))
	for i, e := range list {
		reasons[i] = strings.TrimSpace(e.Reason + " " + strings.Join(e.Path, "."))
	}
	if mended, ok := ctx.Value(auditKey{}).(*bool); ok {
		*mended = true
	}
	if log, ok := ctx.Value(mendLog{}).(func(context.Context, []string)); ok {
		log(ctx, reasons)
	}
	return userErrors(list), nil
}

func userErrors(list fault.List) []*model.UserError {
	out := make([]*model.UserError, len(list))
	for i, e := range list {
		out[i] = &model.UserError{Code: e.Reason, Message: e.Message, Path: e.Path, Names: e.Names}
		if e.Path == nil {
			out[i].Path = []string{}
		}
		if e.Names == nil {
			out[i].Names = []string{}
		}
	}
	return out
}

// mendLog is the context's key of what mend logs by.
type mendLog struct{}

// logMended gives resolvers the log of what their callers can mend.
func logMended(log *slog.Logger, id RequestID) graphql.OperationMiddleware {
	tell := func(ctx context.Context, reasons []string) {
		log.InfoContext(ctx, "graphql to be mended", "errors", reasons, "path", graphql.GetPath(ctx).String(), "request_id", id(ctx))
	}
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		return next(context.WithValue(ctx, mendLog{}, tell))
	}
}

// present maps every error to the API's: a fault to its code, gqlgen's own refusals to BAD_INPUT,
// the rest to INTERNAL with nothing but the request id; the cause goes to the log, and so does every refusal.
func present(log *slog.Logger, id RequestID) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		var already *gqlerror.Error
		out := graphql.DefaultErrorPresenter(ctx, err)
		var list fault.List
		var one *fault.Error
		switch {
		case errors.As(err, &list) && len(list) > 0:
			one = list[0]
		case errors.As(err, &one):
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
			one = fault.New(fault.Internal, "the request was given up")
		case errors.As(err, &already) && already.Unwrap() == nil:
			if already.Extensions["code"] == nil {
				setCode(out, fault.BadInput)
			}
			log.InfoContext(ctx, "graphql refused", "error", out.Message, "code", out.Extensions["code"], "path", out.Path.String(), "request_id", id(ctx))
			return out
		default:
			one = &fault.Error{Code: fault.Internal, Message: "something went wrong on our side", Err: err}
		}
		out.Message = one.Message
		setCode(out, one.Code)
		if one.Reason != "" {
			out.Extensions["reason"] = one.Reason
		}
		if one.Reason != "" || len(one.Path) > 0 {
			out.Extensions["inputPath"] = one.Path
		}
		if len(one.Names) > 0 {
			out.Extensions["names"] = one.Names
		}
		if one.Code == fault.Internal {
			out.Extensions["requestId"] = id(ctx)
			log.ErrorContext(ctx, "graphql", "error", err, "path", out.Path.String(), "request_id", id(ctx))
		} else {
			log.InfoContext(ctx, "graphql refused", "error", out.Message, "code", one.Code, "path", out.Path.String(), "request_id", id(ctx))
		}
		return out
	}
}

func setCode(e *gqlerror.Error, code fault.Code) {
	if e.Extensions == nil {
		e.Extensions = map[string]any{}
	}
	e.Extensions["code"] = string(code)
}

// recovered turns a panic into an INTERNAL error with its stack in the log.
func recovered(log *slog.Logger, id RequestID) graphql.RecoverFunc {
	return func(ctx context.Context, p any) error {
		log.ErrorContext(ctx, "panic in a resolver", "panic", p, "request_id", id(ctx), "stack", string(debug.Stack()))
		return &fault.Error{Code: fault.Internal, Message: "something went wrong on our side", Err: fmt.Errorf("panic: %v", p)}
	}
}
