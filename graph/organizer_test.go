package graph_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/sale"
	"carnet/internal/site"
)

const (
	submitEvent   = `mutation($i: SubmitEventInput!) { submitEvent(input: $i) { event { id name state } errors { code message path } } }`
	updateMyEvent = `mutation($i: UpdateMyEventInput!) { updateMyEvent(input: $i) { event { id name state capacity } errors { code message path } } }`
	cancelMyEvent = `mutation($i: ID!) { cancelMyEvent(input: {id: $i}) { event { state } errors { code message path } } }`
	myEvents      = `{ me { holdings { events } events { nodes { id name state place capacity taken } } } }`
)

// grants sets what organizers may do.
func grants(t *testing.T, s *apptest.Site, view, edit, cancel bool) {
	t.Helper()
	_, err := s.Program.DB.Pool.Exec(t.Context(), "UPDATE site SET organizers_view = $2, organizers_edit = $3, organizers_cancel = $4 WHERE id = $1", s.ID, view, edit, cancel)
	require.NoError(t, err)
}

func submitted(t *testing.T, b *browser, name string) string {
	t.Helper()
	starts := time.Now().AddDate(0, 1, 0).UTC().Truncate(24 * time.Hour)
	var out struct {
		SubmitEvent struct {
			Event struct{ ID, Name, State string }
		}
	}
	require.Empty(t, b.s.Program.Payload(t, b.header("/graphql"), submitEvent, vars{"i": vars{"name": name, "place": "Town square", "startsAt": starts.Format(time.RFC3339), "endsAt": starts.Add(time.Hour).Format(time.RFC3339)}}, &out))
	require.Equal(t, "SUBMITTED", out.SubmitEvent.Event.State)
	return out.SubmitEvent.Event.ID
}

type ownEvents struct {
	Me struct {
		Events struct {
			Nodes []struct{ ID, Name, State, Place string }
		}
	}
}

func eventNames(t *testing.T, b *browser) (names []string) {
	t.Helper()
	var out ownEvents
	b.s.Program.Must(t, b.header("/graphql"), myEvents, nil, &out)
	for _, e := range out.Me.Events.Nodes {
		names = append(names, e.Name+" "+e.State)
	}
	return names
}

