package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// errSealed: a value was sealed with another key, for another place, or has been changed.
var errSealed = errors.New("the value can't be opened with this key")

// sealer encrypts records for one purpose with AES-256-GCM. Each value is bound to the key that it is filed under:
// whoever can write to the backend can't give one user another user's record.
type sealer struct{ aead cipher.AEAD }

// deriveKey makes a key for one purpose of WEBUI_SESSION_KEY (RFC 5869). The purpose carries a version: a record in
// another form gets another purpose, and old ones then simply don't open.
func deriveKey(key secret.String, purpose string) ([]byte, error) {
	derived, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, "ms-identity-go-on-behalf-of webui "+purpose, 32)
	if err != nil {
		return nil, fmt.Errorf("deriving the key for %s: %w", purpose, err)
	}
	return derived, nil
}

func newSealer(key secret.String, purpose string) (*sealer, error) {
	derived, err := deriveKey(key, purpose)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, fmt.Errorf("making the cipher for %s: %w", purpose, err)
	}
	// With random nonces of 96 bits one key is good for 2^32 values (NIST SP 800-38D, section 8.3): a billion users'
	// renewals, and a new WEBUI_SESSION_KEY now and then is good practice anyway.
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making the cipher for %s: %w", purpose, err)
	}
	return &sealer{aead}, nil
}

func (s *sealer) seal(plain []byte, place string) []byte {
	return s.aead.Seal(nil, nil, plain, []byte(place))
}

func (s *sealer) open(sealed []byte, place string) ([]byte, error) {
	plain, err := s.aead.Open(nil, nil, sealed, []byte(place))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}
