// Package passkeytest has an authenticator for tests, which answers challenges as a browser on one page does.
package passkeytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"testing"

	"github.com/descope/virtualwebauthn"
	"github.com/stretchr/testify/require"
)

// Device is an authenticator with one credential. A copy of it is a clone.
type Device struct {
	RP   virtualwebauthn.RelyingParty
	Auth virtualwebauthn.Authenticator
	Cred virtualwebauthn.Credential
}

// New gives a device at a page, for passkeys of a domain. Its credential is backed up.
func New(t testing.TB, domain, origin string) *Device {
	t.Helper()
	return &Device{
		RP:   virtualwebauthn.RelyingParty{ID: domain, Origin: origin},
		Auth: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{BackupEligible: true, BackupState: true}),
		Cred: Credential(t),
	}
}

// Credential gives a credential with a key whose coordinates have no leading zero: the library would leave it out, which COSE does not allow
// (RFC 9053 section 7.1.1).
func Credential(t testing.TB) virtualwebauthn.Credential {
	t.Helper()
	for {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		point, err := key.PublicKey.Bytes() // 4, x, y
		require.NoError(t, err)
		if point[1] == 0 || point[33] == 0 {
			continue
		}
		data, err := x509.MarshalPKCS8PrivateKey(key)
		require.NoError(t, err)
		return virtualwebauthn.NewCredentialWithImportedKey(virtualwebauthn.KeyTypeEC2, data)
	}
}

// Make answers a challenge with the credential, and keeps whose it is.
func (d *Device) Make(t testing.TB, options json.RawMessage) json.RawMessage {
	t.Helper()
	asked, err := virtualwebauthn.ParseAttestationOptions(string(options))
	require.NoError(t, err)
	d.Auth.Options.UserHandle = []byte(asked.UserID)
	return json.RawMessage(virtualwebauthn.CreateAttestationResponse(d.RP, d.Auth, d.Cred, *asked))
}

// Answer answers a challenge to sign in, and counts one more.
func (d *Device) Answer(t testing.TB, options json.RawMessage) json.RawMessage {
	t.Helper()
	asked, err := virtualwebauthn.ParseAssertionOptions(string(options))
	require.NoError(t, err)
	d.Cred.Counter++
	return json.RawMessage(virtualwebauthn.CreateAssertionResponse(d.RP, d.Auth, d.Cred, *asked))
}
