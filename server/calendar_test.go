package server_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/sale"
	"carnet/internal/site"
)

// The feed holds what the public may know of: published events in UTC, and those cancelled that had been sold. What people typed
// cannot break out of its line. It is the same until an event changes.
func TestCalendarFeed(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	ctx := s.AsOwner(t.Context())
	starts := time.Now().AddDate(0, 0, 7).UTC().Truncate(time.Hour)
	event := func(ctx context.Context, name string) *sale.Event {
		ends, text := starts.Add(time.Hour), "One, two; three\r\nBEGIN:VEVENT\nSUMMARY:forged"
		e, err := p.Sales.CreateEvent(ctx, sale.EventChange{Name: &name, Description: &text, StartsAt: &starts, EndsAt: &ends})
		require.NoError(t, err)
		return e
	}
	publish := func(ctx context.Context, e *sale.Event) *sale.Event {
		_, err := p.Sales.PublishEvent(ctx, e.ID)
		require.NoError(t, err)
		return e
	}
	faust, sold, unsold := publish(ctx, event(ctx, "Faust")), publish(ctx, event(ctx, "Sold")), publish(ctx, event(ctx, "Unsold"))
	event(ctx, "Draft")
	publish(other.AsOwner(t.Context()), event(other.AsOwner(t.Context()), "Elsewhere"))
	name, price := "Adult", int64(100)
	adult, err := p.Sales.CreateProduct(ctx, sale.KindTicket, &sold.ID, sale.ProductChange{Name: &name, Price: &price})
	require.NoError(t, err)
	_, err = p.Sales.RecordOrder(ctx, sale.RecordOrder{
		IdempotencyKey: "1", Buyer: sale.Party{Person: &sale.Buyer{Email: "kari@example.no", LastName: "N"}}, Lines: []sale.OrderedLine{{ProductID: adult.ID, Quantity: 1}},
	})
	require.NoError(t, err)
	for _, e := range []*sale.Event{sold, unsold} {
		_, err := p.Sales.CancelEvent(ctx, e.ID)
		require.NoError(t, err)
	}

	read := func(path, tag string) (int, http.Header, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+path, nil)
		require.NoError(t, err)
		req.Header.Set("If-None-Match", tag)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res.StatusCode, res.Header, strings.ReplaceAll(string(body), "\r\n ", "")
	}
	status, head, feed := read("/v1/calendar/club.ics", "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "text/calendar; charset=utf-8", head.Get("Content-Type"))
	require.Contains(t, head.Get("Cache-Control"), "public")
	require.Equal(t, 2, strings.Count(feed, "\r\nBEGIN:VEVENT\r\n"), feed)
	require.Contains(t, feed, "\r\nSUMMARY:Faust\r\n")
	require.Contains(t, feed, "\r\nDTSTART:"+starts.Format("20060102T150405Z")+"\r\n")
	require.Contains(t, feed, `One\, two\; three\nBEGIN:VEVENT\nSUMMARY:forged`)
	require.NotRegexp(t, "\r[^\n]", feed, "a line ends where the feed says")
	require.Equal(t, 1, strings.Count(feed, "\r\nSTATUS:CANCELLED\r\n"))
	for _, hidden := range []string{"Draft", "Elsewhere", "Unsold", "\nSUMMARY:forged"} {
		require.NotContains(t, feed, hidden)
	}
	status, _, _ = read("/v1/calendar/club.ics", head.Get("ETag"))
	require.Equal(t, http.StatusNotModified, status)
	name = "Faust II"
	_, err = p.Sales.UpdateEvent(ctx, faust.ID, sale.EventChange{Name: &name})
	require.NoError(t, err)
	status, _, _ = read("/v1/calendar/club.ics", head.Get("ETag"))
	require.Equal(t, http.StatusOK, status)

	for _, path := range []string{"/v1/calendar/nobody.ics", "/v1/calendar/club"} {
		status, _, _ = read(path, "")
		require.Equal(t, http.StatusNotFound, status, path)
	}
	off := false
	_, err = p.Sites.Update(ctx, site.Update{ContactManagement: &off})
	require.NoError(t, err)
	status, _, _ = read("/v1/calendar/club.ics", "")
	require.Equal(t, http.StatusNotFound, status)
}
