// Package paytest runs stripe-mock, Stripe's own stand-in for its API, for a test. It answers each request from Stripe's OpenAPI
// description and refuses what that does not allow, but keeps nothing: what was made is not found again.
package paytest

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

var listening = regexp.MustCompile(`HTTP at address: (127\.0\.0\.1:\d+)`)

// Start runs it until the test ends and gives its address. Go builds it once, at the version that tool/go.mod pins.
func Start(t testing.TB) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	mod := filepath.Join(filepath.Dir(here), "../../../tool/go.mod")
	built, err := exec.CommandContext(t.Context(), "go", "tool", "-n", "-modfile="+mod, "stripe-mock").Output()
	require.NoError(t, err)
	mock := exec.Command(string(regexp.MustCompile(`\s+$`).ReplaceAll(built, nil)), "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0") //nolint:noctx // ended below
	out, err := mock.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, mock.Start())
	t.Cleanup(func() {
		_ = mock.Process.Kill()
		_ = mock.Wait() // it was killed
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			go func() {
				for lines.Scan() { //nolint:revive // it must not wait for its reader
				}
			}()
			return "http://" + m[1]
		}
	}
	t.Fatal("stripe-mock ended before it listened")
	return ""
}
