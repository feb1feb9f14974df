package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// Signer makes tokens that only those who have the server's key can make: a payload, readable by
// anybody, and its HMAC-SHA256. Processes that share a database share the key.
type Signer struct{ key [sha256.Size]byte }

// NewSigner takes the server's key and what the tokens are for: a token made for one purpose is worth
// nothing for another.
func NewSigner(key, purpose string) *Signer {
	return &Signer{key: sha256.Sum256([]byte("carnet sign\x00" + purpose + "\x00" + key))}
}

// Sign gives the token of a payload, in letters that need no escaping in an address.
func (s *Signer) Sign(payload []byte) string {
	return base64.RawURLEncoding.EncodeToString(payload) + "." + base64.RawURLEncoding.EncodeToString(s.sum(payload))
}

// Open gives the payload of a token; ok is false for one that was not made by Sign.
func (s *Signer) Open(token string) (payload []byte, ok bool) {
	body, mac, found := strings.Cut(token, ".")
	payload, err := base64.RawURLEncoding.DecodeString(body)
	if !found || err != nil {
		return nil, false
	}
	given, err := base64.RawURLEncoding.DecodeString(mac)
	if err != nil || !hmac.Equal(given, s.sum(payload)) {
		return nil, false
	}
	return payload, true
}

func (s *Signer) sum(payload []byte) []byte {
	h := hmac.New(sha256.New, s.key[:])
	h.Write(payload)
	return h.Sum(nil)
}

// Digest gives the HMAC-SHA256 of a text: who has the key can tell whether another text is the same, nobody else can tell what it was.
func (s *Signer) Digest(text string) []byte { return s.sum([]byte("digest\x00" + text)) }
