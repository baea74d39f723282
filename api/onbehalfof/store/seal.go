package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// newAEAD makes AES-256-GCM with a key derived from API_STORE_KEY (RFC 5869). The purpose in it carries a version: values
// of another form get another purpose, and old ones then simply don't open.
func newAEAD(key secret.String) (cipher.AEAD, error) {
	derived, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, "ms-identity-go-on-behalf-of api exchanged token v2", 32)
	if err != nil {
		return nil, fmt.Errorf("deriving the key for stored tokens: %w", err)
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, fmt.Errorf("making the cipher for stored tokens: %w", err)
	}
	// With random nonces of 96 bits one key is good for 2^32 values (NIST SP 800-38D, section 8.3).
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making the cipher for stored tokens: %w", err)
	}
	return aead, nil
}
