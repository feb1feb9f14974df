package account

import (
	"encoding/json"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"carnet/internal/fault"
	"carnet/internal/site"
)

const (
	appleIssuer     = "https://appleid.apple.com"
	appleSecretLife = 5 * time.Minute // Apple takes up to six months
)

// appleSecret makes the client secret of one login: a JWT signed by the team's private key (Apple,
// "Creating a client secret").
func appleSecret(c site.Provider, privateKey string, now time.Time) (string, error) {
	key, err := site.AppleKey(privateKey)
	if err != nil {
		return "", fault.Wrap(err, "private key of Apple")
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: c.KeyID}}, nil)
	if err != nil {
		return "", fault.Wrap(err, "signer of Apple's client secret")
	}
	return jwt.Signed(signer).Claims(map[string]any{
		"iss": c.TeamID, "sub": c.ClientID, "aud": appleIssuer, "iat": now.Unix(), "exp": now.Add(appleSecretLife).Unix(),
	}).Serialize()
}

// appleNames gives the names that Apple posts beside the code, the first time somebody comes. They are
// not signed, and no more than what somebody says of themselves.
func appleNames(user string) (first, last string) {
	var said struct {
		Name struct{ FirstName, LastName string }
	}
	if len(user) > 4096 || json.Unmarshal([]byte(user), &said) != nil {
		return "", ""
	}
	return name(said.Name.FirstName), name(said.Name.LastName)
}
