package transport

import (
	"context"
	"encoding/json"
	"strings"

	"carnet/internal/fault"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// message is what a client sends.
type message struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// parseMessage reads a client's message; the reason is not empty when the protocol does not know
// such a message.
func parseMessage(data []byte) (m message, reason string) {
	if json.Unmarshal(data, &m) != nil {
		return m, "not a JSON object with a type"
	}
	if string(m.Payload) == "null" {
		m.Payload = nil
	}
	if len(m.Payload) > 0 && m.Payload[0] != '{' {
		return m, "the payload must be an object"
	}
	switch m.Type {
	case "connection_init", "ping", "pong":
	case "subscribe", "complete":
		if m.ID == "" {
			return m, m.Type + " needs an id"
		}
		if m.Type == "subscribe" && m.Payload == nil {
			return m, "subscribe needs a payload"
		}
	default:
		return m, "unknown type"
	}
	return m, ""
}

// frame writes a server's message; the payload, when there is one, is JSON already.
func frame(id, kind string, payload []byte) []byte {
	b := make([]byte, 0, len(id)+len(kind)+len(payload)+36)
	b = append(b, '{')
	if id != "" {
		b = append(append(append(b, `"id":`...), marshal(id)...), ',')
	}
	b = append(append(append(b, `"type":"`...), kind...), '"')
	if len(payload) > 0 {
		b = append(append(b, `,"payload":`...), payload...)
	}
	return append(b, '}')
}

// shorten keeps a close reason within the 123 bytes that a close frame has for it (RFC 6455,
// section 5.5): a longer one would not be sent at all.
func shorten(reason string) string {
	const most = 123
	if len(reason) <= most {
		return reason
	}
	return strings.ToValidUTF8(reason[:most-len("…")], "") + "…"
}

// operation is the sink of one subscribe message.
type operation struct {
	s    *session
	id   string
	ctx  context.Context // ends when the client completes the operation or the connection ends
	stop context.CancelFunc
}

var _ sink = (*operation)(nil)

// run is the operation's goroutine.
func (o *operation) run(params *graphql.RawParams) {
	ctx := graphql.StartOperationTrace(o.ctx)
	now := graphql.Now()
	params.ReadTime = graphql.TraceTiming{Start: now, End: now}
	defer recovered(ctx, o.s.exec, nil, o.finish)
	rc, refusal := prepare(ctx, o.s.exec, params)
	if refusal != nil {
		o.finish(refusal.Errors)
		return
	}
	serve(ctx, o.s.exec, rc, o.s.t.Groups, o)
}

// next sends a result, unless the client has completed the operation: its id may be another's now.
func (o *operation) next(payload []byte) error {
	b := frame(o.id, "next", payload)
	o.s.writing.Lock()
	defer o.s.writing.Unlock()
	if err := o.ctx.Err(); err != nil {
		return err
	}
	return o.s.writeLocked(b)
}

// finish ends the operation, unless the client has done so. The id is given up before the message
// leaves, for the client may use it again as soon as that arrives.
func (o *operation) finish(errs gqlerror.List) {
	o.s.mu.Lock()
	over := o.ctx.Err() != nil
	if !over {
		delete(o.s.operations, o.id)
		o.stop()
	}
	o.s.mu.Unlock()
	if over {
		return
	}
	if len(errs) > 0 {
		_ = o.s.write(frame(o.id, "error", marshal(errs)))
		return
	}
	_ = o.s.write(frame(o.id, "complete", nil))
}

// refuse answers a subscribe that was not taken in.
func (o *operation) refuse(f *fault.Error) error {
	return o.s.write(frame(o.id, "error", marshal(gqlerror.List{graphError(f)})))
}

// drop cuts off the whole connection: its socket is what is full.
func (o *operation) drop(cause error) { o.s.drop(cause) }
