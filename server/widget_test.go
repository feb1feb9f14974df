package server_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// T-55, T-56: a page's questions travel with the site's manifest, as the API tells them, in the page's language; a page that asks none gets none,
// and a question that has just been changed is there at once.
func TestQuestionsTravelWithTheManifest(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	add := func(input apptest.Vars) string {
		var out struct {
			CreateCustomField struct{ CustomField struct{ ID string } }
		}
		p.Must(t, s.As(site.Manager), `mutation($i: CreateCustomFieldInput!) { createCustomField(input: $i) { customField { id } errors { code message path } } }`, apptest.Vars{"i": input}, &out)
		return out.CreateCustomField.CustomField.ID
	}
	list := add(apptest.Vars{
		"type": "DROPDOWN", "label": "Halls", "help": "As many as you like", "onRegistration": true, "onCheckout": true, "required": true, "multiple": "RANGE", "minChoices": 1, "maxChoices": 2,
		"choices": []apptest.Vars{{"label": "Main hall", "translations": apptest.Vars{"fr": apptest.Vars{"label": "Grande salle"}}}, {"label": "Studio"}}, "translations": apptest.Vars{"fr": apptest.Vars{"label": "Salles"}},
	})
	add(apptest.Vars{"type": "LONG_TEXT", "label": "Why these?", "onRegistration": true, "showIf": []apptest.Vars{{"fieldId": list, "op": "ANSWERED"}}})
	add(apptest.Vars{"type": "TEXT", "label": "For staff"})
	add(apptest.Vars{"type": "TEXT", "label": "In the profile", "onProfile": true})

	const page = "https://club.example"
	_, err := p.Sites.Update(s.AsOwner(t.Context()), site.Update{Origins: &[]site.Origin{{Origin: page}}})
	require.NoError(t, err)
	origin := page
	manifest := func(query string) map[string]json.RawMessage {
		status, answer := p.HTTP(t, http.MethodGet, "/widgets/v1/sites/club"+query, apptest.Header{"Origin": origin}, "", nil)
		require.Equal(t, http.StatusOK, status)
		var out struct{ Questions map[string]json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(answer), &out))
		require.NotContains(t, answer, "For staff")
		require.NotContains(t, answer, "In the profile")
		return out.Questions
	}
	both := manifest("?lang=fr&ask=registration,checkout")
	require.Len(t, both, 2)
	for surface, told := range both {
		var out struct{ SurfaceFields json.RawMessage }
		p.Must(t, s.Visitor(), `query($s: Surface!) { surfaceFields(surface: $s, language: "fr") { id type label help required choices { id label } multiple minChoices maxChoices showIf { fieldId op values } } }`,
			apptest.Vars{"s": surface}, &out)
		require.JSONEq(t, string(out.SurfaceFields), string(told), surface)
		require.Contains(t, string(told), "Grande salle")
	}
	require.Empty(t, manifest("?lang=fr"))
	require.Empty(t, manifest("?ask=profile,login,"))
	one := manifest("?ask=checkout")
	require.Len(t, one, 1)
	require.NotContains(t, string(one["CHECKOUT"]), "Why these?")

	origin = "https://elsewhere.example"
	require.Empty(t, manifest("?ask=checkout"), "a page that is not registered asks, and hears so")
	origin = ""
	require.Len(t, manifest("?ask=checkout"), 1, "our own")
	origin = page

	p.Must(t, s.As(site.Manager), `mutation($i: UpdateCustomFieldInput!) { updateCustomField(input: $i) { errors { code message path } } }`, apptest.Vars{"i": apptest.Vars{"id": list, "label": "Rooms"}}, nil)
	require.Contains(t, string(manifest("?ask=checkout")["CHECKOUT"]), "Rooms")
	p.Must(t, s.As(site.Manager), `mutation { updateSite(input: {contactManagement: false}) { errors { code message path } } }`, nil, nil)
	require.Empty(t, manifest("?ask=checkout"))
}
