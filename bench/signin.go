package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"carnet/internal/secret"
)

// What is measured of end users: how many sign in with a password and take their tokens, beside how many passwords the same machine hashes
// and does nothing else; and how many refresh their tokens.

const (
	accounts = 1000 // so many that none reaches its throttle
	password = "a password of the bench"
)

// browser is what a visitor's browser is to us: a key, and the last nonce that it was told.
type browser struct {
	server  *server
	key     *ecdsa.PrivateKey
	signer  jose.Signer
	jkt     string
	nonce   string
	address string // in the network
	refresh string
}

var b64 = base64.RawURLEncoding

func (s *server) newBrowser(i int) (*browser, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	thumb, err := (&jose.JSONWebKey{Key: key.Public()}).Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"))
	return &browser{server: s, key: key, signer: signer, jkt: b64.EncodeToString(thumb), address: fmt.Sprintf("10.%d.%d.1", i/256%256, i%256)}, err
}

// post sends a request to one of the token endpoints, once more when it was told a newer nonce.
func (b *browser) post(ctx context.Context, path string, in map[string]any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	for range 2 {
		claims, err := json.Marshal(map[string]any{"jti": secret.Random(), "htm": http.MethodPost, "htu": b.server.url + path, "iat": time.Now().Unix(), "nonce": b.nonce})
		if err != nil {
			return err
		}
		proof, err := b.signer.Sign(claims)
		if err != nil {
			return err
		}
		compact, err := proof.CompactSerialize()
		if err != nil {
			return err
		}
		var out struct {
			RefreshToken string `json:"refresh_token"`
		}
		status, err := b.send(ctx, path, body, http.Header{"DPoP": {compact}}, &out)
		if err != nil {
			return err
		}
		if status == http.StatusOK {
			b.refresh = out.RefreshToken
			return nil
		}
	}
	return fmt.Errorf("%s is refused", path)
}

func (b *browser) send(ctx context.Context, path string, body []byte, head http.Header, out any) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.server.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	for name, values := range head {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", b.address)
	resp, err := b.server.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if nonce := resp.Header.Get("DPoP-Nonce"); nonce != "" {
		b.nonce = nonce
	}
	return resp.StatusCode, json.NewDecoder(resp.Body).Decode(out)
}

// signIn is the whole way of the password form: the code, and the tokens for it.
func (b *browser) signIn(ctx context.Context, email string) error {
	verifier := secret.Random()
	challenge := sha256.Sum256([]byte(verifier))
	body, err := json.Marshal(map[string]any{
		"query": `mutation($in: SignInInput!) { signIn(input: $in) { code errors { code } } }`,
		"variables": map[string]any{"in": map[string]any{"email": email, "password": password,
			"attempt": map[string]any{"id": secret.Random(), "challenge": b64.EncodeToString(challenge[:]), "jkt": b.jkt}}},
	})
	if err != nil {
		return err
	}
	var out struct {
		Data struct{ SignIn struct{ Code *string } }
	}
	if _, err := b.send(ctx, "/graphql", body, http.Header{"Carnet-Site": {b.server.publicID}}, &out); err != nil {
		return err
	}
	if out.Data.SignIn.Code == nil {
		return errors.New("no code came")
	}
	return b.post(ctx, "/v1/token", map[string]any{"site": b.server.publicID, "code": *out.Data.SignIn.Code, "verifier": verifier})
}

