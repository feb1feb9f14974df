package account_test

import (
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"carnet/internal/account"
)

// RFC 9449 section 4.3, point by point.
func TestProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	const url = publicURL + "/v1/token"
	check := func(access string, headers ...string) (string, error) {
		return w.service.CheckProof(t.Context(), account.Proof{Header: headers, Method: "POST", URL: url, Access: access})
	}
	jkt, err := check("", b.proof("POST", url, "", nil))
	require.NoError(t, err)
	require.Equal(t, b.jkt(), jkt)
	jkt, err = check("ca_token", b.proof("POST", url, "ca_token", nil))
	require.NoError(t, err)
	require.Equal(t, b.jkt(), jkt)

	once := b.proof("POST", url, "", nil)
	_, err = check("", once)
	require.NoError(t, err)
	_, err = check("", once)
	require.Equal(t, account.ReasonInvalidProof, reason(err), "replayed")

	forged := b.proof("POST", url, "", nil)
	forged = forged[:len(forged)-4] + strings.Map(func(r rune) rune {
		if r == 'A' {
			return 'B'
		}
		return 'A'
	}, forged[len(forged)-4:])
	hmacSigner, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(strings.Repeat("k", 32))}, (&jose.SignerOptions{}).WithType("dpop+jwt"))
	require.NoError(t, err)
	signed, err := hmacSigner.Sign([]byte(`{}`))
	require.NoError(t, err)
	symmetric, err := signed.CompactSerialize()
	require.NoError(t, err)
	for name, headers := range map[string][]string{
		"none":        {},
		"two":         {b.proof("POST", url, "", nil), b.proof("POST", url, "", nil)},
		"rubbish":     {"a.b.c"},
		"huge":        {strings.Repeat("x", 5000)},
		"forged":      {forged},
		"symmetric":   {symmetric},
		"wrong typ":   {b.sign("jwt", claims{"jti": "x"})},
		"wrong htm":   {b.proof("GET", url, "", nil)},
		"wrong htu":   {b.proof("POST", publicURL+"/v1/refresh", "", nil)},
		"htu + query": {b.proof("POST", url+"?a=b", "", nil)},
		"no jti":      {b.proof("POST", url, "", claims{"jti": nil})},
		"long jti":    {b.proof("POST", url, "", claims{"jti": strings.Repeat("j", 129)})},
		"no iat":      {b.proof("POST", url, "", claims{"iat": nil})},
		"wrong types": {b.proof("POST", url, "", claims{"htm": 3})},
		"NUL in jti":  {b.proof("POST", url, "", claims{"jti": "a\x00"})},
	} {
		_, err := check("", headers...)
		require.Equal(t, account.ReasonInvalidProof, reason(err), name)
	}
	for name, ath := range map[string]any{"no ath": nil, "wrong ath": "x"} {
		_, err = check("ca_token", b.proof("POST", url, "ca_token", claims{"ath": ath}))
		require.Equal(t, account.ReasonInvalidProof, reason(err), name)
	}
	for name, nonce := range map[string]any{"no nonce": nil, "wrong nonce": "x.y", "forged nonce": w.service.Nonce() + "x"} {
		_, err = check("", b.proof("POST", url, "", claims{"nonce": nonce}))
		require.Equal(t, account.ReasonUseNonce, reason(err), name)
	}
	old := w.service.Nonce()
	w.clock.add(2 * time.Minute)
	_, err = check("", b.proof("POST", url, "", claims{"nonce": old}))
	require.NoError(t, err)
	w.clock.add(time.Minute)
	_, err = check("", b.proof("POST", url, "", claims{"nonce": old}))
	require.Equal(t, account.ReasonUseNonce, reason(err), "an old nonce")
	// Not even a replay after the sweep gets through: by then its nonce is old.
	w.clock.add(10 * time.Minute)
	require.NoError(t, w.service.Sweep(t.Context()))
	require.Zero(t, w.count("dpop_proof"))
	_, err = check("", once)
	require.Equal(t, account.ReasonUseNonce, reason(err))
}
