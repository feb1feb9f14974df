package server_test

import (
	"testing"

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