// endUsers measures sign-ins and refreshes.
func (s *server) endUsers(ctx context.Context, o options, _ string) (rows []row, err error) {
	pool, err := pgxpool.New(ctx, "host="+s.socket+" port=5432 user=carnet dbname=carnet pool_max_conns=2")
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	if err := pool.QueryRow(ctx, "SELECT public_id FROM site WHERE id = $1", s.site).Scan(&s.publicID); err != nil {
		return nil, err
	}
	// A site this busy would have browsers work first, which is not what is measured.
	var asks string
	if err := pool.QueryRow(ctx, "SELECT proof_of_work FROM site WHERE id = $1", s.site).Scan(&asks); err != nil {
		return nil, err
	}
	if _, err := pool.Exec(ctx, "UPDATE site SET proof_of_work = 'off' WHERE id = $1", s.site); err != nil {
		return nil, err
	}
	defer func() {
		_, back := pool.Exec(ctx, "UPDATE site SET proof_of_work = $2 WHERE id = $1", s.site, asks)
		err = errors.Join(err, back)
	}()
	run := uuid.NewString()[:8]
	email := func(i int) string { return fmt.Sprintf("%s-%d@bench.example", run, i%accounts) }
	if err := s.makeAccounts(ctx, pool, run); err != nil {
		return nil, fmt.Errorf("make accounts: %w", err)
	}
	defer func() {
		_, gone := pool.Exec(ctx, "DELETE FROM account WHERE site_id = $1 AND email_key LIKE $2", s.site, run+"-%@bench.example")
		err = errors.Join(err, gone)
	}()
	hashes, err := hashing(ctx, o)
	if err != nil {
		return nil, err
	}
	var number atomic.Int64
	clients := make([]*browser, o.conns)
	for i := range clients {
		if clients[i], err = s.newBrowser(i); err != nil {
			return nil, err
		}
	}
	signIns, err := repeat(ctx, o, func(ctx context.Context, conn, _ int) error {
		i := int(number.Add(1))
		clients[conn].address = fmt.Sprintf("10.%d.%d.1", i/256%256, i%256) // each from elsewhere
		return clients[conn].signIn(ctx, email(i))
	})
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	rows = append(rows, row{work: "sign-ins by password, with tokens; beside: passwords hashed", ours: fmt.Sprintf("%.0f/s", signIns.rate), sql: fmt.Sprintf("%.0f/s", hashes),
		ratio: fmt.Sprintf("%.2f", signIns.rate/hashes), detail: fmt.Sprintf("p50 %.1f, p95 %.1f ms", ms(signIns.at(50)), ms(signIns.at(95)))})
	refreshes, err := repeat(ctx, o, func(ctx context.Context, conn, _ int) error {
		b := clients[conn]
		return b.post(ctx, "/v1/refresh", map[string]any{"site": s.publicID, "refresh_token": b.refresh})
	})
	if err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	return append(rows, row{work: "refreshes of tokens", ours: fmt.Sprintf("%.0f/s", refreshes.rate), detail: fmt.Sprintf("p50 %.1f, p95 %.1f ms", ms(refreshes.at(50)), ms(refreshes.at(95)))}), nil
}

// makeAccounts gives contacts accounts, all with the same password.
func (s *server) makeAccounts(ctx context.Context, pool *pgxpool.Pool, run string) error {
	hash, err := secret.HashPassword(ctx, password)
	if err != nil {
		return err
	}
	_, err = pool.Exec(ctx, `INSERT INTO account (site_id, id, subject, email, email_key, contact_id, proven_at, password_hash)
		SELECT site_id, gen_random_uuid(), $2 || '-' || n, $2 || '-' || n || '@bench.example', $2 || '-' || n || '@bench.example', id, now(), $3
		FROM (SELECT site_id, id, row_number() OVER (ORDER BY number) - 1 AS n FROM contact c
			WHERE site_id = $1 AND NOT EXISTS (SELECT 1 FROM account a WHERE a.site_id = c.site_id AND a.contact_id = c.id) ORDER BY number LIMIT $4) c`, s.site, run, hash, accounts)
	return err
}

// hashing gives how many passwords this machine hashes a second when it does nothing else.
func hashing(ctx context.Context, o options) (float64, error) {
	var done atomic.Int64
	var failed atomic.Pointer[error]
	began := time.Now()
	var all sync.WaitGroup
	for range runtime.NumCPU() {
		all.Go(func() {
			for time.Since(began) < o.duration {
				if _, err := secret.HashPassword(ctx, password); err != nil {
					failed.Store(&err)
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(done.Load()) / time.Since(began).Seconds(), nil
}
