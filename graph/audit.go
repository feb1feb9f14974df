package graph

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"carnet/graph/model"
	"carnet/internal/audit"
	"carnet/internal/db"
	"carnet/internal/site"
)

// auditKey is the context's key of whether a mutation was refused by its payload.
type auditKey struct{}

// audited has each mutation of staff and programs logged: by the transaction that does it, else right after. Who calls, the mutation's name and the ids
// among its arguments are told, and no values.
func audited(log *audit.Service, out *slog.Logger) graphql.RootFieldMiddleware {
	return func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		operation, a := graphql.GetOperationContext(ctx), site.ActorOf(ctx)
		if operation.Operation.Operation != ast.Mutation || !audit.Audited(a) {
			return next(ctx)
		}
		field := graphql.GetRootFieldContext(ctx)
		targets := idsOf(nil, "", field.Field.ArgumentMap(operation.Variables))
		beside, mended := log.Beside(a, field.Field.Name, targets), false
		answer := next(db.WithBeside(context.WithValue(ctx, auditKey{}, &mended), beside))
		refused := mended || slices.ContainsFunc(graphql.GetErrors(ctx), func(e *gqlerror.Error) bool { return len(e.Path) > 0 && e.Path.String() == field.Field.Alias })
		if beside.Written() && !refused {
			return answer
		}
		if err := log.Note(ctx, a, field.Field.Name, !refused, append(targets, beside.About()...)...); err != nil {
			out.ErrorContext(ctx, "audit", "error", err)
		}
		return answer
	}
}

// mostTargets bounds what one entry names.
const mostTargets = 100

// idsOf adds the ids that stand in arguments; keys of idempotency look like some.
func idsOf(out []uuid.UUID, name string, v any) []uuid.UUID {
	switch v := v.(type) {
	case string:
		if id, err := uuid.Parse(v); err == nil && len(v) == 36 && len(out) < mostTargets && !strings.HasSuffix(name, "Key") && !slices.Contains(out, id) {
			return append(out, id)
		}
	case []any:
		for _, one := range v {
			out = idsOf(out, name, one)
		}
	case map[string]any:
		for key, one := range v {
			out = idsOf(out, key, one)
		}
	}
	return out
}

func (r *queryResolver) AuditLog(ctx context.Context, filter *model.AuditFilter, first *int, after *string) (model.AuditEntryConnection, error) {
	var f audit.Filter
	if filter != nil {
		f = audit.Filter{Actor: filter.ActorID.Value(), Action: text(filter.Action.Value()), Target: filter.TargetID.Value(), Done: filter.Done.Value(), From: filter.From.Value(), Until: filter.Until.Value()}
	}
	page, err := r.Audit.List(ctx, f, size(first), text(after))
	return model.AuditEntryConnection(connect[model.AuditEntryEdge](page.Rows, page.More, after, func(e *audit.Entry) string { return e.ID.String() })), err
}

func (r *auditEntryResolver) ActorKind(_ context.Context, obj *audit.Entry) (*model.ViewerKind, error) {
	return viewerKind(obj.ActorKind), nil
}
