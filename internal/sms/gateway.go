package sms

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"carnet/internal/message"
)

// Header is one of a gateway's request.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Request is how a gateway wants a message: its address, headers and body hold {to}, {text}, {from}, {callback} and {secret}, each of which is
// escaped as its place asks.
type Request struct {
	URL     string
	Method  string
	Headers []Header
	Body    string
	Taken   string // what an answer holds when the message was taken; empty: any 2xx says so
}

// uses tells whether a place stands anywhere in the request.
func (r Request) uses(place string) bool {
	for _, h := range r.Headers {
		if strings.Contains(h.Value, place) {
			return true
		}
	}
	return strings.Contains(r.URL, place) || strings.Contains(r.Body, place)
}

// gateway speaks to any service that takes a text message as an HTTP request.
type gateway struct {
	client *http.Client
	Request
	sender string
	secret string
	hears  bool
}

// Replies tells whether the gateway has ever told us what somebody answered.
func (p *gateway) Replies() bool { return p.hears }

// fill puts values into a template, each escaped.
func fill(template string, values map[string]string, escape func(string) string) string {
	pairs := make([]string, 0, 2*len(values))
	for name, value := range values {
		pairs = append(pairs, "{"+name+"}", escape(value))
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

func jsonEscape(s string) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a text always marshals
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(out.String()), `"`), `"`)
}

func headerEscape(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// request makes the request of a message.
func (p *gateway) request(ctx context.Context, t Text) (*http.Request, error) {
	values := map[string]string{"to": t.To, "text": t.Body, "from": p.sender, "callback": t.Callback, "secret": p.secret}
	var contentType string
	headers := http.Header{}
	for _, h := range p.Headers {
		headers.Set(h.Name, fill(h.Value, values, headerEscape))
		if strings.EqualFold(h.Name, "Content-Type") {
			contentType, _, _ = mime.ParseMediaType(h.Value)
		}
	}
	escape := func(s string) string { return s }
	switch {
	case contentType == "application/json" || contentType == "" && strings.HasPrefix(strings.TrimSpace(p.Body), "{"):
		escape = jsonEscape
		contentType = "application/json"
	case contentType == "application/x-www-form-urlencoded" || contentType == "":
		escape = url.QueryEscape
		contentType = "application/x-www-form-urlencoded"
	}
	req, err := http.NewRequestWithContext(ctx, p.Method, fill(p.URL, values, url.QueryEscape), strings.NewReader(fill(p.Body, values, escape)))
	if err != nil {
		return nil, fmt.Errorf("the gateway's address cannot be read: %w", err)
	}
	req.Header = headers
	if p.Body != "" && headers.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req, nil
}

// Send gives a message to the gateway.
func (p *gateway) Send(ctx context.Context, t Text) Outcome {
	req, err := p.request(ctx, t)
	if err != nil {
		return outcome(message.Barred, err)
	}
	a, failed := exchange(p.client, req)
	if failed != nil {
		return *failed
	}
	problem := fmt.Errorf("the gateway answers %d: %s", a.status, a.says())
	switch {
	case a.status >= 200 && a.status < 300 && p.Taken != "" && !bytes.Contains(a.body, []byte(p.Taken)):
		return outcome(message.Refused, problem)
	case a.status >= 200 && a.status < 300:
		return outcome(message.Accepted, nil)
	case a.status == http.StatusTooManyRequests, a.status == http.StatusServiceUnavailable:
		out := outcome(message.Away, problem)
		out.Wait = a.wait()
		return out
	case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden, a.status == http.StatusNotFound, a.status == http.StatusMethodNotAllowed:
		return outcome(message.Barred, problem)
	case a.status >= 400 && a.status < 500:
		return outcome(message.Refused, problem)
	}
	return outcome(message.Unknown, problem) // it may have sent it
}

// readGatewayReport reads what a gateway tells at the callback's address: a status in its query, form or JSON. False: it says nothing final.
func readGatewayReport(values map[string]string) (Report, bool) {
	problem := values["problem"]
	if problem == "" {
		problem = values["error"]
	}
	switch strings.ToLower(values["status"]) {
	case "delivered", "delivrd":
		return Report{Delivered: true}, true
	case "failed", "undelivered", "undeliverable", "undeliv", "rejected", "rejectd", "expired":
		if problem == "" {
			problem = values["status"]
		}
		return Report{Problem: problem}, true
	}
	return Report{}, false
}
