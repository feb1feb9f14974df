package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/markbates/goth"
	"github.com/markbates/goth/providers/openidConnect"
	"golang.org/x/oauth2"

	"carnet/internal/site"
)

// readIDToken verifies an ID token and reads who it is of. goth checks no signature, so it comes second.
func (w *way) readIDToken(ctx context.Context, from *oauth2.Token, nonce string) (v visitor, err error) {
	text, _ := from.Extra("id_token").(string)
	// The issuer is checked below: one provider may have several.
	config := &oidc.Config{ClientID: w.oauth.ClientID, Now: w.now, SkipIssuerCheck: true}
	verifier := w.found.VerifierContext(ctx, config)
	if w.config.Kind == site.ProviderMicrosoft {
		verifier = oidc.NewVerifier("", microsoftKeys{w}, config)
	}
	token, err := verifier.Verify(ctx, text) // signature, audience, expiry
	if err != nil {
		return v, err
	}
	issuer := token.Issuer
	if issuer == "accounts.google.com" {
		issuer = "https://accounts.google.com" // Google's own way to write it
	}
	if !issuerFits(w.config, w.discovery, issuer) {
		return v, fmt.Errorf("the ID token is of another issuer, %q", short(token.Issuer, 100))
	}
	if err := w.checkToken(token, nonce); err != nil {
		return v, err
	}
	userinfo := ""
	if w.userinfo {
		userinfo = w.found.UserInfoEndpoint()
	}
	provider, err := openidConnect.NewCustomisedURL(w.oauth.ClientID, "", "", "", "", token.Issuer, userinfo, "")
	if err != nil {
		return v, err
	}
	provider.HTTPClient = w.client
	user, err := provider.FetchUser(&openidConnect.Session{AccessToken: from.AccessToken, ExpiresAt: from.Expiry, IDToken: text}) // userinfo must name the same subject
	if err != nil {
		return v, err
	}
	vouched, err := verifiedEmail(token, user)
	if err != nil {
		return v, err
	}
	return visitor{
		Issuer: issuer, Subject: token.Subject, Email: strings.TrimSpace(user.Email), EmailVerified: w.vouches && vouched,
		FirstName: name(user.FirstName), LastName: name(user.LastName),
	}.usual(w.config, user.NickName), nil
}

// checkToken checks what go-oidc leaves to the caller: nonce, subject and authorized party (OpenID
// Connect Core section 3.1.3.7).
func (w *way) checkToken(token *oidc.IDToken, nonce string) error {
	var claims struct {
		AZP string `json:"azp"`
	}
	if err := token.Claims(&claims); err != nil {
		return err
	}
	switch {
	case token.Nonce == "" && w.noNonce:
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1:
		return errors.New("the nonce of the ID token is not ours")
	}
	switch {
	case token.Subject == "" || len(token.Subject) > 255 || strings.ContainsRune(token.Subject, 0):
		return errors.New("the ID token has no usable subject")
	case claims.AZP != "" && claims.AZP != w.oauth.ClientID, claims.AZP == "" && len(token.Audience) > 1:
		return errors.New("the ID token is for another party")
	}
	return nil
}

// verifiedEmail takes true and "true", which some providers write, and nothing else. goth lays what userinfo says over the ID token: a word
// of the ID token on another address is none on that of userinfo.
func verifiedEmail(token *oidc.IDToken, user goth.User) (bool, error) {
	var signed struct {
		Email    any `json:"email"`
		Verified any `json:"email_verified"`
	}
	if err := token.Claims(&signed); err != nil {
		return false, err
	}
	said := user.RawData["email_verified"]
	address, _ := signed.Email.(string)
	return (said == true || said == "true") && (signed.Verified == nil || address == user.Email), nil
}

func name(text string) string {
	return short(strings.TrimSpace(text), 200)
}
