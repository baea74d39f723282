package devtenant

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// sealer turns what the tenant has to remember into text that only it can read: authorization codes, refresh tokens
// and the browser's session are such texts. Nothing is kept for them, so nothing grows with the number of sign-ins.
// The key is new at each start, so all of them end with the program.
type sealer struct{ aead cipher.AEAD }

func newSealer() (*sealer, error) {
	key := make([]byte, 32)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making the sealing cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("making the sealing cipher: %w", err)
	}
	return &sealer{aead: aead}, nil
}

// Kinds of sealed text. The kind is authenticated with the content: without it a refresh token could be sent as a code.
const (
	sealedCode         = "authorization code"
	sealedRefreshToken = "refresh token"
	sealedSession      = "browser session"
)

var errNotSealed = errors.New("not sealed by this tenant, or of another kind")

func (s *sealer) seal(kind string, content any) string {
	plain, err := json.Marshal(content)
	if err != nil {
		panic("devtenant: sealing a " + kind + ": " + err.Error()) // a type of ours without a JSON form
	}
	nonce := make([]byte, s.aead.NonceSize())
	rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, plain, []byte(kind)))
}

func (s *sealer) open(kind, text string, content any) error {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < s.aead.NonceSize() {
		return errNotSealed
	}
	plain, err := s.aead.Open(nil, raw[:s.aead.NonceSize()], raw[s.aead.NonceSize():], []byte(kind))
	if err != nil {
		return errNotSealed
	}
	if err := json.Unmarshal(plain, content); err != nil {
		return fmt.Errorf("opening a %s: %w", kind, err)
	}
	return nil
}
