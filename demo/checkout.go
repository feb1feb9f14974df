package demo

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// tokenType is the typ header of a checkout token: another kind of token with the same key must not pass.
const tokenType = "carnet-checkout+jwt"

const cookieName = "fjordlight"

var (
	// errUsed: this token has bought already.
	errUsed = errors.New("the token was redeemed before")
	// errRefused: the token is not one of Carnet's for this order of this visitor, or it has ended.
	errRefused = errors.New("the token is not good")
	// errSignIn: the buyer is a member, who signs in to buy.
	errSignIn = errors.New("the buyer has to sign in")
)

// redemption is Carnet's answer to a redeem: who bought and what they answered.
type redemption struct {
	JTI     string
	Order   string
	Subject string
	Contact struct {
		ID                         string
		Number                     int
		Email, FirstName, LastName string
	}
	Answers []struct{ Label, Display string }
	Groups  []struct{ Name string }
}

// Name is the buyer's.
func (r redemption) Name() string {
	if r.Contact.FirstName != "" {
		return r.Contact.FirstName
	}
	return r.Contact.LastName
}

// gate lets a purchase through once. What it keeps is of this process alone.
type gate struct {
	cfg    Config
	key    []byte // makes nonces of sessions and orders
	client *http.Client

	mu   sync.Mutex
	keys jose.JSONWebKeySet
	read time.Time            // when keys were
	used map[string]time.Time // tokens accepted, until they end
}

func newGate(cfg Config) *gate {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return &gate{cfg: cfg, key: key, client: &http.Client{Timeout: 10 * time.Second}, used: map[string]time.Time{}}
}

// newOrder makes an order's reference.
func newOrder() string { return "FH-" + rand.Text()[:8] }

// session gives the visitor's session, a cookie that only this server reads, and starts one where there is none.
func (g *gate) session(w http.ResponseWriter, r *http.Request) string {
	if c, err := r.Cookie(cookieName); err == nil && c.Value != "" {
		return c.Value
	}
	id := rand.Text()
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: g.secure(),
	})
	return id
}

// secure is off only where the demo runs on loopback without TLS.
func (g *gate) secure() bool {
	u, err := url.Parse(g.cfg.PublicURL)
	return err != nil || u.Scheme == "https"
}

// nonce ties an order to a session: a token made for another visitor's page does not fit.
func (g *gate) nonce(session, order string) string {
	mac := hmac.New(sha256.New, g.key)
	_, _ = mac.Write([]byte(session + "\n" + order))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// claims are those of a checkout token beside the registered ones.
type claims struct {
	jwt.Claims
	Nonce string `json:"nonce"`
	Order string `json:"order"`
}

// accept verifies a token and redeems it. errRefused and errUsed say why not; any other error is Carnet's or the network's,
// and the same token may be tried again.
func (g *gate) accept(ctx context.Context, token, session, order string, now time.Time) (*redemption, error) {
	c, err := g.verify(ctx, token, now)
	if err != nil {
		return nil, err
	}
	if c.Order != order || !hmac.Equal([]byte(c.Nonce), []byte(g.nonce(session, order))) {
		return nil, fmt.Errorf("order or nonce of another page: %w", errRefused)
	}
	if !g.take(c.ID, c.Expiry.Time(), now) {
		return nil, errUsed
	}
	got, err := g.redeem(ctx, c.ID)
	if err != nil && !errors.Is(err, errUsed) && !errors.Is(err, errRefused) {
		g.giveBack(c.ID)
	}
	return got, err
}

// verify checks signature, type, issuer, audience and times (embed protocol, checkout, step 4).
func (g *gate) verify(ctx context.Context, token string, now time.Time) (claims, error) {
	var c claims
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil || len(parsed.Headers) != 1 {
		return c, fmt.Errorf("not a token: %w", errRefused)
	}
	head := parsed.Headers[0]
	if head.ExtraHeaders[jose.HeaderType] != tokenType {
		return c, fmt.Errorf("a token of another type: %w", errRefused)
	}
	key, err := g.publicKey(ctx, head.KeyID, now)
	if err != nil {
		return c, err
	}
	if err := parsed.Claims(key, &c); err != nil {
		return c, fmt.Errorf("%w: %w", errRefused, err)
	}
	want := jwt.Expected{Issuer: g.cfg.CarnetURL, AnyAudience: jwt.Audience{g.cfg.SiteID}, Time: now}
	if err := c.ValidateWithLeeway(want, 10*time.Second); err != nil {
		return c, fmt.Errorf("%w: %w", errRefused, err)
	}
	if c.Expiry == nil || c.ID == "" {
		return c, fmt.Errorf("a token without exp or jti: %w", errRefused)
	}
	return c, nil
}

// publicKey finds Carnet's key by its id, and reads the keys anew for an unknown one, once in ten seconds at most.
func (g *gate) publicKey(ctx context.Context, id string, now time.Time) (jose.JSONWebKey, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if found := g.keys.Key(id); len(found) > 0 {
		return found[0], nil
	}
	if now.Sub(g.read) < 10*time.Second {
		return jose.JSONWebKey{}, fmt.Errorf("unknown key: %w", errRefused)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.cfg.CarnetURL+"/.well-known/jwks.json", nil)
	if err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("read keys: %w", err)
	}
	var keys jose.JSONWebKeySet
	if _, err := g.fetch(req, &keys); err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("read keys: %w", err)
	}
	g.keys, g.read = keys, now
	if found := g.keys.Key(id); len(found) > 0 {
		return found[0], nil
	}
	return jose.JSONWebKey{}, fmt.Errorf("unknown key: %w", errRefused)
}

