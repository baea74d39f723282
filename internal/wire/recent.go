package wire

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Recent remembers the last values that it was given, by keys. The zero value is ready, and it is safe for concurrent use.
type Recent[K comparable, V any] struct {
	mu     sync.Mutex
	values *simplelru.LRU[K, V]
}

// kept bounds a Recent. It is for development, where users are few.
const kept = 500

// Put remembers a value, in place of the key's former one.
func (r *Recent[K, V]) Put(key K, value V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.values == nil {
		r.values, _ = simplelru.NewLRU[K, V](kept, nil) // it fails for a size of zero
	}
	r.values.Add(key, value)
}

// Get returns what was remembered; false for nothing.
func (r *Recent[K, V]) Get(key K) (value V, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.values == nil {
		return value, false
	}
	return r.values.Get(key)
}
