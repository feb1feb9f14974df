package account

import (
	"strings"

	"golang.org/x/oauth2"

	"carnet/internal/site"
)

// preset is what is known beforehand of a kind of provider.
type preset struct {
	issuer    string // of identities; empty where the provider's row or its tokens name it
	discovery string // the issuer whose discovery document is read; empty: OAuth 2 without ID tokens
	scopes    []string
	style     oauth2.AuthStyle
	noPKCE    bool
	noNonce   bool // its ID tokens hold none; one that they hold must still be ours
	posts     bool // it answers by a POST from its own page (OAuth 2.0 Form Post Response Mode)
	userinfo  bool // asked beside the ID token
	vouches   bool // its word on a verified address counts; a mailbox is proven otherwise
}

var openIDScopes = []string{"openid", "email", "profile"}

// presetOf gives what is known of a provider. Why each is as it is:
//   - Microsoft lets the owner of any directory say that somebody has any address.
//   - Apple answers by POST when asked for name or address, and wants its secret in the body.
//   - LinkedIn refuses a PKCE verifier (invalid_client) and puts no nonce into its ID tokens. What holds
//     there is state, the browser's cookie, the client's secret, and a redirect address of its own.
//   - Facebook does not say whether an address is verified.
func presetOf(p site.Provider) preset {
	switch p.Kind {
	case site.ProviderGoogle:
		return preset{discovery: "https://accounts.google.com", scopes: openIDScopes, style: oauth2.AuthStyleInParams, vouches: true}
	case site.ProviderMicrosoft:
		return preset{discovery: microsoft + p.Tenant + "/v2.0", scopes: openIDScopes, style: oauth2.AuthStyleInParams}
	case site.ProviderApple:
		return preset{discovery: appleIssuer, scopes: []string{"openid", "email", "name"}, style: oauth2.AuthStyleInParams, posts: true, vouches: true}
	case site.ProviderLinkedIn:
		return preset{discovery: "https://www.linkedin.com/oauth", scopes: openIDScopes, style: oauth2.AuthStyleInParams, noPKCE: true, noNonce: true, vouches: true}
	case site.ProviderGitHub:
		return preset{issuer: "https://github.com", scopes: []string{"read:user", "user:email"}, style: oauth2.AuthStyleInParams, vouches: true}
	case site.ProviderFacebook:
		return preset{issuer: "https://www.facebook.com", scopes: []string{"public_profile", "email"}, style: oauth2.AuthStyleInParams}
	default:
		return preset{discovery: p.Issuer, scopes: openIDScopes, userinfo: true, vouches: true}
	}
}

// issuerFits tells whether a provider may call itself so. Microsoft's tokens name the directory that
// somebody belongs to, so each of its directories is an issuer of its own.
func issuerFits(p site.Provider, discovery, issuer string) bool {
	if p.Kind == site.ProviderMicrosoft {
		return microsoftFits(p, issuer)
	}
	return issuer == discovery
}

// documentFits tells whether a discovery document is the one that was asked for. Those of Microsoft for
// several directories name none.
func documentFits(p site.Provider, discovery, issuer string) bool {
	if p.Kind == site.ProviderMicrosoft && (p.Tenant == "common" || p.Tenant == "organizations") {
		return issuer == microsoft+microsoftAnyTenant+"/v2.0"
	}
	return issuerFits(p, discovery, issuer)
}

// usual fills in an address that a kind calls otherwise.
func (v visitor) usual(p site.Provider, nickname string) visitor {
	if p.Kind == site.ProviderMicrosoft && v.Email == "" && strings.Contains(nickname, "@") {
		v.Email = nickname // work accounts have an address as their name, and often no other
	}
	return v
}
