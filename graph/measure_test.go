package graph_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whether messages are opened and links followed is kept of those alone who agreed to a purpose that measures, once each, by addresses that lead
// nowhere else; after a withdrawal nothing more is.
func TestOpensAndClicks(t *testing.T) { // S-57, issue 7
	t.Parallel()
	w := newCampaignWorld(t)
	anna, eva, silent := w.person("Anna", "anna@mail.example", true), w.person("Eva", "eva@mail.example", true), w.person("Silent", "silent@mail.example", true)
	stats := w.addPurpose("stats", "statistics", false)
	measures := func(on bool) {
		var changed struct {
			UpdateConsentPurpose struct{ Purpose struct{ Measures bool } }
		}
		w.p.Must(t, w.owner, `mutation($i: UpdateConsentPurposeInput!) { updateConsentPurpose(input: $i) { purpose { measures } errors { code message path } } }`, vars{"i": vars{"id": stats, "measures": on}}, &changed)
		require.Equal(t, on, changed.UpdateConsentPurpose.Purpose.Measures)
	}
	agree := func(id, state string) {
		w.p.Must(t, w.owner, `mutation($i: RecordConsentInput!) { recordConsent(input: $i) { errors { code message path } } }`,
			vars{"i": vars{"contactId": id, "purposeId": stats, "channel": "EMAIL", "state": state}}, nil)
	}
	send := func() string {
		c := w.sent(vars{
			"name": "News", "purposeId": w.purpose(), "target": vars{"contactIds": []string{anna, eva, silent}},
			"texts": []vars{{"language": "en", "subject": "News", "body": "See [the hall](https://hall.example/a?b=1&c=2), {{first_name}}."}},
		})
		require.Equal(t, 3, c.Sent)
		return c.ID
	}
	type seen struct{ OpenedAt, ClickedAt *string }
	counts := func(campaign, id string) (opened, clicked int, of seen) {
		var out struct {
			Campaign struct {
				Opened, Clicked int
				Recipients      struct {
					Nodes []struct {
						ContactID string `json:"contactId"`
						seen
					}
				}
			}
			Contact struct{ Mailings struct{ Nodes []seen } }
		}
		w.p.Must(t, w.owner, `query($c: ID!, $id: ID!) { campaign(id: $c) { opened clicked recipients { nodes { contactId openedAt clickedAt } } }
			contact(id: $id) { ... on Person { mailings(first: 1) { nodes { openedAt clickedAt } } } } }`, vars{"c": campaign, "id": id}, &out)
		for _, node := range out.Campaign.Recipients.Nodes {
			if node.ContactID == id {
				of = node.seen
			}
		}
		require.Equal(t, of, out.Contact.Mailings.Nodes[0], "the contact's mailings tell the same")
		return out.Campaign.Opened, out.Campaign.Clicked, of
	}

	// Nothing is measured of itself, nor of who did not agree.
	agree(anna, "GIVEN")
	agree(eva, "GIVEN")
	send()
	measures(true)
	campaign := send()
	whole := func(to string, n int) string {
		return strings.ReplaceAll(strings.ReplaceAll(w.arrives(to, n), "=\r\n", ""), "=3D", "=")
	}
	for _, letter := range []string{whole("anna@mail.example", 1), whole("silent@mail.example", 2)} {
		require.Contains(t, letter, `href="https://hall.example/a?b=1&amp;c=2"`)
		require.NotContains(t, letter, "/v1/opened/")
	}
	letter := whole("anna@mail.example", 2)
	require.NotContains(t, letter, `href="https://hall.example`)
	require.Contains(t, letter, `href="`+w.p.URL+"/v1/unsubscribe/", "the way out is not measured")
	picture, link := letterLink(t, w.p, letter, "/v1/opened/"), letterLink(t, w.p, letter, "/v1/clicked/")

	ask := func(method, path string) *http.Response {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, w.p.URL+path, nil)
		require.NoError(t, err)
		answer, err := http.DefaultTransport.RoundTrip(request) // follows nothing
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return answer
	}
	require.Equal(t, http.StatusOK, ask(http.MethodHead, picture).StatusCode)
	opened, clicked, of := counts(campaign, anna)
	require.Zero(t, opened+clicked, "who only looks whether it is there")
	require.Equal(t, seen{}, of)
	for range 2 {
		answer := ask(http.MethodGet, picture)
		require.Equal(t, "image/gif", answer.Header.Get("Content-Type"))
		require.Equal(t, "no-store", answer.Header.Get("Cache-Control"))
	}
	opened, clicked, of = counts(campaign, anna)
	require.Equal(t, []int{1, 0}, []int{opened, clicked})
	require.NotNil(t, of.OpenedAt)
	require.Nil(t, of.ClickedAt)
	for range 2 {
		answer := ask(http.MethodGet, link)
		require.Equal(t, http.StatusSeeOther, answer.StatusCode)
		require.Equal(t, "https://hall.example/a?b=1&c=2", answer.Header.Get("Location"))
	}
	opened, clicked, of = counts(campaign, anna)
	require.Equal(t, []int{1, 1}, []int{opened, clicked})
	require.NotNil(t, of.ClickedAt)

	// A link that is followed was opened; who has withdrawn gets where they want to, and nothing is kept.
	letter = whole("eva@mail.example", 2)
	agree(eva, "WITHDRAWN")
	require.Equal(t, http.StatusSeeOther, ask(http.MethodGet, letterLink(t, w.p, letter, "/v1/clicked/")).StatusCode)
	_, _, of = counts(campaign, eva)
	require.Equal(t, seen{}, of)
	agree(eva, "GIVEN")
	ask(http.MethodGet, letterLink(t, w.p, letter, "/v1/clicked/"))
	opened, clicked, of = counts(campaign, eva)
	require.Equal(t, []int{2, 2}, []int{opened, clicked})
	require.Equal(t, of.OpenedAt, of.ClickedAt)

	// What we did not write leads nowhere.
	for _, forged := range []string{link[:len(link)-2] + "AA", strings.Replace(picture, "opened", "clicked", 1), "/v1/clicked/https:%2F%2Fevil.example"} {
		answer := ask(http.MethodGet, forged)
		require.Equal(t, http.StatusNotFound, answer.StatusCode, forged)
		require.Empty(t, answer.Header.Get("Location"))
	}
	measures(false)
	send()
	require.NotContains(t, whole("anna@mail.example", 3), "/v1/opened/")
}
