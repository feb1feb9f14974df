package graph

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"carnet/graph/transport"
	"carnet/internal/site"
)

// sharedSubscriptions are those whose events hang on nothing of the subscriber but the rights that shareKey names.
var sharedSubscriptions = map[string]bool{"segmentChanged": true, "segmentPreviewChanged": true}

// shareKey lets all who follow a segment with the same rights, selection and variables share one execution: an event
// is read and serialised once. What the answer may hang on is in the key; the execution itself runs as nobody in
// particular, and each member's own credential is looked at before each event.
func (r *Resolver) shareKey(ctx context.Context, rc *graphql.OperationContext) (transport.Share, bool) {
	a := site.ActorOf(ctx)
	if len(rc.Operation.SelectionSet) != 1 || a.Access < site.AccessViewer {
		return transport.Share{}, false
	}
	f, is := rc.Operation.SelectionSet[0].(*ast.Field)
	if !is || !sharedSubscriptions[f.Name] {
		return transport.Share{}, false
	}
	variables, err := json.Marshal(rc.Variables)
	if err != nil {
		return transport.Share{}, false
	}
	readers, err := json.Marshal(a.Readers)
	if err != nil {
		return transport.Share{}, false
	}
	guard := r.Changes.guard(ctx)
	return transport.Share{
		Key:      fmt.Sprintf("%s %s %d %t %q %s %q %s %s", a.SiteID, a.Kind, a.Access, a.Book, a.Language, readers, rc.OperationName, variables, rc.RawQuery),
		Snapshot: true,
		Context: func(ctx context.Context) context.Context {
			nobody := site.Actor{Kind: a.Kind, Access: a.Access, SiteID: a.SiteID, Language: a.Language, Book: a.Book, Readers: a.Readers, Site: a.Site}
			return context.WithValue(site.WithActor(ctx, nobody), sharedKey{}, true)
		},
		Allows: guard.allows,
	}, true
}

type sharedKey struct{}

// isShared tells whether a context is that of a shared execution, whose members are looked at one by one.
func isShared(ctx context.Context) bool { return ctx.Value(sharedKey{}) != nil }
