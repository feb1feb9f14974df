package graph_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	saveProvider  = `mutation($i: SaveLoginProviderInput!) { saveLoginProvider(input: $i) { errors { code message path } } }`
	readProviders = `{ site { loginRedirectUrl loginProviders { name kind issuer tenant teamId keyId clientId } } }`
)

func p8(t *testing.T, curve elliptic.Curve) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// D-08: a manager chooses a kind of provider; each asks for what it needs, and drops what it does not have.
func TestLoginProviderKinds(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "venue")
	manager := s.As(site.Manager)
	save := func(change vars) []string {
		in := vars{"name": "one", "label": "One", "clientId": "client", "clientSecret": "secret"}
		for k, v := range change {
			in[k] = v
		}
		return p.Payload(t, manager, saveProvider, vars{"i": in}, nil)
	}
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", saveProvider, vars{"i": vars{"name": "one", "label": "One", "kind": "GOOGLE", "clientId": "c", "clientSecret": "s"}})
	for _, c := range []struct {
		change vars
		errors []string
	}{
		{vars{"kind": "OIDC"}, []string{"INVALID_ISSUER issuer"}},
		{vars{"kind": "OIDC", "issuer": "http://plain.example"}, []string{"INVALID_ISSUER issuer"}},
		{vars{"kind": "GOOGLE", "name": "No Name", "label": " ", "clientId": ""}, []string{"INVALID_PROVIDER_NAME name", "REQUIRED label", "REQUIRED clientId"}},
		{vars{"kind": "GOOGLE", "clientSecret": nil}, []string{"SECRET_NEEDED clientSecret"}},
		{vars{"kind": "MICROSOFT"}, []string{"INVALID_TENANT tenant"}},
		{vars{"kind": "MICROSOFT", "tenant": "../common"}, []string{"INVALID_TENANT tenant"}},
		{vars{"kind": "MICROSOFT", "tenant": "contoso.com"}, []string{"INVALID_TENANT tenant"}},
		{vars{"kind": "APPLE"}, []string{"INVALID_APPLE_ID teamId", "INVALID_APPLE_ID keyId", "INVALID_APPLE_KEY clientSecret"}},
		{vars{"kind": "APPLE", "teamId": "TEAM567890", "keyId": "KEY4567890", "clientSecret": p8(t, elliptic.P384())}, []string{"INVALID_APPLE_KEY clientSecret"}},
		{vars{"kind": "APPLE", "teamId": "TEAM567890", "keyId": "KEY4567890", "clientSecret": p8(t, elliptic.P256())}, nil},
		{vars{"kind": "MICROSOFT", "name": "two", "tenant": " Common "}, nil},
		{vars{"kind": "GITHUB", "name": "three", "issuer": "https://evil.example", "tenant": "common", "teamId": "x"}, nil},
	} {
		require.ElementsMatch(t, c.errors, save(c.change), c.change)
	}
	type provider struct{ Name, Kind, Issuer, Tenant, TeamID, KeyID, ClientID string }
	var out struct {
		Site struct {
			LoginRedirectURL string
			LoginProviders   []provider
		}
	}
	p.Must(t, manager, readProviders, nil, &out)
	require.Equal(t, []provider{
		{Name: "one", Kind: "APPLE", TeamID: "TEAM567890", KeyID: "KEY4567890", ClientID: "client"},
		{Name: "three", Kind: "GITHUB", ClientID: "client"},
		{Name: "two", Kind: "MICROSOFT", Tenant: "common", ClientID: "client"},
	}, out.Site.LoginProviders)
	require.Regexp(t, `/v1/social/callback/club/$`, out.Site.LoginRedirectURL)
	p.Must(t, other.As(site.Manager), readProviders, nil, &out)
	require.Empty(t, out.Site.LoginProviders)
	require.Regexp(t, `/v1/social/callback/venue/$`, out.Site.LoginRedirectURL)
}

// A stored secret is never told, and so it goes to no address that somebody types later.
func TestStoredSecretStaysWithItsIssuer(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	in := func(change vars) vars {
		out := vars{"name": "one", "label": "One", "kind": "OIDC", "issuer": "https://idp.example", "clientId": "client"}
		for k, v := range change {
			out[k] = v
		}
		return vars{"i": out}
	}
	manager := s.As(site.Manager)
	require.Empty(t, p.Payload(t, manager, saveProvider, in(vars{"clientSecret": "secret"}), nil))
	require.Empty(t, p.Payload(t, manager, saveProvider, in(vars{"label": "Other", "clientId": "another"}), nil))
	for _, change := range []vars{{"issuer": "https://evil.example"}, {"kind": "GOOGLE", "issuer": nil}} {
		require.Equal(t, []string{"SECRET_NEEDED clientSecret"}, p.Payload(t, manager, saveProvider, in(change), nil))
	}
	require.Empty(t, p.Payload(t, manager, saveProvider, in(vars{"issuer": "https://evil.example", "clientSecret": "their own"}), nil))
}
