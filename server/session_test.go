package server_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// Reading with a session writes nothing; its end is put off once it is a minute old.
func TestSessionsAreReadOnly(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	h := s.SignIn(t, site.Manager)
	state := func() (version string, left float64) {
		require.NoError(t, p.DB.Pool.QueryRow(t.Context(), "SELECT xmin::text || ' ' || xmax::text || ' ' || ctid::text, extract(epoch FROM expires_at - now())::float8 FROM http_session").Scan(&version, &left))
		return version, left
	}
	begun, _ := state()
	for range 3 {
		p.Must(t, h, "{ viewer { access } }", nil, nil)
	}
	now, _ := state()
	require.Equal(t, begun, now, "neither written nor locked")

	_, err := p.DB.Pool.Exec(t.Context(), "UPDATE http_session SET expires_at = now() + interval '1 hour'")
	require.NoError(t, err)
	p.Must(t, h, "{ viewer { access } }", nil, nil)
	_, left := state()
	require.Greater(t, left, 2*3600.0, "put off")
}

// Who signs out stays signed out, whatever was under way.
func TestSignOutIsFinal(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	h := s.SignIn(t, site.Manager)
	_, err := p.DB.Pool.Exec(t.Context(), "UPDATE http_session SET expires_at = now() + interval '1 hour'") // to be put off
	require.NoError(t, err)

	body, slow := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+"/graphql", body)
	require.NoError(t, err)
	req.Header.Set("Cookie", h["Cookie"])
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Expect", "100-continue") // so nothing is read before the session has been
	answered := make(chan error, 1)
	go func() {
		resp, err := (&http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}).Do(req)
		if err == nil {
			err = resp.Body.Close()
		}
		answered <- err
	}()
	_, err = slow.Write([]byte(`{"query": "{ viewer { access } `))
	require.NoError(t, err)
	status, answer := p.HTTP(t, http.MethodDelete, "/v1/staff/session", h, "", nil)
	require.Equal(t, http.StatusNoContent, status, answer)
	_, err = slow.Write([]byte(`}"}`))
	require.NoError(t, err)
	require.NoError(t, slow.Close())
	require.NoError(t, <-answered)
	p.Refused(t, h, "UNAUTHENTICATED", "{ contacts { nodes { id } } }", nil)
}
