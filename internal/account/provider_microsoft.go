package account

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	jose "github.com/go-jose/go-jose/v4"

	"carnet/internal/site"
)

const (
	microsoft          = "https://login.microsoftonline.com/"
	microsoftConsumers = "9188040d-6c67-4c5b-b112-36a304b66dad" // the directory of all personal accounts
	microsoftAnyTenant = "{tenantid}"                           // stands in its documents for the directory that a token names
)

var microsoftIssuer = regexp.MustCompile(`^https://login\.microsoftonline\.com/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/v2\.0$`)

// microsoftFits tells whether a directory's name for itself is one whose people a site lets in.
func microsoftFits(p site.Provider, issuer string) bool {
	found := microsoftIssuer.FindStringSubmatch(issuer)
	if found == nil {
		return false
	}
	switch p.Tenant {
	case "common":
		return true
	case "organizations":
		return found[1] != microsoftConsumers
	case "consumers":
		return found[1] == microsoftConsumers
	}
	return found[1] == p.Tenant
}

// microsoftKeys are the keys that Microsoft publishes. Each is good for the tokens of the directories that its own issuer names, and for no others
// (Microsoft identity platform, "Access tokens", section "Validate the signing key issuer"): the key of one must not vouch for another's people.
type microsoftKeys struct{ way *way }

// VerifySignature is what oidc.KeySet asks.
func (k microsoftKeys) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, err
	}
	var claims struct {
		Issuer string `json:"iss"`
		Tenant string `json:"tid"`
	}
	if err := json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &claims); err != nil {
		return nil, err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := k.way.get(ctx, k.way.keysURL, "", &set); err != nil {
		return nil, err
	}
	for _, raw := range set.Keys {
		var of struct {
			ID     string `json:"kid"`
			Issuer string `json:"issuer"`
		}
		var key jose.JSONWebKey
		if json.Unmarshal(raw, &of) != nil || of.ID != signed.Signatures[0].Header.KeyID || json.Unmarshal(raw, &key) != nil {
			continue
		}
		if of.Issuer == "" || strings.ReplaceAll(of.Issuer, microsoftAnyTenant, claims.Tenant) != claims.Issuer {
			return nil, errors.New("the ID token is signed with a key of another directory")
		}
		return signed.Verify(&key)
	}
	return nil, errors.New("the ID token is signed with a key that is not published")
}
