package graph_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	makeMyCalendar = `mutation { makeMyCalendar { url errors { code message path } } }`
	endMyCalendar  = `mutation { endMyCalendar { url errors { code message path } } }`
)

// calendarAt reads a personal calendar as a calendar program would: nothing but the address.
func calendarAt(t *testing.T, p *apptest.Program, address, tag string) (*http.Response, string) {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+u.Path, nil)
	require.NoError(t, err)
	req.Header.Set("If-None-Match", tag)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res, strings.ReplaceAll(string(body), "\r\n ", "")
}

// Issue 6, a personal calendar feed: who is signed in makes an address that holds what they attend and book, and nobody else's; a new one ends the one
// before, as do the end of it and of the account. The token is kept hashed and stands in no log.
func TestMyCalendar(t *testing.T) {
	t.Parallel()
	log := &logged{}
	p := apptest.StartWith(t, func(c *app.Config) {
		c.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	s := p.NewSite(t, "club")
	withShop(t, s)
	ada, bob := newBrowser(t, s), newBrowser(t, s)
	ada.register("ada@example.no", "Ada", "Lovelace", "a long password")
	bob.register("bob@example.no", "Bob", "Tabor", "a long password")
	adaID, bobID := idOf(t, s, "ada@example.no"), idOf(t, s, "bob@example.no")
	faust, carmen, gone, hers := show(t, s, "Faust; or, the deal\r\nBEGIN:VEVENT", 5), show(t, s, "Carmen", 6), show(t, s, "Norma", 7), show(t, s, "Tosca", 8)
	resource, slot := court(t, s, "Court 1", 4)
	given := ticketFor(t, s, gone, 100)
	recorded(t, s, vars{"buyer": of(adaID), "lines": []vars{
		{"productId": ticketFor(t, s, faust, 100), "quantity": 2}, {"productId": given}, {"productId": resource, "slotId": slot},
		{"productId": ticketFor(t, s, carmen, 100), "attendee": of(bobID)},
	}})
	recorded(t, s, vars{"buyer": of(bobID), "lines": []vars{{"productId": ticketFor(t, s, hers, 100)}}})
	_, err := p.DB.Pool.Exec(t.Context(), "UPDATE ticket SET state = 'cancelled' WHERE product_id = $1", given)
	require.NoError(t, err)

	type calendar struct {
		Me struct{ Calendar *struct{ CreatedAt string } }
	}
	var is calendar
	p.Must(t, ada.header("/graphql"), `{ me { calendar { createdAt } } }`, nil, &is)
	require.Nil(t, is.Me.Calendar)
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", makeMyCalendar, nil)
	p.Refused(t, s.As(site.Manager), "UNAUTHENTICATED", makeMyCalendar, nil)
	made := func(b *browser) string {
		t.Helper()
		var out struct{ MakeMyCalendar struct{ URL string } }
		require.Empty(t, p.Payload(t, b.header("/graphql"), makeMyCalendar, nil, &out))
		require.Regexp(t, `^http.*/v1/my-calendar/cf_\w+_[\w-]{43}\.ics$`, out.MakeMyCalendar.URL)
		return out.MakeMyCalendar.URL
	}
	first, bobs := made(ada), made(bob)
	p.Must(t, ada.header("/graphql"), `{ me { calendar { createdAt } } }`, nil, &is)
	require.NotNil(t, is.Me.Calendar)

	res, feed := calendarAt(t, p, first, "")
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, "text/calendar; charset=utf-8", res.Header.Get("Content-Type"))
	require.Equal(t, "private, no-cache", res.Header.Get("Cache-Control"))
	require.Empty(t, res.Cookies())
	require.Empty(t, res.Header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, 4, strings.Count(feed, "END:VEVENT\r\n"), feed)
	require.Contains(t, feed, `SUMMARY:Faust\; or\, the deal`+`\n`+"BEGIN:VEVENT\r\n")
	require.NotRegexp(t, "\r[^\n]", feed)
	for _, has := range []string{"SUMMARY:Carmen", "SUMMARY:Court 1", "LOCATION:Big hall", "UID:" + faust + "@club"} {
		require.Contains(t, feed, has)
	}
	require.NotContains(t, feed, "Tosca")
	require.Equal(t, 1, strings.Count(feed, "STATUS:CANCELLED"), "the ticket that went back")
	require.Contains(t, feed, "SUMMARY:Norma\r\nLOCATION:Big hall\r\nSTATUS:CANCELLED\r\n")
	again, _ := calendarAt(t, p, first, res.Header.Get("ETag"))
	require.Equal(t, http.StatusNotModified, again.StatusCode)
	require.Empty(t, p.Payload(t, s.As(site.Manager), cancelEvent, vars{"i": vars{"id": carmen}}, nil))
	again, feed = calendarAt(t, p, first, res.Header.Get("ETag"))
	require.Equal(t, http.StatusOK, again.StatusCode)
	require.Equal(t, 2, strings.Count(feed, "STATUS:CANCELLED"))
	_, feed = calendarAt(t, p, bobs, "")
	require.Contains(t, feed, "Tosca")
	require.NotContains(t, feed, "Court 1")

	dead := func(address string) {
		t.Helper()
		res, body := calendarAt(t, p, address, "")
		require.Equal(t, http.StatusNotFound, res.StatusCode, body)
	}
	second := made(ada)
	dead(first)
	dead(strings.Replace(second, "cf_", "ca_", 1))
	dead(strings.TrimSuffix(second, ".ics"))
	require.Empty(t, p.Payload(t, ada.header("/graphql"), endMyCalendar, nil, nil))
	dead(second)
	require.Empty(t, p.Payload(t, ada.header("/graphql"), endMyCalendar, nil, nil), "ended it is")
	require.Empty(t, manage(t, s, s.As(site.Operator), "disableAccount", bobID))
	dead(bobs)
	require.Empty(t, manage(t, s, s.As(site.Operator), "enableAccount", bobID))
	res, _ = calendarAt(t, p, bobs, "")
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Empty(t, manage(t, s, s.As(site.Operator), "closeAccount", bobID))
	dead(bobs)

	require.NotContains(t, log.String(), "cf_")
	third := made(ada)
	token := strings.TrimSuffix(third[strings.LastIndex(third, "/")+1:], ".ics")
	var kept int
	require.NoError(t, p.DB.Pool.QueryRow(t.Context(), "SELECT count(*) FROM calendar_feed WHERE position($1 in token_hash::text) > 0 OR token_hash = $1::bytea", token).Scan(&kept))
	require.Zero(t, kept, "only the hash is kept")
}
