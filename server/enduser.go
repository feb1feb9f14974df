package server

import (
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"
	"strings"

	"carnet/internal/account"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// EndUser answers for end users beside GraphQL: tokens, social sign-in, mail links, the host's
// redeem. Cookies play no part but one, which binds a social sign-in to its browser, and on login domains
// that of the session.
type EndUser struct {
	Accounts  *account.Service
	Sites     *site.Service
	PublicURL string // without a trailing slash
	answerer
}

// NewEndUser makes the endpoints of a server that is known by publicURL.
func NewEndUser(accounts *account.Service, sites *site.Service, publicURL string, log *slog.Logger) *EndUser {
	return &EndUser{Accounts: accounts, Sites: sites, PublicURL: publicURL, answerer: answerer{log}}
}

// Routes adds the endpoints.
func (h *EndUser) Routes(mux *http.ServeMux) {
	for _, method := range []string{http.MethodPost, http.MethodOptions} {
		mux.Handle(method+" /v1/token", h.CORS(h.client(h.token)))
		mux.Handle(method+" /v1/refresh", h.CORS(h.client(h.refresh)))
	}
	mux.Handle("GET /v1/social/{provider}/start", h.client(h.startSocial))
	mux.Handle("GET /v1/social/callback/{site}/{provider}", h.client(h.finishSocial))
	mux.Handle("POST /v1/social/callback/{site}/{provider}", h.client(h.finishPosted))
	mux.Handle("GET /v1/email/{token}", h.client(h.readLink))
	mux.Handle("POST /v1/email/{token}", h.client(h.confirmLink))
	mux.Handle("GET /v1/recovery/{token}", h.client(h.readRecovery))
	mux.Handle("POST /v1/recovery/{token}", h.client(h.recover))
	mux.Handle("POST /v1/checkout/{jti}/redeem", h.client(h.redeem))
	mux.Handle("GET /.well-known/jwks.json", h.client(h.keys))
	mux.HandleFunc("GET "+site.LoginDomainPath, h.reached)
}

// client tells the domain where a request comes from.
func (h *EndUser) client(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next(w, r.WithContext(account.WithClient(r.Context(), h.clientOf(w, r))))
	})
}

// origin gives the page's origin; empty outside browsers and on our own pages.
func (h *EndUser) origin(r *http.Request) string {
	if origin := r.Header.Get("Origin"); origin != h.address(r.Context()) {
		return origin
	}
	return ""
}

// Headers of cross-origin calls. A preflight changes and tells nothing and names no site, so it answers
// for every origin; the call is then refused unless a site has registered its origin, and each
// endpoint holds it to the origins of its own site.
const (
	corsMethods = "GET, POST"
	corsHeaders = "Authorization, Carnet-Site, Content-Type, DPoP"
	corsExposed = "DPoP-Nonce, X-Request-Id"
	corsMaxAge  = "7200" // seconds; browsers cap it themselves
	maxOrigin   = 300    // bytes: a host name has at most 253
)

// CORS answers preflights and lets pages of registered origins read answers, without credentials; others
// get a refusal that they can read. A login domain is for pages beside it, with credentials.
// Every answer brings the nonce of the next proof.
func (h *EndUser) CORS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Add("Vary", "Origin")
		head.Set("DPoP-Nonce", h.Accounts.Nonce())
		origin := h.origin(r)
		preflight := r.Method == http.MethodOptions
		if len(origin) > maxOrigin {
			h.fail(w, r, fault.New(fault.BadInput, "the Origin header is longer than any origin"))
			return
		}
		if origin != "" {
			known, err := h.Sites.OriginKnown(r.Context(), origin)
			if err != nil {
				h.fail(w, r, err)
				return
			}
			// The page may read why it is refused: a browser tells a refused preflight like a lost connection.
			head.Set("Access-Control-Allow-Origin", origin)
			head.Set("Access-Control-Expose-Headers", corsExposed)
			if !known && !preflight {
				h.fail(w, r, fault.New(fault.Forbidden, "no site has registered the origin %s; add it under Settings > Origins", origin))
				return
			}
		}
		if of, is := loginDomainOf(r.Context()); is {
			if err := h.admit(w, r, of, origin); err != nil && !preflight {
				h.fail(w, r, err)
				return
			}
		}
		if preflight {
			head.Set("Access-Control-Allow-Methods", corsMethods)
			head.Set("Access-Control-Allow-Headers", corsHeaders)
			head.Set("Access-Control-Max-Age", corsMaxAge)
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// cors is the same for the endpoints that the server has besides.
func (s *Server) cors(next http.Handler) http.Handler { return s.endUser.CORS(next) }

// proof checks a request's proof and gives the thumbprint of its key. access is the token that came along.
func (h *EndUser) proof(w http.ResponseWriter, r *http.Request, access string) (string, error) {
	w.Header().Set("DPoP-Nonce", h.Accounts.Nonce())
	jkt, err := h.Accounts.CheckProof(r.Context(), account.Proof{
		Header: r.Header.Values("DPoP"), Method: r.Method, URL: h.address(r.Context()) + r.URL.EscapedPath(), Access: access,
	})
	if list, ok := fault.Mendable(err); ok {
		// RFC 9449 sections 7.1 and 9.
		w.Header().Set("WWW-Authenticate", `DPoP error="`+strings.ToLower(list[0].Reason)+`", algs="ES256"`)
	}
	return jkt, err
}

// Actor gives the end user whose access token and proof a request brings. Unauthenticated when they
// do not fit each other, the request, its origin or the site that it names; with the reason
// USE_DPOP_NONCE the same request may be repeated with the answer's nonce.
func (h *EndUser) Actor(w http.ResponseWriter, r *http.Request) (site.Actor, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "DPoP") || token == "" {
		return site.Actor{}, fault.New(fault.Unauthenticated, "send Authorization: DPoP with an access token")
	}
	jkt, err := h.proof(w, r, token)
	if err != nil {
		return site.Actor{}, err
	}
	a, err := h.Accounts.Authenticate(r.Context(), token, jkt, h.origin(r))
	if err == nil {
		err = h.sameSite(r, a)
	}
	if fault.CodeOf(err) == fault.Unauthenticated && err != nil {
		w.Header().Set("WWW-Authenticate", `DPoP error="invalid_token", algs="ES256"`)
	}
	if err != nil {
		return site.Actor{}, err
	}
	return a, nil
}

