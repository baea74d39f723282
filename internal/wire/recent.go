package wire

import lru "github.com/hashicorp/golang-lru/v2"

// kept bounds what [NewRecent] makes. It is for development, where users are few.
const kept = 500

// NewRecent returns what remembers the last values that it was given, by keys.
func NewRecent[K comparable, V any]() *lru.Cache[K, V] {
	recent, _ := lru.New[K, V](kept) // it fails for a size of zero
	return recent
}