// take marks a token as used here; false when it was.
func (g *gate) take(id string, until, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for old, end := range g.used {
		if now.After(end.Add(time.Minute)) {
			delete(g.used, old)
		}
	}
	if _, was := g.used[id]; was {
		return false
	}
	g.used[id] = until
	return true
}

func (g *gate) giveBack(id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.used, id)
}

// redeem asks Carnet for what the token stands for. An answer that got lost is asked for again with the same key, which
// gives the same answer; another key gives 409.
func (g *gate) redeem(ctx context.Context, id string) (*redemption, error) {
	body, err := json.Marshal(map[string]string{"idempotencyKey": rand.Text()})
	if err != nil {
		return nil, fmt.Errorf("redeem: %w", err)
	}
	var last error
	for range 2 {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.cfg.CarnetURL+"/v1/checkout/"+url.PathEscape(id)+"/redeem", bytes.NewReader(body))
		if err != nil {
			return nil, fmt.Errorf("redeem: %w", err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.SetBasicAuth(g.cfg.SiteID, g.cfg.SiteSecret)
		got := new(redemption)
		status, err := g.fetch(req, got)
		switch {
		case err == nil:
			return got, nil
		case status == http.StatusConflict:
			return nil, errUsed
		case status == http.StatusForbidden:
			return nil, fmt.Errorf("%w: %w", errSignIn, err)
		case status == http.StatusNotFound || status == http.StatusGone:
			return nil, fmt.Errorf("%w: %w", errRefused, err)
		case status != 0:
			return nil, fmt.Errorf("redeem: %w", err)
		}
		last = err
	}
	return nil, fmt.Errorf("redeem: %w", last)
}

// fetch gives the status, 0 when no answer came, and decodes a good answer.
func (g *gate) fetch(req *http.Request, into any) (int, error) {
	res, err := g.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusOK {
		return res.StatusCode, fmt.Errorf("%s answered %s: %.300s", req.URL.Path, res.Status, body)
	}
	return res.StatusCode, json.Unmarshal(body, into)
}

// buy takes the form of an event's page: the order that the page made, and the token that the widget put in.
func (s *site) buy(w http.ResponseWriter, r *http.Request) {
	e, ok := find(r.PathValue("slug"), r.PathValue("day"), language(r))
	if !ok {
		s.missing(w, r)
		return
	}
	order := r.PostFormValue("order")
	got, err := s.gate.accept(r.Context(), r.PostFormValue("carnet_token"), s.gate.session(w, r), order, s.now())
	switch {
	case errors.Is(err, errUsed):
		s.message(w, r, http.StatusConflict, "used")
	case errors.Is(err, errRefused):
		slog.Info("demo: purchase refused", "order", order, "error", err)
		s.message(w, r, http.StatusBadRequest, "refused")
	case errors.Is(err, errSignIn):
		s.message(w, r, http.StatusForbidden, "member")
	case err != nil:
		slog.Error("demo: purchase failed", "order", order, "error", err)
		s.message(w, r, http.StatusBadGateway, "refused")
	default:
		s.deliver(w, r, e, got)
	}
}

// deliver has Carnet record the sale, and shows the ticket.
func (s *site) deliver(w http.ResponseWriter, r *http.Request, e event, got *redemption) {
	// Carnet knows the evening by its English name, whatever language the page is in.
	known, _ := find(r.PathValue("slug"), r.PathValue("day"), "en")
	made, err := s.gate.sell(r.Context(), known, got.JTI, got)
	switch {
	case errors.Is(err, errSoldOut):
		slog.Info("demo: not sold", "order", got.Order, "error", err)
		s.message(w, r, http.StatusConflict, "gone")
	case err != nil:
		slog.Error("demo: sale failed", "order", got.Order, "error", err)
		s.message(w, r, http.StatusBadGateway, "refused")
	default:
		p := s.page(r, "receipt")
		p.Event, p.Receipt, p.Sold = e, got, made
		show(w, http.StatusOK, "receipt", p)
	}
}
