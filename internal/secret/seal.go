package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// Sealer encrypts values at rest with AES-256-GCM under the server's key. Processes that share a
// database share the key.
type Sealer struct{ aead cipher.AEAD }

// NewSealer takes the server's key, at least 32 characters of any text.
func NewSealer(key string) (*Sealer, error) {
	if len(key) < 32 {
		return nil, errors.New("the server's key must have at least 32 characters")
	}
	sum := sha256.Sum256([]byte("carnet seal\x00" + key))
	block, err := aes.NewCipher(sum[:])
	if err != nil {
		return nil, fmt.Errorf("cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("gcm: %w", err)
	}
	return &Sealer{aead: aead}, nil
}

// Seal encrypts plain; place names where it is stored, so that a value moved elsewhere does not open.
func (s *Sealer) Seal(plain []byte, place string) []byte {
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce)
	return s.aead.Seal(nonce, nonce, plain, []byte(place))
}

// Open decrypts what Seal made for the same place.
func (s *Sealer) Open(sealed []byte, place string) ([]byte, error) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("sealed value is too short")
	}
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(place))
	if err != nil {
		return nil, fmt.Errorf("sealed value does not open; was CARNET_SECRET changed? %w", err)
	}
	return plain, nil
}
