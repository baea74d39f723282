package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// Key names an entry. It is a digest, so that neither the memory of the process nor an external store holds users'
// assertions next to what they were exchanged for.
type Key [sha256.Size]byte

// KeyOf returns the key of an exchange: SHA-256 over the assertion's digest, the scopes and the claims.
//
// The assertion is part of the key because it says who the user is and what they have proved so far: a user who signed
// in again with a second factor must not be handed the token from before.
func KeyOf(assertion secret.Digest, scopes []string, claims string) Key {
	digest := sha256.New()
	part := func(s string) {
		// Each part is hashed for itself: concatenated, two different exchanges could have one text.
		sum := sha256.Sum256([]byte(s))
		digest.Write(sum[:])
	}
	digest.Write(assertion[:])
	part(claims)
	for _, scope := range scopes {
		part(scope)
	}
	var key Key
	digest.Sum(key[:0])
	return key
}

// String returns the key in hexadecimal.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// Store keeps values for a while. Implementations are safe for concurrent use and keep the contract that package
// storetest checks.
//
// An error means that the store itself can't be reached. Whoever uses it then decides whether to go on without; a store
// never answers that an entry is absent when it couldn't look.
type Store interface {
	// Load returns the value saved under key, and false where there is none or its lifetime has passed.
	// The caller must not change the value.
	Load(ctx context.Context, key Key) (value []byte, found bool, err error)
	// Save keeps value under key, in place of what was there, for lifetime at most. A lifetime of zero or less keeps
	// nothing and removes what was there. The store doesn't hold on to value's memory.
	Save(ctx context.Context, key Key, value []byte, lifetime time.Duration) error
	// Delete removes what is kept under key. It is no error if that is nothing.
	Delete(ctx context.Context, key Key) error
	// Ready returns an error where the store can't be reached or takes no writes.
	Ready(ctx context.Context) error
}
