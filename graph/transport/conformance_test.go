package transport_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"carnet/graph/transport"
	"carnet/internal/fault"

	"github.com/stretchr/testify/require"
)

const conformance = "testdata/conformance"

// install brings the npm packages, once, when they are not there.
var install = sync.OnceValues(func() ([]byte, error) {
	if _, err := os.Stat(filepath.Join(conformance, "node_modules", ".package-lock.json")); err == nil {
		return nil, nil
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = conformance
	return cmd.CombinedOutput()
})

// runNode runs a script of the conformance folder to its end and fails with what it printed.
func runNode(t *testing.T, script string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Fatal("this test drives the server with the protocol's own npm packages: install Node.js 20 or newer (apt-get install nodejs npm)")
	}
	if out, err := install(); err != nil {
		t.Fatalf("npm ci in graph/transport/%s: %v\n%s", conformance, err, out)
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{script}, args...)...)
	cmd.Dir = conformance
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// All audits of the npm package graphql-http, the optional ones included.
func TestHTTPAudits(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	out := runNode(t, "audit.mjs", s.URL)
	require.True(t, strings.HasPrefix(out, "61 audits\n"), out)
	require.Equal(t, 61, strings.Count(out, "\nok "), out)
}

func TestWebSocketByItsReferenceClient(t *testing.T) {
	t.Parallel()
	s := serve(t, &transport.WebSocket{Init: byToken, Watch: endingAtOnce}, nil)
	t.Log(runNode(t, "ws.mjs", "ws"+strings.TrimPrefix(s.URL, "http")))
}

func TestSSEByItsReferenceClient(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, nil)
	t.Log(runNode(t, "sse.mjs", s.URL))
}

// byToken greets the payload's token as a viewer, and refuses the token "bad".
func byToken(ctx context.Context, _ http.Header, payload json.RawMessage) (context.Context, any, error) {
	var p struct{ Token string }
	if len(payload) > 0 {
		if err := json.Unmarshal(payload, &p); err != nil {
			return nil, nil, err
		}
	}
	switch p.Token {
	case "":
		return ctx, nil, nil
	case "bad":
		return nil, nil, fault.New(fault.Unauthenticated, "sign in again")
	case "down":
		return nil, nil, fault.New(fault.Internal, "something went wrong on our side")
	case "panic":
		panic("on purpose")
	}
	return context.WithValue(ctx, viewerKey{}, p.Token), map[string]string{"hello": p.Token}, nil
}

// endingAtOnce ends the credential of the viewer "ending" as soon as it is watched.
func endingAtOnce(ctx context.Context, ended func()) func() {
	if ctx.Value(viewerKey{}) == "ending" {
		ended()
	}
	return func() {}
}