// sameSite refuses a token of another site than the one that the request names.
func (h *EndUser) sameSite(r *http.Request, a site.Actor) error {
	publicID := r.Header.Get("Carnet-Site")
	if publicID == "" {
		return nil
	}
	of, err := h.Sites.ByPublicID(r.Context(), publicID)
	if err != nil {
		return err
	}
	if of.ID != a.SiteID {
		return fault.New(fault.Unauthenticated, "this access token is of another site than Carnet-Site names")
	}
	return nil
}

// readLink answers GET /v1/email/{token}: a page with a button. It changes nothing.
func (h *EndUser) readLink(w http.ResponseWriter, r *http.Request) {
	link, err := h.Accounts.ReadLink(r.Context(), r.PathValue("token"))
	h.showLink(w, r, emailLink, link, err, false)
}

// confirmLink answers POST /v1/email/{token}: the button.
func (h *EndUser) confirmLink(w http.ResponseWriter, r *http.Request) {
	link, err := h.Accounts.ConfirmLink(r.Context(), r.PathValue("token"))
	h.showLink(w, r, emailLink, link, err, true)
}

// readRecovery answers GET /v1/recovery/{token}: the page by which an old address takes its account back.
func (h *EndUser) readRecovery(w http.ResponseWriter, r *http.Request) {
	link, err := h.Accounts.ReadRecovery(r.Context(), r.PathValue("token"))
	h.showLink(w, r, recoveryLink, link, err, false)
}

// recover answers POST /v1/recovery/{token}: its button.
func (h *EndUser) recover(w http.ResponseWriter, r *http.Request) {
	link, err := h.Accounts.Recover(r.Context(), r.PathValue("token"))
	h.showLink(w, r, recoveryLink, link, err, true)
}

// mailLink is a kind of link that mails hold: its page, and its texts.
type mailLink struct {
	page        *template.Template
	title, gone string
}

var (
	emailLink    = mailLink{emailPage, "email.title", "problem.link"}
	recoveryLink = mailLink{recoveryPage, "recovery.title", "problem.recovery"}
)

// showLink shows the page behind a mail's link, before or after its button was pressed.
func (h *EndUser) showLink(w http.ResponseWriter, r *http.Request, of mailLink, link account.Link, err error, pressed bool) {
	if err != nil {
		detail := ""
		if fault.CodeOf(err) == fault.NotFound {
			detail = of.gone
		}
		h.problem(w, r, err, detail)
		return
	}
	p := struct {
		page
		Link    account.Link
		Pressed bool
	}{newPage(site.NearestLanguage(link.Language, pageLanguage(r)), of.title), link, pressed}
	h.show(w, r, http.StatusOK, of.page, p.Nonce, p)
}

// redeem answers POST /v1/checkout/{jti}/redeem, which the host's server calls with its secret.
func (h *EndUser) redeem(w http.ResponseWriter, r *http.Request) {
	publicID, password, ok := r.BasicAuth()
	if !ok {
		w.Header().Set("WWW-Authenticate", `Basic realm="site"`)
		h.fail(w, r, fault.New(fault.Unauthenticated, "send the site's public id and secret as Basic authentication"))
		return
	}
	var in struct {
		IdempotencyKey string `json:"idempotencyKey"`
	}
	if !h.decode(w, r, &in) {
		return
	}
	out, err := h.Accounts.Redeem(r.Context(), account.Redeem{Site: publicID, Secret: password, JTI: r.PathValue("jti"), IdempotencyKey: in.IdempotencyKey})
	if list, ok := fault.Mendable(err); ok && list[0].Reason == account.ReasonExpired {
		h.answer(w, http.StatusGone, map[string]any{"error": wireError{
			Code: string(list[0].Code), Reason: list[0].Reason, Message: list[0].Message, RequestID: requestID(r.Context()),
		}})
		return
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.answer(w, http.StatusOK, json.RawMessage(out))
}

// keys answers GET /.well-known/jwks.json.
func (h *EndUser) keys(w http.ResponseWriter, r *http.Request) {
	set, err := h.Accounts.Keys(r.Context())
	if err != nil {
		h.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_ = json.NewEncoder(w).Encode(set) // the peer may be gone
}
