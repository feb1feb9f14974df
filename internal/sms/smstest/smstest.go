// Package smstest is an HTTP server for tests that carries text messages, in the role of Twilio and of a plain gateway: it keeps what it is
// given, answers as it is told to, and reports as Twilio does.
package smstest

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the signature that Twilio prescribes
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// The account at the stand-in for Twilio.
const (
	Account = "AC00000000000000000000000000000000"
	Token   = "a token of Twilio's"
)

// Text is a message as it came.
type Text struct {
	To, From, Body, Callback string
	Header                   http.Header
	Raw                      string // the whole body
}

// Carrier carries text messages on loopback.
type Carrier struct {
	URL string

	mu      sync.Mutex
	got     map[string][]Text
	answers map[string]http.HandlerFunc // by number
}

// Start runs a carrier until the test ends.
func Start(t testing.TB) *Carrier {
	t.Helper()
	c := &Carrier{got: map[string][]Text{}, answers: map[string]http.HandlerFunc{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2010-04-01/Accounts/{account}/Messages.json", c.twilio)
	mux.HandleFunc("/gateway", c.gateway)
	server := httptest.NewServer(mux)
	t.Cleanup(server.CloseClientConnections)
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// Answer has messages to a number answered in some way, until it is told nil.
func (c *Carrier) Answer(number string, by http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if by == nil {
		delete(c.answers, number)
	} else {
		c.answers[number] = by
	}
}

// Says answers with a status and a body.
func Says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// HangsUp takes the message and ends the connection without a word.
func HangsUp(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// Stalls takes the message and says nothing until the other side has lost its patience.
func Stalls(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// Texts gives what came for a number.
func (c *Carrier) Texts(to string) []Text {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.got[to])
}

// Counts gives how many messages came, and for how many numbers.
func (c *Carrier) Counts() (texts, numbers int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, list := range c.got {
		texts += len(list)
	}
	return texts, len(c.got)
}

func (c *Carrier) take(w http.ResponseWriter, r *http.Request, t Text, otherwise http.HandlerFunc) {
	c.mu.Lock()
	c.got[t.To] = append(c.got[t.To], t)
	by := c.answers[t.To]
	c.mu.Unlock()
	if by == nil {
		by = otherwise
	}
	by(w, r)
}

func (c *Carrier) twilio(w http.ResponseWriter, r *http.Request) {
	name, password, _ := r.BasicAuth()
	if name != Account || password != Token || r.PathValue("account") != Account {
		Says(http.StatusUnauthorized, `{"code": 20003, "message": "Authenticate", "status": 401}`)(w, r)
		return
	}
	t := Text{To: r.PostFormValue("To"), From: r.PostFormValue("From"), Body: r.PostFormValue("Body"), Callback: r.PostFormValue("StatusCallback"), Header: r.Header}
	c.take(w, r, t, Says(http.StatusCreated, fmt.Sprintf(`{"sid": "SM%032x", "status": "queued", "error_code": null, "num_segments": "1"}`, len(c.Texts(t.To)))))
}

// gateway takes whatever comes; the number stands in the query or, in the tests' own way, in a header.
func (c *Carrier) gateway(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	t := Text{To: r.Header.Get("X-To"), Callback: r.Header.Get("X-Callback"), Header: r.Header, Raw: string(body), Body: r.URL.Query().Get("text")}
	if t.To == "" {
		t.To = r.URL.Query().Get("to")
	}
	c.take(w, r, t, Says(http.StatusOK, `{"ok": true}`))
}

// Tell posts a form to an address as Twilio does, signed with a token, and gives the status.
func Tell(t testing.TB, token, address string, form url.Values) int {
	t.Helper()
	signed := address
	for _, name := range slices.Sorted(maps.Keys(form)) {
		signed += name + form.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(signed))
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, address, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	return resp.StatusCode
}
