package site

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"carnet/internal/fault"
)

// ProviderKind is whose login a provider is.
type ProviderKind string

// The kinds. All but ProviderOIDC have fixed addresses.
const (
	ProviderOIDC      ProviderKind = "oidc" // any OpenID Connect issuer
	ProviderGoogle    ProviderKind = "google"
	ProviderMicrosoft ProviderKind = "microsoft"
	ProviderApple     ProviderKind = "apple"
	ProviderFacebook  ProviderKind = "facebook"
	ProviderGitHub    ProviderKind = "github"
	ProviderLinkedIn  ProviderKind = "linkedin"
)

var (
	microsoftTenant = regexp.MustCompile(`^(common|organizations|consumers|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$`)
	appleID         = regexp.MustCompile(`^[A-Z0-9]{10}$`)
)

// tidy takes the space off what was typed, and drops what the kind does not have.
func (p *Provider) tidy() {
	for _, text := range []*string{&p.Label, &p.Issuer, &p.ClientID, &p.Tenant, &p.TeamID, &p.KeyID} {
		*text = strings.TrimSpace(*text)
	}
	p.Tenant = strings.ToLower(p.Tenant)
	if p.Kind != ProviderOIDC {
		p.Issuer = ""
	}
	if p.Kind != ProviderMicrosoft {
		p.Tenant = ""
	}
	if p.Kind != ProviderApple {
		p.TeamID, p.KeyID = "", ""
	}
}

// check says what is to be mended; an empty secret stands for the one that is stored.
func (p Provider) check(clientSecret string) error {
	var list fault.List
	bad := func(reason, path, format string, args ...any) {
		list = append(list, fault.Invalid(reason, []string{path}, format, args...))
	}
	if !providerName.MatchString(p.Name) {
		bad("INVALID_PROVIDER_NAME", "name", "a name has 1 to 40 small letters, digits or hyphens")
	}
	if p.Label == "" {
		bad(fault.Required, "label", "say what the button shows")
	} else if len([]rune(p.Label)) > 100 {
		bad(fault.InvalidValue, "label", "the button's text has at most 100 characters")
	}
	if p.ClientID == "" {
		bad(fault.Required, "clientId", "give the client id from the provider")
	}
	switch p.Kind {
	case ProviderOIDC:
		u, err := url.Parse(p.Issuer)
		if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
			bad("INVALID_ISSUER", "issuer", "give the issuer's https address, as in its discovery document")
		}
	case ProviderMicrosoft:
		if !microsoftTenant.MatchString(p.Tenant) {
			bad("INVALID_TENANT", "tenant", "give common, organizations, consumers, or the directory (tenant) id")
		}
	case ProviderApple:
		if !appleID.MatchString(p.TeamID) {
			bad("INVALID_APPLE_ID", "teamId", "a team id has ten capital letters and digits")
		}
		if !appleID.MatchString(p.KeyID) {
			bad("INVALID_APPLE_ID", "keyId", "a key id has ten capital letters and digits")
		}
		if _, err := AppleKey(clientSecret); clientSecret != "" && err != nil {
			bad("INVALID_APPLE_KEY", "clientSecret", "give the whole .p8 file of the key, with its BEGIN and END lines")
		}
	case ProviderGoogle, ProviderFacebook, ProviderGitHub, ProviderLinkedIn:
	default:
		bad(fault.InvalidValue, "kind", "no provider is of the kind %q", p.Kind)
	}
	return list.Err()
}

// AppleKey reads the private key that Apple gives as a .p8 file: PKCS #8, P-256.
func AppleKey(text string) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("it is no PEM file")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("it holds no PKCS #8 key") // the cause may quote what was typed
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("its key is not of P-256")
	}
	return key, nil
}
