package wire

import "sync"

// Recent remembers the last values that it was given, by keys. It is safe for concurrent use.
type Recent[K comparable, V any] struct {
	mu     sync.Mutex
	values map[K]V
	order  []K // the oldest first
}

// kept bounds a Recent. It is for development, where users are few.
const kept = 500

// Put remembers a value, in place of the key's former one.
func (r *Recent[K, V]) Put(key K, value V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.values == nil {
		r.values = map[K]V{}
	}
	if _, known := r.values[key]; !known {
		if len(r.order) == kept {
			delete(r.values, r.order[0])
			r.order = r.order[1:]
		}
		r.order = append(r.order, key)
	}
	r.values[key] = value
}

// Get returns what was remembered; false for nothing.
func (r *Recent[K, V]) Get(key K) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	value, ok := r.values[key]
	return value, ok
}
