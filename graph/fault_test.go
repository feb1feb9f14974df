package graph_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// logged keeps the lines of a log.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

type logLine struct {
	Level, Msg, Path, Code string
	Errors                 []string
	RequestID              string `json:"request_id"`
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// of gives the lines with a message.
func (l *logged) of(t *testing.T, message string) (out []logLine) {
	t.Helper()
	for text := range strings.SplitSeq(strings.TrimSpace(l.String()), "\n") {
		var line logLine
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		if line.Msg == message {
			out = append(out, line)
		}
	}
	return out
}

// Whatever is refused stands in the log with the request's id, also what the user can mend and finds in the payload,
// but of that nothing that was typed and no name of anybody.
func TestRefusalsAreLogged(t *testing.T) {
	t.Parallel()
	log := &logged{}
	p := apptest.StartWith(t, func(c *app.Config) { c.Log = slog.New(slog.NewJSONHandler(log, nil)) })
	s := p.NewSite(t, "club")
	a, b := s.NewPerson(t, "Anna", "Hemmelig"), s.NewPerson(t, "Berit", "Hemmelig")
	parent := links(t, s)["PARENT"]
	link(t, s, parent, a, b, nil)
	require.Empty(t, log.of(t, "graphql to be mended"))

	_, errors := tryLink(t, s, vars{"typeId": parent, "fromId": b, "toId": a})
	require.Equal(t, []string{"CYCLE toId"}, errors)
	require.Len(t, p.Payload(t, s.As(site.Operator), createPerson, vars{"i": vars{"phone": "12", "email": "hemmelig at example"}}, nil), 2)
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", createPerson, vars{"i": vars{"lastName": "x"}})
	lines := log.of(t, "graphql to be mended")
	require.Len(t, lines, 2)
	require.Equal(t, []any{"INFO", "createAffiliation", []string{"CYCLE toId"}}, []any{lines[0].Level, lines[0].Path, lines[0].Errors})
	require.ElementsMatch(t, []string{"INVALID_PHONE phone", "INVALID_EMAIL email"}, lines[1].Errors)
	require.NotEmpty(t, lines[0].RequestID)
	require.NotEqual(t, lines[0].RequestID, lines[1].RequestID)
	refused := log.of(t, "graphql refused")
	require.Len(t, refused, 1)
	require.Equal(t, "FORBIDDEN", refused[0].Code)
	require.NotContains(t, strings.ToLower(log.String()), "hemmelig")
}
