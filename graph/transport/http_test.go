package transport_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	asJSON    = "application/json"
	asGraphQL = "application/graphql-response+json"
)

// ask sends a request and gives the answer's status, headers and body.
func ask(t *testing.T, s *server, method, accept, contentType, target, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+target, strings.NewReader(body))
	require.NoError(t, err)
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := s.Client().Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, string(b)
}

func TestHTTPAnswers(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	get := func(query string) string { return "/?query=" + url.QueryEscape(query) }
	for _, c := range []struct {
		name, method, accept, contentType, target, body string
		status                                          int
		want                                            string // the whole body, or a part of it after "…"
	}{
		{"data", "POST", asGraphQL, asJSON, "/", `{"query":"{hello __typename}"}`, 200, `{"data":{"hello":"world","__typename":"Query"}}`},
		{"data by GET", "GET", asGraphQL, "", get("{hello}"), "", 200, `{"data":{"hello":"world"}}`},
		{"variables by GET", "GET", "", "", get("query($t:String!){echo(text:$t)}") + "&variables=" + url.QueryEscape(`{"t":"Zoë"}`), "", 200, `{"data":{"echo":"Zoë"}}`},
		{"data and errors", "POST", asGraphQL, asJSON, "/", `{"query":"{hello fails}"}`, 200, `{"errors":[{"message":"no such thing","path":["fails"]}],"data":{"hello":"world","fails":null}}`},
		{"invalid", "POST", asGraphQL, asJSON, "/", `{"query":"{nothing}"}`, 400, `…"extensions":{"code":"BAD_INPUT"}`},
		{"invalid, as plain JSON", "POST", asJSON, asJSON, "/", `{"query":"{nothing}"}`, 200, `…"extensions":{"code":"BAD_INPUT"}`},
		{"unparsable", "POST", asGraphQL, asJSON, "/", `{"query":"{"}`, 400, `…"code":"BAD_INPUT"`},
		{"too complex", "POST", asGraphQL, asJSON, "/", `{"query":"{` + strings.Repeat("self{", 12) + "hello" + strings.Repeat("}", 12) + `}"}`, 400, `…"code":"TOO_COMPLEX"`},
		{"a subscription", "POST", asGraphQL, asJSON, "/", `{"query":"subscription{count(to:1)}"}`, 400, "…send Accept: text/event-stream"},
		{"a mutation by GET", "GET", asGraphQL, "", get(`mutation{set(value:"x")}`), "", 405, "…send it by POST"},
		{"another method", "PUT", asGraphQL, asJSON, "/", `{"query":"{hello}"}`, 405, "…not PUT"},
		{"@defer", "POST", asGraphQL, asJSON, "/", `{"query":"{...@defer{hello}}"}`, 400, "…@defer and @stream are not served"},
		{"@defer, spelt apart, in a fragment", "POST", asGraphQL, asJSON, "/", `{"query":"{...F}fragment F on Query{self{...on Query @ defer(if:true){hello}}}"}`, 400, "…@defer and @stream are not served"},
		{"the word defer", "POST", asGraphQL, asJSON, "/", `{"query":"{defer:hello}"}`, 200, `{"data":{"defer":"world"}}`},
		{"@stream", "POST", asGraphQL, asJSON, "/", `{"query":"{hello @stream}"}`, 400, `…BAD_INPUT`},
		{"a panic", "POST", asGraphQL, asJSON, "/", `{"query":"{panics}"}`, 500, `{"errors":[{"message":"something went wrong on our side","extensions":{"code":"INTERNAL"}}]}`},
		{"nothing acceptable", "POST", "text/html", asJSON, "/", `{"query":"{hello}"}`, 406, "…accept one of them"},
		{"a form", "POST", "", "application/x-www-form-urlencoded", "/", "query={hello}", 415, "…Content-Type: application/json"},
		{"another charset", "POST", "", "application/json; charset=latin1", "/", `{"query":"{hello}"}`, 415, "…utf-8"},
		{"a large body", "POST", "", asJSON, "/", `{"query":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "…larger than 65536 bytes"},
		{"broken UTF-8", "POST", "", asJSON, "/", "{\"query\":\"{echo(text:\\\"\xff\\\")}\"}", 400, "…not UTF-8"},
		{"broken UTF-8 by GET", "GET", "", "", "/?query=%7Bhello%7D%ff", "", 400, "…not UTF-8"},
		{"two values", "POST", "", asJSON, "/", `{"query":"{hello}"}{}`, 400, "…not a JSON object"},
		{"a list", "POST", "", asJSON, "/", `[{"query":"{hello}"}]`, 400, "…not a JSON object"},
		{"no query", "POST", "", asJSON, "/", `{}`, 400, "…`query` is missing"},
		{"variables of a wrong type", "POST", "", asJSON, "/", `{"query":"{hello}","variables":[1]}`, 400, "…`variables` must be an object"},
		{"an unknown operation", "POST", asGraphQL, asJSON, "/", `{"query":"query A{hello} query B{hello}","operationName":"C"}`, 400, "…BAD_INPUT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			res, body := ask(t, s, c.method, c.accept, c.contentType, c.target, c.body)
			require.Equal(t, c.status, res.StatusCode, body)
			if part, ok := strings.CutPrefix(c.want, "…"); ok {
				require.Contains(t, body, part)
				require.Contains(t, body, `"code":`)
				require.NotContains(t, body, `"data"`)
			} else {
				require.Equal(t, c.want, body)
			}
			if c.status == 405 {
				require.Contains(t, res.Header.Get("Allow"), "POST")
			}
		})
	}
}

func TestHTTPNegotiates(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	for accept, want := range map[string]string{
		"":                                     asJSON,
		"*/*":                                  asJSON,
		"application/*;q=0.2":                  asJSON,
		asGraphQL + ", " + asJSON:              asGraphQL,
		asJSON + ", " + asGraphQL:              asJSON,
		asJSON + ";q=0.5, " + asGraphQL:        asGraphQL,
		asGraphQL + ";q=0, " + asJSON + ";q=1": asJSON,
		asGraphQL + ", application/graphql+json, application/json, text/event-stream, multipart/mixed": asGraphQL, // urql
		"text/event-stream":                        "text/event-stream",
		"text/event-stream, multipart/mixed":       "text/event-stream",
		asJSON + ";q=0.1, text/event-stream;q=0.2": "text/event-stream",
	} {
		res, _ := ask(t, s, "POST", accept, asJSON, "/", `{"query":"{hello}"}`)
		require.Equal(t, 200, res.StatusCode, accept)
		require.Equal(t, want+"; charset=utf-8", res.Header.Get("Content-Type"), accept)
		require.Equal(t, "Accept", res.Header.Get("Vary"))
	}
}

// A thousand mistakes are not told one by one.
func TestHTTPBoundsErrors(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	var query strings.Builder
	for i := range 300 {
		query.WriteString(" f" + strings.Repeat("x", i%7) + string(rune('a'+i%26)))
	}
	_, body := ask(t, s, "POST", asGraphQL, asJSON, "/", `{"query":"{`+query.String()+`}"}`)
	require.Equal(t, 20, strings.Count(body, `"message"`))
}

// A client that goes away ends its query.
func TestHTTPStopsWithItsClient(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/?query="+url.QueryEscape("{waits}"), nil)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{}}
	go func() {
		if res, err := client.Do(req); err == nil {
			_ = res.Body.Close()
		}
	}()
	await(t, s.api.started)
	s.CloseClientConnections()
	await(t, s.api.ended)
}
