package graph_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// queryLog keeps the text of each query.
type queryLog struct {
	mu    sync.Mutex
	texts []string
}

func (l *queryLog) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.texts = append(l.texts, q.SQL)
	return ctx
}

func (*queryLog) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// reads counts the queries that read contacts and name an id.
func (l *queryLog) reads(id string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, text := range l.texts {
		if strings.HasPrefix(text, "SELECT") && strings.Contains(text, `FROM "contact"`) && strings.Contains(text, id) {
			n++
		}
	}
	return n
}

// D-02: an event is read once for all who follow a segment with the same rights, over sockets and streams alike, and
// apart for those who read less: nobody is shown what another may see.
func TestSubscribersShareAnExecution(t *testing.T) {
	t.Parallel()
	queries := &queryLog{}
	p := apptest.StartTraced(t, queries)
	s := p.NewSite(t, "club")
	p.Must(t, s.As(site.Manager), updateSite, vars{"i": vars{"sensitiveAttributes": []vars{{"attribute": "BIRTH_DATE", "readableBy": "MANAGER"}}}}, nil)
	id := newSegment(t, s, vars{"color": "#123456"})
	kari := s.NewPerson(t, "Kari", "Nordmann")
	require.Empty(t, p.Payload(t, s.As(site.Manager), updateContact, vars{"i": vars{"id": kari, "birthDate": "1987-04-30"}}, nil))
	p.Caught(t)

	const follow = `subscription($id: ID!) { segmentChanged(id: $id) { version count entered { id ... on Person { birthDate } } } }`
	type event struct {
		SegmentChanged struct {
			Version string
			Count   int
			Entered []struct {
				ID        string
				BirthDate *string
			}
		}
	}
	var managers, operators []*stream
	for range 4 {
		managers = append(managers, subscribe(t, p, s.As(site.Manager), follow, vars{"id": id}), listen(t, p, s.As(site.Manager), follow, vars{"id": id}))
		operators = append(operators, subscribe(t, p, s.As(site.Operator), follow, vars{"id": id}))
	}
	first := func(list []*stream) {
		for _, st := range list {
			var e event
			st.next(t, &e)
			require.Zero(t, e.SegmentChanged.Count)
		}
	}
	first(managers)
	first(operators)
	before := queries.reads(kari)
	_, err := p.DB.Pool.Exec(t.Context(), "UPDATE contact SET color = '#123456' WHERE id = $1", kari)
	require.NoError(t, err)
	for _, st := range managers {
		var e event
		st.next(t, &e)
		require.Equal(t, 1, e.SegmentChanged.Count)
		require.Equal(t, "1987-04-30", *e.SegmentChanged.Entered[0].BirthDate)
	}
	for _, st := range operators {
		var e event
		st.next(t, &e)
		require.Equal(t, 1, e.SegmentChanged.Count)
		require.Equal(t, kari, e.SegmentChanged.Entered[0].ID)
		require.Nil(t, e.SegmentChanged.Entered[0].BirthDate)
	}
	require.Equal(t, 2, queries.reads(kari)-before, "read once for the managers and once for the operators")
}
