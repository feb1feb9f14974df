package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
)

// Whatever is posted to a preview, nothing comes of it: neither accounts nor mails nor tokens. Questions are answered.
func TestPreviewChangesNothing(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	post := func(path, body string) (int, string) {
		return p.HTTP(t, http.MethodPost, path, s.Visitor(), "application/json", strings.NewReader(body))
	}
	const path = "/widgets/v1/preview/graphql"
	const attempt = `attempt: {id: \"` + `AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA` + `\", challenge: \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\", jkt: \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}`
	const ask = `mutation { requestEmailCode(input: {` + attempt + `, email: \"ada@example.org\"}) { errors { code } } }`
	for name, body := range map[string]string{
		"a mutation":               `{"query": "` + ask + `"}`,
		"beside a query":           `{"query": "query A { widgetConfig { siteName } } ` + ask + `", "operationName": "A"}`,
		"named in another case":    `{"query": "{ widgetConfig { siteName } }", "QUERY": "` + ask + `"}`,
		"a subscription":           `{"query": "subscription { contactChanged(id: \"x\") { id } }"}`,
		"nothing":                  `{}`,
		"no JSON":                  `mutation`,
		"more than can be weighed": `{"query": "{ ` + strings.Repeat("a ", 2000) + `}"}`,
	} {
		status, answer := post(path, body)
		require.Equal(t, http.StatusOK, status, name)
		require.Contains(t, answer, `"code":"PREVIEW"`, name)
	}
	var mails int
	require.NoError(t, p.DB.Bun.NewRaw("SELECT (SELECT count(*) FROM mail) + (SELECT count(*) FROM rate_bucket) + (SELECT count(*) FROM email_challenge)").Scan(t.Context(), &mails))
	require.Zero(t, mails)
	_, answer := post(path, `{"query": "query Q($with: Boolean!) { widgetConfig { siteName @include(if: $with) } }", "variables": {"with": true}, "operationName": "Q"}`)
	require.Contains(t, answer, "Site club")
	_, answer = post("/graphql", `{"query": "`+ask+`"}`)
	require.NotContains(t, answer, "PREVIEW", "the same outside of the preview is done")
	for _, path := range []string{"/token", "/refresh", "/social/google/start"} {
		status, answer := post("/widgets/v1/preview/v1"+path, `{}`)
		require.Equal(t, http.StatusForbidden, status)
		require.Contains(t, answer, "PREVIEW")
	}
	_, manifest := p.HTTP(t, http.MethodGet, "/widgets/v1/preview/sites/club", nil, "", nil)
	require.Contains(t, manifest, `"server":"`+p.URL+`/widgets/v1/preview"`)
}
