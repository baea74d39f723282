package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// Sealer encrypts values for one purpose with AES-256-GCM. Each is bound to the place where it is kept: whoever can write to the
// store can't give one user another user's value.
type Sealer struct{ aead cipher.AEAD }

// DeriveKey makes a key for one purpose of a setting's key (RFC 5869). The purpose carries a version: a record in
// another form gets another purpose, and old ones then simply don't open.
func DeriveKey(key secret.String, purpose string) ([]byte, error) {
	derived, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, "ms-identity-go-on-behalf-of "+purpose, 32)
	if err != nil {
		return nil, fmt.Errorf("deriving the key for %s: %w", purpose, err)
	}
	return derived, nil
}

// NewSealer returns a sealer with a key of its own for the purpose.
func NewSealer(key secret.String, purpose string) (*Sealer, error) {
	derived, err := DeriveKey(key, purpose)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, fmt.Errorf("making the cipher for %s: %w", purpose, err)
	}
	// With random nonces of 96 bits one key is good for 2^32 values (NIST SP 800-38D, section 8.3): a billion users'
	// renewals, and a new key now and then is good practice anyway.
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making the cipher for %s: %w", purpose, err)
	}
	return &Sealer{aead}, nil
}

// Seal encrypts a value for a place.
func (s *Sealer) Seal(plain []byte, place string) []byte {
	return s.aead.Seal(nil, nil, plain, []byte(place))
}

// Open returns the value that was sealed for a place. An error means that it was sealed with another key, for another place, or has been
// changed.
func (s *Sealer) Open(sealed []byte, place string) ([]byte, error) {
	return s.aead.Open(nil, nil, sealed, []byte(place))
}
