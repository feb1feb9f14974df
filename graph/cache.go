package graph

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"carnet/internal/contact"
	"carnet/internal/field"
	"carnet/internal/site"
)

// responseCache keeps what many resolvers of one response need once: each event of a subscription
// has its own.
type responseCache struct {
	fields      func() ([]*field.Definition, error)
	site        func() (site.Site, error)
	purposes    func() (map[uuid.UUID]*contact.ConsentPurpose, error)
	labelCounts func() (map[uuid.UUID]int, error)
	options     func() (map[uuid.UUID]*contact.Option, error)
	loaders     sync.Map // of gather, by what they read
	found       sync.Map // whom a search finds, by its text: a page counts its views under the same one
}

type cacheKey struct{}

// withCache gives every response a cache of its own.
func (r *Resolver) withCache(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if oc := graphql.GetOperationContext(ctx); oc.Operation != nil && oc.Operation.Operation != ast.Query {
		a := site.ActorOf(ctx)
		a.Site = nil // a subscription outlives it, a mutation may change it
		ctx = site.WithActor(ctx, a)
	}
	var ctxWith context.Context
	c := &responseCache{
		fields: sync.OnceValues(func() ([]*field.Definition, error) { return r.Fields.List(ctxWith, true) }),
		purposes: sync.OnceValues(func() (map[uuid.UUID]*contact.ConsentPurpose, error) {
			rows, err := r.Contacts.Purposes(ctxWith, true)
			by := make(map[uuid.UUID]*contact.ConsentPurpose, len(rows))
			for _, p := range rows {
				by[p.ID] = p
			}
			return by, err
		}),
		site:        sync.OnceValues(func() (site.Site, error) { return r.Sites.Current(ctxWith) }),
		labelCounts: sync.OnceValues(func() (map[uuid.UUID]int, error) { return r.Contacts.LabelCounts(ctxWith) }),
		options: sync.OnceValues(func() (map[uuid.UUID]*contact.Option, error) {
			all, err := r.Contacts.Options(ctxWith, "", true)
			by := make(map[uuid.UUID]*contact.Option, len(all))
			for _, o := range all {
				by[o.ID] = o
			}
			return by, err
		}),
	}
	ctxWith = context.WithValue(ctx, cacheKey{}, c)
	return next(ctxWith)
}

func cached(ctx context.Context) *responseCache {
	c, _ := ctx.Value(cacheKey{}).(*responseCache)
	return c
}

// searchedOnce has a counter ask once in a response whom a search finds.
func (c *responseCache) searchedOnce(text string, count contact.Counter) contact.Counter {
	return func(ctx context.Context, among contact.Among, found func(context.Context) ([]uuid.UUID, error), bySQL func(context.Context) (int, error)) (int, error) {
		if found != nil && c != nil {
			read := found
			kept, _ := c.found.LoadOrStore(text, sync.OnceValues(func() ([]uuid.UUID, error) { return read(ctx) }))
			if once, is := kept.(func() ([]uuid.UUID, error)); is {
				found = func(context.Context) ([]uuid.UUID, error) { return once() }
			}
		}
		return count(ctx, among, found, bySQL)
	}
}
