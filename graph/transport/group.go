package transport

import (
	"context"
	"errors"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// errBehind is the end of a stream whose client does not read as fast as its subscription speaks.
var errBehind = errors.New("the client does not keep up with its subscription")

// Groups runs one execution for all subscriptions that may share it: an event is resolved and
// serialised once, and its bytes go to every member. WebSocket and SSE may hold the same Groups.
//
// Each member has a queue of its own, so none waits for another. Policy when a queue is full: the
// member's connection is closed without a farewell (it would not be read), and the client
// connects and subscribes anew, which tells it where things stand.
type Groups struct {
	// ShareKey says whether a subscription may share an execution, and which. It is asked per
	// operation, after limits and before any resolver: a member that joins a running execution
	// passes no resolver and no directive of its own, so Share.Key must hold everything that the
	// member's rights depend on. A missing part is a data leak: opt in field by field.
	ShareKey func(ctx context.Context, rc *graphql.OperationContext) (Share, bool)
	// Queue is how many results a member may lag behind; 0 means 64.
	Queue int

	mu sync.Mutex
	m  map[string]*group
}

// Share names an execution.
type Share struct {
	// Key is equal for operations that must give equal results: site, rights, selection,
	// variables.
	Key string
	// Snapshot says that the subscription's first result states where things stand. A member that
	// joins later then gets a first result of its own, resolved with its own context, before the
	// group's results. It has joined before that snapshot is read, so nothing falls between. A result
	// that the snapshot already holds is left out when the source tells their places (Mark).
	Snapshot bool
	// Context, if any, gives the context of the execution from that of the member who starts it, without what is that
	// member's own.
	Context func(context.Context) context.Context
	// Allows, if any, is asked before each result whether this member may still have it. It may take its time; one that may not is told
	// that the operation is complete.
	Allows func(context.Context) bool
}

// group is one execution and its members.
type group struct {
	cancel  context.CancelFunc
	mu      sync.Mutex
	members map[*member]struct{}
}

// member is one subscription in a group.
type member struct {
	out    sink
	ctx    context.Context //nolint:containedctx // of the subscription, which it stands for
	allows func(context.Context) bool
	limit  int
	mu     sync.Mutex
	queue  []result
	after  uint64 // the place of its snapshot
	busy   bool   // somebody is delivering
	gone   bool   // nothing more is delivered
	ending bool   // finish once the queue is empty
	errs   gqlerror.List
}

// result is a serialised result and its place, if any.
type result struct {
	payload []byte
	place   uint64
}

// join adds a subscription to the execution of its key, which it starts when there is none. The
// execution keeps the values of the context that started it (and of no other member) but not its
// end: it runs until its last member leaves or its source completes.
func (g *Groups) join(ctx context.Context, share Share, exec graphql.GraphExecutor, rc *graphql.OperationContext, out sink) {
	m := &member{out: out, ctx: ctx, allows: share.Allows, limit: orDefault(g.Queue, 64)}
	g.mu.Lock()
	gr, running := g.m[share.Key]
	if running {
		m.busy = share.Snapshot // the group's results wait for the snapshot
		gr.mu.Lock()
		gr.members[m] = struct{}{}
		gr.mu.Unlock()
	} else {
		groupCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		if share.Context != nil {
			groupCtx = share.Context(groupCtx)
		}
		gr = &group{members: map[*member]struct{}{m: {}}, cancel: cancel}
		if g.m == nil {
			g.m = map[string]*group{}
		}
		g.m[share.Key] = gr
		go g.run(groupCtx, share.Key, gr, exec, rc)
	}
	g.mu.Unlock()
	context.AfterFunc(ctx, func() { g.leave(share.Key, gr, m) })
	if running && share.Snapshot {
		m.greet(ctx, exec, rc)
	}
}

// leave takes a member out, and ends the execution with its last one.
func (g *Groups) leave(key string, gr *group, m *member) {
	g.mu.Lock()
	defer g.mu.Unlock()
	gr.mu.Lock()
	defer gr.mu.Unlock()
	delete(gr.members, m)
	if len(gr.members) == 0 && g.m[key] == gr {
		delete(g.m, key)
		gr.cancel()
	}
}

// run is the execution's goroutine; it ends with its source or its last member.
func (g *Groups) run(ctx context.Context, key string, gr *group, exec graphql.GraphExecutor, rc *graphql.OperationContext) {
	defer gr.cancel()
	finish := func(errs gqlerror.List) {
		g.mu.Lock()
		if g.m[key] == gr {
			delete(g.m, key)
		}
		g.mu.Unlock()
		gr.each(func(m *member) { m.finish(errs) })
	}
	defer recovered(ctx, exec, rc, finish)
	ctx, places := marked(ctx)
	next, ctx := exec.DispatchOperation(ctx, rc)
	for resp := next(ctx); resp != nil; resp = next(ctx) {
		one := result{encode(resp), places.take()}
		gr.each(func(m *member) { m.push(one) })
	}
	finish(nil)
}

// each calls f, which does not block, for every member.
func (gr *group) each(f func(*member)) {
	gr.mu.Lock()
	defer gr.mu.Unlock()
	for m := range gr.members {
		f(m)
	}
}

// greet delivers a first result of the member's own, then lets the group's results through.
func (m *member) greet(ctx context.Context, exec graphql.GraphExecutor, rc *graphql.OperationContext) {
	own, cancel := context.WithCancel(ctx)
	defer cancel() // ends the private source once it has spoken
	own, places := marked(own)
	next, own := exec.DispatchOperation(own, rc)
	resp := next(own)
	if resp != nil {
		if m.out.next(encode(resp)) != nil {
			m.abandon()
			return
		}
		if len(resp.Data) == 0 { // refused: it has no place in the group
			m.abandon()
			m.out.finish(nil)
			return
		}
		m.after = places.take()
	}
	m.drain()
}

// push queues a result and sees that somebody delivers it. It does not block.
func (m *member) push(one result) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ending || m.gone {
		return
	}
	m.queue = append(m.queue, one)
	switch {
	case len(m.queue) > m.limit:
		m.queue, m.gone = nil, true
		go m.out.drop(errBehind)
	case !m.busy:
		m.busy = true
		go m.drain()
	}
}

// finish ends the member once its queue is delivered. It does not block.
func (m *member) finish(errs gqlerror.List) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ending || m.gone {
		return
	}
	m.ending, m.errs = true, errs
	if !m.busy {
		m.busy = true
		go m.drain()
	}
}

// drain delivers until the queue is empty: a member with nothing to say costs no goroutine. Only
// one drain of a member runs at a time, which keeps the order.
func (m *member) drain() {
	for {
		m.mu.Lock()
		if len(m.queue) == 0 {
			ending, errs := m.ending && !m.gone, m.errs
			m.busy, m.queue = false, nil
			m.mu.Unlock()
			if ending {
				m.out.finish(errs)
			}
			return
		}
		one := m.queue[0]
		m.queue = m.queue[1:]
		m.mu.Unlock()
		if one.place != 0 && one.place <= m.after {
			continue
		}
		if m.allows != nil && !m.allows(m.ctx) {
			m.abandon()
			m.out.finish(nil)
			return
		}
		if m.out.next(one.payload) != nil {
			m.abandon()
			return
		}
	}
}

// abandon stops delivery to a client that is gone, until the group has let go of the member.
func (m *member) abandon() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queue, m.gone = nil, true
}
