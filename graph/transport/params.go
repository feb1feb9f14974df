package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"carnet/internal/fault"

	"github.com/99designs/gqlgen/graphql"
)

// problem is a request that cannot become an operation: the status and what to do about it.
type problem struct {
	status int
	err    *fault.Error
	allow  string // the Allow header of a 405
}

func badRequest(format string, args ...any) *problem {
	return &problem{status: http.StatusBadRequest, err: fault.New(fault.BadInput, format, args...)}
}

// readParams takes the operation out of a GET's query string or a POST's JSON body of at most
// maxBody bytes (GraphQL over HTTP, sections "Request Parameters" and "POST").
func readParams(w http.ResponseWriter, r *http.Request, maxBody int64) (*graphql.RawParams, *problem) {
	start := graphql.Now()
	var p *graphql.RawParams
	var prob *problem
	switch r.Method {
	case http.MethodGet:
		p, prob = fromURL(r)
	case http.MethodPost:
		p, prob = fromBody(w, r, maxBody)
	default:
		prob = &problem{
			status: http.StatusMethodNotAllowed, allow: "GET, POST",
			err: fault.New(fault.BadInput, "GraphQL is served by GET and POST, not %s", r.Method),
		}
	}
	if prob != nil {
		return nil, prob
	}
	p.Headers = r.Header
	p.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	return p, nil
}

func fromURL(r *http.Request) (*graphql.RawParams, *problem) {
	q := r.URL.Query()
	if !utf8.ValidString(q.Get("query")) || !utf8.ValidString(q.Get("variables")) {
		return nil, badRequest("the query string is not UTF-8")
	}
	wire := wireParams{Variables: json.RawMessage(q.Get("variables")), Extensions: json.RawMessage(q.Get("extensions"))}
	wire.Query, _ = json.Marshal(q.Get("query")) // a string always marshals
	wire.OperationName, _ = json.Marshal(q.Get("operationName"))
	return wire.params()
}

func fromBody(w http.ResponseWriter, r *http.Request, maxBody int64) (*graphql.RawParams, *problem) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || media != mediaJSON || (charset != "" && !strings.EqualFold(charset, "utf-8")) {
		return nil, &problem{
			status: http.StatusUnsupportedMediaType,
			err:    fault.New(fault.BadInput, "send the operation as JSON with Content-Type: application/json; charset=utf-8"),
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, &problem{
			status: http.StatusRequestEntityTooLarge,
			err:    fault.New(fault.BadInput, "the request body is larger than %d bytes; send less at once, and files to the upload address", maxBody),
		}
	case err != nil:
		return nil, badRequest("the request body could not be read to its end")
	}
	return decodeParams(body)
}

// wireParams are the parameters before their types are checked: an absent one, null, and one of
// the wrong type are three different things.
type wireParams struct {
	Query         json.RawMessage `json:"query"`
	OperationName json.RawMessage `json:"operationName"`
	Variables     json.RawMessage `json:"variables"`
	Extensions    json.RawMessage `json:"extensions"`
}

// decodeParams reads the JSON object that a POST body or a subscribe message's payload holds.
func decodeParams(body []byte) (*graphql.RawParams, *problem) {
	if !utf8.Valid(body) {
		return nil, badRequest("the request is not UTF-8")
	}
	var wire wireParams
	if err := json.Unmarshal(body, &wire); err != nil {
		return nil, badRequest("the request is not a JSON object with a `query`")
	}
	return wire.params()
}

func (wire wireParams) params() (*graphql.RawParams, *problem) {
	p := &graphql.RawParams{}
	for _, f := range []struct {
		name, kind string
		raw        json.RawMessage
		into       any
	}{
		{"query", "a string", wire.Query, &p.Query},
		{"operationName", "a string", wire.OperationName, &p.OperationName},
		{"variables", "an object", wire.Variables, &p.Variables},
		{"extensions", "an object", wire.Extensions, &p.Extensions},
	} {
		if len(f.raw) == 0 || string(f.raw) == "null" {
			continue
		}
		decode := decodeExact
		if _, text := f.into.(*string); text {
			decode = json.Unmarshal // which has no numbers to keep
		}
		if err := decode(f.raw, f.into); err != nil {
			return nil, badRequest("`%s` must be %s", f.name, f.kind)
		}
	}
	if p.Query == "" && p.Extensions["persistedQuery"] == nil {
		return nil, badRequest("`query` is missing")
	}
	return p, nil
}

// decodeExact decodes one JSON value and keeps numbers as they were written, so that a large
// integer is not rounded on its way through a float.
func decodeExact(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}
