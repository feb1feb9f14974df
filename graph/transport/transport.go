// Package transport carries GraphQL operations over three protocols: GraphQL over HTTP (GET and
// POST), graphql-transport-ws over coder/websocket, and graphql-sse in its distinct connections
// mode. Each type is a graphql.Transport for gqlgen's handler; register WebSocket, then SSE, then
// HTTP, because HTTP answers whatever the others do not take.
//
// The package knows nothing of the domain: who is calling, which origins may call, when a
// credential ends and which subscriptions may share one execution are function fields.
//
// Ordering: the results of one operation arrive in the order they were produced. Results of
// different operations on one socket interleave. Failure: a request that cannot be read is
// answered with a GraphQL error whose extensions carry a code of package fault; a peer that
// breaks graphql-transport-ws is closed with the protocol's close code; a reader that stops is
// dropped after WriteTimeout and never holds up another.
package transport

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// Media types of the three ways to answer over plain HTTP.
const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
	mediaEvents  = "text/event-stream"
)

// defaultMaxBody is the most a request or a socket message may weigh, in bytes: the largest
// document that package limit lets through and as much again for its variables.
const defaultMaxBody = 128 << 10

// Watch tells a transport when the credential of a stream ends. It takes the stream's context and
// a function to call, once, from any goroutine, when the credential has ended; it gives a function
// that releases the watch, which is called when the stream ends first. A callback rather than a
// channel, so that ten thousand idle sockets do not need ten thousand goroutines to wait.
type Watch func(ctx context.Context, ended func()) (stop func())

// negotiate gives the media type to answer with: the one of the offers that the Accept header
// weighs most, the first named among equals. A missing header and a wildcard mean
// application/json, as GraphQL over HTTP asks of servers during its watershed. It gives "" when
// nothing on offer is acceptable.
func negotiate(r *http.Request, offers ...string) string {
	header := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(header) == "" {
		return mediaJSON
	}
	best, weight := "", 0.0
	for part := range strings.SplitSeq(header, ",") {
		media, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if s, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(s, 64); err != nil {
				continue
			}
		}
		if media == "*/*" || media == "application/*" {
			media = mediaJSON
		}
		for _, offer := range offers {
			if media == offer && q > weight {
				best, weight = offer, q
			}
		}
	}
	return best
}

// wantsSocket tells whether the request asks for an upgrade to WebSocket. Other upgrades (h2c) are
// offers that a server may ignore.
func wantsSocket(r *http.Request) bool {
	return strings.EqualFold(strings.TrimSpace(r.Header.Get("Upgrade")), "websocket")
}

// wantsEvents tells whether an event stream is what the client likes best. Clients such as urql
// name it last on every request without wanting it for a plain query.
func wantsEvents(r *http.Request) bool {
	return negotiate(r, mediaGraphQL, mediaJSON, mediaEvents) == mediaEvents
}

// orDefault gives v, or d when v is the zero value.
func orDefault[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}
