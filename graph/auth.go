package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"carnet/internal/site"
)

// Recheck gives an actor as its credential stands now; an error when it has ended. Long-lived
// operations call it before every event.
type Recheck func(ctx context.Context, a site.Actor) (site.Actor, error)

// auth is the @auth directive. The domain asks again: this is the API's promise, not its only guard.
func auth(ctx context.Context, _ any, next graphql.Resolver, requires site.Access) (any, error) {
	if _, err := site.Require(ctx, requires); err != nil {
		return nil, err
	}
	return next(ctx)
}
