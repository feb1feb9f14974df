package segment

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A row that moves from one contact to another, or from one segment to another, is told of both, by the index and where SQL alone
// knows a rule.
func TestRowsThatMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // what is never told fails
	defer cancel()
	b := w.newBook(t, ctx, 3)
	from, to := b.contacts[0], b.contacts[1]
	bySQL := Rule{Not: &Rule{Email: ptr("nobody@x.example")}}
	b.exec(t, "INSERT INTO account (site_id, id, subject, email, email_key, contact_id) VALUES ($1, gen_random_uuid(), 's', 'a@x.example', 'a@x.example', $2)", b.site.ID, from)
	b.exec(t, "INSERT INTO segment_member (site_id, segment_id, contact_id, excluded) VALUES ($1, $2, $3, false)", b.site.ID, b.segments[1], from)
	stored := uuid.Must(uuid.NewV7()) // of nobody but those by hand, and of SQL
	b.exec(t, "INSERT INTO segment (site_id, id, name, name_key, rule) VALUES ($1, $2, 'x', 'x', $3)", b.site.ID, stored, string(Rule{Email: ptr("nobody@x.example")}.JSON()))
	subscribe := func(sub *Subscription, err error) *Subscription {
		require.NoError(t, err)
		t.Cleanup(sub.Close)
		_, err = sub.Next(b.ctx)
		require.NoError(t, err)
		return sub
	}
	indexed := subscribe(w.watcher.Rule(b.ctx, Rule{Account: ptr(true)}))
	alone := subscribe(w.watcher.Rule(b.ctx, Rule{All: &[]Rule{{Account: ptr(true)}, bySQL}}))
	byHand := subscribe(w.watcher.Segment(b.ctx, stored))

	b.exec(t, "UPDATE account SET contact_id = $2 WHERE site_id = $1", b.site.ID, to)
	for _, sub := range []*Subscription{indexed, alone} {
		e, err := sub.Next(b.ctx)
		require.NoError(t, err)
		require.Equal(t, []uuid.UUID{to}, e.Entered)
		require.Equal(t, []uuid.UUID{from}, e.Left)
	}
	b.exec(t, "UPDATE segment_member SET segment_id = $2 WHERE site_id = $1", b.site.ID, stored)
	e, err := byHand.Next(b.ctx)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{from}, e.Entered)
}
