package server

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"carnet/internal/account"
	"carnet/internal/fault"
)

// token answers POST /v1/token.
func (h *EndUser) token(w http.ResponseWriter, r *http.Request) {
	var in struct{ Site, Code, Verifier string }
	h.grant(w, r, &in, func() string { return in.Site }, func(jkt string) (account.Tokens, error) {
		return h.Accounts.Exchange(r.Context(), account.Exchange{Site: in.Site, Code: in.Code, Verifier: in.Verifier, Origin: h.origin(r), JKT: jkt})
	})
}

// refresh answers POST /v1/refresh.
func (h *EndUser) refresh(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Site         string `json:"site"`
		RefreshToken string `json:"refresh_token"`
	}
	h.grant(w, r, &in, func() string { return in.Site }, func(jkt string) (account.Tokens, error) {
		origin, token := h.origin(r), in.RefreshToken
		_, cookies := loginDomainOf(r.Context())
		if cookies {
			token = keptSession(r, origin)
		}
		tokens, err := h.Accounts.Refresh(r.Context(), account.Refresh{Site: in.Site, Token: token, Origin: origin, JKT: jkt})
		if _, refused := fault.Mendable(err); cookies && refused {
			keepSession(w, origin, "", 0)
		}
		return tokens, err
	})
}

// grant is what both token endpoints do: proof, body, the site's own origins, tokens. The proof comes
// first, so that a missing nonce uses nothing up.
func (h *EndUser) grant(w http.ResponseWriter, r *http.Request, in any, siteOf func() string, give func(jkt string) (account.Tokens, error)) {
	jkt, err := h.proof(w, r, "")
	if err != nil {
		h.fail(w, r, err)
		return
	}
	if !h.decode(w, r, in) {
		return
	}
	origin := h.origin(r)
	_, cookies := loginDomainOf(r.Context())
	if cookies && origin == "" {
		h.fail(w, r, fault.New(fault.Forbidden, "a login domain gives tokens to pages only: the request names no Origin"))
		return
	}
	a, err := h.Sites.Visitor(r.Context(), siteOf(), origin)
	if err == nil {
		err = h.onlyOf(r.Context(), a)
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	tokens, err := give(jkt)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	out := map[string]any{"access_token": tokens.Access, "token_type": "DPoP", "expires_in": int(tokens.ExpiresIn.Seconds())}
	if cookies {
		keepSession(w, origin, tokens.Refresh, tokens.KeptFor)
	} else {
		out["refresh_token"] = tokens.Refresh
	}
	h.answer(w, http.StatusOK, out)
}

// sessionCookie is the cookie of a page's session. Each origin has its own: sessions are bound to origin and key, and pages of several origins may share
// a login domain.
func sessionCookie(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return "__Host-carnet-session-" + hex.EncodeToString(sum[:4])
}

// keepSession puts a refresh token into the page's cookie for as long as it is good; an empty one takes the cookie away.
func keepSession(w http.ResponseWriter, origin, token string, keptFor time.Duration) {
	age := int(keptFor.Seconds())
	if token == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie(origin), Value: token, Path: "/", MaxAge: age, HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode,
	})
}

// keptSession gives the refresh token in the page's cookie; empty when there is none.
func keptSession(r *http.Request, origin string) string {
	cookie, err := r.Cookie(sessionCookie(origin))
	if err != nil {
		return ""
	}
	return cookie.Value
}
