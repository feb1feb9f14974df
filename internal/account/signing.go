package account

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// signingKey is a key of the server for checkout tokens. One issuer serves all sites.
type signingKey struct {
	bun.BaseModel `bun:"table:signing_key"`

	Kid        string          `bun:",pk"`
	PrivateKey []byte          // PKCS #8, sealed
	PublicJwk  json.RawMessage `bun:"type:jsonb"`
	CreatedAt  time.Time
	SignsAt    time.Time  // known by then to hosts that keep the keys for a while
	RetiredAt  *time.Time // when another takes its place
}

// The times of a signing key's change. Answers of /.well-known/jwks.json are kept for five minutes, and checkout tokens are good for five.
const (
	publishedBefore = 10 * time.Minute // how long a new key is published before it signs
	publishedAfter  = time.Hour        // how long a retired one stays, longer than any token it signed
	rotatedAtMost   = 24 * time.Hour   // the key is the whole server's: no site has it changed all the time
)

// signsNow is true of keys that sign at a moment.
const signsNow = "signs_at <= ? AND (retired_at IS NULL OR retired_at > ?)"

func (k *signingKey) place() string { return "signing_key/" + k.Kid }

// signer gives the newest key in use; the first one is made when it is first needed.
func (s *Service) signer(ctx context.Context) (jose.SigningKey, error) {
	var row signingKey
	now := s.now()
	err := s.db.Bun.NewSelect().Model(&row).Where(signsNow, now, now).Order("signs_at DESC", "kid").Limit(1).Scan(ctx)
	if db.NoRows(err) {
		row, err = s.makeKey(ctx)
	}
	if err != nil {
		return jose.SigningKey{}, db.MapError(err, "read signing key")
	}
	plain, err := s.sealer.Open(row.PrivateKey, row.place())
	if err != nil {
		return jose.SigningKey{}, fault.Wrap(err, "open signing key")
	}
	key, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return jose.SigningKey{}, fault.Wrap(err, "parse signing key")
	}
	return jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: row.Kid, Algorithm: string(jose.ES256), Use: "sig"}}, nil
}

// makeKey makes the first key. Processes that start together take turns and agree on one.
func (s *Service) makeKey(ctx context.Context) (row signingKey, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row = signingKey{}
		if err := lockKeys(ctx, tx); err != nil {
			return err
		}
		now := s.now()
		err := tx.NewSelect().Model(&row).Where(signsNow, now, now).Order("signs_at DESC", "kid").Limit(1).Scan(ctx)
		if !db.NoRows(err) {
			return db.MapError(err, "read signing key")
		}
		row, err = s.insertKey(ctx, tx, now)
		return err
	})
	return row, err
}

// lockKeys makes those who change signing keys take turns.
func lockKeys(ctx context.Context, tx bun.IDB) error {
	_, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended('signing_key', 0))").Exec(ctx)
	return db.MapError(err, "lock signing keys")
}

func (s *Service) insertKey(ctx context.Context, tx bun.IDB, signsAt time.Time) (signingKey, error) {
	row, err := s.newKey(signsAt)
	if err != nil {
		return row, fault.Wrap(err, "make signing key")
	}
	_, err = tx.NewInsert().Model(&row).Exec(ctx)
	return row, db.MapError(err, "insert signing key")
}

func (s *Service) newKey(signsAt time.Time) (signingKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return signingKey{}, err
	}
	public := jose.JSONWebKey{Key: &key.PublicKey, Algorithm: string(jose.ES256), Use: "sig"}
	thumb, err := public.Thumbprint(crypto.SHA256)
	if err != nil {
		return signingKey{}, err
	}
	public.KeyID = b64.EncodeToString(thumb)
	jwk, err := public.MarshalJSON()
	if err != nil {
		return signingKey{}, err
	}
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return signingKey{}, err
	}
	row := signingKey{Kid: public.KeyID, PublicJwk: jwk, CreatedAt: s.now(), SignsAt: signsAt}
	row.PrivateKey = s.sealer.Seal(plain, row.place())
	return row, nil
}

// Keys gives the public keys that hosts verify checkout tokens with (RFC 7517): those that sign, that will, and that did within
// the last hour.
func (s *Service) Keys(ctx context.Context) (jose.JSONWebKeySet, error) {
	if _, err := s.signer(ctx); err != nil { // so that hosts that read the keys first find one
		return jose.JSONWebKeySet{}, err
	}
	rows, err := s.published(ctx, s.db.Bun)
	if err != nil {
		return jose.JSONWebKeySet{}, err
	}
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, row := range rows {
		var key jose.JSONWebKey
		if err := key.UnmarshalJSON(row.PublicJwk); err != nil {
			return set, fault.Wrap(fmt.Errorf("key %s: %w", row.Kid, err), "parse public key")
		}
		set.Keys = append(set.Keys, key)
	}
	return set, nil
}

// sign makes a JWT of a type.
func (s *Service) sign(ctx context.Context, typ string, claims any) (string, error) {
	key, err := s.signer(ctx)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType(jose.ContentType(typ)))
	if err != nil {
		return "", fault.Wrap(err, "make signer")
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fault.Wrap(err, "encode claims")
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fault.Wrap(err, "sign")
	}
	compact, err := signed.CompactSerialize()
	return compact, fault.Wrap(err, "serialize token")
}
