// Package store keeps bytes under keys for a while: who is signed in, in the web UI, and what was exchanged, in the API. [Memory] is for
// one process, [Redis] for replicas that share what they keep. Both are bounded, and contract_test.go tests both alike. It knows
// nothing of what it keeps: whoever uses it seals the values with a [Sealer].
package store

import (
	"context"
	"errors"
	"time"
)

// ErrNotFound: a store has no such value, or not any more. Every other error of a store means that it is away.
var ErrNotFound = errors.New("no such value")

// Store keeps opaque values under keys until their lifetime ends. It is safe for concurrent use.
type Store interface {
	// Put stores a value, in place of what was under the key. A lifetime of zero or less keeps nothing. [Store.Indexed] finds the
	// key by each index; "" is none.
	Put(ctx context.Context, key string, value []byte, lifetime time.Duration, indexes ...string) error
	// Mark notes a key, and reports whether it is the first to do so within the lifetime. Of several callers one is. Zero or less
	// notes nothing.
	Mark(ctx context.Context, key string, lifetime time.Duration) (bool, error)
	// Get returns the value. Where extend is above zero, its lifetime begins anew with that.
	Get(ctx context.Context, key string, extend time.Duration) ([]byte, error)
	// Replace changes the value where there still is one, and leaves its lifetime as it is. It must not bring back
	// what was deleted: a save that was under way when the user signed out would sign them in again.
	Replace(ctx context.Context, key string, value []byte) error
	// Delete forgets the values, and returns how many of them were there. Of several callers one deletes each.
	Delete(ctx context.Context, keys ...string) (deleted int, err error)
	// Indexed returns the keys that were put with an index and are still there, oldest first.
	Indexed(ctx context.Context, index string) ([]string, error)
	// Lock waits until nobody else holds the key's lock, or until ctx is done. The lock needs no value under the key.
	Lock(ctx context.Context, key string) (unlock func(), err error)
	// Ping returns an error where the store is away, or takes nothing new.
	Ping(ctx context.Context) error
}
