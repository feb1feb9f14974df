package server_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// Links hold tokens in their path: whoever reads the log has none of them, also where a site has a login domain, whose requests are counted by route as all others.
func TestLogHasNoTokens(t *testing.T) {
	t.Parallel()
	w := newStage(t)
	const domain, token = "login.shop.example", "cx_8f14e45fceea167a5a36dedd4bea2543"
	_, err := w.DB.Bun.NewRaw("UPDATE site SET login_domain = ?, login_domain_verified_at = now() WHERE id = ?", domain, w.site.ID).Exec(t.Context())
	require.NoError(t, err)
	for host, paths := range map[string][]string{"": {"/v1/email/", "/v1/recovery/", "/v1/exports/"}, domain: {"/v1/email/", "/v1/recovery/"}} {
		for _, path := range paths {
			req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, w.URL+path+token, nil)
			require.NoError(t, err)
			req.Host = host
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			resp.Body.Close()
			require.NotEqual(t, http.StatusOK, resp.StatusCode)
		}
	}
	_, metrics := w.HTTP(t, http.MethodGet, "/metrics", nil, "", nil)
	require.Contains(t, metrics, `carnet_http_request_seconds_count{route="GET /v1/recovery/{token}",status="4xx"} 2`)
	log := w.log.String()
	require.Contains(t, log, "/v1/recovery/{token}")
	require.NotContains(t, log, token)
}