// T-07, T-08, T-09, T-10, T-11, T-23: organizers submit, view, edit and cancel their own events, each of the last three as far as it is granted and
// alone; those of others do not exist for them.
func TestOrganizers(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	ada, bob := newBrowser(t, s), newBrowser(t, s)
	ada.register("ada@example.no", "Ada", "Lovelace", "a long password")
	bob.register("bob@example.no", "Bob", "Tabor", "a long password")

	starts := time.Now().AddDate(0, 1, 0).UTC().Truncate(24 * time.Hour)
	input := vars{"name": "Fair", "startsAt": starts.Format(time.RFC3339), "endsAt": starts.Add(time.Hour).Format(time.RFC3339)}
	for _, required := range []bool{true, false} { // T-23, T-24: no setting lets anybody submit unknown
		_, err := p.Sites.Update(s.AsOwner(t.Context()), site.Update{LoginRequired: &required})
		require.NoError(t, err)
		p.Refused(t, s.Visitor(), "UNAUTHENTICATED", submitEvent, vars{"i": input})
	}
	p.Refused(t, s.As(site.Manager), "UNAUTHENTICATED", submitEvent, vars{"i": input})
	fair := submitted(t, ada, "Fair")
	require.Equal(t, fair, submitted(t, ada, "Fair"), "clicked twice")
	p.Refused(t, s.As(site.Manager), "UNAUTHENTICATED", cancelMyEvent, vars{"i": fair})
	require.ElementsMatch(t, []string{"REQUIRED name", "INVALID_URL url", "INVALID_NUMBER capacity", "INVALID_DATE endsAt"}, p.Payload(t, ada.header("/graphql"), submitEvent,
		vars{"i": vars{"name": " ", "url": "javascript:alert(1)", "capacity": 0, "startsAt": starts.Format(time.RFC3339), "endsAt": starts.Format(time.RFC3339)}}, nil))
	require.Equal(t, []string{"INVALID_DATE startsAt"}, p.Payload(t, ada.header("/graphql"), submitEvent,
		vars{"i": vars{"name": "Past", "startsAt": "2020-01-01T10:00:00Z", "endsAt": "2020-01-01T11:00:00Z"}}, nil))

	// What each grant allows, and that it allows nothing else (T-10).
	edit := func(b *browser, change vars) []string {
		t.Helper()
		change["id"] = fair
		return p.Payload(t, b.header("/graphql"), updateMyEvent, vars{"i": change}, nil)
	}
	cancel := func(b *browser, id string) []string {
		t.Helper()
		return p.Payload(t, b.header("/graphql"), cancelMyEvent, vars{"i": id}, nil)
	}
	for _, g := range [][3]bool{{}, {true, false, false}, {false, true, false}, {false, false, true}, {true, true, true}} {
		grants(t, s, g[0], g[1], g[2])
		name := fmt.Sprint(g)
		require.Equal(t, g[0], len(eventNames(t, ada)) == 1, name)
		if got := edit(ada, vars{"place": "Park"}); g[1] {
			require.Empty(t, got, name)
		} else {
			require.Equal(t, []string{"NOT_GRANTED "}, got, name)
		}
		extra := submitted(t, ada, "Extra "+name)
		if got := cancel(ada, extra); g[2] {
			require.Empty(t, got, name)
		} else {
			require.Equal(t, []string{"NOT_GRANTED "}, got, name)
		}
		_, err := p.DB.Pool.Exec(t.Context(), "DELETE FROM event WHERE id = $1", extra)
		require.NoError(t, err)
		// Whatever is granted, another's event does not exist (T-11).
		require.Empty(t, eventNames(t, bob))
		p.Refused(t, bob.header("/graphql"), "NOT_FOUND", updateMyEvent, vars{"i": vars{"id": fair, "name": "Mine now"}})
		p.Refused(t, bob.header("/graphql"), "NOT_FOUND", cancelMyEvent, vars{"i": fair})
	}
	other := p.NewSite(t, "other")
	withShop(t, other)
	eve := newBrowser(t, other)
	eve.register("ada@example.no", "Ada", "Lovelace", "a long password")
	p.Refused(t, eve.header("/graphql"), "NOT_FOUND", cancelMyEvent, vars{"i": fair})

	// What is published stays so, with texts that may be mended, and times and places that staff alone change.
	require.Empty(t, edit(ada, vars{"capacity": 50}))
	_, err := p.DB.Pool.Exec(t.Context(), "UPDATE event SET state = 'published' WHERE id = $1", fair)
	require.NoError(t, err)
	require.Empty(t, edit(ada, vars{"name": "Great fair", "url": "https://example.no/fair"}))
	require.Equal(t, []string{"PUBLISHED startsAt", "PUBLISHED capacity"}, edit(ada, vars{"name": "Lost", "startsAt": starts.Add(30 * time.Minute).Format(time.RFC3339), "capacity": nil}))
	require.Equal(t, []string{"Great fair PUBLISHED"}, eventNames(t, ada))
	require.Empty(t, cancel(ada, fair))
	require.Empty(t, cancel(ada, fair), "cancelled again it stays so")
	require.Equal(t, []string{"Great fair CANCELLED"}, eventNames(t, ada))
	require.Equal(t, []string{"OVER "}, edit(ada, vars{"name": "Back"}))

	for i := range sale.MaxSubmitted {
		submitted(t, ada, fmt.Sprint("Series ", i))
	}
	input["name"] = "One too many"
	require.Equal(t, []string{"TOO_MANY "}, p.Payload(t, ada.header("/graphql"), submitEvent, vars{"i": input}, nil))
}
