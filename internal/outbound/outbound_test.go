package outbound_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/outbound"
)

// Only public addresses are reached, in whatever way they are written.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"127.0.0.1", "::1", "0.0.0.0", "::", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "fe80::1", "fd00::1", "100.64.0.1", "224.0.0.1", "ff02::1",
		"255.255.255.255", "198.18.0.1", "192.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001::1"} {
		require.Error(t, outbound.CheckAddress(netip.MustParseAddr(bad), false), bad)
	}
	for _, good := range []string{"9.9.9.9", "2620:fe::fe"} {
		require.NoError(t, outbound.CheckAddress(netip.MustParseAddr(good), false), good)
	}
	require.NoError(t, outbound.CheckAddress(netip.MustParseAddr("::ffff:127.0.0.1"), true))
	require.Error(t, outbound.CheckAddress(netip.MustParseAddr("10.0.0.1"), true), "loopback is this machine, not its network")
}

// The address is looked at when it is dialled, and plain http is for loopback where that is allowed.
func TestClient(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer server.Close()
	get := func(loopback bool, url string) error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		require.NoError(t, err)
		resp, err := outbound.Client(loopback).Do(req)
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	require.NoError(t, get(true, server.URL))
	require.ErrorContains(t, get(false, server.URL), "https")
	require.ErrorContains(t, get(false, "https"+server.URL[len("http"):]), "not a public address")
	require.ErrorContains(t, get(true, "http://carnet.example"), "https")
	require.Equal(t, 1, asked)
}
