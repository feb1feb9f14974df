package account

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"carnet/internal/db"
	"carnet/internal/fault"
)

// A nonce is good from its minute to the end of the second one after it.
const (
	nonceStep  = time.Minute
	nonceSteps = 2
)

// Nonce gives what the next proof must hold (RFC 9449 section 8): the minute and a MAC over it. It is
// the same in all processes and needs no storage.
func (s *Service) Nonce() string {
	step := s.now().Unix() / int64(nonceStep.Seconds())
	if last := s.nonce.Load(); last != nil && last.step == step {
		return last.text
	}
	next := &stepNonce{step, s.nonceOf(step)}
	s.nonce.Store(next)
	return next.text
}

// stepNonce is the nonce of a minute, which every answer bears.
type stepNonce struct {
	step int64
	text string
}

func (s *Service) nonceOf(step int64) string {
	n := strconv.FormatInt(step, 36)
	return n + "." + b64.EncodeToString(s.mac("dpop nonce", n)[:16])
}

func (s *Service) nonceGood(nonce string) bool {
	n, _, _ := strings.Cut(nonce, ".")
	step, err := strconv.ParseInt(n, 36, 64)
	age := s.now().Unix()/int64(nonceStep.Seconds()) - step
	return err == nil && age >= 0 && age <= nonceSteps && hmac.Equal([]byte(nonce), []byte(s.nonceOf(step)))
}

// Proof is a request's proof of possession and what it must fit.
type Proof struct {
	Header []string // the values of the DPoP header; exactly one is good
	Method string
	URL    string // exact address of the endpoint, without query
	Access string // the access token that came along; empty at the token endpoints
}

type proofClaims struct {
	JTI   string  `json:"jti"`
	HTM   string  `json:"htm"`
	HTU   string  `json:"htu"`
	ATH   string  `json:"ath"`
	Nonce string  `json:"nonce"`
	IAT   float64 `json:"iat"`
}

func badProof(what string) *fault.Error {
	return &fault.Error{Code: fault.Unauthenticated, Reason: ReasonInvalidProof, Message: "the DPoP proof does not fit: " + what}
}

// CheckProof checks a proof (RFC 9449 section 4.3) and gives the thumbprint of its key. The nonce
// says how old the proof may be, so a browser's wrong clock does no harm. Reason USE_DPOP_NONCE when
// the nonce is missing or old, INVALID_DPOP_PROOF for everything else, replays included.
func (s *Service) CheckProof(ctx context.Context, p Proof) (jkt string, err error) {
	if len(p.Header) != 1 || len(p.Header[0]) > 4096 {
		return "", badProof("send one DPoP header")
	}
	claims, jkt, err := openProof(p.Header[0])
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(p.Access))
	switch {
	case claims.HTM != p.Method:
		return "", badProof("htm is not the method")
	case claims.HTU != p.URL:
		return "", badProof("htu is not " + p.URL)
	case p.Access != "" && claims.ATH != b64.EncodeToString(sum[:]):
		return "", badProof("ath is not the hash of the access token")
	case claims.JTI == "" || len(claims.JTI) > 128 || strings.ContainsRune(claims.JTI, 0):
		return "", badProof("jti must have 1 to 128 characters")
	case claims.IAT == 0:
		return "", badProof("iat is missing")
	case !s.nonceGood(claims.Nonce):
		return "", &fault.Error{Code: fault.Unauthenticated, Reason: ReasonUseNonce, Message: "repeat the proof with the nonce of the DPoP-Nonce header"}
	}
	return jkt, s.firstUse(ctx, jkt, claims.JTI)
}

// openProof checks form and signature.
func openProof(compact string) (claims proofClaims, jkt string, err error) {
	signed, err := jose.ParseSignedCompact(compact, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return claims, "", badProof("it is no ES256 JWT")
	}
	header := signed.Signatures[0].Protected
	if header.ExtraHeaders[jose.HeaderType] != "dpop+jwt" {
		return claims, "", badProof("typ is not dpop+jwt")
	}
	if header.JSONWebKey == nil {
		return claims, "", badProof("jwk is missing")
	}
	key, ok := header.JSONWebKey.Key.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return claims, "", badProof("jwk is no public P-256 key")
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return claims, "", badProof("the signature is wrong")
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return claims, "", badProof("its claims are no JSON object of the right types")
	}
	thumb, err := header.JSONWebKey.Thumbprint(crypto.SHA256)
	if err != nil {
		return claims, "", badProof("jwk has no thumbprint")
	}
	return claims, b64.EncodeToString(thumb), nil
}

// seeProof remembers a proof until its nonce has certainly ended.
const seeProof = "INSERT INTO dpop_proof (jkt, jti, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"

func (s *Service) firstUse(ctx context.Context, jkt, jti string) error {
	res, err := s.db.Bun.NewRaw(seeProof, jkt, jti, s.now().Add((nonceSteps+2)*nonceStep)).Exec(ctx)
	if err != nil {
		return db.MapError(err, "remember proof")
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return badProof("it was used before")
	}
	return nil
}
