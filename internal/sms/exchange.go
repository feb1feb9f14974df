package sms

import (
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"carnet/internal/message"
)

// Patience is how long a provider is given to answer.
const Patience = 10 * time.Second

func outcome(fate message.Fate, problem error) Outcome {
	return Outcome{Outcome: message.Outcome{Fate: fate, Problem: problem, Usable: true}}
}

// answer is what a provider said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// exchange sends a request. failed is what is to be told when there is no answer to read.
func exchange(client *http.Client, req *http.Request) (a answer, failed *Outcome) {
	var written atomic.Bool
	trace := &httptrace.ClientTrace{WroteRequest: func(w httptrace.WroteRequestInfo) { written.Store(w.Err == nil) }}
	fail := func(err error) *Outcome {
		fate := message.Away
		if written.Load() {
			fate = message.Unknown
		}
		out := outcome(fate, err)
		return &out
	}
	resp, err := client.Do(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	if err != nil {
		return a, fail(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return a, fail(err)
	}
	return answer{resp.StatusCode, resp.Header, body}, nil
}

// longestWait bounds what a provider may ask for.
const longestWait = time.Hour

// wait reads Retry-After (RFC 9110, section 10.2.3).
func (a answer) wait() time.Duration {
	text := a.header.Get("Retry-After")
	var wait time.Duration
	if n, err := strconv.Atoi(text); err == nil {
		wait = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), longestWait)
}

// says gives the answer's beginning, for people.
func (a answer) says() string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(a.body[:min(len(a.body), 300)]), "")), " ")
	if text == "" {
		return http.StatusText(a.status)
	}
	return text
}
