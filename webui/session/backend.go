package session

import (
	"context"
	"errors"
	"time"
)

// ErrNotFound: a backend has no such value, or not any more. Every other error of a backend means that it is away.
var ErrNotFound = errors.New("no such value")

// Backend keeps opaque values under keys until their lifetime ends. It is safe for concurrent use. Package sessiontest
// holds what each implementation must keep to.
type Backend interface {
	// Create stores a value under a new key. Where index is not "", [Backend.Indexed] finds the key by it.
	Create(ctx context.Context, key string, value []byte, lifetime time.Duration, index string) error
	// Get returns the value. Where extend is above zero, its lifetime begins anew with that.
	Get(ctx context.Context, key string, extend time.Duration) ([]byte, error)
	// Replace changes the value where there still is one, and leaves its lifetime as it is. It must not bring back
	// what was deleted: a save that was under way when the user signed out would sign them in again.
	Replace(ctx context.Context, key string, value []byte) error
	// Take returns the value and deletes it. Of several callers one gets it.
	Take(ctx context.Context, key string) ([]byte, error)
	// Delete forgets the value. To delete what isn't there is no error.
	Delete(ctx context.Context, key string) error
	// Indexed returns the keys that were created with an index and may still be there.
	Indexed(ctx context.Context, index string) ([]string, error)
	// Lock waits until nobody else holds the key's lock, or until ctx is done. The lock needs no value under the key.
	Lock(ctx context.Context, key string) (unlock func(), err error)
	// Ping returns an error where the backend is away.
	Ping(ctx context.Context) error
}
