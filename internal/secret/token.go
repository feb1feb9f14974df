// Package secret makes and checks what must not be guessed or read: random tokens, passwords and
// values sealed at rest. It keeps nothing itself.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"
)

// Random gives 32 random bytes as base64url, 43 characters.
func Random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Digits gives n random decimal digits.
func Digits(n int) string {
	var out strings.Builder
	b := make([]byte, 1)
	for out.Len() < n {
		_, _ = rand.Read(b)
		if b[0] < 250 { // 250 is a multiple of ten: no digit is likelier
			out.WriteByte('0' + b[0]%10)
		}
	}
	return out.String()
}

// Letters gives n random letters and digits of base32 (RFC 4648), five bits each.
func Letters(n int) string {
	b := make([]byte, (n*5+7)/8)
	_, _ = rand.Read(b)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)[:n]
}

// Hash is what is stored of a random token: SHA-256. Only for random values of 80 bits and more.
func Hash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// Equal compares a token with a stored hash in constant time.
func Equal(token string, hash []byte) bool {
	return subtle.ConstantTimeCompare(Hash(token), hash) == 1
}

// SiteToken makes a token that carries its site, so that a look-up begins with site_id:
// prefix, the site's id in hex, an underscore, 32 random bytes.
func SiteToken(prefix string, site uuid.UUID) string {
	return prefix + hex.EncodeToString(site[:]) + "_" + Random()
}

// SiteOf reads the site out of a SiteToken; ok is false for anything else.
func SiteOf(prefix, token string) (site uuid.UUID, ok bool) {
	rest, found := strings.CutPrefix(token, prefix)
	if !found || len(rest) != 32+1+43 || rest[32] != '_' {
		return uuid.Nil, false
	}
	b, err := hex.DecodeString(rest[:32])
	if err != nil {
		return uuid.Nil, false
	}
	return uuid.UUID(b), true
}
